"""What does a tag's text mean?

Conventions
-----------
A parser takes the cleaned, non-empty values of one tag in the file's order and gives the meaning, or None where there
is none. It never raises.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "bpm",
    "cleaned",
    "compilation",
    "date",
    "decibels",
    "genres",
    "isrc",
    "known_genre",
    "names",
    "note",
    "number",
    "r128_decibels",
    "text",
    "total",
    "uuid",
    "uuids",
    "year",
]

T = TypeVar("T")

TEXT_LIMIT = 10_000
"""Characters kept of one value."""

FIRST_YEAR, LAST_YEAR = 1000, 2999
BPM_LIMIT = 1000.0
GAIN_LIMIT_DB = 100.0
R128_STEPS = 256
R128_TO_REPLAYGAIN_DB = 5.0
YES = frozenset({"1", "true", "yes", "y"})
NO = frozenset({"0", "false", "no", "n"})

UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]")
UPPER_CONTROLS = re.compile("[\x80-\x9f]")
LINE_BREAKS = re.compile(r"(?<!\s)\s*[\r\n]+\s*")
SEMICOLON = re.compile(r"\s;\s*|;\s+")
ENTITY = re.compile(r"&#?\w{1,8};")
GENRE_CODE = re.compile(r"\((\d{1,3}|RX|CR)\)", re.ASCII)
YEAR = re.compile(r"(?<!\d)(\d{4})(?:(?!\d)|(?=\d{4}(?!\d)))", re.ASCII)
PAIR = re.compile(r"(\d{0,5})(?:\s*(?:/|of)\s*(\d{0,5}))?", re.ASCII)
DECIMAL = re.compile(r"[+-]?\d{1,6}(?:[.,]\d{1,20})?", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)  # ISO 3901: country, registrant, year, designation


def cleaned(value: str) -> str:
    """Text of at most 10,000 characters without outer space, byte-order marks and controls other than line breaks.

    UTF-8 that was read as Latin-1 keeps its upper controls, without which nobody could set it right.
    """
    plain = UNWANTED.sub("", value[:TEXT_LIMIT]).strip()
    return plain if misread(plain) else UPPER_CONTROLS.sub("", plain).strip()


def misread(value: str) -> bool:
    """Whether a text is UTF-8 that was taken for Latin-1."""
    try:
        value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def first(parse: Callable[[str], T | None], values: Iterable[str]) -> T | None:
    """First meaning that some value has."""
    return next((found for value in values if (found := parse(value)) is not None), None)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Values in their order without those that differ only in case from an earlier one."""
    seen: dict[str, str] = {}
    for value in values:
        if value:
            seen.setdefault(value.casefold(), value)
    return tuple(seen.values())


def text(values: Sequence[str]) -> str:
    """First value, on one line."""
    return LINE_BREAKS.sub(" ", values[0])


def note(values: Sequence[str]) -> str:
    """First value, with its lines."""
    return values[0].replace("\r\n", "\n").replace("\r", "\n")


def names(values: Sequence[str]) -> tuple[str, ...] | None:
    """People's names: several values are a list; a lone one is split at semicolons with a space beside them.

    Never at commas, slashes, ampersands or "feat.": "AC/DC" and "Tyler, The Creator" are one name each, as is
    "Steins;Gate", and the semicolon of an "&amp;" splits nothing.
    """
    lone = values[0] if len(values) == 1 else None
    parts = SEMICOLON.split(lone) if lone and not ENTITY.search(lone) else values
    return unique(text([part]) for part in parts if part) or None


def genres(values: Sequence[str]) -> tuple[str, ...] | None:
    """Genres: values split at every semicolon, ID3v1 numbers replaced by their names ("(17)" is "Rock")."""
    parts = (part for value in values for part in ([value] if ENTITY.search(value) else value.split(";")))
    return unique(name for part in parts for name in genre_names(text([part.strip()]))) or None


