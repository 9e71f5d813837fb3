"""One task at a time, by a worker that is kept at hand; whatever it does costs that task."""

import ctypes
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from workbench import workers
from workbench.errors import DecodeError, WorkerError
from workbench.models import Reason
from workbench.workers import bench
from workbench.workers.bench import Bench

PATIENCE_S = 20
asks_for_processes = pytest.mark.skipif(sys.platform == "win32", reason="asks for processes by signal 0")


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be unpickled")
        self.both = one, two


def pid(_task):
    return os.getpid()


def square(number):
    return number * number


def refuse(path):
    raise DecodeError(f"{path}: holds no audio", Reason.NOT_AUDIO)


def divide(number):
    return number / 0


def bad(word):
    match word:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            ctypes.string_at(0)
        case "hang":
            time.sleep(600)
        case "eat":
            return bytes(2**40)
        case "odd":
            raise OddError(1, 2)
        case "lock":
            return threading.Lock()
    return None


@pytest.mark.faults
@pytest.mark.parametrize(
    ("word", "reason", "text"),
    [
        ("die", Reason.WORKER_DIED, "the worker process died over it (exit code -9)"),
        ("crash", Reason.WORKER_DIED, "the worker process died over it (exit code -11)"),
        ("hang", Reason.TIMEOUT, "took longer than 1 s"),
        ("eat", Reason.OUT_OF_MEMORY, "needs more memory than a worker may have"),
        ("odd", Reason.INTERNAL_ERROR, "OddError: cannot be unpickled"),
        ("lock", None, "cannot pickle"),
    ],
)
def test_a_bad_task_costs_itself(word, reason, text):
    """The next who asks has an answer; of those who ask meanwhile nobody hears of it."""
    answers = []
    others = [threading.Thread(target=lambda: answers.append(workers.ask(square, 7))) for _ in range(4)]
    for other in others:
        other.start()
    with pytest.raises(WorkerError if reason else TypeError) as caught:
        workers.ask(bad, word, deadline_s=1 if word == "hang" else PATIENCE_S)
    for other in others:
        other.join(PATIENCE_S)
    if reason:
        assert caught.value.reason is reason
        assert str(caught.value).startswith(f"{word}: ")
    assert text in str(caught.value)
    assert answers == [49] * 4
    assert workers.ask(square, 3) == 9


def test_what_a_function_raises_is_raised():
    with pytest.raises(DecodeError, match=r"^song\.mp3: holds no audio$") as caught:
        workers.ask(refuse, Path("song.mp3"))
    assert caught.value.reason is Reason.NOT_AUDIO
    with pytest.raises(ZeroDivisionError) as caught:
        workers.ask(divide, 1)
    assert "in divide" in caught.value.__notes__[0], "it says where in the worker it was"


def test_a_worker_is_kept_and_comes_to_an_answer_at_once():
    first = workers.ask(pid, 0)
    begun = time.process_time()
    assert {workers.ask(pid, 0) for _ in range(100)} == {first}
    print(f"100 answers cost {time.process_time() - begun:.3f} CPU s here")
    assert first != os.getpid()


def chatter(flag):
    """Say that it has begun, and go on for as long as it is wanted."""
    flag.touch()
    while workers.is_wanted():
        time.sleep(0.01)
    return "stopped"


def deaf(flag):
    flag.touch()
    time.sleep(600)


@pytest.mark.parametrize(("function", "is_kept"), [(chatter, True), (deaf, False)])
def test_a_task_can_be_called_off(tmp_path, function, is_kept):
    """A function that listens keeps its worker, for the next one."""
    worker = workers.ask(pid, 0)
    with pytest.raises(InterruptedError):
        workers.ask(function, tmp_path / "flag", wanted=lambda: not (tmp_path / "flag").exists())
    assert (workers.ask(pid, 0) == worker) is is_kept
    assert workers.is_wanted(), "in a process that is no worker"


def wait_for(path):
    while not path.exists():
        time.sleep(0.01)
    return path.name


