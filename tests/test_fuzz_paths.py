"""Names of any bytes go from the disk into the store, the frame and a playlist file, and come back the same."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

import workbench as wb
from workbench import workers
from workbench.playlist_files import Entry, read, write
from workbench.scan import batches

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems want UTF-8 names")

AWKWARD = [
    b" ",
    b"\n",
    b"\r\n",
    b"\\",
    b"%41",
    b"#",
    b"?",
    b":",
    b"file:",
    b"\xff",
    b"\xc3\xa9",
    b"e\xcc\x81",
    b"..",
    b";",
    b'"',
    b"~",
]
NAMES = st.lists(st.sampled_from(AWKWARD) | st.binary(min_size=1, max_size=6), min_size=1, max_size=8).map(
    lambda parts: b"".join(parts).replace(b"\0", b"").replace(b"/", b"").lstrip(b".")
)
ENDINGS = (".m3u8", ".m3u", ".pls", ".xspf")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "a.flac"
    soundfile.write(path, np.zeros(80), 8000)
    return path.read_bytes()


@pytest.fixture(scope="module")
def _in_process():
    """Files are read here: what is asked is what becomes of their names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            batches, "_run", lambda function, tasks, *_: (workers.Outcome(task, function(task)) for task in tasks)
        )
        yield


@pytest.mark.usefixtures("_in_process")
@settings(deadline=None, max_examples=max(8, settings.default.max_examples // 8))
@given(names=st.lists(NAMES, min_size=1, max_size=12))
@example(names=[b"caf\xe9", b"caf\xc3\xa9", b"a\nb", b"#1", b" x ", b"a\\b", b"%41", b"C:", b"http:"])
def test_names_come_back(sound, names):
    with tempfile.TemporaryDirectory() as home:
        music, expected = os.path.join(os.fsencode(home), b"music"), []  # noqa: PTH118  bytes
        for number, name in enumerate(names):  # names may be twins: each in a folder of its own, named so too
            folder = os.path.join(music, b"%d-%s" % (number, name))  # noqa: PTH118  bytes
            os.makedirs(folder)  # noqa: PTH103  bytes
            expected.append(os.path.join(folder, b"x" + name + b".flac"))  # noqa: PTH118  bytes
            Path(os.fsdecode(expected[-1])).write_bytes(sound)
        library = wb.Library(Path(home) / "library.db")
        library.scan(Path(home) / "music", workers=1, progress=lambda *_: None)
        kept = library.tracks()["path_bytes"].to_list()
        assert sorted(kept) == sorted(expected)
        for ending in ENDINGS:
            for relative in (True, False):
                path = Path(home) / f"list{ending}"
                write(path, [Entry(path=each) for each in kept], name="list", relative=relative, overwrite=True)
                found = read(path)
                assert [entry.path for entry in found.entries] == kept
                assert found.unresolved == ()
        listed, strangers = library.read_playlist(path)
        assert (listed.rows["path_bytes"].to_list(), strangers) == (kept, [])
