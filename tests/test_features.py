"""What is known of a whole file, and what cannot be."""

import multiprocessing
import sys
import tempfile
import threading
from pathlib import Path

import numba
import numpy as np
import pytest
import soundfile
from sounds import CADENCES, SR, chord, clicks, noise, sine, speech

from workbench import settings
from workbench.audio import resample
from workbench.demo.encode import write
from workbench.features import (
    ANALYZER_VERSIONS,
    analyze,
    curves,
    loudness_kernels,
    preview,
    rhythm_kernels,
    spectrum_kernels,
    tonality_kernels,
    track_analysis,
    warm,
)
from workbench.features.columns import record
from workbench.features.compiled import kept_code
from workbench.features.spectrum import Spectrum
from workbench.models import FEATURE_GROUPS, FEATURE_UNITS, Extent, Group, Unknown

TEMPO = (
    "bpm",
    "bpm_confidence",
    "bpm_alternative",
    "bpm_alternative_strength",
    "beat_regularity",
    "beat_times_s",
)
KEY = ("key", "mode", "key_confidence", "camelot", "key_alternative", "mode_alternative")


def require_whole(features):
    """Every column is finite, or None with a reason; never both, never neither."""
    for name in FEATURE_UNITS:
        value = getattr(features, name)
        assert (value is None) == (name in features.reasons), name
        if value is not None and not isinstance(value, str):
            assert np.all(np.isfinite(value)), name
    assert set(features.reasons.values()) <= set(Unknown)


def nulls(features, *, without=("bit_depth", "declared_duration_s", "dynamic_range_db", "stereo_correlation")):
    return {name: code for name, code in features.reasons.items() if name not in without}


# One track over time


def test_curves_of_a_track(analyzed, tmp_path):
    """A C from the second second on, clicks twice a second, and the loudness of both."""
    y = np.concatenate([np.zeros(2 * SR), np.tile(chord((60,), 0.5), 20)])
    columns = analyzed(np.stack([y, y]))
    drawn = track_analysis(tmp_path / "a.wav")
    frames = 1 + len(y) // 512
    assert drawn.times_s[[0, -1]] == pytest.approx([0, 12], abs=0.03)
    assert drawn.spectrogram_db.shape == (1025, frames) == (len(drawn.frequencies_hz), len(drawn.times_s))
    assert drawn.mel_db.shape == (128, frames)
    assert drawn.peaks.shape == (2, frames)
    assert not drawn.peaks[:, drawn.times_s < 1.9].any()
    assert (drawn.peaks.min(), drawn.peaks.max()) == pytest.approx((y.min(), y.max()), abs=0.01)
    assert drawn.chroma.shape == (12, frames)
    assert drawn.tempogram.shape == (len(drawn.tempogram_bpm), frames)
    assert drawn.onset_strength_db.shape == (frames,)
    assert drawn.spectrogram_db.max() == 0
    assert set(drawn.chroma[:, drawn.times_s > 3].argmax(axis=0)) == {0}
    np.testing.assert_array_equal(drawn.beat_times_s, columns.beat_times_s)
    silent = drawn.loudness_times_s < 2
    assert np.isnan(drawn.loudness_lufs[silent]).all()
    assert np.nanmax(drawn.loudness_lufs) > columns.loudness_lufs - 1
    row = drawn.tempogram[:, drawn.times_s > 6].mean(axis=1)
    middle = (drawn.tempogram_bpm > 90) & (drawn.tempogram_bpm < 200)
    assert drawn.tempogram_bpm[middle][row[middle].argmax()] == pytest.approx(120, rel=0.03)


def test_a_track_that_is_looked_at_in_pieces_has_the_curves_of_the_whole(analyzed, tmp_path, monkeypatch):
    """Of a quarter of an hour, librosa would take 2.5 GB at once; frames were summed up before they could be drawn."""
    analyzed(np.concatenate([np.tile(chord((60, 64), 0.5), 30), np.tile(chord((57, 61), 0.7), 20)]))
    whole = track_analysis(tmp_path / "a.wav")
    monkeypatch.setattr(curves, "PIECE", 400)
    monkeypatch.setitem(Spectrum.__init__.__kwdefaults__, "most_frames", 300)
    pieces = track_analysis(tmp_path / "a.wav")
    np.testing.assert_array_equal(pieces.onset_strength_db, whole.onset_strength_db)
    np.testing.assert_allclose(pieces.tempogram, whole.tempogram, atol=1e-5)
    assert np.abs(pieces.chroma - whole.chroma).mean() < 0.01  # tuned by another part


