"""What cover stands beside a track's name?

Conventions
-----------
A thumbnail is a small square JPEG, made when it is asked for and remembered for its file as it was then. No cover, a
damaged one, or a file that is not there: None, and nothing is said, for a track needs no cover.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench import tags
from workbench.errors import TagError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cover_of"]

SIZE: Final = 96
"""Pixels; shown at half that, sharp on dense screens."""


def cover_of(row: Mapping[str, Any]) -> bytes | None:
    """Thumbnail of a track's cover.

    Parameters
    ----------
    row : mapping
        Of a tracks frame: ``path_bytes`` (or ``path``), and ``missing`` and ``has_cover`` where it has them.
    """
    spelling = row.get("path_bytes") or row.get("path")
    if not spelling or row.get("missing") or row.get("has_cover") is False:
        return None
    path = os.fsencode(spelling)
    try:
        return _thumbnail(path, Path(os.fsdecode(path)).stat().st_mtime_ns)
    except (TagError, OSError):  # the player says why when somebody wants to hear it; the disk may come back
        return None


@lru_cache(maxsize=4096)
def _thumbnail(path: bytes, _modified_ns: int) -> bytes | None:
    picture = tags.cover(Path(os.fsdecode(path)))
    return None if picture is None else tags.thumbnail(picture, SIZE)
