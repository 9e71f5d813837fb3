"""What is in the collection."""

import polars as pl
import pytest

from workbench import stats
from workbench.errors import TrackError, WorkbenchError
from workbench.models import FEATURES, FINDINGS, TRACKS
from workbench.stats.comparing import key_relation, tempo_relation
from workbench.stats.coverage import TAGS


def made_tracks(*rows):
    """Tracks 1, 2, ... with what each row names; analysed and present."""
    plain = {"analyzed": True, "missing": False}
    return pl.DataFrame([{"track_id": n, **plain, **row} for n, row in enumerate(rows, start=1)], TRACKS)


NOTHING = pl.DataFrame(schema=TRACKS)

FEW = made_tracks(
    {"artists": ["Ana"], "album_id": 1, "genres": ["Jazz", "Soul"], "duration_s": 1800.0, "size_bytes": 2_000_000_000},
    {"artists": ["Ana", "Bo"], "album_id": 1, "genres": ["Jazz"], "duration_s": 5400.0, "size_bytes": 500_000_000},
    {"artists": [], "genres": [], "duration_s": None, "analyzed": False, "missing": True},
    {"artists": None, "album_id": 2, "genres": None},
)


def test_summary_counts_everything_once():
    assert stats.summary(FEW).row(0, named=True) == {
        "tracks": 4,
        "analyzed": 3,
        "hours": 2.0,
        "size_gb": 2.5,
        "artists": 2,
        "albums": 2,
        "genres": 2,
        "missing": 1,
    }


def test_summary_of_nothing_is_zeros():
    assert stats.summary(NOTHING).row(0) == (0, 0, 0.0, 0.0, 0, 0, 0, 0)


def test_a_track_counts_for_each_of_its_genres():
    assert stats.by_genre(FEW).rows() == [("Jazz", 2, 2.0, 2.5), (None, 2, 0.0, 0.0), ("Soul", 1, 0.5, 2.0)]


def test_a_genre_named_twice_counts_once():
    assert stats.by_genre(made_tracks({"genres": ["Pop", "Pop"]}))["tracks"].to_list() == [1]


def test_artists_come_most_first_and_unknown_ones_not_at_all():
    assert stats.by_artist(FEW).select("artist", "tracks").rows() == [("Ana", 2), ("Bo", 1)]
    assert stats.by_artist(FEW, n=1)["artist"].to_list() == ["Ana"]


def test_formats_go_by_container_and_codec():
    tracks = made_tracks(*[{"container": "mp4", "codec": codec} for codec in ("aac", "alac", "aac")], {})
    assert stats.by_format(tracks).select("container", "codec", "tracks").rows() == [
        ("mp4", "aac", 2),
        ("mp4", "alac", 1),
        (None, None, 1),
    ]


def test_years_and_decades_come_oldest_first():
    tracks = made_tracks(*[{"year": year} for year in (1999, 1990, None, 2001, 1990)])
    assert stats.by_year(tracks).select("year", "tracks").rows() == [(1990, 2), (1999, 1), (2001, 1), (None, 1)]
    assert stats.by_decade(tracks).select("decade", "tracks").rows() == [(1990, 3), (2000, 1), (None, 1)]


def test_keys_go_round_the_wheel():
    tracks = made_tracks({"camelot": "8A"}, {"camelot": "8A"}, {"camelot": "12B"}, {})
    counts = stats.by_key(tracks)
    assert counts["camelot"].to_list()[:3] == ["1A", "1B", "2A"]
    assert counts.filter(pl.col("tracks") > 0).rows() == [("8A", "A", "minor", 2), ("12B", "E", "major", 1)]
    assert len(counts) == 24


def test_tempo_bins_leave_no_gap():
    tracks = made_tracks(*[{"bpm": bpm} for bpm in (60.0, 64.9, 65.0, 79.0, None)])
    assert stats.tempo_histogram(tracks).rows() == [(60, 65, 2), (65, 70, 1), (70, 75, 0), (75, 80, 1)]
    assert stats.tempo_histogram(tracks, bin_bpm=20).rows() == [(60, 80, 4)]


