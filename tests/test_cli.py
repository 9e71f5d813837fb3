"""The command line, run as a user runs it."""

import json
import re
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import psutil
import pytest
import soundfile

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path):
    """A folder with a data folder and three short pieces."""
    (tmp_path / "data").mkdir()
    for number in range(3):
        y = 0.2 * np.sin(2 * np.pi * 220 * (number + 1) * np.arange(22050 * 4) / 22050)
        path = tmp_path / "music" / f"piece {number}.flac"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, y, 22050)
    return tmp_path


def test_the_demo_did_the_main_job(demo_home, command):
    said = (demo_home / "said.txt").read_text(encoding="utf-8")
    reports = demo_home / "data" / "reports"
    assert re.search(r"workbench lab", said)
    assert "Traceback" not in said
    assert len((reports / "statistics.html").read_text(encoding="utf-8")) > 1_000_000  # plotly.js is inside
    assert "customdata" in (reports / "similarity_map.html").read_text(encoding="utf-8")
    listed = (reports / "around_the_first_track.m3u8").read_text(encoding="utf-8").splitlines()
    paths = [line for line in listed if not line.startswith("#")]
    assert len(paths) == 11
    assert all((reports / path).resolve().is_file() for path in paths)
    status = command("status", cwd=demo_home)
    assert re.search(r"to analyse +0", status.stdout)
    assert str(demo_home / "data" / "library.db") in status.stderr


def test_scan_analyze_search_playlist(home, command):
    scanned = command("scan", "music", cwd=home)
    assert (scanned.returncode, scanned.stdout) == (0, "")
    assert "3 new" in scanned.stderr
    assert "  0 ok + 3 ok with warnings + 0 skipped + 0 failed = 3\n" in scanned.stderr
    assert f"Library: {home / 'data' / 'library.db'}" in scanned.stderr
    analyzed = command("analyze", "--workers", "1", cwd=home).stderr
    assert "3 tracks analysed, 0 failed" in analyzed
    assert "  3 ok + 0 ok with warnings + 0 skipped + 0 failed = 3\n" in analyzed
    assert "3 tracks on the map of their timbre space" in analyzed
    assert analyzed.count("workbench models fetch") == 1
    found = command("search", "title:piece", "--paths", cwd=home)
    assert sorted(found.stdout.splitlines()) == [str(home / "music" / f"piece {n}.flac") for n in range(3)]
    made = command(
        "playlist", "All", "--query", "piece", "--order", "title", "--write", "all.m3u8", cwd=home
    )  # fmt: skip
    assert made.returncode == 0
    lines = (home / "all.m3u8").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"music/piece {n}.flac" for n in range(3)]
    assert command("playlist", cwd=home).stdout == "All  3 tracks  (from a query: piece)\n"
    again = command("playlist", "All", "--write", "all.m3u8", cwd=home)
    assert again.returncode == 1
    assert "all.m3u8" in again.stderr
    assert command("playlist", "All", "--write", "all.m3u8", "--overwrite", cwd=home).returncode == 0


def test_a_playlist_is_ordered_within_constraints_and_says_what_it_could_not_meet(home, command):
    command("scan", "music", cwd=home)
    command("analyze", "--workers", "1", cwd=home)
    listed = command("playlist", "All", "--query", "piece", "--order", "title", cwd=home).stdout
    first, _, last = (int(line.split()[0]) for line in listed.splitlines())
    ends = ("--from", str(last), "--to", str(first))
    trip = command("playlist", "Trip", "--query", "piece", "--order", "journey", *ends, "--minutes", "9", cwd=home)
    tracks = [int(line.split()[0]) for line in trip.stdout.splitlines()]
    assert (tracks[0], tracks[-1], len(tracks)) == (last, first, 3)
    assert "Note: the 3 tracks last 0 minutes, not 9." in trip.stderr
    second = listed.splitlines()[1].partition("[")[2].partition("]")[0]  # each as long as the others
    two = str(2.5 * int(second.rpartition(":")[2]) / 60)
    arc = command("playlist", "Arc", "--query", "piece", "--order", "energy arc", "--minutes", two, cwd=home)
    assert len(arc.stdout.splitlines()) == 2
    assert "leaves out" not in arc.stderr
    thin = command("playlist", "Thin", "--query", "piece", "--distinct", "--at-most", "1", *ends, cwd=home)
    assert [int(line.split()[0]) for line in thin.stdout.splitlines()][-1] == first
    lost = command("playlist", "Lost", "--query", "piece", "--order", "journey", "--from", str(first), cwd=home)
    assert (lost.returncode, "give start= and end=" in lost.stderr) == (1, True)


