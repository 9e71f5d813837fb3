"""The playlist while it is made: its order, its drafts, its code, and what is to be seen along it. No widget here."""

import numpy as np
import polars as pl
import pytest

import workbench as wb
from workbench.errors import PlaylistError, SpaceError
from workbench.models import TRACKS
from workbench.spaces import Space
from workbench.widgets.builder.arrangement import arranged, extended, joined, moved, placed, without
from workbench.widgets.builder.company import neighbours_of
from workbench.widgets.builder.course import course, lines, starts
from workbench.widgets.builder.draft import (
    BY_HAND,
    GIVEN,
    SHUFFLE,
    Draft,
    Drafts,
    Limits,
    added,
    code_of,
    extent,
    learnt,
    ordered,
    playlist_of,
    put,
    rearranged,
    removed,
    taken,
    with_neighbours,
)
from workbench.widgets.builder.file_target import file_name, folders_for


def a_frame(*rows):
    """Tracks 1, 2, ... of a minute each, unless a row says otherwise."""
    return pl.DataFrame(
        [{"track_id": number, "duration_s": 60.0} | row for number, row in enumerate(rows, 1)], schema=TRACKS
    )


FIVE = a_frame(
    {"title": "One", "bpm": 120.0, "artists": ["Ann"], "album": "A", "album_id": 1},
    {"title": "Two", "bpm": 90.0, "artists": ["Ann"], "album": "A", "album_id": 1},
    {"title": "Three", "artists": ["Ann", "Ben"], "album": "A", "album_id": 2},
    {"title": "Four", "bpm": 150.0, "artists": ["Ben"]},
    {"title": "Five", "bpm": 100.0, "artists": ["Cy"]},
)
DRAFT = taken(Draft("Rain"), [1, 2, 3, 4, 5])


# Arrangements


@pytest.mark.parametrize(
    ("chosen", "step", "expected"),
    [
        ({3, 4}, -1, [1, 3, 4, 2]),
        ({1, 3}, -1, [1, 3, 2, 4]),
        ({1, 2}, 1, [3, 1, 2, 4]),
        ({3, 4}, 1, [1, 2, 3, 4]),
        (set(), 1, [1, 2, 3, 4]),
    ],
)
def test_moved(chosen, step, expected):
    assert moved([1, 2, 3, 4], chosen, step) == expected


@pytest.mark.parametrize(
    ("chosen", "before", "expected"),
    [
        ({1}, 4, [2, 3, 1, 4]),
        ({4}, 1, [4, 1, 2, 3]),
        ({1, 4}, 3, [2, 1, 4, 3]),
        ({1, 3}, None, [2, 4, 1, 3]),
        ({2, 3}, 3, [1, 2, 3, 4]),
        ({2, 3}, 2, [1, 2, 3, 4]),
        ({1}, 99, [2, 3, 4, 1]),
        ({99}, 1, [1, 2, 3, 4]),
    ],
)
def test_placed(chosen, before, expected):
    assert placed([1, 2, 3, 4], chosen, before) == expected


def test_joined_extended_and_without():
    assert joined([2, 1], [1, 3, 3]) == [2, 1, 3]
    assert without([1, 2, 3], {2}) == [1, 3]
    assert extended([1, 2, 3], {1: [7, 3], 3: [8, 7], 99: [9]}) == [1, 7, 2, 3, 8]


def test_arranged_keeps_the_schema_and_drops_strangers():
    rows = arranged(FIVE, [4, 99, 1])
    assert rows["track_id"].to_list() == [4, 1]
    assert rows.schema == FIVE.schema


# Drafts


def test_a_draft_is_by_hand_until_it_stands_as_given_again():
    once = put(DRAFT, DRAFT.ids, [1], 3)
    assert (once.ids, once.given, once.by) == ((2, 1, 3, 4, 5), (1, 2, 3, 4, 5), BY_HAND)
    assert put(once, once.ids, [1], 2) == DRAFT
    assert rearranged(DRAFT, DRAFT.ids) == DRAFT


def test_what_is_removed_does_not_come_back():
    less = removed(DRAFT, {2, 4})
    assert (less.ids, less.given) == ((1, 3, 5), (1, 3, 5))
    assert ordered(less, FIVE).ids == (1, 3, 5)


def test_tracks_that_come_stand_behind_what_is_shown():
    """Tracks past the limit stay in the draft, behind."""
    draft = added(taken(Draft(), [1, 2, 3]), [1, 2], [5, 1])
    assert draft.ids == (1, 2, 5, 3)
    assert draft.given == (1, 2, 3, 5)


def test_neighbours_stand_behind_their_track_in_both_orders():
    draft = with_neighbours(ordered(Draft(given=(1, 2), by="bpm"), FIVE), {1: [4], 2: [5, 4]})
    assert draft.ids == (2, 5, 4, 1)
    assert draft.given == (1, 4, 2, 5)


