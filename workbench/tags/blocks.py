"""Where do bare streams keep their blocks of tags, and what if one is damaged?

Conventions
-----------
A loader gives a block: a table of tags and the pictures beside it, both empty where the file has no such block.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from workbench.tags import pictures
from workbench.tags.fields import Table, tabulate
from workbench.tags.frames import ape_pairs, id3_pairs, plain_frames
from workbench.tags.pictures import Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["ESCAPES", "Block", "Source", "embedded_id3", "gathered", "id3_and_ape", "id3_block"]

logger = logging.getLogger(__name__)

Block = tuple[Table, list[Picture]]

ID3V1_BYTES = 128

# what mutagen lets escape on damaged files besides its own errors, found by feeding it such files
ESCAPES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, its path for messages, the offset behind leading ID3v2 tags and the file's size."""

    file: BinaryIO
    path: Path
    start: int
    size_bytes: int


def id3_and_ape(source: Source) -> tuple[tuple[Table, ...], tuple[Picture, ...]]:
    """Tags of a bare stream: ID3v2 in front, APEv2 and ID3v1 behind."""
    return gathered(source, [partial(load, source) for load in (id3_block, ape_block, id3v1_block)])


def gathered(source: Source, loaders: Iterable[Callable[[], Block]]) -> tuple[tuple[Table, ...], tuple[Picture, ...]]:
    """Tables and pictures of all blocks of tags; a damaged one is passed over if another holds something."""
    from mutagen import MutagenError

    tables: list[Table] = []
    images: list[Picture] = []
    damage: Exception | None = None
    for load in loaders:
        try:
            table, found = load()
        except (MutagenError, *ESCAPES) as error:
            damage = error
            logger.info("%s: one of its blocks of tags is damaged: %s", source.path, error)
            continue
        tables += [table] if table else []
        images += found
    if damage is not None and not tables:
        raise damage
    return tuple(tables), tuple(images)


def id3_block(source: Source) -> Block:
    """ID3v2 tag at the start of the file."""
    from mutagen.id3 import ID3

    source.file.seek(0)
    if source.file.read(3) != b"ID3":
        return {}, []
    source.file.seek(0)
    return id3_content(ID3(source.file, known_frames=plain_frames(), translate=False, load_v1=False))


def embedded_id3(content: bytes | None) -> Block:
    """ID3v2 tag in a chunk."""
    from mutagen.id3 import ID3

    if not content or not content.startswith(b"ID3"):
        return {}, []
    return id3_content(ID3(io.BytesIO(content), known_frames=plain_frames(), translate=False, load_v1=False))


def id3_content(tags: Any) -> Block:  # noqa: ANN401  mutagen's ID3 has no types
    """Table and pictures of an ID3v2 tag."""
    frames = list(tags.values())
    return tabulate(id3_pairs(frames, version=tags.version)), pictures.of_id3(frames)


def id3v1_block(source: Source) -> Block:
    """ID3v1 tag at the end of the file."""
    from mutagen.id3 import ParseID3v1

    source.file.seek(max(source.size_bytes - ID3V1_BYTES, 0))
    content = source.file.read(ID3V1_BYTES)
    frames = ParseID3v1(content, 4, plain_frames()) if content.startswith(b"TAG") else None
    return tabulate(id3_pairs((frames or {}).values())), []


def ape_block(source: Source) -> Block:
    """APEv2 tag at the end of the file."""
    from mutagen.apev2 import APENoHeaderError, APEv2

    source.file.seek(0)
    try:
        items = list(APEv2(source.file).items())
    except APENoHeaderError:
        return {}, []
    return tabulate(ape_pairs(items)), pictures.of_ape(items)
