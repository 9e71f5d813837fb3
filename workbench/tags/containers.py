"""What is in this file, and where does it keep its tags?

Conventions
-----------
A reader takes a `Source` and gives a `Content`, its tables of tags best first. Readers let mutagen's errors pass;
`examine` turns them into `TagError`.
"""

from __future__ import annotations

import io
import math
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from workbench.errors import TagError
from workbench.models import Reason, Stream
from workbench.tags import pictures, riff
from workbench.tags.blocks import ESCAPES, Source, embedded_id3, gathered, id3_and_ape, id3_block
from workbench.tags.fields import tabulate
from workbench.tags.frames import mp4_pairs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.tags.fields import Table
    from workbench.tags.pictures import Picture

__all__ = ["Content", "examine"]

MAGIC = (
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("wav", 8, b"WAVE"),
    ("aiff", 8, b"AIFF"),
    ("aiff", 8, b"AIFC"),
    ("mp4", 4, b"ftyp"),
    ("mp4", 4, b"moov"),
)
"""Content, offset and the bytes that stand there."""

FOREIGN = (
    ("WavPack", b"wvpk"),
    ("Monkey's Audio", b"MAC "),
    ("Musepack", b"MPCK"),
    ("Musepack", b"MP+"),
    ("Windows Media", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("Matroska or WebM", b"\x1a\x45\xdf\xa3"),
    ("DSD", b"DSD "),
    ("DSD", b"FRM8"),
    ("TAK", b"tBaK"),
    ("True Audio", b"TTA"),
    ("OptimFROG", b"OFR "),
    ("Core Audio", b"caff"),
    ("MIDI", b"MThd"),
    ("AAC in ADIF", b"ADIF"),
)
"""Sound of kinds that are not read, and the bytes that a file begins with; some hold what looks like MPEG frames."""

OGG_CODECS = (("vorbis", b"\x01vorbis"), ("opus", b"OpusHead"), ("flac", b"\x7fFLAC"))
MP4_CODECS = (("mp4a.6", "mp3"), ("mp4a", "aac"), ("alac", "alac"), ("opus", "opus"), ("flac", "flac"))
LOSSLESS = frozenset({"pcm", "flac", "alac"})
OPUS_RATE_HZ = 48_000
OGG_HEADERS_BYTES = 4_096
ID3_BYTES = 10
ID3_TAGS_LIMIT = 8
FEW_FRAMES_BYTES = 8_192
"""Up to this size an MPEG file may be too short for the four frames in a row that prove a longer one."""
INTEGER_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: its stream, its tables of tags, best first, and its pictures."""

    stream: Stream
    sources: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


def examine(path: Path) -> Content:
    """Stream, tags and pictures of a file.

    Raises
    ------
    TagError
        With the reason, see `workbench.tags.read`.
    """
    from mutagen import MutagenError

    try:
        with opened(path) as file:
            source = Source(file, path, *start_and_size(file))
            return reader_of(source)(source)
    except TagError:
        raise
    except FileNotFoundError as error:
        raise TagError(f"{path}: the file is not there any more; scan again", Reason.VANISHED) from error
    except OSError as error:
        reason = error.strerror or "input or output error"
        raise TagError(
            f"{path}: cannot be read ({reason}); check its permissions and its disk", Reason.UNREADABLE
        ) from error
    except (MutagenError, *ESCAPES) as error:
        detail = str(error).strip() or type(error).__name__
        raise TagError(f"{path}: headers or tags are damaged ({detail})", Reason.BAD_TAGS) from error


class BoundedFile(io.BufferedReader):
    """A file that never makes room for more bytes than it has, whatever a damaged header asks for."""

    def __init__(self, raw: io.FileIO, size_bytes: int) -> None:
        super().__init__(raw)
        self.size_bytes = size_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        if size is not None and size > io.DEFAULT_BUFFER_SIZE:
            size = max(min(size, self.size_bytes - self.tell()), 0)
        return super().read(size)


def opened(path: Path) -> BinaryIO:
    """Open a regular, non-empty file for reading; a pipe in its place neither blocks nor opens."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise TagError(f"{path}: is a folder, pipe, socket or device, not a file", Reason.NOT_A_FILE)
    if found.st_size == 0:
        raise TagError(f"{path}: is empty (0 bytes); copy it again from its source", Reason.EMPTY_FILE)
    return BoundedFile(io.FileIO(path, opener=pictures.without_waiting), found.st_size)


def start_and_size(file: BinaryIO) -> tuple[int, int]:
    """Offset behind the ID3v2 tags at the start, and the file's size."""
    size_bytes = file.seek(0, os.SEEK_END)
    offset = 0
    for _ in range(ID3_TAGS_LIMIT):
        file.seek(offset)
        head = file.read(ID3_BYTES)
        if len(head) < ID3_BYTES or not head.startswith(b"ID3"):
            break
        footer = ID3_BYTES if head[5] & 0x10 else 0
        behind = offset + ID3_BYTES + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        if behind + footer >= size_bytes:
            break
        offset = behind + footer
    return offset, size_bytes


def reader_of(source: Source) -> Callable[[Source], Content]:
    """Reader for what the content is, MPEG audio where no magic bytes tell."""
    source.file.seek(source.start)
    head = source.file.read(16)
    for name, magic in FOREIGN:
        if head.startswith(magic):
            raise TagError(f"{source.path}: holds {name}, which is not read; convert it", Reason.UNSUPPORTED)
    for kind, offset, magic in MAGIC:
        if head[offset:].startswith(magic):
            return READERS[kind]
    transport_stream = head[:1] == b"\xff" and head[1:2] and head[1] & 0xF6 == 0xF0  # noqa: PLR2004  sync, layer 0
    return READERS["aac" if transport_stream else "mp3"]


def mp3_content(source: Source) -> Content:
    """MPEG audio, believed on evidence: four frames in a row, a Xing header, or two frames filling a very short file.

    Layer I counts only at the start of the file: tables in programs look like rows of its frames.
    """
    from mutagen.mp3 import HeaderNotFoundError, MPEGInfo

    try:
        info = MPEGInfo(source.file, source.start)
    except HeaderNotFoundError as error:
        raise not_audio(source) from error
    at_start = info.frame_offset == source.start
    short = at_start and source.size_bytes - source.start < FEW_FRAMES_BYTES
    if (info.sketchy and not short) or (info.layer == 1 and not at_start):
        raise not_audio(source)
    return Content(declared("mp3", f"mp{info.layer}", info, source), *id3_and_ape(source))


def not_audio(source: Source) -> TagError:
    """Complaint that nothing here looks like sound."""
    return TagError(f"{source.path}: holds no audio that is known, whatever its ending says", Reason.NOT_AUDIO)


def aac_content(source: Source) -> Content:
    """Raw AAC, in ADTS or ADIF."""
    from mutagen.aac import AACInfo

    source.file.seek(0)
    return Content(declared("aac", "aac", AACInfo(source.file), source), *id3_and_ape(source))


def flac_content(source: Source) -> Content:
    """FLAC, its comments before an ID3 tag that some programs put in front."""
    from mutagen.flac import FLAC

    source.file.seek(0)
    flac: Any = FLAC(source.file)
    comments: list[tuple[str, str]] = list(flac.tags or ())
    images = [*pictures.of_blocks(flac.pictures), *pictures.of_comments(comments)]
    blocks = gathered(source, [lambda: (tabulate(comments), images), lambda: id3_block(source)])
    return Content(declared("flac", "flac", flac.info, source), *blocks)


def ogg_content(source: Source) -> Content:
    """Vorbis, Opus or FLAC in Ogg."""
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    source.file.seek(source.start)
    head = source.file.read(OGG_HEADERS_BYTES)
    codec = next((name for name, magic in OGG_CODECS if magic in head), None)
    if codec is None:
        raise TagError(f"{source.path}: is an Ogg file without Vorbis, Opus or FLAC; convert it", Reason.UNSUPPORTED)
    source.file.seek(0)
    ogg: Any = {"vorbis": OggVorbis, "opus": OggOpus, "flac": OggFLAC}[codec](source.file)
    comments: list[tuple[str, str]] = list(ogg.tags or ())
    stream = declared("ogg", codec, ogg.info, source)
    return Content(stream, (tabulate(comments),), tuple(pictures.of_comments(comments)))


def mp4_content(source: Source) -> Content:
    """The first sound track of an MP4 file."""
    from mutagen.mp4 import MP4, MP4NoTrackError

    source.file.seek(0)
    try:
        mp4: Any = MP4(source.file)
    except MP4NoTrackError as error:
        raise TagError(f"{source.path}: is an MP4 file without a sound track", Reason.NOT_AUDIO) from error
    if not mp4.info.codec:
        raise TagError(f"{source.path}: is an MP4 file without a sound track", Reason.NOT_AUDIO)
    spelt = mp4.info.codec.lower()
    codec = next((name for prefix, name in MP4_CODECS if spelt.startswith(prefix)), spelt)
    atoms: dict[str, Any] = dict(mp4.tags or {})
    images = pictures.of_mp4(atoms.get("covr", ()))
    return Content(declared("mp4", codec, mp4.info, source), (tabulate(mp4_pairs(atoms.items())),), tuple(images))


def wav_content(source: Source) -> Content:
    """RIFF, RIFX or RF64 WAVE: ID3 before LIST/INFO."""
    source.file.seek(source.start)
    order = ">" if source.file.read(4) == b"RIFX" else "<"
    found = riff.chunks(source.file, source.start, source.size_bytes)
    return chunked(source, "wav", found, order, riff.wav_header(source.file, found, order))


def aiff_content(source: Source) -> Content:
    """AIFF or AIFC: ID3 before the text chunks."""
    source.file.seek(source.start)
    kind = source.file.read(riff.OPENING_BYTES)[8:]
    found = riff.chunks(source.file, source.start, source.size_bytes)
    return chunked(source, "aiff", found, ">", riff.aiff_header(source.file, found, kind))


def chunked(
    source: Source, container: str, found: list[riff.Chunk], order: str, header: riff.SoundHeader | None
) -> Content:
    """Content of a file of chunks."""
    if header is None or not header.channels or not header.sample_rate_hz:
        raise ValueError("no format chunk that names channels and a sample rate")  # `examine` says where
    blocks = gathered(
        source,
        [
            lambda: embedded_id3(riff.content_of(source.file, found, b"ID3 ", source.size_bytes)),
            lambda: (tabulate(riff.texts(source.file, found, order)), []),
        ],
    )
    return Content(declared(container, header.codec, header, source), *blocks)


READERS: dict[str, Callable[[Source], Content]] = {
    "mp3": mp3_content,
    "aac": aac_content,
    "flac": flac_content,
    "ogg": ogg_content,
    "mp4": mp4_content,
    "wav": wav_content,
    "aiff": aiff_content,
}


def declared(container: str, codec: str | None, info: Any, source: Source) -> Stream:  # noqa: ANN401  mutagen's infos
    """Stream as the headers declare it; what they cannot mean is None.

    A bit rate that no header states is the file's size over its duration.
    """
    seconds = float(getattr(info, "duration_s", None) or getattr(info, "length", None) or 0.0)
    duration_s = seconds if math.isfinite(seconds) and seconds > 0 else None
    mean_bps = (source.size_bytes - source.start) * 8 / duration_s if duration_s else None
    rate = OPUS_RATE_HZ if codec == "opus" else getattr(info, "sample_rate_hz", None) or getattr(info, "sample_rate", 0)
    depth = getattr(info, "bit_depth", None) or getattr(info, "bits_per_sample", None)
    return Stream(
        container=container,
        codec=codec,
        duration_s=duration_s,
        bit_rate_bps=positive(getattr(info, "bitrate", None)) or positive(mean_bps),
        sample_rate_hz=positive(rate),
        bit_depth=positive(depth) if codec in LOSSLESS else None,
        channels=positive(info.channels),
    )


def positive(value: float | None) -> int | None:
    """Whole number above 0 that the store can hold, else None."""
    return round(value) if value and 0.5 < value <= INTEGER_LIMIT else None  # noqa: PLR2004  rounds to 1 at least
