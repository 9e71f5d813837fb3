"""How is a store copied while it is in use?

Conventions
-----------
SQLite's own backup reads one consistent state; a copy of the file, made while something writes, can lose everything.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from workbench import whole_files
from workbench.errors import StoreError
from workbench.store.bulk import driver

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

__all__ = ["back_up"]


def back_up(connection: sa.Connection, path: Path, *, overwrite: bool = False) -> None:
    """Write a copy of the store, whole or not at all; it opens as a library of its own.

    Parameters
    ----------
    connection : Connection
        From `reading`.
    path : Path
        Absolute; folders above it are made.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    StoreError
        There is a file already, or one that is in use, this store itself for one; or none can be written.
    """
    if path.exists() and not overwrite:
        raise StoreError(f"{path}: exists; choose another name, or give overwrite=True")
    if path.exists() and path.with_name(path.name + "-wal").exists():
        raise StoreError(f"{path}: is a library that is open now; choose another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_files.draft(path, overwrite=overwrite) as part, contextlib.closing(sqlite3.connect(part)) as copy:
            driver(connection).backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").close()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path}: cannot be written ({error}); make room, or choose another place") from error
