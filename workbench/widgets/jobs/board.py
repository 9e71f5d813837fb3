"""What does a page show of work that goes on, whatever is raised meanwhile?"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from workbench.widgets.jobs.words import trouble
from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STATES", "Board"]

STATES: Final = ("waiting", "running", "done", "cancelled", "failed")


class Board(anywidget.AnyWidget):
    """A state, and numbers and texts that any thread may change.

    Attributes
    ----------
    state : str
        One of `STATES`; observable.
    view : dict
        What is shown, in numbers and plain text.
    """

    _esm = script(Path(__file__).with_name("job.js"))
    _css = style(Path(__file__).with_name("job.css"))
    state = traitlets.Enum(STATES, "waiting").tag(sync=True)
    view = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._drawing = threading.Lock()
        self._hear_beside_cells()

    def _hear_beside_cells(self) -> None:
        """Take the page's messages while a cell runs, where the page sends them to a subshell, as JupyterLab does.

        ipykernel 7.4 would send them to the shell that used this comm last, and so behind the cell: a method that is
        not there counts as no wish (`shell_channel_thread_main` in ipykernel/kernelbase.py).
        """
        if self.comm is not None:
            self.comm._reply_subshell_for = None  # noqa: SLF001  there is no public switch

    def show(self, **parts: Any) -> None:  # noqa: ANN401  numbers and texts
        """Show this, and nothing of what was shown before."""
        with self._drawing:
            self.view = parts

    def add(self, **parts: Any) -> None:  # noqa: ANN401  the same
        """Show this too."""
        with self._drawing:
            self.view = {**self.view, **parts}

    def end(self, **parts: Any) -> None:  # noqa: ANN401  the same
        """Show how the work ended, and what others' code raised meanwhile."""
        self.show(**{name: self.view[name] for name in ("error", "trace") if name in self.view} | parts)

    def turn(self, state: str) -> None:
        """Go into a state; what those raise who observe it is shown."""
        self.watched(lambda: self.set_trait("state", state))

    def watched(self, action: Callable[[], object]) -> None:
        """Show what somebody else's code raises, and go on."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  whatever it is, it is shown
            line, trace = trouble(error)
            self.add(error=line, trace=trace)
