"""Which pitch classes sound, and in which key?

Spectral peaks between 50 and 2,200 Hz, interpolated, shifted by the track's own tuning and folded to pitch classes;
the key is the one of 24 whose profile correlates best with them (C. Krumhansl, Cognitive Foundations of Musical Pitch,
1990), by the profiles of J. Albrecht and D. Shanahan, The use of large corpora to train a new type of key-finding
algorithm, Music Perception 31(1), 2013, once as they are and once spread over six partials, for the peaks are partials.

Conventions
-----------
`y` is the mono mix at 22,050 Hz. Pitch class 0 is C. One key stands for the whole track. `chroma_mean` is relative to
the strongest pitch class and free of tuning; it is known for all sound that has peaks, a key only where the peaks keep
to semitones and several pitch classes sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Samples, silent, unknown
from workbench.keys import NAMES, camelot
from workbench.models import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Peaks", "best_key", "chroma", "peaks", "tonality"]

Floats = npt.NDArray[np.float64]

FRAME: Final = 8192
HOP: Final = 4096
CHUNK: Final = 256
"""Frames transformed at a time."""
LOWEST_HZ: Final = 50
HIGHEST_HZ: Final = 2200
FLOOR_BINS: Final = 48
"""130 Hz: the surroundings above which a peak must stand."""
FLOOR_RATIO: Final = 1.5
LEAST_OF_FRAME: Final = 0.01
COMPRESSION: Final = 0.7
"""Exponent of a peak's magnitude; best of 0.35 to 1 on rendered and recorded music."""

LEAST_COHERENCE: Final = 0.15
"""White, pink and brown noise and speech reach 0.05; of 65 pieces of music 60 have more than this, most 0.3 to 0.95."""
LEAST_CLASSES: Final = 3
SOUNDING: Final = 0.1
"""A pitch class sounds from this share of the strongest on."""

MAJOR: Final = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
MINOR: Final = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
PARTIALS: Final = ((0, 1.0), (0, 0.5), (7, 0.35), (0, 0.25), (4, 0.18), (7, 0.12))
"""Semitones above the fundamental, folded to an octave, and strength of the first six partials."""

KEY_COLUMNS: Final = ("key", "mode", "key_confidence", "camelot")


@dataclass(frozen=True, slots=True)
class Peaks:
    """Spectral peaks of a track.

    Attributes
    ----------
    frame : ndarray (n,) int64
        Which frame each peak is in, of `frames`.
    cents : ndarray (n,)
        Above A4 = 440 Hz.
    magnitude : ndarray (n,)
    frames : int
    """

    frame: npt.NDArray[np.int64]
    cents: Floats
    magnitude: Floats
    frames: int


def tonality(y: Samples) -> Columns:
    """Mean chroma, key, mode, confidence and Camelot code.

    Confidence is the lead of the best key's correlation over the second's, as a share of it, 0..1; related keys are
    near each other, so 0.1 is already much.

    Parameters
    ----------
    y : ndarray (n,) float32
        Mono, 22,050 Hz.
    """
    names = ("chroma_mean", *KEY_COLUMNS)
    if len(y) < FRAME:
        return unknown(names, Unknown.TOO_SHORT)
    if silent(y):
        return unknown(names, Unknown.SILENT)
    found = peaks(y)
    if not len(found.cents):
        return unknown(names, Unknown.NO_TONALITY)
    strengths = chroma(found, tuning_cents=_tuning_cents(found))
    columns: Columns = {"chroma_mean": strengths.astype(np.float32)}
    if _coherence(found) < LEAST_COHERENCE or int((strengths > SOUNDING).sum()) < LEAST_CLASSES:
        return columns | unknown(KEY_COLUMNS, Unknown.NO_TONALITY)
    key, mode, confidence = best_key(strengths)
    return columns | {"key": key, "mode": mode, "key_confidence": confidence, "camelot": camelot(key, mode)}


def peaks(y: Samples) -> Peaks:
    """Local maxima of the spectrum that stand out of their surroundings."""
    first = 0
    found = []
    for S in _spectra(y):
        frame, cents, magnitude = _peaks_of(S)
        found.append((frame + first, cents, magnitude))
        first += len(S)
    frame, cents, magnitude = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Peaks(frame, cents, magnitude, first)


