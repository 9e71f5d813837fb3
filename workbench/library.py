"""The one object with state: a store, and all that is done with it.

Conventions
-----------
A `Library` composes the rooms below it and holds no logic of its own. Frames come out as Polars frames with declared
columns; identity is the track id. Music files are never written to.
"""

from __future__ import annotations

import contextlib
import html
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import settings, store
from workbench.errors import PlaylistError, SpaceError
from workbench.store import analysis, frames, layouts, playlists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from workbench.extract import Analysis
    from workbench.features import TrackAnalysis
    from workbench.playlists import Playlist
    from workbench.scan import Scan
    from workbench.spaces import Space
    from workbench.workers import Progress

__all__ = ["Library", "progress_bar"]


class Library:
    """A collection of music, kept in one file.

    Parameters
    ----------
    path : str, Path or None
        The store, an SQLite file; it is made where there is none. Without one: ``WORKBENCH_LIBRARY``, else
        ``data/library.db`` where the current folder has a ``data`` folder, else the user's data folder.

    Raises
    ------
    StoreError
        The file is no store, or cannot be opened.
    NewerStoreError
        It was made by a newer version of the workbench.

    Examples
    --------
    >>> library = Library("music.db")  # doctest: +SKIP
    >>> library.scan("~/Music")  # doctest: +SKIP
    >>> library.analyze()  # doctest: +SKIP
    >>> library.tracks()  # doctest: +SKIP
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = settings.library_path(path)
        self._engine = store.open_store(self.path)
        self._fitted: dict[str, tuple[str, Space]] = {}

    def scan(self, folder: str | Path, *, workers: int | None = None, progress: Progress | None = None) -> Scan:
        """Bring the store up to date with a folder of music; what is unchanged is not read again.

        Parameters
        ----------
        folder : str or Path
            Becomes a music folder of this library, unless it lies inside one.
        workers : int or None
            Number of processes that read tags; None takes one for each processor.
        progress : callable or None
            Called as ``progress(done, total, text)``; without one a bar is shown.

        Returns
        -------
        Scan
            Counts of what is new, changed, unchanged, missing and failed; `findings` says why.

        Raises
        ------
        FolderError
            The folder is missing, or empty where the store knows files; nothing is changed.
        """
        from workbench.scan import scan

        place = Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100  resolve() would follow links
        with progress_bar("Reading tags", progress) as shown:
            return scan(self._engine, place, worker_count=workers, progress=shown)

    def analyze(
        self,
        *,
        workers: int | None = None,
        retry: bool = False,
        preview: bool = False,
        progress: Progress | None = None,
    ) -> Analysis:
        """Measure the features of all tracks that wait for it, in worker processes.

        Every track is stored as it is done: a run that is stopped goes on where it was.

        Parameters
        ----------
        workers : int or None
            Number of processes; None takes one for each processor.
        retry : bool
            Try files again that failed before.
        preview : bool
            For a quick first map: listen to four excerpts of 15 s of the tracks of which nothing is known yet. Their
            rows say so in the column ``extent``, and the next full run replaces them.
        progress : callable or None
            Called as ``progress(done, total, text)``; without one a bar is shown.
        """
        from workbench.extract import extract

        with progress_bar("Analysing", progress) as shown:
            return extract(self._engine, worker_count=workers, retry=retry, preview=preview, progress=shown)

    def tracks(self) -> pl.DataFrame:
        """One row a track: tags, file and single-valued features (columns: `models.TRACKS`)."""
        with store.reading(self._engine) as connection:
            return frames.tracks_frame(connection)

    def features(self) -> pl.DataFrame:
        """One row an analysed track: every feature (columns: `models.FEATURES`)."""
        with store.reading(self._engine) as connection:
            return frames.features_frame(connection)

    def findings(self) -> pl.DataFrame:
        """One row for each file that was skipped, failed or looks wrong (columns: `models.FINDINGS`)."""
        with store.reading(self._engine) as connection:
            return frames.findings_frame(connection)

    def pending(self) -> int:
        """Number of tracks that wait for `analyze`."""
        return self.behind()["waiting"]

    def behind(self) -> dict[str, int]:
        """Why tracks wait for `analyze`, and how many.

        ``waiting`` is all of them; of these ``new`` are not analysed, ``previewed`` are known by excerpts, and
        ``levels``, ``rhythm``, ``tonality`` and ``spectrum`` have that group of columns by an older version.
        """
        from workbench.features.versions import ANALYZER_VERSIONS

        with store.reading(self._engine) as connection:
            return analysis.count_pending(connection, ANALYZER_VERSIONS)

    def track_analysis(
        self, track: int | Mapping[str, Any], *, start_s: float = 0.0, duration_s: float = 900.0
    ) -> TrackAnalysis:
        """Curves of one track over time: spectrogram, chroma, onsets, tempogram, beats, loudness.

        Nothing of it is stored; a minute costs about 2 CPU s.

        Parameters
        ----------
        track : int or mapping
            A ``track_id``, or a row that has one.
        start_s, duration_s : float
            The part to look at, in seconds; at most a quarter of an hour.

        Raises
        ------
        TrackError
            No track has this id.
        DecodeError
            Its file holds no sound that can be decoded, or is not there.
        """
        from workbench.features import track_analysis

        track_id = track if isinstance(track, int) else int(track["track_id"])
        with store.reading(self._engine) as connection:
            path = analysis.track_path(connection, track_id)
        return track_analysis(path, start_s=start_s, duration_s=duration_s)

    def roots(self) -> list[Path]:
        """Music folders of this library."""
        from workbench.store.roots import roots

        with store.reading(self._engine) as connection:
            return list(roots(connection).values())

    def space(self, tracks: pl.DataFrame | None = None, *, kind: str = "timbre") -> Space:
        """Tracks as points that lie near each other when they sound alike; fitted on the whole collection.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to keep, by ``track_id``; None keeps all that are analysed.
        kind : str
            ``"timbre"``.

        Raises
        ------
        SpaceError
            Fewer than three tracks are analysed, or the kind is unknown.
        """
        from workbench.spaces import fit

        with store.reading(self._engine) as connection:
            stamp = analysis.features_stamp(connection)
        if self._fitted.get(kind, ("", None))[0] != stamp:
            self._fitted[kind] = stamp, fit(self.features(), kind=kind)
        whole = self._fitted[kind][1]
        return whole if tracks is None else whole.cut(tracks["track_id"])

    def similarity_map(
        self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str = "timbre"
    ) -> pl.DataFrame:
        """Give tracks a place on a map (columns ``x``, ``y``), where neighbours sound alike.

        The map is computed once for these tracks, features and seed, and remembered.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to place; None places all. Tracks that are not analysed have no place and are left out.
        seed : int
            Another seed gives another map of the same neighbourhoods.
        kind : str
            The space to map.

        Raises
        ------
        SpaceError
            None of the tracks is analysed.
        """
        from workbench import maps

        rows = self.tracks() if tracks is None else tracks
        space = self.space(rows, kind=kind)
        if not len(space):
            raise SpaceError(f"{self.path}: none of these {len(rows)} tracks is analysed; run library.analyze() first")
        key, parameters = maps.layout_key(space, seed=seed)
        with store.reading(self._engine) as connection:
            known = layouts.load_layout(connection, key)
        if known is None:
            known = space.track_ids, maps.embed(space, seed=seed)
            with store.writing(self._engine) as connection:
                layouts.store_layout(connection, key, parameters, *known)
        return maps.place(rows, *known)

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

    def __repr__(self) -> str:
        """Path and number of tracks."""
        return f"Library({str(self.path)!r}, {len(self.tracks())} tracks, {self.pending()} to analyse)"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"


@contextlib.contextmanager
def progress_bar(text: str, progress: Progress | None) -> Iterator[Progress]:
    """The caller's own callback, or one that draws a bar."""
    if progress is not None:
        yield progress
        return
    from tqdm.auto import tqdm

    bar: Any = None

    def show(done: int, total: int, _what: str) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(total=total, desc=text, unit="file", smoothing=0.05)
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        if bar is not None:
            bar.close()
