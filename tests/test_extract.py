"""Analysis costs a bad file itself, goes on where it was, and harms nothing."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile

import workbench as wb
from workbench import settings, store
from workbench.audio import Wholeness
from workbench.extract import running
from workbench.extract.judging import problems
from workbench.extract.listening import analyze_track
from workbench.features import ANALYZER_VERSIONS, hear
from workbench.models import AudioFeatures, Group
from workbench.store.analysis import PendingTrack, pending


def quiet(_done, _total, _text):
    pass


def piece(path, seconds=4.0, seed=0):
    """A chord with clicks and a little noise."""
    n = int(22050 * seconds)
    t = np.arange(n) / 22050
    y = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (261.6, 329.6, 392.0))
    y[:: 22050 // 2] += 0.5
    y += np.random.default_rng(seed).normal(scale=0.01, size=n)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, y, 22050)
    return path


@pytest.fixture
def library(tmp_path):
    for number in range(4):
        piece(tmp_path / "music" / f"{number}.flac", seed=number)
    library = wb.Library(tmp_path / "library.db")
    library.scan(tmp_path / "music", progress=quiet)
    return library


def test_a_run(library):
    seen = []
    done = library.analyze(workers=2, progress=lambda *step: seen.append(step))
    assert (done.analyzed, done.failed, done.reasons) == (4, 0, {})
    assert [step[:2] for step in seen] == [(n, 4) for n in (1, 2, 3, 4)]
    assert library.pending() == 0
    assert library.analyze().analyzed == 0


def test_a_preview_first_and_the_whole_later(tmp_path):
    piece(tmp_path / "music" / "long.flac", seconds=95)
    piece(tmp_path / "music" / "short.flac")
    library = wb.Library(tmp_path / "library.db")
    library.scan(tmp_path / "music", progress=quiet)
    assert library.behind()["new"] == 2
    assert library.analyze(preview=True, workers=1, progress=quiet).analyzed == 2
    assert library.analyze(preview=True, workers=1, progress=quiet).analyzed == 0
    assert library.features()["extent"].to_list() == ["preview", "full"]
    assert library.tracks()["duration_s"].to_list() == pytest.approx([95, 4])  # as declared
    assert (library.behind()["waiting"], library.behind()["previewed"]) == (1, 1)
    assert library.analyze(workers=1, progress=quiet).analyzed == 1
    assert library.features()["extent"].to_list() == ["full", "full"]
    assert library.pending() == 0


def test_only_the_group_that_changed_is_measured_again(library, monkeypatch):
    library.analyze(workers=1, progress=quiet)
    before = library.features()
    monkeypatch.setitem(ANALYZER_VERSIONS, Group.TONALITY, "of tomorrow")
    assert library.behind() == {
        "waiting": 4,
        "new": 0,
        "changed": 0,
        "previewed": 0,
        "unhashed": 0,
        "levels": 0,
        "rhythm": 0,
        "tonality": 4,
        "spectrum": 0,
    }
    assert library.analyze(workers=1, progress=quiet).analyzed == 4
    after = library.features()
    moment = "analyzed_at"
    assert after.drop(moment).equals(before.drop(moment))  # a worker has the versions of its own
    assert (after[moment] > before[moment]).all()


@pytest.mark.faults
def test_a_bad_file_costs_itself_and_is_tried_again_when_asked(library, tmp_path):
    """The header is whole, so that a scan takes the file; the sound behind it is not there."""
    music = tmp_path / "music"
    (music / "3.flac").write_bytes((music / "3.flac").read_bytes()[:1000])
    library.scan(music, workers=1, progress=quiet)
    (music / "2.flac").unlink()
    done = library.analyze(workers=2, progress=quiet)
    assert (done.analyzed, done.failed) == (2, 2)
    findings = library.findings().filter(pl.col("reason") != "missing_tags")
    assert set(findings["stage"]) == {"decode"}
    states = dict(findings.select(findings["path"].str.slice(-6), "state").iter_rows())
    assert states == {"2.flac": "skipped", "3.flac": "failed"}
    assert all(findings["text"].str.len_chars() > 0)
    assert library.pending() == 1  # the one that was not there goes on waiting: a disk may come back
    again = library.analyze(retry=True, workers=2, progress=quiet)
    assert (again.analyzed, again.failed) == (0, 2)
    piece(music / "2.flac", seed=2)
    piece(music / "3.flac", seed=3)
    library.scan(music, workers=1, progress=quiet)
    done = library.analyze(workers=2, progress=quiet)
    assert (done.analyzed, done.failed) == (2, 0)
    assert library.findings().filter(state="failed").is_empty()


def test_music_is_not_touched(library, tmp_path):
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (tmp_path / "music").iterdir()}
    library.analyze(workers=2, progress=quiet)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (tmp_path / "music").iterdir()} == before


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_where_it_was(tmp_path, kill):
    music = tmp_path / "music"
    for number in range(12):
        piece(music / f"{number:02}.flac", seconds=12, seed=number)
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, progress=quiet)
    command = [sys.executable, "-m", "workbench", "analyze", "--library", str(library.path)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 200
    while library.pending() > 9 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(run.pid, kill)
    said = run.communicate(timeout=60)[1].decode()
    kept = 12 - library.pending()
    assert 3 <= kept < 12
    if kill == signal.SIGINT:
        assert run.returncode == 130
        assert "Stopped" in said
        assert "Traceback" not in said
    end = time.monotonic() + 20
    while group_alive(run.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not group_alive(run.pid), "workers outlived their parent"
    assert library.analyze(workers=2, progress=quiet).analyzed == 12 - kept


def test_a_run_that_is_stopped_by_an_event_goes_on_where_it_was(tmp_path):
    music = tmp_path / "music"
    for number in range(12):
        piece(music / f"{number:02}.flac", seconds=12, seed=number)
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, progress=quiet)
    stop = threading.Event()
    done = library.analyze(workers=2, progress=lambda count, _total, _text: count == 3 and stop.set(), stop=stop)
    assert done.stopped
    assert 3 <= done.analyzed < 12
    assert library.pending() == 12 - done.analyzed
    again = library.analyze(workers=2, progress=quiet, stop=threading.Event())
    assert (again.stopped, again.analyzed, library.pending()) == (False, 12 - done.analyzed, 0)


def test_a_stop_in_the_last_moment_stops_nothing(library):
    stop = threading.Event()
    done = library.analyze(workers=2, progress=lambda count, total, _text: count == total and stop.set(), stop=stop)
    assert (done.analyzed, done.stopped) == (4, False)


def test_a_run_that_waits_for_another_to_compile_can_be_stopped(library, tmp_path, monkeypatch):
    """The lock is held by a process that compiles for minutes."""
    folder = tmp_path / "compiled"
    folder.mkdir()
    monkeypatch.setattr(settings, "compiled_folder", lambda: folder)
    with closing(sqlite3.connect(folder / "lock.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        stop = threading.Event()
        threading.Timer(1, stop.set).start()
        done = library.analyze(workers=1, progress=quiet, stop=stop)
    assert (done.analyzed, done.stopped) == (0, True)
    assert not (folder / "warm").exists()


def group_alive(pid):
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system of bytes")
def test_a_bad_file_with_a_name_that_is_no_text_ends_nothing(tmp_path):
    """Its error's sentence held the path, which SQLite could not store: every run died on the same file."""
    music = tmp_path / "music"
    odd = piece(music / "b.flac").rename(music / os.fsdecode(b"b\xff.flac"))
    piece(music / "c.flac")
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, progress=quiet)
    odd.write_bytes(odd.read_bytes()[:1000])
    done = library.analyze(workers=1, progress=quiet)
    assert (done.analyzed, done.failed) == (1, 1)


