"""Genres: spelled, counted, held against the sound, suggested."""

import csv

import numpy as np
import polars as pl
import pytest

from workbench import genres
from workbench.errors import WorkbenchError
from workbench.spaces import Space


def a_tree(tmp_path, text):
    path = tmp_path / "my_genres.csv"
    path.write_text(text, encoding="utf-8")
    return genres.tree(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hip-hop", "Hip Hop"),
        ("Hip Hop", "Hip Hop"),
        ("rap", "Hip Hop"),
        ("Drum'n'Bass", "Drum and Bass"),
        ("drum n bass", "Drum and Bass"),
        ("DRUM & BASS", "Drum and Bass"),
        ("dnb", "Drum and Bass"),
        ("RnB", "R&B"),
        ("r & b", "R&B"),
        ("Rock\N{RIGHT SINGLE QUOTATION MARK}n\N{RIGHT SINGLE QUOTATION MARK}Roll", "Rock and Roll"),
        ("Noel", "Christmas"),
        ("Électronique", "Electronic"),
        ("  Zydeco   Trance ", "Zydeco Trance"),
        ("???", "???"),
        ("!!!", "!!!"),
    ],
)
def test_spellings(name, expected):
    assert genres.canonical(name) == expected


def test_paths_run_from_the_root():
    assert genres.path("minimal techno") == ("Electronic", "Techno", "Minimal Techno")
    assert genres.path("Jazz") == ("Jazz",)
    assert genres.path("Zydeco Trance") == ("Zydeco Trance",)


def test_the_shipped_table_says_nothing_twice():
    """Some hundred rows; each spelling means one genre, and every parent has a row."""
    rows = [*csv.DictReader(genres.SHIPPED.read_text(encoding="utf-8").splitlines())]
    names = {row["genre"] for row in rows}
    spelled = [(text, row["genre"]) for row in rows for text in (row["genre"], *row["spellings"].split("|")) if text]
    assert len(rows) == len(names) == 499
    assert {row["parent"] for row in rows if row["parent"]} <= names
    assert [(text, genre) for text, genre in spelled if genres.canonical(text) != genre] == []
    assert len({genres.hierarchy._letters(text) for text, _ in spelled}) == len(spelled)


def test_an_own_table_adds_and_overrides(tmp_path):
    tree = a_tree(tmp_path, "genre,parent,spellings\nZydeco Trance,trance,zt|rap\ndub,Electronic,\nZouglou,Ivorian,\n")
    assert tree.path("ZT") == ("Electronic", "Trance", "Zydeco Trance")
    assert tree.path("Rap") == ("Electronic", "Trance", "Zydeco Trance")  # said last
    assert tree.path("Dub") == ("Electronic", "Dub")  # it was under Reggae, and keeps its spelling
    assert tree.path("dub reggae") == ("Electronic", "Dub")
    assert tree.path("Zouglou") == ("Ivorian", "Zouglou")
    assert genres.path("Dub") == ("Reggae", "Dub")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("genre,parent\nDub,\n", "no column spellings"),
        ("genre,parent,spellings\nReggae,Dub,\n", "stands under itself"),
        ("", "no column genre, parent, spellings"),
    ],
)
def test_a_table_that_is_none(tmp_path, text, message):
    with pytest.raises(WorkbenchError, match=message):
        a_tree(tmp_path, text)


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(WorkbenchError, match=r"nowhere\.csv"):
        genres.tree(tmp_path / "nowhere.csv")


def tracks_of(*lists, **columns):
    """Tracks from 1 on with these genres, each by an artist and on an album of its own where nothing else is said."""
    count = len(lists)
    frame = {
        "track_id": range(1, count + 1),
        "genres": lists,
        "artists": [[f"artist {row}"] for row in range(count)],
        "album_id": range(count),
        **columns,
    }
    return pl.DataFrame(frame, schema_overrides={"genres": pl.List(pl.String), "artists": pl.List(pl.String)})


