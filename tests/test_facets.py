"""How many become few without typing: what is offered, how it is counted, and what it writes into a search."""

import polars as pl
import pytest

from workbench import facets, genres
from workbench.errors import WorkbenchError
from workbench.facets import FACETS
from workbench.models import TRACKS
from workbench.query import Query, parse, search, to_text

GENRE, ARTIST, ALBUM, YEAR, TEMPO, KEY = (
    FACETS[name] for name in ("genre", "artist", "album", "year", "bpm", "camelot")
)
ROWS = [
    # title, artists, album, album artists, genres, year, bpm, key, seconds
    ("Rain", ["Ann"], "First", ["Ann"], ["Ambient"], 1990, 60.0, "8A", 60.0),
    ("Snow", ["Ann", "Bob"], "First", ["Ann"], ["ambient", "Techno"], 1991, 80.0, "8A", 120.0),
    ("Hail", ["Bob"], "Best", ["Bob"], ["minimal techno"], 1999, 100.0, "10B", None),
    ("Wind", ["Bob"], "Best", ["Cid"], ["Zydeco Trance"], 2003, 101.5, "1A", None),
    ("Fog", ["ann"], None, None, [], None, None, None, 30.0),
    ("Mist", None, None, None, None, 2005, 128.0, None, 30.0),
]
TREE = genres.tree()


@pytest.fixture(scope="module")
def tracks():
    names = ("title", "artists", "album", "album_artists", "genres", "year", "bpm", "camelot", "duration_s")
    rows = [{"track_id": place + 1, **dict(zip(names, row, strict=True))} for place, row in enumerate(ROWS)]
    return pl.DataFrame(rows, schema=TRACKS)


def counted(tracks, facet, picked=(), **options):
    entries, more = facets.entries(tracks, facet, picked, genres=facets.spellings(tracks, TREE), tree=TREE, **options)
    return [(entry.label, entry.tracks, entry.state) for entry in entries], more


def edited(text, edit, *arguments, **options):
    return to_text(edit(parse(text), *arguments, **options))


# --- what is written into a search


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", ["ambient"], "genre:=ambient"),
        ("genre:=ambient", ["ambient"], ""),
        ("rain", ["Hip Hop"], 'rain genre:="Hip Hop"'),
        ("rain genre:=jazz snow year-", ["folk"], "rain (genre:=jazz, genre:=folk) snow year-"),
        ("genre:=jazz, genre:=folk", ["JAZZ"], "genre:=folk"),
        ("rain, snow", ["folk"], "(rain, snow) genre:=folk"),
        ("genre:=a", ["A", "b"], "genre:=a, genre:=b"),
        ("genre:=a, genre:=b", ["a", "b"], ""),
        ("genres:=jazz limit:5", ["folk"], "genre:=jazz, genre:=folk limit:5"),
        ("-genre:=jazz", ["jazz"], "-genre:=jazz genre:=jazz"),
        ("genre:jazz", ["jazz"], "genre:jazz genre:=jazz"),
        ("", [""], 'genre:=""'),
        ("", ['Rhythm "n" Blues, and more'], 'genre:="Rhythm \\"n\\" Blues, and more"'),
    ],
)
def test_toggled(text, values, expected):
    assert edited(text, facets.toggled, GENRE, values) == expected


def test_a_search_after_a_toggle_can_be_read_again():
    text = edited("(rain, snow) -live title:^the", facets.toggled, ARTIST, ['"><script>', "a:b", "c+", "d-", "(e)"])
    assert facets.chosen(parse(text), ARTIST) == ('"><script>', "a:b", "c+", "d-", "(e)")


@pytest.mark.parametrize(
    ("text", "facet", "expected"),
    [
        ("", YEAR, ()),
        ("year:1990..1999 rain", YEAR, ("1990..1999",)),
        ("year:1990..1999, year:2005", YEAR, ("1990..1999", "2005")),
        ("year:1990..1999, genre:=x", YEAR, ()),
        ("tempo:90..110", TEMPO, ()),
        ("YEAR:1990", YEAR, ("1990",)),
        ("album:=x album:=y", ALBUM, ("x",)),
    ],
)
def test_chosen(text, facet, expected):
    assert facets.chosen(parse(text), facet) == expected


def test_another_range_takes_the_place_of_the_first():
    assert edited("rain year:1990..1999 calm", facets.replaced, YEAR, ["1985..2003"]) == "rain year:1985..2003 calm"
    assert edited("rain year:1990..1999 calm", facets.replaced, YEAR, []) == "rain calm"


