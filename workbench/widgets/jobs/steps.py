"""What is a piece of long work, and how far has it come?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.widgets.captions import clock
from workbench.widgets.jobs.pace import Pace
from workbench.widgets.jobs.words import (
    analysis_words,
    counted,
    file_name,
    pace_words,
    reason_words,
    scan_words,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from workbench.library import Library
    from workbench.workers import Progress

__all__ = ["Step", "Tally", "analysis", "scanning"]

LOOK_S: Final = 2.0  # findings are counted at most so often
LOOK_SHARE: Final = 0.05  # ... and take no more than this share of the time


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of long work.

    Attributes
    ----------
    title : str
        What it does: "Analysing".
    noun : str
        What it counts: "track".
    work : callable
        ``work(progress, stop)`` does it, calls ``progress(done, total, path)`` now and then, and gives a result.
    words : callable
        ``words(result, seconds)`` says what it did.
    can_stop : bool
        Whether `work` looks at `stop`.
    """

    title: str
    noun: str
    work: Callable[[Progress, threading.Event], Any]
    words: Callable[[Any, float], str]
    can_stop: bool = True


def analysis(library: Library, **options: Any) -> Step:  # noqa: ANN401  those of Library.analyze
    """`Library.analyze` as a step."""
    return Step(
        "Analysing",
        "track",
        lambda progress, stop: library.analyze(**options, progress=progress, stop=stop),
        analysis_words,
    )


def scanning(library: Library, folder: str | Path, **options: Any) -> Step:  # noqa: ANN401  those of Library.scan
    """`Library.scan` as a step."""
    return Step(
        "Reading tags",
        "file",
        lambda progress, stop: library.scan(folder, **options, progress=progress, stop=stop),
        scan_words,
    )


class Tally:
    """How far a step has come. `note` may be called from another thread than the rest.

    Parameters
    ----------
    step : Step
        What is being done.
    findings : callable
        Gives the library's findings, with ``found_at`` and ``reason``.
    """

    def __init__(self, step: Step, findings: Callable[[], pl.DataFrame]) -> None:
        self.step = step
        self._findings = findings
        self._begun, self._began_at = time.monotonic(), datetime.now(UTC)
        self._latest: tuple[int, int | None, str] = (0, None, "")
        self._pace = Pace()
        self._found: dict[str, int] = {}
        self._next_look = self._begun + LOOK_S

    @property
    def elapsed_s(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._begun

    def note(self, done: int, total: int, path: str) -> None:
        """Take what the work says of itself; costs nothing. A total of 0 is one that is not known yet."""
        self._latest = (done, total or None, path)

    def view(self) -> dict[str, Any]:
        """What a page shows of it, in numbers and plain text."""
        now = time.monotonic()
        done, total, path = self._latest
        self._pace.note(now, done)
        self._look(now)
        noun = self.step.noun
        known = total is not None
        pace = pace_words(self._pace.per_second(now), self._pace.remaining_s(now, total), noun) if total else ""
        return {
            "title": self.step.title,
            "done": done,
            "total": total,
            "count": f"{done:,} of {counted(total, noun)}" if total is not None else "",
            "pace": pace,
            "elapsed": clock(now - self._begun),
            "current": file_name(path),
            "found": (f"Findings so far: {reason_words(self._found)}" if self._found else "No findings so far")
            if known
            else "",
        }

    def _look(self, now: float) -> None:
        """Count what was found since the step began."""
        if now < self._next_look or self._latest[1] is None:
            return
        recent = self._findings().filter(pl.col("found_at") >= self._began_at)
        counts = recent.group_by("reason").len()
        self._found = dict(counts.iter_rows())
        cost = time.monotonic() - now
        self._next_look = now + max(LOOK_S, cost / LOOK_SHARE)
