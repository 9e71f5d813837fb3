"""What the documents promise is there: commands, names, code that runs."""

import json
import re
from pathlib import Path

import pytest

import workbench
from workbench.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source_of(cell):
    return "".join(cell["source"])


def test_the_first_code_block_is_two_commands():
    language, text = BLOCKS[0]
    lines = text.splitlines()
    assert language == "sh"
    assert len(lines) == 2
    assert lines[0].endswith("workbench demo")
    assert lines[1].endswith("pytest")


def test_every_command_is_in_the_readme():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    names |= {group.name for group in app.registered_groups}
    assert names == {
        *("scan", "watch", "analyze", "status", "search", "playlist", "report", "lab", "demo"),
        *("root", "forget", "backup", "models", "refresh", "export", "import"),
    }
    assert {name for name in names if f"workbench {name}" in README} == names


def test_every_public_name_is_in_a_document():
    words = README + "".join(source_of(cell) for path in NOTEBOOKS for cell in cells_of(path))
    assert {name for name in workbench.__all__ if f"wb.{name}" in words} == set(workbench.__all__)


def test_every_path_in_the_readme_is_there():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path


@pytest.mark.slow
def test_the_python_of_the_readme_runs(demo_home, tmp_path, monkeypatch):
    code = "\n".join(text for language, text in BLOCKS if language == "python")
    monkeypatch.chdir(tmp_path)
    few = demo_home / "data" / "demo" / "Subtidal"
    code = code.replace("~/Music", few.as_posix())
    code = code.replace("bpm:60..110 -genre:techno", "bpm:40..240 -genre:techno")
    scope = {}
    exec(compile(code, "README.md", "exec"), scope)  # noqa: S102  the document's own code
    assert (tmp_path / "rain.m3u8").read_text(encoding="utf-8").startswith("#EXTM3U")
    assert scope["library"].playlist("Rain").track_ids == scope["rain"].track_ids


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_tell_and_do_not_program(path):
    for cell in cells_of(path):
        source = source_of(cell)
        if cell["cell_type"] == "code":
            assert not re.search(r"^\s*(def|class|async)\b", source, re.MULTILINE), source
            assert source.count("\n") < 12, source
            assert not re.search(r"[\"'](/|[A-Z]:\\)", source), source
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|Users|tmp)/", text), "a path of some machine"
    assert len(text) < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_checked_cells_hold_their_output(path):
    for cell in cells_of(path):
        if source_of(cell).startswith("# NBVAL_CHECK_OUTPUT"):
            assert cell["outputs"], f"{path.name} was cleared: run it again"


def test_some_cells_are_checked():
    marked = [cell for path in NOTEBOOKS for cell in cells_of(path) if "NBVAL_CHECK_OUTPUT" in source_of(cell)]
    assert len(marked) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_between_notebooks_hold(path):
    for cell in cells_of(path):
        if cell["cell_type"] == "markdown":
            for target in re.findall(r"\]\(([^)]+\.ipynb)\)", source_of(cell)):
                assert (path.parent / target).exists(), target
