"""Where on the plane of arousal and valence does a track lie?

Conventions
-----------
Arousal is -1 (calm) to 1 (energetic), valence -1 (sad, dark) to 1 (happy, bright), after Russell (1980), "A circumplex
model of affect". Both are estimates from the sound and are relative to the collection: 0 is its middle, and where there
are fewer than ten tracks, or all are alike, there is no estimate. Each says what it was estimated from, and its
confidence: the correlation that the method reached with a trained model over 209 real tracks, less where something is
unknown. It is no probability. Nothing here knows what a text says, or what a listener feels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench.spaces import learned_tags, scaled, tag_ranks

if TYPE_CHECKING:
    from workbench.spaces.space import Floats

__all__ = [
    "AROUSAL",
    "ESTIMATES",
    "MOOD_WORDS",
    "QUADRANTS",
    "SOURCES",
    "estimate",
    "explained",
    "mood_tags",
    "region",
    "sources",
]

Mask: TypeAlias = npt.NDArray[np.bool_]

ESTIMATES: Final = {
    "track_id": pl.Int64(),
    "arousal": pl.Float64(),
    "arousal_confidence": pl.Float64(),
    "arousal_source": pl.String(),
    "arousal_reason": pl.String(),
    "valence": pl.Float64(),
    "valence_confidence": pl.Float64(),
    "valence_source": pl.String(),
    "valence_reason": pl.String(),
}
"""Columns of `estimate`; a reason stands where the number is null."""

SOURCES: Final = {
    "estimate": pl.String(),
    "source": pl.String(),
    "reason": pl.String(),
    "lowest": pl.Float64(),
    "highest": pl.Float64(),
    "tracks": pl.Int64(),
}
"""Columns of `sources`."""

QUADRANTS: Final = ("energetic", "tense", "sad", "calm")
"""Moods by quadrant, anticlockwise from high arousal with positive valence."""

MOOD_WORDS: Final = (
    "happy", "sad", "mellow", "chill", "party", "beautiful", "sexy", "catchy", "easy listening", "soft",
)  # fmt: skip
"""Words of `models.MEANINGS` that name a mood."""

AROUSAL: Final = {
    "loudness_lufs": 1.0,
    "spectral_centroid_hz_mean": 1.0,
    "onset_rate_hz": 1.0,
    "onset_strength_db_mean": 1.0,
    "dynamic_range_db": -0.5,
}
"""Weight of each feature's robust z in the arousal."""

OCTAVES: Final = frozenset({"spectral_centroid_hz_mean", "bpm"})
"""Features that are compared as ratios."""

AGREEMENT: Final = {"arousal": 0.67, "tags": 0.62, "mode and tempo": 0.33}
"""Correlation of each method with a trained model's arousal or valence."""

FEWEST: Final = 10
"""Tracks under which the middle and the spread of a collection say nothing."""

LEAST_KNOWN: Final = 0.5
"""Share of the weights that must be known for an arousal."""

MEASURED: Final = "loudness, brightness, onsets and dynamic range"
HEARD: Final = "learned tags happy and sad"
WEAK: Final = "mode and tempo, a weak estimate"


def estimate(features: pl.DataFrame, embeddings: pl.DataFrame | None = None) -> pl.DataFrame:
    """Arousal and valence of each track.

    Arousal is tanh of the mean of the robust z of loudness, spectral centroid (in octaves), onset rate and onset
    strength, less half that of the dynamic range. Valence is the percentile of the learned tag happy less that of sad.
    A track that the learned model has not heard gets tanh of the mean of the robust z of its tempo (in octaves) and 1
    for major or -1 for minor, less the collection's mean of these, instead: a weak estimate, and it says so.

    Parameters
    ----------
    features : polars.DataFrame
        Schema `models.FEATURES`, the whole collection.
    embeddings : polars.DataFrame, optional
        Schema `models.EMBEDDINGS`, the whole collection.

    Returns
    -------
    polars.DataFrame
        Schema `ESTIMATES`, a row for each row of the features, in their order. Null with a reason where too little is
        known of a track, where fewer than ten tracks are known, and where all of them come out alike.
    """
    arousal = _arousal(features)
    valence = _weak_valence(features)
    if embeddings is not None and len(embeddings):
        valence = _heard_valence(features, embeddings, valence)
    return pl.DataFrame({"track_id": features["track_id"], **arousal, **valence}, ESTIMATES)


