"""Which way through many points is short?

Conventions
-----------
A path is row numbers, each once, and open: nothing leads from its end to its start. What a step costs is the same in
both directions. A start or an end that is given stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Cost", "Order", "Points", "exact_path", "likeness", "short_path", "smooth_path"]

Order: TypeAlias = npt.NDArray[np.intp]
Points: TypeAlias = npt.NDArray[Any]
Cost: TypeAlias = Callable[[Points, Points], Points]
"""What the steps from one point, ndarray (d,), to each of many, ndarray (n, d), cost: ndarray (n,)."""

EXACT: Final = 12
"""Points up to which the shortest path is found: 30 ms for 12, and twice as long for each more."""

PATIENCE: Final = 100_000_000
"""Distances that are looked at for 2-opt, and again for Or-opt: all they can use for hundreds of tracks, one round for
10,000."""

LEAST_GAIN: Final = 1e-6
"""Shortening of a path that is more than float32's rounding."""

KICKS: Final = 60
MANY: Final = 250
"""How often a path of up to so many points is disturbed; longer ones less often, so that it takes no longer."""

KICKED: Final = 30
NEAR: Final = 2
MOST_ROUNDS: Final = 20
"""Places within which pieces change places, places round about that are looked at then, and how often."""

SEED: Final = 0

LONGEST_PIECE: Final = 3
"""Points that Or-opt moves together, as Or did."""


def smooth_path(matrix: npt.NDArray[np.float32], *, start: int | None = None, end: int | None = None) -> Order:
    """An order of rows in which each is close to the one before: a short open path through all of them (`short_path`).

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length; distance is 1 - cosine.
    start, end : int, optional
        Rows that the path begins and ends with.

    Returns
    -------
    ndarray (n,) of int
        Row numbers. Where no end is given, of the two directions the one that has the first row in its first half.
    """
    return short_path(matrix, likeness, start=start, end=end)


def likeness(points: Points, point: Points) -> Points:
    """Distance of unit rows from one of them, 1 - cosine."""
    return 1 - points @ point


def short_path(points: Points, cost: Cost, *, start: int | None = None, end: int | None = None) -> Order:
    """A short open path through all points, for any symmetric cost.

    The shortest one for up to 12 points (`exact_path`). For more: from the start, or the point furthest from the first,
    always on to the nearest that is left; then pieces of the path are turned round (2-opt: Croes 1958, "A method for
    solving traveling-salesman problems") and pieces of up to three points are put elsewhere (Or-opt: Or 1976,
    "Traveling salesman-type combinatorial problems") as long as that shortens it; and a path of some hundred points is
    disturbed now and then, so as to find better ones beyond (`_Way.kick`). No shortest path, but a good one up to some
    1,000 points; beyond, the time is limited.

    Parameters
    ----------
    points : ndarray (n, d)
        Whatever the cost is told by.
    cost : callable
        Of steps from a point to others (`Cost`).
    start, end : int, optional
        Two different rows.
    """
    if not len(points):
        return np.empty(0, np.intp)
    if start is None and end is not None:
        return short_path(points, cost, start=end)[::-1]
    path = _found(points, cost, start, end)
    late = start is None and 2 * np.flatnonzero(path == 0)[0] >= len(path)
    return path[::-1] if late else path


def exact_path(costs: Points, *, start: int | None = None, end: int | None = None) -> Order:
    """The shortest open path, by dynamic programming over sets of points.

    Held and Karp 1962, "A dynamic programming approach to sequencing problems". 2 ** n * n ** 2 steps.

    Parameters
    ----------
    costs : ndarray (n, n)
        From each point to each.
    start, end : int, optional
        Two different points.
    """
    count = len(costs)
    bits = 1 << np.arange(count)
    best = np.full((1 << count, count), np.inf)  # of the ways through a set that end at a point
    firsts = np.arange(count) if start is None else np.array([start])
    best[bits[firsts], firsts] = 0
    for visited in range(1, 1 << count):
        left = np.flatnonzero(visited & bits == 0)
        best[visited | bits[left], left] = np.minimum(
            best[visited | bits[left], left], (best[visited][:, None] + costs[:, left]).min(axis=0)
        )
    visited = (1 << count) - 1
    path = [int(np.argmin(best[visited])) if end is None else end]
    while len(path) < count:
        visited ^= 1 << path[-1]
        path.append(int(np.argmin(best[visited] + costs[:, path[-1]])))
    return np.array(path[::-1], np.intp)


