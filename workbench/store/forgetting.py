"""What goes when missing tracks are forgotten?

Conventions
-----------
The one place where something that a user may have made is deleted, and only on request: tracks none of whose files is
there, with their analysis, ratings, corrections and places in playlists, and the rows of the files that are missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.store.bulk import delete_rows
from workbench.store.columns import frame_of
from workbench.store.revisions import touch
from workbench.store.suggestions import index_corrections, unindex

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MISSING", "forget_tracks", "missing_frame"]

MISSING: Final[dict[str, pl.DataType]] = {
    "track_id": pl.Int64(),
    "playlists": pl.Int64(),
    "corrections": pl.Int64(),
    "ratings": pl.Int64(),
}
"""One row for each missing track: in how many playlists it stands, how many values and ratings a user gave it."""


def missing_frame(connection: sa.Connection) -> pl.DataFrame:
    """Tracks none of whose files is there, and what hangs on them, as `MISSING`."""
    track, file, item = TABLES["track"], TABLES["file"], TABLES["playlist_item"].c
    lists = sa.select(sa.func.count(sa.distinct(item.playlist_id))).where(item.track_id == track.c.id)
    counts = {"playlists": lists.scalar_subquery()}
    for name, table in (("corrections", TABLES["correction"].c), ("ratings", TABLES["rating"].c)):
        counts[name] = sa.select(sa.func.count()).where(table.track_id == track.c.id).scalar_subquery()
    present = sa.exists().where(file.c.track_id == track.c.id, ~file.c.missing)
    columns = (column.label(name) for name, column in counts.items())
    query = sa.select(track.c.id.label("track_id"), *columns).where(~present).order_by(track.c.id)
    return frame_of(connection, query, MISSING)


def forget_tracks(connection: sa.Connection, track_ids: Sequence[int]) -> None:
    """Delete these missing tracks, all that hangs on them, and what is left of files without a track."""
    file = TABLES["file"]
    touch(connection, track_ids)
    unindex(connection, "title", track_ids)
    for track_id in track_ids:
        index_corrections(connection, track_id, {})
    delete_rows(connection, "file", "track_id", track_ids)
    delete_rows(connection, "track", "id", track_ids)
    connection.execute(file.delete().where(file.c.missing, file.c.track_id.is_(None)))