def test_an_order_is_of_the_tracks_as_given():
    by_tempo = ordered(Draft(given=DRAFT.given, ids=(5, 4, 3, 2, 1), by="bpm", descending=True), FIVE)
    assert by_tempo.ids == (4, 1, 5, 2, 3)
    assert ordered(Draft(given=(1, 2, 3), by=GIVEN, descending=True), FIVE).ids == (3, 2, 1)
    shuffles = [ordered(Draft(given=DRAFT.given, by=SHUFFLE, seed=seed), FIVE).ids for seed in (0, 1)]
    assert shuffles[0] != shuffles[1]
    with pytest.raises(PlaylistError, match="loudness"):
        ordered(Draft(given=(1,), by="loudness"), FIVE)


@pytest.mark.parametrize(
    ("limits", "expected", "text"),
    [
        (Limits(), [1, 2, 3, 4, 5], "5 tracks, 5:00"),
        (Limits(minutes=2.5), [1, 2], "2 tracks, 2:00; 3 more are past the limit"),
        (Limits(tracks=4), [1, 2, 3, 4], "4 tracks, 4:00; 1 more is past the limit"),
        (Limits(per_artist=1), [1, 4, 5], "3 tracks, 3:00; 2 left out as too many of one artist or album"),
        (
            Limits(per_album=1, tracks=2),
            [1, 3],
            "2 tracks, 2:00; 2 more are past the limit; 1 left out as too many of one artist or album",
        ),
    ],
)
def test_limits(limits, expected, text):
    draft = Draft("Rain", DRAFT.given, DRAFT.ids, limits=limits)
    assert playlist_of(draft, FIVE).track_ids == expected
    assert extent(draft, FIVE) == text


def test_undo_goes_back_and_a_change_forgets_what_was_undone():
    drafts = Drafts(DRAFT)
    drafts.take(DRAFT)
    assert not drafts.can_undo, "the same again is no step"
    drafts.take(removed(DRAFT, {1}))
    drafts.take(removed(DRAFT, {1, 2}))
    drafts.go(-1)
    assert drafts.now.ids == (2, 3, 4, 5)
    assert drafts.can_redo
    drafts.take(removed(drafts.now, {5}))
    assert (drafts.now.ids, drafts.can_redo) == ((2, 3, 4), False)
    for _ in range(5):
        drafts.go(-1)
    assert (drafts.now, drafts.can_undo) == (DRAFT, False)


def test_a_hundred_changes_can_be_undone():
    drafts = Drafts(Draft())
    for number in range(150):
        drafts.take(taken(drafts.now, [number]))
    for _ in range(100):
        drafts.go(-1)
    assert drafts.now.ids == (49,)


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        put(DRAFT, DRAFT.ids, [5], 1),
        ordered(Draft('Ra"in', DRAFT.given, by="bpm", descending=True, limits=Limits(minutes=3.5, tracks=3)), FIVE),
        ordered(Draft("Rain", DRAFT.given, by=SHUFFLE, seed=3, limits=Limits(per_artist=1, per_album=1)), FIVE),
        Draft("nothing"),
    ],
)
def test_the_code_makes_the_same_playlist(draft):
    *lines, last = code_of(draft, FIVE).splitlines()
    names = {"wb": wb, "pl": pl, "tracks": FIVE}
    exec("\n".join(lines), names)  # noqa: S102  our own text
    made = eval(last, names)  # noqa: S307  the same
    assert made.track_ids == playlist_of(draft, FIVE).track_ids
    assert made.name == draft.name


def test_the_code_says_how_the_order_came():
    draft = ordered(Draft("Rain", (1, 2), by="bpm", descending=True, limits=Limits(60.0, 20, 2)), FIVE)
    assert code_of(draft, FIVE, frame="library.tracks()").splitlines() == [
        "ids = [1, 2]",
        'order = pl.DataFrame({"track_id": ids}, {"track_id": pl.Int64})',
        'rows = order.join(library.tracks(), on="track_id", maintain_order="left")',
        "wb.Playlist('Rain', rows).order('bpm', descending=True).at_most(2).limit(minutes=60, tracks=20)",
    ]


def test_rows_from_elsewhere_are_taken_to_those_that_are_known():
    known, more = FIVE.head(2).select("track_id", "title"), FIVE.tail(4)
    both = learnt(known, pl.concat([more, more]))
    assert both.rows() == [(1, "One"), (2, "Two"), (3, "Three"), (4, "Four"), (5, "Five")]
    assert learnt(known, known) is known


# Neighbours


