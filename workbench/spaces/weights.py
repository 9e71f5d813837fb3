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

PRIOR: Final = 2.0
"""How much evidence it takes to leave the weights as they are: C of the regression, lower for more trust in them."""

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
    intercept and held near the present weights; a block that would count negatively counts a tenth. The factors are
    scaled so that the largest block stays as it is or near it: only their ratios matter.

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

    scale = np.abs(differences).sum(axis=1).mean() or 1.0
    scaled = differences / scale
    # pulls towards equal weights: the regression learns how far each block's weight differs from 1
    leaning = np.vstack([scaled, -scaled])
    sides = np.repeat([1, 0], len(scaled))
    model = LogisticRegression(C=PRIOR, fit_intercept=False, max_iter=1000).fit(_with_prior(leaning), sides)
    coefficients = model.coef_[0]
    weights = np.maximum(coefficients[-1] + coefficients[:-1], 0)
    if not weights.any():
        raise SpaceError("these answers contradict every block of this space: nothing can be learned from them")
    factors = np.sqrt(np.maximum(weights / weights.max(), LEAST**2))  # similarity follows the square of a weight
    return {block: round(float(factor), 3) for block, factor in zip(space.blocks, factors, strict=True)}


def agreement(space: Space, answers: pl.DataFrame) -> float | None:
    """Share of the answers that a space gives too, 0 to 1; None where it knows no answer's tracks."""
    differences = _differences(space, answers)
    return float((differences.sum(axis=1) > 0).mean()) if len(differences) else None


def _with_prior(differences: Floats) -> Floats:
    """Differences by block, and their sum at ten times its size: what all blocks share is learned almost freely."""
    return np.column_stack([differences, 10 * differences.sum(axis=1)])


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
