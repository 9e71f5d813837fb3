"""Is a file all there, as far as its containers tell?

Conventions
-----------
Only headers are read, a few kilobytes a file: what a decoder finds comes on top. Sources: as in
`workbench.audio.payload` for the containers; RFC 3533, section 6, for Ogg's last page; the LAME project's description
of the Xing header and Fraunhofer's of VBRI for MPEG audio.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from workbench.audio.opening import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Wholeness", "guesses_length", "wholeness"]

ID3_HEADER: Final = struct.Struct(">3sBBB4B")
ID3_TAGS_LIMIT: Final = 8
FRAME_SEARCH: Final = 1 << 16
"""Bytes behind the tags in which the first frame of MPEG audio is looked for."""
LENGTH_HEADERS: Final = (b"Xing", b"Info", b"VBRI")
LENGTH_HEADER_BEHIND: Final = 64
"""Bytes from a frame's start within which such a header begins: 4 of its own, 2 of CRC, 32 of side information."""
OGG_PAGE: Final = 27 + 255 + 255 * 255
"""The longest page."""
OGG_LAST: Final = 4
"""Flag of a stream's last page."""
OPEN_LENGTH: Final = 0x7FFF_0000
"""Programs that do not know yet how long a chunk will be write 0, or something from here on up to 2^32 - 1."""
CHUNKS_LIMIT: Final = 1_000
CONTENT: Final = (b"data", b"SSND", b"mdat")


@dataclass(frozen=True, slots=True)
class Wholeness:
    """What the bytes of a file say of its end.

    Attributes
    ----------
    length_is_guess : bool
        No header states a length: whoever names one has divided the file's size by a bit rate.
    missing : str
        How the file is known to be cut off, for people; empty where nothing says so.
    """

    length_is_guess: bool = False
    missing: str = ""


def wholeness(path: Path) -> Wholeness:
    """Whether a file is all there and says how long it is; costs a few reads.

    Raises
    ------
    DecodeError
        EMPTY_FILE, NOT_A_FILE, VANISHED or UNREADABLE; odd content never raises.
    """
    with opened(path) as file:
        return Wholeness(guesses_length(file), _missing(file))


def guesses_length(file: IO[bytes]) -> bool:
    """Whether a file is MPEG audio or ADTS without a header that states its length."""
    start = _behind_id3(file)
    found = _at(file, start, FRAME_SEARCH)
    offset = len(found) - len(found.lstrip(b"\0"))  # padding that a tagger left
    head = found[offset : offset + LENGTH_HEADER_BEHIND]
    sync = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # noqa: PLR2004  as in `opening`
    return sync and not any(name in head for name in LENGTH_HEADERS)


def _behind_id3(file: IO[bytes]) -> int:
    """Offset behind the ID3v2 tags at the start."""
    start = 0
    for _ in range(ID3_TAGS_LIMIT):
        head = _at(file, start, ID3_HEADER.size)
        if len(head) < ID3_HEADER.size or not head.startswith(b"ID3"):
            break
        *_, flags, a, b, c, d = ID3_HEADER.unpack(head)
        start += ID3_HEADER.size * (2 if flags & 0x10 else 1) + (a << 21 | b << 14 | c << 7 | d)
    return start


def _missing(file: IO[bytes]) -> str:
    """How a file is known to be cut off."""
    size = os.fstat(file.fileno()).st_size
    head = _at(file, 0, 12)
    if head.startswith(b"OggS"):
        return _ogg_missing(file, size)
    chunks = _boxes(file, size) if head[4:8] == b"ftyp" else _chunks(file, head)
    for name, start, length in chunks:
        if name in CONTENT and start + length > size:
            return f"its sound takes {length:,} bytes, {max(0, size - start):,} of them are there"
    return ""


def _ogg_missing(file: IO[bytes], size: int) -> str:
    """An Ogg stream ends with a page that says so."""
    tail = _at(file, max(0, size - 2 * OGG_PAGE), 2 * OGG_PAGE)
    at = tail.rfind(b"OggS\0")
    page = tail[at:]
    if at < 0 or len(page) > OGG_PAGE:
        return ""  # what stands behind the last page is not known
    if len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]]):  # noqa: PLR2004  a page's header
        return "its last page of sound is cut off"
    return "" if page[5] & OGG_LAST else "it ends before the page that closes its stream"


def _chunks(file: IO[bytes], head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and declared length of the chunks of WAVE or AIFF; none of another file."""
    kinds = {b"RIFF": "<", b"RF64": "<", b"RIFX": ">", b"FORM": ">"}
    order, kind = kinds.get(head[:4]), head[8:12]
    start = 12
    for _ in range(CHUNKS_LIMIT if order and kind in {b"WAVE", b"AIFF", b"AIFC"} else 0):
        found = _at(file, start, 8)
        if len(found) < 8:  # noqa: PLR2004  a name and a length
            return
        name, length = struct.unpack(f"{order}4sI", found)
        start += 8
        is_open = length == 0 or length >= OPEN_LENGTH
        yield name, start, 0 if is_open else length
        if is_open and name in CONTENT:
            return
        start += length + length % 2


def _boxes(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and declared length of the outer boxes of MP4."""
    start = 0
    for _ in range(CHUNKS_LIMIT):
        found = _at(file, start, 16).ljust(16, b"\0")
        length, name = struct.unpack(">I4s", found[:8])
        header = 8
        if length == 1:
            (length,), header = struct.unpack(">Q", found[8:]), 16
        if length < header or start >= size:
            return
        yield name, start + header, length - header
        start += length


def _at(file: IO[bytes], offset: int, n: int) -> bytes:
    """Up to n bytes from an offset."""
    try:
        file.seek(offset)
    except (OSError, OverflowError, ValueError):  # an offset that no file can have
        return b""
    return file.read(n)
