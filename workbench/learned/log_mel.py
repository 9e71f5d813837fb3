"""How loud is each band of hearing, 62 times a second, as the network wants to see it?

Conventions
-----------
musicnn was trained on ``librosa.feature.melspectrogram`` of sound at 16 kHz, and sees what that gives: frames of 512
samples centred every 256, silence before and after the sound, a periodic Hann window, power, 96 bands of Slaney's
Auditory Toolbox (area 1), then log10(10000 x + 1). The original keeps x as float16, where it can overflow; here all is
float32. Source: configuration.py and extractor.py of musicnn 0.1.0, https://github.com/jordipons/musicnn.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.learned.records import Array

__all__ = ["BANDS", "HOP_SAMPLES", "SAMPLE_RATE_HZ", "log_mel"]

SAMPLE_RATE_HZ: Final = 16_000
FRAME_SAMPLES: Final = 512
HOP_SAMPLES: Final = 256
BANDS: Final = 96

LINEAR_HZ: Final = 200 / 3  # one mel, up to 1 kHz
BREAK_HZ: Final = 1000.0
LOG_STEP: Final = math.log(6.4) / 27  # of one mel above


def log_mel(y: Array) -> Array:
    """The log-mel spectrogram of samples.

    Parameters
    ----------
    y : ndarray (n,) float32, mono, at 16 kHz

    Returns
    -------
    ndarray (1 + n // 256, 96) float32, 0 for silence
    """
    padded = np.pad(np.asarray(y, np.float32), FRAME_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME_SAMPLES)[::HOP_SAMPLES]
    spectrum = np.fft.rfft(frames * _window(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.log10(np.float32(10_000) * (power @ mel_filters()) + np.float32(1))


@functools.cache
def _window() -> Array:
    """A Hann window of period 512."""
    turns = np.arange(FRAME_SAMPLES) / FRAME_SAMPLES
    return (0.5 - 0.5 * np.cos(2 * np.pi * turns)).astype(np.float32)


@functools.cache
def mel_filters() -> Array:
    """Triangles from 0 to 8 kHz, evenly spaced in mel, of equal area; ndarray (257, 96) float32.

    Slaney's mel is linear to 1 kHz and logarithmic above (Auditory Toolbox, technical report 1998-010, Interval
    Research), as ``librosa.filters.mel`` has it by default.
    """
    bins = np.linspace(0, SAMPLE_RATE_HZ / 2, FRAME_SAMPLES // 2 + 1)
    corners = _hz(np.linspace(0, _mel(SAMPLE_RATE_HZ / 2), BANDS + 2))
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    rising = (bins[:, None] - low) / (middle - low)
    falling = (high - bins[:, None]) / (high - middle)
    return (np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)).astype(np.float32)


def _mel(hz: float) -> float:
    """Slaney's mel of a frequency above 1 kHz."""
    return BREAK_HZ / LINEAR_HZ + math.log(hz / BREAK_HZ) / LOG_STEP


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = np.maximum(0, mel - BREAK_HZ / LINEAR_HZ)
    return np.asarray(np.minimum(mel * LINEAR_HZ, BREAK_HZ) * np.exp(LOG_STEP * above))
