"""Where on the map is the music that I want?

Conventions
-----------
What is drawn is a `Picture`, made by `encoding`; an engine draws it and tells gestures (`picture`). A gesture becomes
a selection here, and a selection, wherever it comes from, is marked by the engine.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import ipywidgets
import numpy as np
import traitlets

from workbench.playlists import Origin
from workbench.preferences import is_dark
from workbench.widgets.captions import card_lines, playing_time
from workbench.widgets.covers import cover_of
from workbench.widgets.map.controls import MapControls
from workbench.widgets.map.encoding import Choices, picture_of, placed, region_code
from workbench.widgets.map.engines import engine_of
from workbench.widgets.map.finder import Finder
from workbench.widgets.selection import Selection, Source, rows_of
from workbench.widgets.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    import numpy.typing as npt
    import polars as pl

    from workbench.library import Library
    from workbench.widgets.map.picture import Drawn, Gesture

__all__ = ["MapView"]

HEIGHT: Final = 600

HINT = (
    "Drag around points to select them; with Shift to add, with Alt to take away. Double-click or Escape clears, "
    "a click plays."
)
EMPTY = "There is nothing on this map. Run library.analyze(), then library.similarity_map(library.tracks())."


class MapView(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A similarity map to look at, colour, search and lasso; the lasso is rows again.

    Parameters
    ----------
    layout : pl.DataFrame
        Tracks with ``x`` and ``y``, as `Library.similarity_map` gives them. Reads ``track_id``, the columns that are
        chosen, ``group_name`` and ``added_at`` where there are such, and what a card beside the mouse shows: title,
        artist, album, year, key and tempo, cover. Rows without a place are left out.
    colour : str
        Column that colours the points at first.
    size : str or None
        Column of numbers that sizes them; None draws all alike.
    selection : Selection or None
        To be shared with other widgets; None makes one.
    library : Library or None
        The tracks' library, for a selection that has none.
    dark : bool or None
        For JupyterLab's dark theme or (False) its light one; None is what `SettingsPanel` was told, or suits both.
    dim_untrusted : float or None
        Draw points faintly whose ``trust`` is below this, 0 to 1. Where there is that column, a tick box does it too.
    since : datetime, date, str or None
        Ring tracks added on this day or after it, by ``added_at``; a text as in a search: "2026-01-01", "-3w".
    engine : str or None
        "plotly" or "webgl"; None: plotly up to 10,000 points.
    labels : bool or None
        Draw the names of groups at their centres; None: where there is ``group_name``.
    density : bool
        Draw how crowded places are.
    of : str or None
        The search that found the tracks of `layout`: a playlist of a region of it then takes in what comes later.

    Attributes
    ----------
    selection : Selection
        What is selected here.
    clicked : int or None
        The track id clicked last; observable.
    status : Status
        The line that says what went wrong.

    Raises
    ------
    SpaceError
        `layout` has no columns x and y.
    WorkbenchError
        A column is missing, `since` is no day, or there is no such engine.
    """

    clicked = traitlets.Int(None, allow_none=True)

    def __init__(  # noqa: PLR0913  each is a way to draw
        self,
        layout: pl.DataFrame,
        colour: str = "genre",
        *,
        size: str | None = None,
        selection: Selection | None = None,
        library: Library | None = None,
        dark: bool | None = None,
        dim_untrusted: float | None = None,
        since: datetime | date | str | None = None,
        engine: str | None = None,
        labels: bool | None = None,
        density: bool = False,
        of: str | None = None,
    ) -> None:
        self.tracks = placed(layout)
        self._is_whole = len(self.tracks) == len(layout)
        self.selection = Selection(self.tracks) if selection is None else selection
        self.selection.library = self.selection.library or library
        self._of = of
        self.status = Status()
        self._dark = is_dark(dark)
        has_labels = "group_name" in layout.columns if labels is None else labels
        choices = Choices(colour, size, dim_untrusted, since, has_labels, density)
        self._engine = self._drawn_by(engine, choices)
        self._finder = Finder(self.tracks, self._highlight, self._choose_found)
        redraw = self.status.watched(self.redraw)
        self._controls = MapControls(self.tracks, choices, self._finder, changed=self._when_asked, redraw=redraw)
        self._summary = ipywidgets.HTML()
        stage = [] if self._engine is None else [self._engine.widget]
        super().__init__([self._controls, *stage, self._summary, self.status])
        self._link = traitlets.link((self.selection, "clicked"), (self, "clicked"))
        self.selection.observe(self._when_selected, "track_ids")
        self._when_selected(None)

    @property
    def selected(self) -> pl.DataFrame:
        """The selected rows of the map, in its order and schema; empty when nothing is selected."""
        return rows_of(self.tracks, self.selection.track_ids)

    @property
    def code(self) -> str:
        """The expression that selects the same rows of a frame called ``tracks``, to keep in a notebook."""
        return f'tracks.filter(pl.col("track_id").is_in({self.selected["track_id"].to_list()}))'

    def select(self, track_ids: Iterable[int]) -> None:
        """Select tracks from code; ids that are not on the map are counted in the line below it."""
        self.selection.choose(track_ids)

    def redraw(self) -> None:
        """Draw the map anew; selection, zoom and tool stay."""
        if self._engine is not None:
            self._engine.redraw()

    def close(self) -> None:
        """Leave the page and the selection."""
        if self.comm is not None:
            self.selection.unobserve(self._when_selected, "track_ids")
            self._link.unlink()
            if self._engine is not None:
                self._engine.close()
            for part in self.children:
                close_whole(part)
        super().close()

    def _drawn_by(self, engine: str | None, choices: Choices) -> Drawn | None:
        make = engine_of(engine, len(self.tracks))
        picture = picture_of(self.tracks, choices, dark=self._dark)
        return None if self.tracks.is_empty() else make(picture, self._told, self._card, height=HEIGHT, dark=self._dark)

    def _told(self, gesture: Gesture) -> None:
        """What was selected or clicked on the page."""
        with self.status.watch():
            if gesture.kind == "clicked":
                self.selection.click(int(gesture.track_ids[0]))
                return
            if gesture.kind == "returned":
                self._when_selected(None)
                return
            code = region_code(self.tracks, gesture.polygon, gesture.track_ids)
            source = Source(gesture.kind, gesture.polygon, code, self._region(gesture))
            self.selection.choose(gesture.track_ids, source)

    def _region(self, gesture: Gesture) -> Callable[[], Origin] | None:
        """What was drawn, as a question to the library."""
        library = self.selection.library
        if library is None or not gesture.polygon:
            return None
        return partial(library.region, self.tracks, gesture.polygon, of=self._of)

    def _card(self, track_id: int) -> tuple[list[str], bytes | None]:
        """What the card beside the mouse shows of a track."""
        with self.status.watch():
            row = next(rows_of(self.tracks, [track_id]).iter_rows(named=True), None)
            if row is not None:
                return card_lines(row) or [f"track {track_id}"], cover_of(row)
        return [], None

    def _highlight(self, track_ids: npt.NDArray[np.int64] | None) -> None:
        if self._engine is not None:
            self._engine.highlight(track_ids)

    def _choose_found(self, track_ids: npt.NDArray[np.int64], text: str) -> None:
        left_out = "" if self._is_whole else '.filter(pl.col("x").is_finite(), pl.col("y").is_finite())'
        code = f"wb.search(layout, {text!r}){left_out}"
        self.selection.choose(track_ids, Source("query", text, code, partial(Origin, "query", {"text": text})))

    def _when_selected(self, _change: object) -> None:
        with self.status.watch():
            if self._engine is not None:
                if self._engine.is_gone:
                    return
                self._engine.mark(np.array(self.selection.track_ids, np.int64))
            self._summary.value = summary(self.tracks, self.selection.track_ids)

    def _when_asked(self, _event: object) -> None:
        with self.status.watch():
            if self._engine is not None:
                self._engine.show(picture_of(self.tracks, self._controls.choices, dark=self._dark))
            self.status.say("")


def close_whole(widget: ipywidgets.Widget) -> None:
    """Close a widget and all that it holds, which would keep each other in memory."""
    for part in getattr(widget, "children", ()):
        close_whole(part)
    widget.close()


def summary(tracks: pl.DataFrame, track_ids: Sequence[int]) -> str:
    """The line below the map: what is selected, or what to do."""
    if tracks.is_empty():
        return EMPTY
    selected = rows_of(tracks, track_ids)
    elsewhere = len(track_ids) - len(selected)
    if not track_ids:
        return f"{playing_time(tracks)}. {HINT}"
    text = f"Selected {playing_time(selected)}. On the map: {len(tracks)}."
    return f"{text} Selected but not on it: {elsewhere}." if elsewhere else text
