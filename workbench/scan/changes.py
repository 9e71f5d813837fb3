"""What is new, changed, moved, gone or back, and what do the new ones say of themselves?"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.errors import FolderError
from workbench.models import State
from workbench.scan.batches import read_all
from workbench.scan.comparing import compare, look
from workbench.scan.moves import Moves
from workbench.scan.reading import ReadTask
from workbench.store import kept_open, reading, writing
from workbench.store.files import (
    count_present,
    doubtful_files,
    elsewhere,
    gone_files,
    known_files,
    mark_missing,
    mark_present,
    missing_files,
    relocate,
    respell,
)
from workbench.store.ingest import store_records
from workbench.store.roots import add_root, place_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from workbench.models import FileRecord
    from workbench.scan.comparing import Changes, View
    from workbench.store.files import KnownFile
    from workbench.workers import Progress

__all__ = ["Scan", "scan"]

MOST_MISSING = 0.2
"""Share of a music folder's files that may be gone before it looks as if the disk were."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; `seen` is the sum of `unchanged`, `returned`, `moved`, `new` and `changed`.

    Attributes
    ----------
    seen, unchanged, returned, moved, new, changed : int
        Files; `returned` were missing and are back as they were, `moved` are known from another place or name.
    missing : int
        Files that were known and were not seen this time, at their place or another.
    failed : int
        New or changed files that are not usable as music.
    reasons : dict of str to int
        Findings by reason code, warnings included.
    """

    seen: int = 0
    unchanged: int = 0
    returned: int = 0
    moved: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a folder, and what the store knew of it.

    Attributes
    ----------
    folder, root : Path
        The folder to scan, and the music folder that it lies in or is.
    present : int
        Number of the root's files that were there so far.
    known : dict of bytes to KnownFile
        Files below the folder, by path relative to the root.
    """

    folder: Path
    root: Path
    present: int
    known: dict[bytes, KnownFile]
    changes: Changes
    moves: Moves

    def missing(self) -> list[KnownFile]:
        """Files that are at their place no more, nor at another that is known by now."""
        return [file for file in self.changes.gone if file.file_id not in self.moves.claimed]

    def refuse(self, gone: int) -> None:
        """Stop where so many files are gone that a disk seems to be."""
        if gone > MOST_MISSING * self.present:
            raise FolderError(
                f"{self.folder}: {gone} of the {self.present} files of {self.root} are gone; is a disk not mounted? "
                "Nothing was changed; if they are gone for good, give --allow-missing"
            )


