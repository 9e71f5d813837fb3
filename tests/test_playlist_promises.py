"""What a playlist says of constraints that cannot be met, alone and together, and what it takes back."""

import json

import numpy as np
import polars as pl

from workbench.models import TRACKS
from workbench.playlists import Playlist
from workbench.spaces import Space


def a_playlist(*rows):
    """Tracks 1, 2, ... with what each row names."""
    return Playlist("Rain", pl.DataFrame([{"track_id": n, **row} for n, row in enumerate(rows, start=1)], TRACKS))


def on_a_line(ids, places):
    """Tracks along a quarter of a circle, at places from 0 to 1."""
    angles = np.array(places) * np.pi / 2
    matrix = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    return Space(np.array(ids), matrix, "made", {"all": slice(0, 2)}, "1")


LINE = on_a_line(range(1, 11), np.linspace(0, 1, 10))
TEN = a_playlist(
    *[{"duration_s": 240.0, "title": f"T{n}", "artists": [name]} for n, name in enumerate("AABBCCDDEE", start=1)]
)


# Lengths


def test_too_little_music_is_said():
    assert TEN.limit(minutes=60).remarks == ("the 10 tracks last 40 minutes, not 60",)
    assert TEN.limit(tracks=20).remarks == ("there are 10 tracks, not 20",)
    assert TEN.limit(minutes=60, tracks=20).remarks == (
        "there are 10 tracks, not 20",
        "the 10 tracks last 40 minutes, not 60",
    )
    assert a_playlist({"duration_s": 90.0}).limit(minutes=2).remarks == ("the 1 track lasts 1.5 minutes, not 2",)


def test_a_limit_that_leaves_something_out_is_met():
    assert TEN.limit(minutes=39).remarks == ()
    assert TEN.limit(tracks=3).remarks == ()
    assert TEN.limit(minutes=60, tracks=3).remarks == ()
    assert TEN.limit(minutes=40).remarks == ()


def test_a_limit_that_later_verbs_undo_is_said():
    assert TEN.limit(minutes=30).at_most(1).remarks == ("the 4 tracks last 16 minutes, not 30",)
    assert TEN.limit(tracks=6).at_most(1).remarks == ("there are 3 tracks, not 6",)
    assert TEN.limit(tracks=6).add(TEN.rows.head(2)).remarks == ("there are 8 tracks, more than 6",)
    assert TEN.limit(minutes=8).add(TEN.rows.head(1)).remarks == ("the list lasts 12 minutes, more than 8",)


def test_what_holds_again_is_not_said_any_more():
    assert TEN.limit(tracks=12).add(TEN.rows.head(2)).remarks == ()
    assert TEN.limit(minutes=60).limit(tracks=4).remarks == (), "the last length that was asked for counts"
    assert TEN.limit(minutes=8).add(TEN.rows.head(1)).limit(tracks=2).remarks == ()


def test_unknown_lengths_are_said():
    unsure = a_playlist({"duration_s": 60.0}, {}, {"duration_s": float("nan")}, {"duration_s": 60.0})
    assert unsure.limit(minutes=1).remarks == ("2 tracks of unknown length count as none",)


# How many of a kind


def test_versions_and_artists_are_thinned_together():
    titles = ["Rain", "Rain (Live)", "Sun", "Rain - 2011 Remaster", "Snow", "Fog"]
    playlist = a_playlist(*({"title": title, "artists": ["Ann"]} for title in titles))
    assert playlist.distinct().track_ids == [1, 3, 5, 6]
    both = playlist.distinct().at_most(2).limit(tracks=3)
    assert both.track_ids == [1, 3]
    assert both.remarks == ("there are 2 tracks, not 3",)
    assert [step.verb for step in both.steps] == ["distinct", "at_most", "limit"]


def test_distinct_keeps_whom_it_cannot_judge():
    nameless = a_playlist({"title": "Rain"}, {"title": "Rain"}, {"artists": ["Ann"]}, {"artists": ["Ann"]})
    assert nameless.distinct().track_ids == [1, 2, 3, 4]
    copies = a_playlist({"audio_hash": "a"}, {"audio_hash": "b"}, {"audio_hash": "a"})
    assert copies.distinct().track_ids == [1, 2]
    assert nameless.add(nameless.rows.head(1)).distinct().track_ids == [1, 2, 3, 4], "it is its own version"
    assert Playlist("", pl.DataFrame({"track_id": [4, 4, 5]})).distinct().track_ids == [4, 5]


