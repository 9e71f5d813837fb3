"""What are all the columns of one file?"""

from __future__ import annotations

import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from workbench import audio
from workbench.errors import DecodeError
from workbench.features.columns import (
    LOW_RATE_HZ,
    SAMPLE_RATE_HZ,
    Columns,
    Heard,
    Mix,
    Samples,
    Stage,
    record,
    unknown,
)
from workbench.features.cutoff import Cutoff
from workbench.features.loudness import Meter
from workbench.features.rhythm import Rhythm
from workbench.features.spectrum import Spectrum
from workbench.features.tonality import Tonality
from workbench.features.versions import ANALYZER_VERSIONS
from workbench.models import AudioFeatures, Extent, Group, Reason, Stream, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from workbench.models import LearnedFeatures

__all__ = [
    "EXCERPTS",
    "EXCERPT_S",
    "Hearing",
    "Listener",
    "analyze",
    "first_blocks",
    "hear",
    "hear_excerpts",
    "preview",
    "warm",
]

LOSSLESS: Final = {"flac", "pcm", "alac", "ape", "tta", "wavpack"}
EXCERPTS: Final = 4
EXCERPT_S: Final = 15.0
"""Four times 15 s spread over a track give 93 % the same tempo and 87 % the same key as the whole of it."""
FADE_S: Final = 0.05
OF_THE_WHOLE: Final = ("beat_times_s", "beat_regularity", "silence_start_s", "silence_end_s")
"""Columns that excerpts say nothing of."""
STAGES: Final[dict[Group, Callable[[], Stage]]] = {
    Group.RHYTHM: Rhythm,
    Group.TONALITY: Tonality,
    Group.SPECTRUM: Spectrum,
}


def analyze(path: Path, *, groups: Collection[Group] = tuple(Group)) -> AudioFeatures:
    """Every feature of one file, decoded once, in memory that its length hardly changes.

    Parameters
    ----------
    path : Path
        A music file; it is only read.
    groups : collection of Group
        Which columns to measure; those of the file's header come with any.

    Returns
    -------
    AudioFeatures
        Each column of the groups is measured, or None with its reason.

    Raises
    ------
    DecodeError
        The file holds no sound that can be decoded; see `workbench.audio.stream`.
    """
    return hear(path, groups=groups).features


class Listener(Protocol):
    """What listens to the mono mix for itself, in the same pass: `workbench.learned.Listener`."""

    def add(self, y: Samples) -> None:
        """Take the next samples at 22,050 Hz, ndarray (n,)."""

    def finish(self) -> LearnedFeatures | None:
        """What it has heard; None where there was nothing to be heard."""


class Hearing(NamedTuple):
    """What one pass over a file gave: the measured columns, and what the listener heard, if there was one."""

    features: AudioFeatures
    learned: LearnedFeatures | None = None


def hear(
    path: Path, *, groups: Collection[Group] = tuple(Group), listener: Callable[[], Listener] | None = None
) -> Hearing:
    """`analyze`, with a listener beside it: the file is decoded once for both.

    Parameters
    ----------
    path : Path
        A music file; it is only read.
    groups : collection of Group
        Which columns to measure; none where only the listener is wanted.
    listener : callable, optional
        Gives a new `Listener`.

    Raises
    ------
    DecodeError
        As `analyze`.
    """
    heard = _listen(path, groups, listener)
    columns = _header(heard.header) | heard.columns() | {"duration_s": heard.seconds}
    return Hearing(record(columns, versions=_versions(groups), extent=Extent.FULL), heard.learned())


def preview(path: Path) -> AudioFeatures:
    """`analyze` of four excerpts of 15 s spread over a file, for a quick first look.

    What only the whole track can tell is None with the reason ``preview``.

    Raises
    ------
    DecodeError
        As `analyze`.
    """
    return hear_excerpts(path).features


def hear_excerpts(path: Path, *, listener: Callable[[], Listener] | None = None) -> Hearing:
    """`preview`, with a listener beside it.

    A file that is not much longer than the excerpts, does not say how long it is, or holds less than it says, is heard
    as a whole.

    Raises
    ------
    DecodeError
        As `analyze`.
    """
    declared_s = audio.probe(path).duration_s
    if not declared_s or declared_s < 1.5 * EXCERPTS * EXCERPT_S:
        return hear(path, listener=listener)
    starts_s = [(place + 0.5) / EXCERPTS * declared_s - EXCERPT_S / 2 for place in range(EXCERPTS)]
    heard = _join_excerpts(path, starts_s, listener)
    if heard and heard.meter.cancels:
        heard = _join_excerpts(path, starts_s, listener, channel=int(heard.meter.mean_squares.argmax()))
    if not heard:
        return hear(path, listener=listener)
    columns = _header(heard.header) | heard.columns() | unknown(("duration_s", *OF_THE_WHOLE), Unknown.PREVIEW)
    return Hearing(record(columns, versions=_versions(Group), extent=Extent.PREVIEW), heard.learned())


def warm() -> None:
    """Load and compile all that `analyze` and `track_analysis` need, by way of five seconds of a made sound.

    To be run by one process, alone, before several meet a cache of compiled code that is cold: some 30 CPU s, a third
    of them for the curves, which else the first window on a track would take, or two notebooks at once.
    """
    from workbench.features.curves import track_analysis

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
        track_analysis(path)


