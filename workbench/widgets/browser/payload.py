"""What crosses the wire, and how does it read?

Conventions
-----------
Plain texts, to be shown as text. A value that is not known is a dash. A cell is a text, or a list of links, each with
what it narrows the search to.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench import facets
from workbench.query.fields import ALIASES
from workbench.widgets.captions import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import polars as pl

    from workbench.query import Query

__all__ = [
    "COLUMNS", "PAGE", "Column", "Counted", "albums_table", "artists_table", "crumbs", "shown_columns", "summary",
    "tracks_table",
]  # fmt: skip

PAGE: Final = 50
"""Rows of a page."""

UNKNOWN: Final = "\N{EN DASH}"
STARS: Final = 5

Row = dict[str, Any]
Cell = str | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of tracks.

    Attributes
    ----------
    name : str
        Column of the frame.
    label : str
        What people read.
    field : str
        What the search is sorted by.
    is_number : bool
        Stands to the right.
    cell : callable or None
        Text of a value; None: as it is.
    """

    name: str
    label: str
    field: str
    is_number: bool = False
    cell: Callable[[Any], str] | None = None


def stars(rating: float) -> str:
    """A rating of 0 to 1 as stars.

    Examples
    --------
    >>> stars(0.8), stars(0.1)
    ('★★★★☆', '½☆☆☆☆')
    """
    halves = round(rating * STARS * 2)
    full, half = divmod(halves, 2)
    return "★" * full + "½" * half + "☆" * (STARS - full - half)


def tempo(bpm: float) -> str:
    """Beats a minute, rounded."""
    return f"{bpm:.0f}"


def counted(number: int) -> str:
    """A whole number, in groups of three digits."""
    return f"{number:,}"


