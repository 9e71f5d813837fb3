"""What does Navidrome call our fields, and in which units?

Conventions
-----------
Names and units are those of Navidrome's `model/criteria/fields.go` and `persistence/criteria_sql.go`
(github.com/navidrome/navidrome): seconds, kilobits a second, bytes, and whole stars from 0 to 5 where our rating goes
from 0 to 1. `codec`, `samplerate` and `missing` need a release of 2026 or later. Stars and plays there are those of
Navidrome's user; ours come from the files' tags where the user of the workbench says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from workbench.errors import QueryError
from workbench.query.fields import ALIASES, Kind
from workbench.query.tree import shown

__all__ = ["FIELDS", "Field", "field_of", "field_of_theirs", "number_here", "number_there"]

ONE: Final = Decimal(1)
TENTHS: Final = Decimal("0.1")
ABSENT: Final = "isMissing"


@dataclass(frozen=True, slots=True)
class Field:
    """One field on both sides.

    Parameters
    ----------
    here, there : str
        Its name in a search, and in a .nsp file.
    scale : Decimal
        A number there is the number here times this.
    whole : bool
        Numbers there are whole.
    unknown : str or int or None
        What a missing value is there: an operator, "", 0; None: never missing.
    """

    here: str
    there: str
    kind: Kind = Kind.NUMBER
    scale: Decimal = ONE
    whole: bool = True
    unknown: str | int | None = 0


FIELDS: Final = {
    "title": Field("title", "title", Kind.TEXT, unknown=""),
    "artists": Field("artist", "artist", Kind.TEXTS, unknown=ABSENT),
    "album": Field("album", "album", Kind.TEXT, unknown=""),
    "album_artists": Field("albumartist", "albumartist", Kind.TEXTS, unknown=ABSENT),
    "genres": Field("genre", "genre", Kind.TEXTS, unknown=ABSENT),
    "comment": Field("comment", "comment", Kind.TEXT, unknown=""),
    "path": Field("path", "filepath", Kind.TEXT, unknown=None),
    "codec": Field("codec", "codec", Kind.TEXT, unknown=""),
    "year": Field("year", "year"),
    "track_number": Field("track", "tracknumber"),
    "disc_number": Field("disc", "discnumber"),
    "bpm": Field("bpm", "bpm", unknown=ABSENT),
    "rating": Field("rating", "rating", scale=Decimal(5)),
    "play_count": Field("plays", "playcount"),
    "duration_s": Field("length", "duration", whole=False),
    "size_bytes": Field("size", "size"),
    "bit_rate_bps": Field("bit_rate_bps", "bitrate", scale=Decimal("0.001")),
    "bit_depth": Field("bitdepth", "bitdepth"),
    "sample_rate_hz": Field("samplerate", "samplerate"),
    "channels": Field("channels", "channels"),
    "compilation": Field("compilation", "compilation", Kind.BOOLEAN, unknown=None),
    "has_cover": Field("cover", "hascoverart", Kind.BOOLEAN, unknown=None),
    "missing": Field("missing", "missing", Kind.BOOLEAN, unknown=None),
    "added_at": Field("added", "dateadded", Kind.MOMENT, unknown=None),
}
"""Our columns and their fields, one to one."""

THEIRS: Final = {field.there: field for field in FIELDS.values()}


def field_of(name: str, position: int) -> Field:
    """The field that a name of ours stands for.

    Raises
    ------
    QueryError
        Navidrome has none for it.
    """
    column = ALIASES.get(name.lower(), name.lower())
    if column not in FIELDS:
        known = ", ".join(field.here for field in FIELDS.values())
        raise QueryError(f"Navidrome has no field for {shown(name)}; it has some for {known}", position)
    return FIELDS[column]


def field_of_theirs(name: str) -> Field:
    """The field that a name of theirs, in whatever case, stands for.

    Raises
    ------
    QueryError
        We have none for it.
    """
    if name.lower() not in THEIRS:
        raise QueryError(
            f"the smart playlist asks for {shown(name)}, which has no field here; these have: {', '.join(THEIRS)}"
        )
    return THEIRS[name.lower()]


def number_there(value: Decimal, field: Field) -> int | float:
    """A number of ours in their unit."""
    scaled = value * field.scale
    return int(scaled) if scaled == scaled.to_integral_value() else float(scaled)


def number_here(value: Decimal, field: Field) -> str:
    """Spelling of a number of theirs in our unit: a rating has a decimal at least, so that it stands for one star.

    Examples
    --------
    >>> number_here(Decimal(5), FIELDS["rating"]), number_here(Decimal(256), FIELDS["bit_rate_bps"])
    ('1.0', '256000')
    """
    number = value / field.scale
    if number == number.to_integral_value():
        return f"{number.quantize(TENTHS if field.there == 'rating' else ONE):f}"
    return f"{number.normalize():f}"
