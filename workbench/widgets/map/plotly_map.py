"""How does plotly draw a map that can be lassoed?

Conventions
-----------
A figure is built whole. What changes afterwards goes to the page as a message once the page has told that the figure is
drawn, and is a new whole figure before: `whole_figure` tells why. Which points a lasso holds is told by its outline, so
that the outline gives the same rows elsewhere; plotly's own marks are replaced by these.
"""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import numpy as np

from workbench.maps.regions import is_inside
from workbench.widgets.map.picture import Gesture
from workbench.widgets.map.plot_events import PlotEvents
from workbench.widgets.map.plotly_figure import figure_of, keep_view, layers_of, marks_of, rings_of
from workbench.widgets.map.whole_figure import WholeFigure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import plotly.graph_objects as go

    from workbench.widgets.map.picture import Card, Picture, Told

__all__ = ["PlotlyMap"]

NUMBERS: Final = count()

BLANK: Final = '<span role="alert">The page drew an empty figure. Press Redraw.</span>'

KINDS: Final = frozenset({"lasso", "box"})


class PlotlyMap:
    """A picture drawn by plotly, up to some ten thousand points; see `Drawn`.

    Parameters
    ----------
    picture : Picture
        With a point at least.
    told, card : callable
        As `Drawn` says.
    height : int
        Pixels.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.

    Attributes
    ----------
    widget : ipywidgets.VBox
        What is put into the page.
    figure : WholeFigure
        What is shown now.
    is_gone : bool
        No page shows it any more.
    """

    def __init__(
        self, picture: Picture, told: Told, card: Card, *, height: int = 600, dark: bool | None = None
    ) -> None:
        self._picture, self._told, self._card = picture, told, card
        self._height, self._dark = height, dark
        self._layers = layers_of(picture)
        self._marked = self._found = np.zeros(len(picture.track_ids), bool)
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells; not held while `told` is called
        self._is_drawn = self.is_gone = False
        self._on_page: npt.NDArray[np.bool_] | None = None
        self._blanks = 0
        self._hint = ipywidgets.HTML()
        self._stage = ipywidgets.VBox(layout={"min_height": f"{height}px"})  # does not jump between two figures
        self.widget = ipywidgets.VBox([self._hint, self._stage])
        self._events = PlotEvents(
            {
                "selected": self._when_selected,
                "clicked": self._when_clicked,
                "hover": self._when_asked,
                "drawn": self._when_drawn,
                "blank": self._when_blank,
                "gone": self._when_gone,
            }
        )
        self.figure: WholeFigure | None = None
        self.redraw()

    def show(self, picture: Picture) -> None:
        """Draw another picture of the same points; selection, what is found, zoom and tool stay."""
        with self._lock:
            self._picture, self._layers = picture, layers_of(picture)
            self.redraw()

    def mark(self, track_ids: npt.NDArray[np.int64]) -> None:
        """Show as selected: other points are dimmed; an empty array dims none."""
        with self._lock:
            self._marked = np.isin(self._picture.track_ids, track_ids)
            if self._on_page is None or not np.array_equal(self._on_page, self._marked):
                self._update()

    def highlight(self, track_ids: npt.NDArray[np.int64] | None) -> None:
        """Ring what a search found; None where nothing is searched for."""
        found = np.isin(self._picture.track_ids, [] if track_ids is None else track_ids)
        with self._lock:
            if not np.array_equal(found, self._found):
                self._found = found
                self._update(is_found_new=True)

    def redraw(self) -> None:
        """Draw all anew; selection, what is found, zoom and tool stay."""
        with self._lock:
            figure = figure_of(
                self._picture,
                self._layers,
                height=self._height,
                dark=self._dark,
                marked=self._marked,
                found=self._found,
            )
            if self.figure is not None:
                keep_view(self.figure, figure)
            self.put(figure)

    def put(self, figure: go.Figure) -> None:
        """Show a figure instead of the one before."""
        old, name = self.figure, f"wb-plot-{next(NUMBERS)}"
        self._is_drawn, self._on_page = False, self._marked
        self.is_gone = False
        for trace in figure.data[:1]:
            trace.uid = name
        self.figure = WholeFigure(figure, name)
        self._events.name = name
        self._stage.children = [self.figure]
        if old is not None:
            old.close()

    def close(self) -> None:
        """Leave the page."""
        shown = [] if self.figure is None else [self.figure]
        for widget in (self._events, *shown, self._hint, self._stage, self.widget):
            widget.close()

    def _update(self, *, is_found_new: bool = False) -> None:
        if not self._is_drawn:
            self.redraw()
            return
        self._on_page = self._marked
        rings = {"trace": len(self._layers) + 1, **rings_of(self._picture, self._found)} if is_found_new else None
        marks = [*marks_of(self._layers, self._marked), None, None]
        self._events.send({"kind": "state", "name": self._events.name, "marks": marks, "found": rings})

    def _when_selected(self, content: Mapping[str, Any]) -> None:
        """What was drawn on the page, put together with what was selected."""
        if content["drawn"] not in KINDS:
            return
        polygon = tuple((float(x), float(y)) for x, y in content["polygon"])
        with self._lock:
            drawn = self._inside(polygon, content["track_ids"]) & self._shown(content["shown"])
            now = {"add": self._marked | drawn, "remove": self._marked & ~drawn}.get(content["mode"], drawn)
            self._marked, self._on_page = now, None  # plotly marked what it thinks
        alone = polygon if content["mode"] == "replace" else ()
        self._told(Gesture(content["drawn"], self._picture.track_ids[now], alone))
        with self._lock:
            if self._on_page is None:
                self._update()

    def _inside(self, polygon: tuple[tuple[float, float], ...], track_ids: list[int]) -> npt.NDArray[np.bool_]:
        if len(polygon) > 2:  # noqa: PLR2004  what makes a polygon
            return is_inside(self._picture.points.astype(np.float64), polygon)
        return np.isin(self._picture.track_ids, track_ids)

    def _shown(self, traces: list[int]) -> npt.NDArray[np.bool_]:
        """Points of the traces that the legend does not hide."""
        shown = np.zeros(len(self._picture.track_ids), bool)
        for number, layer in enumerate(self._layers):
            shown[layer.places] = number in traces
        return shown

    def _when_clicked(self, content: Mapping[str, Any]) -> None:
        known = [track_id for track_id in content["track_ids"] if track_id in self._picture.track_ids]
        if known:
            self._told(Gesture("clicked", np.array(known[:1], np.int64)))

    def _when_asked(self, content: Mapping[str, Any]) -> None:
        lines, cover = self._card(content["track_id"])
        answer = {"kind": "card", "track_id": content["track_id"], "lines": lines}
        self._events.send(answer, [cover] if cover else [])

    def _when_drawn(self, content: Mapping[str, Any]) -> None:
        """Know that messages reach the figure."""
        with self._lock:
            if content["name"] != self._events.name:
                return
            is_again, self._is_drawn = self._is_drawn, True
            was_gone, self.is_gone = self.is_gone, False
            self._blanks, self._hint.value = 0, ""
        if was_gone:
            self._told(Gesture("returned", np.empty(0, np.int64)))
        if is_again:  # a page that was loaded anew has the figure as it was made
            with self._lock:
                self._update(is_found_new=True)

    def _when_gone(self, content: Mapping[str, Any]) -> None:
        """Know that nobody sees the figure."""
        with self._lock:
            self.is_gone = content["name"] == self._events.name

    def _when_blank(self, content: Mapping[str, Any]) -> None:
        """Draw an empty figure anew, once; then say what to do."""
        with self._lock:
            if content["name"] != self._events.name:
                return
            self._blanks += 1
            if self._blanks > 1:
                self._hint.value = BLANK
            else:
                self.redraw()
