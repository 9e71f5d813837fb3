"""Medians and their bands as pictures; what a figure says when there is nothing to draw; how many points it draws."""

import numpy as np
import polars as pl
import pytest

from workbench import figures, stats
from workbench.errors import WorkbenchError
from workbench.figures.look import drawn

EVIL = "<img src=x onerror=alert(1)>"


def banded(*rows):
    """Groups with years, tracks, median and band."""
    columns = ["group", "year_from", "year_to", "tracks", "median", "low", "high"]
    frame = pl.DataFrame(rows, columns, orient="row")
    more = {"feature": "loudness_lufs", "reason": None, "groups": len(rows)}
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()}).select(*stats.BANDS)


YEARS = banded(
    ("1990 to 1994", 1990, 1994, 25, -12.0, -13.0, -11.5),
    ("1995 to 1999", 1995, 1999, 100, -10.0, -10.5, -9.5),
    ("2000 to 2004", 2000, 2004, 3, -9.0, None, None),
)


def test_years_are_a_line_on_bands():
    figure = figures.medians_by_year(YEARS)
    boxes, line, dots = figure.data
    assert (list(dots.x), list(dots.y)) == ([1992, 1997, 2002], [-12, -10, -9])
    assert (list(line.x), list(line.y)) == ([1992, 1997], [-12, -10]), "a hollow dot bends no line"
    assert (list(boxes.x), list(boxes.width)) == ([1992, 1997, 2002], [5, 5, 5])
    assert (list(boxes.base), list(boxes.y)) == ([-13, -10.5, None], [1.5, 1.0, None])
    assert figure.layout.yaxis.title.text == "Median loudness (LUFS)"
    assert figure.layout.xaxis.title.text == "Release year"


def test_dots_tell_how_many_tracks_they_stand_for():
    dots = figures.medians_by_year(YEARS).data[2]
    assert [round(size, 2) for size in dots.marker.size] == [10, 14, 7.39]
    assert dots.marker.symbol == ("circle", "circle", "circle-open")
    assert dots.hovertext[1] == "1995 to 1999<br>-10 LUFS (-10.5 to -9.5)<br>100 tracks"
    assert dots.hovertext[2] == "2000 to 2004<br>-9 LUFS (too few for a band)<br>3 tracks"
    assert figures.medians_by_year(YEARS).layout.title.text == "Hollow: too few tracks for a band"
    assert figures.medians_by_year(YEARS.head(2)).layout.title.text is None


def test_the_axis_ends_near_the_bands():
    """Bars begin at 0 where nobody says otherwise, and all loudness lies far below."""
    assert figures.medians_by_year(YEARS).layout.yaxis.range == pytest.approx((-13.4, -8.6))


GENRES = banded(
    ("Jazz", None, None, 1200, -16.0, -16.5, -15.0),
    (EVIL, None, None, 1, -9.0, None, None),
)


def test_genres_are_dots_on_intervals_highest_first():
    figure = figures.medians_by_genre(GENRES)
    (dots,) = figure.data
    assert (list(dots.x), list(dots.y)) == ([-9, -16], [0, 1])
    assert (list(dots.error_x.array), list(dots.error_x.arrayminus)) == ([None, 1], [None, 0.5])
    assert figure.layout.yaxis.ticktext == ("&lt;img src=x onerror=alert(1)&gt; (1)", "Jazz (1,200)")
    assert figure.layout.yaxis.range == (1.5, -0.5)
    assert figure.layout.xaxis.title.text == "Median loudness (LUFS)"
    assert dots.hovertext[0].startswith("&lt;img src=x onerror=alert(1)&gt;<br>-9 LUFS")


def test_genres_that_are_not_drawn_are_counted():
    figure = figures.medians_by_genre(GENRES.head(1).with_columns(groups=31))
    assert figure.layout.title.text == "The 1 most frequent of 31 genres"
    both = figures.medians_by_genre(GENRES.with_columns(groups=31))
    assert both.layout.title.text == "The 2 most frequent of 31 genres<br>Hollow: too few tracks for a band"


@pytest.mark.parametrize("draw", [figures.medians_by_year, figures.medians_by_genre])
def test_another_frame_is_refused(draw):
    with pytest.raises(WorkbenchError, match=r"draw what stats\.bands"):
        draw(pl.DataFrame({"other": [1]}))


