"""Groups, genres and moods as pictures."""

import polars as pl
import pytest

from workbench import figures, genres, moods
from workbench.errors import WorkbenchError
from workbench.neighbours import Explanation

EVIL = "<img src=x onerror=alert(1)>"


def placed(*rows):
    """Tracks from 11 on: arousal, valence and their sources."""
    columns = ["arousal", "valence", "arousal_source", "valence_source"]
    frame = pl.DataFrame(rows, columns, orient="row").with_columns(pl.int_range(11, 11 + len(rows)).alias("track_id"))
    return moods.region(frame)


def test_a_mood_is_a_trace_with_its_track_ids():
    frame = placed(
        (0.5, 0.4, "loudness", "tags"), (-0.5, 0.1, "loudness", "tempo"), (0.7, 0.9, "loudness", "tags"),
        (0.2, None, "loudness", None),
    )  # fmt: skip
    figure = figures.mood_plane(frame)
    assert [(trace.name, list(trace.customdata)) for trace in figure.data] == [("calm", [12]), ("energetic", [11, 13])]
    assert (list(figure.data[1].x), list(figure.data[1].y)) == ([0.4, 0.9], [0.5, 0.7])
    assert figure.layout.title.text == "Arousal from loudness<br>Valence from tags, or tempo<br>1 track unknown"


def test_genres_are_boxes_in_boxes():
    tracks = pl.DataFrame({"track_id": [1, 2, 3, 4], "genres": [["Techno"], ["Techno", EVIL], ["Electronic"], []]})
    (trace,) = figures.genre_tree(genres.count(tracks)).data
    assert trace.ids == (EVIL, "Electronic", "Techno", "\0")
    assert trace.parents == ("", "", "Electronic", "")
    assert trace.values == (1, 1, 2, 1)
    assert trace.customdata == (1, 3, 2, 1)
    assert trace.labels[0] == "&lt;img src=x onerror=alert(1)&gt;"
    assert trace.labels[3] == "without a genre"
    assert trace.texttemplate == (
        "%{label}<br>%{customdata}", "%{label} %{customdata}", "%{label}<br>%{customdata}", "%{label}<br>%{customdata}"
    )  # fmt: skip


@pytest.mark.parametrize(("dark", "line"), [(None, "#ffffff"), (False, "#ffffff"), (True, "#111111")])
def test_boxes_have_borders_on_every_page(dark, line):
    """Plotly draws them in the colour of the paper, which has none where nobody knows the page."""
    (trace,) = figures.genre_tree(genres.count(pl.DataFrame({"genres": [["Techno"], ["House"]]})), dark=dark).data
    assert trace.marker.line.color == line


def spread(kinds):
    """So many genres, the first with most tracks, over two groups."""
    rows = [(f"genre {kind:03}", group, kinds - kind, 0.5) for kind in range(kinds) for group in (1, 2)]
    return pl.DataFrame(rows, ["genre", "group", "tracks", "share_of_genre"], orient="row")


def test_the_most_frequent_genres_are_drawn():
    """900 genres were 22,000 pixels high."""
    figure = figures.genre_confusion(spread(900).sort("tracks"))
    assert figure.layout.yaxis.ticktext == tuple(f"genre {kind:03}" for kind in range(40))
    assert figure.layout.title.text == "The 40 most frequent of 900 genres"
    assert figure.layout.height == figures.genre_confusion(spread(40)).layout.height < 1_200
    assert figures.genre_confusion(spread(40)).layout.title.text is None


@pytest.mark.parametrize("dark", [None, False, True])
def test_shares_have_opaque_colours(dark):
    """Plotly chooses black or white ink by the colour of a cell as if it lay on white."""
    (trace,) = figures.genre_confusion(spread(2), dark=dark).data
    assert [len(colour) for _, colour in trace.colorscale] == [7, 7]


