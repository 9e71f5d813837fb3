"""Tracks in an order."""

import os
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import playlist_files
from workbench.errors import PlaylistError
from workbench.models import TRACKS
from workbench.playlists import Playlist, Step, smooth_path
from workbench.spaces import Space, unit_rows


def a_playlist(*rows):
    """Tracks 1, 2, ... with what each row names."""
    return Playlist("Rain", pl.DataFrame([{"track_id": n, **row} for n, row in enumerate(rows, start=1)], TRACKS))


def on_a_line(ids, places):
    """Tracks along a quarter of a circle, at places from 0 to 1."""
    angles = np.array(places) * np.pi / 2
    matrix = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    return Space(np.array(ids), matrix, "made", {"all": slice(0, 2)}, "1")


def length(matrix, path):
    points = matrix[path]
    return float(np.sum(1 - np.sum(points[:-1] * points[1:], axis=1)))


FIVE = a_playlist(*[{"duration_s": 60.0 * n, "artists": [name]} for n, name in enumerate("AABAC", start=1)])


def test_a_playlist_knows_its_tracks_and_length():
    assert (len(FIVE), FIVE.track_ids, FIVE.duration_s) == (5, [1, 2, 3, 4, 5], 900)
    assert repr(FIVE) == "Playlist('Rain', 5 tracks, 15:00)"


def test_an_unknown_length_adds_nothing():
    assert a_playlist({"duration_s": 90.0}, {}).duration_s == 90


def test_rows_without_ids_are_refused():
    with pytest.raises(PlaylistError, match="no 'track_id'; did you mean 'track'"):
        Playlist("Rain", pl.DataFrame({"track": [1]}))


def test_order_by_a_column_puts_unknown_last_both_ways():
    playlist = a_playlist({"bpm": 90.0}, {}, {"bpm": 60.0}, {"bpm": 90.0})
    assert playlist.order("bpm").track_ids == [3, 1, 4, 2]
    assert playlist.order("bpm", descending=True).track_ids == [1, 4, 3, 2]
    assert playlist.track_ids == [1, 2, 3, 4]


def test_keys_go_round_the_wheel():
    playlist = a_playlist(*({"camelot": code} for code in ("10A", "2A", None, "1B", "1A")))
    assert playlist.order("camelot").track_ids == [5, 4, 2, 1, 3]


def test_keys_of_another_type_have_an_order_too():
    """Of a frame without any key, or with few different ones."""
    codes = pl.Series(["10A", "2A", None], dtype=pl.Categorical)
    assert Playlist("", pl.DataFrame({"track_id": [1, 2, 3], "camelot": codes})).order("camelot").track_ids == [2, 1, 3]
    assert Playlist("", pl.DataFrame({"track_id": [1, 2], "camelot": [None, None]})).order("camelot").track_ids == [
        1,
        2,
    ]


def test_a_seed_below_zero_is_refused():
    with pytest.raises(PlaylistError, match="a seed is 0 or more, found -1"):
        FIVE.order("shuffle", seed=-1)


def test_shuffle_is_seeded():
    orders = [FIVE.order("shuffle", seed=seed).track_ids for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[2]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("by", "advice"), [("flwo", "'flow'"), ("loudness_luf", "'loudness_lufs'"), ("qqq", "choose")])
def test_an_unknown_order_names_the_nearest(by, advice):
    with pytest.raises(PlaylistError, match=advice):
        FIVE.order(by)


def test_lists_have_no_order():
    with pytest.raises(PlaylistError, match="'artists' holds lists"):
        FIVE.order("artists")


def test_flow_goes_along_a_line_with_strangers_at_the_end():
    playlist = a_playlist(*[{}] * 6)
    space = on_a_line([1, 3, 4, 5, 6], [0.1, 0.9, 0.3, 0.0, 0.6])
    assert playlist.order("flow", space=space).track_ids == [5, 1, 4, 6, 3, 2]


def test_flow_wants_a_space():
    with pytest.raises(PlaylistError, match="space="):
        FIVE.order("flow")


def test_flow_of_strangers_keeps_their_order():
    assert FIVE.order("flow", space=on_a_line([99], [0])).track_ids == [1, 2, 3, 4, 5]


def test_flow_takes_a_track_that_comes_twice():
    twice = FIVE.add(FIVE.rows.head(1))
    flow = twice.order("flow", space=on_a_line([1, 2, 3, 4, 5], [0, 0.8, 0.4, 0.6, 0.2]))
    assert flow.track_ids == [1, 1, 5, 3, 4, 2]


