"""The map without a browser: what it holds, what it gives, and what it tells its engine and its page."""

import gc
import sys
import weakref
from datetime import UTC, date, datetime
from types import ModuleType

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from ipywidgets import Label as Text

import workbench as wb
from workbench.errors import SpaceError, WorkbenchError
from workbench.models import TRACKS
from workbench.widgets import MapView, Selection
from workbench.widgets.map.engines import engine_of
from workbench.widgets.map.picture import Gesture
from workbench.widgets.map.plotly_map import PlotlyMap
from workbench.widgets.map.whole_figure import WholeFigure
from workbench.widgets.selection import Source

BAD = "<img src=x onerror=alert(1)>"


def layout(count=6, **columns):
    """Tracks 11, 12, ... in two genres that take turns, on a parabola; track 12 lasts two minutes, the others one."""
    rows = [
        {
            "track_id": number + 11,
            "title": f"Title {number + 11}",
            "artist": f"Artist {number // 2}",
            "genre": ("ambient", "techno")[number % 2],
            "year": 2000 - number,
            "bpm": 100.0 + number,
            "duration_s": 120.0 if number == 1 else 60.0,
            "missing": False,
            "x": float(number),
            "y": float(number * number),
        }
        for number in range(count)
    ]
    frame = pl.DataFrame(rows, schema={**TRACKS, "x": pl.Float64, "y": pl.Float64})
    return frame.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


class FakeEngine:
    """Draws nothing and remembers what it was told; `do` is a gesture on it."""

    def __init__(self, picture, told, card, *, height=600, dark=None):
        self.picture, self.told, self.card, self.dark, self.height = picture, told, card, dark, height
        self.widget = Text("map")
        self.calls = []
        self.is_gone = False

    def show(self, picture):
        self.picture = picture
        self.calls.append("show")

    def mark(self, track_ids):
        self.calls.append(("mark", track_ids.tolist()))

    def highlight(self, track_ids):
        self.calls.append(("highlight", None if track_ids is None else track_ids.tolist()))

    def redraw(self):
        self.calls.append("redraw")

    def close(self):
        self.calls.append("close")

    def do(self, kind, track_ids, polygon=()):
        self.told(Gesture(kind, np.array(track_ids, np.int64), polygon))


@pytest.fixture
def webgl(monkeypatch):
    """The other engine is a fake."""
    module = ModuleType("workbench.widgets.map.webgl_map")
    module.WebGLMap = FakeEngine
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return "webgl"


def send(view, kind, **more):
    """What the page sends."""
    events = view._engine._events
    events._handle_custom_msg({"kind": kind, "name": events.name, **more}, [])


def lasso(view, *track_ids, polygon=(), mode="replace", shown=range(64), drawn="lasso"):
    """What the page sends when something is drawn around points."""
    about = {"drawn": drawn, "polygon": [list(corner) for corner in polygon], "track_ids": list(track_ids)}
    send(view, "selected", **about, mode=mode, shown=list(shown))


def draw(view):
    """The page tells that the figure is drawn; gives the list of the messages that it gets from now on."""
    sent = []
    view._engine._events.send = lambda content, buffers=None: sent.append((content, buffers))
    send(view, "drawn")
    return sent


def around(*corners):
    """A lasso around the points with these numbers, on the parabola."""
    low, high = min(corners) - 0.5, max(corners) + 0.5
    return ((low, -1.0), (high, -1.0), (high, 100.0), (low, 100.0))


def ids(frame):
    return frame["track_id"].to_list()


def layers(view):
    """The traces that hold points."""
    return [trace for trace in view._engine.figure.data if trace.customdata is not None]


def trace(view, name):
    return next(found for found in view._engine.figure.data if found.name == name)


def press(widget, label):
    next(found for found in parts(widget) if getattr(found, "description", None) == label).click()


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


# What is selected


def test_a_lasso_over_two_traces_gives_the_rows_in_the_layouts_order():
    view = MapView(layout())
    assert len(layers(view)) == 2
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
    lasso(view)
    assert view.selected.is_empty()


