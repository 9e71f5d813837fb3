"""How does a figure reach the page in one piece?

Conventions
-----------
plotly's FigureWidget opens its connection while it is still empty and sends its data afterwards. anywidget (0.11) gives
a page two seconds to load plotly's five megabytes, and when it takes longer drops all that comes afterwards: the page
showed an empty figure. Here the connection opens when all is there; `plot_events` tells when a figure is drawn, and
only then may a message go after it. FigureWidget's answer to a selection, a message for each trace that marks it once
more, is not given: it came after our own marks and took them away.
"""

from __future__ import annotations

import plotly.graph_objects as go

__all__ = ["WholeFigure"]


class WholeFigure(go.FigureWidget):  # type: ignore[misc]  # plotly has no types
    """A FigureWidget whose first message to the page holds its traces and its layout.

    Parameters
    ----------
    figure : go.Figure
        What to show, complete.
    name : str
        A class of its element, to find it on the page by.
    """

    _whole = False

    def __init__(self, figure: go.Figure, name: str = "") -> None:
        super().__init__(figure)
        self._config = {"responsive": True}  # follows the window's width
        self._dom_classes = (name,) if name else ()
        self._whole = True
        self.open()

    def open(self) -> None:
        """Open the connection to the page, unless the figure is still being built."""
        if self._whole:
            super().open()

    def _handler_js2py_pointsCallback(self, change: object) -> None:  # noqa: N802  plotly's name
        """Leave what is selected, clicked and hovered over to `PlotEvents`."""
