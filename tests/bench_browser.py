"""How long does the browser let one wait, at a hundred thousand tracks?

Usage: python tests/bench_browser.py [--tracks N] [--page]

Made tracks in the frame's real schema. Times are of one process, CPU (all its threads) and wall, the median of five;
what is typed is never asked twice. With ``--page`` the same in a real JupyterLab and Chromium: from the question to
rows drawn, by the page's own clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from synthetic import records

from workbench.keys import CAMELOT
from workbench.models import TRACKS

SEED = 0
TYPED = ("l", "la", "lar", "lari", "lari g", "genre:=rock ", "genre:=rock bpm:90..110", "artist:bo year:1990..1999")
GESTURES = (
    ("a word", "la"),
    ("three words", "mola ne ri"),
    ("a genre", "genre:=Rock"),
    ("a genre and all below it", "genre:=Ambient, genre:=Techno, genre:=House, genre:=Dance, genre:=Industrial"),
    ("an order by year", "year-"),
    ("an order by title", "title+"),
    ("an order by artist and title", "artist+ title+"),
)
CELL = """import polars as pl, workbench as wb
from workbench.widgets.browser import CollectionBrowser
tracks = pl.read_parquet({path!r})"""
ROWS = """() => new Promise(done => { const look = () => document.querySelector('.wb-browser tbody tr')
    ? done(performance.now()) : requestAnimationFrame(look); look(); })"""
KEY = """([text, asked]) => new Promise(done => {
    const input = document.querySelector('.wb-browser-box input');
    const counts = document.querySelector('.wb-browser-counts');
    const start = performance.now(), before = document.querySelector('.wb-browser tbody').firstChild;
    const drawn = () => document.querySelector('.wb-browser tbody').firstChild !== before;
    input.value = text;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    const look = () => drawn() ? requestAnimationFrame(() => done(performance.now() - start))
        : requestAnimationFrame(look);
    look(); })"""


def collection(count):
    """A frame of made tracks."""
    chance = np.random.default_rng(SEED)
    codes, rows = list(CAMELOT), []
    bpm = chance.normal(120, 25, count).clip(50, 210).round(2)
    for number, record in enumerate(records(count, SEED)):
        tags = record.tags
        rows.append(
            {
                "track_id": number + 1,
                "title": tags.title,
                "artists": list(tags.artists),
                "artist": ", ".join(tags.artists),
                "album": tags.album,
                "album_artists": list(tags.album_artists),
                "genres": list(tags.genres),
                "genre": tags.genres[0],
                "year": tags.year,
                "track_number": tags.track_number,
                "comment": tags.comment,
                "path": record.path.decode(),
                "has_cover": False,
                "missing": False,
                "duration_s": tags.stream.duration_s,
                "bpm": float(bpm[number]),
                "camelot": codes[number % len(codes)],
            }
        )
    known = set(rows[0])
    measured = [
        pl.Series(name, chance.normal(size=count)) for name, dtype in TRACKS.items() if dtype == pl.Float64
    ]  # so that rows are as wide as those of an analysed collection
    return pl.DataFrame(rows, schema=TRACKS).with_columns(each for each in measured if each.name not in known)


def timed(work, *, repeats=5):
    """Median CPU and wall milliseconds of some work."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return [1000 * statistics.median(column) for column in zip(*times, strict=True)]


def say(name, figures, goal=""):
    print(f"  {name:<44} cpu {figures[0]:>7.1f} ms   wall {figures[1]:>7.1f} ms   {goal}", flush=True)


def kernel(tracks):
    """What the kernel takes for each question of the page."""
    from workbench.widgets.browser import CollectionBrowser

    def tell(browser, kind, **content):
        browser._pane._handle_custom_msg({"kind": kind, "view": "v", "number": 1, **content}, [])

    def first(*, with_facets=False):
        browser = CollectionBrowser(tracks.clone())
        tell(browser, "ask")
        if with_facets:
            tell(browser, "facets")

    say("made, first rows", timed(first), "goal 500 to rows drawn")
    say("made, first rows and facets", timed(lambda: first(with_facets=True)))
    browser = CollectionBrowser(tracks)

    def alone(kind, text, **content):
        for memory in (browser._finder._found, browser._finder._counted, browser._finder._listed):
            memory.clear()
        tell(browser, kind, query=text, **content)

    tell(browser, "ask", query="warm")
    for name, text in GESTURES:
        say(f"rows of {name}", timed(lambda text=text: (tell(browser, "ask", query=""), alone("ask", text))))
        figures = timed(lambda text=text: (alone("ask", text), tell(browser, "facets")))
        say(f"rows and facets of {name}", figures, "goal 300 to rows drawn")
    for level in ("artists", "albums"):
        say(f"all {level}", timed(lambda level=level: alone("ask", "", level=level)))
    tell(browser, "ask", query="", level="tracks")
    say("another page", timed(lambda: tell(browser, "ask", page=7)))
    say("completions of a word", timed(lambda: tell(browser, "suggest", query="la", caret=2)))
    say("completions of a title", timed(lambda: tell(browser, "suggest", query="title:la", caret=8)))
    say("all selected, and undone", timed(lambda: (tell(browser, "select", how="all"), tell(browser, "undo"))))


def page(tracks):
    """What a person waits."""
    sys.path.insert(0, str(Path(__file__).with_name("browser")))
    from labdriver import JupyterServer, LabPage, launch_chromium
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "tracks.parquet"
        tracks.write_parquet(path)
        with (
            JupyterServer(Path(home) / "notebooks", Path(home) / "home") as server,
            sync_playwright() as playwright,
            launch_chromium(playwright) as chromium,
        ):
            lab = LabPage(chromium.new_page(viewport={"width": 1500, "height": 1000}), server)
            lab.run_cells("bench.ipynb", [CELL.replace("{path!r}", repr(str(path))), "browser = None"])
            lab.page.evaluate(
                "() => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel"
                ".setSource('browser = CollectionBrowser(tracks); browser')"
            )
            start = lab.page.evaluate("() => performance.now()")
            lab.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
            print(f"  cell run to first rows drawn {lab.page.evaluate(ROWS) - start:>7.0f} ms", flush=True)
            lab.page.wait_for_timeout(2000)
            waits = []
            for text in TYPED:
                waits.append(lab.page.evaluate(KEY, [text, text]))
                print(f"  {text!r:<34} key to rows drawn {waits[-1]:>7.0f} ms", flush=True)
                lab.page.wait_for_timeout(600)
            print(
                f"  median {statistics.median(waits):.0f} ms, most {max(waits):.0f} ms (70 ms of it calm)", flush=True
            )
            lab.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracks", type=int, default=100_000)
    options.add_argument("--page", action="store_true")
    chosen = options.parse_args()
    tracks = collection(chosen.tracks)
    print(f"{len(tracks):,} tracks, {tracks.width} columns", flush=True)
    kernel(tracks)
    if chosen.page:
        page(tracks)


if __name__ == "__main__":
    main()
