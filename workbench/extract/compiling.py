"""Where are the compiled kernels, and who compiles them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import features, locks, settings, workers
from workbench.errors import WorkerError

if TYPE_CHECKING:
    import threading
    from pathlib import Path

__all__ = ["compiled", "is_compiled"]

WARM_S = 600.0


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
        with locks.turn(folder / "lock.db", patience_s=WARM_S, stop=stop) as is_ours:
            if is_ours:
                _warm(folder, stop)
    return folder


def _warm(folder: Path, stop: threading.Event | None) -> None:
    if (folder / "warm").exists():
        return
    environment = {"NUMBA_CACHE_DIR": str(folder)}
    for outcome in workers.run(warm_up, [0], workers=1, deadline_s=WARM_S, environment=environment, stop=stop):
        if outcome.reason:
            raise WorkerError(f"{folder}: the analysis cannot be compiled there: {outcome.text}")
        (folder / "warm").touch()
