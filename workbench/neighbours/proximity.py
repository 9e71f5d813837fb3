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

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.neighbours.search import NEVER, largest

if TYPE_CHECKING:
    from workbench.neighbours.search import Matrix, Rows

__all__ = ["Views", "proximity"]

FLAT: Final = 1e-3
"""Least standard deviation of a row's similarities; equal tracks are told apart by rounding only."""


class Views:
    """How special a seed and each other row are to each other, in standard deviations above the crowd.

    Parameters
    ----------
    similarities : ndarray (n,) float32
        Of the seed to every row; the seed's own is `search.NEVER`.
    crowd : ndarray (n, 2) float32
        `crowding.crowding` of the space.
    seed : int
        The seed's row.
    """

    def __init__(self, similarities: Matrix, crowd: Matrix, seed: int) -> None:
        mean, spread = crowd[:, 0], np.maximum(crowd[:, 1], np.float32(FLAT))
        self._seen = (similarities - mean[seed]) / spread[seed]
        self._seen_back = (similarities - mean) / spread
        self._weaker = np.minimum(self._seen, self._seen_back)
        self._weaker[seed] = NEVER / FLAT

    def nearest(self, count: int) -> Rows:
        """The rows of highest mutual proximity, highest first, equal ones in their order.

        The product of two probabilities lies between the square of the smaller one and the smaller one: no row whose
        smaller one is below the square of the count-th highest can be among the first.
        """
        if not count:
            return np.empty(0, np.intp)
        from scipy.special import log_ndtr, ndtri_exp

        last = self._weaker[largest(self._weaker, count)[-1]]
        least = np.float32(ndtri_exp(2 * log_ndtr(np.float64(last)))) - np.float32(1e-3)
        chosen = np.flatnonzero(self._weaker >= min(least, last))
        return chosen[np.argsort(-self.logarithm(chosen), kind="stable")[:count]]

    def logarithm(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Logarithm of the mutual proximity of these rows."""
        return proximity(self._seen[rows], self._seen_back[rows])


def proximity(seen: npt.NDArray[Any], seen_back: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Logarithm of the mutual proximity of views in standard deviations; it tells apart what is all but certain."""
    from scipy.special import log_ndtr

    total: npt.NDArray[np.float64] = log_ndtr(seen.astype(np.float64)) + log_ndtr(seen_back.astype(np.float64))
    return total
