"""What tree does a search's text stand for?

Conventions
-----------
The grammar is LALR, so a text costs time in proportion to its length. Whatever is no search is a `QueryError` that
names the character.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import QueryError
from workbench.query.membership import PLAYLIST
from workbench.query.tree import And, How, Match, Node, Not, Or, Query, Sort, Word, shown

if TYPE_CHECKING:
    from lark import Lark, Token, Tree
    from lark.exceptions import UnexpectedInput

__all__ = ["parse"]

MOST_CHARACTERS: Final = 10_000
MOST_TERMS: Final = 500
TERMS: Final = ("WORD", "QUOTED", "FIELD", "LIKE", "REGEX")
DEAR: Final = {"words": 100, "regular expressions": 10, "terms with playlist": 20}
"""At most so many of those whose cost is not that of one look at a column."""

DEAR_KINDS: Final = {"WORD": "words", "QUOTED": "words", "REGEX": "regular expressions"}
DEEPEST: Final = 50
COUNT: Final = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)
ESCAPED: Final = re.compile(r'\\(["\\])')
ADVICE: Final = {
    "VALUE": 'a value that touches the field, as in year:1990, or "" for tracks without one',
    "PATTERN": "a regular expression that touches the field; put it in quotes if it holds spaces or odd brackets",
    "RPAR": "a closing bracket",
}


def parse(text: str) -> Query:
    """Tree of a search.

    Parameters
    ----------
    text : str
        At most 10,000 characters and 500 terms, 100 of them words, 10 regular expressions, 20 playlists, brackets at
        most 50 deep; over 100,000 tracks such a search costs a few seconds at worst. An empty text is the search for
        everything.

    Raises
    ------
    QueryError
        The text is too long, too deep, or not in the language; `position` is the character where the trouble starts.

    Examples
    --------
    >>> parse("-calm year+")
    Query(tree=Not(term=Word(text='calm')), sort=(Sort(field='year', descending=False, position=6),), limit=None)
    """
    _check_characters(text)
    from lark.exceptions import UnexpectedInput

    run = _language().parse_interactive(text)
    seen: Counter[str] = Counter()
    last = None
    try:
        for last in run.iter_parse():
            seen[last.type] += 1
            seen[_dear_kind(last)] += 1
            _check_size(seen, last.start_pos or 0)
        return _query(run.feed_eof(last))  # type: ignore[no-untyped-call]  # lark does not say
    except UnexpectedInput as error:
        raise _explained(text, error) from error


def _check_characters(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise QueryError(
            f"the search is {len(text):,} characters long; at most {MOST_CHARACTERS:,}: shorten it", MOST_CHARACTERS
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(f"character {error.start + 1} of the search is no text: remove it", error.start) from error


def _check_size(seen: Counter[str], position: int) -> None:
    for kind, most in DEAR.items():
        if seen[kind] > most:
            raise QueryError(f"more than {most} {kind} from character {position + 1} on: take some away", position)
    if sum(seen[token] for token in TERMS) > MOST_TERMS:
        raise QueryError(f"more than {MOST_TERMS} terms from character {position + 1} on: take some away", position)
    if seen["LPAR"] - seen["RPAR"] > DEEPEST:
        raise QueryError(f"brackets stand over {DEEPEST} deep at character {position + 1}: take some away", position)


def _dear_kind(token: Token) -> str:
    if token.type == "FIELD" and token.partition(":")[0].lower() == PLAYLIST:
        return "terms with playlist"
    return DEAR_KINDS.get(token.type, "cheap terms")


def _explained(text: str, error: UnexpectedInput) -> QueryError:
    from lark.exceptions import UnexpectedToken

    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    position = len(text) if at_end else error.pos_in_stream or 0
    rest = text[position : position + 20]
    if rest.startswith('"'):
        return QueryError(f"the quote at character {position + 1} is never closed: add a closing quote", position)
    wanted = error.expected if isinstance(error, UnexpectedToken) else ()
    advice = [sentence for name, sentence in ADVICE.items() if name in wanted] or ["a word, a quoted text, field:value"]
    found = shown(rest.split()[0]) if rest.strip() else "the end"
    return QueryError(f"found {found} at character {position + 1} of the search, expected {advice[0]}", position)


@cache
def _language() -> Lark:
    from lark import Lark

    grammar = files("workbench.query").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False)


def _query(start: Tree[Token]) -> Query:
    from lark import Tree

    trees = [child for child in start.children if isinstance(child, Tree)]
    tail = [child for child in start.children if not isinstance(child, Tree)]
    sort = tuple(Sort(str(word[:-1]), word[-1] == "-", word.start_pos or 0) for word in tail if word.type == "SORT")
    return Query(_node(trees[0]) if trees else None, sort, _limit([word for word in tail if word.type == "LIMIT"]))


def _limit(words: list[Token]) -> int | None:
    if len(words) > 1:
        position = words[1].start_pos or 0
        raise QueryError(f"a second limit stands at character {position + 1} of the search: keep one", position)
    for word in words:
        name, _, value = word.partition(":")
        position = (word.start_pos or 0) + len(name) + 1
        if not COUNT.fullmatch(value):
            raise QueryError(
                f"{shown(value)} (character {position + 1} of the search) is no limit: "
                "expected 1 or more, as in limit:50",
                position,
            )
        return int(value)
    return None


def _node(tree: Any) -> Node:  # noqa: ANN401  lark's children are trees or tokens, as the grammar says
    first, last = tree.children[0], tree.children[-1]
    match tree.data:
        case "any":
            return _joined(Or, tree)
        case "all":
            return _joined(And, tree)
        case "negatable":
            return _node(last) if first is last else Not(_node(last))
        case "group":
            return _node(last)
        case "match":
            return _match(first, last)
        case _:
            return _word(first)


def _joined(kind: type[And | Or], tree: Tree[Token]) -> Node:
    terms = tuple(_node(child) for child in tree.children if not isinstance(child, str))
    return kind(terms) if len(terms) > 1 else terms[0]


def _word(token: Token) -> Word:
    if not _bare(token):
        position = token.start_pos or 0
        raise QueryError(f'empty quotes at character {position + 1}: write genre:"" for tracks without one', position)
    return Word(_bare(token), token.start_pos or 0)


def _match(start: Token, value: Token) -> Match:
    like = start.startswith("~")
    name = start.strip("~:=^$")
    position = start.start_pos or 0
    if name.lower() == "limit":
        raise QueryError(
            f"limit (character {position + 1} of the search) stands at the end, as in: rock year+ limit:50", position
        )
    return Match(name, How.LIKE if like else How(start[len(name) :]), _bare(value), position)


def _bare(token: Token) -> str:
    return ESCAPED.sub(r"\1", token[1:-1]) if token.startswith('"') else str(token)
