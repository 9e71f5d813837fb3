"""A scan tells what changed, harms nothing and forgets nothing."""

import os
import sys
import threading
import time

import numpy as np
import polars as pl
import pytest
import soundfile
from mutagen.flac import FLAC

import workbench as wb
from workbench.errors import FolderError
from workbench.scan import batches


def tone(path, *, title=None, seconds=0.3, hz=440):
    path.parent.mkdir(parents=True, exist_ok=True)
    y = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(8000 * seconds)) / 8000)
    soundfile.write(path, y, 8000)
    if title:
        tags = FLAC(path)
        tags["title"] = title
        tags.save()
    return path


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    tone(folder / "a" / "one.flac", title="One")
    tone(folder / "a" / "two.flac")
    tone(folder / "b" / "three.wav")
    (folder / "b" / "empty.mp3").touch()
    (folder / "b" / "text.mp3").write_text("To whom it may concern. " * 50, encoding="utf-8")
    (folder / "b" / "notes.txt").write_text("not looked at", encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path):
    return wb.Library(tmp_path / "library.db")


def quiet(_done, _total, _text):
    pass


def scan(library, folder, **options):
    return library.scan(folder, workers=2, progress=quiet, **options)


def counts(done):
    return {
        name: getattr(done, name) for name in ("seen", "unchanged", "returned", "new", "changed", "missing", "failed")
    }


def expected(**values):
    names = ("seen", "unchanged", "returned", "new", "changed", "missing", "failed")
    return dict.fromkeys(names, 0) | values


