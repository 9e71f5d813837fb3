"""How fast is it, where are the beats, how many notes start?

Two onset curves are made: a note flux (semitone bands of a long window: pitched notes without drums) and a hit flux
(mel bands of a short window, maximum filter against vibrato: S. Böck and G. Widmer, Maximum filter vibrato suppression
for onset detection, DAFx 2013). The tempo is the best of a grid by a comb over the autocorrelation times the Fourier
magnitude (G. Peeters, Template-based estimation of time-varying tempo, EURASIP J. Adv. Signal Process., 2007),
geometric mean of both curves, under a log-normal prior; the beats follow by dynamic programming (D. Ellis, Beat
tracking by dynamic programming, J. New Music Research 36(1), 2007). A line through the beats gives the tempo its
precision.

Conventions
-----------
`y` is the mono mix at 22,050 Hz. Times are seconds from the start of the track. The octave of a tempo is a matter of
taste: `bpm_alternative` is the runner-up, most often half or double. One tempo stands for the whole track.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Samples, silent, unknown
from workbench.models import Unknown

__all__ = ["onset_curves", "onset_times", "rhythm"]

Floats = npt.NDArray[np.float64]

HIT_HOP: Final = 220
HIT_FRAME: Final = 1024
NOTE_HOP: Final = 440
NOTE_FRAME: Final = 4096
FRAME_RATE_HZ: Final = SAMPLE_RATE_HZ / HIT_HOP
NOTE_LEAD_S: Final = 0.03
"""How much earlier the long window shows a note than the short one does."""
CHUNK: Final = 512
"""Frames transformed at a time."""

SHORTEST_S: Final = 4.0
TEMPI: Final = 35 * np.exp(np.arange(0, np.log(290 / 35), 0.004))
PRIOR: Final = np.exp(-0.5 * np.log2(TEMPI / 105) ** 2)
"""Log-normal, 105 BPM, one octave: fitted on recorded and rendered music; Ellis has 120 BPM and 0.9 octaves."""
COMB: Final = ((1, 1.0), (2, 0.5), (3, 0.25), (4, 0.5))
"""Multiples of the period and their weights."""
WINDOW_S: Final = 24.0
TIGHTNESS: Final = 300.0
SAME_TEMPO: Final = 0.06
"""Tempi nearer than this (natural logarithm) are one answer."""
TOLERANCE: Final = 0.04
"""How far the line through the beats may lie from the grid, and an alternative from a simple ratio."""
RATIOS: Final = (2, 1 / 2, 3, 1 / 3, 3 / 2, 2 / 3)
LEAST_NOTE_FLUX: Final = 0.027
"""The 90th percentile of the note flux of noise and tones lies under this, that of music above."""
LEAST_PERIODICITY: Final = 0.08
MOST_NEEDED_PERIODICITY: Final = 0.15
"""Soft notes need little periodicity to have a tempo. Clear ones need as much as their flux, up to this: speech and
random clicks have clear starts out of time and stay under 0.14."""
LEAST_BEATS: Final = 4

ONSET_HEIGHT: Final = 0.02
CLEAR_ONSET_HEIGHT: Final = 0.05
"""What a hit needs where no notes start: noise flickers up to 0.04."""
ONSET_NEIGHBOURS_S: Final = 0.03
ONSET_AVERAGE_S: Final = 0.1

TEMPO_COLUMNS: Final = ("bpm", "bpm_confidence", "bpm_alternative", "beat_times_s")


@dataclass(frozen=True, slots=True)
class Tempo:
    """The best tempo of the grid, its lead (0..1), the runner-up, and its comb (0..1) in the clearer curve."""

    bpm: float
    confidence: float
    alternative: float
    periodicity: float


def rhythm(y: Samples) -> Columns:
    """Tempo, its confidence and alternative, beat times and onset rate.

    Confidence is the lead of the best tempo over every other, 0..1: on 62 rendered clips the tempo was right in 8 of 11
    under 0.2, 20 of 22 under 0.5 and 28 of 29 above; it or the alternative was right in 61. Cost: 0.3 CPU s a minute.

    Parameters
    ----------
    y : ndarray (n,) float32
        Mono, 22,050 Hz.
    """
    names = (*TEMPO_COLUMNS, "onset_rate_hz")
    if len(y) < SHORTEST_S * SAMPLE_RATE_HZ:
        return unknown(names, Unknown.TOO_SHORT)
    if silent(y):
        return unknown(names, Unknown.SILENT)
    note, hit = onset_curves(y)
    flux = float(np.percentile(note, 90))
    height = ONSET_HEIGHT if flux >= LEAST_NOTE_FLUX else CLEAR_ONSET_HEIGHT
    onsets: Columns = {"onset_rate_hz": len(onset_times(hit, height=height)) / (len(y) / SAMPLE_RATE_HZ)}
    return onsets | _pulse(note, hit, flux)


def onset_curves(y: Samples) -> tuple[Floats, Floats]:
    """Note flux, one value every 440 samples, and hit flux, one every 220; both never negative."""
    note = _band_levels(y, _semitone_bands(), NOTE_FRAME, NOTE_HOP, gain=1e3)
    hit = _band_levels(y, _mel_bands(), HIT_FRAME, HIT_HOP, gain=1e4)
    return (
        _rise(note, neighbours=1, blur_frames=2, rate_hz=SAMPLE_RATE_HZ / NOTE_HOP),
        _rise(hit, neighbours=3, blur_frames=1, rate_hz=SAMPLE_RATE_HZ / HIT_HOP),
    )


def onset_times(hit: Floats, *, height: float = ONSET_HEIGHT) -> Floats:
    """Times in seconds at which notes or hits start: local maxima of the hit flux that stand out of their surroundings.

    After the peak picking of S. Böck, F. Krebs and M. Schedl, Evaluating the online capabilities of onset detection
    methods, ISMIR 2012: the largest within 30 ms, and by a fixed height above the mean of 100 ms on both sides.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    around = 2 * round(ONSET_NEIGHBOURS_S * FRAME_RATE_HZ) + 1
    average = uniform_filter1d(hit, 2 * round(ONSET_AVERAGE_S * FRAME_RATE_HZ) + 1)
    peaks = (hit == maximum_filter1d(hit, around)) & (hit > average + height)
    return np.asarray(np.flatnonzero(peaks) / FRAME_RATE_HZ)


