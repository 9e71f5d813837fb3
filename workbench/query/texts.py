"""Which rows hold a bare word, when there are many rows?

Conventions
-----------
All the searched texts of a frame lie end to end, ASCII letters lowered. A word is first looked for in stretches of
sixteen texts, which costs a tenth of a look at each, then in the stretches that hold it, where a find that reaches from
one text into the next is none. A text with letters beyond ASCII lies a second time, folded; what is found in it as it
is written, an ASCII word, is found there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

import numpy as np
import polars as pl

from workbench.query.fields import SEARCHED, fold, text_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    Stamp = list[tuple[int, ...]]

__all__ = ["FEW", "Texts", "holding", "is_remembered", "laid_out", "lowered_pieces", "remembered"]

STRETCH: Final = 16
FEW: Final = 8
"""Where less than an eighth of the rows is asked for, their texts are looked at one by one."""

FIRST_BEYOND: Final = 0x80
"""First code point beyond ASCII."""

LEAD_BYTE: Final = 0xC0
"""Least first byte of such a letter in UTF-8 (RFC 3629)."""

MOST_REMEMBERED: Final = 2
OLDEST: Final = pl.CompatLevel.oldest()
NEWEST: Final = pl.CompatLevel.newest()


@dataclass(frozen=True, slots=True)
class Block:
    """Texts end to end: text i belongs to row `rows[i]`."""

    texts: Any  # pyarrow.LargeStringArray
    starts: Numbers  # the byte where each begins, and the last ends
    stretches: pl.Series
    rows: Numbers


@dataclass(frozen=True, slots=True)
class Texts:
    """The searched texts of `height` rows; those with letters beyond ASCII once more, folded, in `foreign`."""

    height: int
    plain: Block
    foreign: Block


def holding(texts: Texts, needle: str, rows: Numbers) -> pl.Series:
    """Whether any searched text of these rows contains a folded text that is not empty: one boolean a row."""
    asked, held = np.zeros((2, texts.height), dtype=np.bool_)
    asked[rows] = True
    few = len(rows) * FEW < texts.height
    for block in (texts.plain, texts.foreign) if needle.isascii() else (texts.foreign,):
        numbers = np.flatnonzero(asked[block.rows]) if few else None
        held[block.rows[_found(block, needle) if numbers is None else _among(block, needle, numbers)]] = True
    return pl.Series(held[rows])


def _among(block: Block, needle: str, numbers: Numbers) -> Numbers:
    """Numbers of the texts that hold a needle, of those with these numbers."""
    texts = pl.Series(block.texts.take(numbers), dtype=pl.String)
    return numbers[np.flatnonzero(texts.str.contains(needle, literal=True).to_numpy())]


def _found(block: Block, needle: str) -> Numbers:
    """Numbers of the texts that hold a needle, of all."""
    stretches = np.flatnonzero(block.stretches.str.contains(needle, literal=True).to_numpy())
    if len(stretches) * 2 > len(block.stretches):
        texts = pl.Series(block.texts, dtype=pl.String)
        return np.flatnonzero(texts.str.contains(needle, literal=True).to_numpy())
    finds = block.stretches.gather(stretches).str.find_many([needle])
    within = np.repeat(block.starts[stretches * STRETCH], finds.list.len().to_numpy())
    at = within + finds.explode().to_numpy()
    size = len(needle.encode())
    first = np.searchsorted(block.starts, at, side="right") - 1
    inside = at + size <= block.starts[first + 1]
    # finds do not overlap: one that reaches into the next text may hide a true one, which lies where it ends
    last = np.searchsorted(block.starts, at[~inside] + size - 1, side="right") - 1
    return np.concatenate([first[inside], _among(block, needle, np.unique(last))])


def laid_out(tracks: pl.DataFrame) -> Texts:
    """The searched texts of a frame, laid end to end; about 150 bytes of memory a row."""
    from pyarrow import array, compute

    pieces = [_pieces(tracks, name) for name in SEARCHED if name in tracks.columns]
    values = pl.concat([values for values, _ in pieces], rechunk=True)
    rows = np.concatenate([rows for _, rows in pieces])
    lowered = compute.ascii_lower(values.to_arrow(compat_level=OLDEST))
    beyond = _beyond_ascii(lowered)
    foreign = _folded(pl.Series(lowered.take(array(beyond)), dtype=pl.String))
    return Texts(tracks.height, _block(lowered, rows), _block(foreign.to_arrow(compat_level=OLDEST), rows[beyond]))


def lowered_pieces(tracks: pl.DataFrame, name: str) -> tuple[pl.Series, Numbers]:
    """Values of a column, folded, and the row of each."""
    from pyarrow import compute

    values, rows = _pieces(tracks, name)
    return _folded(pl.Series(compute.ascii_lower(values.to_arrow(compat_level=OLDEST)), dtype=pl.String)), rows


def _pieces(tracks: pl.DataFrame, name: str) -> tuple[pl.Series, Numbers]:
    """Values of a column, and the row of each."""
    values = tracks.select(value=text_of(name, tracks.schema)).to_series()
    rows = np.arange(tracks.height, dtype=np.int32)
    if values.dtype != pl.String:
        counts = values.list.len().fill_null(0).to_numpy()
        rows = np.repeat(rows, counts)
        # versions of polars differ in what an empty list becomes
        values = (values if counts.all() else values.filter(pl.Series(counts > 0))).explode()
    return (values.drop_nulls(), rows[values.is_not_null().to_numpy()]) if values.null_count() else (values, rows)


def _block(texts: Any, rows: Numbers) -> Block:  # noqa: ANN401  pyarrow has no types
    from pyarrow import LargeStringArray, py_buffer

    starts = _starts(texts)
    ends = np.append(starts[:-1:STRETCH], starts[-1])
    stretches = LargeStringArray.from_buffers(len(ends) - 1, py_buffer(ends.tobytes()), texts.buffers()[2])
    return Block(texts, starts, pl.Series(stretches, dtype=pl.String), rows)


def _starts(texts: Any) -> Numbers:  # noqa: ANN401  pyarrow has no types
    return np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]


def _beyond_ascii(texts: Any) -> Numbers:  # noqa: ANN401  pyarrow has no types
    """Numbers of the texts that are not all ASCII."""
    leads = np.flatnonzero(np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8) >= LEAD_BYTE)
    numbers = np.searchsorted(_starts(texts), leads, side="right") - 1
    return numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]


def _folded(values: pl.Series) -> pl.Series:
    """Texts whose ASCII letters are lowered, folded: letter by letter, as the marks that would move are dropped."""
    points = np.frombuffer(values.str.join("")[0].encode("utf-32-le"), dtype="<u4")
    letters = [chr(point) for point in np.unique(points[points >= FIRST_BEYOND])]
    return values.str.replace_many(letters, [fold(letter) for letter in letters]) if letters else values


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a frame; that its columns are held keeps their addresses from being given away."""

    frame: ref[pl.DataFrame]
    columns: list[pl.Series]
    stamp: Stamp
    texts: Texts


