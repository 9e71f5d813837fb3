"""Under which name is the playlist kept, and which are kept already?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import ipywidgets
import polars as pl

from workbench.figures import escape
from workbench.widgets.captions import playing_time
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.playlists import Origin, Playlist, Refreshed
    from workbench.spaces import Space

__all__ = ["PlaylistKeeper", "Shelf"]

ROW: Final = {"flex_flow": "row wrap", "align_items": "center"}
WIDE: Final = {"width": "auto", "flex": "1 1 200px", "min_width": "0"}
ALONE: Final = "To save, load and find neighbours a library is needed: wb.PlaylistBuilder(..., library=library)"
MOST_NAMED: Final = 3
"""Entries of a file that are named where they are not in the library."""


class PlaylistKeeper(Protocol):
    """What the builder asks of a library."""

    def tracks(self) -> pl.DataFrame:
        """All tracks."""

    def space(self, tracks: pl.DataFrame | None = None) -> Space:
        """The space in which a flow and neighbours are found."""

    def select(self, origin: Origin) -> pl.DataFrame:
        """The tracks that an origin stands for."""

    def save(self, playlist: Playlist) -> object:
        """Keep a playlist in the store."""

    def playlists(self) -> pl.DataFrame:
        """One row a saved playlist: ``name`` and ``tracks``."""

    def playlist(self, name: str) -> Playlist:
        """A saved playlist."""

    def read_playlist(self, path: str | Path) -> tuple[Playlist, list[str]]:
        """What a playlist file names, and what of it is not in the library."""

    def refresh(self, playlist: str | Playlist) -> Refreshed:
        """A saved playlist as its search or region gives it now, and what came and went."""


class Shelf(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The playlist's name, and buttons that keep it in a library and load another.

    Parameters
    ----------
    library : PlaylistKeeper or None
        Without one there is the name only.
    status : Status
        Says what was done.
    made : callable
        Gives the playlist to keep.
    loaded : callable
        Called with a playlist that was loaded.

    Attributes
    ----------
    name : ipywidgets.Text
        The playlist's name.
    """

    def __init__(
        self,
        library: PlaylistKeeper | None,
        status: Status,
        *,
        made: Callable[[], Playlist],
        loaded: Callable[[Playlist], None],
    ) -> None:
        self._library, self._status, self._made, self._loaded = library, status, made, loaded
        self.name = ipywidgets.Text(description="Name", tooltip="Name of the playlist", layout=WIDE)
        self._kept = ipywidgets.Dropdown(description="Saved", tooltip="A playlist that the library keeps", layout=WIDE)
        self._file = ipywidgets.Text(
            description="From file", tooltip="An .m3u8, .m3u, .pls or .xspf file to load", layout=WIDE
        )
        self._question = ipywidgets.HTML()
        answers = [
            button("Replace it", "check", "Save over the playlist of this name", status.watched(self._replace)),
            button("Keep it", "times", "Do not save", status.watched(self._withdraw)),
        ]
        self._confirm = ipywidgets.HBox([self._question, *answers], layout={**ROW, "display": "none"})
        super().__init__(self._rows())
        self.name.observe(status.watched(self._withdraw), "value")

    def refresh(self) -> None:
        """Look up which playlists are kept."""
        if self._library is None:
            return
        kept = self._library.playlists()
        chosen = self._kept.value
        self._kept.options = [(f"{name} ({count})", name) for name, count in kept.select("name", "tracks").iter_rows()]
        self._kept.disabled = kept.is_empty()
        names = kept["name"].to_list()
        self._kept.value = chosen if chosen in names else next(iter(names), None)

    def _rows(self) -> list[ipywidgets.Widget]:
        if self._library is None:
            return [ipywidgets.HBox([self.name], layout=ROW), ipywidgets.HTML(ALONE)]
        watched = self._status.watched
        save = button("Save", "save", "Keep the list in the library", watched(self._save))
        load = button("Load", "folder-open", "Make the saved playlist the list", watched(self._load))
        tip = "Make the saved playlist again from its search or region, and list what it holds now"
        self._renew = button("Bring up to date", "magic", tip, watched(self._bring_up_to_date))
        again = button("Refresh", "refresh", "Look up which playlists are kept now", watched(self.refresh))
        read = button("Load file", "file-text", "Make the tracks of a playlist file the list", watched(self._read))
        return [
            ipywidgets.HBox([self.name, save], layout=ROW),
            self._confirm,
            ipywidgets.HBox([self._kept, load, self._renew, again], layout=ROW),
            ipywidgets.HBox([self._file, read], layout=ROW),
        ]

    def _save(self) -> None:
        """Keep the playlist; where there is one of its name, ask first."""
        assert self._library is not None  # noqa: S101  there is no button without one
        playlist = self._made()
        kept = self._library.playlists().filter(pl.col("name") == playlist.name)
        if kept.is_empty():
            self._keep(playlist, "")
            return
        question = f"\u201c{playlist.name}\u201d is kept already, with {kept['tracks'][0]} tracks. Replace it?"
        self._question.value = escape(question)
        self._confirm.layout.display = None
        self._status.say(question)

    def _replace(self) -> None:
        self._keep(self._made(), " It replaced the one of this name.")

    def _keep(self, playlist: Playlist, more: str) -> None:
        assert self._library is not None  # noqa: S101  the same
        self._withdraw()
        self._library.save(playlist)
        self.refresh()
        self._status.say(f"Saved {playlist.name}: {playing_time(playlist.rows)}.{more}{_origin(playlist)}")

    def _withdraw(self) -> None:
        self._confirm.layout.display = "none"

    def _load(self) -> None:
        if self._library is None or self._kept.value is None:
            self._status.warn("No playlist is kept yet: save one first.")
            return
        playlist = self._library.playlist(self._kept.value)
        self._loaded(playlist)
        self._status.say(f"Loaded {playlist.name}: {playing_time(playlist.rows)}.{_twice(playlist)}")

    def _bring_up_to_date(self) -> None:
        assert self._library is not None  # noqa: S101  there is no button without one
        if self._kept.value is None:
            self._status.warn("No playlist is kept yet: save one first.")
            return
        found = self._library.refresh(self._kept.value)
        self._loaded(found.playlist)
        more = "".join(f" {remark[:1].upper()}{remark[1:]}." for remark in found.remarks)
        keep = " Save keeps it." if found.is_changed else ""
        counts = f"{len(found.added)} added, {len(found.gone)} gone"
        self._status.say(f"{found.playlist.name}: {counts}, {playing_time(found.playlist.rows)} now.{keep}{more}")

    def _read(self) -> None:
        assert self._library is not None  # noqa: S101  the same
        playlist, strangers = self._library.read_playlist(self._file.value.strip())
        self._loaded(playlist)
        self._status.say(f"Read {playlist.name}: {playing_time(playlist.rows)}.{_twice(playlist)}{_unknown(strangers)}")


def _origin(playlist: Playlist) -> str:
    if playlist.origin is None:
        return ""
    return f" It comes from {playlist.origin}, and can be brought up to date when new music has come."


def _twice(playlist: Playlist) -> str:
    more = len(playlist) - len(set(playlist.track_ids))
    return f" {more} that stood there again {'is' if more == 1 else 'are'} listed once." if more else ""


def _unknown(strangers: list[str]) -> str:
    if not strangers:
        return ""
    named = ", ".join(strangers[:MOST_NAMED]) + (", ..." if len(strangers) > MOST_NAMED else "")
    return f" Not in this library: {len(strangers)} ({named})."
