"""Files in, samples out."""

import os
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from workbench import audio
from workbench.errors import DecodeError
from workbench.models import Reason

SR = 44_100
SECONDS = 3
AAC_FRAME = 1024
"""AAC pads the last frame, and decoders give the padding."""

SOUNDFILE = {
    "mp3": ("MP3", "MPEG_LAYER_III", "mp3", "mp3", None),
    "flac": ("FLAC", "PCM_16", "flac", "flac", 16),
    "24.flac": ("FLAC", "PCM_24", "flac", "flac", 24),
    "wav": ("WAV", "PCM_16", "wav", "pcm", 16),
    "float.wav": ("WAV", "FLOAT", "wav", "pcm", 32),
    "aiff": ("AIFF", "PCM_24", "aiff", "pcm", 24),
    "ogg": ("OGG", "VORBIS", "ogg", "vorbis", None),
}
FFMPEG = {
    "m4a": ("aac", "mp4", "aac", None),
    "aac": ("aac", "aac", "aac", None),
    "alac.m4a": ("alac", "mp4", "alac", 16),
    "opus": ("libopus", "ogg", "opus", None),
}


def tone(channels=2, sr=SR, seconds=SECONDS, hz=440.0):
    """Each channel half as loud as the one before."""
    y = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)
    return np.stack([y / 2**channel for channel in range(channels)]).astype(np.float32)


def by_soundfile(path, y, sr=SR, subtype="PCM_16", form=None):
    soundfile.write(path, y.T, sr, subtype=subtype, format=form)
    return path


def by_ffmpeg(path, y, codec, sr=SR, layout="stereo", sample_format=None):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=sr, layout=layout)
        if sample_format:
            stream.format = sample_format
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(y.T.reshape(1, -1)), format="flt", layout=layout)
        whole.sample_rate, whole.pts = sr, 0
        stream.open()
        resampler = av.AudioResampler(stream.format.name, layout, sr, frame_size=stream.frame_size or 1024)
        for frame in [*resampler.resample(whole), *resampler.resample(None), None]:
            container.mux(stream.encode(frame))
    return path


@pytest.fixture
def flac(tmp_path):
    return by_soundfile(tmp_path / "a.flac", tone())


@pytest.mark.parametrize("name", SOUNDFILE)
def test_formats_of_libsndfile(tmp_path, name):
    form, subtype, container, codec, depth = SOUNDFILE[name]
    path = by_soundfile(tmp_path / f"a.{name}", tone(), subtype=subtype, form=form)
    found = audio.decode(path)
    assert (found.channels, found.sample_rate_hz, found.bit_depth) == (2, SR, depth)
    assert found.y.shape == (2, SR * SECONDS)
    assert found.y.dtype == np.float32
    assert found.declared_duration_s == pytest.approx(SECONDS)
    np.testing.assert_allclose(found.y[:, 5000:-5000], tone()[:, 5000:-5000], atol=0.02)
    header = audio.probe(path)
    assert (header.container, header.codec, header.bit_depth) == (container, codec, depth)
    assert header.bit_rate_bps == pytest.approx(path.stat().st_size * 8 / SECONDS, abs=1)


@pytest.mark.parametrize("name", FFMPEG)
def test_formats_of_ffmpeg(tmp_path, name):
    encoder, container, codec, depth = FFMPEG[name]
    sr = 48_000 if codec == "opus" else SR
    form = "s16p" if codec == "alac" else None
    path = by_ffmpeg(tmp_path / f"a.{name}", tone(sr=sr), encoder, sr, sample_format=form)
    found = audio.decode(path)
    assert (found.channels, found.sample_rate_hz, found.bit_depth) == (2, sr, depth)
    assert found.y.shape[1] == pytest.approx(sr * SECONDS, abs=3000)  # raw AAC does not say how much is padding
    rms = np.sqrt((found.y**2).mean(axis=1))
    np.testing.assert_allclose(rms, np.sqrt((tone() ** 2).mean(axis=1)), rtol=0.03)
    header = audio.probe(path)
    assert (header.container, header.codec, header.channels, header.sample_rate_hz) == (container, codec, 2, sr)
    assert header.duration_s == pytest.approx(SECONDS, rel=0.1)
    assert header.bit_rate_bps > 10_000


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("5.1", 6), ("7.1", 8)])
def test_any_number_of_channels_in_aac(tmp_path, layout, channels):
    y = np.repeat(tone(1), channels, axis=0)
    try:
        path = by_ffmpeg(tmp_path / "a.m4a", y, "aac", layout=layout)
    except (ValueError, av.error.FFmpegError):
        pytest.skip("this FFmpeg encodes no such layout")
    found = audio.decode(path)
    assert found.channels == channels
    assert 0 <= found.y.shape[1] - SR * SECONDS < AAC_FRAME
    np.testing.assert_allclose(found.y[0, 5000:120_000], y[0, 5000:120_000], atol=0.05)


