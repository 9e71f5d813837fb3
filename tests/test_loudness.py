"""Levels against the standards' own test signals."""

import numpy as np
import pytest
from sounds import SR, noise, sine

from workbench.features.loudness import HALF, Meter, integrated_loudness, k_weighting, loudness_range
from workbench.models import Unknown


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


def test_a_click_does_not_hide_where_the_spectrum_ends(analyzed):
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(20 * 44_100))
    spectrum[20 * 16_000 :] = 0
    y = np.clip(1.05 * np.fft.irfft(spectrum) / np.abs(np.fft.irfft(spectrum)).max(), -1, 1)
    y[44_100 * 7] = 1
    found = analyzed(y, 44_100, subtype="PCM_16")
    assert found.clipping_ratio > 0
    assert found.spectral_cutoff_hz == pytest.approx(16_000, abs=300)
