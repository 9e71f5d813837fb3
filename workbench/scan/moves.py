"""Is a file that turned up the one that is gone from another place?

Conventions
-----------
A file that is gone and one that turned up are the same when their sound has the same hash. Sizes and times, or the
sound that the headers declare, only say whose hash is worth taking. Of a file that was never analysed no hash is known:
there, size and time must be the same, and those of no other file on either side.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from workbench.scan.reading import sound_code, sound_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.models import FileRecord
    from workbench.scan.walk import Seen
    from workbench.store.files import GoneFile, KnownFile

__all__ = ["Moves"]

MOST_SOUNDS = 20_000


class Moves:
    """Files that are gone, each waiting for the one that turned up in its stead.

    `claimed` are the ids of those that were found, `moved` the paths at which they were found anew.

    Parameters
    ----------
    gone : sequence of GoneFile
        Files that are not where they were.
    replaced : sequence of GoneFile
        Files whose place has another size or time now; they have a place to stay at, so only their size and time
        make another file familiar.
    arrived : sequence of Seen
        Files that are new or changed.
    """

    def __init__(self, gone: Sequence[GoneFile], replaced: Sequence[GoneFile], arrived: Sequence[Seen]) -> None:
        self.by_hash: dict[bytes, list[GoneFile]] = defaultdict(list)
        self.by_look: dict[tuple[int, int], list[GoneFile]] = defaultdict(list)
        self.arrivals = Counter((each.size_bytes, each.mtime_ns) for each in arrived)
        self.claimed: set[int] = set()
        self.moved: set[bytes] = set()
        for each in (*gone, *replaced):
            self.by_look[each.size_bytes, each.mtime_ns].append(each)
            if each.audio_hash:
                self.by_hash[each.audio_hash].append(each)
        sounds = (each.sound for each in gone[:MOST_SOUNDS] if each.audio_hash and each.sound.duration_s)
        self.sounds = frozenset(map(sound_code, sounds))

    def is_familiar(self, seen: Seen, before: KnownFile | None) -> bool:
        """Whether the hash of a file's sound tells something.

        It has the size and time of one that is gone; or another file has those that it had before, and it has to be
        seen whether the sound went there or was copied there.
        """
        now = self.by_look.get((seen.size_bytes, seen.mtime_ns), ())
        then = before is not None and (before.size_bytes, before.mtime_ns)
        return any(each.audio_hash for each in now) or bool(then and self.arrivals[then])

    def likely(self) -> set[int]:
        """Ids of the files that are gone and have a likely new place, as far as sizes and times tell."""
        return {each.file_id for look, many in self.by_look.items() if self.arrivals[look] for each in many}

    def heard(self, hashes: Iterable[bytes | None]) -> set[int]:
        """Ids of the files that are gone and whose sound is among these."""
        return {each.file_id for audio_hash in hashes if audio_hash for each in self.by_hash.get(audio_hash, ())}

    def claim(self, record: FileRecord) -> GoneFile | None:
        """The file that a record is now, which no other record is from now on."""
        if record.tags is None:
            return None
        found = self._best(record, self.by_hash.get(record.audio_hash, ()) if record.audio_hash else ())
        look = record.size_bytes, record.mtime_ns
        if found is None and self.arrivals[look] == 1 and len(self.by_look.get(look, ())) == 1:
            (alone,) = self.by_look[look]
            same = alone.audio_hash is None and sound_code(alone.sound) == sound_code(sound_of(record))
            found = self._best(record, [alone] if same else ())
        if found:
            self.claimed.add(found.file_id)
        return found

    def _best(self, record: FileRecord, many: Sequence[GoneFile]) -> GoneFile | None:
        """Of copies of one sound, the one whose size, time and name are most like the record's."""
        left = [each for each in many if each.file_id not in self.claimed]
        return max(left, key=lambda each: _likeness(record, each), default=None)


def _likeness(record: FileRecord, gone: GoneFile) -> tuple[bool, bool, bool, int]:
    same_look = (record.size_bytes, record.mtime_ns) == (gone.size_bytes, gone.mtime_ns)
    same_name = os.path.basename(record.path) == os.path.basename(gone.path)  # noqa: PTH119  bytes
    return (
        record.path == gone.path,
        same_look,
        same_name,
        len(os.path.commonprefix([record.path[::-1], gone.path[::-1]])),  # noqa: RUF071  of letters, from the end,
    )
