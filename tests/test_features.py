"""Sounds whose features are known."""

import multiprocessing

import librosa
import numpy as np
import pytest
import soundfile

from workbench.features import ANALYZER_VERSION, analyze, warm
from workbench.features.columns import record
from workbench.features.loudness import Meter, integrated_loudness, k_weighting, loudness_range
from workbench.features.rhythm import onset_curves, onset_times
from workbench.features.spectrum import MINUTE, spectrum
from workbench.features.tonality import best_key
from workbench.models import FEATURE_UNITS, Unknown

SR = 22_050
TEMPO = ("bpm", "bpm_confidence", "bpm_alternative", "beat_times_s")
KEY = ("key", "mode", "key_confidence", "camelot")


def sine(hz, seconds, *, db=-6.0, sr=SR):
    return 10 ** (db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)


def clicks(times_s, seconds, sr=SR):
    """Short bursts of noise, all alike."""
    burst = 0.8 * np.random.default_rng(1).standard_normal(200) * np.exp(-np.arange(200) / 40)
    y = np.zeros(round(seconds * sr) + len(burst))
    for time_s in times_s:
        start = round(time_s * sr)
        y[start : start + len(burst)] += burst
    return y[: round(seconds * sr)]


def chord(pitches, seconds):
    """Notes by MIDI number with six partials, fading."""
    times = np.arange(round(seconds * SR)) / SR
    notes = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * n * times) / n for n in range(1, 7))
        for pitch in pitches
    ]
    return 0.1 * sum(notes) * np.exp(-2 * times) * np.minimum(1, times * 200)


def noise(exponent, seconds=20, seed=0):
    """Noise whose power falls with the frequency to this exponent: 0 white, 1 pink, 2 brown."""
    spectrum_ = np.fft.rfft(np.random.default_rng(seed).standard_normal(seconds * SR))
    frequencies = np.maximum(np.fft.rfftfreq(seconds * SR, 1 / SR), 20)
    y = np.fft.irfft(spectrum_ * frequencies ** (-exponent / 2))
    return 0.2 * y / y.std()


def speech(seconds=20, seed=0):
    """Syllables of noise through two formants, of random length and loudness, with random gaps."""
    random = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * SR:
        size = round(random.uniform(0.08, 0.35) * SR)
        frequencies = np.fft.rfftfreq(size, 1 / SR)
        formants = sum(
            1 / (1 + ((frequencies - random.uniform(*band)) / 100) ** 2) for band in ((300, 900), (900, 2500))
        )
        syllable = np.fft.irfft(np.fft.rfft(random.standard_normal(size)) * formants, size) * np.hanning(size)
        parts += [syllable * random.uniform(0.3, 1), np.zeros(round(random.exponential(0.08) * SR))]
    y = np.concatenate(parts)[: seconds * SR]
    return 0.3 * y / np.abs(y).max()


@pytest.fixture
def analyzed(tmp_path):
    """Features of samples, by way of a file."""

    def through_file(y, sr=SR, *, name="a.wav", subtype="FLOAT"):
        path = tmp_path / name
        soundfile.write(path, np.asarray(y).T, sr, subtype=subtype)
        return analyze(path)

    return through_file


def require_whole(features):
    """Every column is finite, or None with a reason; never both, never neither."""
    for name in FEATURE_UNITS:
        value = getattr(features, name)
        assert (value is None) == (name in features.reasons), name
        if value is not None and not isinstance(value, str):
            assert np.all(np.isfinite(value)), name
    assert set(features.reasons.values()) <= set(Unknown)


def nulls(features, *, without=("bit_depth", "declared_duration_s")):
    return {name: code for name, code in features.reasons.items() if name not in without}


# Loudness


def test_k_weighting_is_the_table_of_the_standard():
    shelf, high_pass = k_weighting(48_000)
    np.testing.assert_allclose(shelf[:3], [1.53512485958697, -2.69169618940638, 1.19839281085285], atol=1e-8)
    np.testing.assert_allclose(shelf[3:], [1, -1.69065929318241, 0.73248077421585], atol=1e-8)
    np.testing.assert_allclose(high_pass, [1, -2, 1, 1, -1.99004745483398, 0.99007225036621], atol=1e-8)


