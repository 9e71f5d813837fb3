"""Tags and covers of files that the tests make themselves: half a second of a tone, tagged by mutagen."""

import base64
import io
import os
import struct
import time
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import BINARY, APEv2, APEValue
from mutagen.flac import FLAC, Picture
from mutagen.id3 import (
    APIC,
    COMM,
    ID3,
    RVA2,
    TALB,
    TBPM,
    TCMP,
    TCOM,
    TCON,
    TDAT,
    TDRC,
    TIT2,
    TKEY,
    TPE1,
    TPE2,
    TPOS,
    TRCK,
    TSRC,
    TXXX,
    TYER,
    UFID,
)
from mutagen.mp3 import MPEGFrame
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from PIL import Image

from workbench.errors import TagError
from workbench.models import Reason, Stream, Tags
from workbench.tags import cover, folder_cover, parsers, read

SR = 44_100
TONE = (0.2 * np.sin(2 * np.pi * 440 * np.arange(SR // 2) / SR)).astype(np.float32)
RECORDING = "883821fc-9bbc-4e04-be79-b6b12c4c4a4e"
RELEASE = "0c4a1b9e-1b1b-4d3b-8c3e-7a8f2f1d9e01"
PEOPLE = ("8fb1a4d2-5e5c-4a0f-b9a1-111111111111", "8fb1a4d2-5e5c-4a0f-b9a1-222222222222")


def picture(form="PNG", colour="red"):
    """A 2 x 2 picture's bytes."""
    file = io.BytesIO()
    Image.new("RGB", (2, 2), colour).save(file, form)
    return file.getvalue()


RED, BLUE = picture(), picture("JPEG", "blue")


def sound(folder, name, **options):
    """A half-second tone that libsndfile writes in the format its ending names."""
    path = folder / name
    sf.write(path, TONE, SR, **options)
    return path


def encoded(folder, name, codec, container=None):
    """A half-second tone that FFmpeg writes."""
    path = folder / name
    with av.open(path, "w", format=container) as file:
        track = file.add_stream(codec, rate=SR, layout="mono")
        form = track.codec_context.codec.audio_formats[0].name.replace("s32", "s16")
        track.codec_context.format = form
        frame = av.AudioFrame.from_ndarray(TONE[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SR, 0, Fraction(1, SR)
        fitting = av.AudioResampler(format=form, layout="mono", rate=SR, frame_size=track.codec_context.frame_size)
        for part in [*fitting.resample(frame), None]:
            file.mux(track.encode(part))
    return path


def reason_of(path):
    with pytest.raises(TagError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    return caught.value.reason


FULL = Tags(
    title="Rain",
    artists=("AC/DC", "Tyler, The Creator"),
    album="Weather",
    album_artists=("Various Artists",),
    genres=("Rock", "Jazz"),
    composers=("Ann", "Bo"),
    year=1994,
    date="1994-05-02",
    disc_number=1,
    disc_total=2,
    track_number=3,
    track_total=12,
    compilation=True,
    bpm=120.5,
    key="F#m",
    comment="two\nlines",
    isrc="USEE10180719",
    replaygain_track_gain_db=-6.54,
    replaygain_album_gain_db=1.25,
    musicbrainz_track_id=RECORDING,
    musicbrainz_album_id=RELEASE,
    musicbrainz_artist_ids=PEOPLE,
    has_cover=True,
)


def free(**changed):
    """Names and values as Vorbis comments spell what `FULL` says."""
    return {
        "TITLE": ["Rain"],
        "ARTIST": ["AC/DC", "Tyler, The Creator"],
        "ALBUM": ["Weather"],
        "ALBUMARTIST": ["Various Artists"],
        "GENRE": ["Rock", "Jazz"],
        "COMPOSER": ["Ann", "Bo"],
        "DATE": ["1994-05-02"],
        "DISCNUMBER": ["1"],
        "DISCTOTAL": ["2"],
        "TRACKNUMBER": ["03"],
        "TOTALTRACKS": ["12"],
        "COMPILATION": ["1"],
        "BPM": ["120.50"],
        "INITIALKEY": ["F#m"],
        "COMMENT": ["two\r\nlines"],
        "ISRC": ["us-ee1-01-80719"],
        "REPLAYGAIN_TRACK_GAIN": ["-6.54 dB"],
        "REPLAYGAIN_ALBUM_GAIN": ["+1.25 dB"],
        "MUSICBRAINZ_TRACKID": [RECORDING],
        "MUSICBRAINZ_ALBUMID": [RELEASE],
        "MUSICBRAINZ_ARTISTID": list(PEOPLE),
        **changed,
    }


def block(kind, content):
    """A picture as FLAC stores it."""
    made = Picture()
    made.type, made.data, made.mime = kind, content, "image/png"
    return made


def id3_frames():
    """Frames of ID3v2.4 that say what `FULL` says."""
    return [
        TIT2(text="Rain"),
        TPE1(text=["AC/DC", "Tyler, The Creator"]),
        TALB(text="Weather"),
        TPE2(text="Various Artists"),
        TCON(text=["(17)", "Jazz"]),
        TCOM(text="Ann; Bo"),
        TDRC(text="1994-05-02"),
        TPOS(text="1/2"),
        TRCK(text="3/12"),
        TCMP(text="1"),
        TBPM(text="120.50"),
        TKEY(text="F#m"),
        COMM(lang="eng", desc="iTunNORM", text="00000A1B 00000C2D"),
        COMM(lang="eng", desc="", text="two\nlines"),
        TSRC(text="USEE10180719"),
        TXXX(desc="replaygain_track_gain", text="-6.54 dB"),
        TXXX(desc="REPLAYGAIN_ALBUM_GAIN", text="1.25 dB"),
        UFID(owner="http://musicbrainz.org", data=RECORDING.encode()),
        TXXX(desc="MusicBrainz Album Id", text=RELEASE),
        TXXX(desc="MusicBrainz Artist Id", text="/".join(PEOPLE)),
        APIC(mime="image/jpeg", type=4, data=BLUE),
        APIC(mime="image/png", type=3, data=RED),
    ]


def with_id3(path, frames, **options):
    """The file with frames as a leading ID3v2 tag."""
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    if options.get("v2_version") == 3:
        tags.update_to_v23()
    tags.save(path, **options)
    return path


def tagged_mp3(folder):
    return with_id3(sound(folder, "a.mp3", format="MP3"), id3_frames())


def tagged_aac(folder):
    return with_id3(encoded(folder, "a.aac", "aac", "adts"), id3_frames())


def tagged_wav(folder):
    return tagged_chunks(WAVE(sound(folder, "a.wav")))


def tagged_aiff(folder):
    return tagged_chunks(AIFF(sound(folder, "a.aiff")))


def tagged_chunks(file):
    file.add_tags()
    for frame in id3_frames():
        file.tags.add(frame)
    file.save()
    return file.filename


def tagged_flac(folder):
    file = FLAC(sound(folder, "a.flac"))
    file.update(free())
    file.add_picture(block(4, BLUE))
    file.add_picture(block(3, RED))
    file.save()
    return file.filename


def tagged_ogg(folder):
    return with_comments(OggVorbis(sound(folder, "a.ogg")))


def tagged_ogg_flac(folder):
    return with_comments(OggFLAC(encoded(folder, "a.oga", "flac", "ogg")))


def with_comments(file):
    file.update(free())
    pictures = (block(4, BLUE), block(3, RED))
    file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(each.write()).decode() for each in pictures]
    file.save()
    return file.filename


def tagged_m4a(folder):
    return with_atoms(encoded(folder, "a.m4a", "aac"))


def tagged_alac(folder):
    return with_atoms(encoded(folder, "a.m4a", "alac"))


def with_atoms(path):
    file = MP4(path)
    file.update(ATOMS)
    for name, values in OWN_ATOMS.items():
        file[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(value.encode()) for value in values]
    file.save()
    return path


ATOMS = {
    "©nam": ["Rain"],
    "©ART": ["AC/DC", "Tyler, The Creator"],
    "©alb": ["Weather"],
    "aART": ["Various Artists"],
    "©gen": ["Rock; Jazz"],
    "©wrt": ["Ann", "Bo"],
    "©day": ["1994-05-02"],
    "disk": [(1, 2)],
    "trkn": [(3, 12)],
    "cpil": True,
    "tmpo": [120],
    "©cmt": ["two\nlines"],
    "covr": [MP4Cover(RED, MP4Cover.FORMAT_PNG)],
}
OWN_ATOMS = {
    "BPM": ["120.5"],
    "initialkey": ["F#m"],
    "ISRC": ["USEE10180719"],
    "iTunNORM": ["0000"],
    "replaygain_track_gain": ["-6.54 dB"],
    "replaygain_album_gain": ["1.25 dB"],
    "MusicBrainz Track Id": [RECORDING],
    "MusicBrainz Album Id": [RELEASE],
    "MusicBrainz Artist Id": PEOPLE,
}


def tagged_ape(folder):
    path = sound(folder, "a.mp3", format="MP3")
    tags = APEv2()
    names = {"TRACKNUMBER": "Track", "DISCNUMBER": "Disc", "DATE": "Year", "ALBUMARTIST": "Album Artist"}
    for name, values in free(TRACKNUMBER=["3/12"]).items():
        tags[names.get(name, name.title())] = values
    tags["Cover Art (Front)"] = APEValue(b"cover.png\0" + RED, BINARY)
    tags.save(path)
    return path


KINDS = {
    "mp3": (tagged_mp3, "mp3", "mp3", None),
    "apev2": (tagged_ape, "mp3", "mp3", None),
    "wav": (tagged_wav, "wav", "pcm", 16),
    "aiff": (tagged_aiff, "aiff", "pcm", 16),
    "aac": (tagged_aac, "aac", "aac", None),
    "flac": (tagged_flac, "flac", "flac", 16),
    "ogg": (tagged_ogg, "ogg", "vorbis", None),
    "ogg_flac": (tagged_ogg_flac, "ogg", "flac", 16),
    "m4a": (tagged_m4a, "mp4", "aac", None),
    "alac": (tagged_alac, "mp4", "alac", 16),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_tells_the_same(tmp_path, kind):
    make, container, codec, bit_depth = KINDS[kind]
    path = Path(make(tmp_path))
    before = path.read_bytes()
    found = read(path)
    stream = Stream(container=container, codec=codec, bit_depth=bit_depth, sample_rate_hz=SR, channels=1)
    assert replace(found.stream, duration_s=None, bit_rate_bps=None) == stream
    assert found.stream.duration_s == pytest.approx(0.5, abs=0.1)  # codecs pad to whole frames
    assert found.stream.bit_rate_bps > 8_000
    assert replace(found, stream=Stream()) == FULL
    assert cover(path) == RED
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", KINDS)
def test_the_ending_does_not_matter(tmp_path, kind):
    path = Path(KINDS[kind][0](tmp_path))
    renamed = path.rename(tmp_path / "b.ogg.mp3.flac.wav")
    assert replace(read(renamed), stream=Stream()) == FULL


@pytest.mark.parametrize("ending", ["mp3", "flac", "wav", "aiff", "ogg"])
def test_a_file_without_tags_has_none(tmp_path, ending):
    found = read(sound(tmp_path, f"a.{ending}", format=ending.upper()))
    assert replace(found, stream=Stream()) == Tags()
    assert cover(tmp_path / f"a.{ending}") is None


def test_opus_gains_become_replaygain(tmp_path):
    path = tmp_path / "a.opus"
    sf.write(path, TONE, 48_000, format="OGG", subtype="OPUS")
    file = OggOpus(path)
    file.update({"R128_TRACK_GAIN": ["-512"], "R128_ALBUM_GAIN": ["0"]})
    file.save()
    found = read(path)
    assert (found.replaygain_track_gain_db, found.replaygain_album_gain_db) == (3.0, 5.0)
    assert (found.stream.codec, found.stream.sample_rate_hz) == ("opus", 48_000)


def test_id3v23_joins_and_dates(tmp_path):
    frames = [TPE1(text="AC/DC"), TCON(text="Rock/Jazz"), TYER(text="1994"), TDAT(text="0205")]
    path = sound(tmp_path, "a.mp3", format="MP3")
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(path, v2_version=3)
    found = read(path)
    assert (found.artists, found.genres) == (("AC/DC",), ("Rock", "Jazz"))
    assert (found.date, found.year) == ("1994-05-02", 1994)


def test_a_slash_splits_only_known_genres_of_old_tags(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    assert read(with_id3(path, [TCON(text="Singer/Songwriter")], v2_version=3)).genres == ("Singer/Songwriter",)
    assert read(with_id3(path, [TCON(text="Rock/Jazz")])).genres == ("Rock/Jazz",)


def test_id3v22(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    frames = b"".join(
        name + len(text).to_bytes(3, "big") + text
        for name, text in ((b"TT2", b"\0Rain"), (b"TP1", b"\0Ann"), (b"TRK", b"\x003/12"), (b"TYE", b"\x001994"))
    )
    path.write_bytes(b"ID3\x02\0\0\0\0\0" + bytes([len(frames)]) + frames + path.read_bytes())
    found = read(path)
    assert (found.title, found.artists, found.track_number, found.year) == ("Rain", ("Ann",), 3, 1994)


def test_apev2_before_id3v1(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    ape = APEv2()
    ape["Title"] = "A title of which the end is long"
    ape.save(path)
    id3v1 = b"TAG" + b"A title of which the end is lo" + b"Ann".ljust(60) + b"1994" + b"".ljust(30) + bytes([17])
    path.write_bytes(path.read_bytes() + id3v1)
    found = read(path)
    assert (found.title, found.artists) == ("A title of which the end is long", ("Ann",))
    assert (found.year, found.genres) == (1994, ("Rock",))


def test_a_damaged_block_does_not_hide_the_others(tmp_path):
    path = tagged_ape(tmp_path)
    path.write_bytes(b"ID3\x04\0\x0f\0\0\0\x10" + bytes(16) + path.read_bytes())
    assert read(path).title == "Rain"


def test_lists_of_artists_win_over_one_text(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    frames = [TPE1(text="Ann feat. Bo"), TXXX(desc="ARTISTS", text=["Ann", "Bo"])]
    assert read(with_id3(path, frames)).artists == ("Ann", "Bo")


def test_relative_volume_frames_are_gains(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    assert read(with_id3(path, [RVA2(desc="track", channel=1, gain=-3.5, peak=1)])).replaygain_track_gain_db == -3.5


def test_comments_of_programs_are_passed_over(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    assert read(with_id3(path, [COMM(lang="eng", desc="Songs-DB_Custom1", text="x")])).comment is None
    assert read(with_id3(path, [COMM(lang="deu", desc="mine", text="lovely")])).comment == "lovely"


def riff_info(**texts):
    """A LIST/INFO chunk."""
    items = b"INFO"
    for name, text in texts.items():
        content = text + b"\0" * (2 - len(text) % 2)
        items += name.encode() + struct.pack("<I", len(content)) + content
    return b"LIST" + struct.pack("<I", len(items)) + items


def with_chunk(path, chunk):
    """The RIFF file with a chunk more."""
    content = path.read_bytes() + chunk
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    return path


def test_riff_info(tmp_path):
    texts = {"INAM": b"Rain", "IART": "Björk".encode(), "IGNR": b"Rock;Jazz", "ICRD": b"1994", "ITRK": b"3"}
    info = riff_info(**texts, ICMT="50 \N{EURO SIGN}".encode("cp1252"))
    found = read(with_chunk(sound(tmp_path, "a.wav"), info))
    assert (found.title, found.artists, found.genres) == ("Rain", ("Björk",), ("Rock", "Jazz"))
    assert (found.year, found.track_number, found.comment) == (1994, 3, "50 \N{EURO SIGN}")


def test_chunks_behind_the_sound_of_rf64(tmp_path):
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, SR, 2 * SR, 2, 16)
    long_sizes = b"ds64" + struct.pack("<IQQQI", 28, 0, 2 * SR, SR, 0)
    sound_chunk = b"data" + b"\xff" * 4 + bytes(2 * SR)
    content = b"RF64" + b"\xff" * 4 + b"WAVE" + long_sizes + form + sound_chunk + riff_info(INAM=b"Rain")
    (tmp_path / "a.wav").write_bytes(content)
    found = read(tmp_path / "a.wav")
    assert (found.title, found.stream.duration_s) == ("Rain", 1.0)


def test_id3_before_riff_info(tmp_path):
    file = WAVE(with_chunk(sound(tmp_path, "a.wav"), riff_info(INAM=b"Info", IPRD=b"Weather")))
    file.add_tags()
    file.tags.add(TIT2(text="Rain"))
    file.save()
    found = read(tmp_path / "a.wav")
    assert (found.title, found.album) == ("Rain", "Weather")


def test_a_streamed_wav_lasts_as_long_as_it_is(tmp_path):
    path = sound(tmp_path, "a.wav")
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 4 + content[8:40] + b"\xff" * 4 + content[44:])
    assert read(path).stream.duration_s == 0.5


@pytest.mark.parametrize(("form", "subtype"), [("RF64", "PCM_24"), ("WAVEX", "PCM_24"), ("WAV", "FLOAT")])
def test_other_kinds_of_wav(tmp_path, form, subtype):
    found = read(sound(tmp_path, "a.wav", format=form, subtype=subtype)).stream
    assert (found.container, found.codec, found.duration_s) == ("wav", "pcm", 0.5)
    assert found.bit_depth == {"PCM_24": 24, "FLOAT": 32}[subtype]


def test_big_endian_wav(tmp_path):
    found = read(sound(tmp_path, "a.wav", endian="BIG")).stream
    assert (found.codec, found.duration_s, found.sample_rate_hz) == ("pcm", 0.5, SR)


def test_texts_and_codecs_of_aiff(tmp_path):
    path = sound(tmp_path, "a.aiff", subtype="FLOAT")
    content = path.read_bytes() + b"NAME\0\0\0\x04RainAUTH\0\0\0\x03Ann\0"
    path.write_bytes(content[:4] + struct.pack(">I", len(content) - 8) + content[8:])
    found = read(path)
    assert (found.title, found.artists) == ("Rain", ("Ann",))
    assert (found.stream.codec, found.stream.sample_rate_hz, found.stream.duration_s) == ("pcm", SR, 0.5)


def test_fewer_frames_than_four_are_mp3_only_alone(tmp_path):
    content = sound(tmp_path, "whole.mp3", format="MP3").read_bytes()
    file = io.BytesIO(content)
    starts = [MPEGFrame(file).frame_offset for _ in range(6)]
    frames = content[starts[2] : starts[5]]
    path = tmp_path / "a.mp3"
    path.write_bytes(frames)
    assert read(path).stream.codec == "mp3"
    path.write_bytes(frames + bytes(10_000))
    assert reason_of(path) is Reason.NOT_AUDIO
    path.write_bytes(b"junk" + frames)
    assert reason_of(path) is Reason.NOT_AUDIO


JUNK = {
    "text": b"A poem about rain, and nothing else.\n" * 500,
    "picture": RED * 100,
    "noise": np.random.default_rng(0).bytes(50_000),
    "zeros": bytes(20_000),
    "tag alone": b"ID3\x04\0\0\0\0\0\x10" + bytes(16),
    # symbol tables of programs: headers of MPEG layer I every 256 bytes
    "program": b"\x7fELF" + bytes(300) + (b"\xff\xff\x24\xc0" + bytes(252)) * 40,
}


@pytest.mark.parametrize("kind", JUNK)
@pytest.mark.parametrize("ending", ["mp3", "flac", "m4a"])
def test_junk_is_no_audio(tmp_path, kind, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(JUNK[kind])
    assert reason_of(path) is Reason.NOT_AUDIO


def test_every_way_to_be_no_file(tmp_path):
    (tmp_path / "empty.mp3").touch()
    assert reason_of(tmp_path / "empty.mp3") is Reason.EMPTY_FILE
    assert reason_of(tmp_path / "gone.mp3") is Reason.VANISHED
    assert reason_of(tmp_path) is Reason.NOT_A_FILE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.mp3")
    assert reason_of(tmp_path / "a.mp3") is Reason.NOT_A_FILE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable here")
def test_a_forbidden_file_is_unreadable(tmp_path):
    path = sound(tmp_path, "a.wav")
    path.chmod(0)
    assert reason_of(path) is Reason.UNREADABLE


def test_foreign_sound_is_unsupported(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"wvpk" + bytes(1_000))
    assert reason_of(tmp_path / "a.mp3") is Reason.UNSUPPORTED


def test_damaged_headers_are_bad_tags(tmp_path):
    path = sound(tmp_path, "a.flac")
    path.write_bytes(path.read_bytes()[:30])
    assert reason_of(path) is Reason.BAD_TAGS


def test_a_header_that_asks_for_gigabytes_gets_none(tmp_path):
    path = tmp_path / "a.flac"
    comments = b"\x84\0\0\x08" + struct.pack("<I", 0xFFFFFFF0)
    sound(tmp_path, "b.flac")
    path.write_bytes((tmp_path / "b.flac").read_bytes()[:42] + comments)
    tracemalloc.start()
    try:
        assert reason_of(path) is Reason.BAD_TAGS
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_files_never_crash(tmp_path_factory, data):
    """Bytes of a good file, some changed, perhaps cut short: tags or a TagError."""
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    content = bytearray(made(tmp_path_factory, kind))
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, min(len(content), 3_000) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "a.mp3"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with suppress(TagError):
        assert isinstance(read(path), Tags)


MADE = {}


def made(tmp_path_factory, kind):
    """Bytes of a tagged file, made once."""
    if kind not in MADE:
        MADE[kind] = Path(KINDS[kind][0](tmp_path_factory.mktemp("made"))).read_bytes()
    return MADE[kind]


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30),
    min_size=2,
    max_size=8,
    unique_by=str.casefold,
)


@settings(max_examples=40, deadline=None)
@given(NAMES)
def test_lists_of_artists_come_back(tmp_path_factory, artists):
    path = tmp_path_factory.mktemp("names") / "a.flac"
    path.write_bytes(made(tmp_path_factory, "flac"))
    file = FLAC(path)
    file["ARTIST"] = artists
    file.save()
    assert read(path).artists == tuple(artists)


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


TEXTS = st.one_of(st.text(max_size=30), st.from_regex(r"[(\d/;,.+-]{1,12}"))


@given(st.sampled_from(PARSERS), st.lists(TEXTS.map(parsers.cleaned).filter(bool), min_size=1, max_size=3))
def test_parsers_never_raise(parse, values):
    parse(values)


@pytest.mark.parametrize(
    ("parse", "value", "expected"),
    [
        (parsers.names, "AC/DC", ("AC/DC",)),
        (parsers.names, "Tyler, The Creator", ("Tyler, The Creator",)),
        (parsers.names, "Steins;Gate", ("Steins;Gate",)),
        (parsers.names, "Queen; David Bowie", ("Queen", "David Bowie")),
        (parsers.names, "Simon &amp; Garfunkel", ("Simon &amp; Garfunkel",)),
        (parsers.names, " ; ", None),
        (parsers.genres, "Rock;Jazz; rock", ("Rock", "Jazz")),
        (parsers.genres, "(17)", ("Rock",)),
        (parsers.genres, "17", ("Rock",)),
        (parsers.genres, "(51)(39)Eurodisco", ("Techno-Industrial", "Noise", "Eurodisco")),
        (parsers.genres, "((Brackets)", ("(Brackets)",)),
        (parsers.genres, "(RX)", ("Remix",)),
        (parsers.genres, "254", None),
        (parsers.year, "1994", 1994),
        (parsers.year, "05/1994", 1994),
        (parsers.year, "19940502", 1994),
        (parsers.year, "1994-05-02T12:00:00", 1994),
        (parsers.year, "0000", None),
        (parsers.year, "12345", None),
        (parsers.date, "05/1994", "05/1994"),
        (parsers.date, "0000-00-00", None),
        (parsers.number, "3/12", 3),
        (parsers.number, "03", 3),
        (parsers.number, "3 of 12", 3),
        (parsers.number, "A1", None),
        (parsers.number, "0/0", None),
        (parsers.total, "3/12", 12),
        (parsers.total, "3", None),
        (parsers.bpm, "120.00", 120.0),
        (parsers.bpm, "120,5 BPM", 120.5),
        (parsers.bpm, "0", None),
        (parsers.bpm, "fast", None),
        (parsers.bpm, "12000", None),
        (parsers.compilation, "0", False),
        (parsers.compilation, "maybe", None),
        (parsers.decibels, "-1.#IND dB", -1.0),
        (parsers.decibels, "nan dB", None),
        (parsers.r128_decibels, "-2560", -5.0),
        (parsers.uuids, f"{PEOPLE[0].upper()}; {PEOPLE[1]}", PEOPLE),
        (parsers.isrc, "US-EE1-01-80719", "USEE10180719"),
        (parsers.isrc, "none", None),
        (parsers.text, "two\r\nlines", "two lines"),
    ],
)
def test_what_a_text_means(parse, value, expected):
    assert parse([value]) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Rain\x00\x07 ", "Rain"),
        ("\ufeffRain", "Rain"),
        ("\x9bRain", "Rain"),
        ("Caf\xc3\xa9", "Caf\xc3\xa9"),
        ("\xe3\x82\xb5", "\xe3\x82\xb5"),
        ("\ud800Rain", "Rain"),
        ("\x01 \x02", ""),
        ("x" * 10_001, "x" * 10_000),
    ],
)
def test_texts_are_cleaned(value, expected):
    assert parsers.cleaned(value) == expected


@pytest.mark.parametrize("content", [b"<svg/>", b"RIFF\0\0\0\0WEBP", b"", b"\x89PNG\r\n\x1a\n" + bytes(10_000_000)])
def test_pictures_of_other_kinds_are_refused(tmp_path, content):
    path = sound(tmp_path, "a.mp3", format="MP3")
    with_id3(path, [APIC(mime="image/png", type=3, data=content)])
    assert (read(path).has_cover, cover(path)) == (False, None)


def test_a_picture_of_another_kind_stands_in_for_the_front(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    assert cover(with_id3(path, [APIC(mime="image/jpeg", type=4, data=BLUE)])) == BLUE


def test_a_damaged_picture_block_is_no_picture(tmp_path):
    file = OggVorbis(sound(tmp_path, "a.ogg"))
    file.update({"METADATA_BLOCK_PICTURE": ["no base64", "AAAA"], "TITLE": ["Rain"]})
    file.save()
    found = read(tmp_path / "a.ogg")
    assert (found.title, found.has_cover) == ("Rain", False)


def test_a_cover_beside_the_file_stands_in(tmp_path):
    path = with_id3(sound(tmp_path, "a.mp3", format="MP3"), [])
    (tmp_path / "cover.png").write_text("no picture", encoding="utf-8")
    assert cover(path) is None
    (tmp_path / "cover.png").write_bytes(RED)
    assert cover(path) == RED
    assert cover(with_id3(path, [APIC(mime="image/jpeg", type=3, data=BLUE)])) == BLUE


def test_folder_covers_in_their_order(tmp_path):
    assert folder_cover(tmp_path) is None
    for name in ("album.png", "FRONT.JPEG", "Folder.jpg", "cover.txt", "back.jpg"):
        (tmp_path / name).write_bytes(BLUE)
    (tmp_path / "cover.jpg").mkdir()
    assert folder_cover(tmp_path) == tmp_path / "Folder.jpg"
    (tmp_path / "Cover.PNG").write_bytes(RED)
    assert folder_cover(tmp_path) == tmp_path / "Cover.PNG"
    assert folder_cover(tmp_path / "gone") is None


@pytest.mark.parametrize("frame", [b"PCNT", b"POPM"])
def test_a_counter_of_any_length_is_read_in_no_time(tmp_path, frame):
    """Mutagen takes a time that grows with the square of its length: 14 s for one of 400 kB."""
    path = sound(tmp_path, "a.mp3")
    content = (b"a\0\xff" if frame == b"POPM" else b"") + b"\xff" * 400_000
    size = bytes((len(content) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    behind = bytes((len(content) + 10 >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\4\0\0" + behind + frame + size + b"\0\0" + content + path.read_bytes())
    start = time.process_time()
    assert read(path).play_count is None
    assert time.process_time() - start < 1
