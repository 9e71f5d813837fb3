"""What differs between what a folder shows and what the store knows of it?

Conventions
-----------
Names that differ only in Unicode normalisation are one name: of such twins in a folder one is taken, and a name that
comes back in another spelling is the same file.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from workbench.models import Reason, Stage, State
from workbench.scan.reading import blank
from workbench.scan.walk import walk
from workbench.tags import TAGS_VERSION

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from workbench.models import FileRecord
    from workbench.scan.walk import Seen
    from workbench.store.files import KnownFile

__all__ = ["Changes", "View", "compare", "look"]


@dataclass(frozen=True, slots=True)
class View:
    """What a folder shows now: files by path, and what the walk could not look at."""

    seen: dict[bytes, Seen]
    refused: list[FileRecord]

    def below(self, inside: bytes) -> View:
        """The same with paths relative to a root that the folder lies inside."""
        if not inside:
            return self
        seen = [each._replace(path=inside + b"/" + each.path) for each in self.seen.values()]
        refused = [
            replace(record, path=inside + b"/" + record.path if record.path else inside) for record in self.refused
        ]
        return View({each.path: each for each in seen}, refused)


@dataclass(frozen=True, slots=True)
class Changes:
    """Files by what became of them.

    Attributes
    ----------
    new, changed : list of Seen
        Files to read.
    outdated : list of Seen
        Files that are as they were, but whose tags an older version of the reader read: to be read again.
    returned, gone : list of KnownFile
        Files that were missing and are back as they were, and tracks' files that were there and are not seen.
    vanished : list of KnownFile
        What was no music and is not seen any more.
    respelt : list of tuple (KnownFile, bytes)
        The same files, and their names in another spelling.
    unchanged : int
        Number of files that are as they were, those outdated included.
    refused : list of FileRecord
        What the walk could not look at, or would not, as far as the store does not know it yet.
    refused_before : int
        Number of paths that were refused and are known to be.
    hidden : list of KnownFile
        Files that are not seen since their folder cannot be looked at.
    before : dict of bytes to int
        Ids of the files that `changed` and `refused` have met at their paths.
    """

    new: list[Seen]
    changed: list[Seen]
    outdated: list[Seen]
    returned: list[KnownFile]
    gone: list[KnownFile]
    vanished: list[KnownFile]
    respelt: list[tuple[KnownFile, bytes]]
    unchanged: int
    refused: list[FileRecord]
    refused_before: int
    hidden: list[KnownFile]
    before: dict[bytes, int]

    @property
    def is_news(self) -> bool:
        """Whether a file is not as it was, or not where it was."""
        return bool(self.new or self.changed or self.returned or self.respelt)

    @property
    def walked(self) -> int:
        """Number of paths that the walk met, those refused included."""
        news = len(self.new) + len(self.changed) + len(self.returned) + len(self.respelt)
        return self.unchanged + news + len(self.refused) + self.refused_before

    def unsettled(self, stored: Collection[bytes]) -> list[int]:
        """Ids of files that say nothing yet of what the walk saw, when only these paths were stored of all it found."""
        not_there = [file.file_id for file in (*self.hidden, *self.gone, *self.vanished)]
        not_read = [file_id for path, file_id in self.before.items() if path not in stored]
        return [*not_there, *not_read, *(file.file_id for file, _ in self.respelt)]


def look(folder: Path, stop: threading.Event | None = None) -> View:
    """Walk a folder; when the event is set, no further."""
    refused: list[FileRecord] = []
    steps = walk(folder, on_problem=refused.append)
    if stop is not None:
        steps = takewhile(lambda _: not stop.is_set(), steps)
    return View({each.path: each for each in steps}, refused)


def compare(
    view: View, known: Mapping[bytes, KnownFile], doubtful: Collection[int], refusals: Mapping[int, str]
) -> Changes:
    """Sort the files of a folder by what became of them since the store last heard of them.

    Parameters
    ----------
    view : View
        Paths relative to the root.
    known : mapping of bytes to KnownFile
        What the store knows below the same folder.
    doubtful : collection of int
        Ids of files that are to be read again though they are unchanged.
    refusals : mapping of int to str
        Reason code by id, of files that a walk has refused before.
    """
    view = _without_twins(view, {path for path, file in known.items() if file.has_track})
    new, changed, outdated, returned = [], [], [], []
    for path, each in view.seen.items():
        before = known.get(path)
        if before is None:
            new.append(each)
        elif each.size_bytes != before.size_bytes or each.mtime_ns != before.mtime_ns or before.file_id in doubtful:
            changed.append(each)
        elif before.missing:
            returned.append(before)
        elif before.tags_version < TAGS_VERSION:
            outdated.append(each)
    out_of_reach = {record.path for record in view.refused}
    unseen = [file for path, file in known.items() if path not in view.seen and path not in out_of_reach]
    respelt, new, unseen = _respelt(new, sorted(unseen, key=lambda file: not file.has_track))
    hidden = [file for file in unseen if _is_hidden(file.path, out_of_reach)]
    unseen = [file for file in unseen if not _is_hidden(file.path, out_of_reach)]
    refused = [each for each in view.refused if _is_news(each, known.get(each.path), refusals)]
    return Changes(
        new,
        changed,
        outdated,
        returned,
        gone=[file for file in unseen if file.has_track and not file.missing],
        vanished=[file for file in unseen if not file.has_track],
        respelt=respelt,
        unchanged=len(view.seen) - len(new) - len(changed) - len(returned) - len(respelt),
        refused=refused,
        refused_before=len(view.refused) - len(refused),
        hidden=[file for file in hidden if not file.missing],
        before={path: known[path].file_id for path in _paths(changed, refused) if path in known},
    )


def _paths(seen: Iterable[Seen], records: Iterable[FileRecord]) -> list[bytes]:
    return [each.path for each in seen] + [each.path for each in records]


def _is_hidden(path: bytes, refused: Collection[bytes]) -> bool:
    """Whether a folder that a path lies in cannot be looked at: what is there is not missing."""
    if not refused:
        return False
    parts = path.split(b"/")
    return any(b"/".join(parts[:end]) in refused for end in range(1, len(parts)))


def _is_news(record: FileRecord, before: KnownFile | None, refusals: Mapping[int, str]) -> bool:
    """Whether it is not known yet that a path is refused, and why."""
    return before is None or bool(before.missing) or refusals.get(before.file_id) != record.reason


def _without_twins(view: View, taken: Collection[bytes]) -> View:
    """The view with one of each set of twins, one that was taken before if there is one; the others are refused."""
    named: dict[bytes, list[Seen]] = {}
    for path, each in view.seen.items():
        if not path.isascii():
            named.setdefault(composed(path), []).append(each)
    twins = [sorted(many, key=lambda each: each.path not in taken) for many in named.values() if len(many) > 1]
    if not twins:
        return view
    refused = [_twin(other, first) for first, *others in twins for other in others]
    left_out = {record.path for record in refused}
    seen = {path: each for path, each in view.seen.items() if path not in left_out}
    return View(seen, [*view.refused, *refused])


def _twin(seen: Seen, first: Seen) -> FileRecord:
    name = first.path.rpartition(b"/")[2].decode("utf-8", "replace")
    text = f"has the same name as {name} in another Unicode spelling; that one is used; rename or delete this one"
    return replace(blank(seen, tags=None), stage=Stage.WALK, state=State.SKIPPED, reason=Reason.UNICODE_TWIN, text=text)


def _respelt(
    new: list[Seen], unseen: Iterable[KnownFile]
) -> tuple[list[tuple[KnownFile, bytes]], list[Seen], list[KnownFile]]:
    """Known files that are there under another spelling of their names, and the new and the unseen without them."""
    unseen = list(unseen)
    names = {composed(each.path): each for each in new if not each.path.isascii()}
    if not names:
        return [], new, unseen
    respelt = []
    for file in unseen:
        twin = None if file.path.isascii() else names.get(composed(file.path))
        if twin and (twin.size_bytes, twin.mtime_ns) == (file.size_bytes, file.mtime_ns):
            respelt.append((file, twin.path))
            del names[composed(file.path)]  # of twins, the one that is a track
    paths, ids = {path for _, path in respelt}, {file.file_id for file, _ in respelt}
    return (
        respelt,
        [each for each in new if each.path not in paths],
        [file for file in unseen if file.file_id not in ids],
    )


def composed(path: bytes) -> bytes:
    """A path in Unicode's composed form, NFC, to compare by; bytes that are no UTF-8 stay."""
    return os.fsencode(unicodedata.normalize("NFC", os.fsdecode(path)))
