"""Why do two tracks sound alike?

Conventions
-----------
Two tracks are compared by what can be said in words, whichever space found them: the blocks of the timbre space, and
the learned tags that both have more of than most of the collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.errors import SpaceError
from workbench.neighbours.proximity import mutual_proximity

if TYPE_CHECKING:
    from workbench.spaces import Grounds, Space

__all__ = ["BLOCKS", "TAGS", "Explanation", "explain"]

BLOCKS: Final = {"block": pl.String(), "similarity": pl.Float64(), "share": pl.Float64()}
"""Columns of `Explanation.blocks`."""

TAGS: Final = {
    "tag": pl.String(),
    "percentile": pl.Float64(),
    "neighbour_percentile": pl.Float64(),
    "strength": pl.Float64(),
}
"""Columns of `Explanation.tags`."""

LEAST_PROBABILITY: Final = 0.15
"""A learned tag that the network gives less to either track says nothing of it."""

LEAST_PERCENTILE: Final = 0.7
MOST_TAGS: Final = 3
WORTH_NAMING: Final = 0.2
"""Share of the closeness from which a block is named."""

WORDS: Final = {
    "timbre": "timbre",
    "rhythm": "tempo and rhythm",
    "tonal": "harmony",
    "dynamics": "loudness and dynamics",
}


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What two tracks have in common.

    Attributes
    ----------
    track_id, neighbour_id : int
        The two.
    distance : float
        1 - cosine similarity in the space that was asked, 0 to 2.
    proximity : float
        Their mutual proximity there, 0 to 1.
    blocks : polars.DataFrame
        Schema `BLOCKS`: each block's part of the cosine similarity in the timbre space, the largest first; a negative
        one pulls the tracks apart. ``share`` is the part of all that draws them together, 0 to 1. Without rows where
        one of them has no measured timbre.
    tags : polars.DataFrame
        Schema `TAGS`: learned tags that both have more of than 70 % of the collection, the strongest first: how far
        the lower percentile lies above the middle, times the square root of the lower probability. Without rows where
        nothing was learned.
    text : str
        All that in a sentence or two.
    """

    track_id: int
    neighbour_id: int
    distance: float
    proximity: float
    blocks: pl.DataFrame
    tags: pl.DataFrame
    text: str

    def __str__(self) -> str:
        """The sentence."""
        return self.text


def explain(space: Space, track_id: int, neighbour_id: int) -> Explanation:
    """What makes two tracks alike.

    Parameters
    ----------
    space : Space
        As `workbench.spaces.fit` makes it, of any kind: it carries the grounds.
    track_id, neighbour_id : int
        The two tracks.

    Raises
    ------
    SpaceError
        A track has no place in the space, or the space carries no grounds.
    """
    one, other = space.row(track_id), space.row(neighbour_id)
    if space.grounds is None:
        raise SpaceError("this space carries nothing to explain neighbours by; take library.space() or spaces.fit()")
    first, second = (int(row) for row in space.positions([track_id, neighbour_id]))
    blocks = _blocks(space.grounds, first, second)
    tags = _tags(space.grounds, first, second)
    similarity = float(one @ other)
    return Explanation(
        track_id=int(track_id),
        neighbour_id=int(neighbour_id),
        distance=min(max(1 - similarity, 0.0), 2.0),
        proximity=float(
            np.exp(mutual_proximity(space, first, np.array([second]), np.array([similarity], np.float32))[0])
        ),
        blocks=blocks,
        tags=tags,
        text=_text(blocks, tags),
    )


def _blocks(grounds: Grounds, first: int, second: int) -> pl.DataFrame:
    products = grounds.timbre[first] * grounds.timbre[second]
    if np.isnan(products).any():
        return pl.DataFrame(schema=BLOCKS)
    parts = {block: float(products[columns].sum()) for block, columns in grounds.blocks.items()}
    drawing = sum(max(part, 0.0) for part in parts.values())
    rows = [(block, part, max(part, 0.0) / drawing if drawing else 0.0) for block, part in parts.items()]
    return pl.DataFrame(rows, BLOCKS, orient="row").sort("similarity", descending=True)


def _tags(grounds: Grounds, first: int, second: int) -> pl.DataFrame:
    both = [first, second]
    percentiles = grounds.ranks[both].astype(np.float64)
    probabilities = grounds.tags[both].astype(np.float64)
    lower = percentiles.min(axis=0)
    strength = (lower - 0.5) * np.sqrt(probabilities.min(axis=0))
    named = (lower >= LEAST_PERCENTILE) & (probabilities.min(axis=0) >= LEAST_PROBABILITY)  # False where NaN
    rows = [(grounds.tag_names[column], *percentiles[:, column], strength[column]) for column in np.flatnonzero(named)]
    return pl.DataFrame(rows, TAGS, orient="row").sort("strength", descending=True)


def _text(blocks: pl.DataFrame, tags: pl.DataFrame) -> str:
    named = blocks.filter(pl.col("share") >= WORTH_NAMING)
    apart = blocks.filter(pl.col("similarity") < 0)
    sentences = []
    if len(named):
        parts = [f"{WORDS.get(block, block)} ({share:.0%})" for block, share in named.select("block", "share").rows()]
        sentences.append(f"Alike in {_listed(parts)}.")
    if len(apart):
        sentences.append(f"They differ in {_listed([WORDS.get(block, block) for block in apart['block']])}.")
    if len(tags):
        sentences.append(
            f"Both sound more like {_listed(tags['tag'].head(MOST_TAGS).to_list())} than most tracks here."
        )
    return " ".join(sentences) or "Nothing that is measured of both says why."


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
