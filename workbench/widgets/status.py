"""What happened, and what went wrong?

Conventions
-----------
Whatever a callback raises is seen: an expected error as one line, an unexpected one with its traceback. (A Jupyter
kernel otherwise sends the exceptions of widget callbacks nowhere.)
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import ipywidgets

from workbench.errors import WorkbenchError
from workbench.figures import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Status", "button"]


class Status(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One line of news, and below it an area that is empty until something unexpected is raised."""

    def __init__(self) -> None:
        self.text = ""
        self._line = ipywidgets.HTML()
        self._output = ipywidgets.Output()
        super().__init__([self._line, self._output])

    def say(self, text: str) -> None:
        """Show `text`, escaped."""
        self.text = text
        self._line.value = f'<span role="status">{escape(text)}</span>'

    def warn(self, text: str) -> None:
        """Show `text`, escaped, in the theme's colour for errors."""
        self.text = text
        self._line.value = f'<span role="alert" style="color: var(--jp-error-color1, #b3261e)">{escape(text)}</span>'

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Show what the body raises: errors of this package and of the file system as a line, others in full."""
        self._output.outputs = ()
        with self._output:
            try:
                yield
            except (WorkbenchError, OSError) as error:
                self.warn(str(error))

    def show(self, error: Exception) -> None:
        """Show what another thread raised, where `watch` would see nothing: a line, or the traceback."""
        if isinstance(error, WorkbenchError | OSError):
            self.warn(str(error))
        else:
            self._output.append_stderr("".join(traceback.format_exception(error)))

    def watched(self, action: Callable[[], None]) -> Callable[[object], None]:
        """`action` as a callback of a widget, watched."""

        def callback(_event: object) -> None:
            with self.watch():
                action()

        return callback


def button(label: str, icon: str, tooltip: str, action: Callable[[object], None]) -> ipywidgets.Button:
    """A button as wide as its label that calls `action` when pressed."""
    made = ipywidgets.Button(description=label, icon=icon, tooltip=tooltip, layout={"width": "auto"})
    made.on_click(action)
    return made