def test_silence_has_curves(analyzed, tmp_path):
    analyzed(np.zeros(SR))
    drawn = track_analysis(tmp_path / "a.wav")
    assert not drawn.chroma.any()
    assert not drawn.peaks.any()
    assert np.isnan(drawn.loudness_lufs).all()


def test_a_part_of_a_track_has_the_times_of_the_track(analyzed, tmp_path):
    analyzed(clicks(np.arange(0.25, 30, 0.5), 30))
    drawn = track_analysis(tmp_path / "a.wav", start_s=10, duration_s=10)
    assert (drawn.times_s[0], drawn.times_s[-1]) == pytest.approx((10, 20), abs=0.03)
    assert drawn.loudness_times_s[[0, -1]] == pytest.approx([10.4, 20])
    assert np.abs((drawn.beat_times_s - 10.25 + 0.25) % 0.5 - 0.25).max() < 0.02
    for wrong in ({"start_s": -1}, {"duration_s": 0}, {"duration_s": 901}):
        with pytest.raises(ValueError, match="expected"):
            track_analysis(tmp_path / "a.wav", **wrong)


# What cannot be known


@pytest.mark.parametrize("exponent", [0, 1, 2])
def test_noise_has_no_tempo_and_no_key(analyzed, exponent):
    features = analyzed(noise(exponent))
    assert nulls(features) == dict.fromkeys((*TEMPO, "pulse_clarity"), "no_pulse") | dict.fromkeys(
        (*KEY, "tuning_cents"), "no_tonality"
    )
    assert features.onset_rate_hz < 0.2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_speech_has_no_tempo_and_no_key(analyzed, seed):
    features = analyzed(speech(seed=seed))
    assert nulls(features) == dict.fromkeys(TEMPO, "no_pulse") | dict.fromkeys((*KEY, "tuning_cents"), "no_tonality")
    assert features.onset_rate_hz > 1


def test_a_tone_has_no_tempo_and_no_key(analyzed):
    features = analyzed(sine(440, 20))
    assert nulls(features) == dict.fromkeys((*TEMPO, "pulse_clarity"), "no_pulse") | dict.fromkeys(KEY, "no_tonality")
    assert features.chroma_mean[9] == 1
    assert features.onset_rate_hz <= 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_clicks_out_of_time_have_no_tempo(analyzed, seed):
    times_s = np.sort(np.random.default_rng(seed).uniform(0, 30, 90))
    features = analyzed(clicks(times_s, 30))
    assert {name: features.reasons.get(name) for name in TEMPO} == dict.fromkeys(TEMPO, "no_pulse")


@pytest.mark.parametrize("level", [0, 1e-5])
def test_silence_has_a_length_and_nothing_else(analyzed, level):
    y = level * np.random.default_rng(0).standard_normal((2, 10 * SR))
    features = analyzed(y)
    require_whole(features)
    assert features.duration_s == 10
    assert features.rms_mean == pytest.approx(level / np.sqrt(2), rel=0.05)
    assert features.clipping_ratio == 0
    known = {"rms_mean", "rms_std", "clipping_ratio", "duration_s", "sample_rate_hz", "channels"}
    known |= {"declared_duration_s", "bit_depth"} | ({"true_peak_dbtp"} if level else set())
    assert set(features.reasons) == set(FEATURE_UNITS) - known
    assert set(features.reasons.values()) <= {"silent", "too_short"}


def test_a_tenth_of_a_second(analyzed):
    features = analyzed(sine(440, 0.1))
    require_whole(features)
    short = ("loudness_lufs", "loudness_range_lu", "chroma_mean", "tuning_cents", "onset_rate_hz", "pulse_clarity")
    expected = dict.fromkeys(short, "too_short")
    assert nulls(features) == expected | dict.fromkeys((*TEMPO, *KEY), "too_short")
    assert features.duration_s == pytest.approx(0.1)


@pytest.mark.parametrize("samples", [1, 2, 2047])
def test_a_few_samples(analyzed, samples):
    features = analyzed(np.full(samples, 0.5))
    require_whole(features)
    assert features.reasons["mfcc_mean"] == "too_short"