def test_a_path_through_points_on_a_line_is_the_line():
    places = np.random.default_rng(5).permutation(50)
    path = smooth_path(on_a_line(range(50), places / 50).matrix)
    walked = places[path].tolist()
    assert walked in ([*range(50)], [*range(49, -1, -1)])
    assert path.tolist().index(0) < 25


def test_turning_pieces_shortens_the_greedy_path():
    matrix = unit_rows(np.random.default_rng(2).normal(size=(120, 3))).astype(np.float32)
    here, left, greedy = int(np.argmin(matrix @ matrix[0])), set(range(120)), []
    while left:
        left.discard(here)
        greedy.append(here)
        here = max(left, key=lambda row: matrix[row] @ matrix[greedy[-1]], default=None)
    path = smooth_path(matrix)
    assert length(matrix, path) < 0.9 * length(matrix, greedy)
    # no turn of a piece shortens it further
    turned = [np.concatenate([path[:a], path[a:b][::-1], path[b:]]) for a in range(119) for b in range(a + 2, 121)]
    assert min(length(matrix, other) for other in turned) > length(matrix, path) - 1e-4


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 99))
def test_a_path_visits_every_row_once(n, seed):
    matrix = unit_rows(np.random.default_rng(seed).normal(size=(n, 3))).astype(np.float32)
    assert sorted(smooth_path(matrix).tolist()) == [*range(n)]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"tracks": 2}, [1, 2]),
        ({"minutes": 6}, [1, 2, 3]),
        ({"minutes": 5.9}, [1, 2]),
        ({"minutes": 6, "tracks": 1}, [1]),
        ({"minutes": 0}, []),
        ({}, [1, 2, 3, 4, 5]),
    ],
)
def test_limit_cuts_from_the_end(limits, expected):
    assert FIVE.limit(**limits).track_ids == expected


def test_a_negative_limit_is_refused():
    with pytest.raises(PlaylistError, match="0 or more"):
        FIVE.limit(minutes=-1)


def test_at_most_keeps_the_first_of_each_artist():
    assert FIVE.at_most(1).track_ids == [1, 3, 5]
    assert FIVE.at_most(2).track_ids == [1, 2, 3, 5]


def test_at_most_counts_every_artist_of_a_track_and_no_unknown_one():
    playlist = a_playlist({"artists": ["A"]}, {"artists": ["B", "A"]}, {"artists": ["B"]}, {}, {"artists": []})
    assert playlist.at_most(1).track_ids == [1, 3, 4, 5]


def test_at_most_counts_those_who_are_named_in_one_column_only():
    """Rows of a frame without lists of artists were added to rows that have them, and all stayed."""
    named = pl.DataFrame({"track_id": [1, 2], "artist": ["Ann", "Bo"], "artists": [["Ann"], ["Bo"]]})
    added = Playlist("", named).add(pl.DataFrame({"track_id": [3, 4], "artist": ["Ann", None]}))
    assert added.at_most(1).track_ids == [1, 2, 4]


def test_at_most_per_another_column():
    playlist = a_playlist({"album": "X"}, {"album": "X"}, {"album": None}, {"album": None})
    assert playlist.at_most(1, per="album").track_ids == [1, 3, 4]


def test_at_most_refuses_none_and_unknown_columns():
    with pytest.raises(PlaylistError, match="1 or more"):
        FIVE.at_most(0)
    with pytest.raises(PlaylistError, match="did you mean 'album'"):
        FIVE.at_most(1, per="albun")


def test_add_keeps_the_columns_of_the_list():
    more = pl.DataFrame({"track_id": [9], "title": ["Nine"], "x": [0.5]})
    longer = FIVE.add(more)
    assert longer.track_ids == [1, 2, 3, 4, 5, 9]
    assert longer.rows["title"][-1] == "Nine"
    assert longer.rows.schema == FIVE.rows.schema


def test_add_refuses_a_column_of_another_type():
    with pytest.raises(PlaylistError, match="do not fit"):
        FIVE.add(pl.DataFrame({"track_id": [9], "artists": [7]}))


def test_remove_takes_every_occurrence():
    assert FIVE.add(FIVE.rows).remove([2, 4, 99]).track_ids == [1, 3, 5, 1, 3, 5]


@pytest.mark.parametrize(
    ("position", "to", "expected"), [(0, 2, [2, 3, 1, 4, 5]), (4, 0, [5, 1, 2, 3, 4]), (1, 1, [1, 2, 3, 4, 5])]
)
def test_move_puts_a_track_at_a_position(position, to, expected):
    assert FIVE.move(position, to).track_ids == expected