@pytest.mark.parametrize("level", [-23.0, -33.0])
@pytest.mark.parametrize("sr", [44_100, 48_000])
def test_loudness_of_a_stereo_sine(analyzed, level, sr):
    """EBU Tech 3341, cases 1 and 2: 1,000 Hz in both channels reads its peak level in dBFS, within 0.1."""
    features = analyzed(np.stack([sine(1000, 20, db=level, sr=sr)] * 2), sr)
    assert features.loudness_lufs == pytest.approx(level, abs=0.1)
    assert features.loudness_range_lu == pytest.approx(0, abs=0.1)


def test_loudness_of_one_channel(analyzed):
    """ITU-R BS.1770-4: 997 Hz of amplitude 1 in one channel is -3.01 LUFS."""
    assert analyzed(sine(997, 5, db=0, sr=48_000), 48_000).loudness_lufs == pytest.approx(-3.01, abs=0.02)


def test_quiet_passages_are_gated(analyzed):
    """EBU Tech 3341, case 3, shortened: -36, -23 and -36 dBFS read -23 LUFS."""
    y = np.concatenate([sine(1000, seconds, db=db, sr=48_000) for seconds, db in ((3, -36), (18, -23), (3, -36))])
    assert analyzed(np.stack([y, y]), 48_000).loudness_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(("levels", "expected"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)])
def test_loudness_range_of_two_levels(analyzed, levels, expected):
    """EBU Tech 3342, cases 1 to 3: 20 s each of two levels, within 1 LU."""
    y = np.concatenate([sine(1000, 20, db=db, sr=48_000) for db in levels])
    assert analyzed(np.stack([y, y]), 48_000).loudness_range_lu == pytest.approx(expected, abs=1)


def test_loudness_range_of_five_levels(analyzed):
    """EBU Tech 3342, case 4: -50, -35, -20, -35 and -50 dBFS give 15 LU, within 1."""
    y = np.concatenate([sine(1000, 20, db=db, sr=48_000) for db in (-50, -35, -20, -35, -50)])
    assert analyzed(np.stack([y, y]), 48_000).loudness_range_lu == pytest.approx(15, abs=1)


def test_levels_of_no_steps_are_unknown():
    assert integrated_loudness(np.zeros(3)) is None
    assert loudness_range(np.zeros(100)) is None


def test_peak_between_the_samples(analyzed):
    """EBU Tech 3341, case 16: a quarter of the rate at 45 degrees peaks 3 dB over its samples, within +0.2 and -0.4."""
    y = 0.5 * np.sin(np.pi / 2 * np.arange(48_000) + np.pi / 4)
    assert 20 * np.log10(np.abs(y).max()) == pytest.approx(-9.03, abs=0.01)
    assert analyzed(y, 48_000).true_peak_dbtp == pytest.approx(-6.02, abs=0.3)


def test_surround_channels_have_their_weights():
    """ITU-R BS.1770-4, table 3: the low-frequency channel counts nothing, the surrounds 1.5 dB more."""
    found = {}
    for channel in range(6):
        y = np.zeros((6, 48_000 * 2), np.float32)
        y[channel] = sine(1000, 2, db=-20, sr=48_000)
        meter = Meter(48_000, 6)
        meter.add(y)
        found[channel] = meter.columns()["loudness_lufs"]
    assert found[0] == pytest.approx(-23, abs=0.1)
    assert found[3] is Unknown.SILENT
    assert found[4] - found[0] == pytest.approx(1.49, abs=0.01)


def test_crest_factor_and_clipping(analyzed):
    features = analyzed(sine(441, 5, db=0, sr=44_100), 44_100)
    assert features.crest_factor_db == pytest.approx(3.01, abs=0.01)
    assert features.clipping_ratio < 0.05
    square = analyzed(np.sign(sine(441, 5, db=0) + 1e-9))
    assert square.crest_factor_db == pytest.approx(0, abs=0.01)
    assert square.clipping_ratio == 1


# Spectrum


def test_spectrum_of_a_sine(analyzed):
    """A sine has its centroid on itself, no width and no noise."""
    features = analyzed(sine(2000, 10))
    assert features.spectral_centroid_hz_mean == pytest.approx(2000, rel=0.02)
    assert features.spectral_rolloff_hz_mean == pytest.approx(2000, abs=2 * SR / 2048)
    assert features.spectral_bandwidth_hz_mean < 250
    assert features.spectral_flatness_mean < 0.01
    assert features.zero_crossing_rate_mean == pytest.approx(2 * 2000 / SR, rel=0.01)
    assert features.rms_mean == pytest.approx(10 ** (-6 / 20) / np.sqrt(2), rel=0.01)


