"""Which tracks, in what order, go into the playlist?

Conventions
-----------
The list on the screen is the playlist: what is saved or written is what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import ipywidgets

from workbench.playlists import Playlist
from workbench.widgets.builder.arrangement import arranged, joined, without
from workbench.widgets.builder.file_target import FileTarget
from workbench.widgets.builder.track_list import TrackList
from workbench.widgets.captions import playing_time
from workbench.widgets.selection import Selection, opened, rows_of
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from workbench.spaces import Space
    from workbench.widgets.selection import HasSelection

__all__ = ["PlaylistBuilder", "PlaylistKeeper"]

GIVEN: Final = "as given"
BY_HAND: Final = "by hand"
FLOW: Final = "flow"
ORDERS: Final = (GIVEN, BY_HAND, "bpm", "year", "shuffle")
ROW: Final = {"flex_flow": "row wrap", "align_items": "center"}


class PlaylistKeeper(Protocol):
    """What the builder asks of a library."""

    def save(self, playlist: Playlist) -> object:
        """Keep a playlist in the store."""

    def space(self, tracks: pl.DataFrame) -> Space:
        """The space in which a flow is found."""


class PlaylistBuilder(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A selection becomes an ordered list, the list a saved playlist or a file.

    Parameters
    ----------
    source : MapView, Selection or pl.DataFrame
        Where tracks are taken from; what is selected in it is taken at once. Reads ``track_id``, ``title``,
        ``artist``, ``duration_s`` and what `workbench.playlists` reads.
    library : PlaylistKeeper or None
        A `Library`; without one there is no Save button and no flow.
    folder : str, Path or None
        Folder to write files into at first; None is the current one.

    Attributes
    ----------
    status : Status
        The line that says what was written where, or why not.
    """

    def __init__(
        self,
        source: HasSelection | Selection | pl.DataFrame,
        *,
        library: PlaylistKeeper | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.tracks, self.selection = opened(source)
        self.status = Status()
        self._library = library
        self._given: list[int] = []
        self._ids: list[int] = []
        self._list = TrackList(self._rearrange, self.status)
        self._order = ipywidgets.Dropdown(
            options=ORDERS if library is None else (*ORDERS, FLOW),
            description="Order",
            tooltip="Order of the tracks; in a flow neighbours sound alike",
        )
        self._minutes = ipywidgets.BoundedFloatText(
            min=0, max=100_000, step=5, description="Minutes", tooltip="Longest playing time in minutes; 0 is no limit"
        )
        self._name = ipywidgets.Text(value="Playlist", description="Name", tooltip="Name of the playlist")
        self._target = FileTarget(folder)
        self._length = ipywidgets.HTML()
        super().__init__(self._rows())
        self._order.observe(self.status.watched(self._sort), "value")
        self._minutes.observe(self.status.watched(self._show), "value")
        self._take()

    @property
    def playlist(self) -> Playlist:
        """The playlist as shown."""
        playlist = Playlist(self._name.value.strip(), arranged(self.tracks, self._ids))
        return playlist.limit(minutes=self._minutes.value or None)

    def _rows(self) -> list[ipywidgets.Widget]:
        """All parts from top to bottom."""
        watched = self.status.watched
        take = button("Take selection", "download", "Make the selected tracks the list", watched(self._take))
        add = button("Add selection", "plus", "Put the selected tracks at the end", watched(self._add))
        write = button("Write file", "file", "Write the list as a playlist file", watched(self._write))
        save = button("Save", "save", "Keep the list in the library", watched(self._save))
        ends = [write] if self._library is None else [save, write]
        return [
            ipywidgets.HBox([take, add], layout=ROW),
            self._list,
            self._length,
            ipywidgets.HBox([self._order, self._minutes], layout=ROW),
            ipywidgets.HBox([self._name], layout=ROW),
            self._target,
            ipywidgets.HBox(ends, layout=ROW),
            self.status,
        ]

    def _take(self) -> None:
        self._given = self._ids = self._selected()
        self._order.value = GIVEN
        self._show()

    def _add(self) -> None:
        self._given = joined(self._given, self._selected())
        self._rearrange(joined(self._list.track_ids, self._selected()))

    def _selected(self) -> list[int]:
        return rows_of(self.tracks, self.selection.track_ids)["track_id"].to_list()

    def _rearrange(self, shown: list[int]) -> None:
        """Take over what was done by hand to the shown tracks; tracks past the limit stay behind them."""
        removed = set(self._list.track_ids) - set(shown)
        self._given = without(self._given, removed)
        self._ids = without(joined(shown, self._ids), removed)
        self._order.value = BY_HAND
        self._show()

    def _sort(self) -> None:
        by = self._order.value
        if by == BY_HAND:
            return
        self._ids = self._given if by == GIVEN else self._sorted(by)
        self._show()

    def _sorted(self, by: str) -> list[int]:
        playlist = Playlist(self._name.value, arranged(self.tracks, self._ids))
        space = self._library.space(playlist.rows) if by == FLOW and self._library is not None else None
        return playlist.order(by, space=space).track_ids

    def _show(self) -> None:
        rows = self.playlist.rows
        self._list.show(rows)
        left_out = len(self._ids) - len(rows)
        self._length.value = playing_time(rows) + (f"; {left_out} more are past the limit" if left_out else "")

    def _save(self) -> None:
        if self._library is not None:
            playlist = self.playlist
            self._library.save(playlist)
            self.status.say(f"Saved {playlist.name}: {playing_time(playlist.rows)}.")

    def _write(self) -> None:
        playlist = self.playlist
        path = self._target.path(playlist.name)
        playlist.write(path, relative=self._target.relative, overwrite=self._target.overwrite)
        self.status.say(f"Wrote {playing_time(playlist.rows)} to {path.absolute()}.")
