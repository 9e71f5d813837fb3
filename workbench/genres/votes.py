"""Which genre do a track's neighbours vote for?

Conventions
-----------
The k nearest tagged tracks by k different artists have a vote each, so that no album decides alone; a track without an
artist speaks for itself. A vote weighs the square of its cosine similarity, 0 where that is negative, and is shared
between the genres of its track. The square, since a small collection has to ask artists from far away: on the demo
collection 0.73 of the tracks, left out one by one, find their genre, and 0.65 by plain similarity. To the votes comes
one more, spread over the genres as the voters' tags are: without likeness nobody knows more than what is common, and k
votes for one genre are not yet certainty. Where a track's tag is not to speak for itself, that vote too leaves out the
tags of its artists and its album. A genre's probability is its share of all of these; it is not calibrated,
`genres.evaluate` says how often the most probable one is right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.genres.hierarchy import labels
from workbench.neighbours import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

    from workbench.genres.hierarchy import AnyTree
    from workbench.spaces import Space
    from workbench.spaces.space import Floats, Ids, Matrix, Rows

__all__ = ["Electorate", "Poll", "common", "electorate", "poll", "probabilities", "ranked"]

Mask: TypeAlias = npt.NDArray[np.bool_]


class Poll(NamedTuple):
    """What is said of a track.

    Attributes
    ----------
    votes : list of (int, float)
        Rows of the tracks that vote, the nearest first, and the weight of each.
    shares : dict of str to float
        Of each genre among the tags of all that might vote on it.
    """

    votes: list[tuple[int, float]]
    shares: dict[str, float]


BLOCK_VALUES: Final = 16_000_000
"""Similarities held at a time: 64 MB. Among 100,000 tracks these are 160 rows; of 40 each costs more than twice."""


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


def electorate(tracks: pl.DataFrame, space: Space, level: str, tree: AnyTree) -> Electorate:
    """The tracks of a frame that have a place in a space.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id``, ``genres`` or ``genre``, ``artists`` or ``artist``, and ``album_id`` or ``album``.
    space : Space
        Where neighbours are looked for.
    level : str
        ``"leaf"`` or ``"root"``.
    tree : Tree, str, Path or None
        As `genres.tree` takes it.

    Raises
    ------
    WorkbenchError
        There is no such level, or a column is missing.
    """
    for names in (("track_id",), ("artists", "artist")):
        if not {*names} & {*tracks.columns}:
            wanted = " or ".join(map(repr, names))
            raise WorkbenchError(f"tracks without a column {wanted}: take what library.tracks() gives")
    rows = space.positions(tracks["track_id"])
    genres = labels(tracks, level, tree)
    placed = tracks.filter(rows >= 0)
    artists = [[name.casefold() for name in names] for names in names_in(placed, "artist")]
    return Electorate(
        track_ids=placed["track_id"].to_numpy().astype(np.int64),
        matrix=space.matrix[rows[rows >= 0]],
        genres=[own for own, row in zip(genres, rows, strict=True) if row >= 0],
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

    """
    barring = _places(people.owners[row] for row in voters)
    artists = [people.artists[row] for row in voters]
    silencing = _places(artists)
    tags, shares = _Tags.of(people, voters), dict[frozenset[str], dict[str, float]]()
    nobody = frozenset[str]()
    candidates = people.matrix[voters].T.copy()
    run = max(1, BLOCK_VALUES // max(len(voters), 1))
    held = np.empty((min(run, len(asking)), len(voters)), np.float32)
    for start in range(0, len(asking), run):
        block = asking[start : start + run]
        similarities = np.matmul(people.matrix[block], candidates, out=held[: len(block)])
        for row, values in zip(block.tolist(), similarities, strict=True):
            barred = people.owners[row] if strangers else nobody
            for name in barred:
                values[barring.get(name, [])] = -np.inf
            if barred not in shares:
                shares[barred] = tags.shares(values > -np.inf)
            heard = _heard(values, k, artists, silencing)
            yield Poll([(int(voters[place]), weight) for place, weight in heard], shares[barred])


def common(people: Electorate, voters: Rows) -> dict[str, float]:
    """Share of each genre among the voters' tags, by name; a track of two genres counts half for each."""
    return _Tags.of(people, voters).shares(np.ones(len(voters), bool))


def probabilities(people: Electorate, said: Poll) -> dict[str, float]:
    """Of each genre among the voters' tags, adding up to 1; all 0 where nobody might vote."""
    chances = dict(said.shares)
    for row, weight in said.votes:
        for genre in people.genres[row]:
            chances[genre] += weight / len(people.genres[row])
    total = sum(weight for _, weight in said.votes) + 1
    return {genre: chance / total for genre, chance in chances.items()}


def ranked(chances: dict[str, float]) -> list[tuple[str, float]]:
    """The most probable first, equal ones by name."""
    return sorted(chances.items(), key=lambda each: (-each[1], each[0]))


@dataclass(frozen=True, slots=True, eq=False)
class _Tags:
    """The voters' tags one by one: whose, which genre by number, and what part of the track's tags."""

    names: list[str]
    voters: Rows
    genres: Rows
    parts: Floats

    @classmethod
    def of(cls, people: Electorate, voters: Rows) -> _Tags:
        said = [(place, name) for place, row in enumerate(voters.tolist()) for name in people.genres[row]]
        names = sorted({name for _, name in said})
        numbers = {name: number for number, name in enumerate(names)}
        parts = np.array([1 / max(len(people.genres[row]), 1) for row in voters.tolist()])
        places = np.array([place for place, _ in said], np.intp)
        return cls(names, places, np.array([numbers[name] for _, name in said], np.intp), parts[places])

    def shares(self, allowed: Mask) -> dict[str, float]:
        """Of each genre among the tags of those that are allowed."""
        sums = np.bincount(self.genres, self.parts * allowed[self.voters], len(self.names))
        return dict(zip(self.names, (sums / max(int(allowed.sum()), 1)).tolist(), strict=True))


def _heard(values: Matrix, k: int, artists: list[list[str]], places: dict[str, Rows]) -> Iterator[tuple[int, float]]:
    """Places of those who vote with their weights: the nearest, then the nearest by none of its artists, and so on.

    Changes `values`, where -inf has no vote.
    """
    for _ in range(min(k, len(values))):
        place = int(values.argmax())
        if values[place] == -np.inf:
            return
        yield place, max(float(values[place]), 0.0) ** 2
        values[place] = -np.inf
        for name in artists[place]:
            values[places[name]] = -np.inf


def _places(names: Iterable[Iterable[str]]) -> dict[str, Rows]:
    """Where each name stands."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(names):
        for name in own:
            places[name].append(place)
    return {name: np.array(own, np.intp) for name, own in places.items()}


def _albums(tracks: pl.DataFrame) -> list[list[str]]:
    """A mark of the album of each track that is no artist's name; none where unknown."""
    column = next((name for name in ("album_id", "album") if name in tracks.columns), None)
    values = [None] * len(tracks) if column is None else tracks[column].to_list()
    return [[] if value is None else [f"album\0{value}"] for value in values]
