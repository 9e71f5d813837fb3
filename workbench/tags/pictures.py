"""Which picture belongs to a file or a folder?

Conventions
-----------
A picture is its bytes and the kind that its tag gives it (ID3v2.4, section 4.14: 3 is the front cover). Only JPEG and
PNG are accepted, known by their magic bytes, not by what the tag calls them.
"""

from __future__ import annotations

import base64
import binascii
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
]

Picture = tuple[int, bytes]

FRONT = 3
COVER_LIMIT_BYTES = 10_000_000
BASE64_LIMIT = COVER_LIMIT_BYTES * 4 // 3 + 100_000  # a picture block wraps the picture in some text
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
STEMS = ("cover", "folder", "front", "album")
ENDINGS = (".jpg", ".jpeg", ".png")
COVER_NAMES = tuple(stem + ending for stem in STEMS for ending in ENDINGS)


def front(pictures: Iterable[Picture]) -> bytes | None:
    """First acceptable front cover, else the first acceptable picture, else None."""
    fit = [picture for picture in pictures if acceptable(picture[1])]
    return min(fit, key=lambda picture: picture[0] != FRONT)[1] if fit else None


def acceptable(content: bytes) -> bool:
    """Whether bytes are a JPEG or PNG of at most 10 MB."""
    return len(content) <= COVER_LIMIT_BYTES and content.startswith(MAGIC)


def beside(path: Path) -> bytes | None:
    """Picture file of a track's folder, where it is an acceptable one that can be read."""
    file = folder_cover(path.parent)
    try:
        if file is None or file.stat().st_size > COVER_LIMIT_BYTES:
            return None
        content = file.read_bytes()
    except OSError:  # a picture that cannot be read is not shown
        return None
    return content if acceptable(content) else None


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