def test_loudness_bins_go_below_zero():
    tracks = made_tracks(*[{"loudness_lufs": lufs} for lufs in (-9.5, -9.0, -11.0)])
    assert stats.loudness_histogram(tracks).rows() == [(-11, -10, 1), (-10, -9, 1), (-9, -8, 1)]


@pytest.mark.parametrize("width", [0, -1, float("nan")])
def test_bins_without_width_are_refused(width):
    with pytest.raises(WorkbenchError, match="above 0"):
        stats.tempo_histogram(FEW, bin_bpm=width)


def test_coverage_counts_tags_that_say_something():
    tracks = made_tracks(
        {"year": 1990, "genres": ["Pop"], "has_cover": True},
        {"year": 1991, "genres": [], "has_cover": False},
    )
    shares = dict(stats.tag_coverage(tracks).select("tag", "share").iter_rows())
    assert (shares["year"], shares["genres"], shares["has_cover"], shares["comment"]) == (1, 0.5, 0.5, 0)
    assert stats.tag_coverage(tracks)["tag"][0] == "year"


def test_coverage_of_nothing_is_unknown():
    assert stats.tag_coverage(NOTHING)["share"].null_count() == len(TAGS)


def test_findings_go_by_stage_state_and_reason():
    rows = [("tags", "warning", "bad_tags"), ("walk", "skipped", "empty_file"), ("tags", "warning", "bad_tags")]
    findings = pl.DataFrame([dict(zip(("stage", "state", "reason"), row, strict=True)) for row in rows], FINDINGS)
    assert stats.findings_by_reason(findings).rows() == [(*rows[0], 2), (*rows[1], 1)]


@pytest.mark.parametrize(
    ("tag", "bpm", "relation"),
    [(120, 124.7, "same"), (120, 125, "other"), (120, 60, "half"), (120, 248, "double"), (120, 180, "other")],
)
def test_tempo_relations(tag, bpm, relation):
    assert tempo_relation(tag, bpm) == relation


@pytest.mark.parametrize(
    ("tag", "key", "relation"),
    [
        ("C", "C major", "same"),
        ("C", "G major", "fifth"),
        ("C", "F major", "fifth"),
        ("C", "A minor", "relative"),
        ("Am", "C major", "relative"),
        ("C", "C minor", "parallel"),
        ("C", "D major", "other"),
        ("C", "E minor", "other"),
        ("8A", "A minor", "same"),
        ("off", "C major", None),
    ],
)
def test_key_relations(tag, key, relation):
    assert key_relation(tag, *key.split()) == relation


def test_agreement_is_over_tracks_that_have_both():
    tracks = made_tracks(
        {"bpm_tag": 120.0, "bpm": 121.0, "key_tag": "Am", "key": "A", "mode": "minor"},
        {"bpm_tag": 120.0, "bpm": 60.0, "key_tag": "nonsense", "key": "A", "mode": "minor"},
        {"bpm_tag": 0.0, "bpm": 60.0, "key_tag": "Am"},
        {"bpm_tag": 120.0},
    )
    assert stats.agreement(tracks).rows() == [
        ("bpm", "same", 1, 0.5),
        ("bpm", "half", 1, 0.5),
        ("bpm", "double", 0, 0),
        ("bpm", "other", 0, 0),
        ("key", "same", 1, 1),
        ("key", "fifth", 0, 0),
        ("key", "relative", 0, 0),
        ("key", "parallel", 0, 0),
        ("key", "other", 0, 0),
    ]


