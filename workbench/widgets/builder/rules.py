"""By which rules are the tracks of the list ordered and limited?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from workbench.moods import AROUSAL
from workbench.widgets.builder.draft import BY_HAND, FLOW, GIVEN, JOURNEY, SHUFFLE, WITHOUT_DIRECTION, Limits
from workbench.widgets.builder.file_target import checkbox
from workbench.widgets.status import button

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from workbench.widgets.builder.draft import Draft

__all__ = ["Rules", "orders_for"]

ROW: Final = {"flex_flow": "row wrap", "align_items": "center"}
COLUMNS: Final = {
    "bpm": "tempo",
    "camelot": "key, round the wheel",
    "arousal": "arousal (estimate)",
    "loudness_lufs": "loudness",
    "year": "year",
    "artist": "artist",
    "album": "album",
    "title": "title",
    "genre": "genre",
    "duration_s": "length",
    "rating": "rating",
    "play_count": "play count",
    "added_at": "when it was added",
}
"""Columns to order by, where the tracks have them."""


class Rules(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The order, its direction, and how many tracks are shown.

    Parameters
    ----------
    tracks : pl.DataFrame
        Says which columns there are.
    can_flow : bool
        There is a library whose space makes a flow and a journey.
    sorted_anew, limited, shuffled : callable
        Called after the order or direction, a limit, or the shuffle was changed.
    """

    def __init__(
        self,
        tracks: pl.DataFrame,
        *,
        can_flow: bool,
        sorted_anew: Callable[[object], None],
        limited: Callable[[object], None],
        shuffled: Callable[[object], None],
    ) -> None:
        self.order = ipywidgets.Dropdown(
            options=orders_for(tracks, can_flow=can_flow),
            description="Order",
            tooltip="Order of the list",
            style={"description_width": "initial"},
            layout={"width": "230px", "max_width": "100%"},
        )
        self.descending = checkbox("Descending", "The largest first", value=False)
        self._again = button("Shuffle again", "random", "Another order by chance", shuffled)
        self.minutes = number("Minutes", "Longest playing time in minutes; 0 is no limit", is_whole=False)
        self.count = number("Tracks", "Most tracks; 0 is no limit")
        self.per_artist = number("Per artist", "Most tracks of one artist; 0 is no limit")
        self.per_album = number("Per album", "Most tracks of one album; 0 is no limit")
        self.distinct = checkbox("One version", "No two versions of one recording", value=False)
        self._numbers = (self.minutes, self.count, self.per_artist, self.per_album)
        super().__init__(
            [
                ipywidgets.HBox([self.order, self.descending, self._again], layout=ROW),
                ipywidgets.HBox([*self._numbers, self.distinct], layout=ROW),
            ]
        )
        self.order.observe(sorted_anew, "value")
        self.descending.observe(sorted_anew, "value")
        for field in (*self._numbers, self.distinct):
            field.observe(limited, "value")

    @property
    def limits(self) -> Limits:
        """What the fields say; 0 is None."""
        minutes, tracks, per_artist, per_album = (field.value or None for field in self._numbers)
        return Limits(minutes, tracks, per_artist, per_album, bool(self.distinct.value))

    def show(self, draft: Draft) -> None:
        """Let the controls say what a draft holds."""
        self.order.value = draft.by
        self.descending.value = draft.descending
        self.descending.disabled = draft.by in WITHOUT_DIRECTION
        self._again.layout.display = None if draft.by == SHUFFLE else "none"
        limits = draft.limits
        values = (limits.minutes, limits.tracks, limits.per_artist, limits.per_album)
        for field, value in zip(self._numbers, values, strict=True):
            field.value = value or 0
        self.distinct.value = limits.distinct


def orders_for(tracks: pl.DataFrame, *, can_flow: bool) -> list[tuple[str, str]]:
    """What the list can be ordered by: label and name."""
    columns = [(label, name) for name, label in COLUMNS.items() if name in tracks.columns]
    flows = [("flow, each like the one before", FLOW), ("journey, from the first to the last", JOURNEY)]
    others = [("harmonic, keys and tempos mix", "harmonic")] if {"camelot", "bpm"} <= {*tracks.columns} else []
    if {"arousal", *AROUSAL} & {*tracks.columns}:
        others.append(("energy arc, up and down again", "energy arc"))
    ways = [*flows, *others] if can_flow else others
    return [(GIVEN, GIVEN), (BY_HAND, BY_HAND), *ways, *columns, (SHUFFLE, SHUFFLE)]


def number(label: str, tooltip: str, *, first: int = 0, is_whole: bool = True) -> ipywidgets.Widget:
    """A field for a number of 0 or more."""
    made: Any = ipywidgets.BoundedIntText if is_whole else ipywidgets.BoundedFloatText
    return made(
        value=first,
        min=0,
        max=100_000,
        description=label,
        tooltip=tooltip,
        style={"description_width": "initial"},
        layout={"width": "140px"},
    )
