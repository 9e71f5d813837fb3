"""The WebGL map in a real JupyterLab: what is drawn is asked of the page, what was done of the kernel."""

import io

import numpy as np
import pytest
from PIL import Image

BAD_TITLE = "<img src=x onerror=alert(1)>"
MADE = f'''
import io, numpy as np
from PIL import Image
from workbench.maps.regions import is_inside
from workbench.widgets.map.picture import Categories, Gesture, Label, Picture, Scale
from workbench.widgets.map.webgl_map import WebGLMap

CENTRES = np.array([[0, 0], [10, 0], [5, 8]])
COLOURS = ("#0072b2", "#e69f00", "#009e73")

def picture(count=300, **parts):
    """Three groups, one category each; ids from 1001."""
    codes = np.arange(count) % 3
    points = CENTRES[codes] + np.random.default_rng(0).normal(0, 0.8, (count, 2))
    given = dict(track_ids=np.arange(1001, 1001 + count), points=points.astype(np.float32),
        colour=Categories("Genre", ("left", "right", "<b>top</b>"), COLOURS, codes.astype(np.uint8)),
        sizes=np.full(count, 5, np.float32), is_dim=np.zeros(count, bool), is_new=np.zeros(count, bool))
    return Picture(**given | parts)

def card(track_id):
    cover = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(cover, "JPEG")
    return [{BAD_TITLE!r}, f"Track {{track_id}}"], cover.getvalue()

def last():
    """Of the last gesture: its kind, how many tracks, whether its polygon alone gives the same."""
    if not told:
        return None
    gesture, places = told[-1], shown.points.astype(np.float64)
    is_same = bool(gesture.polygon) and np.array_equal(
        shown.track_ids[is_inside(places, gesture.polygon)], gesture.track_ids)
    return [gesture.kind, len(gesture.track_ids), bool(is_same)]

told, shown = [], picture()
view = WebGLMap(shown, told.append, card, height=500)
'''
STRONG = "#1976d2"  # of JupyterLab's light theme
PIXEL = """([x, y]) => { const root = document.querySelector('.wb-glmap'), box = root.querySelector('canvas')
    .getBoundingClientRect(), [atX, atY, scale] = root.dataset.view.split(' ').map(Number);
    return [box.x + box.width / 2 + (x - atX) * scale, box.y + box.height / 2 - (y - atY) * scale]; }"""


@pytest.fixture(scope="module")
def notebook(new_page):
    """A notebook with one map of three groups."""
    with new_page(width=1300, height=900) as page:
        page.run_cells("webgl.ipynb", [MADE, "view.widget"])
        page.command("application:toggle-left-area")
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook as it was at first, its map in sight."""
    notebook.page.set_viewport_size({"width": 1300, "height": 900})
    notebook.kernel.ask("[view.show(shown), view.highlight(None), view.mark(shown.track_ids[:0]), told.clear()]")
    notebook.page.wait_for_selector(".wb-glmap[data-ready][data-selected='0'][data-found='']")
    notebook.page.locator(".wb-stage").evaluate("stage => stage.scrollIntoView({block: 'center'})")
    press(notebook, "Lasso")
    press(notebook, "All")
    notebook.page.wait_for_timeout(100)
    return notebook


def press(lab, name):
    lab.page.locator(".wb-glmap .wb-row button", has_text=name).first.click()


def at(lab, x, y):
    """Pixel of a place on the map."""
    return tuple(lab.page.evaluate(PIXEL, [x, y]))


def moved_to(lab, x, y, pixel):
    """Wait until a place of the map is at a pixel."""
    lab.page.wait_for_function(
        f"([at, to]) => {{ const [x, y] = ({PIXEL})(at); return Math.hypot(x - to[0], y - to[1]) < 1; }}",
        arg=[[x, y], pixel],
    )


def lasso(lab, x, y, across=3.2, keys=()):
    """An ellipse around a place, `across` map units to each side."""
    centre, edge = at(lab, x, y), at(lab, x + across, y)
    for key in keys:
        lab.page.keyboard.down(key)
    lab.lasso(centre, (edge[0] - centre[0], edge[0] - centre[0]))
    for key in keys:
        lab.page.keyboard.up(key)


def shown_pixels(lab):
    """What of the map is on the screen, as an array."""
    return pixels_of(lab.page.locator(".wb-stage").first.screenshot())


def pixels_of(screenshot):
    return np.asarray(Image.open(io.BytesIO(screenshot)).convert("RGB")).astype(int)


def share_of(pixels, colour):
    """How much of a picture is about this colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(pixels - wanted).max(axis=-1) < 40).mean())


def selected(lab, count):
    """Wait until the page shows so many as selected."""
    lab.page.wait_for_selector(f".wb-glmap[data-selected='{count}']")


