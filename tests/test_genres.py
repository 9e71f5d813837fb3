"""Genres: spelled, counted, held against the sound, suggested."""

import csv
import os
import subprocess
import sys
import time

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
        ("Rock'n Roll", "Rock and Roll"),
        ("Rock-n-Roll", "Rock and Roll"),
        ("rocknroll", "Rock and Roll"),
        ("Rock \N{LEFT SINGLE QUOTATION MARK}n\N{LEFT SINGLE QUOTATION MARK} Roll", "Rock and Roll"),
        ("Noel", "Christmas"),
        ("(17)", "Rock"),
        ("17", "Rock"),
        ("(255)", ""),
        ("Other", ""),
        ("unknown", ""),
        ("<Misc>", ""),
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
    assert len(rows) == len(names) == 527
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


def test_what_is_no_genre_is_untagged():
    tracks = tracks_of(["Other"], ["Misc", "17"], ["(999)"], ["Rock"])
    assert genres.count(tracks).select("genre", "own").rows() == [("Rock", 2), (None, 2)]
    suggested = genres.suggest(tracks, a_space(0, 1, 2, 3))
    assert suggested["track_id"].sort().to_list() == [1, 3]
    assert suggested["genre"].unique().to_list() == ["Rock"]
    assert genres.path("Other") == ()


def test_an_unknown_genre_has_one_spelling():
    """The one that most tracks use, by name among equals; a space more or less is the same."""
    tracks = tracks_of(["skronk"], ["SKRONK"], ["Skronk"], ["Skro-nk", "Zeuhl Jazz"], ["Skronk"], ["zeuhl  jazz"])
    assert genres.count(tracks).select("genre", "tracks").rows() == [("Skronk", 5), ("Zeuhl Jazz", 2)]
    assert genres.hierarchy.labels(tracks, "leaf")[3] == ["Skronk", "Zeuhl Jazz"]


def test_the_order_does_not_hang_on_the_hash_seed():
    """Names that differ in case only used to come in the order of a set."""
    code = (
        "import polars as pl; from workbench import genres;"
        "print(genres.count(pl.DataFrame({'genres': [['\\u00df-x'], ['ss-x'], ['!a'], ['A']]})).rows())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "012"
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Garage Rock", ("Rock", "Garage Rock")),
        ("Surf", ("Rock", "Surf Rock")),
        ("Hardstyle", ("Electronic", "Hardcore", "Hardstyle")),
        ("Carnatic", ("World", "Indian", "Indian Classical", "Carnatic")),
        ("Afropop", ("World", "African", "Afropop")),
        ("Ranchera", ("Latin", "Regional Mexican", "Ranchera")),
        ("Pagode", ("Latin", "Brazilian", "Samba", "Pagode")),
        ("Cuban", ("Latin", "Cuban")),
        ("Oriental", ("World", "Middle Eastern")),
        ("Discofox", ("Pop", "Schlager", "Discofox")),
        ("Medieval Rock", ("Rock", "Folk Rock", "Medieval Rock")),
        ("A Cappella", ("Vocal", "A Cappella")),
        ("Piano", ("Instrumental", "Piano")),
        ("Worship", ("Religious", "Christian", "Praise and Worship")),
        ("Adult Contemporary", ("Pop", "Adult Contemporary")),
        ("Norteno", ("Latin", "Regional Mexican", "Norteño")),
        ("Zydeco", ("Folk", "American Folk", "Zydeco")),
        ("Beat", ("Pop", "Beat Music")),
    ],
)
def test_where_genres_belong(name, expected):
    assert genres.path(name) == expected


@pytest.mark.parametrize("of", [str, genres.tree])
def test_a_path_is_as_good_as_a_tree(tmp_path, of):
    path = tmp_path / "my_genres.csv"
    path.write_text("genre,parent,spellings\nSkronk,Jazz,\n", encoding="utf-8")
    tracks, tree = tracks_of(*[["Skronk"]] * 12, *[["Rock"]] * 12, []), of(path)
    space = a_space(*range(12), *range(60, 72), 6)
    groups = pl.DataFrame({"track_id": [1], "group": [1]})
    assert genres.count(tracks, tree)["genre"].to_list() == ["Jazz", "Skronk", "Rock", None]
    assert genres.path("skronk", tree) == ("Jazz", "Skronk")
    assert genres.canonical("skronk", tree) == "Skronk"
    assert genres.tidied(tracks, tree)["genre"][0] == "Skronk"
    assert genres.confusion(tracks, groups, level="root", tree=tree)["genre"].to_list() == ["Jazz"]
    assert genres.suggest(tracks, space, level="root", tree=tree)["genre"].to_list() == ["Jazz"]
    assert {*genres.separated(tracks, space, level="root", tree=tree)["genre"]} == {"Jazz", "Rock"}
    assert genres.evaluate(tracks, space, level="root", tree=tree)["top_1"].item() == 1
    assert genres.doubtful(tracks, space, level="root", tree=tree).is_empty()


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


