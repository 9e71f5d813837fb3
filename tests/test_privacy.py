"""What the package must not do, hold or let out: code that is run from data, secrets, paths and names of a machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from synthetic import records

import workbench as wb
from workbench import store
from workbench.errors import ReportError
from workbench.reports import notebooks_folder, run_report
from workbench.reports.running import run_notebook
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

PACKAGE = Path(wb.__file__).parent

RUNS_DATA = re.compile(
    r"^\s*(?:import|from)\s+(?:pickle|cPickle|cloudpickle|dill|joblib|shelve|marshal)\b"
    r"|allow_pickle\s*=\s*True|\bpickle\.\w|\bjoblib\.\w|(?<![\w.])(?:eval|exec|compile)\("
    r"|\byaml\.(?:unsafe_|full_)?load\(|shell\s*=\s*True|\bos\.(?:system|popen)\(|__import__\(",
    re.MULTILINE,
)
"""Code that makes objects or commands of what it reads."""

PIPES = PACKAGE / "workers"
"""The workers' own pipes pickle, between processes of one program; nothing of that is kept, and no file is read so."""

LOADS = re.compile(r"\b(?:np|numpy)\.(?:load|lib\.format\.read_array)\((?!.*allow_pickle=False)")

CONTROLS = re.compile(
    r"\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write\b|\bnew Function\(|(?<![\w.])eval\("
)
"""How a script would read text as HTML or as code."""

SECRET = re.compile(r"""(?i)(?:api[_-]?key|token|secret|password)\w*["']?\s*[:=]\s*["'][A-Za-z0-9_\-]{12,}""")

PLACES = re.compile(r"""(?<![\w.~])/(?:home|root|Users|tmp|var|opt|mnt|srv|work)/[\w.]|[A-Z]:\\\\?Users""")
"""Where a machine keeps its things."""


def sources(*endings):
    return [path for ending in endings for path in sorted(PACKAGE.rglob(f"*.{ending}"))]


def found(pattern, files):
    return [f"{path}: {hit[0].strip()}" for path in files for hit in pattern.finditer(path.read_text("utf-8"))]


def test_nothing_that_is_read_is_run():
    files = [path for path in sources("py") if PIPES not in path.parents]
    assert found(RUNS_DATA, files) == []
    assert {hit.rpartition(": ")[2] for hit in found(RUNS_DATA, sorted(PIPES.glob("*.py")))} == {
        "import pickle",
        "pickle.P",  # PicklingError
        "pickle.d",  # dumps and loads, in memory
        "pickle.l",
    }
    assert found(LOADS, files) == []
    print(f"{len(files)} modules: none runs what it reads")


def test_no_script_of_a_window_reads_text_as_html():
    scripts = sources("js")
    assert len(scripts) > 20
    assert found(CONTROLS, scripts) == []


def test_the_patterns_find_what_they_look_for():
    for text in (
        "import pickle",
        "eval(text)",
        "yaml.load(x)",
        "run(x, shell=True)",
        "allow_pickle=True",
        "os.system(x)",
    ):
        assert RUNS_DATA.search(text), text
    for text in ("pl.element().list.eval(x)", "re.compile(x)", "def evaluate(x)", "allow_pickle=False"):
        assert not RUNS_DATA.search(text), text
    assert LOADS.search("np.load(path)")
    assert SECRET.search('API_KEY = "abcdef0123456789"')
    assert PLACES.search("see /home/ann/x")
    assert PLACES.search("'/tmp/x'")


def test_no_secret_is_written_into_the_package_or_its_notebooks():
    files = [*sources("py", "js", "json", "toml"), *notebooks_folder().glob("*.ipynb")]
    assert found(SECRET, files) == []


def test_the_notebooks_hold_no_path_of_a_machine():
    notebooks = sorted(notebooks_folder().glob("*.ipynb"))
    assert found(PLACES, notebooks) == []
    assert not [path for path in notebooks if "papermill" in nbformat.read(path, 4).metadata]
    print(f"{len(notebooks)} notebooks: 0 paths")


@pytest.fixture(scope="module")
def marked_home(demo_home, tmp_path_factory):
    """A home folder with a telling name that holds the demo's library; the environment is telling, too."""
    home = tmp_path_factory.mktemp("zmarkerhome")
    (home / "data").mkdir()
    shutil.copyfile(demo_home / "data" / "library.db", home / "data" / "library.db")
    told = {"HOME": str(home), "USERPROFILE": str(home), "USER": "zmarkeruser", "LOGNAME": "zmarkeruser"}
    return home, os.environ | told | {"SECRET_TOKEN": "zmarkertoken", "HOSTNAME": "zmarkerhost"}


@pytest.mark.slow
@pytest.mark.parametrize("report", ["statistics", "quality", "sound"])
def test_a_report_tells_nothing_of_the_machine_that_made_it(marked_home, demo_home, report):
    home, environment = marked_home
    words = [sys.executable, "-m", "workbench", "report", report, "--library", home / "data" / "library.db"]
    done = subprocess.run(
        [*words, "--output", home / "out"], env=environment, cwd=home, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = {"zmarker", str(home), str(demo_home), str(PACKAGE.parent), sys.prefix}
    for document in (home / "out" / f"{report}.html", home / "out" / f"{report}.ipynb"):
        text = without_plotly(document.read_text("utf-8"))
        assert sorted(word for word in told if word in text) == [], document
        assert PLACES.findall(text) == [], document
        assert SECRET.findall(text) == [], document
    print(f"report {report}: 0 paths, names or secrets")


def without_plotly(text):
    """A page without its library of figures, which is the same everywhere."""
    return re.sub(r"<script[^>]*>/\*\*\n\* plotly\.js.*?</script>", "", text, flags=re.DOTALL)


def test_an_error_in_a_notebook_tells_no_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    texts = "import pathlib, polars as pl", "pl.read_csv(pathlib.Path.home() / 'absent.csv')"
    made = new_notebook(cells=[new_code_cell(text) for text in texts], metadata=kernel)
    nbformat.write(made, tmp_path / "made.ipynb")
    with pytest.raises(ReportError):
        run_notebook(tmp_path / "made.ipynb", tmp_path / "done.ipynb", {})
    text = (tmp_path / "done.ipynb").read_text("utf-8")
    assert "absent.csv" in text
    assert str(tmp_path) not in text
    assert sys.prefix not in text
    assert "papermill" not in nbformat.read(tmp_path / "done.ipynb", 4).metadata


def test_a_report_finds_its_library_wherever_that_lies(tmp_path):
    library = wb.Library(tmp_path / "$HOME {x} '\"" / "library.db")
    with store.writing(library._engine) as connection:
        store_records(connection, add_root(connection, Path("/music").absolute())[0], list(records(61)))
    page = run_report("statistics", tmp_path / "out", library=library.path)
    assert "<td>61</td>" in page.read_text("utf-8")
    assert "library.db" not in page.with_suffix(".ipynb").read_text("utf-8")


def test_a_library_shows_its_place_from_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "ann"))
    (tmp_path / "ann").mkdir()
    library = wb.Library(tmp_path / "ann" / "music.db")
    assert repr(library) == f"Library({str(Path('~', 'music.db'))!r}, 0 tracks, 0 to analyse)"
    assert wb.Library("~/music.db").path == library.path
    assert repr(wb.Library(tmp_path / "music.db")).startswith(f"Library({str(tmp_path / 'music.db')!r}")
