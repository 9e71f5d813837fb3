"""Timbre against librosa, frame by frame."""

import numpy as np
import pytest
import soundfile
from librosa_oracle import spectrum as oracle
from sounds import SR, chord, noise, sine, whole

from workbench.audio import resample
from workbench.features.columns import Heard
from workbench.features.spectrum import Spectrum


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
