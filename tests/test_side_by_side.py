"""Two processes at work on one library: nothing is done twice, and nothing lost."""

import os
import sqlite3
import sys
import threading
import time
from contextlib import closing

import numpy as np
import process_groups
import pytest
import soundfile

import workbench as wb
from workbench import locks
from workbench.errors import JobError, StoreError
from workbench.extract.running import WAITS


def quiet(_done, _total, _text):
    pass


def fill(folder, numbers, seconds=0.3):
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        y = np.random.default_rng(number).normal(scale=0.1, size=int(8000 * seconds))
        soundfile.write(folder / f"{number:03}.flac", y, 8000)
    return folder


ANALYSIS = """
import sys
import workbench as wb
library = wb.Library(sys.argv[1])
print("begun", flush=True)
def say(done, total, text):
    print(done, total, text, sep="\\t", flush=True)
    if done == 3 and sys.argv[2:]:
        sys.stdin.readline()  # until it may go on
done = library.analyze(workers=1, progress=say)
print("ended", done.analyzed, done.failed, sep="\\t", flush=True)
"""
SCAN = """
import sys, time
import workbench as wb
library = wb.Library(sys.argv[1])
from workbench.scan import batches
batches.BATCH = batches.STEP = 8
print("begun", flush=True)
sys.stdin.readline()
done = library.scan(sys.argv[2], workers=1, progress=lambda *_: None)
print(done.seen, done.failed, flush=True)
"""


@pytest.fixture
def script(tmp_path):
    def written(text):
        place = tmp_path / f"script {len(list(tmp_path.glob('script*')))}.py"
        place.write_text(text, encoding="utf-8")
        return place

    return written


def analyzed_by(lines):
    """Paths that a run reported as done."""
    return [line.split("\t")[2] for line in lines if line.count("\t") == 2 and not line.startswith(("0\t", "ended"))]


# Analysis


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.skipif(sys.platform == "win32", reason="asks for a group of processes")
@pytest.mark.parametrize("end", ["on its own", "killed"])
def test_two_analyses_at_once_do_no_track_twice_and_lose_none(tmp_path, script, end):
    library = wb.Library(tmp_path / "library.db")
    library.scan(fill(tmp_path / "music", range(16)), workers=1, progress=quiet)
    (tmp_path / "by another name").symlink_to(tmp_path, target_is_directory=True)
    place = script(ANALYSIS)
    first = process_groups.start(place, library.path, "pausing")
    said = [first.stdout.readline() for _ in range(4)]  # "begun" and three tracks
    second = process_groups.start(place, tmp_path / "by another name" / "library.db")
    told = [second.stdout.readline() for _ in range(2)]
    assert told == ["begun\n", f"0\t0\t{WAITS}\n"]
    if end == "killed":
        first.kill()
    said += first.communicate(timeout=120)[0].splitlines()
    told += second.communicate(timeout=120)[0].splitlines()
    for run in (first, second):
        process_groups.await_none(run.pid)
    one, two = analyzed_by(said), analyzed_by(told)
    twice = len(one) + len(two) - len({*one, *two})
    lost = 16 - len(library.features())
    print(f"first {end}: {len(one)} and {len(two)} tracks; {twice} analysed twice, {lost} lost")
    assert (twice, lost, library.pending(), second.returncode) == (0, 0, 0, 0)
    assert len(one) >= 3
    assert len(two) >= 16 - len(one) - 1 if end == "killed" else not two  # a kept one may not have been reported


def test_a_waiting_analysis_can_be_stopped_and_goes_on_when_the_other_ends(tmp_path):
    library = wb.Library(tmp_path / "library.db")
    stop, said = threading.Event(), []
    with locks.turn(tmp_path / "library.db-analysis"):
        threading.Timer(0.5, stop.set).start()
        done = library.analyze(progress=lambda *step: said.append(step), stop=stop)
    assert (done.analyzed, done.stopped, said) == (0, True, [(0, 0, WAITS)])
    assert not library.analyze(progress=quiet).stopped


def test_a_bar_says_for_what_it_waits(capsys):
    from workbench.library.progress import progress_bar

    with progress_bar("Analysing", None) as show:
        show(0, 0, WAITS)
        show(1, 3, "a.flac")
        show(3, 3, "b.flac")
    said = capsys.readouterr().err
    assert WAITS in said
    assert "3/3" in said


def test_a_job_that_waits_has_no_number_yet():
    from workbench.extract import Analysis
    from workbench.widgets.jobs.steps import Step, Tally

    tally = Tally(Step("Analysing", "track", lambda *_: Analysis(), str), lambda: None)
    tally.note(0, 0, WAITS)
    view = tally.view()
    assert (view["count"], view["total"], view["current"]) == ("", None, WAITS)


# Locks


def test_a_lock_is_held_once_and_is_free_afterwards(tmp_path):
    place, told = tmp_path / "lock", []
    with locks.turn(place) as is_ours:
        assert is_ours
        with pytest.raises(JobError, match="lock: another process has held this lock for 0 s"):
            locks.turn(place, patience_s=0, waiting=lambda: told.append(1)).__enter__()
    with locks.turn(place, patience_s=0) as is_ours:
        assert is_ours
    assert told == []