def test_what_is_added_later_may_break_both():
    playlist = TEN.at_most(1).distinct()
    assert playlist.remarks == ()
    assert playlist.add(TEN.rows.head(2)).remarks == (
        "more than 1 per artist: A (3)",
        "1 track is a version of one before",
    )
    assert playlist.add(TEN.rows.head(2)).distinct().at_most(1).remarks == ()


# Orders


def test_a_limit_that_cuts_a_journey_says_so():
    journey = TEN.order("journey", space=LINE, start=1, end=10)
    assert journey.track_ids == [*range(1, 11)]
    assert journey.remarks == ()
    cut = journey.limit(minutes=12)
    assert cut.remarks == ("the limit leaves out 7 tracks, the end of the journey among them",)
    assert cut.add(TEN.rows.tail(1)).remarks[0] == "the list lasts 16 minutes, more than 12"
    assert journey.limit(tracks=10).remarks == ()


def test_a_journey_whose_ends_are_taken_or_moved_says_so():
    journey = TEN.order("journey", space=LINE, start=1, end=10)
    assert journey.at_most(1).remarks == ("the end of the journey, track 10, is not in the list any more",)
    assert journey.remove([1]).remarks == ("the start of the journey, track 1, is not in the list any more",)
    assert journey.move(9, 4).remarks == ("the end of the journey, track 10, stands at position 5",)
    assert journey.move(9, 4).move(4, 9).remarks == ()
    assert journey.remove(range(1, 11)).remarks[1].startswith("the end of the journey")


def test_a_limit_that_cuts_an_arc_says_how_much_of_it():
    arc = TEN.add(pl.DataFrame({"track_id": [11]})).rows.with_columns(arousal=pl.int_range(11) / 11)
    arc = Playlist("Rain", arc).order("energy arc")
    assert arc.limit(tracks=10).remarks == ("the limit leaves out 1 track, the end of the arc among them",)
    assert arc.limit(tracks=3).remarks == ("the limit leaves out 8 tracks, the peak and the end of the arc among them",)
    assert arc.at_most(1).remarks == (), "it rises and falls all the same"


def test_clashes_are_counted_anew():
    codes = ["1A", "2A", "3A", "4A"]
    mixed = a_playlist(*({"camelot": code, "bpm": 100.0} for code in codes)).order("harmonic")
    assert mixed.remarks == ()
    gap = mixed.remove([2])
    first = gap.track_ids.index(1)
    assert gap.remarks == (f"1 of 2 steps does not mix: position {'1-2' if first == 0 else '2-3'}",)
    assert gap.remove([1]).remarks == ()
    assert mixed.order("title").remove([2]).remarks == (), "nobody promised that this one mixes"
    many = a_playlist(*({"camelot": f"{n}A", "bpm": 40.0 * 1.2**n} for n in (1, 2, 3, 4, 5, 6, 7, 8))).order("harmonic")
    assert many.remarks[0].startswith(
        f"{len(many) - 1} of 7 steps do not mix: positions 1-2, 2-3, 3-4, 4-5, 5-6, and 2"
    )


def test_strangers_are_named_where_they_stand_now():
    flow = TEN.order("flow", space=on_a_line([1, 3, 4, 6, 7, 8, 10], np.linspace(0, 1, 7)))
    assert flow.remarks == ("3 tracks have no place in the space, and stand at the end",)
    assert flow.track_ids[-3:] == [2, 5, 9]
    assert flow.move(9, 0).remarks == ("3 tracks have no place in the space: positions 1, 9-10",)
    assert flow.limit(tracks=8).remarks == ("1 track has no place in the space, and stands at the end",)
    assert flow.remove([2, 5, 9]).remarks == ()


def test_a_way_whose_end_is_cut_off_says_so():
    way = TEN.through(1, 10, space=LINE, tracks=5)
    assert way.limit(tracks=3).remarks == ("the limit leaves out 2 tracks, the end of the way among them",)
    assert way.order("title").remarks == ()


def test_every_step_can_be_done_again_from_its_arguments():
    """As JSON, with the space in the place of its recipe."""
    made = TEN.distinct().through(2, 9, space=LINE, tracks=6).order("flow", space=LINE, start=2).at_most(1)
    made = made.order("journey", space=LINE, start=2, end=9).limit(minutes=90, tracks=4)
    again = TEN
    for step in made.steps:
        arguments = json.loads(json.dumps(dict(step.arguments)))
        json.dumps(dict(step.found))
        again = getattr(again, step.verb)(**({**arguments, "space": LINE} if "space" in arguments else arguments))
    assert again.track_ids == made.track_ids
    assert again.steps == made.steps
    assert again.remarks == made.remarks
