"""What does a page draw of the settings, and what does it ask for?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Face"]


class Face(anywidget.AnyWidget):
    """The part of the panel that is drawn by a script.

    Parameters
    ----------
    told : callable
        Called as ``told(kind, content)`` with what somebody asks for.
    """

    _esm = script(Path(__file__).with_name("face.js"))
    _css = style(Path(__file__).with_name("face.css"))
    view = traitlets.Dict().tag(sync=True)
    busy = traitlets.Bool().tag(sync=True)

    def __init__(self, told: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__()
        self._told = told
        self.on_msg(self._when_told)

    def _when_told(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        self._told(str(content.get("kind")), content)
