"""Which genre do a track's neighbours vote for?

Conventions
-----------
The k nearest tagged tracks by k different artists have a vote each, so that no album decides alone; a track without an
artist speaks for itself. A vote weighs the square of its cosine similarity, 0 where that is negative, and is shared
between the genres of its track. The square, since a small collection has to ask artists from far away: on the demo
collection 0.73 of the tracks, left out one by one, find their genre, and 0.65 by plain similarity. To the votes comes
one more, spread over the genres as the voters' tags are: without likeness nobody knows more than what is common, and k
votes for one genre are not yet certainty. A genre's probability is its share of all of these; it is not calibrated,
`genres.evaluate` says how often the most probable one is right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from workbench.errors import WorkbenchError
from workbench.genres.hierarchy import Tree, labels
from workbench.neighbours import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from workbench.spaces import Space
    from workbench.spaces.space import Ids, Matrix, Rows

__all__ = ["Electorate", "Poll", "common", "electorate", "poll", "probabilities", "ranked"]

Poll: TypeAlias = list[tuple[int, float]]
"""Rows of the tracks that vote, and the weight of each."""

BLOCK_VALUES: Final = 4_000_000
"""Similarities held at a time: 16 MB."""

GROUP: Final = 64
"""Rows under one maximum when the nearest are searched."""

PREFIX: Final = 8
"""How many times k neighbours are looked at first; all of them only where those are by too few artists."""


@dataclass(frozen=True, slots=True, eq=False)
class Electorate:
    """Tracks that have a place in a space, and what their tags say; row for row.

    Attributes
    ----------
    track_ids : ndarray (n,) int64
        Which track each row is.
    matrix : ndarray (n, d) float32
        Rows of unit length.
    genres : list of list of str
        Of each track, at one level of the tree; empty where untagged.
    artists : list of list of str
        Of each track; empty where unknown.
    owners : list of frozenset of str
        Artists and album of each track: those that share one are no witnesses for each other.
    """

    track_ids: Ids
    matrix: Matrix
    genres: list[list[str]]
    artists: list[list[str]]
    owners: list[frozenset[str]]

    def tagged(self, *, by_known_artists: bool = False) -> Rows:
        """Rows of the tracks that have a genre."""
        pairs = zip(self.genres, self.artists, strict=True)
        return np.flatnonzero([bool(own) and (bool(who) or not by_known_artists) for own, who in pairs])


def electorate(tracks: pl.DataFrame, space: Space, level: str, tree: Tree | None) -> Electorate:
    """The tracks of a frame that have a place in a space.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id``, ``genres`` or ``genre``, ``artists`` or ``artist``, and ``album_id`` or ``album``.
    space : Space
        Where neighbours are looked for.
    level : str
        ``"leaf"`` or ``"root"``.
    tree : Tree or None
        None is the one that ships.
    """
    rows = space.positions(tracks["track_id"])
    placed = tracks.filter(rows >= 0)
    artists = [[name.casefold() for name in names] for names in names_in(placed, "artist")]
    return Electorate(
        track_ids=placed["track_id"].to_numpy().astype(np.int64),
        matrix=space.matrix[rows[rows >= 0]],
        genres=labels(placed, level, tree),
        artists=artists,
        owners=[frozenset([*who, *album]) for who, album in zip(artists, _albums(placed), strict=True)],
    )


def poll(people: Electorate, asking: Rows, voters: Rows, *, k: int, strangers: bool) -> Iterator[Poll]:
    """The votes on each of some tracks.

    Parameters
    ----------
    people : Electorate
        All tracks.
    asking, voters : ndarray of int
        Rows of the tracks that are voted on, and of those that may vote.
    k : int
        Votes on a track; fewer where there are not so many artists.
    strangers : bool
        Only tracks that share neither artist nor album with the track have a vote, and so not the track itself;
        otherwise it must not be among the voters.

    Raises
    ------
    WorkbenchError
        k is below 1.
    """
    if k < 1:
        raise WorkbenchError(f"{k} votes decide nothing: choose k of 1 or more")
    candidates = people.matrix[voters].T
    run = max(1, BLOCK_VALUES // max(len(voters), 1))
    for start in range(0, len(asking), run):
        block = asking[start : start + run]
        similarities = people.matrix[block] @ candidates
        for row, values in zip(block.tolist(), similarities, strict=True):
            yield _votes(people, row, voters, values, k, strangers=strangers)


def common(people: Electorate, voters: Rows) -> dict[str, float]:
    """Share of each genre among the voters' tags, by name; a track of two genres counts half for each."""
    shares: defaultdict[str, float] = defaultdict(float)
    for row in voters:
        for genre in people.genres[row]:
            shares[genre] += 1 / len(people.genres[row]) / len(voters)
    return dict(sorted(shares.items()))


def probabilities(people: Electorate, votes: Poll, shares: dict[str, float]) -> dict[str, float]:
    """Of each genre among the voters' tags, adding up to 1."""
    chances = dict(shares)
    for row, weight in votes:
        for genre in people.genres[row]:
            chances[genre] += weight / len(people.genres[row])
    total = sum(weight for _, weight in votes) + 1
    return {genre: chance / total for genre, chance in chances.items()}


def ranked(chances: dict[str, float]) -> list[tuple[str, float]]:
    """The most probable first, equal ones by name."""
    return sorted(chances.items(), key=lambda each: (-each[1], each[0]))


def _votes(people: Electorate, row: int, voters: Rows, values: Matrix, k: int, *, strangers: bool) -> Poll:
    """The nearest k by different artists, out of a few near ones, or of all where those do not suffice."""
    nearest = _foremost(values, PREFIX * k)
    while True:
        order = nearest[np.argsort(-values[nearest], kind="stable")]
        barred = people.owners[row] if strangers else frozenset[str]()
        kept = [*islice(_heard(people, voters[order].tolist(), barred), k)]
        if len(kept) == k or len(nearest) == len(voters):
            return [(int(voters[order[place]]), max(float(values[order[place]]), 0.0) ** 2) for place in kept]
        nearest = np.arange(len(voters))


def _heard(people: Electorate, rows: list[int], barred: frozenset[str]) -> Iterator[int]:
    """Places of those who vote: the first of each artist, without those of barred artists and albums."""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if barred.isdisjoint(people.owners[row]) and seen.isdisjoint(people.artists[row]):
            seen.update(people.artists[row])
            yield place


def _foremost(values: Matrix, count: int) -> Rows:
    """Places of so many of the largest values, and perhaps some more, in their order; of all where they are few.

    As in `neighbours`: so many groups hold a value as large as the smallest of the highest maxima.
    """
    groups = len(values) // GROUP
    if groups <= count:
        return np.arange(len(values))
    heads = values[: groups * GROUP].reshape(GROUP, groups).max(axis=0)
    least = np.partition(heads, groups - count)[groups - count]
    return np.flatnonzero(values >= least)


def _albums(tracks: pl.DataFrame) -> list[list[str]]:
    """A mark of the album of each track that is no artist's name; none where unknown."""
    column = next((name for name in ("album_id", "album") if name in tracks.columns), None)
    values = [None] * len(tracks) if column is None else tracks[column].to_list()
    return [[] if value is None else [f"album\0{value}"] for value in values]
