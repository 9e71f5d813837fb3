"""Which rows does a tree mean, as one polars expression?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl
from polars.exceptions import ComputeError

from workbench.errors import QueryError
from workbench.query.fields import SEARCHED, Kind, column_name, fold, folded, kind, text_of
from workbench.query.parser import parse
from workbench.query.tree import And, How, Match, Node, Not, Or, Word
from workbench.query.values import boolean, day, duration, equal_number, number, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Columns = Mapping[str, pl.DataType]
    Contains = Callable[[str, str], pl.Expr]

__all__ = ["any_text", "expression", "predicate", "whole"]

LONGEST_PATTERN: Final = 500
WAYS: Final = {
    Kind.NUMBER: "120, 60..90, ..90 or >=120",
    Kind.BOOLEAN: "true or false",
    Kind.MOMENT: "2024, 2024-01.., 2024-01-31, -3w.. or <2020",
}
CLOCK_WAYS: Final = "270, 4:30, 3:00..4:30, ..4:30 or >=1:00:00"


def expression(text: str, columns: Columns, *, now: datetime | None = None) -> pl.Expr:
    """Condition, true or false and never null, of the rows that a search finds; its sort words are passed over.

    Parameters
    ----------
    text : str
        A search, as `workbench.query` describes.
    columns : mapping of str to polars type
        Columns of the frame that the condition is for, e.g. ``tracks.schema``.
    now : datetime or None
        Moment that "3 weeks ago" counts from; None: this one.

    Raises
    ------
    QueryError
        The text is not in the language, names no column, or asks a column for what its type cannot be.

    Examples
    --------
    >>> tracks = pl.DataFrame({"title": ["Été", "Winter"], "year": [1999, None]})
    >>> tracks.filter(expression("ete, -year:1999", tracks.schema)).height
    2
    """
    tree = parse(text).tree
    if tree is None:
        return pl.lit(True)
    return predicate(tree, columns, now=now or datetime.now(UTC), contains=partial(whole, columns=columns))


def predicate(node: Node, columns: Columns, *, now: datetime, contains: Contains) -> pl.Expr:
    """Condition of one tree; see `expression`.

    Parameters
    ----------
    contains : callable
        Gives the condition that a column of texts, or of lists of texts, holds a pattern once it is folded: `whole`
        is one such way.
    """
    deeper = partial(predicate, columns=columns, now=now, contains=contains)
    match node:
        case Word(text):
            return _word(text, columns, contains)
        case Match():
            return _match(node, columns, now, contains).fill_null(False)
        case Not(term):
            return ~deeper(term)
        case And(terms):
            return pl.all_horizontal([deeper(term) for term in terms])
        case Or(terms):
            return pl.any_horizontal([deeper(term) for term in terms])


def whole(name: str, pattern: str, *, columns: Columns) -> pl.Expr:
    """Condition that a column holds a pattern, from the column alone."""
    return any_text(name, columns, lambda value: folded(value).str.contains(pattern))


def any_text(name: str, columns: Columns, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Condition on a column of texts, or on any value of a column of lists."""
    value = text_of(name, columns)
    return value.list.eval(holds(pl.element())).list.any() if isinstance(columns[name], pl.List) else holds(value)


def _word(text: str, columns: Columns, contains: Contains) -> pl.Expr:
    names = [name for name in SEARCHED if name in columns]
    if not names:
        raise QueryError(f"words need one of the columns {', '.join(SEARCHED)}: name a field, as in field:{text}")
    pattern = _pattern(text, How.CONTAINS)
    return pl.any_horizontal([contains(name, pattern).fill_null(False) for name in names])


def _match(node: Match, columns: Columns, now: datetime, contains: Contains) -> pl.Expr:
    name = column_name(node.field, columns, node.position)
    found = kind(name, columns, node.position)
    if not node.value and node.how is not How.REGEX:
        return _empty(name, columns, found)
    if found in {Kind.TEXT, Kind.TEXTS}:
        if node.how is not How.REGEX:
            return contains(name, _pattern(node.value, node.how))
        pattern = _checked(node)
        return any_text(name, columns, lambda value: value.str.contains(pattern))
    try:
        return _condition(node, name, columns[name], found, now)
    except ValueError as error:
        ways = CLOCK_WAYS if name.endswith("_s") else WAYS[found]
        raise QueryError(
            f"{error} (character {node.value_position + 1} of the search): {node.field} takes {ways}",
            node.value_position,
        ) from error


def _condition(node: Match, name: str, dtype: pl.DataType, found: Kind, now: datetime) -> pl.Expr:
    column = pl.col(name)
    if node.how is How.REGEX:
        raise ValueError("regular expressions are for texts")
    if found is Kind.BOOLEAN:
        return column == boolean(node.value)
    if found is Kind.MOMENT:
        return _moment(column, dtype, node.value, now)
    read = duration if name.endswith("_s") else number
    if node.how is How.EXACT:
        exact: pl.Expr = column == read(node.value)[0]
        return exact
    ranged = within(column, node.value, read)
    return equal_number(column, node.value, read) if ranged is None else ranged


def _moment(column: pl.Expr, dtype: pl.DataType, value: str, now: datetime) -> pl.Expr:
    read = partial(day, now=now)
    moments = column.cast(pl.Datetime("us")) if isinstance(dtype, pl.Date) else column
    aware = getattr(dtype, "time_zone", None) is not None
    universal = moments.dt.convert_time_zone("UTC") if aware else moments.dt.replace_time_zone("UTC")
    ranged = within(universal, value, read)
    return universal.is_between(*read(value)) if ranged is None else ranged


def _empty(name: str, columns: Columns, found: Kind) -> pl.Expr:
    if found is Kind.TEXT:
        return text_of(name, columns).fill_null("") == ""
    if found is Kind.TEXTS:
        return ~text_of(name, columns).list.eval(pl.element().fill_null("") != "").list.any().fill_null(False)
    return pl.col(name).is_null()


def _pattern(text: str, how: How) -> str:
    words = pl.escape_regex(fold(text))
    return rf"(?i)\A{words}\z" if how is How.EXACT else f"(?i){words}"


def _checked(node: Match) -> str:
    """The pattern, once polars has taken it."""
    pattern, position = node.value, node.value_position
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(
            f"the regular expression at character {position + 1} is {len(pattern):,} characters long; "
            f"at most {LONGEST_PATTERN}",
            position,
        )
    try:
        pl.Series([""]).str.contains(pattern, strict=True)
    except ComputeError as error:
        reason = str(error).partition("\n\nThis error")[0].strip().splitlines()[-1]
        raise QueryError(
            f"the regular expression {pattern!r} at character {position + 1} is not valid: {reason}", position
        ) from error
    return pattern
