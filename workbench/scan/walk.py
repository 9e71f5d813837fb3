"""Which files in a folder may be music?

Conventions
-----------
Paths are bytes relative to the root, "/" between parts, as the file system spells them; twins that differ only in
Unicode normalisation both come. The order is the same each time: a folder's files by name, then its folders by name,
and links to folders last of all, so that a folder that is reached twice is known by its real place.
"""

from __future__ import annotations

import errno
import os
import stat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbench.errors import FolderError
from workbench.models import EXTENSIONS, FileRecord, Reason, Stage, State
from workbench.scan.kinds import UNREAD, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Seen", "walk"]

ENDINGS = frozenset(os.fsencode(ending) for ending in EXTENSIONS)
UNREAD_ENDINGS = {os.fsencode(ending): ending for ending in UNREAD}
IGNORED = frozenset({b"@eadir", b"#recycle", b"$recycle.bin", b"system volume information", b"__macosx", b"lost+found"})
"""Lower-case names of what systems keep beside music: thumbnails, bins, forks."""
DOT = ord(".")
NAME = attrgetter("name")
INODE_MASK = 2**63 - 1  # the store's integers are signed
UNREADABLE = {
    errno.EACCES: "may not be read (permission denied); check its permissions",
    errno.EPERM: "may not be read (operation not permitted); check its permissions",
    errno.ELOOP: "is a link that leads back to itself; delete it or link it anew",
    errno.ENAMETOOLONG: "has a longer path than the system can open; shorten the names of its folders",
}
"""What to say of a path that cannot be looked at, by the system's number of the error."""


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

    Every path that the walk cannot yield and that may yet be music is told to `on_problem`, once: what is yielded and
    what is told are together what the walk saw.

    Hidden names (a leading ".", but not the "..." of a title) and the folders that systems make are left out. Links are
    followed, to files and folders, and no folder is entered twice, so that a loop of links ends.

    Parameters
    ----------
    root : Path
        The music folder.
    on_problem : callable
        Given a `FileRecord` for every folder that cannot be listed, every candidate that is gone, out of reach or no
        regular file (a pipe named ``song.mp3``), and every file of a kind that is not read; the walk goes on.

    Raises
    ------
    FolderError
        The root itself is missing or cannot be listed.
    """
    start = Place(os.fsencode(root), b"")
    try:
        os.scandir(start.absolute).close()
    except OSError as error:
        raise FolderError(f"{root}: cannot be listed ({said(error)}); is the disk connected?") from error
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
                elif (ending := entry.name[entry.name.rfind(b".") :].lower()) in ENDINGS:
                    yield seen(path, entry)
                elif ending in UNREAD_ENDINGS:
                    on_problem(unread(path, UNREAD_ENDINGS[ending]))
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


def said(error: OSError) -> str:
    """What the system says of an error, never nothing."""
    return error.strerror or str(error) or type(error).__name__


def problem(path: bytes, error: OSError) -> FileRecord:
    """Record of a candidate or folder that the walk could not look at."""
    reason, text = (
        Reason.UNREADABLE,
        UNREADABLE.get(error.errno or 0, f"cannot be read ({said(error)}); is its disk sound?"),
    )
    if isinstance(error, NoFileError):
        reason, text = Reason.NOT_A_FILE, "is a pipe, a socket or a device, not a file; nothing of it is read"
    elif isinstance(error, FileNotFoundError):
        reason, text = (
            Reason.VANISHED,
            "is gone, or links to something that is gone; bring it back or delete the link",
        )
    return FileRecord(
        path=path, size_bytes=0, mtime_ns=0, inode=0, stage=Stage.WALK, state=State.SKIPPED, reason=reason, text=text
    )
