"""What holds in all windows: they fit, have names, share one selection, and take what is written for text."""

import pytest
from hostile import LIVE, STRINGS, Watch, letters
from windows import CONTROLS, EMPTY, NAMELESS, OBJECTS, OPENING, USE, WINDOWS, output_of

WIDE = """scope => {
    const edge = scope.getBoundingClientRect().right + 2;
    const isCut = part => { for (let up = part.parentElement; up && up !== scope; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible') return true; return false; };
    return [...scope.querySelectorAll('*')]
        .filter(part => part.offsetParent && part.getBoundingClientRect().right > edge && !isCut(part))
        .map(part => part.outerHTML.slice(0, 120)).slice(0, 5); }"""
"""Parts that stand out on the right, and are in nothing that scrolls or cuts."""

POINTS = """plot => { const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
    return plot._fullData.filter(trace => trace.customdata).flatMap(trace => [...trace.x].map((x, place) =>
        [left + xaxis._offset + xaxis.l2p(x), top + yaxis._offset + yaxis.l2p(trace.y[place])])); }"""
"""Places in the page of all points of a map that stand for tracks."""

CARDS = "plot => [...plot.querySelectorAll('.wb-card')].filter(card => !card.hidden).map(card => card.innerText)"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def windows(new_page, hostile_library):
    """All windows on the hostile library, in one notebook."""
    with new_page(1300, 1400) as page:
        page.watch = Watch(page.page)
        opening = OPENING[0], OPENING[1].replace("wb.Library()", f"wb.Library({str(hostile_library.path)!r})")
        page.run_cells("every_window.ipynb", (*opening, *WINDOWS.values(), *USE, *OBJECTS))
        page.page.wait_for_timeout(2000)
        yield page


def shown(page, names):
    """Each window's name and its place in the page."""
    for number, name in enumerate(names, start=len(OPENING)):
        yield name, output_of(page.page, number)


def hover_over_all(page, plot):
    """Texts of the cards at all points of a map."""
    plot.scroll_into_view_if_needed()
    texts = set()
    for x, y in plot.evaluate(POINTS):
        page.mouse.move(x, y)
        page.wait_for_timeout(120)
        texts |= set(plot.evaluate(CARDS))
    return texts


def test_text_is_text_in_every_window(windows):
    page = windows.page
    for name, part in shown(windows, [*WINDOWS, *USE, *OBJECTS]):
        assert part.evaluate(LIVE) == [], name
    browser = letters(output_of(page, len(OPENING)).inner_text())
    assert [text for text in STRINGS if letters(text)[:60] not in browser] == [], "titles are shown, letter for letter"
    seen = hover_over_all(page, page.locator(".js-plotly-plot").first)
    assert len(seen) >= len(STRINGS) / 2, "cards were shown"
    assert windows.watch.scripts_run() == []
    print(f"{len(STRINGS)} strings x {len(WINDOWS)} windows and {len(OBJECTS)} objects: scripts run 0")


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
