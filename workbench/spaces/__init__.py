"""What do two tracks' sounds have in common? Features as one matrix, a row a track.

`fit` makes a space of a kind: ``timbre`` of the measured features, ``learned`` of what a network hears, ``blend`` of
both. `Space.weighted` lets some of it count for more, `learn_weights` learns from a listener's answers which.

Conventions
-----------
Rows are float32 of unit length, so that a dot product is a cosine similarity and ``1 - dot`` a distance, 0 to 2. A
space is fitted on the whole collection and then cut to the rows asked for: cutting moves nothing. Tracks are known by
id, never by row number. A value that is unknown counts as the collection's median, which is 0 after scaling.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.errors import SpaceError
from workbench.models import MEANINGS
from workbench.spaces.learned import learned, learned_tags, learned_version, tag_ranks
from workbench.spaces.space import Grounds, Ids, Space, TrackIds, positions, scaled, unit_rows, weighted_version
from workbench.spaces.timbre import BLOCKS, WEIGHTS, timbre, timbre_version
from workbench.spaces.weights import ANSWERS, QUESTIONS, agreement, learn_weights, questions

if TYPE_CHECKING:
    import polars as pl

    from workbench.spaces.space import Matrix, Rows

__all__ = [
    "ANSWERS",
    "BLOCKS",
    "KINDS",
    "QUESTIONS",
    "WEIGHTS",
    "Grounds",
    "Ids",
    "Space",
    "TrackIds",
    "agreement",
    "blend",
    "fit",
    "learn_weights",
    "learned",
    "learned_tags",
    "questions",
    "scaled",
    "space_version",
    "tag_ranks",
    "timbre",
    "unit_rows",
    "weighted_version",
]

KINDS: Final = ("timbre", "learned", "blend")
"""Spaces by name."""


def fit(features: pl.DataFrame, *, kind: str = "timbre", embeddings: pl.DataFrame | None = None) -> Space:
    """The space of a kind, with the grounds on which its neighbours are explained.

    Parameters
    ----------
    features : polars.DataFrame
        Schema `models.FEATURES`, the whole collection.
    kind : str
        One of `KINDS`.
    embeddings : polars.DataFrame, optional
        Schema `models.EMBEDDINGS`; needed by ``learned`` and ``blend``.

    Raises
    ------
    SpaceError
        The kind is unknown, or too few tracks have what it is made of.
    """
    _require_kind(kind)
    known = features.clear().select("track_id") if embeddings is None else embeddings
    if kind == "timbre":
        space = measured = timbre(features)
    elif kind == "blend":
        measured = timbre(features)
        space = blend(learned(known), measured)
    else:
        space, measured = learned(known), _measured(features)
    return replace(space, grounds=_grounds(space, measured, known))


def _measured(features: pl.DataFrame) -> Space:
    """The timbre space, an empty one where too few tracks are measured."""
    try:
        return timbre(features)
    except SpaceError:
        return Space(np.empty(0, np.int64), np.empty((0, 0), np.float32), "timbre", {}, "none")


def space_version(kind: str, measured: pl.DataFrame, heard: pl.DataFrame) -> str:
    """Version of the space that `fit` would make, without making it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    measured : polars.DataFrame
        The version of each group, of the tracks with a place in the timbre space; one row a track, or one for each
        combination that there is.
    heard : polars.DataFrame
        ``model`` and ``version`` of the embeddings, in the same way.

    Raises
    ------
    SpaceError
        The kind is unknown.
    """
    _require_kind(kind)
    if kind == "blend":
        return _blended(learned_version(heard), timbre_version(measured))
    return timbre_version(measured) if kind == "timbre" else learned_version(heard)


def blend(heard: Space, measured: Space) -> Space:
    """The tracks of both spaces, half of their similarity from either; `Space.weighted` shifts it.

    Parameters
    ----------
    heard, measured : Space
        E.g. of the kinds ``learned`` and ``timbre``; their blocks stand side by side.

    Raises
    ------
    SpaceError
        No track has a place in both.
    """
    both = heard.track_ids[measured.positions(heard.track_ids) >= 0]
    if not len(both):
        raise SpaceError("no track has a place in both spaces: run library.analyze()")
    left, right = heard.cut(both), measured.cut(both)
    width = left.matrix.shape[1]
    shifted = {block: slice(each.start + width, each.stop + width) for block, each in right.blocks.items()}
    return Space(
        track_ids=both,
        matrix=unit_rows(np.hstack([left.matrix, right.matrix])).astype(np.float32),
        kind="blend",
        blocks={**left.blocks, **shifted},
        version=_blended(left.version, right.version),
    )


def _blended(heard: str, measured: str) -> str:
    return f"blend-1 {heard} {measured}"


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        raise SpaceError(f"there is no {kind!r} space; the kinds are: {', '.join(KINDS)}")


def _grounds(space: Space, measured: Space, embeddings: pl.DataFrame) -> Grounds:
    """Timbre and learned tags of a space's tracks."""
    if "tags" in embeddings.columns and len(embeddings):
        words = learned_tags(embeddings)
        tags, names = words.drop("track_id").to_numpy(), tuple(MEANINGS)
    else:
        words, tags, names = embeddings, np.empty((len(embeddings), 0), np.float32), ()
    rows = positions(words["track_id"].to_numpy(), space.track_ids)
    return Grounds(
        timbre=_picked(measured.matrix, measured.positions(space.track_ids)),
        blocks=measured.blocks,
        tags=_picked(tags, rows),
        ranks=_picked(tag_ranks(tags), rows),
        tag_names=names,
    )


def _picked(matrix: Matrix, rows: Rows) -> Matrix:
    """Rows of a matrix, NaN where there is none."""
    padded = np.vstack([matrix, np.full((1, matrix.shape[1]), np.nan, matrix.dtype)])  # the last row is -1
    return padded[rows].astype(np.float32)
