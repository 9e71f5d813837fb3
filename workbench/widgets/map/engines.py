"""Who draws a map?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.widgets.map.picture import Card, Drawn, Picture, Told

__all__ = ["ENGINES", "MOST_FOR_PLOTLY", "Engine", "engine_of"]

ENGINES: Final = ("plotly", "webgl")

MOST_FOR_PLOTLY: Final = 10_000
"""Points up to which plotly answers a lasso in half a second."""


class Engine(Protocol):
    """Makes what draws."""

    def __call__(
        self, picture: Picture, told: Told, card: Card, *, height: int = 600, dark: bool | None = None
    ) -> Drawn:
        """As `Drawn` says."""


def engine_of(name: str | None, points: int) -> Engine:
    """The engine of this name; None chooses by the number of points.

    Raises
    ------
    WorkbenchError
        There is none of this name.
    """
    chosen = name or ("plotly" if points <= MOST_FOR_PLOTLY else "webgl")
    if chosen not in ENGINES:
        raise WorkbenchError(f"no engine {chosen!r} draws maps: choose one of {', '.join(ENGINES)}, or None")
    if chosen == "plotly":
        from workbench.widgets.map.plotly_map import PlotlyMap

        return PlotlyMap
    from workbench.widgets.map.webgl_map import WebGLMap

    return WebGLMap
