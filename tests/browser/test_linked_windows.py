"""From the mouse let go on the map to the marked row in the table, with one selection between them."""

import pytest

COLLECTION = """import numpy as np, polars as pl, workbench as wb
random = np.random.default_rng(0)
places = random.normal(size=({count}, 2))
layout = pl.DataFrame({{
    "track_id": np.arange({count}) + 100, "x": places[:, 0], "y": places[:, 1],
    "title": [f"Title {{number}}" for number in range({count})],
    "artist": [f"Artist {{number % 997}}" for number in range({count})],
    "genre": np.array(["ambient", "techno", "rock", "jazz"])[np.arange({count}) % 4],
    "year": 1960 + np.arange({count}) % 60, "bpm": 60 + random.uniform(0, 100, {count}),
}})"""
STOPWATCH = """() => {
    window.lag = window.released = null;
    addEventListener("pointerup", () => { window.released = performance.now(); }, true);
    new MutationObserver(() => {
        if (window.released && !window.lag && document.querySelector("tr[aria-selected=true]"))
            window.lag = performance.now() - window.released;
    }).observe(document.body, {subtree: true, childList: true, attributes: true}); }"""
WIDE_LIMIT_MS = 4000
"""The goal is 500 ms; machines that are shared are slower, and a test only holds that it is not hopeless."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("count", "surface"),
    [(10_000, ".js-plotly-plot .nsewdrag"), (20_000, ".wb-glmap canvas"), (100_000, ".wb-glmap canvas")],
)
def test_a_lasso_marks_the_table(new_page, lab_server, count, surface):
    with new_page(1300, 1600) as page:
        cells = (COLLECTION.format(count=count), "view = wb.MapView(layout); view", "wb.CollectionBrowser(view)")
        page.run_cells(f"linked_{count}.ipynb", cells)
        page.page.wait_for_selector(surface, state="attached")
        page.page.wait_for_selector("tr[data-id]")
        page.page.locator(surface).first.scroll_into_view_if_needed()
        page.page.wait_for_timeout(1500)
        page.page.evaluate(STOPWATCH)
        box = page.page.locator(surface).first.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.lasso(middle, (box["height"] * 0.3, box["height"] * 0.3))
        page.page.wait_for_function("() => window.lag")
        lag = page.page.evaluate("window.lag")
        selected = page.kernel.ask("len(view.selected)")
        print(f"{count} points: {selected} selected, marked in the table after {lag:.0f} ms")
        page.page.screenshot(path=str(lab_server.home / f"linked-{count}.png"))
        assert count * 0.05 < selected < count
        exact = (
            "len(view.selection.track_ids) == len(eval(view.selection.code(), {'wb': wb, 'layout': layout, 'pl': pl}))"
        )
        assert page.kernel.ask(exact) is True
        assert lag < WIDE_LIMIT_MS
