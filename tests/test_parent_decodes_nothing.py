"""What decodes a stranger's bytes runs in workers, never in the process of a notebook or a server."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent / "workbench"
DECODING = ("workbench.audio", "workbench.tags")
HEARING = ("analyze", "preview", "hear", "hear_excerpts", "track_analysis", "warm")
DOORS = ("audio_server", "cli", "library", "widgets", "reports", "figures", "playlists", "doctor", "stats", "facets")
FILES = [file for room in DOORS for file in [*(ROOT / room).rglob("*.py"), *ROOT.glob(f"{room}.py")]]


@pytest.fixture
def used(demo_library, tmp_path):
    """A copy of the demo's store, and three of its files in a folder that it does not know."""
    shutil.copy(demo_library.path, tmp_path / "library.db")
    music = tmp_path / "music"
    music.mkdir()
    tracks = demo_library.tracks()
    for kind in ("mp3", "m4a", "flac"):
        path = next(Path(os.fsdecode(each)) for each in tracks["path_bytes"] if each.endswith(kind.encode()))
        shutil.copy(path, music / path.name)
    return tmp_path / "library.db", music


@pytest.mark.slow
def test_every_window_and_every_method_decode_in_workers_only(used, tmp_path):
    """The import of a decoder raises where it is tried."""
    words = [sys.executable, HERE / "every_gesture.py", *used, tmp_path]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    print(done.stdout.splitlines()[-1] if done.stdout else "")
    assert done.returncode == 0, done.stderr[-3000:]
    found = re.search(r"methods (\d+), pictures (\d+), all of them JPEG: True, decoders loaded: 0", done.stdout)
    assert found, done.stdout
    assert int(found[1]) >= 48
    assert int(found[2]) >= 20
    assert "imports" not in done.stderr, "nor is it tried and passed over"


def borrowed(tree):
    """Names under which a file has what decodes, and the lines where it calls one."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                hears = node.module.startswith("workbench.features") and alias.name in HEARING
                if whole in DECODING or node.module.startswith(DECODING) or hears:
                    names.add(alias.asname or alias.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            part = node.func
            while isinstance(part, ast.Attribute):
                part = part.value
            if isinstance(part, ast.Name) and part.id in names:
                yield node.lineno


def test_no_door_calls_what_decodes():
    """It may only be named, for `workers.ask`."""
    assert len(FILES) > 100
    calls = [f"{file}:{line}" for file in FILES for line in borrowed(ast.parse(file.read_text(encoding="utf-8")))]
    print(f"calls of decoders in {len(FILES)} files: {len(calls)}")
    assert calls == []


def test_a_call_of_what_decodes_would_be_seen():
    sources = {
        "from workbench import audio\naudio.excerpt(path)": 1,
        "from workbench.tags import cover as c\nc(path)": 1,
        "def f():\n    from workbench.features import track_analysis\n    return track_analysis(path)": 1,
        "from workbench import audio, workers\nworkers.ask(audio.excerpt, path)": 0,
    }
    assert {source: len(list(borrowed(ast.parse(source)))) for source in sources} == sources


def test_the_server_of_tracks_loads_no_decoder():
    """Nor does what it serves by an ending that browsers run have a type that they would run."""
    code = (
        "import sys; from pathlib import Path; from workbench.audio_server.streaming import TYPES, content_type;"
        "print(*{n.partition('.')[0] for n in sys.modules} & {'PIL', 'av', 'librosa', 'mutagen', 'soundfile'});"
        "print(*{content_type(Path('a' + e)) for e in ('.svg', '.html', '.xhtml', '.xml', '.js', '.pdf', '')});"
        "print(*{kind.partition('/')[0] for kind in TYPES.values()})"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["", "application/octet-stream", "audio"]
