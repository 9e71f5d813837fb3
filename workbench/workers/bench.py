"""Who does one short task, at once, for somebody who waits?

A window's callback or a line of a notebook wants one cover, one excerpt, one waveform of a file that nobody vouches
for. What decodes it may crash, hang or swell, so that is done by a worker that is kept at hand.

Conventions
-----------
At most three workers, started when they are needed and gone five minutes after they were. At most two of them do what
may take long, so that what is quick waits for nothing long. A worker that dies, or is ended over its task, is replaced
by the next one who asks. All of it works from any thread; who waits can be interrupted, and the worker ends with his
task.
"""

from __future__ import annotations

import contextlib
import os
import pickle  # between processes of one program; nothing pickled is ever read from a file
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from workbench.errors import WorkerError
from workbench.models import Reason
from workbench.workers.processes import LOOK_S, MEMORY_BYTES, make_context
from workbench.workers.seat import CALLED_OFF, HOME, Answer, load, sit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["QUICK_S", "Bench", "ask", "prepare"]

T = TypeVar("T")
R = TypeVar("R")

PLACES: Final = 3
LONG_PLACES: Final = 2
QUICK_S: Final = 30.0
IDLE_S: Final = 300.0
LET_GO_S: Final = 1.0
"""How long a worker may take to notice that its task was called off."""
OURS: Final = ("WORKBENCH_", "NUMBA_")
"""Variables by which a worker is told what the parent was told after the fork server had started."""


def ask(
    function: Callable[[T], R],
    task: T,
    *,
    deadline_s: float = QUICK_S,
    memory_bytes: int | None = MEMORY_BYTES,
    wanted: Callable[[], bool] | None = None,
) -> R:
    """What a function gives for a task, done in a worker process.

    The first answer takes as long as a process takes to start (0.1 CPU s, and what the function imports), the next ones
    a millisecond more than the function itself.

    Parameters
    ----------
    function : callable
        Stands at the top of a module; takes the task. `functools.partial` gives it settings.
    task : object
        It and the value pickle.
    deadline_s : float
        Seconds that it may take. With more than 30 s it is no quick task, of which one can always be done.
    memory_bytes : int or None
        Address space of the worker meanwhile, where the system can limit it (not on macOS and Windows).
    wanted : callable or None
        Asked now and then whether to go on. The function hears of it by `workers.is_wanted`; where it does not listen,
        its worker is ended.

    Raises
    ------
    WorkerError
        With the reason: TIMEOUT, WORKER_DIED, OUT_OF_MEMORY, or INTERNAL_ERROR for what cannot be pickled.
    InterruptedError
        `wanted` said no.
    Exception
        What the function raises.

    Examples
    --------
    >>> from functools import partial
    >>> from workbench import audio
    >>> ask(partial(audio.excerpt, start_s=60.0), Path("rain.flac"))  # doctest: +SKIP
    """
    order = pickle.dumps((function, task, memory_bytes))
    return cast("R", _shared(os.getpid()).ask(order, task, deadline_s=deadline_s, wanted=wanted or _always))


def prepare(*modules: str) -> None:
    """Have a worker started in the background that knows these modules, unless one is there; comes back at once.

    For windows that will soon ask: starting the first worker of a program takes half a CPU s, most of it imports.
    """
    bench = _shared(os.getpid())
    if bench.is_asleep:
        threading.Thread(target=_wake, args=(bench, modules), name="workbench-prepare", daemon=True).start()


def _wake(bench: Bench, modules: tuple[str, ...]) -> None:
    with contextlib.suppress(WorkerError):  # who asks for something is told
        bench.ask(pickle.dumps((load, modules, None)), modules, deadline_s=QUICK_S, wanted=_always)


