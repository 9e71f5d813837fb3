"""Work in the background: what it does, says and leaves behind, and how it is stopped."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import polars as pl
import pytest
import soundfile

import workbench as wb
from workbench.errors import FolderError, JobError
from workbench.extract import Analysis
from workbench.scan import Scan
from workbench.widgets.jobs import Job, Step
from workbench.widgets.jobs.pace import Pace
from workbench.widgets.jobs.steps import Tally
from workbench.widgets.jobs.words import (
    analysis_words,
    counted,
    file_name,
    pace_words,
    reason_words,
    scan_words,
    trouble,
)

pytestmark = pytest.mark.usefixtures("compiled")

PATIENCE_S = 300


def quiet(_done, _total, _text):
    pass


def piece(path, seconds=4.0, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    y = np.random.default_rng(seed).normal(scale=0.1, size=int(22_050 * seconds))
    soundfile.write(path, y, 22_050)
    return path


@pytest.fixture
def music(tmp_path):
    for number in range(4):
        piece(tmp_path / "music" / f"{number}.flac", seed=number)
    return tmp_path / "music"


@pytest.fixture
def library(tmp_path, music):
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, progress=quiet)
    return library


@pytest.fixture
def empty(tmp_path):
    return wb.Library(tmp_path / "empty.db")


def waiting(progress, stop):
    """Work that ends when it is told to."""
    progress(0, 2, "/music/a.flac")
    stop.wait(60)
    return Analysis(stopped=True)


WAITING = Step("Waiting", "track", waiting, analysis_words)


def until(condition, patience_s=60):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# What it does


def test_a_run(library):
    job = Job(library)
    assert (job.state, job.view) == ("waiting", {})
    assert job.analyze(workers=2) is job
    done = job.wait(PATIENCE_S)
    assert (done.analyzed, done.failed, done.stopped) == (4, 0, False)
    assert job.result is done
    assert job.state == "done"
    assert job.view["title"] == "Analysing"
    assert job.view["summary"].startswith("Analysed 4 tracks; 0:")
    assert library.pending() == 0


def test_the_library_is_read_while_a_job_writes(library):
    job = Job(library).analyze(workers=1)
    lengths = []
    while job.state == "running":
        lengths.append((len(library.tracks()), library.pending(), len(library.findings())))
        time.sleep(0.01)
    assert job.wait().analyzed == 4
    assert {tracks for tracks, _, _ in lengths} == {4}
    assert max(pending for _, pending, _ in lengths) == 4
    assert library.tracks()["bpm"].dtype == pl.Float64
    assert library.tracks()["analyzed"].all()


def test_a_scan_and_an_analysis(empty, music):
    job = Job(empty).scan_and_analyze(music)
    scanned, analyzed = job.wait(PATIENCE_S)
    assert (scanned.new, analyzed.analyzed) == (4, 4)
    assert job.view["summary"].startswith("Scanned 4 files: 4 new, findings: 4 missing tags; 0:")
    assert ". Analysed 4 tracks; 0:" in job.view["summary"]


def test_a_scan(empty, music):
    assert Job(empty).scan(music, workers=1).wait(PATIENCE_S).new == 4


def test_preferences_are_taken_where_no_number_is_given(empty, music, tmp_path, monkeypatch):
    from workbench import preferences, scan, workers

    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(tmp_path / "preferences.json"))
    preferences.save(preferences.Preferences(workers=1))
    asked = []
    whole = workers.run
    monkeypatch.setattr(workers, "run", lambda *a, **k: asked.append(k["workers"]) or whole(*a, **k))
    assert scan.changes  # the same module of workers serves both
    Job(empty).scan_and_analyze(music).wait(PATIENCE_S)
    assert asked == [1, 1]


# How it is stopped


@pytest.mark.slow
def test_cancel_in_the_middle_of_a_long_file(tmp_path):
    """Two workers are busy for many seconds with an hour and a half each, whatever their first second takes."""
    piece(tmp_path / "music" / "a short one.wav")
    part = np.random.default_rng(0).normal(scale=0.1, size=22_050 * 900).astype(np.float32)
    for number, sign in enumerate((1, -1)):
        with soundfile.SoundFile(tmp_path / "music" / f"long {number}.wav", "w", 22_050, 1) as file:
            for _ in range(6):
                file.write(sign * part)
    library = wb.Library(tmp_path / "library.db")
    library.scan(tmp_path / "music", progress=quiet)
    job = Job(library).analyze(workers=2)
    until(lambda: job.view.get("done") == 1, PATIENCE_S)
    time.sleep(0.5)
    begun = time.monotonic()
    job.cancel()
    assert job.view["stopping"]
    done = job.wait(60)
    print(f"cancelled in {time.monotonic() - begun:.2f} s")
    assert job.state == "cancelled"
    assert (done.analyzed, done.stopped) == (1, True)
    assert job.view["summary"].startswith("Cancelled. Analysed 1 track; 0:")
    assert library.pending() == 2


def test_what_was_done_is_kept_and_a_second_run_goes_on(tmp_path):
    for number in range(24):
        piece(tmp_path / "music" / f"{number:02}.flac", seconds=40, seed=number)
    library = wb.Library(tmp_path / "library.db")
    library.scan(tmp_path / "music", progress=quiet)
    job = Job(library).analyze(workers=2)
    until(lambda: job.view.get("done", 0) >= 2, PATIENCE_S)
    job._handle_custom_msg({"kind": "cancel"}, [])  # as the page's button sends it
    kept = job.wait(60).analyzed
    assert 2 <= kept < 24
    assert library.pending() == 24 - kept
    assert job.analyze(workers=2).wait(PATIENCE_S).analyzed == 24 - kept
    assert job.state == "done"
    assert "stopping" not in job.view


def test_a_cancel_when_nothing_goes_on_is_nothing(library):
    job = Job(library)
    job.cancel()
    assert job.analyze(workers=1).wait(PATIENCE_S).analyzed == 4
    job.cancel()
    assert job.state == "done"


def test_work_that_cannot_be_stopped_has_no_cancel(library):
    ended = threading.Event()
    step = Step("Fetching", "file", lambda *_: ended.wait(60), lambda *_: "Fetched.", can_stop=False)
    job = Job(library).start(step)
    assert not job.view["can_stop"]
    job.cancel()
    assert not job._stop.is_set()
    ended.set()
    assert job.wait(60) is True
    assert (job.state, job.view["summary"]) == ("done", "Fetched.")


def test_one_job_at_a_time_works_on_a_library(library, empty):
    job = Job(library).start(WAITING)
    try:
        with pytest.raises(JobError, match=r"library\.db: a job works on it \(Waiting\)"):
            job.analyze()
        with pytest.raises(JobError, match="cancel it"):
            Job(wb.Library(library.path)).scan("anywhere")
        other = Job(empty).start(WAITING)  # another library is another matter
        other.cancel()
        other.wait(60)
    finally:
        job.cancel()
        job.wait(60)
    assert Job(library).analyze(workers=1).wait(PATIENCE_S).analyzed == 4


def test_wait_says_when_it_is_not_done_or_was_not_begun(library):
    with pytest.raises(JobError, match="does nothing yet"):
        Job(library).wait()
    job = Job(library).start(WAITING)
    with pytest.raises(JobError, match=r"not done in 0\.1 s"):
        job.wait(0.1)
    job.cancel()
    assert job.wait(60).stopped


def test_work_that_begins_while_the_last_one_says_how_it_ended_goes_on_running(library):
    """The library is free a moment before the state is known; the old state must not overwrite the new one."""
    job = Job(library)
    asked, turn = threading.Event(), job.turn

    def slowly(state):
        if state == "done":
            asked.set()
            time.sleep(0.5)
        turn(state)

    job.turn = slowly
    job.start(Step("Hurrying", "track", lambda *_: Analysis(), analysis_words))
    assert asked.wait(60)
    job.start(WAITING)
    assert job.state == "running"
    time.sleep(1)
    assert job.state == "running"
    job.cancel()
    assert job.wait(60).stopped


@pytest.mark.parametrize(
    ("done", "compared"),
    [
        (Analysis(3, stopped=True), 0),
        (Analysis(3), 1),
        (Analysis(0, 1, {"timeout": 1}), 1),  # the last of a run that was stopped
        (Analysis(), 0),
    ],
)
def test_what_was_stopped_compares_no_files_and_the_run_that_ends_does(empty, monkeypatch, done, compared):
    """For 100,000 tracks that takes seconds."""
    calls = []
    monkeypatch.setattr("workbench.extract.extract", lambda *_, **__: done)
    monkeypatch.setattr(empty, "_find_duplicates", lambda: calls.append(1))
    assert empty.analyze(progress=quiet) is done
    assert len(calls) == compared


@pytest.mark.parametrize(("stopped", "compared"), [(True, 0), (False, 1)])
def test_a_scan_that_was_stopped_compares_no_files(empty, monkeypatch, music, stopped, compared):
    calls, stop = [], threading.Event()
    monkeypatch.setattr(empty, "_find_duplicates", lambda: calls.append(1))
    if stopped:
        stop.set()
    assert empty.scan(music, progress=quiet, stop=stop).stopped is stopped
    assert len(calls) == compared


def test_a_watch_that_is_to_end_ends_its_scan_too(empty, monkeypatch, music):
    asked, stop = [], threading.Event()
    monkeypatch.setattr("workbench.scan.watch", lambda folder, **_: iter([folder]))
    monkeypatch.setattr(empty, "scan", lambda folder, **rest: asked.append((folder, rest["stop"])))
    assert list(empty.watch(music, stop=stop)) == [None]
    assert asked == [(music, stop)]


def test_nothing_to_do_holds_no_library(library):
    with pytest.raises(JobError, match="nothing to do"):
        Job(library).start()
    assert Job(library).start(Step("Hurrying", "track", lambda *_: 1, lambda *_: "")).wait(60) == 1


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="asks for a group of processes")
@pytest.mark.parametrize("end", ["kill", "return", "sys.exit(3)"])
def test_no_worker_outlives_the_process(tmp_path, library, end):
    piece(tmp_path / "music" / "long.wav", seconds=1_200)
    library.scan(tmp_path / "music", progress=quiet)
    script = tmp_path / "script.py"
    text = """
        import sys, time
        import workbench as wb
        from workbench.widgets.jobs import Job
        def main():
            job = Job(wb.Library(sys.argv[1])).analyze(workers=2)
            while job.view.get("done", 0) < 2:
                time.sleep(0.05)
            print("busy", flush=True)
            END
        main()
        """
    script.write_text(textwrap.dedent(text).replace("END", "time.sleep(600)" if end == "kill" else end))
    run = subprocess.Popen([sys.executable, script, library.path], stdout=subprocess.PIPE, start_new_session=True)
    assert run.stdout.readline() == b"busy\n"
    begun = time.monotonic()
    if end == "kill":
        os.kill(run.pid, signal.SIGKILL)
    assert run.wait(60) == {"kill": -signal.SIGKILL, "return": 0, "sys.exit(3)": 3}[end]
    left = time.monotonic() - begun
    until(lambda: not group_alive(run.pid), 60)
    print(f"{end}: the process ended after {left:.2f} s, its workers after {time.monotonic() - begun:.2f} s")
    run.stdout.close()


def group_alive(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


# What is raised


def test_an_expected_error_is_a_line_and_is_raised_by_wait(empty, tmp_path):
    job = Job(empty).scan(tmp_path / "nowhere")
    with pytest.raises(FolderError, match="nowhere: is no folder"):
        job.wait(60)
    assert job.state == "failed"
    assert "nowhere: is no folder" in job.view["error"]
    assert not job.view["trace"]
    assert (job.result, type(job.error)) == (None, FolderError)


def test_the_first_of_two_steps_that_fails_is_the_last(empty, tmp_path):
    job = Job(empty).scan_and_analyze(tmp_path / "nowhere")
    with pytest.raises(FolderError):
        job.wait(60)
    assert job.view["title"] == "Reading tags"


def test_an_unexpected_error_is_shown_with_where_it_was_raised(library):
    def broken(_progress, _stop):
        raise ZeroDivisionError("<b>by nought</b>")

    job = Job(library).start(Step("Breaking", "file", broken, str))
    with pytest.raises(ZeroDivisionError):
        job.wait(60)
    assert job.view["error"] == "ZeroDivisionError: <b>by nought</b>"
    assert "in broken" in job.view["trace"]
    assert Job(library).analyze(workers=1).wait(PATIENCE_S).analyzed == 4, "the library is free again"


def test_a_callback_that_raises_is_shown_and_the_others_are_called(library):
    job = Job(library)
    called = []
    job.on_done(lambda _: {}["of nothing"])
    job.on_done(lambda done: called.append((done is job, done.state)))
    job.analyze(workers=1).wait(PATIENCE_S)
    assert called == [(True, "done")]
    assert job.view["error"] == "KeyError: 'of nothing'"
    assert "Traceback" in job.view["trace"]
    assert job.view["summary"].startswith("Analysed 4 tracks"), "the work itself went well"
    assert job.state == "done"


def test_an_observer_that_raises_is_shown_and_ends_nothing(library):
    job = Job(library)
    job.observe(lambda _: {}["of nothing"], "state")
    assert job.analyze(workers=1).wait(PATIENCE_S).analyzed == 4
    assert job.view["error"] == "KeyError: 'of nothing'"
    assert job.state == "done"


def test_a_callback_may_begin_the_next_job(empty, music):
    job = Job(empty)
    begun = []

    def go_on(done):
        if not begun:
            begun.append(done.state)
            done.analyze(workers=1)

    job.on_done(go_on)
    job.scan(music).wait(PATIENCE_S)
    job.wait(PATIENCE_S)
    assert (begun, job.state, empty.pending()) == (["done"], "done", 0)


# What is shown meanwhile


def test_the_view_of_a_step():
    found = pl.DataFrame(
        {"found_at": [None], "reason": ["timeout"]}, schema={"found_at": pl.Datetime("us", "UTC"), "reason": pl.String}
    )
    tally = Tally(WAITING, lambda: found)
    shown = tally.view()
    assert (shown["title"], shown["total"], shown["count"], shown["found"]) == ("Waiting", None, "", "")
    tally.note(3, 1_200, "/music/b\udcff.flac")
    shown = tally.view()
    assert (shown["done"], shown["total"], shown["count"]) == (3, 1_200, "3 of 1,200 tracks")
    assert (shown["current"], shown["found"], shown["elapsed"]) == ("b?.flac", "No findings so far", "0:00")


def test_findings_since_the_beginning_are_counted(library, music):
    (music / "text.mp3").write_text("To whom it may concern. " * 50, encoding="utf-8")
    tally = Tally(WAITING, library.findings)
    tally._next_look = 0
    tally.note(0, 1, "")
    assert tally.view()["found"] == "No findings so far", "those of before are not of this work"
    assert tally._next_look - time.monotonic() > 1
    tally._next_look = time.monotonic() + 60
    library.scan(music, progress=quiet)
    assert tally.view()["found"] == "No findings so far", "not looked again so soon"
    tally._next_look = 0
    assert tally.view()["found"] == "Findings so far: 1 not audio"


def test_the_page_hears_of_it_five_times_a_second_at_most(library):
    def fast(progress, _stop):
        end = time.monotonic() + 2
        count = 0
        while time.monotonic() < end:
            count += 1
            progress(count, 10**9, f"/music/{count}.flac")
        return Analysis(count)

    job = Job(library)
    views = []
    job.observe(views.append, "view")
    assert job.start(Step("Hurrying", "track", fast, analysis_words)).wait(60).analyzed > 1_000
    assert 2 <= len(views) <= 14


# The pure parts


def test_the_pace_is_that_of_late():
    pace = Pace()
    assert pace.per_second(0) is None
    for second in range(100):
        pace.note(second, second)
    for second in range(100, 200):
        pace.note(second, 100 + 5 * (second - 100))
    assert pace.per_second(199) == pytest.approx(5)
    assert pace.remaining_s(199, 645) == pytest.approx(10)


def test_a_pace_of_few_long_files_is_known_too():
    pace = Pace()
    for number in range(6):
        pace.note(100.0 * number, number)
    assert pace.per_second(500) == pytest.approx(4 / 400)
    assert pace.remaining_s(500, 6) == pytest.approx(100)
    assert pace.per_second(900) == pytest.approx(4 / 800), "a file that takes long slows it"


def test_a_pace_that_cannot_be_told():
    pace = Pace()
    pace.note(0, 0)
    pace.note(1, 1)
    assert pace.per_second(20) is None
    pace.note(1.2, 2)
    assert pace.per_second(1.5) is None
    assert pace.remaining_s(1.5, 10) is None


@pytest.mark.parametrize(
    ("rate", "left", "expected"),
    [
        (None, None, ""),
        (0.0, None, ""),
        (0.25, None, "15 tracks/min"),
        (0.05, 3725.0, "3.0 tracks/min, about 1:02:05 left"),
        (2.345, 61.0, "2.3 tracks/s, about 1:01 left"),
        (1234.5, 0.0, "1,234 tracks/s, about 0:00 left"),
    ],
)
def test_pace_words(rate, left, expected):
    assert pace_words(rate, left, "track") == expected


def test_the_sentence_of_an_analysis():
    done = Analysis(412, 3, {"timeout": 1, "not_audio": 2})
    assert analysis_words(done, 750) == "Analysed 412 tracks, 3 failed: 2 not audio, 1 timeout; 12:30."
    assert analysis_words(Analysis(), 0.1) == "Nothing to analyse: no track waits for it."
    assert analysis_words(Analysis(1, stopped=True), 5) == (
        "Cancelled. Analysed 1 track; 0:05. What was done is kept, and the next run goes on from there."
    )


def test_the_sentence_of_a_scan():
    done = Scan(seen=10, unchanged=4, moved=1, new=5, missing=2, failed=1, reasons={"not_audio": 1})
    assert scan_words(done, 61) == (
        "Scanned 10 files: 5 new, 1 moved, 2 missing, 4 unchanged, findings: 1 not audio; 1:01."
    )
    assert scan_words(Scan(), 1) == "Scanned 0 files; 0:01."
    assert scan_words(Scan(seen=1, new=1, stopped=True), 1) == (
        "Cancelled. Scanned 1 file: 1 new; 0:01. What was read is kept; nothing was taken for missing."
    )


def test_small_words():
    assert (counted(1, "file"), counted(0, "file"), counted(12_000, "file")) == ("1 file", "0 files", "12,000 files")
    assert reason_words({"b": 1, "a_b": 1, "c": 3_000}) == "3,000 c, 1 a b, 1 b"
    assert file_name("/m/\udce9.mp3") == "?.mp3"
    assert trouble(FolderError("/m/\udce9: gone")) == ("/m/?: gone", "")
    assert trouble(OSError(28, "No space left")) == ("[Errno 28] No space left", "")
    assert trouble(ValueError("odd"))[0] == "ValueError: odd"
