"""What is its timbre?

librosa 0.11 is the definition of each column (https://librosa.org/doc/0.11.0/feature.html): one short-time Fourier
transform, Hann window, frames of 2,048 samples every 512, zeros beyond the ends. Of a frame's power P and magnitude S:
centroid sum(f S) / sum(S); bandwidth sqrt(sum((f - centroid)^2 S) / sum(S)); roll-off, the frequency under which 85 %
of S lies; flatness, geometric over arithmetic mean of P; contrast of seven octave bands, decibels between the means of
the largest and the smallest 2 % of S (D. Jiang et al., Music type classification by spectral contrast feature, ICME
2002); MFCC, 20 terms of the cosine transform of the decibels of 128 mel bands of P; onset strength, the mean rise of
those decibels from frame to frame.

Conventions
-----------
`Spectrum` takes the mono mix at 22,050 Hz block by block. Each feature gives a number or a vector a frame; the columns
are their mean and population standard deviation over all frames, silent ones included, as librosa measures those
(centroid 0 Hz, flatness 1). librosa's floor of 80 dB under the loudest bin (log-mel and contrast) looks at the whole
track, in tracks over 15 minutes at each 15 minutes, which bounds the memory.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Heard, Mix, Samples, unknown
from workbench.features.frames import Framer, spectra
from workbench.models import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["FRAME", "HOP", "Spectrum", "mel_filters"]

FRAME: Final = 2048
HOP: Final = 512
PART: Final = 15 * 60 * SAMPLE_RATE_HZ // HOP
"""Frames of a quarter of an hour: what is kept before it is summed up."""
BATCH: Final = 8
"""Blocks of frames that are described at a time."""
POWERS: Final = ("mel", "low", "high")
"""What is measured as power and becomes decibels."""
MFCCS: Final = 20
MELS: Final = 128
ROLLOFF_SHARE: Final = 0.85
LEAST_POWER: Final = 1e-10
DYNAMIC_RANGE_DB: Final = 80.0
OCTAVES: Final = (0, 200, 400, 800, 1600, 3200, 6400, 12_800)
EXTREME_SHARE: Final = 0.02

SHAPES: Final = ("spectral_centroid_hz", "spectral_bandwidth_hz", "spectral_rolloff_hz", "spectral_flatness")
TIMBRE: Final = ("zero_crossing_rate", *SHAPES, "spectral_contrast_db", "mfcc", "onset_strength_db")

Floats = npt.NDArray[np.float64]
Frames = dict[str, Samples]


class Spectrum:
    """Takes the mono mix block by block and gives the columns of timbre at the end."""

    def __init__(self, *, most_frames: int = PART) -> None:
        self.most_frames = most_frames
        self.framer = Framer(FRAME, HOP)
        self.chunks: list[Frames] = []
        self.held = 0
        self.moments: dict[str, Moments] = {}
        self.last_mel: Samples | None = None

    def add(self, mix: Mix) -> None:
        """Take the next samples."""
        self._take(self.framer.add(mix.y))

    def frames(self) -> Frames:
        """Every feature of each frame of a whole track, time on the first axis; for tracks of up to 15 minutes."""
        self._take(self.framer.finish())
        return _joined(list(self._described()))

    def columns(self, heard: Heard) -> Columns:
        """Means and standard deviations of the frames' features.

        The shape of silence (under -80 dBFS) is unknown, its level is not; under a frame of sound nothing is known.
        """
        if heard.samples < FRAME:
            return unknown(_names("rms", *TIMBRE), Unknown.TOO_SHORT)
        self._take(self.framer.finish())
        self._sum_up()
        columns = {column: value for name, moments in self.moments.items() for column, value in moments.columns(name)}
        return columns | unknown(_names(*TIMBRE) if heard.silent else (), Unknown.SILENT)

    def _take(self, frames: Samples) -> None:
        if not len(frames):
            return
        self.chunks.append(_measured(frames))
        self.held += len(frames)
        if self.held >= self.most_frames:
            self._sum_up()

    def _sum_up(self) -> None:
        """Add the frames that are held to the moments, and let them go."""
        for part in self._described():
            for name, values in part.items():
                self.moments[name] = self.moments.get(name, Moments()).joined(values)

    def _described(self) -> Iterator[Frames]:
        """The features of the frames that are held, some at a time; what has been described is let go."""
        loudest = {name: max((chunk[name].max() for chunk in self.chunks), default=0) for name in POWERS}
        while self.chunks:
            batch, self.chunks = self.chunks[:BATCH], self.chunks[BATCH:]
            part = _joined(batch)
            last_mel = part["mel"][-1:].copy()
            yield _described(part, loudest, self.last_mel)
            self.last_mel = last_mel
        self.held = 0


class Moments:
    """Count, mean and sum of squared deviations of values that come in parts.

    Parts are joined after T. Chan, G. Golub and R. LeVeque, Updating formulae and a pairwise algorithm for computing
    sample variances, 1979.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(())
        self.squares: Floats = np.zeros(())

    def joined(self, values: Samples) -> Moments:
        """These moments with those of more values, ndarray (n,) or (n, k)."""
        both = Moments()
        mean = values.mean(axis=0, dtype=np.float64)
        both.count = self.count + len(values)
        shift = mean - self.mean
        both.mean = self.mean + shift * (len(values) / both.count)
        squares = values.var(axis=0, dtype=np.float64) * len(values)
        both.squares = self.squares + squares + shift**2 * (self.count * len(values) / both.count)
        return both

    def columns(self, name: str) -> Iterable[tuple[str, float | Samples]]:
        """Mean and standard deviation as columns."""
        for statistic, value in (("mean", self.mean), ("std", np.sqrt(self.squares / self.count))):
            yield f"{name}_{statistic}", float(value) if np.ndim(value) == 0 else value.astype(np.float32)


