"""What the WebGL map sends to the page and makes of what comes back; its scripts' arithmetic, run by node."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import workbench
from workbench.maps.regions import is_inside
from workbench.widgets.map.packing import described, ids_in, levels, mask_of, packed
from workbench.widgets.map.picture import Categories, Label, Picture, Scale
from workbench.widgets.map.webgl_map import WebGLMap
from workbench.widgets.page import script

FOLDER = Path(workbench.__file__).parent / "widgets" / "map"
IDS = np.array([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
NOBODY = np.empty(0, np.int64)
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node to run scripts with")


def picture(**parts):
    """Ten points on a line, two categories in turn."""
    count = len(IDS)
    given = {
        "track_ids": IDS,
        "points": np.stack([np.arange(count), np.zeros(count)], axis=1).astype(np.float32),
        "colour": Categories("Genre", ("a", "b"), ("#000000", "#ffffff"), (np.arange(count) % 2).astype(np.uint8)),
        "sizes": np.full(count, 5, np.float32),
        "is_dim": np.zeros(count, bool),
        "is_new": np.zeros(count, bool),
    }
    return Picture(**given | parts)


class Page:
    """A map whose messages are kept, with what it told."""

    def __init__(self, *, card=lambda _track_id: (["Title"], None), **parts):
        self.told, self.sent = [], []
        self.map = WebGLMap(picture(**parts), self.told.append, card)
        self.map.widget.send = lambda content, buffers=None: self.sent.append((content, buffers))

    def say(self, content, *buffers):
        """What a page sends."""
        self.map.widget._handle_custom_msg(content, list(buffers))

    def heard(self):
        """Kinds of the messages sent since the last question."""
        kinds = [content["kind"] for content, _buffers in self.sent]
        self.sent.clear()
        return kinds

    def lasso(self, track_ids, *, seen=0, polygon=()):
        self.say({"kind": "lasso", "polygon": polygon, "seen": seen}, memoryview(mask_of(IDS, np.array(track_ids))))


def test_a_set_of_points_is_one_bit_a_point_the_first_lowest():
    mask = mask_of(IDS, np.array([11, 13, 20, 99]))
    assert mask == bytes([0b0000_0101, 0b0000_0010])
    assert ids_in(IDS, mask).tolist() == [11, 13, 20]


def test_values_become_places_on_the_ramp():
    scale = Scale("Year", np.array([1990, 2000, 1980, 1995, np.nan], np.float32), 1990, 2000, ("#000000", "#ffffff"))
    assert levels(scale).tolist() == [0, 254, 0, 127, 255]
    constant = Scale("Year", np.array([1990, np.nan], np.float32), 1990, 1990, ("#000000", "#ffffff"))
    assert levels(constant).tolist() == [0, 255]


def test_equal_sizes_are_one_number():
    assert "sizes" not in packed(picture())
    assert described(picture())["diameter"] == 5
    sizes = np.array([2, 4, 8, 2, 2, 2, 2, 2, 2, 2], np.float32)
    assert list(packed(picture(sizes=sizes))["sizes"][:3]) == [64, 128, 255]


def test_flags_say_what_is_dim_and_what_is_new():
    parts = packed(picture(is_dim=IDS == 12, is_new=IDS <= 12))
    assert list(parts["flags"][:3]) == [8, 12, 0]
    assert list(parts["codes"][:3]) == [0, 1, 0]


def test_a_description_is_json():
    known = described(picture(labels=(Label("<b>Calm</b>", 1.5, 2),)))
    assert json.loads(json.dumps(known)) == {
        "count": 10,
        "colour": {"title": "Genre", "names": ["a", "b"], "colours": ["#000000", "#ffffff"]},
        "diameter": 5,
        "labels": [["<b>Calm</b>", 1.5, 2]],
        "is_density": False,
    }
    scale = Scale("Year", np.full(10, np.nan, np.float32), 1, 2, ("#000000",))
    assert described(picture(colour=scale))["colour"]["has_unknown"]


def test_a_page_that_asks_is_told_everything():
    page = Page()
    page.map.mark(np.array([12]))
    page.map.highlight(np.array([13]))
    page.sent.clear()

    page.say({"kind": "ready"})
    (shown, parts), (selected, masks), (found, rings) = page.sent
    assert shown["parts"] == ["codes", "flags", "points"]
    assert np.frombuffer(parts[2], "<f4").tolist()[:4] == [0, 0, 1, 0]
    assert (selected, masks) == ({"kind": "selected", "number": 1}, [bytes([2, 0])])
    assert (found, rings) == ({"kind": "found", "is_searched": True}, [bytes([4, 0])])


def test_a_lasso_is_told_and_not_sent_back():
    page = Page()
    page.lasso([12, 13], polygon=[[0.5, -1], [2.5, -1], [1, 4]])
    (gesture,) = page.told
    assert (gesture.kind, gesture.track_ids.tolist()) == ("lasso", [12, 13])
    assert gesture.polygon == ((0.5, -1.0), (2.5, -1.0), (1.0, 4.0))

    page.map.mark(gesture.track_ids)  # as a view does whose selection has changed
    assert page.heard() == []


def test_what_the_kernel_marks_meanwhile_wins():
    page = Page()
    page.map.mark(np.array([20]))
    assert page.heard() == ["selected"]
    page.lasso([12], seen=0)
    assert page.told == []
    page.lasso([12], seen=1)
    assert [gesture.track_ids.tolist() for gesture in page.told] == [[12]]


def test_what_was_lassoed_can_be_marked_away():
    page = Page()
    page.lasso([12])
    page.map.mark(NOBODY)
    assert page.heard() == ["selected"]


def test_a_click_tells_its_track():
    page = Page()
    page.say({"kind": "clicked", "place": 3})
    assert [(gesture.kind, gesture.track_ids.tolist()) for gesture in page.told] == [("clicked", [14])]


def test_a_card_is_answered_with_its_cover():
    page = Page(card=lambda track_id: ([f"Title {track_id}"], b"jpeg"))
    page.say({"kind": "hover", "place": 2})
    assert page.sent == [({"kind": "card", "place": 2, "lines": ["Title 13"]}, [b"jpeg"])]


def test_what_a_callback_raises_is_shown_and_raised():
    page = Page(card=lambda _track_id: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        page.map._when_said(page.map.widget, {"kind": "hover", "place": 2}, [])
    assert page.sent == [({"kind": "trouble", "text": "ZeroDivisionError: division by zero"}, None)]


def test_another_picture_sends_places_only_when_they_moved():
    page = Page()
    page.map.show(picture(is_density=True))
    assert page.sent[0][0]["parts"] == ["codes", "flags"]
    page.map.show(picture(points=np.ones((10, 2), np.float32)))
    assert page.sent[1][0]["parts"] == ["codes", "flags", "points"]


def test_redrawing_sends_all_again():
    page = Page()
    page.map.redraw()
    assert page.sent[0][0]["is_anew"]
    assert page.heard() == ["picture", "selected", "found"]


def test_nothing_on_the_map_is_no_error():
    none = picture()
    empty = Picture(
        none.track_ids[:0],
        none.points[:0],
        Categories("Genre", (), (), none.colour.codes[:0]),
        none.sizes[:0],
        none.is_dim[:0],
        none.is_new[:0],
    )
    assert described(empty)["count"] == 0
    assert packed(empty) == {"codes": b"", "flags": b""}


def run(module, code, given, tmp_path):
    """What a line of JavaScript makes of one of the map's modules, by way of JSON."""
    file = tmp_path / "run.mjs"
    text = f"{script(FOLDER / module)}\nconst given = {json.dumps(given)};\nconsole.log(JSON.stringify({code}));\n"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(["node", file], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@needs_node
def test_a_lasso_on_the_page_is_the_one_of_the_frame(tmp_path):
    """Also where it crosses itself, and where a point lies on an edge or a corner."""
    rng = np.random.default_rng(5)
    grid = np.stack(np.meshgrid(np.arange(21), np.arange(21)), axis=-1).reshape(-1, 2) / 4
    points = np.vstack([grid, rng.normal(2.5, 1.5, (3000, 2)), [[np.nan, 1]]]).astype(np.float32)
    stars = [rng.normal(2.5, 1.5, (corners, 2)) for corners in (3, 4, 9, 40, 200)]
    square = [[1, 1], [4, 1], [4, 4], [1, 4]]
    rings = [*stars, np.array(square), np.round(stars[3] * 4) / 4, np.array([[1, 1], [2, 1], [3, 1]])]
    given = {
        "points": [None if np.isnan(x) else float(x) for x in points.ravel()],
        "rings": [r.tolist() for r in rings],
    }
    code = "given.rings.map(ring => [...inside(Float32Array.from(given.points, x => x ?? NaN), ring)])"
    found = run("lasso.js", code, given, tmp_path)
    for ring, within in zip(rings, found, strict=True):
        expected = is_inside(points.astype(np.float64), [tuple(corner) for corner in ring])
        assert np.array_equal(np.array(within, bool), expected)
    assert [sum(within) for within in found[5:]] == [sum(map(bool, found[5])), sum(found[6]), 0]
    assert sum(found[5]) > 100


@needs_node
def test_masks_go_both_ways(tmp_path):
    mask = list(mask_of(IDS, np.array([11, 12, 19])))
    code = "(marks => [spread(marks, 1, given), [...marks], [...gathered(marks, 1)]])(new Uint8Array(10).fill(12))"
    assert run("bits.js", code, mask, tmp_path) == [3, [13, 13, 12, 12, 12, 12, 12, 12, 13, 12], mask]


@needs_node
def test_what_stands_out_comes_in_the_order_it_is_drawn(tmp_path):
    code = "[...raised(Uint8Array.from(given))]"
    assert run("bits.js", code, [0, 2, 1, 4, 8, 3], tmp_path) == [2, 4, 1, 5]


@needs_node
def test_the_nearest_point_is_found(tmp_path):
    points = np.random.default_rng(2).random((500, 2)).astype(np.float32)
    places = np.random.default_rng(3).random((50, 2))
    code = (
        "(grid => given.places.map(([x, y]) => grid.near(x, y, 0.03, place => place % 5)))"
        "(gridOf(Float32Array.from(given.points), [0, 0, 1, 1]))"
    )
    found = run("grid.js", code, {"points": points.ravel().tolist(), "places": places.tolist()}, tmp_path)
    away = np.hypot(*(points.astype(float)[None] - places[:, None]).transpose(2, 0, 1))
    away[:, ::5] = np.inf  # every fifth is hidden
    expected = np.where(away.min(axis=1) <= 0.03, away.argmin(axis=1), -1)
    assert found == expected.tolist()
    assert -1 in found


@needs_node
def test_a_camera_keeps_what_is_under_the_mouse(tmp_path):
    code = """(camera => { camera.resize(848, 648); const home = { ...camera };
        const before = camera.toMap([100, 200]); camera.zoom(2, [100, 200]);
        return [home.x, home.y, home.scale, before, camera.toMap([100, 200]), camera.toPixel(before), camera.scale]; })
        (cameraOver([0, 0, 20, 10]))"""
    x, y, scale, before, after, pixel, nearer = run("camera.js", code, None, tmp_path)
    assert (x, y, scale, nearer) == (10, 5, 40, 80)
    assert before == [10 - 324 / 40, 5 + 124 / 40]
    assert np.allclose(after, before)
    assert np.allclose(pixel, [100, 200])


@needs_node
def test_density_is_highest_where_most_points_are(tmp_path):
    points = [0.05, 0.0] * 50 + [10.05, 0.0] * 5  # in the middle of a square
    code = """(camera => { camera.resize(448, 100); const { width, height, levels } = densityOf(
        Float32Array.from(given), camera, place => place !== 54); const middle = levels.slice(12 * width, 13 * width);
        return [width, height, Math.max(...levels), middle[6], middle[106], middle[56]]; })
        (cameraOver([0, 0, 10, 0]))"""
    file = tmp_path / "density.js"
    file.write_text(script(FOLDER / "camera.js") + script(FOLDER / "density.js"), encoding="utf-8")
    width, height, highest, crowd, few, nothing = run(file, code, points, tmp_path)
    assert (width, height, highest, crowd, nothing) == (112, 25, 255, 255, 0)
    assert 20 < few < 80
