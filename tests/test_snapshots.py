"""What has changed since somebody last looked."""

import json
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from synthetic import records
from test_stats import NOTHING, made_tracks

import workbench as wb
from workbench import stats, store
from workbench.errors import QueryError, StoreError
from workbench.models import FINDINGS, TABLES
from workbench.query import moment
from workbench.store.ingest import store_records
from workbench.store.playlists import owner_id
from workbench.store.revisions import touched_since
from workbench.store.roots import add_root, roots

NONE_FOUND = pl.DataFrame(schema=FINDINGS)
FIRST = "Nothing to compare with yet: the collection is as the first report found it."
NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)


def found(*reasons):
    rows = [{"stage": "tags", "state": "warning", "reason": reason} for reason in reasons]
    return pl.DataFrame(rows, FINDINGS)


def taken(*pairs):
    """Snapshots as the store gives them, from days of 2026-01 and statistics."""
    rows = [(n, datetime(2026, 1, day, tzinfo=UTC), json.dumps(held)) for n, (day, held) in enumerate(pairs)]
    schema = {"snapshot_id": pl.Int64, "taken_at": pl.Datetime("us", "UTC"), "statistics": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


# The snapshot


FEW = made_tracks(
    {
        "artists": ["Ana"],
        "album_id": 1,
        "genres": ["Jazz", "Soul"],
        "container": "ogg",
        "codec": "opus",
        "duration_s": 3600.0004,
        "size_bytes": 2_000_000_000,
    },
    {"artists": ["Ana", "Bo"], "genres": ["Jazz"], "container": "mp3", "codec": "mp3", "analyzed": False},
    {"artists": ["Cy"], "genres": ["Pop"], "duration_s": 100.0, "missing": True},
)


def test_a_snapshot_counts_what_is_there():
    held = stats.snapshot(FEW, found("silent", "clipped", "silent"), heard=1, playlists=4)
    tags = held.pop("tags")
    counts = {"tracks": 2, "missing": 1, "hours": 1.0, "size_gb": 2.0, "analyzed": 1, "heard": 1}
    assert held == counts | {
        "artists": 2,
        "albums": 1,
        "genres": 2,
        "playlists": 4,
        "findings": {"clipped": 1, "silent": 2},
        "formats": {"mp3": 1, "ogg (opus)": 1},
        "genre_tracks": {"Jazz": 2, "Soul": 1},
    }
    assert (tags["artists"], tags["year"]) == (2, 0)
    assert json.loads(json.dumps(held)) == held


def test_a_snapshot_does_not_hang_on_the_order_of_rows():
    tracks = made_tracks(*({"duration_s": 0.1 * n, "size_bytes": n, "codec": "abc"[n % 3]} for n in range(1, 2000)))
    first, second = (
        json.dumps(stats.snapshot(rows, NONE_FOUND)) for rows in (tracks, tracks.sample(fraction=1, shuffle=True))
    )
    assert first == second


def test_only_frequent_genres_are_counted_by_name():
    tracks = made_tracks(*({"genres": [f"genre {n}", "Pop"]} for n in range(250)))
    genres = stats.snapshot(tracks, NONE_FOUND)["genre_tracks"]
    assert (len(genres), genres["Pop"]) == (200, 250)


@pytest.mark.parametrize("length_s", [float("nan"), float("inf"), None])
def test_a_length_that_is_none_adds_no_hours(length_s):
    tracks = made_tracks({"duration_s": length_s}, {"duration_s": 3600.0})
    assert stats.snapshot(tracks, NONE_FOUND)["hours"] == 1.0
    assert stats.summary(tracks)["hours"].item() == 1.0


def test_a_snapshot_of_nothing_is_zeros():
    held = stats.snapshot(NOTHING, NONE_FOUND)
    assert (held["tracks"], held["hours"], held["heard"], held["formats"]) == (0, 0.0, None, {})


# The comparison


BEFORE = {"tracks": 100, "missing": 0, "hours": 7.25, "analyzed": 71, "artists": 12, "genre_tracks": {"Jazz": 3}}
AFTER = {"tracks": 312, "missing": 9, "hours": 21.5, "analyzed": 306, "artists": 13, "genre_tracks": {"Pop": 2}}


def test_changes_come_in_their_order_with_units():
    frame = stats.changes(BEFORE, AFTER)
    assert frame.schema == pl.Schema(stats.CHANGES)
    assert frame.drop_nulls().rows() == [
        ("tracks", "tracks", 100, 312, 212),
        ("missing", "tracks", 0, 9, 9),
        ("hours", "h", 7.25, 21.5, 14.25),
        ("analysis coverage", "%", 71, 98.08, 27.08),
        ("artists", "artists", 12, 13, 1),
        ("genre: Jazz", "tracks", 3, 0, -3),
        ("genre: Pop", "tracks", 0, 2, 2),
    ]


def test_what_an_older_snapshot_does_not_hold_is_unknown():
    frame = stats.changes({"tracks": 1}, {"tracks": 1, "playlists": 3, "findings": {"silent": 1}, "tags": {"year": 1}})
    rows = {row[0]: row[2:] for row in frame.rows()}
    assert rows["playlists"] == (None, 3, None)
    assert rows["finding: silent"] == (None, 1, None)
    assert rows["tag: year"] == (None, 100, None)
    assert rows["tracks"] == (1, 1, 0)


def test_a_tag_that_was_not_asked_for_before_is_unknown_and_a_reason_that_was_not_found_is_0():
    before = {"tracks": 2, "tags": {"year": 1}, "findings": {}}
    now = {"tracks": 2, "tags": {"year": 1, "mood": 2}, "findings": {"silent": 1}}
    details = stats.changes(before, now).filter(pl.col("what").str.contains(":"))
    assert details.select("what", "before", "now").rows() == [("finding: silent", 0, 1), ("tag: mood", None, 100)]


def test_a_genre_that_fell_out_of_the_frequent_ones_is_unknown():
    many = {f"genre {n}": 5 for n in range(199)}
    frame = stats.changes({"genre_tracks": many | {"Ska": 5}}, {"genre_tracks": many | {"Pop": 6}})
    details = frame.filter(pl.col("what").str.contains(":"))
    assert details.select("what", "before", "now").rows() == [("genre: Pop", None, 6), ("genre: Ska", 5, None)]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (BEFORE, AFTER, "+212 tracks, 9 missing, +14.2 hours, analysis coverage 71 -> 98 %, +1 artist."),
        ({"missing": 4}, {"missing": 9}, "9 missing (4 before)."),
        ({"missing": 4}, {"missing": 0}, "0 missing (4 before)."),
        ({"tracks": 5000, "size_gb": 9.5}, {"tracks": 3000, "size_gb": 7.0}, "-2,000 tracks, -2.5 GB."),
        ({"tracks": 1}, {"tracks": 1}, "nothing has changed."),
        ({"hours": 1.0}, {"hours": 1.001}, "only details have changed."),
        ({"formats": {}}, {"formats": {"mp3": 1}}, "only details have changed."),
        ({"tracks": 1}, {"tracks": 1, "artists": 5}, "only details have changed."),
        ({"tracks": 999, "analyzed": 999}, {"tracks": 999, "analyzed": 998}, "analysis coverage 100 -> 99.9 %."),
    ],
)  # fmt: skip
def test_the_sentence(before, now, expected):
    at = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
    assert stats.change_sentence(before, now, at) == f"Since 2026-01-01 08:30 UTC: {expected}"


