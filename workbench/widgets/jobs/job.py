"""How is a collection scanned and analysed while the notebook stays free?

Conventions
-----------
The work runs in a thread, and the files in worker processes below it; both end with the kernel. The page gets the state
five times a second at most. One job at a time works on a library. Whatever is raised is shown: by the work, by whom
`Job.on_done` calls, and by those who observe `Job.state`.

The button is heard while a cell runs where the page sends its messages to a subshell of the kernel, as JupyterLab 4.6
does with ipykernel 7 unless its setting "Kernel Comms over subshells" is "Disabled". Elsewhere it waits for the cell.
"""

from __future__ import annotations

import atexit
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from workbench.errors import JobError
from workbench.widgets.jobs.board import Board
from workbench.widgets.jobs.steps import Step, Tally, analysis, scanning
from workbench.widgets.jobs.words import trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.library import Library

__all__ = ["Job"]

DRAW_S: Final = 0.2


class Job(Board):
    """Work on a library in the background: a bar, the pace, the time left, what was found, and a button that stops it.

    Parameters
    ----------
    library : Library
        What is worked on; it can be read meanwhile.

    Attributes
    ----------
    state : str
        "waiting" (nothing was started), "running", "done", "cancelled" or "failed"; observable.
    result : object
        What the work gave, `Analysis` or `Scan`, a tuple of both for `scan_and_analyze` (of the scan alone, where that
        was stopped); None before its end.
    error : Exception or None
        What the work raised.

    Examples
    --------
    >>> job = Job(library).analyze()  # doctest: +SKIP
    >>> job  # doctest: +SKIP
    >>> library.tracks()  # meanwhile  # doctest: +SKIP
    """

    _working: ClassVar[dict[str, Job]] = {}
    _claims: ClassVar = threading.Lock()

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library
        self.result: Any = None
        self.error: Exception | None = None
        self._place = os.path.realpath(library.path)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turned = threading.Event()
        self._callbacks: list[Callable[[Job], object]] = []
        self.on_msg(self._when_told)

    def analyze(self, *, workers: int | None = None, retry: bool = False, preview: bool = False) -> Self:
        """Begin `Library.analyze`, which explains the parameters; gives the job itself, so that the cell shows it.

        Raises
        ------
        JobError
            A job works on this library already.
        """
        return self.start(analysis(self.library, workers=workers, retry=retry, preview=preview))

    def scan(self, folder: str | Path, *, allow_missing: bool = False, workers: int | None = None) -> Self:
        """Begin `Library.scan`, which explains the parameters.

        Raises
        ------
        JobError
            A job works on this library already.
        """
        return self.start(scanning(self.library, folder, allow_missing=allow_missing, workers=workers))

    def scan_and_analyze(self, folder: str | Path, *, workers: int | None = None) -> Self:
        """Begin a scan, and analyse what waits after it.

        Raises
        ------
        JobError
            A job works on this library already.
        """
        return self.start(scanning(self.library, folder, workers=workers), analysis(self.library, workers=workers))

    def start(self, *steps: Step) -> Self:
        """Begin one piece of work after the other; one that was stopped or has failed is the last.

        Raises
        ------
        JobError
            A job works on this library already, or there is no step.
        """
        if not steps:
            raise JobError("there is nothing to do; give at least one step")
        with self._claims:
            other = self._working.get(self._place)
            if other is not None:
                doing = other.view.get("title", "working")
                raise JobError(f"{self.library.path}: a job works on it ({doing}); wait for its end, or cancel it")
            self._working[self._place] = self
        if self._thread not in {None, threading.current_thread()}:
            self._turned.wait()  # the work before lets the library go just before it says how it ended
        self._turned = threading.Event()
        self._stop.clear()
        self.result = self.error = None
        self.show(title=steps[0].title, can_stop=steps[0].can_stop)
        self._thread = threading.Thread(target=self._run, args=(steps, self._turned), name="workbench job", daemon=True)
        atexit.register(self._stop.set)  # the workers below a thread that is cut off would be waited for
        self.turn("running")
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop the work within two seconds; what was done is kept. Nothing happens when none goes on."""
        if self.state == "running" and self.view.get("can_stop"):
            self._stop.set()
            self.add(stopping=True)

    def wait(self, timeout_s: float | None = None) -> Any:  # noqa: ANN401  the work's own result
        """Wait for the end of the work; gives `result`, or raises what the work raised.

        Parameters
        ----------
        timeout_s : float or None
            Seconds to wait; None waits for as long as it takes.

        Raises
        ------
        JobError
            Nothing was started, or it is not done in time; it goes on then.
        """
        thread = self._thread  # another one when a callback begins the next work
        if thread is None:
            raise JobError("this job does nothing yet; begin with its analyze() or scan(folder)")
        if thread is not threading.current_thread():
            thread.join(timeout_s)
            if thread.is_alive():
                raise JobError(f"not done in {timeout_s:g} s; it goes on")
        if self.error is not None:
            raise self.error
        return self.result

    def on_done(self, callback: Callable[[Job], object]) -> None:
        """Have ``callback(job)`` called, in the job's thread, each time that work ends in whatever way."""
        self._callbacks.append(callback)

    def _run(self, steps: tuple[Step, ...], turned: threading.Event) -> None:
        """Do the work; runs in a thread."""
        results: list[Any] = []
        said: list[str] = []
        state = "failed"
        try:
            for step in steps:
                result, words = self._do(step)
                results.append(result)
                said.append(words)
                if getattr(result, "stopped", False) or self._stop.is_set():
                    break
            is_whole = len(results) == len(steps) and not getattr(results[-1], "stopped", False)
            state = "done" if is_whole else "cancelled"
            self.result = results[0] if len(steps) == 1 else tuple(results)
            self.end(title=steps[-1].title, summary=" ".join(said))
        except Exception as error:  # noqa: BLE001  whatever it is, it is shown, and raised by wait()
            self.error = error
            line, trace = trouble(error)
            self.end(title=steps[len(results)].title, summary=" ".join(said), error=line, trace=trace)
        finally:
            atexit.unregister(self._stop.set)
            with self._claims:
                self._working.pop(self._place, None)
        self.turn(state)
        turned.set()
        for callback in self._callbacks:
            self.watched(partial(callback, self))

    def _do(self, step: Step) -> tuple[Any, str]:
        """Do one piece of work, drawn by another thread."""
        tally, ended = Tally(step, self.library.findings), threading.Event()
        drawer = threading.Thread(target=self._draw, args=(tally, ended), name="workbench job bar", daemon=True)
        drawer.start()
        try:
            result = step.work(tally.note, self._stop)
        finally:
            ended.set()
            drawer.join()
        return result, step.words(result, tally.elapsed_s)

    def _draw(self, tally: Tally, ended: threading.Event) -> None:
        """Show how far a step has come until it has ended."""
        while not ended.wait(DRAW_S):
            self.watched(lambda: self.add(can_stop=tally.step.can_stop, **tally.view()))

    def _when_told(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("kind") == "cancel":
            self.cancel()
