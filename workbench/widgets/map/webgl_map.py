"""How are a million points drawn, and how does a lasso over them reach the kernel at once?

Conventions
-----------
The page asks for the picture, so nothing is sent before it listens. What is selected goes both ways as one bit a point:
to the page whenever the kernel marks something, to the kernel in one message a gesture, which is never sent back.
Each marking has a number and each gesture says which it has seen: one that was made before the kernel marked something
else is dropped, for the page shows the kernel's. Points are known to the page by their places, never by their ids.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import numpy as np
import traitlets

from workbench.widgets.map.packing import described, ids_in, mask_of, packed
from workbench.widgets.map.picture import Gesture
from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from workbench.widgets.map.picture import Card, Picture, Told

__all__ = ["WebGLMap"]

NOBODY: Final = np.empty(0, np.int64)


class WebGLMap:
    """A map drawn by the graphics card: the same gestures as any other, up to a million points.

    Parameters
    ----------
    picture : Picture
        What to draw.
    told : callable
        Called with each `Gesture`. An empty selection (Escape, a double-click) comes as a lasso or box with no ids.
    card : callable
        Asked for the lines and the cover of the hover card of a track id.
    height : int
        Of the drawing, in CSS pixels; its width is the page's.
    dark : bool or None
        Force the dark or the light look; None follows the page.

    Attributes
    ----------
    widget : Canvas
        What is put into the page; any number of times.
    is_gone : bool
        No page shows it any more.
    """

    def __init__(
        self, picture: Picture, told: Told, card: Card, *, height: int = 600, dark: bool | None = None
    ) -> None:
        self._picture, self._told, self._card = picture, told, card
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells
        self._selected = mask_of(picture.track_ids, NOBODY)
        self._found: bytes | None = None
        self._number = 0
        self.is_gone = False
        self.widget = Canvas(height=height, theme={None: "", True: "dark", False: "light"}[dark])
        self.widget.on_msg(self._when_said)

    def show(self, picture: Picture) -> None:
        """Draw another picture of the same points; selection, what is found, zoom and tool stay."""
        with self._lock:
            is_moved = not np.array_equal(picture.points, self._picture.points)
            self._picture = picture
            self._send_picture(with_points=is_moved)

    def mark(self, track_ids: npt.NDArray[np.int64]) -> None:
        """Show as selected; nothing is sent when the page shows these already."""
        with self._lock:
            mask = mask_of(self._picture.track_ids, track_ids)
            if mask != self._selected:
                self._selected = mask
                self._number += 1
                self._send_selected()

    def highlight(self, track_ids: npt.NDArray[np.int64] | None) -> None:
        """Ring what a search found; None where nothing is searched for."""
        with self._lock:
            self._found = None if track_ids is None else mask_of(self._picture.track_ids, track_ids)
            self._send_found()

    def redraw(self) -> None:
        """Send all again, and have it drawn on a new canvas."""
        with self._lock:
            self._send_all(is_anew=True)

    def close(self) -> None:
        """Leave the page."""
        self.widget.close()

    def _when_said(self, _widget: object, content: Any, buffers: Sequence[Any]) -> None:  # noqa: ANN401  what a page sends
        try:
            self._answer(content, buffers)
        except Exception as error:
            self.widget.send({"kind": "trouble", "text": f"{type(error).__name__}: {error}"})
            raise

    def _answer(self, content: dict[str, Any], buffers: Sequence[Any]) -> None:
        match content["kind"]:
            case "ready":
                self._return()
                with self._lock:
                    self._send_all()
            case "gone":
                self.is_gone = True
            case "returned":
                self._return()
            case "hover":
                self._send_card(content["place"])
            case "clicked":
                place = content["place"]
                self._told(Gesture("clicked", self._picture.track_ids[place : place + 1]))
            case "lasso" | "box":
                self._take(content, bytes(buffers[0]))

    def _return(self) -> None:
        """Hear what was selected while no page showed the map."""
        if self.is_gone:
            self.is_gone = False
            self._told(Gesture("returned", NOBODY))

    def _take(self, content: dict[str, Any], mask: bytes) -> None:
        """A selection made on the page."""
        with self._lock:
            if content["seen"] != self._number:
                return
            self._selected = mask
        polygon = tuple((float(x), float(y)) for x, y in content["polygon"])
        self._told(Gesture(content["kind"], ids_in(self._picture.track_ids, mask), polygon))

    def _send_all(self, *, is_anew: bool = False) -> None:
        self._send_picture(with_points=True, is_anew=is_anew)
        self._send_selected()
        self._send_found()

    def _send_picture(self, *, with_points: bool, is_anew: bool = False) -> None:
        parts = packed(self._picture)
        if with_points:
            parts["points"] = self._picture.points.astype("<f4").tobytes()
        content = {"kind": "picture", "parts": list(parts), "is_anew": is_anew, **described(self._picture)}
        self.widget.send(content, list(parts.values()))

    def _send_selected(self) -> None:
        self.widget.send({"kind": "selected", "number": self._number}, [self._selected])

    def _send_found(self) -> None:
        is_searched = self._found is not None
        self.widget.send({"kind": "found", "is_searched": is_searched}, [self._found or bytes(len(self._selected))])

    def _send_card(self, place: int) -> None:
        lines, cover = self._card(int(self._picture.track_ids[place]))
        self.widget.send({"kind": "card", "place": place, "lines": lines}, [cover] if cover else [])


class Canvas(anywidget.AnyWidget):
    """What of a map is on the page."""

    _esm = script(Path(__file__).with_name("webgl_map.js"))
    _css = style(Path(__file__).with_name("webgl_map.css"))
    height = traitlets.Int(600).tag(sync=True)
    theme = traitlets.Unicode().tag(sync=True)
