"""The search language: its text, its tree, and the rows it finds."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from workbench.errors import QueryError
from workbench.models import TRACKS
from workbench.query import And, How, Match, Not, Or, Query, Sort, Word, expression, parse, search, to_text

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)

ROWS = [
    {
        "track_id": 1,
        "title": "Ágætis byrjun",
        "artists": ["Sigur Rós"],
        "album": "Ágætis byrjun",
        "album_artists": ["Sigur Rós"],
        "genres": ["Post-Rock", "Ambient"],
        "year": 1999,
        "bpm": 119.6,
        "duration_s": 475.0,
        "analyzed": True,
        "added_at": datetime(2024, 5, 1, tzinfo=UTC),
    },
    {
        "track_id": 2,
        "title": "So What",
        "artists": ["Miles Davis", "Bill Evans"],
        "album": "Kind of Blue",
        "album_artists": ["Miles Davis"],
        "genres": ["Jazz"],
        "year": 1959,
        "comment": "first take, live",
        "bpm": 136.0,
        "duration_s": 270.0,
        "analyzed": True,
        "added_at": datetime(2023, 12, 31, 23, 59, tzinfo=UTC),
    },
    {
        "track_id": 3,
        "title": "Straße 9:30",
        "artists": [],
        "genres": [],
        "bpm": 60.0,
        "duration_s": 200.0,
        "analyzed": False,
        "added_at": datetime(2024, 5, 15, 1, tzinfo=UTC),
    },
    {"track_id": 4, "title": "Windowlicker", "artists": ["Aphex Twin"], "album": "", "genres": ["IDM"], "year": 1999},
]
FRAME = pl.DataFrame(ROWS, schema=TRACKS)


def found(text, frame=FRAME):
    return search(frame, text)["track_id"].to_list()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("  ", [1, 2, 3, 4]),
        ("agaetis", []),
        ("agætis", [1]),
        ("SIGUR ros", [1]),
        ("evans", [2]),
        ("strasse", [3]),
        ("STRAẞE", [3]),
        ("9:30", [3]),
        ('"so what"', [2]),
        ('"what so"', []),
        ("what so", [2]),
        ("Miles Davis - So What", [2]),
        ("so what; -- live", []),
        ("so -- what --", [2]),
        ("--", [1, 2, 3, 4]),
        ("live", [2]),
        ("-live", [1, 3, 4]),
        ("^live", [1, 3, 4]),
        ("live, rock", [1, 2]),
        ("live , rock", [1, 2]),
        ("live,rock", []),
        ("take,live", []),
        ("take ,live", []),
        ("10,000", []),
        ("take,", "error"),
        ("ros 1999, jazz", [2]),
        ("rock year:1999, jazz", [1, 2]),
        ("(rock, jazz, idm) year:1999", [1, 4]),
        ("-(rock, jazz)", [3, 4]),
        ("-(rock year:1999)", [2, 3, 4]),
    ],
)
def test_words_and_their_joining(text, ids):
    if ids == "error":
        with pytest.raises(QueryError):
            search(FRAME, text)
    else:
        assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("genre:rock", [1]),
        ("genres:AMBIENT", [1]),
        ("Genre:jazz", [2]),
        ("genre:=rock", []),
        ("genre:=post-rock", [1]),
        ("artist:miles", [2]),
        ("artist:=miles", []),
        ('artist:="bill evans"', [2]),
        ('title:="strasse 9:30"', [3]),
        (r"title::^\w+$", [4]),
        (r"title::^(So|Wind)", [2, 4]),
        (r'title::"^So W"', [2]),
        (r"title::^so", []),
        (r"title::^Win, title::^So", [2, 4]),
        (r"title::d{1,2}o", [4]),
        (r"title::(?i)^so", [2]),
        ("title:^so", [2]),
        ("title:^what", []),
        ("title:^AGÆ", [1]),
        ("title:^stra", [3]),
        ("title:$what", [2]),
        ("title:$so", []),
        ('title:$"9:30"', [3]),
        ('title:"$what"', []),
        ("artist:^bill", [2]),
        ("artist:$ros", [1]),
        ("-artist:$ros", [2, 3, 4]),
        ('title:^""', [1, 2, 3, 4]),
        (r"artist::^Bill", [2]),
        ('artist:""', [3]),
        ('-artist:""', [1, 2, 4]),
        ('album:""', [3, 4]),
        ('album:=""', [3, 4]),
        ('genre:""', [3]),
        ('year:""', [3]),
        ('analyzed:""', [4]),
        ("title:'", []),
    ],
)
def test_texts(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("year:1999", [1, 4]),
        ("year:1950..1960", [2]),
        ("year:..1960", [2]),
        ("year:1999..", [1, 4]),
        ("-year:1999", [2, 3]),
        ("bpm:120", [1]),
        ("bpm:119", []),
        ("bpm:119.6", [1]),
        ("bpm:119.60", [1]),
        ("bpm:=120", []),
        ("bpm:=119.6", [1]),
        ("bpm:60..119.6", [1, 3]),
        ("bpm:60..119.5", [3]),
        ("bpm:>60", [1, 2]),
        ("bpm:>=60", [1, 2, 3]),
        ("bpm:<119.6", [3]),
        ("bpm:<=119.6", [1, 3]),
        ("bpm:-5..60", [3]),
        ("length:4:30", [2]),
        ("length:..4:30", [2, 3]),
        ("length:4:30..", [1, 2]),
        ("length:>0:04:30", [1]),
        ("length:270", [2]),
        ("duration_s:0:03:20..270", [2, 3]),
        ("analyzed:true", [1, 2]),
        ("analyzed:no", [3]),
        ("-analyzed:yes", [3, 4]),
    ],
)
def test_numbers_durations_and_booleans(text, ids):
    assert found(text) == ids


def test_a_number_rounds_half_up_at_the_decimals_written():
    frame = pl.DataFrame({"track_id": [1, 2, 3, 4], "bpm": [119.5, 120.49, 120.5, 120.25]})
    assert found("bpm:120", frame) == [1, 2, 4]
    assert found("bpm:120.3", frame) == [4]
    assert found("bpm:120.50", frame) == [3]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("added:2024", [1, 3]),
        ("added:2023", [2]),
        ("added:2023-12", [2]),
        ("added:2023-12-31", [2]),
        ("added:2024-01-01..", [1, 3]),
        ("added:..2023", [2]),
        ("added:>2023", [1, 3]),
        ("added:<2024-05-01", [2]),
        ("added:<=2024-05-01", [1, 2]),
        ("added:-2w..", [1, 3]),
        ("added:-13d..", [3]),
        ("added:-1y..-1d", [1, 2]),
        ("added:-0d", [3]),
        ("-added:2024", [2, 4]),
    ],
)
def test_moments(text, ids):
    assert FRAME.filter(expression(text, FRAME.schema, now=NOW))["track_id"].to_list() == ids


@pytest.mark.parametrize("kept", [pl.Date, pl.Datetime("ms"), pl.Datetime("ns"), pl.Datetime("us", "Asia/Tokyo")])
def test_moments_of_every_type(kept):
    noon = [datetime(2023, 12, 31, 12, tzinfo=UTC), datetime(2024, 1, 1, 12, tzinfo=UTC)]
    moments = pl.Series(noon)
    if isinstance(kept, pl.Datetime) and kept.time_zone:
        moments = moments.dt.convert_time_zone(kept.time_zone)
    else:
        moments = moments.dt.replace_time_zone(None)
    frame = pl.DataFrame({"track_id": [1, 2], "day": moments.cast(kept)})
    assert found("day:2024-01-01..", frame) == [2]
    assert found("day:..2023-12-31", frame) == [1]


def test_the_days_of_a_year_belong_to_it():
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert found("day:2024", pl.DataFrame({"track_id": [1, 2, 3, 4], "day": days})) == [2, 3]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("year+", [2, 1, 4, 3]),
        ("year- title-", [4, 1, 2, 3]),
        ("title+", [1, 2, 3, 4]),
        ("bpm-", [2, 1, 3, 4]),
        ("year:1999 title-", [4, 1]),
        ("artist-", [1, 2, 4, 3]),
        ("analyzed+ bpm-", [3, 2, 1, 4]),
        ("rock, idm added-", [1, 4]),
    ],
)
def test_sort_words_order_the_rows_and_put_unknown_last(text, ids):
    assert found(text) == ids


def test_sorting_minds_neither_case_nor_accents():
    frame = pl.DataFrame({"track_id": [1, 2, 3, 4], "title": ["b", "É", "a", "D"]})
    assert found("title+", frame) == [3, 1, 4, 2]


def test_keys_are_sorted_round_the_wheel():
    frame = pl.DataFrame({"track_id": [1, 2, 3, 4, 5], "camelot": ["10A", None, "1B", "2A", "1A"]})
    assert found("camelot+", frame) == [5, 3, 4, 1, 2]
    assert found("camelot-", frame) == [1, 4, 3, 5, 2]


def test_rows_keep_their_columns_and_order():
    assert_frame_equal(search(FRAME, "year:1950.."), FRAME[[0, 1, 3]])
    assert search(FRAME, "nothing like it").schema == FRAME.schema
    assert search(FRAME.clear(), "rock year:1999 year+").schema == FRAME.schema


def test_the_columns_of_any_frame_are_fields():
    frame = pl.DataFrame(
        {
            "track_id": [1, 2, 3],
            "mood": pl.Series(["Calm", "wild", None], dtype=pl.Categorical),
            "tags": [["a", None], None, ["B"]],
            "nothing": [None, None, None],
            "genre": ["Rock", "Pop", None],
            "Group": [1, 2, 3],
        }
    )
    assert found("mood:calm", frame) == [1]
    assert found("tags:b", frame) == [3]
    assert found('tags:""', frame) == [2]
    assert found("nothing:x", frame) == []
    assert found('nothing:""', frame) == [1, 2, 3]
    assert found("genre:rock", frame) == [1]
    assert found("Group:>=2 mood-", frame) == [2, 3]


def test_without_the_searched_columns_a_word_is_refused():
    with pytest.raises(QueryError, match="name a field"):
        search(pl.DataFrame({"bpm": [1.0]}), "word")


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("rock lenght:3", 5, "did you mean 'length'"),
        ("genr:rock", 0, "did you mean 'genre'"),
        ("rock yaer+", 5, "did you mean 'year'"),
        ("genre:", 6, "expected a value"),
        ("genre: rock", 7, "expected a value"),
        ("genre:)", 6, "expected a value"),
        ("title::", 7, "expected a regular expression"),
        ("(rock", 5, "expected a closing bracket"),
        ("rock)", 4, r"found '\)'"),
        ("()", 1, r"found '\)'"),
        ("rock, ", 6, "found the end"),
        (", rock", 0, "found ','"),
        ("--rock", 1, "found '-rock'"),
        ('so "what', 3, "never closed"),
        ('title:"what', 6, "never closed"),
        ('so ""', 3, "empty quotes"),
        ("title::[a", 7, "unclosed character class"),
        ("title::(?=a)", 7, "look-around"),
        ("title::" + "a" * 501, 7, "501 characters"),
        ("title::a{1000}{1000}", 7, "size limit"),
        ("rock bpm:fast", 9, "'fast' is no number.*bpm takes"),
        ("bpm:90..60", 4, "backwards"),
        ("bpm:..", 4, "needs an end"),
        ("bpm:>", 4, "no number"),
        ("bpm::1", 5, "for texts"),
        ("bpm:^1", 5, "for texts"),
        ("title:^", 7, "expected a value"),
        ("rock limit:0", 11, "'0' .character 12.* is no limit"),
        ("limit:-3", 6, "'-3' .*is no limit"),
        ("rock limit:many year+", 11, "'many' .*is no limit"),
        ("limit:", 6, "'' .*is no limit"),
        ("limit:1234567890", 6, "is no limit"),
        ("limit:3 year+ limit:4", 14, "a second limit"),
        ("limit:3 rock", 0, "stands at the end"),
        ("(rock limit:3)", 6, "stands at the end"),
        ("~year:1999", 0, "is for tempo .*bpm_tag.* and key"),
        ("rock ~title:so", 5, "is for tempo"),
        ("~genre:rock", 0, "is for tempo"),
        ("~bpm:fast", 5, "'fast' is no number"),
        ("~bpm:=120", 5, "'=120' is no number"),
        ("~key:H", 5, "'H' is no key.*8A, Am"),
        ('~key:""', 5, "is no key"),
        ("~yaer:1", 0, "did you mean 'year'"),
        ("playlist:=Rain", 0, "needs to know them"),
        ("length:4:3", 7, "no number.*4:30"),
        ("analyzed:perhaps", 9, "true or false"),
        ("added:2024-02-30", 6, "no day"),
        ("added:-999999y..", 6, "no day"),
        ("added:soon", 6, "no day"),
        ("path_bytes:x", 0, "cannot be searched"),
        ("rock path_bytes+", 5, "cannot be searched"),
        ("rock \ud800", 5, "character 6"),
        ("x" * 10_001, 10_000, "10,001 characters"),
        ("(" * 51 + "a" + ")" * 51, 50, "50 deep"),
        ("(" * 5_000, 50, "50 deep"),
        ("a " * 101, 200, "100 words"),
        ("title::a " * 11, 90, "10 regular expressions"),
        ("playlist:a " * 21, 220, "20 terms with playlist"),
        ("year:1 " * 501, 3_500, "500 terms"),
        ("rock " + "\ufdfa" * 56, 5, "1,008 letters.*search for a part"),  # the letter unfolds into eighteen
        ("title:=" + "x" * 1_001, 7, "1,001 letters"),
        ("--a", 1, "found '-"),
        ("limit:" + "x" * 50, 6, "'x{40}…' "),
        ("title::" + "(a" * 4_000, 7, "regular expression"),
    ],
)
def test_what_is_no_search_is_refused_at_its_character(text, position, says):
    with pytest.raises(QueryError, match=says) as caught:
        search(FRAME, text)
    assert caught.value.position == position


def test_fifty_brackets_are_not_too_many():
    assert found("(" * 50 + "rock" + ")" * 50) == [1]


def test_trees():
    assert parse("a, b -(c genre:x) d+ e-") == Query(
        Or((Word("a"), And((Word("b"), Not(And((Word("c"), Match("genre", How.CONTAINS, "x")))))))),
        (Sort("d", descending=False), Sort("e", descending=True)),
    )
    assert parse(r'"say \"hi\" \\ \d"').tree == Word(r'say "hi" \ \d')
    assert parse("a+ b").tree == And((Word("a+"), Word("b")))
    assert parse('"year+"') == Query(Word("year+"))


@pytest.mark.parametrize(
    "text",
    [
        '"so what" -genre:fusion',
        "a, b c",
        "(a, b) c",
        "-(a b)",
        "bpm:60..90 year+ bpm-",
        "added:-3w..",
        "~bpm:118..122 -~key:8A",
        "title:^the title:$live",
        "a random+ limit:5",
        "",
    ],
)
def test_a_search_in_its_shortest_spelling_stays_as_it_is(text):
    assert to_text(parse(text)) == text


names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text('ab"\\,+-^:=()<>. \n', max_size=6)
leaves = st.builds(Word, texts.filter(bool)) | st.builds(Match, names, st.sampled_from(How), texts)


def branches(children):
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    return st.builds(Not, children) | st.builds(And, several) | st.builds(Or, several)


trees = st.recursive(leaves, branches, max_leaves=8)
sorts = st.lists(st.builds(Sort, names, st.booleans()), max_size=8).map(tuple)
limits = st.none() | st.integers(1, 999_999_999)


@given(st.builds(Query, st.none() | trees, sorts, limits))
@example(Query(And((Word("a"), And((Word("b"), Word("c")))))))
@example(Query(Not(Not(Word("-a")))))
@example(Query(Match("a", How.CONTAINS, "=b")))
@example(Query(Match("a", How.CONTAINS, ":b")))
@example(Query(Match("a", How.CONTAINS, "^b")))
@example(Query(Match("a", How.CONTAINS, "$b")))
@example(Query(Match("a", How.LIKE, "=b")))
@example(Query(And((Word("~a"), Match("a", How.LIKE, "b")))))
@example(Query(Word("limit:3"), limit=3))
@example(Query(sort=tuple(Sort("a", descending=False) for _ in range(8)), limit=1))
@example(Query(Word("\u2013")))
@example(Query(Or((Match("a", How.REGEX, "b"), Word("c")))))
@settings(deadline=None)
def test_the_text_of_a_tree_parses_to_the_same_tree(query):
    assert parse(to_text(query)) == query


@settings(deadline=None)
@given(st.text(max_size=40) | st.text('ab"\\,+-^:=()<>. \n', max_size=20))
def test_any_text_is_a_search_or_a_query_error(text):
    try:
        query = parse(text)
    except QueryError as error:
        position = error.position
    else:
        position = 0
        assert parse(to_text(query)) == query
    assert 0 <= position <= len(text)
