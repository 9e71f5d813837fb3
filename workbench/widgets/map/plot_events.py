"""What happens in a figure on the page, and what is changed there?

Conventions
-----------
plotly's FigureWidget reports selections, clicks and hovers in one and the same state, of which ipywidgets sends only
the latest value while the kernel is busy: the hover at the end of a lasso overwrote the lasso. Here each is a message
of its own, and messages are all delivered, in their order. What goes to the page is a message too, and is sent once the
page has told that the figure is drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PlotEvents"]


class PlotEvents(anywidget.AnyWidget):
    """Listens to one figure; has no view of its own.

    Parameters
    ----------
    answers : mapping of str to callable
        What to do with a message, by its kind: "selected", "clicked", "hover", "drawn", "blank" or "gone". Others are
        ignored.

    Attributes
    ----------
    name : str
        The figure to listen to: the ``uid`` of its first trace, and a class of its element.
    """

    _esm = script(Path(__file__).with_suffix(".js"))
    _css = style(Path(__file__).with_suffix(".css"))
    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, answers: Mapping[str, Callable[[Mapping[str, Any]], None]]) -> None:
        super().__init__()
        self._answers = answers
        self.on_msg(self._when_told)

    def _when_told(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        answer = self._answers.get(content.get("kind", ""))
        if answer is not None:
            answer(content)
