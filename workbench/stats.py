"""What is in the collection? Tracks in, small frames out.

Conventions
-----------
Every function reads columns of `models.TRACKS` and returns declared columns, for no tracks at all too. Hours and
gigabytes (10^9 bytes) add up what is known: an unknown length adds nothing. A row whose name is null counts the tracks
of which it is unknown; histograms and keys leave those out. Shares are 0 to 1, null where there is nothing to share.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import TrackError, WorkbenchError
from workbench.keys import CAMELOT, NAMES, parse_key

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AGREEMENT",
    "COMPARED",
    "COUNTS",
    "COVERAGE",
    "KEYS",
    "PERCENTILES",
    "REASONS",
    "SUMMARY",
    "accuracy",
    "agreement",
    "by_artist",
    "by_decade",
    "by_format",
    "by_genre",
    "by_key",
    "by_year",
    "findings_by_reason",
    "loudness_histogram",
    "percentiles",
    "summary",
    "tag_coverage",
    "tempo_histogram",
]

Schema = dict[str, pl.DataType]

COUNTS: Final[Schema] = {"tracks": pl.Int64(), "hours": pl.Float64(), "size_gb": pl.Float64()}
"""Columns of every ``by_`` frame of tracks, after the names they are counted by."""

SUMMARY: Final[Schema] = {
    "tracks": pl.Int64(),
    "analyzed": pl.Int64(),
    "hours": pl.Float64(),
    "size_gb": pl.Float64(),
    "artists": pl.Int64(),
    "albums": pl.Int64(),
    "genres": pl.Int64(),
    "missing": pl.Int64(),
}
"""Columns of `summary`."""

KEYS: Final[Schema] = {"camelot": pl.String(), "key": pl.String(), "mode": pl.String(), "tracks": pl.Int64()}
"""Columns of `by_key`."""

COVERAGE: Final[Schema] = {"tag": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `tag_coverage`."""

REASONS: Final[Schema] = {"stage": pl.String(), "state": pl.String(), "reason": pl.String(), "findings": pl.Int64()}
"""Columns of `findings_by_reason`."""

