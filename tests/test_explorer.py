"""The explorer without a browser: what it groups, what a click selects, and the code that selects it again."""

import threading
import time

import numpy as np
import polars as pl
import pytest
from test_library_maps import a_library, library  # noqa: F401  a fixture

import workbench as wb
from workbench.errors import SpaceError
from workbench.widgets.explorer import Explorer, plane, texts
from workbench.widgets.explorer.choices import combined
from workbench.widgets.explorer.grouping import Grouping, cards, heat, marks
from workbench.widgets.explorer.latest import Latest
from workbench.widgets.selection import Selection, Source

FULL = {"word": "loud", "column": "loudness_lufs", "z": 1.5}


@pytest.fixture
def explorer(library):  # noqa: F811  pytest's way
    """Fifty tracks in four groups, settled."""
    made = Explorer(library, n=4)
    made.wait()
    return made


def tell(explorer, **content):
    """A message from the page."""
    explorer._when_told(None, content, [])


def choose(explorer, group=None, genre=None, how="new"):
    edition = explorer._page.groups["edition"]
    tell(explorer, kind="choose_group", group=group, genre=genre, edition=edition, how=how)


def again(explorer, library):  # noqa: F811  the same name
    """Ids that the selection's code gives."""
    names = {"wb": wb, "pl": pl, "library": library, "tracks": library.tracks()}
    return tuple(eval(explorer.selection.code(), names)["track_id"])  # noqa: S307  our own code


def grouping(**changed):
    """Five tracks, of which the fifth has no group and the first three are group 7."""
    rows = pl.DataFrame(
        {
            "track_id": [1, 2, 3, 4, 5],
            "title": ["One", "Two", None, "Four", "Five"],
            "artist": ["Ann", None, None, "Bo", "Bo"],
            "duration_s": [61.0, None, 5.0, 5.0, 5.0],
            "genres": [["Jazz"], ["Jazz", "Rock"], [], ["Rock"], ["Jazz"]],
            "group": [7, 7, 7, 2, None],
        }
    )
    described = pl.DataFrame(
        {
            "group": [7, 2],
            "name": ["loud / jazz", "soft / rock"],
            "size": [3, 1],
            "medoids": [[2, 1], [4]],
            "genres": [["Jazz"], []],
            "tags": [[{"tag": "piano", "lift": 2.0}], []],
            "features": [[FULL], []],
            "unknown": [[], ["tags"]],
        }
    )
    asked = {"n": 2, "method": "kmeans", "seed": 3, "edition": 1} | changed
    return Grouping(rows, described, wb.genres.condensed(rows, rows, most=1), **asked)


def test_a_card_says_what_a_group_is():
    first, second = cards(grouping())
    assert first == {
        "group": 7,
        "name": "loud / jazz",
        "size": 3,
        "share": 0.75,
        "medoids": [{"track_id": 2, "caption": "Two"}, {"track_id": 1, "caption": "One, Ann (1:01)"}],
        "features": [FULL],
        "tags": [{"tag": "piano", "lift": 2.0}],
        "genres": ["Jazz"],
        "unknown": [],
    }
    assert (second["share"], second["unknown"]) == (0.25, ["tags"])


def test_the_heat_map_has_a_row_a_genre_and_one_for_the_others():
    """Track 5 has no group: Jazz counts it beside its name, and no cell does."""
    found = grouping()
    assert heat(found, found.rows) == {
        "columns": [
            {"group": 7, "name": "loud / jazz", "size": 3},
            {"group": 2, "name": "soft / rock", "size": 1},
        ],
        "rows": [
            {"name": "Jazz", "genres": 1, "tracks": 3, "cells": [[2, 1.0, 1.0], None]},
            {"name": None, "genres": 1, "tracks": 2, "cells": [[1, 0.5, 0.5], [1, 0.5, 1.0]]},
        ],
        "untagged": 1,
    }


