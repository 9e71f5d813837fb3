"""How does one note of an invented instrument sound?

Four kinds of synthesis: additive (a list of partials), frequency modulation (J. M. Chowning, "The Synthesis of Complex
Audio Spectra by Means of Frequency Modulation", JAES 21, 1973), plucked strings (K. Karplus and A. Strong, "Digital
Synthesis of Plucked-String and Drum Timbres", CMJ 7, 1983) and filtered saws (subtractive; only partials below the
Nyquist frequency, so that nothing aliases).

Conventions
-----------
Pitches are MIDI numbers, 69 = A4 = 440 Hz, equal temperament. A note is mono float32, peak near 1, and begins
and ends at zero so that it never clicks. The same arguments give the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["VOICES", "Voice", "note"]

A4_MIDI = 69
A4_HZ = 440.0
EDGE_S = 0.004
VIBRATO_HZ = 5.4
TABLE = 2**16
SINE = (1.0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Recipe of an instrument.

    Attributes
    ----------
    kind : str
        Which synthesis makes the raw tone.
    attack_s, decay_s, sustain, release_s : float
        Envelope; `sustain` is the level, 0 to 1, that the decay tends to.
    partials : tuple of float
        Levels of the harmonics 1, 2, 3 .. (additive).
    ratio, index, index_decay_s : float
        Modulator over carrier frequency, depth in radians, and how fast the depth falls (fm).
    detune_cents : tuple of float
        One saw for each entry (saws).
    brightness : float
        0 to 1, share of high frequencies in the pluck (pluck).
    bright_hz, dark_hz, sweep_s : float
        The low-pass goes from bright to dark while the note sounds; 0 means no filter.
    vibrato_cents : float
        Depth of a 5.4 Hz vibrato that grows in over the first quarter second.
    breath : float
        Level of noise in the attack (chiff, bow, breath).
    """

    kind: Literal["additive", "fm", "pluck", "saws"]
    attack_s: float = 0.005
    decay_s: float = 0.5
    sustain: float = 0.0
    release_s: float = 0.08
    partials: tuple[float, ...] = (1.0,)
    ratio: float = 1.0
    index: float = 1.0
    index_decay_s: float = 0.3
    detune_cents: tuple[float, ...] = (0.0,)
    brightness: float = 0.5
    bright_hz: float = 0.0
    dark_hz: float = 0.0
    sweep_s: float = 0.2
    vibrato_cents: float = 0.0
    breath: float = 0.0