def test_condensed_keeps_the_frequent_genres():
    """Folk and Polka are rare: track 4 names both and counts once, and Jazz beside it."""
    tracks = tracks_of(["Rock"], ["Rock"], ["Rock", "Jazz"], ["Jazz", "Folk", "Polka"], ["Folk"], [])
    groups = pl.DataFrame({"track_id": [1, 2, 3, 4, 5, 6], "group": [1, 1, 2, 2, 1, 1]})
    found = genres.condensed(tracks, groups, most=2)
    assert found.schema == pl.Schema(genres.CONDENSED)
    rare = found.filter(pl.col("genre").is_null())["names"][0].to_list()
    assert sorted(rare) == ["Folk", "Polka"]
    assert found.rows() == [
        ("Rock", 1, 2, 2 / 3, 2 / 3, ["Rock"]),
        ("Rock", 2, 1, 1 / 3, 0.5, ["Rock"]),
        ("Jazz", 2, 2, 1.0, 1.0, ["Jazz"]),
        (None, 1, 1, 0.5, 1 / 3, rare),
        (None, 2, 1, 0.5, 0.5, rare),
    ]
    whole = genres.condensed(tracks, groups)
    assert whole.drop("names").equals(genres.confusion(tracks, groups))
    assert whole["names"].list.first().to_list() == whole["genre"].to_list()


def test_naming_finds_every_spelling_of_a_leaf():
    tracks = tracks_of(["DnB"], ["Drum & Bass", "Electronic"], ["Electronic"], ["zydeco trance"], ["Zydeco-Trance"], [])
    ids = lambda *asked, **how: genres.naming(tracks, *asked, **how)["track_id"].to_list()  # noqa: E731
    assert ids("Drum and Bass") == [1, 2]
    assert ids("Electronic") == [3]
    assert ids("Electronic", level="root") == [1, 2, 3]
    assert ids("Zydeco Trance") == [4, 5]
    assert ids(["drum'n'bass", "zydeco trance"]) == [1, 2, 4, 5]
    assert ids("Unknown") == []


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
        (3, None, "not analysed, silent or short"),
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
    assert (row["most_common"], row["most_common_1"], row["most_common_3"]) == ("Jazz", 0.0, 1.0)
    assert row["reason"] is None  # for a Jazz track the others are 11 of Jazz and 12 of Rock: the guess is wrong
    assert row["mean_probability"] == pytest.approx(0.915, abs=0.01)  # (5 votes of nearly 1, and half of one) of 6


@pytest.mark.parametrize("column", ["artists", "album_id"])
def test_accuracy_is_not_of_artists_or_albums(column):
    """Each genre is played by one artist, or comes from one album: nobody else can find it, all guesses are wrong."""
    one = {"artists": [["Ana"]] * 12 + [["Bo"]] * 12, "album_id": [1] * 12 + [2] * 12}
    tracks, space = two_kinds(**{column: one[column]})
    assert genres.evaluate(tracks, space, k=5)["top_1"].item() == 0.0


def test_no_tag_speaks_for_itself():
    """Nobody else has a track's genre, and yet three in four were found: the own tag was in what is common.

    Twenty Rock tracks by one artist and twenty of Jazz by another, at right angles: nobody is alike.
    """
    tracks = tracks_of(*[["Rock"]] * 20, *[["Jazz"]] * 20, artists=[["Ana"]] * 20 + [["Bo"]] * 20)
    (row,) = genres.evaluate(tracks, a_space(*[0] * 20, *[90] * 20)).rows(named=True)
    assert (row["reachable"], row["top_1"], row["top_3"]) == (0, 0, 0)
    assert (row["most_common_1"], row["most_common_3"]) == (0, 0)


def test_an_album_of_several_artists_is_not_reachable_either():
    tracks, space = two_kinds(album_id=[1] * 12 + [2] * 12)
    assert genres.evaluate(tracks, space)["reachable"].item() == 0


def test_what_is_common_leaves_out_the_own_artist():
    """Asked of Ana's Rock track, the others' tags are Rock and two of Jazz; of Di's, all four of hers are left out."""
    tracks = tracks_of(["Rock"], ["Rock", "Jazz"], ["Jazz"], ["Jazz"], ["Rock"],
                       artists=[["Ana"], ["Bo"], ["Cy"], ["Di"], ["ana"]])  # fmt: skip
    people = genres.votes.electorate(tracks, a_space(0, 90, 90, 90, 0), "leaf", None)
    said = [*genres.votes.poll(people, np.array([0, 3]), np.arange(5), k=3, strangers=True)]
    assert said[0].shares == pytest.approx({"Jazz": 2.5 / 3, "Rock": 0.5 / 3})
    assert said[1].shares == pytest.approx({"Jazz": 1.5 / 4, "Rock": 2.5 / 4})
    assert [row for row, _ in said[1].votes] == [1, 2, 0]


