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
    assert figure.layout.title.text == "Arousal from loudness<br>Valence from tags, or tempo<br>1 tracks unknown"


def test_genres_are_boxes_in_boxes():
    tracks = pl.DataFrame({"track_id": [1, 2, 3, 4], "genres": [["Techno"], ["Techno", EVIL], ["Electronic"], []]})
    (trace,) = figures.genre_tree(genres.count(tracks)).data
    assert trace.ids == (EVIL, "Electronic", "Techno", "\0")
    assert trace.parents == ("", "", "Electronic", "")
    assert trace.values == (1, 1, 2, 1)
    assert trace.customdata == (1, 3, 2, 1)
    assert trace.labels[0] == "&lt;img src=x onerror=alert(1)&gt;"
    assert trace.labels[3] == "without a genre"


def test_confusion_is_a_table_of_shares():
    tracks = pl.DataFrame({"track_id": [1, 2, 3, 4], "genres": [["Rock"], ["Rock"], ["Rock"], ["Jazz"]]})
    groups = pl.DataFrame({"track_id": [1, 2, 3, 4], "group": [1, 1, 2, 2]})
    frame = genres.confusion(tracks, groups)
    (trace,) = figures.genre_confusion(frame).data
    assert [*map(list, trace.z)] == [[2 / 3, 1 / 3], [0.0, 1.0]]
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
