"""Which samples are in a file?"""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from workbench.audio.ffmpeg import by_ffmpeg
from workbench.audio.libsndfile import by_libsndfile
from workbench.audio.opening import looks_like_audio, opened
from workbench.audio.records import Audio, Samples, Source
from workbench.audio.wholeness import guesses_length
from workbench.errors import DecodeError
from workbench.models import Reason, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


__all__ = ["decode", "first_samples", "probe", "stream"]

log = logging.getLogger(__name__)
LOUDEST: Final = np.float32(2.0**31)
"""The largest amplitude taken for sound: a float file scaled like 32-bit integers still passes."""
LOWEST_RATE_HZ: Final = 1000
MAX_BYTES: Final = 2 << 30
"""Most memory that `decode` takes by default: 100 minutes of stereo at 44,100 Hz."""


@contextmanager
def stream(path: Path, *, start_s: float = 0.0) -> Iterator[Source]:
    """The samples of a file block by block, while the ``with`` block lasts.

    Parameters
    ----------
    path : Path
        A regular file.
    start_s : float
        Where to begin.

    Raises
    ------
    DecodeError
        EMPTY_FILE, NOT_A_FILE, VANISHED or UNREADABLE for what is no readable file; NOT_AUDIO where neither reader
        finds a stream of sound; UNSUPPORTED where there is no decoder for it, or where it has less than 1,000 samples
        a second; NO_SAMPLES where the stream is empty; TRUNCATED where it is declared but nothing of it can be
        decoded; OUT_OF_MEMORY.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(opened(path))
            yield _source(path, file, start_s, stack)
        except MemoryError as error:
            raise DecodeError(f"{path}: not enough memory to decode it", Reason.OUT_OF_MEMORY) from error


def decode(path: Path, *, max_bytes: int = MAX_BYTES) -> Audio:
    """The whole sound of a file; memory peaks at about twice its size.

    Parameters
    ----------
    path : Path
        A regular file.
    max_bytes : int
        Most memory the samples may take, at 4 bytes each.

    Raises
    ------
    DecodeError
        As `stream`; OUT_OF_MEMORY also where the samples would pass `max_bytes`.
    """
    with stream(path) as source:
        limit = max_bytes // (4 * source.channels)
        y = first_samples(source.blocks, limit + 1)
    if y.shape[1] > limit:
        found = f"more than {limit / source.sample_rate_hz:.0f} s of sound in {source.channels} channels"
        raise DecodeError(f"{path}: {found}; stream it block by block", Reason.OUT_OF_MEMORY)
    return Audio(
        y=y,
        sample_rate_hz=source.sample_rate_hz,
        channels=source.channels,
        bit_depth=source.header.bit_depth,
        declared_duration_s=source.header.duration_s,
    )


def probe(path: Path) -> Stream:
    """What the headers of a file declare, for files whose tags cannot be parsed; its first block must decode.

    The bit rate is the file's size over the declared duration where the headers name none.

    Raises
    ------
    DecodeError
        As `stream`.
    """
    with stream(path) as source:
        return source.header


def _source(path: Path, file: IO[bytes], start_s: float, stack: ExitStack) -> Source:
    """What the first reader that finds a sample makes of the file."""
    head = file.read(64)
    refusals: list[DecodeError] = []
    guessed = start_s == 0 and guesses_length(file)  # libsndfile would end where it guesses
    ffmpeg_first = guessed or b"OpusHead" in head
    for reader in (by_ffmpeg, by_libsndfile) if ffmpeg_first else (by_libsndfile, by_ffmpeg):
        file.seek(0)
        try:
            source = reader(path, file, start_s, stack)
        except DecodeError as error:
            refusals.append(error)
            continue
        first = next(source.blocks, None)
        if first is not None and source.sample_rate_hz < LOWEST_RATE_HZ:
            found = f"{source.header.codec} at {source.sample_rate_hz} Hz"
            raise DecodeError(f"{path}: {found}, which is no rate for music", Reason.UNSUPPORTED)
        if first is not None:
            blocks: Iterator[Samples] = chain([first], source.blocks)
            if source.header.container == "flac" and reader is by_libsndfile and start_s == 0:
                blocks = _past_damage(path, file, replace(source, blocks=blocks), stack)
            return replace(source, header=_with_bit_rate(source.header, file), blocks=_usable(path, blocks))
        refusals.append(_nothing_in(path, source.header, start_s))
    raise _verdict(path, head, refusals)


def _past_damage(path: Path, file: IO[bytes], source: Source, stack: ExitStack) -> Iterator[Samples]:
    """Blocks of a FLAC file, beyond a damaged frame too: libsndfile ends there, FFmpeg leaves out that frame alone."""
    done = 0
    for block in source.blocks:
        done += block.shape[1]
        yield block
    if source.header.duration_s is None or done >= round(source.header.duration_s * source.sample_rate_hz):
        return
    file.seek(0)
    try:
        rest = by_ffmpeg(path, file, 0.0, stack)
    except DecodeError as error:
        log.info("%s", error)
        return
    if (rest.sample_rate_hz, rest.channels) == (source.sample_rate_hz, source.channels):
        yield from _behind(rest.blocks, done)


def _behind(blocks: Iterable[Samples], n: int) -> Iterator[Samples]:
    """What comes after the first n samples of each channel."""
    for block in blocks:
        if block.shape[1] > n:
            yield block[:, n:]
        n = max(0, n - block.shape[1])


def _nothing_in(path: Path, header: Stream, start_s: float) -> DecodeError:
    if start_s > 0 and header.duration_s != 0:
        return DecodeError(f"{path}: no sound after {start_s:g} s", Reason.NO_SAMPLES)
    if header.duration_s == 0:
        return DecodeError(f"{path}: holds no sound: its header declares {header.codec} of 0 s", Reason.NO_SAMPLES)
    length = "unknown length" if header.duration_s is None else f"{header.duration_s:g} s"
    found = f"declares {header.codec} sound of {length}, of which nothing can be decoded; copy it again from its source"
    return DecodeError(f"{path}: {found}", Reason.TRUNCATED)


def _verdict(path: Path, head: bytes, refusals: list[DecodeError]) -> DecodeError:
    """The most telling of the readers' refusals; junk that a reader took for a stream is no audio."""
    for reason in (Reason.UNSUPPORTED, Reason.NO_SAMPLES):
        for refusal in refusals:
            if refusal.reason is reason and looks_like_audio(head):
                return refusal
    if not looks_like_audio(head):
        return DecodeError(f"{path}: is no audio: no format begins with {head[:8]!r}", Reason.NOT_AUDIO)
    if any(refusal.reason is Reason.TRUNCATED for refusal in refusals):
        return next(refusal for refusal in refusals if refusal.reason is Reason.TRUNCATED)
    found = f"begins like audio, but no decoder can read it ({'; '.join(_findings(path, refusals))})"
    return DecodeError(f"{path}: {found}; copy it again from its source", Reason.TRUNCATED)


