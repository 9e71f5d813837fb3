"""What is on a map, whoever draws it?

Conventions
-----------
A picture has one entry a point, in the order of its frame; a place is a row number of it, and never leaves the map:
outside, a track is known by its id. A picture is never changed: another colour is another picture. What is selected and
what a search found are no part of it, for they change with every gesture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ipywidgets
    import numpy as np
    import numpy.typing as npt

__all__ = ["Card", "Categories", "Drawn", "Gesture", "Label", "Picture", "Polygon", "Scale", "Told"]

Polygon = tuple[tuple[float, float], ...]

Told = Callable[["Gesture"], None]

Card = Callable[[int], tuple[list[str], bytes | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Colours by name: a legend of which each entry can be hidden, whose points then cannot be selected.

    Attributes
    ----------
    title : str
        Of the legend; as all texts here it is plain, not escaped.
    names, colours : tuple of str
        Of each category, at most 64; colours as "#rrggbb".
    codes : ndarray (n,) uint8
        Category of each point.
    """

    title: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    codes: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Colours by number: a bar with a ramp.

    Attributes
    ----------
    title : str
        Of the bar, unit included.
    values : ndarray (n,) float32
        NaN is unknown, drawn in grey.
    low, high : float
        Ends of the ramp; values beyond have the end's colour.
    ramp : tuple of str
        Colours from low to high, evenly spaced, as "#rrggbb".
    """

    title: str
    values: npt.NDArray[np.float32]
    low: float
    high: float
    ramp: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A group's name at its centre."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All that is drawn of a layout, but for what is selected or found.

    Attributes
    ----------
    track_ids : ndarray (n,) int64
        Of each point.
    points : ndarray (n, 2) float32
        x and y.
    colour : Categories or Scale
        One or the other.
    sizes : ndarray (n,) float32
        Diameters in CSS pixels.
    is_dim : ndarray (n,) bool
        Drawn faintly: not to be trusted.
    is_new : ndarray (n,) bool
        Drawn with a ring: came after the date asked for.
    labels : tuple of Label
        Names on the map.
    is_density : bool
        How crowded places are is drawn, instead of single points.
    """

    track_ids: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    colour: Categories | Scale
    sizes: npt.NDArray[np.float32]
    is_dim: npt.NDArray[np.bool_]
    is_new: npt.NDArray[np.bool_]
    labels: tuple[Label, ...] = ()
    is_density: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gesture:
    """What somebody did on the map.

    Attributes
    ----------
    kind : str
        "lasso", "box" or "clicked"; "returned" where the map is on a page again and must be told what is selected.
    track_ids : ndarray of int64
        The whole new selection, in the picture's order (what shift added and alt took away is done already); for
        "clicked" the one id.
    polygon : Polygon
        What was drawn, in the map's own units, where it alone makes the selection; else empty.
    """

    kind: str
    track_ids: npt.NDArray[np.int64]
    polygon: Polygon = ()


class Drawn(Protocol):
    """One way to draw a map. Made as ``Engine(picture, told, card, height=, dark=)``.

    ``told`` is called with a `Gesture`; ``card`` is asked for the lines (plain text) and the cover (JPEG or None) of
    the hover card of a track id. Selections: drag draws a lasso, or a box where that tool is chosen; shift adds, alt
    takes away; Escape and a double-click clear.
    """

    widget: ipywidgets.DOMWidget
    """What is put into the page."""

    is_gone: bool
    """The page has taken it away, as when its cell is run again: it need not be told what is selected meanwhile."""

    def show(self, picture: Picture) -> None:
        """Draw another picture of the same points; selection, what is found, zoom and tool stay."""

    def mark(self, track_ids: npt.NDArray[np.int64]) -> None:
        """Show as selected: other points are dimmed; an empty array dims none. It is not told as a gesture."""

    def highlight(self, track_ids: npt.NDArray[np.int64] | None) -> None:
        """Ring what a search found; None where nothing is searched for."""

    def redraw(self) -> None:
        """Draw all anew, e.g. after the page was too slow the first time."""

    def close(self) -> None:
        """Leave the page."""
