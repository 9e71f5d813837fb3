"""Whatever is killed, nothing that was reported as kept is lost, and no file suffers for another."""

import ctypes
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import numpy as np
import process_groups
import pytest
import soundfile

import workbench as wb
from workbench import workers
from workbench.extract import listening, running
from workbench.models import Reason
from workbench.scan import batches, reading
from workbench.workers.running import GRACE_S

pytestmark = pytest.mark.faults

FILES = 24
BAD = "11 the bad one"


def quiet(_done, _total, _text):
    pass


def piece(path, seconds, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    y = np.random.default_rng(seed).normal(scale=0.1, size=int(8000 * seconds))
    soundfile.write(path, y, 8000)
    return path


# One bad file among 24, whichever way its worker goes


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be unpickled")
        self.lock = threading.Lock()
        self.both = one, two


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def crash():
    ctypes.string_at(0)


def hang():
    """Sleep in native code, which holds Python's lock: no handler and no other thread of the worker runs meanwhile."""
    ctypes.PyDLL(None).sleep(600)


def eat():
    return np.ones(2**40, np.uint8)


def odd():
    raise OddError(1, 2)


def leave():
    sys.exit(3)


KINDS = {
    "killed": (die, "worker_died"),
    "segfault": (crash, "worker_died"),
    "hang in native code": (hang, "timeout"),
    "memory eaten": (eat, "out_of_memory"),
    "cannot be pickled": (odd, "internal_error"),
    "ends itself": (leave, "internal_error"),
}


def misbehave(path):
    """Go bad as the file beside the bad one says."""
    if BAD in str(path):
        KINDS[path.with_suffix(".txt").read_text(encoding="utf-8")][0]()


def read_file(task):
    misbehave(reading.path_of(task))
    return reading.read_file(task)


def read_files(tasks):
    for task in tasks:
        misbehave(reading.path_of(task))
    return reading.read_files(tasks)


def analyze_track(track):
    misbehave(track.path)
    return listening.analyze_track(track)


def soon(path):
    """Seconds that a file may take; not much where it is sure to take them."""
    return 4.0 if BAD in str(path) else 200.0


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A folder of 24 pieces, and a store that has read their tags."""
    home = tmp_path_factory.mktemp("scanned")
    for number in range(FILES):
        name = BAD if number == 11 else f"{number:02}"
        piece(home / "music" / f"{name}.flac", 1, number)
    wb.Library(home / "library.db").scan(home / "music", workers=1, progress=quiet)
    return home


def findings_of(library):
    found = library.findings()
    return found.filter(found["state"] != "warning").select("path", "state", "reason", "text").rows()


@pytest.mark.usefixtures("compiled")
@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_costs_its_23_neighbours_nothing(scanned, tmp_path, monkeypatch, kind):
    (scanned / "music" / f"{BAD}.txt").write_text(kind, encoding="utf-8")
    monkeypatch.setattr(batches, "BATCH", 8)
    monkeypatch.setattr(batches, "_batch_s", lambda tasks: min(soon(reading.path_of(task)) for task in tasks))
    monkeypatch.setattr(batches, "_alone_s", lambda task: soon(reading.path_of(task)))
    monkeypatch.setattr(batches, "read_file", read_file)
    monkeypatch.setattr(batches, "read_files", read_files)
    monkeypatch.setattr(running, "deadline_s", lambda track: soon(track.path))
    monkeypatch.setattr(running, "analyze_track", analyze_track)

    fresh = wb.Library(tmp_path / "fresh.db")
    read = fresh.scan(scanned / "music", workers=2, progress=quiet)
    tracks = fresh.tracks()
    assert (read.new, read.failed, len(tracks)) == (FILES, 1, FILES - 1)
    assert set(tracks["sample_rate_hz"]) == {8000}
    ((path, state, reason, text),) = findings_of(fresh)
    assert (os.path.basename(path), state, reason) == (f"{BAD}.flac", "failed", KINDS[kind][1])  # noqa: PTH119  text
    assert text

    shutil.copy(scanned / "library.db", tmp_path / "library.db")
    library = wb.Library(tmp_path / "library.db")
    heard = library.analyze(workers=2, progress=quiet)
    assert (heard.analyzed, heard.failed, len(library.features())) == (FILES - 1, 1, FILES - 1)
    assert library.features()["loudness_lufs"].null_count() == 0
    ((path, state, reason, text),) = findings_of(library)
    assert (os.path.basename(path), state, reason) == (f"{BAD}.flac", "failed", KINDS[kind][1])  # noqa: PTH119  text
    assert text
    lost = 2 * (FILES - 1) - len(tracks) - len(library.features())
    print(f"{kind}: {lost} of {FILES - 1} innocent files lost")


def pid_after_a_while(task):
    time.sleep(0.05)
    return task, os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_a_task_whose_worker_was_killed_from_outside_is_done_by_another():
    """Where memory is short, a system ends the worker that is largest, not the one whose file is bad."""
    killed, done = 0, []
    for outcome in workers.run(pid_after_a_while, range(24), workers=2):
        done.append(outcome.task)
        assert outcome.reason is None, outcome.text
        if killed < 3 and len(done) in {3, 8, 13}:
            killed += 1
            time.sleep(0.02)  # it is at the next task by then
            with suppress(ProcessLookupError):  # it may be gone since it was killed before
                os.kill(outcome.value[1], signal.SIGKILL)
    assert (sorted(done), killed) == (list(range(24)), 3)


def hang_or_not(task):
    if task % 4 == 3:
        hang()
    return task


@pytest.mark.skipif(sys.platform == "win32", reason="calls a POSIX function")
def test_files_that_hang_each_cost_no_more_than_their_own_deadline():
    begun = time.monotonic()
    outcomes = list(workers.run(hang_or_not, range(12), workers=3, deadline_s=1.0))
    took = time.monotonic() - begun
    print(f"3 hangs of 1 s each beside each other: {took:.1f} s")
    assert [outcome.reason for outcome in outcomes if outcome.reason] == [Reason.TIMEOUT] * 3
    assert sorted(outcome.task for outcome in outcomes if outcome.reason is None) == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert took < 6 * process_groups.crowding(), "a worker that hears no signal was waited for"


def send_a_lock(_task):
    return threading.Lock()


def test_a_value_that_cannot_be_pickled_costs_its_task():
    (outcome,) = workers.run(send_a_lock, [0], workers=1)
    assert (outcome.reason, outcome.value) == (Reason.INTERNAL_ERROR, None)
    assert "cannot be sent home" in outcome.text


# kill -9 of the parent

DOOMED = '''
"""Run one kind of work again and again, each time in a process of its own that somebody kills."""
import os, sys
import workbench as wb
from workbench.scan import batches
kind, store, music = sys.argv[1:]
batches.BATCH = batches.STEP = 4
import workbench.extract, workbench.store.ingest, workbench.features.versions
from workbench.library import Library

def report(out, done):
    os.write(out, b"%d\\n" % done)

def work(out):
    library = wb.Library(store)
    if kind == "scan":
        library.scan(music, workers=1, progress=lambda done, *_: report(out, done))
    elif kind == "analyse":
        library.analyze(workers=1, progress=lambda done, *_: report(out, done))
    else:
        tracks = library.tracks()
        for number in range(10_000):
            library.save(wb.Playlist(f"{os.getpid()} {number}", tracks))
            report(out, number + 1)

for line in sys.stdin:
    child = os.fork()
    if not child:
        os.setsid()
        work(os.open(line.strip(), os.O_WRONLY | os.O_CREAT | os.O_APPEND))
        os._exit(0)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
'''
KILLS = 20


def reported(file):
    """The number in the last line that is whole."""
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return int(lines[-1]) if lines else 0


def whole(store):
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return True


def kept(kind, library):
    """Rows that a kind of work has committed, by what names them, in order of coming."""
    if kind == "scan":
        return set(library.tracks().select("track_id", "path").rows())
    if kind == "analyse":
        return set(library.features().select("track_id", "loudness_lufs", "analyzed_at").rows())
    found = library.playlists()
    assert set(found["tracks"]) <= {len(library.tracks())}, "half a playlist"
    return set(found.select("playlist_id", "name").rows())


def kill_again_and_again(kind, home, seed):
    """Kills of the parent; gives how many reported rows were lost, and the longest that anything of it lived on."""
    dice = random.Random(seed)
    library = wb.Library(home / f"{kind}.db")
    run = subprocess.Popen(
        [sys.executable, "-c", DOOMED, kind, library.path, home / "music"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    lost, longest, steps = 0, 0.0, 0
    before = kept(kind, library)
    for number in range(KILLS):
        progress = home / f"{kind} {number}.txt"
        run.stdin.write(f"{progress}\n")
        run.stdin.flush()
        child = int(run.stdout.readline())
        wanted = dice.choice([0, 1, 1, 2]) * (4 if kind == "scan" else 1)
        process_groups.until(lambda progress=progress, wanted=wanted: reported(progress) >= wanted)
        time.sleep(dice.choice([0.0, 0.3 * dice.random()]) if wanted == 0 else 0.01 * dice.random())
        os.kill(child, signal.SIGKILL)
        assert int(run.stdout.readline()) == signal.SIGKILL, "it had ended before it was killed"
        longest = max(longest, process_groups.await_none(child))
        assert whole(library.path)
        after = kept(kind, library)
        lost += len(before - after) + max(0, len(before) + reported(progress) - len(after))
        steps += reported(progress)
        before = after
    run.stdin.close()
    run.wait(60)
    run.stdout.close()
    assert steps >= KILLS / 2, "it was killed before it did anything"
    return lost, longest


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_sixty_kills_of_the_parent_lose_nothing(tmp_path):
    first = piece(tmp_path / "music" / "000.flac", 0.5).read_bytes()
    for number in range(1, 240):
        (tmp_path / "music" / f"{number:03}.flac").write_bytes(first)
    wb.Library(tmp_path / "analyse.db").scan(tmp_path / "music", workers=2, progress=quiet)
    shutil.copy(tmp_path / "analyse.db", tmp_path / "commit.db")
    begun = time.monotonic()
    kinds = ("scan", "analyse", "commit")
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(kill_again_and_again, kinds, [tmp_path] * 3, (1, 2, 3)))
    for kind, (lost, longest) in zip(kinds, found, strict=True):
        print(f"{KILLS} kills at {kind}: {lost} committed rows lost, all processes gone after {longest:.2f} s at most")
    print(f"integrity_check: ok, {3 * KILLS} times; {time.monotonic() - begun:.0f} s")
    assert [lost for lost, _ in found] == [0, 0, 0]
    assert max(longest for _, longest in found) < 5 * process_groups.crowding()

    library = wb.Library(tmp_path / "scan.db")
    assert not library.scan(tmp_path / "music", workers=2, progress=quiet).stopped
    assert len(library.tracks()) == 240
    library = wb.Library(tmp_path / "analyse.db")
    library.analyze(workers=2, progress=quiet)
    assert (library.pending(), len(library.features())) == (0, 240)
    assert whole(library.path)


HANGING = """
import sys
import workbench.workers as workers
sys.path.insert(0, sys.argv[1])
from test_kills import hang_and_say
for _ in workers.run(hang_and_say, [sys.argv[2]], workers=1, deadline_s=float(sys.argv[3])):
    print("never")
"""


def hang_and_say(file):
    with open(file, "w", encoding="utf-8") as written:  # noqa: PTH123  a worker's
        written.write("busy")
    hang()


@pytest.mark.skipif(sys.platform == "win32", reason="calls a POSIX function")
def test_a_worker_that_hangs_in_native_code_ends_though_its_parent_was_killed(tmp_path):
    """It hears of nothing; its own deadline, which needs nothing of Python's, ends it."""
    script = tmp_path / "script.py"
    script.write_text(HANGING, encoding="utf-8")
    run = process_groups.start(script, os.path.dirname(__file__), tmp_path / "busy", 1.0)  # noqa: PTH120
    process_groups.until((tmp_path / "busy").exists)
    time.sleep(0.2)
    begun = time.monotonic()
    run.kill()
    run.communicate()
    process_groups.await_none(run.pid, GRACE_S + 15)
    print(f"gone after {time.monotonic() - begun:.1f} s")
