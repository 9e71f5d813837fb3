"""The sound of a library: measured, placed in a space, drawn on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import store
from workbench.errors import SpaceError
from workbench.library.opened import Opened
from workbench.library.progress import progress_bar
from workbench.store import analysis, embeddings, frames, layouts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from workbench.extract import Analysis
    from workbench.features import TrackAnalysis
    from workbench.spaces import Space
    from workbench.workers import Progress

__all__ = ["Sound"]


class Sound(Opened):
    """What a library knows of how its tracks sound."""

    def __init__(self, path: str | Path | None = None) -> None:
        super().__init__(path)
        self._fitted: dict[str, tuple[str, Space]] = {}

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
            done = extract(self._engine, worker_count=workers, retry=retry, preview=preview, progress=shown)
        if done.analyzed:
            self._find_duplicates()
        return done

    def features(self) -> pl.DataFrame:
        """One row an analysed track: every feature (columns: `models.FEATURES`)."""
        with store.reading(self._engine) as connection:
            return frames.features_frame(connection)

    def embeddings(self) -> pl.DataFrame:
        """One row for each track that the learned model has heard (columns: `models.EMBEDDINGS`)."""
        with store.reading(self._engine) as connection:
            return embeddings.embeddings_frame(connection)

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
            if store.is_writable(self._engine):
                with store.writing(self._engine) as connection:
                    layouts.store_layout(connection, key, parameters, *known)
        return maps.place(rows, *known)
