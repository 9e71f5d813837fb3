"""How near are two tracks, seen from both?

Conventions
-----------
Mutual proximity (Schnitzer, Flexer, Schedl and Widmer, Journal of Machine Learning Research 13, 2012): the probability
that a third track is less similar to the one *and* less similar to the other. Some tracks are near to everything, as
the middle of a crowd is, and would stand in every list of neighbours; seen from them nobody is special. The two views
are taken as independent, and the far end of a row's similarities, which alone decides, as that of a normal distribution
through its nearest rows (`workbench.neighbours.crowding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.neighbours.crowding import crowding
from workbench.neighbours.search import largest

if TYPE_CHECKING:
    from workbench.neighbours.search import Matrix, Rows
    from workbench.spaces import Space

__all__ = ["mutual_proximity", "nearest_mutually"]

FLAT: Final = 1e-3
"""Least standard deviation of a row's similarities; equal tracks are told apart by rounding only."""

SPREAD: Final = 3
FEWEST: Final = 30
"""The nearest by mutual proximity are sought among three times as many, and no fewer than these, that are nearest by
cosine: at 10,000 made rows more of them make no difference to the lists' skew and orphans."""


def nearest_mutually(space: Space, seed: int, similarities: Matrix, count: int) -> Rows:
    """The rows of highest mutual proximity to a seed, highest first.

    Parameters
    ----------
    space : Space
        Whose rows they are.
    seed : int
        The seed's row.
    similarities : ndarray (n,) float32
        Of the seed to every row; its own is the least.
    count : int
        0 to n - 1.
    """
    others = len(similarities) - 1
    rows = largest(similarities, min(others, max(SPREAD * count, FEWEST)))
    return rows[np.argsort(-mutual_proximity(space, seed, rows, similarities[rows]), kind="stable")[:count]]


def mutual_proximity(space: Space, seed: int, rows: Rows, similarities: Matrix) -> npt.NDArray[np.float64]:
    """Logarithm of the mutual proximity of a seed and some rows, so that the nearly certain can be told apart.

    Parameters
    ----------
    space : Space
        Whose rows they are.
    seed : int
        A row.
    rows : ndarray (n,)
        Other rows.
    similarities : ndarray (n,) float32
        Of the seed to each of them.
    """
    from scipy.special import log_ndtr

    views = crowding(space, np.append(rows, seed)).astype(np.float64)
    mean, spread = views[:, 0], np.maximum(views[:, 1], FLAT)
    seen = (similarities - mean[-1]) / spread[-1]
    seen_back = (similarities - mean[:-1]) / spread[:-1]
    both: npt.NDArray[np.float64] = log_ndtr(seen) + log_ndtr(seen_back)
    return both
