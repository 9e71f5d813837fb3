"""Type-ahead: which names begin with what somebody types."""

import random
from pathlib import Path

import pytest
from synthetic import records
from test_store import record

from workbench.query import search
from workbench.store import open_store, reading, writing
from workbench.store.corrections import store_corrections
from workbench.store.frames import tracks_frame
from workbench.store.ingest import store_records
from workbench.store.roots import add_root
from workbench.store.suggestions import rebuild, suggestions_frame

MUSIC = Path("/music").absolute()


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "library.db")


def ingest(store, *many):
    with writing(store) as connection:
        root_id, _ = add_root(connection, MUSIC)
        store_records(connection, root_id, many)


def suggest(store, text, limit=10):
    with reading(store) as connection:
        return suggestions_frame(connection, text, limit=limit).rows()


@pytest.fixture
def known(store):
    ingest(
        store,
        record("1.mp3", title="Jóga", artists=("Björk",), album="Homogenic", album_artists=("Björk",)),
        record("2.mp3", title="Blue in Green", artists=("Miles Davis", "Bill Evans"), album="Kind of Blue"),
        record("3.mp3", title="Bluebird", artists=("Various",), genres=("Blues", "Deep Blue"), compilation=True),
        record("4.mp3", title='12" of "Blue"', artists=("Blue",), album="Don't Stop"),
    )
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bjo", [("artist", "Björk")]),
        ("BJÖ", [("artist", "Björk")]),
        ("joga", [("title", "Jóga")]),
        ("jo\u0301g", [("title", "Jóga")]),
        ("davis mil", [("artist", "Miles Davis")]),
        ("don't s", [("album", "Don't Stop")]),
        ("kind of", [("album", "Kind of Blue")]),
        ("various a", [("album_artist", "Various Artists")]),
        ("zz", []),
        ("", []),
        ('"*(', []),
        ("a_b", []),
    ],
)
def test_words_and_beginnings(known, text, found):
    assert [row[:2] for row in suggest(known, text)] == found


def test_what_begins_with_the_text_comes_first_and_artists_before_titles(known):
    assert [row[:2] for row in suggest(known, "blue")] == [
        ("artist", "Blue"),
        ("genre", "Blues"),
        ("title", "Bluebird"),
        ("title", "Blue in Green"),
        ("genre", "Deep Blue"),
        ("album", "Kind of Blue"),
        ("title", '12" of "Blue"'),
    ]
    assert len(suggest(known, "blue", limit=2)) == 2


def test_every_suggestion_finds_something(known):
    with reading(known) as connection:
        tracks = tracks_frame(connection)
    queries = [query for _, _, query in (*suggest(known, "b"), *suggest(known, "v"), *suggest(known, "k"))]
    assert len(queries) > 9
    assert all(len(search(tracks, query)) for query in queries)


def test_names_that_no_track_has_any_more_are_not_suggested(known):
    ingest(known, record("1.mp3", title="Yoga", artists=("Björn",), album="Homo"))
    assert suggest(known, "jog") == []
    assert [row[:2] for row in suggest(known, "yog")] == [("title", "Yoga")]
    assert [row[:2] for row in suggest(known, "bjo")] == [("artist", "Björn")]
    assert [row[:2] for row in suggest(known, "homo")] == [("album", "Homo")]


def test_names_that_are_corrected_away_are_not_suggested(known):
    with writing(known) as connection:
        store_corrections(connection, 1, {"artists": ["New"], "album": "Other", "album_artists": ["New"]})
    assert suggest(known, "bjo") == []
    assert suggest(known, "homo") == []
    assert [row[:2] for row in suggest(known, "new")] == [("artist", "New")]


def test_the_index_is_always_what_it_would_be_if_made_anew(store):
    """Nothing keeps it in step but the functions that write names."""
    made = list(records(60))
    chance = random.Random(1)
    for _ in range(8):
        some = chance.sample(made, 20)
        ingest(
            store, *(record(one.path, title=chance.choice(made).tags.title, artists=one.tags.artists) for one in some)
        )
    with writing(store) as connection:
        query = "SELECT rowid, text FROM suggestion ORDER BY rowid"
        kept = connection.exec_driver_sql(query).all()
        rebuild(connection)
        assert connection.exec_driver_sql(query).all() == kept
    assert len(kept) > 50
