"""How do scanned files become rows?

Conventions
-----------
`FileRecord` in, rows of file, track, artist, album, genre and finding out, all in the caller's transaction and in
bulk. A file that is known keeps its id and its track's id, whatever its tags now say; its analysis stays until a newer
one replaces it. Names are compared folded (NFKC, case-folded) and shown as first met. Every name that comes in goes
into the index of suggestions too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from workbench.models import TABLES, Reason, Stage, State
from workbench.store.albums import VARIOUS, album_identity
from workbench.store.bulk import chunks, delete_rows, insert_rows, moment_text, next_ids, update_rows
from workbench.store.names import fold, name_ids
from workbench.store.revisions import touch
from workbench.store.roots import shown_text
from workbench.store.suggestions import index_names, unindex
from workbench.tags.versions import TAGS_VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from workbench.models import FileRecord, Tags

__all__ = ["store_records"]

TRACK: Final = (
    "album_id",
    "title",
    "disc_number",
    "disc_total",
    "track_number",
    "track_total",
    "year",
    "date",
    "declared_duration_s",
    "bpm_tag",
    "key_tag",
    "rating_tag",
    "play_count",
    "comment",
    "composers",
    "isrc",
    "replaygain_track_gain_db",
    "replaygain_album_gain_db",
    "musicbrainz_id",
    "has_cover",
)
STREAM: Final = ("container", "codec", "bit_rate_bps", "sample_rate_hz", "bit_depth", "channels")
FILE: Final = (
    *("track_id", "path", "path_text", "size_bytes", "mtime_ns", "inode", "folder_cover", "missing", "tags_version"),
    *STREAM,
)
FINDING: Final = ("file_id", "track_id", "stage", "state", "reason", "text", "found_at")


@dataclass(slots=True)
class Place:
    """A record with its rows: those it has, and those it is given."""

    record: FileRecord
    file_id: int
    track_id: int | None
    is_new_file: bool
    is_new_track: bool = False


def store_records(
    connection: sa.Connection, root_id: int, records: Sequence[FileRecord], *, same_sound: Collection[bytes] = ()
) -> list[tuple[State, str]]:
    """Write records of files under a root: new rows for new files, new contents for known ones; gives what is wrong.

    Parameters
    ----------
    connection : Connection
        From `writing`; one call is one batch, a few hundred records at a time.
    root_id : int
        The root that the records' paths are relative to.
    records : sequence of FileRecord
        At most one for each path.
    same_sound : collection of bytes
        Paths of known files whose sound is known to be what it was: their analysis stays current.
    """
    places = _places(connection, root_id, records)
    touch(connection, [place.track_id for place in places if place.track_id is not None])
    usable = [(place, place.record.tags) for place in places if place.record.tags]
    albums = _albums(connection, root_id, usable)
    _tracks(connection, usable, albums)
    known = [place.track_id for place, _ in usable if not place.is_new_track]
    for link, target in (("track_artist", "artist"), ("track_genre", "genre")):
        delete_rows(connection, link, "track_id", known)
        names = [(place.track_id, getattr(tags, f"{target}s")) for place, tags in usable]
        _link(connection, link, target, [(row_id, each) for row_id, each in names if row_id is not None and each])
    _files(connection, root_id, places, same_sound)
    return _findings(connection, places, same_sound)


def _places(connection: sa.Connection, root_id: int, records: Sequence[FileRecord]) -> list[Place]:
    """The records with their ids, old or new."""
    file = TABLES["file"].c
    known: dict[bytes, tuple[int, int | None]] = {}
    for paths in chunks([record.path for record in records]):
        query = sa.select(file.path, file.id, file.track_id).where(file.root_id == root_id, file.path.in_(paths))
        known |= {path: (file_id, track_id) for path, file_id, track_id in connection.execute(query)}
    file_ids = iter(next_ids(connection, "file", len(records) - len(known)))
    places = [
        Place(record, *(known.get(record.path) or (next(file_ids), None)), is_new_file=record.path not in known)
        for record in records
    ]
    newcomers = [place for place in places if place.record.tags and place.track_id is None]
    for place, track_id in zip(newcomers, next_ids(connection, "track", len(newcomers)), strict=True):
        place.track_id, place.is_new_track = track_id, True
    return places


def _albums(connection: sa.Connection, root_id: int, usable: Sequence[tuple[Place, Tags]]) -> dict[bytes, int]:
    """Album id by path; makes the albums that are new and names their artists."""
    rows: dict[str, Tags] = {}
    artists: dict[str, tuple[str, ...]] = {}
    identities: dict[bytes, str] = {}
    for place, tags in usable:
        identity = album_identity(root_id, place.record.path, tags)
        identities[place.record.path] = identity
        artists[identity] = artists.get(identity) or tags.album_artists or ((VARIOUS,) if tags.compilation else ())
        rows.setdefault(identity, tags)
    album = TABLES["album"].c
    ids: dict[str, int] = {}
    for some in chunks(list(rows)):
        query = sa.select(album.identity, album.id).where(album.identity.in_(some))
        ids |= dict(connection.execute(query).all())
    for some in chunks(list(ids.values())):
        track = TABLES["track"].c
        touch(connection, connection.execute(sa.select(track.id).where(track.album_id.in_(some))).scalars())
    named = [row_id for identity, row_id in ids.items() if artists[identity]]
    delete_rows(connection, "album_artist", "album_id", named)
    _renew_albums(connection, {row_id: rows[identity] for identity, row_id in ids.items()})
    new = [identity for identity in rows if identity not in ids]
    ids |= zip(new, next_ids(connection, "album", len(new)), strict=True)
    columns = ("id", "identity", "name", "year", "compilation", "musicbrainz_id")
    made = [(ids[each], each, *_album_row(rows[each])) for each in new]
    insert_rows(connection, "album", columns, made)
    index_names(connection, "album", [(row_id, name) for row_id, _, name, *_ in made])
    _link(connection, "album_artist", "artist", [(ids[each], names) for each, names in artists.items() if names])
    return {path: ids[identity] for path, identity in identities.items()}


def _renew_albums(connection: sa.Connection, albums: Mapping[int, Tags]) -> None:
    """Let known albums be called and counted as their tracks say now."""
    rows = [(tags.album, int(bool(tags.compilation)), row_id) for row_id, tags in albums.items()]
    update_rows(connection, "album", ("name", "compilation"), rows)
    unindex(connection, "album", albums)
    index_names(connection, "album", [(row_id, name) for name, _, row_id in rows])


def _album_row(tags: Tags) -> tuple[Any, ...]:
    return tags.album, tags.year, int(bool(tags.compilation)), tags.musicbrainz_album_id


def _tracks(connection: sa.Connection, usable: Sequence[tuple[Place, Tags]], albums: Mapping[bytes, int]) -> None:
    """Make the tracks that are new and renew the others."""
    moment = moment_text()
    rows = [(place, _track_row(tags, albums[place.record.path])) for place, tags in usable]
    made = [(*row, moment, place.track_id) for place, row in rows if place.is_new_track]
    insert_rows(connection, "track", (*TRACK, "added_at", "id"), made)
    kept = [(*row, place.track_id) for place, row in rows if not place.is_new_track]
    update_rows(connection, "track", TRACK, kept)
    unindex(connection, "title", [row[-1] for row in kept])
    title = TRACK.index("title")
    index_names(connection, "title", [(row[-1], row[title]) for row in (*made, *kept)])


def _track_row(tags: Tags, album_id: int) -> tuple[Any, ...]:
    return (
        album_id,
        tags.title,
        tags.disc_number,
        tags.disc_total,
        tags.track_number,
        tags.track_total,
        tags.year,
        tags.date,
        tags.stream.duration_s,
        tags.bpm,
        tags.key,
        tags.rating,
        tags.play_count,
        tags.comment,
        "; ".join(tags.composers) or None,
        tags.isrc,
        tags.replaygain_track_gain_db,
        tags.replaygain_album_gain_db,
        tags.musicbrainz_track_id,
        int(tags.has_cover),
    )


def _files(connection: sa.Connection, root_id: int, places: Sequence[Place], same_sound: Collection[bytes]) -> None:
    """A file that no longer reads as music keeps its track, so that nothing made with it is lost."""
    moment = moment_text()
    made = [(*_file_row(place), root_id, moment, place.file_id) for place in places if place.is_new_file]
    insert_rows(connection, "file", (*FILE, "root_id", "read_at", "id"), made)
    known = [place for place in places if not place.is_new_file]
    changed = [place for place in known if place.record.path not in same_sound]
    update_rows(
        connection, "file", (*FILE, "read_at"), [(*_file_row(place), moment, place.file_id) for place in changed]
    )
    same = [place for place in known if place.record.path in same_sound]
    update_rows(connection, "file", FILE, [(*_file_row(place), place.file_id) for place in same])


def _file_row(place: Place) -> tuple[Any, ...]:
    record = place.record
    stream = record.tags.stream if record.tags else None
    return (
        place.track_id,
        record.path,
        shown_text(record.path),
        record.size_bytes,
        record.mtime_ns,
        record.inode,
        record.folder_cover,
        0,
        TAGS_VERSION,
        *(getattr(stream, name, None) for name in STREAM),
    )


def _findings(
    connection: sa.Connection, places: Sequence[Place], same_sound: Collection[bytes]
) -> list[tuple[State, str]]:
    """Replace what was found of these files before they are analysed anew; what they sound like may still hold."""
    finding = TABLES["finding"]
    known = [place for place in places if not place.is_new_file]
    early = finding.c.stage.in_((Stage.WALK, Stage.TAGS))
    unheard = early | (finding.c.state != State.WARNING)
    for which, condition in (
        ([place for place in known if not place.record.tags], sa.true()),
        ([place for place in known if place.record.tags and place.record.path not in same_sound], unheard),
        ([place for place in known if place.record.tags and place.record.path in same_sound], early),
    ):
        for ids in chunks([place.file_id for place in which]):
            connection.execute(finding.delete().where(finding.c.file_id.in_(ids), condition))
    moment = moment_text()
    rows = [
        (place.file_id, place.track_id if place.record.tags else None, *found, moment)
        for place in places
        for found in _found(place.record)
    ]
    insert_rows(connection, "finding", FINDING, rows)
    return [(row[3], row[4]) for row in rows]


def _found(record: FileRecord) -> list[tuple[Stage, State, Reason, str]]:
    """Stage, state, reason and text of what is wrong with a file."""
    found: list[tuple[Stage, State, Reason, str]] = []
    if record.stage and record.state and record.reason:
        text = record.text or f"nothing more is known than: {record.reason.replace('_', ' ')}"
        found.append((record.stage, record.state, record.reason, text))
    if record.tags and record.reason is not Reason.BAD_TAGS:
        named = {"title": record.tags.title, "artist": record.tags.artists, "album": record.tags.album}
        missing = [name for name, value in named.items() if not value]
        if missing:
            found.append((Stage.TAGS, State.WARNING, Reason.MISSING_TAGS, f"says no {', no '.join(missing)}"))
    return found


def _link(connection: sa.Connection, link: str, target: str, owners: Sequence[tuple[int, tuple[str, ...]]]) -> None:
    """Give rows the names they are linked to: artists of a track, genres of a track, artists of an album."""
    folded = [(row_id, _folded(names)) for row_id, names in owners]
    ids = name_ids(connection, target, {key: name for _, names in reversed(folded) for key, name in names.items()})
    role = ("artist",) if link == "track_artist" else ()
    rows = [(row_id, ids[key], position, *role) for row_id, names in folded for position, key in enumerate(names)]
    owner = link.partition("_")[0] + "_id"
    columns = (owner, f"{target}_id", "position", *(("role",) if role else ()))
    insert_rows(connection, link, columns, rows)


def _folded(names: Sequence[str]) -> dict[str, str]:
    """Names by their folded forms, in their order, each as it is spelt first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(fold(name), name)
    found.pop("", None)
    return found
