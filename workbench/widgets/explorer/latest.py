"""How does a window stay awake while something is computed?

Conventions
-----------
One thing at a time, in a thread of its own. What was asked for last wins: an earlier request of the same topic that
has not begun is dropped, and the answer of one that is under way is thrown away.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Latest"]


class Request(NamedTuple):
    """Something to compute, and who is told."""

    work: Callable[[], Callable[[], None]]
    failed: Callable[[Exception], None]


class Latest:
    """A thread that answers the newest request of each topic, and ends when there is none."""

    def __init__(self) -> None:
        self._waiting: dict[str, Request] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, topic: str, work: Callable[[], Callable[[], None]], failed: Callable[[Exception], None]) -> None:
        """Compute something soon.

        Parameters
        ----------
        topic : str
            A later request of the same topic takes its place.
        work : callable
            Computes, and gives a function that shows the answer; that is called unless a newer request has come.
        failed : callable
            Is given what one of them raises, unless a newer request has come.
        """
        with self._changed:
            self._waiting[topic] = Request(work, failed)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="workbench explorer", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Come back when all is answered; at once for who is told an answer, and so is in this thread."""
        if threading.current_thread() is self._thread:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None)

    @property
    def is_busy(self) -> bool:
        """Something waits to be computed."""
        return bool(self._waiting)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    self._changed.notify_all()
                    return
                topic = next(iter(self._waiting))
                request = self._waiting.pop(topic)
            self._answer(topic, request)

    def _answer(self, topic: str, request: Request) -> None:
        try:
            show = request.work()
            if topic not in self._waiting:
                show()
        except Exception as error:  # noqa: BLE001  a thread's error would be seen nowhere: the window shows it
            if topic not in self._waiting:
                request.failed(error)