def test_count_is_a_tree_that_drops_nothing():
    found = genres.count(tracks_of(["techno"], ["Techno", "Dubstep"], ["Electronica"], ["Skronk"], [], ["TECHNO"]))
    assert found.schema == pl.Schema(genres.COUNT)
    assert found.rows() == [
        ("Electronic", None, 0, 1, 4, True),
        ("Dubstep", "Electronic", 1, 1, 1, True),
        ("Techno", "Electronic", 1, 3, 3, True),
        ("Skronk", None, 0, 1, 1, False),
        (None, None, 0, 1, 1, False),
    ]
    assert genres.count(tracks_of().cast({"genres": pl.List(pl.String)})).rows() == []


def test_a_track_of_no_list_and_a_blank_genre():
    frame = pl.DataFrame({"track_id": [1, 2, 3], "genre": ["Dub", None, " "]})
    assert genres.count(frame).select("genre", "own").rows() == [("Reggae", 0), ("Dub", 1), (None, 2)]


def test_tidied_tracks_have_one_spelling():
    tidy = genres.tidied(tracks_of(["DnB", "drum & bass", "rap"], []))
    assert tidy["genres"].to_list() == [["Drum and Bass", "Hip Hop"], []]
    assert tidy["genre"].to_list() == ["Drum and Bass", None]


def test_labels_leave_out_what_stands_above():
    tracks = tracks_of(["Electronic", "Techno", "Rock"], ["Electronic"], [])
    assert genres.hierarchy.labels(tracks, "leaf") == [["Techno", "Rock"], ["Electronic"], []]
    assert genres.hierarchy.labels(tracks, "root") == [["Electronic", "Rock"], ["Electronic"], []]
    with pytest.raises(WorkbenchError, match="no level 'branch'"):
        genres.hierarchy.labels(tracks, "branch")


def test_confusion():
    tracks = tracks_of(["Rock"], ["Rock"], ["Rock"], ["Jazz"], [], ["Jazz"])
    groups = pl.DataFrame({"track_id": [1, 2, 3, 4, 5, 6], "group": [1, 1, 2, 2, 2, None]})
    found = genres.confusion(tracks, groups)
    assert found.schema == pl.Schema(genres.CONFUSION)
    assert found.rows() == [("Rock", 1, 2, 2 / 3, 1.0), ("Rock", 2, 1, 1 / 3, 0.5), ("Jazz", 2, 1, 1.0, 0.5)]


def a_space(*angles):
    """Points on a circle, in degrees; ids from 1."""
    turned = np.radians(np.array(angles, float))
    matrix = np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)
    return Space(np.arange(1, len(angles) + 1), matrix, "timbre", {"all": slice(0, 2)}, "made")


def test_a_suggestion_is_the_weighted_vote():
    """At 0 degrees: Rock at 0 weighs cos 0 squared = 1, Jazz at 60 weighs 1/4, Jazz at 120 nothing.

    One more vote is spread as the tags are, 1/3 Rock: (1 + 1/3) / (1 + 1/4 + 1) = 16/27.
    """
    tracks = tracks_of([], ["Rock"], ["Jazz"], ["Jazz"])
    (row,) = genres.suggest(tracks, a_space(0, 0, 60, 120)).rows(named=True)
    assert (row["track_id"], row["genre"], row["alternative"], row["voters"]) == (1, "Rock", "Jazz", 3)
    assert row["probability"] == pytest.approx(16 / 27)
    assert row["alternative_probability"] == pytest.approx(11 / 27)
    assert row["accuracy"] is None
    assert row["reason"] == "no accuracy: 3 analysed tracks have a genre and an artist, and 20 are needed"


def test_an_artist_has_one_vote():
    """Three Rock tracks by one artist lie nearer than two of Jazz by two: one vote against two."""
    tracks = tracks_of(
        [],
        ["Rock"],
        ["Rock"],
        ["Rock"],
        ["Jazz"],
        ["Jazz"],
        artists=[[], ["Ana"], ["ANA"], ["Ana", "Bo"], ["Cy"], ["Di"]],
    )
    space = a_space(0, 1, 1, 1, 2, 3)
    one = genres.suggest(tracks, space).row(0, named=True)
    assert (one["genre"], one["voters"]) == ("Jazz", 3)
    several = genres.suggest(tracks.with_columns(artists=tracks_of(*[[]] * 6)["artists"]), space).row(0, named=True)
    assert (several["genre"], several["voters"]) == ("Rock", 5)


