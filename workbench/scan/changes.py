"""What is new, changed, gone or back, and what do the new ones say of themselves?"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from workbench import workers
from workbench.errors import FolderError
from workbench.models import FileRecord, Reason, Stage, State
from workbench.scan.reading import ReadTask, read_file, read_files
from workbench.scan.walk import walk
from workbench.store import writing
from workbench.store.ingest import store_records
from workbench.store.roots import add_root, known_files, mark_missing, mark_present, roots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from workbench.scan.walk import Seen
    from workbench.store.roots import KnownFile

__all__ = ["Scan", "scan"]

T = TypeVar("T")
R = TypeVar("R")

BATCH = 64  # files a task: large enough to hide the trip to a worker, small enough to show progress
ALONE_S = 30.0  # a file that takes longer to say its title is given up
MEMORY_BYTES = 2 * 2**30  # a zip bomb in a tag asks for less than this, a broken header for more


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; `seen` is the sum of `unchanged`, `returned`, `new` and `changed`.

    Attributes
    ----------
    seen, unchanged, returned, new, changed : int
        Files; `returned` were missing and are back as they were.
    missing : int
        Files that were known and were not seen this time.
    failed : int
        New or changed files that are not usable as music.
    reasons : dict of str to int
        Findings by reason code, warnings included.
    """

    seen: int = 0
    unchanged: int = 0
    returned: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def scan(
    engine: sa.Engine,
    folder: Path,
    *,
    worker_count: int | None = None,
    progress: workers.Progress | None = None,
) -> Scan:
    """Bring the store up to date with a folder.

    Parameters
    ----------
    engine : Engine
        The store.
    folder : Path
        Absolute; becomes a root of the store unless it lies inside one.
    worker_count : int or None
        Number of processes that read tags; None takes one for each processor.
    progress : callable or None
        Called as ``progress(done, total, path)``, in files to read.

    Raises
    ------
    FolderError
        The folder is missing, cannot be read, or is empty where the store knows files (a disk that is not mounted);
        nothing is changed.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: is no folder; give the folder that holds the music")
    view = _look(folder)
    with writing(engine) as connection:
        root_id, inside = add_root(connection, folder)
        known = known_files(connection, root_id, inside)
        if known and not view.seen and not all(file.missing for file in known.values()):
            raise FolderError(f"{folder}: holds no music now, the store knows {len(known)} files there; is it mounted?")
        root = roots(connection)[root_id]
        view = view.below(inside)
    changes = _compare(view, known)
    found = Counter(_read(engine, root_id, root, changes, worker_count, progress))
    with writing(engine) as connection:
        mark_present(connection, [known[path].file_id for path in changes.returned])
        mark_missing(connection, [known[path].file_id for path in changes.missing])
    return Scan(
        seen=len(view.seen),
        unchanged=len(view.seen) - len(changes.returned) - len(changes.new) - len(changes.changed),
        returned=len(changes.returned),
        new=len(changes.new),
        changed=len(changes.changed),
        missing=len(changes.missing),
        failed=sum(count for (state, _), count in found.items() if state == State.FAILED),
        reasons=dict(Counter(str(reason) for _, reason in found.elements())),
    )


@dataclass(frozen=True, slots=True)
class View:
    """What the folder shows now: files by path, and what the walk could not look at."""

    seen: dict[bytes, Seen]
    refused: list[FileRecord]

    def below(self, inside: bytes) -> View:
        """The same with paths relative to a root that the folder lies inside."""
        if not inside:
            return self
        seen = [replace(each, path=inside + b"/" + each.path) for each in self.seen.values()]
        refused = [replace(record, path=inside + b"/" + record.path) for record in self.refused]
        return View({each.path: each for each in seen}, refused)


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths by what became of them, and the refusals that the store does not know yet."""

    new: list[Seen]
    changed: list[Seen]
    returned: list[bytes]
    missing: list[bytes]
    refused: list[FileRecord]


