"""Playlist files: what is written is read back, and what others wrote is understood."""

import csv
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import PlaylistError
from workbench.playlist_files import Entry, PlaylistFile, read, write
from workbench.playlist_files.records import clean, label, labelled

ENDINGS = [".m3u8", ".m3u", ".pls", ".xspf"]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="names of POSIX")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems want UTF-8 names")


def paths(playlist):
    return [entry.path for entry in playlist.entries]


def inside(folder, *parts):
    return os.fsencode(folder.joinpath(*parts))


def made(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


ODD_NAMES = [
    b"#1 Crush.mp3",
    b";.mp3",
    b" leading and trailing ",
    b"\x0b#.mp3",
    b"100% 'quoted' \"twice\" & <b>.mp3",
    b"%41?x=1&y#z.mp3",
    b"http:",
    b"file:x.mp3",
    b"C:x.mp3",
    b"-1,Artist - Title",
    b"[playlist]",
    b"File1=x.mp3",
    "Ágætis 🎵.mp3".encode(),
    b"\xef\xbb\xbf.mp3",
    b"AC\\DC.mp3",
    b"\\\\server\\share.mp3",
    b"line\nbreak\r.mp3",
    b"latin \xe9\xff.mp3",
]


@linux_only
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("ending", ENDINGS)
def test_odd_names_survive(tmp_path, ending, relative):
    entries = [Entry(path=inside(tmp_path, "music") + b"/" + name) for name in ODD_NAMES]
    entries += [Entry(path=inside(tmp_path) + b"/" + name + b"/x") for name in ODD_NAMES]
    path = write(tmp_path / f"list{ending}", entries, name="Odd", relative=relative)
    playlist = read(path)
    assert playlist.unresolved == ()
    assert paths(playlist) == [entry.path for entry in entries]


name_bytes = (
    st.binary(min_size=1, max_size=12)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).map(str.encode)
    | st.text("#; %&<>\"'\\:.aé\n\r\t", min_size=1, max_size=8).map(str.encode)
)
parts = name_bytes.map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")).filter(
    lambda name: name not in {b".", b".."}
)
shown = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
durations = st.none() | st.floats(1, 100_000)
entries_made = st.lists(
    st.builds(
        lambda parts, **rest: Entry(path=b"/" + b"/".join(parts), **rest),
        st.lists(parts, min_size=1, max_size=3),
        title=shown,
        artist=shown,
        album=shown,
        duration_s=durations,
        track_number=st.none() | st.integers(0, 99),
    ),
    max_size=4,
)


@linux_only
@pytest.mark.parametrize("ending", ENDINGS)
@given(entries=entries_made, name=st.text(max_size=10), relative=st.booleans())
@example(entries=[Entry(path=b"/a/\xff", title="é", artist="A")], name="\x00\ud800\ufffe", relative=True)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(ending, entries, name, relative):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"list{ending}", entries, name=name, relative=relative)
        playlist = read(path)
    assert playlist.name == clean(name)
    assert playlist.unresolved == ()
    assert paths(playlist) == [entry.path for entry in entries]
    for before, after in zip(entries, playlist.entries, strict=True):
        if ending == ".xspf":
            assert (after.title, after.artist) == (clean(before.title), clean(before.artist))
            assert after.track_number == before.track_number
            assert after.duration_s == (
                None if before.duration_s is None else pytest.approx(before.duration_s, abs=6e-4)
            )
        else:
            assert (after.artist, after.title) == labelled(label(before))
            assert after.duration_s == (None if before.duration_s is None else round(before.duration_s))
        assert after.album == (None if ending == ".pls" else clean(before.album))


def test_an_m3u_as_written(tmp_path):
    entries = [
        Entry(path=inside(tmp_path, "Jazz", "so what.mp3"), title="So\nWhat", artist="Miles Davis", duration_s=544.6),
        Entry(path=inside(tmp_path.parent, "#1.mp3"), album="Best"),
        Entry(path=inside(tmp_path, "#2.mp3")),
    ]
    path = write(tmp_path / "list.m3u8", entries, name="Rain\r\n#1")
    assert path.read_text(encoding="utf-8").split("\n") == [
        "#EXTM3U",
        "#EXTENC:UTF-8",
        "#PLAYLIST:Rain  #1",
        "#EXTINF:545,Miles Davis - So What",
        "Jazz/so what.mp3",
        "#EXTALB:Best",
        "../#1.mp3",
        "./#2.mp3",
        "",
    ]