def test_channels_in_antiphase_are_not_silence(analyzed):
    y = np.concatenate([chord(pitches, 1) for pitches in CADENCES["C", "major", "8B"] * 2])
    features = analyzed(np.stack([0.9 * y, -y]))
    assert (features.key, features.mode) == ("C", "major")
    assert features.rms_mean == pytest.approx(analyzed(y).rms_mean, rel=1e-3)  # the louder channel


def test_wild_float_samples_are_null_or_finite(analyzed):
    y = np.stack([sine(440, 5)] * 2)
    y[:, 1000:1010], y[:, 2000] = 1e30, np.nan
    require_whole(analyzed(y))
    require_whole(analyzed(1e9 * sine(440, 5)))


def test_what_is_not_finite_is_null():
    known = {"duration_s": 1.0, "sample_rate_hz": 8000, "channels": 1}
    features = record(
        {**known, "rms_mean": float("nan"), "mfcc_mean": np.array([1, np.inf], np.float32), "key": Unknown.SILENT},
        versions={},
        extent=Extent.FULL,
    )
    assert (features.rms_mean, features.mfcc_mean, features.key) == (None, None, None)
    assert features.reasons == {"rms_mean": "not_finite", "mfcc_mean": "not_finite", "key": "silent"}


@pytest.mark.parametrize(("name", "subtype"), [("a.mp3", "MPEG_LAYER_III"), ("a.flac", "PCM_24"), ("a.wav", "PCM_16")])
def test_what_the_headers_say(analyzed, name, subtype):
    features = analyzed(np.stack([sine(440, 5, sr=48_000)] * 2), 48_000, name=name, subtype=subtype)
    require_whole(features)
    assert (features.sample_rate_hz, features.channels) == (48_000, 2)
    assert features.duration_s == pytest.approx(5)
    assert features.declared_duration_s == pytest.approx(5)
    assert features.bit_depth == {"a.mp3": None, "a.flac": 24, "a.wav": 16}[name]
    assert features.reasons.get("bit_depth") == ("lossy_has_no_bit_depth" if name == "a.mp3" else None)
    assert {group: getattr(features, f"{group}_version") for group in Group} == ANALYZER_VERSIONS
    assert features.extent == "full"


def test_the_same_sound_has_the_same_features(analyzed):
    y = np.concatenate([chord(pitches, 1) for pitches in CADENCES["A", "minor", "8A"] * 2])
    y = (y / np.abs(y).max() * 30_000).astype(np.int16)
    first = analyzed(y, 44_100, name="a.wav", subtype="PCM_16").model_dump()
    for name in ("a.wav", "a.flac"):
        again = analyzed(y, 44_100, name=name, subtype="PCM_16").model_dump()
        for column, value in first.items():
            np.testing.assert_array_equal(again[column], value, err_msg=column)


TOLERANCE = {
    "bpm": 0.05,
    "loudness_lufs": 0.1,
    "loudness_range_lu": 0.2,
    "true_peak_dbtp": 1.0,
    "tuning_cents": 1.0,
    "stereo_correlation": 0.01,
    "rms_mean": 0.002,
    "spectral_centroid_hz_mean": 40,
    "spectral_bandwidth_hz_mean": 40,
    "zero_crossing_rate_mean": 0.005,
    "onset_rate_hz": 0.3,
}
"""How far codecs may move a column: what they take away lies above 16 kHz, or is noise under the music."""


@pytest.fixture
def piece():
    """Half a minute of stereo at 44,100 Hz under 11 kHz: a cadence in A minor, clicks at 100 BPM, a little noise."""
    y = np.tile(np.concatenate([chord(pitches, 0.6) for pitches in CADENCES["A", "minor", "8A"]]), 13)[: 30 * SR]
    y = y / np.abs(y).max() / 2 + 0.3 * clicks(np.arange(0, 30, 0.6), 30) + 0.05 * noise(1, 30)
    y = resample(y.astype(np.float32), SR, 44_100)
    return np.stack([y, 0.5 * y + 0.1 * np.roll(y, 400)])


