"""Which parts of a sound count for a listener?

Conventions
-----------
A listener answers "which of these two is closer to this one?". An answer names three tracks: the one asked about, the
one found nearer and the other. What is learned is one factor for each block of a space, for `Space.weighted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.errors import SpaceError

if TYPE_CHECKING:
    from workbench.spaces.space import Floats, Rows, Space

__all__ = ["ANSWERS", "QUESTIONS", "agreement", "learn_weights", "questions"]

QUESTIONS: Final = {"track_id": pl.Int64(), "a_id": pl.Int64(), "b_id": pl.Int64()}
"""Columns of `questions`: is a or b closer to the track?"""

ANSWERS: Final = {"track_id": pl.Int64(), "nearer_id": pl.Int64(), "farther_id": pl.Int64()}
"""Columns of the answers."""

FEWEST: Final = 10
"""Answers from which something is learned; thirty are a good number."""

TRIED: Final = 60
"""Pairs that are tried for each question."""

PRIOR: Final = 10.0
"""Answers that the present weights count for: the space's own, to as many questions as `OWN`, together."""

OWN: Final = 500
FREEDOM: Final = 30.0
"""C of the regression: large, for the space's own answers hold it already."""

LEAST: Final = 0.1


def questions(space: Space, *, n: int = 30, seed: int = 0) -> pl.DataFrame:
    """Questions whose answers tell blocks apart: one block finds a nearer, another finds b nearer.

    Parameters
    ----------
    space : Space
        Of two blocks at least.
    n : int
        How many.
    seed : int
        Another seed asks about other tracks.

    Returns
    -------
    polars.DataFrame
        Schema `QUESTIONS`.

    Raises
    ------
    SpaceError
        The space has one block, or fewer than three tracks.
    """
    _require_blocks(space)
    if len(space) < 3:  # noqa: PLR2004  the track and two others
        raise SpaceError(f"a question needs three tracks, this space has {len(space)}")
    rng = np.random.default_rng(seed)
    rows = [_question(space, rng) for _ in range(n)]
    return pl.DataFrame([tuple(space.track_ids[list(each)].tolist()) for each in rows], QUESTIONS, orient="row")


def learn_weights(space: Space, answers: pl.DataFrame) -> dict[str, float]:
    """Factors for the blocks of a space under which it answers as the listener does.

    A logistic regression (scikit-learn) of the answers on the differences of the blocks' similarities, without an
    intercept. The space's own answers to random questions are learned with them and count for ten, so that few answers
    move little. A block that would count negatively counts a tenth. The largest factor is 1: only ratios matter.

    Parameters
    ----------
    space : Space
        Of two blocks at least, e.g. "timbre" or "blend"; what is learned multiplies its present weights.
    answers : polars.DataFrame
        Schema `ANSWERS`; those with a track that has no place are left out.

    Returns
    -------
    dict of str to float
        For ``space.weighted(**factors)``.

    Raises
    ------
    SpaceError
        The space has one block, or there are fewer than ten answers.
    """
    _require_blocks(space)
    differences = _differences(space, answers)
    if len(differences) < FEWEST:
        raise SpaceError(f"{len(differences)} answers about tracks of this space: {FEWEST} are needed, 30 are better")
    from sklearn.linear_model import LogisticRegression

    prior = _own_answers(space)
    told = np.vstack([differences, prior])
    told /= np.abs(told).sum(axis=1).mean() or 1.0
    worth = np.concatenate([np.ones(len(differences)), np.full(len(prior), PRIOR / len(prior))])
    both_ways = np.vstack([told, -told])  # a is nearer than b, b is farther than a: no side is favoured
    model = LogisticRegression(C=FREEDOM, fit_intercept=False, max_iter=1000)
    model.fit(both_ways, np.repeat([1, 0], len(told)), sample_weight=np.tile(worth, 2))
    weights = np.maximum(model.coef_[0], 0)
    if not weights.any():
        raise SpaceError("these answers contradict every block of this space: nothing can be learned from them")
    factors = np.sqrt(np.maximum(weights / weights.max(), LEAST**2))  # similarity follows the square of a weight
    return {block: round(float(factor), 3) for block, factor in zip(space.blocks, factors, strict=True)}


def agreement(space: Space, answers: pl.DataFrame) -> float | None:
    """Share of the answers that a space gives too, 0 to 1; None where it knows no answer's tracks."""
    differences = _differences(space, answers)
    return float((differences.sum(axis=1) > 0).mean()) if len(differences) else None


def _own_answers(space: Space) -> Floats:
    """Differences by block of some hundred questions drawn at random, turned so that the space itself agrees."""
    rng = np.random.default_rng(0)
    one, a, b = rng.integers(0, len(space), (3, OWN))
    differences = _similarities(space, one, a) - _similarities(space, one, b)
    return differences * np.where(differences.sum(axis=1) < 0, -1.0, 1.0)[:, None]


def _require_blocks(space: Space) -> None:
    if len(space.blocks) < 2:  # noqa: PLR2004  one has nothing to be weighed against
        raise SpaceError(f"a {space.kind} space has one block: weigh a timbre space or a blend")


def _similarities(space: Space, one: Rows, other: Rows) -> Floats:
    """Each block's part of the similarity of pairs of rows, ndarray (pairs, blocks)."""
    products = space.matrix[one].astype(np.float64) * space.matrix[other]
    return np.column_stack([products[:, columns].sum(axis=1) for columns in space.blocks.values()])


def _differences(space: Space, answers: pl.DataFrame) -> Floats:
    """By how much each block finds the nearer track more similar, ndarray (known answers, blocks)."""
    one, nearer, farther = (space.positions(answers[name]) for name in ANSWERS)
    known = (one >= 0) & (nearer >= 0) & (farther >= 0)
    one, nearer, farther = one[known], nearer[known], farther[known]
    return _similarities(space, one, nearer) - _similarities(space, one, farther)


def _question(space: Space, rng: np.random.Generator) -> tuple[int, int, int]:
    """A track and the pair, of some tried, about which the blocks disagree most while the whole hardly decides."""
    row = int(rng.integers(len(space)))
    others = np.delete(np.arange(len(space)), row)
    pairs = np.array([rng.choice(others, 2, replace=False) for _ in range(TRIED)])
    rows = np.full(TRIED, row)
    differences = _similarities(space, rows, pairs[:, 0]) - _similarities(space, rows, pairs[:, 1])
    doubt = np.abs(differences).sum(axis=1) - np.abs(differences.sum(axis=1))
    a, b = pairs[doubt.argmax()]
    return row, int(a), int(b)
