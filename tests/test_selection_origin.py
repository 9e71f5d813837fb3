"""What is selected in a window, kept as the question whose answer it is."""

import sqlite3
from functools import partial

import numpy as np
import polars as pl
import pytest

import workbench as wb
from workbench.playlists import Origin
from workbench.widgets.map.picture import Gesture
from workbench.widgets.selection import Source


@pytest.fixture(scope="module")
def library(demo_home, tmp_path_factory):
    """A copy of the demo's library: maps are remembered in it."""
    copy = tmp_path_factory.mktemp("origins") / "library.db"
    with sqlite3.connect(demo_home / "data" / "library.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return wb.Library(copy)


def lassoed(view, polygon):
    """Draw around points, as the page tells it."""
    inside = wb.maps.inside(view.tracks, polygon)["track_id"].to_numpy()
    view._told(Gesture("lasso", inside, tuple(polygon)))
    return inside.tolist()


def left(layout):
    x, y = layout["x"], layout["y"]
    return [
        (x.min() - 1, y.min() - 1),
        (x.median(), y.min() - 1),
        (x.median(), y.max() + 1),
        (x.min() - 1, y.max() + 1),
    ]


def test_a_lasso_is_kept_as_polygon_map_and_version(library):
    view = wb.MapView(library.similarity_map(), library=library)
    ids = lassoed(view, left(view.tracks))
    playlist = view.selection.playlist("Left")
    detail = playlist.origin.detail
    assert playlist.track_ids == ids
    assert (playlist.origin.kind, detail["seed"], detail["space"]["kind"]) == ("region", 0, library.space_kind())
    assert [tuple(corner) for corner in detail["polygon"]] == left(view.tracks)
    assert len(detail["map"]) == 64
    assert detail["space"]["version"] == library.space().version
    library.save(playlist.order("flow", space=library.space()))
    assert not library.refresh("Left").is_changed


def test_a_lasso_on_the_map_of_a_search_keeps_the_search(library):
    layout = library.similarity_map(library.search("bpm:100.."), seed=2)
    view = wb.MapView(layout, library=library, of="bpm:100..")
    ids = lassoed(view, left(layout))
    playlist = view.selection.playlist()
    assert (playlist.name, playlist.track_ids, playlist.origin.detail["of"]) == ("Playlist", ids, "bpm:100..")


def test_what_several_gestures_made_is_kept_as_tracks(library):
    view = wb.MapView(library.similarity_map(), library=library)
    view._told(Gesture("lasso", np.array(view.tracks["track_id"][:3]), ()))
    assert view.selection.origin() == (None, "they were chosen one by one, or in several steps")
    assert view.selection.playlist().origin is None


def test_a_layout_of_ones_own_is_kept_as_tracks(library):
    view = wb.MapView(library.similarity_map().with_columns(x=pl.lit(-1.0)), library=library)
    polygon = [(-2, -1e6), (0, -1e6), (0, 1e6), (-2, 1e6)]
    lassoed(view, polygon)
    origin, why = view.selection.origin()
    assert origin is None
    assert "no map is remembered" in why


def test_without_a_library_there_is_nobody_to_ask(library):
    view = wb.MapView(library.similarity_map())
    lassoed(view, left(view.tracks))
    assert view.selection.playlist("Alone").origin is None


def test_an_answer_that_differs_is_kept_as_tracks(library):
    view = wb.MapView(library.similarity_map(), library=library)
    view._choose_found(view.tracks["track_id"].to_numpy()[:2], "genre:ambient")
    origin, why = view.selection.origin()
    assert origin is None
    assert why.endswith("by the search 'genre:ambient', and 2 are selected")


def test_a_search_on_the_map_is_kept_as_the_search(library):
    view = wb.MapView(library.similarity_map(), library=library)
    found = wb.search(view.tracks, "genre:ambient")["track_id"].to_numpy()
    view._choose_found(found, "genre:ambient")
    assert view.selection.origin()[0].detail == {"text": "genre:ambient"}


def test_more_like_this_in_the_browser(library):
    from workbench.widgets.browser.alike import like

    tracks = library.tracks()
    selection = wb.Selection(tracks, library=library)
    ids, source = like(library, tracks, tracks["track_id"].to_list()[:2])
    selection.choose(ids, source)
    origin, why = selection.origin()
    assert why == ""
    assert set(library.select(origin)["track_id"]) == set(ids)


def test_a_group_and_a_mood_in_the_explorer(library):
    explorer = wb.Explorer(library, n=4)
    assert explorer.grouped is not None
    edition = explorer._found.edition
    group = int(explorer.grouped["group"].drop_nulls()[0])
    told = {"kind": "choose_group", "edition": edition, "group": group, "genre": None, "how": "replace"}
    explorer._when_told(None, told, [])
    origin, why = explorer.selection.origin()
    assert (why, origin.kind) == ("", "group")
    explorer._page.part = "moods"
    explorer.wait()
    mood = explorer._moods["mood"].drop_nulls()[0]
    explorer._when_told(None, {"kind": "choose_mood", "mood": mood, "how": "replace"}, [])
    assert explorer.selection.origin()[0].detail == {"mood": mood}
    square = [[-1, -1], [0, -1], [0, 0], [-1, 0]]
    explorer._when_told(None, {"kind": "choose_mood", "polygon": square, "how": "replace"}, [])
    assert explorer.selection.origin()[0].detail["polygon"] == square


def test_the_command_refreshes_what_came_from_somewhere(library, command, tmp_path):
    library.save(library.smart_playlist("Slow", "bpm:..90"))
    library.save(wb.Playlist("Plain", library.tracks().head(2)))
    other = library.search("bpm:91..")["track_id"][0]
    library.correct(other, bpm=60)
    tried = command("refresh", "Slow", "--dry-run", "--library", library.path, cwd=tmp_path)
    assert tried.returncode == 0, tried.stderr
    assert "'Slow': 1 added, 0 gone" in tried.stderr
    assert tried.stdout.startswith(f"+ {other:>6}")
    assert other not in library.playlist("Slow").track_ids
    done = command("refresh", "--library", library.path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Plain" not in done.stderr
    assert other in library.playlist("Slow").track_ids
    wrong = command("refresh", "Plain", "Slow", "--library", library.path, cwd=tmp_path)
    assert wrong.returncode == 1
    assert "Plain: playlist 'Plain' is a list of tracks" in wrong.stderr
    assert "'Slow': 0 added, 0 gone" in wrong.stderr


def test_a_search_that_orders_keeps_its_order(library):
    """The playlist had the order of the frame, and the next refresh turned it into that of the search."""
    tracks, text = library.tracks(), "bpm- limit:9"
    selection = wb.Selection(tracks, library=library)
    ids = library.search(text)["track_id"].to_list()
    assert ids != sorted(ids)
    selection.choose(sorted(ids), Source("query", text, None, partial(Origin, "query", {"text": text})))
    playlist = selection.playlist("Fast")
    assert playlist.track_ids == ids
    assert playlist.rows.columns == tracks.columns
    assert library.refresh(playlist).playlist.track_ids == ids


def test_a_frame_with_a_row_for_each_genre_gives_each_track_once(library):
    tracks = pl.concat([library.tracks(), library.tracks().head(5)])
    selection = wb.Selection(tracks, library=library)
    selection.choose(tracks["track_id"], Source("query", "", None, partial(Origin, "query", {"text": ""})))
    assert selection.playlist().track_ids == library.tracks()["track_id"].to_list()


def test_a_group_knows_the_space_it_was_found_in(library):
    explorer = wb.Explorer(library, n=4)
    assert explorer.grouped is not None
    rows, source = explorer._found.group(int(explorer.grouped["group"].drop_nulls()[0]))
    assert source.origin().detail["space"] == library.space_kind()
    assert library.select(source.origin())["track_id"].to_list() == rows["track_id"].to_list()