def test_spectrum_of_white_noise(analyzed):
    """White noise has its centroid in the middle; its power spectrum is exponential, of flatness exp(-0.5772)."""
    features = analyzed(noise(0))
    assert features.spectral_centroid_hz_mean == pytest.approx(SR / 4, rel=0.02)
    assert features.spectral_rolloff_hz_mean == pytest.approx(0.85 * SR / 2, rel=0.02)
    assert features.spectral_bandwidth_hz_mean == pytest.approx(SR / 2 / np.sqrt(12), rel=0.02)
    assert features.spectral_flatness_mean == pytest.approx(np.exp(-np.euler_gamma), rel=0.02)


def test_spectrum_is_that_of_librosa():
    y = (chord((60, 64, 67), 3) + 0.1 * noise(1, 3)).astype(np.float32)
    S = np.abs(librosa.stft(y))
    of = librosa.feature
    expected = {
        "mfcc": of.mfcc(y=y, sr=SR, n_mfcc=20),
        "spectral_contrast_db": of.spectral_contrast(S=S, sr=SR),
        "spectral_centroid_hz": of.spectral_centroid(S=S, sr=SR)[0],
        "spectral_bandwidth_hz": of.spectral_bandwidth(S=S, sr=SR)[0],
        "spectral_rolloff_hz": of.spectral_rolloff(S=S, sr=SR)[0],
        "spectral_flatness": of.spectral_flatness(S=S)[0],
        "rms": of.rms(y=y)[0],
        "zero_crossing_rate": of.zero_crossing_rate(y)[0],
    }
    found = spectrum(y)
    assert found.keys() == {f"{name}_{statistic}" for name in expected for statistic in ("mean", "std")}
    for name, values in expected.items():
        np.testing.assert_allclose(found[f"{name}_mean"], values.mean(axis=-1), rtol=1e-4, atol=1e-4, err_msg=name)
        np.testing.assert_allclose(found[f"{name}_std"], values.std(axis=-1), rtol=1e-3, atol=1e-4, err_msg=name)


def test_parts_of_a_minute_make_no_seam(monkeypatch):
    y = (noise(1, 10) * np.linspace(0.1, 1, 10 * SR)).astype(np.float32)
    whole = spectrum(y)
    monkeypatch.setattr("workbench.features.spectrum.MINUTE", MINUTE // 25)
    for name, value in spectrum(y).items():
        np.testing.assert_allclose(value, whole[name], rtol=1e-5, err_msg=name)


# Rhythm


@pytest.mark.parametrize("bpm", [60, 87.5, 120, 140, 165, 200])
def test_tempo_of_clicks(analyzed, bpm):
    times_s = np.arange(0.25, 30, 60 / bpm)
    features = analyzed(clicks(times_s, 30))
    assert features.bpm == pytest.approx(bpm, rel=0.001)
    assert features.onset_rate_hz == pytest.approx(bpm / 60, rel=0.05)
    assert 0 <= features.bpm_confidence <= 1
    ratio = features.bpm_alternative / bpm
    assert min(abs(ratio / simple - 1) for simple in (3, 2, 1.5, 2 / 3, 1 / 2, 1 / 3)) < 0.06
    distance = np.abs(features.beat_times_s[:, None] - times_s).min(axis=1)
    assert np.median(distance) < 0.02
    assert len(features.beat_times_s) == pytest.approx(len(times_s), abs=2)


def test_onsets_are_found_where_they_are():
    times_s = np.array([0.5, 1.0, 1.2, 2.0, 3.1])
    _, hit = onset_curves(clicks(times_s, 5).astype(np.float32))
    np.testing.assert_allclose(onset_times(hit), times_s, atol=0.02)


def test_beats_leave_out_a_silent_start(analyzed):
    features = analyzed(clicks(np.arange(10, 30, 0.5), 40))
    assert features.bpm == pytest.approx(120, rel=0.001)
    assert 9 < features.beat_times_s[0] < 11.1
    assert 28.9 < features.beat_times_s[-1] < 31.1


# Tonality

CADENCES = {
    ("C", "major", "8B"): ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)),
    ("A", "minor", "8A"): ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)),
    ("F#", "major", "2B"): ((66, 70, 73), (71, 75, 78), (73, 77, 80), (66, 70, 73)),
}


