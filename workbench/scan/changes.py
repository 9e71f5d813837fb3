"""What is new, changed, moved, gone or back, and what do the new ones say of themselves?"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from workbench.errors import FolderError
from workbench.models import Reason
from workbench.scan.batches import STEP, read_all
from workbench.scan.comparing import View, compare, look
from workbench.scan.kinds import unread_words
from workbench.scan.moves import Moves, is_same_sound
from workbench.scan.reading import ReadTask, sound_code
from workbench.scan.summing import Done, Scan, finished, unfinished
from workbench.store import kept_open, reading, require_writable, writing
from workbench.store.bulk import uncollected
from workbench.store.files import (
    WORTH_ANOTHER_LOOK,
    count_present,
    doubtful_files,
    drop_files,
    elsewhere,
    gone_files,
    known_files,
    make_way,
    mark_missing,
    mark_present,
    missing_files,
    refusals,
    relocate,
    respell,
)
from workbench.store.ingest import store_records
from workbench.store.roots import add_root, place_in

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    import sqlalchemy as sa

    from workbench.models import FileRecord, State
    from workbench.scan.comparing import Changes
    from workbench.store.files import GoneFile
    from workbench.workers import Progress

__all__ = ["Scan", "scan"]

MOST_MISSING = 0.2
"""Share of a music folder's files that may be gone before it looks as if the disk were."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a folder, and what the store knew of it.

    Attributes
    ----------
    folder, root : Path
        The folder to scan, and the music folder that it lies in or is.
    present : dict of bytes to int
        Number of tracks whose files were there so far, by music folder, each relative to `root`.
    """

    folder: Path
    root: Path
    present: dict[bytes, int]
    changes: Changes
    moves: Moves

    def refusal(self, gone: list[bytes]) -> FolderError | None:
        """Why a scan may not go on that misses these files: so many that a disk seems to be gone."""
        for prefix, present in self.present.items():
            count = sum(not prefix or path.startswith(prefix + b"/") for path in gone)
            if count > MOST_MISSING * present:
                place = self.root / os.fsdecode(prefix)
                return FolderError(
                    f"{self.folder}: {count} of the {present} files of {place} are gone; is a disk not mounted? "
                    "Nothing was changed; if they are gone for good, give --allow-missing (allow_missing=True)"
                )
        return None


def scan(
    engine: sa.Engine,
    folder: Path,
    *,
    allow_missing: bool = False,
    worker_count: int | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    conclude: Callable[[], None] | None = None,
) -> Scan:
    """Bring the store up to date with a folder; where nothing has changed, nothing is written.

    Files whose tags an older version of the reader read are read again, though nothing else about them changes.

    New files that are surely new are stored as they are read; all else is decided when everything is read, and stored
    in one transaction.

    Parameters
    ----------
    engine : Engine
        The store.
    folder : Path
        Absolute; becomes a root of the store when music is found in it, unless it lies inside one.
    allow_missing : bool
        Go on where the folder is empty or not there, or more than a fifth of a root's files are gone.
    worker_count : int or None
        Number of processes that read tags; None takes one for each processor.
    progress : callable or None
        Called as ``progress(done, total, path)``, in files to read.
    stop : threading.Event or None
        Ends the scan when it is set, in about a second. Files that are surely new and were read are kept; what is gone
        or moved can only be told when everything is read, and is left to the next scan.
    conclude : callable or None
        Called when everything is stored and something has changed, before the ledger is counted: it may find more.

    Raises
    ------
    FolderError
        The folder is missing, cannot be read, holds no music, or lacks more than a fifth of the tracks that the store
        knows in a root (a disk that is not mounted); nothing is changed.
    StoreError
        The store can only be read.
    """
    require_writable(engine)
    done = Done()
    with kept_open(engine):
        with uncollected():
            view = _view(engine, folder, allow_missing=allow_missing, stop=stop)
            if stop is not None and stop.is_set():  # perhaps not all was seen
                return Scan(stopped=True)
            plan = _plan(engine, folder, view)
        changes = plan.changes
        worst = plan.refusal([*(file.path for file in changes.gone), *plan.moves.replaced])
        if worst and not allow_missing and not changes.new and not changes.changed:
            raise worst
        held: list[FileRecord] = []
        is_safe = allow_missing or not worst
        outdated = {each.path for each in changes.outdated} if is_safe else set()
        tasks, read = _tasks(plan, outdated), 0
        with closing(read_all(tasks, worker_count, progress, stop)) as steps:
            for step in steps:
                read += len(step)
                done.renewed += _renew(engine, plan, [each for each in step if each.path in outdated])
                records = [each for each in step if each.path not in outdated]
                free = [each for each in records if plan.moves.is_free(each)] if is_safe else []
                held += records if not free else [each for each in records if not plan.moves.is_free(each)]
                if free:
                    done.found += _store(engine, plan, free)
                    done.stored |= {each.path for each in free}
        if read < len(tasks):
            return unfinished(engine, folder, changes, done)
        _settle(engine, plan, held, done, allow_missing=allow_missing)
        if conclude and (changes.is_news or done.renewed or done.missing):
            conclude()
        return finished(engine, folder, changes, done)


def _view(engine: sa.Engine, folder: Path, *, allow_missing: bool, stop: threading.Event | None) -> View:
    """What the folder shows."""
    if not folder.is_dir():
        with reading(engine) as connection:
            is_known = bool(place_in(connection, folder).root_ids)
        if allow_missing and is_known:
            return View({}, [])
        advice = "connect its disk, or see workbench root move" if is_known else "give the folder that holds the music"
        raise FolderError(f"{folder}: is no folder{' now' if is_known else ''}; {advice}")
    view = look(folder, stop)
    if stop is not None and stop.is_set():
        return view
    if not view.seen and not allow_missing:
        raise FolderError(
            f"{folder}: holds no music (MP3, FLAC, WAV, AIFF, AAC, OGG, Opus, M4A){_instead(view)} "
            "Nothing was changed; to scan it all the same, give --allow-missing (allow_missing=True)"
        )
    return view


def _instead(view: View) -> str:
    """What a folder without music holds in its stead, and what may be done."""
    if not view.refused:
        return "; is its disk mounted?"
    unread = any(record.reason is Reason.UNSUPPORTED for record in view.refused)
    advice = " Convert those to FLAC, Opus or MP3." if unread else ""
    return f", only what cannot be used: {unread_words(view.refused)}.{advice}"


def _plan(engine: sa.Engine, folder: Path, view: View) -> Plan:
    """Look up what the store knows; nothing is written."""
    with reading(engine) as connection:
        place = place_in(connection, folder)
        known = {
            file.path: file
            for root_id, prefix in place.root_ids.items()
            for file in known_files(connection, root_id, inside=place.inside, prefix=prefix).values()
        }
        changes = compare(view.below(place.inside), known, doubtful_files(connection), refusals(connection))
        arrived = [*changes.new, *changes.changed]
        paths = {known[each.path].file_id: each.path for each in changes.changed}
        replaced = {paths[each.file_id]: each for each in gone_files(connection, list(paths))}
        gone = gone_files(connection, [file.file_id for file in changes.gone]) if arrived else []
        if arrived:
            back = {file.file_id for file in changes.returned} | {file.file_id for file, _ in changes.respelt}
            gone += [each for each in missing_files(connection) if each.file_id not in back | paths.keys()]
            here = {file.file_id for file in known.values()}
            gone += elsewhere(connection, {(each.size_bytes, each.mtime_ns) for each in arrived}, here)
        present = {prefix: count_present(connection, root_id) for root_id, prefix in place.root_ids.items()}
    return Plan(folder, place.root, present, changes, Moves(gone, replaced, arrived))


def _tasks(plan: Plan, outdated: set[bytes]) -> list[ReadTask]:
    """Files to read, in the order of the walk, those first whose place is known, those last that are unchanged."""
    root, moves = os.fsencode(plan.root), plan.moves
    tasks = []
    for each in (*plan.changes.changed, *plan.changes.new):
        before = moves.replaced.get(each.path)
        own = sound_code(before.sound) if before else None
        tasks.append(ReadTask(root, each, moves.is_familiar(each), moves.sounds, own))
    return tasks + [ReadTask(root, each) for each in plan.changes.outdated if each.path in outdated]


def _renew(engine: sa.Engine, plan: Plan, records: list[FileRecord]) -> int:
    """Keep what a newer reader says of unchanged files, whose sound is what it was; gives their number.

    One that cannot be read just now stays what it is, and is left to the next scan.
    """
    records = [each for each in records if each.reason not in WORTH_ANOTHER_LOOK]
    if records:
        with writing(engine) as connection:
            root_id, _ = add_root(connection, plan.folder)
            store_records(connection, root_id, records, same_sound={each.path for each in records})
    return len(records)


def _store(engine: sa.Engine, plan: Plan, records: list[FileRecord]) -> Counter[tuple[State, str]]:
    """Keep files that are surely new, or were changed where they are."""
    with writing(engine) as connection:
        root_id, _ = add_root(connection, plan.folder)
        return Counter(store_records(connection, root_id, records))


def _settle(engine: sa.Engine, plan: Plan, held: list[FileRecord], done: Done, *, allow_missing: bool) -> None:
    """Decide what became of files that are gone, and store that with what was held back."""
    changes = plan.changes
    found = plan.moves.pair(held)
    claimed = {each.file_id for each in found.values()}
    missing = [file for file in changes.gone if file.file_id not in claimed]
    stepped = _stepping_aside(plan, held, found)
    refusal = plan.refusal([*(file.path for file in missing), *stepped])
    if refusal and not allow_missing:
        raise refusal
    if not (held or missing or changes.returned or changes.respelt or changes.refused or changes.vanished):
        return
    moves = [(each.file_id, path) for path, each in found.items() if plan.moves.replaced.get(path) is not each]
    same_sound = {record.path for record in held if is_same_sound(record, found.get(record.path))}
    with writing(engine) as connection:
        root_id, _ = add_root(connection, plan.folder)
        drop_files(connection, [file.file_id for file in changes.vanished])
        make_way(connection, [plan.moves.replaced[path].file_id for path in stepped])
        relocate(connection, root_id, moves)
        mark_present(connection, changes.returned)
        respell(connection, [(file.file_id, path) for file, path in changes.respelt])
        mark_missing(connection, missing)
        records = iter([*changes.refused, *held])
        while some := list(islice(records, STEP)):
            done.found += Counter(store_records(connection, root_id, some, same_sound=same_sound))
    done.moved = {path for _, path in moves}
    done.missing = len(missing) + len(stepped)


def _stepping_aside(plan: Plan, held: list[FileRecord], found: dict[bytes, GoneFile]) -> list[bytes]:
    """Paths at which another sound lies now, and whose own is nowhere to be seen.

    A file that was there and has another sound now is the same track: its owner has a better copy. One that was missing
    is not, nor is one whose place another known sound has taken.
    """
    claimed = {each.file_id for each in found.values()}
    here = {record.path: record for record in held}
    paths = []
    for path, before in plan.moves.replaced.items():
        if before.file_id in claimed or path not in here:
            continue
        if path in found or (before.was_missing and here[path].tags is not None):
            paths.append(path)
    return paths
