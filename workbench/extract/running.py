"""Which tracks wait, and what became of each?"""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench import learned, settings, workers
from workbench.errors import FolderError, ModelError
from workbench.extract.compiling import compiled, is_compiled
from workbench.extract.judging import problems, stage_of
from workbench.extract.listening import analyze_track, preview_track
from workbench.features import ANALYZER_VERSIONS
from workbench.models import Extent, Ledger, Reason, State
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
from workbench.store.roots import roots
from workbench.store.turns import turn

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator, Mapping

    import sqlalchemy as sa

    from workbench.extract.listening import Heard

__all__ = ["Analysis", "extract"]

log = logging.getLogger(__name__)

LEAST_DEADLINE_S = 120.0
DEADLINE_FACTOR = 1.0  # a second of work for a second of sound is fifty times what a slow machine needs
LONGEST_DEADLINE_S = 4 * 3600.0
SLOWEST = 2_000_000  # bytes a second at which a file may come from a disk far away
FEWEST = 100  # bytes that a second of sound takes at least: silence in FLAC; who declares more sound is not believed
FEW = 16_000  # bytes that a second is taken to have where no length is declared: 128 kbit/s
WAITS = "waits for another analysis of this library to end"
PASSING = (Reason.VANISHED, Reason.UNREADABLE, Reason.CHANGED)  # the track goes on waiting, for a disk or a scan


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a run of analysis did.

    Attributes
    ----------
    analyzed, failed : int
        Tracks that were heard, and tracks that could not be; their findings say why.
    reasons : dict of str to int
        Those that could not, by reason code.
    stopped : bool
        The run was stopped before it was through; the rest goes on waiting.
    ledger : Ledger
        What became of the tracks that waited: heard and nothing odd in the sound, heard with a warning, skipped (gone
        or changed since the scan, to be tried again), failed. ``analyzed == ledger.usable``, and `failed` is the rest.
    unreached : int
        Tracks that waited and that a run which was stopped did not come to.
    """

    analyzed: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    unreached: int = 0


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

    A track of which only one group of columns is behind is measured for that group alone. While another process
    analyses the same store, this one waits, and then does what is left.

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
        Called as ``progress(done, total, path)`` after each track, and as ``progress(0, 0, text)`` where it waits.
    stop : threading.Event or None
        Ends the run when it is set, in about a second; what was measured is kept.

    Raises
    ------
    StoreError
        The store cannot be written (disk full, read-only).
    FolderError
        Tracks wait, and no music folder is there: nothing is said of their files then.
    """
    require_writable(engine)

    def wait() -> None:
        if progress:
            progress(0, 0, WAITS)

    with turn(engine, "analysis", stop=stop, waiting=wait) as is_ours:
        if not is_ours:
            return Analysis(stopped=True, unreached=len(_waiting(engine, _model(), preview=preview)))
        return _extract(engine, worker_count, progress, stop, retry=retry, preview=preview)


def _extract(
    engine: sa.Engine,
    worker_count: int | None,
    progress: workers.Progress | None,
    stop: threading.Event | None,
    *,
    retry: bool,
    preview: bool,
) -> Analysis:
    """Analyse what waits, while nobody else does."""
    if retry:
        with writing(engine) as connection:
            forget_failures(connection)
    waiting = _waiting(engine, _model(), preview=preview)
    with reading(engine) as connection:
        folders = list(roots(connection).values())
    if waiting and not any(folder.is_dir() for folder in folders):
        raise FolderError(f"{folders[0]}: is no folder now; connect its disk, or see workbench root move")
    reasons: dict[str, int] = {}
    states = Counter[State]()
    if progress and waiting and not is_compiled():
        progress(0, len(waiting), "compiling the analysis, once after an installation: a minute or two")
    outcomes = _outcomes(preview_track if preview else analyze_track, waiting, worker_count, stop)
    with closing(outcomes), kept_open(engine):  # whoever interrupts a step of it ends the workers too
        for done, outcome in enumerate(outcomes, start=1):
            track = outcome.task
            with writing(engine) as connection:
                if outcome.value is None:
                    problem = _problem(outcome)
                    store_problem(connection, track, problem)
                    reasons[problem.reason] = reasons.get(problem.reason, 0) + 1
                    states[problem.state] += 1
                else:
                    states[_keep(connection, track, outcome.value)] += 1
            if progress:
                progress(done, len(waiting), str(track.path))
    return _summary(states, reasons, waiting=len(waiting))


def _waiting(engine: sa.Engine, model: str | None, *, preview: bool) -> list[PendingTrack]:
    with reading(engine) as connection:
        return never_heard(connection, model) if preview else pending(connection, ANALYZER_VERSIONS, model)


def _summary(states: Mapping[State, int], reasons: dict[str, int], *, waiting: int) -> Analysis:
    ledger = Ledger(
        ok=states[State.OK], warned=states[State.WARNING], skipped=states[State.SKIPPED], failed=states[State.FAILED]
    )
    left = waiting - ledger.seen
    failed = ledger.skipped + ledger.failed
    return Analysis(ledger.usable, failed, reasons, stopped=left > 0, ledger=ledger, unreached=left)


def _problem(outcome: workers.Outcome[PendingTrack, Heard]) -> Problem:
    """Why a track could not be heard, without the path that opens an error's sentence."""
    reason = outcome.reason or Reason.INTERNAL_ERROR
    state = State.SKIPPED if reason in PASSING else State.FAILED
    path = str(outcome.task.path).encode("utf-8", "replace").decode("utf-8")
    return Problem(stage_of(reason), state, reason, outcome.text.removeprefix(f"{path}: "))


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


def _keep(connection: sa.Connection, track: PendingTrack, heard: Heard) -> State:
    """Store what was heard of a track; gives whether something in it is odd."""
    found = problems(track, heard.features, heard.whole) if heard.features is not None else []
    if heard.features is not None:
        store_features(connection, track, heard.features, found)
    if heard.model is not None:
        extent = Extent(heard.features.extent) if heard.features else Extent.FULL
        store_learned(connection, track, heard.model, heard.learned, extent)
    elif heard.audio_hash != track.audio_hash and not track.is_unheard:
        forget_learned(connection, track)
    store_hash(connection, track, heard.audio_hash)
    return State.WARNING if found else State.OK


def _outcomes(
    function: Callable[[PendingTrack], Heard],
    waiting: list[PendingTrack],
    worker_count: int | None,
    stop: threading.Event | None,
) -> Generator[workers.Outcome[PendingTrack, Heard]]:
    if not waiting:
        return
    cache = compiled(stop)
    yield from workers.run(
        function,
        waiting,
        workers=min(worker_count or workers.processors(), len(waiting)),
        deadline_s=deadline_s,
        preload=("workbench.features",),
        environment={"NUMBA_CACHE_DIR": str(cache), settings.MODELS_VARIABLE: str(settings.models_folder())},
        stop=stop,
    )


def deadline_s(track: PendingTrack) -> float:
    """Seconds that a track may take: for its length, as far as its size bears that out, and for the reading."""
    declared_s = track.declared_duration_s or track.size_bytes / FEW
    seconds = min(declared_s, track.size_bytes / FEWEST)
    return min(max(LEAST_DEADLINE_S, DEADLINE_FACTOR * seconds) + track.size_bytes / SLOWEST, LONGEST_DEADLINE_S)
