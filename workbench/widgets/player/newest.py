"""Which of several things asked for is still worth doing?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Newest"]


class Newest:
    """Does what was asked for last, one thing after the other, in a thread that ends when there is nothing to do.

    Parameters
    ----------
    complain : callable
        Is told what an action raised, for nobody sees what a thread raises.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._lock = threading.Lock()
        self._waiting: Callable[[], None] | None = None
        self._is_busy = False

    def ask(self, action: Callable[[], None]) -> None:
        """Do this next; what waited for its turn is forgotten."""
        with self._lock:
            self._waiting = action
            if self._is_busy:
                return
            self._is_busy = True
        threading.Thread(target=self._work, name="workbench-newest", daemon=True).start()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            action, self._waiting = self._waiting, None
            self._is_busy = action is not None
            return action

    def _work(self) -> None:
        while action := self._next():
            try:
                action()
            except Exception as error:  # noqa: BLE001  shown, not swallowed
                self._complain(f"{type(error).__name__}: {error}")
