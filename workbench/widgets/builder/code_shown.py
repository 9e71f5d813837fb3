"""Which lines of Python do the same?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CodeShown"]


class CodeShown(ipywidgets.Textarea):  # type: ignore[misc]  # ipywidgets has no types
    """Lines to copy, which nobody sees until the button is pressed.

    Parameters
    ----------
    code : callable
        Gives the lines.

    Attributes
    ----------
    button : ipywidgets.ToggleButton
        Shows and hides them.
    """

    def __init__(self, code: Callable[[], str]) -> None:
        super().__init__(rows=4, tooltip="Lines of Python that make this list", layout={"width": "auto"})
        self.add_class("workbench-code")
        self._written = code
        self.button = ipywidgets.ToggleButton(
            description="Show code", icon="code", tooltip="Show the lines that make this list", layout={"width": "auto"}
        )
        self.button.observe(self.refresh, "value")
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Show the lines as they are now, where they are to be seen."""
        self.layout.display = None if self.button.value else "none"
        if self.button.value:
            self.value = self._written()
