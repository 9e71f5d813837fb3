"""Every path that a walk meets is in the ledger once, with what became of it, in words."""

import os
import re
import sys
import threading
import time
import unicodedata
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile

import workbench as wb
from workbench import doctor, store
from workbench.demo import encode
from workbench.errors import FolderError
from workbench.extract import Analysis
from workbench.models import EXTENSIONS, LEDGER, Ledger, Reason, Stage, State
from workbench.scan import Scan, batches
from workbench.scan.kinds import UNREAD
from workbench.store.ledger import count_ledger
from workbench.widgets.jobs.words import analysis_words, scan_words

SR = 22_050


def quiet(_done, _total, _text):
    pass


def tone(path, *, seconds=1.0, hz=440):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * hz * np.arange(int(SR * seconds)) / SR), SR)
    return path


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    tone(folder / "a.flac", hz=300)
    tone(folder / "b.flac", hz=500)
    (folder / "empty.mp3").touch()
    (folder / "words.flac").write_text("no music")
    return folder


@pytest.fixture
def library(tmp_path):
    return wb.Library(tmp_path / "library.db")


def scan(library, folder, **options):
    return library.scan(folder, workers=1, progress=quiet, **options)


def rows(library):
    return library.ledger().select("path", "state", "stage", "reason", "analyzed").rows()


# What the store says


def test_every_file_is_there_once(library, music):
    scan(library, music)
    (music / "b.flac").unlink()
    scan(library, music, allow_missing=True)
    assert rows(library) == [
        (f"{music}/a.flac", "warning", "tags", "missing_tags", False),
        (f"{music}/empty.mp3", "failed", "tags", "empty_file", False),
        (f"{music}/words.flac", "failed", "tags", "not_audio", False),
    ]
    assert dict(library.ledger().schema) == LEDGER
    assert count_ledger(library.ledger()) == Ledger(ok=0, warned=1, skipped=0, failed=2)
    assert count_ledger(library.ledger()).seen == 3


def test_the_gravest_finding_counts(library, music):
    scan(library, music)
    track_id = library.tracks()["track_id"][0]
    with store.writing(library._engine) as connection:
        (file_id,) = connection.exec_driver_sql("SELECT id FROM file WHERE track_id = ?", (track_id,)).one()
        for state, reason in ((State.SKIPPED, Reason.VANISHED), (State.FAILED, Reason.TIMEOUT)):
            connection.exec_driver_sql(
                "INSERT INTO finding (file_id, track_id, stage, state, reason, text, found_at) "
                "VALUES (?, ?, ?, ?, ?, 'x', '2026-01-01 00:00:00.000000')",
                (file_id, track_id, Stage.DECODE, state, reason),
            )
    assert rows(library)[0] == (f"{music}/a.flac", "failed", "decode", "timeout", False)
    assert scan(library, music).ledger == Ledger(warned=1, failed=3) == count_ledger(library.ledger())


def test_a_ledger_says_its_sum():
    assert str(Ledger(ok=7, warned=2, failed=1)) == "7 ok + 2 ok with warnings + 0 skipped + 1 failed = 10"
    assert Ledger(ok=1, skipped=2) + Ledger(ok=3, warned=4, failed=5) == Ledger(ok=4, warned=4, skipped=2, failed=5)


# What a scan says


def adds_up(done, paths):
    """Whether a scan's ledger holds so many paths, each once."""
    assert done.ledger.seen == done.seen + done.refused == paths
    assert (done.unreached, done.stopped) == (0, False)
    return True


def test_a_scan_counts_what_is_unchanged_too(library, music):
    first, second = scan(library, music), scan(library, music)
    assert adds_up(first, 4)
    assert adds_up(second, 4)
    assert first.ledger == second.ledger == Ledger(warned=2, failed=2)
    assert (second.unchanged, second.failed, second.reasons) == (4, 0, {})


