"""Frames as pictures."""

import subprocess
import sys

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import polars as pl
import pytest

from workbench import figures, stats
from workbench.errors import WorkbenchError
from workbench.figures.look import card_lines
from workbench.models import TRACKS

EVIL = "<img src=x onerror=alert(1)>"


def a_layout(**columns):
    """A map of as many tracks as the columns are long, ids from 101."""
    n = len(next(iter(columns.values())))
    places = {"track_id": range(101, 101 + n), "x": np.arange(n) / 1, "y": np.arange(n) / 2}
    return pl.DataFrame({**places, **columns})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EVIL, "&lt;img src=x onerror=alert(1)&gt;"),
        ("<a href='http://x'>\"R&B\"</a>", "&lt;a href=&#x27;http://x&#x27;&gt;&#34;R&amp;B&#34;&lt;/a&gt;"),
        ("a\n  b", "a b"),
        ("$x^2$", "&#36;x^2&#36;"),
        (1994, "1994"),
    ],
)
def test_escape(text, expected):
    assert figures.escape(text) == expected


def test_a_map_has_one_trace_a_category_most_frequent_first():
    figure = figures.similarity_map(a_layout(genre=["Pop", "Jazz", None, "Jazz"]))
    assert [trace.name for trace in figure.data] == ["Jazz", "Pop", "unknown"]
    assert [list(trace.customdata) for trace in figure.data] == [[102, 104], [101], [103]]
    assert [list(trace.x) for trace in figure.data] == [[1, 3], [0], [2]]
    assert [list(trace.y) for trace in figure.data] == [[0.5, 1.5], [0], [1]]
    assert [trace.marker.color for trace in figure.data] == [*figures.PALETTE[:2], "#999999"]
    assert {type(trace) for trace in figure.data} == {go.Scattergl}


def test_the_eighth_category_and_all_after_it_are_other():
    names = [name for n, name in enumerate("abcdefghi") for _ in range(10 - n)]
    figure = figures.similarity_map(a_layout(genre=names))
    assert [trace.name for trace in figure.data] == ["other", *"abcdefg"], "those without a colour lie below"
    assert max(figure.data, key=lambda trace: trace.legendrank).name == "other"
    assert len(figure.data[0].customdata) == 3 + 2
    assert len({trace.marker.color for trace in figure.data}) == 8


def test_a_number_is_one_trace_with_a_colour_bar_and_its_unit():
    figure = figures.similarity_map(a_layout(bpm=[60.0, 120.0, None]), colour="bpm")
    measured, unknown = figure.data
    assert list(measured.customdata) == [101, 102]
    assert list(measured.marker.color) == [60, 120]
    assert measured.marker.colorbar.title.text == "Tempo (BPM)"
    assert (unknown.name, list(unknown.customdata)) == ("unknown", [103])


def test_a_number_that_is_none_is_unknown():
    measured, unknown = figures.similarity_map(a_layout(bpm=[60.0, float("nan"), None]), colour="bpm").data
    assert list(measured.customdata) == [101]
    assert list(unknown.customdata) == [102, 103]


def test_a_column_without_a_unit_shows_none():
    figure = figures.similarity_map(a_layout(year=[1990, 1994]), colour="year")
    assert figure.data[0].marker.colorbar.title.text == "Year"


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (pl.Series("c", [["A", "B"], [], None]), ["A, B", "unknown"]),
        (pl.Series("c", [True, False, False]), ["no", "yes"]),
        (pl.Series("c", [None, None, None], pl.String), ["unknown"]),
    ],
)
def test_other_columns_become_categories(column, names):
    assert [trace.name for trace in figures.similarity_map(a_layout(c=column), colour="c").data] == names


def test_hover_tells_what_is_known_and_runs_nothing():
    layout = a_layout(
        genre=[EVIL, None],
        title=[EVIL, "Plain"],
        artist=["A & B", None],
        album=['"Quoted"', None],
        year=[1994, None],
        camelot=["8A", None],
        key=["A", None],
        mode=["minor", None],
        bpm=[119.6, None],
    )
    first, second = figures.similarity_map(layout).data
    assert first.hovertext == (
        "&lt;img src=x onerror=alert(1)&gt;<br>A &amp; B<br>&#34;Quoted&#34; (1994)<br>8A A minor, 120 BPM",
    )
    assert second.hovertext == ("Plain",)
    assert first.name == "&lt;img src=x onerror=alert(1)&gt;"
    assert "<img" not in figures.similarity_map(layout).to_json().replace("\\u003c", "<")


