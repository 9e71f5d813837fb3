"""The settings panel: what it shows, what it changes, and what it refuses."""

import os
import threading
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile

import workbench as wb
from workbench import learned, preferences
from workbench.errors import ModelError, StoreError
from workbench.models import TRACKS
from workbench.store.coverage import COVERAGE
from workbench.widgets.settings_panel import SettingsPanel, panel
from workbench.widgets.settings_panel.facts import folders, parts, waiting_words

pytestmark = pytest.mark.usefixtures("compiled")

PATIENCE_S = 300


def quiet(_done, _total, _text):
    pass


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(3):
        y = np.random.default_rng(number).normal(scale=0.1, size=22_050)
        soundfile.write(folder / f"{number}.flac", y, 22_050)
    return folder


@pytest.fixture
def library(tmp_path, music):
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, workers=1, progress=quiet)
    return library


@pytest.fixture(autouse=True)
def _own_preferences(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(tmp_path / "preferences.json"))


def tell(shown, kind, **content):
    """What the page sends when somebody presses a button."""
    shown._face._handle_custom_msg({"kind": kind, **content}, [])


def view(shown):
    return shown._face.view


def test_what_it_shows(library, music):
    shown = view(SettingsPanel(library))
    assert shown["folders"] == [{"path": str(music), "tracks": 3, "missing": 0, "is_there": True}]
    assert shown["waiting"] == "3 tracks wait for analysis: 3 not analysed yet."
    assert (shown["pending"], shown["refusal"], shown["workers"], shown["theme"]) == (3, None, None, "page")
    assert [part["part"] for part in shown["parts"]] == ["levels", "rhythm", "tonality", "spectrum", "learned"]
    assert shown["parts"][0] == {"part": "levels", "version": "2", "current": 0, "older": 0, "none": 3}
    assert not shown["model"]["is_there"]
    assert ("Library", str(library.path)) in shown["places"]


def test_an_empty_library(tmp_path):
    shown = view(SettingsPanel(wb.Library(tmp_path / "empty.db")))
    assert (shown["folders"], shown["pending"]) == ([], 0)
    assert shown["waiting"] == "No track waits for analysis."


def test_a_folder_is_added_and_analysed(tmp_path, music):
    shown = SettingsPanel(wb.Library(tmp_path / "empty.db"))
    tell(shown, "add", path=f" {music} ")
    shown.job.wait(PATIENCE_S)
    assert view(shown)["folders"][0]["tracks"] == 3
    tell(shown, "analyze")
    shown.job.wait(PATIENCE_S)
    assert (view(shown)["pending"], view(shown)["parts"][0]["current"]) == (0, 3)
    assert not shown._face.busy


def test_a_scan_of_a_folder_sees_what_changed(library, music):
    shown = SettingsPanel(library)
    (music / "0.flac").rename(music / "other.flac")
    (music / "1.flac").unlink()
    tell(shown, "scan", place=0, path=str(music))
    with pytest.raises(wb.WorkbenchError, match="are gone"):
        shown.job.wait(PATIENCE_S)
    assert "are gone" in shown.job.view["error"]


def test_a_folder_is_moved(library, music, tmp_path):
    shown = SettingsPanel(library)
    new = music.rename(tmp_path / "moved")
    tell(shown, "refresh")
    assert not view(shown)["folders"][0]["is_there"]
    tell(shown, "move", place=0, path=str(music), to=str(new))
    assert view(shown)["folders"] == [{"path": str(new), "tracks": 3, "missing": 0, "is_there": True}]
    assert shown.status.text == f"3 files are in {new} from now on. The files themselves were not touched."


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("move", {"place": 0, "to": "/nowhere/at/all"}, "/nowhere/at/all: is no folder"),
        ("move", {"place": 0, "to": " "}, "Type the folder in which the music of"),
        ("move", {"place": 7, "to": "/"}, "is no music folder of this library any more"),
        ("scan", {"place": 0, "path": "/another"}, "/another: is no music folder of this library any more"),
        ("scan", {"place": None}, "is no music folder of this library any more"),
        ("add", {"path": ""}, "Type the folder that holds the music first"),
    ],
)
def test_what_cannot_be_is_a_line(library, music, kind, content, said):
    shown = SettingsPanel(library)
    tell(shown, kind, **{"path": str(music), **content})
    assert said in shown.status.text
    assert library.roots() == [music]
    assert shown.job.state == "waiting"


def test_a_folder_that_came_meanwhile_is_not_taken_for_another(library, music, tmp_path):
    """The page presses a button of the first row, which a new folder has just become."""
    shown = SettingsPanel(library)
    shown._roots = [tmp_path / "a new one", music]
    tell(shown, "scan", place=0, path=str(music))
    assert "is no music folder of this library any more" in shown.status.text
    assert shown.job.state == "waiting"


def test_a_page_hears_that_it_was_answered_though_nothing_changed(library):
    shown = SettingsPanel(library)
    sent = []
    shown._face.send = sent.append
    tell(shown, "workers", value=0)
    assert sent == [{"kind": "answered"}]


def test_what_is_not_known_is_nothing(library):
    shown = SettingsPanel(library)
    tell(shown, "delete everything")
    assert shown.status.text == ""