def region(
    estimates: pl.DataFrame,
    *,
    arousal_split: float = 0.0,
    valence_split: float = 0.0,
    names: tuple[str, str, str, str] = QUADRANTS,
) -> pl.DataFrame:
    """Estimates with the mood of their quadrant, in the column ``mood``; null where one of the two is unknown.

    Parameters
    ----------
    estimates : polars.DataFrame
        Reads ``arousal`` and ``valence``.
    arousal_split, valence_split : float
        Where the quadrants meet, -1 to 1; a track on the line counts as above it.
    names : tuple of four str
        High arousal and positive valence, high and negative, low and negative, low and positive.

    Examples
    --------
    >>> region(pl.DataFrame({"arousal": [0.4, -0.4], "valence": [-0.2, 0.3]}))["mood"].to_list()
    ['tense', 'calm']
    """
    high, bright = pl.col("arousal") >= arousal_split, pl.col("valence") >= valence_split
    known = pl.col("arousal").is_not_null() & pl.col("valence").is_not_null()
    above = pl.when(bright).then(pl.lit(names[0])).otherwise(pl.lit(names[1]))
    below = pl.when(bright).then(pl.lit(names[3])).otherwise(pl.lit(names[2]))
    return estimates.with_columns(pl.when(known).then(pl.when(high).then(above).otherwise(below)).alias("mood"))


def explained(found: pl.DataFrame) -> pl.DataFrame:
    """Tracks with their estimates, where a track without any says that it was not analysed."""
    return found.with_columns(
        pl.when(pl.col(name).is_null()).then(pl.col(f"{name}_reason").fill_null("not analysed")).alias(f"{name}_reason")
        for name in ("arousal", "valence")
    )


def sources(found: pl.DataFrame) -> pl.DataFrame:
    """What the estimates of tracks were made from, and why others have none.

    Parameters
    ----------
    found : polars.DataFrame
        As `library.moods` gives it, or `estimate`.

    Returns
    -------
    polars.DataFrame
        Columns `SOURCES`: one row for each source of arousal and of valence with the lowest and the highest confidence,
        and one for each reason why there is none; the most tracks first.
    """
    parts = [
        found.group_by(pl.col(f"{name}_source").alias("source"), pl.col(f"{name}_reason").alias("reason")).agg(
            pl.lit(name).alias("estimate"),
            pl.col(f"{name}_confidence").min().alias("lowest"),
            pl.col(f"{name}_confidence").max().alias("highest"),
            pl.len().alias("tracks"),
        )
        for name in ("arousal", "valence")
    ]
    order = pl.concat(parts).sort("estimate", "tracks", "source", "reason", descending=[False, True, False, False])
    return order.select(*SOURCES).cast(pl.Schema(SOURCES))


def mood_tags(embeddings: pl.DataFrame | None) -> pl.DataFrame:
    """How each track stands in the learned words for moods, as percentiles of the collection, 0 to 1.

    Parameters
    ----------
    embeddings : polars.DataFrame or None
        Schema `models.EMBEDDINGS`, the whole collection.

    Returns
    -------
    polars.DataFrame
        ``track_id`` and a Float32 column for each of `MOOD_WORDS`; no rows where nothing was learned. The network's
        probabilities are low and uncalibrated: a percentile compares tracks, it does not say that a track is happy.
    """
    schema = {"track_id": pl.Int64(), **dict.fromkeys(MOOD_WORDS, pl.Float32())}
    if embeddings is None or not len(embeddings):
        return pl.DataFrame(schema=schema)
    ranks = tag_ranks(learned_tags(embeddings).select(MOOD_WORDS).to_numpy())
    columns = {word: ranks[:, place] for place, word in enumerate(MOOD_WORDS)}
    return pl.DataFrame({"track_id": embeddings["track_id"], **columns}, schema)