VOICES: Final[dict[str, Voice]] = {
    "warm pad": Voice(
        kind="saws", detune_cents=(-9, 0, 8), attack_s=0.5, decay_s=2, sustain=0.9, release_s=0.9,
        bright_hz=1100, dark_hz=650, sweep_s=1.5,
    ),
    "glass pad": Voice(
        kind="additive", partials=(1, 0.1, 0.35, 0.05, 0.2, 0, 0.1), attack_s=0.4, decay_s=2, sustain=0.9,
            release_s=1.0,
        vibrato_cents=5,
    ),
    "bell": Voice(kind="fm", ratio=3.5, index=1.6, index_decay_s=0.5, attack_s=0.002, decay_s=0.9, release_s=0.5),
    "kalimba": Voice(kind="fm", ratio=5.0, index=0.7, index_decay_s=0.06, attack_s=0.002, decay_s=0.5, release_s=0.3),
    "sub": Voice(kind="additive", partials=(1, 0.25, 0.08), attack_s=0.03, decay_s=1, sustain=0.8, release_s=0.15),
    "acid": Voice(kind="saws", decay_s=0.12, sustain=0.25, release_s=0.03, bright_hz=2600, dark_hz=420, sweep_s=0.06),
    "rolling bass": Voice(kind="saws", decay_s=0.2, sustain=0.3, release_s=0.03, bright_hz=700, dark_hz=180,
        sweep_s=0.05),
    "stab": Voice(
        kind="saws", detune_cents=(-7, 7), decay_s=0.16, release_s=0.06, bright_hz=3200, dark_hz=600, sweep_s=0.09,
    ),
    "metal stab": Voice(kind="fm", ratio=1.41, index=2.2, index_decay_s=0.12, decay_s=0.18, release_s=0.06),
    "finger bass": Voice(kind="fm", ratio=1.0, index=1.8, index_decay_s=0.12, decay_s=0.4, sustain=0.2, release_s=0.05),
    "slap bass": Voice(kind="pluck", brightness=0.75, decay_s=0.5, release_s=0.04),
    "string section": Voice(
        kind="saws", detune_cents=(-14, -5, 6, 13), attack_s=0.09, decay_s=1, sustain=0.85, release_s=0.22,
        bright_hz=4200, dark_hz=3000, sweep_s=0.6, vibrato_cents=9,
    ),
    "brass section": Voice(
        kind="saws", detune_cents=(-6, 5), attack_s=0.03, decay_s=0.3, sustain=0.75, release_s=0.09,
        bright_hz=1900, dark_hz=2900, sweep_s=0.08,
    ),
    "electric piano": Voice(
        kind="fm", ratio=1.0, index=1.3, index_decay_s=0.35, attack_s=0.003, decay_s=1.1, sustain=0.1, release_s=0.12,
    ),
    "clavinet": Voice(kind="pluck", brightness=0.95, decay_s=0.25, release_s=0.03),
    "reese": Voice(
        kind="saws", detune_cents=(-22, 0, 21), attack_s=0.01, decay_s=1, sustain=0.9, release_s=0.06,
        bright_hz=900, dark_hz=380, sweep_s=0.4,
    ),
    "air pad": Voice(
        kind="saws", detune_cents=(-12, 11), attack_s=0.2, decay_s=1, sustain=0.8, release_s=0.4,
        bright_hz=2600, dark_hz=1500, sweep_s=0.8,
    ),
    "square lead": Voice(
        kind="additive", partials=(1, 0, 0.33, 0, 0.2, 0, 0.14, 0, 0.11), attack_s=0.006, decay_s=0.2, sustain=0.5,
        release_s=0.06, vibrato_cents=8,
    ),
    "electric guitar": Voice(kind="pluck", brightness=0.7, decay_s=2.2, release_s=0.05),
    "lead guitar": Voice(
        kind="saws", attack_s=0.008, decay_s=1.5, sustain=0.7, release_s=0.07, bright_hz=2600, dark_hz=1700,
        vibrato_cents=18,
    ),
    "pick bass": Voice(kind="pluck", brightness=0.5, decay_s=1.2, release_s=0.05),
    "steel guitar": Voice(kind="pluck", brightness=0.6, decay_s=1.3, release_s=0.15),
    "nylon guitar": Voice(kind="pluck", brightness=0.3, decay_s=1.0, release_s=0.15),
    "fiddle": Voice(
        kind="saws", attack_s=0.035, decay_s=0.5, sustain=0.85, release_s=0.07, bright_hz=3600, dark_hz=2600,
        sweep_s=0.3, vibrato_cents=16, breath=0.08,
    ),
    "accordion": Voice(
        kind="additive", partials=(1, 0.8, 0.6, 0.65, 0.3, 0.35, 0.2, 0.2, 0.12, 0.1), attack_s=0.03, decay_s=0.5,
        sustain=0.9, release_s=0.05, vibrato_cents=9,
    ),
    "whistle": Voice(
        kind="additive", partials=(1, 0.25, 0.06), attack_s=0.03, decay_s=0.5, sustain=0.9, release_s=0.05,
        vibrato_cents=20, breath=0.2,
    ),
    "upright bass": Voice(kind="pluck", brightness=0.12, decay_s=0.8, release_s=0.06),
    "piano": Voice(
        kind="additive", partials=(1, 0.6, 0.35, 0.28, 0.16, 0.12, 0.06, 0.05, 0.03), attack_s=0.003, decay_s=0.7,
        sustain=0.04, release_s=0.1, breath=0.06,
    ),
    "saxophone": Voice(
        kind="additive", partials=(1, 0.75, 0.6, 0.7, 0.35, 0.25, 0.2, 0.1, 0.08), attack_s=0.03, decay_s=0.4,
        sustain=0.75, release_s=0.07, vibrato_cents=22, breath=0.15,
    ),
    "vibraphone": Voice(kind="fm", ratio=4.0, index=0.6, index_decay_s=0.15, decay_s=1.0, release_s=0.25),
    "muted trumpet": Voice(
        kind="additive", partials=(0.5, 0.5, 0.7, 0.8, 1, 0.7, 0.5, 0.4, 0.3, 0.2), attack_s=0.025, decay_s=0.3,
        sustain=0.7, release_s=0.05, vibrato_cents=14, breath=0.1,
    ),
    "organ": Voice(
        kind="additive", partials=(1, 0.75, 0.45, 0.55, 0.08, 0.25, 0.03, 0.3), attack_s=0.012, decay_s=0.09,
        sustain=0.72, release_s=0.07, breath=0.22,
    ),
    "reed organ": Voice(
        kind="additive", partials=(0.8, 1, 0.55, 0.3, 0.4, 0.18, 0.12, 0.1, 0.08), attack_s=0.018, decay_s=0.1,
        sustain=0.72, release_s=0.07, breath=0.18,
    ),
    "pedal": Voice(kind="additive", partials=(1, 0.6, 0.15, 0.2), attack_s=0.015, decay_s=0.12, sustain=0.75,
        release_s=0.07),
    "harpsichord": Voice(kind="pluck", brightness=1.0, decay_s=0.7, release_s=0.06),
}  # fmt: skip
"""Every instrument that a style may name."""


