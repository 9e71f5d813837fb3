"""Up to which frequency does it have sound?

Lossy encoders leave out what lies above a frequency that falls with their bit rate (LAME: 16 kHz at 128 kbit/s, 20 kHz
at 320), so that a lossless file which ends there was probably made from a lossy one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.features.columns import SILENCE, Columns, Samples, Value
from workbench.features.frames import spectra
from workbench.models import Unknown

__all__ = ["Cutoff"]

FRAME: Final = 4096
EVERY: Final = 32
"""One frame of thirty-two is enough for a mean."""
NOISE: Final = (2.0**-15) ** 2 / 12
"""Mean square of the rounding to 16 bits, under which there is nothing to be heard in most files."""
OVER_NOISE: Final = 10.0
"""What sounds has ten times the power of that rounding (10 dB)."""
SMOOTHING_HZ: Final = 200.0


class Cutoff:
    """Takes the mono mix at the file's own rate block by block and gives the highest frequency that sounds."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.window = np.hanning(FRAME).astype(np.float32)
        self.power = np.zeros(FRAME // 2 + 1)
        self.frames = 0

    def add(self, y: Samples) -> None:
        """Take the next samples, ndarray (n,) float32."""
        whole = y[: len(y) // FRAME * FRAME].reshape(-1, FRAME)
        for spectrum in spectra(whole[::EVERY], self.window):
            self.power += np.square(spectrum).sum(axis=0).reshape(-1, 2).sum(axis=1)
            self.frames += len(spectrum)

    def columns(self) -> Columns:
        """The cut-off frequency of all blocks so far."""
        return {"spectral_cutoff_hz": self._cutoff_hz()}

    def _cutoff_hz(self) -> Value:
        if not self.frames:
            return Unknown.TOO_SHORT
        density = self.power / max(1, self.frames) / np.square(self.window, dtype=np.float64).sum()
        if density.mean() < SILENCE**2:
            return Unknown.SILENT
        width = max(1, round(SMOOTHING_HZ * FRAME / self.sample_rate_hz))
        smooth = np.convolve(density, np.ones(width) / width, mode="same")
        sounding = np.flatnonzero(smooth > OVER_NOISE * NOISE)
        return float(sounding[-1] * self.sample_rate_hz / FRAME) if len(sounding) else Unknown.SILENT
