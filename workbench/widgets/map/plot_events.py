"""What does somebody select and click in a figure on the page?

Conventions
-----------
plotly's FigureWidget reports selections, clicks and hovers in one and the same state, of which ipywidgets sends only
the latest value while the kernel is busy: the hover at the end of a lasso overwrote the lasso. Here each is a message
of its own, and messages are all delivered, in their order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PlotEvents"]

KINDS: Final = frozenset({"selected", "clicked"})


class PlotEvents(anywidget.AnyWidget):
    """Listens to one figure; has no view of its own.

    Parameters
    ----------
    told : callable
        Called as ``told(kind, track_ids)`` with "selected" or "clicked"; an empty selection clears.

    Attributes
    ----------
    uid : str
        That of the first trace of the figure to listen to.
    """

    _esm = Path(__file__).with_suffix(".js")
    uid = traitlets.Unicode().tag(sync=True)

    def __init__(self, told: Callable[[str, list[int]], None]) -> None:
        super().__init__()
        self._told = told
        self.on_msg(self._when_told)

    def _when_told(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401  what a page sends
        if content.get("kind") in KINDS:
            self._told(content["kind"], [int(track_id) for track_id in content["track_ids"]])
