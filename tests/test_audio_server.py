"""A Jupyter server with the extension: who gets which file, and who gets none."""

import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile as sf

import workbench as wb
from workbench import settings, store
from workbench.audio_server.streaming import content_type, file_of_track
from workbench.errors import StoreError, TrackError

TOKEN = "a-token"  # noqa: S105  of a server that lives for this module
BASE = "/some/where/"
NAMES = {"first": b"rain.flac", "second": b"caf\xe9 \xff.ogg"}
"""One a library; the second name is no UTF-8."""


def write_music(folder, name, seconds=3.0):
    folder.mkdir()
    y = 0.3 * np.random.default_rng(len(name)).standard_normal(round(seconds * 22_050))
    made = folder / f"made.{name.rpartition(b'.')[2].decode()}"
    sf.write(made, np.clip(y, -1, 1), 22_050)
    made.rename(folder / os.fsdecode(name))
    return folder / os.fsdecode(name)


@pytest.fixture(scope="module", autouse=True)
def runtime(tmp_path_factory):
    """The folder that servers and kernels share, for this module."""
    folder = tmp_path_factory.mktemp("runtime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shelves(tmp_path_factory):
    """Two libraries of one track each, shared: name -> key, id, file and store."""
    home = tmp_path_factory.mktemp("shelves")
    found = {}
    for name, spelling in NAMES.items():
        file = write_music(home / name, spelling)
        library = wb.Library(home / f"{name}.db")
        library.scan(home / name, progress=None)
        track_id = library.tracks()["track_id"].item()
        found[name] = (settings.share_library(library.path), track_id, file, library.path)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server below a base address; gives a function that asks it."""
    home = tmp_path_factory.mktemp("server")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.base_url": BASE,
        "ServerApp.root_dir": home,
        "ServerApp.jpserver_extensions": {"workbench.audio_server": True},
        "IdentityProvider.token": TOKEN,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    homes = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA")}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", *flags]
    log = (home / "log").open("wb")

    def ask(path, method="GET", *, token=TOKEN, **headers):
        """Status, headers and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        login = {"Authorization": f"token {token}"} if token else {}
        connection.request(method, BASE + path, headers=login | {k.replace("_", "-"): v for k, v in headers.items()})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, reply.headers, body

    process = subprocess.Popen(command, env=os.environ | homes, stdout=log, stderr=log)
    try:
        wait_for(ask, process, home / "log")
        yield ask
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def wait_for(ask, process, log):
    for _ in range(600):
        try:
            assert ask("api/status")[0] == 200
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def test_two_libraries_play_from_one_server(server, shelves):
    for name, kind in (("first", "audio/flac"), ("second", "audio/ogg")):
        key, track_id, file, _ = shelves[name]
        status, headers, body = server(f"workbench/audio/{key}/{track_id}")
        assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, kind, "bytes")
        assert body == file.read_bytes()