AGREEMENT: Final[Schema] = {"tag": pl.String(), "relation": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `agreement`."""

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

TAGS: Final = (
    "artists",
    "album",
    "album_artists",
    "genres",
    "year",
    "disc_number",
    "track_number",
    "bpm_tag",
    "key_tag",
    "comment",
    "has_cover",
)
"""Columns that come from tags alone; not the title, for which the file's name stands in."""

TOLERANCE: Final = 0.04
"""Tempos this close are the same: Gouyon et al. (2006), "An experimental comparison of audio tempo induction
algorithms"."""

TEMPO_RELATIONS: Final = {"same": 1.0, "half": 0.5, "double": 2.0}
KEY_RELATIONS: Final = ("same", "fifth", "relative", "parallel", "other")

HOURS: Final = (pl.col("duration_s").sum() / 3600).alias("hours")
SIZE_GB: Final = (pl.col("size_bytes").sum() / 1e9).alias("size_gb")
FIFTH: Final = 7
MINOR_THIRD: Final = 3
OCTAVE: Final = 12


def summary(tracks: pl.DataFrame) -> pl.DataFrame:
    """The collection in one row, schema `SUMMARY`; `missing` counts tracks whose file is gone."""
    return tracks.select(
        pl.len().alias("tracks"),
        pl.col("analyzed").sum(),
        HOURS,
        SIZE_GB,
        pl.lit(_one_row_a_name(tracks, "artists", "artist")["artist"].drop_nulls().n_unique()).alias("artists"),
        pl.col("album_id").drop_nulls().n_unique().alias("albums"),
        pl.lit(_one_row_a_name(tracks, "genres", "genre")["genre"].drop_nulls().n_unique()).alias("genres"),
        pl.col("missing").sum(),
    ).cast(pl.Schema(SUMMARY))


def by_format(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``container`` and ``codec``, most first, with the columns of `COUNTS`."""
    return _counted(tracks, "container", "codec")


def by_genre(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``genre``, most first, with the columns of `COUNTS`; a track counts for each of its genres."""
    return _counted(_one_row_a_name(tracks, "genres", "genre"), "genre")


def by_artist(tracks: pl.DataFrame, *, n: int = 20) -> pl.DataFrame:
    """The n artists with most tracks, by ``artist``, with `COUNTS`; a track counts for each of its artists."""
    named = _one_row_a_name(tracks, "artists", "artist").drop_nulls("artist")
    return _counted(named, "artist").head(n)


def by_year(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by release ``year``, oldest first and unknown last, with the columns of `COUNTS`."""
    return _counted(tracks, "year").sort("year", nulls_last=True)


def by_decade(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by ``decade`` (1990 is 1990 to 1999), oldest first and unknown last, with the columns of `COUNTS`."""
    decades = tracks.with_columns((pl.col("year") // 10 * 10).alias("decade"))
    return _counted(decades, "decade").sort("decade", nulls_last=True)


def by_key(tracks: pl.DataFrame) -> pl.DataFrame:
    """All 24 keys in Camelot order, 1A, 1B, ... 12B, with their number of tracks, 0 too; schema `KEYS`."""
    wheel = sorted(CAMELOT.items(), key=lambda entry: (int(entry[0][:-1]), entry[0][-1]))
    rows = [(code, key, mode) for code, (key, mode) in wheel]
    names = pl.DataFrame(rows, [name for name in KEYS if name != "tracks"], orient="row")
    counts = tracks.group_by("camelot").agg(pl.len().alias("tracks"))
    joined = names.join(counts, on="camelot", how="left", maintain_order="left")
    return joined.with_columns(pl.col("tracks").fill_null(0)).cast(pl.Schema(KEYS))


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


def tag_coverage(tracks: pl.DataFrame) -> pl.DataFrame:
    """How many tracks carry each tag, best covered first, schema `COVERAGE`; an empty list is no tag."""
    known = [(tag, int(_filled(tracks[tag]).sum())) for tag in TAGS]
    rows = [(tag, count, count / len(tracks) if len(tracks) else None) for tag, count in known]
    return pl.DataFrame(rows, COVERAGE, orient="row").sort("tracks", descending=True, maintain_order=True)


def findings_by_reason(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings (schema `models.FINDINGS`) by stage, state and reason, most first; schema `REASONS`."""
    names = ["stage", "state", "reason"]
    counts = findings.group_by(names).agg(pl.len().alias("findings"))
    return counts.sort("findings", *names, descending=[True, False, False, False]).cast(pl.Schema(REASONS))


def agreement(tracks: pl.DataFrame) -> pl.DataFrame:
    """How the measured tempo and key stand to those of the tags, over the tracks that have both; schema `AGREEMENT`.

    A tempo is the same, half or double the tag's within 4 %, or other. A key is the same, a fifth off, the relative or
    parallel key, or other: the relations that the MIREX evaluation counts (music-ir.org). Key tags that are no key are
    left out.
    """
    tempos = tracks.select("bpm_tag", "bpm").drop_nulls().filter(pl.col("bpm_tag") > 0)
    keys = tracks.select("key_tag", "key", "mode").drop_nulls()
    rows = [
        *_shares("bpm", (*TEMPO_RELATIONS, "other"), [tempo_relation(*row) for row in tempos.iter_rows()]),
        *_shares("key", KEY_RELATIONS, [key_relation(*row) for row in keys.iter_rows()]),
    ]
    return pl.DataFrame(rows, AGREEMENT, orient="row")


def accuracy(tracks: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """How the measured tempo and key stand to the true ones, as `agreement` counts them; schema `AGREEMENT`.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``path``, ``bpm``, ``key`` and ``mode``.
    truth : polars.DataFrame
        ``path``, ``bpm``, ``key`` and ``mode`` of the tracks whose truth is known, as `demo.known` gives them.
    """
    true_key = pl.col("key") + " " + pl.col("mode")
    true = truth.select("path", bpm_tag="bpm", key_tag=true_key)
    return agreement(tracks.select("path", "bpm", "key", "mode").join(true, on="path"))


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


def tempo_relation(tag_bpm: float, bpm: float) -> str:
    """What a measured tempo is to the tag's: "same", "half", "double" or "other".

    Examples
    --------
    >>> tempo_relation(120, 61), tempo_relation(120, 124), tempo_relation(120, 180)
    ('half', 'same', 'other')
    """
    for relation, factor in TEMPO_RELATIONS.items():
        if abs(bpm / (tag_bpm * factor) - 1) <= TOLERANCE:
            return relation
    return "other"


def key_relation(tag: str, key: str, mode: str) -> str | None:
    """What a measured key is to the tag's: "same", "fifth", "relative", "parallel", "other"; None for no key.

    Examples
    --------
    >>> key_relation("Am", "C", "major"), key_relation("8B", "G", "major"), key_relation("Am", "A", "major")
    ('relative', 'fifth', 'parallel')
    """
    tagged = parse_key(tag)
    if tagged is None:
        return None
    steps = (NAMES.index(key) - NAMES.index(tagged[0])) % OCTAVE
    if mode == tagged[1]:
        return {0: "same", FIFTH: "fifth", OCTAVE - FIFTH: "fifth"}.get(steps, "other")
    to_relative = MINOR_THIRD if mode == "major" else OCTAVE - MINOR_THIRD
    return {0: "parallel", to_relative: "relative"}.get(steps, "other")


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


def _shares(tag: str, names: tuple[str, ...], found: Sequence[str | None]) -> list[tuple[str, str, int, float | None]]:
    counts = {name: found.count(name) for name in names}
    total = sum(counts.values())
    return [(tag, name, count, count / total if total else None) for name, count in counts.items()]


def _one_row_a_name(tracks: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """A row for each track and each different name in its list; one with null where the list is empty."""
    names = pl.col(column).list.unique(maintain_order=True)
    lists = pl.when(names.list.len() > 0).then(names).alias(name)  # polars differs over what an empty list explodes to
    return tracks.with_columns(lists).explode(name)


def _counted(tracks: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Tracks, hours and gigabytes by names, most tracks first, equal ones by name."""
    counts = tracks.group_by(names).agg(pl.len().alias("tracks"), HOURS, SIZE_GB)
    order = [True, *(False for _ in names)]
    return counts.sort("tracks", *names, descending=order, nulls_last=True).cast(pl.Schema(COUNTS))


def _histogram(tracks: pl.DataFrame, column: str, width: float, start: str, end: str) -> pl.DataFrame:
    if not width > 0:
        raise WorkbenchError(f"{column}: bins {width} wide; choose a width above 0")
    schema: Schema = {start: pl.Float64(), end: pl.Float64(), "tracks": pl.Int64()}
    bins = (tracks[column].drop_nulls() / width).floor().cast(pl.Int64)
    if bins.is_empty():
        return pl.DataFrame(schema=schema)
    counts = dict(bins.value_counts().iter_rows())
    span = range(min(counts), max(counts) + 1)
    rows = [(number * width, (number + 1) * width, counts.get(number, 0)) for number in span]
    return pl.DataFrame(rows, schema, orient="row")


def _filled(values: pl.Series) -> pl.Series:
    """Which values say something: not null, no empty list, not False."""
    if isinstance(values.dtype, pl.List):
        return values.list.len().fill_null(0) > 0
    return values.fill_null(value=False) if values.dtype == pl.Boolean else values.is_not_null()