def said(figure):
    return [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (figures.medians_by_year(YEARS.clear()), "No analysed tracks with a year"),
        (figures.medians_by_genre(YEARS.clear()), "No analysed tracks with a genre"),
        (figures.tempo(pl.DataFrame(schema=["bpm_from", "bpm_to", "tracks"])), "No tracks of which this is known"),
        (figures.genres(pl.DataFrame(schema=["genre", "tracks"])), "No tracks of which this is known"),
        (
            figures.keys(stats.by_key(pl.DataFrame(schema={"camelot": pl.String}))),
            "No tracks of which this is known",
        ),
        (
            figures.similarity_map(pl.DataFrame(schema={"track_id": pl.Int64, "x": pl.Float64, "y": pl.Float64,
                                                        "genre": pl.String})),
            "No tracks with a place on the map",
        ),
        (
            figures.mood_plane(pl.DataFrame(schema={"track_id": pl.Int64, "arousal": pl.Float64, "mood": pl.String,
                                                    "valence": pl.Float64, "arousal_source": pl.String,
                                                    "valence_source": pl.String})),
            "No tracks with an estimate of their mood",
        ),
    ],
)  # fmt: skip
def test_where_there_is_nothing_a_sentence_says_so(figure, text):
    assert said(figure) == [text]
    assert figure.layout.height == 160
    assert figure.layout.xaxis.visible is False


def test_what_is_drawn_has_every_layer_by_its_share_in_the_old_order():
    layers = pl.Series(["a"] * 900 + ["b"] * 99 + [None])
    frame = pl.DataFrame({"row": range(1000)})
    kept = drawn(frame, layers, most=100)["row"]
    assert (len(kept), kept.is_sorted()) == (100, True)
    assert (kept.is_between(0, 899).sum(), kept[-1]) == (pytest.approx(90, abs=1), 999)
    assert kept.equals(drawn(frame, layers, most=100)["row"])
    assert not kept.equals(drawn(frame, layers, most=100, seed=1)["row"])
    assert not np.array_equal(np.diff(kept[:80]), np.full(79, 10))
    assert drawn(frame, layers, most=1000) is frame


def made_map(count):
    names = [f"g{n % 9}" for n in range(count - 1)]
    return pl.DataFrame({"track_id": range(count), "x": 0.1, "y": 0.2, "bpm": [*[100.0] * (count - 1), None],
                         "genre": [*names, None], "mood": [*names, "rare"], "arousal": 0.5, "valence": 0.5,
                         "arousal_source": "loudness", "valence_source": "tags"})  # fmt: skip


def test_a_map_of_many_draws_some_of_every_colour_and_says_so():
    figure = figures.similarity_map(made_map(25_000))
    assert sum(len(trace.x) for trace in figure.data) == 10_000
    assert [trace.name for trace in figure.data] == ["other", *(f"g{n}" for n in range(7)), "unknown"]
    assert list(figure.data[-1].customdata) == [24_999]
    assert figure.layout.title.text == "10,000 of 25,000 tracks drawn"
    measured, unknown = figures.similarity_map(made_map(25_000), colour="bpm").data
    assert (len(measured.x), list(unknown.customdata)) == (9_999, [24_999])
    assert figures.similarity_map(made_map(10_000)).layout.title.text is None


def test_a_plane_of_many_draws_some_of_every_mood_and_says_so():
    figure = figures.mood_plane(made_map(25_000))
    assert sum(len(trace.x) for trace in figure.data) == 10_000
    assert list(figure.data[-1].customdata) == [24_999]
    assert figure.layout.title.text.endswith("<br>10,000 of 25,000 tracks drawn")


def test_the_eighth_root_of_genres_and_all_after_it_are_grey():
    rows = [(f"root {n}", None, 30 - n, 30 - n) for n in range(9)] + [("leaf", "root 8", 5, 5), (None, None, 40, 40)]
    counts = pl.DataFrame(rows, ["genre", "parent", "own", "tracks"], orient="row")
    (tiles,) = figures.genre_tree(counts).data
    assert tiles.marker.colors == (*figures.PALETTE, "#999999", "#999999", "", "#999999")


def test_very_many_points_tell_title_and_artist():
    few, many = (
        figures.similarity_map(made_map(count).with_columns(title=pl.lit("Rain"), artist=pl.lit("Ana"), year=1990))
        for count in (5_000, 5_001)
    )
    assert few.data[0].hovertext[0] == "Rain<br>Ana<br>(1990)<br>100 BPM"
    assert many.data[0].hovertext[0] == "Rain<br>Ana"
    assert set(figures.similarity_map(made_map(5_001)).data[0].hovertext) == {""}
