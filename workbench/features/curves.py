"""How does one track go on over time?

Curves for drawings of one track, by librosa where a picture wants more than the columns do; the beats, the onset
strength and the loudness are those of the columns.

Conventions
-----------
Time is on the last axis, as librosa has it; frames of 2,048 samples every 512 at 22,050 Hz, mono. Times are seconds
from the start of the track.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench import audio
from workbench.features.analysis import first_blocks
from workbench.features.columns import LOW_RATE_HZ, SAMPLE_RATE_HZ, Heard, Mix, Samples
from workbench.features.loudness import BLOCK_STEPS, STEPS_PER_SECOND, Meter, momentary_loudness
from workbench.features.rhythm import Rhythm
from workbench.features.spectrum import FRAME, HOP, Spectrum
from workbench.models import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LONGEST_S", "TrackAnalysis", "track_analysis"]

Floats = npt.NDArray[np.float64]

LONGEST_S: Final = 900.0
"""A quarter of an hour: its spectrogram takes 160 MB."""

SHORTEST_CHROMA_SAMPLES: Final = 3 * SAMPLE_RATE_HZ
CHROMA_BINS: Final = 36
"""Bins an octave of the constant-Q transform, as librosa has it for chroma."""
PIECE: Final = 2 * 60 * SAMPLE_RATE_HZ // HOP
"""Frames whose pitch classes and tempi are found at a time: of a quarter of an hour they would take 2.5 GB."""
MARGIN: Final = 384
"""Frames before and behind a piece that are listened to with it: a tempogram's window, and more than any tone's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAnalysis:
    """The curves of one track, or of a part of it.

    Attributes
    ----------
    times_s : ndarray (frames,)
        Middle of each frame.
    peaks : ndarray (2, frames) float32
        Lowest and highest sample of each 512, the first of which starts in a frame's middle; -1 to 1.
    frequencies_hz : ndarray (1025,)
        Of the spectrogram's bins.
    spectrogram_db : ndarray (1025, frames) float32
        Decibels relative to the loudest bin, down to -80.
    mel_db : ndarray (128, frames) float32
        The same of mel bands, 0 to 11,025 Hz.
    chroma : ndarray (12, frames) float32
        Strength of the pitch classes from C on, relative to each frame's strongest (constant-Q transform).
    onset_strength_db : ndarray (frames,) float32
        Mean rise of the mel bands from frame to frame.
    tempogram : ndarray (384, frames) float32
        Autocorrelation of the onset strength around each frame.
    tempogram_bpm : ndarray (384,)
        Tempo of each of its rows; infinite for the first.
    beat_times_s : ndarray (beats,) float32
        Empty where there is no pulse.
    loudness_times_s : ndarray (steps,)
        End of each 400 ms.
    loudness_lufs : ndarray (steps,)
        Momentary loudness: of 400 ms every 100 ms; NaN for digital silence.
    """

    times_s: Floats
    peaks: Samples
    frequencies_hz: Floats
    spectrogram_db: Samples
    mel_db: Samples
    chroma: Samples
    onset_strength_db: Samples
    tempogram: Samples
    tempogram_bpm: Floats
    beat_times_s: Samples
    loudness_times_s: Floats
    loudness_lufs: Floats


def track_analysis(path: Path, *, start_s: float = 0.0, duration_s: float = LONGEST_S) -> TrackAnalysis:
    """Curves of a music file over time; about 2 CPU s for each minute.

    Parameters
    ----------
    path : Path
        It is only read.
    start_s, duration_s : float
        The part to look at, in seconds; at most a quarter of an hour.

    Raises
    ------
    ValueError
        The part starts before the file, or is not longer than 0 s or longer than a quarter of an hour.
    DecodeError
        As `workbench.audio.stream`.
    """
    if start_s < 0 or not 0 < duration_s <= LONGEST_S:
        asked = f"a part from {start_s:g} s of {duration_s:g} s"
        raise ValueError(f"{asked}: expected a start from 0 on and up to {LONGEST_S:g} s of sound")
    with audio.stream(path, start_s=start_s) as source:
        meter = Meter(source.sample_rate_hz, source.channels)
        resampler = audio.Resampler(source.sample_rate_hz, SAMPLE_RATE_HZ)
        limit = round(duration_s * source.sample_rate_hz)
        parts = [resampler.add(meter.add(block)) for block in first_blocks(source.blocks, limit)]
    y = np.concatenate([*parts, resampler.finish()])
    return _curves(y, momentary_loudness(meter), start_s)


