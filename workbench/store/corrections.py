"""What does a user say of a track that its file does not: a rating, a better value?

Conventions
-----------
Ratings run from 0 to 1. A correction is a user's value for one column of the frames; it wins there, whatever the file
says, and stays through every scan and analysis. Files are not touched. A key is one correction of three columns:
key, mode and camelot.
"""

from __future__ import annotations

import json
import math
import numbers
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import polars as pl
import sqlalchemy as sa

from workbench.errors import CorrectionError, TrackError
from workbench.keys import camelot, parse_key
from workbench.models import TABLES, TRACKS
from workbench.models.tables import now
from workbench.store.columns import frame_of
from workbench.store.playlists import owner_id
from workbench.store.revisions import touch
from workbench.store.suggestions import index_corrections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CORRECTABLE", "CORRECTIONS", "corrected", "corrections_frame", "store_corrections", "store_rating"]

CORRECTABLE: Final = (
    "title",
    "artists",
    "album",
    "album_artists",
    "genres",
    "year",
    "disc_number",
    "track_number",
    "compilation",
    "comment",
    "bpm",
    "key",
)
"""Fields that a user may correct."""

CORRECTIONS: Final[dict[str, pl.DataType]] = {
    "track_id": pl.Int64(),
    "field": pl.String(),
    "value": pl.String(),  # lists joined by "; "
    "corrected_at": pl.Datetime("us", "UTC"),
}
"""One row for each value that a user has corrected."""

LATEST_YEAR: Final = 9999


def store_rating(connection: sa.Connection, track_id: int, rating: float | None) -> None:
    """Keep a rating, 0 to 1; None takes it back.

    Raises
    ------
    CorrectionError
        It is no number from 0 to 1.
    TrackError
        No track has this id.
    """
    if rating is not None and not (_is_number(rating) and 0 <= rating <= 1):
        raise CorrectionError(f"a rating is a number from 0 to 1, found {rating!r}; four of five stars are 0.8")
    _require_track(connection, track_id)
    touch(connection, [track_id])
    table, user = TABLES["rating"], owner_id(connection)
    connection.execute(table.delete().where(table.c.user_id == user, table.c.track_id == track_id))
    if rating is not None:
        row = {"user_id": user, "track_id": track_id, "rating": float(rating), "rated_at": now()}
        connection.execute(table.insert(), row)


def store_corrections(connection: sa.Connection, track_id: int, values: Mapping[str, Any]) -> None:
    """Keep a user's values for fields of a track; None takes one back.

    Raises
    ------
    CorrectionError
        A field cannot be corrected, or a value is not of its kind.
    TrackError
        No track has this id.
    """
    columns = dict(column for field, value in values.items() for column in _columns(field, value))
    _require_track(connection, track_id)
    touch(connection, [track_id])
    table, user = TABLES["correction"], owner_id(connection)
    mine = (table.c.user_id == user) & (table.c.track_id == track_id)
    connection.execute(table.delete().where(mine, table.c.field.in_(list(columns))))
    rows = [
        {"user_id": user, "track_id": track_id, "field": name, "value": value, "corrected_at": now()}
        for name, value in columns.items()
        if value is not None
    ]
    if rows:
        connection.execute(table.insert(), rows)
    kept = connection.execute(sa.select(table.c.field, table.c.value).where(mine)).all()
    index_corrections(connection, track_id, dict(kept))


def corrections_frame(connection: sa.Connection) -> pl.DataFrame:
    """What the user has corrected, as `CORRECTIONS`, by track and field."""
    table = TABLES["correction"].c
    query = sa.select(table.track_id, table.field, sa.cast(table.value, sa.String).label("value"), table.corrected_at)
    frame = frame_of(connection, query.order_by(table.track_id, table.field), CORRECTIONS)
    shown = [_shown(json.loads(value)) for value in frame["value"]]
    return frame.with_columns(pl.Series("value", shown, pl.String))


def corrected(connection: sa.Connection, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of tracks in which the user's values stand in place of the others."""
    table = TABLES["correction"].c
    fields: dict[str, dict[int, Any]] = {}
    for track_id, field, value in connection.execute(sa.select(table.track_id, table.field, table.value)):
        fields.setdefault(field, {})[track_id] = value
    for field in fields.keys() & set(frame.columns):
        types = {"track_id": pl.Int64(), "corrected": frame.schema[field]}
        own = pl.DataFrame([[*fields[field]], [*fields[field].values()]], types)
        frame = frame.join(own, on="track_id", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("corrected", field).alias(field)).drop("corrected")
    return frame


def _shown(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _require_track(connection: sa.Connection, track_id: int) -> None:
    track = TABLES["track"].c
    if connection.execute(sa.select(track.id).where(track.id == track_id)).first() is None:
        raise TrackError(f"no track has the id {track_id}")


def _columns(field: str, value: object) -> Iterator[tuple[str, Any]]:
    """Columns that a correction fills, and their values."""
    if field not in CORRECTABLE:
        raise CorrectionError(f"{field!r} cannot be corrected; these can: {', '.join(CORRECTABLE)}")
    if field != "key":
        yield field, value if value is None else _checked(field, value)
        return
    found = parse_key(value) if isinstance(value, str) else None
    if value is not None and found is None:
        raise CorrectionError(f"key: {value!r} is no key; write it as Am, A minor or 8A")
    names = (None, None, None) if found is None else (*found, camelot(*found))
    yield from zip(("key", "mode", "camelot"), names, strict=True)


def _checked(field: str, value: object) -> object:
    """A value in the form in which it is kept.

    Raises
    ------
    CorrectionError
        It is not of the field's kind.
    """
    dtype = TRACKS[field]
    if isinstance(dtype, pl.List):
        names = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        if names and all(isinstance(name, str) and name.strip() for name in names):
            return [name.strip() for name in names]
        raise CorrectionError(f"{field}: expected one name or a list of names, found {value!r}")
    if isinstance(dtype, pl.String) and isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(dtype, pl.Boolean) and isinstance(value, bool):
        return value
    if isinstance(dtype, pl.Float64) and _is_number(value) and value > 0:
        return float(value)
    if isinstance(dtype, pl.Int64) and _is_number(value) and value == int(value) and 0 < value <= LATEST_YEAR:
        return int(value)
    kind = {pl.String: "a text", pl.Boolean: "True or False", pl.Float64: "a number above 0"}.get(type(dtype))
    raise CorrectionError(f"{field}: expected {kind or 'a whole number above 0'}, found {value!r}")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
