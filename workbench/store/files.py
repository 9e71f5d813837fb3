"""Which files does the store know, and which of them are gone from their places?

Conventions
-----------
A path is bytes relative to its root, "/" between parts. A file that was not seen is marked missing; nothing of it is
deleted. When a file is found again at another place, its row moves there, and its track with it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from workbench.models import TABLES, Reason, Stage
from workbench.store.bulk import chunks, delete_rows, fetch
from workbench.store.revisions import touch
from workbench.store.roots import shown_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = [
    "WORTH_ANOTHER_LOOK",
    "GoneFile",
    "KnownFile",
    "Sound",
    "count_present",
    "doubtful_files",
    "drop_files",
    "elsewhere",
    "gone_files",
    "known_files",
    "make_way",
    "mark_missing",
    "mark_present",
    "missing_files",
    "refusals",
    "relocate",
    "respell",
]

WORTH_ANOTHER_LOOK = (
    Reason.UNREADABLE,
    Reason.VANISHED,
    Reason.TIMEOUT,
    Reason.OUT_OF_MEMORY,
    Reason.WORKER_DIED,
    Reason.UNICODE_TWIN,
)
"""Reasons that may be gone next time though the file is the same: permissions, a network, a busy machine, a twin."""


class KnownFile(NamedTuple):
    """What the store remembers of a file that tells whether it changed."""

    path: bytes
    file_id: int
    size_bytes: int
    mtime_ns: int
    missing: int
    has_track: int
    tags_version: int


class Sound(NamedTuple):
    """What the headers declare that tagging anew does not change."""

    codec: str | None
    sample_rate_hz: int | None
    channels: int | None
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class GoneFile:
    """A file with a track that is not where it was, and what tells it when it is met elsewhere.

    `audio_hash` is null where the file was read again since its sound was heard: it may be of another sound.
    """

    file_id: int
    track_id: int
    root: Path
    path: bytes
    size_bytes: int
    mtime_ns: int
    audio_hash: bytes | None
    was_missing: bool
    sound: Sound


def known_files(
    connection: sa.Connection, root_id: int, *, inside: bytes = b"", prefix: bytes = b""
) -> dict[bytes, KnownFile]:
    """Files of a root by path, the prefix before their paths; only those below a folder of it where one is given.

    What is known of a path at which that folder now lies, a closed folder or a file, is among them.
    """
    file = TABLES["file"].c
    columns = (file.path, file.id, file.size_bytes, file.mtime_ns, file.missing)
    query = sa.select(*columns, file.track_id.is_not(None), file.tags_version).where(file.root_id == root_id)
    if inside:
        near = (file.path >= inside) & (file.path < inside + b"0")  # "0" comes next after "/"
        query = query.where(near, (file.path == inside) | (file.path > inside + b"/"))
    rows = fetch(connection, query)
    if prefix:
        return {(path := prefix + b"/" + row[0]): KnownFile(path, *row[1:]) for row in rows}
    return {row[0]: KnownFile._make(row) for row in rows}


def doubtful_files(connection: sa.Connection) -> set[int]:
    """Ids of files that are worth another look though they are unchanged."""
    finding = TABLES["finding"].c
    query = sa.select(finding.file_id).where(finding.track_id.is_(None), finding.reason.in_(WORTH_ANOTHER_LOOK))
    return set(connection.execute(query).scalars())


def refusals(connection: sa.Connection) -> dict[int, str]:
    """Reason code by file id, of paths that a walk has refused to look at."""
    finding = TABLES["finding"].c
    return dict(fetch(connection, sa.select(finding.file_id, finding.reason).where(finding.stage == Stage.WALK)))


def count_present(connection: sa.Connection, root_id: int) -> int:
    """Number of a root's files that are tracks and not missing."""
    file = TABLES["file"].c
    query = sa.select(sa.func.count()).where(file.root_id == root_id, ~file.missing, file.track_id.is_not(None))
    return int(connection.execute(query).scalar_one())


def missing_files(connection: sa.Connection) -> list[GoneFile]:
    """Files with tracks that were missing already, of all roots."""
    return _gone(connection, TABLES["file"].c.missing)


def gone_files(connection: sa.Connection, file_ids: Collection[int]) -> list[GoneFile]:
    """What is known of these files."""
    found: list[GoneFile] = []
    for some in chunks(list(file_ids)):
        found += _gone(connection, TABLES["file"].c.id.in_(some))
    return found


def elsewhere(connection: sa.Connection, looks: Collection[tuple[int, int]], known: Collection[int]) -> list[GoneFile]:
    """Files of these sizes and times, but for those known, that the store has as present and the disk no longer has.

    Files of a root that is not there now, a disk that is not connected, do not count as gone.
    """
    file = TABLES["file"].c
    query = sa.select(file.id, file.size_bytes, file.mtime_ns).where(~file.missing, file.track_id.is_not(None))
    wanted = [row[0] for row in fetch(connection, query) if (row[1], row[2]) in looks and row[0] not in known]
    mounted: dict[Path, bool] = {}
    found = []
    for each in gone_files(connection, wanted):
        if each.root not in mounted:
            mounted[each.root] = _shows_something(each.root)
        if mounted[each.root] and not os.path.lexists(os.path.join(os.fsencode(each.root), each.path)):  # noqa: PTH118  bytes
            found.append(each)
    return found


