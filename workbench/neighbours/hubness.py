"""Is somebody everybody's neighbour?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from workbench.errors import SpaceError
from workbench.neighbours.nearest import nearest

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.spaces import Space

__all__ = ["Hubness", "hubness", "skewness"]

SAMPLE: Final = 5_000
"""Tracks beyond which lists of neighbours are counted within a sample."""


@dataclass(frozen=True, slots=True)
class Hubness:
    """How evenly tracks stand in each other's lists of neighbours.

    Attributes
    ----------
    skew : float
        Skewness of the number of lists that a track stands in: 0 even, above 1 a few hubs fill the lists. (Radovanović,
        Nanopoulos and Ivanović, Journal of Machine Learning Research 11, 2010, call it S_k.)
    orphans : float
        Share of tracks in nobody's list.
    largest : int
        Lists that the most frequent track stands in.
    tracks, n : int
        How many tracks were looked at, and neighbours of each.
    """

    skew: float
    orphans: float
    largest: int
    tracks: int
    n: int


def hubness(space: Space, *, n: int = 10, by: Literal["proximity", "distance"] = "proximity", seed: int = 0) -> Hubness:
    """Count in how many lists of `n` neighbours each track stands.

    Parameters
    ----------
    space : Space
        At most 5,000 of its tracks are looked at, among themselves.
    n : int
        Neighbours of each track.
    by : str
        As `nearest` takes it.
    seed : int
        Chooses the sample of a larger space.

    Raises
    ------
    SpaceError
        There are not more than `n` tracks.
    """
    if len(space) <= n:
        raise SpaceError(f"lists of {n} neighbours need more than {len(space)} tracks")
    if len(space) > SAMPLE:
        chosen = np.random.default_rng(seed).choice(len(space), SAMPLE, replace=False)
        space = space.cut(space.track_ids[np.sort(chosen)])
    found = nearest(space, space.track_ids, n=n, by=by)["neighbour_id"].to_numpy()
    counts = np.bincount(space.positions(found), minlength=len(space))
    return Hubness(skewness(counts), float((counts == 0).mean()), int(counts.max()), len(space), n)


def skewness(values: npt.NDArray[np.int64]) -> float:
    """Third standardised moment; 0 where all values are one."""
    deviations = values - values.mean()
    spread = deviations.std()
    return float((deviations**3).mean() / spread**3) if spread else 0.0