@pytest.mark.usefixtures("with_model")
def test_the_model_hears_what_is_analysed_and_only_that_is_added_later(library, monkeypatch, models_home):
    monkeypatch.setenv("WORKBENCH_MODELS", "/nowhere")
    library.analyze(workers=1, progress=quiet)
    assert library.embeddings().is_empty()
    assert library.space_kind() == "timbre"
    before = library.features().drop("analyzed_at")
    with closing(sqlite3.connect(library.path)) as raw, raw:
        raw.execute("UPDATE audio_features SET loudness_lufs = -1.5")  # what no measurement gives
    monkeypatch.setenv("WORKBENCH_MODELS", str(models_home))
    assert (library.behind()["waiting"], library.behind()["learned"]) == (4, 4)
    assert library.analyze(workers=2, progress=quiet).analyzed == 4
    assert library.pending() == 0
    assert library.embeddings()["track_id"].to_list() == before["track_id"].to_list()
    assert set(library.features()["loudness_lufs"]) == {-1.5}  # nothing was measured again
    assert library.space_kind() == "learned"
    assert library.space().kind == "learned"


@pytest.mark.usefixtures("with_model")
def test_what_is_too_short_or_silent_for_the_model_does_not_wait(tmp_path):
    (tmp_path / "music").mkdir()
    soundfile.write(tmp_path / "music" / "silent.flac", np.zeros(90_000, np.float32), 22050)
    piece(tmp_path / "music" / "short.flac", seconds=1)
    library = wb.Library(tmp_path / "library.db")
    library.scan(tmp_path / "music", progress=quiet)
    library.analyze(workers=1, progress=quiet)
    assert library.pending() == 0
    assert library.embeddings().is_empty()


