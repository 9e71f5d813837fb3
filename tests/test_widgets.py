"""Widgets without a browser: what they hold, what they give and what they say."""

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
import soundfile as sf

from workbench.errors import SpaceError, WorkbenchError
from workbench.models import TRACKS
from workbench.widgets import MapView, Selection
from workbench.widgets.captions import caption, clock, playing_time
from workbench.widgets.map.whole_figure import WholeFigure
from workbench.widgets.status import Status

LAYOUT = {**TRACKS, "x": pl.Float64, "y": pl.Float64}


def layout(folder=None, count=6):
    """Tracks 11, 12, ... in two genres that take turns; track 12 lasts two minutes, the others one."""
    rows = [
        {
            "track_id": number + 11,
            "title": f"Title {number + 11}",
            "artist": f"Artist {number // 2}",
            "genre": ("ambient", "techno")[number % 2],
            "year": 2000 - number,
            "bpm": 100.0 + number,
            "duration_s": 120.0 if number == 1 else 60.0,
            "path": f"{folder}/{number + 11}.ogg",
            "path_bytes": f"{folder}/{number + 11}.ogg".encode(),
            "missing": False,
            "x": float(number),
            "y": float(number * number),
        }
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema=LAYOUT)


@pytest.fixture
def music(tmp_path):
    """A layout whose tracks have files of one second."""
    tracks = layout(tmp_path)
    for path in tracks["path"]:
        sf.write(path, 0.1 * np.sin(np.arange(22_050) * 0.1), 22_050, format="OGG", subtype="VORBIS")
    return tracks.with_columns(duration_s=pl.lit(1.0))


def lasso(view, *track_ids):
    """What the page sends when these points are in the lasso."""
    tell(view, "selected", *track_ids)


def tell(view, kind, *track_ids):
    view._events._handle_custom_msg({"kind": kind, "track_ids": list(track_ids)}, [])


def ids(frame):
    return frame["track_id"].to_list()


def press(widget, label):
    """Press the button with this label, wherever it is in a widget."""
    button(widget, label).click()


def button(widget, label):
    return next(found for found in parts(widget) if getattr(found, "description", None) == label)


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


# Selection


def test_a_selection_holds_plain_ids_once_and_gives_rows_in_the_frames_order():
    selection = Selection(layout(), np.array([14, 12, 14]))
    assert selection.track_ids == (14, 12)
    assert all(type(track_id) is int for track_id in selection.track_ids)
    assert ids(selection.rows) == [12, 14]


# MapView


def test_a_lasso_over_two_traces_gives_the_rows_in_the_layouts_order():
    view = MapView(layout())
    assert len(view._figure.data) == 2
    seen = []
    view.selection.observe(lambda change: seen.append(change["new"]), "track_ids")
    lasso(view, 14, 11, 12)
    assert ids(view.selected) == [11, 12, 14]
    assert seen == [(11, 12, 14)], "one lasso is one change"


def test_a_second_lasso_replaces_the_first_and_an_empty_one_clears():
    view = MapView(layout())
    lasso(view, 11, 12)
    lasso(view, 12, 13)
    assert ids(view.selected) == [12, 13]
    lasso(view)
    assert ids(view.selected) == []


def test_nothing_selected_is_an_empty_frame_of_the_same_schema():
    view = MapView(layout())
    assert view.selected.is_empty()
    assert view.selected.schema == view.tracks.schema


def test_a_double_click_clears():
    view = MapView(layout())
    lasso(view, 11, 12)
    tell(view, "selected")
    assert view.selected.is_empty()


def test_select_marks_the_points_by_id():
    view = MapView(layout())
    view.select([16, 11])
    assert ids(view.selected) == [11, 16]
    marks = [
        track_id
        for trace in view._figure.data
        for track_id in np.asarray(trace.customdata)[list(trace.selectedpoints)].tolist()
    ]
    assert sorted(marks) == [11, 16]


def test_the_selection_can_be_pasted_as_code():
    view = MapView(layout())
    view.select([16, 11])
    assert view.code == 'tracks.filter(pl.col("track_id").is_in([11, 16]))'
    assert eval(view.code, {"tracks": layout(), "pl": pl}).equals(view.selected)  # noqa: S307  our own text


def test_another_colour_keeps_selection_and_zoom():
    view = MapView(layout())
    view._figure.update_xaxes(range=[0, 3])
    lasso(view, 12, 13)
    old = view._figure
    view._colour.value = "artist"
    assert view._figure is not old
    assert len(view._figure.data) == 3
    assert ids(view.selected) == [12, 13]
    assert sum(len(trace.selectedpoints) for trace in view._figure.data) == 2
    assert view._figure.layout.xaxis.range == (0, 3)


def test_the_colours_on_offer_are_those_with_values():
    offered = [value for _, value in MapView(layout())._colour.options]
    assert offered == ["genre", "artist", "year", "bpm"]


def trusted(*values):
    return layout(count=len(values)).with_columns(trust=pl.Series(values, dtype=pl.Float64))


def opacities(view):
    pairs = [(trace.customdata.tolist(), trace.marker.opacity) for trace in view._figure.data]
    return {track_id: opacity for ids, faint in pairs for track_id, opacity in zip(ids, faint, strict=True)}


