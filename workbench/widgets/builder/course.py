"""What is to be seen of a list's tracks: a line for each, and how energy, tempo and key go along?

Conventions
-----------
Plain lists and dicts that a page can be sent as JSON. What is unknown is None, never 0. Texts are for people; the page
shows them as text.
"""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

from workbench.keys import CAMELOT, compatible
from workbench.widgets.captions import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["course", "lines", "starts"]

UNKNOWN: Final = "\u2013"
READ: Final = ("track_id", "title", "artist", "camelot", "bpm", "duration_s")
ENERGIES: Final = (("arousal", "arousal (estimate)", 2), ("loudness_lufs", "loudness (LUFS)", 1))
"""Columns that stand for energy, the best first: name, what the plot says, decimals."""


def lines(tracks: pl.DataFrame) -> list[dict[str, Any]]:
    """Texts of each row: ``id``, ``title``, ``artist``, ``key``, ``tempo`` and ``length``; a dash is unknown."""
    read = [name for name in READ if name in tracks.columns]
    return [_line(row) for row in tracks.select(read).iter_rows(named=True)]


def starts(tracks: pl.DataFrame) -> list[str]:
    """When each track begins, counted from the beginning of the list; "+" where a track before has no known length.

    Examples
    --------
    >>> import polars as pl
    >>> starts(pl.DataFrame({"duration_s": [60.0, None, 5.0]}))
    ['0:00', '1:00', '1:00+']
    """
    lengths = _numbers(tracks, "duration_s")
    times = [0.0, *accumulate(length or 0.0 for length in lengths)]
    unsure = [0, *accumulate(length is None for length in lengths)]
    return [f"{clock(time)}{'+' if more else ''}" for time, more in zip(times, unsure, strict=True)][:-1]


def course(tracks: pl.DataFrame) -> dict[str, Any]:
    """Energy, tempo and key along a list.

    Parameters
    ----------
    tracks : pl.DataFrame
        In order. Reads what there is of ``duration_s``, ``arousal``, ``loudness_lufs``, ``bpm`` and ``camelot``.

    Returns
    -------
    dict
        ``by``: "time" (seconds), or "number" where no length is known. ``edges``: n + 1 places, where each track begins
        and the last one ends; a track of unknown length has no width. ``bands``: energy, where it is known of any
        track, and tempo, each with ``name``, ``decimals`` and ``values``. ``keys``: Camelot codes. ``mixes``: whether a
        track's key mixes with that of the one before (`workbench.keys.compatible`), None where either is unknown.
    """
    keys = _keys(tracks)
    mixes = [None, *(None if None in pair else pair[1] in compatible(pair[0]) for pair in pairwise(keys))]  # type: ignore[arg-type]
    bands = [*_energy(tracks), {"name": "tempo (BPM)", "decimals": 0, "values": _numbers(tracks, "bpm")}]
    lengths = _numbers(tracks, "duration_s")
    by_time = any(lengths)
    widths = [length or 0.0 for length in lengths] if by_time else [1.0] * len(tracks)
    return {
        "by": "time" if by_time else "number",
        "edges": [0.0, *accumulate(widths)],
        "bands": bands,
        "keys": keys,
        "mixes": mixes[: len(tracks)],
    }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    tempo, length = row.get("bpm"), row.get("duration_s")
    return {
        "id": row["track_id"],
        "title": row.get("title") or f"track {row['track_id']}",
        "artist": row.get("artist") or UNKNOWN,
        "key": row.get("camelot") or UNKNOWN,
        "tempo": UNKNOWN if tempo is None else f"{tempo:.0f}",
        "length": UNKNOWN if length is None else clock(length),
    }


def _energy(tracks: pl.DataFrame) -> list[dict[str, Any]]:
    for column, name, decimals in ENERGIES:
        values = _numbers(tracks, column)
        if any(value is not None for value in values):
            return [{"name": name, "decimals": decimals, "values": values}]
    return []


def _numbers(tracks: pl.DataFrame, column: str) -> list[float | None]:
    """A column's numbers; None for all where there is no such column."""
    if column not in tracks.columns:
        return [None] * len(tracks)
    return [float(value) if value is not None and math.isfinite(value) else None for value in tracks[column]]


def _keys(tracks: pl.DataFrame) -> Sequence[str | None]:
    if "camelot" not in tracks.columns:
        return [None] * len(tracks)
    return [code if code in CAMELOT else None for code in tracks["camelot"]]