def test_copies_are_in_the_scans_ledger_as_in_the_librarys(library, music):
    """They are found when everything is stored; the scan's own count must not come before."""
    scan(library, music)
    with store.writing(library._engine) as connection:
        connection.exec_driver_sql("DELETE FROM finding WHERE reason = 'missing_tags'")
        connection.exec_driver_sql("UPDATE track SET audio_hash = x'0123'")  # as if they were heard and sounded alike
    (music / "new.flac").write_text("no music")
    done = scan(library, music)
    assert adds_up(done, 5)
    assert set(library.findings()["reason"]) == {"empty_file", "not_audio", "duplicate_audio"}
    assert done.ledger == count_ledger(library.ledger()) == Ledger(warned=2, failed=3)


def test_what_lies_elsewhere_is_not_counted(library, music):
    scan(library, music)
    tone(music.parent / "other" / "x.flac", hz=600)
    assert adds_up(scan(library, music.parent / "other"), 1)
    tone(music / "inner" / "y.flac", hz=650)
    (music / "inner" / "z.wma").touch()
    assert adds_up(scan(library, music / "inner"), 2)
    assert adds_up(scan(library, music), 6)
    assert adds_up(scan(library, music.parent), 7)  # the folder around both takes them over
    assert len(library.ledger()) == 7


def test_a_folder_that_is_scanned_alone_is_not_what_once_was_at_its_place(library, music):
    """A scan of all that met a closed folder or a file there kept a row for it, which a scan of the folder counted."""
    scan(library, music)
    for name in ("words.flac", "a.flac"):  # one that was no music, and a track
        (music / name).unlink()
        tone(music / name / "y.flac", hz=650)
        assert adds_up(scan(library, music / name, allow_missing=True), 1)
    assert adds_up(scan(library, music), 4)
    assert len(library.ledger()) == 4


def test_what_moved_or_is_gone_is_counted_where_it_is(library, music):
    scan(library, music)
    (music / "new").mkdir()
    (music / "a.flac").rename(music / "new" / "a.flac")
    (music / "empty.mp3").unlink()
    done = scan(library, music)
    assert (done.moved, adds_up(done, 3)) == (1, True)
    (music / "b.flac").unlink()
    done = scan(library, music, allow_missing=True)
    assert (done.missing, adds_up(done, 2)) == (1, True)
    tone(music / "b.flac", hz=500)
    assert adds_up(scan(library, music), 3)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_what_the_walk_refuses_is_in_the_ledger_and_a_second_scan_writes_nothing(library, music):
    os.mkfifo(music / "pipe.mp3")
    (music / "link.flac").symlink_to(music / "nowhere")
    (music / "loop").symlink_to(music / "loop")
    for form in ("NFC", "NFD"):
        tone(music / f"{unicodedata.normalize(form, 'é')}.flac", hz=800)
    (music / "old.WMA").write_bytes(b"x")
    (music / "a song.ape").write_bytes(b"x")
    (music / "notes.txt").write_bytes(b"x")
    first, stamp = scan(library, music), library.path.stat().st_mtime_ns
    assert adds_up(first, 11)
    assert (first.seen, first.refused, first.ledger) == (5, 6, Ledger(warned=3, skipped=6, failed=2))
    again = scan(library, music)
    assert adds_up(again, 11)
    assert (again.ledger, again.reasons) == (first.ledger, {})
    assert library.path.stat().st_mtime_ns == stamp
    (music / "pipe.mp3").unlink()
    tone(music / "pipe.flac", hz=900).rename(music / "pipe.mp3")
    (music / "old.WMA").unlink()
    assert adds_up(scan(library, music), 10)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_why_a_path_is_refused_is_kept_up_to_date(library, music):
    (music / "x.flac").write_text("no music")
    scan(library, music)
    (music / "x.flac").unlink()
    os.mkfifo(music / "x.flac")
    scan(library, music)
    assert (f"{music}/x.flac", "skipped", "walk", "not_a_file", False) in rows(library)
    (music / "x.flac").unlink()
    (music / "x.flac").symlink_to(music / "nowhere")
    done = scan(library, music)
    assert (done.reasons, adds_up(done, 5)) == ({"vanished": 1}, True)
    assert (f"{music}/x.flac", "skipped", "walk", "vanished", False) in rows(library)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable here")
