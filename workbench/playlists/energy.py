"""How energetic is each track of a list, and in which order does that rise and fall?

Conventions
-----------
Energy is the estimate ``arousal`` where the rows have one. Else it is measured within the list: the weighted mean of
the tracks' ranks (0 the least of the list, 1 the most) in what arousal is estimated from (`workbench.moods.AROUSAL`:
loudness, brightness, onsets and, falling, the dynamic range), as far as each is known. It is comparable within the list
only. NaN is a track of which nothing of it is known.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.errors import PlaylistError
from workbench.moods import AROUSAL

if TYPE_CHECKING:
    from workbench.playlists.paths import Order, Points

__all__ = ["arc", "energies"]

SHARE: Final = 3
"""Of so many tracks one goes behind the peak."""


def energies(name: str, rows: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Energy of each row of a playlist, ndarray (n,), NaN where unknown.

    Raises
    ------
    PlaylistError
        The rows have none of the columns.
    """
    measured = [column for column in AROUSAL if column in rows.columns]
    if "arousal" in rows.columns:
        arousal = _known(rows["arousal"])
        if arousal.null_count() < len(rows) or not measured:
            return arousal.to_numpy()
    if not measured:
        raise PlaylistError(
            f"playlist {name!r}: its rows have no energy: none of the columns arousal, {', '.join(AROUSAL)}"
        )
    ranks = np.column_stack([_ranks(_known(rows[column]), AROUSAL[column]) for column in measured])
    weights = np.abs([AROUSAL[column] for column in measured])
    total = (~np.isnan(ranks)) @ weights
    found: npt.NDArray[np.float64] = np.nansum(ranks * weights, axis=1) / np.where(total > 0, total, np.nan)
    return found


def arc(energy: npt.NDArray[np.float64], places: Points | None = None) -> Order:
    """An order in which the energy rises to a peak about two thirds through, and falls again.

    From the peak down, of each three tracks that follow each other in energy two go before the peak and one behind it:
    so neither side ever moves by more than five ranks at a step. Of the last two
    one goes behind it too. Which of the three goes behind is chosen by sound
    where there is a space: that which leaves the shortest steps; else the middle one, or the upper of two.

    Parameters
    ----------
    energy : ndarray (n,)
        Known for all.
    places : ndarray (n, d), optional
        Where the tracks stand in a space, of unit length; 0 for one without a place.

    Returns
    -------
    ndarray (n,) of int
        Row numbers; of equal ones the earlier row is nearer to the peak.

    Examples
    --------
    >>> import numpy as np
    >>> arc(np.array([1.0, 2, 3, 4, 5, 6, 7])).tolist()
    [0, 2, 3, 5, 6, 4, 1]
    """
    down = np.argsort(-energy, kind="stable").tolist()
    rising, falling = down[:1], down[:1]  # from the peak outwards
    for first in range(1, len(down), SHARE):
        three = down[first : first + SHARE]
        behind = _behind(three, rising[-1], falling[-1], places)
        falling += [row for row in three if row == behind]
        rising += [row for row in three if row != behind]
    return np.array([*reversed(rising), *falling[1:]], np.intp)


def _behind(three: list[int], before: int, after: int, places: Points | None) -> int | None:
    """Which of three rows, or of the last two, goes behind the peak; None where there is only one."""
    if len(three) == 1:
        return None
    if places is None:
        return three[(len(three) - 1) // 2]
    return min(three, key=lambda row: _steps(row, [each for each in three if each != row], before, after, places))


def _steps(behind: int, ahead: list[int], before: int, after: int, places: Points) -> float:
    """What the steps to a row behind the peak and to those before it add up to."""
    pairs = [(after, behind), *pairwise([before, *ahead])]
    return -float(sum(places[one] @ places[other] for one, other in pairs))


def _known(column: pl.Series) -> pl.Series:
    """Numbers, null where there is none or it is not finite."""
    values = column.cast(pl.Float64)
    return values.set(~values.is_finite().fill_null(value=False), None)


def _ranks(values: pl.Series, weight: float) -> npt.NDArray[np.float64]:
    """Ranks from 0 to 1, equal ones alike; the other way round for a negative weight."""
    known = max(1, len(values) - values.null_count() - 1)
    ranks: npt.NDArray[np.float64] = (values.rank("average").cast(pl.Float64).to_numpy() - 1) / known
    return ranks if weight > 0 else 1 - ranks