def _pulse(note: Floats, hit: Floats, flux: float) -> Columns:
    """Tempo columns, or why there is none: no notes start (noise, tones), or not in time (speech, random clicks)."""
    tempo = _tempo(note, hit)
    if flux < LEAST_NOTE_FLUX or tempo.periodicity < min(max(flux, LEAST_PERIODICITY), MOST_NEEDED_PERIODICITY):
        return unknown(TEMPO_COLUMNS, Unknown.NO_PULSE)
    beats = _beats(_strength(note, hit), 60 * FRAME_RATE_HZ / tempo.bpm)
    if len(beats) < LEAST_BEATS:
        return unknown(TEMPO_COLUMNS, Unknown.NO_PULSE)
    line = 60 * FRAME_RATE_HZ / float(np.polyfit(np.arange(len(beats)), beats, 1)[0])
    bpm = line if _near(line, tempo.bpm) else tempo.bpm
    octaves = [bpm * ratio for ratio in RATIOS if _near(bpm * ratio, tempo.alternative)]
    return {
        "bpm": bpm,
        "bpm_confidence": tempo.confidence,
        "bpm_alternative": octaves[0] if octaves else tempo.alternative,
        "beat_times_s": (beats / FRAME_RATE_HZ).astype(np.float32),
    }


def _near(a: float, b: float) -> bool:
    return abs(a / b - 1) < TOLERANCE


