"""What does a network that has learned to tag music say two tracks have in common?"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from workbench.errors import SpaceError
from workbench.models import MEANINGS
from workbench.spaces.space import FEWEST, Floats, Matrix, Space, digest, unit_rows

__all__ = ["COMPONENTS", "learned", "learned_tags", "learned_version", "tag_ranks"]

RECIPE: Final = "learned-1"
"""Raised whenever the same embeddings would give another matrix."""

COMPONENTS: Final = 32
"""Principal components that are kept: best at finding album mates among 209 real tracks (precision at ten 0.237)."""


def learned(embeddings: pl.DataFrame) -> Space:
    """The space of the network's last hidden layers.

    Each number is scaled to its mean and standard deviation over the frame, the whole brought to its first 32
    principal components and each row to unit length.

    Parameters
    ----------
    embeddings : polars.DataFrame
        Schema `models.EMBEDDINGS`, the whole collection.

    Raises
    ------
    SpaceError
        Fewer than 3 tracks have an embedding.
    """
    if len(embeddings) < FEWEST:
        raise SpaceError(
            f"{len(embeddings)} tracks have a learned embedding and a space needs {FEWEST}: run `workbench models "
            "fetch`, then library.analyze(); the timbre space needs no model"
        )
    raw = embeddings["embedding"].to_numpy()
    mean, spread = raw.mean(axis=0, dtype=np.float64), raw.std(axis=0, dtype=np.float64)
    steady = spread <= 1e-6 * np.maximum(np.abs(mean), 1)  # rounding is no difference
    scores = (raw - mean.astype(np.float32)) / np.where(steady, np.inf, spread).astype(np.float32)
    matrix = unit_rows(principal(scores, COMPONENTS)).astype(np.float32)
    return Space(
        track_ids=embeddings["track_id"].to_numpy().astype(np.int64),
        matrix=matrix,
        kind="learned",
        blocks={"learned": slice(0, matrix.shape[1])},
        version=learned_version(embeddings),
    )


def learned_version(made_by: pl.DataFrame) -> str:
    """Version of the space of what these models heard; reads ``model`` and ``version``, one row a track or a model."""
    return f"{RECIPE}-{digest(made_by.select('model', 'version').unique().sort('model', 'version').rows())}"


def principal(scores: Matrix, components: int) -> Floats:
    """Centred float32 rows along the directions in which they differ most, ndarray (n, at most `components`).

    An axis points to where its largest loading is positive, so that the same rows never come out mirrored.
    """
    _, axes = np.linalg.eigh((scores.T @ scores).astype(np.float64))
    axes = axes[:, ::-1][:, :components]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    rotated: Floats = (scores @ (axes * np.sign(largest)).astype(np.float32)).astype(np.float64)
    return rotated


def learned_tags(embeddings: pl.DataFrame) -> pl.DataFrame:
    """What the network calls each track, in words that mean different things.

    Parameters
    ----------
    embeddings : polars.DataFrame
        Schema `models.EMBEDDINGS`.

    Returns
    -------
    polars.DataFrame
        ``track_id`` and a Float32 column for each word of `models.MEANINGS`: the mean probability of the tags that
        mean it, 0 to 1. The probabilities are low and uncalibrated: compare tracks (`tag_ranks`), not words.
    """
    raw = embeddings["tags"].to_numpy() if len(embeddings) else np.empty((0, 1), np.float32)
    words = {name: raw[:, list(places)].mean(axis=1) if len(raw) else [] for name, places in MEANINGS.items()}
    schema = {"track_id": pl.Int64(), **dict.fromkeys(MEANINGS, pl.Float32())}
    return pl.DataFrame({"track_id": embeddings["track_id"], **words}, schema)


def tag_ranks(tags: Matrix) -> Matrix:
    """Percentile of each value in its column, 0 to 1, equal values equal, ndarray as given; half for a single row."""
    frame = pl.DataFrame(tags)
    ranks = frame.select((pl.all().rank("average") - 0.5) / max(len(frame), 1))
    return ranks.to_numpy().astype(np.float32).reshape(tags.shape)