def test_select_marks_the_points_by_id():
    view = MapView(layout())
    view.select([16, 11])
    assert ids(view.selected) == [11, 16]
    marks = [
        track_id
        for trace in layers(view)
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
    view._engine.figure.update_xaxes(range=[0, 3])
    lasso(view, 12, 13)
    old = view._engine.figure
    view._controls.colour.value = "artist"
    assert view._engine.figure is not old
    assert len(layers(view)) == 3
    assert ids(view.selected) == [12, 13]
    assert sum(len(trace.selectedpoints) for trace in layers(view)) == 2
    assert view._engine.figure.layout.xaxis.range == (0, 3)


def test_the_colours_on_offer_are_those_with_values():
    offered = [value for _, value in MapView(layout())._controls.colour.options]
    assert offered == ["genre", "artist", "year", "bpm", "duration_s"]


def trusted(*values):
    return layout(count=len(values)).with_columns(trust=pl.Series(values, dtype=pl.Float64))


def opacities(view):
    pairs = [(found.customdata.tolist(), found.marker.opacity) for found in layers(view)]
    each = [(ids, [faint] * len(ids) if isinstance(faint, float) else faint) for ids, faint in pairs]
    return {track_id: opacity for ids, faint in each for track_id, opacity in zip(ids, faint, strict=True)}


def test_uncertain_points_are_dimmed_on_request():
    view = MapView(trusted(0.95, 0.85, 0.5, None))
    assert view._controls.dim.layout.display is None
    assert {trace.marker.opacity for trace in layers(view)} == {0.9}
    view._controls.dim.value = True
    assert opacities(view) == {11: 0.9, 12: 0.2, 13: 0.2, 14: 0.9}
    lasso(view, 12, 13)
    assert ids(view.selected) == [12, 13]


def test_a_map_may_dim_by_another_trust_from_the_start():
    view = MapView(trusted(0.95, 0.85, 0.5, None), dim_untrusted=0.6)
    assert view._controls.dim.value
    assert opacities(view) == {11: 0.9, 12: 0.9, 13: 0.2, 14: 0.9}
    view._controls.dim.value = False
    assert {trace.marker.opacity for trace in layers(view)} == {0.9}


@pytest.mark.parametrize("tracks", [layout(), trusted(None, None), trusted()])
def test_without_trust_there_is_nothing_to_dim(tracks):
    assert MapView(tracks)._controls.dim.layout.display == "none"


def test_a_map_without_trust_cannot_dim_by_it():
    with pytest.raises(WorkbenchError, match="trust"):
        MapView(layout(), dim_untrusted=0.9)


def test_a_colour_of_the_users_own_is_on_offer():
    tracks = layout().with_columns(shelf=pl.lit("top"))
    assert MapView(tracks, "shelf")._controls.colour.value == "shelf"


def test_a_colour_that_is_no_column_is_an_error():
    with pytest.raises(WorkbenchError, match="loudness"):
        MapView(layout(), "loudness")


def test_a_frame_without_places_is_an_error():
    with pytest.raises(SpaceError, match="make them with library"):
        MapView(layout().drop("x"))


def test_an_empty_layout_says_what_to_do():
    view = MapView(layout(count=0))
    assert "library.analyze()" in view._summary.value
    assert view._engine is None
    press(view, "Redraw")
    assert view.selected.is_empty()


def test_tracks_without_a_place_are_not_on_the_map():
    tracks = layout().with_columns(x=pl.when(pl.col("track_id") == 12).then(None).otherwise("x"))
    view = MapView(tracks)
    view.select([11, 12])
    assert ids(view.selected) == [11]
    assert view._summary.value == "Selected 1 track, 1:00. On the map: 5. Selected but not on it: 1."


def test_what_a_page_should_not_send_changes_nothing():
    view = MapView(layout())
    lasso(view, 11, 999)
    assert ids(view.selected) == [11]
    send(view, "hovered", track_ids=[12])
    send(view, "selected", drawn="line", polygon=[], track_ids=[12], shown=[0, 1], mode="replace")
    send(view, "clicked", track_ids=[999])
    assert (ids(view.selected), view.selection.clicked) == ([11], None)


def test_a_click_is_observable():
    view = MapView(layout())
    seen = []
    view.observe(lambda change: seen.append(change["new"]), "clicked")
    send(view, "clicked", track_ids=[14])
    assert seen == [14]
    assert view.selection.clicked == 14


def test_two_maps_share_a_selection():
    tracks = layout()
    first = MapView(tracks)
    second = MapView(tracks, "artist", selection=first.selection)
    lasso(first, 11, 12)
    assert ids(second.selected) == [11, 12]
    assert [trace.selectedpoints for trace in layers(second)] == [(0, 1), (), ()]


def test_the_dark_map_is_another_picture():
    light, dark = (MapView(layout(), dark=dark)._engine.figure for dark in (False, True))
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


# Regions, and adding and taking away


def test_an_outline_selects_what_lies_inside_and_its_code_gives_the_same_rows():
    tracks = layout()
    view = MapView(tracks)
    lasso(view, polygon=around(1, 3))
    assert ids(view.selected) == [12, 13, 14]
    source = view.selection.source
    assert (source.kind, source.detail) == ("lasso", around(1, 3))
    assert source.code == "wb.maps.inside(layout, [(0.5, -1.0), (3.5, -1.0), (3.5, 100.0), (0.5, 100.0)])"
    assert ids(eval(source.code, {"wb": wb, "layout": tracks})) == [12, 13, 14]  # noqa: S307  our own text


def test_a_box_is_a_box():
    view = MapView(layout())
    lasso(view, polygon=around(0, 1), drawn="box")
    assert view.selection.source.kind == "box"


def test_shift_adds_and_alt_takes_away():
    view = MapView(layout())
    lasso(view, polygon=around(1, 2))
    lasso(view, polygon=around(2, 4), mode="add")
    assert ids(view.selected) == [12, 13, 14, 15]
    assert view.selection.source == Source("lasso", (), None)
    lasso(view, polygon=around(3, 3), mode="remove")
    assert ids(view.selected) == [12, 13, 15]


def test_shift_adds_to_what_another_window_chose():
    view = MapView(layout())
    view.selection.choose([16])
    lasso(view, polygon=around(0, 0), mode="add")
    assert view.selection.track_ids == (11, 16)


def test_what_the_legend_hides_is_not_selected_and_the_outline_is_not_the_code():
    view = MapView(layout())
    lasso(view, polygon=around(0, 5), shown=[1])
    assert ids(view.selected) == [12, 14, 16]
    assert view.selection.source.code is None


def test_another_colour_keeps_what_the_legend_hides_only_if_the_legend_is_the_same():
    view = MapView(layout())
    trace(view, "techno").visible = "legendonly"
    view._controls.density.value = True
    assert trace(view, "techno").visible == "legendonly"
    view._controls.colour.value = "artist"
    assert {found.visible for found in layers(view)} == {None}


# What goes to the page


def test_before_a_figure_is_drawn_a_mark_is_a_new_figure_and_then_a_message():
    view = MapView(layout())
    before = view._engine.figure
    view.select([11])
    figure = view._engine.figure
    assert figure is not before
    sent = draw(view)
    assert sent == [], "it was drawn with its mark"
    view.select([16, 11])
    assert view._engine.figure is figure
    ((content, _buffers),) = sent
    assert content["marks"] == [[0], [2], None, None]
    assert (content["found"], content["name"]) == (None, view._engine._events.name)
    view.select([])
    assert sent[-1][0]["marks"] == [None, None, None, None]


def test_a_gesture_is_marked_once_and_each_time():
    """plotly marks by its own lights, which are others where shift or alt is held."""
    view = MapView(layout())
    sent = draw(view)
    lasso(view, polygon=around(0, 1))
    lasso(view, polygon=around(0, 1))
    assert [content["marks"] for content, _ in sent] == [[[0], [0], None, None]] * 2


def test_a_page_that_is_loaded_anew_is_brought_up_to_date():
    view = MapView(layout())
    sent = draw(view)
    view.select([11])
    view._finder.text.value = "bpm:>103"
    del sent[:]
    send(view, "drawn")
    ((content, _buffers),) = sent
    assert content["marks"] == [[0], [], None, None]
    assert content["found"] == {"trace": 3, "x": [4.0, 5.0], "y": [16.0, 25.0]}


def test_a_message_of_a_figure_that_is_gone_changes_nothing():
    view = MapView(layout())
    old = view._engine._events.name
    view.redraw()
    view._engine._events._handle_custom_msg({"kind": "drawn", "name": old}, [])
    assert not view._engine._is_drawn
    view._engine._events._handle_custom_msg({"kind": "blank", "name": old}, [])
    assert view._engine._blanks == 0


def test_two_maps_mark_each_other_once():
    tracks = layout()
    first = MapView(tracks)
    second = MapView(tracks, "artist", selection=first.selection)
    sent_first, sent_second = draw(first), draw(second)
    seen = []
    first.selection.observe(lambda change: seen.append(change["new"]), "track_ids")
    lasso(first, polygon=around(0, 1))
    lasso(second, polygon=around(2, 3))
    assert seen == [(11, 12), (13, 14)]
    assert [content["marks"] for content, _ in sent_first] == [[[0], [0], None, None], [[1], [1], None, None]]
    assert [content["marks"] for content, _ in sent_second] == [
        [[0, 1], [], [], None, None],
        [[], [0, 1], [], None, None],
    ]


def test_an_empty_figure_is_drawn_anew_once_and_then_says_what_to_do():
    view = MapView(layout())
    engine = view._engine
    first = engine.figure
    send(view, "blank")
    second = engine.figure
    assert second is not first
    assert engine._hint.value == ""
    send(view, "blank")
    assert engine.figure is second
    assert "Press Redraw" in engine._hint.value
    press(view, "Redraw")
    assert engine.figure is not second
    send(view, "drawn")
    assert (engine._hint.value, engine._blanks) == ("", 0)


def test_the_page_listens_to_the_figure_that_is_shown():
    view = MapView(layout())
    before = view._engine._events.name
    view.redraw()
    name = view._engine._events.name
    assert name != before
    assert view._engine.figure._dom_classes == (name,)


# The card


def test_a_card_is_text_and_a_cover(monkeypatch):
    monkeypatch.setattr("workbench.widgets.map.view.cover_of", lambda row: b"JPEG" if row["track_id"] == 11 else None)
    view = MapView(layout().with_columns(title=pl.lit(BAD)))
    sent = draw(view)
    send(view, "hover", track_id=11)
    send(view, "hover", track_id=12)
    assert sent == [
        ({"kind": "card", "track_id": 11, "lines": [BAD, "Artist 0", "(2000)", "100 BPM"]}, [b"JPEG"]),
        ({"kind": "card", "track_id": 12, "lines": [BAD, "Artist 0", "(1999)", "101 BPM"]}, []),
    ]
    send(view, "hover", track_id=999)
    assert sent[-1] == ({"kind": "card", "track_id": 999, "lines": []}, [])


# Searching


def test_a_search_is_ringed_counted_and_selected(webgl):
    tracks = layout()
    view = MapView(tracks, engine=webgl)
    finder = view._finder
    assert finder.select.disabled
    finder.text.value = "bpm:<102"
    assert view._engine.calls[-1] == ("highlight", [11, 12])
    assert (finder.status.text, finder.select.disabled) == ("2 found", False)
    press(view, "Select found")
    assert view.selection.track_ids == (11, 12)
    source = view.selection.source
    assert source == Source("query", "bpm:<102", "wb.search(layout, 'bpm:<102')")
    assert ids(eval(source.code, {"wb": wb, "layout": tracks})) == [11, 12]  # noqa: S307  our own text
    finder.text.value = ""
    assert view._engine.calls[-1] == ("highlight", None)
    assert finder.status.text == ""


def test_the_code_of_a_search_leaves_out_what_has_no_place(webgl):
    tracks = layout(x=[0.0, None, 2.0, float("nan"), 4.0, 5.0])
    view = MapView(tracks, engine=webgl)
    view._finder.text.value = "bpm:<104"
    press(view, "Select found")
    assert view.selection.track_ids == (11, 13)
    assert ids(eval(view.selection.code(), {"wb": wb, "layout": tracks, "pl": pl})) == [11, 13]  # noqa: S307  our own


def test_a_search_that_is_none_says_why_and_rings_nothing(webgl):
    view = MapView(layout(), engine=webgl)
    view._finder.text.value = "bpm:<102"
    view._finder.text.value = "bpm:fast"
    assert "fast" in view._finder.status.text
    assert view._engine.calls[-1] == ("highlight", None)
    assert view._finder.select.disabled
    view._finder.text.value = "nobody"
    assert (view._finder.status.text, view._finder.select.disabled) == ("0 found", True)


def test_plotly_rings_what_was_found():
    view = MapView(layout())
    view._finder.text.value = "bpm:<102"
    assert list(trace(view, "found").x) == [0.0, 1.0]
    sent = draw(view)
    view._finder.text.value = "bpm:105"
    assert sent[-1][0]["found"] == {"trace": 3, "x": [5.0], "y": [25.0]}


# Engines


@pytest.mark.parametrize(
    ("name", "points", "expected"),
    [
        (None, 10_000, PlotlyMap),
        (None, 10_001, FakeEngine),
        ("webgl", 3, FakeEngine),
        ("plotly", 10**6, PlotlyMap),
    ],
)
def test_the_engine_goes_by_the_number_of_points(webgl, name, points, expected):
    assert webgl == "webgl"
    assert engine_of(name, points) is expected


def test_an_engine_that_there_is_not_is_an_error():
    with pytest.raises(WorkbenchError, match="no engine 'bokeh'"):
        MapView(layout(), engine="bokeh")


def test_any_engine_is_shown_told_and_marked(webgl):
    view = MapView(layout(), "bpm", engine=webgl, dark=True)
    engine = view._engine
    assert engine.widget in view.children
    assert engine.dark
    assert engine.picture.colour.title == "Tempo (BPM)"
    engine.do("lasso", [12, 13], around(1, 2))
    assert view.selection.track_ids == (12, 13)
    assert view.selection.code().startswith("wb.maps.inside(layout, ")
    assert engine.calls[-1] == ("mark", [12, 13])
    engine.do("clicked", [14])
    assert view.clicked == 14
    view._controls.colour.value = "genre"
    assert engine.calls[-1] == "show"
    assert engine.picture.colour.names == ("ambient", "techno")
    press(view, "Redraw")
    assert engine.calls[-1] == "redraw"


def test_an_outline_that_gives_other_rows_is_no_code(webgl):
    view = MapView(layout(), engine=webgl)
    view._engine.do("lasso", [12], around(1, 2))
    assert view.selection.source == Source("lasso", around(1, 2), None)


# Controls


def test_what_is_asked_for_at_first_is_drawn_and_can_be_taken_off(webgl):
    days = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3, 4, 5, 6)]
    tracks = layout(added_at=days, group_name=["deep"] * 6)
    view = MapView(tracks, size="bpm", since=date(2026, 1, 5), density=True, engine=webgl)
    picture = view._engine.picture
    assert picture.is_new.tolist() == [False] * 4 + [True] * 2
    assert picture.sizes[0] < picture.sizes[-1]
    assert picture.is_density
    assert [label.text for label in picture.labels] == ["deep"]
    controls = view._controls
    assert controls.is_open.value, "what is on can be seen"
    assert controls.since.value == "2026-01-05"
    controls.since.value, controls.size.value = "", ""
    controls.labels.value = controls.density.value = False
    picture = view._engine.picture
    assert not picture.is_new.any()
    assert len(set(picture.sizes.tolist())) == 1
    assert (picture.labels, picture.is_density) == ((), False)


