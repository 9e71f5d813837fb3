"""Any bytes whatever give a result or an error of our own, soon."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FUZZ = Path(__file__).with_name("fuzz")
sys.path.insert(0, str(FUZZ))

from targets import SEEDS, TARGETS, timed  # noqa: E402

FUZZ_S = int(os.environ.get("WORKBENCH_FUZZ_S", "20"))
CRASHES = sorted((FUZZ / "crashes").glob("*")) if (FUZZ / "crashes").is_dir() else []


@st.composite
def damaged(draw, seeds):
    """A seed with parts cut out, doubled, swapped with another's or overwritten; or any bytes."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        other = draw(st.sampled_from(seeds))
        part = draw(st.sampled_from([b"", bytes(content[start:end]) * 2, other]) | st.binary(max_size=8))
        content[start:end] = part
    return bytes(content[:4_000])


@pytest.mark.parametrize("name", TARGETS)
@settings(deadline=None)
@given(data=st.data())
def test_any_bytes_give_a_result_or_an_error_of_our_own(name, data):
    timed(TARGETS[name], data.draw(damaged(SEEDS[name]) | st.binary(max_size=200)))


@pytest.mark.parametrize("path", CRASHES, ids=lambda path: path.name)
def test_what_once_went_wrong_does_not(path):
    """Files that a fuzzer found, named by target."""
    timed(TARGETS[path.name.partition("-")[0]], path.read_bytes())


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TARGETS)
def test_atheris_finds_nothing(name):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: pip install atheris")
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(seed)
        done = subprocess.run(
            [sys.executable, FUZZ / "run.py", name, f"-max_total_time={FUZZ_S}", "-timeout=10", corpus],
            cwd=corpus,
            capture_output=True,
            text=True,
            check=False,
        )
    print(f"{name}: {done.stderr.splitlines()[-1:]}")
    assert done.returncode == 0, done.stderr[-4_000:]
