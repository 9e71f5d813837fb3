"""Fixtures that every room's tests share."""

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from workbench import settings

# what one process has compiled serves the others; it must be set before anything imports numba
os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.compiled_folder()))

STAND_ALONE = ("test_curated.py", "test_notebooks.py")
"""Files whose tests share nothing but the demo and the browser."""


def pytest_xdist_auto_num_workers(config):
    """The whole suite is run by two processes; files that are named, or what is to be seen or stepped through, by one.

    One file's tests stay in one process anyway, for its fixtures' sake. ``-n 2`` and ``-n 0`` say otherwise.
    """
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    return min(2, os.cpu_count() or 1) if whole and config.option.capture != "no" else 0


def pytest_xdist_make_scheduler(config, log):
    """What the processes take in one piece."""
    return Shares(config, log)


class Shares(LoadScopeScheduling):
    """The tests of a file stay in one process, and so do all that drive the browser, but for those that stand alone."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        if file.endswith(STAND_ALONE):
            return nodeid
        return "browser" if "/browser/" in file else file


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Give way to the process that drives the browser: a page gives a window two seconds to begin."""
    is_one_of_two = "PYTEST_XDIST_WORKER" in os.environ and hasattr(os, "nice")
    if is_one_of_two and item.path.parent.name != "browser" and os.nice(0) == 0:
        os.nice(5)


def pytest_collection_modifyitems(items):
    """Long tests that stand alone come last, so that both processes end at about one time."""
    items.sort(key=lambda item: item.path.name in STAND_ALONE)


@pytest.fixture(scope="session")
def shared_folder(request, tmp_path_factory):
    """A folder of this run, the same in every process that takes part in it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


# the same examples in every run, so that a red test is red again; --hypothesis-profile=long looks for new ones
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None)
hypothesis.settings.register_profile("long", max_examples=600, deadline=None, print_blob=True)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def compiled(shared_folder):
    """The analysis, compiled: on a busy machine that takes longer than a test waits for the analysis itself."""
    from workbench.extract.compiling import compiled

    with FileLock(shared_folder / "compiled.lock"):
        return compiled()


@pytest.fixture(scope="session")
def test_data():
    """The folder of real files that WORKBENCH_TEST_DATA names; tests that want it skip where there is none."""
    named = os.environ.get("WORKBENCH_TEST_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("WORKBENCH_TEST_DATA names no folder")
    return Path(named)


@pytest.fixture(scope="session")
def models_home(shared_folder):
    """Where the learned model is kept: in a folder of this run where a wheel is at hand, else where the user has it."""
    return shared_folder / "models" if os.environ.get("WORKBENCH_TEST_MODEL") else settings.models_folder()


@pytest.fixture(scope="session", autouse=True)
def _no_model(tmp_path_factory, models_home):  # noqa: ARG001  which looks at the variable that is set here
    """Tests know no learned model unless they ask for one, and download none.

    pip sees the wheel that WORKBENCH_TEST_MODEL names, or none.
    """
    wheel = os.environ.get("WORKBENCH_TEST_MODEL")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(Path(wheel).absolute().parent) if wheel else "")
        patch.setenv("WORKBENCH_MODELS", str(tmp_path_factory.mktemp("no_models")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_preferences(tmp_path_factory):
    """Tests know no preferences of the user's, and change none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PREFERENCES", str(tmp_path_factory.mktemp("preferences") / "preferences.json"))
        yield


@pytest.fixture(scope="session")
def model_wheel():
    """The wheel of musicnn that WORKBENCH_TEST_MODEL names."""
    named = os.environ.get("WORKBENCH_TEST_MODEL")
    if not named or not Path(named).is_file():
        pytest.skip("WORKBENCH_TEST_MODEL names no wheel")
    return Path(named)


@pytest.fixture(scope="session")
def learned_model(models_home, shared_folder):
    """The learned model, from where it was fetched to or else from the wheel that WORKBENCH_TEST_MODEL names."""
    from workbench import learned

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_MODELS", str(models_home))
        wheel = os.environ.get("WORKBENCH_TEST_MODEL")
        with FileLock(shared_folder / "model.lock"):
            if wheel and not learned.available():
                learned.fetch(wheel=Path(wheel))
        if not learned.available():
            pytest.skip("no learned model here, and WORKBENCH_TEST_MODEL names no wheel")
        return learned.load()


@pytest.fixture
def with_model(monkeypatch, models_home, learned_model):
    """For a test that analyses with the learned model."""
    monkeypatch.setenv("WORKBENCH_MODELS", str(models_home))
    return learned_model


@pytest.fixture
def analyzed(tmp_path):
    """Features of samples, by way of a file."""

    def through_file(y, sr=22_050, *, name="a.wav", subtype="FLOAT"):
        import numpy as np
        import soundfile

        from workbench.features import analyze

        path = tmp_path / name
        soundfile.write(path, np.asarray(y).T, sr, subtype=subtype)
        return analyze(path)

    return through_file


@pytest.fixture(scope="session")
def demo_home(shared_folder, models_home):
    """Folder in which `workbench demo` ran once: data/library.db, data/demo, data/reports, and what it said.

    WORKBENCH_TEST_DEMO names a folder to keep it in from run to run, while tests are being written.
    """
    kept = os.environ.get("WORKBENCH_TEST_DEMO")
    home = Path(kept) if kept else shared_folder / "demo"
    made = shared_folder / "demo.made"
    with FileLock(shared_folder / "demo.lock"):
        if not made.exists():
            (home / "data").mkdir(parents=True, exist_ok=True)
            done = workbench("demo", cwd=home, WORKBENCH_MODELS=str(models_home))
            assert done.returncode == 0, done.stderr
            (home / "said.txt").write_text(done.stderr, encoding="utf-8")
            made.touch()
    return home


@pytest.fixture
def demo_library(demo_home):
    """The demo collection, analysed. Tests leave its music alone."""
    import workbench as wb

    return wb.Library(demo_home / "data" / "library.db")


def workbench(*words, cwd, **environment):
    """Run the command line as a user would."""
    kept = {name: value for name, value in os.environ.items() if name != "WORKBENCH_LIBRARY"}
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, words)],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="session")
def command():
    """The command line: ``command("scan", folder, cwd=here)``."""
    return workbench
