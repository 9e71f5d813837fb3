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


def test_a_selection_leaves_the_numbers_of_the_others(demo_library):
    """Twenty tracks grouped alone, and then all again: the groups have the numbers that they had."""
    first = demo_library.groups(seed=0)
    demo_library.groups(first.head(20), n=2)
    again = demo_library.groups(seed=0)
    both = first.select("track_id", "group").join(again.select("track_id", after="group"), on="track_id")
    assert both.select((pl.col("group") == pl.col("after")).mean()).item() > 0.9


def test_a_number_given_up_stays_so_for_an_earlier_result(demo_library):
    few = demo_library.groups(seed=0, n=3)
    many = demo_library.groups(seed=0, n=9)
    highest = many["group"].max()
    later = demo_library.groups(seed=0, n=9, previous=few)
    new = {*later["group"]} - {*few["group"]}
    assert min(new) > highest


def test_a_table_of_ones_own_changes_every_answer(demo_library, tmp_path):
    """Everything is Skronk: so the groups are called, and so what is suggested."""
    path = tmp_path / "mine.csv"
    names = sorted({*demo_library.tracks()["genres"].explode().drop_nulls()})
    rows = [f'"{name}",Skronk,' for name in names]
    path.write_text("\n".join(["genre,parent,spellings", *rows, "Skronk,,"]), encoding="utf-8")
    for tree in (path, str(path), wb.genres.tree(path)):
        assert {*demo_library.suggest_genres(level="root", tree=tree)["genre"].drop_nulls()} == {"Skronk"}
        assert demo_library.doubtful_genres(level="root", tree=tree).is_empty()
        assert demo_library.genre_accuracy(level="root", tree=tree)["genres"].item() == 1
    path.write_text('genre,parent,spellings\nSkronk,,"' + "|".join(names) + '"\n', encoding="utf-8")
    grouped = demo_library.groups(tree=path)
    assert grouped["group_name"].str.contains("skronk").any()
    assert ["Skronk"] in demo_library.describe_groups(grouped, tree=str(path))["genres"].to_list()