def test_votes_do_not_hang_on_how_many_tracks_are_asked_at_a_time(monkeypatch):
    tracks, space = two_kinds()
    people = genres.votes.electorate(tracks, space, "leaf", None)
    asked = np.arange(len(tracks))
    at_once = [*genres.votes.poll(people, asked, asked, k=5, strangers=True)]
    for rows in (1, 7):
        monkeypatch.setattr(genres.votes, "BLOCK_VALUES", rows * len(tracks))
        for said, same in zip(genres.votes.poll(people, asked, asked, k=5, strangers=True), at_once, strict=True):
            assert said.shares == same.shares
            assert [row for row, _ in said.votes] == [row for row, _ in same.votes]


@pytest.mark.parametrize(("own", "vote"), [("Electronic", "Techno"), ("Techno", "Electronic")])
def test_what_stands_above_is_no_contradiction(own, vote):
    """A track of Electronic among Techno is in no doubt, and neither the other way round; but it is not found again."""
    others = [[own]] * 3 + [["Jazz"]] * 11
    tracks = tracks_of([own], *[[vote]] * 10, *others)
    space = a_space(*[0] * 11, *range(90, 104))
    assert 1 not in genres.doubtful(tracks, space)["track_id"]
    asked = genres.votes.electorate(tracks, space, "leaf", None)
    (said,) = genres.votes.poll(asked, np.array([0]), np.arange(25), k=10, strangers=True)
    assert genres.votes.ranked(genres.votes.probabilities(asked, said))[0][0] == vote
    assert genres.review._hits(asked, np.array([0]), [[vote]]) == 0


def test_a_suggestion_may_come_from_an_album_of_its_own():
    """An untagged track is asked of all, its own artist too."""
    tracks = tracks_of([], ["Rock"], ["Jazz"], artists=[["Ana"], ["Ana"], ["Bo"]])
    assert genres.suggest(tracks, a_space(0, 0, 80))["genre"].to_list() == ["Rock"]


def test_a_genre_of_one_artist_is_not_reachable():
    """Ska is played by Ana alone: 18 of 24 can be found."""
    tracks = tracks_of(*[["Rock"]] * 18, *[["Ska"]] * 6, artists=[[f"r{n}"] for n in range(18)] + [["Ana"]] * 6)
    assert genres.evaluate(tracks, a_space(*range(24)))["reachable"].item() == 18 / 24


@pytest.mark.parametrize("ask", [genres.suggest, genres.evaluate, genres.separated, genres.doubtful])
def test_what_cannot_be_asked(ask):
    tracks, space = tracks_of(["Rock"], []), a_space(0, 1)
    with pytest.raises(WorkbenchError, match="k of 1 or more"):
        ask(tracks, space, k=0)
    with pytest.raises(WorkbenchError, match="without a column 'artists' or 'artist'"):
        ask(tracks.drop("artists"), space)
    with pytest.raises(WorkbenchError, match="without a column 'genres' or 'genre'"):
        ask(tracks.drop("genres"), space)


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
    assert found["reason"].to_list() == [None, None, "by 1 artist, and 4 are needed", "4 tracks, and 5 are needed"]


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


def in_turn(values, artists, k):
    """Who votes, one by one down the list: the plain way."""
    seen, heard = set(), []
    for place in np.argsort(-values, kind="stable"):
        if seen.isdisjoint(artists[place]) and len(heard) < k:
            seen.update(artists[place])
            heard.append(place)
    return heard


@pytest.mark.parametrize("others", [3, 40, 2_000])
def test_the_votes_are_those_down_the_list(others):
    """Tracks of none, one or two artists, of few and of many."""
    chance = np.random.default_rng(2)
    values = np.round(chance.normal(size=1_000), 2).astype(np.float32)
    artists = [[f"a{n}" for n in chance.integers(0, others, size=chance.integers(0, 3))] for _ in values]
    found = genres.votes._heard(values.copy(), 10, artists, genres.votes._places(artists))
    assert [place for place, _ in found] == in_turn(values, artists, 10)


def test_few_artists_cost_no_more_than_many():
    """5,000 tracks by 8 artists, who have no ten votes: it took ten seconds when every list was gone through."""
    chance = np.random.default_rng(0)
    tracks = tracks_of(*[["Rock"], ["Jazz"]] * 2_500, artists=[[f"a{n}"] for n in chance.integers(0, 8, 5_000)])
    space = a_space(*chance.uniform(0, 360, 5_000))
    start = time.process_time()
    genres.doubtful(tracks, space)
    assert time.process_time() - start < 6


def test_one_artist_in_front_does_not_hide_the_others():
    """The nearest 300 tracks are by one artist: the search goes on to the others behind them."""
    count = 6_000
    artists = [["Ana"]] * 300 + [[f"b{n}"] for n in range(count - 300)]
    tracks = tracks_of([], *[["Rock"]] * 299, *[["Jazz"]] * (count - 300), artists=artists)
    space = a_space(*np.linspace(0, 40, count))
    row = genres.suggest(tracks, space, k=3, seed=0).row(0, named=True)
    assert (row["genre"], row["voters"]) == ("Jazz", 3)