def test_six_channels_keep_their_order(tmp_path):
    path = by_soundfile(tmp_path / "a.wav", tone(6))
    np.testing.assert_allclose(audio.decode(path).y, tone(6), atol=1e-4)


def test_blocks_are_the_whole_sound_in_pieces(tmp_path):
    y = tone(1, seconds=8)
    with audio.stream(by_soundfile(tmp_path / "a.wav", y)) as source:
        blocks = list(source.blocks)
    assert len(blocks) == 3
    np.testing.assert_allclose(np.concatenate(blocks, axis=1), y, atol=1e-4)


def test_files_are_not_touched(flac):
    before = flac.read_bytes(), flac.stat().st_mtime_ns
    audio.decode(flac)
    audio.excerpt(flac)
    assert (flac.read_bytes(), flac.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp3", b"", Reason.EMPTY_FILE),
        ("random.flac", np.random.default_rng(0).bytes(20_000), Reason.NOT_AUDIO),
        ("text.mp3", b"Dear diary,\n" * 99, Reason.NOT_AUDIO),
        ("playlist.mp3", b"#EXTM3U\n#EXTINF:1,\nother.wav\n", Reason.NOT_AUDIO),
        ("head.flac", b"fLaC" + bytes(10), Reason.TRUNCATED),
        ("tags-only.mp3", b"ID3\x03\x00\x00\x00\x00\x00\x10" + bytes(16), Reason.TRUNCATED),
    ],
)
def test_what_is_no_audio_says_so(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DecodeError) as caught:
        audio.decode(path)
    assert caught.value.reason is reason
    assert str(caught.value).startswith(f"{path}: ")


def test_a_header_without_samples(tmp_path):
    with pytest.raises(DecodeError, match="holds no sound") as caught:
        audio.probe(by_soundfile(tmp_path / "a.wav", tone(seconds=0)))
    assert caught.value.reason is Reason.NO_SAMPLES


def test_what_is_not_there_or_no_file(tmp_path):
    for path, reason in ((tmp_path / "gone.mp3", Reason.VANISHED), (tmp_path, Reason.NOT_A_FILE)):
        with pytest.raises(DecodeError) as caught:
            audio.decode(path)
        assert caught.value.reason is reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "a.mp3")
    with pytest.raises(DecodeError) as caught:
        audio.decode(tmp_path / "a.mp3")
    assert caught.value.reason is Reason.NOT_A_FILE


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", int)() == 0, reason="nothing is unreadable here")
def test_an_unreadable_file(flac):
    flac.chmod(0)
    with pytest.raises(DecodeError) as caught:
        audio.decode(flac)
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
@pytest.mark.parametrize("ending", ["flac", "m4a"])
def test_a_name_that_is_no_utf8(tmp_path, ending):
    made = (
        by_soundfile(tmp_path / "a.flac", tone()) if ending == "flac" else by_ffmpeg(tmp_path / "a.m4a", tone(), "aac")
    )
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe." + ending.encode()))
    try:
        made.rename(path)
    except OSError:
        pytest.skip("this file system takes no such name")
    assert 0 <= audio.decode(path).y.shape[1] - SR * SECONDS < AAC_FRAME


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", "PCM_16"), ("a.mp3", "MPEG_LAYER_III"), ("a.wav", "PCM_16")])
def test_a_truncated_file_gives_what_it_has(tmp_path, name, subtype):
    path = by_soundfile(tmp_path / name, tone(seconds=20), subtype=subtype, form=path_format(name))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = audio.decode(path)
    assert 5 < found.y.shape[1] / SR < 11


