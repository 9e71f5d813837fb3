"""A list that knows where its tracks came from, in the playlist builder."""

import sqlite3
from functools import partial

import polars as pl
import pytest

import workbench as wb
from workbench.playlists import Origin
from workbench.widgets.selection import Source


@pytest.fixture
def library(demo_home, tmp_path):
    """A copy of the demo's library."""
    copy = tmp_path / "library.db"
    with sqlite3.connect(demo_home / "data" / "library.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return wb.Library(copy)


@pytest.fixture
def builder(library):
    """What a search found, as the list."""
    tracks = library.tracks()
    selection = wb.Selection(tracks, name="Slow", library=library)
    found = wb.search(tracks, "bpm:..100")["track_id"]
    selection.choose(found, Source("query", "bpm:..100", None, partial(Origin, "query", {"text": "bpm:..100"})))
    return wb.PlaylistBuilder(selection)


def press(builder, label):
    def parts(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from parts(child)

    next(part for part in parts(builder) if getattr(part, "description", None) == label).click()


def tell(builder, kind, **message):
    builder._list._handle_custom_msg({"kind": kind, **message}, [])


def run(builder, library):
    """The playlist that the shown lines of Python make."""
    lines, scope = builder.code().splitlines(), {"wb": wb, "pl": pl, "library": library}
    exec("\n".join(lines[:-1]), scope)  # noqa: S102  our own code
    return eval(lines[-1], scope)  # noqa: S307  the same


def test_what_was_searched_is_saved_as_the_search(builder, library):
    press(builder, "Save")
    assert library.playlists().filter(name="Slow").select("origin", "query").row(0) == ("query", "bpm:..100")
    assert "It comes from the search 'bpm:..100', and can be brought up to date" in builder.status.text
    assert builder.code() == "rows = library.search('bpm:..100')\nwb.Playlist('Slow', rows)"


def test_rules_and_hands_are_kept_as_steps_and_come_again(builder, library):
    first = builder.playlist.track_ids
    fast = library.search("bpm:150..")["track_id"].to_list()[:2]
    tell(builder, "removed", ids=first[:2])
    builder.add(fast)
    builder._rules.order.value = "bpm"
    builder._rules.count.value = 9
    shown = builder.playlist
    assert [step.verb for step in shown.steps] == ["remove", "add", "order", "limit"]
    assert shown.steps[0].arguments == {"track_ids": first[:2]}
    assert shown.steps[1].arguments == {"track_ids": fast}
    assert run(builder, library).track_ids == shown.track_ids
    press(builder, "Save")
    assert library.playlist("Slow").track_ids == shown.track_ids
    assert not library.refresh("Slow").is_changed


def test_an_order_by_hand_is_kept_and_newcomers_stand_behind(builder, library):
    first = builder.playlist.track_ids
    tell(builder, "moved", ids=[first[-1]], before=first[0])
    press(builder, "Save")
    assert [step.verb for step in builder.playlist.steps] == ["arrange"]
    other = library.search("bpm:150..")["track_id"][0]
    library.correct(other, bpm=70)
    assert library.refresh("Slow").playlist.track_ids == [first[-1], *first[:-1], other]


def test_a_saved_playlist_that_is_loaded_and_changed_keeps_where_it_came_from(builder, library):
    builder._rules.order.value = "bpm"
    builder._rules.count.value = 6
    press(builder, "Save")
    other = wb.PlaylistBuilder(library.tracks().head(0), library=library)
    other._shelf._kept.value = "Slow"
    press(other, "Load")
    ids = other.playlist.track_ids
    tell(other, "removed", ids=ids[2:3])
    press(other, "Save")
    press(other, "Replace it")
    kept = library.playlist("Slow")
    assert kept.track_ids == [*ids[:2], *ids[3:]]
    assert [step.verb for step in kept.steps] == ["order", "limit", "remove"]
    slowest = library.search("bpm:150..")["track_id"][0]
    library.correct(slowest, bpm=21)
    press(other, "Bring up to date")
    assert other.playlist.track_ids[0] == slowest
    assert "1 added" in other.status.text
    assert "Save keeps it." in other.status.text
    assert library.playlist("Slow").track_ids == kept.track_ids, "nothing is saved before it is asked for"


def test_a_list_cannot_be_brought_up_to_date_and_says_so(library):
    library.save(wb.Playlist("Plain", library.tracks().head(3)))
    builder = wb.PlaylistBuilder(library.tracks().head(0), library=library)
    builder._shelf._kept.value = "Plain"
    press(builder, "Bring up to date")
    assert "'Plain' is a list of tracks" in builder.status.text


def test_undo_brings_the_origin_back_too(builder):
    builder.selection.choose(builder.tracks["track_id"].to_list()[:2])
    press(builder, "Take selection")
    assert builder.playlist.origin is None
    builder.undo()
    assert builder.playlist.origin == Origin("query", {"text": "bpm:..100"})


def test_a_selection_added_to_an_empty_list_is_taken(library):
    tracks = library.tracks()
    selection = wb.Selection(tracks, library=library)
    builder = wb.PlaylistBuilder(selection)
    found = wb.search(tracks, "genre:ambient")["track_id"]
    source = Source("query", "genre:ambient", None, partial(Origin, "query", {"text": "genre:ambient"}))
    selection.choose(found, source)
    press(builder, "Add selection")
    assert builder.playlist.origin == Origin("query", {"text": "genre:ambient"})


def test_the_library_is_not_asked_before_somebody_wants_to_know(library):
    asked = []

    def question():
        asked.append(1)
        return Origin("query", {"text": ""})

    tracks = library.tracks()
    selection = wb.Selection(tracks, library=library)
    selection.choose(tracks["track_id"], Source("query", "", None, question))
    builder = wb.PlaylistBuilder(selection)
    press(builder, "Take selection")
    tell(builder, "stepped", ids=[tracks["track_id"][3]], step=-1)
    assert asked == []
    assert builder.playlist.origin is not None
    assert builder.playlist.origin is not None
    assert asked == [1]


def from_search(selection, library, text):
    """What a search found is selected, in the order of the frame."""
    ids = sorted(library.search(text)["track_id"])
    selection.choose(ids, Source("query", text, None, partial(Origin, "query", {"text": text})))
    return ids


@pytest.mark.parametrize(
    "order", ["as given", "by hand", "shuffle", "genre", "camelot", "flow", "journey", "harmonic", "energy arc"]
)
def test_a_search_that_orders_is_saved_as_it_is_shown(library, order):
    """The list stood in the order of the frame, and came again in that of the search."""
    selection = wb.Selection(library.tracks(), library=library)
    from_search(selection, library, "bpm- limit:12")
    builder = wb.PlaylistBuilder(selection)
    if order == "by hand":
        tell(builder, "stepped", ids=builder.playlist.track_ids[3:4], step=-1)
    else:
        builder._rules.order.value = order
    shown = builder._desk.playlist.track_ids
    assert builder.playlist.origin is not None
    assert run(builder, library).track_ids == shown
    assert library.refresh(builder.playlist).playlist.track_ids == shown


def test_neighbours_among_the_tracks_do_not_change_what_equal_ones_follow(builder, library):
    press(builder, "Add neighbours")
    tell(builder, "chosen", ids=builder.playlist.track_ids[:1])
    press(builder, "Add neighbours")
    builder._rules.order.value = "genre"
    shown = builder._desk.playlist.track_ids
    assert run(builder, library).track_ids == shown
    assert library.refresh(builder.playlist).playlist.track_ids == shown


def test_the_same_tracks_from_a_search_are_known_by_it(library):
    """Who had taken them by hand first kept a list that could not be refreshed."""
    selection = wb.Selection(library.tracks(), library=library)
    selection.choose(sorted(library.search("genre:ambient")["track_id"]))
    builder = wb.PlaylistBuilder(selection)
    assert builder.playlist.origin is None
    ids = from_search(selection, library, "genre:ambient")
    press(builder, "Take selection")
    assert builder.playlist.origin == Origin("query", {"text": "genre:ambient"})
    press(builder, "Select these")
    press(builder, "Take selection")
    assert builder.playlist.origin == Origin("query", {"text": "genre:ambient"}), "nothing better is known of them"
    assert builder.playlist.track_ids == ids


def test_a_track_that_stands_twice_in_a_saved_playlist_comes_once_from_the_builder(library):
    twice = library.smart_playlist("Calm", "genre:ambient")
    twice = twice.add(twice.rows.head(1))
    library.save(twice)
    builder = wb.PlaylistBuilder(library.tracks().head(0), library=library)
    builder._shelf._kept.value = "Calm"
    press(builder, "Load")
    shown = builder._desk.playlist.track_ids
    assert len(shown) == len(twice) - 1
    assert run(builder, library).track_ids == shown
    assert library.refresh(builder.playlist).playlist.track_ids == shown
