"""How does the frame of all tracks open at once?

Conventions
-----------
The frame is kept as a Parquet file in the user's cache folder, named for the store's path, its revision and the columns
declared: a name that is there is right, and one that is not is made. It may be deleted at any time, and a file that
cannot be read or written costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from workbench import settings
from workbench.models import TRACKS
from workbench.store.connection import SCHEMA_VERSION, place_of, reading, revision
from workbench.store.frames import tracks_frame

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

__all__ = ["cached_tracks", "current_revision"]

LOG = logging.getLogger(__name__)
FEWEST = 1_000  # a smaller frame is read from the store as quickly
MADE_AS = "1"  # raised when the same rows would give another frame


def current_revision(engine: sa.Engine) -> str:
    """The store's revision now."""
    with reading(engine) as connection:
        return revision(connection)


def cached_tracks(engine: sa.Engine) -> tuple[str, pl.DataFrame]:
    """The store's revision and its frame of all tracks, `models.TRACKS`."""
    with reading(engine) as connection:
        now = revision(connection)
        file = _file(place_of(engine), now)
        frame = _read(file)
        if frame is None:
            frame = tracks_frame(connection)
            if len(frame) >= FEWEST:
                _write(file, frame)
        return now, frame


def _file(place: Path, now: str) -> Path:
    store = hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:16]
    recipe = hashlib.sha256(f"{MADE_AS} {SCHEMA_VERSION} {TRACKS}".encode()).hexdigest()[:8]
    return settings.cache_folder("tracks") / f"{store}-{recipe}-{now}.parquet"


def _read(file: Path) -> pl.DataFrame | None:
    if not file.exists():
        return None
    try:
        frame = pl.read_parquet(file)
    except (OSError, PolarsError) as error:
        LOG.warning("%s: cannot be read (%s); made anew", file, error)
        return None
    return frame if frame.schema == pl.Schema(TRACKS) else None


def _write(file: Path, frame: pl.DataFrame) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        frame.write_parquet(part, compression="snappy")
        part.replace(file)
    except (OSError, PolarsError) as error:
        LOG.warning("%s: cannot be kept (%s)", file, error)
    store = file.name.partition("-")[0]
    for other in file.parent.glob(f"{store}-*"):
        if other != file:
            with contextlib.suppress(OSError):  # another process may have it open, or have deleted it
                other.unlink()
