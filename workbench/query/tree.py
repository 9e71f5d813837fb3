"""What does a search say, apart from its spelling?

Conventions
-----------
A tree holds texts as typed; what they mean depends on the column's type, which only `expressions` knows.
Positions are 0-based characters of the text and take no part in comparisons.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["MOST_SHOWN", "And", "How", "Match", "Node", "Not", "Or", "Query", "Sort", "Word", "shown", "to_text"]

PLAIN: Final = re.compile(r"[\w.<>~/'](?:[\w.<>:=~/'-]*[\w.<>:=~/'])?")
SIGNED: Final = re.compile(r"-?" + PLAIN.pattern)
MOST_SHOWN: Final = 40


class How(StrEnum):
    """How a field is compared; the value is its spelling."""

    CONTAINS = ":"
    EXACT = ":="
    STARTS = ":^"
    ENDS = ":$"
    REGEX = "::"
    LIKE = "~:"  # the tilde stands before the field


@dataclass(frozen=True, slots=True)
class Word:
    """A text that any of the searched columns contains."""

    text: str
    position: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A comparison of one field."""

    field: str
    how: How
    value: str
    position: int = dataclasses.field(default=0, compare=False)

    @property
    def value_position(self) -> int:
        """Character where the value starts."""
        return self.position + len(self.field) + len(self.how)


@dataclass(frozen=True, slots=True)
class Not:
    """What the term does not match."""

    term: Node


@dataclass(frozen=True, slots=True)
class And:
    """What all terms match; two at least."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any term matches; two at least."""

    terms: tuple[Node, ...]


Node = Word | Match | Not | And | Or


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the rows found."""

    field: str
    descending: bool
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole search: which rows (None: all), in which order (empty: as they come), and how many (None: all)."""

    tree: Node | None = None
    sort: tuple[Sort, ...] = ()
    limit: int | None = None


def shown(text: str) -> str:
    """A text as an error quotes it: in quotes, and no more of it than people read.

    Examples
    --------
    >>> shown("calm"), shown("x" * 50)
    ("'calm'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'")
    """
    return repr(text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…")


def to_text(query: Query) -> str:
    """Spelling of a query in the language; parsing it gives an equal query.

    Examples
    --------
    >>> to_text(Query(And((Word("so what"), Not(Match("genre", How.CONTAINS, "fusion"))))))
    '"so what" -genre:fusion'
    """
    parts = [] if query.tree is None else [_spelt(query.tree)]
    parts += [f"{sort.field}{'-' if sort.descending else '+'}" for sort in query.sort]
    parts += [] if query.limit is None else [f"limit:{query.limit}"]
    return " ".join(parts)


def _spelt(node: Node) -> str:
    match node:
        case Word(text):
            return text if PLAIN.fullmatch(text) and ":" not in text else _quoted(text)
        case Match(name, how, value):
            start = f"~{name}:" if how is How.LIKE else f"{name}{how}"
            return start + (value if SIGNED.fullmatch(value) else _quoted(value))
        case Not(term):
            return f"-{_nested(term, And | Or | Not)}"
        case And(terms):
            return " ".join(_nested(term, And | Or) for term in terms)
        case Or(terms):
            return ", ".join(_nested(term, Or) for term in terms)


def _nested(node: Node, bracketed: object) -> str:
    return f"({_spelt(node)})" if isinstance(node, bracketed) else _spelt(node)  # type: ignore[arg-type]  # a union


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
