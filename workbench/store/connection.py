"""How is a store opened, and how is it kept whole?

Conventions
-----------
One SQLite file in WAL mode, foreign keys on. Every write runs under ``BEGIN IMMEDIATE``: a deferred transaction that
turns from reading to writing fails at once when another writer is there, whatever its time-out. Connections are closed
after each use (`NullPool`), so that no handle outlives its work. ``PRAGMA user_version`` counts schema versions and is
raised by each migration in its own transaction; a store of a higher version was made by a newer workbench and is left
alone.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import event, pool

from workbench.errors import NewerStoreError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SCHEMA_VERSION", "open_store", "reading", "writing"]

SCHEMA_VERSION = 2
BUSY_S = 60
WRITES = "workbench_writes"


def open_store(path: Path) -> sa.Engine:
    """Engine of the store at a path, made or upgraded when it has to be.

    Parameters
    ----------
    path : Path
        An SQLite file; missing folders above it are made.

    Raises
    ------
    NewerStoreError
        The store was made by a newer workbench.
    StoreError
        The file is no store, or cannot be opened or written.
    """
    engine = _engine(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        version = _version(engine, path)
        if version > SCHEMA_VERSION:
            raise NewerStoreError(
                f"{path}: was made by a newer workbench (schema {version}, this one knows {SCHEMA_VERSION}); "
                "upgrade with pip install -U music-workbench"
            )
        _write_ahead(engine)
        if version < SCHEMA_VERSION:
            _upgrade(engine)
    except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
        if isinstance(error, StoreError):
            raise
        cause = getattr(error, "orig", None) or error
        raise StoreError(f"{path}: cannot be opened as a store ({cause}); choose another with --library") from error
    return engine


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which one consistent state of the store is read."""
    with _spoken(engine), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose changes are committed together at the end, or not at all.

    Raises
    ------
    StoreError
        The disk is full, the store is read-only, or another writer held it for more than a minute.
    """
    with _spoken(engine), engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def _spoken(engine: sa.Engine) -> Iterator[None]:
    """Turn the database's operational errors into ours, with the file's name."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise StoreError(f"{engine.url.database}: {error.orig}; nothing of this step was stored") from error


def _engine(path: Path) -> sa.Engine:
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, poolclass=pool.NullPool, hide_parameters=True, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _version(engine: sa.Engine, path: Path) -> int:
    """Schema version of the file, 0 for a new one."""
    with engine.connect() as connection:
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        tables = set(sa.inspect(connection).get_table_names())
    if tables and not {"track", "file", "root"} <= tables:
        raise StoreError(f"{path}: is a database of another program; choose another file with --library")
    return version


def _write_ahead(engine: sa.Engine) -> None:
    """Let readers read while one writes; the file remembers it. Only once it is known to be a store of ours."""
    with contextlib.closing(engine.raw_connection()) as connection:
        connection.execute("PRAGMA journal_mode = WAL").close()


def _upgrade(engine: sa.Engine) -> None:
    """Run the migrations that are missing, all in one transaction."""
    from alembic import command, config

    options = config.Config()
    options.set_main_option("script_location", "workbench.store:migrations")
    with writing(engine) as connection:
        options.attributes["connection"] = connection
        command.upgrade(options, "head")