def test_points_are_drawn_in_their_colours(lab):
    pixels = shown_pixels(lab)
    for colour in ("#0072b2", "#e69f00", "#009e73"):
        assert 0.001 < share_of(pixels, colour) < 0.05


def test_a_lasso_is_what_the_frame_would_give(lab):
    lasso(lab, 0, 0, across=1.1)
    lab.kernel.wait_for("len(told)", 1)
    kind, count, is_same = lab.kernel.ask("last()")
    assert (kind, is_same) == ("lasso", True)
    assert 40 < count < 90
    selected(lab, count)


def test_shift_adds_and_alt_takes_away(lab):
    lasso(lab, 0, 0)
    lab.kernel.wait_for("last()", ["lasso", 100, True])
    lasso(lab, 10, 0, keys=["Shift"])
    lab.kernel.wait_for("last()", ["lasso", 200, False])
    lasso(lab, 0, 0, keys=["Alt"])
    lab.kernel.wait_for("last()", ["lasso", 100, False])
    assert lab.kernel.ask("told[-1].track_ids[:2].tolist()") == [1002, 1005]
    assert lab.kernel.ask("told[-1].polygon") == []
    selected(lab, 100)


def test_a_box_selects_and_a_double_click_clears(lab):
    press(lab, "Box")
    assert lab.page.locator(".wb-glmap button[aria-pressed=true]", has_text="Box").count() == 1
    lab.drag([at(lab, 1.5, 4.5), at(lab, 4, 6), at(lab, 8.5, 11.5)])
    lab.kernel.wait_for("last()", ["box", 100, True])
    lab.page.mouse.dblclick(*at(lab, 5, 3))
    lab.kernel.wait_for("last()", ["box", 0, False])
    selected(lab, 0)


def test_escape_clears(lab):
    lasso(lab, 0, 0)
    lab.kernel.wait_for("last()", ["lasso", 100, True])
    lab.page.keyboard.press("Escape")
    lab.kernel.wait_for("last()", ["lasso", 0, False])


def test_what_the_legend_hides_is_not_selected(lab):
    entry = lab.page.locator(".wb-entry", has_text="left")
    entry.click()
    assert entry.get_attribute("aria-pressed") == "false"
    lab.page.wait_for_timeout(200)
    assert share_of(shown_pixels(lab), "#0072b2") == 0
    lasso(lab, 5, 3, across=9)
    lab.kernel.wait_for("last()", ["lasso", 200, False])
    assert lab.kernel.ask("told[-1].polygon") == []

    entry.click()
    lasso(lab, 5, 3, across=9)
    lab.kernel.wait_for("last()", ["lasso", 300, True])


def test_a_double_click_on_the_legend_shows_one_alone(lab):
    entry = lab.page.locator(".wb-entry", has_text="<b>top</b>")
    entry.dblclick()
    pressed = [button.get_attribute("aria-pressed") for button in lab.page.locator("button.wb-entry").all()]
    assert pressed == ["false", "false", "true"]
    lab.page.mouse.click(*at(lab, *lab.kernel.ask("shown.points[0].tolist()")))
    lasso(lab, 5, 3, across=9)
    lab.kernel.wait_for("[gesture.kind for gesture in told]", ["lasso"])  # nothing hidden can be clicked
    entry.dblclick()
    assert lab.page.locator("button.wb-entry[aria-pressed=true]").count() == 3


def test_a_click_tells_its_track_and_enter_the_hovered_one(lab):
    place = lab.kernel.ask("shown.points[6].tolist()")
    lab.page.mouse.click(*at(lab, *place))
    lab.kernel.wait_for("[[g.kind, g.track_ids.tolist()] for g in told]", [["clicked", [1007]]])
    lab.page.mouse.move(*at(lab, *lab.kernel.ask("shown.points[7].tolist()")))
    lab.page.keyboard.press("Enter")
    lab.kernel.wait_for("told[-1].track_ids.tolist()", [1008])
    assert lab.page.locator(".wb-glmap").get_attribute("data-selected") == "0"


def test_a_card_shows_text_as_text_and_a_cover(lab):
    lab.page.mouse.move(*at(lab, *lab.kernel.ask("shown.points[6].tolist()")))
    lab.page.locator(".wb-card b", has_text=BAD_TITLE).wait_for()
    lab.page.locator(".wb-card", has_text="Track 1007").wait_for()
    assert lab.page.locator(".wb-card img").get_attribute("src").startswith("blob:")
    assert lab.page.locator("img[src=x]").count() == 0
    lab.page.mouse.move(*at(lab, 5, 3))
    lab.page.locator(".wb-card").wait_for(state="hidden")