def note(voice: Voice, pitch: int, duration_s: float, *, sr: int, seed: int = 0) -> NDArray[np.float32]:
    """Samples of one note, release included.

    Parameters
    ----------
    voice : Voice
        The instrument.
    pitch : int
        MIDI number.
    duration_s : float
        Seconds that the key is held; the release follows.
    sr : int
        Sample rate in Hz.
    seed : int
        Of the noise in plucks and breaths.

    Returns
    -------
    ndarray (n,) float32
        Mono, n = (duration_s + release_s) * sr.
    """
    rng = np.random.default_rng([seed, pitch])
    size = int((duration_s + voice.release_s) * sr)
    hertz = A4_HZ * 2 ** ((pitch - A4_MIDI) / 12)
    y = _raw(voice, hertz, size, sr, rng)
    if voice.bright_hz:
        y = _swept(y, voice, hertz, sr)
    if voice.breath:
        y = y + _breath(voice, hertz, size, sr, rng)
    y = y * _envelope(voice, duration_s, size, sr)
    return np.asarray(y / max(float(np.abs(y).max()), 1e-9), np.float32)


def _raw(voice: Voice, hertz: float, size: int, sr: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if voice.kind == "pluck":
        return _pluck(voice, hertz, size, sr, rng)
    cycles = _cycles(voice, hertz, size, sr)
    if voice.kind == "fm":
        depth = voice.index * np.exp(-np.arange(size) / (voice.index_decay_s * sr))
        return _wave(cycles + depth / (2 * np.pi) * _wave(voice.ratio * cycles, SINE), SINE)
    audible = int(0.45 * sr / hertz)
    if voice.kind == "additive":
        return _wave(cycles, voice.partials[:audible])
    saw = tuple(1 / k for k in range(1, audible + 1))
    return np.asarray(
        np.sum([_wave(cycles * 2 ** (cents / 1200) + rng.random(), saw) for cents in voice.detune_cents], axis=0)
    )


def _cycles(voice: Voice, hertz: float, size: int, sr: int) -> NDArray[np.float64]:
    """Phase in cycles, with the vibrato."""
    seconds = np.arange(size) / sr
    if not voice.vibrato_cents:
        return hertz * seconds
    depth = (2 ** (voice.vibrato_cents / 1200) - 1) * np.minimum(seconds / 0.25, 1) / (2 * np.pi * VIBRATO_HZ)
    return np.asarray(hertz * (seconds - depth * np.cos(2 * np.pi * VIBRATO_HZ * seconds)))


def _wave(cycles: NDArray[np.float64], partials: tuple[float, ...]) -> NDArray[np.float64]:
    """Sum of sines, read from a table of one cycle that is fine enough to need no interpolation."""
    return np.asarray(_table(partials)[(cycles * TABLE).astype(np.int64) & (TABLE - 1)], np.float64)


@lru_cache(maxsize=64)
def _table(partials: tuple[float, ...]) -> NDArray[np.float64]:
    spectrum = np.zeros(TABLE // 2 + 1, complex)
    spectrum[1 : len(partials) + 1] = -0.5j * TABLE * np.array(partials)
    return np.asarray(np.fft.irfft(spectrum, TABLE))


def _pluck(voice: Voice, hertz: float, size: int, sr: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise that runs round a delay line and loses its highs; a whole number of samples, then stretched into tune."""
    exact = sr / hertz
    period = max(int(exact - 0.5), 2)
    stretch = (period + 0.5) / exact
    loss = 10 ** (-3 / (hertz * voice.decay_s * 2))
    line = _softened(rng.uniform(-1, 1, period), voice.brightness)
    turns = [line]
    for _ in range(int(size * stretch) // period + 1):
        line = loss * 0.5 * (line + np.concatenate([[turns[-2][-1] if len(turns) > 1 else 0.0], line[:-1]]))
        turns.append(line)
    return np.asarray(np.interp(np.arange(size) * stretch, np.arange(period * len(turns)), np.concatenate(turns)))


def _softened(burst: NDArray[np.float64], brightness: float) -> NDArray[np.float64]:
    """Burst with its harmonics weakened by a slope that the brightness sets, without a constant part."""
    spectrum = np.fft.rfft(burst)
    slope = np.arange(len(spectrum)) ** 1.0
    spectrum *= np.exp(-slope * (1 - brightness) * 0.25) / np.maximum(np.abs(spectrum), 1e-9)
    spectrum[0] = 0
    return np.asarray(np.fft.irfft(spectrum, len(burst)))


def _swept(y: NDArray[np.float64], voice: Voice, hertz: float, sr: int) -> NDArray[np.float64]:
    """Crossfade from a bright to a dark low-pass: a filter envelope at the price of two filters."""
    from scipy.signal import butter, sosfilt

    def low(cutoff: float) -> NDArray[np.float64]:
        corner = min(max(cutoff, 1.5 * hertz), 0.45 * sr)
        return np.asarray(sosfilt(butter(2, corner, fs=sr, output="sos"), y))

    blend = np.exp(-np.arange(len(y)) / (voice.sweep_s * sr))
    return blend * low(voice.bright_hz) + (1 - blend) * low(voice.dark_hz)


def _breath(voice: Voice, hertz: float, size: int, sr: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise around the third harmonic that dies away in 40 ms but for a tenth."""
    from scipy.signal import butter, sosfilt

    edges = np.clip([2 * hertz, 6 * hertz], 100, 0.45 * sr - np.array([200, 0]))
    noise = sosfilt(butter(1, edges, "bandpass", fs=sr, output="sos"), rng.standard_normal(size))
    return np.asarray(voice.breath * 2 * noise * (0.1 + np.exp(-np.arange(size) / (0.04 * sr))))


def _envelope(voice: Voice, duration_s: float, size: int, sr: int) -> NDArray[np.float64]:
    seconds = np.arange(size) / sr
    held = np.exp(-np.maximum(seconds - voice.attack_s, 0) / voice.decay_s)
    level = np.minimum(seconds / voice.attack_s, 1) * (voice.sustain + (1 - voice.sustain) * held)
    release = np.clip((duration_s + voice.release_s - seconds) / voice.release_s, 0, 1) ** 2
    edge = np.clip((size - 1 - np.arange(size)) / (EDGE_S * sr), 0, 1)
    return np.asarray(level * release * edge)
