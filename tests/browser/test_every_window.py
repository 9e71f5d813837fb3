"""What holds in all windows: they fit, have names, share one selection, and take tags for text."""

import mutagen
import numpy as np
import pytest
import soundfile
from windows import CONTROLS, EMPTY, NAMELESS, OPENING, USE, WINDOWS, output_of

import workbench as wb
from workbench.reports import REPORTS, run_report

HOSTILE = (
    '<img src=x onerror="window.hurt=1">',
    '"><script>window.hurt=1</script>',
    "</script><script>window.hurt=1</script>",
    '<a href="javascript:window.hurt=1">click</a>',
    "'-window.hurt=1-'",
    "<svg onload=window.hurt=1>",
    "$\\href{javascript:window.hurt=1}{x}$",
    "[x](javascript:window.hurt=1)",
    '<iframe srcdoc="<script>parent.hurt=1</script>">',
    "<b>bold</b><br>&amp;",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe <style>*{display:none}</style>",
)
FOREIGN = """scope => scope.querySelectorAll(
    'img[src=x], svg[onload], iframe, a[href^=javascript], [onerror]').length"""
WIDE = """scope => {
    const edge = scope.getBoundingClientRect().right + 2;
    const isCut = part => { for (let up = part.parentElement; up && up !== scope; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible') return true; return false; };
    return [...scope.querySelectorAll('*')]
        .filter(part => part.offsetParent && part.getBoundingClientRect().right > edge && !isCut(part))
        .map(part => part.outerHTML.slice(0, 120)).slice(0, 5); }"""
"""Parts that stand out on the right, and are in nothing that scrolls or cuts."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hostile_library(tmp_path_factory):
    """An analysed library whose tags are attacks."""
    folder = tmp_path_factory.mktemp("hostile")
    random = np.random.default_rng(0)
    for number in range(24):
        path = folder / f"{number:02}.flac"
        time = np.arange(8 * 22_050) / 22_050
        tone = sum(np.sin(2 * np.pi * f * time) for f in random.uniform(100, 2000, 3))
        noise = random.normal(size=len(time)) * (np.sin(2 * np.pi * (1 + number % 4) * time) > 0.9)
        soundfile.write(path, 0.1 * tone + 0.1 * noise, 22_050)
        payload = HOSTILE[number % len(HOSTILE)]
        file = mutagen.File(path)
        file.update(dict.fromkeys(("title", "artist", "album", "genre", "comment"), f"{payload} {number // 6}"))
        file["date"] = str(1990 + number)
        file.save()
    library = wb.Library(folder / "library.db")
    library.scan(folder, progress=lambda *_: None)
    library.analyze(progress=lambda *_: None)
    return library


@pytest.fixture(scope="module")
def windows(new_page, hostile_library):
    """All windows on the hostile library, in one notebook."""
    with new_page(1300, 1400) as page:
        opening = OPENING[0], OPENING[1].replace("wb.Library()", f"wb.Library({str(hostile_library.path)!r})")
        page.run_cells("every_window.ipynb", (*opening, *WINDOWS.values(), *USE))
        page.page.wait_for_timeout(2000)
        yield page


def shown(page, names):
    """Each window's name and its place in the page."""
    for number, name in enumerate(names, start=len(OPENING)):
        yield name, output_of(page.page, number)


def test_tags_are_text_in_every_window(windows):
    for name, part in shown(windows, WINDOWS):
        assert part.evaluate(FOREIGN) == 0, name
    assert windows.page.evaluate("window.hurt") is None
    assert windows.dialogs == []
    titles = windows.kernel.ask("tracks['title'].to_list()")
    browser = output_of(windows.page, len(OPENING)).inner_text()
    assert sum(title.split()[0] in browser for title in titles) >= len(HOSTILE), "titles are shown, letter for letter"


@pytest.mark.parametrize("report", REPORTS)
def test_tags_are_text_in_every_report(chromium, hostile_library, tmp_path, report):
    written = run_report(report, tmp_path, library=hostile_library.path)
    page = chromium.new_page()
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(written.as_uri())
    page.wait_for_timeout(1500)
    assert page.evaluate("window.hurt") is None
    assert page.evaluate(f"({FOREIGN})(document.body)") == 0
    assert said == []
    page.close()


def test_every_control_has_a_name(windows):
    for name, part in shown(windows, WINDOWS):
        assert part.evaluate(NAMELESS, CONTROLS) == [], name


@pytest.mark.parametrize("width", [500, 900, 1600])
def test_every_window_fits_into_its_cell(windows, width):
    windows.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    windows.page.set_viewport_size({"width": width + 140, "height": 1400})
    windows.page.wait_for_timeout(1500)
    found = {name: part.evaluate(WIDE) for name, part in shown(windows, WINDOWS)}
    assert {name: wide for name, wide in found.items() if wide} == {}


def test_one_selection_moves_all(windows):
    ids = windows.kernel.ask("tracks['track_id'][:3].to_list()")
    windows.kernel.ask(f"selection.choose({ids})")
    windows.kernel.wait_for("sorted(view.selected['track_id'].to_list())", ids)
    windows.kernel.wait_for("sorted(browser.selection.track_ids)", ids)
    windows.kernel.ask("selection.undo()")
    windows.kernel.wait_for("len(view.selected)", 8)


def test_an_empty_library_says_what_to_do(new_page, tmp_path):
    with new_page(1300, 1400) as page:
        opening = OPENING[0], OPENING[1].replace("wb.Library()", f"wb.Library({str(tmp_path / 'empty.db')!r})")
        page.run_cells("empty_windows.ipynb", (*opening, *EMPTY.values()))
        page.page.wait_for_timeout(1500)
        for name, part in shown(page, EMPTY):
            assert part.inner_text().strip(), f"{name} says nothing"
            assert part.evaluate(NAMELESS, CONTROLS) == [], name
