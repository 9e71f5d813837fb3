"""Sounds whose features are known."""

import multiprocessing

import numpy as np
import pytest
import soundfile
from librosa_oracle import spectrum as oracle

from workbench.audio import resample
from workbench.demo.encode import write
from workbench.features import (
    ANALYZER_VERSIONS,
    analyze,
    loudness_kernels,
    preview,
    rhythm_kernels,
    spectrum_kernels,
    tonality_kernels,
    track_analysis,
    warm,
)
from workbench.features.columns import Heard, Mix, record
from workbench.features.loudness import HALF, Meter, integrated_loudness, k_weighting, loudness_range
from workbench.features.rhythm import Rhythm, onset_times
from workbench.features.spectrum import Spectrum
from workbench.features.tonality import key_fits, tuning_cents
from workbench.models import FEATURE_GROUPS, FEATURE_UNITS, Extent, Group, Unknown

SR = 22_050
TEMPO = (
    "bpm",
    "bpm_confidence",
    "bpm_alternative",
    "bpm_alternative_strength",
    "beat_regularity",
    "beat_times_s",
)
KEY = ("key", "mode", "key_confidence", "camelot", "key_alternative", "mode_alternative")
NOTHING = Mix(np.zeros(0, np.float32), np.zeros(0, np.float32))


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


def whole(y):
    """A mono signal as the one block that a stage takes."""
    return Mix(np.asarray(y, np.float32), np.zeros(0, np.float32))


def nulls(features, *, without=("bit_depth", "declared_duration_s", "dynamic_range_db", "stereo_correlation")):
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


CASES = {
    3: ((-36, 10), (-23, 60), (-36, 10)),
    4: ((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)),
    5: ((-26, 20), (-20, 20.1), (-26, 20)),
}


@pytest.mark.parametrize("case", CASES)
def test_loudness_is_gated(analyzed, case):
    """EBU Tech 3341, cases 3 to 5: passages of 1,000 Hz in both channels, in dBFS and seconds, read -23 LUFS."""
    y = np.concatenate([sine(1000, seconds, db=db, sr=48_000) for db, seconds in CASES[case]])
    assert analyzed(np.stack([y, y]), 48_000).loudness_lufs == pytest.approx(-23, abs=0.1)


def test_loudness_of_five_channels(analyzed):
    """EBU Tech 3341, case 6: left and right -28, centre -24, surrounds -30 dBFS read -23 LUFS."""
    levels = (-28, -28, -24, -30, -30)
    y = np.stack([sine(1000, 20, db=db, sr=48_000) for db in levels])
    assert analyzed(y, 48_000).loudness_lufs == pytest.approx(-23, abs=0.1)


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


def test_dynamic_range_is_the_peaks_over_the_loudest_level(analyzed):
    """A sine of steady level has its second highest peak on the level of its loudest fifth: 0 dB, as DR14 has it."""
    assert analyzed(sine(441, 20)).dynamic_range_db == pytest.approx(0, abs=0.05)
    y = sine(441, 20, db=-20)
    y[[2 * SR, 9 * SR]] = 0.5
    assert analyzed(y).dynamic_range_db == pytest.approx(20 + 20 * np.log10(0.5), abs=0.2)
    assert analyzed(sine(441, 10)).reasons["dynamic_range_db"] == "too_short"