def test_what_lies_in_a_closed_folder_is_not_counted_as_seen(library, music):
    tone(music / "closed" / "x.flac", hz=900)
    scan(library, music)
    (music / "closed").chmod(0)
    try:
        assert adds_up(scan(library, music), 5)
    finally:
        (music / "closed").chmod(0o755)


def test_a_stopped_scan_says_what_it_did_not_reach(library, tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 1)
    monkeypatch.setattr(batches, "STEP", 1)
    folder = tmp_path / "music"
    for number in range(12):
        tone(folder / f"{number:02}.flac", hz=200 + number)
    scan(library, folder)
    (folder / "00.flac").unlink()  # one that is gone, one that has changed, and two that the walk refuses
    tone(folder / "05.flac", hz=100, seconds=0.5)
    (folder / "x.wma").touch()
    (folder / "y.ape").touch()
    for number in range(20, 50):
        tone(folder / f"{number}.flac", hz=200 + number)
    stop, steps = threading.Event(), []

    def progress(done, _total, _text):
        steps.append(done)
        if len(steps) == 3:
            stop.set()

    done = library.scan(folder, workers=1, progress=progress, stop=stop)
    assert done.stopped
    assert done.ledger.seen == done.seen + done.refused
    assert done.ledger.seen >= 10 + 3
    assert done.unreached > 0
    assert done.ledger.seen + done.unreached == 43
    assert adds_up(scan(library, folder), 43)


# Kinds that are not read


def test_no_kind_is_both_read_and_not_read():
    assert not EXTENSIONS & UNREAD.keys()
    assert all(ending == ending.lower() and ending.startswith(".") for ending in UNREAD)


def test_kinds_that_are_not_read_are_named_without_being_read(library, music):
    for ending in UNREAD:
        (music / f"song{ending}").write_bytes(b"x")
        (music / f"song{ending}").chmod(0)
    done = scan(library, music)
    assert adds_up(done, 4 + len(UNREAD))
    assert done.reasons["unsupported"] == len(UNREAD)
    found = library.ledger().filter(reason="unsupported")
    assert set(found.select("state", "stage", "track_id").rows()) == {("skipped", "walk", None)}
    texts = {Path(path).suffix: text for path, text in found.select("path", "text").rows()}
    assert texts.keys() == UNREAD.keys()
    assert (
        texts[".ape"]
        == "is Monkey's Audio by its ending (.ape), which is not read; convert it to FLAC, which loses nothing"
    )
    assert all(UNREAD[ending][0] in text and "; " in text for ending, text in texts.items())


def test_a_folder_of_kinds_that_are_not_read_says_so(library, tmp_path):
    (tmp_path / "old").mkdir()
    for name in ("a.wma", "b.WMA", "c.ape"):
        (tmp_path / "old" / name).write_bytes(b"x")
    with pytest.raises(FolderError) as caught:
        scan(library, tmp_path / "old")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'old'}: holds no music")
    assert "only what cannot be used: 2 x Windows Media Audio, 1 x Monkey's Audio" in said
    assert "\n" not in said
    assert adds_up(scan(library, tmp_path / "old", allow_missing=True), 3)


# What an analysis says


def test_a_stopped_analysis_counts_those_it_reached(library, music):
    stop = threading.Event()
    scan(library, music)
    stop.set()
    done = library.analyze(workers=1, progress=quiet, stop=stop)
    assert (done.ledger.seen, done.unreached, done.stopped) == (0, 2, True)


# Every bad input, of every kind


