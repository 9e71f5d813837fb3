"""Fixtures that every room's tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import settings

# what one process has compiled serves the others; it must be set before anything imports numba
os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.compiled_folder()))


@pytest.fixture(scope="session")
def compiled():
    """The analysis, compiled: on a busy machine that takes longer than a test waits for the analysis itself."""
    from workbench.extract.compiling import compiled

    return compiled()


@pytest.fixture(scope="session")
def test_data():
    """The folder of real files that WORKBENCH_TEST_DATA names; tests that want it skip where there is none."""
    named = os.environ.get("WORKBENCH_TEST_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("WORKBENCH_TEST_DATA names no folder")
    return Path(named)


@pytest.fixture(scope="session")
def models_home(tmp_path_factory):
    """Where the learned model is kept: in a folder of this run where a wheel is at hand, else where the user has it."""
    return tmp_path_factory.mktemp("models") if os.environ.get("WORKBENCH_TEST_MODEL") else settings.models_folder()


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
def learned_model(models_home):
    """The learned model, from where it was fetched to or else from the wheel that WORKBENCH_TEST_MODEL names."""
    from workbench import learned

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_MODELS", str(models_home))
        wheel = os.environ.get("WORKBENCH_TEST_MODEL")
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
def demo_home(tmp_path_factory, models_home):
    """Folder in which `workbench demo` ran once: data/library.db, data/demo, data/reports, and what it said.

    WORKBENCH_TEST_DEMO names a folder to keep it in from run to run, while tests are being written.
    """
    kept = os.environ.get("WORKBENCH_TEST_DEMO")
    home = Path(kept) if kept else tmp_path_factory.mktemp("demo")
    (home / "data").mkdir(parents=True, exist_ok=True)
    done = workbench("demo", cwd=home, WORKBENCH_MODELS=str(models_home))
    assert done.returncode == 0, done.stderr
    (home / "said.txt").write_text(done.stderr, encoding="utf-8")
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
