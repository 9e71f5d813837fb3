"""Which names begin with what a person types?

Conventions
-----------
An FTS5 index of the names of artists, genres and albums and of tracks' titles, diacritics folded, with prefixes of two
and three letters. A row's id is its kind times `SPAN` plus the id of what bears the name; what a user has corrected
stands under kinds of its own. SQLite alone has such an index: another database gets one of its own here. It is kept in
step by the functions that write the names, not by triggers, which a migration would drop unseen.
"""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.query import How, Match, Query, to_text
from workbench.query.fields import fold
from workbench.store.bulk import driver

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import sqlalchemy as sa

__all__ = ["KINDS", "SUGGESTIONS", "index_corrections", "index_names", "rebuild", "suggestions_frame", "unindex"]

SPAN: Final = 1 << 40
KINDS: Final = ("artist", "genre", "album", "title")
FIELDS: Final = ("artist", "album_artist", "genre", "album", "title")
NAMES: Final = {
    "artist": "SELECT id, name FROM artist",
    "genre": "SELECT id, name FROM genre",
    "album": "SELECT id, name FROM album WHERE name IS NOT NULL",
    "title": "SELECT id, title FROM track WHERE title IS NOT NULL",
}
FIELD: Final = {
    "artist": "CASE WHEN EXISTS (SELECT 1 FROM track_artist t WHERE artist_id = :id AND t.track_id NOT IN "
    "(SELECT track_id FROM correction WHERE field = 'artists')) THEN 'artist' WHEN EXISTS "
    "(SELECT 1 FROM album_artist JOIN track t USING (album_id) WHERE artist_id = :id AND t.id NOT IN "
    "(SELECT track_id FROM correction WHERE field = 'album_artists')) THEN 'album_artist' END",
    "genre": "CASE WHEN EXISTS (SELECT 1 FROM track_genre t WHERE genre_id = :id AND t.track_id NOT IN "
    "(SELECT track_id FROM correction WHERE field = 'genres')) THEN 'genre' END",
    "album": "CASE WHEN EXISTS (SELECT 1 FROM track t WHERE album_id = :id AND t.id NOT IN "
    "(SELECT track_id FROM correction WHERE field = 'album')) THEN 'album' END",
    "title": "CASE WHEN NOT EXISTS (SELECT 1 FROM correction WHERE track_id = :id AND field = 'title') "
    "THEN 'title' END",
}
"""Field that finds a name's tracks; none where it belongs to no track any more, its files being tagged anew."""

CORRECTED: Final = {
    "artists": "artist",
    "album_artists": "artist",
    "genres": "genre",
    "album": "album",
    "title": "title",
}
"""Fields that a user may correct, and the kind of name that they hold."""

PLACES: Final = 1 << 8
MOST_HITS: Final = 200
WORDS: Final = re.compile(r"[^\W_]+")

SUGGESTIONS: Final[dict[str, pl.DataType]] = {"kind": pl.String(), "text": pl.String(), "query": pl.String()}


def index_names(connection: sa.Connection, kind: str, names: Iterable[tuple[int, str | None]]) -> None:
    """Add names, with the ids of what bears them, that the index does not have."""
    start = KINDS.index(kind) * SPAN
    rows = [(start + row_id, name) for row_id, name in names if name]
    if rows:
        connection.exec_driver_sql("INSERT INTO suggestion (rowid, text) VALUES (?, ?)", rows)


def unindex(connection: sa.Connection, kind: str, ids: Iterable[int]) -> None:
    """Take names out of the index."""
    start = KINDS.index(kind) * SPAN
    rows = [(start + row_id,) for row_id in ids]
    if rows:
        connection.exec_driver_sql("DELETE FROM suggestion WHERE rowid = ?", rows)


def index_corrections(connection: sa.Connection, track_id: int, values: Mapping[str, object]) -> None:
    """Let the index hold the names that a user has corrected of a track: these, and no others."""
    rows = []
    for number, kind in enumerate(KINDS, start=len(KINDS)):
        first = number * SPAN + track_id * PLACES
        connection.exec_driver_sql("DELETE FROM suggestion WHERE rowid >= ? AND rowid < ?", (first, first + PLACES))
        names = [name for field, value in values.items() if CORRECTED.get(field) == kind for name in _names(value)]
        rows += [(first + place, name) for place, name in enumerate(dict.fromkeys(names[:PLACES]))]
    if rows:
        connection.exec_driver_sql("INSERT INTO suggestion (rowid, text) VALUES (?, ?)", rows)


def _names(value: object) -> list[str]:
    return [str(name) for name in (value if isinstance(value, list) else [value]) if name]


def rebuild(connection: sa.Connection) -> None:
    """Make the index anew, from the names alone."""
    connection.exec_driver_sql("DELETE FROM suggestion")
    for kind, query in NAMES.items():
        index_names(connection, kind, connection.exec_driver_sql(query))
    corrected: dict[int, dict[str, object]] = {}
    for track_id, field, value in connection.exec_driver_sql("SELECT track_id, field, value FROM correction"):
        if field in CORRECTED:
            corrected.setdefault(track_id, {})[field] = json.loads(value)
    for track_id, values in corrected.items():
        index_corrections(connection, track_id, values)


def suggestions_frame(connection: sa.Connection, text: str, *, limit: int) -> pl.DataFrame:
    """Names that hold all words of a text, the last one perhaps unfinished: columns kind, text, query.

    Those that begin with the text come first, then artists, genres, albums and titles, each shorter ones first. Of each
    kind only the first 200 hits are looked at.
    """
    words = WORDS.findall(unicodedata.normalize("NFC", text))
    if not words:
        return pl.DataFrame(schema=SUGGESTIONS)
    store = driver(connection)  # some dozens of small questions: SQLAlchemy would take longer over each than SQLite
    match = " ".join(f'"{word}"' for word in words) + "*"
    start = fold(text).strip()
    found: dict[tuple[str, str], None] = {}
    for number, kind in enumerate((*KINDS, *KINDS)):
        hits = store.execute(
            "SELECT rowid - ?, text FROM suggestion WHERE suggestion MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?",
            (number * SPAN, match, number * SPAN, (number + 1) * SPAN, MOST_HITS),
        )
        best = sorted(hits, key=lambda hit: _rank(hit[1], start))
        named = _used(store, kind, best) if number < len(KINDS) else ((kind, name) for _, name in best)
        found |= dict.fromkeys(islice(named, limit))
    ranked = sorted(found, key=lambda pair: (_rank(pair[1], start)[0], FIELDS.index(pair[0]), _rank(pair[1], start)))
    rows = [(kind, name, to_text(Query(Match(kind, How.EXACT, name)))) for kind, name in ranked[:limit]]
    return pl.DataFrame(rows, SUGGESTIONS, orient="row")


def _rank(name: str, start: str) -> tuple[bool, int, str]:
    plain = name.casefold() if name.isascii() else fold(name)
    return not plain.startswith(start), len(name), name


def _used(store: sqlite3.Connection, kind: str, hits: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    """Field and name of those hits that still belong to a track."""
    for row_id, name in hits:
        (field,) = store.execute(f"SELECT {FIELD[kind]}", {"id": row_id}).fetchone()
        if field:
            yield field, name
