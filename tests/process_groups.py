"""Runs of our own in a process group of their own, and whether anything of it is left."""

import os
import signal
import subprocess
import sys
import time

import psutil


def crowding():
    """How many times longer things take than on a machine that nobody else uses."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def start(script, *words, **environment):
    """A run of a script, or of the command line where it is "workbench", with all below it in one group.

    It reads lines that are written to its standard input.
    """
    program = ["-m", "workbench"] if script == "workbench" else ["-u", str(script)]
    return subprocess.Popen(
        [sys.executable, *program, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        env=os.environ | environment,
    )


def members(group):
    """Processes of a group that live: the parent, the fork server, the resource tracker and workers."""
    found = []
    for number in psutil.pids():
        try:
            if os.getpgid(number) == group and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                found.append(number)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def await_none(group, patience_s=20.0):
    """Seconds until nothing of a group is left; what is left after this time is ended, and is a failure."""
    begun = time.monotonic()
    while left := members(group):
        if time.monotonic() > begun + patience_s:
            names = [" ".join(psutil.Process(number).cmdline()[-2:])[:90] for number in left]
            os.killpg(group, signal.SIGKILL)
            raise AssertionError(f"outlived their parent by {patience_s} s: {names}")
        time.sleep(0.02)
    return time.monotonic() - begun


def until(condition, patience_s=120.0):
    """Wait for this."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
