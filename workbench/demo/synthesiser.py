"""How does a score sound?

Every part is rendered to a track of its own (each distinct note once), shaped (distortion, filters, chorus), set to the
level that its style asks for, panned, and mixed with a shared reverb; the whole is brought to the style's loudness.

Conventions
-----------
Samples are stereo float32, shape (n, 2), -1..1, never over `CEILING`. The same score and rate give the same samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demo.drums import DRUMS, stroke
from workbench.demo.styles import STYLES
from workbench.demo.voices import VOICES, note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.demo.composer import Note, Score
    from workbench.demo.styles import Part, Style

__all__ = ["CEILING", "render"]

CEILING = 0.97
KNEE = 0.7
FADE_S = 0.6
BLOCK_S = 0.05
PART_RMS_DB = -20.0
SIXTY_DB = float(np.log(1000))  # time constants in which a level falls by 60 dB


def render(score: Score, *, sr: int = 44_100) -> NDArray[np.float32]:
    """Samples of a whole piece.

    Parameters
    ----------
    score : Score
        What to play.
    sr : int
        Sample rate in Hz.

    Returns
    -------
    ndarray (n, 2) float32
        n = duration_s * sr; the last `FADE_S` fade to zero.
    """
    style = STYLES[score.style]
    size = round(score.duration_s * sr)
    dry, send = np.zeros((2, size), np.float32), np.zeros(size, np.float32)
    for index, part in enumerate(style.parts):
        notes = [one for one in score.notes if one.part == index]
        if notes:
            y = _levelled(_shaped(_part(notes, score, size, sr), part, sr), part.gain_db, sr)
            _mix(dry, send, _placed(y, part, sr), part.reverb)
    if score.hits:
        _mix(dry, send, _drums(score, style, size, sr), style.drums_reverb)
    wet = _reverb(send, style.reverb_s, sr, score.seed)
    return np.ascontiguousarray(_finished(dry + wet, style, sr).T)


def _mix(dry: NDArray[np.float32], send: NDArray[np.float32], y: NDArray[np.float32], reverb: float) -> None:
    """Add a track to the mix; changes its first two arguments, which belong to `render`."""
    dry += y
    send += np.float32(reverb) * y.mean(axis=0)


def _add(y: NDArray[np.float32], sound: NDArray[np.float32], start_s: float, gain: float, sr: int) -> None:
    """Add a sound at a time; changes its first argument."""
    start = round(start_s * sr)
    stop = min(start + sound.shape[-1], y.shape[-1])
    y[..., start:stop] += np.float32(gain) * sound[..., : stop - start]


def _part(notes: Iterable[Note], score: Score, size: int, sr: int) -> NDArray[np.float32]:
    y = np.zeros(size, np.float32)
    sounds: dict[tuple[int, float], NDArray[np.float32]] = {}
    for one in notes:
        kind = (one.pitch, round(one.duration_s, 3))
        if kind not in sounds:
            voice = VOICES[score.voices[one.part]]
            sounds[kind] = note(voice, one.pitch, one.duration_s, sr=sr, seed=score.seed)
        _add(y, sounds[kind], one.start_s, one.velocity, sr)
    return y


def _shaped(y: NDArray[np.float32], part: Part, sr: int) -> NDArray[np.float32]:
    """Distortion, then the filters of an amplifier or a mixing desk."""
    from scipy.signal import butter, sosfilt

    if part.drive:
        y = np.tanh(part.drive * y / max(float(np.abs(y).max()), 1e-9)).astype(np.float32)
    for hertz, kind in ((part.low_hz, "highpass"), (part.high_hz, "lowpass")):
        if hertz:
            y = sosfilt(butter(2, min(hertz, 0.45 * sr), kind, fs=sr, output="sos"), y).astype(np.float32)
    return y


def _rms(y: NDArray[np.float32], sr: int) -> float:
    """RMS of the 50 ms blocks that are within 20 dB of the loudest; of the mean of channels."""
    block = int(BLOCK_S * sr)
    whole = y[..., : y.shape[-1] // block * block].reshape(*y.shape[:-1], -1, block)
    power = np.einsum("...i,...i->...", whole, whole).reshape(-1, whole.shape[-2]).mean(axis=0) / block
    return float(np.sqrt(np.mean(power[power >= power.max() / 100])))


def _levelled(y: NDArray[np.float32], gain_db: float, sr: int) -> NDArray[np.float32]:
    gain = 10 ** ((PART_RMS_DB + gain_db) / 20) / max(_rms(y, sr), 1e-9)
    return (y * np.float32(gain)).astype(np.float32)


def _placed(y: NDArray[np.float32], part: Part, sr: int) -> NDArray[np.float32]:
    """Stereo out of mono: equal-power pan, and a chorus whose two sides move against each other."""
    angle = (part.pan + 1) * np.pi / 4
    sides = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))
    if not part.chorus:
        return sides[:, None] * y
    at = np.arange(len(y))
    swing = 0.004 * sr * np.sin(2 * np.pi * 0.6 * at / sr)
    moved = np.array([np.interp(at - 0.012 * sr - sign * swing, at, y) for sign in (1, -1)], np.float32)
    return sides[:, None] * (y + np.float32(part.chorus) * moved) / np.float32(1 + 0.5 * part.chorus)


def _drums(score: Score, style: Style, size: int, sr: int) -> NDArray[np.float32]:
    y = np.zeros((2, size), np.float32)
    for name in sorted({hit.drum for hit in score.hits}):
        drum = DRUMS[name]
        angle = (drum.pan + 1) * np.pi / 4
        sound = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * stroke(drum, sr=sr, seed=score.seed)
        for hit in score.hits:
            if hit.drum == name:
                _add(y, sound, hit.start_s, hit.velocity, sr)
    return _levelled(y, style.drums_db, sr)


def _reverb(send: NDArray[np.float32], length_s: float, sr: int, seed: int) -> NDArray[np.float32]:
    """Reverberation by decaying noise whose highs die sooner (M. R. Schroeder's and J. A. Moorer's model of a hall)."""
    from scipy.signal import oaconvolve

    rng = np.random.default_rng([seed, 7])
    seconds = np.arange(int(length_s * sr)) / sr
    room = rng.standard_normal((2, len(seconds)), np.float32) * np.exp(-SIXTY_DB * seconds / length_s)
    room = (room + np.roll(room, 1, axis=1)) * np.minimum(seconds / 0.008, 1)
    room /= np.sqrt(np.sum(room**2, axis=1, keepdims=True))
    return np.asarray(oaconvolve(send[None], room.astype(np.float32), axes=1)[:, : len(send)], np.float32)


def _finished(y: NDArray[np.float32], style: Style, sr: int) -> NDArray[np.float32]:
    """To the style's loudness, peaks rounded below the ceiling, the end faded."""
    y = y * np.float32(10 ** (style.loudness_db / 20) / max(_rms(y, sr), 1e-9))
    loud = np.abs(y) > KNEE
    over = (np.abs(y[loud]) - KNEE) / (CEILING - KNEE)
    y[loud] = np.sign(y[loud]) * (KNEE + (CEILING - KNEE) * np.tanh(over))
    fade = int(FADE_S * sr)
    y[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32) ** 2
    return np.asarray(y, np.float32)