def test_what_a_click_selects_and_its_code():
    found = grouping()
    groups = "library.groups(tracks, n=2, method='kmeans', seed=3)"
    rows, source = found.group(7)
    assert rows["track_id"].to_list() == [1, 2, 3]
    assert source == Source("group", 7, f"wb.clusters.holding({groups}, 2)")
    rows, source = found.cell(0, 7)
    assert rows["track_id"].to_list() == [1, 2]
    assert source == Source("genre", ("Jazz", 7), f"wb.genres.naming(wb.clusters.holding({groups}, 2), 'Jazz')")
    rows, source = found.genre(0, found.rows)
    assert rows["track_id"].to_list() == [1, 2, 5]
    assert source == Source("genre", ("Jazz", None), "wb.genres.naming(tracks, 'Jazz')")
    rows, source = grouping(n=None, method="hdbscan").unplaced()
    assert rows["track_id"].to_list() == [5]
    code = "library.groups(tracks, method='hdbscan', seed=3).filter(pl.col(\"group\").is_null())"
    assert source == Source("group", None, code)


def test_marks_count_the_selected_tracks_of_each_group():
    assert marks(grouping().rows, [1, 3, 4, 5, 99]) == {"7": 2, "2": 1}
    assert marks(grouping().rows, []) == {}


