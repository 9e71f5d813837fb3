"""How do scanned files become rows?

Conventions
-----------
`FileRecord` in, rows of file, track, artist, album, genre and finding out, all in the caller's transaction and in
bulk. A file that is known keeps its id and its track's id, whatever its tags now say; its analysis stays until a newer
one replaces it. Names are compared folded (NFKC, case-folded) and shown as first met.

Two tracks share an album when its identity is equal: the MusicBrainz release id; else album artist and name; else,
without an album artist, the folder and the name (a compilation, or self-titled albums of two artists); a track without
an album name belongs to its folder's own nameless album, so that two folders of untagged files stay two.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.roots import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workbench.models import FileRecord, Tags

__all__ = ["fold", "store_records"]

VARIOUS = "Various Artists"
DISC_FOLDER = re.compile(rb"(cd|dis[ck])[ _-]*\d+", re.IGNORECASE)
IN_CLAUSE = 500
SAME_NAME = (
    "title",
    "disc_number",
    "disc_total",
    "track_number",
    "track_total",
    "year",
    "date",
    "comment",
    "isrc",
    "replaygain_track_gain_db",
    "replaygain_album_gain_db",
    "has_cover",
)
STREAM = ("container", "codec", "bit_rate_bps", "sample_rate_hz", "bit_depth", "channels")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A record with the rows it already has."""

    record: FileRecord
    file_id: int | None
    track_id: int | None


def store_records(connection: sa.Connection, root_id: int, records: Sequence[FileRecord]) -> None:
    """Write records of files under a root: new rows for new files, new contents for known ones.

    Parameters
    ----------
    connection : Connection
        From `writing`; one call is one batch, a few hundred records at a time.
    root_id : int
        The root that the records' paths are relative to.
    records : sequence of FileRecord
        At most one for each path.
    """
    places = _places(connection, root_id, records)
    usable = [place for place in places if place.record.tags]
    albums = _albums(connection, root_id, usable)
    track_ids = _tracks(connection, usable, albums)
    tags = {track_ids[place.record.path]: place.record.tags for place in usable if place.record.tags}
    _links(connection, "track_artist", "artist", {i: t.artists for i, t in tags.items()})
    _links(connection, "track_genre", "genre", {i: t.genres for i, t in tags.items()})
    file_ids = _files(connection, root_id, places, track_ids)
    _findings(connection, places, file_ids, track_ids)


