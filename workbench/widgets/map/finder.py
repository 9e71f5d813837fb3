"""Where on the map is what I am looking for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import ipywidgets

from workbench.query import search
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import polars as pl

__all__ = ["Finder"]

WRAPPED: Final = {"flex_flow": "row wrap", "align_items": "center"}


class Finder(ipywidgets.HBox):  # type: ignore[misc]  # ipywidgets has no types
    """A search box whose finds are shown on the map, and a button that selects them.

    Parameters
    ----------
    tracks : pl.DataFrame
        What is searched.
    found : callable
        Called with the ids that are found, None where nothing is looked for.
    chosen : callable
        Called with the ids and the search's text when they are to be selected.
    """

    def __init__(
        self,
        tracks: pl.DataFrame,
        found: Callable[[npt.NDArray[np.int64] | None], None],
        chosen: Callable[[npt.NDArray[np.int64], str], None],
    ) -> None:
        self.tracks = tracks
        self._found, self._chosen = found, chosen
        self._track_ids: npt.NDArray[np.int64] | None = None
        self.status = Status()
        self.text = ipywidgets.Text(
            placeholder="Find on the map",
            tooltip="Find on the map: words, or e.g. genre:ambient bpm:60..90",
            continuous_update=False,
            disabled=tracks.is_empty(),
            layout={"width": "210px", "max_width": "98%"},
        )
        self.select = button("Select found", "crosshairs", "Select what the search found", self._when_pressed)
        self.select.disabled = True
        super().__init__([self.text, self.select, self.status], layout=WRAPPED)
        self.text.observe(self._when_asked, "value")

    def _when_asked(self, _change: object) -> None:
        text = self.text.value.strip()
        self._track_ids, self.select.disabled = None, True
        self.status.say("")
        with self.status.watch():
            if text:
                self._track_ids = search(self.tracks, text)["track_id"].to_numpy()
                self.status.say(f"{len(self._track_ids):,} found")
                self.select.disabled = not len(self._track_ids)
        with self.status.watch():
            self._found(self._track_ids)

    def _when_pressed(self, _event: object) -> None:
        with self.status.watch():
            if self._track_ids is not None:
                self._chosen(self._track_ids, self.text.value.strip())
