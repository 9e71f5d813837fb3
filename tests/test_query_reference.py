"""Searches of random frames against a slow reading of the same trees in plain Python."""

import unicodedata
from datetime import UTC, datetime

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.keys import compatible
from workbench.query import And, How, Match, Node, Not, Or, Query, Sort, Word, expression, search, to_text

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)

letters = st.text("aAbBsSéÉßẞﬁfi…½ΣςσкКİ가か\u0301 .", max_size=6)
EMPTY = {"title": None, "genres": None, "year": None, "bpm": None, "analyzed": None, "camelot": None, "key_tag": None}
TAGS = {"C": "8B", "Am": "8A", "a minor": "8A", "9b": "9B", "Gbm": "11A", "B": "1B", "hardly": None, "": None}
row = st.fixed_dictionaries(
    {
        "title": st.none() | letters,
        "genres": st.none() | st.lists(st.none() | letters, max_size=3),
        "year": st.none() | st.integers(1990, 1996),
        "bpm": st.none() | st.sampled_from([44.5, 45.2, 45.25, 89.5, 90.0, 90.4, 90.5, 91.0, 179.5, 180.6, 181.0]),
        "analyzed": st.none() | st.booleans(),
        "camelot": st.none() | st.sampled_from(["1A", "7A", "8A", "9A", "8B", "12B", "11A"]),
        "key_tag": st.none() | st.sampled_from(list(TAGS)),
    }
)
frames = st.lists(row, max_size=6)
SCHEMA = {
    "track_id": pl.Int64,
    "title": pl.String,
    "genres": pl.List(pl.String),
    "year": pl.Int64,
    "bpm": pl.Float64,
    "analyzed": pl.Boolean,
    "camelot": pl.String,
    "key_tag": pl.String,
}
tempi = st.sampled_from(["90", "90.5", "..90", "<=90", ">90", "90..91"])


def matches(field, how, values):
    return st.builds(Match, st.just(field), st.just(how), values)


core = (
    st.builds(Word, letters.filter(bool))
    | st.builds(
        Match,
        st.sampled_from(["title", "genre"]),
        st.sampled_from([How.CONTAINS, How.EXACT, How.STARTS, How.ENDS]),
        letters,
    )
    | matches("year", How.CONTAINS, st.sampled_from(["1992", "1991..1993", ">1994", ""]))
    | matches("bpm", How.CONTAINS, tempi)
    | matches("bpm", How.LIKE, tempi)
    | matches("camelot", How.LIKE, st.sampled_from(["8A", "12B"]))
    | matches("key_tag", How.LIKE, st.sampled_from(["8A", "12B"]))
    | matches("analyzed", How.CONTAINS, st.sampled_from(["true", "false", ""]))
)


def branches(children):
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    return st.builds(Not, children) | st.builds(And, several) | st.builds(Or, several)


trees = st.recursive(core, branches, max_leaves=5)
sorts = st.lists(st.builds(Sort, st.sampled_from(["year", "bpm", "analyzed"]), st.booleans()), max_size=3).map(tuple)
queries = st.builds(Query, st.none() | trees, sorts, st.none() | st.integers(1, 4))


def slow_fold(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M").casefold()


def slow_number(value, wanted, factor=1):
    if value is None:
        return wanted == ""
    if ".." in wanted:
        low, high = wanted.split("..")
        return (not low or value >= float(low) * factor) and (not high or value <= float(high) * factor)
    for sign, holds in {">": value.__gt__, "<=": value.__le__}.items():
        if wanted.startswith(sign):
            return holds(type(value)(float(wanted.removeprefix(sign)) * factor))
    half = 0.05 if "." in wanted else 0.5
    return wanted != "" and float(wanted) * factor - half <= value < float(wanted) * factor + half


def slow_like(row, node):
    if node.field == "bpm":
        return any(slow_number(row["bpm"], node.value, factor) for factor in (0.5, 1, 2))
    code = row["camelot"] if node.field == "camelot" else TAGS.get(row["key_tag"])
    return code in compatible(node.value)


def slow_match(row, node):
    if node.how is How.LIKE:
        return slow_like(row, node)
    if node.field in {"year", "bpm"}:
        return slow_number(row[node.field], node.value)
    if node.field == "analyzed":
        return row["analyzed"] == {"true": True, "false": False, "": None}[node.value]
    values = [row["title"]] if node.field == "title" else row["genres"] or []
    return slow_text([value for value in values if value is not None], node)


def slow_text(values, node):
    if node.value == "" and node.how in {How.CONTAINS, How.EXACT}:
        return not any(values)
    wanted = slow_fold(node.value)
    ways = {How.CONTAINS: str.__contains__, How.EXACT: str.__eq__, How.STARTS: str.startswith, How.ENDS: str.endswith}
    return any(ways[node.how](slow_fold(value), wanted) for value in values)


def slow_holds(row, node: Node):
    match node:
        case None:
            return True
        case Word(text):
            values = [row["title"], *(row["genres"] or [])]
            return any(slow_fold(text) in slow_fold(value) for value in values if value is not None)
        case Match():
            return slow_match(row, node)
        case Not(term):
            return not slow_holds(row, term)
        case And(terms):
            return all(slow_holds(row, term) for term in terms)
        case Or(terms):
            return any(slow_holds(row, term) for term in terms)


def slow_search(rows, query):
    found = [row for row in rows if slow_holds(row, query.tree)]
    for sort in reversed(query.sort):
        known = [row for row in found if row[sort.field] is not None]
        known.sort(key=lambda row: row[sort.field], reverse=sort.descending)
        found = known + [row for row in found if row[sort.field] is None]
    return found[: query.limit]


@given(frames, queries)
@example([EMPTY | {"title": "Σ ς"}], Query(Word("\u03c3 \u03a3")))
@example([EMPTY | {"title": "", "genres": [""]}], Query(Word("\u0301")))
@example([EMPTY | {"title": "Éa"}], Query(Match("title", How.STARTS, "e")))
@example([EMPTY | {"title": "aß"}], Query(Match("title", How.ENDS, "SS")))
@example([EMPTY | {"title": "x", "genres": ["x\u0301", "b"]}], Query(Match("genre", How.CONTAINS, "xb")))
@example([EMPTY | {"year": 1990}, EMPTY, EMPTY | {"year": 1991}], Query(None, (Sort("year", descending=True),), 2))
@settings(deadline=None, max_examples=300)
def test_rows_are_those_of_a_slow_reading_in_plain_python(rows, query):
    numbered = [{"track_id": number} | row for number, row in enumerate(rows)]
    frame = pl.DataFrame(numbered, schema=SCHEMA)
    text = to_text(query)
    expected = slow_search(numbered, query)
    assert search(frame, text).rows(named=True) == expected
    unsorted = [row for row in numbered if slow_holds(row, query.tree)]
    assert frame.filter(expression(text, frame.schema)).rows(named=True) == unsorted


@given(frames, trees)
@settings(deadline=None)
def test_a_random_order_of_what_is_found_is_that_of_all(rows, tree):
    numbered = [{"track_id": number * 7} | row for number, row in enumerate(rows)]
    frame = pl.DataFrame(numbered, schema=SCHEMA)
    everything = search(frame, "random+", now=NOW)
    found = search(frame.reverse(), to_text(Query(tree, (Sort("random", descending=False),), 3)), now=NOW)
    expected = [row for row in everything.rows(named=True) if slow_holds(row, tree)][:3]
    assert found.rows(named=True) == expected
