"""The package is a house: a room imports only from floors below its own, and heavy libraries stay in their rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = [
    ["whole_files"],  # preferences are one
    ["models", "settings", "preferences", "keys", "titles"],
    ["errors"],  # a file's error carries a reason code from models
    ["tags", "audio", "learned", "playlist_files", "exports", "query", "spaces", "workers", "locks", "online"],
    ["store", "features", "neighbours", "demo"],
    ["scan", "extract", "duplicates", "maps", "clusters", "genres", "moods", "stats", "facets"],
    ["doctor"],  # which asks stats, and is drawn by figures
    ["playlists", "figures", "reports"],
    ["library"],
    ["widgets", "audio_server"],
    ["cli", "server"],
    ["__main__"],
]
HEAVY = {
    "alembic": ["store"],
    "anywidget": ["widgets"],
    "av": ["audio", "demo"],
    "ipywidgets": ["widgets"],
    "jupyter_core": ["settings"],
    "jupyter_server": ["audio_server"],
    "lark": ["query"],
    "librosa": ["features"],
    "mutagen": ["tags", "demo"],
    "nbconvert": ["reports"],
    "numba": ["features", "maps"],
    "papermill": ["reports"],
    "pebble": ["workers"],
    "PIL": ["demo", "tags"],
    "psutil": ["store"],
    "plotly": ["figures", "reports", "widgets"],
    "scipy": ["features", "demo", "maps", "neighbours", "playlists"],
    "sklearn": ["clusters", "spaces"],
    "soundfile": ["audio", "demo"],
    "soxr": ["audio"],
    "sqlalchemy": ["models", "store", "scan", "extract"],
    "sqlmodel": ["models", "store"],
    "threadpoolctl": ["workers"],
    "tornado": ["audio_server"],
    "tqdm": ["library"],
    "typer": ["cli"],
    "umap": ["maps"],
    "watchfiles": ["scan"],
}
ROOT = Path(__file__).parents[1] / "workbench"
FLOOR = {room: number for number, floor in enumerate(HOUSE) for room in floor}
FILES = [file for file in sorted(ROOT.rglob("*.py")) if file != ROOT / "__init__.py"]


def room_of(file):
    return file.relative_to(ROOT).with_suffix("").parts[0]


def imports_of(file):
    here = ("workbench", *file.relative_to(ROOT).with_suffix("").parts)[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            above = list(here[: len(here) - node.level + 1]) if node.level else []
            above += node.module.split(".") if node.module else []
            yield from ([*above, alias.name] for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_down(file):
    room = room_of(file)
    for name in imports_of(file):
        if name[0] == "workbench" and len(name) > 1 and name[1] in FLOOR and name[1] != room:
            assert FLOOR[name[1]] < FLOOR[room], f"{room} may not import {name[1]}"
        assert room in HEAVY.get(name[0], [room]), f"{room} may not import {name[0]}"


def test_every_room_has_a_floor():
    assert {room_of(file) for file in FILES} <= set(FLOOR)


def test_the_front_door_loads_nothing_heavy():
    code = "import sys, workbench; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "workbench" in out
    assert not {*HEAVY, "numpy", "pandas", "polars", "pydantic", "torch", "matplotlib"} & set(out)


def test_every_public_name_opens():
    import workbench

    assert all(getattr(workbench, name) is not None for name in workbench.__all__)


def test_an_unknown_name_says_which_there_are():
    import workbench

    with pytest.raises(AttributeError, match="Library"):
        _ = workbench.Libary