def made_bad(folder):
    """Bad input of every kind that this system can have; gives the paths that a walk has to meet."""
    folder.mkdir()
    noise = np.random.default_rng(0).bytes(3000)
    junk = {"empty": b"", "text": b"A poem about rain.\n" * 99, "page": b"<!DOCTYPE html><p>404" * 99, "noise": noise}
    for kind, content in junk.items():
        for ending in ("mp3", "flac", "wav", "aiff", "aac", "ogg", "opus", "m4a"):
            (folder / f"{kind}.{ending}").write_bytes(content)
    y = (0.2 * np.sin(2 * np.pi * 440 * np.arange(48_000 * 4) / 48_000)).astype(np.float32)
    for form in encode.KINDS:
        encode.write(folder / f"whole.{form}", np.stack([y, y], axis=1), sr=48_000, kind=form)
        whole = (folder / f"whole.{form}").read_bytes()
        for kept in (3, 40, 300, len(whole) // 2, len(whole) - 100):
            (folder / f"cut {kept}.{form}").write_bytes(whole[:kept])
        (folder / f"whole.{form}").unlink()
    for name in ("vanished.flac", "changed.flac", "silent.flac", "short.flac"):
        tone(folder / name, seconds=0.5, hz=100 * len(name))
    tone(folder / "untagged.flac", seconds=4)
    soundfile.write(folder / "silent.flac", np.zeros(SR * 4), SR)
    (folder / "flac inside.mp3").write_bytes((folder / "short.flac").read_bytes())
    (folder / "old.wma").write_bytes(b"x")
    if sys.platform != "win32":
        odd_objects(folder)
    return {os.fsencode(each.name) for each in folder.iterdir() if each.name != "no music.txt"}


def odd_objects(folder):
    os.mkfifo(folder / "pipe.mp3")
    (folder / "link.flac").symlink_to(folder / "nowhere.flac")
    (folder / "round.flac").symlink_to(folder / "round.flac")
    (folder / "zero.wav").symlink_to("/dev/zero")
    for form in ("NFC", "NFD"):
        tone(folder / f"{unicodedata.normalize(form, 'zwölf')}.flac", hz=1200)
    if sys.platform == "linux":
        tone(folder / "latin.flac", hz=1300).rename(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.flac"))
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp3")).write_bytes(b"x" * 200)
    if os.geteuid() != 0:
        tone(folder / "closed.flac", hz=1400).chmod(0)
        tone(folder / "closed folder" / "x.flac", hz=1500).parent.chmod(0)


@pytest.fixture(scope="module")
def bad(tmp_path_factory, compiled):  # noqa: ARG001  it takes long
    """A library of bad input, analysed; what the scan and the analysis said, and the names of all that was there."""
    home = tmp_path_factory.mktemp("bad")
    names = made_bad(home / "music")
    library = wb.Library(home / "library.db")
    scanned = scan(library, home / "music")
    (home / "music" / "vanished.flac").unlink()
    time.sleep(0.01)
    tone(home / "music" / "changed.flac", seconds=1.5, hz=130)
    waiting = library.pending()
    analyzed = library.analyze(workers=2, progress=quiet)
    yield library, scanned, waiting, analyzed, names
    if (home / "music" / "closed folder").exists():
        (home / "music" / "closed folder").chmod(0o700)


def test_bad_input_of_every_kind_adds_up(bad):
    library, scanned, waiting, analyzed, names = bad
    assert adds_up(scanned, len(names))
    assert (analyzed.ledger.seen, analyzed.unreached) == (waiting, 0)
    assert (analyzed.analyzed, analyzed.failed) == (analyzed.ledger.usable, waiting - analyzed.ledger.usable)
    assert analyzed.ledger.skipped == analyzed.reasons["vanished"] + analyzed.reasons["changed"] == 2
    assert sum(analyzed.reasons.values()) == analyzed.failed
    assert min(analyzed.ledger.ok, analyzed.ledger.warned, analyzed.ledger.failed) > 0
    assert {Path(path).name for path in library.ledger()["path"]} == {name.decode("utf-8", "replace") for name in names}
    assert len(library.ledger()) == len(names)


def is_complete(row):
    """Whether a row says which file, where, why by a code of the list, and why in words that are no code."""
    text, path = row["text"] or "", row["path"] or ""
    has_words = re.search(r"[A-Za-z]{2,}.* ", text) and text != row["reason"]
    says_class = re.match(r"\w*(Error|Exception)\b", text)
    known = row["stage"] in list(Stage) and row["reason"] in list(Reason)
    return bool(Path(path).name and known and has_words and not says_class and path not in text)


def test_every_bad_input_has_a_name_a_stage_a_reason_and_words(bad):
    library, *_ = bad
    assert len(Reason) <= 25
    wrong = library.ledger().filter(pl.col("state") != "ok")
    lacking = [row for row in wrong.iter_rows(named=True) if not is_complete(row)]
    every = library.findings()
    lacking += [row for row in every.iter_rows(named=True) if not is_complete(row)]
    share = 1 - len({row["path"] for row in lacking}) / len(wrong)
    reasons, stages = wrong["reason"].n_unique(), wrong["stage"].n_unique()
    print(f"\n{share:.1%} of {len(wrong)} bad inputs have a name and words ({reasons} reasons, {stages} stages)")
    assert lacking == []
    assert len(wrong) == len(library.ledger())  # all was bad on purpose: no tags, if nothing worse
    wanted = {"empty_file", "not_audio", "truncated", "unsupported", "vanished", "changed", "silent", "wrong_extension"}
    if sys.platform == "linux":
        wanted |= {"not_a_file", "unicode_twin", "name_not_utf8"}
    assert wanted <= {*every["reason"]}


def test_junk_is_never_music(bad):
    library, *_ = bad
    junk = library.ledger().filter(pl.col("path").str.contains(r"/(empty|text|page|noise)\.\w+$"))
    assert len(junk) == 32
    assert set(junk["state"]) == {"failed"}
    assert junk["track_id"].null_count() == 32


# How it is shown


def test_the_doctor_counts_by_state_and_by_reason(bad):
    library, *_ = bad
    ledger = library.ledger()
    states, reasons = doctor.files_by_state(ledger), doctor.files_by_reason(ledger)
    assert (dict(states.schema), dict(reasons.schema)) == (doctor.STATES, doctor.REASONS)
    assert states["state"].to_list() == ["ok", "warning", "skipped", "failed"]
    assert states["files"].sum() == len(ledger)
    counts = dict(states.select("state", "files").rows())
    assert reasons["state"].to_list() == sorted(reasons["state"], key=["failed", "skipped", "warning"].index)
    for state in ("warning", "skipped", "failed"):
        assert reasons.filter(state=state)["files"].sum() == counts[state]
    assert reasons["example"].str.len_chars().min() > 0
    nothing = doctor.files_by_reason(ledger.clear())
    assert (dict(nothing.schema), len(nothing)) == (doctor.REASONS, 0)
    assert doctor.files_by_state(ledger.clear())["files"].to_list() == [0, 0, 0, 0]


def test_a_job_says_the_sum():
    done = Scan(seen=3, new=3, refused=1, ledger=Ledger(ok=2, warned=1, skipped=1))
    assert scan_words(done, 1).endswith(
        "0:01. Of everything in the folder: 2 ok + 1 ok with warnings + 1 skipped + 0 failed = 4."
    )
    assert "5 not reached." in scan_words(Scan(seen=1, new=1, stopped=True, unreached=5), 1)
    assert analysis_words(Analysis(analyzed=3, ledger=Ledger(ok=1, warned=2)), 5).startswith(
        "Analysed 3 tracks, 2 of them with warnings; "
    )
