"""What can somebody choose to see on a map?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from workbench.widgets.map.encoding import Choices, coloured_by, sized_by
from workbench.widgets.status import button

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    import polars as pl

__all__ = ["MapControls"]

UNTRUSTED: Final = 0.9
"""Trust below which the tick box dims a point, unless a map is made with another."""

WRAPPED: Final = {"flex_flow": "row wrap", "align_items": "center", "width": "100%"}

DROPDOWN: Final = {"width": "210px", "max_width": "98%"}

AS_LONG: Final = {"description_width": "initial"}


class MapControls(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A row of controls and, behind "More", another.

    Parameters
    ----------
    tracks : pl.DataFrame
        Rows of the map; its columns are on offer.
    choices : Choices
        What is chosen at first.
    finder : ipywidgets.Widget
        What searches, put into the first row.
    changed : callable
        Called when something else is chosen.
    redraw : callable
        Called when the button is pressed.
    """

    def __init__(
        self,
        tracks: pl.DataFrame,
        choices: Choices,
        finder: ipywidgets.Widget,
        *,
        changed: Callable[[object], None],
        redraw: Callable[[object], None],
    ) -> None:
        self._since: datetime | date | str | None = choices.since
        self._untrusted = UNTRUSTED if choices.dim_untrusted is None else choices.dim_untrusted
        self.colour = _colour(tracks, choices.colour)
        self.size = _size(tracks, choices.size)
        self.dim = _dim(tracks, is_on=choices.dim_untrusted is not None)
        self.labels = _tick("Group names", "Names of the groups at their centres", is_on=choices.has_labels)
        self.labels.layout.display = None if "group_name" in tracks.columns else "none"
        self.density = _tick("Density", "How crowded places are, under faint points", is_on=choices.is_density)
        self.since = _since(tracks, choices.since)
        self.redraw = button("Redraw", "refresh", "Draw the map again, e.g. in another width", redraw)
        self.is_open = ipywidgets.ToggleButton(
            description="More", tooltip="More ways to draw the map", icon="sliders", layout={"width": "auto"}
        )
        more = (self.size, self.dim, self.labels, self.density, self.since)
        self._more = ipywidgets.HBox(more, layout={**WRAPPED, "display": "none"})
        first = ipywidgets.HBox([self.colour, finder, self.is_open, self.redraw], layout=WRAPPED)
        super().__init__([first, self._more])
        self.is_open.observe(self._when_opened, "value")
        self.is_open.value = replace(choices, has_labels=False) != Choices(choices.colour)  # can be seen, and taken off
        for control in (self.colour, *more):
            control.observe(changed, "value")

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        is_moment = self.since.value == _words(self._since)
        return Choices(
            colour=self.colour.value,
            size=self.size.value or None,
            dim_untrusted=self._untrusted if self.dim.value else None,
            since=self._since if is_moment else self.since.value.strip() or None,
            has_labels=self.labels.value,
            is_density=self.density.value,
        )

    def _when_opened(self, change: dict[str, Any]) -> None:
        self._more.layout.display = None if change["new"] else "none"


def _colour(tracks: pl.DataFrame, colour: str) -> ipywidgets.Dropdown:
    """Dropdown over the columns worth a colour, and `colour` itself."""
    known = coloured_by(tracks)
    return ipywidgets.Dropdown(
        options=_options(known if colour in known else [colour, *known]),
        value=colour,
        description="Colour by",
        tooltip="Column that colours the points",
        disabled=tracks.is_empty(),
        layout=DROPDOWN,
        style=AS_LONG,
    )


def _size(tracks: pl.DataFrame, size: str | None) -> ipywidgets.Dropdown:
    known = sized_by(tracks)
    names = known if size is None or size in known else [size, *known]
    return ipywidgets.Dropdown(
        options=[("equal", ""), *_options(names)],  # None would select nothing
        value=size or "",
        description="Size by",
        tooltip="Column that sizes the points",
        disabled=tracks.is_empty(),
        layout=DROPDOWN,
        style=AS_LONG,
    )


def _dim(tracks: pl.DataFrame, *, is_on: bool) -> ipywidgets.Checkbox:
    """Tick box that dims points of low trust; not shown where trust is not known."""
    is_known = "trust" in tracks.columns and tracks["trust"].null_count() < len(tracks)
    tick = _tick(
        "Dim uncertain points", "Draw points faintly whose neighbours on the map may sound different", is_on=is_on
    )
    tick.layout.display = None if is_known else "none"
    return tick


def _since(tracks: pl.DataFrame, since: datetime | date | str | None) -> ipywidgets.Text:
    """Day from which tracks are new; not shown where nobody knows when they came."""
    is_known = "added_at" in tracks.columns and tracks["added_at"].null_count() < len(tracks)
    return ipywidgets.Text(
        value=_words(since),
        placeholder="2026-01-01 or -3w",
        description="New since",
        tooltip="Ring tracks that were added on this day or after it",
        continuous_update=False,
        layout={"width": "230px", "max_width": "98%", "display": None if is_known else "none"},
        style=AS_LONG,
    )


def _tick(label: str, tooltip: str, *, is_on: bool) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(
        value=is_on, description=label, tooltip=tooltip, indent=False, layout={"width": "auto", "margin": "2px 8px"}
    )


def _options(columns: list[str]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), name) for name in columns]


def _words(since: datetime | date | str | None) -> str:
    return "" if since is None else str(since)