def scan(
    engine: sa.Engine,
    folder: Path,
    *,
    allow_missing: bool = False,
    worker_count: int | None = None,
    progress: Progress | None = None,
) -> Scan:
    """Bring the store up to date with a folder; where nothing has changed, nothing is written.

    Parameters
    ----------
    engine : Engine
        The store.
    folder : Path
        Absolute; becomes a root of the store unless it lies inside one.
    allow_missing : bool
        Go on where the folder is empty, or more than a fifth of the root's files are gone.
    worker_count : int or None
        Number of processes that read tags; None takes one for each processor.
    progress : callable or None
        Called as ``progress(done, total, path)``, in files to read.

    Raises
    ------
    FolderError
        The folder is missing, cannot be read, holds no music, or lacks more than a fifth of the files that the store
        knows in its root (a disk that is not mounted); nothing is changed.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: is no folder; give the folder that holds the music")
    view = look(folder)
    if not view.seen and not allow_missing:
        raise FolderError(
            f"{folder}: holds no music (MP3, FLAC, WAV, AIFF, AAC, OGG, Opus, M4A); is its disk mounted? "
            "Nothing was changed; to scan it all the same, give --allow-missing"
        )
    with kept_open(engine):
        plan = _plan(engine, folder, view)
        batches: Iterable[Sequence[FileRecord]] = read_all(_tasks(plan), worker_count, progress)
        if not allow_missing:
            batches = _vouched(plan, batches)
        found = Counter[tuple[State, str]]()
        for records in batches:
            found += _store(engine, plan, records)
        found += _settle(engine, plan)
    return _summary(plan, found)


def _plan(engine: sa.Engine, folder: Path, view: View) -> Plan:
    """Look up what the store knows; nothing is written."""
    with reading(engine) as connection:
        place = place_in(connection, folder)
        known = {
            file.path: file
            for root_id, prefix in place.root_ids.items()
            for file in known_files(connection, root_id, inside=place.inside, prefix=prefix).values()
        }
        changes = compare(view.below(place.inside), known, doubtful_files(connection))
        arrived = [*changes.new, *changes.changed]
        replaced = gone_files(connection, [known[each.path].file_id for each in changes.changed])
        gone = gone_files(connection, [file.file_id for file in changes.gone]) if arrived else []
        if arrived:
            back = {file.file_id for file in changes.returned} | {each.file_id for each in replaced}
            gone += [each for each in missing_files(connection) if each.file_id not in back]
            here = {file.file_id for file in known.values()}
            gone += elsewhere(connection, {(each.size_bytes, each.mtime_ns) for each in arrived}, here)
        present = sum(count_present(connection, root_id) for root_id in place.root_ids)
    return Plan(folder, place.root, present, known, changes, Moves(gone, replaced, arrived))


def _tasks(plan: Plan) -> list[ReadTask]:
    """Files to read: first those whose place is known, since a sound that stayed where it was moved nowhere."""
    root = os.fsencode(plan.root)
    changed = [
        ReadTask(root, each, familiar=plan.moves.is_familiar(each, plan.known[each.path]))
        for each in plan.changes.changed
    ]
    new = [
        ReadTask(root, each, familiar=plan.moves.is_familiar(each, None), sounds=plan.moves.sounds)
        for each in plan.changes.new
    ]
    return [*changed, *new]


def _vouched(plan: Plan, batches: Iterable[Sequence[FileRecord]]) -> Iterator[Sequence[FileRecord]]:
    """The batches, once it is clear that not too many files are gone.

    Where sizes and times alone leave too many, all is read before anything is stored: files that were moved and tagged
    anew are known by their sound.
    """
    likely = plan.moves.likely()
    gone = [file for file in plan.changes.gone if file.file_id not in likely]
    if len(gone) <= MOST_MISSING * plan.present:
        yield from batches
        return
    if not plan.changes.new:
        plan.refuse(len(gone))
    everything = list(batches)
    heard = plan.moves.heard(record.audio_hash for records in everything for record in records)
    plan.refuse(sum(file.file_id not in heard for file in gone))
    yield from everything


def _store(engine: sa.Engine, plan: Plan, records: Sequence[FileRecord]) -> Counter[tuple[State, str]]:
    """Keep a batch, files that moved under the rows they had; gives what was found of it."""
    same_sound: set[bytes] = set()
    moved: list[tuple[int, bytes]] = []
    for record in records:
        gone = plan.moves.claim(record)
        if gone is None:
            continue
        same_sound.add(record.path)
        here = plan.known.get(record.path)
        if here is None or here.file_id != gone.file_id:
            moved.append((gone.file_id, record.path))
            plan.moves.moved.add(record.path)
    with writing(engine) as connection:
        root_id, _ = add_root(connection, plan.folder)
        relocate(connection, root_id, moved)
        return Counter(store_records(connection, root_id, records, same_sound=same_sound))


def _settle(engine: sa.Engine, plan: Plan) -> Counter[tuple[State, str]]:
    """Note what came back, what is spelt anew, what is missing and what cannot be looked at; gives what was found."""
    changes = plan.changes
    missing = [file.file_id for file in plan.missing()]
    if not (missing or changes.returned or changes.respelt or changes.refused):
        return Counter()
    with writing(engine) as connection:
        root_id, _ = add_root(connection, plan.folder)
        mark_present(connection, [file.file_id for file in changes.returned])
        respell(connection, [(file.file_id, path) for file, path in changes.respelt])
        mark_missing(connection, missing)
        return Counter(store_records(connection, root_id, changes.refused))


def _summary(plan: Plan, found: Counter[tuple[State, str]]) -> Scan:
    changes, moved = plan.changes, plan.moves.moved
    new = sum(each.path not in moved for each in changes.new)
    changed = sum(each.path not in moved for each in changes.changed)
    back, respelt = len(changes.returned), len(changes.respelt)
    reasons = Counter[str]()
    for (_, reason), count in found.items():
        reasons[reason] += count
    return Scan(
        seen=changes.unchanged + back + len(moved) + respelt + new + changed,
        unchanged=changes.unchanged,
        returned=back,
        moved=len(moved) + respelt,
        new=new,
        changed=changed,
        missing=len(plan.missing()),
        failed=sum(count for (state, _), count in found.items() if state == State.FAILED),
        reasons=dict(reasons),
    )
