"""How is a store opened, and how is it kept whole?

Conventions
-----------
One SQLite file in WAL mode, foreign keys on. Every write runs under ``BEGIN IMMEDIATE``: a deferred transaction that
turns from reading to writing fails at once when another writer is there, whatever its time-out. Connections are closed
after each use (`NullPool`), so that no handle outlives its work. ``PRAGMA user_version`` counts schema versions and is
raised by each migration in its own transaction. Every transaction that writes gives the store a new revision
(`revisions`).

A store that cannot be written is opened for reading, with a `StoreWarning` that says why: one of a newer workbench, or
one in a folder where nothing may be written. On a network file system, where processes cannot share memory, the journal
is a rollback journal instead of WAL (https://www.sqlite.org/wal.html, "disadvantages").

Only a store that is nowhere yet is made, and it comes to its place as a whole file: no connection makes one, so that a
store that is deleted while it is open is missed, and nothing empty takes its place. Whatever the database raises
becomes a `StoreError` (`faults`).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, pool

from workbench import whole_files
from workbench.errors import NewerStoreError, StoreError, StoreWarning, warn_caller
from workbench.store.faults import journal_of, refuse_remains, size_of, spoken
from workbench.store.places import is_on_network
from workbench.store.revisions import note_change

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SCHEMA_VERSION",
    "is_writable",
    "kept_open",
    "open_as_found",
    "open_store",
    "place_of",
    "reading",
    "require_writable",
    "writing",
]

SCHEMA_VERSION = 6
BUSY_S = 30  # a person waits for no longer; no step of ours takes so long
WRITES = "workbench_writes"
PATIENCE = "workbench_patience"
PLACE = "workbench_place"
REFUSAL = "workbench_refusal"


def open_store(path: Path) -> sa.Engine:
    """Engine of the store at a path, made or upgraded when it has to be.

    Parameters
    ----------
    path : Path
        An SQLite file; missing folders above it are made.

    Raises
    ------
    StoreError
        The file is no store, or cannot be opened, or has to be upgraded where nothing may be written.

    Warns
    -----
    StoreWarning
        The store can only be read, or lies on a network file system.
    """
    try:
        with spoken(path, patience_s=BUSY_S):
            refuse_remains(path)
            if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
                return _open_for_reading(path)
            _make(path)
            return _open_for_writing(path)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"{path}: cannot be opened as a library ({error.strerror or error}); see whether its disk is connected and "
            "you may write there, or choose another with --library"
        ) from error


def open_as_found(path: Path) -> sa.Engine:
    """Engine that only looks into a store: nothing is made, upgraded or written, not even a file beside it.

    For other processes than the user's own session, such as a server. While somebody writes, it reads beside them; a
    read at the very moment at which a writer begins may fail, and succeeds when it is tried again.

    Raises
    ------
    StoreError
        There is no such file, it is no store, or it is of another schema than this workbench knows.
    """
    if not path.is_file():
        raise StoreError(f"{path}: no such library")
    engine = _engine(path, refusal=StoreError(f"{path}: was opened to look into it only"))
    with spoken(path, patience_s=BUSY_S):
        version = _version(engine, path)
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"{path}: is of schema {version}, this workbench knows {SCHEMA_VERSION}; open it once with wb.Library, "
            "and start Jupyter again after an upgrade of the workbench"
        )
    return engine


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which one consistent state of the store is read."""
    with spoken(place_of(engine), patience_s=BUSY_S), engine.connect() as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def writing(engine: sa.Engine, *, busy_s: float | None = None) -> Iterator[sa.Connection]:
    """A connection whose changes are committed together at the end, or not at all.

    Parameters
    ----------
    engine : Engine
        The store.
    busy_s : float or None
        Seconds to wait while another writer holds it; None waits half a minute.

    Raises
    ------
    StoreError
        The disk is full, the store is read-only, damaged or gone, or another writer held it for too long.
    NewerStoreError
        The store was made by a newer workbench.
    """
    require_writable(engine)
    patience_s = BUSY_S if busy_s is None else busy_s
    options: dict[str, Any] = {WRITES: True, PATIENCE: patience_s}
    with (
        spoken(place_of(engine), patience_s=patience_s),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        before = _changes(connection)
        yield connection
        if _changes(connection) != before:
            note_change(connection)


@contextlib.contextmanager
def kept_open(engine: sa.Engine) -> Iterator[None]:
    """Many steps on a store that stays open meanwhile: whoever closes it last tidies its journal, which takes 10 ms."""
    with contextlib.ExitStack() as held:
        with spoken(place_of(engine), patience_s=BUSY_S):
            connection = held.enter_context(contextlib.closing(engine.raw_connection()))
            connection.execute("SELECT last_track_id FROM store_state").fetchone()
        yield


def is_writable(engine: sa.Engine) -> bool:
    """Whether the store can be written."""
    return engine.get_execution_options()[REFUSAL] is None


def require_writable(engine: sa.Engine) -> None:
    """Stop early where a store can only be read.

    Raises
    ------
    StoreError
        Why it cannot be written.
    """
    refusal = engine.get_execution_options()[REFUSAL]
    if refusal:
        raise refusal


def place_of(engine: sa.Engine) -> Path:
    """The store's file."""
    place: Path = engine.get_execution_options()[PLACE]
    return place


def _changes(connection: sa.Connection) -> int:
    """Rows changed on this connection so far."""
    return int(getattr(connection.connection.dbapi_connection, "total_changes", 0))


def _make(path: Path) -> None:
    """Put an empty store where there is none; its tables come with the migrations."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    place = Path(os.path.realpath(path))  # a link stays one
    with (
        contextlib.suppress(FileExistsError),  # somebody else made one meanwhile
        whole_files.draft(place, overwrite=False) as part,
        contextlib.closing(sqlite3.connect(part)) as connection,
    ):
        connection.execute("PRAGMA user_version = 0").close()  # writes the first page


def _open_for_writing(path: Path) -> sa.Engine:
    engine = _engine(path)
    version = _version(engine, path)
    if version > SCHEMA_VERSION:
        newer = NewerStoreError(
            f"{path}: was made by a newer workbench (schema {version}, this one knows {SCHEMA_VERSION}) and is "
            "only read; upgrade with pip install -U music-workbench"
        )
        warn_caller(str(newer), StoreWarning)
        return _engine(path, refusal=newer)
    _set_journal(engine, path)
    if version < SCHEMA_VERSION:
        _upgrade(engine)
    return engine


def _open_for_reading(path: Path) -> sa.Engine:
    """Engine of a store in a place that cannot be written.

    A WAL store needs a file beside it to be read at all; where none can be made, and nobody who may write has made one,
    the store is taken as one that does not change while it is read.
    """
    refusal = StoreError(f"{path}: is only read, since nothing can be written there; copy it to change it")
    engine = _engine(path, refusal=refusal)
    version = _version(engine, path)
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"{path}: is of schema {version}, this workbench knows {SCHEMA_VERSION}, and nothing can be written there; "
            "copy it to where it can be upgraded"
        )
    warn_caller(str(refusal), StoreWarning)
    return engine


def _engine(path: Path, *, refusal: StoreError | None = None) -> sa.Engine:
    """Engine on a file; one with a refusal only reads."""

    def connect() -> sqlite3.Connection:
        spelling = path.as_posix()
        host = "//" if spelling.startswith("/") else ""  # an empty one: what follows two slashes is taken for one
        address = f"file:{host}{quote(os.fsencode(spelling))}"
        if refusal is None:
            address += "?mode=rw"
        else:
            is_open = isinstance(refusal, NewerStoreError) or size_of(journal_of(path))
            address += f"?mode=ro{'' if is_open else '&immutable=1'}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_S, check_same_thread=False)

    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        creator=connect,
        poolclass=pool.NullPool,
        hide_parameters=True,
        execution_options={PLACE: path, REFUSAL: refusal},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        writes, patience = options.get(WRITES), options.get(PATIENCE, BUSY_S)
        if patience != BUSY_S:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * patience)}")
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


def _set_journal(engine: sa.Engine, path: Path) -> None:
    """Let readers read while one writes; the file remembers it. Only once it is known to be a store of ours."""
    remote = is_on_network(path)
    with contextlib.closing(engine.raw_connection()) as connection:
        (before,) = connection.execute("PRAGMA journal_mode").fetchone()
        wanted = "delete" if remote else "wal"
        if before != wanted:
            connection.execute(f"PRAGMA journal_mode = {wanted}").close()
    if remote:
        warn_caller(
            f"{path}: lies on a network file system: one process at a time writes it, and others wait meanwhile; "
            "a local disk is faster and safer",
            StoreWarning,
        )


def _upgrade(engine: sa.Engine) -> None:
    """Run the migrations that are missing, all in one transaction."""
    from alembic import command, config

    options = config.Config()
    options.set_main_option("script_location", "workbench.store:migrations")
    with writing(engine) as connection:
        options.attributes["connection"] = connection
        command.upgrade(options, "head")
