"""How do bare rows become columns of declared types?

Conventions
-----------
A column's type is the one declared for its name, never inferred: an all-null column keeps it. Rows are taken some
thousands at a time, so that a million of them do not stand in memory twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from workbench.store.bulk import fetch, uncollected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlalchemy as sa

__all__ = ["frame_of"]

ROWS: Final = 20_000
MOMENT: Final = "%Y-%m-%d %H:%M:%S%.f"
REASONS: Final = "reasons"


def frame_of(
    connection: sa.Connection, query: sa.Select[tuple[Any, ...]], types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Frame of a query, each column of the type declared for its name."""
    cursor = fetch(connection, query)
    names = [column[0] for column in cursor.description]
    parts = []
    with uncollected():
        while rows := cursor.fetchmany(ROWS):
            columns = zip(names, zip(*rows, strict=True), strict=True)
            parts.append(pl.DataFrame([_series(name, values, types[name]) for name, values in columns]))
    return pl.concat(parts) if parts else pl.DataFrame(schema={name: types[name] for name in names})


def _series(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """Series of a declared type out of values as SQLite keeps them."""
    if isinstance(dtype, pl.Datetime):
        moments = pl.Series(name, values, pl.String).str.to_datetime(MOMENT, time_unit="us")
        return moments.dt.replace_time_zone("UTC")
    if isinstance(dtype, pl.Boolean):
        return pl.Series(name, values, pl.Int64).cast(pl.Boolean)
    if name == REASONS:
        return _reasons(name, values, dtype)
    if isinstance(dtype, pl.Array | pl.List):
        return _vectors(name, values, dtype)
    return pl.Series(name, values, dtype)


def _reasons(name: str, values: Sequence[str], dtype: pl.DataType) -> pl.Series:
    """Series of reasons; most tracks share theirs with many others, so each text is read once."""
    places = {text: place for place, text in enumerate(dict.fromkeys(values))}
    codes = [[{"column": column, "code": code} for column, code in json.loads(text).items()] for text in places]
    return pl.Series(name, codes, dtype).gather([places[text] for text in values])


def _vectors(name: str, values: Sequence[bytes | None], dtype: pl.Array | pl.List) -> pl.Series:
    """Series of float32 arrays out of their bytes, by way of one buffer of all numbers."""
    import pyarrow as pa

    if isinstance(dtype, pl.Array):
        blank = bytes(4 * dtype.size)
        numbers = pa.array(np.frombuffer(b"".join(value or blank for value in values), "<f4"))
        absent = pa.array([value is None for value in values])
        return _arrow(name, pa.FixedSizeListArray.from_arrays(numbers, dtype.size, mask=absent), dtype)
    sizes = np.array([len(value or b"") // 4 for value in values], np.int64)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    absent = np.array([*(value is None for value in values), False])
    numbers = pa.array(np.frombuffer(b"".join(value or b"" for value in values), "<f4"))
    return _arrow(name, pa.LargeListArray.from_arrays(pa.array(ends, mask=absent), numbers), dtype)


def _arrow(name: str, values: Any, dtype: pl.DataType) -> pl.Series:  # noqa: ANN401  pyarrow has no types
    series = pl.from_arrow(values)
    if not isinstance(series, pl.Series):
        raise TypeError(name)
    return series.alias(name).cast(dtype)
