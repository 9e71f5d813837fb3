"""Ctrl-C: control is back within two seconds, what was finished is kept, and nothing goes on behind one's back."""

import gc
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import process_groups
import psutil
import pytest
import soundfile

import workbench as wb
from workbench import locks, workers
from workbench.cli import collection
from workbench.cli.speech import Stopped
from workbench.extract import running
from workbench.scan import batches

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals to a group of processes"),
]

LIMIT_S = 2.0


def limit_s():
    """Seconds in which control is to be back, by what others leave of the processors."""
    return LIMIT_S * process_groups.crowding()


def quiet(_done, _total, _text):
    pass


def piece(path, seconds, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    y = np.random.default_rng(seed).normal(scale=0.1, size=int(8000 * seconds)).astype(np.float32)
    soundfile.write(path, y, 8000)
    return path


@pytest.fixture(scope="module")
def long_music(tmp_path_factory):
    """A short piece, and two of half an hour, which keep two workers busy."""
    folder = tmp_path_factory.mktemp("long") / "music"
    piece(folder / "a short one.wav", 1)
    first = piece(folder / "long 0.wav", 1800)
    (folder / "long 1.wav").write_bytes(first.read_bytes())
    return folder


@pytest.fixture(scope="module")
def many_files(tmp_path_factory):
    """So many files that a scan takes a while."""
    folder = tmp_path_factory.mktemp("many") / "music"
    first = piece(folder / "0.flac", 0.05)
    for number in range(1, 6000):
        os.link(first, folder / f"{number}.flac")
    return folder


def press_ctrl_c(run):
    """Do as a terminal does, which signals all of a group; seconds until the command ended, and what it said last."""
    begun = time.monotonic()
    os.killpg(run.pid, signal.SIGINT)
    run.wait(60)
    took = time.monotonic() - begun
    gone = process_groups.await_none(run.pid)
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 130, said
    assert "Traceback" not in said
    assert "leaked" not in said
    stopped = [line for line in said.splitlines() if line.startswith("Stopped. ")]
    assert len(stopped) == 1, said
    return took, gone, stopped[0]


# The command line


@pytest.mark.slow
def test_ctrl_c_in_a_scan(tmp_path, many_files):
    library = wb.Library(tmp_path / "library.db")
    run = process_groups.start("workbench", "scan", many_files, "--library", library.path)
    process_groups.until(lambda: len(library.tracks()) > 0)
    took, gone, stopped = press_ctrl_c(run)
    kept = len(library.tracks())
    print(f"scan: control back after {took:.2f} s, all processes gone after {took + gone:.2f} s; {kept} tracks kept")
    assert 0 < kept < 6000
    assert stopped == f"Stopped. {kept:,} tracks that were found are kept; run the same command again to go on."
    assert took < limit_s()
    assert gone < 5 * process_groups.crowding()


@pytest.mark.parametrize("command", [collection.scan, collection.analyze])
def test_what_is_kept_is_never_less_than_nothing(command, monkeypatch):
    """A folder that was through had lost files, or another process found some: "-3 tracks are kept", it said."""
    waiting = iter((5, 2) if command is collection.scan else (2, 5))

    def interrupted(*_words, **_how):
        raise KeyboardInterrupt

    chosen = SimpleNamespace(pending=lambda: next(waiting), scan=interrupted, analyze=interrupted)
    for name in ("library_to_change", "existing_to_change", "offer_model"):
        monkeypatch.setattr(collection, name, lambda *_: chosen)
    with pytest.raises(Stopped) as end:
        command([Path("music")])
    assert end.value.kept.startswith("0 tracks ")


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_ctrl_c_in_an_analysis_in_the_middle_of_long_files(tmp_path, long_music):
    library = wb.Library(tmp_path / "library.db")
    library.scan(long_music, workers=1, progress=quiet)
    run = process_groups.start("workbench", "analyze", "--workers", 2, "--library", library.path)
    process_groups.until(lambda: library.pending() == 2)
    time.sleep(0.5)
    took, gone, stopped = press_ctrl_c(run)
    print(f"analyze: control back after {took:.2f} s, all processes gone after {took + gone:.2f} s")
    assert (len(library.features()), library.pending()) == (1, 2)
    assert stopped == "Stopped. 1 tracks were analysed and kept, 2 wait; run the same command again to go on."
    assert took < limit_s()
    assert gone < 5 * process_groups.crowding()


@pytest.mark.slow
def test_ctrl_c_in_the_first_compilation(tmp_path, long_music):
    library = wb.Library(tmp_path / "library.db")
    library.scan(long_music, workers=1, progress=quiet)
    cache = tmp_path / "cache"
    run = process_groups.start("workbench", "analyze", "--library", library.path, XDG_CACHE_HOME=str(cache))
    process_groups.until(lambda: any(cache.rglob("*.nbi")))  # the first kernel is compiled
    took, gone, _ = press_ctrl_c(run)
    print(f"compiling: control back after {took:.2f} s, all processes gone after {took + gone:.2f} s")
    assert took < limit_s()
    assert gone < 5 * process_groups.crowding()
    assert not list(cache.rglob("warm"))
    (lock,) = cache.rglob("lock.db")
    with locks.turn(lock, patience_s=0) as is_free:
        assert is_free


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.0, 0.3, 0.7, 1.2])
def test_ctrl_c_while_workers_start(tmp_path, many_files, delay_s):
    run = process_groups.start("workbench", "scan", many_files, "--library", tmp_path / "library.db")
    assert run.stderr.readline().startswith("Library:")
    time.sleep(delay_s)
    took, gone, _ = press_ctrl_c(run)
    print(f"after {delay_s} s: control back after {took:.2f} s, all processes gone after {took + gone:.2f} s")
    assert took < limit_s()
    assert gone < 5 * process_groups.crowding()


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_ctrl_c_while_another_analyses(tmp_path, long_music):
    library = wb.Library(tmp_path / "library.db")
    library.scan(long_music, workers=1, progress=quiet)
    with locks.turn(tmp_path / "library.db-analysis"):
        run = process_groups.start("workbench", "analyze", "--library", library.path)
        said = ""
        while running.WAITS not in said:
            said += run.stderr.read(1)
        took, gone, _ = press_ctrl_c(run)
    print(f"waiting: control back after {took:.2f} s, all processes gone after {took + gone:.2f} s")
    assert took < limit_s()


