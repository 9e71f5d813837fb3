"""Which tracks can be mixed into each other, by key and tempo?

Conventions
-----------
Two keys mix where `workbench.keys.compatible` says so: the same Camelot code, one hour before or after, the other
letter of the hour. Two tempos mix where the faster is at most 6 % faster than the slower, or than its half or its
double: a record that is played 6 % faster sounds a semitone higher (2 ** (1 / 12) = 1.059), as if it were in another
key. A step from one track to the next mixes where both do. Of an unknown key or tempo nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.keys import CAMELOT, compatible
from workbench.playlists.needs import need
from workbench.playlists.paths import short_path

if TYPE_CHECKING:
    from workbench.playlists.paths import Cost, Order, Points

__all__ = ["clashes", "harmonic_path", "known_in", "need_key_and_tempo"]

CODES: Final = tuple(CAMELOT)
CLASHES: Final = np.array([[float(other not in compatible(code)) for other in CODES] for code in CODES])
"""1 where two keys do not mix."""

WIDEST: Final = float(np.log2(1.06)) + 1e-9
"""Most octaves between tempos that mix."""

TAIL: Final = 3.0
"""More than tempo and sound together add to a step: an octave, and a distance of 2."""


def _key_and_tempo(rows: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Number of the key in `CODES`, and the tempo in octaves above 1 BPM; NaN where unknown.

    Returns
    -------
    ndarray (n, 2)
    """
    places = {code: float(place) for place, code in enumerate(CODES)}
    keys = rows["camelot"].cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Float64)
    tempos = rows["bpm"].cast(pl.Float64)
    octaves = tempos.set(~(tempos > 0).fill_null(value=False), None).log(2)
    found = np.column_stack([keys.to_numpy(), octaves.to_numpy()])
    return np.where(np.isfinite(found), found, np.nan)


def harmonic_path(
    rows: pl.DataFrame, places: Points | None = None, *, start: int | None = None, end: int | None = None
) -> Order:
    """An order of tracks of known key and tempo in which as few steps as can be found do not mix.

    A step costs 1 for keys that do not mix and 1 for tempos that do not. Among orders of equal sum that one is sought
    in which the tempo moves least (in octaves, less half or double, at most 1 a step), added to the distances in the
    space where there is one: these count for less than a single clash, however many there are. With a space there is
    more to weigh in the same time, and a few clashes more are left (16 of 199 steps against 10, on made tracks).

    Parameters
    ----------
    rows : polars.DataFrame
        Reads ``camelot`` and ``bpm``.
    places : ndarray (n, d), optional
        Where the tracks stand in a space, of unit length; 0 for one without a place.
    start, end : int, optional
        Rows that stay first and last.
    """
    points = _key_and_tempo(rows)
    if places is not None:
        points = np.hstack([points, places])
    return short_path(points, _cost(TAIL * max(1, len(rows))), start=start, end=end)


def need_key_and_tempo(name: str, rows: pl.DataFrame) -> None:
    """Refuse rows without a column for the key or the tempo.

    Raises
    ------
    PlaylistError
        There is no such column.
    """
    need(name, rows, "camelot")
    need(name, rows, "bpm")


def known_in(rows: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether the key and the tempo of each row are known."""
    known: npt.NDArray[np.bool_] = np.isfinite(_key_and_tempo(rows).sum(axis=1))
    return known


def clashes(rows: pl.DataFrame) -> tuple[list[int], int]:
    """Steps that do not mix, by the position they start from, and how many steps there are between known tracks."""
    points = _key_and_tempo(rows)
    one, other = points[:-1], points[1:]
    known = np.flatnonzero(~np.isnan(one).any(axis=1) & ~np.isnan(other).any(axis=1))
    keys = CLASHES[one[known, 0].astype(np.intp), other[known, 0].astype(np.intp)]
    clashing = (keys > 0) | (_apart(one[known, 1], other[known, 1]) > WIDEST)
    return known[clashing].tolist(), len(known)


def _cost(clash: float) -> Cost:
    def cost(points: Points, point: Points) -> Points:
        apart = _apart(points[:, 1], point[1])
        keys = CLASHES[int(point[0])][points[:, 0].astype(np.intp)]
        sound = 1 - points[:, 2:] @ point[2:] if len(point) > 2 else 0.0  # noqa: PLR2004  behind key and tempo
        costs: Points = clash * (keys + (apart > WIDEST)) + np.minimum(apart, 1) + sound
        return costs

    return cost


def _apart(one: Points, other: Points) -> Points:
    """Octaves between tempos, or between one and the other's half or double."""
    octaves = np.abs(one - other)
    apart: Points = np.minimum(octaves, np.abs(octaves - 1))
    return apart
