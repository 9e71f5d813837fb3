"""What cover does a music file have, and why has it none?

Conventions
-----------
A cover is embedded, or else the folder's. Pictures of strangers are read and unfolded in workers (`workbench.workers`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import TagError
from workbench.tags.containers import examine
from workbench.tags.pictures import beside, front, refusal
from workbench.tags.thumbnails import UNFIT, thumbnail

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cover", "small_covers"]


def cover(path: Path) -> bytes | None:
    """Front cover, embedded or else the folder's: a JPEG or PNG of at most 10 MB as its magic bytes say, or None.

    Where no picture is marked as the front, the first that fits. Other formats (SVG, WebP, links) are refused.

    Raises
    ------
    TagError
        As `workbench.tags.read`.
    """
    return _found(path)[0]


def small_covers(paths: Sequence[bytes], *, size: int = 96) -> list[tuple[bytes | None, str]]:
    """Thumbnails of covers, in the order of the files.

    Parameters
    ----------
    paths : sequence of bytes
        Music files.
    size : int
        Side of the squares in pixels.

    Returns
    -------
    list of (bytes or None, str)
        A JPEG, or None and why: what is wrong with the file or its picture; empty where it just has none.
    """
    return [_small(Path(os.fsdecode(path)), size) for path in paths]


def _small(path: Path, size: int) -> tuple[bytes | None, str]:
    try:
        picture, why = _found(path)
    except (TagError, OSError) as error:  # whoever plays it hears why
        return None, str(error)
    if picture is None:
        return None, f"{path}: its cover {why}" if why else ""
    small = thumbnail(picture, size)
    return small, "" if small else f"{path}: its cover {UNFIT}"


def _found(path: Path) -> tuple[bytes | None, str]:
    """The cover, or why what is in its place is none."""
    pictures = examine(path).pictures
    picture = front(pictures)
    if picture is not None:
        return picture, ""
    content = beside(path)
    why = next((refusal(each) for each in (content, *(each for _, each in pictures)) if each is not None), "")
    return (content, "") if content is not None and not refusal(content) else (None, why)
