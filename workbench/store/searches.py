"""For what has the user searched, where the user wants that to be remembered?

Conventions
-----------
Who calls decides whether a search is kept at all. A search is its text without outer space; the same text counts up.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Final

import polars as pl
import sqlalchemy as sa

from workbench.errors import StoreError
from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.columns import frame_of
from workbench.store.connection import place_of, writing
from workbench.store.faults import spoken
from workbench.store.playlists import owner_id
from workbench.store.revisions import touch

__all__ = ["SEARCHES", "forget_searches", "record_search", "searches_frame"]

log = logging.getLogger(__name__)

SEARCHES: Final[dict[str, pl.DataType]] = {
    "text": pl.String(),
    "times": pl.Int64(),
    "last_at": pl.Datetime("us", "UTC"),
}
"""One row for each search that was remembered."""

PATIENCE_S: Final = 0.2
"""So long a search waits for somebody else who writes; then it is not remembered."""


def record_search(engine: sa.Engine, text: str) -> bool:
    """Count a search; gives whether that was possible, and says in the log why not.

    Parameters
    ----------
    engine : Engine
        The store; one that can only be read, or is being written by another process, remembers nothing.
    text : str
        As typed; an empty one is none.
    """
    if not text.strip():
        return False
    try:
        with writing(engine, busy_s=PATIENCE_S) as connection:
            _count(connection, text.strip())
    except (StoreError, sa.exc.DBAPIError, UnicodeError) as error:  # lone surrogates cannot be stored
        log.warning("the search %r is not remembered: %s", text, error)
        return False
    return True


def searches_frame(connection: sa.Connection) -> pl.DataFrame:
    """What is remembered, as `SEARCHES`: the most frequent first, of equal ones the latest."""
    table = TABLES["search_use"].c
    query = sa.select(*(table[name] for name in SEARCHES)).where(table.user_id == _owner())
    return frame_of(connection, query.order_by(table.times.desc(), table.last_at.desc(), table.text), SEARCHES)


def forget_searches(engine: sa.Engine) -> int:
    """Delete all that is remembered of the user's searches, its bytes in the file too; gives their number.

    While another process is in the midst of reading, the bytes stay in the file's journal until the store is closed.

    Raises
    ------
    StoreError
        The store can only be read, or another writer held it for too long.
    """
    table = TABLES["search_use"]
    with writing(engine) as connection:
        _shred(connection)
        touch(connection, ())
        count = connection.execute(table.delete().where(table.c.user_id == _owner())).rowcount
    _settle(engine)
    return count


def _shred(connection: sa.Connection) -> None:
    """Let nothing stay of texts that are moved or deleted: not every SQLite overwrites them unasked."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _settle(engine: sa.Engine) -> None:
    """Bring the journal into the file, which keeps the old texts until then where somebody else has the store open."""
    with (
        spoken(place_of(engine), patience_s=PATIENCE_S),
        contextlib.closing(engine.raw_connection()) as connection,
    ):
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * PATIENCE_S)}").close()
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        log.info("what was forgotten stays in the journal until the store is closed, for another process reads it")


def _count(connection: sa.Connection, text: str) -> None:
    _shred(connection)
    touch(connection, ())
    table, owner = TABLES["search_use"], owner_id(connection)
    same = (table.c.user_id == owner) & (table.c.text == text)
    known = connection.execute(table.update().where(same).values(times=table.c.times + 1, last_at=now())).rowcount
    if not known:
        connection.execute(table.insert(), {"user_id": owner, "text": text, "times": 1, "last_at": now()})


def _owner() -> sa.ScalarSelect[int]:
    """Id of the lone user, who may not be there yet."""
    return sa.select(sa.func.min(TABLES["user"].c.id)).scalar_subquery()
