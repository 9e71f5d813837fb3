"""Which rows of a frame does a search find, and in which order?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.query.expressions import any_text, predicate, whole
from workbench.query.fields import Kind, column_name, folded, kind, text_of
from workbench.query.parser import parse
from workbench.query.tree import And, Node, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    Columns = Mapping[str, pl.DataType]

__all__ = ["search"]

TEXT_COST: Final = 10
ROW: Final = "\0row"


def search(tracks: pl.DataFrame, text: str) -> pl.DataFrame:
    """The rows that a search finds, with the same columns, in the order they came in unless the search names one.

    The cheap terms go first and each later term looks only at the rows that are left. Three words over 100,000 tracks
    cost 0.1 to 0.2 s of CPU, `genre:rock bpm:60..90` 0.01 s.

    Parameters
    ----------
    tracks : polars.DataFrame
        Any frame; bare words are looked for in those of title, artists, album, album_artists, genres and comment that
        it has.
    text : str
        A search, as `workbench.query` describes; an empty one finds everything.

    Raises
    ------
    QueryError
        The text is not in the language, names no column, or asks a column for what its type cannot be; `position` is
        the character where the trouble starts.

    Examples
    --------
    >>> tracks = pl.DataFrame({"title": ["Été", "Winter"], "bpm": [70.2, 123.0], "genres": [["Rock"], ["Jazz"]]})
    >>> search(tracks, "ete genre:rock bpm:60..90")["title"].to_list()
    ['Été']
    """
    query = parse(text)
    columns = tracks.schema
    order = [_key(sort, columns) for sort in query.sort]
    found = tracks if query.tree is None else _matching(tracks, query.tree)
    if not order:
        return found
    descending = [sort.descending for sort in query.sort]
    return found.sort(order, descending=descending, nulls_last=True, maintain_order=True)


def _matching(tracks: pl.DataFrame, tree: Node) -> pl.DataFrame:
    columns = tracks.schema
    condition = partial(predicate, columns=columns, now=datetime.now(UTC))
    terms = tree.terms if isinstance(tree, And) else (tree,)
    names = [condition(term, contains=partial(whole, columns=columns)).meta.root_names() for term in terms]
    left = tracks.select(list(dict.fromkeys(chain.from_iterable(names)))).with_row_index(ROW)
    folds: dict[str, pl.DataFrame] = {}
    for _, term in sorted(zip(names, terms, strict=True), key=lambda pair: _cost(pair[0], columns)):
        left = left.filter(condition(term, contains=partial(_contains, left=left, folds=folds)))
    return tracks[left[ROW]]


def _contains(name: str, pattern: str, *, left: pl.DataFrame, folds: dict[str, pl.DataFrame]) -> pl.Expr:
    """Condition that a column holds a pattern, each different value being folded once and looked at once a term."""
    if name not in folds:
        values = text_of(name, left.schema)
        flat = values.explode() if isinstance(left.schema[name], pl.List) else values
        folds[name] = left.select(value=flat.unique()).with_columns(folded=folded(pl.col("value")))
    wanted = folds[name].filter(pl.col("folded").str.contains(pattern))["value"].implode()
    return any_text(name, left.schema, lambda value: value.is_in(wanted))


def _cost(names: list[str], columns: Columns) -> int:
    """Rough price of a condition on these columns: texts are an order of magnitude dearer than numbers."""
    return sum(TEXT_COST if kind(name, columns, 0) in {Kind.TEXT, Kind.TEXTS} else 1 for name in set(names))


def _key(sort: Sort, columns: Columns) -> pl.Expr:
    name = column_name(sort.field, columns, sort.position)
    found = kind(name, columns, sort.position)
    if found is Kind.TEXT:
        return folded(text_of(name, columns)).str.to_lowercase()
    if found is Kind.TEXTS:
        return folded(text_of(name, columns).list.join(" ", ignore_nulls=True)).str.to_lowercase()
    return pl.col(name)