def test_what_is_gone_is_forgotten_only_when_asked(home, command):
    command("scan", "music", cwd=home)
    command("playlist", "All", "--query", "piece", cwd=home)
    (home / "music" / "piece 0.flac").unlink()
    refused = command("scan", "music", cwd=home)
    assert (refused.returncode, "is a disk not mounted?" in refused.stderr) == (1, True)
    assert "1 missing" in command("scan", "music", "--allow-missing", cwd=home).stderr
    asked = command("forget", "--missing", cwd=home)  # nobody answers
    assert asked.returncode == 1
    assert asked.stdout.splitlines()[0] == f"{home / 'music' / 'piece 0.flac'}  (playlists: 1)"
    assert "1 tracks are missing. Of these 1 are in playlists." in asked.stderr
    assert command("playlist", cwd=home).stdout == "All  3 tracks  (from a query: piece)\n"
    assert "1 tracks forgotten" in command("forget", "--missing", "--yes", cwd=home).stderr
    assert command("playlist", cwd=home).stdout == "All  2 tracks  (from a query: piece)\n"
    assert "nothing to forget" in command("forget", "--missing", cwd=home).stderr


def test_a_music_folder_moves_and_the_library_is_backed_up(home, command):
    command("scan", "music", cwd=home)
    (home / "music").rename(home / "disk")
    assert command("root", "list", cwd=home).stdout == f"{home / 'music'}  (not there now)\n"
    moved = command("root", "move", "music", "disk", cwd=home)
    assert "3 files follow" in moved.stderr
    assert command("root", "list", cwd=home).stdout == f"{home / 'disk'}\n"
    assert "3 unchanged" in command("scan", "disk", cwd=home).stderr
    assert command("backup", "copy.db", cwd=home).returncode == 0
    assert "exists" in command("backup", "copy.db", cwd=home).stderr
    assert command("search", "piece", "--library", "copy.db", "--paths", cwd=home).stdout.count("\n") == 3


def test_a_search_may_ask_for_playlists(home, command):
    command("scan", "music", cwd=home)
    command("playlist", "Two", "--query", "title+ limit:2", cwd=home)
    found = command("search", "piece -playlist:=Two", "--paths", cwd=home)
    assert found.stdout == f"{home / 'music' / 'piece 2.flac'}\n"


def test_warnings_are_counted_and_listed_when_asked(home, command):
    command("scan", "music", cwd=home)
    assert "3 x missing_tags" in command("status", cwd=home).stdout
    listed = command("status", "--warnings", cwd=home).stdout
    assert listed.count("says no title, no artist, no album") == 3


def test_a_scan_in_which_nothing_is_usable_fails_whenever_it_is_made(home, command):
    """A second scan, to which the same files were unchanged, said that all was well."""
    (home / "junk").mkdir()
    (home / "junk" / "text.mp3").write_text("To whom it may concern. " * 50, encoding="utf-8")
    (home / "junk" / "two\nlines.wma").write_bytes(b"x")
    for _ in range(2):
        done = command("scan", "junk", cwd=home)
        assert done.returncode == 1
        said = (
            "No usable music was found (0 ok + 0 ok with warnings + 1 skipped + 1 failed = 2); workbench status lists"
        )
        assert said in done.stderr.splitlines()[-1]
    status = command("status", cwd=home).stdout.splitlines()
    assert "files        0 ok + 0 ok with warnings + 1 skipped + 1 failed = 2" in status
    assert status[-2].startswith(f"failed   tags/not_audio: {home / 'junk' / 'text.mp3'}: holds no audio")
    assert status[-1].startswith(f"skipped  walk/unsupported: {home / 'junk' / 'two'}\\nlines.wma: is Windows Media")


def test_an_analysis_in_which_nothing_succeeds_fails_whenever_it_is_made(home, command):
    for path in (home / "music").iterdir():
        path.write_bytes(path.read_bytes()[:300])  # its header is whole, so that a scan takes it
    assert command("scan", "music", cwd=home).returncode == 0
    done = command("analyze", "--workers", "2", cwd=home)
    assert done.returncode == 1
    assert "  0 ok + 0 ok with warnings + 0 skipped + 3 failed = 3\n" in done.stderr
    assert done.stderr.endswith("No track could be analysed; workbench status lists why.\n")
    again = command("analyze", cwd=home)
    assert (again.returncode, "3 failed before" in again.stderr.splitlines()[-1]) == (1, True)
    listed = r"^failed   decode/truncated: /.*piece \d\.flac: [a-z].*again from its source$"
    assert len(re.findall(listed, command("status", cwd=home).stdout, re.MULTILINE)) == 3


def test_a_watch_scans_at_once_and_ends_with_ctrl_c(home):
    words = [sys.executable, "-m", "workbench", "watch", "music"]
    process = subprocess.Popen(words, cwd=home, stderr=subprocess.PIPE, text=True)
    said = ""
    while "3 new" not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in {0, 130}