def _found(points: Points, cost: Cost, start: int | None, end: int | None) -> Order:
    if len(points) <= EXACT:
        return exact_path(np.array([cost(points, point) for point in points]), start=start, end=end)
    way = _Way(points, cost, _chain(points, cost, start, end), pinned=(start is not None, end is not None))
    way.improve()
    chance = np.random.default_rng(SEED)
    for _ in range(min(KICKS, KICKS * MANY**2 // len(points) ** 2)):
        way.kick(chance)
    return way.path


def _chain(points: Points, cost: Cost, start: int | None, end: int | None) -> Order:
    """From the start, or the point furthest from the first, always to the nearest that is left; the end at the end."""
    path = np.empty(len(points), np.intp)
    taken = np.zeros(len(points))
    here = int(np.argmax(cost(points, points[0]))) if start is None else start
    if end is not None:
        taken[end], path[-1] = np.inf, end
    for step in range(len(points) - (end is not None)):
        path[step] = here
        taken[here] = np.inf
        here = int(np.argmin(cost(points, points[here]) + taken))
    return path


class _Way:
    """A path that is being shortened.

    Parameters
    ----------
    points, cost
        As `short_path` takes them.
    path : ndarray (n,) of int
        Where to begin.
    pinned : tuple of two bool
        Whether the first and the last place stay as they are.
    """

    def __init__(self, points: Points, cost: Cost, path: Order, *, pinned: tuple[bool, bool]) -> None:
        self.path, self.points, self.cost = path.copy(), points[path], cost
        self.first, self.last = int(pinned[0]), len(path) - 1 - int(pinned[1])  # of the places that may change
        legs = [self._leg(place, place + 1) for place in range(len(path) - 1)]
        self.steps = np.array([*legs, 0.0])  # from each point to the next; none from the last

    def improve(self) -> None:
        """Turn and shift pieces until no such change shortens the path, as far as the patience lasts."""
        rounds = max(1, PATIENCE // len(self.path) ** 2)
        everywhere = range(self.first, self.last + 1)
        for _ in range(rounds):
            if not self._turn_each(everywhere) and (rounds == 1 or not self._shift_each(everywhere)):
                break

    def kick(self, chance: np.random.Generator) -> None:
        """Let two neighbouring pieces change places, and shorten the path round about; all is as it was if that fails.

        A double bridge (Martin, Otto and Felten 1991, "Large-step Markov chains for the traveling salesman problem"),
        which neither turns nor shifts undo.
        """
        before, length = (self.path, self.points, self.steps), self.steps.sum()
        span = min(KICKED, self.last + 1 - self.first)
        start = int(chance.integers(self.first, self.last + 2 - span))
        cuts = [start, *(start + np.sort(chance.choice(np.arange(1, span), 2, replace=False))).tolist()]
        self._exchange(*cuts)
        near = sorted(
            {place for cut in cuts for place in range(max(self.first, cut - NEAR), min(self.last, cut + NEAR) + 1)}
        )
        for _ in range(MOST_ROUNDS):
            if not self._turn_each(near) and not self._shift_each(near):
                break
        if self.steps.sum() >= length - LEAST_GAIN:
            self.path, self.points, self.steps = before

    def _exchange(self, start: int, middle: int, end: int) -> None:
        """Put the piece from `middle` before that from `start`, in new arrays."""
        places = np.arange(len(self.path))
        places[start:end] = np.roll(places[start:end], start - middle)
        self.path, self.points, self.steps = self.path[places], self.points[places], self.steps[places]
        for place in {start - 1, start + end - middle - 1, end - 1}:
            if 0 <= place < len(self.path) - 1:
                self.steps[place] = self._leg(place, place + 1)
        self.steps[-1] = 0

    def _turn_each(self, starts: Sequence[int]) -> bool:
        turned = [self._turn(start) for start in starts if start < self.last]
        return any(turned)

    def _shift_each(self, starts: Sequence[int]) -> bool:
        sizes = range(1, LONGEST_PIECE + 1)
        shifted = [self._shift(start, size) for size in sizes for start in starts if start + size - 1 <= self.last]
        return any(shifted)

    def _leg(self, place: int, other: int) -> float:
        return float(self.cost(self.points[place : place + 1], self.points[other])[0])

    def _turn(self, start: int) -> bool:
        """Turn round the piece from `start` whose turning shortens the path most; False where none does."""
        before, until = start - 1, self.last + 1
        onward = self.cost(self.points[start + 1 : until + 1], self.points[start])  # to what follows the piece's end
        onward = onward if len(onward) == until - start else np.append(onward, 0)
        joining = self.cost(self.points[start:until], self.points[before]) if start else np.zeros_like(onward)
        gains = joining[0] + self.steps[start:until] - joining - onward
        size = int(np.argmax(gains))
        if gains[size] <= LEAST_GAIN:
            return False
        end = start + size
        for values in (self.path, self.points):
            values[start : end + 1] = values[start : end + 1][::-1].copy()
        self.steps[start:end] = self.steps[start:end][::-1].copy()
        self.steps[end] = onward[size]
        if start:
            self.steps[before] = joining[size]
        return True

    def _shift(self, start: int, size: int) -> bool:
        """Put the piece of some places from `start` where it shortens the path most, either way round; False if none.

        Gap g of what is left lies before its place g; the last one lies behind all of it.
        """
        end, total = start + size - 1, len(self.path)
        piece = slice(start, end + 1)
        legs, saved = self._without(start, end)
        head, tail = (np.delete(self.cost(self.points, self.points[place]), piece) for place in (start, end))
        straight = np.append(0, head) + np.append(tail, 0) - legs
        turned = np.append(0, tail) + np.append(head, 0) - legs
        added = np.minimum(straight, turned)[self.first : self.last + 2 - size]
        gap = self.first + int(np.argmin(added))
        if saved - added[gap - self.first] <= LEAST_GAIN:
            return False
        is_turned = turned[gap] < straight[gap]
        moved = np.arange(start, end + 1)[:: -1 if is_turned else 1]
        into, onward = (tail, head) if is_turned else (head, tail)
        inner = self.steps[start:end][:: -1 if is_turned else 1]
        places = np.insert(np.delete(np.arange(total), piece), gap, moved)
        self.path, self.points = self.path[places], self.points[places]
        self.steps = np.concatenate(
            [legs[1:gap], into[gap - 1 : gap] if gap else [], inner, onward[gap : gap + 1], legs[gap + 1 :]]
        )
        if gap == total - size:
            self.steps = np.append(self.steps, 0)
        return True

    def _without(self, start: int, end: int) -> tuple[Points, float]:
        """Length of the leg in each gap that a piece leaves behind, 0 at both ends, and what its going saves."""
        before = self.steps[start - 1] if start else 0.0
        is_inside = start > 0 and end < len(self.path) - 1
        bridge = self._leg(start - 1, end + 1) if is_inside else 0.0
        legs = np.concatenate(
            [[0], self.steps[: max(start - 1, 0)], [bridge] if is_inside else [], self.steps[end + 1 :]]
        )
        if end == len(self.path) - 1:
            legs = np.append(legs, 0)
        return legs, float(before + self.steps[end] - bridge)