def test_a_moment_stays_exact_while_nobody_types(webgl):
    days = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(6)]
    view = MapView(layout(added_at=days), since=datetime(2026, 1, 1, 4, tzinfo=UTC), engine=webgl)
    assert view._engine.picture.is_new.tolist() == [False] * 4 + [True] * 2
    view._controls.colour.value = "artist"
    assert view._engine.picture.is_new.sum() == 2


def test_a_day_that_is_none_is_a_line_and_the_map_stays(webgl):
    days = [datetime(2026, 1, 1, tzinfo=UTC)] * 6
    view = MapView(layout(added_at=days), engine=webgl)
    before = view._engine.picture
    view._controls.since.value = "some day"
    assert "some day" in view.status.text
    assert view._engine.picture is before
    view._controls.since.value = "2026"
    assert view.status.text == ""
    assert view._engine.picture.is_new.all()


def test_controls_without_data_are_not_shown():
    controls = MapView(layout())._controls
    assert [part.layout.display for part in (controls.labels, controls.since, controls.dim)] == ["none"] * 3
    assert controls._more.layout.display == "none"
    controls.is_open.value = True
    assert controls._more.layout.display is None


def test_a_library_is_given_to_a_selection_that_has_none():
    selection, shelf = Selection(layout()), object()
    MapView(layout(), selection=selection, library=shelf)
    assert selection.library is shelf
    MapView(layout(), selection=selection, library=object())
    assert selection.library is shelf