def state_of(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_the_first_scan(library, music):
    before = state_of(music)
    done = scan(library, music)
    assert counts(done) == expected(seen=5, new=5, failed=2)
    assert done.reasons == {"empty_file": 1, "not_audio": 1, "missing_tags": 3}
    assert sorted(library.tracks()["title"]) == ["One", "three", "two"]
    findings = library.findings()
    assert sorted(findings["reason"]) == ["empty_file", "missing_tags", "missing_tags", "missing_tags", "not_audio"]
    assert set(findings.filter(reason="missing_tags")["text"]) == {
        "says no artist, no album",
        "says no title, no artist, no album",
    }
    assert all(findings["text"].str.len_chars() > 0)
    assert state_of(music) == before


def test_a_second_scan_touches_nothing(library, music):
    scan(library, music)
    tracks, stamp = library.tracks(), library.path.stat().st_mtime_ns
    done = scan(library, music)
    assert counts(done) == expected(seen=5, unchanged=5)
    assert library.tracks().equals(tracks)
    assert library.path.stat().st_mtime_ns == stamp


def test_changed_files_keep_their_tracks(library, music):
    scan(library, music)
    before = dict(library.tracks().select("path", "track_id").iter_rows())
    tone(music / "a" / "two.flac", title="Two", seconds=0.5)
    tone(music / "b" / "text.mp3".replace("mp3", "flac"))
    done = scan(library, music)
    assert counts(done) == expected(seen=6, unchanged=4, new=1, changed=1)
    after = dict(library.tracks().select("path", "track_id").iter_rows())
    assert {path: after[path] for path in before} == before
    assert "Two" in library.tracks()["title"].to_list()


def test_a_file_that_is_gone_is_missing_and_may_come_back(library, music):
    scan(library, music)
    away = music.parent / "one.flac"
    (music / "a" / "one.flac").rename(away)
    assert counts(scan(library, music, allow_missing=True)) == expected(seen=4, unchanged=4, missing=1)
    assert library.tracks().filter(title="One")["missing"].to_list() == [True]
    assert counts(scan(library, music)) == expected(seen=4, unchanged=4)
    away.rename(music / "a" / "one.flac")
    assert counts(scan(library, music)) == expected(seen=5, unchanged=4, returned=1)
    assert library.tracks()["missing"].any() is False


def test_a_file_that_was_repaired_is_no_longer_found_wanting(library, music):
    scan(library, music)
    tone(music / "b" / "new.flac").replace(music / "b" / "empty.mp3")
    done = scan(library, music)
    assert (done.changed, done.reasons) == (1, {"wrong_extension": 1, "missing_tags": 1})
    findings = library.findings().filter(pl.col("reason") != "missing_tags")
    assert sorted(findings["reason"]) == ["not_audio", "wrong_extension"]


def test_an_unmounted_disk_changes_nothing(library, music):
    scan(library, music)
    tracks = library.tracks()
    music.rename(music.parent / "elsewhere")
    with pytest.raises(FolderError, match="is no folder"):
        scan(library, music)
    music.mkdir()
    with pytest.raises(FolderError, match="mounted"):
        scan(library, music)
    assert library.tracks().equals(tracks)


def test_a_folder_inside_is_scanned_alone(library, music):
    scan(library, music)
    (music / "a" / "one.flac").unlink()
    (music / "b" / "three.wav").unlink()
    assert scan(library, music / "a", allow_missing=True).missing == 1
    assert library.tracks().filter(missing=True)["title"].to_list() == ["One"]
    assert library.roots() == [music]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that cannot be read")
def test_what_lies_in_a_closed_folder_is_not_missing(library, music):
    scan(library, music)
    (music / "a").chmod(0)
    try:
        done = scan(library, music)
    finally:
        (music / "a").chmod(0o755)
    assert (done.missing, done.reasons) == (0, {"unreadable": 1})


def test_hidden_and_system_folders_are_left_out(library, music):
    for name in (".hidden", "@eaDir", "__MACOSX"):
        tone(music / name / "x.flac")
    tone(music / "a" / "._one.flac")
    assert scan(library, music).seen == 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.faults
def test_a_pipe_does_not_block(library, music):
    os.mkfifo(music / "pipe.mp3")
    start = time.monotonic()
    done = scan(library, music)
    assert done.reasons["not_a_file"] == 1
    assert time.monotonic() - start < 60
    assert counts(scan(library, music)) == expected(seen=5, unchanged=5)


@pytest.mark.corpus
def test_two_folders_of_untagged_files_stay_two(library, test_data):
    scan(library, test_data / "music")
    tracks = library.tracks().filter(missing=False)
    untagged = tracks.filter(tracks["album"].is_null())
    folders = untagged["path"].str.replace(r"/[^/]*$", "")
    assert folders.n_unique() > 1
    assert untagged["album_id"].n_unique() == folders.n_unique()


def test_what_was_read_is_stored_before_the_rest_is_read(library, tmp_path, monkeypatch):
    """Everything was read before anything was stored: a scan that was stopped began from nothing."""
    monkeypatch.setattr(batches, "STEP", 100)
    folder = tmp_path / "many"
    first = tone(folder / "000.flac", seconds=0.05)
    for number in range(1, 400):
        (folder / f"{number:03}.flac").write_bytes(first.read_bytes())
    kept = []

    def take_the_last_away(_done, _total, _text):
        kept.append(len(library.tracks()))
        (folder / "399.flac").unlink(missing_ok=True)

    done = library.scan(folder, workers=1, progress=take_the_last_away)
    assert 0 < kept[0] < 400
    assert (done.new, done.reasons) == (400, {"vanished": 1, "missing_tags": 399})
    assert len(library.tracks()) == 399


# A scan that is stopped


def stopping_after(steps):
    """A progress callback that sets an event in this step, and the event."""
    stop, seen = threading.Event(), []

    def progress(done, _total, _text):
        seen.append(done)
        if len(seen) == steps:
            stop.set()

    return progress, stop


@pytest.fixture
def small_steps(monkeypatch):
    """Every file is a batch and a step of its own."""
    monkeypatch.setattr(batches, "BATCH", 1)
    monkeypatch.setattr(batches, "STEP", 1)


@pytest.mark.usefixtures("small_steps")
def test_a_stopped_scan_keeps_what_was_read_and_the_next_one_does_the_rest(library, tmp_path):
    for number in range(40):
        tone(tmp_path / "music" / f"{number:02}.flac", hz=200 + number)
    progress, stop = stopping_after(3)
    done = library.scan(tmp_path / "music", workers=1, progress=progress, stop=stop)
    kept = len(library.tracks())
    assert done.stopped
    assert 3 <= kept < 40
    assert (done.seen, done.new, done.unchanged, done.missing) == (kept, kept, 0, 0)
    again = scan(library, tmp_path / "music")
    assert not again.stopped
    assert (again.unchanged, again.new, len(library.tracks())) == (kept, 40 - kept, 40)


@pytest.mark.usefixtures("small_steps")
def test_a_stopped_scan_marks_nothing_missing_and_moves_nothing(library, tmp_path):
    """It has not read the files that those which are gone may have become."""
    folder = tmp_path / "music"
    for number in range(20):
        tone(folder / f"{number:02}.flac", hz=200 + number)
    scan(library, folder)
    (folder / "00.flac").rename(folder / "a moved one.flac")
    (folder / "01.flac").unlink()
    for number in range(30, 60):
        tone(folder / f"{number}.flac", hz=200 + number)
    before = library.tracks()
    progress, stop = stopping_after(2)
    done = library.scan(folder, workers=1, progress=progress, stop=stop)
    after = library.tracks()
    assert done.stopped
    assert (done.missing, done.moved) == (0, 0)
    assert not after["missing"].any()
    assert (
        after.filter(pl.col("track_id").is_in(before["track_id"].to_list()))
        .select("track_id", "path")
        .equals(before.select("track_id", "path"))
    )
    again = scan(library, folder)
    assert (again.moved, again.missing, again.new) == (1, 1, 30 - done.new)


def test_a_scan_that_is_stopped_in_the_walk_changes_nothing(library, music):
    scan(library, music)
    before = library.tracks()
    (music / "a" / "one.flac").unlink()
    stop = threading.Event()
    stop.set()
    done = library.scan(music, progress=quiet, stop=stop)
    assert (done.stopped, done.seen, done.missing) == (True, 0, 0)
    assert library.tracks().equals(before)


def test_an_event_that_is_not_set_changes_nothing(library, music):
    done = scan(library, music, stop=threading.Event())
    assert (done.stopped, done.new, done.failed) == (False, 5, 2)
