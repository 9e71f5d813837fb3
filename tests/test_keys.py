"""Key names, Camelot codes and what tags make of them."""

import pytest

from workbench.keys import CAMELOT, camelot, parse_key

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
