"""Sounds whose features are known."""

import numpy as np

from workbench.features.columns import Mix

SR = 22_050
CADENCES = {
    ("C", "major", "8B"): ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)),
    ("A", "minor", "8A"): ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)),
    ("F#", "major", "2B"): ((66, 70, 73), (71, 75, 78), (73, 77, 80), (66, 70, 73)),
}
"""Key, mode and Camelot code -> four chords by MIDI numbers."""


def sine(hz, seconds, *, db=-6.0, sr=SR):
    return 10 ** (db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)


def clicks(times_s, seconds, sr=SR):
    """Short bursts of noise, all alike."""
    burst = 0.8 * np.random.default_rng(1).standard_normal(200) * np.exp(-np.arange(200) / 40)
    y = np.zeros(round(seconds * sr) + len(burst))
    for time_s in times_s:
        start = round(time_s * sr)
        y[start : start + len(burst)] += burst
    return y[: round(seconds * sr)]


def chord(pitches, seconds):
    """Notes by MIDI number with six partials, fading."""
    times = np.arange(round(seconds * SR)) / SR
    notes = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * n * times) / n for n in range(1, 7))
        for pitch in pitches
    ]
    return 0.1 * sum(notes) * np.exp(-2 * times) * np.minimum(1, times * 200)


def noise(exponent, seconds=20, seed=0):
    """Noise whose power falls with the frequency to this exponent: 0 white, 1 pink, 2 brown."""
    spectrum_ = np.fft.rfft(np.random.default_rng(seed).standard_normal(seconds * SR))
    frequencies = np.maximum(np.fft.rfftfreq(seconds * SR, 1 / SR), 20)
    y = np.fft.irfft(spectrum_ * frequencies ** (-exponent / 2))
    return 0.2 * y / y.std()


def speech(seconds=20, seed=0):
    """Syllables of noise through two formants, of random length and loudness, with random gaps."""
    random = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * SR:
        size = round(random.uniform(0.08, 0.35) * SR)
        frequencies = np.fft.rfftfreq(size, 1 / SR)
        formants = sum(
            1 / (1 + ((frequencies - random.uniform(*band)) / 100) ** 2) for band in ((300, 900), (900, 2500))
        )
        syllable = np.fft.irfft(np.fft.rfft(random.standard_normal(size)) * formants, size) * np.hanning(size)
        parts += [syllable * random.uniform(0.3, 1), np.zeros(round(random.exponential(0.08) * SR))]
    y = np.concatenate(parts)[: seconds * SR]
    return 0.3 * y / np.abs(y).max()


def whole(y):
    """A mono signal as the one block that a stage takes."""
    return Mix(np.asarray(y, np.float32), np.zeros(0, np.float32))
