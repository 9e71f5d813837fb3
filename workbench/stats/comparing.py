"""Do the tags agree with the sound?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.keys import NAMES, parse_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stats.counting import Schema

__all__ = [
    "AGREEMENT",
    "DISAGREEMENTS",
    "accuracy",
    "agreement",
    "genre_disagreements",
    "key_disagreements",
    "key_relation",
    "tempo_disagreements",
    "tempo_relation",
]

AGREEMENT: Final[Schema] = {"tag": pl.String(), "relation": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `agreement`."""


DISAGREEMENTS: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "path": pl.String(),
    "tag": pl.String(),
    "measured": pl.String(),
    "confidence": pl.Float64(),
    "relation": pl.String(),
    "proposal": pl.String(),
}
"""Columns of `tempo_disagreements`, `key_disagreements` and `genre_disagreements`."""


PROPOSALS: Final = {
    "half": "the same beat counted in halves: either may be meant",
    "double": "the same beat counted twice as fast: either may be meant",
    "fifth": "keys a fifth apart share all notes but one: rather believe the tag",
    "relative": "relative keys share all notes: either may be right",
    "parallel": "the same tonic, major or minor: listen to the third",
    "other": "they do not fit together: listen",
}
"""What to make of each relation; which errors of key are commonest is MIREX's (music-ir.org, Audio Key Detection)."""


TOLERANCE: Final = 0.04
"""Tempos this close are the same: Gouyon et al. (2006), "An experimental comparison of audio tempo induction
algorithms"."""


TEMPO_RELATIONS: Final = {"same": 1.0, "half": 0.5, "double": 2.0}


KEY_RELATIONS: Final = ("same", "fifth", "relative", "parallel", "other")


FIFTH: Final = 7


MINOR_THIRD: Final = 3


OCTAVE: Final = 12


def agreement(tracks: pl.DataFrame) -> pl.DataFrame:
    """How the measured tempo and key stand to those of the tags, over the tracks that have both; schema `AGREEMENT`.

    A tempo is the same, half or double the tag's within 4 %, or other. A key is the same, a fifth off, the relative or
    parallel key, or other: the relations that the MIREX evaluation counts (music-ir.org). Key tags that are no key are
    left out.
    """
    tempos = tracks.select("bpm_tag", "bpm").filter(_are_tempos("bpm_tag", "bpm"))
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


def tempo_disagreements(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks whose tag names another tempo than was measured, the surest measurement first; schema `DISAGREEMENTS`.

    The relation is what the measured tempo is to the tag's, as `agreement` counts it.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``bpm_tag``, ``bpm``, ``bpm_confidence``, and what the list shows.
    """
    both = tracks.filter(_are_tempos("bpm_tag", "bpm"))
    found = [tempo_relation(*row) for row in both.select("bpm_tag", "bpm").iter_rows()]
    shown = [
        _beats("bpm_tag").alias("tag"),
        _beats("bpm").alias("measured"),
        pl.col("bpm_confidence").alias("confidence"),
    ]
    return _disagreeing(both.with_columns(*shown, relation=pl.Series(found, dtype=pl.String)))


def key_disagreements(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks whose tag names another key than was measured, the surest measurement first; schema `DISAGREEMENTS`.

    The relation is what the measured key is to the tag's, as `agreement` counts it; tags that are no key are left out.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``key_tag``, ``key``, ``mode``, ``key_confidence``, and what the list shows.
    """
    both = tracks.drop_nulls(["key_tag", "key", "mode"])
    found = [key_relation(*row) for row in both.select("key_tag", "key", "mode").iter_rows()]
    measured = pl.concat_str("key", "mode", separator=" ")
    shown = [pl.col("key_tag").alias("tag"), measured.alias("measured"), pl.col("key_confidence").alias("confidence")]
    return _disagreeing(both.with_columns(*shown, relation=pl.Series(found, dtype=pl.String)))


def genre_disagreements(tracks: pl.DataFrame, doubtful: pl.DataFrame | None) -> pl.DataFrame:
    """Tracks whose genre tag the sound contradicts, in the order of `genres.doubtful`; schema `DISAGREEMENTS`.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads what the list shows; doubts about other tracks are left out.
    doubtful : polars.DataFrame or None
        What `Library.doubtful_genres` gives; None where too few tracks are analysed for it.
    """
    if doubtful is None:
        return pl.DataFrame(schema=DISAGREEMENTS)
    shown = tracks.select("track_id", "title", "artist", "path")
    votes = doubtful.select("track_id", "vote_probability", tag="genre", measured="vote", own="genre_probability")
    found = votes.join(shown, on="track_id", how="inner", maintain_order="left")
    shares = [(100 * pl.col(name)).round(0).cast(pl.Int64) for name in ("vote_probability", "own")]
    proposal = pl.format("neighbours vote {} % for {} and {} % for the tag: listen", shares[0], "measured", shares[1])
    found = found.with_columns(relation=pl.lit("other"), confidence=pl.col("vote_probability"), proposal=proposal)
    return found.select(*DISAGREEMENTS)


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


def _disagreeing(both: pl.DataFrame) -> pl.DataFrame:
    """The rows whose relation is known and another than "same", the surest first."""
    odd = both.filter(pl.col("relation") != "same")
    odd = odd.with_columns(proposal=pl.col("relation").replace_strict(PROPOSALS, return_dtype=pl.String))
    order = ["confidence", "path", "track_id"]
    return odd.sort(order, descending=[True, False, False], nulls_last=True).select(*DISAGREEMENTS)


def _are_tempos(*columns: str) -> pl.Expr:
    """Whether all are numbers above 0: neither null nor NaN nor infinite."""
    return pl.all_horizontal(pl.col(columns).is_finite() & (pl.col(columns) > 0))


def _beats(column: str) -> pl.Expr:
    return pl.format("{} BPM", pl.col(column).round(1))


def _shares(tag: str, names: tuple[str, ...], found: Sequence[str | None]) -> list[tuple[str, str, int, float | None]]:
    counts = {name: found.count(name) for name in names}
    total = sum(counts.values())
    return [(tag, name, count, count / total if total else None) for name, count in counts.items()]
