"""Is a file that turned up the one that is gone from another place?

Conventions
-----------
A file that is gone and one that turned up are the same when their sound has the same hash. Sizes and times, or the
sound that the headers declare, only say whose hash is worth taking. Of a file whose sound was not heard yet no hash is
known: there, size, time and declared sound must be the same, and those of no other file on either side.

A file that has changed where it is stays the track that it was, unless its sound went elsewhere or another known sound
came to its place.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from workbench.scan.reading import sound_code, sound_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.models import FileRecord
    from workbench.scan.walk import Seen
    from workbench.store.files import GoneFile

__all__ = ["Moves", "is_same_sound"]

MOST_SOUNDS = 20_000
Look = tuple[int, int]


class Moves:
    """Files that are gone from their places, each waiting for the one that turned up in its stead.

    Parameters
    ----------
    gone : sequence of GoneFile
        Files that are not where they were.
    replaced : mapping of bytes to GoneFile
        Files whose place has another size or time now, by path.
    arrived : iterable of Seen
        Files that are new or changed.
    """

    def __init__(self, gone: Sequence[GoneFile], replaced: Mapping[bytes, GoneFile], arrived: Iterable[Seen]) -> None:
        self.replaced = replaced
        self.by_hash: dict[bytes, list[GoneFile]] = defaultdict(list)
        self.by_look: dict[Look, list[GoneFile]] = defaultdict(list)
        self.arrivals = Counter((each.size_bytes, each.mtime_ns) for each in arrived)
        for each in (*gone, *replaced.values()):
            self.by_look[each.size_bytes, each.mtime_ns].append(each)
            if each.audio_hash:
                self.by_hash[each.audio_hash].append(each)
        heard = [each for each in (*gone, *replaced.values()) if each.audio_hash and each.sound.duration_s]
        self.sounds = frozenset(sound_code(each.sound) for each in heard[:MOST_SOUNDS])

    def is_familiar(self, seen: Seen) -> bool:
        """Whether the hash of a file's sound tells something.

        It has the size and time of one that is gone; or another file has those that it had before, and it has to be
        seen whether the sound went there or was copied there.
        """
        now = self.by_look.get((seen.size_bytes, seen.mtime_ns), ())
        before = self.replaced.get(seen.path)
        return any(each.audio_hash for each in now) or bool(
            before and self.arrivals[before.size_bytes, before.mtime_ns]
        )

    def is_free(self, record: FileRecord) -> bool:
        """Whether nothing that is still to be read can change what becomes of a record."""
        if record.audio_hash or (record.size_bytes, record.mtime_ns) in self.by_look:
            return False
        before = self.replaced.get(record.path)
        return before is None or _sounds_as(record, before)

    def pair(self, records: Sequence[FileRecord]) -> dict[bytes, GoneFile]:
        """The file that each record is now, by the record's path; those without one are new tracks, or stay.

        Parameters
        ----------
        records : sequence of FileRecord
            All that are not free.
        """
        here = {record.path: record for record in records}
        left = {each.file_id: each for many in self.by_look.values() for each in many}
        found: dict[bytes, GoneFile] = {}

        def take(record: FileRecord, each: GoneFile) -> None:
            found[record.path] = each
            del left[each.file_id]

        for path, before in self.replaced.items():
            record = here.get(path)
            stays = record is None or (
                record.audio_hash == before.audio_hash
                if record.audio_hash and before.audio_hash
                else _sounds_as(record, before)
            )
            if stays:  # nobody else can be this one
                take(record, before) if record else left.pop(before.file_id, None)
        for record in sorted(records, key=self._looks_new):
            if record.path not in found and (each := self._best(record, left)):
                take(record, each)
        return found

    def _looks_new(self, record: FileRecord) -> bool:
        """Whether no file that is gone had this size and time; those that one had choose before others."""
        return _look(record) not in self.by_look

    def _best(self, record: FileRecord, left: Mapping[int, GoneFile]) -> GoneFile | None:
        """Of copies of one sound, the one whose size, time and name are most like the record's."""
        if record.tags is None:
            return None
        if record.audio_hash and record.audio_hash in self.by_hash:
            many = self.by_hash[record.audio_hash] = [
                each for each in self.by_hash[record.audio_hash] if each.file_id in left
            ]
            exact = next((each for each in many if _look(each) == _look(record)), None)
            return exact or max(many[:100], key=lambda each: _likeness(record, each), default=None)
        alike = self.by_look.get(_look(record), ())
        if len(alike) != 1 or self.arrivals[_look(record)] != 1:
            return None
        (alone,) = alike
        same = alone.audio_hash is None and alone.file_id in left and _sounds_as(record, alone)
        return alone if same else None


def is_same_sound(record: FileRecord, before: GoneFile | None) -> bool:
    """Whether a record's sound is known to be that of a file: its hash, or its size and time, are the same."""
    if before is None:
        return False
    return bool(record.audio_hash and record.audio_hash == before.audio_hash) or _look(record) == _look(before)


def _look(each: FileRecord | GoneFile) -> Look:
    return each.size_bytes, each.mtime_ns


def _sounds_as(record: FileRecord, gone: GoneFile) -> bool:
    """Whether a record declares the sound of a file that is gone."""
    return record.tags is not None and sound_code(sound_of(record)) == sound_code(gone.sound)


def _likeness(record: FileRecord, gone: GoneFile) -> tuple[bool, int]:
    same_name = os.path.basename(record.path) == os.path.basename(gone.path)  # noqa: PTH119  bytes
    return same_name, len(os.path.commonprefix([record.path[::-1], gone.path[::-1]]))  # noqa: RUF071  of letters