def test_without_a_moment_the_base_is_the_last_that_differs():
    snapshots = taken((1, {"tracks": 1}), (2, {"tracks": 2}), (3, {"tracks": 1}))
    assert stats.compared(snapshots, {"tracks": 1}).base_at.day == 2
    assert stats.compared(snapshots, {"tracks": 9}).base_at.day == 3


def test_a_number_that_was_not_counted_before_is_no_change():
    snapshots = taken((1, {"tracks": 1}), (2, {"tracks": 2}), (3, {"tracks": 2, "playlists": 1}))
    assert stats.compared(snapshots, {"tracks": 2, "playlists": 1}).base_at.day == 1


@pytest.mark.parametrize(
    ("since", "day", "earliest"),
    [
        (datetime(2026, 1, 5, tzinfo=UTC), 5, False),
        (datetime(2026, 1, 4, 23, 59, 59, tzinfo=UTC), 2, False),
        (datetime(2026, 1, 1, 23, tzinfo=UTC), 2, True),
        (datetime(2027, 1, 1, tzinfo=UTC), 9, False),
    ],
)
def test_a_moment_chooses_the_last_snapshot_before_it_or_the_earliest(since, day, earliest):
    snapshots = taken((2, {"tracks": 1}), (5, {"tracks": 2}), (9, {"tracks": 3}))
    changes = stats.compared(snapshots, {"tracks": 3}, since=since)
    assert changes.base_at.day == day
    assert ("(the earliest report there is)" in changes.sentence) is earliest


