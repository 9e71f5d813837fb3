"""What does a file say of itself?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["EXTENSIONS", "FileRecord", "LearnedFeatures", "Ledger", "Reason", "Stage", "State", "Stream", "Tags"]

EXTENSIONS = frozenset(
    {
        ".mp3",
        ".flac",
        ".wav",
        ".wave",
        ".aif",
        ".aiff",
        ".aifc",
        ".aac",
        ".ogg",
        ".oga",
        ".opus",
        ".m4a",
        ".m4b",
        ".mp4",
    }
)
"""Lower-case endings of the files that a scan looks at."""


class Stage(StrEnum):
    """Where on its way a file came to grief."""

    WALK = "walk"
    TAGS = "tags"
    DECODE = "decode"
    FEATURES = "features"
    STORE = "store"


class State(StrEnum):
    """What became of it; a finding is never OK."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    WARNING = "warning"


class Reason(StrEnum):
    """Why; the closed list of codes that a `Finding` may carry."""

    EMPTY_FILE = "empty_file"
    NOT_AUDIO = "not_audio"
    UNSUPPORTED = "unsupported"
    TRUNCATED = "truncated"
    NO_SAMPLES = "no_samples"
    TOO_SHORT = "too_short"
    SILENT = "silent"
    CLIPPED = "clipped"
    BAD_TAGS = "bad_tags"
    MISSING_TAGS = "missing_tags"
    DURATION_MISMATCH = "duration_mismatch"
    WRONG_EXTENSION = "wrong_extension"
    UNREADABLE = "unreadable"
    VANISHED = "vanished"
    CHANGED = "changed"
    NOT_A_FILE = "not_a_file"
    NAME_NOT_UTF8 = "name_not_utf8"
    DUPLICATE_AUDIO = "duplicate_audio"
    PROBABLE_DUPLICATE = "probable_duplicate"
    UNICODE_TWIN = "unicode_twin"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    WORKER_DIED = "worker_died"
    STORE_ERROR = "store_error"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What became of files, in counts: each is in exactly one of the four.

    Attributes
    ----------
    ok, warned, skipped, failed : int
        Files that are as they should be, that are usable though something is wrong with them, that were left out, and
        that could not be used.
    """

    ok: int = 0
    warned: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Counts of both."""
        return Ledger(
            ok=self.ok + other.ok,
            warned=self.warned + other.warned,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
        )

    def __str__(self) -> str:
        """Give the four and their sum in a line.

        Examples
        --------
        >>> print(Ledger(ok=7, warned=2, failed=1))
        7 ok + 2 ok with warnings + 0 skipped + 1 failed = 10
        """
        four = f"{self.ok:,} ok + {self.warned:,} ok with warnings + {self.skipped:,} skipped + {self.failed:,} failed"
        return f"{four} = {self.seen:,}"

    @property
    def seen(self) -> int:
        """Sum of the four."""
        return self.ok + self.warned + self.skipped + self.failed

    @property
    def usable(self) -> int:
        """Files that are music."""
        return self.ok + self.warned


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The audio stream as the file's headers declare it.

    Attributes
    ----------
    container : str or None
        "mp3", "flac", "wav", "aiff", "aac", "ogg" or "mp4".
    codec : str or None
        "mp3", "flac", "pcm", "aac", "vorbis", "opus" or "alac".
    duration_s : float or None
        As declared; the decoded duration is an analysis column.
    bit_rate_bps, sample_rate_hz, bit_depth, channels : int or None
        Bit depth is None for lossy codecs, which have none.
    """

    container: str | None = None
    codec: str | None = None
    duration_s: float | None = None
    bit_rate_bps: int | None = None
    sample_rate_hz: int | None = None
    bit_depth: int | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What the tags say, whatever container they were in.

    Attributes
    ----------
    artists, album_artists, genres, composers : tuple of str
        In the file's order; empty when the file names none.
    date : str or None
        Release date as written, e.g. "1994-05-02"; `year` is its year.
    bpm, key : float, str or None
        The tags' own tempo and key, unchecked.
    rating : float or None
        Above 0, up to 1 (five stars); None where nobody has rated it, or on a scale that nobody can tell.
    play_count : int or None
        How often programs that write it have played the file.
    has_cover : bool
        A JPEG or PNG picture is embedded.
    musicbrainz_track_id, musicbrainz_album_id, musicbrainz_artist_ids
        Recording, release and artist identifiers.
    stream : Stream
        The audio stream that the headers declare.
    """

    title: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    album_artists: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    composers: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    disc_number: int | None = None
    disc_total: int | None = None
    track_number: int | None = None
    track_total: int | None = None
    compilation: bool | None = None
    bpm: float | None = None
    key: str | None = None
    rating: float | None = None
    play_count: int | None = None
    comment: str | None = None
    isrc: str | None = None
    replaygain_track_gain_db: float | None = None
    replaygain_album_gain_db: float | None = None
    musicbrainz_track_id: str | None = None
    musicbrainz_album_id: str | None = None
    musicbrainz_artist_ids: tuple[str, ...] = ()
    has_cover: bool = False
    stream: Stream = field(default_factory=Stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One candidate file as a scan saw it: its place, its tags or the reason there are none.

    Attributes
    ----------
    path : bytes
        Relative to the root, as the file system spells it (`os.fsencode`), "/" between parts.
    size_bytes, mtime_ns, inode : int
        What a later scan compares.
    tags : Tags or None
        None when the file is not usable as music; then `state` is failed or skipped.
    audio_hash : bytes or None
        Hash of the sound without the tags, where there was a reason to take it.
    stage, state, reason, text
        The finding to keep about it, if any; a warning may stand beside tags.
    """

    path: bytes
    size_bytes: int
    mtime_ns: int
    inode: int
    tags: Tags | None = None
    folder_cover: bytes | None = None
    audio_hash: bytes | None = None
    stage: Stage | None = None
    state: State | None = None
    reason: Reason | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearnedFeatures:
    """What a network that has learned to tag music hears in one track.

    Attributes
    ----------
    model, version : str
        Which network, and by which method it listened.
    embedding : ndarray (400,) float32
        Its last hidden layers.
    tags : ndarray (100,) float32
        Probabilities of `LEARNED_TAGS`, 0 to 1.
    """

    model: str
    version: str
    embedding: npt.NDArray[np.float32]
    tags: npt.NDArray[np.float32]
