"""A store that is damaged, full or half gone: every use of it ends well or with an error that names it."""

import shutil
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from synthetic import records

import workbench as wb
from workbench.errors import StoreError, StoreWarning, WorkbenchError
from workbench.store import SCHEMA_VERSION, open_store, writing
from workbench.store import connection as connections
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store with thirty tracks and a playlist; tests break copies of it."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "music").mkdir()
    library = wb.Library(folder / "library.db")
    with writing(library._engine) as connection:
        root_id, _ = add_root(connection, folder / "music")
        store_records(connection, root_id, list(records(30)))
    library.save(wb.Playlist("Some", library.tracks().head(5)))
    library.rate(1, 0.5)
    return library.path


@pytest.fixture
def path(whole, tmp_path):
    return Path(shutil.copy(whole, tmp_path / "library.db"))


def test_a_full_store_keeps_what_it_has_and_goes_on_once_there_is_room(path):
    """SQLite says so itself: the store may not have a page more."""
    library = wb.Library(path)
    many = wb.Playlist("Many", library.tracks().sample(20_000, with_replacement=True, seed=0))

    def limit(connection, _record):
        connection.execute("PRAGMA max_page_count = 10").close()  # which SQLite takes for the size that it has

    sa.event.listen(library._engine, "connect", limit)
    with pytest.raises(StoreError, match=rf"{path}: the disk is full; make room, then run this again; nothing of"):
        library.save(many)
    assert library.playlists()["name"].to_list() == ["Some"]
    sa.event.remove(library._engine, "connect", limit)
    library.save(many)
    assert len(library.playlist("Many")) == 20_000


def test_every_page_may_be_garbage(path):
    """Whatever page is damaged, reading and writing end well or with an error of ours that names the store."""
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    told_of = 0
    uses = (
        wb.Library.tracks,
        wb.Library.features,
        wb.Library.findings,
        wb.Library.ledger,
        wb.Library.missing,
        wb.Library.playlists,
        wb.Library.corrections,
        lambda library: library.playlist("Some"),
        lambda library: library.suggest("a"),
        lambda library: library.rate(1, 1.0),
    )
    for page in range(len(whole) // size):
        place = path.with_name(f"{page}.db")
        place.write_bytes(whole[: page * size] + b"\xa5" * size + whole[(page + 1) * size :])
        library = None
        for use in (wb.Library, *uses):
            if library is None and use is not wb.Library:
                break
            try:
                given = use(library or place)
                library = library or given
            except WorkbenchError as error:
                assert str(error).startswith(str(place))  # noqa: PT017  one of several that may come
                told_of += 1
    print(f"damaged pages: {page + 1}, uses that were told of it: {told_of}, other errors: 0")
    assert told_of > page // 2


def test_a_store_that_breaks_while_it_is_read_is_told_of(path):
    library = wb.Library(path)
    library.tracks()
    path.write_bytes(path.read_bytes()[:8192])
    with pytest.raises(StoreError, match=rf"{path}: is damaged .* put a backup in its place"):
        library.findings()
    with pytest.raises(StoreError, match="is damaged"):
        library.rate(1, 1.0)


def test_a_rollback_journal_without_its_store_is_not_played_into_a_new_one(path):
    """As a program that was killed leaves it on a network file system, where the store has no WAL."""
    path.unlink()
    journal = path.with_name("library.db-journal")
    journal.write_bytes(b"old pages")
    with pytest.raises(StoreError, match=r"library\.db: is gone, but its journal library\.db-journal is there"):
        open_store(path)
    assert (path.exists(), journal.read_bytes()) == (False, b"old pages")


def test_a_path_that_begins_as_one_of_windows_on_a_network_does_is_opened(path):
    r"""SQLite takes what follows two slashes for a host: ``\\nas\music\library.db`` could not be opened."""
    library = wb.Library(f"/{path.as_posix()}")
    library.rate(1, 1.0)
    assert wb.Library(path).tracks()["rating"][0] == 1.0


def test_a_journal_without_its_store_is_not_played_into_a_new_one(path):
    journal = path.with_name("library.db-wal")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE track SET title = 'in the journal'")
        connection.commit()
        left = journal.read_bytes()
    path.unlink()
    journal.write_bytes(left)
    with pytest.raises(StoreError, match=r"library\.db: is gone, but its journal library\.db-wal is there"):
        wb.Library(path)
    assert (path.exists(), journal.read_bytes()) == (False, left)


def test_a_new_store_comes_whole_where_two_make_it_at_once(tmp_path, monkeypatch):
    path = tmp_path / "library.db"

    class Late(type(path)):
        def exists(self, **how):
            return False if self.name == path.name else super().exists(**how)

    first = wb.Library(path)
    first.save(wb.Playlist("Mine", first.tracks()))
    monkeypatch.setattr(connections, "_upgrade", lambda _: pytest.fail("it is there"))
    assert open_store(Late(path)) is not None  # which looked before the other was there
    assert wb.Library(path).playlists()["name"].to_list() == ["Mine"]
    assert [each.name for each in tmp_path.iterdir()] == ["library.db"]


def test_a_warning_names_the_callers_line(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        wb.Library(path)
        open_store(path)
    assert [(each.category, each.filename) for each in seen] == [(StoreWarning, __file__)] * 2
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert [lines[each.lineno - 1].strip() for each in seen] == ["wb.Library(path)", "open_store(path)"]
