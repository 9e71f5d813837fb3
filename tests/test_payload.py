"""The hash of a sound outlives its tags: half a second of noise in every format, tagged by mutagen and by hand."""

import os
import shutil
import struct
from contextlib import suppress
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, TIT2, TXXX
from mutagen.mp4 import MP4, MP4Cover
from mutagen.ogg import OggPage
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from workbench.audio import payload, payload_hash
from workbench.errors import DecodeError
from workbench.models import EXTENSIONS, Reason

SR = 48_000
COVER = b"\xff\xd8\xff\xe0" + np.random.default_rng(9).bytes(300_000)
SOUNDFILE = {
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "flac": ("FLAC", "PCM_16"),
    "wav": ("WAV", "PCM_16"),
    "float.wav": ("WAV", "FLOAT"),
    "rf64.wav": ("RF64", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
}
FFMPEG = {
    "m4a": ("aac", {}),
    "alac.m4a": ("alac", {}),
    "pieces.m4a": ("aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "100000"}),
    "aac": ("aac", {}),
    "opus": ("libopus", {}),
    "flac.ogg": ("flac", {}),
}
BOXES = {"m4a", "alac.m4a", "pieces.m4a"}
NAMES = [*SOUNDFILE, *FFMPEG]
TAGGABLE = [name for name in NAMES if name != "rf64.wav"]  # mutagen knows no RF64


def noise(seed=0, seconds=0.5, sr=SR):
    return np.random.default_rng(seed).uniform(-0.3, 0.3, (round(sr * seconds), 2)).astype(np.float32)


def encoded(path, name, y):
    """A file in the format that a name of `NAMES` stands for."""
    if name in SOUNDFILE:
        form, subtype = SOUNDFILE[name]
        soundfile.write(path, y, SR, format=form, subtype=subtype)
    else:
        by_ffmpeg(path, y, *FFMPEG[name])
    return path


def by_ffmpeg(path, y, codec, options):
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=SR, layout="stereo")
        whole = av.AudioFrame.from_ndarray(y.reshape(1, -1), format="flt", layout="stereo")
        whole.sample_rate, whole.pts = SR, 0
        stream.open()
        resampler = av.AudioResampler(stream.format.name, "stereo", SR, frame_size=stream.frame_size or 1024)
        for frame in [*resampler.resample(whole), *resampler.resample(None), None]:
            container.mux(stream.encode(frame))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One file of each of `NAMES`, by name; tests change copies."""
    folder = tmp_path_factory.mktemp("made")
    return {name: encoded(folder / f"a.{name}", name, noise()) for name in NAMES}


@pytest.fixture
def copy(made, tmp_path):
    return lambda name: Path(shutil.copy(made[name], tmp_path))


def written(path, *parts):
    path.write_bytes(b"".join(parts))
    return path


# By mutagen


def tags_of(path):
    """A file and its tags, made where there are none; mutagen does not tag ADTS, but ID3 in front of it works."""
    if path.suffix == ".aac":
        file = ID3(path) if path.read_bytes()[:3] == b"ID3" else ID3()
        return file, file
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    return file, file.tags


def many_tags(path):
    file, tags = tags_of(path)
    for number in range(200):
        text = [f"value {number} of a tag"] * 3
        if isinstance(tags, ID3):
            tags.add(TXXX(encoding=3, desc=f"name {number}", text=text))
        elif isinstance(file, MP4):
            tags[f"----:org.example:name {number}"] = [value.encode() for value in text]
        else:
            tags[f"name {number}"] = text
    file.save(path)


def a_cover(path):
    file, tags = tags_of(path)
    picture = Picture()
    picture.data, picture.mime, picture.type = COVER, "image/jpeg", 3
    if isinstance(tags, ID3):
        tags.add(APIC(encoding=3, mime="image/jpeg", type=3, data=COVER))
    elif isinstance(file, MP4):
        tags["covr"] = [MP4Cover(COVER)]
    elif isinstance(file, FLAC):
        file.add_picture(picture)
    else:
        tags["metadata_block_picture"] = picture.write().hex()
    file.save(path)


def saved_twice(path):
    for _ in range(2):
        file, _ = tags_of(path)
        file.save(path)


def nothing_left(path):
    many_tags(path)
    a_cover(path)
    (ID3 if path.suffix == ".aac" else mutagen.File)(path).delete(path)


def gain_and_lyrics(path):
    """What ReplayGain scanners and lyrics finders add."""
    file, tags = tags_of(path)
    if isinstance(tags, ID3):
        tags.add(TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text="-7.5 dB"))
        tags.add(COMM(encoding=1, lang="eng", desc="", text="\N{MUSICAL SYMBOL G CLEF}" * 5000))
    elif isinstance(file, MP4):
        tags["\xa9lyr"] = "la " * 5000
    else:
        tags["REPLAYGAIN_TRACK_GAIN"], tags["LYRICS"] = "-7.5 dB", "la " * 5000
    file.save(path)


RETAGGED = [many_tags, a_cover, saved_twice, nothing_left, gain_and_lyrics]


@pytest.mark.parametrize("retag", RETAGGED)
@pytest.mark.parametrize("name", TAGGABLE)
def test_tags_leave_the_hash(copy, name, retag):
    path = copy(name)
    before, content = payload_hash(path), path.read_bytes()
    retag(path)
    assert path.read_bytes() != content or retag in {saved_twice, nothing_left}
    assert payload_hash(path) == before


@pytest.mark.parametrize("name", TAGGABLE)
def test_tags_upon_tags_leave_the_hash(copy, name):
    path = copy(name)
    before = payload_hash(path)
    for retag in [*RETAGGED, *reversed(RETAGGED)]:
        retag(path)
        assert payload_hash(path) == before


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("v1", [0, 1, 2])
@pytest.mark.parametrize("name", ["mp3", "aac"])
def test_every_mix_of_id3_and_ape_leaves_the_hash(copy, name, version, v1):
    path = copy(name)
    before = payload_hash(path)
    for ape_first in (True, False):
        if ape_first:
            APEv2().save(path)
        tags = ID3()
        tags.add(TIT2(encoding=1, text="Title"))
        tags.save(path, v1=v1, v2_version=version, padding=lambda _: 5000)
        ape = APEv2()
        ape["Title"] = "Title" * 100
        ape.save(path)
        assert payload_hash(path) == before
    ID3(path).delete(path)
    assert payload_hash(path) == before


@pytest.mark.parametrize("kind", [WAVE, AIFF])
@pytest.mark.parametrize("version", [3, 4])
def test_chunks_of_id3_leave_the_hash(copy, kind, version):
    path = copy("wav" if kind is WAVE else "aiff")
    before = payload_hash(path)
    file = kind(path)
    file.add_tags()
    file.tags.add(TIT2(encoding=1, text="Title"))
    file.tags.save(path, v2_version=version)
    assert payload_hash(path) == before


def test_mutagen_tags_each_kind_as_what_it_is(made):
    kinds = {name: type(mutagen.File(made[name])) for name in TAGGABLE if name != "aac"}
    assert kinds["ogg"] is OggVorbis
    assert kinds["opus"] is OggOpus
    assert kinds["flac.ogg"] is OggFLAC
    assert all(kinds[name] is MP4 for name in BOXES)


# By hand


def id3v2(size=500, *, major=4, footer=False):
    content = bytes(range(1, 101)) * (size // 100)
    sizes = bytes((len(content) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    end = b"3DI" + bytes([major, 0, 0x10]) + sizes if footer else b""
    return b"ID3" + bytes([major, 0, 0x10 if footer else 0]) + sizes + content + end


def apev2(*, header=True):
    item = b"\x05\0\0\0\0\0\0\0Title\0Tiger"
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0x8000_0000 | is_header << 29) + bytes(8)
        for is_header in (True, False)
    ]
    return (ends[0] if header else b"") + item + ends[1]


ID3V1 = b"TAG" + b"Title".ljust(125, b"\0")
TAG_PLUS = b"TAG+" + b"A long title".ljust(223, b"\0") + ID3V1
WORDS = b"LYRICSBEGIN" + b"IND0000200LYR00005words"
LYRICS3 = WORDS + b"%06d" % len(WORDS) + b"LYRICS200"
FRONTS = {
    "two tags": id3v2() + id3v2(major=3),
    "a footer": id3v2(footer=True),
    "a footer that was left": id3v2() + id3v2(footer=True)[-10:],
    "padding": id3v2() + bytes(10_000),
    "zeros": bytes(4096),
    "APE": apev2(),
}
BACKS = {
    "ID3v1": ID3V1,
    "a short ID3v1": ID3V1[:124],
    "TAG+": TAG_PLUS,
    "Lyrics3 and ID3v1": LYRICS3 + ID3V1,
    "APE, Lyrics3 and ID3v1": apev2() + LYRICS3 + ID3V1,
    "APE behind ID3v1": ID3V1 + apev2(),
    "APE without a header": apev2(header=False),
    "ID3v2": id3v2(footer=True),
    "all": id3v2(footer=True) + apev2() + TAG_PLUS + apev2(header=False),
}


@pytest.mark.parametrize("name", ["mp3", "aac"])
@pytest.mark.parametrize("tags", FRONTS)
def test_tags_in_front_leave_the_hash(made, tmp_path, name, tags):
    tagged = written(tmp_path / "a", FRONTS[tags], made[name].read_bytes())
    assert payload_hash(tagged) == payload_hash(made[name])


@pytest.mark.parametrize("name", ["mp3", "aac", "flac"])
@pytest.mark.parametrize("tags", BACKS)
def test_tags_behind_leave_the_hash(made, tmp_path, name, tags):
    tagged = written(tmp_path / "a", made[name].read_bytes(), BACKS[tags])
    assert payload_hash(tagged) == payload_hash(made[name])


@pytest.mark.parametrize("name", NAMES)
def test_id3_in_front_of_any_container_leaves_the_hash(made, tmp_path, name):
    assert payload_hash(written(tmp_path / "a", id3v2(), made[name].read_bytes())) == payload_hash(made[name])


@pytest.mark.parametrize("content", [b"wvpk of another codec", bytes(5000), b"\0\0words"])
def test_tags_of_other_formats_are_left_out_too(tmp_path, content):
    plain = payload_hash(written(tmp_path / "a", content))
    assert payload_hash(written(tmp_path / "b", content, apev2())) == plain
    assert payload_hash(written(tmp_path / "c", id3v2(), content, ID3V1)) == plain


def test_zeros_count_where_no_frame_follows(tmp_path):
    assert payload_hash(written(tmp_path / "a", b"\0words")) != payload_hash(written(tmp_path / "b", b"words"))


def test_a_tag_that_claims_more_than_there_is_is_none(tmp_path):
    cut = id3v2(500)[:100]
    plain = payload_hash(written(tmp_path / "a", cut, b"x"))
    assert payload_hash(written(tmp_path / "b", cut, b"y")) != plain
    assert payload_hash(written(tmp_path / "c", cut, b"x", ID3V1)) == plain


def test_a_file_of_nothing_but_tags_counts_whole(tmp_path):
    assert payload_hash(written(tmp_path / "a", id3v2(500))) != payload_hash(written(tmp_path / "b", id3v2(600)))


# Other sounds


@pytest.mark.parametrize("name", NAMES)
def test_another_sound_has_another_hash(made, tmp_path, name):
    other = encoded(tmp_path / f"b.{name}", name, noise(seed=1))
    assert payload_hash(other) != payload_hash(made[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_copy_has_another_hash(made, tmp_path, name):
    content = made[name].read_bytes()
    place = (content.rindex(b"mdat") if name in BOXES else len(content)) - 20
    place = place if name == "pieces.m4a" else len(content) * 3 // 4
    assert payload_hash(written(tmp_path / "a", content[:place])) != payload_hash(made[name])


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_byte_of_sound_gives_another_hash(made, tmp_path, name):
    content = bytearray(made[name].read_bytes())
    place = content.rindex(b"mdat") + 20 if name in BOXES else len(content) - 300
    content[place] ^= 1
    assert payload_hash(written(tmp_path / "a", content)) != payload_hash(made[name])


def test_equal_bytes_in_two_kinds_differ(tmp_path):
    sound = noise().tobytes()
    paths = [
        written(tmp_path / "a", sound),
        written(tmp_path / "b", b"\0\0\0\x08ftyp", struct.pack(">I", len(sound) + 8), b"mdat", sound),
        written(tmp_path / "c", wave(sound)),
    ]
    assert len({payload_hash(path) for path in paths}) == 3


def test_the_rate_of_a_wave_counts(tmp_path):
    for sr in (44_100, 48_000):
        soundfile.write(tmp_path / f"{sr}.wav", np.zeros(1000), sr)
    assert payload_hash(tmp_path / "44100.wav") != payload_hash(tmp_path / "48000.wav")


# Written-out structures


def wave(sound, *, size=None, behind=b"", name=b"RIFF", front=b""):
    order = ">" if name == b"RIFX" else "<"
    fmt = b"fmt " + struct.pack(f"{order}IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
    data = b"data" + struct.pack(f"{order}I", len(sound) if size is None else size) + sound
    chunks = b"WAVE" + front + fmt + data + behind
    return name + struct.pack(f"{order}I", len(chunks)) + chunks


SOUND = bytes(range(200))
DS64 = b"ds64" + struct.pack("<IQQQI", 28, 0, len(SOUND), 0, 0)
LIST = b"LIST" + struct.pack("<I", 4) + b"INFO"


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0x7FFF_0000, 201])
def test_samples_of_a_stream_go_to_the_end(tmp_path, size):
    streamed = payload_hash(written(tmp_path / "a", wave(SOUND, size=size)))
    assert streamed == payload_hash(written(tmp_path / "b", wave(SOUND)))


@pytest.mark.parametrize("name", [b"RIFF", b"RF64", b"BW64"])
def test_chunks_round_the_samples_do_not_count(tmp_path, name):
    long = {"name": name, "front": DS64, "size": 0xFFFF_FFFF} if name != b"RIFF" else {"front": LIST}
    path = written(tmp_path / "a", wave(SOUND, behind=LIST, **long))
    assert payload_hash(path) == payload_hash(written(tmp_path / "b", wave(SOUND)))


def test_big_endian_waves_are_read(tmp_path):
    path = written(tmp_path / "a", wave(SOUND, name=b"RIFX", behind=LIST))
    assert payload_hash(path) == payload_hash(written(tmp_path / "b", wave(SOUND, name=b"RIFX")))


def box(name, content=b"", *, size=None):
    return struct.pack(">I", 8 + len(content) if size is None else size) + name + content


FTYP = box(b"ftyp", b"M4A " + bytes(4))
MP4_FORMS = {
    "to the end": FTYP + box(b"mdat", SOUND, size=0),
    "beyond the end": FTYP + box(b"mdat", SOUND, size=10_000),
    "64 bits": FTYP + box(b"mdat", struct.pack(">Q", 16 + len(SOUND)) + SOUND, size=1) + box(b"moov", b"tags"),
    "64 bits beyond the end": FTYP + box(b"mdat", struct.pack(">Q", 2**64 - 1) + SOUND, size=1),
    "moov in front": FTYP + box(b"moov", b"tags") + box(b"free", bytes(99)) + box(b"mdat", SOUND),
    "two parts": box(b"mdat", SOUND[:50]) + box(b"moov", b"tags") + box(b"mdat", SOUND[50:]),
    "a broken box behind": FTYP + box(b"mdat", SOUND) + box(b"moov", b"tags", size=7),
}


@pytest.mark.parametrize("form", MP4_FORMS)
def test_media_boxes_are_found(tmp_path, form):
    plain = payload_hash(written(tmp_path / "b", FTYP, box(b"mdat", SOUND)))
    assert payload_hash(written(tmp_path / "a", MP4_FORMS[form])) == plain


def pages(serial, packets, *, headers=1, last=True):
    """Pages of an Ogg stream: the first packet, the other headers, then a page for each packet."""
    groups = [packets[:1], packets[1 : 1 + headers], *([packet] for packet in packets[1 + headers :])]
    found = []
    for number, group in enumerate(groups):
        page = OggPage()
        page.packets, page.serial, page.sequence = group, serial, number
        page.first, page.last, page.position = not number, last and number == len(groups) - 1, 0
        found.append(page.write())
    return found


def opus(serial, comment=b"none", sounds=(SOUND, SOUND[::-1]), **given):
    return pages(serial, [b"OpusHead" + bytes(11), b"OpusTags" + comment, *sounds], **given)


THEORA = pages(7, [b"\x80theora", b"\x81theora", b"picture" * 20, b"another" * 20])


def speex(comment):
    header = b"Speex   " + bytes(60) + struct.pack("<I", 1) + bytes(8)
    return b"".join(pages(1, [header, comment, b"extra" + comment, SOUND], headers=2))


def multiplexed(comment):
    """A film's pictures and sound, page by page in turn."""
    return b"".join(page for pair in zip(THEORA, opus(1, comment), strict=True) for page in pair)


def two_languages(comment):
    """Two streams of sound side by side."""
    other = opus(2, sounds=(SOUND[:9], SOUND[:99]))
    return b"".join(page for pair in zip(opus(1, comment), other, strict=True) for page in pair)


def chained(comment):
    """A chain; the first link lacks the mark of its last page, as in recorded radio."""
    return b"".join([*opus(1, comment, last=False), *opus(2, sounds=(SOUND[:99],))])


def broken(comment):
    return b"".join(opus(1, comment)) + b"rubbish" + b"".join(opus(1)[-1:])


def headers_share_a_page_with_sound(comment):
    return b"".join(pages(1, [b"OpusHead" + bytes(11), b"OpusTags" + comment, SOUND, SOUND], headers=2))


@pytest.mark.parametrize("form", [speex, multiplexed, two_languages, chained, broken, headers_share_a_page_with_sound])
def test_comments_of_ogg_do_not_count(tmp_path, form):
    plain = payload_hash(written(tmp_path / "a", form(b"one")))
    assert payload_hash(written(tmp_path / "b", form(b"two" * 50))) == plain
    assert plain == payload_hash(written(tmp_path / "c", form(b"")))


def test_the_first_of_two_languages_counts(tmp_path):
    assert payload_hash(written(tmp_path / "a", two_languages(b""))) == payload_hash(written(tmp_path / "b", *opus(1)))


def test_pictures_of_a_film_do_not_count(tmp_path):
    sound = payload_hash(written(tmp_path / "a", *opus(1)))
    assert payload_hash(written(tmp_path / "b", multiplexed(b"none"))) != payload_hash(written(tmp_path / "c", *THEORA))
    assert payload_hash(written(tmp_path / "b", multiplexed(b"none"))) == sound


def test_each_link_of_a_chain_counts(tmp_path):
    alone = payload_hash(written(tmp_path / "a", *opus(1)))
    assert payload_hash(written(tmp_path / "b", chained(b""))) != alone


def test_what_lies_behind_broken_pages_counts(tmp_path):
    assert payload_hash(written(tmp_path / "a", broken(b""))) != payload_hash(written(tmp_path / "b", *opus(1, b"")))


@pytest.mark.parametrize(
    "content",
    [
        b"fLaC\x80\xff\xff\xff" + SOUND,
        b"fLaC\x80\0\0\x04" + SOUND,
        b"OggS" + SOUND,
        b"".join(THEORA),
        b"".join(opus(1)[:2]),
        FTYP + box(b"moov", SOUND),
        b"RIFF\0\0\0\0WAVE" + SOUND,
        b"FORM\0\0\0\0AIFF" + SOUND,
    ],
)
def test_a_container_without_sound_counts_whole(tmp_path, content):
    found = {
        payload_hash(written(tmp_path / "a", content[:place], b"#", content[place + 1 :])) for place in (9, -90, -2)
    }
    assert len({*found, payload_hash(written(tmp_path / "a", content))}) == 4


# Odd files

BEGINNINGS = [
    b"", b"ID3\4\0\0\0\0\0\5", b"fLaC", b"OggS\0\2", b"\0\0\0\x10ftyp", b"\0\0\0\1mdat",
    b"RIFF\0\0\0\0WAVE", b"\xff\xfb", b"RF64\0\0\0\0WAVEds64", b"FORM\0\0\0\0AIFFSSND", b"APETAGEX", b"3DI",
    opus(1)[0], b"".join(opus(1)[:2]),
]  # fmt: skip
ENDS = [b"", ID3V1, ID3V1[:124], b"LYRICS200", LYRICS3, b"APETAGEX" + b"\xff" * 24, b"3DI\4\0\0\0\0\0\5", apev2()[-32:]]


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BEGINNINGS), st.binary(), st.sampled_from(ENDS))
def test_no_content_raises_and_each_has_one_hash(tmp_path, beginning, middle, end):
    content = beginning + middle + end or b"?"
    found = payload_hash(written(tmp_path / "a", content))
    assert len(bytes.fromhex(found)) == 16
    assert payload_hash(written(tmp_path / "b", content)) == found


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=20)), max_size=8))
def test_no_damage_raises(made, tmp_path, name, damages):
    content = bytearray(made[name].read_bytes())
    for place, rubbish in damages:
        start = int(place**4 * len(content))  # mostly among the headers
        content[start : start + len(rubbish)] = rubbish
    assert payload_hash(written(tmp_path / "a", content)) == payload_hash(tmp_path / "a")


