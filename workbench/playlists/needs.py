"""Which columns does a verb want, and what is said where one is missing?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from workbench.errors import PlaylistError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["need"]


def need(name: str, rows: pl.DataFrame, column: str, *, others: tuple[str, ...] = ()) -> None:
    """Refuse rows of a playlist that lack a column; `others` are words that would have done as well.

    Raises
    ------
    PlaylistError
        There is no such column; the message offers a close one, or all there are.
    """
    if column in rows.columns:
        return
    names = [*others, *rows.columns]
    close = get_close_matches(column, names, n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"choose one of: {', '.join(names)}"
    raise PlaylistError(f"playlist {name!r}: its rows have no {column!r}; {advice}")
