"""Medians over the years and from genre to genre, and how sure they are."""

import numpy as np
import polars as pl
import pytest

from workbench import stats
from workbench.errors import WorkbenchError
from workbench.stats.banding import _medians

TEN = [-18.0, -17.0, -16.0, -15.0, -14.0, -13.0, -12.0, -11.0, -10.0, -9.0]


def by_year(**values):
    """Tracks of the years y1990 and so on, with these values of loudness."""
    rows = [(int(year[1:]), value) for year, each in values.items() for value in each]
    return pl.DataFrame(rows, {"year": pl.Int64, "loudness_lufs": pl.Float64}, orient="row")


def test_a_year_has_a_median_and_a_band():
    frame = stats.bands(by_year(y1990=TEN), "loudness_lufs", "year", width=1)
    assert frame.schema == pl.Schema(stats.BANDS)
    assert frame.row(0, named=True) == {
        "feature": "loudness_lufs", "group": "1990", "year_from": 1990, "year_to": 1990, "tracks": 10,
        "median": -13.5, "low": -16.0, "high": -11.0, "reason": None, "groups": 1,
    }  # fmt: skip


@pytest.mark.parametrize("n", [8, 9, 30, 31])
def test_medians_are_distributed_as_those_of_resamples(n):
    """Quantiles of 20,000 exact draws against those of 20,000 resamples, as ranks; one rank apart is chance."""
    ordered = np.arange(n, dtype=float)
    resamples = np.median(np.random.default_rng(1).integers(0, n, (20_000, n)), axis=1)
    steps = [0.025, 0.25, 0.5, 0.75, 0.975]
    drawn = _medians(ordered, 20_000, 0)
    assert np.quantile(drawn, steps) == pytest.approx(np.quantile(resamples, steps), abs=1)
    assert drawn.mean() == pytest.approx(resamples.mean(), abs=n / 100)
    assert drawn.std() == pytest.approx(resamples.std(), rel=0.03)


def test_a_band_of_95_percent_holds_the_true_median_about_as_often():
    """200 trials at a coverage of 0.93 to 0.95 give 186 to 190, with a standard deviation of 3.5: three of them."""
    chance = np.random.default_rng(0)
    tracks = pl.DataFrame(
        {"genre": np.repeat([f"{n:03}" for n in range(200)], 51), "bpm": chance.normal(size=200 * 51)}
    )
    trials = [stats.bands(part, "bpm", "genre", seed=n) for n, part in enumerate(tracks.partition_by("genre"))]
    found = pl.concat(trials)
    assert len(found) == 200
    assert 176 <= found.select((pl.col("low") <= 0) & (pl.col("high") >= 0)).sum().item() <= 198


def test_a_wider_level_is_a_wider_band():
    tracks = by_year(y1990=TEN * 5)
    half, most = (stats.bands(tracks, "loudness_lufs", "year", level=level).row(0, named=True) for level in (0.5, 0.99))
    assert most["low"] < half["low"] < half["median"] < half["high"] < most["high"]


def test_the_seed_and_the_other_groups_decide_nothing_but_the_draws():
    tracks = by_year(y1990=TEN, y1991=[value / 2 for value in TEN])
    both = stats.bands(tracks, "loudness_lufs", "year", width=1, seed=3)
    alone = stats.bands(tracks.filter(pl.col("year") == 1991), "loudness_lufs", "year", width=1, seed=3)
    shuffled = stats.bands(tracks.sample(fraction=1, shuffle=True, seed=1), "loudness_lufs", "year", width=1, seed=3)
    assert both.drop("groups").row(1) == alone.drop("groups").row(0)
    assert both.equals(shuffled)
    bounds = {stats.bands(tracks, "loudness_lufs", "year", resamples=20, seed=seed)["low"][0] for seed in range(8)}
    assert len(bounds) > 1


def test_too_few_have_a_median_and_no_band():
    row = stats.bands(by_year(y1990=TEN[:7]), "loudness_lufs", "year", width=1).row(0, named=True)
    assert (row["tracks"], row["median"], row["low"], row["high"]) == (7, -15.0, None, None)
    assert row["reason"] == "fewer than 8 known values"
    assert stats.bands(by_year(y1990=TEN[:7]), "loudness_lufs", "year", least=7)["low"].null_count() == 0


