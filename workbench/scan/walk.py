"""Which files in a folder may be music?

Conventions
-----------
Paths are bytes relative to the root, "/" between parts, as the file system spells them; twins that differ only in
Unicode normalisation both come. The order is the same each time: a folder's files by name, then its folders by name,
and links to folders last of all, so that a folder that is reached twice is known by its real place.
"""

from __future__ import annotations

import os
import stat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbench.errors import FolderError
from workbench.models import EXTENSIONS, FileRecord, Reason, Stage, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Seen", "walk"]

ENDINGS = frozenset(os.fsencode(ending) for ending in EXTENSIONS)
IGNORED = frozenset({b"@eadir", b"#recycle", b"$recycle.bin", b"system volume information", b"__macosx", b"lost+found"})
"""Lower-case names of what systems keep beside music: thumbnails, bins, forks."""
DOT = ord(".")
NAME = attrgetter("name")
INODE_MASK = 2**63 - 1  # the store's integers are signed


class Seen(NamedTuple):
    """A regular file that may be music, and what a later scan compares."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    inode: int


class Place(NamedTuple):
    """A folder to look into: its absolute path and its path relative to the root, with a "/" behind unless empty."""

    absolute: bytes
    prefix: bytes


def walk(root: Path, *, on_problem: Callable[[FileRecord], None]) -> Iterator[Seen]:
    """Files under a folder whose endings are in `EXTENSIONS`; about a second for 100,000.

    Hidden names (a leading ".", but not the "..." of a title) and the folders that systems make are left out. Links are
    followed, to files and folders, and no folder is entered twice, so that a loop of links ends.

    Parameters
    ----------
    root : Path
        The music folder.
    on_problem : callable
        Given a `FileRecord` for every folder that cannot be listed and every candidate that is gone, out of reach or no
        regular file (a pipe named ``song.mp3``); the walk goes on.

    Raises
    ------
    FolderError
        The root itself is missing or cannot be listed.
    """
    start = Place(os.fsencode(root), b"")
    try:
        os.scandir(start.absolute).close()
    except OSError as error:
        raise FolderError(f"{root}: cannot be listed ({error.strerror}); is the disk connected?") from error
    places, links, visited = [start], list[Place](), set[object]()
    while places or links:
        place = places.pop() if places else links.pop(0)
        entries = list_folder(place, visited, on_problem)
        inner: list[Place] = []
        for entry in entries:
            path = place.prefix + entry.name
            try:
                if entry.is_dir():
                    below = Place(entry.path, path + b"/")
                    (links if entry.is_symlink() else inner).append(below)
                elif entry.name[entry.name.rfind(b".") :].lower() in ENDINGS:
                    yield seen(path, entry)
            except OSError as error:
                on_problem(problem(path, error))
        places += reversed(inner)


class NoFileError(OSError):
    """A candidate's name belongs to a pipe, a socket or a device."""


def list_folder(
    place: Place, visited: set[object], on_problem: Callable[[FileRecord], None]
) -> list[os.DirEntry[bytes]]:
    """Entries of a folder that count, by name; none where it was visited before or cannot be listed."""
    try:
        status = Path(os.fsdecode(place.absolute)).stat()
        identity = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(place.absolute)
        if identity in visited:
            return []
        visited.add(identity)
        with os.scandir(place.absolute) as entries:
            return sorted([entry for entry in entries if counts(entry.name)], key=NAME)
    except OSError as error:
        on_problem(problem(place.prefix.rstrip(b"/"), error))
        return []


def counts(name: bytes) -> bool:
    """Whether a name is neither hidden nor made by a system; "...And Justice for All" is an album."""
    return (name[0] != DOT or name.startswith(b"...")) and name.lower() not in IGNORED


def seen(path: bytes, entry: os.DirEntry[bytes]) -> Seen:
    """What the file system says of a candidate."""
    status = entry.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NoFileError
    inode = status.st_ino or entry.inode()  # Windows tells it only when asked for it alone
    return Seen(path, status.st_size, status.st_mtime_ns, inode & INODE_MASK)


def problem(path: bytes, error: OSError) -> FileRecord:
    """Record of a candidate or folder that the walk could not look at."""
    reason, text = Reason.UNREADABLE, f"cannot be read ({error.strerror}); check its permissions"
    if isinstance(error, NoFileError):
        reason, text = Reason.NOT_A_FILE, "is a pipe, a socket or a device, not a file"
    elif isinstance(error, FileNotFoundError):
        reason, text = Reason.VANISHED, "is gone, or links to something that is gone"
    return FileRecord(
        path=path, size_bytes=0, mtime_ns=0, inode=0, stage=Stage.WALK, state=State.SKIPPED, reason=reason, text=text
    )