def test_a_store_that_is_only_read_says_so(home, command):
    command("scan", "music", cwd=home)
    with sqlite3.connect(home / "data" / "library.db") as store:
        store.execute("PRAGMA user_version = 99")
    found = command("search", "piece", "--paths", cwd=home)
    assert found.stdout.count("\n") == 3
    assert re.search(r"^Note: .*library\.db: was made by a newer workbench", found.stderr, re.MULTILINE)
    refused = command("analyze", cwd=home)
    assert refused.returncode == 1
    assert re.search(r"^Error: .*library\.db: was made by a newer workbench.*upgrade", refused.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["status"], 1, r"no library there yet.*workbench scan FOLDER"),
        (["search", "x"], 1, r"no library there yet"),
        (["scan", "nowhere"], 1, r"nowhere: is no folder"),
        (["scan", "data"], 1, r"data: holds no music \(MP3, .*--allow-missing"),
        (["forget"], 2, r"say what to forget: --missing"),
        (["root", "move", "music", "data"], 1, r"no library there yet"),
        (["scan"], 2, r"Missing argument"),
        (["analyze", "--workers", "0"], 2, r"--workers.*1"),
    ],
)
def test_what_goes_wrong_is_one_line(home, command, words, code, text):
    done = command(*words, cwd=home)
    assert done.returncode == code
    assert re.search(text, done.stderr, re.DOTALL), done.stderr
    assert "Traceback" not in done.stderr


def test_errors_of_queries_names_and_files(demo_home, command, tmp_path):
    library = demo_home / "data" / "library.db"

    def said(*words):
        done = command(*words, "--library", library, cwd=tmp_path)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr.splitlines()[-1]

    assert "genre" in said("search", "gnre:ambient")
    assert "there are" in said("playlist", "No such list")
    assert "no track matches" in said("playlist", "x", "--query", "title:=nosuchtitle")
    assert "statistics" in said("report", "nothing")
    assert "m3u8" in said("playlist", "x", "--query", "genre:ambient", "--write", "x.doc")
    assert "0 of 0" in said("search", "title:=nosuchtitle")


def test_the_demo_keeps_out_of_other_libraries(home, command):
    command("scan", "music", cwd=home)
    done = command("demo", cwd=home)
    assert done.returncode == 1
    assert "give the demo its own" in done.stderr
    assert not (home / "data" / "demo").exists()


def test_notebooks_are_copied_and_edits_are_kept(tmp_path):
    from workbench.reports import copy_notebooks, notebooks_folder

    names = tuple(path.name for path in sorted(notebooks_folder().glob("*.ipynb")))
    assert len(names) >= 4
    assert copy_notebooks(tmp_path / "mine").new == names
    edited = tmp_path / "mine" / names[0]
    edited.write_text("{}", encoding="utf-8")
    record = tmp_path / "mine" / ".workbench-notebooks.json"
    known = json.loads(record.read_text(encoding="utf-8"))
    old = tmp_path / "mine" / names[1]
    old.write_text("[]", encoding="utf-8")  # as an older version of the workbench wrote it
    import hashlib

    record.write_text(json.dumps(known | {names[1]: hashlib.sha256(b"[]").hexdigest()}), encoding="utf-8")
    again = copy_notebooks(tmp_path / "mine")
    assert again.renewed == (names[1],)
    assert set(again.kept) == set(names) - {names[1]}
    assert edited.read_text(encoding="utf-8") == "{}"
    assert old.read_text(encoding="utf-8") != "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_lab_starts_on_the_copied_notebooks(demo_home, tmp_path):
    """JupyterLab says where it listens; the library's notebooks are its root."""
    library = demo_home / "data" / "library.db"
    words = [sys.executable, "-m", "workbench", "lab", tmp_path / "mine", "--no-browser", "--library", library]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, encoding="utf-8") as lab:
        said = []
        for line in lab.stderr:
            said.append(line)
            if "http://" in line:
                break
        lab.send_signal(signal.SIGINT)  # for JupyterLab to answer, which asks before it ends
        with pytest.raises(subprocess.TimeoutExpired):
            lab.wait(1)
        stop(lab.pid)
    assert "http://" in said[-1], "".join(said)
    for extension in ("jupyterlab", "workbench.audio_server"):
        assert f"{extension} | extension was successfully loaded" in "".join(said)
    assert (tmp_path / "mine" / "02_similarity_map_to_playlist.ipynb").exists()


def stop(pid):
    """End the server below a process, and so the process."""
    for child in psutil.Process(pid).children(recursive=True):
        child.terminate()