def _findings(path: Path, refusals: list[DecodeError]) -> list[str]:
    return [str(refusal).removeprefix(f"{path}: ").rstrip(".") for refusal in refusals]


def _with_bit_rate(header: Stream, file: IO[bytes]) -> Stream:
    if header.bit_rate_bps or not header.duration_s:
        return header
    return replace(header, bit_rate_bps=round(os.fstat(file.fileno()).st_size * 8 / header.duration_s))


def _usable(path: Path, blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Blocks with unusable samples replaced by 0; raises at the end where they were the greater part."""
    bad = total = 0
    for block in blocks:
        if block.max(initial=0) <= LOUDEST and block.min(initial=0) >= -LOUDEST:
            total += block.size
            yield block
            continue
        wrong = ~(np.abs(block) <= LOUDEST)
        bad, total = bad + int(wrong.sum()), total + block.size
        yield np.where(wrong, np.float32(0), block)
    if bad * 2 > total:
        raise DecodeError(f"{path}: {bad} of {total} samples are no finite numbers", Reason.NOT_AUDIO)
    if bad:
        log.warning("%s: %d of %d samples are no finite numbers, taken as 0", path, bad, total)


def first_samples(blocks: Iterable[Samples], n: int) -> Samples:
    """The first n samples of each channel."""
    kept, left = [], n
    for block in blocks:
        kept.append(block[:, :left])
        left -= kept[-1].shape[1]
        if left <= 0:
            break
    return np.ascontiguousarray(np.concatenate(kept, axis=1))
