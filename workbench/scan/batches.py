"""How are many files read by worker processes, and given back in steps that are worth storing?"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from workbench import workers
from workbench.models import Reason, Stage, State
from workbench.scan.reading import ReadTask, blank, read_file, read_files

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator, Sequence

    from workbench.models import FileRecord

__all__ = ["read_all"]

T = TypeVar("T")
R = TypeVar("R")

BATCH = 64  # files a task: large enough to hide the trip to a worker, small enough to show progress
STEP = 2048  # records that are stored together: a transaction costs as much as a hundred of them
STEP_S = 2.0  # ... or those of this time, so that little is lost when a scan is stopped
ALONE_S = 30.0  # a file that takes longer to say its title is given up
SLOWEST = 2_000_000  # bytes a second at which a file is read whole, where its sound has to be recognised


def read_all(
    tasks: Sequence[ReadTask],
    worker_count: int | None,
    progress: workers.Progress | None,
    stop: threading.Event | None = None,
) -> Generator[list[FileRecord]]:
    """Records of files in the order of the tasks, some hundreds or some seconds' worth at a time.

    Parameters
    ----------
    tasks : sequence of ReadTask
        Files to read.
    worker_count : int or None
        Number of processes; None takes one for each processor.
    progress : callable or None
        Called as ``progress(done, total, path)`` when a step has been taken.
    stop : threading.Event or None
        When it is set, what was read of the walk without a gap is the last step.
    """
    done = 0
    step: list[FileRecord] = []
    begun = time.monotonic()
    with closing(_records(tasks, worker_count, stop)) as reading:
        for records in reading:
            step += records
            done += len(records)
            is_small = len(step) < STEP and time.monotonic() < begun + STEP_S and done < len(tasks)
            if is_small or not step:  # a batch that failed after a while has given nothing yet
                continue
            yield step
            if progress:
                progress(done, len(tasks), os.fsdecode(step[-1].path))
            step, begun = [], time.monotonic()
    if step:  # the reading was stopped
        yield step


def _records(
    tasks: Sequence[ReadTask], worker_count: int | None, stop: threading.Event | None
) -> Generator[list[FileRecord]]:
    """Records in batches; the files of a batch that failed are read again one by one, so that one costs only itself."""
    batches = [tuple(tasks[start : start + BATCH]) for start in range(0, len(tasks), BATCH)]
    suspects: list[ReadTask] = []
    early: dict[tuple[ReadTask, ...], list[FileRecord]] = {}
    turn = 0  # records come in the order of the walk, whichever worker is first, so that ids are the same each time
    with closing(_run(read_files, batches, worker_count, _batch_s, stop)) as outcomes:
        for outcome in outcomes:
            if outcome.value is None:
                suspects.extend(outcome.task)
            early[outcome.task] = outcome.value or []
            while turn < len(batches) and batches[turn] in early:
                yield early.pop(batches[turn])
                turn += 1
    with closing(_run(read_file, suspects, worker_count, _alone_s, stop)) as ones:
        for alone in ones:
            yield [alone.value if alone.value is not None else _given_up(alone)]


def _batch_s(batch: Sequence[ReadTask]) -> float:
    """Seconds that a batch may take."""
    return 4 * ALONE_S + sum(map(_reading_s, batch))


def _alone_s(task: ReadTask) -> float:
    """Seconds that a file may take."""
    return ALONE_S + _reading_s(task)


def _reading_s(task: ReadTask) -> float:
    """Seconds that a whole file may take to read, where it may have to be."""
    return task.seen.size_bytes / SLOWEST if task.familiar or task.sounds else 0.0


def _run(
    function: Callable[[T], R],
    tasks: Sequence[T],
    worker_count: int | None,
    deadline_s: Callable[[T], float],
    stop: threading.Event | None,
) -> Generator[workers.Outcome[T, R]]:
    if not tasks:
        return
    yield from workers.run(
        function,
        tasks,
        workers=min(worker_count or workers.processors(), len(tasks)),
        deadline_s=deadline_s,
        preload=("workbench.scan.reading",),
        stop=stop,
    )


def _given_up(outcome: workers.Outcome[ReadTask, FileRecord]) -> FileRecord:
    """Record of a file that broke the worker which read it."""
    return replace(
        blank(outcome.task.seen, tags=None),
        stage=Stage.TAGS,
        state=State.FAILED,
        reason=outcome.reason or Reason.INTERNAL_ERROR,
        text=outcome.text,
    )