def test_the_rest_has_an_order_only_where_it_matters():
    assert edited("genre:=a rain year-", facets.rest, GENRE) == "rain"
    assert edited("genre:=a rain year- limit:5", facets.rest, GENRE) == "rain year- limit:5"


@pytest.mark.parametrize(
    ("text", "expected", "added"),
    [
        ("rain", "rain year+", "rain year+"),
        ("rain year+", "rain year-", "rain year-"),
        ("rain year-", "rain", "rain"),
        ("rain title+", "rain year+", "rain title+ year+"),
        ("rain title+ year+ bpm- limit:3", "rain year- limit:3", "rain title+ year- bpm- limit:3"),
    ],
)
def test_sorted_by(text, expected, added):
    assert edited(text, facets.sorted_by, "year") == expected
    assert edited(text, facets.sorted_by, "year", is_added=True) == added


def test_an_order_is_known_by_its_column():
    assert edited("duration_s+", facets.sorted_by, "length") == "length-"


# --- what there is to pick


def test_facets_without_a_value_are_not_offered(tracks):
    assert [facet.name for facet in facets.offered(tracks)] == ["genre", "artist", "album", "year", "camelot", "bpm"]
    moody = tracks.with_columns(mood=pl.lit("calm"), group_name=pl.lit(None, pl.String))
    assert [facet.name for facet in facets.offered(moody)][-1] == "mood"
    assert facets.offered(tracks.clear()) == []
    assert facets.offered(tracks.with_columns(genres=pl.lit([], pl.List(pl.String))))[0].name == "artist"


def test_spellings_of_a_genre_and_of_all_below_it(tracks):
    assert facets.spellings(tracks, TREE) == {
        "Electronic": ("Ambient", "Techno", "ambient", "minimal techno"),
        "Ambient": ("Ambient", "ambient"),
        "Techno": ("Techno", "minimal techno"),
        "Minimal Techno": ("minimal techno",),
        "Zydeco Trance": ("Zydeco Trance",),
    }
    assert facets.spellings(tracks.select("track_id"), TREE) == {}


def test_unknown_genres_that_a_search_cannot_tell_apart_are_one():
    tracks = pl.DataFrame({"genres": [["zydeco trance"], ["Zydeco Trance"], ["Other"]]})
    assert facets.spellings(tracks, TREE) == {
        "Other": ("Other",),
        "Zydeco Trance": ("Zydeco Trance", "zydeco trance"),
    }


def test_genres_are_a_tree_in_which_a_track_counts_once_at_each_place(tracks):
    entries, more = facets.entries(tracks, GENRE, genres=facets.spellings(tracks, TREE), tree=TREE)
    assert [(entry.label, entry.depth, entry.tracks) for entry in entries] == [
        ("Electronic", 0, 3),
        ("Ambient", 1, 2),
        ("Techno", 1, 2),
        ("Minimal Techno", 2, 1),
        ("Zydeco Trance", 0, 1),
        ("No genre", 0, 2),
    ]
    assert more == 0


def test_a_parent_is_partly_picked_with_a_child(tracks):
    lines, _ = counted(tracks, GENRE, ["techno", "Polka"])
    assert lines == [
        ("Electronic", 3, "part"),
        ("Ambient", 2, "off"),
        ("Techno", 2, "part"),
        ("Minimal Techno", 1, "off"),
        ("Zydeco Trance", 1, "off"),
        ("Polka", 0, "on"),
        ("No genre", 2, "off"),
    ]


@pytest.mark.parametrize("facet", [GENRE, ARTIST, ALBUM, YEAR, TEMPO, KEY], ids=lambda facet: facet.name)
def test_every_count_is_what_the_search_finds(tracks, facet):
    entries, _ = facets.entries(tracks, facet, genres=facets.spellings(tracks, TREE), tree=TREE)
    for entry in entries:
        found = search(tracks, to_text(facets.toggled(Query(), facet, entry.values)))
        assert (entry.label, entry.tracks) == (entry.label, len(found))


def test_names_by_number_of_tracks_what_is_picked_first(tracks):
    assert counted(tracks, ARTIST) == ([("Ann", 3, "off"), ("Bob", 3, "off")], 0)
    assert counted(tracks, ARTIST, most=1) == ([("Ann", 3, "off")], 1)
    assert counted(tracks, ARTIST, ["bob", "Zoe"], most=1) == (
        [("bob", 3, "on"), ("Zoe", 0, "on"), ("Ann", 3, "off")],
        0,
    )
    assert counted(tracks, ALBUM, [""]) == ([("No album", 2, "on"), ("Best", 2, "off"), ("First", 2, "off")], 0)


