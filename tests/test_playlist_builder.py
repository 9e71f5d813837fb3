"""The playlist builder without a browser: what it holds, what it gives and what it says."""

import threading

import numpy as np
import polars as pl
import pytest
import soundfile as sf

import workbench
from workbench import Library, Playlist, playlist_files
from workbench.errors import SpaceError
from workbench.models import TRACKS
from workbench.spaces import Space
from workbench.widgets import PlaylistBuilder, Selection
from workbench.widgets.builder import track_list

BAD = "<img src=x onerror=alert(1)>"
ALL = [11, 12, 13, 14, 15, 16]


def layout(folder=None, count=6):
    """Tracks 11, 12, ...; two of an artist each; track 12 lasts two minutes, the others one."""
    rows = [
        {
            "track_id": number + 11,
            "title": f"Title {number + 11}",
            "artist": f"Artist {number // 2}",
            "artists": [f"Artist {number // 2}"],
            "album": "Made up",
            "year": 2000 - number,
            "bpm": 100.0 + number,
            "duration_s": 120.0 if number == 1 else 60.0,
            "path": f"{folder}/{number + 11}.ogg",
            "path_bytes": f"{folder}/{number + 11}.ogg".encode(),
            "missing": False,
        }
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema=TRACKS)


@pytest.fixture
def music(tmp_path):
    """Tracks with files of one second."""
    tracks = layout(tmp_path)
    for path in tracks["path"]:
        sf.write(path, 0.1 * np.sin(np.arange(22_050) * 0.1), 22_050, format="OGG", subtype="VORBIS")
    return tracks.with_columns(duration_s=pl.lit(1.0))


@pytest.fixture
def library(tmp_path, music):  # noqa: ARG001  the files must be there
    """A library of the six files, not analysed."""
    made = Library(tmp_path / "library.db")
    made.scan(tmp_path, progress=lambda *_: None)
    return made


class Shelf:
    """A library of eight tracks that orders by nothing."""

    def tracks(self):
        return layout(count=8)

    def playlists(self):
        return pl.DataFrame(schema={"name": pl.String, "tracks": pl.Int64})

    def space(self, _tracks=None, **_kind):
        raise SpaceError("no tracks are enough for a space")


def press(widget, label):
    """Press the button with this label, wherever it is in a widget."""
    button(widget, label).click()


def button(widget, label):
    return next(found for found in parts(widget) if getattr(found, "description", None) == label)


def labels(widget):
    return [found.description for found in parts(widget) if getattr(found, "description", None)]


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def tell(builder, kind, **message):
    """What the page sends when something is done to the list."""
    builder._list._handle_custom_msg({"kind": kind, **message}, [])


@pytest.fixture
def sent(monkeypatch):
    """Messages to the page, with their buffers."""
    messages = []
    monkeypatch.setattr(
        track_list.TrackList, "send", lambda _self, message, buffers=(): messages.append((message, list(buffers)))
    )
    return messages


# What comes into the list


def test_the_builder_takes_and_adds_the_selection():
    selection = Selection(layout())
    builder = PlaylistBuilder(selection)
    assert len(builder.playlist) == 0
    selection.choose([13, 12])
    press(builder, "Take selection")
    selection.choose([11, 12])
    press(builder, "Add selection")
    assert builder.playlist.track_ids == [12, 13, 11]


def test_the_builder_of_a_frame_begins_with_all_of_it():
    builder = PlaylistBuilder(layout())
    assert builder.playlist.track_ids == ALL
    assert builder.playlist.name == "Playlist"
    assert builder._length.value == "6 tracks, 7:00"


def test_a_selections_name_is_the_playlists():
    assert PlaylistBuilder(Selection(layout(), [11], name="Rain")).playlist.name == "Rain"


def test_other_windows_add_tracks_of_the_library_too():
    builder = PlaylistBuilder(Selection(layout(), [11], library=Shelf()))
    builder.add(np.array([18, 12, 11, 99]))
    assert builder.playlist.track_ids == [11, 18, 12]
    assert builder.playlist.rows["title"].to_list() == ["Title 11", "Title 18", "Title 12"]
    builder.undo()
    assert builder.playlist.track_ids == [11]