@pytest.mark.parametrize("kind", ["flac", "mp3", "ogg", "m4a", "opus"])
def test_every_format_of_a_piece_sounds_alike(tmp_path, piece, kind):
    sr = 48_000 if kind == "opus" else 44_100
    write(tmp_path / "a.wav", piece.T, sr=44_100, kind="wav")
    write(tmp_path / f"b.{kind}", resample(piece, 44_100, sr).T, sr=sr, kind=kind)
    require_alike(analyze(tmp_path / f"b.{kind}"), analyze(tmp_path / "a.wav"))


@pytest.mark.parametrize("sr", [32_000, 48_000, 96_000])
def test_every_rate_of_a_piece_sounds_alike(analyzed, piece, sr):
    require_alike(analyzed(resample(piece, 44_100, sr), sr), analyzed(piece, 44_100))


def test_one_channel_sounds_like_two_of_it(analyzed, piece):
    """Two channels of the same are 3 LU louder, as the standard has it."""
    mono, both = analyzed(piece[0], 44_100), analyzed(np.stack([piece[0], piece[0]]), 44_100)
    assert both.loudness_lufs == pytest.approx(mono.loudness_lufs + 3.01, abs=0.01)
    both.loudness_lufs = mono.loudness_lufs
    mono.stereo_correlation = both.stereo_correlation
    require_alike(both, mono)


def require_alike(features, expected):
    require_whole(features)
    assert (features.key, features.mode) == (expected.key, expected.mode) == ("A", "minor")
    for name, tolerance in TOLERANCE.items():
        assert getattr(features, name) == pytest.approx(getattr(expected, name), abs=tolerance), name
    np.testing.assert_allclose(features.chroma_mean, expected.chroma_mean, atol=0.03)
    np.testing.assert_allclose(features.mfcc_mean[:13], expected.mfcc_mean[:13], atol=8)
    np.testing.assert_allclose(features.spectral_contrast_db_mean, expected.spectral_contrast_db_mean, atol=3)


def test_nothing_is_compiled_after_the_warm_up(analyzed):
    """A block that made one frame whole had a type of its own: every worker compiled a kernel again for it."""
    warm()
    kernels = [loudness_kernels, spectrum_kernels, rhythm_kernels, tonality_kernels]
    compiled = [value for module in kernels for value in vars(module).values() if hasattr(value, "signatures")]
    before = {kernel.__name__: len(kernel.signatures) for kernel in compiled}
    assert before["describe"] == before["measure_steps"] == before["find_peaks"] == before["best_path"] == 1
    for samples in (SR * 5, SR * 5 + 512, SR * 5 + 65_536, 2048, 100):
        analyzed(np.stack([noise(1, 10)[:samples]] * 2), SR)
        analyzed(
            resample(noise(1, 10)[:samples].astype(np.float32), SR, 44_100), 44_100, name="a.flac", subtype="PCM_16"
        )
    assert {kernel.__name__: len(kernel.signatures) for kernel in compiled} == before


def test_one_group_is_measured_alone(analyzed, tmp_path):
    y = np.concatenate([chord(pitches, 1) for pitches in CADENCES["A", "minor", "8A"] * 2])
    all_groups = analyzed(y)
    for group in Group:
        features = analyze(tmp_path / "a.wav", groups=[group])
        assert [each for each in Group if getattr(features, f"{each}_version")] == [group]
        for name in FEATURE_UNITS:
            expected = getattr(all_groups, name) if FEATURE_GROUPS[name] in {group, None} else None
            np.testing.assert_array_equal(getattr(features, name), expected, err_msg=name)


def test_a_preview_is_like_the_whole(analyzed, tmp_path):
    """Of an even piece excerpts tell nearly the same; what they cannot tell is null."""
    y = np.tile(np.concatenate([chord(pitches, 0.5) for pitches in CADENCES["C", "major", "8B"]]), 60)
    full = analyzed(y, name="a.flac", subtype="PCM_16")
    found = preview(tmp_path / "a.flac")
    require_whole(found)
    assert (found.extent, full.extent) == ("preview", "full")
    assert (found.key, found.mode) == (full.key, full.mode) == ("C", "major")
    assert found.bpm == pytest.approx(full.bpm, rel=0.01)
    assert found.loudness_lufs == pytest.approx(full.loudness_lufs, abs=0.2)
    np.testing.assert_allclose(found.mfcc_mean, full.mfcc_mean, rtol=0.02, atol=3)
    only_whole = {"duration_s", "beat_times_s", "beat_regularity", "silence_start_s", "silence_end_s"}
    assert {name for name, code in found.reasons.items() if code == "preview"} == only_whole
    assert found.declared_duration_s == pytest.approx(120)


