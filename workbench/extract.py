"""How do tracks get their features?

Conventions
-----------
Files are decoded in worker processes only; each result is committed as it comes, so that a run that is stopped, by
Ctrl-C, by an event or by a kill, goes on where it was. A file that fails costs itself: it becomes a finding and is
tried again when it changes.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from workbench import audio, features, learned, settings, workers
from workbench.errors import DecodeError, ModelError, WorkerError
from workbench.features import ANALYZER_VERSIONS
from workbench.models import AudioFeatures, Extent, Reason, Stage, State
from workbench.store import kept_open, reading, require_writable, writing
from workbench.store.analysis import (
    PendingTrack,
    Problem,
    forget_failures,
    forget_learned,
    never_heard,
    pending,
    store_features,
    store_hash,
    store_learned,
    store_problem,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from workbench.models import LearnedFeatures

__all__ = ["Analysis", "extract"]

log = logging.getLogger(__name__)

LEAST_DEADLINE_S = 120.0
WARM_S = 600.0
LOCK_S = 0.5  # how often a run that waits for another to compile looks whether it is to stop
DEADLINE_FACTOR = 1.0  # a second of work for a second of sound is fifty times what a slow machine needs
LONGEST_DEADLINE_S = 4 * 3600.0
MISMATCH_S, MISMATCH_SHARE = 1.0, 0.05
TOO_SHORT_S = 3.0
PASSING = (Reason.VANISHED, Reason.UNREADABLE, Reason.CHANGED)  # the track goes on waiting, for a disk or a scan
CLIPPED_SHARE = 1e-3  # decoders overshoot: a loud master in a lossy codec reaches a third of this


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a run of analysis did.

    Attributes
    ----------
    analyzed, failed : int
        Tracks with new features, and tracks that could not be analysed; their findings say why.
    reasons : dict of str to int
        Failures by reason code.
    stopped : bool
        The run was stopped before it was through; the rest goes on waiting.
    """

    analyzed: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    stopped: bool = False


def extract(
    engine: sa.Engine,
    *,
    worker_count: int | None = None,
    retry: bool = False,
    preview: bool = False,
    progress: workers.Progress | None = None,
    stop: threading.Event | None = None,
) -> Analysis:
    """Analyse all tracks that wait for it.

    A track of which only one group of columns is behind is measured for that group alone.

    Parameters
    ----------
    engine : Engine
        The store.
    worker_count : int or None
        Number of processes; None takes one for each processor.
    retry : bool
        Try files again that failed before.
    preview : bool
        Listen to four excerpts of those tracks of which nothing is known yet, instead of to the whole of all that wait.
    progress : callable or None
        Called as ``progress(done, total, path)`` after each track.
    stop : threading.Event or None
        Ends the run when it is set, in about a second; what was measured is kept.

    Raises
    ------
    StoreError
        The store cannot be written (disk full, read-only).
    """
    require_writable(engine)
    if retry:
        with writing(engine) as connection:
            forget_failures(connection)
    model = _model()
    with reading(engine) as connection:
        waiting = never_heard(connection, model) if preview else pending(connection, ANALYZER_VERSIONS, model)
    reasons: dict[str, int] = {}
    analyzed = 0
    outcomes = _outcomes(preview_track if preview else analyze_track, waiting, worker_count, stop)
    with kept_open(engine):
        for done, outcome in enumerate(outcomes, start=1):
            track = outcome.task
            with writing(engine) as connection:
                if outcome.value is None:
                    reason = outcome.reason or Reason.INTERNAL_ERROR
                    state = State.SKIPPED if reason in PASSING else State.FAILED
                    store_problem(connection, track, Problem(_stage(reason), state, reason, outcome.text))
                    reasons[reason] = reasons.get(reason, 0) + 1
                else:
                    _keep(connection, track, outcome.value)
                    analyzed += 1
            if progress:
                progress(done, len(waiting), str(track.path))
    failed = sum(reasons.values())
    return Analysis(analyzed, failed, reasons, stopped=analyzed + failed < len(waiting))


def _model() -> str | None:
    """Version of the learned model, None where it is not there, or damaged: that is said once, and all else goes on."""
    if not learned.available():
        return None
    try:
        learned.load()
    except ModelError as error:
        log.warning("%s; tracks are measured without it", error)
        return None
    return learned.MODEL_VERSION


def _keep(connection: sa.Connection, track: PendingTrack, heard: Heard) -> None:
    """Store what was heard of a track."""
    if heard.features is not None:
        store_features(connection, track, heard.features, problems(track, heard.features))
    if heard.model is not None:
        extent = Extent(heard.features.extent) if heard.features else Extent.FULL
        store_learned(connection, track, heard.model, heard.learned, extent)
    elif heard.audio_hash != track.audio_hash and not track.is_unheard:
        forget_learned(connection, track)
    store_hash(connection, track, heard.audio_hash)


