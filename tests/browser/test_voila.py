"""The curated notebooks as web pages, served by Voila."""

import shutil
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from labdriver import JupyterServer, LabPage

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATIENCE_S = 120
VOILA_NOISE = (
    "net::ERR_",  # Voila's own page asks a server elsewhere for the icons on buttons; there may be no network
    "r.setData is not a function",  # plotly's renderer, when it has drawn, wants to keep a picture in Voila's model
)
"""Console errors of Voila that are none of ours; reviewed one by one."""

pytestmark = pytest.mark.slow


class VoilaServer(JupyterServer):
    """Voila on a folder of notebooks, ended with the ``with`` block."""

    def _command(self):
        options = {
            "Voila.ip": "127.0.0.1",
            "Voila.port": self.port,
            "Voila.port_retries": 0,
            "Voila.token": self.token,
            "VoilaExecutor.timeout": PATIENCE_S,
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "voila", "--no-browser", *flags, self.root]

    def _wait(self, timeout_s=PATIENCE_S):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(self.url(""), timeout=10):  # noqa: S310  always http
                return
            time.sleep(0.2)
        log = (self.home / "lab.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"Voila did not start:\n{log[-2000:]}")


class VoilaPage(LabPage):
    """One notebook as a page."""

    noise = (*LabPage.noise, *VOILA_NOISE)


@pytest.fixture(scope="module")
def voila(tmp_path_factory, demo_home):
    """A running Voila on a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("voila")
    shutil.copytree(NOTEBOOKS, folder / "notebooks")
    chosen = {"WORKBENCH_LIBRARY": str(demo_home / "data" / "library.db")}
    with VoilaServer(folder / "notebooks", folder / "home", chosen) as server:
        yield server


@pytest.fixture
def page(chromium, voila):
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENCE_S * 1000)
    opened = VoilaPage(context.new_page(), voila)
    yield opened
    opened.page.close()
    context.close()


def test_a_page_shows_the_map_and_a_lasso_selects(page):
    page.page.goto(page.server.url("voila/render/02_similarity_map_to_playlist.ipynb"), wait_until="domcontentloaded")
    page.page.wait_for_selector(".js-plotly-plot .nsewdrag", state="attached")
    assert page.page.locator(".jp-CodeCell .jp-InputArea:visible").count() == 0, "a page shows no code"
    page.page.wait_for_function("() => !document.querySelector('#loading')?.offsetParent")
    page.page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    page.page.wait_for_timeout(1000)
    box = page.page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.lasso(centre, (box["width"] * 0.46, box["height"] * 0.46))
    page.page.get_by_text("Selected", exact=False).first.wait_for()
    page.page.screenshot(path=str(page.server.home / "voila.png"))
