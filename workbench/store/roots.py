"""Which music folders does the store know?

Conventions
-----------
A root is an absolute folder, kept as bytes; files' paths are relative to it with "/" between parts. No root lies inside
another: a folder inside a known root is part of it, a folder around known roots takes their files over.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from workbench.errors import FolderError
from workbench.models import TABLES
from workbench.store.revisions import touch_all

__all__ = ["add_root", "move_root", "place_in", "roots", "shown_text", "text_of"]

SAMPLE = 200


def text_of(path: bytes) -> str:
    """A path for people; bytes that are no UTF-8 show as U+FFFD."""
    return path.decode("utf-8", "replace")


def shown_text(path: bytes) -> str | None:
    """What to show in place of a path whose bytes are no UTF-8; None where they are."""
    try:
        path.decode()
    except UnicodeDecodeError:
        return text_of(path)
    return None


def roots(connection: sa.Connection) -> dict[int, Path]:
    """Music folders by root id."""
    root = TABLES["root"].c
    return {row_id: Path(os.fsdecode(path)) for row_id, path in connection.execute(sa.select(root.id, root.path))}


class Place(NamedTuple):
    """Where a folder stands among the music folders.

    Attributes
    ----------
    root : Path
        The music folder that it lies in or is, or will be.
    inside : bytes
        Its path relative to that.
    root_ids : dict of int to bytes
        The roots that are known so far, and their paths relative to `root`: one, or those that a new one lies around.
    """

    root: Path
    inside: bytes
    root_ids: dict[int, bytes]


def place_in(connection: sa.Connection, folder: Path) -> Place:
    """Where a folder (absolute) stands among the music folders; nothing is written."""
    known = roots(connection)
    for root_id, path in known.items():
        if folder == path or path in folder.parents:
            return Place(path, _relative(folder, path), {root_id: b""})
    real = Path(os.path.realpath(folder))
    for root_id, path in known.items():
        if real.is_relative_to(there := os.path.realpath(path)):  # the same folder by way of a link
            return Place(path, _relative(real, Path(there)), {root_id: b""})
    inner = {root_id: _relative(path, folder) for root_id, path in known.items() if folder in path.parents}
    return Place(folder, b"", inner)


def add_root(connection: sa.Connection, folder: Path) -> tuple[int, bytes]:
    """Root that a folder belongs to, made if it is new, and the folder's path inside it (empty for the root itself).

    Parameters
    ----------
    connection : Connection
        From `writing`.
    folder : Path
        Absolute.
    """
    place = place_in(connection, folder)
    if place.root != folder or b"" in place.root_ids.values():
        return next(iter(place.root_ids)), place.inside
    table = TABLES["root"]
    row = {"path": os.fsencode(folder), "path_text": text_of(os.fsencode(folder))}
    made = connection.execute(table.insert().returning(table.c.id), row).scalar_one()
    for root_id, prefix in place.root_ids.items():
        _take_over(connection, root_id, made, prefix)
    return int(made), b""


def _relative(inner: Path, outer: Path) -> bytes:
    relative = inner.relative_to(outer).as_posix()
    return b"" if relative == "." else os.fsencode(relative)


def _take_over(connection: sa.Connection, old: int, new: int, prefix: bytes) -> None:
    """Move all files of a root below a new one that lies around it."""
    file = TABLES["file"]
    rows = connection.execute(sa.select(file.c.id, file.c.path).where(file.c.root_id == old)).all()
    moved = [
        {"file": row_id, "path": (path := prefix + b"/" + tail), "path_text": shown_text(path)} for row_id, tail in rows
    ]
    if moved:
        update = file.update().where(file.c.id == sa.bindparam("file")).values(root_id=new)
        connection.execute(update, moved)
    _rename_albums(connection, old, new, prefix)
    touch_all(connection)
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


def move_root(connection: sa.Connection, old: Path, new: Path) -> int:
    """Let a music folder be somewhere else from now on; all that is known of its files goes with it.

    Parameters
    ----------
    connection : Connection
        From `writing`.
    old, new : Path
        Absolute.

    Returns
    -------
    int
        Number of tracks' files that follow, missing ones included.

    Raises
    ------
    FolderError
        The old folder is none of the store's, the new one is not there, lies in or around another music folder, or
        has less than half of the files (of some 200 looked for); nothing is changed.
    """
    known = {path: root_id for root_id, path in roots(connection).items()}
    if old not in known:
        there = ", ".join(map(str, known)) or "none yet"
        raise FolderError(f"{old}: is no music folder of this library; its folders are: {there}")
    if not new.is_dir():
        raise FolderError(f"{new}: is no folder; move the music there first, or connect the disk")
    for other in known.keys() - {old}:
        if other == new or other in new.parents or new in other.parents:
            raise FolderError(f"{new}: lies in or around the music folder {other}; scan that one instead")
    file = TABLES["file"].c
    query = sa.select(file.path, file.missing).where(file.root_id == known[old], file.track_id.is_not(None))
    rows = connection.execute(query).all()
    tails = [path for path, missing in rows if not missing] or [path for path, _ in rows]
    looked_for = tails[:: len(tails) // SAMPLE + 1]
    found = sum((new / os.fsdecode(tail)).exists() for tail in looked_for)
    if 2 * found < len(looked_for):
        raise FolderError(f"{new}: has {found} of {len(looked_for)} files that {old} had; is it the right folder?")
    touch_all(connection)
    row = {"path": os.fsencode(new), "path_text": text_of(os.fsencode(new))}
    connection.execute(TABLES["root"].update().where(TABLES["root"].c.id == known[old]).values(row))
    return len(rows)
