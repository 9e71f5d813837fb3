"""Which tracks stand far from the rest in sound, and in what?

Conventions
-----------
How far is the modified z score of Iglewicz and Hoaglin (1993), "How to detect and handle outliers": 0.6745 times the
distance from the median over the median of such distances, which the outliers themselves do not move. What is heard as
a ratio is compared in octaves. An outlier is worth listening to: it may be a fault, or the best track there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.errors import WorkbenchError
from workbench.models import FEATURE_UNITS
from workbench.neighbours import exact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.spaces import Space
    from workbench.spaces.space import Floats
    from workbench.stats.counting import Schema

__all__ = ["HEARD", "OUTLIERS", "outliers"]

OUTLIERS: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "score": pl.Float64(),
    "why": pl.String(),
}
"""Columns of `outliers`."""

HEARD: Final = {
    "loudness_lufs": "loudness",
    "loudness_range_lu": "loudness range",
    "dynamic_range_db": "dynamic range",
    "bpm": "tempo",
    "onset_rate_hz": "onsets",
    "spectral_centroid_hz_mean": "brightness",
    "spectral_flatness_mean": "noisiness",
}
"""Features in which a track may stand out, and what they are called."""

OCTAVES: Final = frozenset({"bpm", "spectral_centroid_hz_mean", "spectral_flatness_mean"})
"""Features that are compared as ratios: their tails are long upwards, and even in the logarithm."""

TINY: Final = 1e-6
"""Keeps the logarithm of 0 finite, as in the timbre space."""

UNITS: Final = {"LUFS", "LU", "dB", "dBTP", "BPM", "Hz", "s"}
UNIT_WORDS: Final = {"onsets per second": "per second"}

THRESHOLD: Final = 3.5
"""Iglewicz and Hoaglin (1993), p. 12."""

MAD_TO_SIGMA: Final = 1.4826
"""1 / 0.6745: the median distance from the median, to the standard deviation of a normal distribution."""

MEAN_TO_SIGMA: Final = 1.2533
"""The same of the mean distance, which stands in where more than half of the values are equal."""

FEWEST: Final = 10
"""Known values under which the middle and the spread say nothing, as for moods."""

NEIGHBOUR: Final = 5
"""Which neighbour must be near: a copy or two of a track do not hide it."""

REFERENCES: Final = 5_000
"""Tracks among which neighbours are looked for: as many as `neighbours.hubness` looks at."""

BLOCK: Final = 1_000


def outliers(
    tracks: pl.DataFrame,
    space: Space | None = None,
    *,
    features: Sequence[str] = tuple(HEARD),
    threshold: float = THRESHOLD,
    seed: int = 0,
) -> pl.DataFrame:
    """Tracks that stand far from the rest in sound, farthest first; schema `OUTLIERS`.

    Parameters
    ----------
    tracks : polars.DataFrame
        One row a track, compared with each other; reads ``track_id``, ``title``, ``artist`` and the features.
    space : Space or None
        Where neighbours are looked for: a track whose fifth neighbour among these tracks is far, by the same measure,
        is an outlier too (Ramaswamy, Rastogi and Shim 2000, "Efficient algorithms for mining outliers from large data
        sets"). Of more than 5,000 tracks so many are drawn, and neighbours are looked for among these: 100,000 tracks
        of 64 numbers cost some 7 CPU s.
    features : sequence of str
        Columns of numbers; null and NaN are unknown. One with fewer than 10 known values is left out.
    threshold : float
        Modified z from which a track stands out. Of normal values 1 in 2,000 does; sound has longer tails.
    seed : int
        Chooses the tracks to be neighbours.

    Returns
    -------
    polars.DataFrame
        ``score`` is the largest modified z of a track, without its sign. ``why`` names each feature in which the track
        stands out, farthest first and parted by a dot, with its value and what the middle half of the tracks has.

    Raises
    ------
    WorkbenchError
        A feature is no column of numbers.

    Examples
    --------
    >>> loudness = [-9.0, -9.5, -10.0, -10.5, -11.0, -11.5, -12.0, -12.5, -13.0, -38.0]
    >>> tracks = pl.DataFrame({"track_id": range(10), "title": "Hum", "artist": "Ana", "loudness_lufs": loudness})
    >>> outliers(tracks, features=["loudness_lufs"])["why"].to_list()
    ['loudness -38 LUFS; the middle half is -12.4 to -10.1']
    """
    found = [_standing(tracks, name, threshold) for name in features]
    if space is not None:
        found.append(_alone(space.cut(tracks["track_id"]), threshold, seed))
    reasons = pl.concat(found).sort("score", descending=True, maintain_order=True)
    each = reasons.group_by("track_id", maintain_order=True).agg(pl.max("score"), pl.col("why").str.join(" · "))
    named = each.join(tracks.select("track_id", "title", "artist"), on="track_id", maintain_order="left")
    return named.select(*OUTLIERS).cast(pl.Schema(OUTLIERS)).sort("score", "track_id", descending=[True, False])


def _standing(tracks: pl.DataFrame, name: str, threshold: float) -> pl.DataFrame:
    """``track_id``, ``score`` and ``why`` of the tracks that stand out in a feature."""
    if name not in tracks.columns or not tracks.schema[name].is_numeric():
        raise WorkbenchError(f"{name!r} is no column of numbers in this frame")
    values = pl.col(name).cast(pl.Float64)
    known = tracks.select("track_id", value=pl.when(values.is_finite()).then(values)).drop_nulls()
    measured = known["value"].to_numpy()
    scores = np.abs(_scores(np.log2(np.maximum(measured, TINY)) if name in OCTAVES else measured))
    return _told(known["track_id"].to_numpy(), measured, scores, threshold, f"{_word(name)} {{}}{_unit(name)}")


def _alone(space: Space, threshold: float, seed: int) -> pl.DataFrame:
    """The same of the tracks whose neighbours are far."""
    distances = _distances(space, seed)
    text = "no near neighbour: the fifth at a distance of {}"
    return _told(space.track_ids, distances, _scores(np.log2(np.maximum(distances, TINY))), threshold, text)


def _told(ids: np.ndarray, values: Floats, scores: Floats, threshold: float, text: str) -> pl.DataFrame:
    """Rows of those above the threshold; `text` has a place for the value."""
    schema: Schema = {name: OUTLIERS[name] for name in ("track_id", "score", "why")}
    far = np.flatnonzero(scores >= threshold)
    if not len(far):
        return pl.DataFrame(schema=schema)
    low, high = np.quantile(values, [0.25, 0.75])
    half = f"the middle half is {_number(low)} to {_number(high)}"
    why = [f"{text.format(_number(values[place]))}; {half}" for place in far]
    return pl.DataFrame({"track_id": ids[far], "score": scores[far], "why": why}, schema)


def _scores(values: Floats) -> Floats:
    """Modified z of each value; 0 where there are too few, or all are alike."""
    if len(values) < FEWEST:
        return np.zeros(len(values))
    apart = values - np.median(values)
    spread = MAD_TO_SIGMA * np.median(np.abs(apart)) or MEAN_TO_SIGMA * np.abs(apart).mean()
    scores: Floats = apart / spread if spread else np.zeros(len(values))
    return scores


def _distances(space: Space, seed: int) -> Floats:
    """How far the fifth neighbour of each track is, 0 to 2; of many tracks, the fifth among those drawn."""
    if len(space) < FEWEST:
        return np.zeros(len(space))
    if len(space) <= REFERENCES:
        return exact(space.matrix, NEIGHBOUR + 1)[1][:, NEIGHBOUR].astype(np.float64)
    return np.concatenate([*_far(space, np.random.default_rng(seed).choice(len(space), REFERENCES, replace=False))])


def _far(space: Space, drawn: np.ndarray) -> Iterator[Floats]:
    """The same, block by block; a track is no neighbour of its own."""
    others = space.matrix[drawn].T.copy()
    place = np.full(len(space), -1)
    place[drawn] = np.arange(len(drawn))
    for start in range(0, len(space), BLOCK):
        found = space.matrix[start : start + BLOCK] @ others
        own = place[start : start + BLOCK]
        found[np.flatnonzero(own >= 0), own[own >= 0]] = -np.inf
        nearest = np.partition(found, len(drawn) - NEIGHBOUR, axis=1)[:, len(drawn) - NEIGHBOUR]
        yield np.clip(1 - nearest.astype(np.float64), 0, 2)


def _number(value: float) -> str:
    """Three figures, and all of those before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else _short(value)  # noqa: PLR2004  three figures before the point


def _short(value: float) -> str:
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def _word(name: str) -> str:
    return HEARD.get(name, name.replace("_", " "))


def _unit(name: str) -> str:
    """The unit where it is one, with a space before it; ranges such as 0..1 are none."""
    unit = FEATURE_UNITS.get(name, "")
    word = unit if unit in UNITS else UNIT_WORDS.get(unit)
    return f" {word}" if word else ""