@pytest.mark.parametrize("key", CADENCES)
@pytest.mark.parametrize("cents", [0, 40])
def test_key_of_a_cadence(analyzed, key, cents):
    pitches = [np.array(pitches) + cents / 100 for pitches in CADENCES[key]]
    features = analyzed(np.concatenate([chord(each, 1) for each in pitches * 2]))
    assert (features.key, features.mode, features.camelot) == key
    assert 0 < features.key_confidence < 1
    assert features.chroma_mean.max() == 1


def test_chroma_of_a_chord_is_its_notes(analyzed):
    features = analyzed(sum(sine(440 * 2 ** (semitone / 12), 5, db=-20) for semitone in (0, 4, 7)))
    np.testing.assert_array_equal(np.flatnonzero(features.chroma_mean > 0.5), [1, 4, 9])  # C#, E, A


def test_a_chord_between_the_keys_keeps_its_notes(analyzed):
    """A quarter tone sharp, half of the notes round up without the track's own tuning."""
    features = analyzed(sum(sine(440 * 2 ** (semitone / 12), 5, db=-20) for semitone in (0.48, 4.51, 7.48)))
    np.testing.assert_array_equal(np.flatnonzero(features.chroma_mean > 0.5), [1, 4, 9])


def test_the_key_of_nothing_is_not_sure():
    assert best_key(np.ones(12))[2] == 0


# What cannot be known


@pytest.mark.parametrize("exponent", [0, 1, 2])
def test_noise_has_no_tempo_and_no_key(analyzed, exponent):
    features = analyzed(noise(exponent))
    expected = dict.fromkeys(TEMPO, "no_pulse") | dict.fromkeys(KEY, "no_tonality")
    assert nulls(features) == expected
    assert features.onset_rate_hz < 0.2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_speech_has_no_tempo_and_no_key(analyzed, seed):
    features = analyzed(speech(seed=seed))
    assert nulls(features) == dict.fromkeys(TEMPO, "no_pulse") | dict.fromkeys(KEY, "no_tonality")
    assert features.onset_rate_hz > 1


def test_a_tone_has_no_tempo_and_no_key(analyzed):
    features = analyzed(sine(440, 20))
    assert nulls(features) == dict.fromkeys(TEMPO, "no_pulse") | dict.fromkeys(KEY, "no_tonality")
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
    assert set(features.reasons.values()) == {"silent"}


def test_a_tenth_of_a_second(analyzed):
    features = analyzed(sine(440, 0.1))
    require_whole(features)
    expected = dict.fromkeys(("loudness_lufs", "loudness_range_lu", "chroma_mean", "onset_rate_hz"), "too_short")
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
        analyzer_version="1",
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
    assert features.analyzer_version == ANALYZER_VERSION


def test_the_same_sound_has_the_same_features(analyzed):
    y = np.concatenate([chord(pitches, 1) for pitches in CADENCES["A", "minor", "8A"] * 2])
    y = (y / np.abs(y).max() * 30_000).astype(np.int16)
    first = analyzed(y, 44_100, name="a.wav", subtype="PCM_16").model_dump()
    for name in ("a.wav", "a.flac"):
        again = analyzed(y, 44_100, name=name, subtype="PCM_16").model_dump()
        for column, value in first.items():
            np.testing.assert_array_equal(again[column], value, err_msg=column)


def test_any_rate_is_measured(analyzed):
    """One sound at three rates has nearly the same features."""
    found = [analyzed(sine(1000, 5, sr=sr) + sine(1500, 5, sr=sr), sr) for sr in (8000, 44_100, 96_000)]
    for features in found:
        assert features.loudness_lufs == pytest.approx(found[1].loudness_lufs, abs=0.1)
        assert features.spectral_centroid_hz_mean == pytest.approx(found[1].spectral_centroid_hz_mean, rel=0.02)


def test_the_lowest_rates_do_no_harm(analyzed):
    require_whole(analyzed(sine(100, 5, sr=1000), 1000))


def test_warming_up_in_a_fresh_process():
    process = multiprocessing.get_context("spawn").Process(target=warm)
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.corpus
def test_real_clips_are_right(test_data):
    """Two easy clips; tests/bench_truth.py measures all of them."""
    expected = {"dev_026_band.mp3": (113, "F", "major"), "dev_030_band.mp3": (87, "B", "minor")}
    for name, (bpm, key, mode) in expected.items():
        features = analyze(test_data / "eval" / "clips" / name)
        require_whole(features)
        assert (features.key, features.mode) == (key, mode)
        assert features.bpm == pytest.approx(bpm, rel=0.01)
