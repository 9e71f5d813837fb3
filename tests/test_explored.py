"""Groups, genres and moods of the demo collection, through the front door."""

import polars as pl
import pytest

import workbench as wb

pytestmark = pytest.mark.slow


@pytest.fixture
def styles(demo_library):
    """The true style of each track that has one."""
    known = wb.demo.known(demo_library.roots()).drop_nulls("style")
    return demo_library.tracks().select("track_id", "path").join(known.select("path", "style"), on="path")


def test_groups_are_the_styles(demo_library, styles):
    """Eight styles, and eight groups by the rule of thumb: nine tracks in ten lie with their style."""
    grouped = demo_library.groups(seed=0)
    joined = grouped.join(styles.select("track_id", "style"), on="track_id")
    most = joined.group_by("group", "style").len().group_by("group").agg(pl.col("len").max())
    assert grouped["group"].unique().sort().to_list() == [*range(1, 9)]
    assert most["len"].sum() / len(joined) > 0.9
    assert len(grouped) == len(demo_library.space())


def test_groups_have_names_and_keep_their_numbers(demo_library):
    first = demo_library.groups(seed=0)
    again = demo_library.groups(n=9, seed=1)
    shared = first.select("track_id", "group").join(again.select("track_id", "group"), on="track_id")
    assert shared.select((pl.col("group") == pl.col("group_right")).mean()).item() > 0.8
    described = demo_library.describe_groups(again)
    assert described["name"].n_unique() == len(described) == 9
    assert not [name for name in described["name"] if any(char.isdigit() for char in name)]
    assert {*again["group_name"]} == {*described["name"]}
    missing = [] if len(demo_library.embeddings()) else ["tags"]  # the model may not be there
    assert described["unknown"].to_list() == [missing] * 9


def test_a_selection_is_grouped_on_its_own(demo_library):
    few = demo_library.tracks().head(20)
    grouped = demo_library.groups(few, n=3)
    assert grouped["track_id"].to_list() == few["track_id"].to_list()
    assert grouped["group"].n_unique() == 3
    assert demo_library.groups(grouped, n=3).columns == grouped.columns


def test_moods_of_all_and_of_some(demo_library, styles):
    """Ambient and chorales lie below rock and drum and bass."""
    moods = demo_library.moods()
    assert len(moods) == len(demo_library.tracks())
    assert moods.filter(pl.col("arousal").is_null(), pl.col("arousal_reason").is_null()).is_empty()
    mean = dict(moods.join(styles, on="track_id").group_by("style").agg(pl.mean("arousal")).iter_rows())
    assert max(mean["ambient"], mean["chorale"]) < 0 < min(mean["rock"], mean["drum_and_bass"])
    some = demo_library.moods(moods.head(5))
    assert some.equals(moods.head(5))


def test_untagged_tracks_get_a_suggestion_with_its_accuracy(demo_library):
    untagged = demo_library.tracks().filter(pl.col("genres").list.len() == 0)
    suggested = demo_library.suggest_genres()
    accuracy = demo_library.genre_accuracy().row(0, named=True)
    assert {*suggested["track_id"]} == {*untagged["track_id"]}
    assert suggested["accuracy"].drop_nulls().unique().to_list() == [accuracy["top_1"]]
    assert accuracy["top_1"] > accuracy["most_common_1"]
    assert suggested.filter(pl.col("genre").is_null() == pl.col("reason").is_null()).is_empty()


def test_doubts_have_titles(demo_library):
    doubts = demo_library.doubtful_genres(level="root", k=5)
    assert doubts.columns == [*wb.genres.DOUBTFUL, "title", "artist"]
    assert (doubts["vote"] != doubts["genre"]).all()
