"""The player without a browser: what it says to the page, and how it answers."""

import io
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import soundfile as sf
from PIL import Image

from workbench import settings
from workbench.errors import DecodeError
from workbench.models import TRACKS
from workbench.widgets import MapView, Player, Selection
from workbench.widgets.player.newest import Newest
from workbench.widgets.player.sounds import (
    address_of,
    excerpt_of,
    excerpt_start,
    following,
    message_of,
    names,
    outline,
    type_of,
)

PATIENCE_S = 30


@pytest.fixture
def music(tmp_path):
    """Tracks 11 to 14 with files of one second, each louder than the one before."""
    rows = []
    for number, track_id in enumerate(range(11, 15), 1):
        path = tmp_path / f"{track_id}.ogg"
        sf.write(path, 0.2 * number * np.sin(np.arange(22_050) * 0.1), 22_050, format="OGG", subtype="VORBIS")
        rows.append(
            {
                "track_id": track_id,
                "title": f"Title {track_id}",
                "artist": "Ann",
                "album": "Weather",
                "year": 1999,
                "duration_s": 1.0,
                "path": str(path),
                "path_bytes": os.fsencode(path),
                "missing": False,
                "x": float(number),
                "y": 0.0,
            }
        )
    return pl.DataFrame(rows, schema={**TRACKS, "x": pl.Float64, "y": pl.Float64})