@pytest.mark.parametrize("since", [None, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)])
def test_the_first_report_has_nothing_to_compare_with(since):
    for snapshots in (taken(), taken((1, {"tracks": 1}))):
        changes = stats.compared(snapshots, {"tracks": 1}, since=since)
        assert (changes.base_at, changes.frame.rows()) == (None, [])
        assert repr(changes) == FIRST
        assert changes._repr_html_() == f"<p><strong>{FIRST}</strong></p>"


def test_changes_show_themselves_and_tags_are_text():
    changes = stats.compared(
        taken((1, {"genre_tracks": {}, "tracks": 1})), {"genre_tracks": {"<b>x": 1200}, "tracks": 1}
    )
    assert "<td style='text-align: left'>genre: &lt;b&gt;x</td><td>0</td><td>1,200</td><td>+1,200</td>" in (
        changes._repr_html_()
    )
    assert "│ genre: <b>x ┆ 0      ┆ 1,200 ┆ +1,200 │" in repr(changes)
    assert "tracks" not in repr(changes)


def test_changes_show_those_of_each_kind_that_changed_most_and_count_the_others():
    now = {"tracks": 2, "genre_tracks": {f"genre {n:03}": n for n in range(1, 101)}, "formats": {"mp3": 1}}
    changes = stats.compared(taken((1, {"tracks": 1, "genre_tracks": {}, "formats": {}})), now)
    remark = "And 88 more that changed less: see .frame."
    for shown in (repr(changes), changes._repr_html_()):
        assert shown.count("genre: ") == 12
        assert all(word in shown for word in ("genre: genre 100", "genre: genre 089", "format: mp3", remark))
    assert len(changes.frame.filter(pl.col("what").str.starts_with("genre: "))) == 100


def test_changes_show_long_names_cut_and_on_one_line():
    changes = stats.compared(taken((1, {"genre_tracks": {}, "tracks": 1})), {"genre_tracks": {"a\nb" * 5000: 1}})
    assert len(changes._repr_html_()) < 600
    assert "genre: a ba ba b" in changes._repr_html_()


def test_a_small_change_is_not_shown_as_none():
    before, now = {"hours": 0.039, "size_gb": 12.001, "tracks": 1}, {"hours": 0.04, "size_gb": 11.5, "tracks": 1}
    shown = stats.compared(taken((1, before)), now)._repr_html_()
    assert "<td>0.039 h</td><td>0.04 h</td><td>+0.001 h</td>" in shown
    assert "<td>12.0 GB</td><td>11.5 GB</td><td>-0.501 GB</td>" in shown


@pytest.mark.parametrize(
    "stored",
    [
        "[]", "null", '"text"', "{}", '{"tracks": "12"}', '{"tracks": [1]}', '{"tracks": true}', '{"tracks": NaN}',
        '{"tracks": 1e999}', '{"tracks": 99999999999999999999}', '{"tags": "year"}', '{"genre_tracks": [1]}',
        '{"tags": {"year": null}}',
    ],
)  # fmt: skip
def test_what_is_no_number_in_a_snapshot_is_unknown(stored):
    snapshots = taken((1, {})).with_columns(statistics=pl.lit(stored))
    now = {"tracks": 5, "hours": 1.0, "tags": {"year": 3}, "genre_tracks": {"Jazz": 1}}
    assert repr(stats.compared(snapshots, now)) == FIRST
    assert repr(stats.compared(snapshots, now, since=NOW)) == FIRST
    assert stats.history(snapshots).select("tracks", "hours").rows() == [(None, None)]


