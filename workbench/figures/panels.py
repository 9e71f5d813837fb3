"""How do the curves of one track become pictures of a few hundred columns?

Conventions
-----------
Pictures are whole numbers of one byte, rows from low to high, columns over time; 0 is dark. What is drawn is what was
measured, several frames to a column where there are more frames than columns: their mean in pictures, their extremes in
the waveform and in the loudness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from workbench.features import TrackAnalysis

__all__ = ["BPM_RANGE", "MEL_FLOOR_DB", "RAMP", "TrackPanels", "mel_share", "tempo_share", "track_panels"]

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

RAMP: Final = (
    "#440154",
    "#482878",
    "#3e4989",
    "#31688e",
    "#26828e",
    "#1f9e89",
    "#35b779",
    "#6ece58",
    "#b5de2b",
    "#fde725",
)
"""Ten of the colours of viridis (S. van der Walt, N. Smith, bids.github.io/colormap), which is perceptually uniform."""

FRAME_S: Final = 512 / 22_050
"""From one frame of the curves to the next."""

MEL_FLOOR_DB: Final = -80.0
HIGHEST_HZ: Final = 11_025.0

BPM_RANGE: Final = (40.0, 240.0)
TEMPI: Final = 96
"""Rows of the tempogram, even in the logarithm of the tempo."""

QUIET_DB: Final = -60.0
"""A column none of whose mel bands comes this near to the loudest has no note that would be worth a name."""

NEAR_BEATS: Final = 4
"""The tempo at a beat is that of so many beats before and after it."""
NEAR_S: Final = 2.0
"""Farther than this from every beat there is no tempo."""

MOST_LUFS: Final = 0.0
LEAST_LUFS: Final = -60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPanels:
    """One track, ready to be drawn.

    Attributes
    ----------
    start_s, end_s : float
        The time that the columns span, evenly.
    waveform : ndarray (2, columns) int8
        Lowest and highest sample, -127 to 127.
    mel : ndarray (bands, columns) uint8
        0 is 80 dB under the loudest, 255 the loudest; 0 to 11,025 Hz.
    chroma : ndarray (12, columns) uint8
        From C on; 255 is the frame's strongest.
    tempogram : ndarray (96, columns) uint8
        40 to 240 BPM, even in its logarithm; 255 is a pulse that repeats without a difference.
    beats_s : ndarray (beats,) float32
        Times.
    loudness_lufs : ndarray (columns,) float32
        Momentary loudness, the highest in each column; NaN where there was digital silence or nothing yet.
    loudness_range : tuple of float
        Lowest and highest of its axis.
    notes : ndarray (columns,) int8
        The strongest pitch class; -1 where it is too quiet for one.
    bpm : ndarray (columns,) float32
        Tempo of the beats around; NaN where there are none.
    """

    start_s: float
    end_s: float
    waveform: npt.NDArray[np.int8]
    mel: Bytes
    chroma: Bytes
    tempogram: Bytes
    beats_s: Floats
    loudness_lufs: Floats
    loudness_range: tuple[float, float]
    notes: npt.NDArray[np.int8]
    bpm: Floats


def track_panels(analysis: TrackAnalysis, *, columns: int = 1200, bands: int = 128) -> TrackPanels:
    """The curves of a track, in at most so many columns.

    Parameters
    ----------
    analysis : TrackAnalysis
        As `features.track_analysis` gives it.
    columns : int
        Most columns; a track of fewer frames has fewer.
    bands : int
        Rows of the mel spectrogram; 128 must be a multiple of it.
    """
    edges = _edges(len(analysis.times_s), columns)
    times_s = analysis.times_s[edges]
    mel = _means(analysis.mel_db, edges)
    mel = mel.reshape(bands, -1, mel.shape[1]).mean(axis=1)
    chroma = _means(analysis.chroma, edges)
    low, high = analysis.peaks
    loudness = _highest(analysis.loudness_times_s, analysis.loudness_lufs, times_s)
    waveform = [np.minimum.reduceat(low, edges), np.maximum.reduceat(high, edges)]
    return TrackPanels(
        start_s=float(times_s[0]),
        end_s=float(analysis.times_s[-1]) + FRAME_S,
        waveform=np.rint(127 * np.clip(waveform, -1, 1)).astype(np.int8),
        mel=_quantised(1 - mel / MEL_FLOOR_DB),
        chroma=_quantised(chroma),
        tempogram=_quantised(_means(_even_tempi(analysis.tempogram, analysis.tempogram_bpm), edges)),
        beats_s=analysis.beat_times_s,
        loudness_lufs=loudness,
        loudness_range=_loudness_range(loudness),
        notes=np.where(mel.max(axis=0) > QUIET_DB, chroma.argmax(axis=0), -1).astype(np.int8),
        bpm=_tempi(analysis.beat_times_s, times_s),
    )


def mel_share(hz: float) -> float:
    """Height of a frequency on the mel axis, 0 to 1 (Slaney's scale: linear up to 1 kHz, then logarithmic).

    Examples
    --------
    >>> mel_share(0), round(mel_share(1000), 2), mel_share(11_025)
    (0.0, 0.3, 1.0)
    """
    return _mel(hz) / _mel(HIGHEST_HZ)


def tempo_share(bpm: float) -> float:
    """Height of a tempo on the tempogram's axis, 0 to 1.

    Examples
    --------
    >>> tempo_share(40), round(tempo_share(120), 2), tempo_share(240)
    (0.0, 0.61, 1.0)
    """
    least, most = BPM_RANGE
    return float(np.log(bpm / least) / np.log(most / least))


def _mel(hz: float) -> float:
    """M. Slaney, Auditory Toolbox (1998); librosa's own."""
    return 3 * hz / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000) / np.log(6.4))  # noqa: PLR2004  of the scale