def test_what_the_kernel_marks_is_shown_and_not_told(lab):
    before = share_of(shown_pixels(lab), "#0072b2")
    lab.kernel.ask("view.mark(shown.track_ids[:2])")
    selected(lab, 2)
    lab.page.locator(".wb-glmap [role=status]", has_text="2 selected").wait_for()
    lab.page.wait_for_timeout(200)
    assert share_of(shown_pixels(lab), "#0072b2") < before / 5  # the others are faint
    assert lab.kernel.ask("told") == []

    lasso(lab, 0, 0)
    lab.kernel.wait_for("last()", ["lasso", 100, True])  # which has seen what was marked


def test_what_a_search_found_is_ringed(lab):
    lab.kernel.ask("view.highlight(shown.track_ids[[1, 4, 7]])")
    lab.page.wait_for_selector(".wb-glmap[data-found='3'][data-selected='0']")
    lab.page.wait_for_timeout(200)
    x, y = at(lab, *lab.kernel.ask("shown.points[4].tolist()"))
    around = lab.page.screenshot(clip={"x": x - 8, "y": y - 8, "width": 16, "height": 16})
    assert share_of(pixels_of(around), STRONG) > 0.05


def test_a_scale_has_a_bar_and_names_stand_just_above_their_centres(lab):
    lab.kernel.ask(
        "view.show(picture(colour=Scale('Tempo (BPM)', np.where(np.arange(300) % 9, np.linspace(60, 180, 300), np.nan)"
        ".astype(np.float32), 60, 180, ('#5b4fa2', '#d9a900')), labels=(Label('<i>Calm</i>', 5, 8), "
        "Label('Hidden', 5.1, 8), Label('Loud', 10, 0))))"
    )
    legend = lab.page.locator(".wb-legend")
    legend.get_by_text("Tempo (BPM)").wait_for()
    assert [legend.get_by_text(text, exact=True).count() for text in ("60", "180", "unknown")] == [1, 1, 1]
    lab.page.wait_for_timeout(200)
    names = {name.inner_text(): name for name in lab.page.locator(".wb-label").all() if name.is_visible()}
    assert sorted(names) == ["<i>Calm</i>", "Loud"]
    box, (x, y) = names["Loud"].bounding_box(), at(lab, 10, 0)
    assert abs(box["x"] + box["width"] / 2 - x) < 2
    assert y - (box["y"] + box["height"]) == pytest.approx(12, abs=2)


def test_density_is_drawn_and_still_lassoed(lab):
    lab.kernel.ask("view.show(picture(is_density=True))")
    lab.page.wait_for_timeout(400)
    pixels = shown_pixels(lab)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100
    assert share_of(pixels, "#e69f00") == 0
    lasso(lab, 10, 0)
    lab.kernel.wait_for("last()", ["lasso", 100, True])


def test_the_page_scrolls_over_a_map_that_was_not_touched(lab):
    view = "() => document.querySelector('.wb-glmap').dataset.view"
    lab.page.locator(".jp-NotebookPanel-toolbar").click(position={"x": 5, "y": 5})
    lab.page.evaluate("document.activeElement.blur()")
    home = lab.page.evaluate(view)
    lab.page.mouse.move(*at(lab, 5, 3))
    lab.page.mouse.wheel(0, -200)
    lab.page.wait_for_timeout(300)
    assert lab.page.evaluate(view) == home

    lab.page.locator(".wb-stage").focus()
    lab.page.locator(".wb-stage").evaluate("stage => stage.scrollIntoView({block: 'center'})")
    place = at(lab, 10, 0)
    lab.page.mouse.move(*place)
    lab.page.mouse.wheel(0, -200)
    lab.page.wait_for_function(f"home => ({view})() !== home", arg=home)
    moved_to(lab, 10, 0, place)  # what is under the mouse stays there

    lab.page.keyboard.press("ArrowRight")
    moved_to(lab, 10, 0, (place[0] - 60, place[1]))
    lab.page.keyboard.press("Home")
    lab.page.wait_for_function(f"home => ({view})() === home", arg=home)


def test_the_map_moves_under_the_middle_button_and_the_space_bar(lab):
    place = at(lab, 5, 3)
    lab.page.mouse.move(*place)
    lab.page.mouse.down(button="middle")
    lab.page.mouse.move(place[0] + 50, place[1] + 20, steps=4)
    lab.page.mouse.up(button="middle")
    moved_to(lab, 5, 3, (place[0] + 50, place[1] + 20))
    lab.page.keyboard.down(" ")
    lab.drag([(place[0] + 50, place[1] + 20), place])
    lab.page.keyboard.up(" ")
    moved_to(lab, 5, 3, place)
    assert lab.kernel.ask("told") == []


def test_the_dark_theme_darkens_the_canvas(lab):
    lab.theme("JupyterLab Light")
    lab.page.wait_for_timeout(500)
    light = shown_pixels(lab)[40:60, 10:30].mean()
    lab.theme("JupyterLab Dark")
    lab.page.wait_for_timeout(500)
    dark = shown_pixels(lab)[40:60, 10:30].mean()
    lab.theme("JupyterLab Light")
    assert light > 240
    assert dark < 60