@pytest.mark.parametrize(("content", "reason"), [(b"", Reason.EMPTY_FILE), (None, Reason.VANISHED)])
def test_what_is_no_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "a"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DecodeError, match=f"^{path}: ") as error:
        payload_hash(path)
    assert error.value.reason is reason


def test_a_disk_that_fails_is_told(made, monkeypatch):
    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("workbench.audio.payload._at", fail)
    with pytest.raises(DecodeError, match=r"cannot be read \(Input/output error\)") as error:
        payload_hash(made["wav"])
    assert error.value.reason is Reason.UNREADABLE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(DecodeError, match="not a file"):
        payload_hash(tmp_path / "a")


def test_memory_is_bounded(tmp_path):
    import tracemalloc

    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        file.write(wave(b"", size=0))
        file.truncate(64 << 20)
    tracemalloc.start()
    payload_hash(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 << 20


# Real files


@pytest.mark.corpus
def test_every_odd_file_has_a_hash(test_data):
    for path in sorted((test_data / "corpus").rglob("*")):
        if path.is_file() and path.stat().st_size:
            assert payload_hash(path) == payload_hash(path), path


@pytest.mark.corpus
@pytest.mark.slow
def test_odd_files_with_sound_keep_their_hash(test_data, tmp_path):
    """What is cut short within its chunk of samples is left out: there a tag stands where samples were declared."""
    files = [path for path in sorted((test_data / "corpus").rglob("*")) if path.suffix.lower() in EXTENSIONS]
    sound = [path for path in files if path.stat().st_size and holds_sound(path)]
    assert len(sound) > 200
    assert [*retagged_apart(sound[::3], tmp_path)] == []


@pytest.mark.corpus
def test_music_keeps_its_hash(test_data, tmp_path):
    files = [path for path in sorted((test_data / "music").rglob("*")) if path.suffix.lower() in EXTENSIONS]
    assert [*retagged_apart(files[::4], tmp_path)] == []


def holds_sound(path):
    size = path.stat().st_size
    with path.open("rb") as file:
        kind, extents = payload._payload(file, size)
        found = [(stop - start, stop) for start, stop in extents]
    if kind in {"wave", "aiff"}:
        return len(found) == 2 and found[-1][0] > 0 and found[-1][1] < size
    return any(length > 0 for length, _ in found)


UNTAGGABLE = (mutagen.MutagenError, AttributeError, ValueError, LookupError, TypeError, OverflowError, struct.error)
"""What mutagen raises over odd files."""


def retagged_apart(files, folder):
    """Files whose copy, tagged in one way after the other, gets another hash, as far as mutagen can tag it."""
    for path in files:
        before, work = payload_hash(path), folder / f"a{path.suffix.lower()}"
        shutil.copyfile(path, work)
        with suppress(*UNTAGGABLE):
            for retag in RETAGGED:
                retag(work)
                if payload_hash(work) != before:
                    yield path.name, retag.__name__
                    break