def test_a_range_is_a_part(server, shelves):
    key, track_id, file, _ = shelves["first"]
    whole = file.read_bytes()
    status, headers, body = server(f"workbench/audio/{key}/{track_id}", Range="bytes=1000-1999")
    assert (status, headers["Content-Range"]) == (206, f"bytes 1000-1999/{len(whole)}")
    assert body == whole[1000:2000]
    status, headers, _ = server(f"workbench/audio/{key}/{track_id}", Range=f"bytes={len(whole)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_head_has_no_body(server, shelves):
    key, track_id, file, _ = shelves["second"]
    status, headers, body = server(f"workbench/audio/{key}/{track_id}", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(file.stat().st_size), b"")


def test_a_file_that_did_not_change_is_not_sent_again(server, shelves):
    key, track_id, _, _ = shelves["first"]
    _, headers, _ = server(f"workbench/audio/{key}/{track_id}", "HEAD")
    status, _, body = server(f"workbench/audio/{key}/{track_id}", If_Modified_Since=headers["Last-Modified"])
    assert (status, body) == (304, b"")


def test_what_a_browser_may_do_with_it(server, shelves):
    key, track_id, _, _ = shelves["first"]
    _, headers, _ = server(f"workbench/audio/{key}/{track_id}?v=1&download=1", Origin="http://elsewhere.example")
    assert headers.get_all("Cache-Control") == ["private, no-cache"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "inline"
    assert "Expires" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("token", [None, "another"])
def test_nothing_without_login(server, shelves, method, token):
    key, track_id, _, _ = shelves["first"]
    status, headers, body = server(f"workbench/audio/{key}/{track_id}", method, token=token)
    assert status in {302, 403}
    assert status == 403 or headers["Location"].startswith(f"{BASE}login?")
    assert b"fLaC" not in body


def test_what_is_not_shared_or_not_known_is_not_found(server, shelves):
    key, track_id, _, _ = shelves["first"]
    for path in (
        f"workbench/audio/{'0' * 16}/{track_id}",
        f"workbench/audio/{key}/99999",
        f"workbench/audio/{key}/999999999999999999",
        f"workbench/audio/{key}/0{track_id}x",
        f"workbench/audio/{key}/..%2f..%2fetc%2fpasswd",
        f"workbench/audio/{key.upper()}x/{track_id}",
        f"workbench/audio/{key}",
    ):
        assert server(path)[0] == 404, path


def test_a_file_that_is_gone_is_not_found(server, tmp_path):
    file = write_music(tmp_path / "music", b"gone.wav")
    library = wb.Library(tmp_path / "library.db")
    library.scan(file.parent, progress=None)
    path = f"workbench/audio/{settings.share_library(library.path)}/{library.tracks()['track_id'].item()}"
    assert server(path, "HEAD")[0] == 200
    file.unlink()
    status, _, body = server(path)
    assert status == 404
    assert b"The file of this track is not there" in body


def test_a_store_of_another_schema_is_refused_and_left_as_it_is(server, shelves, tmp_path):
    _, track_id, _, path = shelves["first"]
    older = tmp_path / "older.db"
    shutil.copy(path, older)
    with sqlite3.connect(older) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    for beside in tmp_path.glob("older.db-*"):
        beside.unlink()
    before = older.read_bytes()
    status, _, body = server(f"workbench/audio/{settings.share_library(older)}/{track_id}")
    assert status == 503
    assert b"is of schema 2" in body
    assert older.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["older.db"]


def test_a_shared_library_that_is_gone_is_refused(server, tmp_path):
    status, _, body = server(f"workbench/audio/{settings.share_library(tmp_path / 'never.db')}/1")
    assert status == 503
    assert b"no such library" in body


def test_tracks_are_found_while_somebody_writes(shelves):
    _, track_id, file, path = shelves["first"]
    engine = store.open_store(path)
    with store.kept_open(engine), store.writing(engine) as connection:
        connection.exec_driver_sql("UPDATE track SET title = title || '!'")
        assert file_of_track(path, track_id) == file
    assert file_of_track(path, track_id) == file
    assert not list(path.parent.glob("first.db-*")), "looking leaves nothing behind"


def test_what_a_store_does_not_know_is_an_error(shelves, tmp_path):
    _, _, _, path = shelves["first"]
    with pytest.raises(TrackError, match="99"):
        file_of_track(path, 99)
    (tmp_path / "text.db").write_text("no database, but long enough to be looked at as if it were one" * 30)
    with pytest.raises(StoreError, match="is no library, or a damaged one"):
        file_of_track(tmp_path / "text.db", 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.mp3", "audio/mpeg"), ("a.M4A", "audio/mp4"), ("a.opus", "audio/ogg"), ("a.html", "application/octet-stream")],
)
def test_content_types(tmp_path, name, kind):
    assert content_type(tmp_path / name) == kind


def test_every_format_that_is_scanned_has_a_type(tmp_path):
    from workbench.models.records import EXTENSIONS

    assert all(content_type(tmp_path / f"a{ending}").startswith("audio/") for ending in EXTENSIONS)


def test_a_library_is_shared_by_a_key_that_says_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    odd = tmp_path / os.fsdecode(b"caf\xe9.db")
    key = settings.share_library(odd)
    assert settings.share_library(odd) == key
    assert settings.shared_library(key) == odd
    folder = tmp_path / "music-workbench"
    assert [file.name for file in folder.iterdir()] == [key]
    assert (folder.stat().st_mode & 0o777, (folder / key).stat().st_mode & 0o777) == (0o700, 0o600)
    for wrong in ("0" * 16, "", "../" + key, key + "\n", "A" * 16):
        assert settings.shared_library(wrong) is None
    (folder / key).write_text("/etc/another.db")
    assert settings.shared_library(key) is None, "a key stands for one path"


def test_loading_the_extension_loads_nothing_of_the_store():
    code = "import sys, workbench.audio_server.streaming; print(*sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "workbench.audio_server.streaming" in out
    assert not {"sqlalchemy", "sqlmodel", "polars", "numpy", "workbench.store"} & set(out)
