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
