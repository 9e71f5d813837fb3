"""A disk, a store or a music folder that fails: one line says which and what to do, and nothing is harmed."""

import ctypes
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import warnings
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from synthetic import records

import workbench as wb
from workbench import cli
from workbench.errors import FolderError, StoreError
from workbench.store import SCHEMA_VERSION, writing
from workbench.store import connection as connections
from workbench.store.faults import told
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

pytestmark = pytest.mark.faults
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="limits and users of POSIX")
PR_CAPBSET_DROP = 24
HOLD = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE')"
SAVE = ("playlist", "Rain", "--query", "year:1900..")
FULL_DISK = (
    'mount -t tmpfs -o size=1m tmpfs "$1" && cp "$2" "$1/library.db" && (cat /dev/zero > "$1/filler"; shift 2; "$@")'
)


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


@pytest.fixture
def said(monkeypatch, capsys, tmp_path):
    """Run a command in this process; gives its exit code and what it said, but for the name of the library."""

    def run(*words, library=None):
        capsys.readouterr()
        here = [] if library is None else ["--library", str(library)]
        monkeypatch.setattr(sys, "argv", ["workbench", *map(str, words), *here])
        monkeypatch.chdir(tmp_path)
        with warnings.catch_warnings(action="default"), pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code or 0, spoken(capsys.readouterr().err)

    return run


def spoken(text):
    return [line for line in text.splitlines() if not line.startswith("Library: ")]


def started(*words, **how):
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "workbench", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **how)
    return done.returncode, spoken(done.stderr)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_told(outcome, path, step):
    """Whether a command failed and said so in one line, which names the file and what to do."""
    code, lines = outcome
    print(f"  exit {code}: {lines}")
    assert code == 1
    (line,) = lines
    assert re.fullmatch(rf"Error: {re.escape(str(path))}: .*{step}.*", line)
    return True


def full_disk(path, tmp_path, said):
    """One without a free byte; where no such disk can be mounted, a file that may not grow."""
    del said
    disk = tmp_path / "disk"
    disk.mkdir()
    apart = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    words = [sys.executable, "-m", "workbench", *SAVE, "--library", disk / "library.db"]
    trial = [*apart, 'mount -t tmpfs -o size=1m tmpfs "$1"', "sh", disk]
    if shutil.which("unshare") and not subprocess.run(trial, capture_output=True, check=False).returncode:
        done = subprocess.run(
            [*apart, FULL_DISK, "sh", disk, path, *words], capture_output=True, text=True, check=False, timeout=300
        )
        return is_told((done.returncode, spoken(done.stderr)[1:]), disk / "library.db", "the disk is full; make room")
    return small_files(path)