def test_every_control_has_a_name():
    for part in parts(MapView(layout())):
        if hasattr(part, "tooltip") and hasattr(part, "disabled"):
            assert part.tooltip, f"{part} has no tooltip"


# plotly's figure


def test_names_are_escaped_where_plotly_would_read_them():
    tracks = layout(group_name=[BAD] * 6, genre=[BAD] * 6)
    figure = MapView(tracks)._engine.figure
    assert figure.layout.annotations[0].text == "&lt;img src=x onerror=alert(1)&gt;"
    assert figure.data[0].name == "&lt;img src=x onerror=alert(1)&gt;"


def test_a_number_is_a_bar_and_the_unknown_are_a_layer():
    view = MapView(layout(bpm=[60.0, None, 100.0, 120.0, None, 180.0]), "bpm")
    known, unknown = layers(view)
    assert known.customdata.tolist() == [11, 13, 14, 16]
    assert known.marker.colorbar.title.text == "Tempo (BPM)"
    assert (known.marker.cmin, known.marker.cmax) == (60, 180)
    assert (unknown.name, unknown.customdata.tolist()) == ("unknown", [12, 15])
    assert unknown.marker.symbol == "circle-open"


def test_density_lies_under_fainter_points():
    view = MapView(layout(), density=True)
    assert view._engine.figure.data[-1].type == "histogram2dcontour"
    assert {found.marker.opacity for found in layers(view)} == {0.225}
    view._controls.density.value = False
    assert view._engine.figure.data[-1].name == "found"