def _edges(frames: int, columns: int) -> npt.NDArray[np.int64]:
    """First frame of each column."""
    return np.arange(min(frames, columns), dtype=np.int64) * frames // min(frames, columns)


def _means(picture: npt.NDArray[np.float32], edges: npt.NDArray[np.int64]) -> Floats:
    widths = np.diff(edges, append=picture.shape[1])
    return np.asarray(np.add.reduceat(picture, edges, axis=1) / widths, np.float32)


def _highest(
    times_s: npt.NDArray[np.float64], values: npt.NDArray[np.float64], starts_s: npt.NDArray[np.float64]
) -> Floats:
    """The highest value from each start to the next; the last before it where there is none in between."""
    highest = np.full(len(starts_s), np.nan, np.float32)
    if not len(values):
        return highest
    first = np.searchsorted(times_s, starts_s, "left")
    past = np.append(first[1:], len(times_s))
    held = np.flatnonzero(past == first)
    filled = np.flatnonzero(past > first)
    known = np.where(np.isnan(values), -np.inf, values)
    highest[filled] = np.maximum.reduceat(known, first[filled])
    held = held[first[held] > 0]
    highest[held] = known[first[held] - 1]
    return np.where(np.isinf(highest), np.float32(np.nan), highest)


def _loudness_range(loudness: Floats) -> tuple[float, float]:
    known = loudness[~np.isnan(loudness)]
    if not len(known):
        return LEAST_LUFS, MOST_LUFS
    highest = max(MOST_LUFS, float(np.ceil(known.max() / 10) * 10))
    return float(np.clip(np.floor(known.min() / 10) * 10, highest + LEAST_LUFS, highest - 20)), highest


def _even_tempi(tempogram: npt.NDArray[np.float32], bpm: npt.NDArray[np.float64]) -> Floats:
    """Rows even in the logarithm of the tempo, each between the two lags around it."""
    wanted = np.geomspace(*BPM_RANGE, TEMPI)
    lags = bpm[1] / wanted
    below = np.clip(np.floor(lags).astype(int), 0, len(bpm) - 2)
    part = (lags - below)[:, np.newaxis].astype(np.float32)
    return np.asarray((1 - part) * tempogram[below] + part * tempogram[below + 1], np.float32)


def _tempi(beats_s: Floats, times_s: npt.NDArray[np.float64]) -> Floats:
    """Tempo at each time by the beats around it."""
    tempi = np.full(len(times_s), np.nan, np.float32)
    if len(beats_s) <= NEAR_BEATS:
        return tempi
    places = np.arange(len(beats_s))
    before, after = np.clip([places - NEAR_BEATS, places + NEAR_BEATS], 0, len(beats_s) - 1)
    own = 60 * (after - before) / (beats_s[after] - beats_s[before])
    nearest = np.abs(times_s[:, np.newaxis] - beats_s).argmin(axis=1) if len(times_s) else before[:0]
    near = np.abs(times_s - beats_s[nearest]) <= NEAR_S
    tempi[near] = own[nearest[near]]
    return tempi


def _quantised(shares: npt.NDArray[np.float32]) -> Bytes:
    """Shares of the brightest, 0 to 1, as bytes."""
    return np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)