@pytest.mark.parametrize("content", [None, b"no database, but long enough that it is looked at" * 40])
def test_a_lock_that_cannot_be_held_says_where(tmp_path, content):
    place = tmp_path / "gone" / "lock"
    if content:
        place.parent.mkdir()
        place.write_bytes(content)
    with pytest.raises(JobError, match=r"lock: no lock can be held there"), locks.turn(place):
        pass


@pytest.mark.skipif(sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root may all")
def test_a_folder_that_was_closed_meanwhile_is_named(tmp_path):
    library = wb.Library(tmp_path / "library.db")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match=r"library\.db-analysis: cannot be made"):
            library.analyze(progress=quiet)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_whoever_may_write_the_store_may_hold_its_lock(tmp_path):
    library = wb.Library(tmp_path / "library.db")
    library.path.chmod(0o664)
    library.analyze(progress=quiet)
    assert (tmp_path / "library.db-analysis").stat().st_mode & 0o777 == 0o664


# Scans


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="asks for a group of processes")
def test_two_scans_of_one_folder_at_once_double_nothing(tmp_path, script):
    music, store = fill(tmp_path / "music", range(96), 0.05), tmp_path / "library.db"
    library, place = wb.Library(store), script(SCAN)

    def both():
        runs = [process_groups.start(place, store, music) for _ in range(2)]
        for run in runs:
            assert run.stdout.readline() == "begun\n"
        for run in runs:
            run.stdin.write("go\n")
            run.stdin.flush()
        said = [run.communicate(timeout=120) for run in runs]
        assert [run.returncode for run in runs] == [0, 0], said
        return library.tracks()

    tracks = both()
    assert (len(tracks), tracks["path"].n_unique()) == (96, 96)
    for number in range(12):
        (music / f"{number:03}.flac").rename(music / f"moved {number:03}.flac")
    fill(music, range(96, 120), 0.05)
    after = both()
    print(f"two scans at once: {len(after)} tracks of 120 files, {after['path'].n_unique()} paths")
    assert (len(after), after["path"].n_unique(), after["missing"].sum()) == (120, 120, 0)
    assert set(tracks["track_id"]) <= set(after["track_id"]), "a moved file keeps its track"
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT count(*) FROM track").fetchone() == (120,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.skipif(sys.platform == "win32", reason="asks for a group of processes")
def test_an_analysis_beside_a_scan_loses_nothing(tmp_path, script):
    library = wb.Library(tmp_path / "library.db")
    music = fill(tmp_path / "music", range(12))
    library.scan(music, workers=1, progress=quiet)
    run = process_groups.start(script(ANALYSIS), library.path, "pausing")
    assert [run.stdout.readline()[0] for _ in range(4)] == ["b", "1", "2", "3"]
    fill(music, range(8, 16), 0.4)  # four are other sounds now, four are new
    done = library.scan(music, workers=1, progress=quiet)
    assert (done.new, done.changed) == (4, 4)
    run.communicate(timeout=120)
    assert run.returncode == 0
    library.analyze(workers=1, progress=quiet)
    features, tracks = library.features(), library.tracks()
    assert (library.pending(), len(features), len(tracks)) == (0, 16, 16)
    lengths = tracks.sort("path")["duration_s"].round(1).to_list()
    assert lengths == [0.3] * 8 + [0.4] * 8, "features of a sound that is no more"


# Two notebooks that write

COMMITS = 300
WRITING = """
import time
import workbench as wb
library = wb.Library({store!r})
tracks = library.tracks()
ids = tracks["track_id"].to_list()
while time.time() < {begin}:
    time.sleep(0.01)
for number in range({commits} // 3):
    library.save(wb.Playlist(f"{name} {{number}}", tracks))
    library.rate(ids[{half} + number % 8], number / {commits})
    library.correct(ids[{half} + number % 8], comment=f"{name} {{number}}")
print("done")
"""


@pytest.mark.slow
def test_two_notebooks_that_write_at_once_lose_no_commit(tmp_path):
    from jupyter_client.manager import start_new_kernel

    library = wb.Library(tmp_path / "library.db")
    library.scan(fill(tmp_path / "music", range(16), 0.05), workers=1, progress=quiet)
    before = commits_of(library.path)
    kernels = [start_new_kernel(startup_timeout=120) for _ in range(2)]
    begin = time.time() + 8
    try:
        asked = []
        for half, (_, client) in zip((0, 8), kernels, strict=True):
            names = {"store": str(library.path), "name": f"notebook {half}", "half": half}
            asked.append((client, client.execute(WRITING.format(begin=begin, commits=COMMITS, **names))))
        for client, number in asked:
            said = reply(client, number)
            assert said["status"] == "ok", said
    finally:
        for manager, client in kernels:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    commits = commits_of(library.path) - before
    print(f"{commits} of {2 * COMMITS} commits")
    saved = library.playlists()
    assert commits == 2 * COMMITS
    assert (len(saved), set(saved["tracks"])) == (2 * COMMITS // 3, {16})
    assert sorted(library.corrections()["value"]) == sorted(
        f"notebook {half} {number}" for half in (0, 8) for number in range(92, 100)
    )


def reply(client, asked):
    """What a kernel says at the end of a cell."""
    while True:
        message = client.get_shell_msg(timeout=200)
        if message["parent_header"].get("msg_id") == asked:
            return message["content"]


def commits_of(store):
    """How often a store was written to."""
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute("SELECT max(id) FROM change").fetchone()[0]
