"""Which files hold sound of kinds that are not read, and what can be done with them?

Conventions
-----------
A closed list of endings that music and recordings go by; nothing of such a file is read. Pictures, texts, videos and
playlists are no music and are not spoken of. Left out is what mostly means something else (``.it``, a language).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from workbench.models import FileRecord, Reason, Stage, State

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UNREAD", "unread", "unread_words"]

LOSSLESS: Final = "convert it to FLAC, which loses nothing"
LOSSY: Final = "convert it to Opus or MP3"
NOTES: Final = "it holds notes, not recorded sound; render it to FLAC to have it here"
LOCKED: Final = "it is locked by its shop; get it without a lock"

KINDS: Final = (
    ("Windows Media Audio", LOSSY, ".wma .asf"),
    ("Monkey's Audio", LOSSLESS, ".ape"),
    ("WavPack", LOSSLESS, ".wv"),
    ("Musepack", LOSSY, ".mpc .mp+ .mpp"),
    ("OptimFROG", LOSSLESS, ".ofr"),
    ("Shorten", LOSSLESS, ".shn"),
    ("TAK", LOSSLESS, ".tak"),
    ("True Audio", LOSSLESS, ".tta"),
    ("DSD", "convert it to FLAC", ".dsf .dff"),
    ("Matroska or WebM", LOSSY, ".mka .webm .weba"),
    ("Speex", LOSSY, ".spx"),
    ("Dolby Digital", LOSSY, ".ac3 .eac3"),
    ("MPEG layer I or II", LOSSY, ".mp1 .mp2 .mpa"),
    ("AMR", LOSSY, ".amr"),
    ("RealAudio", LOSSY, ".ra"),
    ("ATRAC", LOSSY, ".oma .aa3"),
    ("Core Audio", LOSSLESS, ".caf"),
    ("Sun audio", LOSSLESS, ".au"),
    ("Sony Wave64", LOSSLESS, ".w64"),
    ("protected AAC", LOCKED, ".m4p"),
    ("Audible", LOCKED, ".aax"),
    ("MIDI", NOTES, ".mid .midi .kar"),
    ("tracker module", NOTES, ".xm .s3m"),
)
"""Kinds of sound, what to do with a file of each, and the endings that such files bear."""

UNREAD: Final = {ending: (kind, advice) for kind, advice, endings in KINDS for ending in endings.split()}
"""Kind and advice by ending in lower case; none of them is in `models.EXTENSIONS`."""

TEXTS: Final = {
    ending: f"is {kind} by its ending ({ending}), which is not read; {advice}"
    for ending, (kind, advice) in UNREAD.items()
}


def unread(path: bytes, ending: str) -> FileRecord:
    """Record of a file with one of the endings in `UNREAD`."""
    return FileRecord(
        path=path,
        size_bytes=0,
        mtime_ns=0,
        inode=0,
        stage=Stage.WALK,
        state=State.SKIPPED,
        reason=Reason.UNSUPPORTED,
        text=TEXTS[ending],
    )


def unread_words(records: Iterable[FileRecord]) -> str:
    """What a walk refused, in counts: files of kinds that are not read by kind, all else by reason.

    Examples
    --------
    >>> unread_words([unread(b"a.wma", ".wma"), unread(b"b.wma", ".wma"), unread(b"c.ape", ".ape")])
    "2 x Windows Media Audio, 1 x Monkey's Audio"
    """
    counts = Counter(_kind(record) for record in records)
    return ", ".join(f"{count} x {kind}" for kind, count in counts.most_common())


def _kind(record: FileRecord) -> str:
    """What a refused path is counted as."""
    ending = record.path[record.path.rfind(b".") :].lower().decode("utf-8", "replace")
    if record.reason is Reason.UNSUPPORTED and ending in UNREAD:
        return UNREAD[ending][0]
    return (record.reason or Reason.UNREADABLE).replace("_", " ")