def test_what_is_unknown_counts_nowhere():
    tracks = by_year(y1990=[*TEN, None, float("nan"), float("inf")], y1991=[None])
    tracks = pl.concat([tracks, pl.DataFrame({"year": [None], "loudness_lufs": [-1.0]}, tracks.schema)])
    assert stats.bands(tracks, "loudness_lufs", "year", width=1).select("group", "tracks").rows() == [("1990", 10)]


def test_equal_values_have_a_band_of_no_width():
    assert stats.bands(by_year(y1990=[-9.0] * 8), "loudness_lufs", "year").select("low", "median", "high").row(0) == (
        -9.0, -9.0, -9.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tracks_a_year", "groups"),
    [
        (16, ["1989", "1990", "1991", "1992", "1993", "1994", "1995", "1996", "1997", "1998"]),
        (4, ["1985 to 1989", "1990 to 1994", "1995 to 1999"]),
        (1, ["1980 to 1989", "1990 to 1999"]),
    ],
)
def test_spans_are_as_narrow_as_the_tracks_allow(tracks_a_year, groups):
    tracks = by_year(**{f"y{year}": [-9.0] * tracks_a_year for year in range(1989, 1999)})
    assert stats.bands(tracks, "loudness_lufs", "year")["group"].to_list() == groups


def test_spans_may_be_asked_for():
    frame = stats.bands(by_year(y1999=TEN, y2000=TEN, y2019=TEN), "loudness_lufs", "year", width=20)
    assert frame.select("group", "year_from", "year_to", "tracks").rows() == [
        ("1980 to 1999", 1980, 1999, 10), ("2000 to 2019", 2000, 2019, 20),
    ]  # fmt: skip


def test_genres_are_the_first_or_each():
    tracks = pl.DataFrame(
        {"genre": ["Jazz"] * 8, "genres": [["Jazz", "Soul"]] * 5 + [["Jazz"]] * 3, "bpm": [100.0] * 8},
    )
    assert stats.bands(tracks, "bpm", "genre").select("group", "tracks").rows() == [("Jazz", 8)]
    assert stats.bands(tracks, "bpm", "genres").select("group", "tracks").rows() == [("Jazz", 8), ("Soul", 5)]


def test_the_twelve_most_frequent_genres_are_given_and_all_are_counted():
    names = [f"{number:02}" for number in range(20) for _ in range(number + 1)]
    frame = stats.bands(pl.DataFrame({"genre": names, "bpm": 100.0}), "bpm", "genre")
    assert frame["group"].to_list() == [f"{number:02}" for number in range(19, 7, -1)]
    assert set(frame["groups"]) == {20}


@pytest.mark.parametrize("by", ["year", "genre", "genres"])
def test_no_tracks_are_no_rows(by):
    schema = {"year": pl.Int64, "genre": pl.String, "genres": pl.List(pl.String), "bpm": pl.Float64}
    frame = stats.bands(pl.DataFrame(schema=schema), "bpm", by)
    assert (len(frame), frame.schema) == (0, pl.Schema(stats.BANDS))


def test_whole_numbers_are_a_feature_too():
    tracks = pl.DataFrame({"year": [1990] * 9, "bit_rate_bps": range(9)})
    assert stats.bands(tracks, "bit_rate_bps", "year")["median"].to_list() == [4.0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"feature": "title"}, "'title' is no column of numbers"),
        ({"feature": "gone"}, "'gone' is no column of numbers"),
        ({"by": "title"}, "cannot be grouped by 'title' here: choose one of year, genre, genres"),
        ({"by": "genres"}, "cannot be grouped by 'genres' here"),
        ({"level": 95}, "level 95 is not above 0 and below 1"),
        ({"resamples": 0}, "0 resamples"),
        ({"width": 0}, "spans of 0 years"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    tracks = pl.DataFrame({"year": [1990], "bpm": [100.0], "title": ["One"]})
    with pytest.raises(WorkbenchError, match=message):
        stats.bands(tracks, **{"feature": "bpm", "by": "year", **wrong})