def genre_names(value: str) -> list[str]:
    """Names that one genre of ID3 stands for: "(51)(39)Eurodisco" is three, "((Foo)" escapes a bracket."""
    found: list[str | None] = []
    while match := GENRE_CODE.match(value):
        found.append(genre_of_code(match[1]))
        value = value[match.end() :].strip()
    rest = value[1:] if value.startswith("((") else value
    coded = rest.isascii() and rest.isdigit()
    found.append(genre_of_code(rest) if coded else rest)
    return [name for name in found if name]


def genre_of_code(code: str) -> str | None:
    """Name of an ID3v1 genre number, or of ID3v2's RX and CR; None where it names none."""
    from mutagen.id3 import TCON

    if code in {"RX", "CR"}:
        return {"RX": "Remix", "CR": "Cover"}[code]
    known: list[str] = TCON.GENRES
    return known[int(code)] if len(code) <= len("255") and int(code) < len(known) else None


def known_genre(value: str) -> bool:
    """Whether a text is a number or a name of the ID3v1 genres."""
    from mutagen.id3 import TCON

    return bool(GENRE_CODE.match(value)) or value.isdecimal() or value.casefold() in {g.casefold() for g in TCON.GENRES}


def date(values: Sequence[str]) -> str | None:
    """First value that names a year, as written."""
    return next((text([value]) for value in values if year([value])), None)


def year(values: Sequence[str]) -> int | None:
    """Year of the first date: the four digits that stand alone ("05/1994") or begin eight ("19940502")."""
    found = (int(match[1]) for value in values for match in YEAR.finditer(value))
    return next((value for value in found if FIRST_YEAR <= value <= LAST_YEAR), None)


def number(values: Sequence[str]) -> int | None:
    """Place of "3/12", "03" or "3 of 12", 1 to 99,999."""
    return first(lambda value: part(value, 1), values)


def total(values: Sequence[str]) -> int | None:
    """Count of "3/12", 1 to 99,999."""
    return first(lambda value: part(value, 2), values)


def part(value: str, group: int) -> int | None:
    """One side of a pair, None where it is missing or zero."""
    match = PAIR.fullmatch(value)
    return int(match[group] or 0) or None if match else None


def compilation(values: Sequence[str]) -> bool | None:
    """Whether the album gathers many artists."""
    word = values[0].casefold()
    return True if word in YES else False if word in NO else None


def decimal(value: str) -> float | None:
    """Number at the start of a text, with a point or a comma."""
    match = DECIMAL.match(value)
    return float(match[0].replace(",", ".")) if match else None


def bpm(values: Sequence[str]) -> float | None:
    """Tempo in beats per minute, above 0 and below 1000; 0 is what taggers write for unknown."""
    found = first(decimal, values)
    return found if found is not None and 0 < found < BPM_LIMIT else None


def decibels(values: Sequence[str]) -> float | None:
    """Gain of "-6.54 dB" in dB, at most 100 either way."""
    found = first(decimal, values)
    return found if found is not None and math.fabs(found) <= GAIN_LIMIT_DB else None


def r128_decibels(values: Sequence[str]) -> float | None:
    """Opus' R128 gain as a ReplayGain 2 gain in dB.

    Q7.8 fixed point relative to -23 LUFS (RFC 7845, section 5.2.1); ReplayGain 2 aims at -18 LUFS, hence + 5 dB.
    """
    found = first(decimal, values)
    gain_db = None if found is None else found / R128_STEPS + R128_TO_REPLAYGAIN_DB
    return gain_db if gain_db is not None and math.fabs(gain_db) <= R128_STEPS / 2 + R128_TO_REPLAYGAIN_DB else None


def uuids(values: Sequence[str]) -> tuple[str, ...] | None:
    """All MusicBrainz identifiers, however they are joined, in lower case."""
    return unique(match for value in values for match in UUID.findall(value.lower())) or None


def uuid(values: Sequence[str]) -> str | None:
    """First MusicBrainz identifier."""
    found = uuids(values)
    return found[0] if found else None


def isrc(values: Sequence[str]) -> str | None:
    """First International Standard Recording Code, without its dashes."""
    plain = (re.sub(r"[\s-]", "", value).upper() for value in values)
    return next((match[0] for value in plain if (match := ISRC.search(value))), None)
