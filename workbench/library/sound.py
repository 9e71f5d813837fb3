"""The sound of a library: measured, placed in a space, drawn on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench import preferences, store
from workbench.errors import SpaceError
from workbench.library.opened import Opened
from workbench.library.progress import INTERRUPTED, progress_bar
from workbench.store import analysis, coverage, embeddings, frames, recipes

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from workbench.extract import Analysis
    from workbench.features import TrackAnalysis
    from workbench.neighbours import Explanation
    from workbench.spaces import Space
    from workbench.workers import Progress

__all__ = ["Sound"]

HEARD_SHARE: Final = 0.9
FEWEST_HEARD: Final = 3


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
        stop: threading.Event | None = None,
    ) -> Analysis:
        """Measure the features of all tracks that wait for it, in worker processes.

        Every track is stored as it is done: a run that is stopped goes on where it was. While another process analyses
        this library, it waits, and then does what is left.

        Parameters
        ----------
        workers : int or None
            Number of processes; None takes your preference, or else one for each processor.
        retry : bool
            Try files again that failed before.
        preview : bool
            For a quick first map: listen to four excerpts of 15 s of the tracks of which nothing is known yet. Their
            rows say so in the column ``extent``, and the next full run replaces them.
        progress : callable or None
            Called as ``progress(done, total, text)``; without one a bar is shown.
        stop : threading.Event or None
            Ends the run when it is set, in about a second. Which files hold the same sound is then noted by the run
            that goes on from there.
        """
        from workbench.extract import extract

        count = workers or preferences.load().workers
        try:
            with progress_bar("Analysing", progress) as shown:
                done = extract(
                    self._engine, worker_count=count, retry=retry, preview=preview, progress=shown, stop=stop
                )
        except KeyboardInterrupt:  # a page of our own frames tells nobody anything
            raise KeyboardInterrupt(INTERRUPTED) from None
        if (done.analyzed or done.failed) and not done.stopped:  # the last of a run that was stopped may only fail
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

        ``waiting`` is all of them; of these ``new`` are not analysed, ``previewed`` are known by excerpts,
        ``levels``, ``rhythm``, ``tonality`` and ``spectrum`` have that group of columns by an older version, and
        ``learned`` were not heard by the learned model, where it is there.
        """
        from workbench import learned
        from workbench.features.versions import ANALYZER_VERSIONS

        model = learned.MODEL_VERSION if learned.available() else None

        with store.reading(self._engine) as connection:
            return analysis.count_pending(connection, ANALYZER_VERSIONS, model)

    def track_analysis(
        self, track: int | Mapping[str, Any], *, start_s: float = 0.0, duration_s: float = 900.0
    ) -> TrackAnalysis:
        """Curves of one track over time: spectrogram, chroma, onsets, tempogram, beats, loudness.

        Nothing of it is stored; a minute costs about 2 CPU s, in a worker process.

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
        WorkerError
            The worker died over it, ran out of memory, or took too long.
        """
        from workbench.extract import curves

        track_id = track if isinstance(track, int) else int(track["track_id"])
        with store.reading(self._engine) as connection:
            path = analysis.track_path(connection, track_id)
        return curves(path, start_s=start_s, duration_s=duration_s)

    def space_kind(self) -> str:
        """The kind of space that is taken where none is named.

        ``"learned"`` where the learned model has heard nine tenths of the tracks that are measured, else ``"timbre"``.
        """
        with store.reading(self._engine) as connection:
            measured, heard = embeddings.count_heard(connection)
        return "learned" if heard >= max(FEWEST_HEARD, HEARD_SHARE * measured) else "timbre"

    def space(self, tracks: pl.DataFrame | None = None, *, kind: str | None = None) -> Space:
        """Tracks as points that lie near each other when they sound alike; fitted on the whole collection.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to keep, by ``track_id``; None keeps all that have a place.
        kind : str or None
            ``"timbre"`` (of measured features), ``"learned"`` (of what the learned model hears), ``"blend"`` of both,
            or the name of a space that was saved; None takes `space_kind`.

        Raises
        ------
        SpaceError
            Fewer than three tracks have what the space is made of, or the kind is unknown.
        """
        name = kind or self.space_kind()
        base, weights = self._recipe(name)
        with store.reading(self._engine) as connection:
            stamp = f"{analysis.features_stamp(connection)} {base} {weights}"
        if self._fitted.get(name, ("", None))[0] != stamp:
            whole = self._fit(base)
            self._fitted[name] = stamp, whole.weighted(**weights) if weights else whole
        whole = self._fitted[name][1]
        return whole if tracks is None else whole.cut(tracks["track_id"])

    def save_space(self, name: str, space: Space) -> None:
        """Keep how a space is weighted, under a name that `space` and `similarity_map` then take as a kind.

        Parameters
        ----------
        name : str
            Your own; one that was saved before is replaced.
        space : Space
            As ``library.space(...).weighted(...)`` gives it. What is kept is its kind and its weights, not its points.

        Raises
        ------
        SpaceError
            The name is empty or that of a kind, or the space is of no kind that there is.

        Examples
        --------
        >>> library.save_space("dancing", library.space(kind="blend").weighted(rhythm=2))  # doctest: +SKIP
        >>> library.similarity_map(kind="dancing")  # doctest: +SKIP
        """
        from workbench.spaces import KINDS

        if not name.strip() or name in KINDS:
            raise SpaceError(f"{name!r} cannot be the name of a space; the kinds {', '.join(KINDS)} are taken")
        if space.kind not in KINDS:
            raise SpaceError(f"a {space.kind!r} space cannot be fitted again; the kinds are: {', '.join(KINDS)}")
        with store.writing(self._engine) as connection:
            recipes.store_recipe(connection, name, space.kind, space.weights)

    def spaces(self) -> pl.DataFrame:
        """One row for each space that was saved: ``name``, ``kind`` and ``weights``."""
        with store.reading(self._engine) as connection:
            return recipes.recipes_frame(connection)

    def coverage(self) -> pl.DataFrame:
        """How many tracks are measured and heard, and by which versions.

        Returns
        -------
        DataFrame
            ``part`` (levels, rhythm, tonality, spectrum, learned), ``version`` (null: not measured), ``tracks`` and
            ``share`` of all present tracks, 0 to 1.
        """
        with store.reading(self._engine) as connection:
            return coverage.coverage_frame(connection)

    def explain(self, track_id: int, neighbour_id: int, *, kind: str | None = None) -> Explanation:
        """Why two tracks sound alike, in numbers and in a sentence (`workbench.neighbours.explain`).

        Raises
        ------
        SpaceError
            A track has no place in the space.
        """
        from workbench.neighbours import explain

        return explain(self.space(kind=kind), track_id, neighbour_id)

    def _recipe(self, name: str) -> tuple[str, dict[str, float]]:
        """Kind and weights that stand behind the name of a space."""
        with store.reading(self._engine) as connection:
            return recipes.load_recipe(connection, name) or (name, {})

    def _fit(self, kind: str) -> Space:
        from workbench.spaces import fit

        return fit(self.features(), kind=kind, embeddings=self.embeddings())
