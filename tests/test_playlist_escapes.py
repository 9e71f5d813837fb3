"""A playlist of strangers names whatever it likes: nothing of it is opened, and nothing outside the music is found."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from synthetic import records

import workbench as wb
from workbench.errors import PlaylistError
from workbench.playlist_files import read
from workbench.store import writing
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="names and links of POSIX; FORMATS are read alike"),
]

ESCAPES = [
    b"../../../../../../etc/passwd",
    b"/etc/passwd",
    b"//etc/passwd",
    b"///etc/passwd",
    b"/./etc/./passwd",
    b"/etc/../etc/passwd",
    b"{root}/../outside/secret.mp3",
    b"{root}/./../outside/secret.mp3",
    b"{root}x/secret.mp3",
    b"{root}",
    b"{root}/",
    b"{root}/out/secret.mp3",
    b"{root}/leak.mp3",
    b"out/../../outside/secret.mp3",
    b"../music/out/secret.mp3",
    b"../outside/secret.mp3",
    b"../outside/pipe",
    b"..\\outside\\secret.mp3",
    b"..\\..\\..\\..\\etc\\passwd",
    b"\\etc\\passwd",
    b"\\\\server\\share\\a.mp3",
    b"//server/share/a.mp3",
    b"C:\\Windows\\win.ini",
    b"C:/Windows/win.ini",
    b"c:secret.mp3",
    b"\\\\?\\C:\\Windows\\win.ini",
    b"\\\\.\\PhysicalDrive0",
    b"file:///etc/passwd",
    b"file:/etc/passwd",
    b"file:etc/passwd",
    b"file:../outside/secret.mp3",
    b"FILE:///etc/passwd",
    b"file://localhost/etc/passwd",
    b"file://server/share/a.mp3",
    b"file:////server/share/a.mp3",
    b"file:///C:/Windows/win.ini",
    b"file://{root}/%2e%2e/outside/secret.mp3",
    b"file://{root}/..%2Foutside%2Fsecret.mp3",
    b"file://{root}/%252e%252e/outside/secret.mp3",
    b"file:///proc/self/environ",
    b"%2e%2e/outside/secret.mp3",
    b"..%2foutside%2fsecret.mp3",
    b"..%5coutside%5csecret.mp3",
    b"%252e%252e%252foutside%252fsecret.mp3",
    b"..%c0%af..%c0%afetc/passwd",
    b"..\xc0\xaf..\xc0\xafetc/passwd",
    b"%00/etc/passwd",
    b"song.mp3\0/../../outside/secret.mp3",
    b"song.mp3%00.txt",
    b"http://169.254.169.254/latest/meta-data",
    b"https://example.org/a.mp3",
    b"smb://server/share/a.mp3",
    b"ftp://server/a.mp3",
    b"data:audio/mpeg;base64,AAAA",
    b"javascript:alert(1)",
    b"jar:file:///etc/passwd!/a",
    b"~/.ssh/id_rsa",
    b"~root/.bashrc",
    b"$HOME/.bashrc",
    b"${HOME}/.bashrc",
    b"%HOME%/.bashrc",
    b"`cat /etc/passwd`",
    b"| cat /etc/passwd",
    b"/dev/zero",
    b"/dev/stdin",
    b"/proc/self/mem",
    b"CON",
    b"aux.mp3",
    b"a" * 100_000,
    b"../" * 5_000 + b"etc/passwd",
    b"/" * 5_000 + b"etc/passwd",
    b"song.mp3\n/etc/passwd",
    b"song.mp3\r\n#EXTINF:1,x\r\n/etc/passwd",
    b"song.mp3\nFile2=/etc/passwd",
    "\u2025/\u2025/outside/secret.mp3".encode(),
    "\uff0e\uff0e/outside/secret.mp3".encode(),
    "\u2024\u2024/outside/secret.mp3".encode(),
    "..\u2215outside\u2215secret.mp3".encode(),
    "\u202e3pm.terces/edistuo/..".encode(),
    b"\xff\xfe/\xff",
]

INCLUDED = [
    (
        '<!DOCTYPE playlist [<!ENTITY x SYSTEM "file:///etc/passwd">]><playlist version="1" xmlns="http://xspf.org/ns/0/">'
        "<trackList><track><location>&x;</location></track></trackList></playlist>"
    ),
    (
        '<!DOCTYPE playlist SYSTEM "file:///etc/passwd"><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList/>'
        "</playlist>"
    ),
    (
        '<playlist version="1" xmlns="http://xspf.org/ns/0/" xmlns:xi="http://www.w3.org/2001/XInclude"><trackList><track>'
        '<location><xi:include parse="text" href="file:///etc/passwd"/></location></track></trackList></playlist>'
    ),
    (
        '<?xml-stylesheet href="file:///etc/passwd"?><playlist version="1" xmlns="http://xspf.org/ns/0/" '
        'xml:base="file:///etc/"><trackList><track><location>passwd</location></track></trackList></playlist>'
    ),
]

READS = """if True:
    import encodings.cp1252, json, sys
    from pathlib import Path
    import workbench as wb
    from workbench.errors import PlaylistError
    library, folder, opened, found = wb.Library(sys.argv[1]), Path(sys.argv[2]), [], {}
    library.read_playlist(folder / "first.m3u8"), library.read_playlist(folder / "first.xspf")
    def hear(event, words):
        if event == "open" or event.startswith(("os.", "subprocess.", "socket.", "shutil.", "glob.")):
            opened.append((event, [str(word) for word in words[:2]]))
    sys.addaudithook(hear)
    for file in sys.argv[3:]:
        try:
            playlist, strangers = library.read_playlist(folder / file)
            found[file] = [playlist.rows["path"].to_list(), len(strangers)]
        except PlaylistError as error:
            found[file] = [[], str(error)]
    print(json.dumps([opened, found]))
