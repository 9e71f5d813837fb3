"""How does a search become a smart playlist of Navidrome, and the other way round?

A .nsp file is JSON: rules in "all" or "any", then "sort", "order" and "limit"
(navidrome.org/docs/usage/features/smart-playlists; semantics from `model/criteria` and `persistence/criteria_sql.go` of
github.com/navidrome/navidrome).

Conventions
-----------
Fields and units are in `nsp_fields`. A tree is turned over term by term, a negated group by De Morgan; whatever has no
counterpart is an error, never left out. What both sides understand a little differently:

- There, case counts in "is", accents always, and "%" and "_" in "contains", "startsWith" and "endsWith" stand for any
  letters.
- There, an unknown number is 0 and a track without a rating has 0 stars, so that "lt" finds those too. ``year:""`` is
  "is 0", which is also added to what a negated comparison becomes. Read, "is 0" of plays is ``plays:""``, which leaves
  out those whose tags say 0: ``-plays:>0`` finds both.
- "after" counts the day itself and the last day of "inTheRange" is left out, as days are compared with the longer texts
  of moments: ``added:2024-01..2024-02`` is [2024-01-01, 2024-03-01].
- Without "sort" Navidrome sorts by title, and so is the file read: ``title+``.
- ``playlist:=Name`` writes the name where Navidrome wants the id of a playlist.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from workbench.errors import QueryError
from workbench.query.nsp_fields import field_of, field_of_theirs
from workbench.query.nsp_reading import EVERYTHING, group
from workbench.query.nsp_writing import rule
from workbench.query.parser import parse
from workbench.query.tree import Query, Sort, shown, to_text

__all__ = ["from_nsp", "nsp_label", "to_nsp"]

MOST_CHARACTERS: Final = 100_000
RANDOM: Final = "random"
KEYS: Final = ("name", "comment", "public", "all", "any", "sort", "order", "limit", "offset")
TOKENS: Final = re.compile(r'("(?:\\.|[^"\\])*"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)


def to_nsp(query: Query, *, name: str | None = None, comment: str | None = None) -> str:
    """JSON text of the smart playlist that a query describes.

    Parameters
    ----------
    query : Query
        What `parse` gives. A query without a tree becomes the rule that every track fulfils.
    name, comment : str or None
        What Navidrome shows; None: the file's name, and nothing.

    Raises
    ------
    QueryError
        A field or a comparison has no counterpart in a .nsp file; `position` is its character in the search.

    Examples
    --------
    >>> print(to_nsp(parse("genre:=Jazz year:1950..1959 rating- limit:50")))
    {
      "all": [
        {"is": {"genre": "Jazz"}},
        {"inTheRange": {"year": [1950, 1959]}}
      ],
      "sort": "-rating",
      "limit": 50
    }
    """
    rules = EVERYTHING if query.tree is None else rule(query.tree)
    (kind, terms), *_ = (rules if next(iter(rules)) in {"all", "any"} else {"all": [rules]}).items()
    head = {key: text for key, text in (("name", name), ("comment", comment)) if text is not None}
    sort = ",".join(_sort_there(sort) for sort in query.sort)
    tail = {key: value for key, value in (("sort", sort), ("limit", query.limit)) if value}
    lines = [f"  {_json(key)}: {_json(value)}" for key, value in head.items()]
    lines.append(f"  {_json(kind)}: [\n" + ",\n".join(f"    {_json(term)}" for term in terms) + "\n  ]")
    lines += [f"  {_json(key)}: {_json(value)}" for key, value in tail.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sort_there(sort: Sort) -> str:
    name = RANDOM if sort.field.lower() == RANDOM else field_of(sort.field, sort.position).there
    return f"-{name}" if sort.descending else name


def from_nsp(text: str) -> Query:
    """Query that the text of a .nsp file describes; `to_text` of it is a search.

    Parameters
    ----------
    text : str
        At most 100,000 characters; comments (``//``, ``/* */``) are passed over, as in Navidrome. The name and the
        comment are no part of a query: see `nsp_label`.

    Raises
    ------
    QueryError
        The text is no smart playlist, is larger than a search can be, or holds a field, an operator or a key that has
        no counterpart here; the message names it.

    Examples
    --------
    >>> to_text(from_nsp('{"all": [{"is": {"genre": "Jazz"}}, {"gt": {"rating": 3}}], "sort": "-year", "limit": 50}'))
    'genre:=Jazz rating:>0.6 year- limit:50'
    """
    document = _document(text)
    for key in document:
        if key.lower() not in KEYS:
            raise QueryError(f"the smart playlist holds {shown(key)}, which has no counterpart here")
    content = {key.lower(): value for key, value in document.items()}
    if content.get("offset"):
        raise QueryError("the smart playlist holds 'offset', which has no counterpart here")
    kinds = [kind for kind in ("all", "any") if content.get(kind)]
    if len(kinds) != 1:
        raise QueryError("a smart playlist holds either 'all' or 'any', with a list of rules")
    rules = content[kinds[0]]
    tree = None if rules == [EVERYTHING] else group(kinds[0], rules)
    query = Query(tree, _sort(content.get("sort"), content.get("order")), _limit(content.get("limit")))
    try:
        parse(to_text(query))
    except QueryError as error:
        raise QueryError(f"as a search, the smart playlist is not in the language: {error}") from error
    return query


def nsp_label(text: str) -> tuple[str | None, str | None]:
    """Name and comment of a .nsp file, None where it gives none.

    Raises
    ------
    QueryError
        The text is no JSON object.
    """
    label = {key.lower(): value for key, value in _document(text).items() if isinstance(value, str)}
    return label.get("name"), label.get("comment")


def _document(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"the smart playlist is {len(text):,} characters long; at most {MOST_CHARACTERS:,}")
    try:
        plain = TOKENS.sub(lambda found: found[1] or " ", text.removeprefix("\ufeff"))
        document = json.loads(plain, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise QueryError(f"the smart playlist is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise QueryError("the smart playlist is no JSON object with 'all' or 'any'")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose keys are there once: of two rules of one name neither may be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise ValueError(f"{twice!r:.40} is there twice in one object: put each into an object of its own")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _sort(names: object, order: object) -> tuple[Sort, ...]:
    if not isinstance(names or "", str) or str(order or "asc").strip().lower() not in {"asc", "desc"}:
        raise QueryError(f"the smart playlist sorts by {names!r:.80} {order!r:.80}: expected names, and asc or desc")
    falling = str(order).strip().lower() == "desc"
    words = [word.strip() for word in str(names or "title").split(",") if word.strip()]
    return tuple(_sort_here(word, falling=falling) for word in words or ["title"])


def _sort_here(word: str, *, falling: bool) -> Sort:
    name = word.lstrip("+-").strip()
    here = RANDOM if name.lower() == RANDOM else field_of_theirs(name).here
    return Sort(here, word.startswith("-") != falling)


def _limit(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value or 0, int) or (value or 0) < 0:  # type: ignore[operator]
        raise QueryError(f"the smart playlist's limit is {value!r:.80}: expected a whole number")
    return value or None  # type: ignore[return-value]  # a whole number
