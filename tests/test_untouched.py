"""Music is only read: whatever is asked of a library, no file of music changes."""

import hashlib
import shutil
import signal
import subprocess
import sys
import warnings

import av
import numpy as np
import pytest
from typer.main import get_command

import workbench as wb
from workbench import cli
from workbench.cli.application import app
from workbench.widgets.covers import cover_of

pytestmark = [pytest.mark.slow, pytest.mark.faults]

ENDINGS = {".mp3", ".flac", ".wav", ".aiff", ".aac", ".ogg", ".opus", ".m4a"}

COMMANDS = {
    "scan": ["{music}"],
    "analyze": ["--workers", "2"],
    "status": ["--warnings"],
    "search": ["duration_s:0.."],
    "playlist": ["All", "--query", "duration_s:0..", "--order", "flow", "--write", "{home}/all.m3u8"],
    "refresh": [],
    "export": ["{home}/all.csv"],
    "import": ["{home}/all.m3u8", "--name", "Again"],
    "report": ["quality", "--output", "{home}/reports"],
    "watch": ["{music}"],
    "root list": [],
    "root move": ["{music}", "{home}/copy"],
    "forget": ["--missing", "--yes"],
    "backup": ["{home}/backup.db"],
    "models list": [],
    "models fetch": ["--wheel", "{home}/all.csv"],
    "lab": ["--help"],
    "demo": ["{music}/../demo"],
}
"""Every command, in an order that makes sense."""
REFUSED = {"demo", "models fetch"}
"""What ends with an error here: a library that holds other music, a wheel that is none."""


def names(command, *before):
    """The names of all commands."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return [" ".join(before)]
    return [name for key, each in inner.items() for name in names(each, *before, key)]


def look(folder):
    """All that can be seen of the files below a folder, and of the folders."""
    found = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[path] = (data, seen.st_mtime_ns, seen.st_size, seen.st_mode, seen.st_ino, seen.st_uid, seen.st_nlink)
    return found


@pytest.fixture
def music(demo_home, tmp_path):
    """One short file of each format, and a cover beside them."""
    whole = sorted((demo_home / "data" / "demo").rglob("*"), key=lambda path: path.stat().st_size, reverse=True)
    folder = tmp_path / "music" / "album"
    folder.mkdir(parents=True)
    write_aac(folder / "song.aac")
    for ending in sorted(ENDINGS - {".aac"}):
        sizes = [path for path in whole if path.suffix == ending and path.stat().st_size > 30_000]
        shutil.copy(sizes[-1], folder / f"song{ending}")
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    return folder.parent


def write_aac(path):
    """Ten seconds of a tone in the one format that the demo does not make."""
    y = np.sin(2 * np.pi * 440 * np.arange(441_000) / 44_100, dtype=np.float32) / 4
    with av.open(str(path), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        for start in range(0, len(y) - 1024, 1024):
            frame = av.AudioFrame.from_ndarray(y[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def run(words, monkeypatch):
    """Run a command in this process, as a shell would; gives its exit code."""
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    with warnings.catch_warnings(action="default"), pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code or 0


def watch_a_moment(words, home):
    """A watch in a process of its own, ended by Ctrl-C after its first scan."""
    with subprocess.Popen(
        [sys.executable, "-m", "workbench", *words], stderr=subprocess.PIPE, text=True, cwd=home
    ) as process:
        said = ""
        while "files:" not in said and (line := process.stderr.readline()):
            said += line
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    return 0 if "files:" in said else 1


def test_no_command_changes_a_file_of_music(music, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LIBRARY", str(tmp_path / "library.db"))
    monkeypatch.chdir(tmp_path)
    assert sorted(COMMANDS) == sorted(names(get_command(app))), "a command is new: say here how it is run"
    shutil.copytree(music, tmp_path / "copy")
    before = look(tmp_path / "music"), look(tmp_path / "copy")
    codes, changed = {}, set()
    for name, rest in COMMANDS.items():
        words = [*name.split(), *(each.format(music=music, home=tmp_path) for each in rest)]
        codes[name] = watch_a_moment(words, tmp_path) if name == "watch" else run(words, monkeypatch)
        if (look(tmp_path / "music"), look(tmp_path / "copy")) != before:
            changed.add(name)
            before = look(tmp_path / "music"), look(tmp_path / "copy")
    files = sum(path.is_file() for path in before[0])
    print(f"{len(COMMANDS)} commands over {files} files of {len(ENDINGS)} formats: changed by {len(changed)} {changed}")
    assert {name for name, code in codes.items() if code} == REFUSED
    assert changed == set()


def test_no_method_of_a_library_changes_a_file_of_music(music, tmp_path):
    before = look(music)
    library = wb.Library(tmp_path / "library.db")
    uses = {
        "scan": lambda: library.scan(music),
        "tracks": library.tracks,
        "rate": lambda: library.rate(1, 0.5),
        "correct": lambda: library.correct(1, title="Mine", bpm=120.0),
        "track_analysis": lambda: library.track_analysis(1, duration_s=2.0),
        "covers": lambda: [cover_of(row) for row in library.tracks().iter_rows(named=True)],
        "scan again": lambda: library.scan(music),
        "findings": library.findings,
        "write": lambda: wb.Playlist("All", library.tracks()).write(tmp_path / "all.m3u8"),
        "read_playlist": lambda: library.read_playlist(tmp_path / "all.m3u8"),
        "export": lambda: library.export(library.tracks(), tmp_path / "all.parquet"),
        "backup": lambda: library.backup(tmp_path / "backup.db"),
        "forget_missing": library.forget_missing,
    }
    changed = set()
    for name, use in uses.items():
        use()
        if look(music) != before:
            changed.add(name)
            before = look(music)
    print(f"{len(uses)} uses of a library: changed by {len(changed)} {changed}")
    assert len(library.tracks()) == len(ENDINGS)
    assert changed == set()
