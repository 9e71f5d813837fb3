"""Look into a track in a real JupyterLab: what is drawn, what the cursor says, what goes wrong in words."""

import re
import time

import numpy as np
import polars as pl
import pytest
import soundfile as sf

from workbench.models import TRACKS

BAD_TITLE = "<img src=x onerror=alert(1)>"
SR = 22_050
PANELS = ("waveform", "mel", "chroma", "tempogram", "loudness")
COLOURS = """key => { const canvas = document.querySelector(`.wb-track-${key} canvas`);
    if (!canvas.width) return 0;
    const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(pixels).size; }"""
"""How many colours a drawing has: a blank one has one."""
SHARP = """() => [...document.querySelectorAll('.wb-track-plot canvas')].filter(canvas =>
    Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) > 1).map(canvas => canvas.width)"""
"""Drawings that do not fit their place on the page, and are stretched."""
WAVE_IS_STRONG = """() => { const canvas = document.querySelector('.wb-track-waveform canvas');
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(canvas).getPropertyValue('--wb-strong');
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data;
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let densest = 3;
    for (let place = 3; place < pixels.length; place += 4) if (pixels[place] > pixels[densest]) densest = place;
    return [1, 2, 3].every(back => Math.abs(pixels[densest - back] - wanted[3 - back]) < 12); }"""
"""Whether the waveform has the colour of the theme."""
OTHER_THEME = """() => new Promise(done => { const lab = document.querySelector('#main');
    document.body.style.setProperty('--jp-brand-color1', 'rgb(200, 0, 90)');
    document.body.dataset.jpThemeName = 'Another';
    lab.style.display = 'none';
    requestAnimationFrame(() => { lab.style.display = ''; requestAnimationFrame(() => setTimeout(done, 100)); }); })"""
"""What JupyterLab does when it changes its theme, without the changes of size that happen to come with it."""
FORMER_THEME = """() => { document.body.style.removeProperty('--jp-brand-color1');
    document.body.dataset.jpThemeName = 'JupyterLab Light'; }"""
OUTSIDE = """() => { const box = document.querySelector('.wb-track').getBoundingClientRect();
    return [...document.querySelectorAll('.wb-track *')].filter(part => {
        const own = part.getBoundingClientRect();
        return own.width && (own.right > box.right + 1 || own.left < box.left - 1); }).map(part => part.className); }"""
OVERLAPPING = """() => [...document.querySelectorAll('.wb-track-axis, .wb-track-times')].flatMap(axis => {
    const boxes = [...axis.children].map(label => label.getBoundingClientRect());
    return boxes.filter((a, place) => boxes.slice(place + 1).some(b => a.left < b.right - 0.5 && b.left < a.right - 0.5
        && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5)).map(() => axis.parentElement.className); })"""


@pytest.fixture(scope="module")
def music_file(tmp_path_factory):
    """Track 101 is ten seconds of an A, then of an E, with clicks twice a second; 102 and the others have no file."""
    folder = tmp_path_factory.mktemp("one_track")
    times = np.arange(20 * SR) / SR
    y = 0.2 * np.sin(2 * np.pi * np.where(times < 10, 440.0, 329.63) * times)
    rng = np.random.default_rng(0)
    for beat in np.arange(0.25, 20, 0.5):
        start = round(beat * SR)
        y[start : start + 1000] += 0.7 * rng.standard_normal(1000) * np.exp(-np.arange(1000) / 150)
    sf.write(folder / "101.wav", np.clip(y, -1, 1), SR)
    rows = [
        {
            "track_id": track_id,
            "title": BAD_TITLE,
            "artist": "Ann & <b>Bo</b>",
            "album": "Made up",
            "year": 1999,
            "duration_s": 20.0,
            "bpm": bpm,
            "bpm_confidence": 0.9,
            "loudness_lufs": -14.0,
            "key": "A",
            "mode": "minor",
            "analyzed": True,
            "missing": False,
            "path": str(folder / f"{track_id}.wav"),
            "path_bytes": str(folder / f"{track_id}.wav").encode(),
        }
        for track_id, bpm in ((101, 120.0), (102, 90.0), (103, 150.0), (104, 100.0))
    ]
    pl.DataFrame(rows, schema=TRACKS).write_parquet(folder / "tracks.parquet")
    return folder / "tracks.parquet"


