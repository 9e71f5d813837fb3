"""What are all the columns of one file?"""

from __future__ import annotations

import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench import audio
from workbench.features.columns import SAMPLE_RATE_HZ, Columns, Samples, record
from workbench.features.loudness import Meter
from workbench.features.rhythm import rhythm
from workbench.features.spectrum import spectrum
from workbench.features.tonality import tonality
from workbench.models import AudioFeatures, Stream, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ANALYZER_VERSION", "LONGEST_S", "analyze", "warm"]

ANALYZER_VERSION: Final = "librosa-1"
LONGEST_S: Final = 1800
"""Tempo, key and spectrum are those of the first half hour, which bounds the memory; levels and duration see it all."""
LOSSLESS: Final = {"flac", "pcm", "alac", "ape", "tta", "wavpack"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One pass over a file: its header, its level meter, and its mono mix at 22,050 Hz."""

    header: Stream
    sample_rate_hz: int
    meter: Meter
    y: Samples


def analyze(path: Path) -> AudioFeatures:
    """Every feature of one file.

    Parameters
    ----------
    path : Path
        A music file; it is only read.

    Returns
    -------
    AudioFeatures
        Each column is measured, or None with its reason.

    Raises
    ------
    DecodeError
        The file holds no sound that can be decoded; see `workbench.audio.stream`.
    """
    heard = _listen(path)
    if heard.meter.cancels:
        heard = _listen(path, channel=int(heard.meter.mean_squares.argmax()))
    columns = _header(heard) | heard.meter.columns() | spectrum(heard.y) | rhythm(heard.y) | tonality(heard.y)
    return record(columns, analyzer_version=ANALYZER_VERSION)


def warm() -> None:
    """Load and compile all that `analyze` needs, by analysing five seconds of a made sound.

    To be run once in the process that worker processes are forked from.
    """
    times = np.arange(5 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    y = np.sin(2 * np.pi * 440 * times) * (times % 0.5 < 0.25)  # noqa: PLR2004  a tone on for a quarter of a second
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warm.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(2 * SAMPLE_RATE_HZ)  # so that the resampler is loaded too
            file.writeframes((np.repeat(y, 2) * 8000).astype("<i2").tobytes())
        analyze(path)


def _listen(path: Path, *, channel: int | None = None) -> Heard:
    """Decode a file once; the mono signal is one channel, or the mean of all."""
    with audio.stream(path) as source:
        meter = Meter(source.sample_rate_hz, source.channels)
        mono = _metered(source.blocks, meter, channel)
        y = _first(audio.resampled(mono, source.sample_rate_hz, SAMPLE_RATE_HZ), LONGEST_S * SAMPLE_RATE_HZ)
    return Heard(source.header, source.sample_rate_hz, meter, y)


def _metered(blocks: Iterable[Samples], meter: Meter, channel: int | None) -> Iterator[Samples]:
    """Mono blocks, each shown to the meter in passing."""
    for block in blocks:
        meter.add(block)
        yield block.mean(axis=0) if channel is None else block[channel]


def _first(blocks: Iterable[Samples], limit: int) -> Samples:
    """The first samples of a signal, all of which is read."""
    kept, left = [np.zeros(0, np.float32)], limit
    for block in blocks:
        kept.append(block[:left])
        left -= len(kept[-1])
    return np.concatenate(kept)


def _header(heard: Heard) -> Columns:
    header, meter = heard.header, heard.meter
    no_depth = Unknown.NOT_DECLARED if header.codec in LOSSLESS else Unknown.LOSSY
    return {
        "duration_s": meter.samples / heard.sample_rate_hz,
        "declared_duration_s": Unknown.NOT_DECLARED if header.duration_s is None else header.duration_s,
        "sample_rate_hz": heard.sample_rate_hz,
        "bit_depth": no_depth if header.bit_depth is None else header.bit_depth,
        "channels": len(meter.squares),
    }
