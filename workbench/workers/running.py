"""How do many files go through worker processes, when any of them may kill the worker?

Conventions
-----------
One `Outcome` for each task, in order of completion: a task that raises, hangs, eats memory or kills its worker costs
only itself. One whose worker died is tried once more when all others are done: where memory is short, a system may end
the worker of another. Workers are started by the fork server where there is one (never plain fork: threads and locks do
not survive it) and by spawn on Windows. They ignore Ctrl-C, which the parent answers by ending them, run their numeric
libraries on one thread, and write what they print as errors to a log file. A worker whose parent is gone ends at once,
one that hangs in native code then ends at its deadline. Functions must stand in a module; the user's main script is not
run again in the workers. All of it also works from a thread, beside a main thread that does something else.
"""

from __future__ import annotations

import faulthandler
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from workbench.errors import WorkerError
from workbench.models import Reason
from workbench.workers.processes import (
    LOOK_S,
    MEMORY_BYTES,
    ONE_THREAD,
    TASKS_PER_WORKER,
    TOO_MUCH,
    begin,
    log_file,
    make_context,
    processors,
    sentence,
)

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

__all__ = ["Outcome", "Progress", "run"]

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[int, int, str], None]
"""Called as ``progress(done, total, text)`` while long work goes on."""

GRACE_S = 10.0  # by which a parent that lives has ended a task that is past its deadline
LOCK_S = 10.0  # after which workers give up a pool whose lock was held by one that was killed; pebble takes a minute


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T, R]):
    """What became of one task.

    Attributes
    ----------
    task
        The task as it was given.
    value
        What the function returned; None when `reason` is set.
    reason : Reason or None
        Code of the failure; None when all went well.
    text : str
        What went wrong, for people; empty when all went well.
    """

    task: T
    value: R | None = None
    reason: Reason | None = None
    text: str = ""


def run(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    workers: int | None = None,
    deadline_s: float | Callable[[T], float] = 300.0,
    memory_bytes: int | None = MEMORY_BYTES,
    preload: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    stop: threading.Event | None = None,
) -> Generator[Outcome[T, R]]:
    """Outcomes of a function over tasks, as workers finish them.

    Closing the iterator (or leaving its loop by an exception such as KeyboardInterrupt) ends the workers within a
    second; what was yielded before is complete.

    Parameters
    ----------
    function : callable
        Stands at the top of a module; takes one task. Task and value must pickle.
    tasks : iterable
        Read a little ahead of the workers only.
    workers : int or None
        Number of processes; None takes one for each processor.
    deadline_s : float or callable
        Seconds that a task may run, or a function of the task that says so.
    memory_bytes : int or None
        Address space of a worker on Linux, which what it holds in memory never exceeds; a task that asks for more ends
        as OUT_OF_MEMORY. macOS and Windows have no such limit for a process to set itself: there a task may take what
        the machine has, only its deadline holds, and a system that runs out of memory kills the worker (WORKER_DIED).
    preload : sequence of str
        Modules that a worker imports before its first task.
    environment : mapping or None
        Variables set in the workers before anything is imported.
    stop : threading.Event or None
        When it is set, what is finished is still yielded, the workers are ended in the middle of their tasks, and the
        iterator is at its end.

    Raises
    ------
    WorkerError
        The workers cannot be started at all.

    Notes
    -----
    pebble's pool is used because it alone kept 23 of 23 good results in trials with a killed, crashed, hung or
    unpicklable 24th task; concurrent.futures, loky, joblib and mpire lost some or all.
    """
    from pebble import ProcessPool

    if stop is not None and stop.is_set():
        return
    count = max(1, workers or processors())
    limit = deadline_s if callable(deadline_s) else lambda _: float(deadline_s)
    settings = {**dict.fromkeys(ONE_THREAD, "1"), **(environment or {})}
    todo, left, is_whole = iter(tasks), list[T](), False
    while not is_whole:
        pool = ProcessPool(
            max_workers=count,
            max_tasks=TASKS_PER_WORKER,
            initializer=_begin_in_pool,
            initargs=(memory_bytes, tuple(preload), settings),
            context=make_context(),
        )
        todo, is_of_use = chain(tuple(left), todo), False
        try:
            for outcome in _outcomes(pool, function, todo, limit, 4 * count, stop, left):
                is_of_use = True
                yield outcome
            is_whole = True
        except RuntimeError as error:  # pebble's word for a pool of which a worker died that had no task
            if not is_of_use:
                raise WorkerError(f"workers cannot start: {error}; {log_file()} may say why") from error
        finally:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it bare
            pool.join()