def _measured(frames: Samples) -> Frames:
    """What a frame has by itself, and the levels that its track's loudest moment puts a floor under."""
    from workbench.features import spectrum_kernels as kernels

    count = len(frames)
    rms, crossings = kernels.hop_levels(np.asarray(frames.base), count, FRAME, HOP)
    shapes, mel = np.empty((count, len(SHAPES)), np.float32), np.empty((count, MELS), np.float32)
    extremes = np.empty((count, len(OCTAVES) - 1, 2), np.float32)
    first = 0
    for spectrum in spectra(frames, window()):
        here = slice(first, first + len(spectrum))
        rows = shapes[here], mel[here], extremes[here]
        kernels.describe(spectrum, frequencies(), ROLLOFF_SHARE, mel_filters(), contrast_bands(), *rows)
        first += len(spectrum)
    low, high = extremes[:, :, 0], extremes[:, :, 1]
    return {"rms": rms, "zero_crossing_rate": crossings, "shapes": shapes, "mel": mel, "low": low, "high": high}


def _joined(chunks: list[Frames]) -> Frames:
    return {name: np.concatenate([chunk.pop(name) for chunk in chunks]) for name in list(chunks[0])}


def _described(part: Frames, loudest: Mapping[str, float], before: Samples | None) -> Frames:
    """The features of consecutive frames; the first rises from the mel levels `before` it, ndarray (1, mels)."""
    powers = {name: part.pop(name) for name in POWERS}
    powers["mel"] = np.concatenate([powers["mel"][:1] if before is None else before, powers["mel"]])
    levels = {name: _decibels(power, loudest[name]) for name, power in powers.items()}
    shapes, mel = part.pop("shapes"), levels["mel"]
    return {
        **part,
        **{name: shapes[:, place] for place, name in enumerate(SHAPES)},
        "spectral_contrast_db": levels["high"] - levels["low"],
        "mfcc": mel[1:] @ cosines(),
        "onset_strength_db": np.maximum(np.diff(mel, axis=0), 0).mean(axis=1),
    }


def _decibels(power: Samples, loudest: float) -> Samples:
    """Decibels, at most 80 under the loudest of the track."""
    floor = max(LEAST_POWER, max(loudest, LEAST_POWER) * 10 ** (-DYNAMIC_RANGE_DB / 10))
    levels = np.log10(np.maximum(power, np.float32(floor)))
    levels *= 10
    return np.asarray(levels)


def _names(*features: str) -> list[str]:
    return [f"{name}_{statistic}" for name in features for statistic in ("mean", "std")]


@cache
def window() -> Floats:
    """Hann window that goes on periodically, ndarray (FRAME,), in double precision, as librosa's.

    Single precision would round 130 dB under a frame's loudest tone and move a bandwidth by up to 0.05 Hz; it would
    save 6 % of the whole analysis.
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)


@cache
def frequencies() -> Samples:
    """Middle of each bin in Hz, ndarray (bins,)."""
    return np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE_HZ).astype(np.float32)


@cache
def mel_filters() -> tuple[npt.NDArray[np.int64], Samples]:
    """128 triangles of equal area, 0 to 11,025 Hz: the corners at or under each bin, and its two weights, (bins, 2).

    A bin between two corners lies in two filters: one that falls there and one that rises. On the scale of M. Slaney,
    Auditory toolbox, 1998: linear under 1,000 Hz, then 27 steps for a factor of 6.4.
    """
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE_HZ)
    linear, ratio = 200 / 3, np.log(6.4) / 27
    top = 15 + np.log(SAMPLE_RATE_HZ / 2 / 1000) / ratio
    mels = np.linspace(0, top, MELS + 2)
    corners = np.where(mels < 15, mels * linear, 1000 * np.exp(ratio * (mels - 15)))  # noqa: PLR2004  1,000 Hz
    under = np.clip(np.searchsorted(corners, hz, side="right"), 1, MELS + 1)
    share = np.clip((hz - corners[under - 1]) / (corners[under] - corners[under - 1]), 0, 1)
    height = np.concatenate([[0], 2 / (corners[2:] - corners[:-2]), [0]])
    return under, np.stack([(1 - share) * height[under - 1], share * height[under]], axis=1).astype(np.float32)


@cache
def contrast_bands() -> npt.NDArray[np.int64]:
    """First bin, end and number of extreme bins of each octave band, ndarray (7, 3); edges are shared as in librosa."""
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE_HZ)
    bands = []
    for octave, (low, high) in enumerate(pairwise(OCTAVES)):
        inside = np.flatnonzero((hz >= low) & (hz <= high))
        first, end = int(inside[0]) - (octave > 0), int(inside[-1]) + 1
        last = octave == len(OCTAVES) - 2
        count = max(1, round(EXTREME_SHARE * (end - first)))
        bands.append((first, end - (not last), count))
    return np.array(bands)


@cache
def cosines() -> Samples:
    """Orthonormal cosine transform of type II, ndarray (mels, mfccs)."""
    places = np.pi * (np.arange(MELS) + 0.5) / MELS
    matrix = np.sqrt(2 / MELS) * np.cos(places[:, None] * np.arange(MFCCS))
    matrix[:, 0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)
