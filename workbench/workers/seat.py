"""What does a worker do that is kept at hand?

Conventions
-----------
Runs in the worker. It is sent one task after the other, each as the pickled function, task and memory limit, and sends
an `Answer` for each. An empty message (``CALLED_OFF``) calls off the task that is being done. A worker that goes home
leaves with a code of its own (``HOME``): whatever was sent meanwhile was not begun.
"""

from __future__ import annotations

import importlib
import pickle  # between processes of one program; nothing pickled is ever read from a file
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import WorkbenchError
from workbench.models import Reason
from workbench.workers.processes import TASKS_PER_WORKER, TOO_MUCH, begin, limit_memory, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from multiprocessing.connection import Connection

__all__ = ["CALLED_OFF", "HOME", "Answer", "is_wanted", "load", "sit"]

CALLED_OFF: Final = b""
HOME: Final = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a task: a value, or what was raised, or why there is neither."""

    value: Any = None
    error: Exception | None = None
    reason: Reason | None = None
    text: str = ""


def is_wanted() -> bool:
    """Whether anybody still waits for the task that is being done; for functions that can be called off midway.

    In a process that is no such worker, always.
    """
    return _desk.pipe is None or not _desk.pipe.poll(0)


def load(modules: Iterable[str]) -> None:
    """Import modules, so that the next task need not."""
    for name in modules:
        importlib.import_module(name)


class Desk:
    """Where tasks come from, in a worker."""

    pipe: Connection | None = None


_desk: Final = Desk()


def sit(pipe: Connection, environment: Mapping[str, str], idle_s: float) -> None:
    """Do tasks until none has come for a while, the parent is gone, or so many are done that leaks may add up."""
    begin(None, (), environment)
    _desk.pipe = pipe
    left = TASKS_PER_WORKER
    try:
        while left and pipe.poll(idle_s):
            message = pipe.recv_bytes()
            if message == CALLED_OFF:  # the task was done before it was called off
                continue
            answer = _answer(message)
            pipe.send_bytes(answer)
            left -= 1
    except (EOFError, OSError):  # nobody is there any more
        return
    sys.exit(HOME)


def _answer(message: bytes) -> bytes:
    """The pickled answer; no exception leaves it."""
    try:
        function, task, memory_bytes = pickle.loads(message)  # noqa: S301  from the parent
        limit_memory(memory_bytes)
        return pickle.dumps(Answer(value=function(task)), protocol=5)
    except MemoryError:
        return pickle.dumps(Answer(reason=Reason.OUT_OF_MEMORY, text=TOO_MUCH))
    except Exception as error:  # noqa: BLE001  the parent raises it again
        return _raised(error)


def _raised(error: Exception) -> bytes:
    """What was raised, where it survives the journey, else its sentence; with a note of where in the worker it was."""
    try:
        if not isinstance(error, WorkbenchError):
            error.add_note("".join(traceback.format_exception(error)).rstrip())
        message = pickle.dumps(Answer(error=error))
        pickle.loads(message)  # noqa: S301  what has just been pickled
    except Exception:  # noqa: BLE001  there is no telling what a foreign exception does here
        return pickle.dumps(Answer(reason=Reason.INTERNAL_ERROR, text=sentence(error, known=False)))
    return message
