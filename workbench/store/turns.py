"""Which process does a store's long work, where several begin it at once?"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import locks
from workbench.errors import StoreError
from workbench.store.connection import place_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

__all__ = ["turn"]


@contextlib.contextmanager
def turn(
    engine: sa.Engine,
    work: str,
    *,
    stop: threading.Event | None = None,
    waiting: Callable[[], object] | None = None,
) -> Iterator[bool]:
    """Be the only one who does this work on this store, in any process; whether it is so, or it was time to stop.

    The lock is an empty file beside the store, so that it holds for all who share the store, by whatever link.

    Parameters
    ----------
    engine : Engine
        The store; it can be written.
    work : str
        Name of the work; each has a lock of its own.
    stop : threading.Event or None
        Ends the waiting when it is set.
    waiting : callable or None
        Called once, where another is at it.

    Raises
    ------
    StoreError
        The lock's file cannot be made beside the store.
    """
    store = Path(os.path.realpath(place_of(engine)))
    place = store.with_name(f"{store.name}-{work}")
    if not place.exists():
        _make(place, store)
    with locks.turn(place, stop=stop, waiting=waiting) as is_ours:
        yield is_ours


def _make(place: Path, store: Path) -> None:
    """Make a lock that whoever may write the store may hold."""
    try:
        mode = stat.S_IMODE(store.stat().st_mode)
        with contextlib.suppress(FileExistsError):  # another was quicker
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
            place.chmod(mode)  # whatever the mask of this process is
    except OSError as error:
        raise StoreError(
            f"{place}: cannot be made ({error.strerror}); let the folder of the library be writable"
        ) from error
