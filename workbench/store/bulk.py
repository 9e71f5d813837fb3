"""How do many rows get into a table at little cost?

Conventions
-----------
Rows are tuples in the order of the columns named, their values as SQLite keeps them: moments as `moment_text` gives
them, truth as 0 or 1. The database driver takes them as they are, which costs a quarter of what SQLAlchemy's own bulk
insert does; names of tables and columns come from this package alone.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "chunks",
    "delete_rows",
    "driver",
    "fetch",
    "insert_rows",
    "moment_text",
    "next_ids",
    "uncollected",
    "update_rows",
]

IN_CLAUSE = 500
Rows = list[tuple[Any, ...]]


def moment_text() -> str:
    """The moment of the call as the store keeps it: UTC, microseconds, as SQLAlchemy writes it."""
    return now().strftime("%Y-%m-%d %H:%M:%S.%f")


def insert_rows(connection: sa.Connection, table: str, columns: tuple[str, ...], rows: Rows) -> None:
    """Add rows to a table."""
    if rows:
        connection.exec_driver_sql(_insert(table, columns), rows)


def update_rows(connection: sa.Connection, table: str, columns: tuple[str, ...], rows: Rows) -> None:
    """Change rows; behind each row's values stands its id."""
    if rows:
        connection.exec_driver_sql(_update(table, columns), rows)


def delete_rows(connection: sa.Connection, table: str, column: str, values: Sequence[Any]) -> None:
    """Delete the rows that have one of these values in a column."""
    if values:
        connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608  names of ours
            [(value,) for value in values],
        )


def driver(connection: sa.Connection) -> sqlite3.Connection:
    """The database driver's own connection."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(raw)
    return raw


def fetch(connection: sa.Connection, statement: sa.Select[Any]) -> sqlite3.Cursor:
    """Bare rows of a select, as SQLite keeps them: moments as text, truth as 0 or 1."""
    compiled = statement.compile(dialect=connection.dialect)
    parameters = [compiled.params[name] for name in compiled.positiontup or ()]
    return driver(connection).execute(compiled.string, parameters)


def next_ids(connection: sa.Connection, table: str, count: int) -> range:
    """Ids for new rows, while nobody else writes; an id of a track is never given twice."""
    if table == "track":
        first = connection.exec_driver_sql("SELECT last_track_id FROM store_state").scalar_one() + 1
        connection.exec_driver_sql("UPDATE store_state SET last_track_id = last_track_id + ?", (count,))
    else:
        named = TABLES[table]
        first = connection.execute(sa.select(sa.func.coalesce(sa.func.max(named.c.id), 0) + 1)).scalar_one()
    return range(first, first + count)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: rows and names have none, and a quarter of the time would go into it."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Pieces short enough for an IN clause."""
    return (items[start : start + IN_CLAUSE] for start in range(0, len(items), IN_CLAUSE))


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  names of ours


@cache
def _update(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?"  # noqa: S608  names of ours