def test_rings_do_not_move_the_axes():
    view = MapView(layout())
    ends = view._engine.figure.layout.xaxis.autorangeoptions
    assert (ends.minallowed, ends.maxallowed) == (-1.0, 6.0)
    assert view._engine.figure.layout.xaxis.range is None, "which would grow with the window's width"


def test_a_map_of_one_point_is_drawn():
    view = MapView(layout(count=1))
    assert layers(view)[0].customdata.tolist() == [11]
    ends = view._engine.figure.layout.xaxis.autorangeoptions
    assert ends.minallowed < 0 < ends.maxallowed


def test_a_closed_engine_is_off_the_page():
    engine = MapView(layout())._engine
    engine.close()
    assert engine.figure.comm is None


# Leaving the page


def test_a_closed_map_hears_nothing_of_the_selection(webgl):
    """A cell that is run again must not leave its maps at work behind the new one."""
    selection = Selection(layout())
    view = MapView(layout(), selection=selection, engine=webgl)
    view.close()
    assert view._engine.calls[-1] == "close"
    selection.choose([12])
    selection.click(13)
    assert view._engine.calls[-1] == "close"
    assert view.clicked is None
    view.close()


def test_a_closed_map_is_forgotten():
    selection = Selection(layout())
    view = MapView(layout(), selection=selection)
    forgotten = weakref.ref(view)
    view.close()
    del view
    gc.collect()
    assert forgotten() is None


