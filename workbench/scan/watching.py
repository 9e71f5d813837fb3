"""Which folders have changed, while somebody watches?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import FolderError
from workbench.models import EXTENSIONS
from workbench.scan.kinds import UNREAD
from workbench.scan.walk import walk

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

__all__ = ["watch"]

QUIET_MS = 1_600  # changes that follow each other within this are one
POLL_MS = 500
DELETED = 3  # watchfiles.Change.deleted


def watch(folder: Path, *, stop: threading.Event | None = None) -> Iterator[Path]:
    """Folders in which music or folders have come, changed or gone, as it happens; each lies in the one watched.

    The first is the folder itself, once the watch has begun, so that nothing is lost between a first look and it.
    Changes that come together are one: the folder is the innermost around all of them that holds music, so that a file
    moved from one album to another is met at both ends.

    Parameters
    ----------
    folder : Path
        Absolute.
    stop : threading.Event or None
        Ends the watch when it is set; Ctrl-C does too.

    Raises
    ------
    FolderError
        The folder is missing, or the system has no means left to watch it.
    """
    import watchfiles

    if not folder.is_dir():
        raise FolderError(f"{folder}: is no folder; give the folder that holds the music")
    changes = watchfiles.watch(
        folder,
        watch_filter=_counts,
        debounce=QUIET_MS,
        rust_timeout=POLL_MS,
        stop_event=stop,
        raise_interrupt=False,
        yield_on_timeout=True,
    )
    begun = False
    try:
        for each in changes:
            if each and begun:
                yield _around([Path(path).parent for _, path in each], folder)
            elif not begun:
                begun = True
                yield folder
    except OSError as error:
        raise FolderError(f"{folder}: cannot be watched ({error}); scan it now and then instead") from error


def _counts(change: int, path: str) -> bool:
    """Whether a change may be one of music: of a file that ends so, of a folder, or of what may have been one."""
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122  called for every change
    return ending in EXTENSIONS or ending in UNREAD or change == DELETED or os.path.isdir(path)  # noqa: PTH112  the same


def _around(folders: list[Path], outermost: Path) -> Path:
    """The innermost folder around all these that holds music still: an emptied one shows nothing of its own."""
    common = Path(os.path.commonpath(folders))
    while common != outermost and not (common.is_dir() and _has_music(common)):
        if not common.is_relative_to(outermost):
            return outermost
        common = common.parent
    return common


def _has_music(folder: Path) -> bool:
    return next(walk(folder, on_problem=lambda _: None), None) is not None
