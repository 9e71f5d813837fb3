"""What becomes of odd and broken files, real ones and made ones, on their way from a folder to features.

All of it goes through one scan and one analysis. `fixtures/corpus_ledger.csv` is the reviewed table of what became of
each file of the corpus: its state and gravest reason as in `Library.ledger()`, and all its reasons; a file that scans
do not look at has none. After a change that is meant, renew it and look at what has changed in it::

    WORKBENCH_RENEW_LEDGER=1 pytest tests/test_corpus.py -k table
    git diff tests/fixtures/corpus_ledger.csv
"""

import csv
import json
import os
import sqlite3
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import odd_files
import polars as pl
import psutil
import pytest

import workbench as wb
from workbench import audio, features, workers
from workbench.errors import DecodeError
from workbench.extract import running
from workbench.models import FEATURE_GROUPS

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="pipes, devices and limits of memory"),
]

TABLE = Path(__file__).parent / "fixtures" / "corpus_ledger.csv"
MOST_BYTES = 1_500_000_000
CPU_LIMIT_S = 240  # two minutes on two cores
LONG_DEADLINE_S = (
    5  # hours of sound, and gigabytes of nothing, are given up in this time, so that the test is through in two minutes
)
DEADLINE_S = 300
LOOK_S = 0.05
MOST_FRAMES = 2**62  # libsndfile's number for a length that it does not know
FLAGS = {"truncated", "duration_mismatch"}


def quiet(_done, _total, _text):
    pass


def deadline_s(track):
    return LONG_DEADLINE_S if is_long(track.path) else DEADLINE_S


def is_long(path):
    """Whether a file has hours of sound, or gigabytes, to go through."""
    return path.name in {"silent.flac", "unfolding.mp3"} or path.parent.name == "sparse"