def test_a_map_that_is_gone_is_told_when_it_returns(webgl):
    selection = Selection(layout())
    view = MapView(layout(), selection=selection, engine=webgl)
    engine = view._engine
    engine.calls.clear()
    engine.is_gone = True
    selection.choose([12])
    assert engine.calls == []
    engine.is_gone = False
    engine.do("returned", [])
    assert engine.calls == [("mark", [12])]
    assert selection.track_ids == (12,)


def test_plotly_rests_while_no_page_shows_it():
    view = MapView(layout())
    sent = draw(view)
    send(view, "gone")
    view.select([12])
    assert sent == []
    send(view, "drawn")
    assert sent[-1][0]["marks"] == [[], [0], None, None]


def test_webgl_rests_while_no_page_shows_it():
    view = MapView(layout(), engine="webgl")
    canvas, sent = view._engine.widget, []
    canvas.send = lambda content, buffers=None: sent.append((content, buffers))
    canvas._handle_custom_msg({"kind": "gone"}, [])
    view.select([12])
    assert sent == []
    canvas._handle_custom_msg({"kind": "returned"}, [])
    assert sent == [({"kind": "selected", "number": 1}, [b"\x02"])]
    canvas._handle_custom_msg({"kind": "gone"}, [])
    view.select([13])
    canvas._handle_custom_msg({"kind": "ready"}, [])
    assert [buffers for content, buffers in sent if content["kind"] == "selected"][-1] == [b"\x04"]


def test_a_figure_does_not_answer_a_selection_with_marks_of_its_own():
    """FigureWidget's came after ours and took them away."""
    view = MapView(layout())
    figure = view._engine.figure
    figure._js2py_pointsCallback = {
        "event_type": "plotly_selected",
        "points": {"xs": [], "ys": [], "point_indexes": [], "trace_indexes": []},
    }
    assert all(trace.selectedpoints is None for trace in figure.data)