def test_a_preview_of_a_file_that_ends_early_is_the_whole(analyzed, tmp_path):
    """It was refused, as nothing sounds where the last excerpt should be, and never tried again."""
    analyzed(noise(1, 100), name="a.flac", subtype="PCM_16")
    path = tmp_path / "a.flac"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = preview(path)
    assert found.extent == "full"
    assert found.duration_s == pytest.approx(50, abs=5)
    assert found.declared_duration_s == pytest.approx(100)


def test_a_preview_has_no_clicks_where_its_excerpts_join(analyzed, tmp_path):
    full = analyzed(sine(1003.7, 120), name="a.flac", subtype="PCM_16")
    found = preview(tmp_path / "a.flac")
    assert found.extent == "preview"
    assert found.true_peak_dbtp == pytest.approx(full.true_peak_dbtp, abs=0.01)
    assert found.spectral_bandwidth_hz_std < 30


def test_a_preview_of_a_short_file_is_the_whole(analyzed, tmp_path):
    analyzed(sine(440, 5))
    assert preview(tmp_path / "a.wav").extent == "full"


def test_any_rate_is_measured(analyzed):
    """One sound at three rates has nearly the same features."""
    found = [analyzed(sine(1000, 5, sr=sr) + sine(1500, 5, sr=sr), sr) for sr in (8000, 44_100, 96_000)]
    for features in found:
        assert features.loudness_lufs == pytest.approx(found[1].loudness_lufs, abs=0.1)
        assert features.spectral_centroid_hz_mean == pytest.approx(found[1].spectral_centroid_hz_mean, rel=0.02)


def test_the_lowest_rates_do_no_harm(analyzed):
    require_whole(analyzed(sine(100, 5, sr=1000), 1000))


def test_warming_up_in_a_fresh_process():
    process = multiprocessing.get_context("spawn").Process(target=warm_up_and_draw)
    process.start()
    process.join()
    assert process.exitcode == 0


def warm_up_and_draw():
    """The curves find librosa compiled too: a notebook waited a minute, and two at once would spoil the cache."""
    warm()
    before = librosa_signatures()
    with tempfile.TemporaryDirectory() as folder:
        soundfile.write(f"{folder}/a.flac", np.stack([noise(1, 10)] * 2, axis=1), 44_100)
        track_analysis(Path(folder) / "a.flac")
    assert before
    assert librosa_signatures() == before


def librosa_signatures():
    """How many versions there are of each of librosa's compiled functions."""
    modules = [module for name, module in sys.modules.items() if name.startswith("librosa.")]
    functions = [(name, value) for module in modules for name, value in vars(module).items()]
    return {
        name: len(value.signatures) for name, value in functions if isinstance(value, numba.core.registry.CPUDispatcher)
    }


def test_two_threads_leave_the_folder_of_compiled_code_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "warm").touch()
    monkeypatch.setattr(settings, "compiled_folder", lambda: tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    before = numba.core.config.CACHE_DIR
    inside, may_go = ([threading.Event(), threading.Event()] for _ in range(2))

    def hold(number):
        with kept_code():
            inside[number].set()
            may_go[number].wait(60)

    threads = [threading.Thread(target=hold, args=[number]) for number in range(2)]
    threads[0].start()
    assert inside[0].wait(60)
    assert str(tmp_path) == numba.core.config.CACHE_DIR
    threads[1].start()
    inside[1].wait(0.3)  # it may have to wait for the first
    for thread, event in zip(threads, may_go, strict=True):
        event.set()
        thread.join(60)
    assert before == numba.core.config.CACHE_DIR


@pytest.mark.corpus
def test_real_clips_are_right(test_data):
    """Two easy clips; tests/bench_truth.py measures all of them."""
    expected = {"dev_026_band.mp3": (113, "F", "major"), "dev_030_band.mp3": (87, "B", "minor")}
    for name, (bpm, key, mode) in expected.items():
        features = analyze(test_data / "eval" / "clips" / name)
        require_whole(features)
        assert (features.key, features.mode) == (key, mode)
        assert features.bpm == pytest.approx(bpm, rel=0.01)
