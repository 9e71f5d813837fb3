"""How fast is it, and where are the beats?

The tempo is the best of a grid by a comb over the autocorrelation of each onset curve times its Fourier magnitude
(G. Peeters, Template-based estimation of time-varying tempo, EURASIP J. Adv. Signal Process., 2007), geometric mean of
both curves, under a log-normal prior; the beats follow by dynamic programming (D. Ellis, Beat tracking by dynamic
programming, J. New Music Research 36(1), 2007), and the line through the beats gives the tempo its precision.

Conventions
-----------
Takes the two onset curves of `workbench.features.rhythm`. One tempo stands for the whole track; its octave is a matter
of taste, which is what `bpm_alternative` is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Samples, unknown
from workbench.models import Unknown

__all__ = ["FRAME_RATE_HZ", "LEAST_NOTE_FLUX", "TEMPO_COLUMNS", "find_beats", "find_tempo", "pulse"]

Floats = npt.NDArray[np.float64]

HIT_HOP: Final = 256
FRAME_RATE_HZ: Final = SAMPLE_RATE_HZ / HIT_HOP
"""Of the hit flux; the note flux has half of it."""
NOTE_LEAD_S: Final = 0.03
"""How much earlier the long window shows a note than the short one does."""

TEMPI: Final = 35 * np.exp(np.arange(0, np.log(290 / 35), 0.004))
PRIOR: Final = np.exp(-0.5 * np.log2(TEMPI / 105) ** 2)
"""Log-normal, 105 BPM, one octave: fitted on recorded and rendered music; Ellis has 120 BPM and 0.9 octaves."""
COMB: Final = ((1, 1.0), (2, 0.5), (3, 0.25), (4, 0.5))
"""Multiples of the period and their weights."""
WINDOW_S: Final = 24.0
WINDOWS: Final = 64
"""Windows transformed at a time."""
TIGHTNESS: Final = 300.0
SAME_TEMPO: Final = 0.06
"""Tempi nearer than this (natural logarithm) are one answer."""
TOLERANCE: Final = 0.04
"""How far the line through the beats may lie from the grid, and an alternative from its ratio."""
RATIOS: Final = (2, 1 / 2, 3 / 2, 2 / 3)
LEAST_NOTE_FLUX: Final = 0.027
"""The 90th percentile of the note flux of noise and tones lies under this, that of music above."""
LEAST_PERIODICITY: Final = 0.08
MOST_NEEDED_PERIODICITY: Final = 0.15
"""Soft notes need little periodicity to have a tempo. Clear ones need as much as their flux, up to this: speech and
random clicks have clear starts out of time and stay under 0.14."""
LEAST_BEATS: Final = 4

TEMPO_COLUMNS: Final = (
    "bpm",
    "bpm_confidence",
    "bpm_alternative",
    "bpm_alternative_strength",
    "beat_regularity",
    "beat_times_s",
)


@dataclass(frozen=True, slots=True)
class Tempo:
    """The best tempo of the grid.

    Attributes
    ----------
    bpm : float
    confidence : float
        Lead over the best of all other tempi, 0..1.
    alternative, strength : float
        The best of half, double, two thirds and three halves of it, and its score over the best one's, 0..1.
    periodicity : float
        Comb of the clearer curve, 0..1.
    """

    bpm: float
    confidence: float
    alternative: float
    strength: float
    periodicity: float


def pulse(note: Samples, hit: Samples, flux: float) -> Columns:
    """Tempo columns, or why there is none: no notes start (noise, tones), or not in time (speech, random clicks).

    Parameters
    ----------
    note, hit : ndarray (n,), ndarray (2 n,)
        Onset curves.
    flux : float
        90th percentile of the note flux.
    """
    if flux < LEAST_NOTE_FLUX:
        return unknown((*TEMPO_COLUMNS, "pulse_clarity"), Unknown.NO_PULSE)
    tempo = find_tempo(note, hit)
    clarity: Columns = {"pulse_clarity": tempo.periodicity}
    if tempo.periodicity < min(max(flux, LEAST_PERIODICITY), MOST_NEEDED_PERIODICITY):
        return clarity | unknown(TEMPO_COLUMNS, Unknown.NO_PULSE)
    beats = find_beats(_strength(note, hit), 60 * FRAME_RATE_HZ / tempo.bpm)
    if len(beats) < LEAST_BEATS:
        return clarity | unknown(TEMPO_COLUMNS, Unknown.NO_PULSE)
    intervals = np.diff(beats)
    line = 60 * FRAME_RATE_HZ / float(np.polyfit(np.arange(len(beats)), beats, 1)[0])
    bpm = line if abs(line / tempo.bpm - 1) < TOLERANCE else tempo.bpm
    return clarity | {
        "bpm": bpm,
        "bpm_confidence": tempo.confidence,
        "bpm_alternative": bpm * tempo.alternative / tempo.bpm,
        "bpm_alternative_strength": tempo.strength,
        "beat_regularity": max(0.0, 1 - float(np.abs(intervals / np.median(intervals) - 1).mean())),
        "beat_times_s": (beats / FRAME_RATE_HZ).astype(np.float32),
    }


def find_tempo(note: Samples, hit: Samples) -> Tempo:
    """The best tempo of the grid for both curves."""
    note_comb, note_line = _salience(note, FRAME_RATE_HZ / 2)
    hit_comb, hit_line = _salience(hit, FRAME_RATE_HZ)
    combs = np.maximum(note_comb, 1e-4) * np.maximum(hit_comb, 1e-4)
    score = np.sqrt(combs * note_line * hit_line) * PRIOR
    best = int(score.argmax())
    others = score * (np.abs(np.log(TEMPI / TEMPI[best])) > SAME_TEMPO)
    related = {ratio: (score * (np.abs(TEMPI / (TEMPI[best] * ratio) - 1) < TOLERANCE)).max() for ratio in RATIOS}
    ratio = max(related, key=lambda ratio: related[ratio])
    return Tempo(
        bpm=float(TEMPI[best]),
        confidence=float(1 - others.max() / score[best]),
        alternative=float(TEMPI[best] * ratio),
        strength=float(related[ratio] / score[best]),
        periodicity=float(np.clip(max(note_comb[best], hit_comb[best]), 0, 1)),
    )


def find_beats(strength: Samples, period: float) -> npt.NDArray[np.int64]:
    """Frames of the beats, those over a silent start or end left out.

    Parameters
    ----------
    strength : ndarray (n,)
        Onset curve of standard deviation 1.
    period : float
        Of the beats, in frames.
    """
    from scipy.ndimage import maximum_filter1d

    from workbench.features.rhythm_kernels import best_path

    beats = best_path(strength, period, TIGHTNESS)
    if not len(beats):
        return beats
    sounding = np.flatnonzero(maximum_filter1d(strength, 7)[beats] > 0.1 * strength[beats].mean())
    return beats[sounding[0] : sounding[-1] + 1] if len(sounding) else beats[:0]


def _salience(curve: Samples, rate_hz: float) -> tuple[Floats, Floats]:
    """Comb over the autocorrelation, and Fourier magnitude to the 1/4, of each tempo of the grid."""
    from scipy.fft import irfft, next_fast_len, rfft

    size = min(int(WINDOW_S * rate_hz), len(curve))
    window, padded = np.hanning(size), next_fast_len(2 * size)
    power = _mean_power(curve, window, padded)
    correlation = irfft(power, padded)[:size]
    of_window = irfft(np.abs(rfft(window, padded)) ** 2, padded)[:size]
    correlation = np.maximum(correlation / (correlation[0] + 1e-12) / (of_window / of_window[0] + 0.1), 0)
    period = 60 * rate_hz / TEMPI
    teeth = [weight * np.interp(times * period, np.arange(size), correlation, right=0) for times, weight in COMB]
    line = np.interp(TEMPI / 60, np.arange(len(power)) * rate_hz / padded, np.sqrt(power))
    shallow = np.maximum(line / (line.max() + 1e-12), 1e-3) ** 0.25
    return np.sum(teeth, axis=0) / sum(weight for _, weight in COMB), shallow


def _mean_power(curve: Samples, window: Floats, padded: int) -> Floats:
    """Mean power spectrum of windows of a curve that overlap by three quarters, loud and soft ones nearly alike."""
    from scipy.fft import rfft

    size = len(window)
    centred = np.pad(curve - np.float32(curve.mean(dtype=np.float64)), size // 2)
    windows = np.lib.stride_tricks.sliding_window_view(centred, size)[:: max(1, size // 4)]
    parts = [windows[first : first + WINDOWS] for first in range(0, len(windows), WINDOWS)]
    energies = [_energies(part * window, padded) for part in parts]
    floor = 0.1 * np.concatenate(energies).mean() + 1e-12
    total = np.zeros(padded // 2 + 1)
    for part, energy in zip(parts, energies, strict=True):
        total += (1 / (energy + floor)) @ np.abs(rfft(part * window, padded, axis=1)) ** 2
    return total / len(windows)


def _energies(windows: Floats, padded: int) -> Floats:
    """Sum of each window's power spectrum, from the samples (Parseval)."""
    return np.asarray((padded * np.square(windows).sum(axis=1) + windows.sum(axis=1) ** 2) / 2)


def _strength(note: Samples, hit: Samples) -> Samples:
    """Both curves as one, at the rate of the hit flux, standard deviation 1."""
    places = np.arange(len(hit)) / 2 - NOTE_LEAD_S * FRAME_RATE_HZ / 2
    both = np.interp(places, np.arange(len(note)), note).astype(np.float32)
    both *= 0.5 / (both.std() + 1e-12)
    both += hit / (hit.std() + 1e-12)
    both /= both.std() + 1e-12
    return both