def test_without_a_library_strangers_are_passed_over():
    selection = Selection(layout(), [11])
    builder = PlaylistBuilder(selection)
    selection.choose([12, 99])
    press(builder, "Add selection")
    assert builder.playlist.track_ids == [11, 12]


# What is done to it


def test_up_down_and_remove():
    builder = PlaylistBuilder(layout())
    builder._list.choose([13, 14])
    press(builder, "Up")
    assert builder.playlist.track_ids == [11, 13, 14, 12, 15, 16]
    press(builder, "Down")
    press(builder, "Down")
    assert builder.playlist.track_ids == [11, 12, 15, 13, 14, 16]
    assert builder._list.chosen == (13, 14), "who was moved stays chosen"
    press(builder, "Remove")
    assert builder.playlist.track_ids == [11, 12, 15, 16]
    assert builder._list.chosen == ()
    builder._list.choose([12])
    press(builder, "Up")
    assert builder._rules.order.value == "by hand"
    builder._rules.order.value = "as given"
    assert builder.playlist.track_ids == [11, 12, 15, 16], "who was removed stays away"


def test_gestures_of_the_page():
    builder = PlaylistBuilder(layout())
    tell(builder, "moved", ids=[11], before=14)
    assert builder.playlist.track_ids == [12, 13, 11, 14, 15, 16]
    tell(builder, "moved", ids=[12, 14], before=None)
    assert builder.playlist.track_ids == [13, 11, 15, 16, 12, 14]
    tell(builder, "stepped", ids=[13], step=1)
    assert builder.playlist.track_ids == [11, 13, 15, 16, 12, 14]
    tell(builder, "removed", ids=[15, 99])
    assert builder.playlist.track_ids == [11, 13, 16, 12, 14]
    tell(builder, "undo")
    tell(builder, "undo")
    tell(builder, "redo")
    assert builder.playlist.track_ids == [11, 13, 15, 16, 12, 14]
    tell(builder, "nonsense", ids=[11])
    assert builder.playlist.track_ids == [11, 13, 15, 16, 12, 14]


def test_a_gesture_means_the_same_when_the_list_has_changed_meanwhile():
    builder = PlaylistBuilder(Selection(layout(), [11, 12, 13]))
    builder.add([14])
    tell(builder, "moved", ids=[11], before=13)  # made when 14 was not there yet
    assert builder.playlist.track_ids == [12, 11, 13, 14]


def test_every_change_can_be_undone():
    selection = Selection(layout(), ALL)
    builder = PlaylistBuilder(selection)
    assert button(builder, "Undo").disabled
    selection.choose([12, 13])
    steps = [
        lambda: press(builder, "Take selection"),
        lambda: builder.add([16, 15]),
        lambda: tell(builder, "moved", ids=[12], before=None),
        lambda: setattr(builder._rules.order, "value", "bpm"),
        lambda: setattr(builder._rules.descending, "value", True),
        lambda: setattr(builder._rules.minutes, "value", 3),
        lambda: setattr(builder._rules.per_artist, "value", 1),
        lambda: tell(builder, "removed", ids=[16]),
    ]
    seen = [builder.playlist.track_ids]
    for step in steps:
        step()
        seen.append(builder.playlist.track_ids)
    assert seen == [
        ALL,
        [12, 13],
        [12, 13, 16, 15],
        [13, 16, 15, 12],
        [12, 13, 15, 16],
        [16, 15, 13, 12],
        [16, 15, 13],
        [16, 13],
        [15, 13],
    ]
    back = [builder.playlist.track_ids]
    for _ in steps:
        press(builder, "Undo")
        back.append(builder.playlist.track_ids)
    assert back == seen[::-1]
    assert (builder._rules.order.value, builder._rules.minutes.value, button(builder, "Undo").disabled) == (
        "as given",
        0,
        True,
    )
    for _ in steps:
        press(builder, "Redo")
    assert builder.playlist.track_ids == seen[-1]
    assert builder._rules.per_artist.value == 1
    assert button(builder, "Redo").disabled


