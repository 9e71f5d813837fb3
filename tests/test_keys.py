"""Key names, Camelot codes and what tags make of them."""

import pytest

from workbench.keys import CAMELOT, NAMES, camelot, compatible, parse_key

WHEEL = {  # https://mixedinkey.com/camelot-wheel/
    "1A": ("G#", "minor"), "2A": ("D#", "minor"), "3A": ("A#", "minor"), "4A": ("F", "minor"),
    "5A": ("C", "minor"), "6A": ("G", "minor"), "7A": ("D", "minor"), "8A": ("A", "minor"),
    "9A": ("E", "minor"), "10A": ("B", "minor"), "11A": ("F#", "minor"), "12A": ("C#", "minor"),
    "1B": ("B", "major"), "2B": ("F#", "major"), "3B": ("C#", "major"), "4B": ("G#", "major"),
    "5B": ("D#", "major"), "6B": ("A#", "major"), "7B": ("F", "major"), "8B": ("C", "major"),
    "9B": ("G", "major"), "10B": ("D", "major"), "11B": ("A", "major"), "12B": ("E", "major"),
}  # fmt: skip


def test_the_wheel():
    assert CAMELOT == WHEEL


def test_a_name_that_is_no_key():
    with pytest.raises(ValueError, match="'H'"):
        camelot("H", "minor")


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("8A", ("8A", "7A", "9A", "8B")),
        ("1A", ("1A", "12A", "2A", "1B")),
        ("12B", ("12B", "11B", "1B", "12A")),
    ],
)
def test_keys_that_mix(code, codes):
    assert compatible(code) == codes


def test_keys_that_mix_are_a_fifth_away_or_the_relative():
    for code, (key, mode) in CAMELOT.items():
        down, up, relative = (CAMELOT[other] for other in compatible(code)[1:])
        tonic = NAMES.index(key)
        assert down == (NAMES[tonic - 7], mode)
        assert up == (NAMES[(tonic + 7) % 12], mode)
        assert relative == (NAMES[(tonic + 3) % 12], "major") if mode == "minor" else (NAMES[tonic - 3], "minor")


@pytest.mark.parametrize("code", ["", "0A", "13B", "8C", "8a", "Am"])
def test_what_is_no_camelot_code(code):
    with pytest.raises(ValueError, match="Camelot"):
        compatible(code)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", ("C", "major")),
        ("Am", ("A", "minor")),
        ("Gbm", ("F#", "minor")),
        ("f# minor", ("F#", "minor")),
        ("Bb maj", ("A#", "major")),
        ("Cb", ("B", "major")),
        ("D♭m", ("C#", "minor")),
        ("08a", ("A", "minor")),
        ("12B", ("E", "major")),
        ("H", None),
        ("", None),
        ("13A", None),
        ("o", None),
        ("all", None),
        ("Cminorish", None),
    ],
)
def test_spellings_in_tags(text, key):
    assert parse_key(text) == key
