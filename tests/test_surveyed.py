"""What a report asks of a library of which little or nothing is analysed."""

import polars as pl
import pytest

import workbench as wb
from workbench import stats
from workbench.clusters import DESCRIPTIONS
from workbench.errors import SpaceError
from workbench.reports import run_report


@pytest.fixture
def unheard(tmp_path):
    """A library in which nothing is."""
    return wb.Library(tmp_path / "library.db")


def test_nothing_analysed_is_an_empty_map_of_no_groups(unheard):
    layout, described = unheard.group_map()
    assert (len(layout), len(described)) == (0, 0)
    assert {"track_id", "x", "y", "trust", "group", "membership", "group_name"} <= set(layout.columns)
    assert described.schema == pl.Schema(DESCRIPTIONS)
    assert wb.figures.similarity_map(layout, colour="group_name").layout.annotations[0].text.startswith("No tracks")


def test_nothing_analysed_has_no_outliers(unheard):
    frame = unheard.outliers()
    assert (len(frame), frame.schema) == (0, pl.Schema(stats.OUTLIERS))


def test_the_sound_report_runs_on_nothing(unheard, tmp_path):
    page = run_report("sound", tmp_path / "reports", library=unheard.path).read_text(encoding="utf-8")
    assert "No analysed tracks with a year" in page
    assert "No tracks with a place on the map" in page
    assert "No tracks with an estimate of their mood" in page


def test_groups_lie_on_the_map(demo_library):
    layout, described = demo_library.group_map(seed=0)
    analysed = demo_library.features()["track_id"]
    assert len(layout) == described["size"].sum() > 100
    assert layout["track_id"].is_in(analysed.implode()).all()
    assert set(layout["group_name"]) == set(described["name"])
    assert layout.select("x", "y").null_count().row(0) == (0, 0)


def test_some_tracks_are_a_map_of_their_own(demo_library):
    few = demo_library.tracks().filter(pl.col("genre") == "Jazz")
    layout, _ = demo_library.group_map(few)
    assert set(layout["track_id"]) <= set(few["track_id"])
    assert len(demo_library.group_map(few.clear())[0]) == 0
    assert set(demo_library.outliers(few)["track_id"]) <= set(few["track_id"])


def test_a_seed_out_of_range_is_still_an_error(demo_library):
    with pytest.raises(SpaceError):
        demo_library.group_map(seed=-1)


def test_the_track_with_the_one_pure_tone_stands_out(demo_library):
    frame = demo_library.outliers()
    assert frame["title"][0] == "Beep"
    assert frame["why"][0].startswith("noisiness 0.0000")