@pytest.mark.parametrize(("position", "to"), [(5, 0), (0, 5), (-1, 0)])
def test_move_outside_is_refused(position, to):
    with pytest.raises(PlaylistError, match="positions are 0 to 4"):
        FIVE.move(position, to)


def test_writing_and_reading_gives_the_same_files(tmp_path):
    paths = [os.fsencode(tmp_path / name) for name in ("ä b.mp3", "c#.flac")]
    playlist = a_playlist(*[{"path_bytes": path, "title": "T", "duration_s": 61.0} for path in paths])
    target = playlist.write(tmp_path / "rain.m3u8")
    read = playlist_files.read(target)
    assert [entry.path for entry in read.entries] == paths
    assert [entry.duration_s for entry in read.entries] == [61, 61]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are text there")
def test_the_exact_bytes_of_a_path_are_written(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.mp3"
    playlist = a_playlist({"path_bytes": path, "path": path.decode(errors="replace")})
    assert playlist_files.read(playlist.write(tmp_path / "rain.xspf")).entries[0].path == path


def test_a_path_for_people_serves_where_no_exact_one_is(tmp_path):
    playlist = Playlist("Rain", pl.DataFrame({"track_id": [1], "path": [str(tmp_path / "a.mp3")]}))
    read = playlist_files.read(playlist.write(tmp_path / "rain.pls", relative=False))
    assert read.entries[0].path == os.fsencode(tmp_path / "a.mp3")


def test_a_file_that_is_there_stays(tmp_path):
    playlist = a_playlist({"path": str(tmp_path / "a.mp3")})
    target = playlist.write(tmp_path / "rain.m3u8")
    with pytest.raises(PlaylistError, match="overwrite"):
        playlist.write(target)
    assert playlist.write(target, overwrite=True) == target


def test_a_track_without_a_path_is_refused(tmp_path):
    with pytest.raises(PlaylistError, match=r"track 1 has no path.*remove\(\[1\]\)"):
        a_playlist({}).write(tmp_path / "rain.m3u8")


def test_html_escapes_what_tags_say():
    evil = "<img src=x onerror=alert(1)>"
    page = Playlist(evil, a_playlist({"title": evil, "bpm": 119.7, "duration_s": 3700.0}).rows)._repr_html_()
    assert "<img" not in page
    assert "&lt;img" in page
    assert "<td>120</td>" in page
    assert "<td>1:01:40</td>" in page


def test_html_shows_the_first_twenty():
    page = a_playlist(*[{}] * 23)._repr_html_()
    assert page.count("<tr>") == 21
    assert "and 3 more" in page


def test_arrange_puts_the_named_ones_first_and_twins_where_they_are_named():
    twice = Playlist("Twice", pl.DataFrame({"track_id": [5, 6, 7, 6]}))
    assert twice.arrange([7, 9, 5]).track_ids == [7, 5, 6, 6]
    assert twice.move(3, 0).track_ids == [6, 5, 6, 7]
    assert twice.arrange(twice.move(3, 0).steps[-1].arguments["track_ids"]).track_ids == [6, 5, 6, 7]


def test_a_playlist_remembers_its_steps():
    playlist = FIVE.order("duration_s", descending=True).limit(minutes=10).at_most(1).remove([1])
    assert [(step.verb, dict(step.arguments)) for step in playlist.steps] == [
        ("order", {"by": "duration_s", "descending": True}),
        ("limit", {"minutes": 10}),
        ("at_most", {"n": 1, "per": "artist"}),
        ("remove", {"track_ids": [1]}),
    ]


def test_remarks_are_shown():
    noted = Playlist("Rain", FIVE.rows, (Step("limit", {"tracks": 9}, {"tracks": 9}),))
    assert noted.remarks == ("there are 5 tracks, not 9",)
    assert repr(noted).endswith("\n  there are 5 tracks, not 9")
    assert "<i>there are 5 tracks, not 9</i>" in noted._repr_html_()


def test_a_step_is_what_was_asked_not_what_was_found():
    assert Step("limit", {"tracks": 9}, {"tracks": 9}) == Step("limit", {"tracks": 9})


def test_a_length_that_is_no_number_adds_nothing():
    odd = a_playlist({"duration_s": float("nan"), "bpm": float("nan")}, {"duration_s": 60.0}, {})
    assert odd.duration_s == 60
    assert odd.limit(minutes=1).track_ids == [1, 2, 3]
    assert repr(odd) == "Playlist('Rain', 3 tracks, 1:00)"
    assert "nan" not in odd._repr_html_()
    assert odd.order("bpm", descending=True).track_ids == [1, 2, 3]