def small_files(path):
    """A limit that no file may outgrow, which SQLite meets as it does a quota."""
    import resource

    limit = path.stat().st_size // 2
    outcome = started(
        *SAVE, "--library", path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    return is_told(outcome, path, "see whether it is full .* run this again; nothing of this step was stored")


def read_only_folder(path, tmp_path, said):
    del said
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before = digest(path)
    how = {"env": os.environ | {"HOME": "/nonexistent"}, "cwd": "/", "preexec_fn": be_bound_by_permissions}
    assert is_told(started(*SAVE, "--library", path, **how), path, "only read.*copy it to change it")
    code, lines = started("status", "--library", path, **how)
    assert (code, len(lines)) == (0, 1)
    assert re.fullmatch(rf"Note: {path}: is only read.*copy it.*", lines[0])
    assert (digest(path), [each.name for each in tmp_path.iterdir()]) == (before, ["library.db"])
    path.parent.chmod(0o755)
    return True


def be_bound_by_permissions():
    """Give up root's right to write anywhere (capabilities(7): CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH)."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def locked_store(path, tmp_path, said):
    del tmp_path
    with held(path):
        assert is_told(said(*SAVE, library=path), path, "another program has held it for 0.3 s; .* run this again")
        code, lines = said("status", library=path)
        assert (code, lines) == (0, [])  # who only reads does not wait
    return True


@contextmanager
def held(path):
    """Another process writes and does not end."""
    program = f"{HOLD}; print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


def truncated_store(path, tmp_path, said):
    del tmp_path
    whole = path.read_bytes()
    steps = {len(whole) // 2: "is damaged .*put a backup", 100: "damaged.*put a backup", 0: "is empty.*delete it"}
    for size, step in steps.items():
        path.write_bytes(whole[:size])
        for words in (["status"], ["scan", path.parent], ["search", "rain"], ["backup", path.parent / "copy.db"]):
            assert is_told(said(*words, library=path), path, step)
        with pytest.raises(StoreError, match=step):
            wb.Library(path)
        assert path.read_bytes() == whole[:size]
    return True


def text_file(path, tmp_path, said):
    del tmp_path
    path.write_text("My songs, one a line\n" * 400, encoding="utf-8")
    before = digest(path)
    for words in (["status"], ["scan", path.parent]):
        assert is_told(said(*words, library=path), path, "is no library.*choose another with --library")
    with pytest.raises(StoreError, match="is no library"):
        wb.Library(path)
    assert digest(path) == before
    return True


def newer_store(path, tmp_path, said):
    del tmp_path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = digest(path)
    code, lines = said("status", library=path)
    assert code == 0
    assert re.fullmatch(rf"Note: {path}: was made by a newer workbench .* pip install -U music-workbench", lines[0])
    assert len(lines) == 1
    assert is_told(said(*SAVE, library=path), path, "newer workbench.*upgrade")
    assert digest(path) == before
    return True


def vanished_store(path, tmp_path, said):
    """Deleted while a notebook has it open; and named, but not there."""
    library = wb.Library(path)
    path.unlink()
    for use in (library.tracks, library.playlists, lambda: library.rate(1, 1.0), lambda: library.backup("copy.db")):
        with pytest.raises(StoreError, match=rf"{path}: is gone; .* a backup in its place"):
            use()
    for words in (["status"], ["analyze"], ["playlist"], ["report"], ["forget", "--missing"], ["root", "list"]):
        assert is_told(said(*words, library=path), path, "no library there yet; make one with: workbench scan FOLDER")
    assert [each.name for each in tmp_path.iterdir()] == []  # nothing empty took its place
    return True


def missing_root(path, tmp_path, said):
    library = wb.Library(path)
    (root,) = library.roots()
    library.move_root  # noqa: B018  the step that the line names is there
    before = library.ledger()
    root.rmdir()
    try:
        for words in (["scan", root], ["analyze"]):
            code, lines = said(*words, library=path)
            assert is_told((code, lines[-1:]), root, "connect its disk, or see workbench root move")
            assert [line for line in lines[:-1] if "workbench models fetch" not in line and "Maps" not in line] == []
        for use in (lambda: library.scan(root), library.analyze):
            with pytest.raises(FolderError, match="is no folder now; connect its disk"):
                use()
    finally:
        root.mkdir()
    assert library.ledger().equals(before)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["library.db", "library.db-analysis"]
    return True


FAULTS = (
    full_disk,
    read_only_folder,
    locked_store,
    truncated_store,
    text_file,
    newer_store,
    vanished_store,
    missing_root,
)


@posix_only
def test_each_of_eight_faults_is_told_in_one_line_that_names_the_file_and_a_next_step(
    whole, tmp_path, said, monkeypatch
):
    monkeypatch.setattr(connections, "BUSY_S", 0.3)
    count = 0
    for fault in FAULTS:
        print(fault.__name__)
        place = tmp_path / fault.__name__
        place.mkdir()
        count += fault(Path(shutil.copy(whole, place / "library.db")), place, said)
    print(f"faults told in one line: {count} of {len(FAULTS)}")
    assert (count, len(FAULTS)) == (8, 8)


def test_nobody_waits_longer_than_half_a_minute_for_another_program(path, monkeypatch):
    assert 5 <= connections.BUSY_S <= 30
    monkeypatch.setattr(connections, "BUSY_S", 0.2)
    library = wb.Library(path)
    with held(path), pytest.raises(StoreError, match=rf"{path}: another program has held it for 0\.2 s"):
        library.rate(1, 1.0)
    library.rate(1, 1.0)


def test_an_error_is_one_line_whatever_the_files_name_holds(path, said):
    odd = path.rename(path.with_name("a\nb\x1b[31m\u202e.db"))
    odd.write_bytes(b"")
    code, lines = said("status", library=odd)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].isprintable()


@pytest.mark.parametrize(
    "code", sorted(getattr(sqlite3, name) for name in dir(sqlite3) if name.startswith("SQLITE_IOERR"))
)
def test_every_failure_of_a_disk_has_a_step(path, code):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    assert "the disk refuses (disk I/O error); see whether it is full" in str(told(path, error, patience_s=1))


@posix_only
def test_files_that_do_not_fit_are_told_of_and_leave_no_half(whole, tmp_path):
    """A file may not outgrow 40 KB, as on a full disk; the index of the store's own journal takes 32 KB."""
    program = """if True:
        import resource, sys
        from pathlib import Path
        import polars as pl
        import workbench as wb
        library, folder = wb.Library(sys.argv[1]), Path(sys.argv[2])
        many = library.tracks().sample(9_000, with_replacement=True, seed=0)
        many = many.with_columns(number=pl.int_range(pl.len()).hash())
        writers = {name: lambda path: library.export(many, path, features=False)
                   for name in ("tracks.csv", "tracks.parquet", "tracks.json", "tracks.jsonl")}
        writers |= {f"rain{ending}": wb.Playlist("Rain", many).write for ending in (".m3u8", ".pls", ".xspf")}
        writers["copy.db"] = library.backup
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        for name, write in writers.items():
            try:
                print(name, "was written", write(folder / name))
            except wb.errors.WorkbenchError as error:
                print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", program, whole, tmp_path], capture_output=True, text=True, check=False, timeout=300
    )
    lines = done.stdout.splitlines()
    print(done.stdout, done.stderr)
    assert len(lines) == 8, done.stderr
    for line in lines:
        assert re.fullmatch(rf"{tmp_path}/\S+: cannot be written.*(choose another place|make room).*", line)
    assert list(tmp_path.iterdir()) == []