def test_preferences_are_kept(library):
    shown = SettingsPanel(library)
    tell(shown, "workers", value=3)
    tell(shown, "theme", value="dark")
    assert preferences.load() == preferences.Preferences(3, "dark")
    assert (view(shown)["workers"], view(shown)["theme"]) == (3, "dark")
    tell(shown, "workers", value=None)
    assert preferences.load() == preferences.Preferences(None, "dark")


def test_searches_are_remembered_only_once_somebody_ticks_it_and_can_be_forgotten(library):
    shown = SettingsPanel(library)
    library.search("title:0")
    tell(shown, "refresh")
    assert (view(shown)["records"], view(shown)["searches"]) == (False, 0)
    tell(shown, "records", value=True)
    library.search("title:0")
    tell(shown, "refresh")
    assert (view(shown)["records"], view(shown)["searches"]) == (True, 1)
    tell(shown, "forget")
    assert shown.status.text == "1 search of this library forgotten."
    assert (view(shown)["records"], view(shown)["searches"]) == (True, 0)
    tell(shown, "records", value="yes")
    assert "is no value for record_searches: true or false" in shown.status.text


@pytest.mark.parametrize("value", [0, -2, 1.5, "many", 5_000])
def test_a_number_of_workers_that_makes_no_sense_is_a_line(library, value):
    shown = SettingsPanel(library)
    tell(shown, "workers", value=value)
    assert "is no value for workers: a whole number from 1 to 1024" in shown.status.text
    assert preferences.load().workers is None


def test_the_model_is_fetched_in_the_background_and_only_when_asked(library, monkeypatch):
    fetched, go_on = [], threading.Event()

    def fetch():
        fetched.append(threading.current_thread().name)
        go_on.wait(60)
        return Path("/models/musicnn.npz")

    monkeypatch.setattr(panel.learned, "fetch", fetch)
    shown = SettingsPanel(library)
    assert fetched == []
    tell(shown, "fetch")
    assert shown._face.busy
    go_on.set()
    shown.job.wait(60)
    assert fetched == ["workbench job"]
    assert shown.job.view["summary"] == "Fetched /models/musicnn.npz. The next analysis lets it hear the tracks."


def test_a_model_that_cannot_be_had_is_a_line(library, monkeypatch):
    def refuse():
        raise ModelError("no network")

    monkeypatch.setattr(learned, "fetch", refuse)
    shown = SettingsPanel(library)
    tell(shown, "fetch")
    with pytest.raises(ModelError):
        shown.job.wait(60)
    assert (shown.job.view["error"], shown.job.view["trace"]) == ("no network", "")


def test_a_job_elsewhere_is_a_line(library):
    shown, other = SettingsPanel(library), SettingsPanel(library)
    tell(shown, "analyze")
    tell(other, "analyze")
    assert "a job works on it (Analysing)" in other.status.text
    shown.job.wait(PATIENCE_S)
    tell(other, "refresh")
    assert view(other)["pending"] == 0


def test_a_library_that_can_only_be_read_says_why(library, monkeypatch):
    def refuse(_engine):
        raise StoreError("library.db: is only read, since nothing can be written there")

    monkeypatch.setattr("workbench.store.require_writable", refuse)
    assert view(SettingsPanel(library))["refusal"] == "library.db: is only read, since nothing can be written there"


def test_folders_are_told_apart():
    """One's name begins as another's."""
    rows = [
        (b"/m/a/1.mp3", False),
        (b"/m/a/2.mp3", True),
        (b"/m/ab/1.mp3", False),
        (os.fsencode("/m/\udcff/1.mp3"), False),
    ]
    tracks = pl.DataFrame(
        [{"track_id": n, "path_bytes": path, "missing": gone} for n, (path, gone) in enumerate(rows)], schema=TRACKS
    )
    found = folders([Path("/m/a"), Path("/m/ab"), Path("/m/\udcff")], tracks)
    assert [(each["path"], each["tracks"], each["missing"]) for each in found] == [
        ("/m/a", 1, 1),
        ("/m/ab", 1, 0),
        ("/m/?", 1, 0),
    ]
    assert folders([Path("/")], tracks)[0]["tracks"] == 3


def test_parts_of_several_versions():
    rows = [("levels", "2", 5), ("levels", "1", 2), ("levels", "0", 1), ("levels", None, 4), ("learned", None, 12)]
    coverage = pl.DataFrame([(*row, 0.0) for row in rows], schema=COVERAGE, orient="row")
    found = {part["part"]: part for part in parts(coverage)}
    assert found["levels"] == {"part": "levels", "version": "2", "current": 5, "older": 3, "none": 4}
    assert found["learned"]["none"] == 12
    assert found["rhythm"] == {"part": "rhythm", "version": "2", "current": 0, "older": 0, "none": 0}


def test_the_sentence_of_what_waits():
    behind = {"waiting": 12, "new": 3, "changed": 0, "previewed": 4, "rhythm": 5}
    assert waiting_words(behind) == (
        "12 tracks wait for analysis: 3 not analysed yet, 4 known by excerpts only, 5 with an older version of rhythm."
    )
    assert waiting_words({"waiting": 1, "learned": 1}) == (
        "1 track waits for analysis: 1 not heard by the learned model."
    )
