"""How do the page and the kernel talk?

Conventions
-----------
The page asks, and every answer bears the view and the number of the question, so that a page passes over what it has
asked anew. What changes by itself is sent with an empty view. `browser.js` knows the same words.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget

from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pane"]


class Pane(anywidget.AnyWidget):
    """Draws a browser, holds nothing.

    Parameters
    ----------
    told : callable
        Called with what the page sends.
    """

    is_left = False
    """All views have been closed. A browser whose cell was run again lives on with the kernel, but works for nobody."""

    _esm = script(Path(__file__).with_name("browser.js"))
    _css = style(Path(__file__).with_name("browser.css"))

    def __init__(self, told: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._told = told
        self._views: set[str] = set()
        self.on_msg(self._when_told)

    def _when_told(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401  what a page sends
        match content:
            case {"kind": "leave", "view": view}:
                self._views.discard(view)
                self.is_left = not self._views
            case {"view": view}:
                self._views.add(view)
                self.is_left = False
                self._told(content)
