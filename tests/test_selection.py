"""One selection, many windows: ids, where they came from, undo and redo."""

import numpy as np
import polars as pl

from workbench.widgets.selection import BY_CODE, Selection, Source

TRACKS = pl.DataFrame({"track_id": [11, 12, 13, 14]})


def test_plain_ids_once_and_rows_in_the_frames_order():
    selection = Selection(TRACKS, np.array([14, 12, 14]))
    assert selection.track_ids == (14, 12)
    assert all(type(track_id) is int for track_id in selection.track_ids)
    assert selection.rows["track_id"].to_list() == [12, 14]


def test_undo_and_redo_go_through_what_was_chosen_however_it_was():
    selection = Selection(TRACKS, [11])
    selection.choose([12])
    selection.track_ids = (13, 14)
    assert (selection.can_undo, selection.can_redo) == (True, False)
    selection.undo()
    assert selection.track_ids == (12,)
    selection.undo()
    selection.undo()
    assert selection.track_ids == (11,)
    assert (selection.can_undo, selection.can_redo) == (False, True)
    selection.redo()
    selection.redo()
    selection.redo()
    assert selection.track_ids == (13, 14)


def test_a_new_choice_ends_what_could_be_redone():
    selection = Selection(TRACKS)
    selection.choose([11])
    selection.choose([12])
    selection.undo()
    selection.choose([13])
    assert not selection.can_redo
    selection.undo()
    assert selection.track_ids == (11,)


def test_the_source_is_known_to_those_who_watch_the_ids_and_comes_back_with_undo():
    selection = Selection(TRACKS)
    seen = []
    selection.observe(lambda change: seen.append((change["new"], change["owner"].source.kind)), "track_ids")
    selection.choose([11, 12], Source("query", "ann", 'wb.search(tracks, "ann")'))
    selection.track_ids = (14,)
    selection.undo()
    assert seen == [((11, 12), "query"), ((14,), "code"), ((11, 12), "query")]
    assert selection.code() == 'wb.search(tracks, "ann")'


def test_the_same_ids_chosen_in_another_way_are_no_step():
    selection = Selection(TRACKS)
    selection.choose([11], Source("rows"))
    selection.choose([11], Source("query", "a"))
    assert selection.source.kind == "query"
    selection.undo()
    assert (selection.track_ids, selection.source) == ((), BY_CODE)
    selection.redo()
    assert selection.source.kind == "query"


def test_code_names_the_ids_where_nothing_better_is_known():
    selection = Selection(TRACKS, [13, 11])
    found = eval(selection.code(), {"pl": pl, "tracks": TRACKS})  # noqa: S307  our own text
    assert found["track_id"].to_list() == [11, 13]


def test_undo_forgets_what_is_long_past():
    selection = Selection(TRACKS)
    for track_id in range(1000):
        selection.choose([track_id])
    for _ in range(1000):
        selection.undo()
    assert selection.track_ids == (900,)


def test_who_chooses_others_on_hearing_of_a_choice_has_the_last_word():
    """The source of the first choice would stand beside the ids of the second, and its code give other rows."""
    selection = Selection(pl.DataFrame({"track_id": [1, 2, 3]}))

    def narrow(change):
        if change["new"] == (1, 2):
            selection.choose([1], Source("rows"))

    selection.observe(narrow, "track_ids")
    selection.choose([1, 2], Source("query", "year:1999", "wb.search(tracks, 'year:1999')"))
    assert selection.track_ids == (1,)
    assert selection.source.kind == "rows"
    assert selection.code() == 'tracks.filter(pl.col("track_id").is_in([1]))'
    selection.undo()
    selection.redo()
    assert (selection.track_ids, selection.source.kind) == ((1,), "rows")


def test_undo_forgets_large_selections_sooner(monkeypatch):
    """A hundred times a million ids would be gigabytes."""
    monkeypatch.setattr("workbench.widgets.selection.MOST_REMEMBERED_IDS", 10)
    selection = Selection(pl.DataFrame({"track_id": [1, 2, 3]}))
    for start in range(5):
        selection.choose(range(start, start + 4))
    selection.undo()
    selection.undo()
    assert selection.track_ids == (3, 4, 5, 6)
    assert not selection.can_undo
    selection.choose(range(100))
    selection.undo()
    assert selection.track_ids == (3, 4, 5, 6), "the last step can be taken back however large it was"
