"""Playlist files as other programs read them: VLC, and mpv, which plays what it finds.

Debian: ``apt-get install libvlc5 vlc-plugin-base mpv``. Tests of a program that is missing are skipped.
"""

import ctypes.util
import json
import os
import shutil
import subprocess
import sys
from urllib.parse import unquote_to_bytes

import numpy as np
import pytest
import soundfile

from workbench.playlist_files import Entry, write

pytestmark = [
    pytest.mark.players,
    pytest.mark.skipif(sys.platform != "linux", reason="names of Linux, programs of Debian"),
]
with_vlc = pytest.mark.skipif(ctypes.util.find_library("vlc") is None, reason="no libvlc here")
with_mpv = pytest.mark.skipif(shutil.which("mpv") is None, reason="no mpv here")

PLAIN = [
    b"plain.flac",
    b"two  words.flac",
    b" leading.flac",
    b"-dash, comma; semicolon.flac",
    b";.flac",
    b"\"quoted\" 'twice' `thrice`.flac",
    b"R&B <b> a+b=c.flac",
    b"100% proof.flac",
    b"Re: Stacks.flac",
    b"http:.flac",
    b"File1=x.flac",
    b"[playlist].flac",
    b"AC\\DC.flac",
    b"line\nbreak.flac",
    b"latin \xe9\xff.flac",
    "Ágætis.flac".encode(),
    "🎵 東京.flac".encode(),
]
URI_LIKE = [b"#1 Crush.flac", b"Etude #3.flac", b"Why?.flac", b"%41%20.flac", b"sub #2/x.flac"]
"""Names that a plain line holds for all but VLC, which takes the line for a URI."""

ASK_VLC = """
import ctypes, json, sys, time
vlc = ctypes.CDLL(sys.argv[1])
for name in ("new", "media_new_path", "media_subitems", "media_list_item_at_index"):
    getattr(vlc, f"libvlc_{name}").restype = ctypes.c_void_p
for name in ("get_mrl", "get_meta"):
    getattr(vlc, f"libvlc_media_{name}").restype = ctypes.c_char_p
pointer = ctypes.c_void_p
options = [b"--quiet", b"--ignore-config", b"--no-plugins-cache"]
instance = pointer(vlc.libvlc_new(len(options), (ctypes.c_char_p * len(options))(*options)))

def parsed(media):
    vlc.libvlc_media_parse_with_options(media, 0, 10_000)
    while not (status := vlc.libvlc_media_get_parsed_status(media)):
        time.sleep(0.005)
    return status == 4  # done; libvlc_media.h

playlist = pointer(vlc.libvlc_media_new_path(instance, sys.argv[2].encode()))
assert parsed(playlist)
items = pointer(vlc.libvlc_media_subitems(playlist))
medias = [pointer(vlc.libvlc_media_list_item_at_index(items, n)) for n in range(vlc.libvlc_media_list_count(items))]
said = [(vlc.libvlc_media_get_mrl(media), vlc.libvlc_media_get_meta(media, 0)) for media in medias]
print(json.dumps([(place.decode(), title.decode(), parsed(media)) for media, (place, title) in zip(medias, said)]))
"""
"""Place, title and whether it opens of each track that VLC finds; in a process of its own, which may crash."""

TELL_MPV = """
mp.add_hook("on_preloaded", 50, function()
    io.write("<", (mp.get_property("path"):gsub(".", function(c) return string.format("%02x", c:byte()) end)), ">\\n")
end)
"""
"""A hook, since mpv waits for it: an event may be told when a short file is over."""


@pytest.fixture
def folder(tmp_path):
    """Short sounds of awkward names."""
    music = tmp_path / "my music"
    for name in PLAIN + URI_LIKE:
        path = os.fsencode(music) + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  bytes
        with open(path, "wb") as file:  # noqa: PTH123  bytes
            soundfile.write(file, np.zeros(441), 44_100, format="FLAC")
    return music


def written(folder, ending, names, *, relative):
    entries = [
        Entry(path=os.fsencode(folder) + b"/" + name, title=f"Nº {n}", duration_s=1) for n, name in enumerate(names)
    ]
    return write(folder / f"list{ending}", entries, name="Mine", relative=relative)


def found_by_vlc(playlist):
    """Paths in order, each with its title and whether VLC can open it."""
    command = [sys.executable, "-c", ASK_VLC, ctypes.util.find_library("vlc"), playlist]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    tracks = json.loads(done.stdout)
    return [(unquote_to_bytes(mrl.removeprefix("file://")), title, opens) for mrl, title, opens in tracks]


def played_by_mpv(playlist, script):
    """Absolute paths of what mpv plays, in order."""
    script.write_text(TELL_MPV, encoding="utf-8")
    options = ["--no-config", "--no-video", "--ao=null", "--untimed", "--really-quiet", f"--script={script}"]
    done = subprocess.run(["mpv", *options, f"--playlist={playlist}"], stdout=subprocess.PIPE, timeout=60, check=False)
    said = [bytes.fromhex(line[1:-1].decode()) for line in done.stdout.split(b"\n") if line.startswith(b"<")]
    assert done.returncode == 0, said
    return [os.path.normpath(path) for path in said]


@with_vlc
@pytest.mark.parametrize(
    ("ending", "relative", "names"),
    [
        (".xspf", True, PLAIN + URI_LIKE),
        (".xspf", False, PLAIN + URI_LIKE),
        (".m3u8", True, PLAIN),
        (".m3u8", False, PLAIN + URI_LIKE),
        (".m3u", True, PLAIN),
        (".m3u", False, PLAIN + URI_LIKE),
        (".pls", True, PLAIN),
        (".pls", False, PLAIN + URI_LIKE),
    ],
)
def test_vlc_finds_and_opens_every_track(folder, ending, relative, names):
    found = found_by_vlc(written(folder, ending, names, relative=relative))
    assert found == [(os.fsencode(folder) + b"/" + name, f"Nº {n}", True) for n, name in enumerate(names)]


@with_vlc
@pytest.mark.parametrize("ending", [".m3u8", ".pls"])
def test_vlc_takes_a_relative_line_for_a_uri(folder, ending):
    """What `playlist_files.write` says of VLC still holds; once it does not, such names need no URI."""
    found = found_by_vlc(written(folder, ending, URI_LIKE, relative=True))
    wanted = {os.fsencode(folder) + b"/" + name for name in URI_LIKE}
    assert {place for place, _, opens in found if opens} & wanted == set()


@with_mpv
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("ending", [".m3u8", ".m3u", ".pls"])  # it reads no XSPF
def test_mpv_plays_every_track(folder, tmp_path, ending, relative):
    playlist = written(folder, ending, PLAIN + URI_LIKE, relative=relative)
    played = played_by_mpv(playlist, tmp_path / "tell.lua")
    assert played == [os.fsencode(folder) + b"/" + name for name in PLAIN + URI_LIKE]
