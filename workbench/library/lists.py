"""The playlists of a library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import store
from workbench.errors import PlaylistError, StoreWarning, warn_caller
from workbench.library.files import Files
from workbench.library.searches import Searches
from workbench.store import playlists

if TYPE_CHECKING:
    import polars as pl

    from workbench.playlists import Playlist

__all__ = ["Lists"]


class Lists(Files, Searches):
    """What a library knows of playlists."""

    def search(self, text: str) -> pl.DataFrame:
        """The tracks that a search finds, as `wb.search` does, the words ``playlist:`` and ``limit:`` included.

        Where you have turned on that searches are remembered, it is counted among `searches`.

        Raises
        ------
        QueryError
            The text is not in the language, or names no column or playlist.
        """
        found = self._sought(text)
        self._remember_search(text)
        return found

    def memberships(self) -> dict[str, set[int]]:
        """Track ids of each saved playlist by its name, as `wb.search` wants them for ``playlist:``."""
        with store.reading(self._engine) as connection:
            return playlists.memberships(connection)

    def save(self, playlist: Playlist) -> None:
        """Keep a playlist under its name, with where it came from; one of the same name is replaced.

        Raises
        ------
        PlaylistError
            It has no name, or holds tracks that are not in this library.
        """
        if not playlist.name.strip():
            raise PlaylistError("the playlist has no name; give it one: Playlist('Rain', rows)")
        origin, made = playlist.origin, kept(playlist)
        query = origin.detail["text"] if origin is not None and origin.kind == "query" else None
        with store.writing(self._engine) as connection:
            playlists.store_playlist(connection, playlist.name, playlist.track_ids, query=query, selection=made)

    def playlists(self) -> pl.DataFrame:
        """One row a saved playlist.

        Returns
        -------
        DataFrame
            ``playlist_id``, ``name``, ``tracks``, ``origin`` (what `refresh` asks again: "query", "region", "mood",
            "neighbours" or "group"; null: it is a list), ``query``, ``modified_at``.
        """
        with store.reading(self._engine) as connection:
            return playlists.playlists_frame(connection)

    def playlist(self, name: str) -> Playlist:
        """A saved playlist, in its order, as it was saved.

        Warns
        -----
        StoreWarning
            A newer workbench made it in a way that is not known here, or how it was made cannot be read: it is a list
            then, and cannot be refreshed.

        Raises
        ------
        PlaylistError
            There is none of this name; the message lists those there are.
        """
        with store.reading(self._engine) as connection:
            track_ids = playlists.playlist_track_ids(connection, name)
            made = playlists.playlist_selection(connection, name)
        return remade(self._listed(name, track_ids), made)

    def read_playlist(self, path: str | Path) -> tuple[Playlist, list[str]]:
        """Playlist of the tracks that a playlist file names, and the entries that are not in this library.

        Only paths inside the library's music folders are looked up; nothing outside is opened.

        Parameters
        ----------
        path : str or Path
            An .m3u8, .m3u, .pls or .xspf file; or .nsp, a smart playlist of Navidrome, which is read as a search.

        Raises
        ------
        PlaylistError
            The file cannot be read as a playlist.
        QueryError
            A smart playlist asks for something that there is not here.
        """
        from workbench import playlist_files

        file = Path(path).expanduser()
        if file.suffix.lower() == ".nsp":
            return self._smart(file), []
        read = playlist_files.read(file, roots=self.roots())
        known = dict(self.tracks().select("path_bytes", "track_id").iter_rows())
        found = [known[entry.path] for entry in read.entries if entry.path in known]
        strangers = [os.fsdecode(entry.path) for entry in read.entries if entry.path not in known]
        return self._listed(read.name or file.stem, found), [*read.unresolved, *strangers]

    def smart_playlist(self, name: str, query: str) -> Playlist:
        """The tracks that a search finds now, as a playlist that `refresh` makes again when others have come.

        Parameters
        ----------
        name : str
            What it is called.
        query : str
            A search, as `search` takes it; ``year- limit:50`` at its end orders and limits.

        Raises
        ------
        QueryError
            As `search` does.

        Examples
        --------
        >>> calm = library.smart_playlist("Calm", "genre:ambient bpm:..90").order("flow", space=space)  # doctest: +SKIP
        >>> library.save(calm.limit(minutes=60))  # doctest: +SKIP
        """
        from workbench.playlists import Origin, Playlist

        return Playlist(name, self.search(query), origin=Origin("query", {"text": query}))

    def _sought(self, text: str) -> pl.DataFrame:
        """What a search finds; it is not counted, as nobody typed it."""
        from workbench.query import search

        return search(self.tracks(), text, playlists=self.memberships())

    def _smart(self, file: Path) -> Playlist:
        from workbench.playlist_files import clean, read_text
        from workbench.query import from_nsp, nsp_label, to_text

        text = read_text(file)
        return self.smart_playlist(clean(nsp_label(text)[0]) or file.stem, to_text(from_nsp(text)))

    def _listed(self, name: str, track_ids: list[int]) -> Playlist:
        import polars as pl

        from workbench.playlists import Playlist

        wanted = pl.DataFrame({"track_id": track_ids}, {"track_id": pl.Int64})
        return Playlist(name, wanted.join(self.tracks(), on="track_id", how="left", maintain_order="left"))


def kept(playlist: Playlist) -> dict[str, Any] | None:
    """How a playlist is made again, as a store keeps it; None for a list of tracks."""
    if playlist.origin is None:
        return None
    origin = {"kind": playlist.origin.kind, "detail": dict(playlist.origin.detail)}
    steps = [
        {"verb": step.verb, "arguments": dict(step.arguments), "found": dict(step.found)} for step in playlist.steps
    ]
    return {"origin": origin, "steps": steps}


def remade(playlist: Playlist, made: object) -> Playlist:
    """A playlist with what was kept of how it is made."""
    from workbench.playlists import origin_of, steps_of

    if made is None:
        return playlist
    whole = made if isinstance(made, Mapping) else {}
    try:
        origin, steps = origin_of(whole.get("origin")), steps_of(whole.get("steps"))
    except PlaylistError as error:
        warn_caller(f"playlist {playlist.name!r} opens as a list: {error}", StoreWarning)
        return playlist
    return replace(playlist, origin=origin, steps=steps)
