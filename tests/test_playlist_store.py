"""What a store keeps of playlists: whole round trips, and what somebody else has written into it."""

import json
import sqlite3

import numpy as np
import polars as pl
import pytest

import workbench as wb
from workbench import preferences
from workbench.errors import PlaylistError, SpaceError, StoreWarning, WorkbenchError
from workbench.playlists import Origin, Step, origin_of, steps_of

NAN, WIDE = float("nan"), 10**30
SQUARE = [[-1, -1], [0, -1], [0, 0], [-1, 0]]
REGION = {
    "polygon": SQUARE,
    "map": "0" * 64,
    "space": {"kind": "timbre", "version": "1"},
    "seed": 0,
    "landmarks": [[1, 0.5, 0.5]],
}
RECIPE = {"kind": "timbre", "weights": {"rhythm": 2.0}}


@pytest.fixture
def library(demo_home, tmp_path):
    """A copy of the demo's library, that a test may change."""
    copy = tmp_path / "library.db"
    with sqlite3.connect(demo_home / "data" / "library.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return wb.Library(copy)


def run(playlist, library):
    """The playlist that its own lines of Python make."""
    lines, scope = playlist.code().splitlines(), {"wb": wb, "pl": pl, "library": library}
    exec("\n".join(lines[:-1]), scope)  # noqa: S102  our own code
    return eval(lines[-1], scope)  # noqa: S307  the same


def write_selection(library, text):
    """As somebody else may have written it."""
    with sqlite3.connect(library.path) as connection:
        connection.execute("UPDATE playlist SET selection = ? WHERE name = 'Calm'", (text,))


# What is written is what was asked


def test_numbers_of_numpy_are_kept_and_printed_as_numbers(library):
    """A start that came from a numpy array could not be saved, and was printed as ``np.int64(3)``."""
    smart = library.smart_playlist("Calm", "bpm:..120")
    start, end = np.array(smart.track_ids)[[2, 5]]
    made = (
        smart.order("flow", space=library.space(), start=start, end=end).at_most(np.int64(4)).limit(tracks=np.int32(9))
    )
    made = made.limit(minutes=np.float32(20.5))
    library.save(made)
    kept = library.playlist("Calm")
    assert (kept.track_ids, kept.steps) == (made.track_ids, made.steps)
    assert "np." not in made.code()
    assert run(made, library).track_ids == made.track_ids
    near = Origin(
        "neighbours", {"track_ids": np.array([start, end]), "n": np.int64(3), "per_artist": None, "space": "timbre"}
    )
    library.save(wb.Playlist("Calm", library.select(near), origin=near))
    assert library.playlist("Calm").origin == near


def test_a_polygon_is_the_same_when_it_comes_back(library):
    origin = Origin("mood", {"polygon": ((-1, -1), (0, -1), (0, 0))})
    library.save(wb.Playlist("Calm", library.select(origin), origin=origin))
    assert library.playlist("Calm").origin == origin


def test_tracks_that_were_added_come_again_in_their_order_and_number(library):
    """They came in the order of the library, and one that was added twice came once."""
    ids = library.tracks()["track_id"].to_list()
    more = library.tracks()[[7, 3, 7, 5]]
    smart = library.smart_playlist("Calm", "bpm:..90").remove(ids[:10]).add(more)
    assert smart.track_ids[-4:] == more["track_id"].to_list()
    assert library.refresh(smart).playlist.track_ids == smart.track_ids
    assert run(smart, library).track_ids == smart.track_ids


def test_a_weighted_space_with_any_name_of_a_block_is_printed_so_that_it_runs():
    step = Step("order", {"by": "flow", "space": {"kind": "timbre", "weights": {"a b": 2.0}}})
    code = wb.Playlist("Calm", pl.DataFrame({"track_id": [1]}), (step,), Origin("query", {"text": ""})).code()
    assert ".weighted(**{'a b': 2.0})" in code
    compile(code, "code", "exec")


def test_a_saved_space_is_kept_as_what_it_was_when_the_order_was_made(library):
    library.save_space("dancing", library.space(kind="timbre").weighted(rhythm=3))
    smart = library.smart_playlist("Calm", "bpm:..120").order("flow", space=library.space(kind="dancing"))
    assert smart.steps[0].arguments["space"] == {"kind": "timbre", "weights": {"rhythm": 3.0}}
    library.save_space("dancing", library.space(kind="timbre").weighted(rhythm=0))
    assert library.refresh(smart).playlist.track_ids == smart.track_ids
    assert run(smart, library).track_ids == smart.track_ids


def test_a_group_is_asked_again_in_the_space_it_was_made_in(library):
    """The usual space is another one as soon as many tracks wait for the learned model."""
    groups = {kind: library.groups(n=9, seed=1, kind=kind) for kind in ("timbre", "learned")}
    member, found = next(
        (member, found)
        for member in library.tracks()["track_id"]
        if (found := {kind: wb.clusters.holding(each, member)["track_id"].to_list() for kind, each in groups.items()})
        and found["timbre"] != found["learned"]
    )
    for kind, ids in found.items():
        origin = Origin("group", {"member": member, "n": 9, "method": "kmeans", "seed": 1, "space": kind})
        assert library.select(origin)["track_id"].to_list() == ids
        assert run(wb.Playlist("Calm", library.select(origin), origin=origin), library).track_ids == ids


@pytest.mark.parametrize("minutes", [NAN, float("inf"), -1])
def test_a_limit_that_no_json_holds_is_refused(library, minutes):
    with pytest.raises(PlaylistError, match="0 or more, and finite"):
        library.smart_playlist("Calm", "").limit(minutes=minutes)


def test_a_search_that_is_asked_again_is_none_that_was_typed(library, tmp_path, monkeypatch):
    """Refreshing a playlist counted its search among those that its user had made."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    preferences.save(preferences.Preferences(record_searches=True))
    library.search("genre:ambient")
    library.save(library.smart_playlist("Calm", "genre:ambient"))
    before = library.searches()["times"].sum()
    assert before >= 1
    library.refresh("Calm")
    assert library.searches()["times"].sum() == before


# What somebody else has written


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("query", {"text": 5}),
        ("query", {"text": "\ud800"}),
        ("region", {**REGION, "polygon": "abc"}),
        ("region", {**REGION, "polygon": [["a", "b"]] * 3}),
        ("region", {**REGION, "polygon": [[0, 0], [1, 1]]}),
        ("region", {**REGION, "polygon": [[0, NAN]] * 3}),
        ("region", {**REGION, "space": "timbre"}),
        ("region", {**REGION, "space": {"kind": 5, "version": "1"}}),
        ("region", {**REGION, "seed": "0); import os; (0"}),
        ("region", {**REGION, "landmarks": [[1, 2]]}),
        ("region", {**REGION, "landmarks": [["1", 2, 3]]}),
        ("region", {**REGION, "of": 5}),
        ("region", {**REGION, "track_ids": "12"}),
        ("region", {**REGION, "among": [1]}),
        ("region", {**REGION, "among_ids": [WIDE]}),
        ("mood", {"mood": []}),
        ("mood", {"polygon": [1, 2, 3]}),
        ("neighbours", {"track_ids": [1.5], "n": 5, "per_artist": None, "space": "timbre"}),
        ("neighbours", {"track_ids": [1], "n": "5", "per_artist": None, "space": "timbre"}),
        ("neighbours", {"track_ids": [1], "n": 5, "per_artist": "__import__('os')", "space": "timbre"}),
        ("neighbours", {"track_ids": [1], "n": 5, "per_artist": None, "space": ["timbre"]}),
        ("group", {"member": "1) or (1", "n": 5, "method": "kmeans", "seed": 0}),
        ("group", {"member": 1, "n": True, "method": "kmeans", "seed": 0}),
        ("group", {"member": 1, "n": 5, "method": "kmeans", "seed": -1}),
    ],
)
def test_an_origin_of_another_shape_is_refused(kind, detail):
    with pytest.raises(PlaylistError, match=f"tracks from a {kind}: its"):
        origin_of({"kind": kind, "detail": detail})


@pytest.mark.parametrize("kept", [None, 5, "query", [], {"kind": "query"}, {"kind": [], "detail": {}}])
def test_what_is_no_origin_is_refused(kept):
    with pytest.raises(PlaylistError, match="a kind and a detail"):
        origin_of(kept)


@pytest.mark.parametrize(
    "step",
    [
        {"verb": "order", "arguments": {"by": []}},
        {"verb": "order", "arguments": {}},
        {"verb": "order", "arguments": {"by": "flow", "space": 5}},
        {"verb": "order", "arguments": {"by": "flow", "space": {"kind": "timbre", "weights": {"rhythm": "x"}}}},
        {"verb": "order", "arguments": {"by": "shuffle", "seed": -1}},
        {"verb": "order", "arguments": {"by": "flow", "start": [1]}},
        {"verb": "order", "arguments": {"by": "bpm", "x=print()": 1}},
        {"verb": "limit", "arguments": {"tracks": WIDE}},
        {"verb": "limit", "arguments": {"minutes": "9"}},
        {"verb": "limit", "arguments": "tracks"},
        {"verb": "limit", "arguments": [["tracks", 5]]},
        {"verb": "at_most", "arguments": {"n": "x"}},
        {"verb": "add", "arguments": {}},
        {"verb": "add", "arguments": {"track_ids": ["x"]}},
        {"verb": "through", "arguments": {"start": 1, "end": 2}},
        {"verb": ["order"]},
        {"verb": "write", "arguments": {"path": "/x"}},
        {"verb": "__class__"},
        {"verb": "order", "arguments": {"by": "bpm"}, "found": {"unplaced": 5}},
        {"verb": "order", "arguments": {"by": "bpm"}, "found": {"unplaced": [1]}},
        {"verb": "limit", "arguments": {"tracks": 5}, "found": {"seconds": 1e9}},
        {"verb": "limit", "arguments": {"tracks": 5}, "found": [1]},
    ],
)
def test_a_step_of_another_shape_is_refused(step):
    with pytest.raises(PlaylistError, match="the playlist was made with"):
        steps_of([step])


def test_steps_as_they_are_written_are_taken():
    kept = [
        {
            "verb": "order",
            "arguments": {"by": "flow", "space": RECIPE, "start": 3},
            "found": {"unplaced": [9], "why": "w"},
        },
        {"verb": "limit", "arguments": {"minutes": 9, "tracks": None}, "found": {"seconds": 540.0, "new": 1}},
        {"verb": "at_most", "arguments": {"n": 2, "per": "album"}},
        {"verb": "distinct"},
    ]
    assert [step.verb for step in steps_of(kept)] == ["order", "limit", "at_most", "distinct"]
    assert steps_of(kept)[1].arguments == {"minutes": 9}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "5",
        '"text"',
        "[1]",
        "[" * 100_000,
        '{"origin": 5}',
        '{"origin": {"kind": {}}}',
        '{"origin": {"kind": "\\ud800"}}',
        "not json",
    ],
)
def test_a_selection_that_is_none_costs_only_itself(library, text):
    """One such text made `playlists` fail for all, and `playlist` raise what no caller expects."""
    library.save(library.smart_playlist("Calm", "genre:ambient"))
    library.save(library.smart_playlist("Slow", "bpm:..90"))
    ids = library.playlist("Calm").track_ids
    write_selection(library, text)
    assert library.playlists().filter(name="Slow")["origin"].to_list() == ["query"]
    with pytest.warns(StoreWarning, match="'Calm' opens as a list"):
        calm = library.playlist("Calm")
    assert (calm.track_ids, calm.origin) == (ids, None)
    library.save(calm)
    assert library.playlists().filter(name="Calm")["origin"].to_list() == [None]


@pytest.mark.parametrize(
    "kept",
    [
        {
            "origin": {
                "kind": "neighbours",
                "detail": {"track_ids": [1], "n": 10**9, "per_artist": 1, "space": "timbre"},
            }
        },
        {"origin": {"kind": "neighbours", "detail": {"track_ids": [], "n": 5, "per_artist": 1, "space": "timbre"}}},
        {"origin": {"kind": "neighbours", "detail": {"track_ids": [1], "n": 5, "per_artist": 0, "space": "../x"}}},
        {"origin": {"kind": "group", "detail": {"member": 1, "n": 10**9, "method": "kmeans", "seed": 0}}},
        {"origin": {"kind": "group", "detail": {"member": 1, "n": None, "method": "x", "seed": 10**12}}},
        {"origin": {"kind": "region", "detail": {**REGION, "seed": 10**12}}},
        {"origin": {"kind": "region", "detail": {**REGION, "among_ids": []}}},
        {"origin": {"kind": "query", "detail": {"text": "((("}}},
        {
            "steps": [
                {"verb": "at_most", "arguments": {"n": 1, "per": "nothing"}},
                {"verb": "add", "arguments": {"track_ids": [1]}},
            ]
        },
        {"steps": [{"verb": "order", "arguments": {"by": "artists"}}]},
        {"steps": [{"verb": "limit", "arguments": {"minutes": -5}}]},
        {"steps": [{"verb": "remove", "arguments": {"track_ids": [*range(200_000)]}}]},
    ],
    ids=lambda kept: json.dumps(kept)[:60],
)
def test_whatever_is_asked_is_answered_or_refused(library, kept):
    library.save(library.smart_playlist("Calm", "genre:ambient"))
    write_selection(library, json.dumps({"origin": {"kind": "query", "detail": {"text": ""}}, "steps": [], **kept}))
    playlist = library.playlist("Calm")
    assert repr(playlist)
    assert playlist.code()
    try:
        assert repr(library.refresh("Calm"))
    except WorkbenchError as error:
        assert str(error)  # noqa: PT017  either will do


# Regions


def test_a_region_of_an_empty_map_is_refused(library):
    """It was taken for one of the map that was remembered last."""
    layout = library.similarity_map()
    with pytest.raises(SpaceError, match="no track on this map"):
        library.region(layout.head(0), SQUARE)


def test_rows_without_a_place_and_rows_that_come_twice_do_not_hide_the_map(library):
    layout = library.similarity_map()
    wide = [(-1e6, -1e6), (1e6, -1e6), (1e6, 1e6), (-1e6, 1e6)]
    whole = library.region(layout, wide)
    row = pl.col("track_id") == layout["track_id"][4]
    lost = layout.with_columns(x=pl.when(row).then(NAN).otherwise("x"))
    odd = library.region(pl.concat([lost, lost.head(9)]), wide)
    assert odd.detail["map"] == whole.detail["map"]
    assert layout["track_id"][4] not in odd.detail["among_ids"]
    assert len(odd.detail["landmarks"]) == len({mark[0] for mark in odd.detail["landmarks"]})
    assert len(whole.detail["landmarks"]) <= 32