def path_format(name):
    return name.rpartition(".")[2].upper()


def test_a_wrong_ending_is_no_matter(tmp_path):
    path = by_ffmpeg(tmp_path / "a.m4a", tone(), "aac").rename(tmp_path / "a.flac")
    assert audio.probe(path).codec == "aac"


def test_a_flac_that_does_not_say_how_long_it_is(flac):
    content = bytearray(flac.read_bytes())
    content[21] &= 0xF0  # the last 36 bits before the checksum in STREAMINFO are the number of samples
    content[22:26] = bytes(4)
    flac.write_bytes(content)
    found = audio.decode(flac)
    assert found.y.shape == (2, SR * SECONDS)
    assert found.declared_duration_s is None


def test_a_few_broken_floats_become_silence(tmp_path):
    y = tone(1)
    y[0, 100:104] = np.nan, np.inf, -np.inf, 1e30
    found = audio.decode(by_soundfile(tmp_path / "a.wav", y, subtype="FLOAT"))
    np.testing.assert_array_equal(found.y[0, 100:104], 0)
    np.testing.assert_array_equal(found.y[0, 104:], y[0, 104:])


def test_mostly_broken_floats_are_no_audio(tmp_path):
    with pytest.raises(DecodeError, match="no finite numbers") as caught:
        audio.decode(by_soundfile(tmp_path / "a.wav", np.full((1, 1000), np.nan, np.float32), subtype="FLOAT"))
    assert caught.value.reason is Reason.NOT_AUDIO


def test_more_than_the_memory_allowed(flac):
    assert audio.decode(flac, max_bytes=8 * SR * SECONDS).y.shape == (2, SR * SECONDS)
    with pytest.raises(DecodeError, match="more than 3 s of sound") as caught:
        audio.decode(flac, max_bytes=8 * SR * SECONDS - 1)
    assert caught.value.reason is Reason.OUT_OF_MEMORY


@pytest.mark.parametrize("name", ["a.flac", "a.m4a"])
@pytest.mark.parametrize("start_s", [0.5, 1.2345])
def test_a_stream_begins_where_it_should(tmp_path, name, start_s):
    y = np.random.default_rng(0).normal(0, 0.1, (2, SR * 3)).astype(np.float32)
    lossless = by_soundfile(tmp_path / name, y) if name == "a.flac" else by_ffmpeg(tmp_path / name, y, "alac")
    with audio.stream(lossless, start_s=start_s) as source:
        part = next(source.blocks)
    start = round(start_s * SR)
    np.testing.assert_array_equal(part[:, :1000], audio.decode(lossless).y[:, start : start + 1000])


def played(content, tmp_path):
    path = tmp_path / "excerpt.ogg"
    path.write_bytes(content)
    return audio.decode(path), audio.probe(path)


@pytest.mark.parametrize("name", ["a.flac", "a.m4a"])
def test_an_excerpt_is_that_part(tmp_path, name):
    y = np.concatenate([tone(hz=300), tone(hz=900), tone(hz=2700)], axis=1)
    path = by_soundfile(tmp_path / name, y) if name == "a.flac" else by_ffmpeg(tmp_path / name, y, "aac")
    found, header = played(audio.excerpt(path, start_s=3.5, duration_s=2), tmp_path)
    assert header.codec == "vorbis"
    assert found.y.shape[0] == 2
    assert found.y.shape[1] / SR == pytest.approx(2, abs=0.05)
    crossings = (np.diff(np.sign(found.y[0])) != 0).sum() / found.y.shape[1] * SR / 2
    assert crossings == pytest.approx(900, rel=0.02)


def test_an_excerpt_ends_with_the_file(tmp_path, flac):
    found, _ = played(audio.excerpt(flac, start_s=2), tmp_path)
    assert found.y.shape[1] / SR == pytest.approx(1, abs=0.05)
    with pytest.raises(DecodeError, match="no sound after 9 s"):
        audio.excerpt(flac, start_s=9)
    with pytest.raises(ValueError, match="start >= 0"):
        audio.excerpt(flac, start_s=-1)


