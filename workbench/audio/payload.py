"""Is it still the same sound, whatever its tags say now?

Conventions
-----------
The payload is what a tagger leaves alone: the encoded sound without the tags before, behind and between its parts. The
container is judged by content, never by ending. Extents are (start, stop) byte offsets, given in the order of the file
and lazily, so that nothing beyond them is read. Headers are never trusted beyond the end of the file; what is asked
for outside of it reads as zeros. Where no payload can be made out, all the bytes of the file are its payload.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from io import BufferedReader, FileIO
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from workbench.audio.opening import opened
from workbench.errors import DecodeError
from workbench.models import Reason

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["payload_hash"]

Extent: TypeAlias = tuple[int, int]
Extents: TypeAlias = Iterable[Extent]

BLOCK: Final = 1 << 20
"""Bytes hashed at a time."""

PAGE: Final = 1 << 16
"""Bytes held for headers, and looked through for zeros, at a time."""


def payload_hash(path: Path) -> str:
    """A hash of a file's encoded sound that stays when the file is tagged anew.

    BLAKE2b of 16 bytes over the parts that a tagger leaves alone, personalised with the kind of container, so that
    equal bytes in two kinds differ:

    - MPEG audio and ADTS AAC: what lies between the tags at both ends (ID3v2, APE; ID3v1, TAG+, Lyrics3v2), and
      after zero bytes in front of the first frame, for they may be padding that a tagger left
    - FLAC: everything behind the last metadata block, without tags at the end
    - Ogg with Vorbis, Opus, FLAC or Speex: the bodies of the pages behind the header packets, of the first audio stream
      of each link of a chain; page headers are numbered anew by taggers
    - MP4: the content of all ``mdat`` boxes
    - WAVE, RF64: the content of ``fmt`` and ``data``; AIFF: that of ``COMM`` and ``SSND``
    - anything else: what lies between the tags at both ends
    - a file in which nothing of that is found: all its bytes

    The sound is not decoded: another encoder, bit rate or padding gives another hash. Costs what reading and BLAKE2b
    cost, about 1.5 s a gigabyte, in 2 MB of memory.

    Parameters
    ----------
    path : Path
        A regular file; it is only read.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    DecodeError
        EMPTY_FILE, NOT_A_FILE, VANISHED or UNREADABLE; odd content never raises.
    """
    with opened(path) as raw:
        try:
            with _buffered(raw) as file:
                return _hashed(file, os.fstat(file.fileno()).st_size)
        except OSError as error:
            found = f"cannot be read ({error.strerror or error}); is its disk sound?"
            raise DecodeError(f"{path}: {found}", Reason.UNREADABLE) from error


def _buffered(file: IO[bytes]) -> BufferedReader:
    return BufferedReader(FileIO(file.fileno(), closefd=False), PAGE)


def _hashed(file: BufferedReader, size: int) -> str:
    kind, extents = _payload(file, size)
    return _digest(file, kind, extents) or _digest(file, "file", [(0, size)]) or ""


def _digest(file: BufferedReader, kind: str, extents: Extents) -> str | None:
    """The hash of these parts of a file; None where they hold nothing."""
    hasher = blake2b(digest_size=16, person=kind.encode())
    buffer = memoryview(bytearray(BLOCK))
    fed = 0
    for start, stop in extents:
        file.seek(start)
        left = stop - start
        while left > 0 and (count := file.readinto(buffer[:left])):
            hasher.update(buffer[:count])
            left -= count
            fed += count
    return hasher.hexdigest() if fed else None


def _payload(file: BufferedReader, size: int) -> tuple[str, Extents]:
    """The kind of container behind any tags in front, and where its payload lies."""
    start = _after_tags(file, size)
    head = _at(file, start, 12)
    for kind, (known, extents) in CONTAINERS.items():
        if known(head):
            return kind, extents(file, start, size)
    frames = _after_zeros(file, start, size)
    if _is_mpeg(_at(file, frames, 2)):
        return "mpeg", _between_tags(file, frames, size)
    return "file", _between_tags(file, start, size)


def _at(file: BufferedReader, offset: int, count: int) -> bytes:
    """Bytes of a file, zeros where it has none."""
    if offset < 0:
        return bytes(count)
    file.seek(offset)
    return file.read(count).ljust(count, b"\0")


def _after_zeros(file: BufferedReader, start: int, size: int) -> int:
    while start < size:
        kept = len(_at(file, start, PAGE).lstrip(b"\0"))
        start += PAGE - kept
        if kept:
            break
    return start


def _after_tags(file: BufferedReader, size: int) -> int:
    """Where the tags in front end; one that claims more than the file holds is none."""
    start = 0
    while 0 < (length := _leading_tag(_at(file, start, 32))) <= size - start:
        start += length
    return start


def _leading_tag(head: bytes) -> int:
    """Length of the tag that begins here, 0 where there is none.

    An ID3v2 footer counts by its name, not by the header's flag: a tagger that does not know footers leaves it behind.
    https://id3.org/id3v2.4.0-structure, https://wiki.hydrogenaudio.org/index.php?title=APE_Tags_Header
    """
    if head.startswith(b"ID3"):
        return 10 + _synchsafe(head[6:10])
    if head.startswith(b"3DI"):
        return 10
    return 32 + _number(head, 12, "<I") if head.startswith(b"APETAGEX") else 0


def _synchsafe(four: bytes) -> int:
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]


def _number(data: bytes, offset: int, form: str) -> int:
    return int(struct.unpack_from(form, data, offset)[0])


def _between_tags(file: BufferedReader, start: int, size: int) -> Extents:
    stop = size
    while length := _trailing_tag(file, start, stop):
        stop -= length
    return [(start, stop)]


def _trailing_tag(file: BufferedReader, start: int, stop: int) -> int:
    """Length of the tag that ends at `stop`, 0 where there is none behind `start`."""
    lengths = (read(file, stop) for read in (_id3v1, _apev2, _lyrics3, _id3v2_behind))
    return next((length for length in lengths if 0 < length <= stop - start), 0)


def _id3v1(file: BufferedReader, stop: int) -> int:
    """ID3v1, with TAG+ in front of it; early versions of mutagen wrote tags of 124 to 127 bytes.

    https://id3.org/ID3v1, https://en.wikipedia.org/wiki/ID3#Enhanced_tag
    """
    for length in range(128, 123, -1):
        if _at(file, stop - length, 3) == b"TAG":
            return length + 227 * (_at(file, stop - length - 227, 4) == b"TAG+")
    return 0


def _apev2(file: BufferedReader, stop: int) -> int:
    """An APE tag by its footer; the header counts by its name, for flags lie. Source as in `_leading_tag`."""
    footer = _at(file, stop - 32, 32)
    if not footer.startswith(b"APETAGEX"):
        return 0
    length = max(32, _number(footer, 12, "<I"))
    return length + 32 * (_at(file, stop - length - 32, 8) == b"APETAGEX")


def _lyrics3(file: BufferedReader, stop: int) -> int:
    """Lyrics3v2, whose length stands before its last word. https://id3.org/Lyrics3v2."""
    end = _at(file, stop - 15, 15)
    if not end.endswith(b"LYRICS200") or not end[:6].isdigit():
        return 0
    length = int(end[:6]) + 15
    return length if _at(file, stop - length, 11) == b"LYRICSBEGIN" else 0


