"""Do the tags agree with the sound?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.keys import NAMES, parse_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stats.counting import Schema

__all__ = ["AGREEMENT", "accuracy", "agreement", "key_relation", "tempo_relation"]

AGREEMENT: Final[Schema] = {"tag": pl.String(), "relation": pl.String(), "tracks": pl.Int64(), "share": pl.Float64()}
"""Columns of `agreement`."""


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


def _shares(tag: str, names: tuple[str, ...], found: Sequence[str | None]) -> list[tuple[str, str, int, float | None]]:
    counts = {name: found.count(name) for name in names}
    total = sum(counts.values())
    return [(tag, name, count, count / total if total else None) for name, count in counts.items()]
