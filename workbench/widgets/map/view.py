"""Where on the map is the music that I want?

Conventions
-----------
Track ids are in the traces' ``customdata``; `plot_events` brings those of a lasso or a click. Any change that comes
from Python is a new figure: `whole_figure` tells why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import ipywidgets
import traitlets

from workbench.errors import SpaceError
from workbench.figures import similarity_map
from workbench.widgets.captions import playing_time
from workbench.widgets.map.plot_events import PlotEvents
from workbench.widgets.map.whole_figure import WholeFigure
from workbench.widgets.selection import Selection, rows_of
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import plotly.graph_objects as go
    import polars as pl

__all__ = ["COLOURS", "MapView"]

COLOURS: Final = (
    "genre",
    "artist",
    "album",
    "year",
    "group",
    "mood",
    "key",
    "mode",
    "camelot",
    "bpm",
    "loudness_lufs",
    "loudness_range_lu",
    "onset_rate_hz",
    "spectral_centroid_hz_mean",
    "valence",
    "arousal",
    "rating",
    "codec",
)
"""Columns worth a colour; a map offers those that its frame has and that are not all null."""

DIM: Final = 0.3
"""Opacity of what is not selected; plotly's 0.2 is hardly seen on a dark page."""

UNTRUSTED: Final = 0.9
"""Trust below which the tick box dims a point, unless a map is made with another."""

HINT = "Drag around points to select them, double-click to clear, click one to hear it."
EMPTY = "There is nothing on this map. Run library.analyze(), then library.similarity_map(library.tracks())."


class MapView(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A similarity map to look at, colour and lasso; the lasso is rows again.

    Parameters
    ----------
    layout : pl.DataFrame
        Tracks with ``x`` and ``y``, as `Library.similarity_map` gives them. Reads ``track_id``, the columns that
        `workbench.figures.similarity_map` reads, and ``duration_s`` where there is one. Rows without a place are
        left out.
    colour : str
        Column that colours the points at first.
    selection : Selection or None
        To be shared with other widgets; None makes one.
    dark : bool or None
        For JupyterLab's dark theme or (False) its light one; None suits both.
    dim_untrusted : float or None
        Draw points faintly whose ``trust`` is below this, 0 to 1. Where there is that column, a tick box does it too.

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
        It has no column trust, and points are to be dimmed by it.
    """

    clicked = traitlets.Int(None, allow_none=True)

    def __init__(
        self,
        layout: pl.DataFrame,
        colour: str = "genre",
        *,
        selection: Selection | None = None,
        dark: bool | None = None,
        dim_untrusted: float | None = None,
    ) -> None:
        self.tracks = placed(layout)
        self.selection = Selection(self.tracks) if selection is None else selection
        self.status = Status()
        self._dark = dark
        self._lassoed = False
        self._events = PlotEvents(self._when_told)
        self._figure: WholeFigure | None = None
        self._colour = colour_choice(self.tracks, colour)
        self._untrusted = UNTRUSTED if dim_untrusted is None else dim_untrusted
        self._dim = dim_choice(self.tracks, is_on=dim_untrusted is not None)
        redraw = button("Redraw", "refresh", "Draw the map again, e.g. in another width", self._when_asked)
        self._summary = ipywidgets.HTML()
        self._stage = ipywidgets.VBox()
        controls = ipywidgets.HBox([self._colour, self._dim, redraw], layout={"flex_flow": "row wrap"})
        super().__init__([controls, self._stage, self._summary, self.status])
        traitlets.link((self.selection, "clicked"), (self, "clicked"))
        for control in (self._colour, self._dim):
            control.observe(self._when_asked, "value")
        self.selection.observe(self._when_selected, "track_ids")
        self.redraw()
        self._summarise()

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
        self.selection.track_ids = tuple(track_ids)

    def redraw(self) -> None:
        """Draw the map anew; selection, zoom and tool stay."""
        if self.tracks.is_empty():
            return
        untrusted = self._untrusted if self._dim.value else None
        figure = similarity_map(self.tracks, colour=self._colour.value, dark=self._dark, dim_untrusted=untrusted)
        mark(figure, self.selection.track_ids)
        old = self._figure
        if old is not None:
            keep_view(old, figure)
        self._figure = WholeFigure(figure)
        self._events.uid = self._figure.data[0].uid
        self._stage.children = [self._figure]
        self._stage.layout.min_height = f"{figure.layout.height}px"  # the page does not jump between two figures
        if old is not None:
            old.close()

    def _when_told(self, kind: str, track_ids: list[int]) -> None:
        """What was selected or clicked on the page."""
        with self.status.watch():
            if kind == "selected":
                self._publish(set(track_ids))
            else:
                for track_id in track_ids:
                    self.selection.clicked = track_id

    def _publish(self, track_ids: set[int]) -> None:
        self._lassoed = True  # the page has marked the points already
        try:
            self.selection.track_ids = tuple(rows_of(self.tracks, track_ids)["track_id"])
        finally:
            self._lassoed = False

    def _when_selected(self, _change: object) -> None:
        with self.status.watch():
            if not self._lassoed:
                self.redraw()
            self._summarise()

    def _when_asked(self, _event: object) -> None:
        with self.status.watch():
            self.redraw()

    def _summarise(self) -> None:
        self._summary.value = summary(self.tracks, self.selection.track_ids)


def placed(layout: pl.DataFrame) -> pl.DataFrame:
    """The rows that have a place on the map."""
    if not {"track_id", "x", "y"} <= set(layout.columns):
        found = ", ".join(layout.columns)
        raise SpaceError(f"a map needs track_id, x and y; found {found}; make them with library.similarity_map(tracks)")
    return layout.drop_nulls(["x", "y"])


def colour_choice(tracks: pl.DataFrame, colour: str) -> ipywidgets.Dropdown:
    """Dropdown over the columns worth a colour, and `colour` itself."""
    known = [name for name in COLOURS if name in tracks.columns and tracks[name].null_count() < len(tracks)]
    names = known if colour in known else [colour, *known]
    return ipywidgets.Dropdown(
        options=[(name.replace("_", " "), name) for name in names],
        value=colour,
        description="Colour by",
        tooltip="Column that colours the points",
        disabled=tracks.is_empty(),
    )


def dim_choice(tracks: pl.DataFrame, *, is_on: bool) -> ipywidgets.Checkbox:
    """Tick box that dims points of low trust; not shown where trust is not known."""
    is_known = "trust" in tracks.columns and tracks["trust"].null_count() < len(tracks)
    return ipywidgets.Checkbox(
        value=is_on,
        description="Dim uncertain points",
        tooltip="Draw points faintly whose neighbours on the map may sound different",
        indent=False,
        layout={"width": "auto", "display": None if is_known else "none"},
    )


def mark(figure: go.Figure, track_ids: Sequence[int]) -> None:
    """Dim all points but these; with none given dim nothing."""
    chosen = set(track_ids)
    figure.update_traces(unselected_marker_opacity=DIM)
    for trace in figure.data if chosen else ():
        trace.selectedpoints = [place for place, track_id in enumerate(trace.customdata) if int(track_id) in chosen]


def keep_view(old: go.Figure, new: go.Figure) -> None:
    """Give `new` the zoom and the tool of `old`."""
    new.layout.dragmode = old.layout.dragmode
    for axis in ("xaxis", "yaxis"):
        if old.layout[axis].range:
            new.layout[axis].range = old.layout[axis].range


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