def _id3v2_behind(file: BufferedReader, stop: int) -> int:
    """ID3v2.4 at the end of a file, by its footer. Source as in `_leading_tag`."""
    footer = _at(file, stop - 10, 10)
    length = 20 + _synchsafe(footer[6:])
    return length if footer.startswith(b"3DI") and _at(file, stop - length, 3) == b"ID3" else 0


def _is_mpeg(head: bytes) -> bool:
    """Whether a frame of MPEG audio or ADTS begins here: eleven bits of sync."""
    return head.startswith(b"\xff") and head[1:2] >= b"\xe0"


def _is_flac(head: bytes) -> bool:
    return head.startswith(b"fLaC")


def _flac(file: BufferedReader, start: int, size: int) -> Extents:
    """Frames behind the metadata blocks; nothing where no frame begins there. RFC 9639, sections 8 and 9.1."""
    start, last = start + 4, False
    while start < size and not last:
        header = _at(file, start, 4)
        start, last = start + 4 + int.from_bytes(header[1:], "big"), header[0] >= 0x80  # noqa: PLR2004  the highest bit
    return _between_tags(file, start, size) if _at(file, start, 2) in {b"\xff\xf8", b"\xff\xf9"} else []


def _is_ogg(head: bytes) -> bool:
    return head.startswith(b"OggS")


