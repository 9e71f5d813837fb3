"""A store of any earlier version opens, and nothing that it held is lost."""

import sqlite3
from contextlib import closing

import pytest
from alembic import command, config

from workbench.models import Group, Unknown
from workbench.store import SCHEMA_VERSION, open_store, reading
from workbench.store.analysis import pending
from workbench.store.connection import WRITES, _engine
from workbench.store.frames import features_frame, findings_frame, tracks_frame
from workbench.store.layouts import load_layout
from workbench.store.playlists import playlist_track_ids
from workbench.store.searches import searches_frame
from workbench.store.suggestions import suggestions_frame

FIRST = """
INSERT INTO user VALUES (1, 'me', 'owner');
INSERT INTO root (id, path, path_text) VALUES (1, CAST('/music' AS BLOB), '/music');
INSERT INTO artist (id, name, name_fold) VALUES (1, 'Ana', 'ana');
INSERT INTO genre (id, name, name_fold) VALUES (1, 'Rock', 'rock');
INSERT INTO album (id, name, identity, compilation) VALUES (1, 'Rain', 'artist:ana:rain', 0);
INSERT INTO track (id, title, album_id, has_cover, added_at) VALUES (7, 'Été', 1, 0, '2100-01-01 00:00:00.000000');
INSERT INTO file (id, root_id, track_id, path, path_text, size_bytes, mtime_ns, inode, missing, read_at) VALUES
    (1, 1, 7, CAST('a/1.mp3' AS BLOB), 'a/1.mp3', 5, 6, 7, 0, '2100-01-01 00:00:00.000000'),
    (2, 1, NULL, x'612FFF2E6D7033', 'a/\ufffd.mp3', 5, 6, 7, 0, '2100-01-01 00:00:00.000000');
INSERT INTO track_artist (track_id, artist_id, role, position) VALUES (7, 1, 'artist', 0);
INSERT INTO track_genre (track_id, genre_id, position) VALUES (7, 1, 0);
INSERT INTO album_artist (album_id, artist_id, position) VALUES (1, 1, 0);
INSERT INTO rating VALUES (1, 7, 0.8, '2100-01-01 00:00:00.000000');
INSERT INTO playlist (id, user_id, name, created_at, modified_at) VALUES
    (1, 1, 'Mine', '2100-01-01 00:00:00.000000', '2100-01-01 00:00:00.000000');
INSERT INTO playlist_item (playlist_id, position, track_id) VALUES (1, 0, 7), (1, 1, 7);
INSERT INTO finding (file_id, track_id, stage, state, reason, text, found_at) VALUES
    (1, 7, 'features', 'warning', 'clipped', 'loud', '2100-01-01 00:00:00.000000'),
    (2, NULL, 'tags', 'failed', 'not_audio', 'is none', '2100-01-01 00:00:00.000000');
INSERT INTO audio_features
    (analyzer_version, duration_s, sample_rate_hz, channels, bpm, reasons, track_id, analyzed_at) VALUES
    ('librosa-1', 181.0, 44100, 2, 99.5, '{"key": "no_tonality"}', 7, '2100-01-01 00:00:00.000000');
"""


def store_of(path, version):
    """A store as that schema version made it, with the rows of the first."""
    options = config.Config()
    options.set_main_option("script_location", "workbench.store:migrations")
    for revision, rows in (("0001", FIRST), (f"{version:04}", "")):
        engine = _engine(path)
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            options.attributes["connection"] = connection
            command.upgrade(options, revision)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(rows)
    return path


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_nothing_is_lost(tmp_path, version):
    store = open_store(store_of(tmp_path / "library.db", version))
    with reading(store) as connection:
        (track,) = tracks_frame(connection).rows(named=True)
        findings = findings_frame(connection)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert playlist_track_ids(connection, "Mine") == [7, 7]
        suggested = suggestions_frame(connection, "ete", limit=5)
    assert (track["track_id"], track["title"], track["album"], track["rating"]) == (7, "Été", "Rain", 0.8)
    assert (track["artists"], track["genres"], track["album_artists"]) == (["Ana"], ["Rock"], ["Ana"])
    assert (track["path"], track["path_bytes"], track["bpm"]) == ("/music/a/1.mp3", b"/music/a/1.mp3", 99.5)
    assert findings["path"].to_list() == ["/music/a/1.mp3", "/music/a/\ufffd.mp3"]
    assert findings["reason"].to_list() == ["clipped", "not_audio"]
    assert suggested.rows() == [("title", "Été", "title:=Été")]


def test_layouts_of_the_third_schema_stay_and_have_no_relatives(tmp_path):
    path = store_of(tmp_path / "library.db", 3)
    with closing(sqlite3.connect(path)) as connection:
        row = ("key", "{}", b"\7" + bytes(7), bytes(8), "2100-01-01 00:00:00.000000")
        columns = "key, parameters, track_ids, points, made_at"
        connection.execute(f"INSERT INTO layout ({columns}) VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608  stand above
        connection.commit()
    with reading(open_store(path)) as connection:
        layout = load_layout(connection, "key")
        indexes = connection.exec_driver_sql("SELECT name FROM pragma_index_list('layout')").scalars().all()
    assert (layout.track_ids.tolist(), layout.points.tolist()) == ([7], [[0, 0]])
    assert (layout.trust, layout.stamps) == (None, None)
    assert "ix_layout_family" in indexes


def test_new_tracks_get_ids_of_their_own(tmp_path):
    path = store_of(tmp_path / "library.db", 2)
    open_store(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT last_track_id FROM store_state").fetchall() == [(7,)]


def test_features_of_the_first_schema_stay_until_they_are_measured_anew(tmp_path):
    """Columns that it had not are null with a reason."""
    with reading(open_store(store_of(tmp_path / "library.db", 1))) as connection:
        row = features_frame(connection).row(0, named=True)
        (waiting,) = pending(connection, dict.fromkeys(Group, "v1"))
    assert waiting.groups == tuple(Group)
    assert (row["bpm"], row["extent"], row["rhythm_version"]) == (99.5, "full", "librosa-1")
    codes = {each["column"]: each["code"] for each in row["reasons"]}
    assert codes["tuning_cents"] == codes["stereo_image"] == "not_measured"
    assert codes["key"] == "no_tonality"
    assert set(codes.values()) <= set(Unknown)


def test_files_of_the_fifth_schema_are_to_be_read_again_and_no_search_is_remembered(tmp_path):
    with reading(open_store(store_of(tmp_path / "library.db", 5))) as connection:
        (track,) = tracks_frame(connection).rows(named=True)
        versions = connection.exec_driver_sql("SELECT tags_version FROM file").scalars().all()
        assert searches_frame(connection).is_empty()
    assert versions == [0, 0]
    assert (track["rating"], track["rating_tag"], track["play_count"]) == (0.8, None, None)
