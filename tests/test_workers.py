"""One bad task costs that one task."""

import ctypes
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from workbench import workers
from workbench.errors import DecodeError
from workbench.models import Reason

GOOD = list(range(23))


def work(task):
    """Square a number; a word names a way to go bad."""
    if isinstance(task, int):
        return task * task
    return {"raise": fail, "decode": refuse, "die": die, "crash": crash, "hang": hang, "eat": eat, "odd": odd}[task]()


def fail():
    raise OSError


def refuse():
    raise DecodeError("song.mp3: holds no audio", Reason.NOT_AUDIO)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def crash():
    ctypes.string_at(0)


def hang():
    time.sleep(600)


def eat():
    return bytes(2**40)


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be unpickled")
        self.lock = __import__("threading").Lock()
        self.both = one, two


def odd():
    raise OddError(1, 2)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("raise", Reason.INTERNAL_ERROR),
        ("decode", Reason.NOT_AUDIO),
        ("die", Reason.WORKER_DIED),
        ("crash", Reason.WORKER_DIED),
        ("hang", Reason.TIMEOUT),
        ("eat", Reason.OUT_OF_MEMORY),
        ("odd", Reason.INTERNAL_ERROR),
    ],
)
def test_a_bad_task_costs_itself(word, reason):
    tasks = [*GOOD[:11], word, *GOOD[11:]]
    outcomes = list(workers.run(work, tasks, workers=2, deadline_s=lambda task: 2 if task == "hang" else 60))
    good = sorted(outcome.value for outcome in outcomes if outcome.reason is None)
    bad = [(outcome.task, outcome.reason) for outcome in outcomes if outcome.reason]
    assert good == [n * n for n in GOOD]
    assert bad == [(word, reason)]
    assert all(outcome.text for outcome in outcomes if outcome.reason)


def test_the_code_and_sentence_of_a_file_error_come_home():
    (outcome,) = workers.run(work, ["decode"], workers=1)
    assert (outcome.reason, outcome.text) == (Reason.NOT_AUDIO, "song.mp3: holds no audio")


def test_no_tasks_no_outcomes():
    assert list(workers.run(work, [])) == []


def blas_threads(_task):
    import numpy as np
    import threadpoolctl

    np.ones((50, 50)) @ np.ones((50, 50))
    return [(pool["internal_api"], pool["num_threads"]) for pool in threadpoolctl.threadpool_info()]


def test_linear_algebra_keeps_to_one_thread():
    """numpy is loaded before a worker can set a variable: each worker's BLAS span on all processors."""
    (outcome,) = workers.run(blas_threads, [0], workers=1)
    assert outcome.value
    assert {threads for _, threads in outcome.value} == {1}


def number_of_threads(_task):
    return os.environ["OMP_NUM_THREADS"], os.environ["COLOUR"]


def test_the_environment_is_set_in_the_workers_only():
    (outcome,) = workers.run(number_of_threads, [0], workers=1, environment={"COLOUR": "blue"})
    assert outcome.value == ("1", "blue")
    assert "COLOUR" not in os.environ


def pid(_task):
    return os.getpid()


def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="asks for processes by signal 0")
def test_closing_the_iterator_ends_the_workers():
    outcomes = workers.run(pid, range(100), workers=2)
    numbers = {next(outcomes).value for _ in range(5)}
    outcomes.close()
    deadline = time.monotonic() + 10
    while any(map(alive, numbers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, numbers))


def await_end(numbers, patience_s=10):
    """Seconds until none of these processes is alive."""
    begun = time.monotonic()
    while any(map(alive, numbers)) and time.monotonic() < begun + patience_s:
        time.sleep(0.02)
    assert not any(map(alive, numbers))
    return time.monotonic() - begun


def pid_or_hang(task):
    return os.getpid() if task < 4 else hang()


@pytest.mark.skipif(sys.platform == "win32", reason="asks for processes by signal 0")
def test_a_stop_ends_tasks_that_are_being_done_and_raises_nothing():
    stop = threading.Event()
    numbers, asked = set(), 0.0
    for outcome in workers.run(pid_or_hang, range(100), workers=2, stop=stop):
        numbers.add(outcome.value)
        if outcome.task == 3:
            asked = time.monotonic()
            threading.Timer(0.5, stop.set).start()
    print(f"a stop took {time.monotonic() - asked - 0.5:.2f} s")
    await_end(numbers)
    assert 1 <= len(numbers) <= 2, "one may have done all four before the other had begun"


def test_what_is_finished_when_a_stop_comes_is_not_lost():
    stop = threading.Event()
    outcomes = workers.run(work, range(8), workers=1, stop=stop)
    first = next(outcomes)
    time.sleep(1)
    stop.set()
    assert sorted(outcome.value for outcome in [first, *outcomes])[:3] == [0, 1, 4]
    assert list(workers.run(work, GOOD, workers=1, stop=stop)) == []


def test_a_run_in_a_thread_beside_a_busy_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.extend(workers.run(work, [*GOOD, "die"], workers=2)), daemon=True)
    thread.start()
    while thread.is_alive():
        sum(range(1000))
    assert sorted(outcome.value for outcome in found if outcome.reason is None) == [n * n for n in GOOD]
    assert [outcome.reason for outcome in found if outcome.reason] == [Reason.WORKER_DIED]


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import math
            from workbench import workers
            print("once")
            print(sum(outcome.value for outcome in workers.run(math.isqrt, [4, 9], workers=2)))
            """),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["once", "5"]


def complain(word):
    os.write(2, word.encode())


def test_what_workers_print_as_errors_goes_to_a_log(capfd):
    word = f"a decoder's complaint {os.getpid()}-{time.monotonic_ns()}"
    (outcome,) = workers.run(complain, [word], workers=1)
    assert outcome.reason is None
    assert word in workers.log_file().read_text(encoding="utf-8", errors="replace")
    assert word not in capfd.readouterr().err