def _outcomes(
    pool: Any,  # noqa: ANN401  pebble is imported at first use
    function: Callable[[T], R],
    tasks: Iterator[T],
    limit: Callable[[T], float],
    window: int,
    stop: threading.Event | None,
    left: list[T],
) -> Iterator[Outcome[T, R]]:
    """Outcomes by one pool; where that breaks, the tasks that were taken and not done are `left`."""
    waiting: dict[Future[Any], T] = {}
    queue = deque[T]()
    again: list[T] = []
    is_second = False
    try:
        while True:
            queue.extend(task for _, task in zip(range(window - len(waiting) - len(queue)), tasks, strict=False))
            while queue:
                limit_s = limit(queue[0])
                future = pool.schedule(_attempt, args=(function, queue[0], limit_s), timeout=limit_s)
                waiting[future] = queue.popleft()
            if not waiting and (is_second or not again):
                return
            if not waiting:
                queue.extend(again)
                again, is_second = [], True
                continue
            stopping = _wait(waiting, stop)
            for future in [each for each in waiting if each.done()]:
                outcome: Outcome[T, R] = _outcome(future, waiting[future], limit)
                del waiting[future]
                if outcome.reason is Reason.WORKER_DIED and not is_second:
                    again.append(outcome.task)
                else:
                    yield outcome
            if stopping:
                return
    except RuntimeError:
        left[:] = [*waiting.values(), *queue, *again]
        raise


def _wait(waiting: Iterable[Future[Any]], stop: threading.Event | None) -> bool:
    """Wait until one of these is done or it is time to stop; whether it is.

    It wakes now and then in any case: a signal that another thread was given, one of a native library perhaps, is only
    answered when this one does something.
    """
    while stop is None or not stop.is_set():
        done, _ = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        if done:
            return False
    return True


def _outcome(future: Future[Any], task: T, limit: Callable[[T], float]) -> Outcome[T, R]:
    from pebble import ProcessExpired

    try:
        value, reason, text = future.result()
        return Outcome(task, value, reason, text)
    except TimeoutError:
        return Outcome(task, None, Reason.TIMEOUT, f"took longer than {limit(task):.0f} s")
    except ProcessExpired as error:
        return Outcome(task, None, Reason.WORKER_DIED, f"the worker process died over it (exit code {error.exitcode})")
    except (pickle.PicklingError, TypeError) as error:  # nothing else raises these: see _attempt
        return Outcome(task, None, Reason.INTERNAL_ERROR, f"gave what cannot be sent home: {error}")
    except CancelledError:
        raise WorkerError("a task was cancelled from outside; run it again") from None


def _begin_in_pool(memory_bytes: int | None, preload: Sequence[str], environment: Mapping[str, str]) -> None:
    """Set a worker of the pool up."""
    from pebble.common.types import CONSTS

    CONSTS.channel_lock_timeout = LOCK_S  # pebble has no switch for it
    begin(memory_bytes, preload, environment)


def _attempt(function: Callable[[T], R], task: T, limit_s: float) -> tuple[R | None, Reason | None, str]:
    """Run in the worker: no exception leaves it, since many do not pickle."""
    faulthandler.dump_traceback_later(limit_s + GRACE_S, exit=True, file=2)  # its thread needs no lock of Python's
    try:
        return function(task), None, ""
    except MemoryError:
        return None, Reason.OUT_OF_MEMORY, TOO_MUCH
    except BaseException as error:  # noqa: BLE001  the one broad catch: a bad file becomes a finding, whatever it raised
        reason = getattr(error, "reason", None)
        known = isinstance(reason, Reason)
        return None, reason if known else Reason.INTERNAL_ERROR, sentence(error, known=known)
    finally:
        faulthandler.cancel_dump_traceback_later()
