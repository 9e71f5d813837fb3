"""Which rows hold one of many texts in a column?

Conventions
-----------
A column's texts are folded once and lie one after the other, so that each of hundreds of terms costs one look at plain
bytes. That pays from the ninth term on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.query.texts import lowered_pieces
from workbench.query.tree import How

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.query.texts import Numbers

__all__ = ["Column", "Uses", "column_of", "rows_where"]

FEW: Final = 8
"""So many terms look at a column as it is."""

WAYS: Final[dict[How, Callable[[pl.Series, str], pl.Series]]] = {
    How.CONTAINS: lambda texts, needle: texts.str.contains(needle, literal=True),
    How.EXACT: lambda texts, needle: texts == needle,
    How.STARTS: lambda texts, needle: texts.str.starts_with(needle),
    How.ENDS: lambda texts, needle: texts.str.ends_with(needle),
}


class Uses(Counter[str]):
    """How many terms of a search look into each column of texts."""

    def many(self, name: str) -> bool:
        """Whether it pays to lay the column out."""
        return self[name] > FEW


@dataclass(frozen=True, slots=True)
class Column:
    """Folded texts of `height` rows: text i belongs to row `rows[i]`."""

    height: int
    texts: pl.Series
    rows: Numbers


def column_of(tracks: pl.DataFrame, name: str) -> Column:
    """A column of texts, or of lists of texts, laid out."""
    return Column(tracks.height, *lowered_pieces(tracks, name))


def rows_where(column: Column, how: How, needle: str, rows: Numbers) -> pl.Series:
    """Whether any text of these rows is, holds, starts or ends with a folded text: one boolean a row."""
    held = np.zeros(column.height, dtype=np.bool_)
    held[column.rows[WAYS[how](column.texts, needle).to_numpy()]] = True
    return pl.Series(held[rows])
