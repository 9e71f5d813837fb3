"""How does one track go on over time, for somebody who looks at it now?

Conventions
-----------
The file is decoded in a worker process that is kept at hand (`workbench.workers.ask`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from workbench import workers
from workbench.extract.compiling import compiled
from workbench.features import TrackAnalysis, track_analysis
from workbench.features.curves import LONGEST_S

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["curves"]

LEAST_DEADLINE_S: Final = 300.0
"""A busy machine may still have something to compile, which takes 40 CPU s."""
MEMORY_BYTES: Final = 1_900_000_000
"""Addresses; a quarter of an hour takes 1.5 GB of them, 1.2 in memory."""
SLOWEST: Final = 100_000
"""Bytes a second at which a file is looked at at the least; the part that is looked at has an end of its own."""


def curves(path: Path, *, start_s: float = 0.0, duration_s: float = LONGEST_S) -> TrackAnalysis:
    """`features.track_analysis` of a file that nobody vouches for; the very first compiles what it needs.

    Raises
    ------
    ValueError, DecodeError
        As `features.track_analysis`.
    WorkerError
        The worker did not survive it, or took too long.
    """
    compiled()
    function = partial(track_analysis, start_s=start_s, duration_s=duration_s)
    return workers.ask(function, path, deadline_s=_deadline_s(path, duration_s), memory_bytes=MEMORY_BYTES)


def _deadline_s(path: Path, duration_s: float) -> float:
    """Seconds that it may take: by the file's size, up to one for each second of the part."""
    size = path.stat().st_size if path.is_file() else 0
    return LEAST_DEADLINE_S + min(size / SLOWEST, duration_s)
