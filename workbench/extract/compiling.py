"""Where are the compiled kernels, and who compiles them?"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

from workbench import features, settings, workers
from workbench.errors import WorkerError

if TYPE_CHECKING:
    import threading
    from pathlib import Path

__all__ = ["compiled", "is_compiled"]

WARM_S = 600.0
LOCK_S = 0.5  # how often a run that waits for another to compile looks whether it is to stop


def warm_up(_task: int) -> None:
    """Compile what the features need into the cache; runs in a worker of its own before the others start."""
    features.warm()


def is_compiled() -> bool:
    """Whether the kernels are there: compiling them takes a minute of one processor or two, in silence."""
    return (settings.compiled_folder() / "warm").exists()


def compiled(stop: threading.Event | None = None) -> Path:
    """Folder of compiled kernels, filled by one process before many read it.

    Several processes that meet a cold numba cache at once corrupt it for good (numba issue 10128, librosa issue 1998).
    """
    folder = settings.compiled_folder()
    if not (folder / "warm").exists():
        with contextlib.closing(sqlite3.connect(folder / "lock.db", timeout=LOCK_S, isolation_level=None)) as lock:
            if _locked(lock, stop):
                _warm(folder, stop)
    return folder


def _locked(lock: sqlite3.Connection, stop: threading.Event | None) -> bool:
    """Hold a lock between processes that a killed one lets go; False where it is time to stop before it is free."""
    end = time.monotonic() + WARM_S
    while stop is None or not stop.is_set():
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                raise
        else:
            return True
    return False


def _warm(folder: Path, stop: threading.Event | None) -> None:
    if (folder / "warm").exists():
        return
    environment = {"NUMBA_CACHE_DIR": str(folder)}
    for outcome in workers.run(warm_up, [0], workers=1, deadline_s=WARM_S, environment=environment, stop=stop):
        if outcome.reason:
            raise WorkerError(f"{folder}: the analysis cannot be compiled there: {outcome.text}")
        (folder / "warm").touch()
