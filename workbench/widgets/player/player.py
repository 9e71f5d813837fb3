"""What does this track sound like?

Conventions
-----------
The page plays; the kernel says which track and where its file can be had. That is an address at the Jupyter server
where the tracks are a library's (`workbench.audio_server`), so that nothing of the sound passes through the kernel. A
page that cannot stream it (no such server, or a format that browsers do not play) asks for an excerpt. A waveform is
read in the background.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import ipywidgets

from workbench.errors import DecodeError, WorkerError
from workbench.widgets.covers import cover_of, prepare
from workbench.widgets.page import script, style
from workbench.widgets.player.newest import Newest
from workbench.widgets.player.sounds import (
    address_of,
    excerpt_of,
    file_of,
    following,
    message_of,
    names,
    outline,
    row_of,
    type_of,
)
from workbench.widgets.selection import Selection, opened, rows_of
from workbench.widgets.status import Status

if TYPE_CHECKING:
    import polars as pl

    from workbench.library import Library
    from workbench.widgets.selection import HasSelection

__all__ = ["Player"]

HINT: Final = "Click a point on the map, or press Play."
NOTHING: Final = "There is nothing to play."


class Deck(anywidget.AnyWidget):
    """What the page shows of a player; all else is messages."""

    _esm = script(Path(__file__).with_name("player.js"))
    _css = style(Path(__file__).with_name("player.css"))


class Player(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The track clicked last: its sound, waveform, names and cover.

    Whole tracks of a library are streamed by the Jupyter server; where that cannot be, an excerpt from a third of the
    way in plays. Previous and Next walk through the selected tracks, or through all when none is selected; with "Play
    on" the next one follows by itself. Keys while the player has the focus: space, left and right (5 s), up and down
    (volume). One player of a page sounds at a time.

    Parameters
    ----------
    source : MapView, Selection or pl.DataFrame
        What is clicked in, or tracks to play. Reads ``track_id``, ``path_bytes`` (or ``path``), and where there are
        such columns ``title``, ``artist``, ``album``, ``year``, ``duration_s``, ``missing`` and ``has_cover``.
    library : Library or None
        Whose tracks they are; by default the selection's.

    Attributes
    ----------
    selection : Selection
        Shared with `source`; the player follows and sets its `clicked`.
    status : Status
        The line that says why nothing is heard.
    """

    def __init__(self, source: HasSelection | Selection | pl.DataFrame, *, library: Library | None = None) -> None:
        self.tracks, self.selection = opened(source)
        prepare()
        self.library = library or self.selection.library
        self.status = Status()
        self._lock = threading.RLock()  # clicks, the page's messages and waveforms come in threads of their own
        self._turn = 0
        self._row: dict[str, Any] | None = None
        self._said = self._invitation()
        self._pictures: dict[str, bytes] = {}
        self._has_page = False
        self._newest = Newest(self.status.warn)
        self._deck = Deck()
        self._deck.on_msg(self._when_told)
        super().__init__([self._deck, self.status])
        self.selection.observe(self._when_clicked, "clicked")

    def play(self, track_id: int) -> None:
        """Show a track and play it, as soon as a page shows the player.

        Raises
        ------
        DecodeError
            The track is not in the frame, or has no file.
        """
        row = row_of(self.tracks, track_id)
        with self._lock:
            self._turn += 1
            turn, self._row, self._pictures = self._turn, row, {}
            try:
                path = file_of(row)
            except DecodeError:
                self._say(message_of(turn, names(row)))  # not the track before, under its own name
                raise
            self._say(message_of(turn, names(row), row, address_of(row, self.library)))
        self.status.say("")
        self._newest.ask(partial(self._illustrate, turn, row, path))

    def _invitation(self) -> dict[str, Any]:
        """What stands where a track's names will be."""
        if self.tracks.is_empty():
            return message_of(0, [NOTHING])
        chosen = rows_of(self.tracks, self.selection.track_ids)
        first = (self.tracks if chosen.is_empty() else chosen).row(0, named=True)
        return message_of(0, [HINT] if chosen.is_empty() else names(first), address=address_of(first, self.library))

    def _say(self, message: dict[str, Any]) -> None:
        self._said = message
        self._deck.send(message)

    def _illustrate(self, turn: int, row: dict[str, Any], path: Path) -> None:
        """Send a track's cover and waveform, as far as it has them and is still the one that plays."""
        picture = cover_of(row)
        if picture is not None:
            self._picture(turn, "cover", picture)
        with suppress(DecodeError, WorkerError, OSError):  # whoever listens hears, or is told why not
            self._picture(turn, "waveform", outline(path, lambda: turn == self._turn))

    def _picture(self, turn: int, kind: str, picture: bytes) -> None:
        with self._lock:
            if turn == self._turn:
                self._pictures[kind] = picture
                self._deck.send({"kind": kind, "turn": turn}, [picture])

    def _send_excerpt(self, turn: object) -> None:
        """Answer a page that cannot stream the track of this turn."""
        with self._lock:
            row = self._row if turn == self._turn else None
        if row is None:
            return
        try:
            start_s, sound = excerpt_of(file_of(row), row.get("duration_s"))
        except (DecodeError, WorkerError, OSError):
            self._deck.send({"kind": "refused", "turn": turn})
            raise
        self._deck.send({"kind": "excerpt", "turn": turn, "start_s": start_s, "type": type_of(sound)}, [sound])

    def _show_again(self) -> None:
        """Tell a page that has just come all that was said; a page that comes later does not begin to play."""
        with self._lock:
            self._deck.send(self._said | {"plays": self._said["plays"] and not self._has_page})
            self._has_page = True
            for kind, picture in self._pictures.items():
                self._deck.send({"kind": kind, "turn": self._turn}, [picture])

    def _walk(self, step: int, *, is_round: bool) -> None:
        """Play the track some places on, among the selected or all; again the one clicked last where that is none."""
        chosen = rows_of(self.tracks, self.selection.track_ids)
        ids = (self.tracks if chosen.is_empty() else chosen)["track_id"].to_list()
        track_id = following(ids, self.selection.clicked, step, is_round=is_round)
        if track_id is not None:
            self.selection.click(track_id)
        elif is_round:
            self.status.say(NOTHING)

    def _when_clicked(self, change: dict[str, Any]) -> None:
        with self.status.watch():
            if change["new"] is not None:
                self.play(change["new"])

    def _when_told(self, _deck: Deck, message: dict[str, Any], _buffers: list[memoryview]) -> None:
        with self.status.watch():
            match message:
                case {"kind": "ready"}:
                    self._show_again()
                case {"kind": "walk", "step": -1 | 0 | 1 as step}:
                    self._walk(step, is_round=True)
                case {"kind": "ended"}:
                    self._walk(1, is_round=False)
                case {"kind": "excerpt", "turn": turn}:
                    self._send_excerpt(turn)