def fold(name: str) -> str:
    """Form in which two spellings of a name compare equal: NFKC, case-folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _places(connection: sa.Connection, root_id: int, records: Sequence[FileRecord]) -> list[Place]:
    file = TABLES["file"].c
    known: dict[bytes, tuple[int, int | None]] = {}
    for paths in _chunks([record.path for record in records]):
        query = sa.select(file.path, file.id, file.track_id).where(file.root_id == root_id, file.path.in_(paths))
        known |= {path: (file_id, track_id) for path, file_id, track_id in connection.execute(query)}
    return [Place(record, *known.get(record.path, (None, None))) for record in records]


def _albums(connection: sa.Connection, root_id: int, places: Sequence[Place]) -> dict[bytes, int]:
    """Album id by path; makes the albums that are new and names their artists."""
    rows: dict[str, Row] = {}
    artists: dict[str, tuple[str, ...]] = {}
    identities: dict[bytes, str] = {}
    for place in places:
        tags = place.record.tags
        if tags is None:
            continue
        identity = _album_identity(root_id, place.record.path, tags)
        identities[place.record.path] = identity
        artists[identity] = artists.get(identity) or tags.album_artists or ((VARIOUS,) if tags.compilation else ())
        rows.setdefault(
            identity,
            {
                "name": tags.album,
                "year": tags.year,
                "compilation": bool(tags.compilation),
                "musicbrainz_id": tags.musicbrainz_album_id,
            },
        )
    ids = _ids(connection, "album", "identity", rows)
    _links(connection, "album_artist", "artist", {ids[i]: names for i, names in artists.items() if names})
    return {path: ids[identity] for path, identity in identities.items()}


def _album_identity(root_id: int, path: bytes, tags: Tags) -> str:
    folder, name = posixpath.split(posixpath.dirname(path))
    place = folder if tags.album and DISC_FOLDER.fullmatch(name) else posixpath.dirname(path)
    if tags.musicbrainz_album_id:
        return f"musicbrainz:{tags.musicbrainz_album_id}"
    if not tags.album:
        return f"folder:{root_id}:{place.hex()}:"
    if tags.album_artists or tags.compilation:
        return f"artist:{fold('/'.join(tags.album_artists) or VARIOUS)}:{fold(tags.album)}"
    return f"folder:{root_id}:{place.hex()}:{fold(tags.album)}"


def _tracks(connection: sa.Connection, places: Sequence[Place], albums: Mapping[bytes, int]) -> dict[bytes, int]:
    """Track id by path; makes the tracks that are new and renews the others."""
    track = TABLES["track"]
    new = [place for place in places if place.track_id is None]
    old = [place for place in places if place.track_id is not None]
    made = _insert(connection, track, [_track_row(place, albums) | {"added_at": now()} for place in new])
    if old:
        update = track.update().where(track.c.id == sa.bindparam("track"))
        connection.execute(update, [_track_row(place, albums) | {"track": place.track_id} for place in old])
    known = {place.record.path: place.track_id for place in old if place.track_id is not None}
    return known | dict(zip((place.record.path for place in new), made, strict=True))


def _track_row(place: Place, albums: Mapping[bytes, int]) -> Row:
    tags = place.record.tags
    if tags is None:
        raise ValueError(place)
    return {name: getattr(tags, name) for name in SAME_NAME} | {
        "album_id": albums[place.record.path],
        "declared_duration_s": tags.stream.duration_s,
        "bpm_tag": tags.bpm,
        "key_tag": tags.key,
        "composers": "; ".join(tags.composers) or None,
        "musicbrainz_id": tags.musicbrainz_track_id,
    }


def _files(
    connection: sa.Connection, root_id: int, places: Sequence[Place], track_ids: Mapping[bytes, int]
) -> dict[bytes, int]:
    """File id by path. A file that no longer reads as music keeps its track, so that nothing made with it is lost."""
    file = TABLES["file"]
    rows = {
        place.record.path: _file_row(place.record)
        | {"root_id": root_id, "track_id": track_ids.get(place.record.path, place.track_id)}
        for place in places
    }
    new = [place.record.path for place in places if place.file_id is None]
    old = [(place.file_id, place.record.path) for place in places if place.file_id is not None]
    made = _insert(connection, file, [rows[path] for path in new])
    if old:
        update = file.update().where(file.c.id == sa.bindparam("file"))
        connection.execute(update, [rows[path] | {"file": file_id} for file_id, path in old])
    return {path: file_id for file_id, path in old} | dict(zip(new, made, strict=True))


def _file_row(record: FileRecord) -> Row:
    row: Row = {
        "path": record.path,
        "path_text": text_of(record.path),
        "size_bytes": record.size_bytes,
        "mtime_ns": record.mtime_ns,
        "inode": record.inode,
        "folder_cover": record.folder_cover,
        "missing": False,
        "read_at": now(),
    }
    stream = record.tags.stream if record.tags else None
    return row | {name: getattr(stream, name, None) for name in STREAM}


def _findings(
    connection: sa.Connection, places: Sequence[Place], files: Mapping[bytes, int], tracks: Mapping[bytes, int]
) -> None:
    """Replace what was found about these files, at whatever stage: they are looked at anew."""
    finding = TABLES["finding"]
    for ids in _chunks([place.file_id for place in places if place.file_id is not None]):
        connection.execute(finding.delete().where(finding.c.file_id.in_(ids)))
    rows = [
        {
            "file_id": files[record.path],
            "track_id": tracks.get(record.path),
            "stage": record.stage,
            "state": record.state,
            "reason": record.reason,
            "text": record.text or record.reason,
            "found_at": now(),
        }
        for record in (place.record for place in places)
        if record.reason
    ]
    if rows:
        connection.execute(finding.insert(), rows)


def _links(connection: sa.Connection, link: str, target: str, names: Mapping[int, Sequence[str]]) -> None:
    """Replace the names that rows are linked to: artists of a track, genres of a track, artists of an album."""
    shown: dict[str, Row] = {}
    for name in (name for many in names.values() for name in many if fold(name)):
        shown.setdefault(fold(name), {"name": name.strip()})
    ids = _ids(connection, target, "name_fold", shown)
    owner = link.partition("_")[0] + "_id"
    table = TABLES[link]
    for owners in _chunks(list(names)):
        connection.execute(table.delete().where(table.c[owner].in_(owners)))
    rows = [
        {owner: row_id, f"{target}_id": ids[folded], "position": position}
        for row_id, many in names.items()
        for position, folded in enumerate(dict.fromkeys(fold(name) for name in many if fold(name)))
    ]
    if rows:
        role = {"role": "artist"} if "role" in table.c else {}
        connection.execute(table.insert(), [row | role for row in rows])


def _ids(connection: sa.Connection, name: str, key: str, rows: Mapping[str, Row]) -> dict[str, int]:
    """Row id by key; makes the rows that are new."""
    table = TABLES[name]
    found: dict[str, int] = {}
    for keys in _chunks(list(rows)):
        query = sa.select(table.c[key], table.c.id).where(table.c[key].in_(keys))
        found |= {text: int(row_id) for text, row_id in connection.execute(query)}
    new = [text for text in rows if text not in found]
    made = _insert(connection, table, [rows[text] | {key: text} for text in new])
    return found | dict(zip(new, made, strict=True))


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> list[int]:
    """Ids of new rows, in order."""
    if not rows:
        return []
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Pieces short enough for an IN clause."""
    return (items[start : start + IN_CLAUSE] for start in range(0, len(items), IN_CLAUSE))
