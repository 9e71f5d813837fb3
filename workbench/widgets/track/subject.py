"""Which track is looked at, what is known of it, and how is it heard?

Conventions
-----------
A track is an id or a row that names one, by ``track_id`` or by a path. The library's own row stands before the one that
was given.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench import stats
from workbench.errors import TrackError
from workbench.widgets.captions import clock

if TYPE_CHECKING:
    from workbench.features import TrackAnalysis
    from workbench.library import Library

__all__ = ["Subject", "head_of", "subject_of"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One track.

    Attributes
    ----------
    row : dict
        What is known of it.
    tracks : pl.DataFrame or None
        Those it is compared with.
    library : Library or None
        Where it is kept.
    """

    row: dict[str, Any]
    tracks: pl.DataFrame | None = None
    library: Library | None = None

    @property
    def track_id(self) -> int | None:
        """None for a file that is in no library."""
        track_id = self.row.get("track_id")
        return None if track_id is None else int(track_id)

    def listen(self) -> TrackAnalysis:
        """Its curves over time, heard in a worker process; raises as `Library.track_analysis`."""
        if self.library is not None and self.track_id is not None:
            return self.library.track_analysis(self.track_id)
        spelling = self.row.get("path_bytes") or self.row.get("path")
        if not spelling:
            raise TrackError(f"{name_of(self.row)}: the row has no path, and there is no library to ask")
        from workbench.extract import curves

        return curves(Path(os.fsdecode(spelling)))

    def reasons(self) -> dict[str, str]:
        """Why columns are null, by their names; read only where one that is shown is."""
        unknown = any(self.row.get(name) is None for name in (*stats.COMPARED, "key"))
        if self.library is None or not unknown or not self.row.get("analyzed"):
            return {}
        own = self.library.features().filter(pl.col("track_id") == self.track_id)["reasons"].to_list()
        return {entry["column"]: entry["code"] for entry in own[0]} if own else {}

    def percentiles(self, reasons: Mapping[str, str]) -> pl.DataFrame:
        """Its place among the tracks, as `stats.percentiles`; empty where it cannot be compared."""
        if self.tracks is None or self.track_id not in self.tracks["track_id"]:
            return pl.DataFrame(schema=stats.PERCENTILES)
        schema = self.tracks.schema
        there = [name for name in stats.COMPARED if name in schema and schema[name].is_numeric()]
        found = stats.percentiles(self.tracks, int(self.row["track_id"]), features=there)
        codes = [reasons.get(name) for name in found["feature"]]
        return found.with_columns(reason=pl.Series(codes, dtype=pl.String))


def subject_of(
    track: int | Mapping[str, Any], library: Library | None = None, tracks: pl.DataFrame | None = None
) -> Subject:
    """The track that somebody names.

    Parameters
    ----------
    track : int or mapping
        A ``track_id``, or a row with ``track_id`` or ``path``.
    library : Library or None
        Where to look it up.
    tracks : pl.DataFrame or None
        Where to look it up without a library.

    Raises
    ------
    TrackError
        There is no such track, or nowhere to look it up, or the row names none.
    """
    shelf = tracks if library is None else library.tracks()
    if not isinstance(track, Mapping):
        track_id = operator.index(track)
        if shelf is None:
            raise TrackError(
                f"track {track_id}: an id alone names no file; give the library: wb.show({track_id}, library)"
            )
        row = _row(shelf, track_id)
        if row is None:
            raise TrackError(f"no track has the id {track_id} among these {len(shelf)}")
        return Subject(row, shelf, library)
    given = dict(track)
    if given.get("track_id") is None and not (given.get("path_bytes") or given.get("path")):
        raise TrackError("this row has neither a track_id nor a path: give a row of library.tracks()")
    known = None if shelf is None or given.get("track_id") is None else _row(shelf, int(given["track_id"]))
    return Subject(given, tracks) if known is None else Subject(known, shelf, library)


def name_of(row: Mapping[str, Any]) -> str:
    """Its title, else its file's name, else its number."""
    if row.get("title"):
        return str(row["title"])
    return Path(row["path"]).stem if row.get("path") else f"track {row.get('track_id', 'without a name')}"


def head_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What stands above the drawings, as plain text: a title and lines.

    Examples
    --------
    >>> head_of({"title": "Rain", "artist": "Ann", "album": "Wet", "year": 1999, "duration_s": 65.4, "genre": None})
    {'title': 'Rain', 'lines': ['Ann', 'Wet (1999)', '1:05']}
    """
    year = f"({row['year']})" if row.get("year") else None
    album = " ".join(str(part) for part in (row.get("album"), year) if part)
    length = None if row.get("duration_s") is None else clock(row["duration_s"])
    rest = " · ".join(str(part) for part in (row.get("genre"), length) if part)
    return {"title": name_of(row), "lines": [str(line) for line in (row.get("artist"), album, rest) if line]}


def _row(tracks: pl.DataFrame, track_id: int) -> dict[str, Any] | None:
    rows = tracks.filter(pl.col("track_id") == track_id)
    return None if rows.is_empty() else rows.row(0, named=True)