def test_the_listener_hears_the_whole_mix_once_for_each_decoding(tmp_path):
    class Ear:
        def __init__(self):
            self.samples = 0

        def add(self, y):
            self.samples += len(y)

        def finish(self):
            return self.samples

    y = 0.3 * np.sin(np.arange(5 * 44_100) / 20)
    soundfile.write(tmp_path / "cancels.wav", np.stack([y, -y], axis=1), 44_100)
    ears = []

    def ear():
        ears.append(Ear())
        return ears[-1]

    heard = hear(tmp_path / "cancels.wav", groups=[Group.LEVELS], listener=ear)
    assert len(ears) == 2  # the channels cancel out: the file is heard again by one of them
    assert heard.learned == ears[1].samples == 5 * 22_050
    assert heard.features.levels_version is not None
    assert heard.features.rhythm_version is None


@pytest.mark.usefixtures("with_model")
def test_another_sound_is_forgotten_where_the_model_is_gone(library, tmp_path, monkeypatch):
    library.analyze(workers=1, progress=quiet)
    gone = library.tracks().filter(title="0")["track_id"][0]
    assert gone in library.embeddings()["track_id"]
    monkeypatch.setenv("WORKBENCH_MODELS", "/nowhere")
    piece(tmp_path / "music" / "0.flac", seconds=5, seed=77)
    library.scan(tmp_path / "music", workers=1, progress=quiet)
    library.analyze(workers=1, progress=quiet)
    assert gone not in library.embeddings()["track_id"]
    assert len(library.embeddings()) == 3


@pytest.mark.usefixtures("with_model")
def test_a_damaged_model_is_said_and_costs_no_features(library, tmp_path, monkeypatch, models_home, caplog):
    (model,) = models_home.glob("*.npz")
    damaged = bytearray(model.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / model.name).write_bytes(damaged)
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "models"))
    assert library.analyze(workers=1, progress=quiet).analyzed == 4
    assert "models fetch" in caplog.text
    assert library.embeddings().is_empty()


def test_a_model_that_goes_away_during_a_run_costs_no_features(library, monkeypatch):
    monkeypatch.setenv("WORKBENCH_MODELS", "/nowhere")
    with store.reading(library._engine) as connection:
        waiting, *_ = pending(connection, ANALYZER_VERSIONS, "1")
    assert waiting.model == "1"
    heard = analyze_track(waiting)
    assert (heard.model, heard.learned) == (None, None)
    assert heard.features.loudness_lufs is not None


def waiting(*, declared_s, size_bytes=10_000_000):
    return PendingTrack(1, 1, Path("a.mp3"), declared_s, datetime(2026, 1, 1, tzinfo=UTC), size_bytes, 0)


def test_a_file_is_given_time_for_the_sound_that_its_bytes_can_hold():
    """One of 10 kB that declares twelve hours would have held up a run for four."""
    assert running.deadline_s(waiting(declared_s=240)) == 245
    assert running.deadline_s(waiting(declared_s=45_000, size_bytes=10_000)) == pytest.approx(120, abs=1)
    assert running.deadline_s(waiting(declared_s=8 * 3600, size_bytes=4_300_000)) == pytest.approx(4 * 3600)
    assert running.deadline_s(waiting(declared_s=None, size_bytes=600_000_000)) == 4 * 3600
    assert running.deadline_s(waiting(declared_s=None)) == 630


@pytest.mark.parametrize(
    ("whole", "decoded_s", "expected"),
    [
        (Wholeness(), 100, []),
        (Wholeness(), 50, [("truncated", "declares 100.0 s, holds 50.0 s")]),
        (Wholeness(), 150, [("duration_mismatch", "declares 100.0 s, holds 150.0 s")]),
        (
            Wholeness(length_is_guess=True),
            50,
            [("duration_mismatch", "declares no length, 100.0 s by its size, holds 50.0 s")],
        ),
        (Wholeness(missing="its end is not there"), 100, [("truncated", "is cut off: its end is not there")]),
    ],
)
def test_only_what_declares_its_length_can_be_short_of_it(whole, decoded_s, expected):
    measured = AudioFeatures(sample_rate_hz=44_100, channels=2, duration_s=decoded_s)
    found = problems(waiting(declared_s=100), measured, whole)
    assert [(each.reason, each.text) for each in found] == expected
