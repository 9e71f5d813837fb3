"""What does an error of the database mean to a person, and what is to be done about it?

Conventions
-----------
One sentence: the store's path first, what was found, the next step. SQLite tells its errors apart by the lower eight
bits of a result code (https://www.sqlite.org/rescode.html). A disk without room shows as several of them: as
SQLITE_FULL where a page cannot be written, as SQLITE_IOERR or SQLITE_CANTOPEN where the journal beside the store cannot
be made; so the room that is left is asked for too.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from workbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["journal_of", "refuse_remains", "size_of", "spoken", "told"]

PRIMARY: Final = 0xFF
ROLLBACK: Final = "-journal"
"""How the journal of a store without WAL ends, one on a network file system."""
LEAST_ROOM: Final = 65_536  # bytes; the index of the journal alone takes half of it
FULL: Final = "the disk is full; make room, then run this again"
STEPS: Final = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: "the disk refuses ({error}); see whether it is full or was taken out, then run this again",
    sqlite3.SQLITE_READONLY: "cannot be written ({error}); allow writing to it and to its folder, or copy it elsewhere",
    sqlite3.SQLITE_PERM: "cannot be written ({error}); allow writing to it and to its folder, or copy it elsewhere",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened ({error}); see whether you may read it and write in its folder, or "
    "choose another with --library",
    sqlite3.SQLITE_NOTADB: "is no library, or a damaged one ({error}); choose another with --library, or put a backup "
    "in its place",
    sqlite3.SQLITE_CORRUPT: "is damaged ({error}); put a backup in its place, or move it away and scan the music again",
}
IS_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
IS_UNREADABLE: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN})
MAY_BE_FULL: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


@contextlib.contextmanager
def spoken(path: Path, *, patience_s: float) -> Iterator[None]:
    """Turn whatever the database raises over the store at a path into a `StoreError`.

    Parameters
    ----------
    path : Path
        The store.
    patience_s : float
        Seconds that were waited for another program to let go of it.
    """
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        raise told(path, error, patience_s=patience_s) from error


def told(path: Path, error: sa.exc.DBAPIError | sqlite3.Error, *, patience_s: float) -> StoreError:
    """The database's error as one sentence with a next step."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", 0) & PRIMARY
    if not _is_there(path):
        return StoreError(f"{path}: is gone; connect its disk or put a backup in its place, then run this again")
    if code in IS_HELD:
        step = f"another program has held it for {patience_s:g} s; close that one, or wait, then run this again"
    elif code in MAY_BE_FULL and _is_full(path):
        step = FULL
    else:
        step = STEPS.get(code, "{error}; see whether other files of this disk are well, then run this again")
    said = " ".join(str(cause).split())
    comfort = "" if code in IS_UNREADABLE else "; nothing of this step was stored"
    return StoreError(f"{path}: {step.format(error=said)}{comfort}")


def refuse_remains(path: Path) -> None:
    """Take nothing for a new store that is what is left of an old one.

    SQLite takes a file of no bytes for a new database and deletes the journal beside it, and it plays a journal that
    stands alone into whatever comes to its place.

    Raises
    ------
    StoreError
        The file is empty, or only its journal is there.
    """
    journals = (journal_of(path), path.with_name(path.name + ROLLBACK))
    left = [each.name for each in journals if size_of(each)]  # asked first: whoever makes a store makes these later
    if path.exists():
        if path.is_file() and not path.stat().st_size:
            raise StoreError(
                f"{path}: is empty (0 bytes), which no library is; put a backup in its place, or delete it"
            )
    elif left:
        raise StoreError(
            f"{path}: is gone, but its journal {left[0]} is there; bring the library back, or move the journal away to "
            "begin anew"
        )


def journal_of(path: Path) -> Path:
    """Where SQLite writes what has yet to get into the file."""
    return path.with_name(path.name + "-wal")


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where none is there: a journal goes when others close their store."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be looked into
        return True


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < LEAST_ROOM
    except OSError:
        return False