def problems(track: PendingTrack, measured: AudioFeatures) -> list[Problem]:
    """What the features show of a file that its owner would want to know; warnings only."""
    found = [
        _duration(track, measured),
        (Reason.SILENT, "is silent") if measured.reasons.get("loudness_lufs") == "silent" else None,
        _shortness(measured),
        (Reason.CLIPPED, f"{measured.clipping_ratio:.2%} of its samples are clipped")
        if (measured.clipping_ratio or 0.0) > CLIPPED_SHARE
        else None,
    ]
    return [Problem(Stage.FEATURES, State.WARNING, *each) for each in found if each]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a worker found of a track.

    Attributes
    ----------
    audio_hash : bytes
        Hash of its sound.
    features : AudioFeatures or None
        None where all of them are known.
    model : str or None
        Version of the learned model that listened, None where none did.
    learned : LearnedFeatures or None
        What it heard, None where there was nothing to be heard.
    """

    audio_hash: bytes
    features: AudioFeatures | None
    model: str | None = None
    learned: LearnedFeatures | None = None


def analyze_track(track: PendingTrack) -> Heard:
    """Hash and features of a waiting track; runs in a worker. A sound that is the same as before is not heard again."""
    _require_unchanged(track)
    audio_hash = bytes.fromhex(audio.payload_hash(track.path))
    same = audio_hash == track.audio_hash
    groups, model = (track.groups_of_same, track.model_of_same) if same else (track.groups, track.model)
    model = _at_hand(model)
    if not groups and model is None:
        return Heard(audio_hash, None)
    heard = features.hear(track.path, groups=groups, listener=_listener if model else None)
    return Heard(audio_hash, heard.features if groups else None, model, heard.learned)


def preview_track(track: PendingTrack) -> Heard:
    """Hash and features of excerpts of a waiting track; runs in a worker."""
    _require_unchanged(track)
    model = _at_hand(track.model)
    heard = features.hear_excerpts(track.path, listener=_listener if model else None)
    return Heard(bytes.fromhex(audio.payload_hash(track.path)), heard.features, model, heard.learned)


def _at_hand(model: str | None) -> str | None:
    """The same model, None where its file has gone since the run began: the tracks are measured and wait for it."""
    if model is None:
        return None
    try:
        _network()
    except ModelError:
        return None
    return model


def _listener() -> learned.Listener:
    """A listener for one track; the networks are loaded once in a process."""
    return learned.Listener(_network(), audio.resample)


_network = cache(learned.load)


def _require_unchanged(track: PendingTrack) -> None:
    """Refuse a file that is not the one a scan has read: its sound might be taken for another's."""
    try:
        status = track.path.stat()
    except OSError:
        return  # whoever opens it says why not
    if (status.st_size, status.st_mtime_ns) != (track.size_bytes, track.mtime_ns):
        raise DecodeError(f"{track.path}: has changed since it was scanned; scan it again", Reason.CHANGED)


def warm_up(_task: int) -> None:
    """Compile what the features need into the cache; runs in a worker of its own before the others start."""
    features.warm()


def _outcomes(
    function: Callable[[PendingTrack], Heard],
    waiting: list[PendingTrack],
    worker_count: int | None,
    stop: threading.Event | None,
) -> Iterator[workers.Outcome[PendingTrack, Heard]]:
    if not waiting:
        return iter(())
    cache = _compiled(stop)
    return workers.run(
        function,
        waiting,
        workers=min(worker_count or workers.processors(), len(waiting)),
        deadline_s=deadline_s,
        preload=("workbench.features",),
        environment={"NUMBA_CACHE_DIR": str(cache), settings.MODELS_VARIABLE: str(settings.models_folder())},
        stop=stop,
    )


def deadline_s(track: PendingTrack) -> float:
    """Seconds that a track may take: its declared length, within bounds."""
    wanted = DEADLINE_FACTOR * (track.declared_duration_s or 0.0)
    return min(max(LEAST_DEADLINE_S, wanted), LONGEST_DEADLINE_S)


def _compiled(stop: threading.Event | None = None) -> Path:
    """Folder of compiled kernels, filled by one process before many read it.

    Several processes that meet a cold numba cache at once corrupt it for good (numba issue 10128, librosa issue 1998).
    """
    folder = settings.compiled_folder()
    if not (folder / "warm").exists():
        with contextlib.closing(sqlite3.connect(folder / "lock.db", timeout=LOCK_S, isolation_level=None)) as lock:
            if _locked(lock, stop):
                _warm(folder, stop)
    return folder


def _locked(lock: sqlite3.Connection, stop: threading.Event | None) -> bool:
    """Hold a lock between processes that a killed one lets go; False where it is time to stop before it is free."""
    end = time.monotonic() + WARM_S
    while stop is None or not stop.is_set():
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                raise
        else:
            return True
    return False


def _warm(folder: Path, stop: threading.Event | None) -> None:
    if (folder / "warm").exists():
        return
    environment = {"NUMBA_CACHE_DIR": str(folder)}
    for outcome in workers.run(warm_up, [0], workers=1, deadline_s=WARM_S, environment=environment, stop=stop):
        if outcome.reason:
            raise WorkerError(f"{folder}: the analysis cannot be compiled there: {outcome.text}")
        (folder / "warm").touch()


def _stage(reason: Reason) -> Stage:
    """Where a failure belongs: what the decoder says of a file, or what the analysis met."""
    inner = {Reason.INTERNAL_ERROR, Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.WORKER_DIED}
    return Stage.FEATURES if reason in inner else Stage.DECODE


def _shortness(measured: AudioFeatures) -> tuple[Reason, str] | None:
    if measured.duration_s is None or measured.duration_s >= TOO_SHORT_S:
        return None
    return Reason.TOO_SHORT, f"lasts {measured.duration_s:.2f} s"


def _duration(track: PendingTrack, measured: AudioFeatures) -> tuple[Reason, str] | None:
    declared, decoded = track.declared_duration_s, measured.duration_s
    if declared is None or decoded is None or abs(declared - decoded) <= max(MISMATCH_S, MISMATCH_SHARE * decoded):
        return None
    reason = Reason.TRUNCATED if decoded < declared else Reason.DURATION_MISMATCH
    return reason, f"declares {declared:.1f} s, holds {decoded:.1f} s"
