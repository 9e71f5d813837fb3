"""Which music folders does the store know, and which files under them?

Conventions
-----------
A root is an absolute folder, kept as bytes; files' paths are relative to it with "/" between parts. No root lies inside
another: a folder inside a known root is part of it, a folder around known roots takes their files over.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from workbench.models import TABLES, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KnownFile", "add_root", "known_files", "mark_missing", "mark_present", "roots", "text_of"]


PASSING = (Reason.UNREADABLE, Reason.VANISHED, Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.WORKER_DIED)
"""Reasons that may be gone next time though the file is the same: permissions, a network, a busy machine."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store remembers of a file, and what tells whether it changed; a doubtful one is worth another look."""

    file_id: int
    size_bytes: int
    mtime_ns: int
    missing: bool
    doubtful: bool


def text_of(path: bytes) -> str:
    """A path for people; bytes that are no UTF-8 show as U+FFFD."""
    return path.decode("utf-8", "replace")


def roots(connection: sa.Connection) -> dict[int, Path]:
    """Music folders by root id."""
    root = TABLES["root"].c
    return {row_id: Path(os.fsdecode(path)) for row_id, path in connection.execute(sa.select(root.id, root.path))}


def add_root(connection: sa.Connection, folder: Path) -> tuple[int, bytes]:
    """Root that a folder belongs to, made if it is new, and the folder's path inside it (empty for the root itself).

    Parameters
    ----------
    connection : Connection
        From `writing`.
    folder : Path
        Absolute.
    """
    known = roots(connection)
    for root_id, path in known.items():
        if folder == path or path in folder.parents:
            return root_id, _relative(folder, path)
    table = TABLES["root"]
    row = {"path": os.fsencode(folder), "path_text": text_of(os.fsencode(folder))}
    made = connection.execute(table.insert().returning(table.c.id), row).scalar_one()
    for root_id, path in known.items():
        if folder in path.parents:
            _take_over(connection, root_id, made, _relative(path, folder))
    return int(made), b""


def _relative(inner: Path, outer: Path) -> bytes:
    relative = inner.relative_to(outer).as_posix()
    return b"" if relative == "." else os.fsencode(relative)


def _take_over(connection: sa.Connection, old: int, new: int, prefix: bytes) -> None:
    """Move all files of a root below a new one that lies around it."""
    file = TABLES["file"]
    rows = connection.execute(sa.select(file.c.id, file.c.path).where(file.c.root_id == old)).all()
    moved = [
        {"file": row_id, "path": (path := prefix + b"/" + tail), "path_text": text_of(path)} for row_id, tail in rows
    ]
    if moved:
        update = file.update().where(file.c.id == sa.bindparam("file")).values(root_id=new)
        connection.execute(update, moved)
    _rename_albums(connection, old, new, prefix)
    connection.execute(TABLES["root"].delete().where(TABLES["root"].c.id == old))


def _rename_albums(connection: sa.Connection, old: int, new: int, prefix: bytes) -> None:
    """Albums that are known by their folder follow it to the new root."""
    album = TABLES["album"]
    query = sa.select(album.c.id, album.c.identity).where(album.c.identity.startswith(f"folder:{old}:"))
    rows = []
    for row_id, identity in connection.execute(query):
        _, _, place, name = identity.split(":", 3)
        folder = b"/".join(filter(None, [prefix, bytes.fromhex(place)]))
        rows.append({"album": row_id, "identity": f"folder:{new}:{folder.hex()}:{name}"})
    if rows:
        connection.execute(album.update().where(album.c.id == sa.bindparam("album")), rows)


def known_files(connection: sa.Connection, root_id: int, inside: bytes = b"") -> dict[bytes, KnownFile]:
    """Files of a root by path.

    Parameters
    ----------
    connection : Connection
    root_id : int
    inside : bytes
        Only those below this folder of the root.
    """
    file = TABLES["file"].c
    finding = TABLES["finding"].c
    doubtful = sa.exists().where(finding.file_id == file.id, finding.track_id.is_(None), finding.reason.in_(PASSING))
    columns = (file.path, file.id, file.size_bytes, file.mtime_ns, file.missing, doubtful)
    query = sa.select(*columns).where(file.root_id == root_id)
    start = inside + b"/" if inside else b""
    return {path: KnownFile(*rest) for path, *rest in connection.execute(query) if path.startswith(start)}


def mark_missing(connection: sa.Connection, file_ids: Iterable[int]) -> None:
    """Note that files were not seen; nothing of theirs is deleted."""
    _mark(connection, file_ids, missing=True)


def mark_present(connection: sa.Connection, file_ids: Iterable[int]) -> None:
    """Note that files which were missing are back, unchanged."""
    _mark(connection, file_ids, missing=False)


def _mark(connection: sa.Connection, file_ids: Iterable[int], *, missing: bool) -> None:
    file = TABLES["file"]
    rows = [{"file": file_id} for file_id in file_ids]
    if rows:
        connection.execute(file.update().where(file.c.id == sa.bindparam("file")).values(missing=missing), rows)
