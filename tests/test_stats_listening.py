"""What is played and liked, and nothing where nobody has said."""

import polars as pl
import pytest
from test_stats import NOTHING, made_tracks

from workbench import figures, stats
from workbench.errors import WorkbenchError

SOME = made_tracks(
    {"title": "a", "artist": "Ana", "artists": ["Ana"], "genres": ["Jazz", "Soul"], "play_count": 3, "rating": 0.8},
    {"title": "b", "artist": "Ana, Bo", "artists": ["Ana", "Bo"], "genres": ["Jazz"], "play_count": 9},
    {"title": "c", "artist": "Bo", "artists": ["Bo"], "genres": [], "play_count": 3, "rating": 1.0},
    {"title": "d", "artist": None, "artists": [], "genres": ["Folk"], "play_count": 0, "rating": 0.42},
    {"title": "e", "artist": "Cy", "artists": ["Cy"], "genres": ["Soul"], "duration_s": 1800.0},
)

SILENT = made_tracks({"title": "a", "artists": ["Ana"], "genres": ["Jazz"]}, {"title": "b"})


def test_the_most_played_come_first_and_of_equal_ones_the_better_rated():
    assert stats.most_played(SOME).rows() == [
        (2, "b", "Ana, Bo", 9, None),
        (3, "c", "Bo", 3, 1.0),
        (1, "a", "Ana", 3, 0.8),
    ]
    assert stats.most_played(SOME, n=1)["title"].to_list() == ["b"]


def test_plays_add_up_by_genre_and_tracks_without_a_count_count_for_none():
    assert stats.plays_by_genre(SOME).rows() == [("Jazz", 2, 12), ("Soul", 1, 3), (None, 1, 3), ("Folk", 1, 0)]


def test_plays_add_up_by_artist():
    assert stats.plays_by_artist(SOME).rows() == [("Ana", 2, 12), ("Bo", 2, 12)]
    assert stats.plays_by_artist(SOME, n=1)["artist"].to_list() == ["Ana"]


def test_stars_leave_no_gap_and_unknown_ones_come_last():
    found = stats.by_rating(SOME)
    assert found["stars"].to_list() == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, None]
    assert found.filter(pl.col("tracks") > 0).rows() == [
        (2.0, 1, 0.0, 0.0),
        (4.0, 1, 0.0, 0.0),
        (5.0, 1, 0.0, 0.0),
        (None, 2, 0.5, 0.0),
    ]


@pytest.mark.parametrize(
    ("rating", "stars"),
    [(0.0, 0), (0.04, 0), (0.05, 0.5), (0.1, 0.5), (0.25, 1.5), (0.3, 1.5), (0.6, 3), (0.7, 3.5), (0.94, 4.5), (1, 5)],
)
def test_a_rating_counts_for_the_nearest_half_star(rating, stars):
    found = stats.by_rating(made_tracks({"rating": rating}))
    assert found.filter(pl.col("tracks") > 0)["stars"].to_list() == [stars]
    assert len(found) == 11, "no row for unknown where all are rated"


@pytest.mark.parametrize("tracks", [NOTHING, SILENT], ids=["no tracks", "nobody says anything"])
def test_where_nothing_is_known_there_are_no_rows(tracks):
    for made in (stats.most_played, stats.by_rating, stats.plays_by_genre, stats.plays_by_artist):
        assert made(tracks).is_empty()


@pytest.mark.parametrize("tracks", [SOME, SILENT, NOTHING], ids=["some", "silent", "nothing"])
@pytest.mark.parametrize(
    ("made", "schema"),
    [
        (stats.most_played, stats.PLAYED),
        (stats.by_rating, stats.RATINGS),
        (stats.plays_by_genre, {"genre": pl.String, **stats.PLAYS}),
        (stats.plays_by_artist, {"artist": pl.String, **stats.PLAYS}),
    ],
)
def test_columns_are_as_declared(made, schema, tracks):
    assert made(tracks).schema == pl.Schema(schema)


def test_the_figure_shows_stars_and_says_how_many_have_none():
    figure = figures.ratings(stats.by_rating(SOME))
    (bars,) = figure.data
    assert list(bars.x) == [each / 2 for each in range(11)]
    assert list(bars.y) == [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1]
    assert figure.layout.title.text == "2 without a rating"
    assert figures.ratings(stats.by_rating(made_tracks({"rating": 1.0}))).layout.title.text is None


@pytest.mark.parametrize("tracks", [NOTHING, SILENT], ids=["no tracks", "nobody says anything"])
def test_the_figure_says_in_a_sentence_that_nobody_rated(tracks):
    figure = figures.ratings(stats.by_rating(tracks))
    assert not figure.data
    (note,) = figure.layout.annotations
    assert note.text == "No track has a rating, neither in its tags nor from you."


def test_another_frame_is_refused():
    with pytest.raises(WorkbenchError, match=r"stats\.by_rating"):
        figures.ratings(stats.by_genre(SOME))
