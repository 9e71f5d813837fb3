"""Which rows does a tree mean, as one polars expression?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl
from polars.exceptions import ComputeError

from workbench.errors import QueryError
from workbench.query.fields import SEARCHED, Kind, column_name, fold, folded, foreign, kind, text_of
from workbench.query.membership import PLAYLIST, in_playlist
from workbench.query.near import near
from workbench.query.parser import parse
from workbench.query.tree import And, How, Match, Node, Not, Or, Word, shown
from workbench.query.values import boolean, day, duration, matches_number, number, within

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Columns = Mapping[str, pl.DataType]
    Playlists = Mapping[str, Collection[int]]

__all__ = ["Scope", "any_column", "expression", "predicate", "text_condition"]

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 1000
"""Letters of a text once it is folded: polars compiles some of them into a regular expression."""
WAYS: Final = {
    Kind.NUMBER: "120, 60..90, ..90 or >=120",
    Kind.BOOLEAN: "true or false",
    Kind.MOMENT: "2024, 2024-01.., 2024-01-31, -3w.. or <2020",
    Kind.TEXT: "8A, Am or F# minor after ~",
}
CLOCK_WAYS: Final = "270, 4:30, 3:00..4:30, ..4:30 or >=1:00:00"
TEXT_KINDS: Final = (Kind.TEXT, Kind.TEXTS)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a tree is read against: the frame's columns, the moment, the playlists known, and how words are found."""

    columns: Columns
    now: datetime
    playlists: Playlists | None = None
    holds: Callable[[str], pl.Expr] | None = None  # condition of a folded word; None: from the columns alone
    reads: Callable[[str, How, str], pl.Expr] | None = None  # of a folded text in a column; None: the same


def expression(
    text: str, columns: Columns, *, now: datetime | None = None, playlists: Playlists | None = None
) -> pl.Expr:
    """Condition, true or false and never null, of the rows that a search finds; sort words and limit are passed over.

    Parameters
    ----------
    text : str
        A search, as `workbench.query` describes.
    columns : mapping of str to polars type
        Columns of the frame that the condition is for, e.g. ``tracks.schema``.
    now : datetime or None
        Moment that "3 weeks ago" counts from; None: this one.
    playlists : mapping of str to collection of int, or None
        Track ids of the playlists that ``playlist:`` may name.

    Raises
    ------
    QueryError
        The text is not in the language, names no column or no playlist, or asks a column for what its type cannot be.

    Examples
    --------
    >>> tracks = pl.DataFrame({"title": ["Été", "Winter"], "year": [1999, None]})
    >>> tracks.filter(expression("ete, -year:1999", tracks.schema)).height
    2
    """
    tree = parse(text).tree
    if tree is None:
        return pl.lit(True)
    return predicate(tree, Scope(columns, now or datetime.now(UTC), playlists))


def predicate(node: Node, scope: Scope) -> pl.Expr:
    """Condition of one tree; see `expression`."""
    deeper = partial(predicate, scope=scope)
    match node:
        case Word():
            return _word(node, scope)
        case Match():
            return _match(node, scope).fill_null(False)
        case Not(term):
            return ~deeper(term)
        case And(terms):
            return pl.all_horizontal([deeper(term) for term in terms])
        case Or(terms):
            return pl.any_horizontal([deeper(term) for term in terms])


def any_column(text: str, columns: Columns) -> pl.Expr:
    """Condition that any of the searched columns contains a text."""
    names = [name for name in SEARCHED if name in columns]
    needle = fold(text)
    return pl.any_horizontal([text_condition(name, columns, How.CONTAINS, needle).fill_null(False) for name in names])


def _word(node: Word, scope: Scope) -> pl.Expr:
    if not any(name in scope.columns for name in SEARCHED):
        raise QueryError(
            f"words need one of the columns {', '.join(SEARCHED)}: name a field, as in field:{node.text:.40}",
            node.position,
        )
    needle = _needle(node.text, node.position)
    return scope.holds(needle) if scope.holds and needle else any_column(needle, scope.columns)


