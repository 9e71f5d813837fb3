"""What is its timbre?

librosa 0.11 is the definition of each column (https://librosa.org/doc/0.11.0/feature.html): one short-time Fourier
transform, Hann window, frames of 2,048 samples every 512, zeros beyond the ends.

Conventions
-----------
`y` is the mono mix at 22,050 Hz. Each feature gives a number or a vector a frame; the columns are their mean and
population standard deviation over all frames, silent ones included, as librosa measures those (centroid 0 Hz, flatness
1). A track is measured in parts of 15 minutes, which bounds the memory; in a longer one librosa's floor of 80 dB under
the loudest bin (log-mel and contrast) looks at the part instead of the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Samples, silent, unknown
from workbench.models import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FRAME", "HOP", "spectrum", "zero_crossing_rate"]

FRAME: Final = 2048
HOP: Final = 512
MINUTE: Final = 60 * SAMPLE_RATE_HZ // HOP
"""Frames of a minute: what is measured at a time."""
MFCCS: Final = 20
ROLLOFF_SHARE: Final = 0.85
CROSSING_THRESHOLD: Final = 1e-10
"""Samples this near to 0 are 0, and 0 counts as positive: librosa's rule for crossings."""

LEVELS: Final = ("rms",)
SHAPES: Final = (
    "zero_crossing_rate",
    "spectral_centroid_hz",
    "spectral_bandwidth_hz",
    "spectral_rolloff_hz",
    "spectral_flatness",
    "spectral_contrast_db",
    "mfcc",
)

Frames = dict[str, npt.NDArray[np.floating]]


def spectrum(y: Samples) -> Columns:
    """Means and standard deviations of the frames' features.

    The shape of silence (under -80 dBFS) is unknown, its level is not; under one frame of sound nothing is known.

    Parameters
    ----------
    y : ndarray (n,) float32
        Mono, 22,050 Hz.
    """
    if len(y) < FRAME:
        return unknown(_names(*LEVELS, *SHAPES), Unknown.TOO_SHORT)
    frames = _joined([_features(part) for part in _parts(np.pad(y, FRAME // 2), 15 * MINUTE)])
    frames["zero_crossing_rate"] = zero_crossing_rate(y)
    columns = {column: value for name, values in frames.items() for column, value in _statistics(name, values).items()}
    return columns | unknown(_names(*SHAPES) if silent(y) else (), Unknown.SILENT)


def zero_crossing_rate(y: Samples) -> npt.NDArray[np.float64]:
    """Share of samples at which the sign changes, a frame, equal to ``librosa.feature.zero_crossing_rate``.

    Written out here since librosa's own loads a compiled kernel from a cache that processes can corrupt
    (https://github.com/librosa/librosa/issues/1998).

    Parameters
    ----------
    y : ndarray (n,) float32
        Mono.
    """
    negative = np.pad(y, FRAME // 2, mode="edge") < -CROSSING_THRESHOLD
    crossings = np.concatenate([[0], np.cumsum(negative[1:] != negative[:-1], dtype=np.int32)])
    starts = np.arange(0, len(negative) - FRAME + 1, HOP)
    return np.asarray((crossings[starts + FRAME - 1] - crossings[starts]) / FRAME)


def _parts(y: Samples, size: int) -> Iterator[Samples]:
    """Stretches of up to `size` whole frames; they overlap by what a frame reaches beyond its hop."""
    frames = 1 + (len(y) - FRAME) // HOP
    for first in range(0, frames, size):
        last = min(first + size, frames) - 1
        yield y[first * HOP : last * HOP + FRAME]


def _joined(parts: list[Frames]) -> Frames:
    return {name: np.concatenate([part.pop(name) for part in parts], axis=-1) for name in list(parts[0])}


def _features(y: Samples) -> Frames:
    """Features of each frame that lies wholly in `y`, time on the last axis."""
    from librosa import feature, power_to_db

    frames = _joined([_features_alone(part) for part in _parts(y, MINUTE)])
    contrast = feature.spectral_contrast(S=frames.pop("S"), sr=SAMPLE_RATE_HZ)
    return frames | {
        "spectral_contrast_db": contrast,
        "mfcc": feature.mfcc(S=power_to_db(frames.pop("mel")), n_mfcc=MFCCS),
    }


def _features_alone(y: Samples) -> Frames:
    """What a frame has by itself, and the spectra for the features that compare it with others."""
    from librosa import feature, stft

    S = np.abs(stft(y, n_fft=FRAME, hop_length=HOP, center=False))
    shape = {"S": S, "sr": SAMPLE_RATE_HZ}
    centroid = feature.spectral_centroid(**shape)
    return {
        "S": S,
        "mel": feature.melspectrogram(S=np.square(S), sr=SAMPLE_RATE_HZ),
        "rms": feature.rms(y=y, frame_length=FRAME, hop_length=HOP, center=False)[0],
        "spectral_centroid_hz": centroid[0],
        "spectral_bandwidth_hz": feature.spectral_bandwidth(**shape, centroid=centroid)[0],
        "spectral_rolloff_hz": feature.spectral_rolloff(**shape, roll_percent=ROLLOFF_SHARE)[0],
        "spectral_flatness": feature.spectral_flatness(S=S)[0],
    }


def _statistics(name: str, values: npt.NDArray[np.floating]) -> Columns:
    mean, deviation = values.mean(axis=-1, dtype=np.float64), values.std(axis=-1, dtype=np.float64)
    if values.ndim == 1:
        return {f"{name}_mean": float(mean), f"{name}_std": float(deviation)}
    return {f"{name}_mean": mean.astype(np.float32), f"{name}_std": deviation.astype(np.float32)}


def _names(*features: str) -> list[str]:
    return [f"{name}_{statistic}" for name in features for statistic in ("mean", "std")]
