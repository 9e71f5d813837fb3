"""How does a stream of samples become overlapping frames and their spectra?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.features.columns import Samples

__all__ = ["Framer", "spectra"]

W = TypeVar("W", npt.NDArray[np.float32], npt.NDArray[np.float64])

CHUNK_BYTES: Final = 1 << 20
"""Size of all frames transformed at a time; with their spectra 2 MB, which stays in a processor's cache."""


class Framer:
    """Cuts a stream into frames that are centred on their time: zeros stand before the start and beyond the end.

    Parameters
    ----------
    frame, hop : int
        Length and distance of the frames, in samples.
    """

    def __init__(self, frame: int, hop: int) -> None:
        self.frame, self.hop = frame, hop
        self.left = np.zeros(frame // 2, np.float32)

    def add(self, y: Samples) -> Samples:
        """Frames that became whole by the next samples, ndarray (frames, frame): a view, not to be written to."""
        y = np.concatenate([self.left, y])
        count = max(0, 1 + (len(y) - self.frame) // self.hop)
        self.left = y[count * self.hop :].copy()
        return np.ndarray((count, self.frame), np.float32, y, strides=(self.hop * y.itemsize, y.itemsize))

    def finish(self) -> Samples:
        """The last frames, which reach beyond the end."""
        return self.add(np.zeros(self.frame // 2, np.float32))


def spectra(frames: Samples, window: W) -> Iterator[W]:
    """Fourier transforms of windowed frames, ndarray (n, 2 * bins) each, a chunk at a time, real and imaginary in turn.

    The window's precision is that of the transform.
    """
    from scipy.fft import rfft

    chunk = max(1, CHUNK_BYTES // window.nbytes)
    for first in range(0, len(frames), chunk):
        yield rfft(frames[first : first + chunk] * window, axis=1, overwrite_x=True).view(window.dtype)