def _match(node: Match, scope: Scope) -> pl.Expr:
    columns = scope.columns
    if node.field.lower() == PLAYLIST:
        return in_playlist(node, columns, scope.playlists)
    name = column_name(node.field, columns, node.position)
    found = kind(name, columns, node.position)
    if not node.value and node.how in {How.CONTAINS, How.EXACT}:
        return _empty(name, columns, found)
    if found in TEXT_KINDS and node.how is How.REGEX:
        pattern = _checked(node)
        return _any_text(name, columns, lambda value: value.str.contains(pattern))
    if found in TEXT_KINDS and node.how is not How.LIKE:
        needle = _needle(node.value, node.value_position)
        return scope.reads(name, node.how, needle) if scope.reads else text_condition(name, columns, node.how, needle)
    try:
        return near(node, name, columns) if node.how is How.LIKE else _condition(node, name, scope, found)
    except QueryError:
        raise
    except ValueError as error:
        ways = CLOCK_WAYS if name.endswith("_s") else WAYS[found]
        raise QueryError(
            f"{error} (character {node.value_position + 1} of the search): {node.field} takes {ways}",
            node.value_position,
        ) from error


def _condition(node: Match, name: str, scope: Scope, found: Kind) -> pl.Expr:
    column = pl.col(name)
    if node.how is How.REGEX:
        raise ValueError("regular expressions are for texts")
    if node.how in {How.STARTS, How.ENDS}:
        raise ValueError("starts and ends are for texts")
    if found is Kind.BOOLEAN:
        return column == boolean(node.value)
    if found is Kind.MOMENT:
        return _moment(column, scope.columns[name], node.value, scope.now)
    read = duration if name.endswith("_s") else number
    if node.how is How.EXACT:
        exact: pl.Expr = column == read(node.value)[0]
        return exact
    return matches_number(column, node.value, read)


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


def _needle(text: str, position: int) -> str:
    """A text, folded, that is not too long: one letter may unfold into eighteen."""
    needle = fold(text)
    if len(needle) > LONGEST_TEXT:
        raise QueryError(
            f"the text {shown(text)} at character {position + 1} of the search is {len(needle):,} letters long; "
            f"at most {LONGEST_TEXT:,}: search for a part of it",
            position,
        )
    return needle


def text_condition(name: str, columns: Columns, how: How, needle: str) -> pl.Expr:
    """Condition that a column of texts, or any value of a column of lists, is, holds, starts or ends with a text."""
    words = pl.escape_regex(needle)
    if how is not How.CONTAINS or not needle:
        start, end = (how in {How.EXACT, How.STARTS}) * r"\A", (how in {How.EXACT, How.ENDS}) * r"\z"
        return _any_text(name, columns, lambda value: folded(value).str.contains(f"(?i){start}{words}{end}"))
    if not needle.isascii():
        return _any_text(name, columns, lambda value: foreign(value).str.contains(f"(?i){words}"))
    # ASCII letters that stand together still do so once a value is folded: most values need no folding
    return _any_text(
        name,
        columns,
        lambda value: (
            value.str.contains_any([needle], ascii_case_insensitive=True)
            | foreign(value).str.contains(f"(?i){words}").fill_null(False)
        ),
    )


def _any_text(name: str, columns: Columns, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Condition on a column of texts, or on any value of a column of lists."""
    value = text_of(name, columns)
    return value.list.eval(holds(pl.element())).list.any() if isinstance(columns[name], pl.List) else holds(value)


def _checked(node: Match) -> str:
    """The pattern, once polars has taken it."""
    pattern, position = node.value, node.value_position
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(
            f"the regular expression at character {position + 1} is {len(pattern):,} characters long; "
            f"at most {LONGEST_PATTERN}: shorten it",
            position,
        )
    try:
        pl.Series([""]).str.contains(pattern, strict=True)
    except ComputeError as error:
        reason = str(error).partition("\n\nThis error")[0].strip().splitlines()[-1]
        raise QueryError(
            f"the regular expression {shown(pattern)} at character {position + 1} is not valid: {reason:.200}", position
        ) from error
    return pattern