# Orders and limits


@pytest.mark.parametrize(
    ("by", "expected"), [("year", [16, 15, 14, 13, 12, 11]), ("bpm", [11, 12, 13, 14, 15, 16]), ("shuffle", None)]
)
def test_orders(by, expected):
    builder = PlaylistBuilder(layout())
    builder._rules.order.value = by
    wanted = expected or Playlist("", layout()).order("shuffle").track_ids
    assert builder.playlist.track_ids == wanted
    builder._rules.order.value = "as given"
    assert builder.playlist.track_ids == ALL


def test_each_press_shuffles_anew_and_the_code_knows():
    builder = PlaylistBuilder(layout())
    builder._rules.order.value = "shuffle"
    press(builder, "Shuffle again")
    press(builder, "Shuffle again")
    assert builder.playlist.track_ids == Playlist("", layout()).order("shuffle", seed=2).track_ids
    assert builder.code().endswith("wb.Playlist('Playlist', rows).order('shuffle', seed=2)")


def test_the_limit_hides_tracks_and_gives_them_back():
    builder = PlaylistBuilder(layout())
    builder._rules.minutes.value = 3
    assert builder.playlist.track_ids == [11, 12]
    assert builder._length.value == "2 tracks, 3:00; 4 more are past the limit"
    builder._list.choose([11])
    press(builder, "Remove")
    assert builder.playlist.track_ids == [12, 13]
    builder._rules.minutes.value = 0
    assert builder.playlist.track_ids == [12, 13, 14, 15, 16]


def test_an_error_of_the_library_is_shown_and_nothing_changes():
    builder = PlaylistBuilder(layout(), library=Shelf())
    builder._rules.order.value = "flow"
    assert builder.status.text == "no tracks are enough for a space"
    assert builder.playlist.track_ids == ALL
    assert builder._rules.order.value == "as given"
    press(builder, "Add neighbours")
    assert builder.playlist.track_ids == ALL


def test_flow_neighbours_and_the_shelf_need_a_library():
    alone, with_library = PlaylistBuilder(layout()), PlaylistBuilder(layout(), library=Shelf())
    for label in ("Save", "Load", "Load file", "Add neighbours"):
        assert (label in labels(alone), label in labels(with_library)) == (False, True)
    orders = [[name for _, name in builder._rules.order.options] for builder in (alone, with_library)]
    assert ["flow" in each for each in orders] == [False, True]


def test_there_are_no_neighbours_of_nothing():
    builder = PlaylistBuilder(Selection(layout(), library=Shelf()))
    press(builder, "Add neighbours")
    assert "empty" in builder.status.text


# Other windows


def test_the_lists_tracks_are_selected_everywhere():
    selection = Selection(layout(), [13, 11], name="Rain")
    builder = PlaylistBuilder(selection)
    builder.add([15])
    press(builder, "Select these")
    assert selection.track_ids == (11, 13, 15)
    assert (selection.source.kind, selection.source.detail) == ("playlist", "Rain")


def test_a_track_is_played():
    builder = PlaylistBuilder(layout())
    tell(builder, "played", id=14)
    assert builder.selection.clicked == 14


def test_what_is_selected_elsewhere_is_marked(sent):
    builder = PlaylistBuilder(Selection(layout(), [11, 12, 13]))
    builder.selection.choose([12, 16])
    assert sent[-1][0] == {"kind": "marks", "marked": [12], "playing": None}
    builder.selection.click(13)
    assert sent[-1][0] == {"kind": "marks", "marked": [12], "playing": 13}


# What the page is sent


def test_a_line_is_sent_once_until_the_page_asks_for_all(sent):
    builder = PlaylistBuilder(Selection(layout(), [11, 12]))
    builder.add([13])
    tell(builder, "moved", ids=[13], before=11)
    lists = [message for message, _ in sent if message["kind"] == "list"]
    assert [message["ids"] for message in lists] == [[11, 12], [11, 12, 13], [13, 11, 12]]
    assert [[line["id"] for line in message["lines"]] for message in lists] == [[11, 12], [13], []]
    assert lists[-1]["starts"] == ["0:00", "1:00", "2:00"]
    sent.clear()
    tell(builder, "ready")
    assert [message["kind"] for message, _ in sent] == ["list", "marks", "chosen"]
    assert [line["id"] for line in sent[0][0]["lines"]] == [13, 11, 12]