def test_uncertain_points_are_dimmed_on_request():
    view = MapView(trusted(0.95, 0.85, 0.5, None))
    assert view._dim.layout.display is None
    assert {trace.marker.opacity for trace in view._figure.data} == {0.9}
    view._dim.value = True
    assert opacities(view) == {11: 0.9, 12: 0.2, 13: 0.2, 14: 0.9}
    lasso(view, 12, 13)
    assert ids(view.selected) == [12, 13]


def test_a_map_may_dim_by_another_trust_from_the_start():
    view = MapView(trusted(0.95, 0.85, 0.5, None), dim_untrusted=0.6)
    assert view._dim.value
    assert opacities(view) == {11: 0.9, 12: 0.9, 13: 0.2, 14: 0.9}
    view._dim.value = False
    assert {trace.marker.opacity for trace in view._figure.data} == {0.9}


@pytest.mark.parametrize("tracks", [layout(), trusted(None, None), trusted()])
def test_without_trust_there_is_nothing_to_dim(tracks):
    assert MapView(tracks)._dim.layout.display == "none"


def test_a_map_without_trust_cannot_dim_by_it():
    with pytest.raises(WorkbenchError, match="trust"):
        MapView(layout(), dim_untrusted=0.9)


def test_a_colour_of_the_users_own_is_on_offer():
    tracks = layout().with_columns(shelf=pl.lit("top"))
    assert MapView(tracks, "shelf")._colour.value == "shelf"


def test_a_colour_that_is_no_column_is_an_error():
    with pytest.raises(WorkbenchError, match="loudness"):
        MapView(layout(), "loudness")


def test_a_frame_without_places_is_an_error():
    with pytest.raises(SpaceError, match="make them with library"):
        MapView(layout().drop("x"))


def test_an_empty_layout_says_what_to_do():
    view = MapView(layout(count=0))
    assert "library.analyze()" in view._summary.value
    assert not view._stage.children
    press(view, "Redraw")
    assert view.selected.is_empty()


def test_tracks_without_a_place_are_not_on_the_map():
    tracks = layout().with_columns(x=pl.when(pl.col("track_id") == 12).then(None).otherwise("x"))
    view = MapView(tracks)
    view.select([11, 12])
    assert ids(view.selected) == [11]
    assert view._summary.value == "Selected 1 track, 1:00. On the map: 5. Selected but not on it: 1."


def test_the_page_is_listened_to_by_the_figure_that_is_shown():
    view = MapView(layout())
    before = view._events.uid
    assert before == view._figure.data[0].uid
    view.select([11])
    assert view._events.uid == view._figure.data[0].uid != before


def test_what_a_page_should_not_send_changes_nothing():
    view = MapView(layout())
    tell(view, "selected", 11, 999)
    assert ids(view.selected) == [11]
    tell(view, "hovered", 12)
    assert (ids(view.selected), view.selection.clicked) == ([11], None)


def test_a_click_is_observable():
    view = MapView(layout())
    seen = []
    view.observe(lambda change: seen.append(change["new"]), "clicked")
    tell(view, "clicked", 14)
    assert seen == [14]
    assert view.selection.clicked == 14


def test_two_maps_share_a_selection():
    tracks = layout()
    first = MapView(tracks)
    second = MapView(tracks, "artist", selection=first.selection)
    lasso(first, 11, 12)
    assert ids(second.selected) == [11, 12]
    assert [trace.selectedpoints for trace in second._figure.data] == [(0, 1), (), ()]


def test_the_dark_map_is_another_picture():
    light, dark = (MapView(layout(), dark=dark)._figure for dark in (False, True))
    assert light.layout.template.layout.font.color != dark.layout.template.layout.font.color


def test_a_figure_is_complete_when_its_connection_opens():
    """A busy page dropped the data that came after an empty figure, and showed nothing."""
    opened = []

    class Observed(WholeFigure):
        def open(self):
            super().open()
            opened.append((self.comm is not None, len(self._widget_data), self._widget_layout.get("height")))

    Observed(go.Figure(go.Scattergl(x=[1], y=[2]), {"height": 600}))
    assert opened == [(False, 0, None), (True, 1, 600)]


# Status


def test_an_unexpected_error_passes_through():
    with pytest.raises(ZeroDivisionError), Status().watch():  # without a kernel; with one it is shown
        raise ZeroDivisionError


# The pure parts


def test_clock():
    assert [clock(seconds) for seconds in (0, 59.6, 65.4, 3725)] == ["0:00", "1:00", "1:05", "1:02:05"]


def test_caption_says_what_is_known():
    assert caption({"track_id": 7, "title": "Rain", "artist": "Ann", "duration_s": 65.4}) == "Rain, Ann (1:05)"
    assert caption({"track_id": 7, "title": None, "artist": None, "duration_s": None}) == "track 7"


def test_playing_time_counts_the_unknown():
    tracks = layout().with_columns(duration_s=pl.when(pl.col("track_id") > 12).then("duration_s"))
    assert playing_time(tracks) == "6 tracks, 4:00 (2 of unknown duration)"
    assert playing_time(tracks.drop("duration_s").head(1)) == "1 track"


def test_every_control_has_a_name():
    widgets = [MapView(layout())]
    for part in (part for widget in widgets for part in parts(widget)):
        if hasattr(part, "tooltip") and hasattr(part, "disabled"):
            assert part.tooltip, f"{part} has no tooltip"
