"""Smart playlists of Navidrome: real files read, searches written, and both ways round."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import QueryError
from workbench.query import (
    And,
    How,
    Match,
    Not,
    Or,
    Query,
    Sort,
    Word,
    from_nsp,
    nsp_label,
    parse,
    search,
    to_nsp,
    to_text,
)
from workbench.query.nsp_fields import FIELDS

# from navidrome.org/docs/usage/features/smart-playlists and github.com/navidrome/navidrome/issues/1417
ALL_IN_RANDOM_ORDER = """
{
  "all": [
    {"gt": {"playCount": -1}}
  ],
  "sort": "random",
  "limit": 1000 // Uncomment this line to limit the number of songs
}
"""
MANY_SORTS = """
{
  "name": "2000s Hits by Year and Rating",
  "comment": "Newest first // best first",
  "all": [{ "inTheRange": { "year": [2000, 2009] } }],
  "sort": "-year,-rating,title",
  "limit": 200
}
"""
# from github.com/navidrome/navidrome/blob/master/model/criteria/criteria_test.go
NESTED = """
{
  "all": [
    { "contains": {"title": "love"} },
    { "notContains": {"title": "hate"} },
    { "any": [ { "isNot": {"artist": "u2"} }, { "is": {"album": "best of"} } ] },
    { "all": [
      { "startsWith": {"comment": "it"} },
      { "inTheRange": {"year": [1980, 1990]} },
      { "isNot": { "genre": "test" } }
    ] }
  ],
  "sort": "title",
  "order": "asc"
}
"""


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        (ALL_IN_RANDOM_ORDER, "random+ limit:1000"),
        (MANY_SORTS, "year:2000..2009 year- rating- title+ limit:200"),
        (
            NESTED,
            'title:love -title:hate (-artist:=u2, album:="best of") (comment:^it year:1980..1990 -genre:=test) title+',
        ),
    ],
)
def test_real_files(text, searched):
    assert to_text(from_nsp(text)) == searched


@pytest.mark.parametrize(
    ("rule", "searched"),
    [
        ({"is": {"title": "Low Rider"}}, 'title:="Low Rider"'),
        ({"IS": {"Title": 1999}}, "title:=1999"),
        ({"is": {"album": ""}}, 'album:""'),
        ({"is": {"genre": ["Rock", "Pop"]}}, "genre:=Rock, genre:=Pop"),
        ({"isNot": {"genre": ["Rock", "Pop"]}}, "-(genre:=Rock, genre:=Pop)"),
        ({"is": {"compilation": True}}, "compilation:true"),
        ({"isNot": {"hasCoverArt": True}}, "-cover:true"),
        ({"is": {"year": 1999}}, "year:1999"),
        ({"is": {"year": 0}}, 'year:""'),
        ({"gt": {"year": "1990"}}, "year:>1990"),
        ({"lt": {"trackNumber": 5}}, "track:<5"),
        ({"is": {"rating": 4}}, "rating:0.8"),
        ({"is": {"rating": 5}}, "rating:1.0"),
        ({"is": {"rating": 0}}, 'rating:""'),
        ({"gt": {"rating": 3}}, "rating:>0.6"),
        ({"gt": {"playCount": 10}}, "plays:>10"),
        ({"is": {"playcount": 0}}, 'plays:""'),
        ({"inTheRange": {"playCount": [1, 5]}}, "plays:1..5"),
        ({"inTheRange": {"rating": [3, 5]}}, "rating:0.6..1.0"),
        ({"gt": {"bitRate": 256}}, "bit_rate_bps:>256000"),
        ({"gt": {"duration": 300.5}}, "length:>300.5"),
        ({"is": {"duration": 1e3}}, "length:=1000"),
        ({"contains": {"albumartist": "Eno"}}, "albumartist:Eno"),
        ({"startsWith": {"title": "The"}}, "title:^The"),
        ({"endsWith": {"title": "(Live)"}}, 'title:$"(Live)"'),
        ({"endsWith": {"filepath": ".flac"}}, "path:$.flac"),
        ({"is": {"filetype": "flac"}}, "path:$.flac"),
        ({"isNot": {"filetype": "mp3"}}, "-path:$.mp3"),
        ({"before": {"dateadded": "2024-01-01"}}, "added:<2024-01-01"),
        ({"after": {"dateAdded": "2024-01-01"}}, "added:>=2024-01-01"),
        ({"inTheRange": {"dateadded": ["2024-01-01", "2024-03-01"]}}, "added:2024-01-01..2024-02-29"),
        ({"inTheLast": {"dateadded": 30}}, "added:-30d.."),
        ({"notInTheLast": {"dateadded": "30"}}, "-added:-30d.."),
        ({"inPlaylist": {"id": "631db380-38ce"}}, "playlist:=631db380-38ce"),
        ({"notInPlaylist": {"id": "Rain"}}, "-playlist:=Rain"),
        ({"isMissing": {"genre": True}}, 'genre:""'),
        ({"isPresent": {"genre": True}}, '-genre:""'),
        ({"isMissing": {"bpm": False}}, '-bpm:""'),
        ({"is": {"genre": "Jazz"}, "gt": {"year": 1950}}, "genre:=Jazz year:>1950"),
    ],
)
def test_rules_read(rule, searched):
    assert to_text(from_nsp(json.dumps({"all": [rule], "sort": "random"}))) == f"{searched} random+"


def test_the_order_turns_every_sort_word_round():
    rules = {"any": [{"is": {"genre": "Jazz"}}, {"is": {"genre": "Pop"}}]}
    sorted_by = {"sort": "-year, +title,Random", "order": "DESC", "limit": 0}
    assert to_text(from_nsp(json.dumps(rules | sorted_by))) == "genre:=Jazz, genre:=Pop year+ title- random-"
    assert to_text(from_nsp(json.dumps(rules))) == "genre:=Jazz, genre:=Pop title+"
    assert to_text(from_nsp(json.dumps(rules | {"sort": " , "}))) == "genre:=Jazz, genre:=Pop title+"


def test_names_and_comments():
    assert nsp_label(MANY_SORTS) == ("2000s Hits by Year and Rating", "Newest first // best first")
    assert nsp_label(NESTED) == (None, None)
    written = to_nsp(parse("genre:jazz"), name="Jazz", comment='my "own"')
    assert nsp_label(written) == ("Jazz", 'my "own"')


def rules(text):
    return json.loads(to_nsp(parse(text)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("genre:jazz", {"all": [{"contains": {"genre": "jazz"}}]}),
        ("-genre:=jazz", {"all": [{"isNot": {"genre": "jazz"}}]}),
        ("genre:a, genre:b", {"any": [{"contains": {"genre": "a"}}, {"contains": {"genre": "b"}}]}),
        (
            "-(genre:a year:>1990)",
            {
                "any": [
                    {"notContains": {"genre": "a"}},
                    {"any": [{"lt": {"year": 1990}}, {"is": {"year": 1990}}, {"is": {"year": 0}}]},
                ]
            },
        ),
        ("year:1990..", {"any": [{"gt": {"year": 1990}}, {"is": {"year": 1990}}]}),
        ("year:<=1990", {"any": [{"lt": {"year": 1990}}, {"is": {"year": 1990}}]}),
        ("-year:1980..1990", {"any": [{"lt": {"year": 1980}}, {"gt": {"year": 1990}}, {"is": {"year": 0}}]}),
        ("-bpm:>=90", {"any": [{"lt": {"bpm": 90}}, {"isMissing": {"bpm": True}}]}),
        ("year:=1990", {"all": [{"is": {"year": 1990}}]}),
        ("bpm:120", {"all": [{"is": {"bpm": 120}}]}),
        ("bpm:>120.5", {"all": [{"gt": {"bpm": 120.5}}]}),
        ("bpm:120.5", {"all": [{"inTheRange": {"bpm": [120.45, 120.55]}}]}),
        ("rating:0.8", {"all": [{"is": {"rating": 4}}]}),
        ("plays:>10 plays-", {"all": [{"gt": {"playcount": 10}}], "sort": "-playcount"}),
        ("rating:1", {"all": [{"inTheRange": {"rating": [2.5, 7.5]}}]}),
        ("bit_rate_bps:320000", {"all": [{"is": {"bitrate": 320}}]}),
        ("length:4:30", {"all": [{"inTheRange": {"duration": [269.5, 270.5]}}]}),
        ("duration_s:>1:00:00", {"all": [{"gt": {"duration": 3600}}]}),
        ("added:2024", {"all": [{"inTheRange": {"dateadded": ["2024-01-01", "2025-01-01"]}}]}),
        ("added:>2024-02", {"all": [{"after": {"dateadded": "2024-03-01"}}]}),
        ("added:..2023", {"all": [{"before": {"dateadded": "2024-01-01"}}]}),
        ("-added:2023..", {"all": [{"before": {"dateadded": "2023-01-01"}}]}),
        ("-added:2023", {"any": [{"before": {"dateadded": "2023-01-01"}}, {"after": {"dateadded": "2024-01-01"}}]}),
        ("added:-3w..", {"all": [{"inTheLast": {"dateadded": 21}}]}),
        ("added:>-3d", {"all": [{"inTheLast": {"dateadded": 2}}]}),
        ("-added:-1y..", {"all": [{"notInTheLast": {"dateadded": 365}}]}),
        ('artist:""', {"all": [{"isMissing": {"artist": True}}]}),
        ('-year:""', {"all": [{"isNot": {"year": 0}}]}),
        ('comment:""', {"all": [{"is": {"comment": ""}}]}),
        ("compilation:no", {"all": [{"is": {"compilation": False}}]}),
        ("path:$.mp3", {"all": [{"is": {"filetype": "mp3"}}]}),
        ("path:$/a.mp3", {"all": [{"endsWith": {"filepath": "/a.mp3"}}]}),
        ("playlist:=Rain", {"all": [{"inPlaylist": {"id": "Rain"}}]}),
        ("limit:5 random-", {"all": [{"gt": {"playCount": -1}}], "sort": "-random", "limit": 5}),
        ("genre:a track- added+", {"all": [{"contains": {"genre": "a"}}], "sort": "-tracknumber,dateadded"}),
    ],
)
def test_searches_written(text, written):
    assert rules(text) == written


def test_a_word_is_looked_for_in_the_fields_that_it_is_looked_for_in_here():
    fields = ["title", "artist", "album", "albumartist", "genre", "comment"]
    assert rules("rain") == {"any": [{"contains": {field: "rain"}} for field in fields]}
    assert rules("-rain") == {"all": [{"notContains": {field: "rain"}} for field in fields]}
    assert from_nsp(to_nsp(parse("rain year:1990 title+"))) == parse("rain year:1990 title+")


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("rock loudness:-9", 5, "no field for 'loudness'"),
        ("~bpm:120", 0, "no ~"),
        ("title::^a", 0, "no regular expressions"),
        ("-title:^a", 1, "no negation of startsWith"),
        ("a (b, -title:$a)", 7, "no negation of endsWith"),
        ("year:0", 0, 'write year:""'),
        ("year:many", 5, "'many' is no number"),
        ("year:^19", 0, "are for texts"),
        ("compilation:perhaps", 12, "neither true nor false"),
        ('compilation:""', 0, "every track has a compilation"),
        ("added:..-3d", 0, "last ones only"),
        ("added:soon", 6, "no day"),
        ("added:>9999", 6, "no day"),
        ("path:=/music/a.mp3", 0, "relative"),
        ("playlist:rain", 0, "whole name"),
        ("a loudness+", 2, "no field for 'loudness'"),
    ],
)
def test_what_a_smart_playlist_cannot_say(text, position, says):
    with pytest.raises(QueryError, match=says) as caught:
        to_nsp(parse(text))
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("[1]", "no JSON object"),
        ("{}", "either 'all' or 'any'"),
        ('{"all": [], "any": []}', "either 'all' or 'any'"),
        ('{"all": [{"is": {"title": "a"}}], "any": [{"is": {"title": "a"}}]}', "either 'all' or 'any'"),
        ('{"all": {"is": {"title": "a"}}}', "list of rules"),
        ('{"all": ["title"]}', "list of rules"),
        ('{"all": [{}]}', "list of rules"),
        ('{"all": [{"any": []}]}', "list of rules"),
        ('{"all": [{"is": "title"}]}', "one field"),
        ('{"all": [{"is": {"title": "a", "album": "b"}}]}', "one field"),
        ('{"all": [{"is": {"loved": true}}]}', "'loved'"),
        ('{"all": [{"inTheLast": {"lastPlayed": 30}}]}', "'lastPlayed'"),
        ('{"all": [{"resembles": {"title": "a"}}]}', "resembles of title"),
        ('{"all": [{"gt": {"title": "a"}}]}', "gt of title"),
        ('{"all": [{"contains": {"title": ""}}]}', "contains of title"),
        ('{"all": [{"is": {"title": true}}]}', "is of title"),
        ('{"all": [{"contains": {"year": 19}}]}', "contains of year"),
        ('{"all": [{"is": {"year": "many"}}]}', "is of year"),
        ('{"all": [{"is": {"year": true}}]}', "is of year"),
        ('{"all": [{"is": {"year": NaN}}]}', "NaN is no number"),
        ('{"all": [{"is": {"year": 1e999999}}]}', "is of year"),
        ('{"all": [{"is": {"year": [[1, 2], 3]}}]}', "is of year"),
        ('{"all": [{"inTheRange": {"year": [1990]}}]}', "inTheRange of year"),
        ('{"all": [{"inTheRange": {"year": [1990, true]}}]}', "inTheRange of year"),
        ('{"all": [{"is": {"compilation": "perhaps"}}]}', "is of compilation"),
        ('{"all": [{"is": {"dateadded": "2024-01-01"}}]}', "is of dateadded"),
        ('{"all": [{"after": {"dateadded": "2024-02-30"}}]}', "after of dateadded"),
        ('{"all": [{"after": {"dateadded": 2024}}]}', "after of dateadded"),
        ('{"all": [{"inTheLast": {"dateadded": -1}}]}', "inTheLast of dateadded"),
        ('{"all": [{"inPlaylist": {"path": "a.nsp"}}]}', "inPlaylist of path"),
        ('{"all": [{"startsWith": {"filepath": "a"}}]}', "relative"),
        ('{"all": [{"contains": {"filetype": "m"}}]}', "contains of filetype"),
        ('{"all": [{"isMissing": {"genre": "yes"}}]}', "isMissing of genre"),
        ('{"all": [{"is": {"title": "a"}}], "limitPercent": 10}', "'limitPercent'"),
        ('{"all": [{"is": {"title": "a"}}], "offset": 10}', "'offset'"),
        ('{"all": [{"is": {"title": "a"}}], "limit": -1}', "limit is -1"),
        ('{"all": [{"is": {"title": "a"}}], "limit": [1]}', "limit is"),
        ('{"all": [{"is": {"title": "a"}}], "limit": 12345678901}', "not in the language"),
        ('{"all": [{"is": {"title": "a"}}], "sort": "lastPlayed"}', "'lastPlayed'"),
        ('{"all": [{"is": {"title": "a"}}], "sort": 1}', "sorts by 1"),
        ('{"all": [{"is": {"title": "a"}}], "order": "up"}', "'up'"),
        (r'{"all": [{"is": {"title": "\ud800"}}]}', "not in the language"),
        ('{"all": [' + '{"is": {"title": "a"}},' * 500 + '{"is": {"title": "a"}}]}', "500 terms"),
        ('{"all": [' * 60 + "]}" * 60, "50 deep"),
        ("[" * 50_000, "no JSON"),
        ('{"a": "' + '\\"' * 40_000, "no JSON"),
        ("/*" * 40_000, "no JSON"),
        (" " * 100_001, "100,001 characters"),
    ],
)
def test_what_is_no_smart_playlist(text, says):
    with pytest.raises(QueryError, match=says):
        from_nsp(text)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
here = {
    kind: [f.here for f in FIELDS.values() if f.kind.name == kind] for kind in ("TEXT", "TEXTS", "NUMBER", "BOOLEAN")
}
texts = st.sampled_from([*here["TEXT"], *here["TEXTS"]]).filter(lambda name: name != "path")
wholes = st.sampled_from(["year", "track", "disc", "bpm", "size", "channels", "samplerate", "bitdepth"])
counts = st.integers(1, 9999)
stars = st.sampled_from(["0.2", "0.4", "0.6", "0.8", "1.0"])
thousands = counts.map(lambda number: str(number * 1000))
seconds = st.decimals(1, 9999, places=2).map(lambda number: f"{number.normalize():f}")
days = st.dates().filter(lambda day: day.year >= 1000)


def matched(names, how, values):
    return st.builds(Match, names if isinstance(names, st.SearchStrategy) else st.just(names), st.just(how), values)


def numbers(names, values):
    pairs = st.tuples(values, values).map(lambda pair: sorted(pair, key=Decimal))
    spelt = values.map(">{}".format) | values.map("<{}".format) | pairs.map(lambda pair: f"{pair[0]}..{pair[1]}")
    return matched(names, How.CONTAINS, spelt)


positive = (
    st.builds(Word, words)
    | st.builds(Match, texts, st.sampled_from([How.CONTAINS, How.EXACT]), words)
    | matched(wholes, How.CONTAINS, counts.map(str))
    | numbers(wholes, counts.map(str))
    | matched("rating", How.CONTAINS, stars)
    | numbers("rating", stars)
    | matched("bit_rate_bps", How.CONTAINS, thousands)
    | numbers("bit_rate_bps", thousands)
    | matched("length", How.EXACT, seconds)
    | numbers("length", seconds)
    | matched(st.sampled_from(here["BOOLEAN"]), How.CONTAINS, st.sampled_from(["true", "false"]))
    | matched("added", How.CONTAINS, days.map("<{}".format) | days.map(">={}".format))
    | matched("added", How.CONTAINS, st.integers(0, 9999).map("-{}d..".format))
    | matched("playlist", How.EXACT, words)
    | matched("path", How.ENDS, st.sampled_from([".flac", "/a.mp3", "x"]))
    | matched(texts | wholes | st.just("rating"), How.CONTAINS, st.just(""))
)
negative = st.builds(
    Not,
    st.builds(Match, texts, st.sampled_from([How.CONTAINS, How.EXACT]), words)
    | matched(wholes, How.CONTAINS, counts.map(str))
    | matched(st.sampled_from(here["BOOLEAN"]), How.CONTAINS, st.sampled_from(["true", "false"]))
    | matched("added", How.CONTAINS, st.integers(0, 9999).map("-{}d..".format))
    | matched("playlist", How.EXACT, words)
    | matched("path", How.ENDS, st.just(".flac"))
    | matched(texts | wholes | st.just("rating"), How.CONTAINS, st.just("")),
)
starting = matched(texts, How.STARTS, words) | matched(texts, How.ENDS, words)


def grouped(children):
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several)


trees = st.recursive(positive | negative | starting, grouped, max_leaves=8)
sortable = st.sampled_from([*(field.here for field in FIELDS.values()), "random"])
orders = st.lists(st.builds(Sort, sortable, st.booleans()), min_size=1, max_size=8).map(tuple)


@given(st.builds(Query, st.none() | trees, orders, st.none() | st.integers(1, 10**9 - 1)))
@example(Query(Or((Word("a"), Word("b"))), (Sort("title", descending=False),)))
@settings(deadline=None, max_examples=200)
def test_a_tree_that_a_smart_playlist_can_say_comes_back(query):
    assert from_nsp(to_nsp(query)) == query


YEARS = [None, 1979, 1980, 1985, 1990, 1991]
RATINGS = [None, 0.2, 0.6, 0.8, 1.0]
MOMENTS = [
    datetime(2023, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
]
TRACKS = pl.DataFrame(
    [
        {"track_id": number, "title": title, "genres": genres, "year": year, "rating": rating, "added_at": added}
        | dict.fromkeys(("album", "artists", "album_artists", "comment"))
        for number, (title, genres, year, rating, added) in enumerate(
            product(["Rain", "Sun"], [[], ["Jazz", "Rain"]], YEARS, RATINGS, MOMENTS)
        )
    ],
    schema_overrides={"genres": pl.List(pl.String), "added_at": pl.Datetime("us", "UTC")},
)
said = (
    st.builds(Word, st.sampled_from(["rain", "jazz"]))
    | matched("genre", How.EXACT, st.sampled_from(["jazz", ""]))
    | matched(
        "year", How.CONTAINS, st.sampled_from([">=1980", "<=1980", ">1980", "<1980", "1980..", "..1990", "1985", ""])
    )
    | matched("year", How.CONTAINS, st.just("1980..1990"))
    | matched("rating", How.CONTAINS, st.sampled_from(["0.8", "1", ">=0.6", "<0.6", ""]))
    | matched(
        "added", How.CONTAINS, st.sampled_from(["2023", "2024-01", ">2023", "<2024-01-01", "<=2023-12", "2024.."])
    )
    | matched("added", How.CONTAINS, st.sampled_from(["-30d..", "2023-12..2024-01", "..2024-02"]))
)
sayings = st.recursive(said, lambda children: st.builds(Not, children) | grouped(children), max_leaves=6)


@given(sayings)
@settings(deadline=None)
def test_what_a_search_says_in_a_smart_playlist_finds_the_same_tracks(tree):
    written = from_nsp(to_nsp(Query(tree)))
    expected = search(TRACKS, to_text(Query(tree)))["track_id"].to_list()
    assert sorted(search(TRACKS, to_text(written))["track_id"]) == expected


keys = ["all", "any", "is", "gt", "inTheRange", "isNot", "inTheLast", "title", "year", "dateadded", "sort", "limit"]
scraps = st.recursive(
    st.none() | st.booleans() | st.text(max_size=4) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=3),
    max_leaves=12,
)


@given(st.text(max_size=30) | scraps.map(json.dumps))
@settings(deadline=None)
def test_any_text_is_a_smart_playlist_or_a_query_error(text):
    try:
        query = from_nsp(text)
    except QueryError:
        return
    assert parse(to_text(query)) == query