def _curves(y: Samples, loudness: Floats, start_s: float) -> TrackAnalysis:
    from workbench.features.compiled import kept_code

    with kept_code():
        import librosa
        import librosa.feature

    S = np.abs(librosa.stft(y, n_fft=FRAME, hop_length=HOP))
    spectrum = Spectrum(most_frames=S.shape[1] + 1)  # all of them are drawn
    spectrum.add(Mix(y, y[:0]))
    strength = spectrum.frames()["onset_strength_db"]
    tempogram = _tempogram(strength)
    mel = librosa.feature.melspectrogram(S=np.square(S), sr=SAMPLE_RATE_HZ)
    return TrackAnalysis(
        times_s=start_s + np.arange(S.shape[1]) * HOP / SAMPLE_RATE_HZ,
        peaks=_peaks(y, S.shape[1]),
        frequencies_hz=librosa.fft_frequencies(sr=SAMPLE_RATE_HZ, n_fft=FRAME),
        spectrogram_db=librosa.amplitude_to_db(S, ref=np.max),
        mel_db=librosa.power_to_db(mel, ref=np.max),
        chroma=_chroma(y)[:, : S.shape[1]],
        onset_strength_db=strength,
        tempogram=tempogram,
        tempogram_bpm=librosa.tempo_frequencies(len(tempogram), sr=SAMPLE_RATE_HZ, hop_length=HOP),
        beat_times_s=_beat_times_s(y) + np.float32(start_s),
        loudness_times_s=start_s + (np.arange(len(loudness)) + BLOCK_STEPS) / STEPS_PER_SECOND,
        loudness_lufs=loudness,
    )


def _pieces(frames: int) -> Iterator[tuple[slice, slice]]:
    """Frames to listen to at a time, and which of what is heard in them to keep."""
    for start in range(0, frames, PIECE):
        first = max(0, start - MARGIN)
        yield slice(first, start + PIECE + MARGIN), slice(start - first, start - first + min(PIECE, frames - start))


def _tempogram(strength: Samples) -> Samples:
    import librosa

    parts = []
    for heard, kept in _pieces(len(strength)):
        part = librosa.feature.tempogram(onset_envelope=strength[heard], sr=SAMPLE_RATE_HZ, hop_length=HOP)
        parts.append(part[:, kept].astype(np.float32))
    return np.concatenate(parts, axis=1)


def _chroma(y: Samples) -> Samples:
    """Librosa warns of less than 3 s, for its lowest octave, and where it finds no tone to tune by.

    All pieces are tuned alike, by two minutes in the middle.
    """
    import librosa

    padded = np.pad(y, (0, max(0, SHORTEST_CHROMA_SAMPLES - len(y))))
    before = max(0, len(padded) - PIECE * HOP) // 2
    middle = padded[before : before + PIECE * HOP]
    tuning = librosa.estimate_tuning(y=middle, sr=SAMPLE_RATE_HZ, bins_per_octave=CHROMA_BINS) if middle.any() else 0.0
    parts = []
    for heard, kept in _pieces(1 + len(padded) // HOP):
        samples = padded[heard.start * HOP : heard.stop * HOP]
        part = librosa.feature.chroma_cqt(y=samples, sr=SAMPLE_RATE_HZ, hop_length=HOP, tuning=tuning)
        parts.append(np.asarray(part[:, kept], np.float32))
    return np.concatenate(parts, axis=1)


def _peaks(y: Samples, frames: int) -> Samples:
    steps = np.pad(y, (0, frames * HOP - len(y))).reshape(frames, HOP)
    return np.stack([steps.min(axis=1), steps.max(axis=1)])


def _beat_times_s(y: Samples) -> Samples:
    low = audio.Resampler(SAMPLE_RATE_HZ, LOW_RATE_HZ)
    rhythm = Rhythm()
    rhythm.add(Mix(y, np.concatenate([low.add(y), low.finish()])))
    beats = rhythm.columns(Heard.of(len(y), float(np.dot(y, y))))["beat_times_s"]
    return np.zeros(0, np.float32) if isinstance(beats, Unknown) else np.asarray(beats, np.float32)
