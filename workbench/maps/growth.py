"""How does a map take in new tracks, and stay where it was?

Conventions
-----------
Points are known by their track ids. What lies on a map stays there bit for bit (`grow`); a map that was computed anew
is laid over the old one (`align`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.maps.layout import Points
    from workbench.spaces import Ids, Space

__all__ = ["align", "can_grow", "grow", "relative"]

Sounds: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Track ids, and what each track sounds like, as a stamp."""

NEAREST: Final = 5
"""Old tracks among which a new one lies."""

BLOCK_VALUES: Final = 4_000_000
"""Similarities held at a time: 16 MB."""

APART: Final = 1e-4
"""Standard deviation of the noise between points that would coincide, as a share of the map's width."""

STEPS: Final = 4
"""The least it is, in steps from one float32 number to the next where the points lie: less would be rounded away."""

FEWEST_SHARED: Final = 3
"""Tracks by which a map can be turned."""

LEAST_KNOWN: Final = 0.5
"""Share of the wanted tracks that a map must hold to grow: fewer would be placed by too few."""

FEWEST_COMPUTED: Final = 40
"""Computed points from which a map grows: a smaller one is computed anew at no cost that is felt."""

LEAST_WANTED: Final = 0.9
"""Share of a map's tracks that must be wanted still: of a part of a map, one of its own shows more."""


def grow(space: Space, track_ids: Ids, points: Points) -> Points:
    """Points for all rows of a space, from the points that some of its tracks have.

    A track that has a point keeps it. Every other goes to the median, in x and in y, of the points of the five old
    tracks that sound most like it (exact cosine similarity); the median leaves out an old neighbour that lies far off.
    Where a new point would coincide with another, it is moved by a trace of noise that its track id seeds.

    Parameters
    ----------
    space : Space
        The rows to place.
    track_ids : ndarray (m,) int64
        Whose the points are; ids that are not in the space are left out.
    points : ndarray (m, 2) float32
        Their places.

    Returns
    -------
    ndarray (n, 2) float32
        Row for row with the space; the order of rows does not matter.

    Raises
    ------
    SpaceError
        No track of the space has a point.
    """
    rows = space.positions(track_ids)
    grown = np.full((len(space), 2), np.nan, np.float32)
    grown[rows[rows >= 0]] = points[rows >= 0]
    is_old = np.zeros(len(space), bool)
    is_old[rows[rows >= 0]] = True
    order = np.argsort(space.track_ids, kind="stable")
    old, new = order[is_old[order]], order[~is_old[order]]
    if not len(old):
        raise SpaceError(f"none of {len(space)} tracks lies on the map that should grow: compute a new one")
    matrix, places = space.matrix[old], grown[old]
    for block in np.array_split(new, -(-len(new) * len(old) // BLOCK_VALUES) or 1):
        grown[block] = np.median(places[_nearest(space.matrix[block], matrix)], axis=1)
    _part(grown, old, new, space.track_ids)
    return grown


def can_grow(computed: int, wanted: int) -> bool:
    """Whether a map may take in what it lacks of the wanted tracks, or should be computed anew.

    What was grown says nothing of its own: a map that doubles again and again would lie where its first few tracks do.
    So points count only where they were computed. They must be half of the wanted, and 40 at least.

    Parameters
    ----------
    computed : int
        Wanted tracks whose points on the map were computed, not grown.
    wanted : int
        All wanted tracks.
    """
    return computed >= max(FEWEST_COMPUTED, LEAST_KNOWN * wanted)


def relative(wanted: Sounds, known: Sequence[Sounds]) -> int | None:
    """Which of some maps should grow into one of the wanted tracks, or else have the new one laid over it.

    It must hold half of the wanted tracks as they sound now, and nine tenths of its tracks must be wanted still. The
    one that holds most of the wanted tracks wins, the first among equals.

    Parameters
    ----------
    wanted : tuple of ndarray (n,) int64
        Track ids, and stamps that differ where a track has come to sound different.
    known : sequence of the same
        Of each map.

    Returns
    -------
    int or None
        Position in `known`.
    """
    best, most = None, 0
    for position, (track_ids, stamps) in enumerate(known):
        _, here, there = np.intersect1d(wanted[0], track_ids, assume_unique=True, return_indices=True)
        same = int((wanted[1][here] == stamps[there]).sum())
        if same > most and same >= LEAST_KNOWN * len(wanted[0]) and len(here) >= LEAST_WANTED * len(track_ids):
            best, most = position, same
    return best


def align(points: Points, track_ids: Ids, old_points: Points, old_ids: Ids) -> Points:
    """A map laid over an older one: turned, mirrored and shifted so that the tracks of both lie closest.

    Distances are not changed: the map keeps the size it was computed in. The scale of least squares falls with the
    correlation of the two maps, so that a map would shrink each time it is computed anew. The turn is that of least
    squares over the shared tracks, by singular value decomposition (Schönemann, 1966, "A generalized solution of the
    orthogonal Procrustes problem").

    Parameters
    ----------
    points : ndarray (n, 2)
        The new map.
    track_ids : ndarray (n,) int64
        Whose its points are.
    old_points, old_ids
        The old map, in the same form.

    Returns
    -------
    ndarray (n, 2) float32
        Row for row. As it was where fewer than 3 tracks are shared, or these lie in one place.
    """
    _, here, there = np.intersect1d(track_ids, old_ids, return_indices=True)
    before = np.array(points, np.float32)
    if len(here) < FEWEST_SHARED:
        return before
    new, old = points[here].astype(np.float64), old_points[there].astype(np.float64)
    new_centre, old_centre = new.mean(axis=0), old.mean(axis=0)
    left, strengths, right = np.linalg.svd((new - new_centre).T @ (old - old_centre))
    if not strengths.sum():
        return before
    aligned: Points = ((before - new_centre) @ (left @ right) + old_centre).astype(np.float32)
    return aligned


def _nearest(new: Points, old: Points) -> npt.NDArray[np.intp]:
    """Rows of `old` most similar to each of `new`, ndarray (n, at most `NEAREST`)."""
    count = min(NEAREST, len(old))
    return np.argpartition(-(new @ old.T), count - 1, axis=1)[:, :count]


def _part(points: Points, old: npt.NDArray[np.intp], new: npt.NDArray[np.intp], track_ids: Ids) -> None:
    """Move those of the new points that lie where an old one or an earlier new one does, in place.

    What is moved in vain is moved twice as far the next time.
    """
    width = float(np.ptp(points, axis=0).max()) or 1.0
    trace = max(APART * width, STEPS * float(np.spacing(np.abs(points).max())))
    taken = set(map(tuple, points[old].tolist()))
    for row in new:
        chance = np.random.default_rng(int(track_ids[row]) & ((1 << 63) - 1))
        place, scale = points[row].copy(), trace
        while (found := tuple(points[row].tolist())) in taken:
            points[row] = place + chance.normal(scale=scale, size=2).astype(np.float32)
            scale *= 2
        taken.add(found)
