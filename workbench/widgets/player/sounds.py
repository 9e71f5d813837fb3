"""What is said of a track that plays, and where is its sound?

Conventions
-----------
Pure, but for `address_of`, which lets the Jupyter server know the library, and for what has a file read, by a worker
process. A turn counts what was played: an answer to an earlier one is dropped.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench import audio, settings, workers
from workbench.errors import DecodeError
from workbench.models import Reason
from workbench.widgets.selection import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from workbench.library import Library

__all__ = [
    "address_of",
    "excerpt_of",
    "excerpt_start",
    "file_of",
    "following",
    "message_of",
    "names",
    "outline",
    "row_of",
    "type_of",
]

EXCERPT_S: Final = 30.0
PEAKS: Final = 1000
LEAST_DEADLINE_S: Final = 30.0
SLOWEST: Final = 100_000
"""Bytes a second at which a file is decoded at the least; a sixtieth of what a machine of 2020 does."""


def message_of(
    turn: int, lines: list[str], row: dict[str, Any] | None = None, address: str | None = None
) -> dict[str, Any]:
    """What the page is told of a track: its names, and where it can be heard.

    Without a row nothing plays; the page only lets the server at the address get ready.
    """
    known = row or {}
    return {
        "kind": "track",
        "turn": turn,
        "track_id": known.get("track_id"),
        "names": lines,
        "duration_s": known.get("duration_s"),
        "address": address,
        "plays": row is not None,
    }


def names(row: dict[str, Any]) -> list[str]:
    """Title, artist, and album with year of a track, as far as they are known; plain text.

    Examples
    --------
    >>> names({"track_id": 7, "title": "Rain", "artist": None, "album": "Weather", "year": 1999})
    ['Rain', 'Weather (1999)']
    """
    album = " ".join(str(part) for part in (row.get("album"), row.get("year") and f"({row['year']})") if part)
    return [row.get("title") or f"track {row['track_id']}", *(line for line in (row.get("artist"), album) if line)]


def row_of(tracks: pl.DataFrame, track_id: int) -> dict[str, Any]:
    """The row with this id.

    Raises
    ------
    DecodeError
        There is none.
    """
    rows = rows_of(tracks, [track_id]).to_dicts()
    if not rows:
        raise DecodeError(f"track {track_id}: not among these {len(tracks)} tracks", Reason.VANISHED)
    return rows[0]


def file_of(row: dict[str, Any]) -> Path:
    """The file of a track.

    Raises
    ------
    DecodeError
        The frame does not say where it is, or it was missing at the last scan.
    """
    spelling = row.get("path_bytes") or row.get("path")
    if not spelling:
        message = f"track {row['track_id']}: the frame has no path for it; keep the column path_bytes"
        raise DecodeError(message, Reason.UNREADABLE)
    path = Path(os.fsdecode(spelling))
    if row.get("missing"):
        raise DecodeError(f"{path}: not there at the last scan; mount its disk or scan again", Reason.VANISHED)
    return path


def address_of(row: dict[str, Any], library: Library | None) -> str | None:
    """Where a Jupyter server serves a track, from its base address; None where it cannot know the library."""
    if library is None:
        return None
    try:
        return f"workbench/audio/{settings.share_library(library.path)}/{row['track_id']}"
    except OSError:
        return None


def following(ids: Sequence[int], now: int | None, step: int, *, is_round: bool) -> int | None:
    """The id some places after another; the first where that is none of these, and itself where the step is 0.

    Parameters
    ----------
    ids : sequence of int
        In their order.
    now : int or None
        Where to go from.
    step : int
        How far, backwards where negative.
    is_round : bool
        The first follows the last; else nothing does.

    Examples
    --------
    >>> following([1, 2, 3], 3, 1, is_round=True), following([1, 2, 3], 3, 1, is_round=False)
    (1, None)
    """
    if now is not None and step == 0:
        return now
    if now not in ids:
        return ids[0] if ids else None
    place = ids.index(now) + step
    return ids[place % len(ids)] if is_round or 0 <= place < len(ids) else None


def outline(path: Path, wanted: Callable[[], bool]) -> bytes:
    """A waveform's peaks, 0..255 for 0..1.

    Raises
    ------
    DecodeError, InterruptedError
        As `audio.peaks`.
    WorkerError
        The worker did not survive it, or took too long.
    """
    function = partial(audio.peaks, n=PEAKS, wanted=workers.is_wanted)
    peaks = workers.ask(function, path, deadline_s=_deadline_s(path), wanted=wanted)
    return np.round(peaks * 255).astype(np.uint8).tobytes()


def excerpt_of(path: Path, duration_s: float | None) -> tuple[float, bytes]:
    """Second at which an excerpt starts, and its sound; from the beginning where the file is shorter than it says.

    Raises
    ------
    DecodeError
        As `audio.excerpt`.
    WorkerError
        The worker did not survive it, or took too long.
    """
    start_s = excerpt_start(duration_s)
    try:
        return start_s, _excerpt(path, start_s)
    except DecodeError:
        if start_s == 0:
            raise
        return 0.0, _excerpt(path, 0.0)


def _excerpt(path: Path, start_s: float) -> bytes:
    return workers.ask(partial(audio.excerpt, start_s=start_s, duration_s=EXCERPT_S), path)


def _deadline_s(path: Path) -> float:
    """Seconds that it may take to decode a whole file."""
    return LEAST_DEADLINE_S + path.stat().st_size / SLOWEST if path.is_file() else LEAST_DEADLINE_S


def excerpt_start(duration_s: float | None) -> float:
    """Second at which an excerpt starts: a third of the way in, as long as a whole excerpt follows.

    Examples
    --------
    >>> excerpt_start(240.0), excerpt_start(36.0), excerpt_start(None)
    (80.0, 6.0, 0.0)
    """
    return 0.0 if duration_s is None else max(0.0, min(duration_s / 3, duration_s - EXCERPT_S))


def type_of(sound: bytes) -> str:
    """Media type of an excerpt."""
    return "audio/ogg" if sound.startswith(b"OggS") else "audio/wav"
