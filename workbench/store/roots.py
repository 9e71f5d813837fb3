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

from workbench.models import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KnownFile", "add_root", "known_files", "mark_missing", "mark_present", "roots", "text_of"]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store remembers of a file: its rows, and what tells whether it changed."""

    file_id: int
    size_bytes: int
    mtime_ns: int
    missing: bool


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
    connection.execute(TABLES["root"].delete().where(TABLES["root"].c.id == old))


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
    query = sa.select(file.path, file.id, file.size_bytes, file.mtime_ns, file.missing).where(file.root_id == root_id)
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