def test_covers_are_sent_for_the_tracks_that_have_one(sent, monkeypatch):
    monkeypatch.setattr(
        track_list, "covers_of", lambda rows: [b"jpeg" if row["track_id"] == 12 else None for row in rows]
    )
    builder = PlaylistBuilder(layout())
    tell(builder, "covers", ids=[11, 12, 99])
    assert sent[-1] == ({"kind": "covers", "ids": [12]}, [b"jpeg"])


def test_the_page_chooses():
    builder = PlaylistBuilder(layout())
    tell(builder, "chosen", ids=[14, 12])
    assert builder._list.chosen == (12, 14)


# Save and load


def test_save_asks_before_it_replaces(library):
    builder = PlaylistBuilder(library.tracks(), library=library)
    ids = builder.playlist.track_ids
    builder._shelf.name.value = " Rain "
    press(builder, "Save")
    assert builder.status.text == "Saved Rain: 6 tracks, 0:06."
    assert library.playlist("Rain").track_ids == ids

    tell(builder, "removed", ids=ids[:2])
    press(builder, "Save")
    assert "kept already, with 6 tracks" in builder.status.text
    assert library.playlist("Rain").track_ids == ids, "not before somebody says so"
    press(builder, "Keep it")
    assert builder._shelf._confirm.layout.display == "none"
    press(builder, "Save")
    assert builder._shelf._confirm.layout.display is None
    press(builder, "Replace it")
    assert library.playlist("Rain").track_ids == ids[2:]
    assert builder.status.text == "Saved Rain: 4 tracks, 0:04. It replaced the one of this name."


def test_another_name_takes_the_question_back(library):
    library.save(Playlist("Rain", library.tracks()))
    builder = PlaylistBuilder(library.tracks().head(1), library=library)
    builder._shelf.name.value = "Rain"
    press(builder, "Save")
    builder._shelf.name.value = "Snow"
    assert builder._shelf._confirm.layout.display == "none"


def test_a_playlist_without_a_name_is_an_error_line(library):
    builder = PlaylistBuilder(library.tracks(), library=library)
    builder._shelf.name.value = "  "
    press(builder, "Save")
    assert "has no name" in builder.status.text


def test_load_brings_tracks_that_the_source_has_not(library):
    tracks = library.tracks()
    twice = Playlist(BAD, pl.concat([tracks[4:1:-1], tracks[4:5]]))
    library.save(twice)
    builder = PlaylistBuilder(tracks.head(1), library=library)
    press(builder, "Load")
    assert builder.playlist.track_ids == twice.track_ids[:3]
    assert builder.playlist.name == BAD
    assert builder.playlist.rows["path_bytes"].null_count() == 0
    assert builder.status.text == f"Loaded {BAD}: 4 tracks, 0:04. 1 that stood there again is listed once."
    assert "<img" not in builder.status._line.value
    press(builder, "Undo")
    assert (builder.playlist.track_ids, builder.playlist.name) == (tracks["track_id"].to_list()[:1], "Playlist")


def test_what_was_saved_meanwhile_can_be_loaded(library):
    builder = PlaylistBuilder(library.tracks(), library=library)
    press(builder, "Load")
    assert "No playlist is kept yet" in builder.status.text
    library.save(Playlist("Rain", library.tracks()[:2]))
    press(builder, "Refresh")
    press(builder, "Load")
    assert builder.playlist.name == "Rain"


def test_a_file_is_loaded_and_strangers_are_named(library, tmp_path):
    tracks = library.tracks()
    file = Playlist("Rain", tracks[3:5]).write(tmp_path / "Rain.m3u8")
    file.write_text(file.read_text(encoding="utf-8") + "elsewhere.ogg\n", encoding="utf-8")
    builder = PlaylistBuilder(tracks.head(1), library=library)
    builder._shelf._file.value = str(file)
    press(builder, "Load file")
    assert builder.playlist.track_ids == tracks["track_id"].to_list()[3:5]
    assert builder.status.text == f"Read Rain: 2 tracks, 0:02. Not in this library: 1 ({tmp_path / 'elsewhere.ogg'})."
    builder._shelf._file.value = str(tmp_path / "none.m3u8")
    press(builder, "Load file")
    assert "none.m3u8: no such file" in builder.status.text


