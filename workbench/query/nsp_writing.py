"""Which rules of a Navidrome smart playlist say what a tree says?

Conventions
-----------
A rule is one operator with one field and value, or "all" or "any" of some rules. No group can be negated there, so a
negation is carried down to the rules (De Morgan).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Final, NoReturn

from workbench.errors import QueryError
from workbench.query.fields import SEARCHED, Kind
from workbench.query.membership import PLAYLIST
from workbench.query.nsp_fields import ABSENT, FIELDS, Field, field_of, number_there
from workbench.query.tree import MOST_SHOWN, And, How, Match, Node, Not, Or, Word
from workbench.query.values import COMPARISON, DAYS, boolean, day, duration, half_step, number

if TYPE_CHECKING:
    Rule = dict[str, Any]

__all__ = ["TEXT_WAYS", "rule", "word_rules"]

TEXT_WAYS: Final = {How.CONTAINS: "contains", How.EXACT: "is", How.STARTS: "startsWith", How.ENDS: "endsWith"}
NEGATIONS: Final = {
    "contains": "notContains",
    "is": "isNot",
    "isMissing": "isPresent",
    "inTheLast": "notInTheLast",
    "inPlaylist": "notInPlaylist",
    "before": "after",
    "after": "before",
}
SUFFIX: Final = re.compile(r"\.([0-9A-Za-z]+)", re.ASCII)
SINCE: Final = re.compile(r"(?:(>=?)(-[0-9]+[dwmy])|(-[0-9]+[dwmy])\.\.)", re.ASCII)
MICROSECOND: Final = timedelta(microseconds=1)


def rule(node: Node, *, negated: bool = False) -> Rule:
    """The rule for a tree, or for its negation.

    Raises
    ------
    QueryError
        A field or a comparison has no counterpart in a .nsp file.
    """
    deeper = partial(rule, negated=negated)
    match node:
        case Word(text):
            return {
                "all" if negated else "any": [_one("contains", *each, negated=negated) for each in word_rules(text)]
            }
        case Match():
            return _match(node, negated=negated)
        case Not(term):
            return rule(term, negated=not negated)
        case And(terms):
            return {"any" if negated else "all": [deeper(term) for term in terms]}
        case Or(terms):
            return {"all" if negated else "any": [deeper(term) for term in terms]}


def word_rules(text: str) -> list[tuple[str, str]]:
    """Fields that a bare word is looked for in, each with the word."""
    return [(FIELDS[column].there, text) for column in SEARCHED]


def _one(operator: str, name: str, value: Any, *, negated: bool) -> Rule:  # noqa: ANN401  what JSON holds
    return {NEGATIONS[operator] if negated else operator: {name: value}}


def _refused(node: Match, reason: str) -> NoReturn:
    raise QueryError(f"a .nsp file cannot say {_said(node)}: {reason}", node.position)


def _said(node: Match) -> str:
    text = f"{node.field}{node.how}{node.value}"
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def _match(node: Match, *, negated: bool) -> Rule:
    if node.how in {How.REGEX, How.LIKE}:
        _refused(node, "Navidrome has no regular expressions and no ~")
    if node.field.lower() == PLAYLIST:
        if node.how is not How.EXACT or not node.value:
            _refused(node, f"playlists go by their whole name, as in {PLAYLIST}:=Rain")
        return _one("inPlaylist", "id", node.value, negated=negated)
    field = field_of(node.field, node.position)
    if not node.value and node.how in {How.CONTAINS, How.EXACT}:
        return _unknown(node, field, negated=negated)
    if field.kind in {Kind.TEXT, Kind.TEXTS}:
        return _text(node, field, negated=negated)
    if node.how in {How.STARTS, How.ENDS}:
        _refused(node, "starts and ends are for texts")
    ways = {Kind.NUMBER: _number, Kind.MOMENT: _moment, Kind.BOOLEAN: _boolean}
    try:
        return ways[field.kind](node, field, negated)
    except QueryError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise QueryError(f"{error} (character {node.value_position + 1} of the search)", node.value_position) from error


def _unknown(node: Match, field: Field, *, negated: bool) -> Rule:
    if field.unknown is None:
        _refused(node, f"there every track has a {field.there}")
    if field.unknown == ABSENT:
        return _one(ABSENT, field.there, True, negated=negated)
    return _one("is", field.there, field.unknown, negated=negated)


def _text(node: Match, field: Field, *, negated: bool) -> Rule:
    if field.there == "filepath":
        if node.how is How.ENDS and (suffix := SUFFIX.fullmatch(node.value)):
            return _one("is", "filetype", suffix[1], negated=negated)
        if node.how in {How.EXACT, How.STARTS}:
            _refused(node, "paths are relative to the music folder there")
    operator = TEXT_WAYS[node.how]
    if negated and operator not in NEGATIONS:
        _refused(node, f"Navidrome has no negation of {operator}")
    return _one(operator, field.there, node.value, negated=negated)


def _boolean(node: Match, field: Field, negated: bool) -> Rule:  # noqa: FBT001  one of three alike in a table
    return _one("is", field.there, boolean(node.value), negated=negated)


def _number(node: Match, field: Field, negated: bool) -> Rule:  # noqa: FBT001  one of three alike in a table
    value, there = node.value, partial(_there, field=field)
    if node.how is How.EXACT:
        return _one("is", field.there, _known(node, there(value)), negated=negated)
    if compared := COMPARISON.fullmatch(value):
        return _compared(field, compared[1], there(compared[2].strip()), negated=negated)
    if ".." not in value:
        return _rounded(node, field, negated=negated)
    low, _, high = value.partition("..")
    if low and high:
        return _between(field, there(low), there(high), negated=negated)
    return _compared(field, ">=" if low else "<=", there(low or high), negated=negated)


def _there(value: str, *, field: Field) -> int | float:
    read = duration if field.there == "duration" else number
    return number_there(Decimal(repr(read(value)[0])), field)


def _rounded(node: Match, field: Field, *, negated: bool) -> Rule:
    """Rule on what rounds to a number: one whole number there, or a range."""
    half = Decimal(repr(half_step(node.value))) * field.scale
    middle = Decimal(repr(_there(node.value, field=field)))
    low, high = middle - half, middle + half
    if field.whole and ceil(low) < high <= ceil(low) + 1:
        return _one("is", field.there, _known(node, ceil(low)), negated=negated)
    ends = [number_there(end / field.scale, field) for end in (low, high)]
    return _between(field, ends[0], ends[1], negated=negated)


def _known(node: Match, value: float) -> float:
    if value == 0:
        _refused(node, f'0 stands for an unknown value there: write {node.field}:""')
    return value


def _compared(field: Field, sign: str, value: float, *, negated: bool) -> Rule:
    opposite = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
    found = opposite[sign] if negated else sign
    rules: list[Rule] = [{"gt" if found.startswith(">") else "lt": {field.there: value}}]
    rules += [{"is": {field.there: value}}] if found.endswith("=") else []
    return _any(rules, field, negated=negated)


def _between(field: Field, low: float, high: float, *, negated: bool) -> Rule:
    if negated:
        return _any([{"lt": {field.there: low}}, {"gt": {field.there: high}}], field, negated=True)
    return {"inTheRange": {field.there: [low, high]}}


def _any(rules: list[Rule], field: Field, *, negated: bool) -> Rule:
    """Any of some rules; a negation holds for unknown values too."""
    unknown = {ABSENT: {field.there: True}} if field.unknown == ABSENT else {"is": {field.there: field.unknown}}
    found = [*rules, unknown] if negated else rules
    return {"any": found} if len(found) > 1 else found[0]


def _moment(node: Match, field: Field, negated: bool) -> Rule:  # noqa: FBT001  one of three alike in a table
    """Rule on a day: "after" counts the day itself there, and a range leaves its last day out."""
    if since := SINCE.fullmatch(node.value):
        ago = since[2] or since[3]
        days = int(ago[1:-1]) * DAYS[ago[-1]] - (since[1] == ">")
        return _one("inTheLast", field.there, max(days, 0), negated=negated)
    if re.match(r"(?:[<>]=?|.*\.\.)?-", node.value):
        _refused(node, "of days ago it knows the last ones only, as in added:-3w..")
    edges = partial(_edge, field=field, negated=negated)
    if compared := COMPARISON.fullmatch(node.value):
        first, beyond = _days(compared[2].strip())
        ways = {">": ("after", beyond), ">=": ("after", first), "<": ("before", first), "<=": ("before", beyond)}
        return edges(*ways[compared[1]])
    low, dots, high = node.value.partition("..")
    if not low or (dots and not high):
        return edges("after", _days(low)[0]) if low else edges("before", _days(high)[1])
    start, end = _days(low)[0], _days(high or low)[1]
    if negated:
        return {"any": [edges("after", start), edges("before", end)]}
    return {"inTheRange": {field.there: [start, end]}}


def _edge(operator: str, when: str, *, field: Field, negated: bool) -> Rule:
    return _one(operator, field.there, when, negated=negated)


def _days(value: str) -> tuple[str, str]:
    """First day of a year, a month or a day, and the first after it."""
    first, last = day(value, now=datetime.now(UTC))
    return first.date().isoformat(), (last + MICROSECOND).date().isoformat()