def _look(folder: Path) -> View:
    """Walk the folder."""
    refused: list[FileRecord] = []
    seen = {each.path: each for each in walk(folder, on_problem=refused.append)}
    return View(seen, refused)


def _compare(view: View, known: Mapping[bytes, KnownFile]) -> Changes:
    hidden = tuple(record.path + b"/" for record in view.refused)  # what lies below a closed folder is not missing
    refused_paths = {record.path for record in view.refused}
    same = {path for path, each in view.seen.items() if path in known and _unchanged(each, known[path])}
    return Changes(
        new=[each for path, each in view.seen.items() if path not in known],
        changed=[each for path, each in view.seen.items() if path in known and path not in same],
        returned=[path for path in same if known[path].missing],
        missing=[
            path
            for path, file in known.items()
            if not (file.missing or path in view.seen or path in refused_paths or path.startswith(hidden))
        ],
        refused=[record for record in view.refused if record.path not in known],
    )


def _unchanged(seen: Seen, known: KnownFile) -> bool:
    same = (seen.size_bytes, seen.mtime_ns) == (known.size_bytes, known.mtime_ns)
    return same and not known.doubtful


def _read(
    engine: sa.Engine,
    root_id: int,
    root: Path,
    changes: Changes,
    worker_count: int | None,
    progress: workers.Progress | None,
) -> Iterator[tuple[State, Reason]]:
    """Store what is new and changed; yields the findings on the way."""
    tasks = [ReadTask(os.fsencode(root), each) for each in (*changes.new, *changes.changed)]
    done = 0
    for records in chain([changes.refused], _records(tasks, worker_count)):
        if not records:
            continue
        with writing(engine) as connection:
            store_records(connection, root_id, records)
        yield from ((record.state, record.reason) for record in records if record.state and record.reason)
        if records is not changes.refused:
            done += len(records)
            if progress:
                progress(done, len(tasks), os.fsdecode(records[-1].path))


def _records(tasks: Sequence[ReadTask], worker_count: int | None) -> Iterator[list[FileRecord]]:
    """Records in batches; the files of a batch that failed are read again one by one, so that one costs only itself."""
    batches = [tuple(tasks[start : start + BATCH]) for start in range(0, len(tasks), BATCH)]
    suspects: list[ReadTask] = []
    early: dict[tuple[ReadTask, ...], list[FileRecord]] = {}
    turn = (
        0  # records are stored in the order of the walk, whichever worker is first, so that ids are the same each time
    )
    for outcome in _run(read_files, batches, worker_count, ALONE_S * 4):
        if outcome.value is None:
            suspects.extend(outcome.task)
        early[outcome.task] = outcome.value or []
        while turn < len(batches) and batches[turn] in early:
            yield early.pop(batches[turn])
            turn += 1
    for alone in _run(read_file, suspects, worker_count, ALONE_S):
        yield [alone.value if alone.value is not None else _given_up(alone)]


def _run(
    function: Callable[[T], R], tasks: Sequence[T], worker_count: int | None, deadline_s: float
) -> Iterator[workers.Outcome[T, R]]:
    if not tasks:
        return iter(())
    return workers.run(
        function,
        tasks,
        workers=min(worker_count or workers.processors(), len(tasks)),
        deadline_s=deadline_s,
        memory_bytes=MEMORY_BYTES,
        preload=("workbench.scan.reading",),
    )


def _given_up(outcome: workers.Outcome[ReadTask, FileRecord]) -> FileRecord:
    """Record of a file that broke the worker which read it."""
    seen = outcome.task.seen
    return FileRecord(
        path=seen.path,
        size_bytes=seen.size_bytes,
        mtime_ns=seen.mtime_ns,
        inode=seen.inode,
        stage=Stage.TAGS,
        state=State.FAILED,
        reason=outcome.reason or Reason.INTERNAL_ERROR,
        text=outcome.text,
    )