def test_an_excerpt_is_small_and_plays_anywhere(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.3, (6, 96_000 * 11)).astype(np.float32)
    content = audio.excerpt(by_soundfile(tmp_path / "a.wav", noise, sr=96_000), duration_s=10)
    found, _ = played(content, tmp_path)
    assert (found.channels, found.sample_rate_hz) == (1, 48_000)
    assert found.y.shape[1] / 48_000 == pytest.approx(10, abs=0.05)
    assert len(content) < 130_000  # of the hardest sound there is: noise


def test_resampling_keeps_the_tone():
    y = tone(2)
    found = audio.resample(y, SR, 22_050)
    assert found.shape == (2, 22_050 * SECONDS)
    np.testing.assert_allclose(found[:, 500:-500], tone(2, 22_050)[:, 500:-500], atol=1e-3)


@pytest.mark.parametrize("sr", [22_050, 8000, 44_100])
def test_resampling_in_blocks_is_the_same(sr):
    y = tone(1)[0]
    stream = audio.Resampler(SR, sr)
    found = np.concatenate([*(stream.add(part) for part in np.array_split(y, 7)), stream.finish()])
    np.testing.assert_allclose(found, audio.resample(y, SR, sr), atol=1e-4)


def test_wave_of_another_program(tmp_path):
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes([128, 255, 0, 128]))
    np.testing.assert_allclose(audio.decode(path).y, [[0, 127 / 128, -1, 0]])


# Files that are damaged, or cut off


def test_a_damaged_frame_costs_no_more_than_its_neighbours(tmp_path):
    """A scratch in the middle of a FLAC file once cost all that came after it."""
    path = tmp_path / "a.flac"
    y = np.random.default_rng(0).standard_normal(SR * 10) * 0.1
    soundfile.write(path, y, SR)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5] = bytes(5)
    path.write_bytes(content)
    found = audio.decode(path).y[0]
    assert SR * 10 - SR / 2 < len(found) < SR * 10  # PyAV up to 17 leaves out four frames, 18.1 one
    np.testing.assert_allclose(found[: SR * 4], y[: SR * 4], atol=1e-4)
    np.testing.assert_allclose(found[-SR * 4 :], y[-SR * 4 :], atol=1e-4)


def mp3_without_length(folder):
    """An MP3 of a quiet and of a rich sound, both at their own bit rate, and no header that tells of it."""
    parts = []
    for number, y in enumerate((np.random.default_rng(0).standard_normal(SR * 2) * 0.1, np.zeros(SR * 8))):
        path = folder / f"part{number}.mp3"
        soundfile.write(path, y, SR, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="VARIABLE")
        content = path.read_bytes()
        at = max(content.find(b"Xing"), content.find(b"Info"))
        parts.append(content[content.index(b"\xff\xfb", at) :] if b"\xff\xfb" in content[at:] else content[at + 4 :])
    path = folder / "a.mp3"
    path.write_bytes(b"".join(parts))
    return path


def test_a_file_that_declares_no_length_is_heard_to_its_end(tmp_path):
    """libsndfile takes the first frame's bit rate for that of all and ends where that would."""
    path = mp3_without_length(tmp_path)
    assert audio.wholeness(path).length_is_guess
    assert soundfile.info(path).duration < 9
    assert audio.decode(path).y.shape[1] / SR == pytest.approx(10, abs=0.3)


@pytest.mark.parametrize(("ending", "form"), [("wav", "WAV"), ("aiff", "AIFF"), ("ogg", "OGG")])
def test_a_file_without_its_end_is_known_to_be_cut(tmp_path, ending, form):
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, tone().T, SR, format=form)
    assert audio.wholeness(path) == audio.Wholeness()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 97 // 100])
    assert audio.wholeness(path).missing
    path.write_bytes(content + b"TAG" + bytes(125))
    assert not audio.wholeness(path).missing


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0xFFFF_FF9B, 0xFFFF_FFFF])
def test_a_recording_of_open_length_is_not_cut(tmp_path, size):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone().T, SR)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(content)
    assert not audio.wholeness(path).missing