# A notebook


@pytest.fixture(scope="module")
def kernel():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=120)
    run_cell(client, "import workbench as wb, os")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run_cell(client, code, interrupt=None):
    """What a cell says, as its streams and its error."""
    asked = client.execute(code)
    said, error = "", None
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        if message["msg_type"] == "stream":
            said += content["text"]
            if interrupt and "now" in said:
                interrupt()
                interrupt = None
        elif message["msg_type"] == "error":
            error = content
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            return said, error


def interrupted(kernel, code):
    """Interrupt a cell once it says "now"; seconds until the kernel is idle, and the lines of its traceback."""
    manager, client = kernel
    begun = []

    def interrupt():
        begun.append(time.monotonic())
        manager.interrupt_kernel()

    said, error = run_cell(client, code, interrupt)
    took = time.monotonic() - begun[0]
    assert error is not None, said
    assert error["ename"] == "KeyboardInterrupt"
    assert "kept" in error["evalue"]
    assert "Traceback" not in said
    return took, re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"])).splitlines()


def await_no_workers(kernel):
    """The fork server and the tracker of a kernel stay for its next work; what they have started does not."""
    manager, _ = kernel
    parent = psutil.Process(manager.provisioner.pid)

    def is_quiet():
        return all(not child.children() for child in parent.children())

    begun = time.monotonic()
    process_groups.until(is_quiet, 10)
    return time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_an_interrupted_cell_that_analyses(tmp_path, long_music, kernel):
    library = wb.Library(tmp_path / "library.db")
    library.scan(long_music, workers=1, progress=quiet)
    say = "lambda done, *_: print('now', flush=True)"
    took, lines = interrupted(kernel, f"wb.Library({str(library.path)!r}).analyze(workers=2, progress={say})")
    gone = await_no_workers(kernel)
    print(f"analyze in a kernel: back after {took:.2f} s, workers gone after {took + gone:.2f} s, {len(lines)} lines")
    assert (len(library.features()), library.pending()) == (1, 2)
    assert took < limit_s()
    assert len(lines) < 40, "\n".join(lines)
    _, error = run_cell(kernel[1], f"assert wb.Library({str(library.path)!r}).pending() == 2")
    assert error is None, "the kernel is of use afterwards"


