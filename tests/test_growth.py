"""How the collection has grown, and what its sound takes up: frames and figures."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from test_stats import NOTHING, made_tracks

from workbench import figures, stats
from workbench.errors import WorkbenchError
from workbench.figures.collection import _ink


def added(*days):
    return made_tracks(*({"added_at": datetime(*day, tzinfo=UTC)} for day in days))


def test_growth_counts_month_by_month_and_leaves_none_out():
    tracks = added((2025, 12, 31, 23, 59), (2026, 3, 1), (2026, 3, 31, 12), (2025, 12, 1))
    assert stats.growth(tracks).rows() == [
        (date(2025, 12, 1), date(2026, 1, 1), 2, 2),
        (date(2026, 1, 1), date(2026, 2, 1), 0, 2),
        (date(2026, 2, 1), date(2026, 3, 1), 0, 2),
        (date(2026, 3, 1), date(2026, 4, 1), 2, 4),
    ]


def test_a_short_span_is_counted_by_days():
    assert stats.growth(added((2026, 2, 27), (2026, 3, 1), (2026, 3, 1, 23))).rows() == [
        (date(2026, 2, 27), date(2026, 2, 28), 1, 1),
        (date(2026, 2, 28), date(2026, 3, 1), 0, 1),
        (date(2026, 3, 1), date(2026, 3, 2), 2, 3),
    ]


@pytest.mark.parametrize(("last", "rows"), [((2026, 3, 1), 60), ((2026, 3, 2), 3)])
def test_two_months_are_the_border_between_days_and_months(last, rows):
    assert len(stats.growth(added((2026, 1, 1), last))) == rows


def test_tracks_of_which_nobody_knows_when_they_came_are_left_out():
    tracks = pl.concat([added((2026, 1, 1)), made_tracks({})])
    assert stats.growth(tracks)["total"].to_list() == [1]


def test_bit_rates_fall_into_steps_by_codec():
    rates = [("mp3", 319_999), ("mp3", 320_000), ("mp3", 128_000), ("vorbis", 127_400), ("flac", 4_608_000), ("aac", 0)]
    tracks = made_tracks(*({"codec": codec, "bit_rate_bps": rate} for codec, rate in rates), {"codec": "mp3"}, {})
    assert stats.by_bit_rate(tracks).rows() == [
        (0, 64, "aac", False, 1),
        (96, 128, "vorbis", False, 1),
        (128, 160, "mp3", False, 1),
        (320, 500, "mp3", False, 2),
        (4000, None, "flac", True, 1),
        (None, None, "mp3", False, 1),
        (None, None, None, None, 1),
    ]


def test_dynamic_range_has_a_histogram():
    tracks = made_tracks({"dynamic_range_db": 7.9}, {"dynamic_range_db": 10.0}, {"dynamic_range_db": None})
    assert stats.dynamic_range_histogram(tracks).rows() == [(7, 8, 1), (8, 9, 0), (9, 10, 0), (10, 11, 1)]
    with pytest.raises(WorkbenchError, match="dynamic_range_db: bins 0 wide"):
        stats.dynamic_range_histogram(tracks, bin_db=0)


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_in_no_bin(nothing):
    measured = {"bpm": nothing, "loudness_lufs": nothing, "dynamic_range_db": nothing, "rating": nothing}
    tracks = made_tracks(measured, {"bpm": 101.0, "loudness_lufs": -9.5, "dynamic_range_db": 7.5, "rating": 1.0})
    assert stats.tempo_histogram(tracks).rows() == [(100, 105, 1)]
    assert stats.loudness_histogram(tracks).rows() == [(-10, -9, 1)]
    assert stats.dynamic_range_histogram(tracks).rows() == [(7, 8, 1)]
    rated = stats.by_rating(tracks).filter(pl.col("tracks") > 0)
    assert rated.select("stars", "tracks").rows() == [(5, 1), (None, 1)]


def test_of_nothing_there_are_declared_frames_without_rows():
    assert stats.growth(NOTHING).schema == pl.Schema(stats.GROWTH)
    assert stats.by_bit_rate(NOTHING).schema == pl.Schema(stats.BIT_RATES)
    assert stats.growth(NOTHING).is_empty()
    assert stats.by_bit_rate(NOTHING).is_empty()


DRAWN = {
    figures.growth: stats.growth(NOTHING),
    figures.bit_rates: stats.by_bit_rate(NOTHING),
    figures.dynamic_range: stats.dynamic_range_histogram(NOTHING),
    figures.history: pl.DataFrame(schema=stats.HISTORY),
}


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_a_figure_of_nothing_says_so(draw):
    assert [note.text for note in draw(DRAWN[draw]).layout.annotations] == ["No tracks of which this is known"]


@pytest.mark.parametrize("draw", [*DRAWN, figures.camelot_wheel], ids=lambda draw: draw.__name__)
def test_a_figure_says_which_frame_it_wants(draw):
    with pytest.raises(WorkbenchError, match="draw what"):
        draw(pl.DataFrame({"nothing": [1]}))


def test_growth_is_drawn_as_a_line_of_all_above_bars_of_the_new():
    figure = figures.growth(stats.growth(added((2026, 1, 1), (2026, 1, 2), (2026, 1, 2))))
    assert [(trace.type, list(trace.y)) for trace in figure.data] == [("scatter", [1, 3]), ("bar", [1, 2])]
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("Tracks in all", "Added in a day")
    monthly = figures.growth(stats.growth(added((2025, 1, 1), (2026, 1, 1))))
    assert monthly.layout.yaxis2.title.text == "Added in a month"


def test_codecs_beyond_seven_are_other():
    rates = [("abcdefghi"[n], 100_000 + 50_000 * (n % 2)) for n in range(9) for _ in range(10 - n)]
    tracks = made_tracks(*({"codec": codec, "bit_rate_bps": rate} for codec, rate in rates), {"codec": "a"})
    figure = figures.bit_rates(stats.by_bit_rate(tracks))
    assert [trace.name for trace in figure.data] == [*"abcdefg", "other"]
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 2], [10, 1])
    assert sum(figure.data[-1].y) == 3 + 2
    assert list(figure.layout.xaxis.ticktext) == ["96-127", "128-159", "unknown"]


def test_history_is_a_line_from_report_to_report():
    moments = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)]
    rows = [{"taken_at": moments[0], "tracks": 10}, {"taken_at": moments[1], "tracks": 12, "analyzed": 9}]
    tracks, analysed = figures.history(pl.DataFrame(rows, stats.HISTORY)).data
    assert (list(tracks.x), list(tracks.y), list(analysed.y)) == (moments, [10, 12], [None, 9])


def test_the_wheel_has_two_rings_and_no_colour_for_no_track():
    tracks = made_tracks(*[{"camelot": code} for code in ("8A", "8A", "8B", "12B")])
    minor, words, major, _ = figures.camelot_wheel(stats.by_key(tracks)).data
    assert (len(minor.theta), len(major.theta), minor.base, major.base) == (12, 12, 1.2, 2.1)
    assert list(words.text)[7] == "<b>8A</b><br>Am<br>2"
    assert list(words.theta)[7] == 240
    assert minor.hovertext[7] == "8A: A minor, 2"
    filled = [place for place, colour in enumerate(minor.marker.color) if colour != "rgba(0,0,0,0)"]
    assert filled == [7]


@pytest.mark.parametrize(
    ("colour", "ink"), [("rgb(0, 0, 80)", "#ffffff"), ("rgb(253, 240, 122)", "#000000"), ("rgba(0,0,0,0)", "#999999")]
)
def test_ink_reads_on_its_field(colour, ink):
    assert _ink(colour) == ink
