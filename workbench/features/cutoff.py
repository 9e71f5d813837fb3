"""Up to which frequency does it have sound?

Lossy encoders leave out what lies above a frequency that falls with their bit rate (LAME: 16 kHz at 128 kbit/s, 20 kHz
at 320), so that a lossless file which ends there was probably made from a lossy one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.features.columns import SILENCE, Columns, Samples
from workbench.features.frames import Framer, spectra
from workbench.models import Unknown

__all__ = ["Cutoff"]

FRAME: Final = 4096
EVERY: Final = 16
"""One frame of sixteen is enough, and each of the first sixteen, for short files."""
NOISE: Final = (2.0**-15) ** 2 / 12
"""Mean square of the rounding to 16 bits, under which there is nothing to be heard in most files."""
OVER_NOISE: Final = 10.0
"""What sounds has ten times the power of that rounding (10 dB)."""
SMOOTHING_HZ: Final = 200.0
PERCENTILE: Final = 90
"""Of the frames' own cut-offs: a click or a clipped peak, which reaches all frequencies, is in few of them."""


class Cutoff:
    """Takes the mono mix at the file's own rate block by block and gives the highest frequency that sounds."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.window = np.hanning(FRAME).astype(np.float32)
        self.energy = float(np.square(self.window, dtype=np.float64).sum())
        self.framer = Framer(FRAME, FRAME)
        self.frames = 0
        self.cutoffs_hz: list[float] = []

    def add(self, y: Samples) -> None:
        """Take the next samples, ndarray (n,) float32."""
        frames = self.framer.add(y)
        numbers = np.arange(self.frames, self.frames + len(frames))
        self.frames += len(frames)
        for spectrum in spectra(frames[(numbers < EVERY) | (numbers % EVERY == 0)], self.window):
            self.cutoffs_hz += [self._cutoff_hz(row) for row in spectrum]

    def columns(self, *, silent: bool) -> Columns:
        """The cut-off frequency of all blocks so far."""
        known = [cutoff_hz for cutoff_hz in self.cutoffs_hz if cutoff_hz > 0]
        if silent:
            return {"spectral_cutoff_hz": Unknown.SILENT}
        return {"spectral_cutoff_hz": float(np.percentile(known, PERCENTILE)) if known else Unknown.TOO_SHORT}

    def _cutoff_hz(self, spectrum: Samples) -> float:
        """Of one frame, real and imaginary parts in turn; 0 for silence."""
        density = np.square(spectrum.reshape(-1, 2)).sum(axis=1) / np.float32(self.energy)
        if density.mean() < SILENCE**2:
            return 0.0
        width = max(1, round(SMOOTHING_HZ * FRAME / self.sample_rate_hz))
        total = np.cumsum(density, dtype=np.float64)
        sounding = np.flatnonzero(total[width:] - total[:-width] > OVER_NOISE * NOISE * width)
        return float((sounding[-1] + width / 2) * self.sample_rate_hz / FRAME) if len(sounding) else 0.0