def test_only_k_vote_and_roots_are_one():
    tracks = tracks_of([], ["Techno"], ["House"], ["Rock"], ["Rock"], ["Rock"])
    space = a_space(0, 2, 3, 4, 5, 6)
    assert genres.suggest(tracks, space, k=3, level="root")["genre"].to_list() == ["Electronic"]
    assert genres.suggest(tracks, space, k=1)["genre"].to_list() == ["Techno"]
    assert genres.suggest(tracks, space)["genre"].to_list() == ["Rock"]


def test_why_there_is_no_suggestion():
    tracks = tracks_of([], ["Rock"], [])
    assert genres.suggest(tracks, a_space(0)).select("track_id", "genre", "reason").rows() == [
        (1, None, "no tagged track has a place in the space"),
        (3, None, "not analysed, or silent or short"),
    ]
    with pytest.raises(WorkbenchError, match="k of 1 or more"):
        genres.suggest(tracks, a_space(0, 1), k=0)


def two_kinds(**columns):
    """Twelve Rock tracks round 0 degrees, twelve Jazz tracks round 60, each by an artist of its own."""
    space = a_space(*range(12), *range(60, 72))
    return tracks_of(*[["Rock"]] * 12, *[["Jazz"]] * 12, **columns), space


def test_accuracy_where_the_sound_knows():
    tracks, space = two_kinds()
    (row,) = genres.evaluate(tracks, space, k=5).rows(named=True)
    assert (row["tracks"], row["genres"], row["top_1"], row["top_3"], row["reachable"]) == (24, 2, 1.0, 1.0, 1.0)
    assert (row["most_common"], row["most_common_1"], row["most_common_3"]) == ("Jazz", 0.5, 1.0)
    assert row["reason"] is None
    assert row["mean_probability"] == pytest.approx(0.915, abs=0.01)  # (5 votes of nearly 1, and half of one) of 6


@pytest.mark.parametrize("column", ["artists", "album_id"])
def test_accuracy_is_not_of_artists_or_albums(column):
    """Each genre is played by one artist, or comes from one album: nobody else can find it, all guesses are wrong."""
    one = {"artists": [["Ana"]] * 12 + [["Bo"]] * 12, "album_id": [1] * 12 + [2] * 12}
    tracks, space = two_kinds(**{column: one[column]})
    assert genres.evaluate(tracks, space, k=5)["top_1"].item() == 0.0


def test_accuracy_of_a_sample_is_the_same_for_the_same_seed():
    chance = np.random.default_rng(0)
    tracks = tracks_of(*[[name] for name in chance.choice(["Rock", "Jazz", "Dub"], 60)])
    space = a_space(*chance.uniform(0, 360, 60))
    first, second, other = (genres.evaluate(tracks, space, most=20, seed=seed) for seed in (0, 0, 1))
    assert first["tracks"].item() == 20
    assert first.equals(second)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("tracks", "reason"),
    [
        (tracks_of(*[["Rock"]] * 19), "19 analysed tracks have a genre and an artist, and 20 are needed"),
        (tracks_of(*[["Rock"]] * 20), "all 20 tracks have one genre"),
        (tracks_of(*[["Rock"], ["Jazz"]] * 10, artists=[["Ana"]] * 20), "all 20 tracks have one artist"),
        (tracks_of(*[["Rock"], ["Jazz"]] * 10, artists=[[]] * 20), "0 analysed tracks have a genre and an artist, and"),
    ],
)
def test_accuracy_is_unknown_with_a_reason(tracks, reason):
    (row,) = genres.evaluate(tracks, a_space(*range(len(tracks)))).rows(named=True)
    assert row["reason"].startswith(reason)
    assert {row[name] for name in ("top_1", "top_3", "most_common", "most_common_1", "mean_probability")} == {None}


