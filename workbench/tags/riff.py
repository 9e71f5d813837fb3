"""What do the chunks of a WAV or AIFF file say?

Mutagen reads no LIST/INFO and no RF64, and takes a stream's placeholder size for its duration; this reads the chunk
headers itself and seeks over all else.

Conventions
-----------
A chunk's size is what is really there, never more than the file holds. At most 1,000 chunks are looked at, and 1 MB of
text is read from each. Sources: Multimedia Programming Interface 1.0 (RIFF), EBU Tech 3306 (RF64), AIFF-C draft of
26 August 1991.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Chunk", "SoundHeader", "aiff_header", "chunks", "content_of", "texts", "wav_header"]

CHUNKS_LIMIT = 1_000
TEXT_LIMIT = 1_000_000
OPENING_BYTES = 12
UNKNOWN_SIZE = 0xFFFFFFFF
EXTENSIBLE = 0xFFFE
MANTISSA_BITS = 64

WAV_CODECS = {1: "pcm", 2: "adpcm", 3: "pcm", 6: "alaw", 7: "mulaw", 0x11: "adpcm", 0x50: "mp2", 0x55: "mp3"}
AIFC_CODECS = dict.fromkeys((b"none", b"sowt", b"twos", b"in24", b"in32", b"fl32", b"fl64", b"raw "), "pcm") | {
    b"alaw": "alaw",
    b"ulaw": "mulaw",
    b"ima4": "adpcm",
}
AIFF_TEXTS = {b"NAME": "NAME", b"AUTH": "AUTH", b"ANNO": "ANNO"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of the file: its identifier, where its content starts and how many bytes of it there are."""

    name: bytes
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundHeader:
    """What the format chunk says; None where it is not stated."""

    codec: str | None
    channels: int
    sample_rate_hz: float
    bit_depth: int
    duration_s: float | None


def chunks(file: BinaryIO, start: int, end: int) -> list[Chunk]:
    """Chunks of a RIFF, RIFX, RF64 or FORM whose opening stands at an offset; a damaged tail is left out."""
    file.seek(start)
    opening = file.read(OPENING_BYTES)
    little = opening[:4] in {b"RIFF", b"RF64"}
    return list(walked(file, start + OPENING_BYTES, end, "<" if little else ">"))


def walked(file: BinaryIO, offset: int, end: int, order: str) -> Iterator[Chunk]:
    """One chunk after the other, from an offset to the end."""
    long_size: int | None = None
    for _ in range(CHUNKS_LIMIT):
        file.seek(offset)
        head = file.read(8)
        if len(head) < len(b"name") * 2:
            return
        name, size = struct.unpack(f"{order}4sI", head)
        if name == b"ds64":
            long_size = struct.unpack("<Q", file.read(16)[8:].ljust(8, b"\0"))[0]
        if name == b"data" and size == UNKNOWN_SIZE and long_size is not None:
            size = long_size
        there = min(size, max(end - offset - 8, 0))
        yield Chunk(name, offset + 8, there)
        offset += 8 + size + size % 2


def content_of(file: BinaryIO, found: Iterable[Chunk], name: bytes, limit: int) -> bytes | None:
    """Content of the first chunk of a name, at most a limit of bytes, or None."""
    chunk = next((chunk for chunk in found if chunk.name.lower() == name.lower()), None)
    if chunk is None:
        return None
    file.seek(chunk.offset)
    return file.read(min(chunk.size_bytes, limit))


def wav_header(file: BinaryIO, found: list[Chunk], order: str) -> SoundHeader | None:
    """Sound of a WAV file; None where the format chunk is missing or cut short."""
    layout = struct.Struct(f"{order}HHIIHH")
    content = content_of(file, found, b"fmt ", 40)
    if content is None or len(content) < layout.size:
        return None
    code, channels, rate, byte_rate, _, bits = layout.unpack_from(content)
    if code == EXTENSIBLE and len(content) == 40:  # noqa: PLR2004  the real code opens the GUID at 24 of 40 bytes
        (code,) = struct.unpack_from(f"{order}H", content, 24)
    data = sum(chunk.size_bytes for chunk in found if chunk.name == b"data")
    return SoundHeader(
        codec=WAV_CODECS.get(code),
        channels=channels,
        sample_rate_hz=rate,
        bit_depth=bits,
        duration_s=data / byte_rate if byte_rate else None,
    )


def aiff_header(file: BinaryIO, found: list[Chunk], kind: bytes) -> SoundHeader | None:
    """Sound of an AIFF or AIFC file; None where the common chunk is missing or cut short."""
    content = content_of(file, found, b"COMM", 22)
    if content is None or len(content) < 18:  # noqa: PLR2004  2 + 4 + 2 + 10 bytes
        return None
    channels, frames, bits = struct.unpack_from(">HIH", content)
    rate = extended(content[8:18])
    return SoundHeader(
        codec=AIFC_CODECS.get(content[18:22].lower()) if kind == b"AIFC" else "pcm",
        channels=channels,
        sample_rate_hz=rate,
        bit_depth=bits,
        duration_s=frames / rate if rate else None,
    )


def extended(content: bytes) -> float:
    """Positive number in the 80-bit format of IEEE 754, 0.0 where it is not one that a sample rate can be."""
    exponent, mantissa = struct.unpack(">HQ", content)
    shift = exponent - 16383 - 63
    return float(mantissa * 2.0**shift) if -MANTISSA_BITS < shift < 0 else 0.0


def texts(file: BinaryIO, found: list[Chunk], order: str) -> Iterator[tuple[str, str]]:
    """Texts of LIST/INFO in WAV and of NAME, AUTH and ANNO in AIFF, as (chunk name, text)."""
    for chunk in found:
        file.seek(chunk.offset)
        if chunk.name in AIFF_TEXTS:
            yield AIFF_TEXTS[chunk.name], decoded(file.read(min(chunk.size_bytes, TEXT_LIMIT)))
        elif chunk.name == b"LIST" and file.read(4) == b"INFO":
            for item in walked(file, chunk.offset + 4, chunk.offset + chunk.size_bytes, order):
                file.seek(item.offset)
                yield item.name.decode("latin-1"), decoded(file.read(min(item.size_bytes, TEXT_LIMIT)))


def decoded(content: bytes) -> str:
    """Text up to the first NUL; neither format names an encoding: UTF-8 where it is, else Windows' Western one."""
    line = content.split(b"\0", 1)[0]
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