def test_silence_at_both_ends(analyzed):
    y = np.concatenate([np.zeros(SR // 2), sine(440, 5), np.full(2 * SR, 5e-4)])
    features = analyzed(np.stack([np.zeros(len(y)), y]))
    assert features.silence_start_s == pytest.approx(0.5, abs=0.01)
    assert features.silence_end_s == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize(
    ("gains", "image", "correlation"),
    [((1,), "mono", None), ((1, 1), "mono", 1), ((1, -1), "antiphase", -1), ((1, 0.5), "stereo", 1)],
)
def test_what_the_channels_have_in_common(analyzed, gains, image, correlation):
    features = analyzed(np.outer(gains, sine(440, 5)))
    assert features.stereo_image == image
    assert features.stereo_correlation == (None if correlation is None else pytest.approx(correlation, abs=1e-4))
    assert features.reasons.get("stereo_correlation") == ("one_channel" if correlation is None else None)


def test_channels_of_their_own_do_not_correlate(analyzed):
    features = analyzed(np.stack([noise(0, 5, seed=1), noise(0, 5, seed=2)]))
    assert (features.stereo_image, round(features.stereo_correlation, 1)) == ("stereo", 0)
    assert analyzed(np.stack([noise(0, 5, seed=n) for n in range(3)])).stereo_image == "multichannel"


@pytest.mark.parametrize("cutoff_hz", [4000, 16_000])
def test_where_the_spectrum_ends(analyzed, cutoff_hz):
    """As of a lossless file that was made from a lossy one."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(10 * 44_100))
    spectrum[10 * cutoff_hz :] = 0
    features = analyzed(0.1 * np.fft.irfft(spectrum), 44_100, subtype="PCM_16")
    assert features.spectral_cutoff_hz == pytest.approx(cutoff_hz, abs=250)


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


def frames_of(y):
    stage = Spectrum()
    for part in np.array_split(np.asarray(y, np.float32), 7):
        stage.add(whole(part))
    return stage.frames()


def require_like_librosa(y):
    """Each frame by itself, and the decibels of all."""
    expected, found = oracle(y), frames_of(y)
    assert {name: values.shape for name, values in found.items()} == {n: v.shape for n, v in expected.items()}
    apart = {name: np.abs(found[name] - values).max() for name, values in expected.items()}
    alike = {name: np.corrcoef(found[name].ravel(), values.ravel())[0, 1] for name, values in expected.items()}
    assert apart["mfcc"] < 1e-3
    assert apart["spectral_centroid_hz"] < 0.01
    assert apart["spectral_bandwidth_hz"] < 0.01
    assert apart["spectral_flatness"] < 1e-5
    assert apart["onset_strength_db"] < 1e-4
    assert apart["rms"] < 1e-6
    assert apart["zero_crossing_rate"] <= 1 / 2048 + 1e-9  # zeros beyond the ends are no crossing to librosa
    assert alike["spectral_contrast_db"] > 0.999
    assert alike["spectral_rolloff_hz"] > 0.999


def test_spectrum_is_that_of_librosa():
    require_like_librosa((chord((60, 64, 67), 3) + 0.1 * noise(1, 3)).astype(np.float32))


@pytest.mark.corpus
def test_the_spectrum_of_real_tracks_is_that_of_librosa(test_data):
    for path in sorted((test_data / "music").glob("*/*.ogg"))[::13]:
        y, sr = soundfile.read(path, frames=60 * 48_000, dtype="float32")
        require_like_librosa(np.ascontiguousarray(resample(y.T.mean(axis=0), sr, SR)))


def test_the_columns_are_the_frames_mean_and_deviation(monkeypatch):
    """Also where a long track is summed up part by part; the floor under the decibels then looks at the part."""
    y = (noise(1, 10) * np.linspace(0.1, 1, 10 * SR)).astype(np.float32)
    expected = frames_of(y)
    for part in (10**6, 40):
        monkeypatch.setattr("workbench.features.spectrum.PART", part)
        stage = Spectrum()
        for block in np.array_split(y, 20):
            stage.add(whole(block))
        columns = stage.columns(Heard(len(y), silent=False))
        for name, values in expected.items():
            np.testing.assert_allclose(columns[f"{name}_mean"], values.mean(axis=0), rtol=1e-4, err_msg=name)
            np.testing.assert_allclose(columns[f"{name}_std"], values.std(axis=0), rtol=1e-3, err_msg=name)


# Rhythm


@pytest.mark.parametrize("bpm", [60, 75, 87.5, 100, 120, 128, 140, 150, 165, 174, 185, 200])
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
    stage = Rhythm()
    stage.add(whole(clicks(times_s, 5)))
    _, hit = stage.curves()
    np.testing.assert_allclose(onset_times(hit), times_s, atol=0.02)


def test_curves_of_a_long_track_have_no_seam(monkeypatch):
    y = clicks(np.arange(0.25, 20, 0.5), 20)
    curves = []
    for part_s in (900.0, 3.0):
        monkeypatch.setattr("workbench.features.rhythm.PART_S", part_s)
        stage = Rhythm()
        for block in np.array_split(y, 30):
            stage.add(whole(block))
        curves.append(stage.curves()[1])
    np.testing.assert_allclose(*curves, atol=1e-3)


def test_beats_of_an_even_pulse_are_regular(analyzed):
    even = analyzed(clicks(np.arange(0.25, 30, 0.5), 30))
    assert even.beat_regularity > 0.95
    swaying = analyzed(clicks(np.cumsum(0.5 + 0.1 * np.sin(np.arange(58))), 30))
    assert swaying.bpm is None or swaying.beat_regularity < 0.95
    assert swaying.pulse_clarity < even.pulse_clarity


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
    assert (features.key_alternative, features.mode_alternative) != key[:2]
    assert features.chroma_mean.max() == 1
    assert features.tuning_cents == pytest.approx(cents, abs=3)


def test_chroma_of_a_chord_is_its_notes(analyzed):
    features = analyzed(sum(sine(440 * 2 ** (semitone / 12), 5, db=-20) for semitone in (0, 4, 7)))
    np.testing.assert_array_equal(np.flatnonzero(features.chroma_mean > 0.5), [1, 4, 9])  # C#, E, A


def test_a_chord_between_the_keys_keeps_its_notes(analyzed):
    """A quarter tone sharp, half of the notes round up without the track's own tuning."""
    features = analyzed(sum(sine(440 * 2 ** (semitone / 12), 5, db=-20) for semitone in (0.48, 4.51, 7.48)))
    np.testing.assert_array_equal(np.flatnonzero(features.chroma_mean > 0.5), [1, 4, 9])


def test_a_key_is_the_nearest_of_the_profiles():
    fits = key_fits(np.array([1, 0, 0.5, 0, 0.8, 0.5, 0, 0.9, 0, 0.5, 0, 0.4]))
    assert fits.argmax() == 0  # C major
    np.testing.assert_array_equal(key_fits(np.ones(12)), np.zeros(24))


def test_tuning_is_where_most_peaks_lie():
    """A mean would lie between the two."""
    histogram = np.zeros(100)
    histogram[[12, 40, 99]] = 3, 1, 1
    assert tuning_cents(histogram) == pytest.approx(12.5, abs=1)


def test_partials_are_no_notes(analyzed):
    """A note with strong third and fifth partials is one note, not a major chord."""
    features = analyzed(sum(sine(220 * n, 5, db=-20 - n) for n in (1, 2, 3, 4, 5, 6)))
    assert np.flatnonzero(features.chroma_mean > 0.3).tolist() == [9]


# One track over time


def test_curves_of_a_track(analyzed, tmp_path):
    """A C from the second second on, clicks twice a second, and the loudness of both."""
    y = np.concatenate([np.zeros(2 * SR), np.tile(chord((60,), 0.5), 20)])
    columns = analyzed(np.stack([y, y]))
    curves = track_analysis(tmp_path / "a.wav")
    frames = 1 + len(y) // 512
    assert curves.times_s[[0, -1]] == pytest.approx([0, 12], abs=0.03)
    assert curves.spectrogram_db.shape == (1025, frames) == (len(curves.frequencies_hz), len(curves.times_s))
    assert curves.mel_db.shape == (128, frames)
    assert curves.chroma.shape == (12, frames)
    assert curves.tempogram.shape == (len(curves.tempogram_bpm), frames)
    assert curves.onset_strength_db.shape == (frames,)
    assert curves.spectrogram_db.max() == 0
    assert set(curves.chroma[:, curves.times_s > 3].argmax(axis=0)) == {0}
    np.testing.assert_array_equal(curves.beat_times_s, columns.beat_times_s)
    silent = curves.loudness_times_s < 2
    assert np.isnan(curves.loudness_lufs[silent]).all()
    assert np.nanmax(curves.loudness_lufs) > columns.loudness_lufs - 1
    row = curves.tempogram[:, curves.times_s > 6].mean(axis=1)
    middle = (curves.tempogram_bpm > 90) & (curves.tempogram_bpm < 200)
    assert curves.tempogram_bpm[middle][row[middle].argmax()] == pytest.approx(120, rel=0.03)


def test_a_part_of_a_track_has_the_times_of_the_track(analyzed, tmp_path):
    analyzed(clicks(np.arange(0.25, 30, 0.5), 30))
    curves = track_analysis(tmp_path / "a.wav", start_s=10, duration_s=10)
    assert (curves.times_s[0], curves.times_s[-1]) == pytest.approx((10, 20), abs=0.03)
    assert curves.loudness_times_s[[0, -1]] == pytest.approx([10.4, 20])
    assert np.abs((curves.beat_times_s - 10.25 + 0.25) % 0.5 - 0.25).max() < 0.02
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


def test_blocks_of_any_size_give_the_same_levels():
    """True peaks were too high at the end of a block that was no multiple of 64 samples."""
    y = (0.5 * np.random.default_rng(0).standard_normal((3, 10_000))).astype(np.float32)
    y[1, -1] = 0.99
    columns = []
    for sizes in ([10_000], [1] * 50 + [7] * 50 + [0, 4096, 5504]):
        meter = Meter(44_100, 3)
        mixes = [meter.add(part) for part in np.split(y, np.cumsum(sizes)[:-1], axis=1)]
        np.testing.assert_allclose(np.concatenate(mixes), y.mean(axis=0), atol=1e-6)
        columns.append(meter.columns())
    for name, value in columns[0].items():
        assert columns[1][name] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-9)), name
    taps = np.array(HALF).T
    phases = [np.convolve(row, phase) for row in y for phase in (*taps, *taps[:, ::-1])]
    highest = max(np.abs(phases).max(), np.abs(y).max())
    assert columns[0]["true_peak_dbtp"] == pytest.approx(20 * np.log10(highest), abs=1e-4)


def test_a_meter_refuses_other_channels():
    """Kernels do not look where they write: such a block ended the process."""
    with pytest.raises(ValueError, match="channels"):
        Meter(44_100, 1).add(np.zeros((2, 10), np.float32))


def test_one_silent_channel_has_no_correlation(analyzed):
    features = analyzed(np.stack([noise(0, 20), np.zeros(20 * SR)]))
    assert features.reasons["stereo_correlation"] == "silent"
    assert features.dynamic_range_db == pytest.approx(analyzed(noise(0, 20)).dynamic_range_db)


def test_nothing_is_compiled_after_the_warm_up(analyzed):
    """A block that made one frame whole had a type of its own: every worker compiled a kernel again for it."""
    warm()
    kernels = [loudness_kernels, spectrum_kernels, rhythm_kernels, tonality_kernels]
    compiled = [value for module in kernels for value in vars(module).values() if hasattr(value, "signatures")]
    before = {kernel.__name__: len(kernel.signatures) for kernel in compiled}
    assert min(before.values()) == 1
    for samples in (SR * 5, SR * 5 + 512, SR * 5 + 65_536, 2048, 100):
        analyzed(np.stack([noise(1, 10)[:samples]] * 2), SR)
        analyzed(
            resample(noise(1, 10)[:samples].astype(np.float32), SR, 44_100), 44_100, name="a.flac", subtype="PCM_16"
        )
    assert {kernel.__name__: len(kernel.signatures) for kernel in compiled} == before


def test_a_click_does_not_hide_where_the_spectrum_ends(analyzed):
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(20 * 44_100))
    spectrum[20 * 16_000 :] = 0
    y = np.clip(1.05 * np.fft.irfft(spectrum) / np.abs(np.fft.irfft(spectrum)).max(), -1, 1)
    y[44_100 * 7] = 1
    found = analyzed(y, 44_100, subtype="PCM_16")
    assert found.clipping_ratio > 0
    assert found.spectral_cutoff_hz == pytest.approx(16_000, abs=300)


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
