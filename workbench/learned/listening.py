"""What do the networks hear in a track of which they see only three moments?

Conventions
-----------
Three patches of 3 s stand for a track, near the middles of its three thirds. How long it is turns out only at its end,
so excerpts are collected on a grid whose spacing doubles as the track goes on; at the end those nearest to the wanted
places are taken. What is taken depends on the sound alone, not on the blocks in which it came. Memory: 24 excerpts of
0.28 MB.

An excerpt is 3.2 s, a little longer than a patch, so that neither the resampler nor the Fourier transform meets an
edge inside the patch. A track of less than 3.2 s is repeated to that length, as the networks' training data were
(``pad_short`` in their config.json). Excerpts without sound are passed over for the nearest that have some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.learned.log_mel import SAMPLE_RATE_HZ, log_mel
from workbench.learned.network import FRAMES, MODEL_VERSION
from workbench.models import LEARNED_MODEL, LearnedFeatures

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.learned.network import Network
    from workbench.learned.records import Array

__all__ = ["LISTENING_RATE_HZ", "PATCHES", "SHORTEST_S", "Listener"]

PATCHES: Final = 3
SHORTEST_S: Final = 1.5
LISTENING_RATE_HZ: Final = 22_050

EXCERPT: Final = round(3.2 * LISTENING_RATE_HZ)
MOST: Final = 24
"""Excerpts kept; half as many are left when the spacing doubles, so a place is met within a 24th of the track."""
FIRST_SPACING: Final = LISTENING_RATE_HZ // 4
QUIETEST: Final = 2.0**-15
"""One step of 16 bits: what is nowhere louder is silence, or its dither."""


class Listener:
    """Takes a track's blocks one after the other and lets the networks hear it at the end.

    Parameters
    ----------
    network : Network
        From `load`.
    resample : callable
        ``resample(y, from_hz, to_hz)`` gives samples (n,) at another rate, as `audio.resample` does.
    """

    def __init__(self, network: Network, resample: Callable[[Array, int, int], Array]) -> None:
        self._network, self._resample = network, resample
        self._length = 0
        self._spacing = FIRST_SPACING
        self._excerpts: dict[int, Array] = {}

    def add(self, y: Array) -> None:
        """Take the next block, ndarray (n,) float32, mono at 22,050 Hz, of any length."""
        begin, end = self._length, self._length + len(y)
        self._length = end
        while end > MOST * self._spacing:
            self._spacing *= 2
        starts = range(-(-begin // self._spacing) * self._spacing, end, self._spacing)
        kept = {start: part for start, part in self._excerpts.items() if start % self._spacing == 0}
        self._excerpts = kept | {start: np.zeros(EXCERPT, np.float32) for start in starts}
        for start, excerpt in self._excerpts.items():
            first, last = max(start, begin), min(start + EXCERPT, end)
            if first < last:
                excerpt[first - start : last - start] = y[first - begin : last - begin]

    def finish(self) -> LearnedFeatures | None:
        """What the networks hear; None below 1.5 s, and where no excerpt holds any sound."""
        chosen = self._chosen()
        if not chosen:
            return None
        embedding, tags = self._network.hear(np.stack([self._patch(excerpt) for excerpt in chosen]))
        return LearnedFeatures(model=LEARNED_MODEL, version=MODEL_VERSION, embedding=embedding, tags=tags)

    def _chosen(self) -> list[Array]:
        """One to three excerpts, in their order."""
        if self._length < SHORTEST_S * LISTENING_RATE_HZ:
            return []
        whole = {start: part for start, part in self._excerpts.items() if start + EXCERPT <= self._length}
        if not whole:
            whole = {0: np.resize(self._excerpts[0][: self._length], EXCERPT)}
        heard = sorted(start for start, part in whole.items() if np.abs(part).max() > QUIETEST)
        if not heard:
            return []
        wanted = [self._length * (2 * third + 1) / (2 * PATCHES) - EXCERPT / 2 for third in range(PATCHES)]
        nearest = {min(heard, key=lambda start, place=place: abs(start - place)) for place in wanted}  # type: ignore[misc]
        return [whole[start] for start in sorted(nearest)]

    def _patch(self, excerpt: Array) -> Array:
        """The middle 187 frames of an excerpt, ndarray (187, 96)."""
        frames = log_mel(self._resample(excerpt, LISTENING_RATE_HZ, SAMPLE_RATE_HZ))
        first = (len(frames) - FRAMES) // 2
        return frames[first : first + FRAMES]
