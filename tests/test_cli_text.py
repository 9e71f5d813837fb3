"""What a stranger wrote commands no terminal: the command line shows it."""

import os
import subprocess
import sys

import pytest

import workbench as wb
from workbench.cli.speech import visible
from workbench.playlists import Playlist

pty = pytest.importorskip("pty", reason="a terminal of POSIX")

NAMES = ("\x1b[31mred\x1b[0m", "\x1b]0;owned\x07", "\x9b2J", "a\rOverwritten", "two\nlines", "\u202egnp.exe", "\u2028x")
COMMANDS = (
    ("status", "--warnings"),
    ("search", "missing:no"),
    ("search", "--paths", "missing:no"),
    ("playlist",),
    ("playlist", NAMES[0]),
    ("playlist", "\x1b[31mabsent"),
)


@pytest.fixture(scope="module")
def library_path(tmp_path_factory):
    """A library whose folder, files, titles, findings and playlists speak to the terminal."""
    import numpy as np
    import soundfile

    folder = tmp_path_factory.mktemp("spoken")
    music = folder / "music \x1b[1m"
    music.mkdir()
    for number, name in enumerate(NAMES):
        soundfile.write(music / f"{name} {number}.wav", np.sin(np.arange(22_050) * (0.1 + number / 100)) / 4, 22_050)
        (music / f"{name}.mp3").write_text("no music", encoding="utf-8")
    library = wb.Library(folder / "library.db")
    library.scan(music, progress=lambda *_: None)
    for track_id, name in zip(library.tracks()["track_id"], NAMES, strict=True):
        library.correct(track_id, title=name, album=name, artists=[name])
        library.save(Playlist(name, library.tracks()))
    return library.path


def spoken(*words):
    """All that a command writes to a terminal, line ends apart."""
    here, there = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "workbench", *words], stdout=there, stderr=there, stdin=there)
    os.close(there)
    text = b""
    try:
        while part := os.read(here, 65_536):
            text += part
    except OSError:
        pass  # so ends a terminal whose program is gone
    process.wait(60)
    os.close(here)
    return text.decode().replace("\r\n", "\n")


def test_no_command_sends_a_control_character_of_a_name_to_the_terminal(library_path):
    for command in COMMANDS:
        text = spoken(*command, "--library", str(library_path))
        assert len(text.splitlines()) >= 1
        assert [letter for letter in text if letter != "\n" and not letter.isprintable()] == [], (command, text)
        assert "\\x1b[" in text, command
    print(f"{len(NAMES)} names x {len(COMMANDS)} commands: control characters sent 0")


def test_each_track_has_one_line_whatever_is_in_its_name(library_path):
    text = spoken("search", "--paths", "missing:no", "--library", str(library_path))
    assert sum(".wav" in line for line in text.splitlines()) == len(NAMES)
    assert "two\\nlines" in text


def test_what_is_printable_stays_as_it_is():
    assert visible("Sigur Rós - Ágætis byrjun 日本 שלום %s \\x") == "Sigur Rós - Ágætis byrjun 日本 שלום %s \\x"
    assert visible("a\x1b\x9b\n\u202e") == "a\\x1b\\x9b\\n\\u202e"
