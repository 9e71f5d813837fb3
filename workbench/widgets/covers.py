"""What cover stands beside a track's name?

Conventions
-----------
A thumbnail is a small square JPEG, made in a worker process when it is asked for and remembered for its file as it was
then. No cover, a damaged one, one that its worker did not survive, or a file that is not there: None, and the log says
why, for a track needs no cover.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench import tags, workers
from workbench.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["cover_of", "covers_of", "prepare"]

log = logging.getLogger(__name__)

SIZE: Final = 96
"""Pixels; shown at half that, sharp on dense screens."""
REMEMBERED: Final = 4096
MEMORY_BYTES: Final = 1_500_000_000
"""A compressed tag may unfold to more; the largest picture that is taken needs 0.4 GB."""
ALONE_S: Final = 10.0
BATCH_S: Final = 30.0

Look = tuple[bytes, int]
"""A file and when it was changed."""


class Remembered:
    """The thumbnails made last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[Look, bytes | None] = OrderedDict()

    def missing(self, looks: Iterable[Look]) -> list[Look]:
        """Those that are not known, each once."""
        with self._lock:
            return [look for look in dict.fromkeys(looks) if look not in self._made]

    def take(self, look: Look) -> bytes | None:
        """A thumbnail that was kept; it is among the last to be forgotten now."""
        with self._lock:
            if look in self._made:
                self._made.move_to_end(look)
            return self._made.get(look)

    def keep(self, look: Look, small: bytes | None) -> None:
        """Remember a thumbnail, or that there is none."""
        with self._lock:
            self._made[look] = small
            while len(self._made) > REMEMBERED:
                self._made.popitem(last=False)


_remembered: Final = Remembered()


def cover_of(row: Mapping[str, Any]) -> bytes | None:
    """Thumbnail of a track's cover.

    Parameters
    ----------
    row : mapping
        Of a tracks frame: ``path_bytes`` (or ``path``), and ``missing`` and ``has_cover`` where it has them.
    """
    return covers_of([row])[0]


def prepare() -> None:
    """Have what makes thumbnails at hand, for a window that will soon want some."""
    workers.prepare("workbench.tags", "workbench.audio", "mutagen.id3", "PIL.ImageOps")


def covers_of(rows: Sequence[Mapping[str, Any]]) -> list[bytes | None]:
    """Thumbnails of several tracks' covers, in their order; those that are not known yet are made in one go."""
    looks = [_look(row) for row in rows]
    unknown = _remembered.missing(look for look in looks if look is not None)
    if unknown:
        _make(unknown)
    return [None if look is None else _remembered.take(look) for look in looks]


def _look(row: Mapping[str, Any]) -> Look | None:
    """The file of a row that may have a cover, as it is now."""
    spelling = row.get("path_bytes") or row.get("path")
    if not spelling or row.get("missing") or row.get("has_cover") is False:
        return None
    path = os.fsencode(spelling)
    try:
        return path, Path(os.fsdecode(path)).stat().st_mtime_ns
    except OSError:  # the player says why when somebody wants to hear it; the disk may come back
        return None


def _make(looks: Sequence[Look]) -> None:
    """Have thumbnails made and remember them; where that costs a worker, one by one, so that one costs only itself."""
    function = partial(tags.small_covers, size=SIZE)
    paths = tuple(path for path, _ in looks)
    try:
        deadline_s = ALONE_S if len(looks) == 1 else BATCH_S
        made = workers.ask(function, paths, deadline_s=deadline_s, memory_bytes=MEMORY_BYTES)
    except WorkerError as error:
        if error.reason is None:  # no worker could start: the files have no part in that
            log.info("no cover: %s", error)
            return
        if len(looks) > 1:
            for look in looks:
                _make([look])
            return
        made = [(None, str(error))]
    for look, (small, why) in zip(looks, made, strict=True):
        if why:
            log.info("no cover: %s", why)
        _remembered.keep(look, small)
