"""Whose turn is it, where several processes would do the same work?

Conventions
-----------
A lock is an SQLite file on which one process at a time holds an exclusive transaction. Nothing is ever written into it,
and a process that ends in whatever way, killed too, lets go of it at once. It holds between threads of a process as
well, and reaches as far as the file system's locks do, which is as far as a store beside it can be shared.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

from workbench.errors import JobError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["turn"]

LOOK_S = 0.5  # how often one who waits looks whether it is to stop; Ctrl-C is heard as often


@contextlib.contextmanager
def turn(
    place: Path,
    *,
    patience_s: float | None = None,
    stop: threading.Event | None = None,
    waiting: Callable[[], object] | None = None,
) -> Iterator[bool]:
    """Hold a lock for as long as the block runs; whether it is held, which it is not where it was time to stop before.

    Parameters
    ----------
    place : Path
        The lock's file, made where it is not there; it stays, since a lock that is deleted is two.
    patience_s : float or None
        Seconds to wait for another to let go; None waits for as long as it takes.
    stop : threading.Event or None
        Ends the waiting when it is set.
    waiting : callable or None
        Called once, where another holds the lock.

    Raises
    ------
    JobError
        No lock can be held there, or another process held it for too long.
    """
    with contextlib.closing(_opened(place)) as lock:
        yield _take(lock, place, patience_s, stop, waiting)


def _opened(place: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(place, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise _useless(place, error) from error


def _take(
    lock: sqlite3.Connection,
    place: Path,
    patience_s: float | None,
    stop: threading.Event | None,
    waiting: Callable[[], object] | None,
) -> bool:
    """Wait for the lock and take it; False where it is time to stop before it is free."""
    begun, is_first = time.monotonic(), True
    while stop is None or not stop.is_set():
        try:
            lock.execute("BEGIN EXCLUSIVE").close()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise _useless(place, error) from error
        else:
            return True
        if patience_s is not None and time.monotonic() > begun + patience_s:
            raise JobError(f"{place}: another process has held this lock for {patience_s:.0f} s; end it, and try again")
        if is_first:
            is_first = False
            lock.execute(f"PRAGMA busy_timeout = {round(1000 * LOOK_S)}").close()
            if waiting:
                waiting()
    return False


def _useless(place: Path, error: sqlite3.Error) -> JobError:
    return JobError(f"{place}: no lock can be held there ({error}); let its folder be writable")
