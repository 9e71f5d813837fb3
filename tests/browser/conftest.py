"""One JupyterLab and one Chromium for all browser tests."""

import shutil
from contextlib import contextmanager

import pytest
from hostile import make_hostile
from labdriver import CHROMIUM, JupyterServer, LabPage, launch_chromium

PATIENCE_S = 90  # a machine with two busy cores is slow; nothing waits longer than it must


def pytest_collection_modifyitems(items):
    """Mark the tests of this folder, and skip them where there is no browser."""
    for item in items:
        if item.path.parent.name != "browser":
            continue
        item.add_marker(pytest.mark.browser)
        if shutil.which(CHROMIUM) is None:
            item.add_marker(pytest.mark.skip(reason=f"no browser at {CHROMIUM}; the variable CHROMIUM names another"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test leaves a picture of its page."""
    report = yield
    for page in pages_of(item) if report.failed and call.when == "call" else ():
        picture = page.server.home / f"{item.name}.png"
        page.page.screenshot(path=str(picture))
        report.sections.append(("picture of the failure", str(picture)))
    return report


def pages_of(item):
    """The notebooks that a test looks at."""
    return {value for value in getattr(item, "funcargs", {}).values() if isinstance(value, LabPage)}


@pytest.fixture(autouse=True)
def quiet(request):
    """A console error or a dialog fails the test."""
    yield
    for page in pages_of(request.node):
        errors, page.errors = page.errors, []
        assert not errors, f"the page logged {errors}"
        assert not page.dialogs, f"a script ran: {page.dialogs}"


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory, demo_home):
    """A running JupyterLab, with the demo's library chosen as `workbench lab` would."""
    folder = tmp_path_factory.mktemp("lab")
    chosen = {"WORKBENCH_LIBRARY": str(demo_home / "data" / "library.db")}
    with JupyterServer(folder / "notebooks", folder / "home", chosen) as server:
        yield server


@pytest.fixture(scope="session")
def chromium():
    """A running browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, launch_chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def new_page(chromium, lab_server):
    """A function that gives an empty `LabPage` for the length of a ``with`` block."""

    @contextmanager
    def open_page(width=1300, height=1000):
        context = chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE_S * 1000)
        page = LabPage(context.new_page(), lab_server)
        try:
            yield page
        finally:
            page.close()
            context.close()

    return open_page


@pytest.fixture(scope="session")
def hostile_library(tmp_path_factory):
    """An analysed library whose every text is an attack."""
    return make_hostile(tmp_path_factory.mktemp("hostile"))
