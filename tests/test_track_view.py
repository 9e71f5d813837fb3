"""The window on one track without a browser: what it looks up, says and sends."""

import threading

import numpy as np
import polars as pl
import pytest
import soundfile as sf

from workbench import features, stats
from workbench.errors import TrackError, WorkbenchError
from workbench.figures.panels import track_panels
from workbench.models import FEATURES, TRACKS
from workbench.widgets.selection import Selection
from workbench.widgets.track import TrackView, show
from workbench.widgets.track.places import MARKS, amount, bar_of, place_rows, words_for
from workbench.widgets.track.sending import message_of
from workbench.widgets.track.subject import head_of, subject_of
from workbench.widgets.track.view import ALONE, HINT, extent_of

BAD_TITLE = "<img src=x onerror=alert(1)>"
SECONDS = 3
PATIENCE_S = 300  # the first track compiles


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Tracks 11 to 14: two tones, one that is silent, and one whose file is gone."""
    folder = tmp_path_factory.mktemp("music")
    rows = []
    for track_id, level in ((11, 0.3), (12, 0.1), (13, 0.0), (14, None)):
        path = folder / f"{track_id}.wav"
        if level is not None:
            sf.write(path, level * np.sin(np.arange(SECONDS * 22_050) * 2 * np.pi * 440 / 22_050), 22_050)
        row = {"track_id": track_id, "title": f"Title {track_id}", "artist": "Ann", "path": str(path)}
        row |= {"path_bytes": str(path).encode(), "missing": False, "duration_s": 3.0, "analyzed": level is not None}
        rows.append(
            row | {"bpm": None if level == 0 else 100.0 + track_id, "loudness_lufs": -10 / level if level else None}
        )
    return pl.DataFrame(rows, TRACKS)


class Shelf:
    """A library of a frame, that notes what it was asked to listen to and waits for a sign where it has one."""

    def __init__(self, tracks, **signs):
        self._tracks, self.signs = tracks, signs
        self.heard, self.begun = [], threading.Event()

    def tracks(self):
        return self._tracks

    def features(self):
        reasons = [[{"column": "bpm", "code": "silent"}, {"column": "key", "code": "silent"}]]
        return pl.DataFrame(
            {"track_id": [13], "reasons": reasons}, {name: FEATURES[name] for name in ("track_id", "reasons")}
        )

    def track_analysis(self, track_id):
        self.heard.append(track_id)
        self.begun.set()
        if f"track_{track_id}" in self.signs:
            assert self.signs[f"track_{track_id}"].wait(PATIENCE_S)
        (row,) = self._tracks.filter(pl.col("track_id") == track_id).to_dicts()
        return features.track_analysis(subject_path(row))


def subject_path(row):
    from pathlib import Path

    return Path(row["path"])


def sent(view):
    """Messages of a view to its page, noted from now on."""
    messages = []
    view.send = lambda content, buffers=None: messages.append((content, buffers))
    return messages


def by_name(view):
    return {row["name"]: row for row in view.places}


# What is looked up


def test_an_id_alone_names_no_file():
    with pytest.raises(TrackError, match=r"give the library: wb\.show\(7, library\)"):
        show(7)


def test_an_id_that_is_not_there_is_an_error(music):
    with pytest.raises(TrackError, match="no track has the id 99 among these 4"):
        show(99, Shelf(music))


def test_a_row_of_nothing_is_an_error():
    with pytest.raises(TrackError, match="neither a track_id nor a path"):
        show({"title": "Rain"})


def test_the_librarys_row_stands_before_the_given_one(music):
    subject = subject_of({"track_id": np.int64(12), "title": "Old"}, Shelf(music))
    assert (subject.row["title"], subject.track_id) == ("Title 12", 12)


def test_an_id_of_numpy_is_an_id(music):
    assert subject_of(np.int64(12), Shelf(music)).track_id == 12


def test_a_row_of_another_collection_is_heard_by_its_path(music):
    subject = subject_of({"track_id": 99, "path": music["path"][0]}, Shelf(music))
    assert subject.library is None
    assert len(subject.listen().times_s) == 130


def test_a_row_without_a_path_says_so():
    view = show({"track_id": 5})
    view.wait(PATIENCE_S)
    assert view.news == {"kind": "error", "text": "track 5: the row has no path, and there is no library to ask"}


# What is shown


def test_a_track_of_a_library_is_drawn_and_compared(music):
    view = show(11, Shelf(music))
    view.wait(PATIENCE_S)
    assert view.news == {"kind": "ready", "text": ""}
    assert view.head == {"title": "Title 11", "lines": ["Ann", "0:03"]}
    assert len(view.analysis.times_s) == 130
    assert view.percentiles["feature"].to_list() == list(stats.COMPARED)
    places = by_name(view)
    assert places["Tempo"]["value"] == "111.0 BPM"
    assert places["Loudness"]["words"] == "none of 2 is louder"
    assert "Of up to 4 tracks" in view.remark


def test_it_returns_before_the_track_is_heard(music):
    sign = threading.Event()
    view = show(11, Shelf(music, track_11=sign))
    assert view.news["kind"] == "listening"
    assert view.analysis is None
    view.wait(0.01)
    assert view.news["kind"] == "listening"
    sign.set()
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "ready"


def test_a_file_without_a_library_is_compared_with_nothing(music):
    view = show({"path": music["path"][0]})
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "ready"
    assert view.head == {"title": "11", "lines": []}
    assert (view.remark, view.places, view.track_id) == (ALONE, [], None)
    assert view.percentiles.schema == pl.Schema(stats.PERCENTILES)


def test_why_a_value_is_unknown_is_said_in_words(music):
    view = show(13, Shelf(music))
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "ready", "silence is drawn too"
    places = by_name(view)
    assert places["Tempo"]["value"] == "unknown: it is silent"
    assert places["Key"]["value"] == "unknown: it is silent"
    assert places["Tempo"]["words"] == ""
    assert view.percentiles.filter(pl.col("feature") == "bpm")["reason"].item() == "silent"


def test_a_file_that_is_gone_is_one_line(music):
    view = show(14, Shelf(music))
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "error"
    assert music["path"][3] in view.news["text"]
    assert "\n" not in view.news["text"]
    assert by_name(view)["Key"]["value"] == "unknown: not measured yet: run library.analyze()"


def test_a_file_that_is_no_music_is_one_line(tmp_path):
    (tmp_path / "a.ogg").write_bytes(b"no music")
    view = show({"path": str(tmp_path / "a.ogg")})
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "error"
    assert "a.ogg" in view.news["text"]


def test_an_unexpected_error_is_shown_in_full(music, monkeypatch):
    shelf = Shelf(music)
    monkeypatch.setattr(shelf, "track_analysis", lambda _track_id: 1 / 0)
    view = show(11, shelf)
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "error"
    assert view.news["text"].startswith("An unexpected error:\nTraceback")
    assert "ZeroDivisionError" in view.news["text"]


def test_only_what_was_asked_for_last_is_shown(music):
    sign = threading.Event()
    shelf = Shelf(music, track_11=sign)
    view = show(11, shelf)
    messages = sent(view)
    assert shelf.begun.wait(PATIENCE_S)
    view.show(13)
    view.show(12)
    sign.set()
    view.wait(PATIENCE_S)
    assert view.head["title"] == "Title 12"
    assert view.track_id == 12
    assert shelf.heard == [11, 12], "nobody waited for 13 any more"
    assert [content["loudness_lufs"] for content, _ in messages] == [-100.0]


def test_the_failure_of_a_track_before_is_not_shown(music):
    sign = threading.Event()
    shelf = Shelf(music, track_14=sign)
    view = show(14, shelf)
    before = view._thread
    assert shelf.begun.wait(PATIENCE_S)
    view.show(12)
    sign.set()
    before.join(PATIENCE_S)
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "ready"


def test_the_page_gets_the_drawings_when_it_asks(music):
    view = show(11, Shelf(music))
    view.wait(PATIENCE_S)
    messages = sent(view)
    view._handle_custom_msg({"kind": "other"}, [])
    assert messages == []
    view._handle_custom_msg({"kind": "ready"}, [])
    ((content, buffers),) = messages
    assert content["kind"] == "panels"
    assert len(buffers) == 8


def test_a_page_that_asks_too_early_gets_nothing_yet(music):
    sign = threading.Event()
    view = show(11, Shelf(music, track_11=sign))
    messages = sent(view)
    view._handle_custom_msg({"kind": "ready"}, [])
    assert messages == []
    sign.set()
    view.wait(PATIENCE_S)
    assert len(messages) == 1


def test_another_track_takes_the_drawings_of_the_one_before_away(music):
    view = show(11, Shelf(music, track_12=threading.Event()))
    view.wait(PATIENCE_S)
    view.position_s = 2.0
    view.show(12)
    assert (view.analysis, view.position_s, view.news["kind"]) == (None, None, "listening")
    messages = sent(view)
    view._handle_custom_msg({"kind": "ready"}, [])
    assert messages == []
    view.library.signs["track_12"].set()
    view.wait(PATIENCE_S)


# A shared selection


def test_it_follows_what_is_clicked(music):
    selection = Selection(music, library=Shelf(music))
    view = TrackView(selection=selection)
    assert view.news == {"kind": "empty", "text": HINT}
    view.wait()
    selection.click(12)
    view.wait(PATIENCE_S)
    assert (view.track_id, view.news["kind"]) == (12, "ready")
    selection.click(99)
    assert view.news == {"kind": "error", "text": "no track has the id 99 among these 4"}


def test_it_need_not_follow(music):
    selection = Selection(music, library=Shelf(music))
    view = TrackView(11, selection=selection, follow=False)
    selection.click(12)
    view.wait(PATIENCE_S)
    assert view.track_id == 11


def test_a_selection_without_a_library_has_rows_to_hear_and_compare(music):
    view = TrackView(11, selection=Selection(music))
    view.wait(PATIENCE_S)
    assert view.news["kind"] == "ready"
    assert by_name(view)["Tempo"]["words"] == "none of 3 is slower"


def test_a_frame_with_few_columns_compares_those(music):
    view = TrackView(11, selection=Selection(music.select("track_id", "path", "bpm")))
    view.wait(PATIENCE_S)
    assert view.percentiles["feature"].to_list() == ["bpm"]
    assert [row["name"] for row in view.places] == ["Tempo"]


# The pure parts


def found(**changes):
    plain = {"feature": "bpm", "value": 120.0, "percentile": 83.9, "lowest": 60.0, "highest": 180.0, "known": 118}
    marks = {"p5": 80.0, "p25": 100.0, "p50": 110.0, "p75": 120.0, "p95": 140.0}
    return {**plain, **marks, **changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "faster than 83 %"),
        ({"percentile": 50.0}, "faster than 50 %"),
        ({"percentile": 10.5}, "slower than 89 %"),
        ({"value": 180.0, "percentile": 99.6}, "none of 118 is faster"),
        ({"value": 60.0, "percentile": 0.4}, "none of 118 is slower"),
        ({"value": None, "percentile": None}, ""),
        ({"value": 60.0, "highest": 60.0, "known": 5}, "all 5 are the same"),
        ({"value": 60.0, "highest": 60.0, "known": 1}, "the only one of which it is known"),
        ({"feature": "shelf"}, "more than 83 %"),
    ],
)
def test_words_for(changes, expected):
    assert words_for(found(**changes)) == expected


def test_a_bar_reaches_to_the_track():
    inside, outside = bar_of(found()), bar_of(found(value=200.0))
    assert inside["own"] == inside["p75"]
    assert (inside["p5"], inside["p95"]) == pytest.approx((0.0283, 0.9717), abs=0.001)
    assert outside["own"] == pytest.approx(0.9717, abs=0.001)
    assert outside["p95"] == pytest.approx(0.5, abs=0.001)
    assert sorted(MARKS, key=outside.get) == list(MARKS)


def test_an_unknown_track_has_a_bar_without_a_dot():
    assert set(bar_of(found(value=None))) == set(MARKS)
    assert bar_of(found(known=0)) is None
    assert bar_of(found(lowest=3.0, highest=3.0)) is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("bpm", 115.99, "116.0 BPM"),
        ("duration_s", 65.4, "1:05"),
        ("loudness_lufs", -13.57, "-13.6 LUFS"),
        ("spectral_centroid_hz_mean", 3356.5, "3,356 Hz"),
        ("spectral_flatness_mean", 0.02154, "0.0215"),
        ("pulse_clarity", 0.666, "0.67"),
        ("pulse_clarity", 0.0, "0.00"),
        ("onset_rate_hz", 3.47, "3.5 per second"),
        ("stereo_correlation", -0.5, "-0.50"),
    ],
)
def test_amount(name, value, expected):
    assert amount(name, value) == expected


def test_key_and_tempo_say_how_sure_they_are():
    row = {"key": "E", "mode": "minor", "camelot": "9A", "key_confidence": 0.712, "key_alternative": "G"}
    row |= {"mode_alternative": "major", "bpm": 116.0, "bpm_confidence": 0.59, "bpm_alternative": 58.0}
    key, tempo = place_rows(row, pl.DataFrame(schema=stats.PERCENTILES), {})
    assert (key["value"], key["note"]) == ("E minor (9A)", "confidence 0.71; or G major")
    assert (tempo["value"], tempo["note"]) == ("116.0 BPM", "confidence 0.59; or 58.0 BPM")
    assert (tempo["words"], tempo["bar"]) == ("", None)


def test_every_code_has_words():
    from workbench.models import Unknown
    from workbench.widgets.track.places import REASONS

    assert {code.value for code in Unknown} - set(REASONS) <= {"not_declared", "lossy_has_no_bit_depth"}
    assert set(REASONS) <= {code.value for code in Unknown}


def test_what_is_not_known_is_left_out_of_the_head():
    assert head_of({"track_id": 7}) == {"title": "track 7", "lines": []}
    row = {"title": BAD_TITLE, "artist": "R&B", "year": 1999, "genre": "Pop", "duration_s": 61.0}
    assert head_of(row) == {"title": BAD_TITLE, "lines": ["R&B", "(1999)", "Pop · 1:01"]}


def test_extent_of():
    assert extent_of(None, 899.0) == extent_of(900.0, 899.99) == ""
    assert extent_of(3731.0, 899.99) == "Drawn: the first 15:00 of 1:02:11."
    assert extent_of(None, 899.99) == "Drawn: the first 15:00; how long it lasts in all is not known."


def test_a_message_holds_every_column(music):
    panels = track_panels(features.track_analysis(subject_path(music.row(0, named=True))))
    content, buffers = message_of(panels, -13.5)
    columns = content["columns"]
    assert columns == 130
    assert content["rows"] == {"mel": 128, "chroma": 12, "tempogram": 96}
    sizes = [2 * columns, 128 * columns, 12 * columns, 96 * columns, 0, 4 * columns, columns, 4 * columns]
    assert [len(buffer) for buffer in buffers] == sizes
    assert content["notes"][int(panels.notes[60])] == "A"
    assert content["ticks"]["mel"][-1] == ["10k", pytest.approx(0.97, abs=0.01)]
    assert content["ticks"]["loudness"] == [["-20", 0.0], ["0", 1.0]]
    assert all(0 <= share <= 1 for ticks in content["ticks"].values() for _, share in ticks)


def test_errors_of_this_package_are_one_line(music, monkeypatch):
    def refuse(_track_id):
        raise WorkbenchError("no")

    shelf = Shelf(music)
    monkeypatch.setattr(shelf, "track_analysis", refuse)
    view = show(11, shelf)
    view.wait(PATIENCE_S)
    assert view.news == {"kind": "error", "text": "no"}


def test_a_view_that_no_page_shows_follows_no_clicks(music):
    """A cell that is run again leaves its old view in the kernel; it would listen to each track beside the new one."""
    shelf = Shelf(music)
    selection = Selection(music, library=shelf)
    view = TrackView(selection=selection)
    page = {number: lambda kind: view._handle_custom_msg({"kind": kind}, []) for number in (1, 2)}
    page[1]("ready")
    page[2]("ready")
    page[1]("gone")
    selection.click(11)
    view.wait(PATIENCE_S)
    assert (view.track_id, shelf.heard) == (11, [11])
    page[2]("gone")
    selection.click(12)
    view.wait(PATIENCE_S)
    assert (view.track_id, shelf.heard) == (11, [11])
    page[1]("ready")
    view.wait(PATIENCE_S)
    assert (view.track_id, shelf.heard) == (12, [11, 12]), "it catches up when it is shown again"


def test_a_closed_view_and_one_that_could_not_be_made_follow_no_clicks(music):
    selection = Selection(music, library=Shelf(music))
    view = TrackView(11, selection=selection)
    with pytest.raises(TrackError):
        TrackView(99, selection=selection)
    view.wait(PATIENCE_S)
    view.close()
    view.close()
    selection.click(12)
    assert view.track_id == 11
    assert selection._trait_notifiers["clicked"]["change"] == []


def test_a_click_on_nothing_takes_the_track_before_away(music):
    """Else it would come back when it has been heard, in the place of the error."""
    sign = threading.Event()
    selection = Selection(music, library=Shelf(music, track_11=sign))
    view = TrackView(11, selection=selection)
    selection.click(99)
    sign.set()
    view.wait(PATIENCE_S)
    assert view.news == {"kind": "error", "text": "no track has the id 99 among these 4"}
    assert (view.track_id, view.head, view.places, view.analysis) == (None, {}, [], None)
