"""Which tracks, in what order, go into the playlist?

Conventions
-----------
The list on the screen is the playlist: what is saved or written is what is shown. Everything that changes it makes a
new `Draft`, and can be undone.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from workbench.widgets.builder.code_shown import CodeShown
from workbench.widgets.builder.desk import Desk
from workbench.widgets.builder.draft import Draft, code_of, extent, once
from workbench.widgets.builder.file_target import FileTarget
from workbench.widgets.builder.recipe import Question
from workbench.widgets.builder.rules import Rules, number
from workbench.widgets.builder.shelf import Shelf
from workbench.widgets.builder.track_list import TrackList
from workbench.widgets.captions import playing_time
from workbench.widgets.selection import Selection, Source, answered, opened, rows_of
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl

    from workbench.playlists import Playlist
    from workbench.widgets.builder.shelf import PlaylistKeeper
    from workbench.widgets.selection import HasSelection

__all__ = ["PlaylistBuilder"]

ROW: Final = {"flex_flow": "row wrap", "align_items": "center"}


class PlaylistBuilder(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A selection becomes an ordered list, the list a saved playlist or a file.

    Parameters
    ----------
    source : MapView, Selection or pl.DataFrame
        Where tracks are taken from; what is selected in it is taken at once. Reads ``track_id``, ``title``,
        ``artist``, ``duration_s`` and what `workbench.playlists` reads.
    library : Library or None
        Keeps playlists, and knows a track's neighbours; None takes the selection's. Without one the list is ordered by
        hand or by columns, and written into files.
    folder : str, Path or None
        Folder to write files into at first; None is the current one.

    Attributes
    ----------
    selection : Selection
        What the other windows have selected.
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
        tracks, self.selection = opened(source)
        self._library = self.selection.library if library is None else library
        self.status = Status()
        self._shows_in: int | None = None  # the thread that sets the controls; another one's hands set them too
        name = self.selection.name or "Playlist"
        taken = tuple(dict.fromkeys(rows_of(tracks, self.selection.track_ids)["track_id"]))
        draft = Draft(name, taken, taken, question=self._question())
        self._desk = Desk(tracks, self._library, draft, self._show)
        self._make_parts(tracks, folder)
        super().__init__(self._rows())
        self._marking = self.status.watched(self._mark)
        self.selection.observe(self._marking, ["track_ids", "clicked"])
        self._show()
        with self.status.watch():
            self._shelf.refresh()

    @property
    def tracks(self) -> pl.DataFrame:
        """Rows of the source, and of the tracks that came from elsewhere."""
        return self._desk.tracks

    @tracks.setter
    def tracks(self, tracks: pl.DataFrame) -> None:
        self._desk.tracks = once(tracks)

    @property
    def playlist(self) -> Playlist:
        """The playlist as shown; it knows where its tracks came from, as far as the library does."""
        return self._desk.kept

    def code(self) -> str:
        """Lines of Python that make the playlist as it is shown."""
        frame = "tracks" if self._library is None else "library.tracks()"
        return code_of(self._desk.now, self.tracks, frame=frame)

    def add(self, track_ids: Iterable[int]) -> None:
        """Put tracks at the end of what is shown; those that are shown stay where they are.

        Parameters
        ----------
        track_ids : iterable of int
            Tracks of the source or of the library; others are passed over.
        """
        self._desk.add(track_ids)

    def undo(self) -> None:
        """Take the last change of the list back."""
        self._desk.go(-1)

    def redo(self) -> None:
        """Take an undo back."""
        self._desk.go(1)

    def close(self) -> None:
        """Take it from the page; the selection lets go of it."""
        if hasattr(self, "_marking"):
            with suppress(ValueError):  # it was closed before
                self.selection.unobserve(self._marking, ["track_ids", "clicked"])
        super().close()

    def _make_parts(self, tracks: pl.DataFrame, folder: str | Path | None) -> None:
        watched = self.status.watched
        self._list = TrackList(self._when_told, self.status)
        self._length = ipywidgets.HTML()
        self._rules = Rules(
            tracks,
            can_flow=self._library is not None,
            sorted_anew=watched(self._sort),
            limited=watched(self._limit),
            shuffled=watched(self._desk.shuffle),
        )
        self._shelf = Shelf(self._library, self.status, made=lambda: self._desk.kept, loaded=self._desk.load)
        self._shelf.name.observe(watched(self._rename), "value")
        self._target = FileTarget(folder, self.status)
        self._count = number("Neighbours", "How many to add behind each chosen track", first=5)
        self._undo = button("Undo", "undo", "Take the last change of the list back", watched(self.undo))
        self._redo = button("Redo", "repeat", "Take an undo back", watched(self.redo))
        self._code = CodeShown(self.code)

    def _rows(self) -> list[ipywidgets.Widget]:
        """All parts from top to bottom."""
        watched = self.status.watched
        take = button("Take selection", "download", "Make the selected tracks the list", watched(self._take))
        add = button("Add selection", "plus", "Put the selected tracks at the end", watched(self._add))
        select = button("Select these", "crosshairs", "Select the list's tracks in all windows", watched(self._select))
        up = button("Up", "arrow-up", "Move the chosen tracks up", watched(partial(self._step, -1)))
        down = button("Down", "arrow-down", "Move the chosen tracks down", watched(partial(self._step, 1)))
        out = button("Remove", "times", "Take the chosen tracks out", watched(self._remove))
        near = button("Add neighbours", "magnet", "Add tracks that sound like the chosen ones", watched(self._approach))
        write = button("Write file", "file", "Write the list as a playlist file", watched(self._write))
        company = [] if self._library is None else [self._count, near]
        return [
            ipywidgets.HBox([take, add, select, self._undo, self._redo], layout=ROW),
            self._rules,
            ipywidgets.HBox([up, down, out, *company], layout=ROW),
            self._length,
            self._list,
            self._shelf,
            self._target,
            ipywidgets.HBox([write, self._code.button], layout=ROW),
            self._code,
            self.status,
        ]

    def _take(self) -> None:
        self._desk.take(self._selected(), self._question())

    def _add(self) -> None:
        self._desk.add(self._selected(), self._question())

    def _question(self) -> Question:
        """Where what is selected now came from."""
        chosen = self.selection
        return Question(partial(answered, chosen.library or self._library, chosen.source, chosen.track_ids))

    def _selected(self) -> list[int]:
        """What is selected, in the order of the rows."""
        return rows_of(self.tracks, self._desk.known(self.selection.track_ids))["track_id"].to_list()

    def _select(self) -> None:
        playlist = self.playlist
        self.selection.choose(playlist.track_ids, Source("playlist", playlist.name))

    def _step(self, step: int) -> None:
        self._desk.step(self._list.chosen, step)

    def _remove(self) -> None:
        self._desk.remove(self._list.chosen)

    def _when_told(self, kind: str, message: dict[str, Any]) -> None:
        if kind == "played":
            self.selection.click(int(message["id"]))
        else:
            self._desk.told(kind, message)

    def _sort(self) -> None:
        if self._shows_in != threading.get_ident():
            self._desk.order(self._rules.order.value, descending=bool(self._rules.descending.value))

    def _limit(self) -> None:
        if self._shows_in != threading.get_ident():
            self._desk.limit(self._rules.limits)

    def _rename(self) -> None:
        if self._shows_in != threading.get_ident():
            self._desk.rename(self._shelf.name.value)
            self._code.refresh()

    def _approach(self) -> None:
        """Add neighbours of the chosen tracks, or of the last one."""
        seeds = self._list.chosen or self._list.track_ids[-1:]
        if not seeds:
            self.status.warn("The list is empty: neighbours are those of tracks in it.")
            return
        new = self._desk.approach(seeds, max(1, self._count.value))
        self.status.say(f"Added {playing_time(new)}, behind the tracks that they sound like.")

    def _write(self) -> None:
        playlist = self.playlist
        first, *others = self._target.write(playlist)
        more = f", and as {' and '.join(path.suffix for path in others)}" if others else ""
        self.status.say(f"Wrote {playing_time(playlist.rows)} to {first.absolute()}{more}.")

    def _show(self) -> None:
        """Let everything say what is on the desk."""
        self._shows_in = threading.get_ident()
        try:
            self._rules.show(self._desk.now)
            self._shelf.name.value = self._desk.now.name
        finally:
            self._shows_in = None
        self._list.show(self._desk.playlist.rows)
        self._mark()
        self._length.value = escape(extent(self._desk.now, self.tracks))
        self._undo.disabled, self._redo.disabled = not self._desk.can_undo, not self._desk.can_redo
        self._code.refresh()

    def _mark(self) -> None:
        self._list.mark(self.selection.track_ids, self.selection.clicked)
