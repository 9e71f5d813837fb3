"""Which points lie inside a region that somebody drew?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import polars as pl

__all__ = ["inside", "is_inside"]


def inside(layout: pl.DataFrame, polygon: Sequence[tuple[float, float]], *, x: str = "x", y: str = "y") -> pl.DataFrame:
    """The rows that lie inside a polygon, as a lasso on a map selects them.

    Parameters
    ----------
    layout : DataFrame
        Reads `x` and `y`; rows without them are outside.
    polygon : sequence of (float, float)
        Its corners, in the units of the two columns; the last is joined to the first. Where it crosses itself, what
        is enclosed an even number of times is outside. Places are rounded to single precision, as maps draw them, so
        that a point beside the outline is on the side that was seen.
    x, y : str
        Columns, e.g. ``"valence"`` and ``"arousal"`` for a region of the mood plane.

    Raises
    ------
    SpaceError
        There are no such columns, or fewer than three corners.
    """
    missing = [column for column in (x, y) if column not in layout.columns]
    if missing:
        raise SpaceError(f"this frame has no column {missing[0]!r}: make places with library.similarity_map(tracks)")
    points = layout.select(x, y).to_numpy().astype(np.float32).astype(np.float64)
    return layout.filter(is_inside(points, polygon))


def is_inside(points: npt.NDArray[np.float64], polygon: Sequence[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    """Of each point (n, 2), whether it lies inside; NaN lies outside.

    A ray to the right crosses the outline an odd number of times (the even-odd rule; Shimrat 1962, "Algorithm 112:
    position of point relative to polygon").

    Raises
    ------
    SpaceError
        The polygon has fewer than three corners.
    """
    corners = np.asarray(polygon, np.float64).reshape(-1, 2)
    if len(corners) < 3:  # noqa: PLR2004  what makes a polygon
        raise SpaceError(f"a region has three corners or more, found {len(corners)}")
    places = _upwards(points, corners[:, 1].min(), corners[:, 1].max())
    xs, ys = points[places].T
    crossings = np.zeros(len(places), bool)
    starts = np.roll(corners, 1, axis=0)
    heights = np.sort(np.column_stack([starts[:, 1], corners[:, 1]]))
    # an edge crosses the rays of the points from its lower end up to just below its upper one: few of a million
    spans = np.searchsorted(ys, heights)
    for (x0, y0), (x1, y1), (low, high) in zip(starts, corners, spans, strict=True):
        if low < high:
            crossings[low:high] ^= xs[low:high] < x0 + (x1 - x0) * (ys[low:high] - y0) / (y1 - y0)
    within = np.zeros(len(points), bool)
    within[places[crossings]] = True
    return within


def _upwards(points: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.intp]:
    """Places of the points of these heights, the lowest first."""
    ys = points[:, 1]
    places = np.flatnonzero((ys >= low) & (ys < high) & ~np.isnan(points[:, 0]))
    ordered: npt.NDArray[np.intp] = places[np.argsort(ys[places])]
    return ordered
