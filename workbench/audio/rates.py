"""How does the same sound look at another sample rate?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.audio.records import Samples


__all__ = ["resample", "resampled"]


def resample(y: Samples, sr_from: int, sr_to: int) -> Samples:
    """The same sound at another rate, by soxr's HQ recipe (https://soxr.sourceforge.net).

    Parameters
    ----------
    y : ndarray (n,) or (channels, n) float32
        Samples.
    sr_from, sr_to : int
        Rates in Hz.
    """
    import soxr

    return np.ascontiguousarray(np.asarray(soxr.resample(y.T, sr_from, sr_to, quality="HQ"), np.float32).T)


def resampled(blocks: Iterable[Samples], sr_from: int, sr_to: int) -> Iterator[Samples]:
    """`resample` for the (n,) blocks of one mono signal, without a seam between them."""
    import soxr

    if sr_from == sr_to:
        yield from blocks
        return
    resampler = soxr.ResampleStream(sr_from, sr_to, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield resampler.resample_chunk(np.ascontiguousarray(block))
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
