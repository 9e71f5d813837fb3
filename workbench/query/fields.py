"""Which column does a field name, and how is it compared?

Conventions
-----------
`columns` maps names to polars types, as `DataFrame.schema` does. A text is folded the same way in a search and in a
column: NFKD, combining marks (Unicode category M) removed, "ß" as "ss"; case is left to the comparison.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import QueryError
from workbench.query.tree import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALIASES", "SEARCHED", "Kind", "column_name", "fold", "folded", "foreign", "kind", "text_of"]

SEARCHED: Final = ("title", "artists", "album", "album_artists", "genres", "comment")
"""Columns that a bare word is looked for in."""

ALIASES: Final = {
    "artist": "artists",
    "album_artist": "album_artists",
    "albumartist": "album_artists",
    "genre": "genres",
    "track": "track_number",
    "disc": "disc_number",
    "length": "duration_s",
    "duration": "duration_s",
    "added": "added_at",
    "loudness": "loudness_lufs",
    "tempo": "bpm",
    "cover": "has_cover",
    "format": "codec",
    "size": "size_bytes",
    "samplerate": "sample_rate_hz",
    "bitdepth": "bit_depth",
    "plays": "play_count",
    "playcount": "play_count",
}
"""Short names of columns; one counts where the frame has the column it stands for, and none of its own name.

"bitrate" is none: some programs mean bits, others kilobits a second.
"""

JOINED: Final = ("artist", "genre")
"""Columns of the frame that give way to the lists whose values they show."""

MOST_COMPARED: Final = 100
"""Letters of a field that is not known that the nearest is looked up for."""

SHARP_S: Final = {"ß": "ss", "ẞ": "ss"}


class Kind(Enum):
    """How the values of a column are compared."""

    TEXT = auto()
    TEXTS = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    MOMENT = auto()


def column_name(field: str, columns: Mapping[str, pl.DataType], position: int) -> str:
    """Column that a field stands for.

    Raises
    ------
    QueryError
        There is none; the message names the nearest.
    """
    for name in (field, field.lower()):
        aliased = ALIASES.get(name) in columns
        if name in columns and not (aliased and name in JOINED):
            return name
        if aliased:
            return ALIASES[name]
    fields = [*columns, *(alias for alias, name in ALIASES.items() if name in columns)]
    near = get_close_matches(field[:MOST_COMPARED].lower(), fields, n=1, cutoff=0.0)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise QueryError(
        f"no field is called {shown(field)} (character {position + 1} of the search): {hint}"
        "A text with a colon, or with + or - at its end, needs quotes",
        position,
    )


def kind(name: str, columns: Mapping[str, pl.DataType], position: int) -> Kind:
    """How a column is compared.

    Raises
    ------
    QueryError
        Its values are neither text, lists of text, numbers, booleans nor moments.
    """
    found = columns[name]
    if _is_text(found):
        return Kind.TEXT
    if isinstance(found, pl.List) and _is_text(found.inner):
        return Kind.TEXTS
    if found.is_numeric():
        return Kind.NUMBER
    if isinstance(found, pl.Boolean):
        return Kind.BOOLEAN
    if isinstance(found, pl.Date | pl.Datetime):
        return Kind.MOMENT
    raise QueryError(
        f"field {name!r} (character {position + 1} of the search) holds {found}, which cannot be searched", position
    )


def _is_text(found: object) -> bool:
    return found in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def text_of(name: str, columns: Mapping[str, pl.DataType]) -> pl.Expr:
    """A text column, or a column of lists of texts, as strings whatever way they are kept."""
    found, column = columns[name], pl.col(name)
    if isinstance(found, pl.List):
        return column if found.inner == pl.String else column.cast(pl.List(pl.String))
    return column if found == pl.String else column.cast(pl.String)


def fold(text: str) -> str:
    """A text without accents and case.

    Examples
    --------
    >>> fold("Björk Straße ÉTÉ")
    'bjork strasse ete'
    """
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.category(letter).startswith("M")).casefold()


def folded(value: pl.Expr) -> pl.Expr:
    """A string expression without accents; its case is kept.

    Only values that are not all ASCII are worked on, which is most of the speed.
    """
    return pl.coalesce(foreign(value), value)


def foreign(value: pl.Expr) -> pl.Expr:
    """A string expression without accents; null where it is all ASCII."""
    beyond = pl.when(value.str.len_bytes() != value.str.len_chars()).then(value)
    return beyond.str.normalize("NFKD").str.replace_all(r"\p{M}+", "").str.replace_many(SHARP_S)