def _band_levels(y: Samples, bands: Samples, frame: int, hop: int, *, gain: float) -> Samples:
    """Compressed magnitude of each band over time, ndarray (frames, bands), relative to the loudest."""
    from scipy.fft import rfft

    window = np.hanning(frame).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(y, frame // 2), frame)[::hop]
    chunks = [
        np.abs(rfft(frames[first : first + CHUNK] * window, axis=1)) @ bands for first in range(0, len(frames), CHUNK)
    ]
    S = np.concatenate(chunks)
    return np.asarray(np.log1p(gain * S / (S.max() + 1e-12)), np.float32)


def _rise(levels: Samples, *, neighbours: int, blur_frames: float, rate_hz: float) -> Floats:
    """Mean rise of the bands over two frames, less its mean over half a second."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d, uniform_filter1d

    before = maximum_filter1d(levels, neighbours, axis=1)
    rise = np.zeros(len(levels))
    rise[2:] = np.maximum(levels[2:] - before[:-2], 0).mean(axis=1)
    rise = gaussian_filter1d(rise, blur_frames)
    return np.asarray(np.maximum(rise - uniform_filter1d(rise, int(0.5 * rate_hz)), 0))


@cache
def _semitone_bands() -> Samples:
    """Triangles around the 49 semitones C2 to C6, ndarray (bins, 49)."""
    frequencies = np.fft.rfftfreq(NOTE_FRAME, 1 / SAMPLE_RATE_HZ)
    return _triangles(69 + 12 * np.log2(np.maximum(frequencies, 1) / 440), np.arange(35.0, 86.0))


@cache
def _mel_bands() -> Samples:
    """Triangles of 40 mel bands, 30 to 10,000 Hz, ndarray (bins, 40)."""
    frequencies = np.fft.rfftfreq(HIT_FRAME, 1 / SAMPLE_RATE_HZ)
    low, high = 2595 * np.log10(1 + np.array([30, 10_000]) / 700)
    return _triangles(2595 * np.log10(1 + frequencies / 700), np.linspace(low, high, 42))


def _triangles(positions: Floats, corners: Floats) -> Samples:
    """Filters of sum 1 between neighbouring corners; one that is narrower than a bin takes the nearest bin."""
    left, centre, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    weights = np.clip(np.minimum((positions - left) / (centre - left), (right - positions) / (right - centre)), 0, None)
    narrow = np.flatnonzero(weights.sum(axis=1) < 0.3)  # noqa: PLR2004  less than a third of a bin
    weights[narrow, np.abs(positions - centre[narrow]).argmin(axis=1)] = 1
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)).T, np.float32)


def _tempo(note: Floats, hit: Floats) -> Tempo:
    """The best tempo of the grid for both curves."""
    note_comb, note_line = _salience(note, SAMPLE_RATE_HZ / NOTE_HOP)
    hit_comb, hit_line = _salience(hit, FRAME_RATE_HZ)
    combs = np.maximum(note_comb, 1e-4) * np.maximum(hit_comb, 1e-4)
    score = np.sqrt(combs * note_line * hit_line) * PRIOR
    best = int(score.argmax())
    others = score * (np.abs(np.log(TEMPI / TEMPI[best])) > SAME_TEMPO)
    return Tempo(
        bpm=float(TEMPI[best]),
        confidence=float(1 - others.max() / score[best]),
        alternative=float(TEMPI[others.argmax()]),
        periodicity=float(max(note_comb[best], hit_comb[best])),
    )


def _salience(curve: Floats, rate_hz: float) -> tuple[Floats, Floats]:
    """Comb over the autocorrelation, and Fourier magnitude to the 1/4, of each tempo of the grid."""
    from scipy.fft import irfft, next_fast_len, rfft

    centred = curve - curve.mean()
    size = min(int(WINDOW_S * rate_hz), len(centred))
    window, padded = np.hanning(size), next_fast_len(2 * size)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(centred, size // 2), size)[:: size // 4]
    power = np.abs(rfft(frames * window, padded, axis=1)) ** 2
    energy = power.sum(axis=1, keepdims=True)
    power = (power / (energy + 0.1 * energy.mean() + 1e-12)).mean(axis=0)  # Welch, loud and soft passages alike
    correlation = irfft(power, padded)[:size]
    of_window = irfft(np.abs(rfft(window, padded)) ** 2, padded)[:size]
    correlation = np.maximum(correlation / (correlation[0] + 1e-12) / (of_window / of_window[0] + 0.1), 0)
    period = 60 * rate_hz / TEMPI
    teeth = [weight * np.interp(times * period, np.arange(size), correlation, right=0) for times, weight in COMB]
    line = np.interp(TEMPI / 60, np.arange(len(power)) * rate_hz / padded, np.sqrt(power))
    return np.sum(teeth, axis=0) / sum(weight for _, weight in COMB), _shallow(line)


def _shallow(line: Floats) -> Floats:
    return np.asarray(np.maximum(line / (line.max() + 1e-12), 1e-3) ** 0.25)


def _strength(note: Floats, hit: Floats) -> Floats:
    """Both curves as one, at the rate of the hit flux, standard deviation 1."""
    times = np.arange(len(hit)) / FRAME_RATE_HZ - NOTE_LEAD_S
    note = np.interp(times, np.arange(len(note)) * NOTE_HOP / SAMPLE_RATE_HZ, note)
    both = hit / (hit.std() + 1e-12) + 0.5 * note / (note.std() + 1e-12)
    return np.asarray(both / (both.std() + 1e-12))


def _beats(strength: Floats, period: float) -> npt.NDArray[np.int64]:
    """Frames of the beats, those over a silent start or end left out."""
    from scipy.ndimage import maximum_filter1d

    beats = _best_path(strength, period)
    if not len(beats):
        return beats
    sounding = np.flatnonzero(maximum_filter1d(strength, 7)[beats] > 0.1 * strength[beats].mean())
    return beats[sounding[0] : sounding[-1] + 1] if len(sounding) else beats[:0]


def _best_path(strength: Floats, period: float) -> npt.NDArray[np.int64]:
    """The frames with the best sum of onset strength less tightness * log(interval / period)^2 (Ellis 2007)."""
    shortest, longest = round(period / 2), round(2 * period)
    penalty = TIGHTNESS * np.log(np.arange(longest, shortest - 1, -1) / period) ** 2
    score = np.concatenate([np.zeros(longest), strength])
    origin = np.zeros(len(score), np.int64)
    for frame in range(longest, len(score)):
        candidates = score[frame - longest : frame - shortest + 1] - penalty
        best = int(candidates.argmax())
        origin[frame] = frame - longest + best
        score[frame] += candidates[best]
    frame = len(score) - int(period) + int(score[-int(period) :].argmax())
    path = []
    while frame >= longest:
        path.append(frame - longest)
        frame = int(origin[frame])
    return np.array(path[::-1], np.int64)
