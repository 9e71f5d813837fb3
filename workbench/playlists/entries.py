"""What does a playlist file say of each track?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from workbench import playlist_files
from workbench.errors import PlaylistError
from workbench.playlists.needs import need

if TYPE_CHECKING:
    import polars as pl

__all__ = ["entries"]


def entries(name: str, rows: pl.DataFrame) -> list[playlist_files.Entry]:
    """Of each row its path and what a player shows.

    Raises
    ------
    PlaylistError
        A row has neither ``path_bytes`` nor ``path``.
    """
    if "path_bytes" not in rows.columns:
        need(name, rows, "path")
    return [_entry(name, row) for row in rows.iter_rows(named=True)]


def _entry(name: str, row: dict[str, Any]) -> playlist_files.Entry:
    path = row.get("path_bytes") or row.get("path")
    if not path:
        track_id = row["track_id"]
        raise PlaylistError(f"playlist {name!r}: track {track_id} has no path; leave it out: .remove([{track_id}])")
    told = {column: row.get(column) for column in ("title", "artist", "album", "duration_s", "track_number")}
    return playlist_files.Entry(path=os.fsencode(path), **told)
