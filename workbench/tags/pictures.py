"""Which picture belongs to a file or a folder?

Conventions
-----------
A picture is its bytes and the kind that its tag gives it (ID3v2.4, section 4.14: 3 is the front cover). Only JPEG and
PNG of at most 10 MB are accepted, known by their magic bytes, not by what the tag or the file's name calls them: all
others together are one cover in a thousand, and each would be one more decoder that a stranger's bytes reach.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "FRONT",
    "Picture",
    "beside",
    "folder_cover",
    "front",
    "of_ape",
    "of_blocks",
    "of_comments",
    "of_id3",
    "of_mp4",
    "refusal",
]

Picture = tuple[int, bytes]

FRONT = 3
COVER_LIMIT_BYTES = 10_000_000
BASE64_LIMIT = COVER_LIMIT_BYTES * 4 // 3 + 100_000  # a picture block wraps the picture in some text
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
FOREIGN = (
    ("GIF", 0, b"GIF8"),
    ("WebP", 8, b"WEBP"),
    ("BMP", 0, b"BM"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("AVIF or HEIC", 4, b"ftyp"),
    ("JPEG XL", 4, b"JXL "),
    ("Windows icon", 0, b"\0\0\1\0"),
    ("Photoshop", 0, b"8BPS"),
    ("PostScript", 0, b"%!PS"),
    ("PDF", 0, b"%PDF"),
)
"""Kinds that are refused by name, and the bytes at an offset that tell them."""
STEMS = ("cover", "folder", "front", "album")
ENDINGS = (".jpg", ".jpeg", ".png")
COVER_NAMES = tuple(stem + ending for stem in STEMS for ending in ENDINGS)


def front(pictures: Iterable[Picture]) -> bytes | None:
    """First acceptable front cover, else the first acceptable picture, else None."""
    fit = [picture for picture in pictures if acceptable(picture[1])]
    return min(fit, key=lambda picture: picture[0] != FRONT)[1] if fit else None


def acceptable(content: bytes) -> bool:
    """Whether bytes are a JPEG or PNG of at most 10 MB."""
    return not refusal(content)


def refusal(content: bytes) -> str:
    """Why bytes are not taken for a picture; empty where they are.

    Examples
    --------
    >>> refusal(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    'is SVG or other markup, which may hold scripts; JPEG and PNG are taken'
    """
    if len(content) > COVER_LIMIT_BYTES:
        return f"is larger than {COVER_LIMIT_BYTES // 1_000_000} MB"
    if content.startswith(MAGIC):
        return ""
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return "is SVG or other markup, which may hold scripts; JPEG and PNG are taken"
    kind = next((name for name, offset, magic in FOREIGN if content[offset:].startswith(magic)), None)
    return f"is {f'of the kind {kind}' if kind else 'no picture that is known'}; JPEG and PNG are taken"


def beside(path: Path) -> bytes | None:
    """Content of the picture file of a track's folder, up to a byte more than is accepted; None where none is there."""
    file = folder_cover(path.parent)
    try:
        return None if file is None else beginning(file)
    except OSError:  # a picture that cannot be read is not shown
        return None


def beginning(file: Path) -> bytes | None:
    """The first 10 MB of a regular file and a byte more; None for what is none by the time that it is opened."""
    with open(file, "rb", opener=without_waiting) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            return None
        return opened.read(COVER_LIMIT_BYTES + 1)


def without_waiting(path: str, flags: int) -> int:
    """Descriptor of a file that may have become a pipe since it was looked at."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def of_id3(tags: Iterable[Any]) -> list[Picture]:
    """Pictures among ID3 frames."""
    return [(int(frame.type), frame.data) for frame in tags if frame.FrameID == "APIC"]


def of_blocks(blocks: Iterable[Any]) -> list[Picture]:
    """Pictures of FLAC's metadata blocks."""
    return [(block.type, block.data) for block in blocks]


def of_comments(comments: Iterable[tuple[str, str]]) -> Iterator[Picture]:
    """Pictures in Vorbis comments: picture blocks in base64, and the older bare COVERART."""
    from mutagen import MutagenError
    from mutagen.flac import Picture as Block

    for name, value in comments:
        if name.upper() not in {"METADATA_BLOCK_PICTURE", "COVERART"} or len(value) > BASE64_LIMIT:
            continue
        try:
            content = base64.b64decode(value)
            block = None if name.upper() == "COVERART" else Block(content)
        except (binascii.Error, ValueError, MutagenError):  # no picture, and a track needs none
            continue
        yield (FRONT, content) if block is None else (block.type, block.data)


def of_mp4(covers: Iterable[bytes]) -> list[Picture]:
    """Pictures of the covr atom, all of them front covers."""
    return [(FRONT, bytes(cover)) for cover in covers]


def of_ape(tags: Iterable[tuple[str, Any]]) -> list[Picture]:
    """Pictures of APEv2: a file name, NUL, the bytes."""
    return [
        (FRONT if "front" in name.lower() else 0, bytes(value.value).partition(b"\0")[2])
        for name, value in tags
        if name.lower().startswith("cover art") and isinstance(value.value, bytes)
    ]


def folder_cover(folder: Path) -> Path | None:
    """Picture file of a folder: cover, folder, front or album, each as .jpg, .jpeg or .png, in any case.

    Returns
    -------
    Path or None
        The first in that order; None where there is none or the folder cannot be listed.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError:  # a folder that cannot be listed shows no picture
        return None
    ranked = [(COVER_NAMES.index(path.name.lower()), path) for path in entries if path.name.lower() in COVER_NAMES]
    return next((path for _, path in sorted(ranked) if path.is_file()), None)
