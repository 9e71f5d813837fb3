"""How does the frame of all tracks open at once?

Conventions
-----------
The frame is kept as a Parquet file in the user's cache folder, named for the store's path, its revision and the columns
declared. Of an older revision only the rows that changed since are read anew. The file may be deleted at any time, and
one that cannot be read or written costs only time.
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
from workbench.store.connection import SCHEMA_VERSION, place_of, reading
from workbench.store.frames import tracks_frame
from workbench.store.revisions import revision, touched_since

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

__all__ = ["current_revision", "fresh_tracks"]

LOG = logging.getLogger(__name__)
FEWEST = 1_000  # a smaller frame is read from the store as quickly
MOST_PATCHED = 0.02  # share of rows that differ from the file's before it is written anew
MADE_AS = "1"  # raised when the same rows would give another frame

Known = tuple[str, pl.DataFrame]
"""A revision and the frame of all tracks that belongs to it."""


def current_revision(engine: sa.Engine) -> str:
    """The store's revision now."""
    with reading(engine) as connection:
        return revision(connection)


def fresh_tracks(engine: sa.Engine, known: Known | None = None) -> Known:
    """The store's revision and its frame of all tracks, `models.TRACKS`.

    Only rows that have changed since a frame that is known, or else since the one in the cache, are read; all of them
    where there is neither.

    Parameters
    ----------
    engine : Engine
        The store.
    known : tuple of str and DataFrame, or None
        What this function gave before.
    """
    with reading(engine) as connection:
        now = revision(connection)
        touched = None if known is None else touched_since(connection, known[0])
        if known is not None and touched is not None:
            return now, _patched(connection, known[1], touched)
        file, kept = _files(place_of(engine), now)
        for older in kept:
            touched = touched_since(connection, older.stem.rpartition("-")[2])
            frame = None if touched is None else _read(older)
            if frame is None or touched is None:
                continue
            frame = _patched(connection, frame, touched)
            if len(touched) > MOST_PATCHED * len(frame) and file is not None:
                _write(file, frame)
            return now, frame
        frame = tracks_frame(connection)
    if len(frame) >= FEWEST and file is not None:
        _write(file, frame)
    return now, frame


def _patched(connection: sa.Connection, frame: pl.DataFrame, touched: set[int]) -> pl.DataFrame:
    """A frame in which the rows of these tracks are as they are now."""
    if not touched:
        return frame
    left = frame.filter(~pl.col("track_id").is_in(list(touched)))
    return pl.concat([left, tracks_frame(connection, touched)]).sort("track_id")


def _files(place: Path, now: str) -> tuple[Path | None, list[Path]]:
    """The file for a store's revision, None where there is no room for it; those that there are, that one first."""
    store = hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:16]
    recipe = hashlib.sha256(f"{MADE_AS} {SCHEMA_VERSION} {TRACKS}".encode()).hexdigest()[:8]
    try:
        folder = settings.cache_folder("tracks")
    except OSError as error:  # a full disk, or a home that may not be written
        LOG.info("tracks are read without a cache (%s)", error)
        return None, []
    file = folder / f"{store}-{recipe}-{now}.parquet"
    return file, sorted(folder.glob(f"{store}-{recipe}-*.parquet"), key=lambda each: each != file)


def _read(file: Path) -> pl.DataFrame | None:
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
        part.unlink(missing_ok=True)
    store = file.name.partition("-")[0]
    for other in file.parent.glob(f"{store}-*.parquet"):
        if other != file:
            with contextlib.suppress(OSError):  # another process may have it open, or have deleted it
                other.unlink()