def a_space(*angles):
    """Tracks 1, 2, ... on a circle, at these degrees."""
    radians = np.radians(angles)
    matrix = np.column_stack([np.cos(radians), np.sin(radians)]).astype(np.float32)
    return Space(np.arange(1, len(angles) + 1), matrix, "timbre", {"x": slice(0, 2)}, "1")


def test_neighbours_are_near_not_in_the_list_and_go_to_the_first_who_wants_them():
    space = a_space(0, 4, 9, 170, 175, 184)
    tracks = a_frame(*({"title": f"T{number}", "artists": [f"A{number}"]} for number in range(6)))
    assert neighbours_of(space, tracks, [1, 4], n=2, present=[1, 4]) == {1: [2, 3], 4: [5, 6]}
    assert neighbours_of(space, tracks, [1], n=2, present=[1, 2])[1][0] == 3
    assert neighbours_of(space, tracks, [1, 2], n=1, present=[1, 2]) == {1: [3], 2: [4]}


def test_a_missing_file_is_nobodys_neighbour():
    tracks = a_frame({"title": "a"}, {"title": "b", "missing": True}, {"title": "c", "missing": False}, {"title": "d"})
    assert neighbours_of(a_space(0, 4, 9, 170), tracks, [1], n=1, present=[1]) == {1: [3]}


def test_a_track_without_a_place_has_no_neighbours():
    with pytest.raises(SpaceError, match="analyze"):
        neighbours_of(a_space(0, 4, 9), FIVE, [99], n=1, present=[99])


# What is to be seen


def test_a_line_says_what_is_known():
    frame = a_frame({"title": "<b>", "artist": "Ann", "bpm": 127.6, "camelot": "8A"}, {"duration_s": None})
    assert lines(frame) == [
        {"id": 1, "title": "<b>", "artist": "Ann", "key": "8A", "tempo": "128", "length": "1:00"},
        {"id": 2, "title": "track 2", "artist": "\u2013", "key": "\u2013", "tempo": "\u2013", "length": "\u2013"},
    ]
    assert lines(frame.select("track_id"))[0]["title"] == "track 1"


def test_starts_count_the_running_time_and_say_where_it_is_unsure():
    assert starts(a_frame({}, {"duration_s": None}, {}, {})) == ["0:00", "1:00", "1:00+", "2:00+"]
    assert starts(a_frame()) == []


def test_the_course_has_gaps_where_nothing_is_known():
    frame = a_frame(
        {"loudness_lufs": -9.5, "bpm": 120.0, "camelot": "8A"},
        {"camelot": "9A", "duration_s": 30.0},
        {"loudness_lufs": float("nan"), "bpm": 90.0, "camelot": "3B"},
        {"loudness_lufs": -14.0},
    )
    assert course(frame) == {
        "by": "time",
        "edges": [0.0, 60.0, 90.0, 150.0, 210.0],
        "bands": [
            {"name": "loudness (LUFS)", "decimals": 1, "values": [-9.5, None, None, -14.0]},
            {"name": "tempo (BPM)", "decimals": 0, "values": [120.0, None, 90.0, None]},
        ],
        "keys": ["8A", "9A", "3B", None],
        "mixes": [None, True, False, None],
    }


def test_energy_is_the_arousal_where_there_is_one():
    frame = a_frame({"loudness_lufs": -9.5}, {}).with_columns(arousal=pl.Series([None, 0.5]))
    assert course(frame)["bands"][0] == {"name": "arousal (estimate)", "decimals": 2, "values": [None, 0.5]}


def test_without_lengths_the_course_counts_tracks():
    found = course(a_frame({"duration_s": None}, {"duration_s": None}))
    assert (found["by"], found["edges"]) == ("number", [0.0, 1.0, 2.0])
    assert [band["name"] for band in found["bands"]] == ["tempo (BPM)"]
    assert course(pl.DataFrame({"track_id": [1]}))["keys"] == [None]
    assert course(a_frame())["mixes"] == []


# Files


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Rain", "Rain.m3u8"),
        ("AC/DC: live?", "AC_DC_ live_.m3u8"),
        ("con", "con_.m3u8"),
        (" .. ", "playlist.m3u8"),
        ("Björk", "Björk.m3u8"),
    ],
)
def test_file_name(name, expected):
    assert file_name(name, "m3u8") == expected


def test_folders_complete_what_was_typed(tmp_path):
    for name in ("Music", "Mixes", ".hidden", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "Mfile").touch()
    assert folders_for(str(tmp_path)) == [str(tmp_path / name) for name in ("Mixes", "Music", "other")]
    assert folders_for(str(tmp_path / "M")) == [str(tmp_path / name) for name in ("Mixes", "Music")]
    assert folders_for(str(tmp_path / ".h")) == [str(tmp_path / ".hidden")]
    assert folders_for(str(tmp_path / "nowhere" / "at all")) == []
