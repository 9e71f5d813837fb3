"""A folder is scanned as it changes."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

import workbench as wb
from workbench.errors import FolderError
from workbench.scan.watching import _around, watch

pytestmark = pytest.mark.timeout(120)


def tone(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.ones(800), 8000)
    return path


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    for number in range(10):
        tone(folder / "a" / f"{number}.flac")
    return folder


@pytest.fixture
def watched(tmp_path, music):
    """What a watch has done, one scan or refusal at a time."""
    library = wb.Library(tmp_path / "library.db")
    stop = threading.Event()
    refusals = []

    def refused(error):
        refusals.append(error)
        tone(music / "c" / "last.flac")  # the watch goes on and meets this

    yield library, library.watch(music, stop=stop, refused=refused), refusals
    stop.set()


@pytest.mark.slow
def test_what_comes_moves_and_goes_is_met(watched, music):
    library, scans, refusals = watched
    assert next(scans).new == 10  # at once
    known = dict(library.tracks().select("title", "track_id").iter_rows())
    tone(music / "b" / "new.flac")
    (music / "b" / "notes.txt").write_text("not music", encoding="utf-8")
    assert next(scans).new == 1
    (music / "a" / "0.flac").rename(music / "b" / "zero.flac")
    assert next(scans).moved == 1
    (music / "a" / "1.flac").unlink()
    assert next(scans).missing == 1
    for path in (music / "a").iterdir():
        path.unlink()
    assert next(scans).new == 1
    assert {"is a disk not mounted" in str(error) for error in refusals} == {True}
    present = library.tracks().filter(missing=False)
    assert present.filter(title="zero")["track_id"].to_list() == [known["0"]]
    assert len(present) == 11


def test_a_watch_that_is_stopped_ends(music):
    stop = threading.Event()
    folders = watch(music, stop=stop)
    assert next(folders) == music
    stop.set()
    assert list(folders) == []


def test_the_innermost_folder_around_all_changes(tmp_path):
    tone(tmp_path / "a" / "b" / "one.flac")
    (tmp_path / "a" / "empty").mkdir()
    assert _around([tmp_path / "a" / "b"], tmp_path) == tmp_path / "a" / "b"
    assert _around([tmp_path / "a" / "empty"], tmp_path) == tmp_path / "a"
    assert _around([tmp_path / "a" / "b", tmp_path / "a" / "gone"], tmp_path) == tmp_path / "a"
    assert _around([tmp_path / "a" / "gone" / "deep"], tmp_path) == tmp_path / "a"
    assert _around([Path("/elsewhere")], tmp_path) == tmp_path


def test_what_is_no_folder_is_not_watched(tmp_path):
    with pytest.raises(FolderError, match="is no folder"):
        next(watch(tmp_path / "nowhere"))