class Bench:
    """A few workers that wait for tasks.

    Parameters
    ----------
    idle_s : float
        How long a worker waits for its next task.
    """

    def __init__(self, *, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._free: list[Worker] = []
        self._busy = self._busy_long = 0

    @property
    def is_asleep(self) -> bool:
        """Whether no worker is there."""
        return not (self._busy or any(worker.is_there for worker in tuple(self._free)))

    def ask(self, order: bytes, task: object, *, deadline_s: float, wanted: Callable[[], bool]) -> object:
        """As `workers.ask`, of a function, task and memory limit that are pickled."""
        answer = None
        with self._place(is_long=deadline_s > QUICK_S, wanted=wanted):
            while answer is None:
                with self._worker() as worker:
                    answer = worker.do(order, task, deadline_s, wanted)
        if answer.error is not None:
            raise answer.error
        if answer.reason is not None:
            raise lost(task, answer.reason, answer.text)
        return answer.value

    @contextlib.contextmanager
    def _place(self, *, is_long: bool, wanted: Callable[[], bool]) -> Iterator[None]:
        """Wait until there is a place at the bench, and hold it."""
        with self._changed:
            while self._busy >= PLACES or (is_long and self._busy_long >= LONG_PLACES):
                self._changed.wait(LOOK_S)
                if not wanted():
                    raise InterruptedError("not wanted any more")
            self._busy += 1
            self._busy_long += is_long
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._busy_long -= is_long
                self._changed.notify_all()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[Worker]:
        """A worker that waits, or a new one; kept for the next task where it is fit for one."""
        worker = None
        while worker is None:
            try:
                worker = self._free.pop()  # the one that worked last; the others may go home
            except IndexError:
                worker = Worker(self._idle_s)
            if not worker.is_there:
                worker.end()
                worker = None
        try:
            yield worker
        finally:
            if worker.is_fit:
                self._free.append(worker)
            else:
                worker.end()


class Worker:
    """A worker as the parent sees it."""

    def __init__(self, idle_s: float) -> None:
        context: Any = make_context()
        environment = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
        with contextlib.ExitStack() as ours:
            try:
                self._pipe, theirs = context.Pipe()
                ours.callback(self._pipe.close)
                with theirs:
                    words = (theirs, environment, idle_s)
                    self._process = context.Process(target=sit, args=words, name="workbench-bench", daemon=True)
                    self._process.start()
            except (OSError, EOFError) as error:  # the latter where the fork server ends over a fork
                raise WorkerError(f"a worker cannot start: {error}; close what takes processes or memory") from error
            ours.pop_all()
        self.is_fit = True

    @property
    def is_there(self) -> bool:
        """Whether the process is alive; it may be about to go home."""
        return bool(self._process.is_alive())

    def do(self, order: bytes, task: object, deadline_s: float, wanted: Callable[[], bool]) -> Answer | None:
        """The answer; None where the worker had gone home, and the task is to be given to another one."""
        self.is_fit = False  # until it has answered
        try:
            self._pipe.send_bytes(order)
            self._await(task, deadline_s, wanted)
            content = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            if isinstance(error, InterruptedError):
                raise
            self._process.join(LET_GO_S)
            code = self._process.exitcode
            if code == HOME:
                return None
            text = f"the worker process died over it (exit code {code})"
            raise lost(task, Reason.WORKER_DIED, text) from error
        answer: Answer = pickle.loads(content)  # noqa: S301  from a process of ours
        self.is_fit = answer.reason is None  # one that ran out of memory gives it back by its end
        return answer

    def _await(self, task: object, deadline_s: float, wanted: Callable[[], bool]) -> None:
        """Wait until there is something to receive."""
        end = time.monotonic() + deadline_s
        while not self._pipe.poll(min(LOOK_S, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise lost(task, Reason.TIMEOUT, f"took longer than {deadline_s:.0f} s")
            if not wanted():
                self._call_off()
                raise InterruptedError(f"{task}: not wanted any more")

    def _call_off(self) -> None:
        """Have the task stopped by its function, if that listens."""
        self._pipe.send_bytes(CALLED_OFF)
        if self._pipe.poll(LET_GO_S):
            self._pipe.recv_bytes()
            self.is_fit = True

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join(LET_GO_S)
        self._pipe.close()


def lost(task: object, reason: Reason, text: str) -> WorkerError:
    """What is raised for a task that its worker did not survive, or that did not survive its worker."""
    while isinstance(task, tuple) and len(task) == 1:
        (task,) = task
    return WorkerError(f"{os.fsdecode(task) if isinstance(task, bytes) else task}: {text}", reason)


@lru_cache(maxsize=1)
def _shared(_process: int) -> Bench:
    """The bench of this process; a fork has one of its own."""
    return Bench()


def _always() -> bool:
    return True