def test_a_pls_as_written(tmp_path):
    entries = [
        Entry(path=inside(tmp_path, "a.mp3"), title="A", duration_s=1.0),
        Entry(path=inside(tmp_path, " b.mp3"), artist="B"),
    ]
    path = write(tmp_path / "list.pls", entries, name="Rain")
    assert path.read_text(encoding="utf-8").split("\n") == [
        "[playlist]",
        "X-GNOME-Title=Rain",
        "File1=a.mp3",
        "Title1=A",
        "Length1=1",
        "File2=./ b.mp3",
        "Title2=B",
        "Length2=-1",
        "NumberOfEntries=2",
        "Version=2",
        "",
    ]


def test_an_xspf_as_written(tmp_path):
    entry = Entry(
        path=inside(tmp_path, "100% é", "a&b.mp3"),
        title="A <b>",
        artist="R&B",
        album="C",
        duration_s=1.5,
        track_number=3,
    )
    path = write(tmp_path / "list.xspf", [entry], name="Rain")
    assert path.read_text(encoding="utf-8").split("\n") == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
        "  <title>Rain</title>",
        "  <trackList>",
        "    <track>",
        "      <location>100%25%20%C3%A9/a%26b.mp3</location>",
        "      <title>A &lt;b&gt;</title>",
        "      <creator>R&amp;B</creator>",
        "      <album>C</album>",
        "      <trackNum>3</trackNum>",
        "      <duration>1500</duration>",
        "    </track>",
        "  </trackList>",
        "</playlist>",
        "",
    ]


@posix_only
def test_absolute_on_request(tmp_path):
    entries = [Entry(path=b"/music/a b.mp3")]
    m3u = write(tmp_path / "list.m3u", entries, name="", relative=False)
    assert m3u.read_text(encoding="utf-8") == "#EXTM3U\n#EXTENC:UTF-8\n/music/a b.mp3\n"
    xspf = write(tmp_path / "list.xspf", entries, name="", relative=False)
    assert "<location>file:///music/a%20b.mp3</location>" in xspf.read_text(encoding="utf-8")


def test_nothing_is_overwritten_unasked(tmp_path):
    path = made(tmp_path, "list.m3u8", b"mine")
    with pytest.raises(PlaylistError, match="overwrite=True"):
        write(path, [], name="x")
    assert path.read_bytes() == b"mine"
    write(path, [], name="x", overwrite=True)
    assert path.read_text(encoding="utf-8") == "#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:x\n"
    assert [each.name for each in tmp_path.iterdir()] == ["list.m3u8"]