# Files


def test_a_file_is_written_and_replaced_only_on_request(tmp_path, music):
    builder = PlaylistBuilder(music, folder=tmp_path)
    builder._shelf.name.value = "AC/DC"
    press(builder, "Write file")
    file = tmp_path / "AC_DC.m3u8"
    assert builder.status.text == f"Wrote 6 tracks, 0:06 to {file}."
    before = file.read_text(encoding="utf-8")
    assert "11.ogg" in before.splitlines()

    builder._list.choose([11])
    press(builder, "Remove")
    press(builder, "Write file")
    assert str(file) in builder.status.text
    assert not builder.status.text.startswith("Wrote")
    assert file.read_text(encoding="utf-8") == before

    builder._target._overwrite.value = True
    builder._target._relative.value = False
    press(builder, "Write file")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "11.ogg" not in lines
    assert str(tmp_path / "12.ogg") in lines


def test_all_three_formats_or_none(tmp_path, music):
    builder = PlaylistBuilder(music, folder=tmp_path)
    builder._target._format.value = "all three"
    (tmp_path / "Playlist.xspf").touch()
    press(builder, "Write file")
    assert "Playlist.xspf: a file of this name is there" in builder.status.text
    assert not (tmp_path / "Playlist.m3u8").exists()
    (tmp_path / "Playlist.xspf").unlink()
    press(builder, "Write file")
    assert builder.status.text == f"Wrote 6 tracks, 0:06 to {tmp_path / 'Playlist.m3u8'}, and as .pls and .xspf."
    for ending in ("m3u8", "pls", "xspf"):
        read = playlist_files.read(tmp_path / f"Playlist.{ending}")
        assert [entry.path for entry in read.entries] == music["path_bytes"].to_list()


def test_a_folder_that_is_not_there_is_an_error_line_and_can_be_made(tmp_path, music):
    builder = PlaylistBuilder(music, folder=tmp_path)
    assert button(builder, "Create folder").layout.display == "none"
    builder._target._folder.value = str(tmp_path / "new" / "lists")
    assert button(builder, "Create folder").layout.display is None
    press(builder, "Write file")
    assert "the folder" in builder.status.text
    assert 'role="alert"' in builder.status._line.value
    press(builder, "Create folder")
    press(builder, "Write file")
    assert (tmp_path / "new" / "lists" / "Playlist.m3u8").is_file()
    press(builder, "Folder up")
    assert builder._target._folder.value == str(tmp_path / "new")
    assert builder._target._folder.options == (str(tmp_path / "new" / "lists"),)


def test_a_folder_that_cannot_be_made_is_an_error_line(tmp_path, music):
    builder = PlaylistBuilder(music, folder=tmp_path / "11.ogg" / "below")
    press(builder, "Create folder")
    assert "cannot be made: Not a directory" in builder.status.text


# Code


def test_the_code_is_shown_on_request_and_goes_along():
    builder = PlaylistBuilder(layout())
    assert builder._code.layout.display == "none"
    builder._code.button.value = True
    assert builder._code.layout.display is None
    assert builder._code.value == builder.code()
    builder._rules.order.value = "bpm"
    builder._shelf.name.value = "Rain"
    assert builder._code.value.endswith("wb.Playlist('Rain', rows).order('bpm')")
    assert "library.tracks()" in PlaylistBuilder(layout(), library=Shelf()).code()


def test_every_control_has_a_name():
    for part in parts(PlaylistBuilder(layout(), library=Shelf())):
        if hasattr(part, "tooltip") and hasattr(part, "disabled"):
            assert part.tooltip, f"{part} has no tooltip"