def test_the_lines_of_a_card_are_plain_text():
    row = {"title": EVIL, "artist": "A & B", "album": None, "year": 1994, "key": "A", "bpm": 119.6, "trust": 0.876}
    assert card_lines(row) == [EVIL, "A & B", "(1994)", "A, 120 BPM", "Trust 88%"]
    assert card_lines({"title": "x" * 80, "bpm": None}) == ["x" * 69 + "…"]


def test_groups_are_coloured_by_name_and_not_as_numbers():
    numbers = figures.similarity_map(a_layout(group=[3, 3, 0, None]), colour="group")
    assert [trace.name for trace in numbers.data] == ["3", "0", "unknown"]
    assert numbers.layout.showlegend
    named = figures.similarity_map(a_layout(group=[3, 0], group_name=["deep", "fast"]), colour="group")
    assert [trace.name for trace in named.data] == ["deep", "fast"]


def test_long_names_are_cut_before_they_are_escaped():
    name = figures.similarity_map(a_layout(genre=["&" * 100])).data[0].name
    assert name == "&amp;" * 31 + "…"


def test_a_map_has_equal_axes_a_lasso_and_keeps_its_zoom():
    layout = figures.similarity_map(a_layout(genre=["Pop"])).layout
    assert (layout.yaxis.scaleanchor, layout.dragmode, layout.uirevision) == ("x", "lasso", "similarity_map")
    assert layout.xaxis.showticklabels is layout.yaxis.showticklabels is False


def test_rows_without_a_place_are_not_drawn():
    layout = a_layout(genre=["Pop", "Pop"]).with_columns(x=pl.Series([None, 1.0]))
    assert list(figures.similarity_map(layout).data[0].customdata) == [102]


def test_a_map_of_nothing_is_an_empty_figure():
    assert not figures.similarity_map(a_layout(genre=["Pop"]).clear()).data


def test_points_of_low_trust_are_dimmed_each_in_its_trace():
    layout = a_layout(genre=["Pop", "Jazz", "Jazz", "Jazz", None], trust=[0.5, 0.89, 0.9, None, 0.1])
    jazz, pop, unknown = figures.similarity_map(layout, dim_untrusted=0.9).data
    assert list(jazz.customdata) == [102, 103, 104]
    assert list(jazz.marker.opacity) == [0.2, 0.9, 0.9]
    assert list(pop.marker.opacity) == list(unknown.marker.opacity) == [0.2]
    assert unknown.marker.symbol == "circle-open"
    assert {trace.marker.opacity for trace in figures.similarity_map(layout).data} == {0.9}


def test_the_hover_tells_the_trust():
    layout = a_layout(genre=["Pop", "Pop"], title=["One", "Two"], trust=[0.876, None])
    assert figures.similarity_map(layout).data[0].hovertext == ("One<br>Trust 88%", "Two")


def test_nothing_is_dimmed_by_a_trust_that_is_not_there():
    with pytest.raises(WorkbenchError, match="no column 'trust'"):
        figures.similarity_map(a_layout(genre=["Pop"]), dim_untrusted=0.9)


def test_an_unknown_colour_is_refused():
    with pytest.raises(WorkbenchError, match=r"no column 'gerne' \(there is 'genre'\)"):
        figures.similarity_map(a_layout(genre=["Pop"]), colour="gerne")


TRACK_ROWS = [
    {"track_id": 1, "genres": [EVIL], "year": 1990, "container": "mp3", "codec": "mp3", "bpm": 101.0},
    {"track_id": 2, "genres": [], "container": "mp4", "codec": "aac", "camelot": "8A", "loudness_lufs": -9.5},
    {"track_id": 3, "genres": [EVIL], "year": 1992},
]
SOME = pl.DataFrame(TRACK_ROWS, TRACKS)


