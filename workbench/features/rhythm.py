"""Where do notes and hits start, and what pulse do they make?

Two onset curves are made: a note flux (semitone bands C2 to C6 of a long window: pitched notes without drums) and a hit
flux (40 mel bands of a short window, maximum filter against vibrato: S. Böck and G. Widmer, Maximum filter vibrato
suppression for onset detection, DAFx 2013). Each is the mean rise of the compressed bands over two frames, less its
mean over half a second. `workbench.features.tempo` finds tempo and beats in them.

Conventions
-----------
`Rhythm` takes the mono mix block by block. Times are seconds from the start of the track. The bands of the
note flux end at C6 (1,047 Hz), so that it is made from the mix at an eighth of the rate: the same window length in
seconds for an eighth of the work.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.audio import Resampler
from workbench.features.columns import LOW_RATE_HZ, SAMPLE_RATE_HZ, Columns, Heard, Mix, Samples, unknown
from workbench.features.frames import Framer, spectra
from workbench.features.tempo import FRAME_RATE_HZ, HIT_HOP, LEAST_NOTE_FLUX, TEMPO_COLUMNS, pulse
from workbench.models import Unknown

__all__ = ["Rhythm", "onset_times"]

Floats = npt.NDArray[np.float64]

HIT_FRAME: Final = 512
NOTE_RATE_HZ: Final = LOW_RATE_HZ / 2
NOTE_HOP: Final = 64
NOTE_FRAME: Final = 512
LAG: Final = 2
"""Frames over which a rise is taken."""
BATCH: Final = 16
"""Blocks of levels that are turned into a curve at a time."""
PART_S: Final = 15 * 60.0
"""What is kept of the bands before it is turned into a curve."""

SHORTEST_S: Final = 4.0
ONSET_HEIGHT: Final = 0.02
CLEAR_ONSET_HEIGHT: Final = 0.05
"""What a hit needs where no notes start: noise flickers up to 0.04."""
ONSET_NEIGHBOURS_S: Final = 0.03
ONSET_AVERAGE_S: Final = 0.1


class Rhythm:
    """Takes the mono mix block by block and gives the columns of tempo, beats and onsets at the end."""

    def __init__(self) -> None:
        self.hits = Curve(SAMPLE_RATE_HZ, HIT_FRAME, HIT_HOP, mel_bands(), gain=1e4, widened=True)
        self.notes = Curve(NOTE_RATE_HZ, NOTE_FRAME, NOTE_HOP, semitone_bands(), gain=1e3, widened=False)
        self.decimated = Resampler(LOW_RATE_HZ, NOTE_RATE_HZ)

    def add(self, mix: Mix) -> None:
        """Take the next samples."""
        self.hits.add(mix.y)
        self.notes.add(self.decimated.add(mix.low))

    def columns(self, heard: Heard) -> Columns:
        """Tempo, its confidence and alternative, beat times, onset rate and how clear and regular the pulse is.

        Confidence is the lead of the best tempo over every other, 0..1.
        """
        names = (*TEMPO_COLUMNS, "onset_rate_hz", "pulse_clarity")
        if heard.samples < SHORTEST_S * SAMPLE_RATE_HZ:
            return unknown(names, Unknown.TOO_SHORT)
        if heard.silent:
            return unknown(names, Unknown.SILENT)
        note, hit = self.curves()
        flux = float(np.percentile(note, 90))
        height = ONSET_HEIGHT if flux >= LEAST_NOTE_FLUX else CLEAR_ONSET_HEIGHT
        onsets = len(onset_times(hit, height=height)) / (heard.samples / SAMPLE_RATE_HZ)
        return {"onset_rate_hz": onsets} | pulse(note, hit, flux)

    def curves(self) -> tuple[Samples, Samples]:
        """Note flux, one value every 23 ms, and hit flux, one every 12 ms; both never negative."""
        self.notes.add(self.decimated.finish())
        return (
            smoothed(self.notes.finish(), blur_frames=2, rate_hz=NOTE_RATE_HZ / NOTE_HOP),
            smoothed(self.hits.finish(), blur_frames=1, rate_hz=FRAME_RATE_HZ),
        )


class Curve:
    """Takes a signal block by block and gives the mean rise of its bands over two frames.

    Levels are compressed as log(1 + gain S), S relative to the loudest of the track, in tracks over a quarter of an
    hour to the loudest so far.
    """

    def __init__(self, rate_hz: float, frame: int, hop: int, bands: Samples, *, gain: float, widened: bool) -> None:
        self.framer = Framer(frame, hop)
        self.window = np.hanning(frame).astype(np.float32)
        self.bands, self.gain, self.widened = bands, gain, widened
        self.part = int(PART_S * rate_hz / hop)
        self.chunks: list[Samples] = []
        self.held = 0
        self.loudest = 0.0
        self.rises: list[Samples] = []

    def add(self, y: Samples) -> None:
        """Take the next samples, ndarray (n,) float32."""
        self._take(self.framer.add(y))

    def finish(self) -> Samples:
        """One value a frame, ndarray (frames,)."""
        self._take(self.framer.finish())
        self._rise()
        return np.concatenate([np.zeros(LAG, np.float32), *self.rises])

    def _take(self, frames: Samples) -> None:
        from workbench.features.rhythm_kernels import magnitudes

        for spectrum in spectra(frames, self.window):
            levels = magnitudes(spectrum) @ self.bands
            self.loudest = max(self.loudest, float(levels.max()))
            self.chunks.append(levels)
            self.held += len(levels)
        if self.held >= self.part:
            self._rise()

    def _rise(self) -> None:
        """Turn the levels that are held into rises, some at a time; the last stay, for the next to rise from."""
        scale = np.float32(self.gain / max(self.loudest, 1e-12))
        while self.held > LAG:
            levels = np.concatenate(self.chunks[:BATCH])
            rest = self.chunks[BATCH:]
            self.held -= len(levels) - LAG
            self.chunks = [levels[-LAG:].copy(), *rest]
            levels *= scale
            np.log1p(levels, out=levels)
            before = _widened(levels[:-LAG]) if self.widened else levels[:-LAG]
            self.rises.append(np.maximum(levels[LAG:] - before, 0).mean(axis=1))


def _widened(levels: Samples) -> Samples:
    """The highest of each band and its neighbours: a maximum filter, which lets a note waver without a rise."""
    highest = levels.copy()
    np.maximum(highest[:, 1:], levels[:, :-1], out=highest[:, 1:])
    np.maximum(highest[:, :-1], levels[:, 1:], out=highest[:, :-1])
    return highest


def onset_times(hit: Samples, *, height: float = ONSET_HEIGHT) -> Floats:
    """Times in seconds at which notes or hits start: local maxima of the hit flux that stand out of their surroundings.

    After the peak picking of S. Böck, F. Krebs and M. Schedl, Evaluating the online capabilities of onset detection
    methods, ISMIR 2012: the largest within 30 ms, and by a fixed height above the mean of 100 ms on both sides.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    around = 2 * round(ONSET_NEIGHBOURS_S * FRAME_RATE_HZ) + 1
    average = uniform_filter1d(hit, 2 * round(ONSET_AVERAGE_S * FRAME_RATE_HZ) + 1)
    peaks = (hit == maximum_filter1d(hit, around)) & (hit > average + height)
    return np.asarray(np.flatnonzero(peaks) / FRAME_RATE_HZ)


def smoothed(rise: Samples, *, blur_frames: float, rate_hz: float) -> Samples:
    """A curve of rises, blurred a little, less its mean over half a second; never negative."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    blurred = gaussian_filter1d(rise, blur_frames)
    return np.asarray(np.maximum(blurred - uniform_filter1d(blurred, int(0.5 * rate_hz)), 0))


@cache
def semitone_bands() -> Samples:
    """Triangles around the 49 semitones C2 to C6, ndarray (bins, 49)."""
    frequencies = np.fft.rfftfreq(NOTE_FRAME, 1 / NOTE_RATE_HZ)
    return _triangles(69 + 12 * np.log2(np.maximum(frequencies, 1) / 440), np.arange(35.0, 86.0))


@cache
def mel_bands() -> Samples:
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
