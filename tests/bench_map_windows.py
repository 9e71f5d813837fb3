"""How soon is a map on the page, and how soon does a lasso on it reach Python?

Usage: python tests/bench_map_windows.py [--points N ...]

In a real JupyterLab and Chromium, without a graphics card. Each size is a notebook of its own. Open: from the kernel
making the map to the page having drawn it, after a map of eight points has made JupyterLab load what widgets need.
Lasso: from the mouse button going up to Python being told the track ids; the best and the middle of five. Clocks are
those of one machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("browser")))

from labdriver import JupyterServer, LabPage, launch_chromium

SIZES = (10_000, 100_000, 1_000_000)
LASSOS = 5
CELLS = (
    """
import time, numpy as np
from workbench.widgets.map.picture import Categories, Picture
from workbench.widgets.map.webgl_map import WebGLMap
rng = np.random.default_rng(0)
codes = rng.integers(0, 8, {count})
points = (rng.normal(size=(8, 2))[codes] * 4 + rng.normal(size=({count}, 2))).astype(np.float32)
colours = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
nothing = np.zeros({count}, bool)
picture = Picture(np.arange({count}), points, Categories("Group", tuple("abcdefgh"), colours, codes.astype(np.uint8)),
                  np.full({count}, {diameter}, np.float32), nothing, nothing)
told = []
few = slice(0, 8)
warm = Picture(picture.track_ids[few], points[few], Categories("Group", tuple("abcdefgh"), colours,
               codes[few].astype(np.uint8)), picture.sizes[few], nothing[few], nothing[few])
def note(gesture):
    told.append((time.time(), len(gesture.track_ids)))
card = lambda track_id: ([str(track_id)], None)
WebGLMap(warm, note, card).widget
""",
    """
started = time.time()
view = WebGLMap(picture, note, card)
view.widget
""",
)
SECOND = """source => { const cells = window.jupyterapp.shell.currentWidget.content;
    cells.activeCellIndex = 1;
    cells.widgets[1].model.sharedModel.setSource(source);
    return window.jupyterapp.commands.execute('notebook:run-cell').then(() => null); }"""
DRAWN = """count => { const note = () => {
        const canvas = document.querySelector(`.wb-glmap[data-ready][data-points='${count}'] canvas`);
        if (!canvas) return requestAnimationFrame(note);
        const gl = canvas.getContext('webgl');
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));  // waits until all is drawn
        window.drawn = Date.now() / 1000; };
    window.addEventListener('pointerup', () => { window.released = Date.now() / 1000; }, true);
    note(); }"""


def opened(page, count):
    """Seconds from the kernel to the drawn page."""
    first = CELLS[0].format(count=count, diameter=5 if count < 20_000 else 3)
    page.run_cells(f"bench_{count}.ipynb", [first, CELLS[1].replace("picture", "warm")])
    page.page.wait_for_function("() => document.querySelectorAll('.wb-glmap[data-ready]').length === 2")
    page.page.evaluate(DRAWN, count)
    page.page.evaluate(SECOND, CELLS[1])
    page.page.wait_for_function("() => window.drawn", timeout=120_000)
    return page.page.evaluate("window.drawn") - page.kernel.ask("started")


def lassoed(page):
    """Seconds from the mouse to Python, for each lasso, and how many tracks the last one had."""
    stage = page.page.locator(".wb-stage").last
    stage.evaluate("stage => stage.scrollIntoView({block: 'center'})")
    box = stage.bounding_box()
    spent = []
    for number in range(LASSOS):
        centre = (box["x"] + box["width"] / 2 + 10 * number, box["y"] + box["height"] / 2)
        page.lasso(centre, (90, 80))
        page.kernel.wait_for("len(told)", number + 1, timeout_s=120)
        told, count = page.kernel.ask("told[-1]")
        spent.append(told - page.page.evaluate("window.released"))
        page.page.wait_for_timeout(1500)  # what is marked is drawn meanwhile
    return spent, count


def main():
    """Measure each size."""
    from playwright.sync_api import sync_playwright

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--points", type=int, nargs="*", default=SIZES)
    counts = options.parse_args().points
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        variables = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        with (
            JupyterServer(home / "notebooks", home / "home", variables) as server,
            sync_playwright() as playwright,
            launch_chromium(playwright) as browser,
        ):
            for count in counts:
                page = LabPage(browser.new_context(viewport={"width": 1300, "height": 1000}).new_page(), server)
                page.page.set_default_timeout(120_000)
                open_s = opened(page, count)
                spent, selected = lassoed(page)
                print(
                    f"{count:9,} points: open {open_s:5.2f} s; lasso of {selected:,} "
                    f"{min(spent):5.3f} s at best, {statistics.median(spent):5.3f} s in the middle; "
                    f"load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
                page.close()


if __name__ == "__main__":
    main()
