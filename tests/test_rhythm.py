"""Tempo, beats and onsets of clicks."""

import numpy as np
import pytest
from sounds import clicks, whole

from workbench.features.rhythm import Rhythm, onset_times


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
