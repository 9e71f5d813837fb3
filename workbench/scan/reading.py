"""What does each file that a scan found say of itself, or why does it say nothing?

Conventions
-----------
Runs in worker processes: functions of the module, records that pickle. A bad file becomes a record, never an exception,
but `MemoryError` passes, for the pool to report. One finding fits a record: the gravest.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from workbench.audio import payload_hash, probe
from workbench.errors import DecodeError, TagError
from workbench.models import FileRecord, Reason, Stage, State, Stream, Tags
from workbench.store.files import Sound
from workbench.tags import folder_cover, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.scan.walk import Seen

__all__ = ["ReadTask", "blank", "read_file", "read_files", "sound_code", "sound_of"]

DOUBTFUL = frozenset({Reason.BAD_TAGS, Reason.NOT_AUDIO, Reason.UNSUPPORTED})
"""Reasons after which the file is asked for its sound before it is given up."""

FOUND_BY_CHANCE = frozenset({"mp3", "aac"})
"""Bare streams, whose frames decoders find in programs and other junk too; the tags' reader asks for more evidence."""

ENDINGS = {
    "mp3": (".mp3",),
    "flac": (".flac",),
    "wav": (".wav", ".wave"),
    "aiff": (".aif", ".aiff", ".aifc"),
    "aac": (".aac",),
    "ogg": (".ogg", ".oga", ".opus"),
    "mp4": (".m4a", ".m4b", ".mp4"),
}
"""Endings that belong to each container."""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A file to read: the absolute root and what the walk saw under it.

    Attributes
    ----------
    root : bytes
        Absolute.
    seen : Seen
        The file.
    familiar : bool
        Its size and time are those of a file that is gone: its sound is hashed, to tell whether it is the same.
    sounds : frozenset of int
        `sound_code` of the files that are gone; a file that declares one of these sounds is hashed too.
    own_sound : int or None
        That of the file that was known at this place: to declare it again tells nothing.
    """

    root: bytes
    seen: Seen
    familiar: bool = False
    sounds: frozenset[int] = frozenset()
    own_sound: int | None = None


def read_file(task: ReadTask) -> FileRecord:
    """Record of one file; reads nothing but its headers, tags and, where they are damaged, its first block of sound.

    The record has tags and no finding, tags and a warning (BAD_TAGS: the sound plays but the tags are lost;
    WRONG_EXTENSION; NAME_NOT_UTF8), or no tags and a failure with its reason and a text.
    """
    return read_files([task])[0]


def read_files(tasks: Sequence[ReadTask]) -> list[FileRecord]:
    """Records of a batch, in its order, each as `read_file` gives it; a folder's cover is looked up once."""
    covers: dict[bytes, bytes | None] = {}
    records: list[FileRecord] = []
    for task in tasks:
        folder = task.seen.path.rpartition(b"/")[0]
        if folder not in covers:
            covers[folder] = cover_beside(task.root, folder)
        records.append(replace(with_hash(record_of(task), task), folder_cover=covers[folder]))
    return records


def with_hash(record: FileRecord, task: ReadTask) -> FileRecord:
    """The record with the hash of its sound, where it may be that of a file that is gone."""
    code = sound_code(sound_of(record))
    if record.tags is None or not (task.familiar or (code in task.sounds and code != task.own_sound)):
        return record
    try:
        return replace(record, audio_hash=bytes.fromhex(payload_hash(path_of(task))))
    except DecodeError:  # gone or closed since its tags were read: the next scan meets it again
        return record


def sound_of(record: FileRecord) -> Sound:
    """What a file's headers declare of its sound."""
    stream = record.tags.stream if record.tags else Stream()
    return Sound(stream.codec, stream.sample_rate_hz, stream.channels, stream.duration_s)


def sound_code(sound: Sound) -> int:
    """A number for a sound as declared, the same in every process; its duration to a hundredth of a second."""
    return crc32(repr((*sound[:-1], round(sound.duration_s or 0, 2))).encode())


def cover_beside(root: bytes, folder: bytes) -> bytes | None:
    """Relative path of a folder's picture file."""
    found = folder_cover(Path(os.fsdecode(root), os.fsdecode(folder)))
    if found is None:
        return None
    return (folder + b"/" if folder else b"") + os.fsencode(found.name)


def record_of(task: ReadTask) -> FileRecord:
    """Record without the folder's cover."""
    path = path_of(task)
    try:
        return with_warning(blank(task.seen, tags=read(path)))
    except TagError as error:
        if error.reason not in DOUBTFUL:
            return failed(task.seen, path, error)
        return heard(task.seen, path, error)


def path_of(task: ReadTask) -> Path:
    """Absolute path of the file to read."""
    return Path(os.fsdecode(task.root), os.fsdecode(task.seen.path))


def heard(seen: Seen, path: Path, error: TagError) -> FileRecord:
    """Record of a file whose tags cannot be read, as its sound decides."""
    try:
        stream = probe(path)
    except DecodeError as deaf:
        return failed(seen, path, worse(error, deaf))
    if error.reason is Reason.NOT_AUDIO and stream.container in FOUND_BY_CHANCE:
        return failed(seen, path, error)
    text = f"plays, but its tags cannot be read: {plain(error, path)}"
    return warned(blank(seen, tags=Tags(stream=stream)), Reason.BAD_TAGS, text)


def worse(error: TagError, deaf: DecodeError) -> TagError | DecodeError:
    """The more telling of two complaints: that there is no sound at all, else what is wrong with it."""
    return error if error.reason in {Reason.NOT_AUDIO, Reason.UNSUPPORTED} else deaf


def blank(seen: Seen, *, tags: Tags | None) -> FileRecord:
    """Record without a finding."""
    return FileRecord(path=seen.path, size_bytes=seen.size_bytes, mtime_ns=seen.mtime_ns, inode=seen.inode, tags=tags)


def failed(seen: Seen, path: Path, error: TagError | DecodeError) -> FileRecord:
    """Record of a file that is not usable as music."""
    stage = Stage.DECODE if isinstance(error, DecodeError) else Stage.TAGS
    return replace(
        blank(seen, tags=None), stage=stage, state=State.FAILED, reason=error.reason, text=plain(error, path)
    )


def warned(record: FileRecord, reason: Reason, text: str) -> FileRecord:
    """Record with a warning."""
    return replace(record, stage=Stage.TAGS, state=State.WARNING, reason=reason, text=text)


def with_warning(record: FileRecord) -> FileRecord:
    """Record of a file with tags, with a warning where its name is wrong."""
    container = record.tags.stream.container if record.tags else None
    ending = Path(os.fsdecode(record.path)).suffix.lower()
    if container in ENDINGS and ending not in ENDINGS[container]:
        return warned(record, Reason.WRONG_EXTENSION, f"is {container} inside, though it ends in {ending}")
    try:
        record.path.decode("utf-8")
    except UnicodeDecodeError:
        shown = record.path.decode("utf-8", "replace")
        return warned(
            record, Reason.NAME_NOT_UTF8, f"{shown}: the name is no UTF-8; playlists cannot hold it; rename it"
        )
    return record


def plain(error: TagError | DecodeError, path: Path) -> str:
    """An error's sentence without the path that opens it, in characters that can be stored."""
    return str(error).removeprefix(f"{path}: ").encode("utf-8", "replace").decode("utf-8")
