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

from workbench.models import TABLES, Reason
from workbench.store.bulk import chunks, fetch
from workbench.store.revisions import touch
from workbench.store.roots import shown_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = [
    "GoneFile",
    "KnownFile",
    "Sound",
    "count_present",
    "doubtful_files",
    "elsewhere",
    "gone_files",
    "known_files",
    "mark_missing",
    "mark_present",
    "missing_files",
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


class Sound(NamedTuple):
    """What the headers declare that tagging anew does not change."""

    codec: str | None
    sample_rate_hz: int | None
    channels: int | None
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class GoneFile:
    """A file with a track that is not where it was, and what tells it when it is met elsewhere."""

    file_id: int
    track_id: int
    root: Path
    path: bytes
    size_bytes: int
    mtime_ns: int
    audio_hash: bytes | None
    sound: Sound


def known_files(
    connection: sa.Connection, root_id: int, *, inside: bytes = b"", prefix: bytes = b""
) -> dict[bytes, KnownFile]:
    """Files of a root by path; only those below a folder of it where one is given, the prefix before their paths."""
    file = TABLES["file"].c
    query = sa.select(file.path, file.id, file.size_bytes, file.mtime_ns, file.missing).where(file.root_id == root_id)
    if inside:
        query = query.where(file.path > inside + b"/", file.path < inside + b"0")  # "0" comes next after "/"
    rows = fetch(connection, query)
    if prefix:
        return {(path := prefix + b"/" + row[0]): KnownFile(path, *row[1:]) for row in rows}
    return {row[0]: KnownFile._make(row) for row in rows}


def doubtful_files(connection: sa.Connection) -> set[int]:
    """Ids of files that are worth another look though they are unchanged."""
    finding = TABLES["finding"].c
    query = sa.select(finding.file_id).where(finding.track_id.is_(None), finding.reason.in_(WORTH_ANOTHER_LOOK))
    return set(connection.execute(query).scalars())


def count_present(connection: sa.Connection, root_id: int) -> int:
    """Number of a root's files that are not missing."""
    file = TABLES["file"].c
    query = sa.select(sa.func.count()).where(file.root_id == root_id, ~file.missing)
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
            mounted[each.root] = each.root.is_dir() and any(each.root.iterdir())
        if mounted[each.root] and not os.path.lexists(os.path.join(os.fsencode(each.root), each.path)):  # noqa: PTH118  bytes
            found.append(each)
    return found


def _gone(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[GoneFile]:
    file, track, root = TABLES["file"], TABLES["track"], TABLES["root"]
    joined = file.join(track, track.c.id == file.c.track_id).join(root, root.c.id == file.c.root_id)
    columns = (
        *(file.c.id, track.c.id, root.c.path, file.c.path, file.c.size_bytes, file.c.mtime_ns, track.c.audio_hash),
        *(file.c.codec, file.c.sample_rate_hz, file.c.channels, track.c.declared_duration_s),
    )
    query = sa.select(*columns).select_from(joined).where(which).order_by(file.c.id)
    return [
        GoneFile(file_id, track_id, Path(os.fsdecode(folder)), path, size, mtime_ns, audio_hash, Sound(*sound))
        for file_id, track_id, folder, path, size, mtime_ns, audio_hash, *sound in connection.execute(query)
    ]


def relocate(connection: sa.Connection, root_id: int, moves: Iterable[tuple[int, bytes]]) -> None:
    """Let files, given with their new paths under a root, stand there from now on.

    A row that has the place of another file steps aside: it is missing, and its path one that no file can have.
    """
    file = TABLES["file"].c
    for file_id, path in moves:
        query = sa.select(file.id).where(file.root_id == root_id, file.path == path, file.id != file_id)
        for other in connection.execute(query).scalars().all():
            aside = path + b"/replaced-%d" % other
            _place(connection, other, path=aside, path_text=shown_text(aside), missing=True)
        _place(connection, file_id, root_id=root_id, path=path, path_text=shown_text(path), missing=False)


def respell(connection: sa.Connection, spellings: Iterable[tuple[int, bytes]]) -> None:
    """Write files' paths as the file system spells them now; they are the same files."""
    for file_id, path in spellings:
        _place(connection, file_id, path=path, path_text=shown_text(path), missing=False)


def _place(connection: sa.Connection, file_id: int, **values: object) -> None:
    file = TABLES["file"]
    _touch(connection, [file_id])
    connection.execute(file.update().where(file.c.id == file_id).values(values))


def _touch(connection: sa.Connection, file_ids: Sequence[int]) -> None:
    """Say that the tracks of these files change."""
    file = TABLES["file"].c
    touch(connection, ())
    for some in chunks(file_ids):
        query = sa.select(file.track_id).where(file.id.in_(some), file.track_id.is_not(None))
        touch(connection, connection.execute(query).scalars())


def mark_missing(connection: sa.Connection, file_ids: Iterable[int]) -> None:
    """Note that files were not seen; nothing of theirs is deleted."""
    _mark(connection, file_ids, missing=True)


def mark_present(connection: sa.Connection, file_ids: Iterable[int]) -> None:
    """Note that files which were missing are back, unchanged."""
    _mark(connection, file_ids, missing=False)


def _mark(connection: sa.Connection, file_ids: Iterable[int], *, missing: bool) -> None:
    rows = [(missing, file_id) for file_id in file_ids]
    _touch(connection, [file_id for _, file_id in rows])
    if rows:
        connection.exec_driver_sql("UPDATE file SET missing = ? WHERE id = ?", rows)
