"""The playlists of a library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import store
from workbench.errors import PlaylistError
from workbench.library.files import Files
from workbench.store import playlists

if TYPE_CHECKING:
    import polars as pl

    from workbench.playlists import Playlist

__all__ = ["Lists"]


class Lists(Files):
    """What a library knows of playlists."""

    def search(self, text: str) -> pl.DataFrame:
        """The tracks that a search finds, as `wb.search` does, the words ``playlist:`` and ``limit:`` included.

        Raises
        ------
        QueryError
            The text is not in the language, or names no column or playlist.
        """
        from workbench.query import search

        return search(self.tracks(), text, playlists=self.memberships())

    def memberships(self) -> dict[str, set[int]]:
        """Track ids of each saved playlist by its name, as `wb.search` wants them for ``playlist:``."""
        with store.reading(self._engine) as connection:
            return playlists.memberships(connection)

    def save(self, playlist: Playlist) -> None:
        """Keep a playlist under its name; one of the same name is replaced.

        Raises
        ------
        PlaylistError
            It has no name, or holds tracks that are not in this library.
        """
        if not playlist.name.strip():
            raise PlaylistError("the playlist has no name; give it one: Playlist('Rain', rows)")
        with store.writing(self._engine) as connection:
            playlists.store_playlist(connection, playlist.name, playlist.track_ids)

    def playlists(self) -> pl.DataFrame:
        """One row a saved playlist: ``playlist_id``, ``name``, ``tracks``, ``modified_at``."""
        with store.reading(self._engine) as connection:
            return playlists.playlists_frame(connection)

    def playlist(self, name: str) -> Playlist:
        """A saved playlist, in its order.

        Raises
        ------
        PlaylistError
            There is none of this name; the message lists those there are.
        """
        with store.reading(self._engine) as connection:
            track_ids = playlists.playlist_track_ids(connection, name)
        return self._listed(name, track_ids)

    def read_playlist(self, path: str | Path) -> tuple[Playlist, list[str]]:
        """Playlist of the tracks that a playlist file names, and the entries that are not in this library.

        Only paths inside the library's music folders are looked up; nothing outside is opened.

        Parameters
        ----------
        path : str or Path
            An .m3u8, .m3u, .pls or .xspf file.

        Raises
        ------
        PlaylistError
            The file cannot be read as a playlist.
        """
        from workbench import playlist_files

        file = Path(path).expanduser()
        read = playlist_files.read(file, roots=self.roots())
        known = dict(self.tracks().select("path_bytes", "track_id").iter_rows())
        found = [known[entry.path] for entry in read.entries if entry.path in known]
        strangers = [os.fsdecode(entry.path) for entry in read.entries if entry.path not in known]
        return self._listed(read.name or file.stem, found), [*read.unresolved, *strangers]

    def _listed(self, name: str, track_ids: list[int]) -> Playlist:
        import polars as pl

        from workbench.playlists import Playlist

        wanted = pl.DataFrame({"track_id": track_ids}, {"track_id": pl.Int64})
        return Playlist(name, wanted.join(self.tracks(), on="track_id", how="left", maintain_order="left"))
