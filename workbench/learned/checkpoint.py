"""What do the variables of a TensorFlow checkpoint hold?

A checkpoint is two files: an index, which is a table of LevelDB's form from names to descriptions, and the data, in
which the descriptions point. TensorFlow itself is not needed to read them.

Conventions
-----------
Only what TensorFlow 1 writes for a model on one machine is read: one data file, little-endian, no compression. The
files are not trusted: every length is held against what is there, no byte is read twice, and checksums must agree.

Sources: the index is https://github.com/google/leveldb/blob/main/doc/table_format.md, its values are the messages of
https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto, whose wire format is
https://protobuf.dev/programming-guides/encoding; checksums are CRC-32C, masked as LevelDB does (util/crc32c.h).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from workbench.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench.learned.records import Array

__all__ = ["crc32c", "read_checkpoint"]

FOOTER_BYTES: Final = 48
MAGIC: Final = (0xDB4775248B80FB57).to_bytes(8, "little")
TRAILER_BYTES: Final = 5  # one byte of compression, four of checksum
WORD: Final = 4
LONGEST_INDEX: Final = 10**6
LONGEST_NAME: Final = 1000
MOST_VARIABLES: Final = 10_000
MOST_DIMENSIONS: Final = 8
VARINT_BYTES: Final = 10
FLOAT32: Final = 1  # DataType.DT_FLOAT
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types


class Entry(NamedTuple):
    """Where a variable lies: the fields of a BundleEntryProto that matter."""

    dtype: int
    shape: tuple[int, ...]
    offset: int
    size: int
    checksum: int


def read_checkpoint(index: bytes, data: bytes, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, Array]:
    """Name -> float32 array, for each wanted variable of that type.

    Parameters
    ----------
    index, data : bytes
        What the files ``.index`` and ``.data-00000-of-00001`` hold.
    wanted : callable
        Says for a name whether its variable is to be read; the rest is not even looked at. Each MB takes 0.1 s.

    Raises
    ------
    ModelError
        The bytes are damaged, cut off, compressed or no checkpoint at all.
    """
    variables: dict[str, Array] = {}
    left = len(data)
    for number, (name, value) in enumerate(_table(index)):
        if number == 0:
            _check_header(name, value)
            continue
        text = _text(name)
        if not wanted(text):
            continue
        entry = _entry(text, value)
        if entry.dtype == FLOAT32:
            left -= entry.size
            if left < 0:
                raise ModelError(f"checkpoint: {text}: the variables together are larger than the data")
            variables[text] = _variable(text, entry, data)
    return variables


def _variable(name: str, entry: Entry, data: bytes) -> Array:
    fits = entry.size == WORD * math.prod(entry.shape) and max(entry.shape, default=0) <= len(data)
    if not fits or entry.offset + entry.size > len(data):
        raise ModelError(f"checkpoint: {name}: shape {entry.shape} does not fit its {entry.size} bytes of data")
    part = data[entry.offset : entry.offset + entry.size]
    if _masked(crc32c(part)) != entry.checksum:
        raise ModelError(f"checkpoint: {name}: its checksum does not agree, the data is damaged")
    return np.frombuffer(part, "<f4").reshape(entry.shape).astype(np.float32)


def _check_header(name: bytes, value: bytes) -> None:
    """Hold the first entry, a BundleHeaderProto, against what can be read: one little-endian data file."""
    fields = dict(_fields(value))
    if name or fields.get(1) != 1 or fields.get(2, 0) != 0:
        raise ModelError("checkpoint: not the index of one little-endian data file")


def _entry(name: str, value: bytes) -> Entry:
    fields = dict(_fields(value))
    shape, checksum = fields.get(2, b""), fields.get(6, b"")
    numbers = [fields.get(number, 0) for number in (1, 3, 4, 5)]  # dtype, shard, offset, size
    if not (isinstance(shape, bytes) and isinstance(checksum, bytes) and len(checksum) == WORD) or 7 in fields:  # noqa: PLR2004  its slices
        raise ModelError(f"checkpoint: {name}: no plain variable")
    dtype, shard, offset, size = (number if isinstance(number, int) else -1 for number in numbers)
    if shard != 0 or min(dtype, offset, size) < 0:
        raise ModelError(f"checkpoint: {name}: lies in a data file that is not here")
    return Entry(dtype, _shape(name, shape), offset, size, int.from_bytes(checksum, "little"))


def _shape(name: str, message: bytes) -> tuple[int, ...]:
    """Sizes of a TensorShapeProto, whose field 2 is repeated and holds the size as its field 1."""
    dimensions = [dict(_fields(part)).get(1, 0) for number, part in _fields(message) if isinstance(part, bytes)]
    sizes = tuple(size for size in dimensions if isinstance(size, int))
    if len(sizes) != len(dimensions) or len(sizes) > MOST_DIMENSIONS:
        raise ModelError(f"checkpoint: {name}: no shape that an array can have")
    return sizes


def _table(index: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a table, in its order."""
    if not FOOTER_BYTES <= len(index) <= LONGEST_INDEX or index[-len(MAGIC) :] != MAGIC:
        raise ModelError("checkpoint: the index is no table, or is cut off")
    place = len(index) - FOOTER_BYTES
    for _ in range(3):  # offset and size of the meta index, offset of the index of blocks
        offset, place = _varint(index, place)
    size, _ = _varint(index, place)
    reached = count = 0
    for _, handle in _block(index, offset, size):
        offset, place = _varint(handle, 0)
        size, _ = _varint(handle, place)
        if offset < reached:
            raise ModelError("checkpoint: the index has blocks that overlap")
        reached = offset + size + TRAILER_BYTES
        for pair in _block(index, offset, size):
            count += 1
            if count > MOST_VARIABLES:
                raise ModelError(f"checkpoint: the index names more than {MOST_VARIABLES} variables")
            yield pair


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block; a key is stored as how much it shares with the one before, and the rest."""
    end = offset + size
    if size < WORD or end + TRAILER_BYTES > len(table):
        raise ModelError("checkpoint: the index points beyond its end")
    if table[end] != 0:
        raise ModelError("checkpoint: the index is compressed, which is not read here")
    if _masked(crc32c(table[offset : end + 1])) != int.from_bytes(table[end + 1 : end + TRAILER_BYTES], "little"):
        raise ModelError("checkpoint: a checksum of the index does not agree, it is damaged")
    restarts = int.from_bytes(table[end - WORD : end], "little")
    block = table[offset : max(offset, end - WORD * (restarts + 1))]
    place, key = 0, b""
    while place < len(block):
        shared, place = _varint(block, place)
        own, place = _varint(block, place)
        length, place = _varint(block, place)
        if shared > len(key) or shared + own > LONGEST_NAME or place + own + length > len(block):
            raise ModelError("checkpoint: an entry of the index points beyond its end")
        key = key[:shared] + block[place : place + own]
        place += own + length
        yield key, block[place - length : place]


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a protobuf message's fields."""
    place = 0
    while place < len(message):
        label, place = _varint(message, place)
        kind = label & 7
        if kind == VARINT:
            value, place = _varint(message, place)
            yield label >> 3, value
            continue
        length = {FIXED64: 8, FIXED32: 4}.get(kind)
        if kind == BYTES:
            length, place = _varint(message, place)
        if length is None or place + length > len(message):
            raise ModelError("checkpoint: a description in the index is damaged")
        place += length
        yield label >> 3, message[place - length : place]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """The number that starts at a place, seven bits a byte, lowest first; and where the next thing starts."""
    number = 0
    for shift, byte in enumerate(data[place : place + VARINT_BYTES]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:  # noqa: PLR2004  its top bit says that more follow
            return number, place + shift + 1
    raise ModelError("checkpoint: a number in the index is cut off")


def _text(name: bytes) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise ModelError("checkpoint: a variable's name is no text") from None


def crc32c(data: bytes) -> int:
    """The CRC-32C checksum of bytes (Castagnoli; RFC 3720, appendix B.4); 0.1 s for each MB."""
    table = _crc_table()
    register = 0xFFFFFFFF
    for byte in data:
        register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register ^ 0xFFFFFFFF


@functools.cache
def _crc_table() -> list[int]:
    table = []
    for number in range(256):
        register = number
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
        table.append(register)
    return table


def _masked(checksum: int) -> int:
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