def test_an_empty_list_is_fine():
    builder = PlaylistBuilder(layout(count=0))
    for label in ("Take selection", "Add selection", "Select these", "Up", "Down", "Remove", "Undo"):
        press(builder, label)
    builder._rules.order.value = "bpm"
    assert builder.status.text == ""
    assert builder._length.value == "0 tracks"


# What a close reading found


def test_a_track_that_undo_brings_back_is_not_chosen_unseen():
    """The page had forgotten that it was; Remove took it out again."""
    builder = PlaylistBuilder(layout())
    tell(builder, "chosen", ids=[12])
    press(builder, "Remove")
    press(builder, "Undo")
    assert builder.playlist.track_ids == ALL
    assert builder._list.chosen == ()
    press(builder, "Remove")
    assert builder.playlist.track_ids == ALL


def test_a_long_list_is_shown_in_part_and_kept_whole(monkeypatch, sent):
    """A hundred thousand rows would stop the page."""
    monkeypatch.setattr(track_list, "MOST_ROWS", 4)
    builder = PlaylistBuilder(layout())
    shown = [message for message, _ in sent if message["kind"] == "list"][-1]
    assert (shown["ids"], shown["more"], len(shown["starts"])) == (ALL[:4], 2, 4)
    assert builder.playlist.track_ids == ALL
    tell(builder, "moved", ids=[11], before=None)
    assert builder.playlist.track_ids == [12, 13, 14, 11, 15, 16]
    tell(builder, "removed", ids=[12, 13])
    tell(builder, "moved", ids=[14], before=None)
    assert builder.playlist.track_ids == [11, 15, 16, 14]


def test_a_frame_with_a_track_in_several_rows_has_it_once():
    """As after ``tracks.explode("genres")``."""
    builder = PlaylistBuilder(pl.concat([layout(), layout()]))
    assert builder.playlist.track_ids == ALL
    assert len(builder._list._along["starts"]) == 6
    builder.tracks = pl.concat([layout(), layout()])
    builder.add([11])
    assert builder.playlist.track_ids == ALL


@pytest.mark.parametrize("label", ["Minutes", "Per artist", "Per album"])
def test_a_limit_that_the_columns_do_not_allow_is_not_kept(label):
    """Nothing was shown any more as long as it stood."""
    builder = PlaylistBuilder(layout().select("track_id", "title"))
    button(builder, label).value = 1
    assert "its rows have no" in builder.status.text
    assert button(builder, label).value == 0
    tell(builder, "removed", ids=[11])
    assert builder._list.track_ids == tuple(ALL[1:])


def test_what_is_set_while_a_cell_changes_the_list_is_not_lost():
    """Only the thread that shows a draft may take a control's change for its own."""
    builder = PlaylistBuilder(layout())
    user = threading.Thread(target=lambda: setattr(button(builder, "Tracks"), "value", 2))

    def meanwhile(_change):
        user.start()
        user.join(0.3)

    builder._rules.order.observe(meanwhile, "value")  # told while the builder shows what the cell has done
    builder._desk.order("bpm", descending=False)
    user.join(60)
    assert builder.playlist.track_ids == [11, 12]


def test_a_closed_builder_is_let_go():
    selection = Selection(layout())
    builder = PlaylistBuilder(selection)
    builder.close()
    builder.close()
    assert selection._trait_notifiers["clicked"]["change"] == []


def test_a_home_of_nobody_is_a_folder_that_is_not_there(tmp_path):
    builder = PlaylistBuilder(layout(), folder=tmp_path)
    builder._target._folder.value = "~nobody-of-this-name"
    assert builder._target.folder.name == "~nobody-of-this-name"
    assert button(builder, "Create folder").layout.display is None


# Orders that are found


class Sounding(Shelf):
    """A library whose tracks lie on a quarter of a circle, in the order of their ids."""

    def space(self, tracks=None, **_kind):
        angles = np.linspace(0, np.pi / 2, 8)
        matrix = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
        whole = Space(np.arange(11, 19), matrix, "timbre", {"all": slice(0, 2)}, "1")
        return whole if tracks is None else whole.cut(tracks["track_id"])