COLUMNS: Final = (
    Column("title", "Title", "title"),
    Column("artists", "Artist", "artist"),
    Column("album", "Album", "album"),
    Column("year", "Year", "year", is_number=True),
    Column("genres", "Genre", "genre"),
    Column("camelot", "Key", "camelot"),
    Column("bpm", "Tempo", "bpm", is_number=True, cell=tempo),
    Column("duration_s", "Length", "length", is_number=True, cell=clock),
    Column("mood", "Mood", "mood"),
    Column("group_name", "Group", "group_name"),
    Column("rating", "Rating", "rating", cell=stars),
    Column("play_count", "Plays", "plays", is_number=True, cell=counted),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A facet with its lines.

    Attributes
    ----------
    facet : facets.Facet
        Whose lines.
    picked : tuple of str
        Values that the search asks for.
    entries : list of facets.Entry
        The lines.
    more : int
        How many others there are.
    """

    facet: facets.Facet
    picked: tuple[str, ...]
    entries: list[facets.Entry]
    more: int

    def payload(self) -> dict[str, Any]:
        """For the page; values stay here, since a genre may stand for many."""
        low, high = ends(self.picked)
        return {
            "name": self.facet.name,
            "title": self.facet.title,
            "is_range": self.facet.step is not None,
            "low": low,
            "high": high,
            "is_picked": bool(self.picked),
            "more": self.more,
            "entries": [
                {key: value for key, value in asdict(entry).items() if key != "values"} for entry in self.entries
            ],
        }


def ends(picked: Sequence[str]) -> tuple[str, str]:
    """Ends of the one range that is picked, as typed; empty where there is none.

    Examples
    --------
    >>> ends(["90..110"]), ends([]), ends(["90..", "120"])
    (('90', '110'), ('', ''), ('', ''))
    """
    if len(picked) != 1 or ".." not in picked[0]:
        return "", ""
    low, _, high = picked[0].partition("..")
    return low, high


def shown_columns(tracks: pl.DataFrame) -> list[Column]:
    """Columns of which some track has a value; title and artist always."""
    always = {"title", "artists"}
    return [
        column
        for column in COLUMNS
        if column.name in tracks.columns and (column.name in always or tracks[column.name].null_count() < len(tracks))
    ]


def tracks_table(rows: pl.DataFrame, columns: Sequence[Column], query: Query, selected: Collection[int]) -> Row:
    """Header and rows of one page of tracks."""
    sorts = {ALIASES.get(sort.field.lower(), sort.field.lower()): sort.descending for sort in query.sort}
    head = [
        {
            "name": column.name,
            "label": column.label,
            "field": column.field,
            "is_number": column.is_number,
            "sort": {None: "none", False: "ascending", True: "descending"}[sorts.get(column.name)],
        }
        for column in columns
    ]
    lines = [
        {
            "id": row["track_id"],
            "name": row.get("title") or f"track {row['track_id']}",
            "cells": [cell(column, row) for column in columns],
            "selected": row["track_id"] in selected,
            "cover": bool(row.get("path_bytes") or row.get("path")) and row.get("has_cover") is not False,
        }
        for row in rows.iter_rows(named=True)
    ]
    return {"head": head, "rows": lines}


def cell(column: Column, row: Mapping[str, Any]) -> Cell:
    """One cell of a track; artists and albums are links."""
    value = row[column.name]
    if isinstance(value, list):
        value = [each for each in value if each]
    if value is None or value in ("", []) or is_unreal(value):
        return UNKNOWN
    if column.name == "artists":
        return [{"text": name, "artist": name} for name in value]
    if column.name == "album":
        return [album_link(value, next(iter(row.get("album_artists") or ()), None))]
    if isinstance(value, list):
        return ", ".join(value)
    return column.cell(value) if column.cell else str(value)


def is_unreal(value: object) -> bool:
    """A number that is none, as frames from elsewhere have it for what is not known."""
    return isinstance(value, float) and not math.isfinite(value)


def album_link(album: str, artist: str | None) -> dict[str, Any]:
    """A link to an album; albums of one name are told apart by their artist."""
    return {"text": album, "album": album, "album_artist": artist}


def artists_table(rows: pl.DataFrame) -> Row:
    """Header and rows of one page of artists, as `facets.artists` gives them."""
    head = plain_head(("artist", "Artist"), ("albums", "Albums"), ("tracks", "Tracks"), ("duration_s", "Length"))
    lines = [
        {
            "name": row["artist"],
            "cells": [
                [{"text": row["artist"], "artist": row["artist"]}],
                f"{row['albums']:,}",
                f"{row['tracks']:,}",
                length(row["duration_s"]),
            ],
        }
        for row in rows.iter_rows(named=True)
    ]
    return {"head": head, "rows": lines}


def albums_table(rows: pl.DataFrame) -> Row:
    """Header and rows of one page of albums, as `facets.albums` gives them."""
    names = (
        ("album", "Album"),
        ("artists", "Artist"),
        ("year", "Year"),
        ("tracks", "Tracks"),
        ("duration_s", "Length"),
    )
    lines = [
        {
            "name": row["album"],
            "cells": [
                [album_link(row["album"], row["artist"])],
                row["artist"] or UNKNOWN,
                UNKNOWN if row["year"] is None else str(row["year"]),
                f"{row['tracks']:,}",
                length(row["duration_s"]),
            ],
        }
        for row in rows.iter_rows(named=True)
    ]
    return {"head": plain_head(*names), "rows": lines}


def plain_head(*columns: tuple[str, str]) -> list[dict[str, Any]]:
    """Header that sorts nothing; all but names stand to the right."""
    names = {"artist", "artists", "album"}
    return [{"name": name, "label": label, "is_number": name not in names} for name, label in columns]


def length(seconds: float | None) -> str:
    """A playing time, or a dash."""
    return UNKNOWN if seconds is None or is_unreal(seconds) else clock(seconds)


def crumbs(query: Query) -> list[dict[str, str]]:
    """The way down that a search stands for: all, one artist, one album."""
    way = [{"label": "All artists", "to": ""}]
    for name in ("artist", "album_artist"):
        picked = facets.chosen(query, facets.FACETS[name])
        if len(picked) == 1:
            way.append({"label": picked[0] or "No artist", "to": "artist"})
            break
    albums = facets.chosen(query, facets.FACETS["album"])
    return [*way, {"label": albums[0] or "No album", "to": "album"}] if len(albums) == 1 else way


def summary(selected: int, found: int, total: int) -> str:
    """How many of how many.

    Examples
    --------
    >>> summary(12, 3400, 100_000), summary(0, 3, 3), summary(0, 1, 4)
    ('12 selected of 3,400 found of 100,000 tracks', '3 tracks', '1 found of 4 tracks')
    """
    tracks = f"{total:,} {'track' if total == 1 else 'tracks'}"
    whole = tracks if found == total else f"{found:,} found of {tracks}"
    return f"{selected:,} selected of {whole}" if selected else whole