def test_keys_lie_round_the_wheel(tracks):
    assert counted(tracks, KEY, ["9A"])[0] == [("1A", 1, "off"), ("8A", 2, "off"), ("9A", 0, "on"), ("10B", 1, "off")]


def test_years_by_decade_and_tempo_by_twenty(tracks):
    assert counted(tracks, YEAR)[0] == [("1990s", 3, "off"), ("2000s", 2, "off")]
    assert counted(tracks, TEMPO)[0] == [
        ("60 to 80", 2, "off"),
        ("80 to 100", 2, "off"),
        ("100 to 120", 2, "off"),
        ("120 to 140", 1, "off"),
    ]
    assert counted(tracks, YEAR, ["1985..1990", "2000..2009"])[0] == [
        ("1990s", 3, "off"),
        ("2000s", 2, "on"),
        ("1985 to 1990", 1, "on"),
    ]


def test_no_rows_have_nothing_to_pick(tracks):
    for facet in (GENRE, ARTIST, YEAR, KEY):
        assert counted(tracks.clear(), facet) == ([], 0)


# --- what lies above the tracks


def test_artists(tracks):
    assert facets.artists(tracks).rows() == [("Ann", 1, 3, 210.0), ("Bob", 2, 3, 120.0)]


def test_albums_of_one_name_are_told_apart_by_their_artist(tracks):
    assert facets.albums(tracks).rows() == [
        ("First", "Ann", 1990, 2, 180.0),
        ("Best", "Bob", 1999, 1, None),
        ("Best", "Cid", 2003, 1, None),
    ]


def test_lists_of_no_tracks_and_of_bare_frames(tracks):
    assert facets.artists(tracks.clear()).schema == facets.ARTISTS
    assert facets.albums(tracks.clear()).schema == facets.ALBUMS
    bare = pl.DataFrame({"artist": ["Ann", None]})
    assert facets.artists(bare).rows() == [("Ann", 0, 1, None)]
    with pytest.raises(WorkbenchError, match="artists"):
        facets.artists(pl.DataFrame({"title": ["x"]}))


# --- what somebody wants to type


@pytest.fixture(scope="module")
def offered(tracks):
    def offer(text, caret=None, **options):
        found = facets.suggestions(
            text,
            len(text) if caret is None else caret,
            tracks.schema,
            lambda column: facets.known_values(tracks, column),
            **options,
        )
        return [(each.label, each.detail, each.text, each.caret) for each in found]

    return offer


def test_known_values_the_most_frequent_first(tracks):
    assert facets.known_values(tracks, "album").rows() == [("Best", "best", 2), ("First", "first", 2)]
    assert facets.known_values(tracks, "year").is_empty()
    assert facets.known_values(tracks, "nothing").is_empty()


def test_a_word_is_completed_to_a_field_or_a_name(offered):
    assert offered("rain alb")[0] == ("album:", "field", "rain album:", 11)
    assert ("Bob", "artist", "artist:=Bob ", 12) in offered("bo")
    assert offered("")[0] == ("artist:", "field", "artist:", 7)
    assert offered("zzz") == []


def test_a_value_is_completed_to_what_the_tracks_have(offered):
    assert offered("genre:te") == [
        ("Techno", "1 track", "genre:=Techno ", 14),
        ("minimal techno", "1 track", 'genre:="minimal techno" ', 24),
    ]
    assert offered('rain -album:="be') == [("Best", "2 tracks", "rain -album:=Best ", 18)]
    assert offered("missing:f") == [("false", "missing", "missing:false ", 14)]
    assert offered("year:19") == []
    assert offered("yaer:19") == []


def test_what_stands_behind_the_caret_stays(offered):
    assert offered("genre:am year-", 8)[0] == ("Ambient", "1 track", "genre:=Ambient year-", 15)
    assert offered("(genre:am)", 9)[0] == ("Ambient", "1 track", "(genre:=Ambient)", 15)


def test_names_of_an_index_are_offered_instead(offered):
    found = offered("pin", names=lambda text: [("title", text.title() + "k")])
    assert found == [("Pink", "title", "title:=Pink ", 12)]
