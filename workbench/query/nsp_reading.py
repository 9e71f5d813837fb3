"""Which tree do the rules of a Navidrome smart playlist stand for?"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import QueryError
from workbench.query.fields import Kind
from workbench.query.membership import PLAYLIST
from workbench.query.nsp_fields import Field, field_of_theirs, number_here
from workbench.query.nsp_writing import TEXT_WAYS, word_rules
from workbench.query.parser import DEEPEST
from workbench.query.tree import MOST_SHOWN, And, How, Match, Node, Not, Or, Word, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["EVERYTHING", "group"]

EVERYTHING: Final = {"gt": {"playCount": -1}}
"""The rule that Navidrome's documentation gives for all tracks."""

HOWS: Final = {operator.lower(): how for how, operator in TEXT_WAYS.items()}
OPPOSITES: Final = {
    "isnot": "is",
    "notcontains": "contains",
    "ispresent": "ismissing",
    "notinthelast": "inthelast",
    "notinplaylist": "inplaylist",
}
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _named(name: str) -> str:
    """A name as an error says it: as it is where it is a name, else as any text."""
    return name if name.isidentifier() and len(name) <= MOST_SHOWN else shown(name)


def group(name: str, rules: Any, depth: int = 0) -> Node:  # noqa: ANN401  what JSON holds
    """Tree of the rules of an "all" or "any" group.

    Raises
    ------
    QueryError
        A rule is none, or has no counterpart here.
    """
    if depth > DEEPEST:
        raise QueryError(f"the smart playlist's groups stand over {DEEPEST} deep")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) and rule for rule in rules):
        raise QueryError(f"{name!r} of a smart playlist holds a list of rules, such as {{'is': {{'genre': 'Jazz'}}}}")
    if name == "any" and (word := _word(rules)) is not None:
        return word
    terms = tuple(term for rule in rules for term in _terms(rule, depth))
    if len(terms) == 1:
        return terms[0]
    return And(terms) if name == "all" else Or(terms)


def _terms(rule: dict[str, Any], depth: int) -> Iterator[Node]:
    for name, content in rule.items():
        if name.lower() in {"all", "any"}:
            yield group(name.lower(), content, depth + 1)
        elif not isinstance(content, dict) or len(content) != 1:
            raise QueryError(
                f"the smart playlist's {shown(name)} holds {content!r:.80}: expected one field and its value"
            )
        else:
            yield _rule(name, *next(iter(content.items())))


def _word(rules: list[Any]) -> Word | None:
    """The bare word that a group of rules stands for, if it does."""
    first = rules[0].get("contains")
    text = next(iter(first.values()), None) if isinstance(first, dict) else None
    if not isinstance(text, str) or not text:
        return None
    return Word(text) if rules == [{"contains": {name: text}} for name, _ in word_rules(text)] else None


def _rule(operator: str, name: str, value: Any) -> Node:  # noqa: ANN401  what JSON holds
    plain = operator.lower()
    if plain in OPPOSITES:
        return Not(_rule(OPPOSITES[plain], name, value))
    if plain == "is" and isinstance(value, list) and len(value) > 1 and not any(isinstance(v, list) for v in value):
        return Or(tuple(_rule(operator, name, each) for each in value))
    try:
        found = _match(plain, name, value)
    except (ValueError, InvalidOperation, OverflowError) as error:
        if isinstance(error, QueryError):
            raise
        found = None
    if found is None:
        raise QueryError(
            f"the smart playlist's {_named(operator)} of {_named(name)} with {value!r:.80} has no counterpart here"
        )
    return found


def _match(operator: str, name: str, value: Any) -> Node | None:  # noqa: ANN401  what JSON holds
    if operator == "inplaylist":
        return Match(PLAYLIST, How.EXACT, value) if name.lower() == "id" and isinstance(value, str) and value else None
    if name.lower() == "filetype":
        plain = operator == "is" and isinstance(value, str) and value.isascii() and value.isalnum()
        return Match("path", How.ENDS, f".{value}") if plain else None
    field = field_of_theirs(name)
    if operator == "ismissing":
        missing = Match(field.here, How.CONTAINS, "")
        return (missing if value else Not(missing)) if isinstance(value, bool) else None
    ways: dict[Kind, Callable[[str, Field, Any], Node | None]] = {
        Kind.NUMBER: _number,
        Kind.MOMENT: _moment,
        Kind.BOOLEAN: _boolean,
    }
    return ways.get(field.kind, _text)(operator, field, value)


def _text(operator: str, field: Field, value: Any) -> Node | None:  # noqa: ANN401  what JSON holds
    if operator not in HOWS or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if field.there == "filepath" and operator in {"is", "startswith"}:
        raise QueryError(f"the smart playlist's {operator} of filepath: paths are relative to Navidrome's folder there")
    how = HOWS[operator]
    if value == "" and how is How.CONTAINS:
        return None
    return Match(field.here, How.CONTAINS if value == "" and how is How.EXACT else how, str(value))


def _boolean(operator: str, field: Field, value: Any) -> Node | None:  # noqa: ANN401  what JSON holds
    spelling = str(value).lower()
    return Match(field.here, How.CONTAINS, spelling) if operator == "is" and spelling in {"true", "false"} else None


def _number(operator: str, field: Field, value: Any) -> Node | None:  # noqa: ANN401  what JSON holds
    values = value if isinstance(value, list) else [value]
    numbers = [Decimal(str(each)) for each in values if not isinstance(each, bool)]
    if not all(each.is_finite() and abs(each) < 10**15 for each in numbers):
        return None
    spelt = [number_here(each, field) for each in numbers]
    if operator == "intherange" and len(spelt) == 2 == len(values):  # noqa: PLR2004  its two ends
        return Match(field.here, How.CONTAINS, f"{spelt[0]}..{spelt[1]}")
    if operator not in {"is", "gt", "lt"} or len(spelt) != 1:
        return None
    if operator == "is":
        whole = field.whole and numbers[0] == numbers[0].to_integral_value()
        return Match(field.here, How.CONTAINS if whole else How.EXACT, "" if whole and not numbers[0] else spelt[0])
    return Match(field.here, How.CONTAINS, f"{'>' if operator == 'gt' else '<'}{spelt[0]}")


def _moment(operator: str, field: Field, value: Any) -> Node | None:  # noqa: ANN401  what JSON holds
    if operator == "inthelast":
        days = None if isinstance(value, bool) else int(str(value))
        return Match(field.here, How.CONTAINS, f"-{days}d..") if days is not None and 0 <= days < 10**6 else None
    if operator == "intherange" and isinstance(value, list) and len(value) == 2:  # noqa: PLR2004  its two ends
        first, last = _day(value[0]), _day(value[1]) - timedelta(days=1)
        return Match(field.here, How.CONTAINS, f"{first}..{last}")
    signs = {"before": "<", "lt": "<", "after": ">=", "gt": ">="}
    return Match(field.here, How.CONTAINS, f"{signs[operator]}{_day(value)}") if operator in signs else None


def _day(value: object) -> date:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value)
