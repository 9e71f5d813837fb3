"""Playlists that are made again when new music has come."""

import json
import shutil
import sqlite3

import polars as pl
import pytest

import workbench as wb
from workbench.errors import PlaylistError, SpaceError, StoreWarning
from workbench.playlists import Origin, Step


@pytest.fixture
def library(demo_home, tmp_path):
    """A copy of the demo's library, that a test may change."""
    copy = tmp_path / "library.db"
    with sqlite3.connect(demo_home / "data" / "library.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return wb.Library(copy)


def corners(layout, share=0.5):
    """A rectangle around the left part of a map."""
    left, right = layout["x"].min(), layout["x"].min() + share * (layout["x"].max() - layout["x"].min())
    low, high = layout["y"].min() - 1, layout["y"].max() + 1
    return [(left - 1, low), (right, low), (right, high), (left - 1, high)]


def hidden(library, track_ids):
    """The library as if these tracks were not analysed yet; what was taken is given back by the function."""
    connection = sqlite3.connect(library.path)
    marks = ",".join(map(str, track_ids))
    kept = {
        table: connection.execute(f"SELECT * FROM {table} WHERE track_id IN ({marks})").fetchall()  # noqa: S608  a test
        for table in ("audio_features", "embedding")
    }
    for table in kept:
        connection.execute(f"DELETE FROM {table} WHERE track_id IN ({marks})")  # noqa: S608  the same
    connection.execute("DELETE FROM layout")
    touched(connection)

    def back():
        for table, rows in kept.items():
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608
        touched(connection)

    return back


def touched(connection):
    """Say that all tracks may have changed, as a writer of the store does."""
    connection.execute("INSERT INTO change (revision, track_ids) VALUES (hex(randomblob(8)), NULL)")
    connection.commit()


def test_a_search_finds_what_came_since(library):
    calm = library.smart_playlist("Calm", "genre:ambient").order("bpm").limit(tracks=5)
    library.save(calm)
    first = library.playlist("Calm")
    assert (first.track_ids, first.origin, first.steps) == (calm.track_ids, calm.origin, calm.steps)
    assert not library.refresh("Calm").is_changed
    slow = library.search("-genre:ambient")["track_id"][0]
    library.correct(slow, genres=["Ambient"], bpm=21)
    library.correct(calm.track_ids[2], genres=["Techno"])
    found = library.refresh("Calm")
    assert found.added["track_id"].to_list() == [slow]
    assert found.playlist.track_ids[0] == slow
    assert calm.track_ids[2] in found.gone["track_id"].to_list()
    assert library.playlist("Calm").track_ids == calm.track_ids, "nothing is saved before it is said"
    library.save(found.playlist)
    assert library.playlist("Calm").track_ids == found.playlist.track_ids
    assert not library.refresh("Calm").is_changed


def test_a_region_of_the_map_takes_in_what_is_analysed_later(library):
    late = library.similarity_map().sort("x")["track_id"].to_list()[:20:4]
    back = hidden(library, late)
    layout = library.similarity_map()
    assert not set(late) & set(layout["track_id"])
    origin = library.region(layout, corners(layout))
    picked = wb.maps.inside(layout, corners(layout))
    assert library.select(origin)["track_id"].to_list() == picked["track_id"].to_list()
    library.save(wb.Playlist("Left", picked, origin=origin).order("flow", space=library.space()))
    back()
    found = library.refresh("Left")
    there = set(wb.maps.inside(library.similarity_map(), corners(layout))["track_id"])  # the same map, grown
    assert set(found.added["track_id"]) == set(late) & there != set()
    assert found.gone.is_empty()
    assert found.remarks == ()


def test_a_region_of_a_map_of_some_tracks(library):
    some = library.search("bpm:100..")
    layout = library.similarity_map(some, seed=3)
    by_search = library.region(layout, corners(layout), of="bpm:100..")
    alone = library.region(layout, corners(layout))
    picked = wb.maps.inside(layout, corners(layout))["track_id"].to_list()
    assert library.select(by_search)["track_id"].to_list() == library.select(alone)["track_id"].to_list() == picked
    assert by_search.detail["of"] == "bpm:100.."
    assert sorted(alone.detail["track_ids"]) == sorted(layout["track_id"])
    whole = library.similarity_map()
    part = whole.join(some, on="track_id", how="semi")
    among = library.region(part, corners(whole), of="bpm:100..")
    assert among.detail["among"] == "bpm:100.."
    inside = wb.maps.inside(part, corners(whole))["track_id"].to_list()
    assert library.select(among)["track_id"].to_list() == inside
    assert library.select(library.region(part, corners(whole)))["track_id"].to_list() == inside


def test_a_map_that_was_drawn_anew_is_said(library):
    layout = library.similarity_map()
    playlist = wb.Playlist(
        "Left", wb.maps.inside(layout, corners(layout)), origin=library.region(layout, corners(layout))
    )
    connection = sqlite3.connect(library.path)
    turned = (-layout.sort("track_id").select("x", "y").to_numpy()).astype("<f4").tobytes()
    key = playlist.origin.detail["map"]
    ids = layout.sort("track_id")["track_id"].to_numpy().astype("<i8").tobytes()
    connection.execute("UPDATE layout SET points = ?, track_ids = ? WHERE key = ?", (turned, ids, key))
    touched(connection)
    found = library.refresh(playlist)
    assert "the map was drawn anew" in found.remarks[0]
    assert found.doubt == found.remarks[0]


def test_a_playlist_of_which_nothing_is_left_is_doubtful(library, command, tmp_path):
    slow = library.tracks().sort("bpm", nulls_last=True)["track_id"][0]
    library.correct(slow, bpm=20)
    library.save(library.smart_playlist("Slowest", "bpm:..21"))
    assert library.refresh("Slowest").doubt == ""
    library.correct(slow, bpm=200)
    assert library.refresh("Slowest").doubt == "no track would be left"
    kept = command("refresh", "--library", library.path, cwd=tmp_path)
    assert "Kept as it was: no track would be left. --anyway saves it." in kept.stderr
    assert library.playlist("Slowest").track_ids == [slow]
    command("refresh", "Slowest", "--anyway", "--library", library.path, cwd=tmp_path)
    assert library.playlist("Slowest").track_ids == []


def test_a_layout_that_the_library_does_not_know_is_refused(library):
    layout = library.similarity_map().with_columns(pl.col("x") + 1)
    with pytest.raises(SpaceError, match="no map is remembered"):
        library.region(layout, corners(layout))


def test_neighbours_groups_and_moods(library):
    seed = library.tracks()["track_id"][3]
    near = Origin("neighbours", {"track_ids": [seed], "n": 7, "per_artist": 2, "space": library.space_kind()})
    nearest = wb.nearest(library.space(), [seed], n=7, tracks=library.tracks(), per_artist=2)
    assert set(library.select(near)["track_id"]) == set(nearest["neighbour_id"])
    grouped = library.groups(n=5, seed=1)
    group = Origin("group", {"member": seed, "n": 5, "method": "kmeans", "seed": 1})
    expected = wb.clusters.holding(grouped, seed)["track_id"].to_list()
    assert library.select(group)["track_id"].to_list() == expected
    moods = library.moods()
    mood = moods["mood"].drop_nulls()[0]
    assert len(library.select(Origin("mood", {"mood": mood}))) == (moods["mood"] == mood).sum()
    square = [(-1, -1), (0, -1), (0, 0), (-1, 0)]
    sad = wb.maps.inside(moods, square, x="valence", y="arousal")
    assert library.select(Origin("mood", {"polygon": square}))["track_id"].to_list() == sad["track_id"].to_list()


def test_a_group_whose_track_is_gone_is_refused(library):
    with pytest.raises(PlaylistError, match="track 999999, by which the group is known"):
        library.select(Origin("group", {"member": 999_999, "n": 5, "method": "kmeans", "seed": 1}))


@pytest.mark.parametrize(
    "origin",
    [
        Origin("query", {"text": "genre:ambient 'quoted' bpm:..120"}),
        Origin("neighbours", {"track_ids": [1, 2], "n": 5, "per_artist": None, "space": "timbre"}),
        Origin("group", {"member": 1, "n": None, "method": "kmeans", "seed": 0}),
        Origin("mood", {"mood": "calm & happy"}),
        Origin("mood", {"polygon": [[-1, -1], [0, -1], [0, 0], [-1, 0]]}),
    ],
    ids=str,
)
def test_the_code_of_an_origin_finds_the_same(library, origin):
    rows = eval(origin.code, {"library": library, "wb": wb, "pl": pl})  # noqa: S307  our own code
    assert rows["track_id"].to_list() == library.select(origin)["track_id"].to_list()


def test_the_code_of_a_playlist_makes_it_again(library):
    layout = library.similarity_map()
    origin = library.region(layout, corners(layout))
    playlist = wb.Playlist("It's left", library.select(origin), origin=origin)
    extra = library.tracks().tail(3)
    made = playlist.remove(playlist.track_ids[:2]).add(extra).order("flow", space=library.space()).at_most(3)
    made = made.limit(minutes=30).arrange(made.track_ids[3:5])
    lines = made.code().splitlines()
    scope = {"library": library, "wb": wb, "pl": pl}
    exec("\n".join(lines[:-1]), scope)  # noqa: S102  our own code
    again = eval(lines[-1], scope)  # noqa: S307  the same
    assert (again.name, again.track_ids) == (made.name, made.track_ids)
    plain = wb.Playlist("Plain", library.tracks().head(4)).move(3, 0)
    lines = plain.code().splitlines()
    exec("\n".join(lines[:-1]), scope)  # noqa: S102
    assert eval(lines[-1], scope).track_ids == plain.track_ids  # noqa: S307


def test_a_list_cannot_be_asked_again(library):
    library.save(wb.Playlist("Plain", library.tracks().head(2)))
    with pytest.raises(PlaylistError, match="a list of tracks"):
        library.refresh("Plain")
    assert library.playlists().filter(name="Plain")["origin"].to_list() == [None]


def test_a_plain_list_takes_the_place_of_a_smart_one(library):
    library.save(library.smart_playlist("Calm", "genre:ambient"))
    assert library.playlists().filter(name="Calm").select("origin", "query").row(0) == ("query", "genre:ambient")
    library.save(wb.Playlist("Calm", library.tracks().head(2)))
    assert library.playlists().filter(name="Calm").select("origin", "query").row(0) == (None, None)


@pytest.mark.parametrize(
    "kept",
    [
        {"origin": {"kind": "telepathy", "detail": {}}, "steps": []},
        {"origin": {"kind": "query", "detail": {}}, "steps": []},
        {
            "origin": {"kind": "query", "detail": {"text": "a"}},
            "steps": [{"verb": "write", "arguments": {"path": "/x"}}],
        },
        {"origin": {"kind": "query", "detail": {"text": "a"}}, "steps": "order"},
        {},
    ],
)
def test_what_a_newer_workbench_saved_opens_as_a_list(library, kept):
    library.save(library.smart_playlist("Calm", "genre:ambient"))
    ids = library.playlist("Calm").track_ids
    with sqlite3.connect(library.path) as connection:
        connection.execute("UPDATE playlist SET selection = ? WHERE name = 'Calm'", (json.dumps(kept),))
    with pytest.warns(StoreWarning, match="'Calm' opens as a list"):
        playlist = library.playlist("Calm")
    assert (playlist.track_ids, playlist.origin) == (ids, None)


def test_a_step_that_does_not_fit_is_an_error_with_its_name(library):
    playlist = wb.Playlist("Odd", library.tracks(), (Step("limit", {"furlongs": 3}),), Origin("query", {"text": ""}))
    with pytest.raises(PlaylistError, match="'Odd': limit cannot be done again"):
        library.refresh(playlist)


def test_smart_playlists_of_navidrome_come_and_go(library, tmp_path):
    smart = (
        library.smart_playlist("Fast & new", "bpm:120.. genre:techno").order("year", descending=True).limit(tracks=7)
    )
    path = smart.write(tmp_path / "fast.nsp")
    assert json.loads(path.read_text(encoding="utf-8"))["sort"] == "-year"
    back, strangers = library.read_playlist(path)
    assert (back.name, strangers) == ("Fast & new", [])
    assert set(back.track_ids) == set(smart.track_ids)
    library.save(back)
    assert library.playlists().filter(name="Fast & new")["origin"].to_list() == ["query"]
    with pytest.raises(PlaylistError, match="a file of this name is there"):
        smart.write(path)


def test_what_an_nsp_file_cannot_hold_is_refused(library, tmp_path):
    smart = library.smart_playlist("Calm", "genre:ambient")
    for made, why in [
        (smart.limit(minutes=30), r"cannot hold \.limit\(minutes=30\)"),
        (smart.order("flow", space=library.space()), r"cannot hold \.order"),
        (smart.at_most(2), r"cannot hold \.at_most"),
        (wb.Playlist("Plain", library.tracks()), "this is a list of tracks"),
    ]:
        with pytest.raises(PlaylistError, match=why):
            made.write(tmp_path / "calm.nsp")
    assert not list(tmp_path.glob("*.nsp"))


def test_an_nsp_file_that_is_none(library, tmp_path):
    shutil.copy(library.path, tmp_path / "binary.nsp")
    with pytest.raises(PlaylistError, match="no UTF-8"):
        library.read_playlist(tmp_path / "binary.nsp")