def made_by(builder):
    """What the shown code makes."""
    *lines, last = builder.code().splitlines()
    library = builder._library
    names = {"pl": pl, "wb": workbench, "tracks": builder.tracks, "library": library}
    exec("\n".join(lines), names)  # noqa: S102  it is our own
    return eval(last, names)  # noqa: S307


def test_a_journey_leads_from_the_first_to_the_last_that_is_shown():
    builder = PlaylistBuilder(layout(), library=Sounding())
    tell(builder, "moved", ids=[16], before=12)
    builder._rules.count.value = 4
    builder._rules.order.value = "journey"  # from 11 to 13, and on to the others
    order = ".order('journey', space=library.space(kind='timbre'), start=11, end=13)"
    assert builder.code().splitlines()[-1] == f"wb.Playlist('Playlist', rows){order}.limit(tracks=4)"
    assert builder._rules.descending.disabled
    assert "the limit leaves out 2 tracks, the end of the journey among them" in builder._length.value
    builder._rules.count.value = 0
    assert (builder.playlist.track_ids[0], builder.playlist.track_ids[-1]) == (11, 13)
    assert "journey" not in builder._length.value
    assert made_by(builder).track_ids == builder.playlist.track_ids
    tell(builder, "removed", ids=[13])
    assert builder._rules.order.value == "by hand"
    assert "start=" not in builder.code()
    press(builder, "Undo")
    assert "start=11, end=13" in builder.code()


def test_a_journey_of_nothing_is_an_error_line():
    builder = PlaylistBuilder(layout(count=0), library=Sounding())
    builder._rules.order.value = "journey"
    assert "leads from one track to another" in builder.status.text
    assert builder._rules.order.value == "as given"


def test_harmonic_and_arc_are_made_without_a_library():
    codes = ["1A", "3A", "2A", None, "7B", "4A"]
    tracks = layout().with_columns(
        camelot=pl.Series(codes), bpm=pl.lit(100.0), loudness_lufs=pl.Series([-9.0, -8, -7, -6, -5, -4])
    )
    builder = PlaylistBuilder(tracks)
    builder._rules.order.value = "harmonic"
    assert builder.playlist.track_ids == Playlist("", tracks).order("harmonic").track_ids
    assert builder._length.value == (
        "6 tracks, 7:00; 1 of 4 steps does not mix: position "
        f"{1 if builder.playlist.track_ids[0] == 15 else 4}-{2 if builder.playlist.track_ids[0] == 15 else 5}; "
        "1 track has no known key or tempo, and stands at the end"
    )
    assert made_by(builder).remarks == builder.playlist.remarks
    builder._rules.order.value = "energy arc"
    assert builder.playlist.track_ids == [11, 13, 15, 16, 14, 12]
    assert builder.code().endswith(".order('energy arc')")
    builder._rules.order.value = "as given"
    assert builder._length.value == "6 tracks, 7:00"


def test_too_little_music_is_said():
    builder = PlaylistBuilder(layout())
    builder._rules.minutes.value = 60
    assert builder._length.value == "6 tracks, 7:00; the 6 tracks last 7 minutes, not 60"


def test_one_version_of_each_recording():
    tracks = layout().with_columns(
        title=pl.Series(["Rain", "Rain (Live)", "Sun", "Sun", "Sun", "Fog"]),
        artists=pl.Series([["Ann"], ["Ann"], ["Ann"], ["Ann"], ["Bo"], ["Bo"]]),
    )
    builder = PlaylistBuilder(tracks)
    builder._rules.distinct.value = True
    assert builder.playlist.track_ids == [11, 13, 15, 16]
    assert builder._length.value == "4 tracks, 4:00; 2 left out as other versions"
    builder._rules.per_artist.value = 1
    assert builder._length.value.endswith("4 left out as too many of one artist or album or other versions")
    assert builder.code().endswith("wb.Playlist('Playlist', rows).distinct().at_most(1)")
    assert made_by(builder).track_ids == builder.playlist.track_ids == [11, 15]
    press(builder, "Undo")
    press(builder, "Undo")
    assert builder._rules.distinct.value is False
    assert builder.playlist.track_ids == ALL
