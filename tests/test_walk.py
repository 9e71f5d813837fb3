"""Which files a walk sees, and what reading makes of them."""

import json
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from mutagen.flac import FLAC

from workbench.audio import probe
from workbench.errors import FolderError, TagError
from workbench.models import Reason, Stage, State
from workbench.scan import reading
from workbench.scan.reading import ReadTask, read_file, read_files
from workbench.scan.walk import Seen, walk

SR = 22_050
TONE = (0.2 * np.sin(2 * np.pi * 440 * np.arange(SR // 2) / SR)).astype(np.float32)


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def paths(root):
    """Relative paths that a walk without problems yields."""
    return [seen.path.decode() for seen in walk(root, on_problem=pytest.fail)]


def problems(root):
    """Paths of a walk and its problems as (path, reason, text)."""
    found = []
    seen = [each.path.decode() for each in walk(root, on_problem=found.append)]
    assert all((each.stage, each.state, each.tags) == (Stage.WALK, State.SKIPPED, None) for each in found)
    return seen, [(each.path.decode(), each.reason) for each in found]


def test_music_in_order(tmp_path):
    touch(tmp_path, "b/2.flac", "b/10.FLAC", "a.mp3", "b/c/x.opus", "a/z.m4b", "z.Mp3")
    touch(tmp_path, "cover.jpg", "b/notes.txt", "mp3")
    assert paths(tmp_path) == ["a.mp3", "z.Mp3", "a/z.m4b", "b/10.FLAC", "b/2.flac", "b/c/x.opus"]


def test_what_is_seen_of_a_file(tmp_path):
    touch(tmp_path, "a.mp3")
    status = (tmp_path / "a.mp3").stat()
    assert list(walk(tmp_path, on_problem=pytest.fail)) == [
        Seen(b"a.mp3", status.st_size, status.st_mtime_ns, status.st_ino)
    ]


def test_hidden_and_system_names_are_left_out(tmp_path):
    touch(
        tmp_path,
        ".hidden.mp3",
        "._a.mp3",
        ".Trash-1000/a.mp3",
        "@eaDir/a.mp3",
        "#recycle/a.mp3",
        "$Recycle.Bin/a.mp3",
        "System Volume Information/a.mp3",
        "__MACOSX/a.mp3",
        "lost+found/a.mp3",
        "...And Justice for All/a.mp3",
        "a.mp3/b.mp3",
    )
    assert paths(tmp_path) == ["...And Justice for All/a.mp3", "a.mp3/b.mp3"]


@pytest.fixture
def links(tmp_path):
    """A folder where links can be made."""
    try:
        (tmp_path / "probe").symlink_to(tmp_path)
    except OSError:
        pytest.skip("this system makes no links here")
    (tmp_path / "probe").unlink()
    return tmp_path


def test_a_loop_of_links_ends(links):
    touch(links, "a/b/x.mp3")
    (links / "a/b/up").symlink_to(links)
    (links / "a/b/self").symlink_to(links / "a/b")
    assert paths(links) == ["a/b/x.mp3"]


def test_a_folder_is_known_by_its_real_place(links):
    touch(links, "z/x.mp3")
    (links / "a").symlink_to(links / "z")
    assert paths(links) == ["z/x.mp3"]


def test_links_out_of_the_root_are_followed(links):
    touch(links, "elsewhere/deep/x.mp3", "elsewhere/y.mp3", "root/z.mp3")
    (links / "root/l").symlink_to(links / "elsewhere")
    (links / "root/one.mp3").symlink_to(links / "elsewhere/y.mp3")
    assert paths(links / "root") == ["one.mp3", "z.mp3", "l/y.mp3", "l/deep/x.mp3"]


def test_broken_links_are_problems(links):
    touch(links, "x.mp3")
    (links / "gone.mp3").symlink_to(links / "nowhere.mp3")
    (links / "gone.txt").symlink_to(links / "nowhere.txt")
    assert problems(links) == (["x.mp3"], [("gone.mp3", Reason.VANISHED)])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_pipes_and_sockets_are_problems(tmp_path, monkeypatch):
    touch(tmp_path, "x.mp3")
    os.mkfifo(tmp_path / "pipe.mp3")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("s.mp3")
        found = problems(tmp_path)
    assert found == (["x.mp3"], [("pipe.mp3", Reason.NOT_A_FILE), ("s.mp3", Reason.NOT_A_FILE)])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable here")
def test_a_forbidden_folder_does_not_stop_the_walk(tmp_path):
    touch(tmp_path, "a/x.mp3", "b/y.mp3")
    (tmp_path / "a").chmod(0)
    try:
        assert problems(tmp_path) == (["b/y.mp3"], [("a", Reason.UNREADABLE)])
    finally:
        (tmp_path / "a").chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that other systems refuse")
def test_a_folder_out_of_reach_does_not_stop_the_walk(tmp_path):
    touch(tmp_path, "z.mp3")
    depth = 20  # 20 x 250 characters are longer than a path may be
    opened = [os.open(tmp_path, os.O_RDONLY)]
    for _ in range(depth):
        os.mkdir("d" * 250, dir_fd=opened[-1])
        opened.append(os.open("d" * 250, os.O_RDONLY, dir_fd=opened[-1]))
    seen, found = problems(tmp_path)
    while len(opened) > 1:
        os.close(opened.pop())
        os.rmdir("d" * 250, dir_fd=opened[-1])
    os.close(opened.pop())
    assert seen == ["z.mp3"]
    assert [reason for _, reason in found] == [Reason.UNREADABLE]


def test_a_missing_root_is_an_error(tmp_path):
    with pytest.raises(FolderError, match=r"nowhere: cannot be listed .*; is the disk connected\?"):
        list(walk(tmp_path / "nowhere", on_problem=pytest.fail))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep names in Unicode")
def test_names_of_any_bytes(tmp_path):
    names = [b"caf\xe9.mp3", "café.mp3".encode(), "cafe\u0301.mp3".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    assert [seen.path for seen in walk(tmp_path, on_problem=pytest.fail)] == sorted(names)


def tone(root, name, **options):
    """A half-second tone at a place below a root."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, TONE, SR, **options)
    return path


def records(root):
    """Records of all files under a root."""
    tasks = [ReadTask(os.fsencode(root), seen) for seen in walk(root, on_problem=pytest.fail)]
    return read_files(pickle.loads(pickle.dumps(tasks)))  # noqa: S301  as on the way to a worker and back


def test_a_good_file_has_tags_and_no_finding(tmp_path):
    file = FLAC(tone(tmp_path, "album/a.flac"))
    file["TITLE"] = "Rain"
    file.save()
    (tmp_path / "album/Cover.jpg").write_bytes(b"x")
    (record,) = records(tmp_path)
    status = (tmp_path / "album/a.flac").stat()
    assert record.tags.title == "Rain"
    assert record.tags.stream.duration_s == pytest.approx(0.5)
    assert (record.stage, record.state, record.reason, record.text) == (None, None, None, None)
    assert (record.path, record.folder_cover) == (b"album/a.flac", b"album/Cover.jpg")
    assert (record.size_bytes, record.mtime_ns, record.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)


def test_covers_of_each_folder(tmp_path):
    for name in ("a.wav", "one/a.wav", "one/b.wav", "two/a.wav"):
        tone(tmp_path, name)
    for name in ("folder.png", "one/front.jpg"):
        (tmp_path / name).write_bytes(b"x")
    covers = {record.path: record.folder_cover for record in records(tmp_path)}
    assert covers == {
        b"a.wav": b"folder.png",
        b"one/a.wav": b"one/front.jpg",
        b"one/b.wav": b"one/front.jpg",
        b"two/a.wav": None,
    }


def finding(root):
    """What is found about the only file under a root."""
    (record,) = records(root)
    assert record.text
    assert (record.tags is None) == (record.state is State.FAILED)
    return record.stage, record.state, record.reason


def test_an_empty_file_fails(tmp_path):
    (tmp_path / "a.mp3").touch()
    assert finding(tmp_path) == (Stage.TAGS, State.FAILED, Reason.EMPTY_FILE)


def test_a_text_is_no_audio(tmp_path):
    (tmp_path / "a.mp3").write_text("A poem about rain, and nothing else.\n" * 500)
    assert finding(tmp_path) == (Stage.TAGS, State.FAILED, Reason.NOT_AUDIO)


def test_a_program_is_no_audio(tmp_path):
    """A table of symbols looks like MPEG layer I to decoders."""
    (tmp_path / "a.mp3").write_bytes(b"\x7fELF" + bytes(300) + (b"\xff\xff\x24\xc0" + bytes(252)) * 400)
    probe(tmp_path / "a.mp3")
    assert finding(tmp_path) == (Stage.TAGS, State.FAILED, Reason.NOT_AUDIO)


def test_a_file_that_went_away_fails(tmp_path):
    record = read_file(ReadTask(os.fsencode(tmp_path), Seen(b"a.mp3", 1, 1, 1)))
    assert (record.stage, record.state, record.reason) == (Stage.TAGS, State.FAILED, Reason.VANISHED)


def test_a_wrong_ending_is_a_warning(tmp_path):
    tone(tmp_path, "a.mp3", format="FLAC")
    assert finding(tmp_path) == (Stage.TAGS, State.WARNING, Reason.WRONG_EXTENSION)


def test_sound_with_damaged_tags_plays(tmp_path):
    path = tone(tmp_path, "a.flac")
    content = path.read_bytes()
    comments = b"\x04\0\0\x08" + b"\x04\0\0\0abcd"  # the count of comments is missing
    path.write_bytes(content[:42] + comments + b"\x81\0\0\x04" + bytes(4) + content[audio_offset(content) :])
    (record,) = records(tmp_path)
    assert (record.stage, record.state, record.reason) == (Stage.TAGS, State.WARNING, Reason.BAD_TAGS)
    assert record.tags.stream.sample_rate_hz == SR
    assert record.text.startswith("plays, but its tags cannot be read: ")


def audio_offset(content):
    """Where the frames of a FLAC file begin."""
    offset, last = 4, False
    while not last:
        last = bool(content[offset] & 0x80)
        offset += 4 + int.from_bytes(content[offset + 1 : offset + 4], "big")
    return offset


def test_a_header_without_sound_fails(tmp_path):
    path = tone(tmp_path, "a.flac")
    path.write_bytes(path.read_bytes()[:30])
    stage, state, _ = finding(tmp_path)
    assert (stage, state) == (Stage.DECODE, State.FAILED)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep names in Unicode")
def test_a_name_that_is_no_utf8_is_a_warning(tmp_path):
    tone(tmp_path, "a.wav").rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    assert finding(tmp_path) == (Stage.TAGS, State.WARNING, Reason.NAME_NOT_UTF8)
    (record,) = records(tmp_path)
    record.text.encode()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")).write_bytes(b"\xff" * 100)
    (record,) = records(tmp_path)
    assert record.reason is Reason.NOT_AUDIO
    record.text.encode()


def test_a_text_can_be_stored():
    """An error may quote a name that is no UTF-8."""
    error = TagError("caf\udce9.mp3: caf\udce9 is damaged", Reason.BAD_TAGS)
    assert reading.plain(error, Path("caf\udce9.mp3")) == "caf? is damaged"


READ_ALL = """
import json, os, resource, sys
from workbench.models import EXTENSIONS
from workbench.scan.reading import ReadTask, read_file
from workbench.scan.walk import Seen

resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
for entry in sorted(os.scandir(sys.argv[1]), key=lambda entry: entry.name):
    status = entry.stat()
    seen = Seen(os.fsencode(entry.name), status.st_size, status.st_mtime_ns, status.st_ino)
    record = read_file(ReadTask(os.fsencode(sys.argv[1]), seen))
    after = os.stat(entry.path)
    print(json.dumps({
        "name": entry.name,
        "tags": record.tags is not None,
        "reason": record.reason,
        "text": record.text,
        "same": (after.st_size, after.st_mtime_ns) == (status.st_size, status.st_mtime_ns),
    }))
"""


@pytest.mark.corpus
@pytest.mark.skipif(sys.platform == "win32", reason="the memory limit is POSIX")
def test_every_odd_file_gives_a_record(test_data):
    """Broken, fuzzed and mislabelled files under a memory limit: no crash, no silence, nothing written."""
    folder = test_data / "corpus" / "files"
    run = subprocess.run(
        [sys.executable, "-c", READ_ALL, folder], capture_output=True, check=True, timeout=250, text=True
    )
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(found) == len(list(folder.iterdir()))
    assert [each["name"] for each in found if not each["same"]] == []
    assert [each["name"] for each in found if not (each["tags"] or each["text"])] == []
    assert [each["name"] for each in found if each["reason"] and not each["text"]] == []
    accepted = sum(each["tags"] for each in found)
    assert accepted > len(found) * 3 // 4