def chroma(found: Peaks, *, tuning_cents: float) -> Floats:
    """Strength of each pitch class, ndarray (12,), the strongest being 1; loud and soft frames count nearly alike.

    A peak between two semitones counts less (cosine squared).
    """
    semitones = (found.cents - tuning_cents) / 100
    nearest = np.round(semitones)
    weight = found.magnitude**COMPRESSION * np.cos(np.pi * (semitones - nearest)) ** 2
    pitch_class = (nearest.astype(np.int64) + NAMES.index("A")) % 12
    frames = np.zeros((found.frames, 12))
    np.add.at(frames, (found.frame, pitch_class), weight)
    sums = frames.sum(axis=1, keepdims=True)
    mean = (frames / (sums + 0.1 * np.median(sums) + 1e-9)).mean(axis=0)
    return np.asarray(mean / mean.max())


def best_key(strengths: Floats) -> tuple[str, str, float]:
    """Tonic, mode and confidence of the key nearest to a chroma, ndarray (12,).

    Examples
    --------
    >>> best_key(np.array([1, 0, 0.5, 0, 0.8, 0.5, 0, 0.9, 0, 0.5, 0, 0.4]))[:2]
    ('C', 'major')
    """
    fits = [
        (_correlation(strengths, np.roll(profile, tonic)) + _correlation(strengths, np.roll(_spread(profile), tonic)))
        for profile in (MAJOR, MINOR)
        for tonic in range(12)
    ]
    second, best = np.argsort(fits)[-2:]
    mode, tonic = divmod(int(best), 12)
    confidence = min(max(1 - fits[second] / fits[best], 0.0), 1.0) if fits[best] > 0 else 0.0
    return NAMES[tonic], ("major", "minor")[mode], confidence


def _spectra(y: Samples) -> Iterator[Samples]:
    """Magnitudes of up to `CHUNK` frames, ndarray (frames, bins)."""
    from scipy.fft import rfft

    window = np.hanning(FRAME).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(y, FRAME // 2), FRAME)[::HOP]
    for first in range(0, len(frames), CHUNK):
        yield np.abs(rfft(frames[first : first + CHUNK] * window, axis=1))


def _peaks_of(S: Samples) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Frame, cents and magnitude of the peaks of some frames; a parabola through the logarithms finds the top."""
    low, high = (int(hz * FRAME / SAMPLE_RATE_HZ) for hz in (LOWEST_HZ, HIGHEST_HZ))
    A = S[:, low:high]
    inner = A[:, 1:-1]
    loud = inner > np.maximum(FLOOR_RATIO * _surroundings(A)[:, 1:-1], LEAST_OF_FRAME * S.max(axis=1, keepdims=True))
    frame, place = np.nonzero((inner > A[:, :-2]) & (inner >= A[:, 2:]) & loud)
    left, top, right = (np.log(A[frame, place + shift].astype(np.float64) + 1e-9) for shift in (0, 1, 2))
    offset = np.clip(0.5 * (left - right) / (left - 2 * top + right - 1e-9), -0.5, 0.5)
    cents = 1200 * np.log2((low + place + 1 + offset) * SAMPLE_RATE_HZ / FRAME / 440)
    return frame, cents, np.exp(top)


def _surroundings(A: Samples) -> Samples:
    """Mean of the bins on both sides of each."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(A, FLOOR_BINS, axis=1, mode="nearest"))


def _tuning_cents(found: Peaks) -> float:
    """Shift of the track against equal temperament at 440 Hz, -50..50."""
    return float(np.angle(np.sqrt(found.magnitude) @ _circle(found)) / (2 * np.pi) * 100)


def _coherence(found: Peaks) -> float:
    """How well the peaks keep to one grid of semitones, 0..1; every frame counts the same."""
    sums = np.bincount(found.frame, found.magnitude, found.frames)
    weight = found.magnitude / sums[found.frame]
    return float(np.abs(weight @ _circle(found)) / weight.sum())


def _circle(found: Peaks) -> npt.NDArray[np.complex128]:
    """Each peak's place between two semitones as a direction."""
    return np.asarray(np.exp(2j * np.pi * found.cents / 100))


def _spread(profile: Floats) -> Floats:
    """A profile of notes as one of their partials."""
    return np.asarray(sum(weight * np.roll(profile, shift) for shift, weight in PARTIALS))


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / (np.sqrt((a @ a) * (b @ b)) + 1e-12))
