"""How does the same sound look at another sample rate?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from workbench.audio.records import Samples


__all__ = ["Resampler", "resample"]


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


class Resampler:
    """`resample` for one mono signal that comes in blocks, without a seam between them.

    Parameters
    ----------
    sr_from, sr_to : float
        Rates in Hz.
    """

    def __init__(self, sr_from: float, sr_to: float) -> None:
        import soxr

        self.stream = None if sr_from == sr_to else soxr.ResampleStream(sr_from, sr_to, 1, "float32", "HQ")

    def add(self, y: Samples) -> Samples:
        """The next samples at the new rate, ndarray (m,), for ndarray (n,) at the old one; some come later."""
        return y if self.stream is None else np.asarray(self.stream.resample_chunk(y), np.float32)

    def finish(self) -> Samples:
        """What was still to come."""
        rest = np.zeros(0, np.float32)
        return rest if self.stream is None else np.asarray(self.stream.resample_chunk(rest, last=True), np.float32)
