"""Searches are remembered only where the user wants it, and never stand in the way of one."""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import event
from test_store import record

import workbench as wb
from workbench import preferences, store
from workbench.errors import QueryError, StoreWarning
from workbench.store import revisions
from workbench.store.ingest import store_records
from workbench.store.roots import add_root
from workbench.store.searches import SEARCHES, record_search


@pytest.fixture(autouse=True)
def _own_preferences(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(tmp_path / "preferences.json"))


@pytest.fixture
def library(tmp_path):
    made = wb.Library(tmp_path / "library.db")
    with store.writing(made._engine) as connection:
        root_id, _ = add_root(connection, tmp_path)
        store_records(connection, root_id, [record("1.mp3", title="Rain"), record("2.mp3", title="Sun")])
    return made


def remember():
    preferences.save(preferences.Preferences(record_searches=True))


def contents(library):
    with closing(sqlite3.connect(library.path)) as opened:
        return "\n".join(opened.iterdump())


def test_by_default_nothing_is_remembered(library):
    before = contents(library)
    assert library.search("rain")["title"].to_list() == ["Rain"]
    assert library.searches().is_empty()
    assert contents(library) == before, "not a byte is written"


def test_what_is_remembered(library):
    remember()
    start = datetime.now(UTC)
    for text in ("rain", "sun", " rain ", "year:1990..", "rain", "sun"):
        library.search(text)
    found = library.searches()
    assert found.schema == pl.Schema(SEARCHES)
    assert found.select("text", "times").rows() == [("rain", 3), ("sun", 2), ("year:1990..", 1)]
    assert found["last_at"].is_between(start, start + timedelta(minutes=5)).all()
    assert found["last_at"][1] > found["last_at"][0], "each has the moment of its last time"


def test_it_ends_when_it_is_turned_off(library):
    remember()
    library.search("rain")
    preferences.save(preferences.Preferences(record_searches=False))
    library.search("rain")
    assert library.searches()["times"].to_list() == [1]


def test_what_is_remembered_can_be_forgotten(library):
    remember()
    library.search("year:1987")
    library.search("sun")
    assert b"year:1987" in library.path.read_bytes()
    assert library.forget_searches() == 2
    assert library.searches().is_empty()
    assert b"year:1987" not in library.path.read_bytes(), "nor does its text stay in a page that is free now"


def test_nothing_stays_in_the_file_where_others_have_it_open_and_sqlite_shreds_nothing_unasked(library):
    """Texts stay in pages that are split, where SQLite is built as it comes, and in pages that the journal replaces."""

    @event.listens_for(library._engine, "connect")
    def _as_it_comes(connection, _record):
        connection.execute("PRAGMA secure_delete = OFF").close()

    with closing(sqlite3.connect(library.path)) as other:
        other.execute("SELECT count(*) FROM track").fetchall()
        for number in range(60):
            record_search(library._engine, f"{number * 7919 % 60} secret " * 20)
        assert library.forget_searches() == 60
        files = {path.name: path.read_bytes() for path in library.path.parent.glob("library.db*")}
    assert "library.db-wal" in files
    assert [name for name, data in files.items() if b"secret" in data] == []


def test_forgetting_waits_for_nobody_who_reads(library):
    remember()
    library.search("rain")
    with store.reading(library._engine) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM track").fetchall()
        start = datetime.now(UTC)
        assert library.forget_searches() == 1
        assert datetime.now(UTC) - start < timedelta(seconds=20)
    assert library.searches().is_empty()


def test_an_empty_search_and_one_that_is_none_are_not_remembered(library):
    remember()
    library.search("  ")
    with pytest.raises(QueryError):
        library.search("nosuchfield:7")
    wb.search(library.tracks(), "rain")
    assert library.searches().is_empty()


def test_the_frame_of_tracks_stays_what_it_is(library):
    remember()
    tracks = library.tracks()
    library.search("rain")
    assert library.tracks() is tracks


def test_searches_are_no_change_of_the_collection(library):
    remember()
    with store.reading(library._engine) as connection:
        before = revisions.revision(connection)
    library.search("rain")
    with store.reading(library._engine) as connection:
        assert revisions.touched_since(connection, before) == set()


def test_a_library_that_can_only_be_read_remembers_nothing_and_finds(library, caplog):
    remember()
    library.search("sun")
    with closing(sqlite3.connect(library.path)) as opened:
        opened.execute(f"PRAGMA user_version = {store.SCHEMA_VERSION + 1}")
    with pytest.warns(StoreWarning, match="newer workbench"):
        newer = wb.Library(library.path)
    assert newer.search("rain")["title"].to_list() == ["Rain"]
    assert not caplog.text, "nor is it said at every search that it cannot be"
    assert newer.searches()["text"].to_list() == ["sun"]


def test_a_busy_library_is_searched_at_once(library, caplog):
    """Whoever writes may take a minute; a search does not wait for that."""
    remember()
    with store.writing(library._engine), caplog.at_level(logging.WARNING):
        start = datetime.now(UTC)
        assert library.search("rain")["title"].to_list() == ["Rain"]
        assert datetime.now(UTC) - start < timedelta(seconds=20)
    assert "the search 'rain' is not remembered" in caplog.text
    assert library.searches().is_empty()


def test_a_text_that_cannot_be_stored_is_said_and_searched(library, caplog):
    with caplog.at_level(logging.WARNING):
        assert not record_search(library._engine, "\ud800")
    assert "is not remembered" in caplog.text


def test_others_searches_are_others(library):
    remember()
    library.search("rain")
    with store.writing(library._engine) as connection:
        connection.exec_driver_sql("INSERT INTO user (id, name, role) VALUES (9, 'another', 'guest')")
        connection.exec_driver_sql("INSERT INTO search_use VALUES (9, 'theirs', 5, '2026-01-01 00:00:00.000000')")
    assert library.searches()["text"].to_list() == ["rain"]
    library.forget_searches()
    assert "theirs" in contents(library)
