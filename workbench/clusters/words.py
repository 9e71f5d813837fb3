"""In which words does a group differ from its collection?

Conventions
-----------
A feature is measured against the whole collection in robust z: the difference of the medians over 0.7413 times the
collection's interquartile range. Ratios (tempo, frequency, flatness) are compared as octaves. The mode, of which there
are two, is compared by mean and standard deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from workbench.spaces import learned_tags, scaled, tag_ranks

if TYPE_CHECKING:
    from workbench.spaces.space import Floats

__all__ = [
    "COLUMNS",
    "FEATURE_WORDS",
    "LEAST_PROBABILITY",
    "OPPOSITES",
    "Words",
    "feature_words",
    "genre_words",
    "tag_words",
]


class Words(NamedTuple):
    """A feature with the word for its low and for its high end."""

    column: str
    low: str
    high: str
    octaves: bool = False


FEATURE_WORDS: Final = (
    Words("bpm", "slow", "fast", octaves=True),
    Words("loudness_lufs", "quiet", "loud"),
    Words("dynamic_range_db", "flat", "dynamic"),
    Words("spectral_centroid_hz_mean", "dark", "bright", octaves=True),
    Words("spectral_flatness_mean", "smooth", "noisy", octaves=True),
    Words("onset_rate_hz", "sparse", "busy"),
    Words("onset_strength_db_mean", "soft", "punchy"),
    Words("pulse_clarity", "floating", "driving"),
    Words("mode", "minor", "major"),
)
"""What a listener calls the ends of a feature."""

COLUMNS: Final = {word: words.column for words in FEATURE_WORDS for word in (words.low, words.high)}
"""Of which feature each word speaks."""

OPPOSITES: Final = {
    word: other
    for low, high in (*((words.low, words.high) for words in FEATURE_WORDS), ("sad", "happy"))
    for word, other in ((low, high), (high, low))
}
"""Words that cannot both be true of a group, among features and learned tags."""

LEAST_PROBABILITY: Final = 0.15
"""Mean probability under which a learned tag is no word for a group: the network hardly believes in it."""

LEAST_SHARE: Final = 0.25
"""Share of a group's tagged tracks that must name a genre before it stands for the group."""

LEAST_OF_ALL: Final = 0.2
"""The same of all tracks of the group, tagged or not: one tagged track in ten does not name the rest."""

LEAST_LIFT: Final = 1.2
"""How much more frequent than in the collection a genre must be to stand out."""


def feature_words(features: pl.DataFrame, groups: dict[int, list[int]]) -> dict[int, list[tuple[str, float]]]:
    """Words for each group with their robust z, the most salient first; a feature that is unknown has none.

    Parameters
    ----------
    features : polars.DataFrame
        Schema `models.FEATURES`, the whole collection; columns that are not there are left out.
    groups : dict of int to list of int
        Track ids of each group.
    """
    known = [words for words in FEATURE_WORDS if words.column in features.columns]
    if not known or not len(features):
        return {number: [] for number in groups}
    scores = np.column_stack([_scores(features, words) for words in known])
    rows = {track_id: row for row, track_id in enumerate(features["track_id"].to_list())}
    return {
        number: _salient(known, scores[[rows[track_id] for track_id in members if track_id in rows]])
        for number, members in groups.items()
    }


def tag_words(embeddings: pl.DataFrame, groups: dict[int, list[int]]) -> dict[int, list[tuple[str, float]]]:
    """Learned tags in which each group stands out with their lift, best first.

    The score is (mean percentile - 0.5) * sqrt(mean probability), for tags with a mean probability of 0.15 and more,
    a positive score and a lift above 1. The lift is the group's mean probability over the collection's.
    """
    table = learned_tags(embeddings)
    names, values = table.columns[1:], table.drop("track_id").to_numpy().astype(np.float32)
    ranks, usual = tag_ranks(values), values.mean(axis=0, dtype=np.float64)
    rows = {track_id: row for row, track_id in enumerate(table["track_id"].to_list())}
    found: dict[int, list[tuple[str, float]]] = {}
    for number, members in groups.items():
        own = [rows[track_id] for track_id in members if track_id in rows]
        if not own:
            found[number] = []
            continue
        mean = values[own].mean(axis=0, dtype=np.float64)
        scores = (ranks[own].mean(axis=0, dtype=np.float64) - 0.5) * np.sqrt(mean)
        order = np.argsort(-scores, kind="stable")
        leading = (scores > 0) & (mean > usual)
        chosen = [place for place in order if leading[place] and mean[place] >= LEAST_PROBABILITY]
        found[number] = [(names[place], float(mean[place] / usual[place])) for place in chosen]
    return found


def genre_words(tracks: pl.DataFrame, groups: dict[int, list[int]]) -> dict[int, list[str]]:
    """Genres of the files that stand out in each group, best first.

    A genre stands out where a quarter of the group's tagged tracks and a fifth of all name it, 1.2 times the
    collection's share; its score is share * log2(lift). Where none does, the one that most of them name.
    """
    named = tracks.select("track_id", pl.col("genres").list.unique(maintain_order=True).alias("genre"))
    tagged = named.filter(pl.col("genre").list.len() > 0)
    usual = {genre: count / len(tagged) for genre, count in _counts(tagged)}
    found = {}
    for number, members in groups.items():
        own = tagged.filter(pl.col("track_id").is_in(members))
        shares = {genre: count / len(own) for genre, count in _counts(own) if count >= LEAST_OF_ALL * len(members)}
        scores = {
            genre: share * np.log2(share / usual[genre])
            for genre, share in shares.items()
            if share >= LEAST_SHARE and share >= LEAST_LIFT * usual[genre]
        }
        most = [genre for genre, share in shares.items() if share > 1 / 2]
        found[number] = sorted(scores, key=lambda genre: (-scores[genre], genre)) or most[:1]
    return found


def _scores(features: pl.DataFrame, words: Words) -> Floats:
    """Robust z of a feature, NaN where unknown."""
    if words.column == "mode":
        signs = features["mode"].replace_strict({"major": 1.0, "minor": -1.0}, default=None, return_dtype=pl.Float64)
        spread = signs.std()
        return ((signs - signs.mean()) / (spread or np.inf)).to_numpy()
    values = features[words.column].cast(pl.Float64).to_numpy()
    values = np.log2(np.maximum(values, 1e-6)) if words.octaves else values
    return np.where(np.isnan(values), np.nan, scaled(values[:, None])[:, 0])


def _salient(known: list[Words], scores: Floats) -> list[tuple[str, float]]:
    words = []
    for place, each in enumerate(known):
        values = scores[:, place][~np.isnan(scores[:, place])]
        if len(values):
            z = float(np.mean(values) if each.column == "mode" else np.median(values))
            words.append((each.high if z > 0 else each.low, z))
    return sorted((word for word in words if word[1]), key=lambda word: -abs(word[1]))


def _counts(tagged: pl.DataFrame) -> list[tuple[str, int]]:
    counts = tagged.explode("genre").group_by("genre").agg(pl.len().alias("tracks"))
    return counts.sort("tracks", "genre", descending=[True, False]).rows()