# Moments


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        (" 2026-02 ", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2025", datetime(2025, 1, 1, tzinfo=UTC)),
        ("-3w", datetime(2026, 4, 24, tzinfo=UTC)),
        (date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)),
        (datetime(2026, 1, 2, 3), datetime(2026, 1, 2, 3, tzinfo=UTC)),  # noqa: DTZ001  taken as UTC
        ("2026-01-02 03:00", datetime(2026, 1, 2, 3, tzinfo=UTC)),
        ("2026-01-02T00:30:00+01:00", datetime(2026, 1, 1, 23, 30, tzinfo=UTC)),
        (datetime(2026, 1, 2, 0, 30, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 1, 1, 23, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_utc(since, expected):
    read = moment(since, now=NOW)
    assert (read, read.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    "since", ["", "soon", "2026-13", "2026-02-30", "2026-01-01..", "-3", "20260101", "2026-01-01T99"]
)
def test_what_is_no_day_is_refused(since):
    with pytest.raises(QueryError, match="is no day: write 2026-01-01, 2026-01 or -3w"):
        moment(since)


# The library


@pytest.fixture
def library(tmp_path):
    library = wb.Library(tmp_path / "library.db")
    grow(library, 12)
    return library


def grow(library, count):
    """Let the library hold the first made records."""
    with store.writing(library._engine) as connection:
        known = roots(connection)
        root_id = next(iter(known)) if known else add_root(connection, Path("/music").absolute())[0]
        store_records(connection, root_id, list(records(count)))


def revised(library):
    with store.reading(library._engine) as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()


def test_a_library_says_what_has_changed_and_says_it_again(library):
    assert library.changes().sentence == FIRST
    assert library.snapshots().select("tracks", "analyzed", "artists").rows() == [(12, 0, 2)]
    grow(library, 36)
    first, known = library.changes(), revised(library)
    assert first.base_at == library.snapshots()["taken_at"][0]
    assert ": +24 tracks, +" in first.sentence
    again = wb.Library(library.path).changes()
    assert (again.base_at, again.sentence) == (first.base_at, first.sentence)
    assert again.frame.equals(first.frame)
    assert len(library.snapshots()) == 2
    assert revised(library) == known, "a look at an unchanged library writes nothing"


def test_a_library_finds_its_base_by_days(library):
    library.changes()
    grow(library, 24)
    changes = library.changes("2020-01-01")
    assert "(the earliest report there is): +12 tracks" in changes.sentence
    assert library.changes("-1d").base_at == changes.base_at
    later = library.snapshots()["taken_at"][1]
    assert library.changes(later).sentence.endswith("nothing has changed.")
    assert library.changes(later - timedelta(microseconds=1)).base_at == changes.base_at
    assert library.changes("").base_at == changes.base_at
    with pytest.raises(QueryError, match="'tomorrow' is no day"):
        library.changes("tomorrow")


def test_a_look_costs_no_rows_of_the_frame(library):
    library.tracks()
    with store.reading(library._engine) as connection:
        before = connection.exec_driver_sql("SELECT revision FROM change ORDER BY id DESC LIMIT 1").scalar_one()
    library.changes()
    with store.reading(library._engine) as connection:
        assert touched_since(connection, before) == set()


def test_a_library_that_is_only_read_stores_nothing(library):
    library.changes()
    grow(library, 24)
    reader = wb.Library(library.path)
    reader._engine.update_execution_options(workbench_refusal=StoreError("is only read"))
    assert "+12 tracks" in reader.changes().sentence
    assert len(reader.snapshots()) == 1


def test_a_library_nobody_has_looked_at_has_no_snapshots(tmp_path):
    frame = wb.Library(tmp_path / "empty.db").snapshots()
    assert (frame.schema, len(frame)) == (pl.Schema(stats.HISTORY), 0)


def test_an_older_snapshot_has_nulls(library):
    with store.writing(library._engine) as connection:
        row = {"user_id": owner_id(connection), "statistics": {"tracks": 3}, "taken_at": NOW}
        connection.execute(TABLES["snapshot"].insert(), row)
    assert library.snapshots().select("taken_at", "tracks", "hours").row(0) == (NOW, 3, None)
    assert library.changes().sentence == "Since 2026-05-15 12:00 UTC: +9 tracks."


def test_two_who_look_at_once_store_one_snapshot(library):
    libraries = [wb.Library(library.path) for _ in range(4)]
    together = threading.Barrier(4)

    def look(own):
        own.tracks()
        together.wait()
        own.changes()

    threads = [threading.Thread(target=look, args=(own,)) for own in libraries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(library.snapshots()) == 1