"""


def spelt(reference, ending):
    if ending == ".xspf":
        text = escape(reference.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        head = b'<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>'
        return head + text + b"</location></track></trackList></playlist>"
    return b"#EXTM3U\n" + reference + b"\n" if ending == ".m3u8" else b"[playlist]\nFile1=" + reference + b"\n"


@pytest.fixture
def place(tmp_path):
    """A music folder with one song that is known, links in it that lead outside, and a secret there."""
    for name in ("music", "musicx", "outside", "lists"):
        (tmp_path / name).mkdir()
    music, outside = tmp_path / "music", tmp_path / "outside"
    for file in (music / "song.mp3", outside / "secret.mp3", tmp_path / "musicx" / "secret.mp3"):
        file.write_bytes(b"ID3")
    os.mkfifo(outside / "pipe")  # who opens it waits for ever
    (music / "out").symlink_to(outside)
    (music / "leak.mp3").symlink_to(outside / "secret.mp3")
    library = wb.Library(tmp_path / "library.db")
    song = replace(next(records(1)), path=b"song.mp3")
    with writing(library._engine) as connection:
        store_records(connection, add_root(connection, music)[0], [song])
    return tmp_path


def written(place):
    """The hostile playlists, by name."""
    root = os.fsencode(place / "music")
    lists = {
        f"{number}{ending}": spelt(reference.replace(b"{root}", root), ending)
        for number, reference in enumerate(ESCAPES)
        for ending in (".m3u8", ".pls", ".xspf")
    }
    lists |= {f"included-{number}.xspf": text.encode() for number, text in enumerate(INCLUDED)}
    for name, data in lists.items():
        (place / "lists" / name).write_bytes(data)
    for ending in (".m3u8", ".xspf"):
        (place / "lists" / f"first{ending}").write_bytes(spelt(b"../music/song.mp3", ending))
    return list(lists)


def test_no_entry_of_a_playlist_is_opened_or_leads_out_of_the_music_folders(place):
    names = written(place)
    done = subprocess.run(
        [sys.executable, "-c", READS, place / "library.db", place / "lists", *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    opened, found = json.loads(done.stdout)
    ours = [str(place / "lists" / name) for name in names]
    strange = [each for each in opened if each[0] != "open" or each[1][0] not in ours]
    heard = {words[0] for _, words in opened}
    outside, inside, refused = [], 0, 0
    for name in names:
        try:
            entries = read(place / "lists" / name, roots=[place / "music"]).entries
        except PlaylistError:
            refused += 1
            continue
        inside += len(entries)
        outside += [entry.path for entry in entries if not entry.path.startswith(os.fsencode(place / "music") + b"/")]
        outside += [entry.path for entry in entries if b".." in entry.path.split(b"/")]
    known = {path for paths, _ in found.values() for path in paths}
    print(
        f"{len(ESCAPES)} references x 3 formats and {len(INCLUDED)} documents: opened {len(strange)}, outside the "
        f"music folders {len(outside)}, inside by their text {inside}, documents refused {refused}"
    )
    assert len(ESCAPES) >= 60
    assert heard >= set(ours)  # so the playlists themselves were heard being opened
    assert (strange, outside) == ([], [])
    assert known <= {str(place / "music" / "song.mp3")}


def test_a_link_in_a_music_folder_is_a_track_only_where_a_scan_has_made_it_one(place):
    """Text decides whether an entry is in a music folder; the library, not the disk, whether it is a track."""
    file = place / "lists" / "links.m3u8"
    file.write_bytes(b"../music/leak.mp3\n../music/out/secret.mp3\n../music/song.mp3\n../outside/secret.mp3\n")
    library = wb.Library(place / "library.db")
    playlist, strangers = library.read_playlist(file)
    assert playlist.rows["path"].to_list() == [str(place / "music" / "song.mp3")]
    assert sorted(map(Path, strangers)) == sorted(
        [place / "music" / "leak.mp3", place / "music" / "out" / "secret.mp3", Path("../outside/secret.mp3")]
    )
