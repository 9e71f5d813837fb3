"""Where does one track stand among all?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import TrackError, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stats.counting import Schema

__all__ = ["COMPARED", "PERCENTILES", "percentiles"]

PERCENTILES: Final[Schema] = {
    "feature": pl.String(),
    "value": pl.Float64(),
    "percentile": pl.Float64(),
    "lowest": pl.Float64(),
    "p5": pl.Float64(),
    "p25": pl.Float64(),
    "p50": pl.Float64(),
    "p75": pl.Float64(),
    "p95": pl.Float64(),
    "highest": pl.Float64(),
    "known": pl.Int64(),
    "reason": pl.String(),
}
"""Columns of `percentiles`."""


COMPARED: Final = (
    "duration_s",
    "bpm",
    "onset_rate_hz",
    "pulse_clarity",
    "beat_regularity",
    "loudness_lufs",
    "loudness_range_lu",
    "dynamic_range_db",
    "true_peak_dbtp",
    "spectral_centroid_hz_mean",
    "spectral_bandwidth_hz_mean",
    "spectral_flatness_mean",
    "stereo_correlation",
)
"""Features that say something when one track is set against the others."""


def percentiles(tracks: pl.DataFrame, track_id: int, *, features: Sequence[str] = COMPARED) -> pl.DataFrame:
    """Where one track stands among all; one row a feature, schema `PERCENTILES`.

    The percentile, 0 to 100, is the share of the tracks with a known value whose value is lower, and half of those with
    the same value, itself among them. The others are quantiles of the known values, linear between two.

    Parameters
    ----------
    tracks : polars.DataFrame
        One row a track; reads ``track_id`` and the features. Where it has the column ``reasons`` of `models.FEATURES`,
        ``reason`` says why the track's own value is null.
    track_id : int
        The track.
    features : sequence of str
        Names of columns that hold numbers.

    Raises
    ------
    TrackError
        No row has this id.
    WorkbenchError
        A feature is no column of numbers.

    Examples
    --------
    >>> tracks = pl.DataFrame({"track_id": [1, 2, 3, 4], "bpm": [90.0, 100.0, 120.0, None]})
    >>> percentiles(tracks, 2, features=["bpm"]).select("value", "percentile", "p50", "known").row(0)
    (100.0, 50.0, 100.0, 3)
    """
    own = tracks.filter(pl.col("track_id") == track_id)
    if own.is_empty():
        raise TrackError(f"no track has the id {track_id} among these {len(tracks)}")
    row = own.row(0, named=True)
    codes = {entry["column"]: entry["code"] for entry in row.get("reasons") or ()}
    rows = [(name, *_placed(_numbers(tracks, name), row[name]), codes.get(name)) for name in features]
    return pl.DataFrame(rows, PERCENTILES, orient="row")


def _numbers(tracks: pl.DataFrame, name: str) -> pl.Series:
    """The known values of a column of numbers; NaN is none."""
    if name not in tracks.columns or not tracks.schema[name].is_numeric():
        raise WorkbenchError(f"{name!r} is no column of numbers in this frame")
    return tracks[name].cast(pl.Float64).fill_nan(None).drop_nulls()


def _placed(known: pl.Series, value: float | None) -> tuple[float | int | None, ...]:
    """Value, percentile, quantiles and number of known values."""
    share, value = None, None if value is None or math.isnan(value) else value
    if value is not None:
        share = 100 * (int((known < value).sum()) + int((known == value).sum()) / 2) / len(known)
    return value, share, *(known.quantile(step, "linear") for step in (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)), len(known)
