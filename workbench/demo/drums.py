"""How does one stroke on an invented drum sound?

Conventions
-----------
A stroke is up to three layers: a membrane (a sine that falls in pitch), a noise in a band, and a metal (six square
waves at inharmonic ratios, the way the cymbals of analogue drum machines were made; ratios after the Roland TR-808
service notes, 1981). Mono float32, starts at full strength at once: the attack is the beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRUMS", "Drum", "stroke"]

METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
SILENCE = 6.9  # time constants until a layer has fallen by 60 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class Drum:
    """Recipe of a drum.

    Attributes
    ----------
    tone : tuple of float or None
        Start Hz, end Hz, seconds of the fall, seconds of decay, level.
    noise : tuple of float or None
        Low Hz, high Hz, seconds of decay, level.
    metal : tuple of float or None
        High-pass Hz, seconds of decay, level.
    claps : int
        How many times the noise starts again, 11 ms apart.
    pan : float
        -1 left to 1 right.
    """

    tone: tuple[float, float, float, float, float] | None = None
    noise: tuple[float, float, float, float] | None = None
    metal: tuple[float, float, float] | None = None
    claps: int = 1
    pan: float = 0.0


DRUMS: Final[dict[str, Drum]] = {
    "deep kick": Drum(tone=(220, 46, 0.030, 0.13, 1.0), noise=(1500, 7000, 0.008, 0.35)),
    "round kick": Drum(tone=(150, 55, 0.025, 0.10, 1.0), noise=(1000, 4000, 0.005, 0.18)),
    "tight kick": Drum(tone=(210, 62, 0.018, 0.07, 1.0), noise=(2000, 7000, 0.005, 0.25)),
    "rock kick": Drum(tone=(130, 58, 0.020, 0.09, 1.0), noise=(1500, 5000, 0.008, 0.35)),
    "soft kick": Drum(tone=(85, 50, 0.040, 0.14, 0.8)),
    "feathered kick": Drum(tone=(95, 60, 0.020, 0.06, 0.6)),
    "rock snare": Drum(tone=(220, 180, 0.02, 0.06, 0.6), noise=(900, 9000, 0.075, 0.9)),
    "break snare": Drum(tone=(260, 210, 0.02, 0.045, 0.6), noise=(1200, 10000, 0.055, 1.0)),
    "disco snare": Drum(tone=(200, 170, 0.02, 0.05, 0.5), noise=(1500, 9000, 0.06, 0.8)),
    "brush": Drum(noise=(1500, 7000, 0.05, 0.5), pan=-0.1),
    "rim": Drum(tone=(1700, 1650, 0.01, 0.012, 0.7), noise=(2000, 6000, 0.008, 0.3), pan=0.2),
    "clap": Drum(noise=(900, 5000, 0.055, 0.9), claps=4, pan=0.1),
    "closed hat": Drum(noise=(7000, 10800, 0.012, 0.5), metal=(7000, 0.016, 0.4), pan=0.3),
    "pedal hat": Drum(noise=(5000, 10000, 0.02, 0.5), metal=(5000, 0.02, 0.2), pan=0.3),
    "open hat": Drum(noise=(6500, 10800, 0.09, 0.5), metal=(6500, 0.1, 0.5), pan=0.3),
    "shaker": Drum(noise=(5000, 9500, 0.025, 0.4), pan=-0.4),
    "tambourine": Drum(noise=(6000, 10500, 0.04, 0.4), metal=(7500, 0.05, 0.5), pan=-0.3),
    "ride": Drum(noise=(5000, 10000, 0.03, 0.12), metal=(4500, 0.22, 0.6), pan=-0.3),
    "crash": Drum(noise=(3000, 10800, 0.35, 0.7), metal=(4000, 0.4, 0.4), pan=-0.2),
    "tom": Drum(tone=(150, 100, 0.05, 0.13, 0.9), noise=(600, 3000, 0.01, 0.2), pan=0.25),
    "frame drum": Drum(tone=(120, 82, 0.03, 0.12, 0.8), noise=(500, 2500, 0.012, 0.2)),
}
"""Every drum that a groove may name."""


def stroke(drum: Drum, *, sr: int, seed: int = 0) -> NDArray[np.float32]:
    """Samples of one stroke.

    Parameters
    ----------
    drum : Drum
        The recipe.
    sr : int
        Sample rate in Hz.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray (n,) float32
        Mono; n is where the longest layer has fallen by 60 dB.
    """
    size = int(SILENCE * _longest_s(drum) * sr)
    rng = np.random.default_rng(seed)
    y = np.zeros(size)
    if drum.tone:
        y += _membrane(drum.tone, size, sr)
    if drum.noise:
        y += _noise(drum.noise, drum.claps, size, sr, rng)
    if drum.metal:
        y += _metal(drum.metal, size, sr)
    y[-32:] *= np.linspace(1, 0, 32)
    return y.astype(np.float32)


def _longest_s(drum: Drum) -> float:
    decays = [
        drum.tone and drum.tone[3],
        drum.noise and drum.noise[2] + 0.011 * drum.claps / SILENCE,
        drum.metal and drum.metal[1],
    ]
    return max(decay for decay in decays if decay)


def _membrane(tone: tuple[float, float, float, float, float], size: int, sr: int) -> NDArray[np.float64]:
    start_hz, end_hz, fall_s, decay_s, level = tone
    seconds = np.arange(size) / sr
    cycles = end_hz * seconds + (start_hz - end_hz) * fall_s * (1 - np.exp(-seconds / fall_s))
    return np.asarray(level * np.sin(2 * np.pi * cycles) * np.exp(-seconds / decay_s))


def _noise(
    noise: tuple[float, float, float, float], claps: int, size: int, sr: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    from scipy.signal import butter, sosfilt

    low_hz, high_hz, decay_s, level = noise
    seconds = np.arange(size) / sr
    band = butter(2, [low_hz, min(high_hz, 0.47 * sr)], "bandpass", fs=sr, output="sos")
    y = sosfilt(band, rng.uniform(-1, 1, size))
    starts = [0.011 * again for again in range(claps)]
    shape = np.max([np.where(seconds >= at, np.exp(-(seconds - at) / (decay_s if at == starts[-1] else 0.008)), 0)
                    for at in starts], axis=0)  # fmt: skip
    return np.asarray(level * shape * y / np.sqrt(np.mean(y**2)) * 0.5)


def _metal(metal: tuple[float, float, float], size: int, sr: int) -> NDArray[np.float64]:
    from scipy.signal import butter, sosfilt

    high_pass_hz, decay_s, level = metal
    seconds = np.arange(size) / sr
    squares = np.sum([np.sign(np.sin(2 * np.pi * 1.7 * hertz * seconds)) for hertz in METAL_HZ], axis=0)
    y = sosfilt(butter(3, min(high_pass_hz, 0.45 * sr), "highpass", fs=sr, output="sos"), squares)
    return np.asarray(level * y * np.exp(-seconds / decay_s) / 2)
