"""What is said of work that goes on, has ended or went wrong?

Conventions
-----------
Plain text. What is not known is left out. A path may hold bytes that no text can; they become question marks, since a
page can only be sent text.
"""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.widgets.captions import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.extract import Analysis
    from workbench.scan import Scan

__all__ = ["analysis_words", "counted", "file_name", "pace_words", "reason_words", "scan_words", "sendable", "trouble"]

SLOW = 1.0
"""Things a second below which they are counted by the minute."""


def counted(count: int, noun: str) -> str:
    """A number and what it counts.

    Examples
    --------
    >>> counted(1, "track"), counted(1200, "file")
    ('1 track', '1,200 files')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def pace_words(per_second: float | None, remaining_s: float | None, noun: str) -> str:
    """How fast it goes and what is left.

    Examples
    --------
    >>> pace_words(0.25, 725, "track")
    '15 tracks/min, about 12:05 left'
    >>> pace_words(None, None, "track")
    ''
    """
    if not per_second:
        return ""
    rate = f"{_rounded(per_second)} {noun}s/s" if per_second >= SLOW else f"{_rounded(60 * per_second)} {noun}s/min"
    return rate if remaining_s is None else f"{rate}, about {clock(remaining_s)} left"


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004  two digits say enough


def reason_words(reasons: Mapping[str, int]) -> str:
    """Findings by reason, the most frequent first.

    Examples
    --------
    >>> reason_words({"timeout": 1, "not_audio": 2})
    '2 not audio, 1 timeout'
    """
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in ordered)


def analysis_words(done: Analysis, elapsed_s: float) -> str:
    """What a run of analysis did, in a sentence."""
    if not (done.analyzed or done.failed or done.stopped):
        return "Nothing to analyse: no track waits for it."
    failed = f", {done.failed:,} failed: {reason_words(done.reasons)}" if done.failed else ""
    warned = f", {done.ledger.warned:,} of them with warnings" if done.ledger.warned else ""
    said = f"Analysed {counted(done.analyzed, 'track')}{warned}{failed}; {clock(elapsed_s)}."
    return f"Cancelled. {said} What was done is kept, and the next run goes on from there." if done.stopped else said


def scan_words(done: Scan, elapsed_s: float) -> str:
    """What a scan found, in a sentence."""
    kinds = ("new", "changed", "moved", "returned", "missing", "unchanged")
    parts = [f"{count:,} {kind}" for kind in kinds if (count := getattr(done, kind))]
    if done.reasons:
        parts.append(f"findings: {reason_words(done.reasons)}")
    said = f"Scanned {counted(done.seen, 'file')}{': ' if parts else ''}{', '.join(parts)}; {clock(elapsed_s)}."
    said += f" Of everything in the folder: {done.ledger}." if done.ledger.seen else ""
    said += f" {done.unreached:,} not reached." if done.unreached else ""
    return f"Cancelled. {said} What was read is kept; nothing was taken for missing." if done.stopped else said


def trouble(error: BaseException) -> tuple[str, str]:
    """An error as a line and, where it was not expected, with the way that led to it (else empty)."""
    if isinstance(error, (WorkbenchError, OSError)):
        return sendable(str(error)), ""
    return sendable(f"{type(error).__name__}: {error}"), sendable("".join(traceback.format_exception(error)))


def file_name(path: str) -> str:
    """The last part of a path.

    Examples
    --------
    >>> file_name("/music/a/one.flac")
    'one.flac'
    """
    return sendable(PurePath(path).name)


def sendable(text: str) -> str:
    """The same text, with question marks for what cannot be sent."""
    return text.encode("utf-8", "replace").decode("utf-8")
