"""The settings panel in a real JupyterLab: folders, analysis, preferences, in both themes and on a narrow page."""

import json

import numpy as np
import pytest
import soundfile as sf

pytestmark = pytest.mark.usefixtures("compiled")

OVERFLOW = """part => [part.scrollWidth - part.clientWidth, ...[...part.querySelectorAll('button, input, h3, span, li')]
    .filter(each => each.offsetParent)
    .map(each => each.getBoundingClientRect().right - part.getBoundingClientRect().right)]"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two folders of music, one in the library."""
    folder = tmp_path_factory.mktemp("settings")
    for name in ("music", "more <b>music"):
        (folder / name).mkdir()
        for number in range(2):
            y = np.random.default_rng(number).normal(scale=0.1, size=22_050 * 2)
            sf.write(folder / name / f"{number}.wav", y, 22_050)
    return folder


@pytest.fixture(scope="module")
def notebook(new_page, home):
    with new_page(width=1000, height=1100) as page:
        cells = (
            f"import os; os.environ['WORKBENCH_PREFERENCES'] = {str(home / 'preferences.json')!r}",
            f"import workbench as wb; library = wb.Library({str(home / 'library.db')!r})",
            "from workbench.widgets.settings_panel import SettingsPanel\npanel = SettingsPanel(library); panel",
        )
        page.run_cells("settings.ipynb", cells)
        yield page


@pytest.fixture
def panel(notebook):
    """The drawn panel."""
    return notebook.page.locator(".wb-settings")


def test_a_folder_is_added_and_analysed(notebook, panel, home):
    panel.get_by_text("No music folder yet").wait_for()
    assert panel.get_by_role("button", name="Analyse now").is_disabled()
    panel.get_by_label("Another folder").fill(str(home / "music"))
    panel.get_by_role("button", name="Add folder").click()
    panel.get_by_text("2 tracks wait for analysis: 2 not analysed yet.").wait_for()
    assert panel.get_by_role("list", name="Music folders").get_by_role("listitem").count() == 1

    panel.get_by_role("button", name="Analyse now").click()
    notebook.page.locator(".wb-job").get_by_text("Analysing: done").wait_for()
    panel.get_by_text("No track waits for analysis.").wait_for()
    assert notebook.kernel.ask("library.pending()") == 0
    row = panel.get_by_role("row").filter(has_text="levels")
    assert row.inner_text().split() == ["levels", "2", "2", "0", "0"]


def test_a_name_is_text(panel, home):
    panel.get_by_label("Another folder").fill(str(home / "more <b>music"))
    panel.get_by_label("Another folder").press("Enter")
    panel.get_by_text(str(home / "more <b>music"), exact=True).wait_for()


def test_a_folder_is_moved_and_an_error_is_a_line(notebook, panel, home):
    row = panel.get_by_role("listitem").filter(has_text="more <b>music")
    row.get_by_role("button", name="Move to").click()
    row.get_by_label("New place of").fill("/nowhere/at/all")
    row.get_by_role("button", name="Move", exact=True).click()
    notebook.page.get_by_text("/nowhere/at/all: is no folder").wait_for()
    assert row.get_by_label("New place of").input_value() == "/nowhere/at/all", "what was typed stays"

    (home / "more <b>music").rename(home / "moved")
    row.get_by_label("New place of").fill(str(home / "moved"))
    row.get_by_label("New place of").press("Enter")
    notebook.page.get_by_text(f"2 files are in {home / 'moved'} from now on").wait_for()
    assert notebook.kernel.ask("sorted(root.name for root in library.roots())") == ["moved", "music"]


def test_preferences_are_kept(notebook, panel, home):
    panel.get_by_label("Worker processes").fill("3")
    panel.get_by_label("Worker processes").press("Enter")
    notebook.kernel.wait_for("wb.library.sound.preferences.load().workers", 3)
    panel.get_by_label("Figures look").select_option(label="Dark")
    notebook.kernel.wait_for("wb.library.sound.preferences.load().theme", "dark")
    kept = {"workers": 3, "theme": "dark", "record_searches": False}
    assert json.loads((home / "preferences.json").read_text(encoding="utf-8")) == kept

    panel.get_by_label("Worker processes").fill("0")
    panel.get_by_label("Worker processes").press("Enter")
    notebook.page.get_by_text("0 is no value for workers").wait_for()
    notebook.page.wait_for_function("() => document.querySelector('.wb-settings input[type=number]').value === '3'")
    notebook.kernel.wait_for("wb.library.sound.preferences.load().workers", 3)


def test_searches_are_remembered_and_forgotten(notebook, panel):
    tick = panel.get_by_label("Remember searches")
    assert not tick.is_checked()
    assert not panel.get_by_role("button", name="Forget").is_visible()
    tick.check()
    notebook.kernel.wait_for("wb.library.sound.preferences.load().record_searches", expected=True)
    notebook.kernel.ask("len(library.search('title:0')) + len(library.search('title:1'))")
    panel.get_by_role("button", name="Look again").click()
    panel.get_by_text("It remembers 2 now.").wait_for()
    panel.get_by_role("button", name="Forget").click()
    notebook.page.get_by_text("2 searches of this library forgotten.").wait_for()
    assert notebook.kernel.ask("len(library.searches())") == 0
    tick.uncheck()
    notebook.kernel.wait_for("wb.library.sound.preferences.load().record_searches", expected=False)


def test_nothing_is_fetched_unasked(panel):
    panel.get_by_text("Fetch downloads 29 MB from PyPI").wait_for()
    assert panel.get_by_role("button", name="Fetch", exact=True).is_enabled()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("width", [500, 900, 1500])
def test_it_fits_the_page(notebook, panel, theme, width):
    notebook.page.set_viewport_size({"width": width, "height": 1300})
    notebook.theme(theme)
    panel.scroll_into_view_if_needed()
    excess = panel.evaluate(OVERFLOW)
    notebook.page.screenshot(path=str(notebook.server.home / f"settings {theme} {width}.png"))
    notebook.theme("JupyterLab Light")
    assert max(excess) <= 1


def test_a_library_that_can_only_be_read_says_why(notebook, panel):
    notebook.kernel.ask("setattr(library, 'refusal', lambda: 'library.db: is only read')")
    panel.get_by_role("button", name="Look again").click()
    panel.get_by_role("note").get_by_text("library.db: is only read").wait_for()
    for name in ("Add folder", "Analyse now", "Scan", "Move to …"):
        assert panel.get_by_role("button", name=name).first.is_disabled()
    assert panel.get_by_label("Figures look").is_enabled()
