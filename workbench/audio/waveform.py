"""How loud is a file from its beginning to its end, as a picture shows it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.audio.decoding import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from workbench.audio.records import Samples


__all__ = ["peaks"]

PIECE: Final = 1 << 17
"""Samples looked at together; a power of two, so that pairs of maxima never reach across two pieces."""
FINENESS: Final = 64
"""Maxima kept for each peak while a file is read: a peak's edges are right to this part of its length."""


def peaks(path: Path, *, n: int = 1000, wanted: Callable[[], bool] | None = None) -> Samples:
    """The outline of a waveform: the largest amplitude in each of n equal parts of a file.

    The channels are averaged first, so that sound which they have in opposite phase is not seen. A file of less than
    64 `n` samples is divided to the sample, a longer one to 1/64 of a part. Memory stays below 2 MB for 1,000 peaks
    however long the file; time is that of decoding, and 0.1 s of processor time for four minutes.

    Parameters
    ----------
    path : Path
        A regular file.
    n : int
        Number of parts; where the file has fewer samples, neighbours are alike.
    wanted : callable
        Asked before each piece of some three seconds whether to go on, for windows whose user has gone on.

    Returns
    -------
    ndarray (n,) float32
        Maxima of the absolute value, 0..1; what a file has beyond full scale is 1.

    Raises
    ------
    ValueError
        `n` is not positive.
    DecodeError
        As `stream`.
    InterruptedError
        `wanted` said no.
    """
    if n < 1:
        raise ValueError(f"{n} peaks: expected at least 1")
    with stream(path) as source:
        fine = _fine(path, source.blocks, FINENESS * n, wanted or _always)
    return np.minimum(np.maximum.reduceat(fine, np.arange(n) * len(fine) // n), np.float32(1))


def _always() -> bool:
    return True


def _fine(path: Path, blocks: Iterable[Samples], most: int, wanted: Callable[[], bool]) -> Samples:
    """Maxima over stretches of equal length, at least half of `most` of them in a long file, and no more than that."""
    hop, found = 1, np.zeros(0, np.float32)
    for piece in _pieces(blocks):
        if not wanted():
            raise InterruptedError(f"{path}: its waveform is not wanted any more")
        found = np.concatenate([found, _maxima(piece, hop)])
        while len(found) > most and hop < PIECE:
            found, hop = _maxima(found, 2), hop * 2
    return found


def _pieces(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The absolute mean of the channels in pieces of one length, the last of them shorter."""
    waiting: list[Samples] = []
    count = 0
    for block in blocks:
        waiting.append(_loudness(block))
        count += waiting[-1].size
        if count >= PIECE:
            joined = np.concatenate(waiting)
            whole = count - count % PIECE
            yield from joined[:whole].reshape(-1, PIECE)
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


def _loudness(block: Samples) -> Samples:
    """The absolute mean of the channels; row by row is three times as fast as numpy's mean of so few."""
    mean: Samples = sum(block[1:], start=block[0]) / np.float32(len(block))
    return np.abs(mean)


def _maxima(y: Samples, hop: int) -> Samples:
    """The largest of each `hop` values; the last stretch may be shorter."""
    whole = len(y) - len(y) % hop
    found = y[:whole].reshape(-1, hop).max(axis=1)
    return found if whole == len(y) else np.append(found, y[whole:].max())