def test_what_the_sound_separates():
    """Rock and Jazz lie apart; four Dub tracks are too few, and six Ska tracks are by one artist."""
    tracks, space = two_kinds()
    more = tracks_of(*[["Dub"]] * 4, *[["Ska"]] * 6, artists=[[f"d{n}"] for n in range(4)] + [["Ska Ana"]] * 6)
    more = more.with_columns(pl.col("track_id") + 24, pl.col("album_id") + 100)
    space = a_space(*range(12), *range(90, 102), *range(180, 184), *range(270, 276))
    found = genres.separated(pl.concat([tracks, more]), space, k=5)
    assert found.schema == pl.Schema(genres.SEPARATED)
    assert found["genre"].to_list() == ["Jazz", "Rock", "Ska", "Dub"]
    assert found["auc"].to_list() == [1.0, 1.0, None, None]
    assert found["precision"].to_list() == [1.0, 1.0, None, None]
    assert found["chance"].to_list() == pytest.approx([12 / 34, 12 / 34, 6 / 34, 4 / 34])
    assert found["reason"].to_list() == [None, None, "all tracks are by one artist", "4 tracks, and 5 are needed"]


def test_auc_is_the_share_of_pairs_in_order():
    """3 of 4 pairs of one inside and one outside are in order, a tie counts half: (1 + 1 + 0.5 + 0) / 4."""
    own = np.array([True, True, False, False])
    assert genres.review._auc(np.array([0.9, 0.5, 0.5, 0.6]), own) == 0.625


def test_doubtful_tags_are_listed_worst_first():
    """Track 1 is Rock among Jazz, track 13 Jazz among Rock but half way out; Polka is played by one artist only."""
    tracks = tracks_of(["Rock"], *[["Jazz"]] * 8, *[["Rock"]] * 8, ["Jazz", "Zydeco"], ["Polka"])
    space = a_space(90, *range(90, 98), *range(8), 30, 1)
    found = genres.doubtful(tracks, space, k=5)
    assert found.schema == pl.Schema(genres.DOUBTFUL)
    assert found.select("track_id", "genre", "vote", "voters").rows() == [
        (1, "Rock", "Jazz", 5),
        (18, "Jazz", "Rock", 5),
    ]
    assert found["vote_probability"][0] > found["vote_probability"][1] > 0.5
    assert genres.doubtful(tracks, space, k=5, least=0.99).is_empty()


def test_an_album_does_not_confirm_its_own_tag():
    """A whole album of Rock lies among Jazz: its tracks do not speak for each other."""
    album = {"album_id": [0] * 4 + [*range(1, 17)], "artists": [["Ana"]] * 4 + [[f"b{n}"] for n in range(16)]}
    tracks = tracks_of(*[["Rock"]] * 4, *[["Jazz"]] * 8, *[["Rock"]] * 8, **album)
    space = a_space(*[90] * 4, *range(90, 98), *range(8))
    assert genres.doubtful(tracks, space, k=5)["track_id"].to_list() == [1, 2, 3, 4]


def test_many_voters_give_what_all_of_them_give():
    """Beyond some hundred voters only the foremost are sorted; the votes are the same."""
    chance = np.random.default_rng(2)
    values = chance.normal(size=9_000).astype(np.float32)
    some = genres.votes._foremost(values, 80)
    assert 80 <= len(some) < 200
    assert {*np.argsort(-values)[:80]} <= {*some}
    assert [*genres.votes._foremost(values[:500], 80)] == [*range(500)]
    assert len(genres.votes._foremost(np.zeros(9_000, np.float32), 80)) == 9_000


def test_one_artist_in_front_does_not_hide_the_others():
    """The nearest 300 tracks are by one artist: the search goes on to the others behind them."""
    count = 6_000
    artists = [["Ana"]] * 300 + [[f"b{n}"] for n in range(count - 300)]
    tracks = tracks_of([], *[["Rock"]] * 299, *[["Jazz"]] * (count - 300), artists=artists)
    space = a_space(*np.linspace(0, 40, count))
    row = genres.suggest(tracks, space, k=3, seed=0).row(0, named=True)
    assert (row["genre"], row["voters"]) == ("Jazz", 3)
