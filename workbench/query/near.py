"""What is near enough to a tempo or a key, as `~` asks?

Conventions
-----------
A tempo is like its half and its double: a listener may tap either. A key is like those it mixes with, by
`workbench.keys.compatible`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import QueryError
from workbench.keys import camelot, compatible, parse_key
from workbench.query.fields import column_name, text_of
from workbench.query.tree import shown
from workbench.query.values import matches_number, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.query.tree import Match

__all__ = ["near"]

TEMPI: Final = ("bpm", "bpm_tag", "bpm_alternative")
KEYS: Final = ("key", "camelot", "key_tag")
OCTAVES: Final = (1.0, 0.5, 2.0)


def near(node: Match, name: str, columns: Mapping[str, pl.DataType]) -> pl.Expr:
    """Condition of a `~` term on a column.

    Raises
    ------
    QueryError
        The column holds neither tempi nor keys, or the frame lacks the `camelot` that keys are compared by.
    ValueError
        The value is no tempo or no key.
    """
    if name in TEMPI and columns[name].is_numeric():
        column = pl.col(name)
        return pl.any_horizontal([matches_number(column, node.value, partial(_times, factor=f)) for f in OCTAVES])
    if name == "key_tag":
        codes = text_of(name, columns).map_batches(_codes, return_dtype=pl.String)
        return codes.is_in(_wanted(node.value))
    if name in KEYS:
        return text_of(column_name("camelot", columns, node.position), columns).is_in(_wanted(node.value))
    raise QueryError(
        f"~ (character {node.position + 1} of the search) is for tempo ({', '.join(TEMPI)}) and key "
        f"({', '.join(KEYS)}): write {node.field}:{node.value:.40}",
        node.position,
    )


def _times(value: str, *, factor: float) -> tuple[float, float]:
    first, last = number(value)
    return first * factor, last * factor


def _wanted(value: str) -> tuple[str, ...]:
    key = parse_key(value)
    if key is None:
        raise ValueError(f"{shown(value)} is no key")
    return compatible(camelot(*key))


def _codes(tags: pl.Series) -> pl.Series:
    """Camelot codes of what tags say, null where that is no key."""
    spellings = tags.unique().drop_nulls()
    keys = [parse_key(spelling) for spelling in spellings]
    codes = [None if key is None else camelot(*key) for key in keys]
    return tags.replace_strict(spellings, pl.Series(codes, dtype=pl.String), default=None, return_dtype=pl.String)
