"""What became of every file?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.places import with_short_path
from workbench.models import State

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["REASONS", "STATES", "files_by_reason", "files_by_state"]

STATES: Final[Schema] = {"state": pl.String(), "files": pl.Int64(), "meaning": pl.String()}
"""Columns of `files_by_state`."""

REASONS: Final[Schema] = {
    "state": pl.String(),
    "stage": pl.String(),
    "reason": pl.String(),
    "files": pl.Int64(),
    "example": pl.String(),
}
"""Columns of `files_by_reason`."""

MEANINGS: Final = {
    State.OK: "nothing is odd about it",
    State.WARNING: "it is music, and something about it is odd",
    State.SKIPPED: "it was left out, and may be read another time",
    State.FAILED: "it cannot be used",
}


def files_by_state(ledger: pl.DataFrame) -> pl.DataFrame:
    """Files in each of the four states, which add up to all of them; schema `STATES`.

    Parameters
    ----------
    ledger : polars.DataFrame
        Schema `models.LEDGER`, as `Library.ledger` gives it, or a part of it.
    """
    counts = dict(ledger["state"].value_counts().rows())
    rows = [(state, counts.get(state, 0), meaning) for state, meaning in MEANINGS.items()]
    return pl.DataFrame(rows, STATES, orient="row")


def files_by_reason(ledger: pl.DataFrame) -> pl.DataFrame:
    """Files that are not ok by the gravest thing that was found of each, worst states first; schema `REASONS`.

    Parameters
    ----------
    ledger : polars.DataFrame
        As for `files_by_state`. ``example`` is what was found of the first of the files, another file by its name and
        folder only.
    """
    worst = {state: place for place, state in enumerate(reversed(MEANINGS))}
    return (
        ledger.filter(pl.col("state") != State.OK)
        .group_by("state", "stage", "reason")
        .agg(files=pl.len().cast(pl.Int64), example=with_short_path(pl.col("text")).sort_by("path").first())
        .sort(pl.col("state").replace_strict(worst, return_dtype=pl.Int8), -pl.col("files"), "reason", "stage")
        .select(*REASONS)
    )