def test_a_mood_has_its_colour_whoever_else_is_there():
    alone = figures.mood_plane(placed((-0.5, -0.4, "loudness", "tags"), (-0.5, 0.5, "loudness", "tags")))
    both = figures.mood_plane(placed((0.5, 0.4, "loudness", "tags"), (-0.5, -0.4, "loudness", "tags")))
    colours = {trace.name: trace.marker.color for trace in (*alone.data, *both.data)}
    assert len({*colours.values()}) == 3
    assert alone.data[1].marker.color == both.data[1].marker.color
    frame = placed((0.5, 0.4, "loudness", "tags")).with_columns(mood=pl.lit("bright"))
    assert figures.mood_plane(frame).data[0].marker.color not in colours.values()


def test_text_from_outside_is_escaped_and_shown():
    frame = placed((0.5, 0.4, EVIL, EVIL)).with_columns(mood=pl.lit(EVIL), title=pl.lit(EVIL))
    figure = figures.mood_plane(frame)
    (trace,) = figure.data
    shown = "&lt;img src=x onerror=alert(1)&gt;"
    assert (trace.name, trace.hovertext[0], trace.hoverinfo) == (shown, shown, "text")
    assert figure.layout.title.text == f"Arousal from {shown}<br>Valence from {shown}"


def test_confusion_is_a_table_of_shares():
    tracks = pl.DataFrame({"track_id": [1, 2, 3, 4], "genres": [["Rock"], ["Rock"], ["Rock"], ["Jazz"]]})
    groups = pl.DataFrame({"track_id": [1, 2, 3, 4], "group": [1, 1, 2, 2]})
    frame = genres.confusion(tracks, groups)
    (trace,) = figures.genre_confusion(frame).data
    assert [*map(list, trace.z)] == [[2 / 3, 1 / 3], [None, 1.0]]
    assert [*map(list, trace.text)] == [[2, 1], ["", 1]]
    figure = figures.genre_confusion(
        frame.with_columns(group_name=pl.col("group").replace_strict({1: EVIL, 2: "loud"}))
    )
    assert figure.layout.xaxis.ticktext == ("&lt;img src=x onerror=alert(1)&gt;", "loud")
    assert figure.layout.yaxis.ticktext == ("Rock", "Jazz")


@pytest.mark.parametrize(
    ("name", "source"),
    [("mood_plane", "library.moods"), ("genre_tree", "genres.count"), ("genre_confusion", "genres.confusion")],
)
def test_another_frame_is_refused(name, source):
    with pytest.raises(WorkbenchError, match=f"draw what {source}"):
        getattr(figures, name)(pl.DataFrame({"other": [1]}))


def test_nothing_is_drawn_as_well_as_something():
    empty = pl.DataFrame(schema={"track_id": pl.Int64, "genres": pl.List(pl.String), "group": pl.Int64})
    assert figures.mood_plane(placed().cast({"mood": pl.String})).data == ()
    assert len(figures.genre_tree(genres.count(empty), dark=True).data) == 1
    assert len(figures.genre_confusion(genres.confusion(empty, empty), dark=True).data) == 1


def test_an_explanation_is_bars_from_the_strongest_down():
    blocks = pl.DataFrame({"block": ["timbre", "tonal"], "similarity": [0.5, -0.1], "share": [1.0, 0.0]})
    tags = pl.DataFrame({"tag": ["<b>strings"], "percentile": [0.9], "neighbour_percentile": [0.8], "strength": [0.2]})
    why = Explanation(1, 2, 0.4, 0.9, blocks, tags, "Alike in timbre (100%).")
    figure = figures.explanation(why)
    (bars,) = figure.data
    assert list(bars.x) == [0.5, -0.1, 0.2]
    assert list(figure.layout.yaxis.ticktext) == ["timbre", "tonal", "“&lt;b&gt;strings”"]
    assert bars.marker.color[1] == figures.look.GREY
    assert figure.layout.title.text == "Alike in timbre (100%)."