def bars(figure):
    """Places and values of the only bars."""
    (trace,) = figure.data
    return list(trace.x), list(trace.y)


def test_genres_are_bars_from_the_top():
    figure = figures.genres(stats.by_genre(SOME))
    assert bars(figure) == ([2, 1], [0, 1])
    assert figure.layout.yaxis.ticktext == ("&lt;img src=x onerror=alert(1)&gt;", "unknown")
    assert figure.data[0].marker.color == (figures.PALETTE[0], "#999999")


def test_formats_name_the_codec_where_it_differs():
    assert figures.formats(stats.by_format(SOME)).layout.yaxis.ticktext == ("mp3", "mp4 (aac)", "unknown")


def test_years_tell_how_many_are_unknown():
    figure = figures.years(stats.by_year(SOME))
    assert bars(figure) == ([1990, 1992], [1, 1])
    assert figure.layout.title.text == "1 without a year"


def test_histograms_stand_on_the_middle_of_their_bins():
    assert bars(figures.tempo(stats.tempo_histogram(SOME))) == ([102.5], [1])
    assert bars(figures.loudness(stats.loudness_histogram(SOME))) == ([-9.5], [1])


def test_keys_show_minor_beside_major():
    minor, major = figures.keys(stats.by_key(SOME)).data
    assert (minor.name, list(minor.x), sum(minor.y), minor.y[7]) == ("minor", [*range(1, 13)], 1, 1)
    assert (major.name, sum(major.y), major.hovertext[7]) == ("major", 0, "8B: C major")


def test_coverage_is_in_percent():
    figure = figures.coverage(stats.tag_coverage(SOME))
    assert figure.data[0].x[:2] == (66.7, 66.7)
    assert figure.layout.yaxis.ticktext[:2] == ("Genres", "Year")


CHARTS = {
    figures.genres: (stats.by_genre, None),
    figures.formats: (stats.by_format, None),
    figures.coverage: (stats.tag_coverage, "Tracks with this tag (%)"),
    figures.years: (stats.by_year, "Release year"),
    figures.tempo: (stats.tempo_histogram, "Tempo (BPM)"),
    figures.loudness: (stats.loudness_histogram, "Integrated loudness (LUFS)"),
    figures.keys: (stats.by_key, None),
}


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_charts_draw_nothing_as_well_as_something(draw):
    count, title = CHARTS[draw]
    for tracks in (SOME, SOME.clear()):
        figure = draw(count(tracks), dark=True)
        assert figure.layout.paper_bgcolor is None
        assert figure.layout.template.layout.paper_bgcolor == "#111111"
        assert title in {None, figure.layout.xaxis.title.text}
    with pytest.raises(WorkbenchError, match=r"draw what stats\.\w+\(\) gives"):
        draw(pl.DataFrame({"other": [1]}))


def test_templates_are_registered_and_send_nothing_away():
    for theme, paper in (("light", "#ffffff"), ("dark", "#111111")):
        look = figures.template(theme)
        assert pio.templates[f"workbench_{theme}"].layout.paper_bgcolor == look.layout.paper_bgcolor == paper
        assert "sendChartToCloud" in look.layout.modebar.remove


def test_a_title_has_its_room_and_none_takes_none():
    some, none = figures.years(stats.by_year(SOME)), figures.years(stats.by_year(SOME.head(1)))
    assert (some.layout.title.text, some.layout.margin.t) == ("1 without a year", 42)
    assert (none.layout.title.text, none.layout.margin.t) == (None, None)
    assert none.layout.template.layout.margin.t == 24


@pytest.mark.parametrize("theme", ["light", "dark", "any"])
def test_a_wheel_is_no_white_plate_on_a_dark_page(theme):
    assert figures.template(theme).layout.polar.bgcolor == "rgba(0,0,0,0)"


def test_an_unknown_theme_is_refused():
    with pytest.raises(WorkbenchError, match="light, dark, any"):
        figures.template("sepia")


def test_importing_the_room_loads_no_plotly():
    code = "import sys, workbench.figures; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
