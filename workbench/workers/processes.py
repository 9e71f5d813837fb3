"""How is a worker process started, set up and bounded?

Conventions
-----------
Started by the fork server where there is one, never by plain fork, and by spawn on Windows, without the user's main
script. Memory is bounded by its addresses, which only Linux does.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing import connection, context, process
from typing import TYPE_CHECKING, Any, Final

from workbench import settings as places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "LOOK_S",
    "MEMORY_BYTES",
    "ONE_THREAD",
    "TASKS_PER_WORKER",
    "TOO_MUCH",
    "begin",
    "limit_memory",
    "log_file",
    "make_context",
    "processors",
    "sentence",
]

MEGABYTE: Final = 10**6
MEMORY_BYTES: Final = 1_500_000_000  # an analysis takes 0.6 GB of addresses, half of them in memory
LOOK_S: Final = 0.2  # how often who waits looks whether to stop, or was interrupted
TASKS_PER_WORKER: Final = 200  # a fresh process now and then gives leaked memory back
ONE_THREAD: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
TOO_MUCH: Final = "needs more memory than a worker may have; it may be damaged or far too long"


def processors() -> int:
    """Number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def sentence(error: BaseException, *, known: bool) -> str:
    """What an error says, for people; of one that is not known to be meant for them, what it is too."""
    text = str(error).strip().encode("utf-8", "replace").decode("utf-8")  # a path may hold what no text can
    if known and text:
        return text
    name = type(error).__name__
    return f"could not be worked on, for a reason that is not foreseen ({f'{name}: {text}' if text else name})"


def begin(memory_bytes: int | None, preload: Sequence[str], environment: Mapping[str, str]) -> None:
    """Set a worker up: quiet on Ctrl-C, single-threaded, bounded in memory, its modules at hand."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait for native code to return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(environment)
    with contextlib.suppress(OSError):  # a home that may not be written: they go where the parent's go
        _write_errors_to(log_file())
    limit_memory(memory_bytes)
    for name in preload:
        importlib.import_module(name)
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)  # numpy is loaded before this, and its BLAS has read no variable of ours


def limit_memory(memory_bytes: int | None) -> None:
    """Bound the addresses of this process from now on; the hard limit stays, so that a later task may have more."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = resource.RLIM_INFINITY if memory_bytes is None else memory_bytes
        soft = wanted if hard == resource.RLIM_INFINITY else hard if memory_bytes is None else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _end_with_parent() -> None:
    """End this worker when its parent is gone, whatever it does; nobody would take what it finds."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)  # at once: nothing of a worker has to be tidied


def log_file() -> Path:
    """Where workers write what decoders complain of; it starts anew when it has grown past a megabyte."""
    return places.cache_folder("logs") / "workers.log"


def _write_errors_to(log: Path) -> None:
    """Send standard error to a file, native libraries' too: a bad file's complaints are no use in a notebook."""
    grown = log.exists() and log.stat().st_size > MEGABYTE
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if grown else os.O_APPEND), 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def make_context() -> context.BaseContext:
    """The way of starting processes: the fork server where the system has one, else spawn."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = _ForkServerContext()
        server.set_forkserver_preload(["workbench.models"])  # its default would run the user's main script again
        return server
    return _SpawnContext()


@contextlib.contextmanager
def _no_main() -> Iterator[None]:
    """Hide the main script while a process starts, which would run it again where it has no `if __name__` guard."""
    main = sys.modules["__main__"]
    with _starting:
        hidden: dict[str, Any] = {n: main.__dict__.pop(n) for n in ("__file__", "__spec__") if n in main.__dict__}
        main.__dict__["__spec__"] = None
        try:
            yield
        finally:
            main.__dict__.update(hidden)


_starting = threading.Lock()

if sys.platform != "win32":
    from multiprocessing import forkserver, resource_tracker

    def _ensure_server() -> None:
        """Have a fork server that Ctrl-C does not reach, nor its children, not even while they start.

        A child that is ended while it starts complains in a page of its own: the server's errors go to the log.
        """
        resource_tracker.ensure_running()  # which lets signals through again when it has begun
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with contextlib.nullcontext() if os.getpid() in _has_server else _errors_in_log():
                forkserver.ensure_running()
            _has_server.add(os.getpid())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @contextlib.contextmanager
    def _errors_in_log() -> Iterator[None]:
        """Let a process that starts meanwhile inherit the log as its standard error."""
        own = os.dup(2)
        try:
            with contextlib.suppress(OSError):  # as in `begin`
                _write_errors_to(log_file())
            yield
        finally:
            os.dup2(own, 2)
            os.close(own)

    _has_server: Final = set[int]()
    """Processes that have started a server of their own."""

    class _ForkServerProcess(context.ForkServerProcess):
        @staticmethod
        def _Popen(process_obj: process.BaseProcess) -> Any:  # noqa: ANN401, N802  the name multiprocessing calls
            with _no_main():
                _ensure_server()
                return context.ForkServerProcess._Popen(process_obj)  # noqa: SLF001  the method that is wrapped

    class _ForkServerContext(context.ForkServerContext):
        Process = _ForkServerProcess


class _SpawnProcess(context.SpawnProcess):
    @staticmethod
    def _Popen(process_obj: process.BaseProcess) -> Any:  # noqa: ANN401, N802  the name multiprocessing calls
        with _no_main():
            return context.SpawnProcess._Popen(process_obj)  # noqa: SLF001  the method that is wrapped


class _SpawnContext(context.SpawnContext):
    Process = _SpawnProcess