def test_a_narrow_page_keeps_everything_inside(lab):
    lab.page.set_viewport_size({"width": 560, "height": 900})
    lab.page.wait_for_selector(".wb-glmap.wb-narrow")
    lab.page.wait_for_timeout(400)
    box = lab.page.locator(".wb-glmap").bounding_box()
    assert box["width"] < 560
    for part in lab.page.locator(".wb-glmap :is(button, canvas, .wb-legend)").all():
        if part.is_visible():
            inner = part.bounding_box()
            assert inner["x"] >= box["x"] - 1
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
    stage = lab.page.locator(".wb-stage").bounding_box()
    for x, y in lab.kernel.ask("shown.points.tolist()"):
        across, down = at(lab, x, y)
        assert stage["x"] < across < stage["x"] + stage["width"]
        assert stage["y"] < down < stage["y"] + stage["height"]


def test_a_lost_context_is_drawn_again(lab):
    lab.page.evaluate(
        """() => { const gl = document.querySelector('.wb-stage canvas').getContext('webgl');
            window.losing = gl.getExtension('WEBGL_lose_context'); window.losing.loseContext(); }"""
    )
    lab.page.locator(".wb-notice", has_text="taken this drawing away").wait_for()
    lab.page.evaluate("window.losing.restoreContext()")
    lab.page.wait_for_selector(".wb-glmap[data-ready]")
    lab.page.locator(".wb-notice").wait_for(state="hidden")
    lab.page.wait_for_timeout(300)
    assert share_of(shown_pixels(lab), "#e69f00") > 0.001


def test_redraw_makes_another_canvas(lab):
    lab.page.evaluate("window.old = document.querySelector('.wb-stage canvas')")
    lab.kernel.ask("view.redraw()")
    lab.page.wait_for_function("() => !window.old.isConnected && document.querySelector('.wb-stage canvas')")
    lab.page.wait_for_timeout(300)
    assert share_of(shown_pixels(lab), "#e69f00") > 0.001
    lasso(lab, 10, 0)
    lab.kernel.wait_for("last()", ["lasso", 100, True])


def test_twenty_thousand_points(new_page):
    cells = [MADE, "shown = picture(20_000); view = WebGLMap(shown, told.append, card, dark=True); view.widget"]
    with new_page(width=1300, height=1000) as lab:
        lab.run_cells("webgl_many.ipynb", cells)
        lab.page.wait_for_selector(".wb-glmap[data-ready][data-points='20000']")
        lab.page.locator(".wb-stage").evaluate("stage => stage.scrollIntoView({block: 'center'})")
        assert shown_pixels(lab)[10:20, 10:30].mean() < 60  # dark on a light page, as asked for
        lasso(lab, 0, 0, across=1.1)
        lab.kernel.wait_for("len(told)", 1)
        kind, count, is_same = lab.kernel.ask("last()")
        assert (kind, is_same) == ("lasso", True)
        assert 2000 < count < 6000


def test_two_views_show_the_same_selection(new_page):
    with new_page(width=1300, height=1500) as lab:
        lab.run_cells("webgl_two.ipynb", [MADE, "view.widget", "view.widget"])
        lab.page.wait_for_function("() => document.querySelectorAll('.wb-glmap[data-ready]').length === 2")
        lab.page.locator(".wb-stage").first.evaluate("stage => stage.scrollIntoView({block: 'center'})")
        lab.page.wait_for_timeout(200)
        lasso(lab, 0, 0)
        lab.kernel.wait_for("last()", ["lasso", 100, True])
        assert lab.kernel.ask("len(told)") == 1
        lab.page.wait_for_function(
            "() => [...document.querySelectorAll('.wb-glmap')].every(map => map.dataset.selected === '100')"
        )

        lab.command("notebook:move-cursor-up")
        lab.page.locator(".jp-Cell").nth(1).locator(".jp-InputArea").click()
        lab.command("notebook:clear-cell-output")
        lab.page.wait_for_function("() => document.querySelectorAll('.wb-glmap').length === 1")
        lab.kernel.ask("view.mark(shown.track_ids[:7])")
        selected(lab, 7)


def test_a_browser_without_webgl_says_so(new_page):
    with new_page() as lab:
        lab.page.add_init_script("HTMLCanvasElement.prototype.getContext = (whole => function (kind, ...given) {"
            " return kind === 'webgl' ? null : whole.call(this, kind, ...given); })"
            "(HTMLCanvasElement.prototype.getContext);")  # fmt: skip
        lab.run_cells("webgl_none.ipynb", [MADE, "view.widget"])
        lab.page.locator(".wb-notice", has_text="engine='plotly'").wait_for()
