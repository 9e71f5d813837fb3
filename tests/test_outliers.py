"""Tracks that stand far from the rest."""

import numpy as np
import polars as pl
import pytest

from workbench import stats
from workbench.errors import WorkbenchError
from workbench.spaces import Space
from workbench.stats import outlying

QUIET = [-9.0, -9.5, -10.0, -10.5, -11.0, -11.5, -12.0, -12.5, -13.0]


def a_frame(**columns):
    """Tracks from 1 on, with the columns of what is heard: null where nothing is said."""
    n = len(next(iter(columns.values())))
    names = {"track_id": range(1, n + 1), "title": [f"T{row}" for row in range(1, n + 1)], "artist": ["Ana"] * n}
    unknown = {name: pl.Series([None] * n, dtype=pl.Float64) for name in outlying.HEARD}
    return pl.DataFrame({**names, **unknown, **columns})


def test_a_track_stands_out_and_it_is_said_in_what():
    frame = stats.outliers(a_frame(loudness_lufs=[*QUIET, -38.0]))
    assert frame.schema == pl.Schema(stats.OUTLIERS)
    assert frame.drop("score").rows() == [
        (10, "T10", "Ana", "loudness -38 LUFS; the middle half is -12.4 to -10.1"),
    ]  # fmt: skip
    # median -11.25, median distance 1.25: 26.75 / (1.4826 * 1.25)
    assert frame["score"][0] == pytest.approx(14.434, abs=0.001)


def test_the_farthest_come_first_and_reasons_stand_together():
    loud = [*QUIET, -38.0, -50.0]
    bpm = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0, 108.0, 400.0, 105.0]
    frame = stats.outliers(a_frame(loudness_lufs=loud, bpm=bpm))
    assert frame["track_id"].to_list() == [10, 11]
    assert frame["why"][0] == (
        "tempo 400 BPM; the middle half is 102 to 106 \u00b7 loudness -38 LUFS; the middle half is -12.8 to -10.2"
    )
    assert frame["score"].is_sorted(descending=True)


def test_ratios_are_compared_as_octaves():
    """A doubling up is as far as a halving down, and a long tail upwards is no crowd of outliers."""
    bpm = [*np.geomspace(90, 110, 19), 100 * 2, 100 / 2]
    scores = stats.outliers(a_frame(bpm=bpm)).sort("track_id")["score"]
    assert scores[0] == pytest.approx(scores[1], rel=0.02)
    flatness = np.exp(np.random.default_rng(0).normal(size=400)) / 100
    assert len(stats.outliers(a_frame(spectral_flatness_mean=flatness))) <= 2
    assert len(stats.outliers(a_frame(loudness_range_lu=flatness))) > 10


def test_no_flatness_at_all_is_a_number():
    frame = stats.outliers(a_frame(spectral_flatness_mean=[0.01, 0.02, 0.03, 0.015, 0.025] * 3 + [0.0]))
    assert frame["why"].to_list() == ["noisiness 0; the middle half is 0.0138 to 0.025"]
    assert np.isfinite(frame["score"][0])


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_what_is_unknown_stands_out_in_nothing(nothing):
    frame = stats.outliers(a_frame(loudness_lufs=[*QUIET, -38.0, nothing, nothing]))
    assert frame["track_id"].to_list() == [10]


def test_few_tracks_have_no_middle():
    assert len(stats.outliers(a_frame(loudness_lufs=[*QUIET[:8], -38.0]))) == 0


def test_where_most_are_equal_the_mean_distance_stands_in():
    mostly = stats.outliers(a_frame(dynamic_range_db=[10.0] * 20 + [11.0]))
    # mean distance 1 / 21, so (11 - 10) / (1.2533 / 21)
    assert mostly["score"].to_list() == [pytest.approx(16.756, abs=0.001)]
    assert len(stats.outliers(a_frame(dynamic_range_db=[10.0] * 20))) == 0


def test_no_tracks_are_no_rows():
    frame = stats.outliers(a_frame(loudness_lufs=QUIET).clear())
    assert (len(frame), frame.schema) == (0, pl.Schema(stats.OUTLIERS))


def test_a_threshold_may_be_asked_for():
    tracks = a_frame(loudness_lufs=[*QUIET, -38.0])
    assert len(stats.outliers(tracks, threshold=20)) == 0
    assert len(stats.outliers(tracks, threshold=1)) == 2


def test_another_feature_has_its_own_name():
    tracks = a_frame(loudness_lufs=QUIET).with_columns(true_peak_dbtp=pl.Series([-1.0, -1.1, -0.9] * 3))
    tracks = pl.concat([tracks, tracks.head(1).with_columns(track_id=99, true_peak_dbtp=-20.0)], how="vertical_relaxed")
    assert stats.outliers(tracks, features=["true_peak_dbtp"])["why"][0].startswith("true peak dbtp -20 dBTP;")


def test_text_is_no_feature():
    with pytest.raises(WorkbenchError, match="'title' is no column of numbers"):
        stats.outliers(a_frame(loudness_lufs=QUIET), features=["title"])


def a_space(count, alone=(), *, seed=0):
    """Tracks from 1 on close round one direction; those that are named far from it, each in a direction of its own."""
    chance = np.random.default_rng(seed)
    matrix = np.zeros((count, 32)) + 0.1 * chance.normal(size=(count, 32))
    matrix[:, 0] += 1
    for place, row in enumerate(alone, start=1):
        matrix[row] = np.eye(32)[place] + 0.01
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return Space(np.arange(1, count + 1), matrix.astype(np.float32), "made", {"made": slice(0, 32)}, "made")


def test_a_track_without_near_neighbours_is_named():
    frame = stats.outliers(a_frame(loudness_lufs=[-9.0] * 60), a_space(60, alone=[7]))
    assert frame["track_id"].to_list() == [8]
    assert frame["why"][0].startswith("no near neighbour: the fifth at a distance of 0.")


def test_only_these_tracks_are_neighbours():
    """Seven tracks lie together, far from the others: one of them is alone where the other six are not asked for."""
    space = a_space(80, alone=[7])
    space.matrix[:7] = space.matrix[7]
    tracks = a_frame(loudness_lufs=[-9.0] * 80)
    assert len(stats.outliers(tracks, space)) == 0
    assert stats.outliers(tracks.slice(7), space)["track_id"].to_list() == [8]


def test_a_copy_does_not_hide_a_track():
    space = a_space(60, alone=[7])
    space.matrix[8] = space.matrix[7]
    frame = stats.outliers(a_frame(loudness_lufs=[-9.0] * 60), space)
    assert sorted(frame["track_id"].to_list()) == [8, 9]


def test_among_many_those_drawn_stand_for_all(monkeypatch):
    tracks = a_frame(loudness_lufs=[-9.0] * 600)
    space = a_space(600, alone=[7, 500])
    every = stats.outliers(tracks, space)
    monkeypatch.setattr(outlying, "REFERENCES", 100)
    monkeypatch.setattr(outlying, "BLOCK", 64)
    drawn = stats.outliers(tracks, space, seed=1)
    assert {8, 501} <= set(drawn["track_id"]) & set(every["track_id"])
    assert len(drawn) < 12


def test_a_track_is_no_neighbour_of_its_own(monkeypatch):
    space = a_space(60)
    monkeypatch.setattr(outlying, "NEIGHBOUR", 1)
    exact = outlying._distances(space, 0)
    blocks = np.concatenate([*outlying._far(space, np.arange(60))])
    assert blocks == pytest.approx(exact, abs=1e-6)
    assert exact.min() > 0.01