@pytest.mark.parametrize("method", ["kmeans", "hdbscan"])
def test_the_code_selects_the_same_rows(tmp_path, library, explorer, method):  # noqa: F811  pytest's way
    """Also where numbers have moved on meanwhile, and in another object that gives other numbers."""
    explorer.group(n=9 if method == "kmeans" else None, method=method, seed=1)
    explorer.wait()
    page = explorer._page
    chosen = []
    for card in page.groups["cards"]:
        choose(explorer, group=card["group"])
        chosen.append((explorer.selection.track_ids, explorer.selection.code(), card["size"]))
    for place, row in enumerate(page.genres["rows"]):
        choose(explorer, genre=place)
        chosen.append((explorer.selection.track_ids, explorer.selection.code(), row["tracks"]))
        for column, cell in zip(page.genres["columns"], row["cells"], strict=True):
            if cell is not None:
                choose(explorer, group=column["group"], genre=place)
                chosen.append((explorer.selection.track_ids, explorer.selection.code(), cell[0]))
    choose(explorer)
    chosen.append((explorer.selection.track_ids, explorer.selection.code(), page.groups["between"]))

    library.groups(n=2)
    names = {"wb": wb, "pl": pl, "tracks": library.tracks()}
    for track_ids, code, size in chosen[:: 1 + len(chosen) // 10]:
        for one in (library, wb.Library(tmp_path / "library.db")):
            assert tuple(eval(code, {**names, "library": one})["track_id"]) == track_ids  # noqa: S307  our own code
        assert len(track_ids) == size


def test_a_click_on_groups_that_are_gone_selects_nothing(explorer):
    number = explorer._page.groups["cards"][0]["group"]
    tell(explorer, kind="choose_group", group=number, genre=None, edition=0, how="new")
    assert explorer.selection.track_ids == ()


def test_shift_adds_and_alt_takes_away(explorer):
    first, second = (card["group"] for card in explorer._page.groups["cards"][:2])
    choose(explorer, group=first)
    ids = explorer.selection.track_ids
    choose(explorer, group=second, how="add")
    both = explorer.selection.track_ids
    assert both[: len(ids)] == ids
    assert len(both) == sum(card["size"] for card in explorer._page.groups["cards"][:2])
    assert explorer.selection.code().startswith("tracks.filter")
    choose(explorer, group=second, how="remove")
    assert explorer.selection.track_ids == ids
    explorer.selection.undo()
    assert explorer.selection.track_ids == both


def test_a_choice_added_is_no_code_alone():
    source = Source("group", 1, "all of it")
    assert combined((1, 2), [2, 3], source, "new") == ([2, 3], source)
    assert combined((1, 2), [2, 3], source, "add") == ([1, 2, 2, 3], Source("group", 1))
    assert combined((1, 2), [2, 3], source, "remove") == ([1], Source("group", 1))


def test_reading_the_groups_waits_for_them(library):  # noqa: F811  pytest's way
    explorer = Explorer(library, n=5, seed=2)
    grouped = explorer.grouped
    assert grouped["group"].n_unique() == 5
    assert grouped.equals(library.groups(library.tracks(), n=5, seed=2))
    heard = []
    explorer.observe(lambda change: heard.append(explorer.grouped is change["new"]), "grouped")  # in its own thread
    explorer.group(n=3)
    assert explorer.grouped["group"].n_unique() == 3
    assert heard == [True]
    assert explorer.status.text == ""


def test_groups_and_their_descriptions_come_together(library):  # noqa: F811  pytest's way
    groups, described = library.groups_described(n=3)
    assert described.equals(library.describe_groups(groups))
    assert dict(groups.select("group", "group_name").unique().rows()) == dict(described.select("group", "name").rows())


def test_what_cannot_be_grouped_is_said_and_the_groups_stay(explorer):
    before = explorer._page.groups
    explorer.group(n=51)
    explorer.wait()
    assert explorer.status.text == "51 groups of 50 tracks: choose 1 to 50"
    assert explorer._page.groups == before
    assert not explorer._page.is_grouping
    explorer.group(n=5)
    assert len(explorer.grouped) == 50
    assert explorer.status.text == ""


def test_an_empty_window_says_what_to_do(tmp_path):
    for made, text in (
        (Explorer(), "There is no library"),
        (Explorer(wb.Library(tmp_path / "none.db")), "Read a folder of music with library.scan"),
        (Explorer(a_library(tmp_path, 12, 0)), "library.analyze()"),
    ):
        assert made.grouped is None
        assert text in made._page.empty
        assert made._page.groups == {}
        made._page.part = "moods"
        made.wait()
        assert made.status.text == ""


def test_what_is_selected_elsewhere_is_marked(library):  # noqa: F811  pytest's way
    tracks = library.tracks()
    selection = Selection(tracks, library=library)
    explorer = Explorer(selection=selection, n=4)
    grouped = explorer.grouped
    selection.choose(grouped["track_id"].head(7))
    counts = dict(grouped.head(7).group_by("group").len().iter_rows())
    assert explorer._page.marks == {str(number): count for number, count in counts.items()}
    assert explorer._page.chosen["text"].startswith("7 tracks, ")
    tell(explorer, kind="clear")
    assert selection.track_ids == ()
    assert explorer._page.marks == explorer._page.chosen == {}


def test_what_is_closed_leaves_the_selection(library):  # noqa: F811  pytest's way
    selection = Selection(library.tracks(), library=library)
    explorer = Explorer(selection=selection, n=4)
    explorer.wait()
    explorer.close()
    selection.choose([1, 2])
    assert explorer._page.chosen == {}
    assert explorer._page.comm is None
    explorer.close()


def test_who_reads_the_selection_late_marks_it_last(explorer, monkeypatch):
    """The thread that groups marks beside a cell that selects: its older marks came last, and stayed."""
    has_read, may_go = threading.Event(), threading.Event()

    def slowly(rows, ids):
        if threading.current_thread().name == "late":
            has_read.set()
            may_go.wait(1)
        return marks(rows, ids)

    monkeypatch.setattr("workbench.widgets.explorer.explorer.marks", slowly)
    late = threading.Thread(target=explorer._mark, name="late")
    late.start()
    assert has_read.wait(10)
    chooser = threading.Thread(target=explorer.selection.choose, args=([1, 2, 3],))
    chooser.start()
    chooser.join(0.3)
    may_go.set()
    late.join(10)
    chooser.join(10)
    assert sum(explorer._page.marks.values()) == 3


def test_groups_take_over_numbers_one_after_another(library, monkeypatch):  # noqa: F811  pytest's way
    """Two at once both began where neither was, so that a number given up came back."""
    inside, most = [], []

    def counted(*arguments, **options):
        inside.append(1)
        time.sleep(0.1)
        most.append(len(inside))
        found = wb.clusters.grouping.group(*arguments, **options)
        inside.pop()
        return found

    monkeypatch.setattr(wb.clusters, "group", counted)
    library.space()
    threads = [threading.Thread(target=library.groups, kwargs={"n": n}) for n in (3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1, 1]


def test_tracks_that_are_given_are_explored(library):  # noqa: F811  pytest's way
    few = library.tracks().head(20)
    explorer = Explorer(library, few, n=2)
    assert explorer.grouped["track_id"].to_list() == few["track_id"].to_list()
    assert explorer.selection.tracks is few


def test_a_track_that_is_typical_plays(explorer):
    clicked = []
    explorer.selection.observe(lambda change: clicked.append(change["new"]), "clicked")
    tell(explorer, kind="play", track_id=17)
    assert clicked == [17]


def test_moods_are_estimated_when_they_are_looked_at(library, explorer):  # noqa: F811  pytest's way
    assert (explorer._page.plane, explorer._page.points) == ({}, b"")
    explorer._page.part = "moods"
    explorer.wait()
    moods = library.moods()
    placed = moods.drop_nulls(["valence", "arousal"])
    points = np.frombuffer(explorer._page.points, "<f4").reshape(-1, 2)
    assert points == pytest.approx(placed.select("valence", "arousal").to_numpy(), abs=1e-6)
    assert not explorer._page.is_estimating

    polygon = [[-1, -1], [0.3, -1], [0.3, 0.4], [-1, 0.4]]
    tell(explorer, kind="choose_mood", polygon=polygon, how="new")
    wanted = wb.maps.inside(moods, polygon, x="valence", y="arousal")["track_id"].to_list()
    assert explorer.selection.track_ids == tuple(wanted) == again(explorer, library)
    assert 0 < len(wanted) < 50
    assert explorer.selection.source.kind == "mood"
    marked = np.frombuffer(explorer._page.chosen_points, np.uint8).astype(bool)
    assert placed.filter(marked)["track_id"].to_list() == wanted

    tell(explorer, kind="choose_mood", mood="calm", how="new")
    assert explorer.selection.track_ids == tuple(moods.filter(pl.col("mood") == "calm")["track_id"])
    assert explorer.selection.track_ids == again(explorer, library)

    tell(explorer, kind="play_point", point=3)
    assert explorer.selection.clicked == placed["track_id"][3]


def test_a_point_tells_what_it_is():
    row = {"track_id": 4, "title": None, "artist": "Ann", "mood": "sad", "valence": -0.25, "arousal": -0.5}
    row |= {"valence_confidence": 0.62, "arousal_confidence": 0.6}
    told = ["track 4", "Ann", "sad", "valence -0.25 (confidence 0.62)", "arousal -0.50 (confidence 0.60)"]
    assert plane.about(row) == told


def test_the_plane_says_what_the_estimates_are_from():
    moods = pl.DataFrame(
        {
            "arousal": [0.1, 0.2, None],
            "arousal_confidence": [0.6, 0.67, None],
            "arousal_source": ["loudness", "loudness", None],
            "arousal_reason": [None, None, "not analysed"],
            "valence": [0.5, None, None],
            "valence_confidence": [0.33, None, None],
            "valence_source": ["mode and tempo", None, None],
            "valence_reason": [None, "tempo is unknown", "not analysed"],
            "mood": ["energetic", None, None],
        }
    )
    assert texts.estimated(moods) == [
        texts.CAUTION,
        "Arousal of 2 tracks from loudness (confidence 0.60 to 0.67).",
        "Arousal unknown for 1 track: not analysed.",
        "Valence unknown for 1 track: not analysed.",
        "Valence unknown for 1 track: tempo is unknown.",
        "Valence of 1 track from mode and tempo (confidence 0.33).",
    ]
    assert plane.plane(moods)["points"] == 1
    assert [(mood["name"], mood["tracks"]) for mood in plane.plane(moods)["moods"]] == [
        ("energetic", 1), ("tense", 0), ("sad", 0), ("calm", 0),
    ]  # fmt: skip
    assert plane.plane(moods.tail(2))["empty"] == texts.NO_MOODS


def test_the_summary_adds_up():
    said = "4 tracks in 2 groups by k-means, start 3. 1 track between the groups is in none."
    assert texts.summary(grouping(), 5) == said
    left = " 2 tracks left out: not analysed, or without enough sound."
    assert texts.summary(grouping(method="hdbscan"), 7) == said.replace("k-means, start 3", "HDBSCAN") + left


def test_the_last_question_wins():
    """One is under way, two wait: the answer of the first is thrown away, the second is never begun."""
    latest, begun, go, seen = Latest(), threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        go.wait(10)
        return lambda: seen.append("first")

    latest.ask("a", slow, seen.append)
    begun.wait(10)
    latest.ask("a", lambda: lambda: seen.append("second"), seen.append)
    latest.ask("b", lambda: lambda: seen.append("other"), seen.append)
    latest.ask("a", lambda: lambda: seen.append("third"), seen.append)
    go.set()
    latest.wait()
    assert seen == ["third", "other"]


def test_what_a_thread_raises_is_told_and_it_goes_on():
    latest, seen = Latest(), []
    error = SpaceError("no")

    def broken():
        raise error

    latest.ask("a", broken, seen.append)
    latest.wait()
    latest.ask("a", lambda: broken, seen.append)
    latest.wait()
    latest.ask("a", lambda: lambda: (latest.wait(), seen.append("waited in its own thread")), seen.append)
    latest.wait()
    assert seen == [error, error, "waited in its own thread"]
