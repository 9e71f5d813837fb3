"""Which of the list's tracks move, and which go?

Conventions
-----------
The list shows what it is given and tells what was done to it; who gave it decides what it shows next.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ipywidgets

from workbench.widgets.builder.arrangement import moved, without
from workbench.widgets.captions import caption
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

__all__ = ["TrackList"]


class TrackList(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Numbered tracks, some of them chosen, and buttons that move and remove these.

    Parameters
    ----------
    edited : callable
        Called with the ids in their new order after a button was pressed.
    status : Status
        Shows what `edited` raises.
    """

    def __init__(self, edited: Callable[[list[int]], None], status: Status) -> None:
        self.track_ids: tuple[int, ...] = ()
        self._edited = edited
        self._list = ipywidgets.SelectMultiple(
            rows=12, layout={"width": "auto"}, tooltip="Tracks of the playlist; choose some to move or remove them"
        )
        self._list.add_class("workbench-track-list")
        up, down = (status.watched(partial(self._move, step)) for step in (-1, 1))
        buttons = [
            button("Up", "arrow-up", "Move the chosen tracks up", up),
            button("Down", "arrow-down", "Move the chosen tracks down", down),
            button("Remove", "times", "Take the chosen tracks out", status.watched(self._remove)),
        ]
        super().__init__([self._list, ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap"})])

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the tracks that are chosen in the list."""
        return tuple(self._list.value)

    def choose(self, track_ids: Sequence[int]) -> None:
        """Choose tracks from code; ids that the list does not show are passed over."""
        self._list.value = [track_id for track_id in track_ids if track_id in self.track_ids]

    def show(self, tracks: pl.DataFrame) -> None:
        """Show these tracks in this order; who was chosen stays chosen."""
        chosen = self.chosen
        self.track_ids = tuple(tracks["track_id"])
        width = len(str(len(tracks)))
        self._list.options = [
            (f"{number:\u2007>{width}}. {caption(row)}", row["track_id"])  # figure spaces are as wide as digits
            for number, row in enumerate(tracks.iter_rows(named=True), start=1)
        ]
        self.choose(chosen)

    def _move(self, step: int) -> None:
        self._edited(moved(self.track_ids, self.chosen, step))

    def _remove(self) -> None:
        self._edited(without(self.track_ids, self.chosen))
