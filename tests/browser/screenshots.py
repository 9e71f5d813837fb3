"""Pictures of every window in both themes and several widths, to be looked at.

python tests/browser/screenshots.py FOLDER --library data/library.db
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from labdriver import JupyterServer, LabPage, launch_chromium
from playwright.sync_api import sync_playwright
from windows import EMPTY, OPENING, USE, WINDOWS, output_of

WIDTHS = (500, 900, 1600)
FRAME = 140
"""Pixels that JupyterLab takes beside a cell's output, once its side bar is shut."""

SETTLED_MS = 2500


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="where the pictures go")
    options.add_argument("--library", type=Path, required=True, help="an analysed library; a copy of it is shown")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        home = Path(place)
        shutil.copyfile(given.library, home / "library.db")
        browser = launch_chromium(playwright)
        for name, library, windows, use in (
            ("", home / "library.db", WINDOWS, USE),
            ("empty_", home / "empty.db", EMPTY, ()),
        ):
            with JupyterServer(home / "notebooks", home / "home", {"WORKBENCH_LIBRARY": str(library)}) as server:
                page = LabPage(browser.new_page(viewport={"width": 1300, "height": 1400}), server)
                page.page.set_default_timeout(90_000)
                page.run_cells("windows.ipynb", (*OPENING, *windows.values(), *use))
                take(page, given.folder, name, tuple(windows))
                print(name or "all", "errors:", page.errors)
                page.close()


def take(page, folder, prefix, names):
    """A picture of each window in each theme and width."""
    page.page.wait_for_timeout(SETTLED_MS)
    page.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    for theme in ("Light", "Dark"):
        page.theme(f"JupyterLab {theme}")
        for width in WIDTHS:
            page.page.set_viewport_size({"width": width + FRAME, "height": 1400})
            page.page.wait_for_timeout(SETTLED_MS)
            for number, name in enumerate(names, start=len(OPENING)):
                shown = output_of(page.page, number)
                shown.scroll_into_view_if_needed()
                shown.screenshot(path=str(folder / f"{prefix}{name}_{theme.lower()}_{width}.png"))


if __name__ == "__main__":
    main()