@pytest.fixture
def library(monkeypatch, tmp_path):
    """What a player reads of a library."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return SimpleNamespace(path=tmp_path / "library.db")


class Page:
    """A page that notes what it is told."""

    def __init__(self, player):
        self.player, self.heard = player, []
        self.news = threading.Condition()
        player._deck.send = self.hear

    def hear(self, message, buffers=None):
        with self.news:
            self.heard.append((message, [bytes(part) for part in buffers or ()]))
            self.news.notify_all()

    def tell(self, kind, **rest):
        self.player._deck._handle_custom_msg({"kind": kind, **rest}, [])

    def of_kind(self, kind):
        return [message | {"buffers": buffers} for message, buffers in self.heard if message["kind"] == kind]

    def wait_for(self, kind, count=1):
        with self.news:
            assert self.news.wait_for(lambda: len(self.of_kind(kind)) >= count, PATIENCE_S), self.heard
        return self.of_kind(kind)[-1]


def test_a_click_tells_the_page_at_once(music):
    view = MapView(music)
    page = Page(Player(view))
    view.selection.click(12)
    assert page.heard[0][0] == {
        "kind": "track",
        "turn": 1,
        "track_id": 12,
        "names": ["Title 12", "Ann", "Weather (1999)"],
        "duration_s": 1.0,
        "address": None,
        "plays": True,
    }


def test_the_waveform_follows(music):
    page = Page(Player(music))
    page.player.play(12)
    waveform = page.wait_for("waveform")
    assert waveform["turn"] == 1
    (peaks,) = waveform["buffers"]
    assert len(peaks) == 1000
    assert abs(np.frombuffer(peaks, np.uint8).max() / 255 - 0.4) < 0.03


def test_the_same_track_again_is_played_again(music):
    page = Page(Player(music))
    for _ in range(2):
        page.player.selection.click(12)
    assert [message["turn"] for message in page.of_kind("track")] == [1, 2]
    page.wait_for("waveform")


def test_a_late_waveform_is_dropped(music, monkeypatch):
    began, may_end = threading.Event(), threading.Event()

    def slowly(path, wanted):
        if path.name == "11.ogg":
            began.set()
            assert may_end.wait(PATIENCE_S)
            assert not wanted()
        return path.name.encode()

    monkeypatch.setattr("workbench.widgets.player.player.outline", slowly)
    page = Page(Player(music))
    page.player.play(11)
    assert began.wait(PATIENCE_S)
    page.player.play(13)
    may_end.set()
    page.wait_for("waveform")
    assert [(message["turn"], message["buffers"]) for message in page.of_kind("waveform")] == [(2, [b"13.ogg"])]


def test_a_library_has_an_address(music, library):
    page = Page(Player(Selection(music, library=library)))
    page.player.play(12)
    address = page.of_kind("track")[0]["address"]
    key = address.split("/")[2]
    assert address == f"workbench/audio/{key}/12"
    assert settings.shared_library(key) == library.path


def test_a_library_may_be_named(music, library, tmp_path):
    another = SimpleNamespace(path=tmp_path / "another.db")
    player = Player(Selection(music, library=another), library=library)
    assert player.library is library


def test_where_nothing_can_be_shared_there_is_no_address(library, tmp_path):
    (tmp_path / "runtime").write_text("a file where the folder should be")
    assert address_of({"track_id": 12}, library) is None
    assert address_of({"track_id": 12}, None) is None


def test_a_page_that_asks_gets_an_excerpt(music):
    page = Page(Player(music))
    page.player.play(12)
    page.tell("excerpt", turn=1)
    excerpt = page.wait_for("excerpt")
    assert (excerpt["turn"], excerpt["start_s"], excerpt["type"]) == (1, 0.0, "audio/ogg")
    assert excerpt["buffers"][0].startswith(b"OggS")


@pytest.mark.parametrize("turn", [0, 2, None, "1"])
def test_an_excerpt_of_another_turn_is_not_sent(music, turn):
    page = Page(Player(music))
    page.tell("excerpt", turn=turn)
    page.player.play(12)
    page.tell("excerpt", turn=turn)
    assert not page.of_kind("excerpt")


def test_a_file_that_is_no_music_is_one_line(tmp_path, music):
    (tmp_path / "12.ogg").write_bytes(b"no music")
    page = Page(Player(music))
    page.player.selection.click(12)
    page.tell("excerpt", turn=1)
    assert page.wait_for("refused")["turn"] == 1
    assert "12.ogg" in page.player.status.text
    page.tell("walk", step=1)
    assert page.player.status.text == ""
    page.wait_for("waveform")
    assert [message["turn"] for message in page.of_kind("waveform")] == [2]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"missing": pl.lit(value=True)}, "not there at the last scan"),
        ({"path": pl.lit(None), "path_bytes": pl.lit(None)}, "keep the column path_bytes"),
    ],
)
def test_a_track_without_a_file_is_one_line(music, change, text):
    page = Page(Player(music.with_columns(**change)))
    page.tell("walk", step=0)
    assert text in page.player.status.text
    (said,) = page.of_kind("track")
    assert (said["names"][0], said["plays"], said["address"]) == ("Title 11", False, None), "not the track before"


def test_a_track_of_another_frame_is_an_error(music):
    with pytest.raises(DecodeError, match="track 99"):
        Player(music).play(99)


def test_previous_and_next_walk_through_the_selected(music):
    page = Page(Player(Selection(music, [12, 14])))
    heard = []
    for step in (0, 1, 1, -1):
        page.tell("walk", step=step)
        heard.append(page.player.selection.clicked)
    assert heard == [12, 14, 12, 14]


def test_play_plays_what_was_clicked_last(music):
    page = Page(Player(MapView(music)))
    selection = page.player.selection
    selection.click(13)
    selection.choose([11])
    page.tell("walk", step=0)
    assert selection.clicked == 13
    page.tell("walk", step=1)
    assert selection.clicked == 11


def test_the_end_of_a_track_is_the_beginning_of_the_next_but_for_the_last(music):
    page = Page(Player(Selection(music, [12, 14])))
    page.player.selection.click(12)
    page.tell("ended")
    page.tell("ended")
    assert [message["track_id"] for message in page.of_kind("track")] == [12, 14]


def test_a_page_that_comes_late_is_told_all(music):
    page = Page(Player(music))
    page.player.play(12)
    page.wait_for("waveform")
    page.heard.clear()
    page.tell("ready")
    assert [(message["kind"], message.get("plays")) for message, _ in page.heard] == [
        ("track", True),
        ("waveform", None),
    ]
    page.heard.clear()
    page.tell("ready")
    assert page.heard[0][0]["plays"] is False, "a page loaded again is silent"


def test_before_a_click_there_is_a_hint_or_the_first_of_the_selected(music, library):
    for source, expected in ((Selection(music), "Click a point"), (Selection(music, [13]), "Title 13")):
        page = Page(Player(source, library=library))
        page.tell("ready")
        (said,) = page.of_kind("track")
        assert said["names"][0].startswith(expected)
        assert (said["track_id"], said["plays"]) == (None, False)
        assert said["address"].endswith({"Click a point": "/11", "Title 13": "/13"}[expected]), "for the server"


def test_a_player_of_nothing_says_so(music):
    page = Page(Player(music.clear()))
    page.tell("ready")
    assert page.of_kind("track")[0]["names"] == ["There is nothing to play."]
    page.tell("walk", step=0)
    assert page.player.status.text == "There is nothing to play."


def test_what_a_page_should_not_send_changes_nothing(music):
    page = Page(Player(music))
    for message in ({"kind": "walk", "step": 7}, {"kind": "walk"}, {"kind": "dance"}, {"kind": "excerpt"}):
        page.tell(**message)
    assert page.heard == []


def test_a_cover_is_sent(music):
    from base64 import b64encode

    from mutagen.flac import Picture
    from mutagen.oggvorbis import OggVorbis

    drawn = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(drawn, "PNG")
    picture = Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", drawn.getvalue()
    tagged = OggVorbis(music["path"][0])
    tagged["metadata_block_picture"] = b64encode(picture.write()).decode()
    tagged.save()
    page = Page(Player(music))
    page.player.play(11)
    (cover,) = page.wait_for("cover")["buffers"]
    assert Image.open(io.BytesIO(cover)).size == (96, 96)
    page.player.play(12)
    page.wait_for("waveform", len(page.of_kind("waveform")) + 1)
    assert len(page.of_kind("cover")) == 1


# The pure parts


def test_names_are_plain_text():
    bad = "<img src=x onerror=alert(1)>"
    assert names({"track_id": 7, "title": bad, "artist": bad, "album": None, "year": 1999}) == [bad, bad, "(1999)"]
    assert names({"track_id": 7, "title": None}) == ["track 7"]


def test_a_message_without_a_row_plays_nothing():
    assert message_of(3, ["Rain"]) == {
        "kind": "track",
        "turn": 3,
        "track_id": None,
        "names": ["Rain"],
        "duration_s": None,
        "address": None,
        "plays": False,
    }


@pytest.mark.parametrize(
    ("now", "step", "is_round", "expected"),
    [
        (None, 0, True, 5),
        (None, 1, True, 5),
        (9, 1, True, 5),
        (9, 0, True, 9),
        (5, 1, True, 6),
        (7, 1, True, 5),
        (5, -1, True, 7),
        (7, 1, False, None),
        (6, 1, False, 7),
        (5, -1, False, None),
    ],
)
def test_following(now, step, is_round, expected):
    assert following([5, 6, 7], now, step, is_round=is_round) == expected


def test_nothing_follows_in_nothing():
    assert following([], None, 1, is_round=True) is None


@pytest.mark.parametrize(("duration_s", "start_s"), [(240.0, 80.0), (36.0, 6.0), (20.0, 0.0), (None, 0.0)])
def test_excerpt_start(duration_s, start_s):
    assert excerpt_start(duration_s) == start_s


def test_an_excerpt_of_a_file_that_is_shorter_than_it_says(music):
    start_s, sound = excerpt_of(Path(music["path"][0]), 240.0)
    assert start_s == 0.0
    assert len(sf.read(io.BytesIO(sound))[0]) == 22_050


def test_an_outline_is_one_byte_a_peak(tmp_path):
    sf.write(tmp_path / "a.wav", np.linspace(0, 1, 10_000), 22_050, subtype="FLOAT")
    found = np.frombuffer(outline(tmp_path / "a.wav", lambda: True), np.uint8)
    assert (len(found), found[-1]) == (1000, 255)
    assert (np.abs(found - np.arange(1, 1001) * 0.255) < 1).all()


def test_type_of():
    assert (type_of(b"OggS..."), type_of(b"RIFF....")) == ("audio/ogg", "audio/wav")


def test_the_newest_action_is_done_and_those_between_are_not():
    began, may_end, done, complaints = threading.Event(), threading.Event(), threading.Event(), []
    order = []
    newest = Newest(complaints.append)
    newest.ask(lambda: (began.set(), may_end.wait(PATIENCE_S), order.append("first")))
    assert began.wait(PATIENCE_S)
    newest.ask(lambda: order.append("between"))
    newest.ask(lambda: (order.append("last"), done.set()))
    may_end.set()
    assert done.wait(PATIENCE_S)
    assert order == ["first", "last"]
    again = threading.Event()
    newest.ask(again.set)
    assert again.wait(PATIENCE_S)
    assert complaints == []


def test_what_a_background_action_raises_is_said():
    complaints, said = [], threading.Event()
    newest = Newest(lambda text: (complaints.append(text), said.set()))
    newest.ask(lambda: 1 / 0)
    assert said.wait(PATIENCE_S)
    assert complaints == ["ZeroDivisionError: division by zero"]
