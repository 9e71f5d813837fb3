"""The frame that is brought up to date row by row is the frame that is made anew, whatever was written."""

import random
from pathlib import Path

import numpy as np
import pytest
from synthetic import records
from test_store import VERSIONS, measured, record

from workbench.store import open_store, reading, writing
from workbench.store import revisions as revisions_module
from workbench.store.analysis import pending, store_features, store_hash
from workbench.store.cache import fresh_tracks
from workbench.store.corrections import store_corrections, store_rating
from workbench.store.files import known_files, mark_missing, mark_present, relocate, respell
from workbench.store.forgetting import forget_tracks, missing_frame
from workbench.store.frames import tracks_frame
from workbench.store.ingest import store_records
from workbench.store.layouts import store_layout
from workbench.store.playlists import store_playlist
from workbench.store.revisions import touched_since
from workbench.store.roots import add_root, roots

MUSIC = Path("/music").absolute()
MADE = list(records(200))


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "library.db")
    with writing(made) as connection:
        root_id, _ = add_root(connection, MUSIC / "inner")
        store_records(connection, root_id, MADE[:60])
    return made


def root_of(connection):
    return next(iter(roots(connection)))


def some_file(connection, chance):
    return chance.choice(list(known_files(connection, root_of(connection)).values()))


def some_track(connection, chance):
    return chance.choice(connection.exec_driver_sql("SELECT id FROM track").scalars().all())


def take_in(connection, chance):
    store_records(connection, root_of(connection), chance.sample(MADE, 3))


def tag_anew(connection, chance):
    file = some_file(connection, chance)
    tags = {"title": "Anew", "artists": ("Bo", "Cy"), "album_artists": (chance.choice("DE"),)}
    tags |= {"album": "Other", "musicbrainz_album_id": "of one album, whoever it is by"}
    store_records(connection, root_of(connection), [record(file.path, **tags)])


def lose(connection, chance):
    mark_missing(connection, [some_file(connection, chance)])


def find(connection, chance):
    mark_present(connection, [some_file(connection, chance)])


def move(connection, chance):
    file, other = some_file(connection, chance), some_file(connection, chance)
    if file.file_id != other.file_id:
        relocate(connection, root_of(connection), [(file.file_id, other.path)])


def spell(connection, chance):
    respell(connection, [(some_file(connection, chance).file_id, b"spelt/%d.mp3" % chance.randrange(10**9))])


def rate(connection, chance):
    store_rating(connection, some_track(connection, chance), chance.choice([None, 0.2, 0.9]))


def correct(connection, chance):
    values = {"title": chance.choice([None, "Mine"]), "key": chance.choice([None, "Am"]), "genres": ["Own"]}
    store_corrections(connection, some_track(connection, chance), values)


def hear(connection, chance):
    for track in pending(connection, VERSIONS)[:2]:
        store_features(connection, track, measured(bpm=chance.uniform(60, 180)), [])
        if chance.random() < 0.5:
            continue
        store_hash(connection, track, chance.choice([b"same", b"other", chance.randbytes(8)]))


def forget(connection, _chance):
    forget_tracks(connection, missing_frame(connection)["track_id"].to_list()[:1])


def list_some(connection, chance):
    store_playlist(connection, "Some", [some_track(connection, chance)])


def draw(connection, _chance):
    store_layout(connection, "key", {}, np.array([1]), np.zeros((1, 2), np.float32))


def widen(connection, _chance):
    add_root(connection, MUSIC)


OPERATIONS = (take_in, tag_anew, lose, find, move, spell, rate, correct, hear, forget, list_some, draw)


@pytest.mark.parametrize("seed", range(4))
def test_row_by_row_or_made_anew(store, seed):
    chance = random.Random(seed)
    known = fresh_tracks(store)
    steps = [chance.choice(OPERATIONS) for _ in range(40)]
    for step in [*steps[:20], widen, *steps[20:]]:
        with writing(store) as connection:
            step(connection, chance)
        known = fresh_tracks(store, known)
        with reading(store) as connection:
            anew = tracks_frame(connection)
        assert known[1].equals(anew), step.__name__
        assert known[1].schema == anew.schema


@pytest.mark.parametrize("step", OPERATIONS, ids=lambda step: step.__name__)
def test_only_rows_that_changed_are_read_again(store, step):
    """No operation falls back on reading everything."""
    chance = random.Random(1)
    with writing(store) as connection:
        take_in(connection, chance)
        lose(connection, chance)
        rate(connection, chance)
    before, _ = fresh_tracks(store)
    with writing(store) as connection:
        step(connection, chance)
    with reading(store) as connection:
        touched = touched_since(connection, before)
    assert touched is not None
    assert len(touched) <= 30


def test_a_write_that_says_nothing_changes_everything(store):
    before, _ = fresh_tracks(store)
    with writing(store) as connection:
        connection.exec_driver_sql("UPDATE track SET title = 'All'")
    with reading(store) as connection:
        assert touched_since(connection, before) is None
        assert touched_since(connection, "of another store") is None
    assert set(fresh_tracks(store, (before, None))[1]["title"]) == {"All"}


def test_only_the_last_changes_are_kept(store, monkeypatch):
    monkeypatch.setattr(revisions_module, "KEPT", 5)
    before, _ = fresh_tracks(store)
    for _ in range(8):
        with writing(store) as connection:
            store_rating(connection, 1, 0.5)
    with reading(store) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM change").scalar() == 5
        assert touched_since(connection, before) is None