MEMORIES: Final[dict[int, Memory]] = {}
"""The last two frames that were searched whole, by their `id`; an entry goes with its frame."""


def is_remembered(tracks: pl.DataFrame) -> bool:
    """Whether `remembered` costs nothing."""
    memory = MEMORIES.get(id(tracks))
    return memory is not None and memory.frame() is tracks and memory.stamp == _stamp(_searched(tracks))


def remembered(tracks: pl.DataFrame) -> Texts:
    """`laid_out` of a frame, from the last time where its columns still lie at the same place in memory."""
    key = id(tracks)
    if is_remembered(tracks):
        return MEMORIES[key].texts
    columns, texts = _searched(tracks), laid_out(tracks)
    if all(column.dtype in (pl.String, pl.List(pl.String)) for column in columns):
        MEMORIES.pop(key, None)
        MEMORIES[key] = Memory(ref(tracks, lambda _: MEMORIES.pop(key, None)), columns, _stamp(columns), texts)
        for old in list(MEMORIES)[:-MOST_REMEMBERED]:
            MEMORIES.pop(old, None)
    return texts


def _searched(tracks: pl.DataFrame) -> list[pl.Series]:
    return [tracks[name] for name in SEARCHED if name in tracks.columns]


def _stamp(columns: list[pl.Series]) -> Stamp:
    """Where the columns lie; polars writes to memory in place only where nobody else holds it."""
    chunks = [chunk.to_arrow(compat_level=NEWEST) for column in columns for chunk in column.get_chunks()]
    return [(len(c), c.offset, *(buffer.address if buffer else 0 for buffer in c.buffers())) for c in chunks]
