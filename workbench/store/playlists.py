"""How are playlists kept?

Conventions
-----------
A playlist is its user's, known by its name; saving under a known name replaces its items and keeps its id. Items are
track ids in order; the same track may stand twice. How a playlist is made again stands beside them: its search, and all
of its origin and steps as JSON, that `workbench.playlists` writes and reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
import sqlalchemy as sa

from workbench.errors import PlaylistError
from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["memberships", "owner_id", "playlist_selection", "playlist_track_ids", "playlists_frame", "store_playlist"]

OWNER = "me"

PLAYLISTS: Final = {
    "playlist_id": pl.Int64(),
    "name": pl.String(),
    "tracks": pl.Int64(),
    "origin": pl.String(),
    "query": pl.String(),
    "modified_at": pl.Datetime("us"),
}


def owner_id(connection: sa.Connection) -> int:
    """Id of the lone user, made at the first call."""
    user = TABLES["user"]
    found = connection.execute(sa.select(user.c.id).order_by(user.c.id)).scalars().first()
    if found is None:
        row = {"name": OWNER, "role": "owner"}
        found = connection.execute(user.insert().returning(user.c.id), row).scalar_one()
    return int(found)


def store_playlist(
    connection: sa.Connection,
    name: str,
    track_ids: Sequence[int],
    *,
    query: str | None = None,
    selection: Mapping[str, Any] | None = None,
) -> int:
    """Id of the playlist that now has this name and these tracks.

    Parameters
    ----------
    query : str or None
        The search that its tracks come from, if it is one.
    selection : mapping or None
        How it is made again, JSON-able.

    Raises
    ------
    PlaylistError
        A track is not in the store.
    """
    touch(connection, ())
    playlist, item, track = TABLES["playlist"], TABLES["playlist_item"], TABLES["track"].c
    known = set(connection.execute(sa.select(track.id)).scalars())
    strangers = sorted(set(track_ids) - known, key=str)
    if strangers:
        raise PlaylistError(f"playlist {name!r}: tracks {strangers[:5]} are not in this library; choose from tracks()")
    user = owner_id(connection)
    mine = (playlist.c.user_id == user) & (playlist.c.name == name)
    found = connection.execute(sa.select(playlist.c.id).where(mine)).scalar_one_or_none()
    if found is None:
        row = {"user_id": user, "name": name, "created_at": now(), "modified_at": now()}
        found = connection.execute(playlist.insert().returning(playlist.c.id), row).scalar_one()
    values = {"modified_at": now(), "query": query, "selection": None if selection is None else dict(selection)}
    connection.execute(playlist.update().where(playlist.c.id == found).values(values))
    connection.execute(item.delete().where(item.c.playlist_id == found))
    rows = [{"playlist_id": found, "position": n, "track_id": track_id} for n, track_id in enumerate(track_ids)]
    if rows:
        connection.execute(item.insert(), rows)
    return int(found)


def playlist_track_ids(connection: sa.Connection, name: str) -> list[int]:
    """Track ids of a playlist, in order.

    Raises
    ------
    PlaylistError
        There is no playlist of this name.
    """
    item = TABLES["playlist_item"].c
    found = _of_name(connection, name)
    query = sa.select(item.track_id).where(item.playlist_id == found).order_by(item.position)
    return list(connection.execute(query).scalars())


def playlist_selection(connection: sa.Connection, name: str) -> object:
    """How a playlist is made again, as it was written: a mapping, unless somebody else wrote it.

    None for a list of tracks, a text for what is no JSON.

    Raises
    ------
    PlaylistError
        There is no playlist of this name.
    """
    playlist = TABLES["playlist"].c
    query = sa.select(playlist.selection).where(playlist.id == _of_name(connection, name))
    try:
        return connection.execute(query).scalar_one()
    except (ValueError, RecursionError) as error:  # JSON's, of a text that is none or too deep
        return f"{type(error).__name__}: {error}"


def _of_name(connection: sa.Connection, name: str) -> int:
    """Id of a playlist."""
    playlist = TABLES["playlist"].c
    found = connection.execute(sa.select(playlist.id).where(playlist.name == name)).scalar_one_or_none()
    if found is None:
        names = ", ".join(connection.execute(sa.select(playlist.name).order_by(playlist.name)).scalars()) or "none yet"
        raise PlaylistError(f"no playlist {name!r}; there are: {names}")
    return int(found)


def memberships(connection: sa.Connection) -> dict[str, set[int]]:
    """Ids of the tracks in each playlist, by its name."""
    playlist, item = TABLES["playlist"], TABLES["playlist_item"]
    joined = playlist.outerjoin(item, item.c.playlist_id == playlist.c.id)
    found: dict[str, set[int]] = {}
    for name, track_id in connection.execute(sa.select(playlist.c.name, item.c.track_id).select_from(joined)):
        found.setdefault(name, set()).update([] if track_id is None else [track_id])
    return found


def playlists_frame(connection: sa.Connection) -> pl.DataFrame:
    """One row a playlist: playlist_id, name, tracks, origin (kind; null: a list), query, modified_at."""
    playlist = TABLES["playlist"].c
    try:
        rows = _listed(connection, playlist.selection["origin"]["kind"].as_string())
    except sa.exc.OperationalError:  # SQLite reads no kind of a text that is no JSON, nor of those beside it
        rows = [(*row[:3], _kind(connection, row[1]), *row[4:]) for row in _listed(connection, sa.null())]
    return pl.DataFrame(rows, PLAYLISTS, orient="row").with_columns(pl.col("modified_at").dt.replace_time_zone("UTC"))


def _listed(connection: sa.Connection, origin: sa.ColumnElement[Any]) -> list[tuple[Any, ...]]:
    """The rows of `playlists_frame`, with this in the place of the origin."""
    playlist, item = TABLES["playlist"], TABLES["playlist_item"]
    columns = (playlist.c.id, playlist.c.name, sa.func.count(item.c.position), origin)
    query = (
        sa.select(*columns, playlist.c.query, playlist.c.modified_at)
        .select_from(playlist.outerjoin(item, item.c.playlist_id == playlist.c.id))
        .group_by(playlist.c.id)
        .order_by(playlist.c.name)
    )
    return [tuple(row) for row in connection.execute(query)]


def _kind(connection: sa.Connection, name: str) -> str | None:
    """The kind of a playlist's origin; None where there is none to be read."""
    made = playlist_selection(connection, name)
    origin = made.get("origin") if isinstance(made, dict) else None
    kind = origin.get("kind") if isinstance(origin, dict) else None
    return kind if isinstance(kind, str) and kind.isprintable() else None