def _arousal(features: pl.DataFrame) -> dict[str, pl.Series]:
    weights = np.array([*AROUSAL.values()])
    values = np.column_stack([_values(features, name) for name in AROUSAL]).reshape(len(features), len(weights))
    share = (~np.isnan(values)) @ np.abs(weights) / np.abs(weights).sum()
    squashed = np.tanh(_scaled(values) @ weights / np.abs(weights).sum())
    known, why = _comparable(share >= LEAST_KNOWN, squashed, "too little of it is measured")
    return _column("arousal", known, squashed, AGREEMENT["arousal"] * share, MEASURED, why)


def _weak_valence(features: pl.DataFrame) -> dict[str, pl.Series]:
    signs = features["mode"].replace_strict({"major": 1.0, "minor": -1.0}, default=None, return_dtype=pl.Float64)
    mode, tempo = signs.to_numpy(), _values(features, "bpm")
    known = ~np.isnan(mode) & ~np.isnan(tempo)
    squashed = np.tanh((_scaled(tempo[:, None])[:, 0] + mode - (signs.mean() or 0)) / 2)
    known, why = _comparable(known, squashed, "tempo or mode is unknown")
    sure = np.full(len(features), AGREEMENT["mode and tempo"])
    return _column("valence", known, squashed, sure, WEAK, [f"no learned tags, and {each}" for each in why])


def _heard_valence(
    features: pl.DataFrame, embeddings: pl.DataFrame, weak: dict[str, pl.Series]
) -> dict[str, pl.Series]:
    """What the learned tags say where they say something, and the weak estimate elsewhere."""
    ranks = mood_tags(embeddings)
    heard = features.select("track_id").join(
        ranks.select("track_id", (pl.col("happy") - pl.col("sad")).cast(pl.Float64).alias("valence")),
        on="track_id",
        how="left",
        maintain_order="left",
    )["valence"]
    known, _ = _comparable(heard.is_not_null().to_numpy(), heard.to_numpy(), "")
    there = pl.Series(known, dtype=pl.Boolean)
    sure = np.full(len(heard), AGREEMENT["tags"])
    told = _column("valence", known, heard.to_numpy(), sure, HEARD, [""] * len(heard))
    return {name: told[name].zip_with(there, values) for name, values in weak.items()}


def _values(features: pl.DataFrame, name: str) -> Floats:
    """A column as numbers, octaves where ratios are heard; NaN where unknown, or where there is no such column."""
    if name not in features.columns:
        return np.full(len(features), np.nan)
    values: Floats = features[name].cast(pl.Float64).to_numpy()
    return np.log2(np.maximum(values, 1e-6)) if name in OCTAVES else values


def _scaled(values: Floats) -> Floats:
    return scaled(values) if len(values) else values


def _comparable(known: Mask, values: Floats, reason: str) -> tuple[Mask, list[str]]:
    """Which tracks have an estimate, and why each of the others has none."""
    there = values[known]
    if len(there) >= FEWEST and np.ptp(there) > 0:
        return known, [reason] * len(known)
    every = f"fewer than {FEWEST} tracks to compare" if len(there) < FEWEST else "all tracks are alike"
    return np.zeros(len(known), bool), [every if one else reason for one in known]


def _column(name: str, known: Mask, values: Floats, sure: Floats, source: str, why: list[str]) -> dict[str, pl.Series]:
    """The four columns of an estimate; where it is not known, only the reason."""
    mask = pl.Series(known, dtype=pl.Boolean)
    nothing = pl.Series([None] * len(mask), dtype=pl.Float64)
    silence = pl.Series([None] * len(mask), dtype=pl.String)
    return {
        name: pl.Series(values, dtype=pl.Float64).zip_with(mask, nothing),
        f"{name}_confidence": pl.Series(sure, dtype=pl.Float64).zip_with(mask, nothing),
        f"{name}_source": pl.Series([source] * len(mask), dtype=pl.String).zip_with(mask, silence),
        f"{name}_reason": silence.zip_with(mask, pl.Series(why, dtype=pl.String)),
    }