@pytest.mark.parametrize(
    ("made", "schema"),
    [
        (stats.summary, stats.SUMMARY),
        (stats.by_format, {"container": pl.String, "codec": pl.String, **stats.COUNTS}),
        (stats.by_genre, {"genre": pl.String, **stats.COUNTS}),
        (stats.by_artist, {"artist": pl.String, **stats.COUNTS}),
        (stats.by_year, {"year": pl.Int64, **stats.COUNTS}),
        (stats.by_decade, {"decade": pl.Int64, **stats.COUNTS}),
        (stats.by_key, stats.KEYS),
        (stats.tempo_histogram, {"bpm_from": pl.Float64, "bpm_to": pl.Float64, "tracks": pl.Int64}),
        (stats.loudness_histogram, {"lufs_from": pl.Float64, "lufs_to": pl.Float64, "tracks": pl.Int64}),
        (stats.tag_coverage, stats.COVERAGE),
        (stats.agreement, stats.AGREEMENT),
    ],
)
@pytest.mark.parametrize("tracks", [FEW, NOTHING], ids=["few", "nothing"])
def test_columns_are_as_declared(made, schema, tracks):
    assert made(tracks).schema == pl.Schema(schema)


def test_columns_of_findings_are_as_declared():
    assert stats.findings_by_reason(pl.DataFrame(schema=FINDINGS)).schema == pl.Schema(stats.REASONS)


FIVE = made_tracks(
    {"bpm": 100.0, "pulse_clarity": 0.5},
    {"bpm": 120.0, "pulse_clarity": 0.5},
    {"bpm": 120.0},
    {"bpm": 180.0},
    {"bpm": None},
)


def test_a_percentile_is_the_share_below_and_half_of_the_ties():
    found = [stats.percentiles(FIVE, track_id, features=["bpm"]).row(0, named=True) for track_id in (1, 2, 3, 4, 5)]
    assert [row["percentile"] for row in found] == [12.5, 50.0, 50.0, 87.5, None]
    assert [row["value"] for row in found] == [100.0, 120.0, 120.0, 180.0, None]
    assert {row["known"] for row in found} == {4}


def test_what_is_not_a_number_is_unknown():
    tracks = pl.DataFrame({"track_id": [1, 2, 3], "bpm": [100.0, float("nan"), 120.0]})
    found = [stats.percentiles(tracks, track_id, features=["bpm"]).row(0, named=True) for track_id in (1, 2, 3)]
    assert [row["percentile"] for row in found] == [25.0, None, 75.0]
    assert [row["value"] for row in found] == [100.0, None, 120.0]
    assert {(row["known"], row["highest"]) for row in found} == {(2, 120.0)}


def test_quantiles_are_those_of_the_known_values():
    row = stats.percentiles(FIVE, 5, features=["bpm"]).row(0, named=True)
    names = ("lowest", "p5", "p25", "p50", "p75", "p95", "highest")
    assert [row[name] for name in names] == pytest.approx([100, 103, 115, 120, 135, 171, 180])


def test_a_feature_that_nobody_has_is_nulls():
    (row,) = stats.percentiles(FIVE, 1, features=["loudness_lufs"]).to_dicts()
    assert row == dict.fromkeys(stats.PERCENTILES) | {"feature": "loudness_lufs", "known": 0}


def test_why_a_value_is_unknown_is_said_where_the_frame_knows():
    reasons = [[], [], [{"column": "pulse_clarity", "code": "silent"}, {"column": "key", "code": "silent"}], [], []]
    tracks = FIVE.with_columns(reasons=pl.Series(reasons, dtype=FEATURES["reasons"]))
    found = stats.percentiles(tracks, 3, features=["bpm", "pulse_clarity"])
    assert found.select("feature", "value", "reason").rows() == [
        ("bpm", 120.0, None),
        ("pulse_clarity", None, "silent"),
    ]


def test_all_compared_features_are_columns_of_numbers():
    found = stats.percentiles(FIVE, 1)
    assert found.schema == pl.Schema(stats.PERCENTILES)
    assert found["feature"].to_list() == list(stats.COMPARED)
    assert set(stats.COMPARED) <= set(TRACKS)


@pytest.mark.parametrize("feature", ["title", "tempo"])
def test_what_is_no_column_of_numbers_has_no_percentiles(feature):
    with pytest.raises(WorkbenchError, match=feature):
        stats.percentiles(FIVE, 1, features=[feature])


def test_a_track_that_is_not_there_has_no_percentiles():
    with pytest.raises(TrackError, match="99 among these 5"):
        stats.percentiles(FIVE, 99)
