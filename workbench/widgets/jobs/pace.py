"""How fast does work go on just now, and how long will the rest take?

Conventions
-----------
Time is that of a clock that only goes forward, in seconds, and is given: nothing here looks at one. The pace is that of
about the last half minute, so that a stretch of long files, or a machine that is busy otherwise, shows.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Pace"]

WINDOW_S: Final = 30.0
FEWEST: Final = 10
"""Steps that are looked at however long ago they were, where they are few."""
SHORTEST_S: Final = 1.0


class Pace:
    """How often something was done of late.

    Examples
    --------
    >>> pace = Pace()
    >>> for second in range(5):
    ...     pace.note(second, 2 * second)
    >>> pace.per_second(4.0), pace.remaining_s(4.0, 28)
    (2.0, 10.0)
    """

    def __init__(self) -> None:
        self._seen = deque[tuple[float, int]]()

    def note(self, now: float, done: int) -> None:
        """Say how much is done; what came before the first time counts as the start of the workers."""
        if done <= 0 or (self._seen and self._seen[-1][1] == done):
            return
        self._seen.append((now, done))
        while len(self._seen) > FEWEST and self._seen[0][0] < now - WINDOW_S:
            self._seen.popleft()

    def per_second(self, now: float) -> float | None:
        """Things done in a second; None while it cannot be told."""
        if len(self._seen) < 2:  # noqa: PLR2004  two make a distance
            return None
        (begun, first), (_, last) = self._seen[0], self._seen[-1]
        passed = now - begun
        return (last - first) / passed if passed >= SHORTEST_S else None

    def remaining_s(self, now: float, total: int) -> float | None:
        """Seconds until everything is done, should it go on like this; None while it cannot be told."""
        rate = self.per_second(now)
        return (total - self._seen[-1][1]) / rate if rate else None