@pytest.fixture(scope="module")
def notebook(new_page, music_file):
    """A notebook with a window on a track of a selection."""
    with new_page(width=1300, height=1500) as page:
        cells = (
            "import polars as pl, workbench as wb\nfrom workbench.widgets.track import TrackView",
            f"selection = wb.Selection(pl.read_parquet({str(music_file)!r}))",
            "view = TrackView(101, selection=selection); view",
        )
        page.run_cells("track.ipynb", cells)
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook with the cursor nowhere and track 101 drawn."""
    if notebook.kernel.ask("view.track_id != 101 or view.news['kind'] == 'error'"):
        notebook.kernel.ask("selection.click(101)")
    notebook.kernel.ask("setattr(view, 'position_s', None)")
    notebook.page.locator(".wb-track-stack").wait_for(state="visible")
    notebook.page.mouse.move(1, 1)
    return notebook


def place(lab, seconds, panel="mel"):
    """Pixels of a time in a panel."""
    canvas = lab.page.locator(f".wb-track-{panel} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    return box["x"] + box["width"] * seconds / lab.page.evaluate(END), box["y"] + box["height"] / 2


END = "() => Number(document.querySelector('.wb-track-stack').getAttribute('aria-valuemax'))"


def readout(lab):
    return lab.page.locator(".wb-track-readout").inner_text().replace("\n", " ")


def test_every_panel_is_drawn_with_its_axis(lab):
    for panel in PANELS:
        assert lab.page.evaluate(COLOURS, panel) > 2, panel
    texts = {panel: lab.page.locator(f".wb-track-{panel} .wb-track-axis").inner_text().split() for panel in PANELS}
    assert texts["mel"] == ["100", "500", "1k", "2k", "5k", "10k"]
    assert texts["chroma"] == ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    assert texts["tempogram"] == ["40", "60", "80", "120", "160", "240"]
    assert texts["loudness"][-1] == "0"
    assert lab.page.locator(".wb-track-times").inner_text().split()[:3] == ["0:00", "0:02", "0:04"]
    assert lab.page.evaluate(OVERLAPPING) == []


def test_the_mouse_shows_what_is_measured_there(lab):
    cursor = lab.page.locator(".wb-track-cursor")
    assert cursor.is_hidden()
    lab.page.mouse.move(*place(lab, 5))
    assert re.search(r"Time 0:0[45]\.\d Level -\d+\.\d LUFS Strongest note A Tempo by the beats 120 BPM", readout(lab))
    across = cursor.bounding_box()
    assert across["x"] == pytest.approx(place(lab, 5)[0], abs=2)
    assert across["height"] > 500, "through all panels"
    lab.page.mouse.move(*place(lab, 15, "loudness"))
    assert "Strongest note E " in readout(lab)
    lab.page.mouse.move(1, 1)
    cursor.wait_for(state="hidden")
    assert lab.kernel.ask("view.position_s") is None


def test_a_click_sets_the_position_and_keys_move_it(lab):
    lab.page.mouse.click(*place(lab, 5, "chroma"))
    lab.kernel.wait_for("view.position_s is not None and round(view.position_s)", 5)
    before = lab.kernel.ask("view.position_s")
    lab.page.mouse.move(1, 1)
    for key, moved in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("PageUp", 11), ("PageDown", 1)):
        lab.page.keyboard.press(key)
        lab.kernel.wait_for("round(view.position_s, 6)", round(before + moved, 6))
    lab.page.keyboard.press("End")
    assert "Time 0:20" in readout(lab)
    lab.page.keyboard.press("Home")
    assert "Time 0:00.0" in readout(lab)
    lab.kernel.wait_for("view.position_s", 0)
    stack = lab.page.get_by_role("slider", name="Position in the track")
    assert stack.get_attribute("aria-valuetext").startswith("Time 0:00.0, Level ")
    assert stack.evaluate("stack => stack === document.activeElement"), "the notebook's own keys did not take the focus"


def test_the_kernel_moves_the_cursor(lab):
    lab.kernel.ask("setattr(view, 'position_s', 12.5)")
    lab.page.locator(".wb-track-readout", has_text="0:12.5").wait_for()
    assert lab.page.locator(".wb-track-cursor").bounding_box()["x"] == pytest.approx(place(lab, 12.5)[0], abs=2)


def test_text_out_of_tags_is_text(lab):
    names = lab.page.locator(".wb-track-names")
    assert names.inner_text().split("\n") == [BAD_TITLE, "Ann & <b>Bo</b>", "Made up (1999)", "0:20"]
    assert names.locator("img, b").count() == 0


def test_its_place_among_the_others(lab):
    rows = lab.page.locator(".wb-track-place")
    tempo = rows.filter(has_text="Tempo")
    assert tempo.inner_text().split("\n") == ["Tempo", "120.0 BPM confidence 0.90", "faster than 62 %"]
    assert tempo.get_by_role("img", name="Tempo: faster than 62 %").is_visible()
    dot, band = (tempo.locator(f".wb-track-{part}").bounding_box() for part in ("own", "most"))
    assert band["x"] < dot["x"] < band["x"] + band["width"]
    assert "unknown" in rows.filter(has_text="Onset rate").inner_text()


def test_a_click_elsewhere_shows_that_track_and_a_file_that_is_gone_is_a_line(lab):
    lab.kernel.ask("selection.click(102)")
    error = lab.page.get_by_role("alert")
    error.wait_for()
    assert "102.wav" in error.inner_text()
    assert lab.page.locator(".wb-track-stack").is_hidden()
    assert lab.page.locator(".wb-track-readout").is_hidden()
    assert lab.page.locator(".wb-track-place").filter(has_text="Tempo").inner_text().startswith("Tempo\n90.0 BPM")
    lab.kernel.ask("selection.click(101)")
    lab.page.locator(".wb-track-stack").wait_for(state="visible")
    assert lab.page.evaluate(COLOURS, "mel") > 2


def test_it_says_that_it_listens(lab):
    lab.kernel.ask("view._turn.acquire()")
    try:
        lab.kernel.ask("selection.click(101)")
        lab.page.locator(".wb-track[aria-busy=true]").get_by_role("status").filter(has_text="Listening").wait_for()
        assert lab.page.locator(".wb-track-stack").is_hidden()
    finally:
        lab.kernel.ask("view._turn.release()")
    lab.page.locator(".wb-track[aria-busy=false] .wb-track-stack").wait_for(state="visible")


def test_a_second_view_of_it_is_drawn_too(lab):
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:insert-cell-below')")
    lab.kernel.wait_for("view.news['kind']", "ready")  # so that the second one has to ask for the drawings
    lab.command("notebook:replace-selection", text="view")
    lab.command("notebook:run-cell")
    second = lab.page.locator(".wb-track-stack").nth(1)
    second.wait_for(state="visible")
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:delete-cell')")
    second.wait_for(state="detached")


def test_a_view_whose_cell_was_run_again_follows_no_more(lab):
    """It would listen to each track that is clicked, beside the view that is shown."""
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:insert-cell-below')")
    lab.command(
        "notebook:replace-selection",
        text="views = [*globals().get('views', []), TrackView(selection=selection)]\nviews[-1]",
    )
    for count in (1, 2):
        lab.command("notebook:run-cell")
        lab.kernel.wait_for("len(views)", count)
        lab.page.locator(".wb-track-stack").nth(1).wait_for(state="visible")
    lab.kernel.wait_for("[each._pages for each in views]", [0, 1])
    lab.kernel.ask("selection.click(103)")
    assert lab.kernel.ask("[each.track_id for each in (view, *views)]") == [103, 101, 103]
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:delete-cell')")
    lab.page.locator(".wb-track").nth(1).wait_for(state="detached")
    lab.kernel.wait_for("[each._pages for each in (view, *views)]", [1, 0, 0])


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_in_both_themes(lab, theme):
    lab.theme(theme)
    ink, paper = lab.page.evaluate(
        """() => { const look = getComputedStyle(document.querySelector('.wb-track'));
            return [look.color, look.backgroundColor].map(colour => Number(colour.match(/[0-9.]+/g)[0])); }"""
    )
    assert abs(ink - paper) > 120
    for panel in PANELS:
        assert lab.page.evaluate(COLOURS, panel) > 2, panel
    lab.page.wait_for_function(WAVE_IS_STRONG)
    lab.theme("JupyterLab Light")


def test_a_theme_is_drawn_when_the_page_that_hid_itself_is_back(lab):
    """A page without sizes was all that a window saw of a change: it stayed in the former theme's colours."""
    lab.page.wait_for_function(WAVE_IS_STRONG)
    lab.page.evaluate(OTHER_THEME)
    assert lab.page.evaluate(WAVE_IS_STRONG)
    lab.page.evaluate(FORMER_THEME)


@pytest.mark.parametrize("width", [500, 900, 1600])
def test_it_fits_a_window_of_any_width(lab, width):
    lab.page.set_viewport_size({"width": width, "height": 1500})
    lab.page.wait_for_timeout(500)
    assert lab.page.evaluate(OUTSIDE) == []
    assert lab.page.evaluate(OVERLAPPING) == []
    assert lab.page.evaluate(SHARP) == []
    for panel in PANELS:
        assert lab.page.evaluate(COLOURS, panel) > 2, panel
    lab.page.set_viewport_size({"width": 1300, "height": 1500})


def test_the_demo_is_drawn_in_time(new_page):
    with new_page() as page:
        cells = (
            "import workbench as wb\nfrom workbench.widgets.track import show\nlibrary = wb.Library()",
            "view = show(library.tracks()['track_id'][0], library); view",
        )
        start = time.monotonic()
        page.run_cells("demo_track.ipynb", cells)
        page.page.locator(".wb-track-stack").wait_for(state="visible")
        print(f"a kernel, a library and a track drawn in {time.monotonic() - start:.1f} s")
        assert page.page.locator(".wb-track-cover").evaluate("cover => cover.naturalWidth") > 0
        assert page.page.locator(".wb-track-place").count() == 14