class Watch(threading.Thread):
    """Looks at all processes below this one: the most memory that each has had, and the time they have taken."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peaks, self.cpu_s = Counter(), Counter()

    def run(self):
        while not self.over.wait(LOOK_S):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error, OSError, StopIteration):
                    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
                    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
                    self.peaks[process.pid] = int(peak.split()[1]) * 1024
                    self.cpu_s[process.pid] = sum(process.cpu_times()[:2])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def churn(folder, over):
    """Files that change, shrink, grow and vanish all the time."""
    content = (folder / "0.flac").read_bytes()
    turn = 0
    while not over.wait(0.002):
        turn += 1
        path = folder / f"{turn % 12}.flac"
        if turn % 4 == 0:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content[: len(content) // (turn % 4)])


@dataclass(frozen=True)
class Leg:
    """What one run over everything left behind."""

    music: Path
    db: Path
    ledger: pl.DataFrame
    seen: int
    watch: Watch
    wall_s: float

    def of(self, folder):
        """Rows of the ledger below a folder, by name."""
        rows = self.ledger.filter(pl.col("path").str.starts_with(f"{self.music / folder}/"))
        return {row["path"].removeprefix(f"{self.music / folder}/"): row for row in rows.iter_rows(named=True)}

    def query(self, sql):
        with closing(sqlite3.connect(self.db)) as connection:
            connection.text_factory = lambda content: content.decode("utf-8", "replace")
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def music(tmp_path_factory, test_data):
    """The folder of all of them."""
    folder = tmp_path_factory.mktemp("odd") / "music"
    folder.mkdir()
    (folder / "corpus").symlink_to(test_data / "corpus" / "files")
    for name in ("junk", "signals", "cut", "bombs", "odd_objects"):
        getattr(odd_files, name)(folder / name)
    odd_files.sparse(folder / "sparse", test_data / "corpus" / "files")
    (folder / "moving").mkdir()
    for number in range(12):
        (folder / "moving" / f"{number}.flac").write_bytes((folder / "cut" / "whole_cut.flac").read_bytes())
    return folder


@pytest.fixture(scope="module")
def leg(music, compiled):  # noqa: ARG001  which a busy machine compiles longer than a file may take
    db = music.parent / "library.db"
    library = wb.Library(db)
    over, start = threading.Event(), time.monotonic()
    busy = threading.Thread(target=churn, args=[music / "moving", over], daemon=True)
    with pytest.MonkeyPatch.context() as patch, Watch() as watch:
        patch.setattr(running, "deadline_s", deadline_s)
        busy.start()
        scan = library.scan(music, progress=quiet)
        library.analyze(progress=quiet)
        over.set()
        busy.join()
    return Leg(music, db, library.ledger(), scan.seen, watch, time.monotonic() - start)


# Nothing crashes, nothing hangs, nothing eats the machine


def test_no_file_and_no_odd_object_ends_or_holds_up_a_run(leg):
    states, reasons = Counter(leg.ledger["state"]), Counter(leg.ledger["reason"].drop_nulls())
    late = [path for path in leg.ledger.filter(reason="timeout")["path"] if not is_long(Path(path))]
    wrong = leg.ledger.filter(pl.col("reason").is_in(["internal_error", "worker_died"]))
    cpu_s = sum(leg.watch.cpu_s.values())
    print(f"\nparent crashes 0, hangs {len(late)} over {len(leg.ledger)} paths; {dict(states)}; {dict(reasons)}")
    print(f"{cpu_s:.0f} CPU s, {leg.wall_s:.0f} s by the clock; workers that died or met what is unknown: {len(wrong)}")
    assert late == []
    assert wrong.select("path", "reason", "text").rows() == []
    assert cpu_s < CPU_LIMIT_S


def test_what_is_no_file_is_refused_by_the_walk(leg):
    found = {name: (row["stage"], row["reason"]) for name, row in leg.of("odd_objects").items()}
    assert found.pop("pipe.mp3") == found.pop("socket.mp3") == ("walk", "not_a_file")
    assert found.pop("zero.flac") == found.pop("random.wav") == ("walk", "not_a_file")
    assert found.pop("gone.ogg") == ("walk", "vanished")
    assert found.pop("self.mp3") == ("walk", "unreadable")
    closed = found.pop("closed/a.mp3", None) or found.pop("closed")
    assert closed in {("tags", "not_audio"), ("walk", "unreadable")}  # root may read it
    assert len(found) == 1
    named = leg.query("SELECT f.path FROM file f JOIN finding x ON x.file_id = f.id WHERE reason = 'name_not_utf8'")
    assert named == [(b"odd_objects/\xff\xfe\x80.wav",)]


def test_no_worker_takes_more_than_its_share_of_memory(leg):
    peak = max(leg.watch.peaks.values())
    print(f"\npeak of {len(leg.watch.peaks)} processes: {peak / 1e9:.2f} GB")
    assert len(leg.watch.peaks) > 3
    assert peak <= MOST_BYTES


# What is accepted, and what of it is kept


def test_no_junk_is_taken_for_music(leg, music):
    rows = leg.of("junk")
    accepted = [name for name, row in rows.items() if row["state"] != "failed" or row["analyzed"] or row["track_id"]]
    paths = sorted((music / "junk").iterdir())
    parts = [tuple(paths[start : start + 64]) for start in range(0, len(paths), 64)]
    outcomes = list(workers.run(heard, parts))
    direct = [name for outcome in outcomes for name in ([outcome.text] if outcome.value is None else outcome.value)]
    print(f"\njunk accepted: {len(accepted)} of {len(rows)} by scans, {len(direct)} of {len(paths)} by decoders")
    assert len(rows) == len(paths) > 300
    assert accepted == direct == []


def heard(paths):
    """Names of those of which a decoder or the analysis makes something; runs in a worker."""
    return [path.name for path in paths if sounds(path, decoded) or sounds(path, features.analyze)]


def sounds(path, reader):
    try:
        return bool(reader(path))
    except DecodeError:
        return False


def decoded(path):
    with audio.stream(path) as source:
        return sum(block.shape[1] for block in source.blocks)


@pytest.fixture(scope="module")
def truth(music):
    """Seconds that libsndfile and FFmpeg each decode of every file that may be music, by its path."""
    folders = ("corpus", "signals", "cut", "bombs")
    paths = [path for folder in folders for path in sorted((music / folder).iterdir()) if odd_files.is_read(path)]
    outcomes = workers.run(seconds_of, [path for path in paths if path.name != "silent.flac"], deadline_s=60)
    return {str(outcome.task): outcome.value or (0.0, 0.0) for outcome in outcomes}


def seconds_of(path):
    """Runs in a worker."""
    return by_libsndfile(path), by_ffmpeg(path)


def by_libsndfile(path):
    import soundfile

    seconds = 0.0
    with (
        suppress(soundfile.SoundFileError, ValueError),
        path.open("rb") as file,
        soundfile.SoundFile(file.fileno(), closefd=False) as sound,
    ):
        while sound.frames < MOST_FRAMES and len(block := sound.read(4096, dtype="float32", always_2d=True)):
            seconds += len(block) / sound.samplerate
    return seconds


def by_ffmpeg(path):
    import av

    seconds = 0.0
    with suppress(av.error.FFmpegError, ValueError, OSError), av.open(str(path)) as container:
        for packet in container.demux(container.streams.audio[0]) if container.streams.audio else ():
            with suppress(av.error.FFmpegError, ValueError, OSError):
                seconds += sum(frame.samples / frame.sample_rate for frame in packet.decode())
    return seconds


def test_what_two_decoders_read_gets_features(leg, truth):
    rows = {row["path"]: row for row in leg.ledger.iter_rows(named=True)}
    both = [path for path, seconds in truth.items() if min(seconds) > 0]
    without = [path for path in both if not rows[path]["analyzed"] and rows[path]["reason"] != "too_short"]
    share = 1 - len(without) / len(both)
    print(f"\n{share:.2%} of {len(both)} files that both decoders read have features; not: {without}")
    assert len(both) > 400
    assert share >= 0.99


def test_lengths_are_right_or_said_to_be_wrong(leg, truth):
    found = leg.query(
        "SELECT r.path, f.path, t.declared_duration_s, a.duration_s, "
        "(SELECT group_concat(reason) FROM finding WHERE file_id = f.id) "
        "FROM file f JOIN root r ON r.id = f.root_id JOIN track t ON t.id = f.track_id "
        "JOIN audio_features a ON a.track_id = t.id"
    )
    wrong, checked, flagged = [], 0, 0
    for root, path, declared, measured, reasons in found:
        name = os.fsdecode(root) + "/" + os.fsdecode(path)
        real = max(truth.get(name, (0, 0)))
        if not real:
            continue
        checked += 1
        flagged += bool(FLAGS & set((reasons or "").split(",")))
        apart = [each for each in (declared, measured) if each is not None and abs(each - real) > max(1, 0.05 * real)]
        if measured is None or (apart and not FLAGS & set((reasons or "").split(","))):
            wrong.append((name, declared, measured, real, reasons))
    print(f"\n{checked - len(wrong)} of {checked} lengths are right or flagged ({flagged} flagged)")
    assert checked > 450
    assert wrong == []


@pytest.mark.parametrize("name", ["cut.wav", "cut.aiff", "cut.ogg"])
def test_a_file_without_its_end_is_said_to_be_cut(leg, name):
    """Three per cent are missing: less than what lengths may be apart."""
    reasons = dict(
        leg.query(
            "SELECT CAST(f.path AS TEXT), group_concat(x.reason) "
            "FROM file f JOIN finding x ON x.file_id = f.id GROUP BY 1"
        )
    )
    assert "truncated" in reasons[f"cut/{name}"]
    assert "truncated" not in reasons.get(f"cut/whole_{name}", "")


def test_no_number_is_stored_that_is_none_and_none_is_missing_without_a_reason(leg):
    wrong = [*endless(leg), *unexplained(leg)]
    count = leg.query("SELECT count(*) FROM audio_features")[0][0]
    print(f"\nNaN, infinity or NULL without a reason: {len(wrong)}, in the features of {count} tracks")
    assert count > 500
    assert wrong == []


def endless(leg):
    """Columns of any table with a real number that is infinite; SQLite keeps NaN as NULL."""
    for (table,) in leg.query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"):
        for _, column, *_ in leg.query(f'PRAGMA table_info("{table}")'):
            test = f'typeof("{column}") = \'real\' AND abs("{column}") > 1.7e308'
            if leg.query(f'SELECT count(*) FROM "{table}" WHERE {test}')[0][0]:  # noqa: S608  names of the schema
                yield table, column


def unexplained(leg):
    """Features that are NULL without a reason, or vectors with a number that is not finite."""
    names = [*FEATURE_GROUPS, "duration_s", "declared_duration_s", "sample_rate_hz", "bit_depth", "channels"]
    columns = ", ".join(f'"{name}"' for name in names)
    for track_id, reasons, *values in leg.query(f"SELECT track_id, reasons, {columns} FROM audio_features"):  # noqa: S608
        known = json.loads(reasons)
        for name, value in zip(names, values, strict=True):
            if value is None and not known.get(name):
                yield track_id, name, "no reason"
            if isinstance(value, bytes) and not np.isfinite(np.frombuffer(value, "<f4")).all():
                yield track_id, name, "not finite"


# The reviewed table


def test_the_table_says_what_becomes_of_each_file(leg, test_data):
    found = dict(rows_of(leg, test_data))
    if os.environ.get("WORKBENCH_RENEW_LEDGER"):
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["file", "state", "reason", "all_reasons"]])
            csv.writer(file, lineterminator="\n").writerows([name, *row] for name, row in sorted(found.items()))
    with TABLE.open(encoding="utf-8", newline="") as file:
        expected = {name: tuple(row) for name, *row in list(csv.reader(file))[1:]}
    apart = [
        f"{name}: {told(expected.get(name))} is now {told(found.get(name))}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]
    print(f"\n{len(found) - len(apart)} of {len(found)} files are as the table says")
    assert not apart, "\n".join([f"{len(apart)} files are not as {TABLE.name} says:", *apart])


def told(row):
    """A row in words."""
    return "not in it" if row is None else " ".join(filter(None, row)) or "not looked at"


def rows_of(leg, test_data):
    """Name of each file of the corpus, its state, gravest reason and all its reasons."""
    rows = leg.of("corpus")
    findings = dict(
        leg.query(
            "SELECT CAST(f.path AS TEXT), group_concat(DISTINCT x.reason) "
            "FROM file f JOIN finding x ON x.file_id = f.id GROUP BY 1"
        )
    )
    for path in sorted((test_data / "corpus" / "files").iterdir()):
        row = rows.get(path.name)
        reasons = " ".join(sorted((findings.get(f"corpus/{path.name}") or "").split(",")))
        yield path.name, (row["state"], row["reason"] or "", reasons) if row else ("", "", "")
