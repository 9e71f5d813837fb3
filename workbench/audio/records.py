"""What does a decoded file hold?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.models import Stream


__all__ = ["BLOCK", "CONTAINERS", "Audio", "Samples", "Source"]

Samples = npt.NDArray[np.float32]
BLOCK: Final = 1 << 17
"""Samples of each channel read at a time."""
CONTAINERS: Final = {"wavex": "wav", "rf64": "wav", "w64": "wav", "mov": "mp4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open file.

    Attributes
    ----------
    header : Stream
        What the headers declare.
    sample_rate_hz, channels : int
        Of the blocks.
    blocks : iterator of ndarray (channels, n) float32
        The samples in order, to be read once, while the file is open.
    """

    header: Stream
    sample_rate_hz: int
    channels: int
    blocks: Iterator[Samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """A decoded file.

    Attributes
    ----------
    y : ndarray (channels, n) float32
        Samples at the file's own rate, full scale -1..1.
    sample_rate_hz, channels : int
        Of `y`.
    bit_depth : int or None
        None for lossy codecs, which have none.
    declared_duration_s : float or None
        What the headers say; ``y.shape[1] / sample_rate_hz`` is what there is.
    """

    y: Samples
    sample_rate_hz: int
    channels: int
    bit_depth: int | None = None
    declared_duration_s: float | None = None
