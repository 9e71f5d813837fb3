"""What does somebody want to type?

Conventions
-----------
The term at the caret is completed: a word to a field or a name, a field's value to one that the tracks have. A value is
offered where it begins with what was typed, then where it contains it; the most frequent first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import QueryError
from workbench.query import How, Match, Query, to_text
from workbench.query.fields import ALIASES, Kind, column_name, fold, folded, kind, text_of
from workbench.query.parser import MOST_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Suggestion", "known_values", "suggestions"]

FIRST: Final = (
    "artist",
    "album",
    "title",
    "genre",
    "year",
    "bpm",
    "camelot",
    "length",
    "rating",
    "plays",
    "mood",
    "added",
)
"""Fields that are offered before others."""

TERM: Final = re.compile(r'(?:[^\s"(),]|,(?!\s|$)|"(?:\\.|[^"\\])*"?)+', re.DOTALL)
VALUE: Final = re.compile(r"([^\W\d]\w*)(:=|:\^|:\$|:)(?!:)(.*)", re.DOTALL)
SIGNS: Final = re.compile(r"[-^~]")
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to complete a text.

    Attributes
    ----------
    label : str
        What is offered.
    detail : str
        What it is: "field", the field of a value, or how many tracks have it.
    text : str
        The whole search once it is taken.
    caret : int
        Character before which the caret then stands.
    """

    label: str
    detail: str
    text: str
    caret: int


def suggestions(
    text: str,
    caret: int,
    columns: Mapping[str, pl.DataType],
    values: Callable[[str], pl.DataFrame],
    *,
    names: Callable[[str], Iterable[tuple[str, str]]] | None = None,
    most: int = 10,
) -> list[Suggestion]:
    """Ways to complete the term at the caret.

    Parameters
    ----------
    text : str
        A search, perhaps unfinished.
    caret : int
        Character before which the caret stands.
    columns : mapping of str to polars type
        Of the tracks.
    values : callable
        Gives `known_values` of a column.
    names : callable or None
        Gives fields and names that hold a text, the best first; None: artists, genres and albums of the tracks.
    most : int
        How many at most.
    """
    if len(text) > MOST_CHARACTERS:  # no search is so long
        return []
    start, end = _term(text, caret)
    typed = text[start:caret]
    sign = SIGNS.match(typed)
    lead = typed[: sign.end()] if sign else ""
    said = VALUE.fullmatch(typed[len(lead) :])
    if said is None:
        word = typed[len(lead) :].strip('"')
        offers = [*_fields(word, columns), *(_names(word, columns, values, names) if word and lead != "~" else ())]
    else:
        offers = _values(said[1], said[3].strip('"'), columns, values)
    return [_taken(text, (start, end), lead + spelled, label, detail) for label, detail, spelled in offers[:most]]


def known_values(tracks: pl.DataFrame, column: str) -> pl.DataFrame:
    """Values of a column of texts: ``value``, ``folded``, ``tracks``, the most frequent first.

    A column of another kind, and one that the frame lacks, has none. 100,000 titles cost 0.1 s.
    """
    empty = pl.DataFrame(schema={"value": pl.String, "folded": pl.String, "tracks": pl.Int64})
    if column not in tracks.columns or kind_of(column, tracks.schema) not in {Kind.TEXT, Kind.TEXTS}:
        return empty
    texts = tracks.select(value=text_of(column, tracks.schema)).to_series()
    if texts.dtype == pl.List:
        texts = texts.explode(empty_as_null=True)
    counts = texts.drop_nulls().alias("value").value_counts(name="tracks").filter(pl.col("value") != "")
    table = counts.with_columns(folded(pl.col("value")).str.to_lowercase().alias("folded"))
    short = table.filter(pl.col("value").str.len_chars() <= LONGEST_NAME)
    return short.sort("tracks", "folded", "value", descending=[True, False, False]).select(empty.columns)


def kind_of(column: str, columns: Mapping[str, pl.DataType]) -> Kind | None:
    """How a column is compared; None where it cannot be searched."""
    try:
        return kind(column, columns, 0)
    except QueryError:
        return None


def _term(text: str, caret: int) -> tuple[int, int]:
    """Where the term begins and ends in which, or at the end of which, the caret stands."""
    for found in TERM.finditer(text):
        if found.start() < caret <= found.end():
            return found.span()
    return caret, caret


def _fields(word: str, columns: Mapping[str, pl.DataType]) -> list[tuple[str, str, str]]:
    """Fields that begin with a word."""
    known = [*columns, *(alias for alias, name in ALIASES.items() if name in columns)]
    searchable = [name for name in known if kind_of(ALIASES.get(name, name) if name not in columns else name, columns)]
    start = word.lower()
    found = [name for name in searchable if name.startswith(start)]
    ranked = sorted(set(found), key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    return [(f"{name}:", "field", f"{name}:") for name in ranked[: 6 if word else len(FIRST)]]


def _names(
    word: str,
    columns: Mapping[str, pl.DataType],
    values: Callable[[str], pl.DataFrame],
    names: Callable[[str], Iterable[tuple[str, str]]] | None,
) -> list[tuple[str, str, str]]:
    """Names that begin with a word or hold it."""
    if names is not None:
        return [(name, field, _exact(field, name)) for field, name in names(word)]
    fields = [field for field in ("artist", "genre", "album") if ALIASES.get(field, field) in columns]
    found = [
        (name, field, _exact(field, name))
        for field in fields
        for name in _holding(values(ALIASES.get(field, field)), word)["value"].head(4)
    ]
    return sorted(found, key=lambda offer: not fold(offer[0]).startswith(fold(word)))


def _values(
    field: str, typed: str, columns: Mapping[str, pl.DataType], values: Callable[[str], pl.DataFrame]
) -> list[tuple[str, str, str]]:
    """Values of a field that begin with what was typed or hold it."""
    try:
        column = column_name(field, columns, 0)
        found = kind(column, columns, 0)
    except QueryError:
        return []
    if found is Kind.BOOLEAN:
        return [(word, field, f"{field}:{word}") for word in ("true", "false") if word.startswith(typed.lower())]
    table = _holding(values(column), typed)
    return [
        (value, f"{tracks:,} {'track' if tracks == 1 else 'tracks'}", _exact(field, value))
        for value, tracks in table.select("value", "tracks").head(20).iter_rows()
    ]


def _holding(table: pl.DataFrame, typed: str) -> pl.DataFrame:
    """The values that begin with a text, then those that contain it."""
    text = fold(typed)
    held = table.filter(pl.col("folded").str.contains(text, literal=True)) if text else table
    return held.sort(~pl.col("folded").str.starts_with(text), maintain_order=True) if text else held


def _exact(field: str, value: str) -> str:
    return to_text(Query(Match(field, How.EXACT, value)))


def _taken(text: str, place: tuple[int, int], spelled: str, label: str, detail: str) -> Suggestion:
    """The text with a term in the place of another; a space follows, but after a field that wants its value."""
    after = text[place[1] :]
    gap = "" if spelled.endswith(":") or after.startswith((" ", ")", ",")) else " "
    whole = text[: place[0]] + spelled + gap + after
    caret = place[0] + len(spelled)
    return Suggestion(label, detail, whole, caret + whole.startswith(" ", caret))