class Listening:
    """One pass over a file: each block goes to the meter, and its mono mix to every stage.

    Parameters
    ----------
    source : Source
        Of the blocks.
    groups : collection of Group
        What to measure.
    listener : Listener or None
        Listens to the mono mix too.
    channel : int or None
        Which channel stands for the mono mix; None takes the mean of all.
    """

    def __init__(
        self,
        source: audio.Source,
        groups: Collection[Group],
        listener: Listener | None = None,
        channel: int | None = None,
    ) -> None:
        self.listener = listener
        self.header, self.rate_hz, self.channel = source.header, source.sample_rate_hz, channel
        self.meter = Meter(source.sample_rate_hz, source.channels)
        self.cutoff = Cutoff(source.sample_rate_hz) if Group.LEVELS in groups else None
        self.resampler = audio.Resampler(source.sample_rate_hz, SAMPLE_RATE_HZ)
        self.low = audio.Resampler(SAMPLE_RATE_HZ, LOW_RATE_HZ)
        self.stages = [stage() for group, stage in STAGES.items() if group in groups]
        self.samples = 0
        self.energy = 0.0

    def add(self, block: Samples) -> None:
        """Take the next block, ndarray (channels, n)."""
        mix = self.meter.add(block)
        mono = mix if self.channel is None else np.ascontiguousarray(block[self.channel])
        if self.cutoff:
            self.cutoff.add(mono)
        self._take(self.resampler.add(mono))

    def _take(self, y: Samples) -> None:
        self.samples += len(y)
        self.energy += float(np.dot(y, y))
        if self.listener:
            self.listener.add(y)
        self._share(Mix(y, self.low.add(y)))

    def _share(self, mix: Mix) -> None:
        for stage in self.stages:
            stage.add(mix)

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return self.meter.samples / self.rate_hz

    def columns(self) -> Columns:
        """The columns of all groups."""
        self._take(self.resampler.finish())
        self._share(Mix(np.zeros(0, np.float32), self.low.finish()))
        heard = Heard.of(self.samples, self.energy)
        columns = self.meter.columns() | self.cutoff.columns(silent=self.meter.silent) if self.cutoff else {}
        for stage in self.stages:
            columns |= stage.columns(heard)
        return columns | {"sample_rate_hz": self.rate_hz, "channels": self.meter.channels}

    def learned(self) -> LearnedFeatures | None:
        """What the listener has heard; to be asked for after the columns."""
        return self.listener.finish() if self.listener else None


def _listen(
    path: Path, groups: Collection[Group], listener: Callable[[], Listener] | None = None, channel: int | None = None
) -> Listening:
    """Hear a file once; and again by its loudest channel where the channels cancel out."""
    with audio.stream(path) as source:
        heard = Listening(source, groups, listener and listener(), channel)
        for block in source.blocks:
            heard.add(block)
    if heard.meter.cancels and channel is None:
        return _listen(path, groups, listener, int(heard.meter.mean_squares.argmax()))
    return heard


def _join_excerpts(
    path: Path,
    starts_s: Collection[float],
    listener: Callable[[], Listener] | None = None,
    channel: int | None = None,
) -> Listening | None:
    """Hear parts of a file in a row; None where one of them is not there, or of another shape than the first."""
    heard = None
    for start_s in starts_s:
        try:
            with audio.stream(path, start_s=start_s) as source:
                heard = heard or Listening(source, tuple(Group), listener and listener(), channel)
                if (source.sample_rate_hz, source.channels) != (heard.rate_hz, heard.meter.channels):
                    return None
                limit = round(EXCERPT_S * source.sample_rate_hz)
                y = np.concatenate([*first_blocks(source.blocks, limit)], axis=1)
        except DecodeError as error:
            if error.reason is Reason.NO_SAMPLES:
                return None
            raise
        heard.add(_faded(y, round(FADE_S * heard.rate_hz)))
    return heard


def _faded(y: Samples, size: int) -> Samples:
    """Samples that rise from silence and sink into it, so that excerpts join without a click."""
    size = min(size, y.shape[1] // 2)
    gain = np.ones(y.shape[1], np.float32)
    gain[:size] = np.sin(np.pi / 2 * np.arange(size) / max(1, size)) ** 2
    gain[y.shape[1] - size :] = gain[:size][::-1]
    return y * gain


def first_blocks(blocks: Iterable[Samples], limit: int) -> Iterator[Samples]:
    """Blocks up to a number of samples."""
    for block in blocks:
        yield block[:, :limit]
        limit -= block.shape[1]
        if limit <= 0:
            return


def _versions(groups: Iterable[Group]) -> dict[Group, str]:
    return {group: ANALYZER_VERSIONS[group] for group in groups}


def _header(header: Stream) -> Columns:
    no_depth = Unknown.NOT_DECLARED if header.codec in LOSSLESS else Unknown.LOSSY
    return {
        "declared_duration_s": Unknown.NOT_DECLARED if header.duration_s is None else header.duration_s,
        "bit_depth": no_depth if header.bit_depth is None else header.bit_depth,
    }