def _ogg(file: BufferedReader, start: int, size: int) -> Iterator[Extent]:
    """Bodies of the first audio stream's pages behind its headers, and of that of each further link of a chain.

    All streams of a link begin before any goes on (RFC 3533, section 4), so that a stream that begins after sound is
    another link. Taggers leave what lies behind a broken page alone: it counts as it is.
    """
    serial, headers = b"", 0
    while start < size and _is_ogg(page := _at(file, start, 27)):
        lacing = _at(file, start + 27, page[26])
        body = start + 27 + len(lacing)
        if page[5] & 2 and not headers and (count := _ogg_headers(_at(file, body, 72))):
            serial, headers = page[14:18], count
        start = body + sum(lacing)
        if serial == page[14:18]:
            skipped, headers = _past_headers(lacing, headers)
            yield min(body + skipped, size), min(start, size)
    if serial:
        yield start, size


def _past_headers(lacing: bytes, headers: int) -> tuple[int, int]:
    """How many bytes of a page belong to header packets, and how many of those packets are still to end."""
    skipped = 0
    for length in lacing if headers else b"":
        skipped += length
        headers -= length < 255  # noqa: PLR2004  a shorter segment ends its packet
        if not headers:
            break
    return skipped, headers


def _ogg_headers(packet: bytes) -> int:
    """Number of header packets of an audio stream that begins so, 0 for another stream.

    Vorbis I section 4.2, RFC 7845 section 3, RFC 9639 section 10.1 (where the number is left open, the stream counts as
    another), and the Speex manual's table of header fields.
    """
    if packet.startswith(b"\x01vorbis"):
        return 3
    if packet.startswith(b"OpusHead"):
        return 2
    if packet.startswith(b"\x7fFLAC"):
        return _number(packet, 7, ">H") and _number(packet, 7, ">H") + 1
    return 2 + _number(packet, 68, "<I") if packet.startswith(b"Speex   ") else 0


def _is_mp4(head: bytes) -> bool:
    return head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}


def _mp4(file: BufferedReader, start: int, size: int) -> Iterator[Extent]:
    """Content of the media boxes; length 1: 64 bits behind the name, 0: to the end. ISO/IEC 14496-12, section 4.2."""
    while start < size:
        box = _at(file, start, 16)
        header, length = 8, _number(box, 0, ">I") or size - start
        if length == 1:
            header, length = 16, _number(box, 8, ">Q")
        if length < header:
            return
        if box[4:8] == b"mdat":
            yield start + header, min(start + length, size)
        start += length


def _is_wave(head: bytes) -> bool:
    return head[:4] in {b"RIFF", b"RIFX", b"RF64", b"BW64"} and head[8:] == b"WAVE"


def _wave(file: BufferedReader, start: int, size: int) -> Iterator[Extent]:
    """Format and samples; RF64 has the samples' length in its first chunk. EBU Tech 3306, section 4."""
    form = ">I" if _at(file, start, 4) == b"RIFX" else "<I"
    first = _at(file, start + 12, 24)
    long = _number(first, 16, "<Q") if first.startswith(b"ds64") else None
    return _chunks(file, start + 12, size, form, [b"fmt ", b"data"], long)


def _is_aiff(head: bytes) -> bool:
    return head.startswith(b"FORM") and head[8:] in {b"AIFF", b"AIFC"}


def _aiff(file: BufferedReader, start: int, size: int) -> Iterator[Extent]:
    return _chunks(file, start + 12, size, ">I", [b"COMM", b"SSND"])


def _chunks(
    file: BufferedReader, start: int, size: int, form: str, names: list[bytes], long: int | None = None
) -> Iterator[Extent]:
    """Content of the first chunk of each name; a length of a stream, 0 or all ones, means `long` or to the end."""
    missing = {*names}
    while start < size and missing:
        head = _at(file, start, 8)
        name, length, start = head[:4], _number(head, 4, form), start + 8
        if name in missing and length in {0, 0xFFFF_FFFF}:
            length = long or size - start
        if name in missing:
            missing.remove(name)
            yield start, min(start + length, size)
        start += length + length % 2


CONTAINERS: Final[dict[str, tuple[Callable[[bytes], bool], Callable[[BufferedReader, int, int], Extents]]]] = {
    "flac": (_is_flac, _flac),
    "ogg": (_is_ogg, _ogg),
    "mp4": (_is_mp4, _mp4),
    "wave": (_is_wave, _wave),
    "aiff": (_is_aiff, _aiff),
}
"""Kinds by the 12 bytes that they begin with, and where each has its payload."""
