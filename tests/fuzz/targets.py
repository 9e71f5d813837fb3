"""What our parsers must do with any bytes: give a result or their own error, and soon.

Each function takes bytes. Hypothesis calls them in every run of the tests, atheris for as long as one likes
(`python tests/fuzz/run.py NAME`).
"""

import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from workbench.errors import ModelError, PlaylistError, QueryError, TagError
from workbench.learned.checkpoint import crc32c, read_checkpoint
from workbench.models import TRACKS
from workbench.playlist_files import Entry
from workbench.playlist_files import read as read_playlist
from workbench.query import from_nsp, nsp_label, parse, search, to_text
from workbench.tags import parsers, pictures
from workbench.tags import read as read_tags
from workbench.tags.thumbnails import thumbnail

MOST_S = 1.0
"""CPU seconds that an input of a few kilobytes may cost; real ones cost a thousandth."""

LONGEST_SAYING = 1_000
NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
FRAME = pl.DataFrame(
    [{"track_id": 1, "title": "\u00c9t\u00e9", "genres": ["Rock"], "year": 1999, "bpm": 90.5}], schema=TRACKS
)
PARSERS = [
    parsers.bpm,
    parsers.compilation,
    parsers.date,
    parsers.decibels,
    parsers.genres,
    parsers.isrc,
    parsers.names,
    parsers.note,
    parsers.number,
    parsers.r128_decibels,
    parsers.text,
    parsers.total,
    parsers.uuid,
    parsers.uuids,
    parsers.year,
]
WHERE = tempfile.TemporaryDirectory()


def written(data, name):
    path = Path(WHERE.name) / name
    path.write_bytes(data)
    return path


def outcome(call, kind):
    """What a call gives, or the error of ours that it raises, which says something."""
    try:
        return call()
    except kind as error:
        said = str(error)
    assert said
    assert "\n" not in said
    assert len(said) < LONGEST_SAYING
    return None


def playlist(data):
    """The first byte chooses the format, the rest is the file."""
    ending = (".m3u8", ".m3u", ".pls", ".xspf")[data[0] % 4 if data else 0]
    found = outcome(lambda: read_playlist(written(data[1:], f"list{ending}")), PlaylistError)
    for entry in found.entries if found else ():
        assert isinstance(entry, Entry)
        assert Path(os.fsdecode(entry.path)).is_absolute()
        assert b"\0" not in entry.path


def query(data):
    text = data.decode("utf-8", "surrogateescape" if data[:1] == b"\xff" else "replace")
    found = outcome(lambda: search(FRAME, text, now=NOW, playlists={"Rain": [1]}), QueryError)
    if found is not None:
        assert found.height <= 1
        tree = parse(text)
        assert parse(to_text(tree)) == tree


def nsp(data):
    text = data.decode("utf-8", "replace")
    outcome(lambda: nsp_label(text), QueryError)
    found = outcome(lambda: from_nsp(text), QueryError)
    assert found is None or parse(to_text(found)) == found


def tags(data):
    """The first byte chooses the ending, which says nothing."""
    ending = (".mp3", ".flac", ".ogg", ".m4a", ".wav", ".aiff", ".opus", ".aac")[data[0] % 8 if data else 0]
    outcome(lambda: read_tags(written(data[1:], f"a{ending}")), TagError)


def texts(data):
    values = [value for part in data.split(b"\0") if (value := parsers.cleaned(part.decode("utf-8", "replace")))]
    for parser in PARSERS if values else ():
        parser(values)


def cover(data):
    if pictures.acceptable(data):
        small = thumbnail(data)
        assert small is None or small.startswith((b"\x89PNG", b"\xff\xd8"))


def checkpoint(data):
    """Bytes as they are, then with the checksum of the block that starts at 0, so that more of the reader is met."""
    for index in (data, _signed(data)):
        found = outcome(lambda index=index: read_checkpoint(index, data), ModelError)
        assert all(array.dtype.name == "float32" for array in (found or {}).values())


def _signed(data):
    """A table whose index of blocks names one block, `data`, as a writer would sign it."""
    from checkpoints import block, signed, varint

    body = data[: len(data) // 2] + (0).to_bytes(4, "little")
    first = signed(body)
    handles = block([(b"z", varint(0) + varint(len(body)))])
    footer = varint(0) + varint(0) + varint(len(first)) + varint(len(handles) - 5)
    return first + handles + footer.ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")


TARGETS = {each.__name__: each for each in (playlist, query, nsp, tags, texts, cover, checkpoint)}
SEEDS = {
    "playlist": [
        b'\0#EXTM3U\n#EXTINF:12 a="b,c",A - B\nx/y.mp3\nfile:///a%20b\n',
        b"\2[playlist]\nFile1=a.mp3\nTitle1=A - B\nLength1=3\nNumberOfEntries=1\n",
        b'\3<playlist xmlns="http://xspf.org/ns/0/"><trackList><track><location>a%20b</location></track></trackList></playlist>',
        b"\1\xff\xfea\0.\0m\0p\x003\0",
    ],
    "query": [
        b'-"so what", (genre:=jazz ~bpm:60..90) title::^(a|b)$ year- random+ limit:5',
        b'added:-3w.. length:..4:30 playlist:=Rain genre:"" ~key:8A',
    ],
    "nsp": [
        b'{"all":[{"is":{"genre":"Jazz"}},{"any":[{"inTheRange":{"year":[1990,1999]}}]}],"sort":"-year","limit":5}//x',
        b'{"all":[{"inTheLast":{"dateAdded":30}}],"name":"a","comment":NaN}',
    ],
    "texts": [b"(17)(RX)Rock; a\r\n b\x003/12 of 4\x001999-01-02", b"6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    "tags": [
        b"\0ID3\x03\0\0\0\0\0\x17TIT2\0\0\0\x0d\0\0\1\xff\xfeR\0a\0i\0n\0",
        b"\1fLaC\0\0\0\x22",
        b"\4RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
    ],
    "cover": [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1"],
    "checkpoint": [b"\0\0\x02\x08\x01\0\0\0\0\1\0\0\0", crc32c(b"").to_bytes(4, "little")],
}
"""Texts that fuzzers start from."""


def timed(target, data):
    """Call a target, and hold it to its time."""
    begun = time.process_time()
    target(data)
    taken = time.process_time() - begun
    assert taken < MOST_S, f"{target.__name__}: {taken:.1f} s of CPU for {len(data)} bytes"
