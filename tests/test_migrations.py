"""A store of any earlier version opens, and nothing that it held is lost."""

import os
import re
import sqlite3
import sys
import warnings
from contextlib import closing, contextmanager
from itertools import count

import pytest
from alembic import command, config

from workbench.models import Group, Unknown
from workbench.store import SCHEMA_VERSION, open_store, reading
from workbench.store.analysis import pending
from workbench.store.connection import WRITES, _engine, _make
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
    _make(path)
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


KILLED = 9
KILLS = 8  # each takes a third of a second


@contextmanager
def at_every_statement(do):
    """Have something done before each statement that SQLite runs, those that Alembic does not know of too."""
    connect, number = sqlite3.connect, count(1)

    def connected(*words, **how):
        connection = connect(*words, **how)
        connection.set_trace_callback(lambda statement: do(next(number), statement))
        return connection

    sqlite3.connect = connected
    try:
        yield
    finally:
        sqlite3.connect = connect


def die_at(path, last):
    """Upgrade a store in a process that ends without a word at a statement; gives how it ended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of other tests, which the child does not need
        child = os.fork()
    if not child:
        with at_every_statement(lambda number, _: number == last and os._exit(KILLED)):
            open_store(path)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state_of(path):
    """What lies on the disk: the bytes of the store and of its journal, None where there is no file."""
    files = (path, path.with_name(path.name + "-wal"))
    return tuple(file.read_bytes() if file.exists() else None for file in files)


def put_back(folder, state):
    folder.mkdir()
    for name, data in zip(("library.db", "library.db-wal"), state, strict=True):
        if data is not None:
            (folder / name).write_bytes(data)
    return folder / "library.db"


def contents(path):
    """Schema, and every row but for revisions, which are random.

    Of the schema: names and statements, blanks aside, and foreign keys in any order: Alembic writes those of a table
    that it makes anew as they come.
    """
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        schema = {(*names, parts_of(sql or "")) for *names, sql in found}
        assert len(schema) == len(found)
        tables = sorted(name for kind, name, *_ in found if kind == "table" and name != "change")
        rows = {name: sorted(connection.execute(f"SELECT * FROM '{name}'"), key=repr) for name in tables}  # noqa: S608
    return schema, rows


FOREIGN = re.compile(r"FOREIGNKEY\([a-z_,]+\)REFERENCES[a-z_\"]+\([a-z_,]+\)(?:ON[A-Z]+)?,?")


def parts_of(sql):
    """A statement without blanks and foreign keys, and those."""
    packed = re.sub(r"\s+", "", sql)
    keys = sorted(each.removesuffix(",") for each in FOREIGN.findall(packed))
    return FOREIGN.sub("", packed).replace(",)", ")"), *keys


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Schema of a store that was made at once."""
    path = tmp_path_factory.mktemp("fresh") / "library.db"
    open_store(path)
    return contents(path)[0]


def an_older_store(folder, version):
    """Where a store of that version lies; of version 0 there is none yet."""
    folder.mkdir()
    path = folder / "library.db"
    return store_of(path, version) if version else path


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize("version", range(SCHEMA_VERSION))
def test_an_upgrade_that_is_killed_at_any_statement_is_made_up_for_by_the_next(tmp_path, fresh, version):
    """A run that goes through shows what lies on the disk at each statement, as a kill there leaves it.

    That it is the same is seen by killing a process at some of them and after the commit. Every state of the disk is
    then opened again; those that are the same to the byte once.
    """
    before = state_of(an_older_store(tmp_path / "older", version))
    shown, statements = [], []
    path = put_back(tmp_path / "whole", before)

    def look(_number, statement):
        shown.append(state_of(path))
        statements.append(statement)

    with at_every_statement(look):
        open_store(path)
    schema, rows = contents(path)
    assert schema == fresh
    committed = len(statements) - statements[::-1].index("COMMIT")
    left = set(shown)
    deaths = sorted({*range(1, committed, committed // KILLS + 1), *range(committed - 1, len(statements) + 1)})
    for last in deaths:
        killed = put_back(tmp_path / f"killed-{last}", before)
        assert die_at(killed, last) == KILLED
        left.add(state_of(killed))
        assert last > committed or state_of(killed) == shown[last - 1]
    for number, state in enumerate(left):
        again = put_back(tmp_path / f"again-{number}", state)
        open_store(again)
        assert contents(again) == (schema, rows)
    kinds = {kind: sum(each[0] == kind for each in schema) for kind in ("table", "index", "trigger")}
    print(
        f"from {version}: {len(statements)} statements, {len(deaths)} processes killed, {len(left)} states of the "
        f"disk, all upgraded again; {kinds}, {sum(map(len, rows.values()))} rows"
    )
    assert len(left) > 1
    assert (kinds["table"] > 25, kinds["index"] > 25) == (True, True)