def test_what_is_quick_does_not_wait_for_what_is_long(tmp_path):
    found, quick = [], []
    ask = partial(workers.ask, wait_for, tmp_path / "end", deadline_s=120)
    long = [threading.Thread(target=lambda: found.append(ask()), daemon=True) for _ in range(4)]
    for thread in long:
        thread.start()
    workers.ask(time.sleep, 0.5)  # until the long ones have taken what places they may have
    short = threading.Thread(target=lambda: quick.extend(workers.ask(square, n) for n in range(20)), daemon=True)
    short.start()
    short.join(PATIENCE_S)
    assert found == []
    (tmp_path / "end").touch()
    assert quick == [n * n for n in range(20)]
    for thread in long:
        thread.join(PATIENCE_S)
    assert found == ["end"] * 4


def test_many_threads_have_their_own_answers():
    found = {}

    def work(number):
        found[number] = [workers.ask(square, number * n) for n in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert found == {number: [(number * n) ** 2 for n in range(20)] for number in range(8)}


def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def await_end(number):
    begun = time.monotonic()
    while alive(number) and time.monotonic() < begun + PATIENCE_S:
        time.sleep(0.02)
    assert not alive(number)
    return time.monotonic() - begun


@asks_for_processes
def test_who_has_nothing_to_do_goes_home_and_another_comes():
    import pickle

    bench = Bench(idle_s=0.2)
    order = pickle.dumps((pid, 0, None))
    ask = partial(bench.ask, order, 0, deadline_s=PATIENCE_S, wanted=lambda: True)
    first = ask()
    await_end(first)
    assert bench.is_asleep
    assert ask() != first
    for pause in (0.19, 0.2, 0.201, 0.205):  # while it goes
        time.sleep(pause)
        ask()


@asks_for_processes
def test_one_that_was_killed_while_it_waited_costs_nothing():
    os.kill(worker := workers.ask(pid, 0), signal.SIGKILL)
    await_end(worker)
    assert workers.ask(square, 3) == 9


@asks_for_processes
@pytest.mark.faults
@pytest.mark.parametrize("end", ["is done", "is killed", "is killed midway"])
def test_no_worker_outlives_its_program(tmp_path, end):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import os, sys, time
            from pathlib import Path
            sys.path.insert(0, sys.argv[1])
            import test_bench
            from workbench import workers
            print(workers.ask(test_bench.pid, 0), flush=True)
            if sys.argv[2] == "is killed midway":
                workers.ask(test_bench.deaf, Path(sys.argv[3]))
            if sys.argv[2] == "is killed":
                time.sleep(600)
            """),
        encoding="utf-8",
    )
    flag = tmp_path / "flag"
    words = [sys.executable, script, Path(__file__).parent, end, flag]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as program:
        worker = int(program.stdout.readline())
        if end == "is killed midway":
            wait_for(flag)
        if end != "is done":
            assert alive(worker)
            program.kill()
        program.wait(PATIENCE_S)
    print(f"a program that {end}: its worker ended after {await_end(worker):.2f} s")


@pytest.mark.faults
@pytest.mark.parametrize("error", [EOFError("unexpected EOF"), OSError("too many open files")])
@pytest.mark.parametrize("name", ["Process", "Pipe"])
def test_that_no_worker_can_start_is_said(monkeypatch, error, name):
    """Where memory or processes are short, the fork server ends over the fork, and who asked meets an end of file."""

    def refuse_to(*_words, **_how):
        raise error

    context = bench.make_context()
    if name == "Pipe":
        monkeypatch.setattr(context, name, refuse_to)
    else:
        monkeypatch.setattr(context, name, type("Process", (context.Process,), {"start": refuse_to}))
    monkeypatch.setattr(bench, "make_context", lambda: context)
    with pytest.raises(WorkerError, match=f"a worker cannot start: {error}; close what takes processes or memory"):
        Bench().ask(b"", None, deadline_s=1, wanted=bool)


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="caches are in another place")
def test_a_home_that_may_not_be_written_costs_the_log_alone(tmp_path):
    script = "from workbench import workers; import math; print(workers.ask(math.sqrt, 9))"
    (tmp_path / "cache").touch()
    words = {"env": os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path / "cache")}}
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, **words)
    assert (done.returncode, done.stdout) == (0, "3.0\n"), done.stderr


def test_a_worker_can_be_had_ready():
    workers.prepare("wave", "no_such_module")
    assert workers.ask(square, 2) == 4
