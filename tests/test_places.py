"""A store in a place that cannot be written, on a network, in use by others, or to be copied."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from synthetic import records

import workbench as wb
from workbench.errors import StoreError, StoreWarning
from workbench.store import connection as connections
from workbench.store import kept_open, open_store, reading, writing
from workbench.store.cache import fresh_tracks
from workbench.store.frames import tracks_frame
from workbench.store.ingest import store_records
from workbench.store.places import is_on_network
from workbench.store.roots import add_root


@pytest.fixture
def path(tmp_path):
    (tmp_path / "place").mkdir()
    fill(open_store(tmp_path / "place" / "library.db"), 30)
    return tmp_path / "place" / "library.db"


def fill(store, count, seed=0):
    with writing(store) as connection:
        root_id, _ = add_root(connection, Path("/music").absolute())
        store_records(connection, root_id, list(records(count, seed)))


def tracks_of(store):
    with reading(store) as connection:
        return tracks_frame(connection)


@pytest.fixture
def closed(path, monkeypatch):
    """Nothing can be written beside the store; root, who may write anywhere, is told so too."""
    path.parent.chmod(0o555)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: allowed(place, mode) and Path(place) != path.parent)
    yield path
    path.parent.chmod(0o755)


@pytest.mark.faults
def test_a_store_where_nothing_can_be_written_is_read(closed):
    with pytest.warns(StoreWarning, match=r"library\.db: is only read, since nothing can be written there"):
        library = wb.Library(closed)
    assert len(library.tracks()) == 30
    with pytest.raises(StoreError, match=r"library\.db: is only read.*copy it"):
        library.rate(1, 0.5)
    assert [each.name for each in closed.parent.iterdir()] == ["library.db"]


@pytest.mark.faults
def test_an_older_store_where_nothing_can_be_written_says_so(closed):
    closed.parent.chmod(0o755)
    with closing(sqlite3.connect(closed)) as connection:
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(StoreError, match=r"is of schema 1.*copy it to where it can be upgraded"):
        open_store(closed)


def disks(*rows):
    return [SimpleNamespace(mountpoint=place, fstype=kind, opts=options) for place, kind, options in rows]


@pytest.mark.parametrize(
    ("rows", "remote"),
    [
        ([("/", "ext4", "rw")], False),
        ([("/", "ext4", "rw"), ("/mnt/nas", "nfs4", "rw")], True),
        ([("/", "nfs4", "rw"), ("/mnt/nas/here", "ext4", "rw")], False),
        ([("/", "ext4", "rw"), ("/mnt/na", "cifs", "rw")], False),
        ([("/mnt/nas", "CIFS", "rw"), ("/", "ext4", "rw")], True),
        ([("/mnt/nas", "ntfs", "rw,remote")], True),
        ([("/mnt/nas", "ext4", "rw"), ("/mnt/nas", "fuse.sshfs", "rw")], True),  # the later one lies on top
        ([], False),
    ],
)
def test_network_file_systems(monkeypatch, rows, remote):
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: disks(*rows))
    assert is_on_network(Path("/mnt/nas/here/library.db")) == remote


def test_on_a_network_the_journal_is_rolled_back(path, monkeypatch):
    monkeypatch.setattr(connections, "is_on_network", lambda _: True)
    with pytest.warns(StoreWarning, match="network file system"):
        store = open_store(path)
    fill(store, 5, seed=1)
    with reading(store) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    monkeypatch.undo()
    with reading(open_store(path)) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_backup_is_a_library_of_its_own(path, tmp_path):
    library = wb.Library(path)
    with writing(library._engine) as connection:
        connection.exec_driver_sql("UPDATE track SET title = 'not committed yet' WHERE id = 1")
        copy = library.backup(tmp_path / "deep" / "copy.db")  # while another writes
    assert not {"not committed yet"} & set(wb.Library(copy).tracks()["title"])
    assert len(wb.Library(copy).tracks()) == 30
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with pytest.raises(StoreError, match=r"copy\.db: exists"):
        library.backup(copy)
    library.rate(1, 1.0)
    library.backup(copy, overwrite=True)
    assert wb.Library(copy).tracks()["rating"][0] == 1.0
    with pytest.raises(StoreError, match="cannot be written"):
        library.backup(path / "below a file" / "copy.db")
    assert sorted(each.name for each in copy.parent.iterdir() if "-" not in each.name) == ["copy.db"]


def test_a_backup_never_replaces_a_library_that_is_open(path, tmp_path):
    """Its journal would be played into the copy."""
    library, other = wb.Library(path), wb.Library(tmp_path / "other.db")
    for open_one, place in ((other, tmp_path / "other.db"), (library, path)):
        with kept_open(open_one._engine):
            fill(open_one._engine, 3, seed=3)
            with pytest.raises(StoreError, match=r"\.db: is a library that is open"):
                library.backup(place, overwrite=True)
    assert (len(library.tracks()), len(other.tracks())) == (33, 3)


@pytest.mark.faults
def test_a_reader_who_may_not_write_sees_what_others_write(path, monkeypatch):
    writer = open_store(path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.warns(StoreWarning, match="is only read"):
        reader = open_store(path)
    assert len(tracks_of(reader)) == 30
    with kept_open(writer):
        fill(writer, 3, seed=5)
        assert len(tracks_of(reader)) == 33


def test_every_write_gives_another_revision_and_reading_none(path):
    store = open_store(path)
    first, frame = fresh_tracks(store)
    assert fresh_tracks(store)[0] == first
    with writing(store):
        pass  # nothing written
    assert fresh_tracks(store)[0] == first
    fill(store, 1, seed=2)
    second, later = fresh_tracks(store)
    assert second != first
    assert (len(frame), len(later)) == (30, 31)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr("workbench.settings.cache_folder", lambda _: folder.mkdir(exist_ok=True) or folder)
    monkeypatch.setattr("workbench.store.cache.FEWEST", 1)
    return folder


def test_the_cached_frame_is_the_frame(path, cache, monkeypatch):
    store = open_store(path)
    made = tracks_of(store)
    assert fresh_tracks(store)[1].equals(made)
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr("workbench.store.cache.tracks_frame", None)  # the store is not asked again
    again = fresh_tracks(store)[1]
    assert again.equals(made)
    assert again.schema == made.schema
    monkeypatch.undo()


def test_an_older_or_damaged_cache_costs_only_time(path, cache):
    store = open_store(path)
    fresh_tracks(store)
    (file,) = cache.iterdir()
    file.write_bytes(b"no parquet")
    assert fresh_tracks(store)[1].equals(tracks_of(store))
    fill(store, 1, seed=2)
    assert len(fresh_tracks(store)[1]) == 31
    assert file not in cache.iterdir()
    assert len(list(cache.iterdir())) == 1


@pytest.mark.usefixtures("cache")
def test_a_store_put_back_from_a_copy_is_not_taken_for_another(path, tmp_path):
    """Both have the same number of writes behind them, but not the same ones."""
    shutil.copy(path, tmp_path / "copy.db")
    fill(open_store(path), 1, seed=2)
    assert len(fresh_tracks(open_store(path))[1]) == 31
    shutil.copy(tmp_path / "copy.db", path)
    store = open_store(path)
    with writing(store) as connection:
        connection.exec_driver_sql("UPDATE track SET title = 'Mine'")
    assert set(fresh_tracks(store)[1]["title"]) == {"Mine"}


WRITER = """
import sys, workbench as wb
library = wb.Library(sys.argv[1])
rows = library.tracks().head(2)
for number in range(300):
    library.save(wb.Playlist(f"{sys.argv[2]} {number:03}", rows))
"""


@pytest.mark.faults
def test_two_processes_write_six_hundred_times(path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, name], stderr=subprocess.PIPE, text=True) for name in "ab"
    ]
    errors = [writer.communicate(timeout=300)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors
    kept = wb.Library(path).playlists()
    assert sorted(kept["name"]) == [f"{name} {number:03}" for name in "ab" for number in range(300)]
    assert set(kept["tracks"]) == {2}
