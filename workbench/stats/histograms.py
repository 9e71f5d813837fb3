"""How are numbers spread? What is null, NaN or infinite is unknown, and in no bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["dynamic_range_histogram", "loudness_histogram", "tempo_histogram"]


def tempo_histogram(tracks: pl.DataFrame, *, bin_bpm: float = 5) -> pl.DataFrame:
    """Tracks by measured tempo: ``bpm_from``, ``bpm_to`` (not included), ``tracks``; no bin between is left out.

    Raises
    ------
    WorkbenchError
        The bin is not wider than 0.
    """
    return _histogram(tracks, "bpm", bin_bpm, "bpm_from", "bpm_to")


def loudness_histogram(tracks: pl.DataFrame, *, bin_lu: float = 1) -> pl.DataFrame:
    """Tracks by integrated loudness: ``lufs_from``, ``lufs_to`` (not included), ``tracks``; no bin is left out.

    Raises
    ------
    WorkbenchError
        The bin is not wider than 0.
    """
    return _histogram(tracks, "loudness_lufs", bin_lu, "lufs_from", "lufs_to")


def dynamic_range_histogram(tracks: pl.DataFrame, *, bin_db: float = 1) -> pl.DataFrame:
    """Tracks by dynamic range: ``db_from``, ``db_to`` (not included), ``tracks``; no bin between is left out.

    Raises
    ------
    WorkbenchError
        The bin is not wider than 0.
    """
    return _histogram(tracks, "dynamic_range_db", bin_db, "db_from", "db_to")


def _histogram(tracks: pl.DataFrame, column: str, width: float, start: str, end: str) -> pl.DataFrame:
    if not width > 0:
        raise WorkbenchError(f"{column}: bins {width} wide; choose a width above 0")
    schema: Schema = {start: pl.Float64(), end: pl.Float64(), "tracks": pl.Int64()}
    values = tracks[column].cast(pl.Float64)
    bins = (values.filter(values.is_finite()) / width).floor().cast(pl.Int64)
    if bins.is_empty():
        return pl.DataFrame(schema=schema)
    counts = dict(bins.value_counts().iter_rows())
    span = range(min(counts), max(counts) + 1)
    rows = [(number * width, (number + 1) * width, counts.get(number, 0)) for number in span]
    return pl.DataFrame(rows, schema, orient="row")