@pytest.mark.slow
def test_an_interrupted_cell_that_scans(tmp_path, many_files, kernel):
    library = wb.Library(tmp_path / "library.db")
    code = f"wb.Library({str(library.path)!r}).scan({str(many_files)!r}, progress=lambda *_: print('now', flush=True))"
    took, lines = interrupted(kernel, code)
    gone = await_no_workers(kernel)
    kept = len(library.tracks())
    print(f"scan in a kernel: back after {took:.2f} s, workers gone after {took + gone:.2f} s; {kept} tracks kept")
    assert 0 < kept < 6000
    assert took < limit_s()
    assert len(lines) < 40, "\n".join(lines)


@pytest.mark.slow
def test_nothing_of_a_kernel_is_left(tmp_path, many_files):
    """A kernel that is shut down in the middle of a scan takes its workers with it."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=120)
    group = os.getpgid(manager.provisioner.pid)
    code = f"import workbench as wb\nprint('now', flush=True)\nwb.Library({str(tmp_path / 'a.db')!r})"
    client.execute(f"{code}.scan({str(many_files)!r}, progress=lambda *_: None)")
    process_groups.until(lambda: len(process_groups.members(group)) >= 4)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    print(f"all gone after {process_groups.await_none(group):.2f} s")


# An interrupt that comes in the caller's own code


def interrupting(_done, _total, _text):
    raise KeyboardInterrupt


def children_below():
    """Workers of this process: what its fork server has started."""
    return [each for child in psutil.Process().children() for each in child.children()]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("work", ["scan", "analyze"])
def test_no_worker_goes_on_while_somebody_holds_the_traceback(tmp_path, work, monkeypatch):
    """A notebook keeps the last traceback, and with it every frame: what they held open stayed open, workers too."""
    monkeypatch.setattr(batches, "BATCH", 1)
    monkeypatch.setattr(batches, "STEP", 1)
    for number in range(8):
        piece(tmp_path / "music" / f"{number}.flac", 0.3, number)
    library = wb.Library(tmp_path / "library.db")
    if work == "analyze":
        library.scan(tmp_path / "music", workers=1, progress=quiet)
    before = {each.pid for each in children_below()}
    gc.disable()
    try:
        with pytest.raises(KeyboardInterrupt, match="kept") as kept:
            getattr(library, work)(
                **({"folder": tmp_path / "music"} if work == "scan" else {}), workers=2, progress=interrupting
            )
        left = {each.pid for each in children_below()} - before
    finally:
        gc.enable()
    assert left == set()
    assert kept.value.__suppress_context__
    assert len(library.tracks()) >= 1


def native_sleep(file):
    import ctypes

    with open(file, "w", encoding="utf-8"):  # noqa: PTH123  says that it is at it
        pass
    ctypes.PyDLL(None).sleep(600)


def test_workers_that_hang_in_native_code_are_ended_at_once(tmp_path):
    """They hold Python's lock, so that no handler of a signal runs: three seconds were waited for each."""
    files = [tmp_path / f"{number}" for number in range(2)]
    stop, asked = threading.Event(), []

    def stop_when_both_hang():
        process_groups.until(lambda: all(file.exists() for file in files))
        time.sleep(0.2)
        asked.append(time.monotonic())
        stop.set()

    threading.Thread(target=stop_when_both_hang, daemon=True).start()
    assert list(workers.run(native_sleep, files, workers=2, stop=stop)) == []
    took = time.monotonic() - asked[0]
    print(f"two workers that hear nothing ended in {took:.2f} s")
    assert took < limit_s()
