"""What are the 24 keys called?

Conventions
-----------
Pitch class 0 is C. Keys are spelt with sharps ("F#", never "Gb"); the Camelot code pairs each minor key (A) with its
relative major (B), neighbours on the wheel being a fifth apart. Source: the Camelot Easymix system of Mark Davis
(mixedinkey.com); 8B = C major, 8A = A minor.
"""

from __future__ import annotations

__all__ = ["NAMES", "camelot", "compatible", "parse_key"]

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#", "Cb": "B", "Fb": "E", "E#": "F", "B#": "C"}
HOURS = 12


def camelot(key: str, mode: str) -> str:
    """Camelot code of a key, "1A" to "12B".

    Parameters
    ----------
    key : str
        Tonic, one of `NAMES`.
    mode : str
        ``"major"`` or ``"minor"``.

    Raises
    ------
    ValueError
        The name is none of the 24.

    Examples
    --------
    >>> camelot("A", "minor"), camelot("C", "major"), camelot("F#", "major")
    ('8A', '8B', '2B')
    """
    if key not in NAMES or mode not in {"major", "minor"}:
        msg = f"{key!r} {mode!r} is no key: expected one of {', '.join(NAMES)} and major or minor"
        raise ValueError(msg)
    tonic = NAMES.index(key) + (3 if mode == "minor" else 0)  # a minor key sits at its relative major
    hour = (tonic * 7 + 7) % HOURS + 1
    return f"{hour}{'A' if mode == 'minor' else 'B'}"


CAMELOT = {camelot(key, mode): (key, mode) for key in NAMES for mode in ("major", "minor")}


def compatible(code: str) -> tuple[str, ...]:
    """Camelot codes that mix with a code: itself, the hour before, the hour after, and the other letter of the hour.

    In music: the same key, a fifth down, a fifth up, and the relative major or minor. Source: "Harmonic mixing guide",
    mixedinkey.com/harmonic-mixing-guide.

    Parameters
    ----------
    code : str
        "1A" to "12B".

    Raises
    ------
    ValueError
        It is no Camelot code.

    Examples
    --------
    >>> compatible("8A"), compatible("12B")
    (('8A', '7A', '9A', '8B'), ('12B', '11B', '1B', '12A'))
    """
    if code not in CAMELOT:
        msg = f"{code!r} is no Camelot code: expected 1A to 12B"
        raise ValueError(msg)
    hour, letter = int(code[:-1]), code[-1]
    before, after = (hour - 2) % HOURS + 1, hour % HOURS + 1
    return code, f"{before}{letter}", f"{after}{letter}", f"{hour}{'B' if letter == 'A' else 'A'}"


def parse_key(text: str) -> tuple[str, str] | None:
    """Key and mode out of a tag's spelling, or None where it is none.

    Understands "Am", "A minor", English and Camelot spellings: "F#m", "Gb maj", "8A", "Ebm".

    Examples
    --------
    >>> parse_key("Gbm"), parse_key("8b"), parse_key("C major"), parse_key("o")
    (('F#', 'minor'), ('C', 'major'), ('C', 'major'), None)
    """
    word = text.strip().replace("♯", "#").replace("♭", "b")
    if word.upper().lstrip("0") in CAMELOT:
        return CAMELOT[word.upper().lstrip("0")]
    size = 2 if len(word) > 1 and word[1] in "#b" else 1
    name, rest = word[:size].capitalize(), word[size:].strip()
    name = FLATS.get(name, name)
    if name not in NAMES:
        return None
    if rest in {"m", "min"} or rest.lower() in {"min", "minor"}:
        return name, "minor"
    return (name, "major") if rest in {"", "M"} or rest.lower() in {"maj", "major"} else None