def _shows_something(folder: Path) -> bool:
    """Whether a folder is there and not empty; one that cannot be looked at is as good as not there."""
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError:
        return False


def _gone(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[GoneFile]:
    file, track, root, features = TABLES["file"], TABLES["track"], TABLES["root"], TABLES["audio_features"]
    joined = file.join(track, track.c.id == file.c.track_id).join(root, root.c.id == file.c.root_id)
    joined = joined.outerjoin(features, features.c.track_id == track.c.id)
    current = sa.case((features.c.analyzed_at >= file.c.read_at, track.c.audio_hash))  # else of a sound that it had
    columns = (
        *(file.c.id, track.c.id, root.c.path, file.c.path, file.c.size_bytes, file.c.mtime_ns, current, file.c.missing),
        *(file.c.codec, file.c.sample_rate_hz, file.c.channels, track.c.declared_duration_s),
    )
    query = sa.select(*columns).select_from(joined).where(which).order_by(file.c.id)
    return [
        GoneFile(file_id, track_id, Path(os.fsdecode(folder)), path, size, mtime_ns, audio_hash, missing, Sound(*sound))
        for file_id, track_id, folder, path, size, mtime_ns, audio_hash, missing, *sound in connection.execute(query)
    ]


def make_way(connection: sa.Connection, file_ids: Sequence[int]) -> None:
    """Let rows step aside whose places other files have: they are missing, at paths that no file can have."""
    file = TABLES["file"].c
    _touch(connection, file_ids)
    for some in chunks(file_ids):
        query = sa.select(file.path, file.id).where(file.id.in_(some))
        rows = [
            (path + b"/replaced-%d" % row_id, shown_text(path), row_id) for path, row_id in connection.execute(query)
        ]
        connection.exec_driver_sql("UPDATE file SET path = ?, path_text = ?, missing = 1 WHERE id = ?", rows)


def relocate(connection: sa.Connection, root_id: int, moves: Sequence[tuple[int, bytes]]) -> None:
    """Let files, given with their new paths under a root, stand there from now on; all at once, so that they may swap.

    Rows that have these places make way.
    """
    file = TABLES["file"].c
    taken: list[int] = []
    for some in chunks([path for _, path in moves]):
        query = sa.select(file.id).where(file.root_id == root_id, file.path.in_(some))
        taken += connection.execute(query).scalars()
    make_way(connection, taken)
    _touch(connection, [file_id for file_id, _ in moves])
    rows = [(root_id, path, shown_text(path), file_id) for file_id, path in moves]
    if rows:
        update = "UPDATE file SET root_id = ?, path = ?, path_text = ?, missing = 0 WHERE id = ?"
        connection.exec_driver_sql(update, rows)


def respell(connection: sa.Connection, spellings: Sequence[tuple[int, bytes]]) -> None:
    """Write files' paths as the file system spells them now; they are the same files."""
    _touch(connection, [file_id for file_id, _ in spellings])
    rows = [(path, shown_text(path), file_id) for file_id, path in spellings]
    if rows:
        connection.exec_driver_sql("UPDATE file SET path = ?, path_text = ?, missing = 0 WHERE id = ?", rows)


def drop_files(connection: sa.Connection, file_ids: Sequence[int]) -> None:
    """Forget files that never were music and are not there any more."""
    touch(connection, ())
    delete_rows(connection, "file", "id", file_ids)


def _touch(connection: sa.Connection, file_ids: Sequence[int]) -> None:
    """Say that the tracks of these files change."""
    file = TABLES["file"].c
    touch(connection, ())
    for some in chunks(file_ids):
        query = sa.select(file.track_id).where(file.id.in_(some), file.track_id.is_not(None))
        touch(connection, connection.execute(query).scalars())


def mark_missing(connection: sa.Connection, files: Sequence[KnownFile]) -> None:
    """Note that files were not seen at their places; nothing of theirs is deleted.

    A file that stands at another place by now, where another process has met it, is left alone.
    """
    _touch(connection, [file.file_id for file in files])
    rows = [(file.file_id, file.path) for file in files]
    if rows:
        connection.exec_driver_sql("UPDATE file SET missing = 1 WHERE id = ? AND path = ?", rows)


def mark_present(connection: sa.Connection, files: Sequence[KnownFile]) -> None:
    """Note that files which were missing are back, unchanged."""
    _touch(connection, [file.file_id for file in files])
    rows = [(file.file_id,) for file in files]
    if rows:
        connection.exec_driver_sql("UPDATE file SET missing = 0 WHERE id = ?", rows)
