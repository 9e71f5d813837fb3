"""What did a scan find, in counts?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workbench.models import Ledger, State
from workbench.store import reading
from workbench.store.ledger import count_files
from workbench.store.roots import place_in

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import sqlalchemy as sa

    from workbench.scan.comparing import Changes

__all__ = ["Done", "Scan", "finished", "unfinished"]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found: what became new of the folder's files, and what state all of them are in.

    Every path that the walk met is in exactly one of the ledger's states, also those that are as they were:
    ``ledger.seen == seen + refused``, and that and `unreached` are all that the walk met.

    Attributes
    ----------
    seen, unchanged, returned, moved, new, changed : int
        Files that may be music; `seen` is the sum of the others. `returned` were missing and are back as they were,
        `moved` are known from another place or name.
    renewed : int
        How many of those unchanged were read again, since an older version of the workbench read less of their tags.
        Their analysis stays. One that cannot be read just now is left as it is to the next scan, and not counted.
    missing : int
        Files that were known and were not seen this time, at their place or another.
    failed : int
        New or changed files that are not usable as music; `ledger.failed` counts those known before too.
    reasons : dict of str to int
        What was found by this scan, by reason code, warnings included; a file may have two warnings. What was known is
        not found again.
    stopped : bool
        The scan was stopped before everything was read: what it counts is kept, nothing is taken for missing or moved,
        and the next scan does the rest.
    refused : int
        Paths that could not be looked at (pipes, broken links, closed folders), twins in another Unicode spelling, and
        files of kinds that are not read.
    ledger : Ledger
        What became of everything in the folder.
    unreached : int
        Paths that the walk met and a scan that was stopped did not come to; 0 where the walk itself was stopped.
    """

    seen: int = 0
    unchanged: int = 0
    renewed: int = 0
    returned: int = 0
    moved: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    refused: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    unreached: int = 0


@dataclass(slots=True)
class Done:
    """What a scan has stored so far."""

    found: Counter[tuple[State, str]] = field(default_factory=Counter)
    stored: set[bytes] = field(default_factory=set)
    moved: set[bytes] = field(default_factory=set)
    renewed: int = 0
    missing: int = 0


def unfinished(engine: sa.Engine, folder: Path, changes: Changes, done: Done) -> Scan:
    """What a scan has done that was stopped."""
    new = sum(each.path in done.stored for each in changes.new)
    changed = len(done.stored) - new
    found = replace(
        _found(done),
        seen=changes.unchanged + new + changed,
        unchanged=changes.unchanged,
        renewed=done.renewed,
        new=new,
        changed=changed,
        stopped=True,
        refused=changes.refused_before,
    )
    return with_ledger(engine, folder, changes, found, without=changes.unsettled(done.stored))


def finished(engine: sa.Engine, folder: Path, changes: Changes, done: Done) -> Scan:
    """What a scan has done that is through."""
    moved = done.moved
    new = sum(each.path not in moved for each in changes.new)
    changed = sum(each.path not in moved for each in changes.changed)
    back, respelt = len(changes.returned), len(changes.respelt)
    found = replace(
        _found(done),
        seen=changes.unchanged + back + len(moved) + respelt + new + changed,
        unchanged=changes.unchanged,
        renewed=done.renewed,
        returned=back,
        moved=len(moved) + respelt,
        new=new,
        changed=changed,
        missing=done.missing,
        refused=changes.refused_before + len(changes.refused),
    )
    return with_ledger(engine, folder, changes, found, without=[file.file_id for file in changes.hidden])


def with_ledger(engine: sa.Engine, folder: Path, changes: Changes, found: Scan, *, without: Collection[int]) -> Scan:
    """Count what the store holds of a folder, but for files that the walk did not see or the scan did not come to."""
    ledger = Ledger()
    with reading(engine) as connection:
        place = place_in(connection, folder)
        for root_id in place.root_ids:
            ledger += count_files(connection, root_id, place.inside, without=without)
    return replace(found, ledger=ledger, unreached=changes.walked - ledger.seen)


def _found(done: Done) -> Scan:
    """What was wrong with files, in counts."""
    reasons = Counter[str]()
    for (_, reason), count in done.found.items():
        reasons[reason] += count
    failed = sum(count for (state, _), count in done.found.items() if state == State.FAILED)
    return Scan(failed=failed, reasons=dict(reasons))
