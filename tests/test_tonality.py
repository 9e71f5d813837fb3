"""Keys, tuning and pitch classes of chords."""

import numpy as np
import pytest
from sounds import CADENCES, chord, sine

from workbench.features.tonality import key_fits, tuning_cents


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