@posix_only
def test_others_may_read_it_as_far_as_they_may_read_other_files(tmp_path):
    new = write(tmp_path / "list.m3u8", [], name="")
    plain = made(tmp_path, "plain", b"")
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    new.chmod(0o640)
    write(new, [], name="", overwrite=True)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "list.m3u8").mkdir()
    with pytest.raises(PlaylistError, match=r"list\.m3u8: cannot be written"):
        write(tmp_path / "list.m3u8", [], name="", overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == ["list.m3u8"]


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(PlaylistError, match=r"folder .*nowhere is missing"):
        write(tmp_path / "nowhere" / "list.m3u8", [], name="")
    with pytest.raises(PlaylistError, match=r"\.txt is no playlist; name it \.m3u8 \(or \.m3u\), \.pls or \.xspf"):
        write(tmp_path / "list.txt", [], name="")
    with pytest.raises(PlaylistError, match=r"a\.mp3.*absolute"):
        write(tmp_path / "list.m3u8", [Entry(path=b"a.mp3")], name="")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_refused(tmp_path):
    for name, data, says in [
        ("a.txt", b"", r"a\.txt: \.txt is no playlist"),
        ("a", b"", "no ending"),
        ("a.pls", b"junk", r"a\.pls: no \[playlist\] section"),
        ("a.xspf", b"junk", r"a\.xspf: no XML"),
        ("b.xspf", b"<html/>", "its root is <html>"),
        ("c.xspf", b'<?xml version="1.0" encoding="klingon"?><playlist/>', "no XML"),
        ("big.m3u", b"x" * 20_000_001, "over 20 MB"),
    ]:
        with pytest.raises(PlaylistError, match=says):
            read(made(tmp_path, name, data))
    with pytest.raises(PlaylistError, match=r"gone\.m3u: no such file"):
        read(tmp_path / "gone.m3u")
    (tmp_path / "folder.m3u").mkdir()
    with pytest.raises(PlaylistError, match="no such file"):
        read(tmp_path / "folder.m3u")


@posix_only
@pytest.mark.timeout(10)
def test_a_pipe_does_not_hang_the_reader(tmp_path):
    os.mkfifo(tmp_path / "list.m3u")
    with pytest.raises(PlaylistError, match="no such file"):
        read(tmp_path / "list.m3u")


def test_entities_are_refused(tmp_path):
    bomb = b'<!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><playlist><title>&b;</title></playlist>'
    with pytest.raises(PlaylistError, match="entities"):
        read(made(tmp_path, "bomb.xspf", bomb))
    outside = b'<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><playlist><title>&a;</title></playlist>'
    with pytest.raises(PlaylistError, match="entities"):
        read(made(tmp_path, "outside.xspf", outside))


def test_an_m3u_of_a_windows_player(tmp_path):
    text = "#EXTM3U\r\n#EXTINF:252,Björk - Jóga\r\nBjörk\\Homogenic\\02 Jóga.mp3\r\n\r\n"
    text += "#EXTINF:0,No length\r\n.\\x.mp3\r\n"
    expected = (
        Entry(path=inside(tmp_path, "Björk", "Homogenic", "02 Jóga.mp3"), title="Jóga", artist="Björk", duration_s=252),
        Entry(path=inside(tmp_path, "x.mp3"), title="No length"),
    )
    for name, data in [
        ("bom.m3u8", text.encode("utf-8-sig")),
        ("utf8.m3u", text.encode()),
        ("latin.m3u", text.encode("latin-1")),
        ("wide.m3u", text.encode("utf-16")),
        ("mac.m3u", text.replace("\r\n", "\r").encode("latin-1")),
    ]:
        assert read(made(tmp_path, name, data)) == PlaylistFile(None, expected, ())


def test_windows_typography_and_undefined_bytes(tmp_path):
    assert paths(read(made(tmp_path, "a.m3u", b"Don\x92t.mp3\n"))) == [inside(tmp_path, "Don\u2019t.mp3")]
    assert paths(read(made(tmp_path, "b.m3u", b"\xe9\x81.mp3\n"))) == [inside(tmp_path, "é\x81.mp3")]


def test_the_lines_of_an_extended_m3u(tmp_path):
    text = """#EXTM3U
# a note
#PLAYLIST:Evening
#EXTINF:123 tvg-name="a,b" group="c",Artist - Title - Live
#EXTALB:Album
one.mp3
two.mp3
#EXTART:Someone
#extinf:-1,Only, a title
three.mp3
#EXTINF:9
four.mp3"""
    assert read(made(tmp_path, "a.m3u", text.encode())) == PlaylistFile(
        "Evening",
        (
            Entry(
                path=inside(tmp_path, "one.mp3"), title="Title - Live", artist="Artist", album="Album", duration_s=123
            ),
            Entry(path=inside(tmp_path, "two.mp3")),
            Entry(path=inside(tmp_path, "three.mp3"), title="Only, a title", artist="Someone"),
            Entry(path=inside(tmp_path, "four.mp3"), duration_s=9),
        ),
        (),
    )


def test_a_pls_of_winamp(tmp_path):
    text = (
        b"[Playlist]\r\nNumberOfEntries=3\r\nlength10=-1\r\nFILE10=http://example.com:8000/live\r\nTitle10=Radio\r\n"
        b"File2=Jazz\\so what.mp3\r\ntitle2=Miles Davis - So What\r\nLENGTH2=545\r\n"
        b"File1 = Bj\xf6rk.mp3\r\nVersion=2\r\n"
    )
    assert read(made(tmp_path, "list.pls", text)) == PlaylistFile(
        None,
        (
            Entry(path=inside(tmp_path, "Björk.mp3")),
            Entry(path=inside(tmp_path, "Jazz", "so what.mp3"), title="So What", artist="Miles Davis", duration_s=545),
        ),
        ("http://example.com:8000/live",),
    )


@posix_only
def test_an_xspf_of_vlc(tmp_path):
    text = """<?xml version="1.0" encoding="UTF-8"?>
<playlist xmlns="http://xspf.org/ns/0/" xmlns:vlc="http://www.videolan.org/vlc/playlist/ns/0/" version="1">
	<title>Wiedergabeliste</title>
	<trackList>
		<track>
			<location>file:///music/Bj%C3%B6rk/02%20J%C3%B3ga.mp3</location>
			<title>Jóga</title><creator>Björk</creator><album>Homogenic</album><trackNum>2</trackNum>
			<duration>305120</duration>
			<extension application="http://www.videolan.org/vlc/playlist/0"><vlc:id>0</vlc:id></extension>
		</track>
		<track><location>https://example.com/a.mp3</location></track>
		<track><location>a%2Bb%5Cc.mp3</location><trackNum>two</trackNum></track>
		<track><title>Nowhere</title></track>
	</trackList>
</playlist>"""
    joga = Entry(
        path="/music/Björk/02 Jóga.mp3".encode(),
        title="Jóga",
        artist="Björk",
        album="Homogenic",
        duration_s=305.12,
        track_number=2,
    )
    assert read(made(tmp_path, "list.xspf", text.encode())) == PlaylistFile(
        "Wiedergabeliste",
        (joga, Entry(path=inside(tmp_path) + b"/a+b\\c.mp3")),
        ("https://example.com/a.mp3", "Nowhere"),
    )


def test_locations_that_were_never_encoded(tmp_path):
    text = "<playlist><trackList><track><location>R&amp;B/100% Hits #1.mp3</location></track></trackList></playlist>"
    assert paths(read(made(tmp_path, "list.xspf", text.encode()))) == [inside(tmp_path, "R&B", "100% Hits #1.mp3")]


LEADS_OUT = [
    b"../../etc/passwd",
    b"..\\..\\etc\\passwd",
    b"music/../../../etc/passwd",
    b"/etc/passwd",
    b"file:///etc/passwd",
    b"file:///etc%2Fpasswd",
    b"FILE:/etc/passwd",
    b"file://localhost/etc/passwd",
    b"file://elsewhere/music/a.mp3",
    b"file:///a%00b.mp3",
    b"http://example.com/a.mp3",
    b"https:a.mp3",
    b"C:\\Windows\\a.mp3",
    b"file:///C:/Windows/a.mp3",
    b"\\\\server\\share\\a.mp3",
    b"//server/share/a.mp3",
    b"file:a%00b.mp3",
]


@pytest.mark.parametrize("reference", LEADS_OUT)
def test_what_leads_out_of_the_roots_is_unresolved(tmp_path, reference):
    music = tmp_path / "music"
    music.mkdir()
    data = {
        "a.m3u": reference + b"\nsong.mp3\n",
        "a.pls": b"[playlist]\nFile1=" + reference + b"\nFile2=song.mp3\n",
        "a.xspf": b"<playlist><trackList><track><location>"
        + reference
        + b"</location></track><track><location>song.mp3</location></track></trackList></playlist>",
    }
    for name, text in data.items():
        playlist = read(made(music, name, text), roots=[music])
        assert paths(playlist) == [inside(music, "song.mp3")]
        assert playlist.unresolved == (reference.decode(),)


def test_roots_are_whole_folders(tmp_path):
    (tmp_path / "music").mkdir()
    path = made(tmp_path / "music", "a.m3u", b"a.mp3\n../music2/b.mp3\n../other/c.mp3\nsub/../../music/d.mp3\n")
    playlist = read(path, roots=[tmp_path / "music", tmp_path / "other" / "..", tmp_path / "nothing"])
    assert len(playlist.entries) == 4
    playlist = read(path, roots=[tmp_path / "music", tmp_path / "other"])
    assert paths(playlist) == [
        inside(tmp_path, "music", "a.mp3"),
        inside(tmp_path, "other", "c.mp3"),
        inside(tmp_path, "music", "d.mp3"),
    ]
    assert playlist.unresolved == ("../music2/b.mp3",)


@posix_only
def test_slashes_are_one_slash(tmp_path):
    references = b"//music/a.mp3\nfile:////music//b.mp3\n"
    assert paths(read(made(tmp_path, "a.m3u", references), roots=[Path("/music")])) == [
        b"/music/a.mp3",
        b"/music/b.mp3",
    ]


def test_a_colon_in_a_name_is_no_address(tmp_path):
    assert paths(read(made(tmp_path, "a.m3u", b"Re:Stacks.mp3\n"))) == [
        os.fsencode(tmp_path) + os.sep.encode() + b"Re:Stacks.mp3"
    ]


def test_paths_may_come_as_text(tmp_path):
    write(str(tmp_path / "a.M3U8"), [], name="")
    assert read(str(tmp_path / "a.M3U8")) == PlaylistFile(None, (), ())


@linux_only
@pytest.mark.timeout(10)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_named_is_never_opened(tmp_path, ending):
    """A pipe would block who opens it; a link is a name like any other, wherever it leads."""
    music = tmp_path / "music"
    music.mkdir()
    os.mkfifo(music / "pipe.mp3")
    (music / "out").symlink_to("/etc")
    named = [inside(music, "pipe.mp3"), inside(music, "out", "passwd"), inside(music, "gone.mp3")]
    read_back = read(write(music / f"list{ending}", [Entry(path=path) for path in named], name=""), roots=[music])
    assert (paths(read_back), read_back.unresolved) == (named, ())


@linux_only
@pytest.mark.parametrize("ending", [".m3u8", ".m3u", ".pls"])
def test_what_a_line_cannot_hold_is_a_uri(tmp_path, ending):
    folder = os.fsencode(tmp_path)

    def lines(*names, relative):
        entries = [Entry(path=folder + b"/" + name) for name in names]
        path = write(tmp_path / f"list{ending}", entries, name="", relative=relative, overwrite=True)
        return [line for line in path.read_bytes().splitlines() if line.startswith((b"file:", b"/", b"File", b"./"))]

    def named(*references):
        return [b"File%d=" % n + each if ending == ".pls" else each for n, each in enumerate(references, start=1)]

    start = b"file://" + folder
    for relative in (True, False):
        held = lines(b"a\nb", b"a\\b", b"\xe9", relative=relative)
        assert held == named(start + b"/a%0Ab", start + b"/a%5Cb", start + b"/%E9")
    held = lines(b"#1", b"why?", b"%41", b"100% a", relative=False)
    assert held == named(start + b"/%231", start + b"/why%3F", start + b"/%2541", folder + b"/100% a")
    assert lines(b"#1", relative=True) == named(b"./#1")


CORPUS = {
    "Zeugma440/atldotnet ATL.unit-test/Resources/_Playlists/playlist.xspf": ("Liste de lecture", 4, 1),
    "Zeugma440/atldotnet ATL.unit-test/Resources/_Playlists/playlist_fullPath.m3u": (None, 3, 1),
    "Zeugma440/atldotnet ATL.unit-test/Resources/_Playlists/playlist_simple.m3u": (None, 1, 1),
    "beetbox/beets test/rsrc/playlist_windows.m3u8": (None, 0, 2),  # on drive X:
    "clementine-player/Clementine tests/data/pls_one.pls": (None, 1, 0),
    "clementine-player/Clementine tests/data/secretagent.pls": (None, 0, 4),  # a radio
    "clementine-player/Clementine tests/data/test.asx": "is no playlist",
    "clementine-player/Clementine tests/data/test.m3u": (None, 239, 0),
    "jellyfin/jellyfin tests/Jellyfin.Server.Integration.Tests/Test Data/dummy.m3u8": (None, 0, 1),  # on drive C:
    "navidrome/navidrome tests/fixtures/playlists/bom-test-utf16.m3u": ("UTF-16 Test Playlist", 1, 0),
    "navidrome/navidrome tests/fixtures/playlists/bom-test.m3u": ("Test Playlist", 1, 0),
    "navidrome/navidrome tests/fixtures/playlists/cr-ended.m3u": (None, 2, 0),
    "navidrome/navidrome tests/fixtures/playlists/lf-ended.m3u": (None, 2, 0),
    "navidrome/navidrome tests/fixtures/playlists/pls-with-art-url.m3u": ("Playlist With Art", 2, 0),
    "navidrome/navidrome tests/fixtures/playlists/pls-without-name.m3u": (None, 3, 0),
    "quodlibet/quodlibet tests/data/non-compliant.xspf": ("100% \N{SMILING FACE WITH HORNS}", 1, 0),
    "quodlibet/quodlibet tests/data/test.m3u8": (None, 5, 0),
}
"""Name, number of entries and number of unresolved ones of each file, counted by eye; or why it is refused."""


def told(path):
    try:
        playlist = read(path)
    except PlaylistError as error:
        return str(error)
    return playlist.name, len(playlist.entries), len(playlist.unresolved)


@pytest.fixture
def corpus_playlists(test_data):
    """Path of each playlist file of the corpus by the repository and path that it comes from."""
    corpus = test_data / "corpus"
    endings = {*ENDINGS, ".asx", ".wpl", ".nsp"}
    with (corpus / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if Path(row["file"]).suffix.lower() in endings]
    return {f"{row['repo']} {row['path']}": corpus / "files" / row["file"] for row in rows}


@posix_only
@pytest.mark.corpus
def test_every_playlist_of_the_corpus_says_what_it_says(corpus_playlists):
    assert corpus_playlists.keys() == CORPUS.keys()
    for name, path in corpus_playlists.items():
        if isinstance(CORPUS[name], str):
            assert CORPUS[name] in told(path)
        else:
            assert told(path) == CORPUS[name], name


@pytest.mark.corpus
def test_every_playlist_of_the_corpus_survives_a_change_of_format(corpus_playlists, tmp_path):
    for path in [path for path in corpus_playlists.values() if path.suffix in ENDINGS]:
        playlist = read(path)
        again = read(write(tmp_path / f"{path.stem}.xspf", playlist.entries, name=playlist.name or ""))
        assert again.entries == playlist.entries
