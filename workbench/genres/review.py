"""Does the sound agree with the genres, and which ones would it give to untagged tracks?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from workbench.errors import WorkbenchError
from workbench.genres.hierarchy import tree as opened
from workbench.genres.hierarchy import untagged
from workbench.genres.votes import Electorate, Poll, common, electorate, poll, probabilities, ranked

if TYPE_CHECKING:
    from workbench.genres.hierarchy import AnyTree, Tree
    from workbench.spaces import Space
    from workbench.spaces.space import Floats, Rows

__all__ = ["ACCURACY", "DOUBTFUL", "SEPARATED", "SUGGESTED", "doubtful", "evaluate", "separated", "suggest"]

ACCURACY: Final = {
    "level": pl.String(),
    "k": pl.Int64(),
    "tracks": pl.Int64(),
    "genres": pl.Int64(),
    "reachable": pl.Float64(),
    "top_1": pl.Float64(),
    "top_3": pl.Float64(),
    "most_common": pl.String(),
    "most_common_1": pl.Float64(),
    "most_common_3": pl.Float64(),
    "mean_probability": pl.Float64(),
    "reason": pl.String(),
}
"""Columns of `evaluate`."""

SEPARATED: Final = {
    "genre": pl.String(),
    "tracks": pl.Int64(),
    "artists": pl.Int64(),
    "precision": pl.Float64(),
    "chance": pl.Float64(),
    "auc": pl.Float64(),
    "reason": pl.String(),
}
"""Columns of `separated`."""

DOUBTFUL: Final = {
    "track_id": pl.Int64(),
    "genre": pl.String(),
    "genre_probability": pl.Float64(),
    "vote": pl.String(),
    "vote_probability": pl.Float64(),
    "voters": pl.Int64(),
}
"""Columns of `doubtful`."""

SUGGESTED: Final = {
    "track_id": pl.Int64(),
    "genre": pl.String(),
    "probability": pl.Float64(),
    "alternative": pl.String(),
    "alternative_probability": pl.Float64(),
    "voters": pl.Int64(),
    "accuracy": pl.Float64(),
    "reason": pl.String(),
}
"""Columns of `suggest`."""

FEWEST_TAGGED: Final = 20
"""Tagged tracks under which a share of right ones says nothing: one track more or less is 5 % of it."""

FEWEST_OF_GENRE: Final = 5
"""The same for one genre."""

FEWEST_ARTISTS: Final = 4
"""Artists of a genre under which leaving out the own one takes away so much of it that a guess comes out below 0.5."""

TOP: Final = 3


def suggest(
    tracks: pl.DataFrame,
    space: Space,
    *,
    k: int = 10,
    level: str = "leaf",
    tree: AnyTree = None,
    seed: int = 0,
) -> pl.DataFrame:
    """A genre for each track that has none, by the vote of its neighbours (`genres.votes`).

    Some 100,000 tracks by 100,000 cost minutes; only untagged tracks are compared, and with tagged ones only.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id``, ``genres`` or ``genre``, ``artists`` or ``artist``, ``album_id`` or ``album``.
    space : Space
        Where neighbours are looked for.
    k : int
        Votes on a track.
    level : str
        ``"leaf"`` or ``"root"``.
    tree : Tree, str, Path or None
        As `genres.tree` takes it.
    seed : int
        Which tracks `evaluate` asks.

    Returns
    -------
    polars.DataFrame
        Schema `SUGGESTED`, a row an untagged track, the most probable first. ``accuracy`` is the ``top_1`` of
        `evaluate`: how often such a suggestion is right in this collection. ``reason`` says why a genre or the
        accuracy is null.

    Raises
    ------
    WorkbenchError
        There is no such level, a column is missing, or k is below 1.
    """
    _check(k)
    people = electorate(tracks, space, level, tree)
    voters = people.tagged()
    silent = np.array([not own for own in people.genres], bool)
    accuracy = evaluate(tracks, space, k=k, level=level, tree=tree, seed=seed).row(0, named=True)
    rows: list[dict[str, Any]] = []
    if len(voters):
        asking = np.flatnonzero(silent)
        rows = [
            _suggestion(int(people.track_ids[row]), probabilities(people, said), len(said.votes), accuracy)
            for row, said in zip(asking, poll(people, asking, voters, k=k, strangers=False), strict=True)
        ]
    known = {row["track_id"] for row in rows}
    placed = {*people.track_ids[silent].tolist()}
    for track_id in tracks.filter(untagged(tracks, tree))["track_id"]:
        if track_id not in known:
            why = "no tagged track has a place in the space" if track_id in placed else "not analysed, silent or short"
            rows.append({"track_id": track_id, "reason": why})
    frame = pl.DataFrame(rows, SUGGESTED)
    return frame.sort("probability", "track_id", descending=[True, False], nulls_last=True)


def evaluate(
    tracks: pl.DataFrame,
    space: Space,
    *,
    k: int = 10,
    level: str = "leaf",
    tree: AnyTree = None,
    most: int = 3000,
    seed: int = 0,
) -> pl.DataFrame:
    """How often the neighbours' vote finds a track's own genre again, in this collection.

    Each tagged track is voted on by tracks of other artists and other albums; tracks of unknown artists take no part.
    Only a tag of the track itself is right: Electronic said of a track of Techno is wrong at the level of leaves, as is
    Techno said of Electronic, though `doubtful` has no doubt there.

    Parameters
    ----------
    tracks, space, k, level, tree
        As for `suggest`.
    most : int
        Number of tracks that are asked, drawn with `seed` where there are more; all others still vote.
    seed : int
        Which.

    Returns
    -------
    polars.DataFrame
        Schema `ACCURACY`, one row. ``top_1`` is the share of tracks that have the most probable genre, ``top_3`` of
        those that have one of the three most probable; ``reachable`` of those whose genre a track of another artist and
        another album has too, so that it could be found at all. ``most_common`` is the most frequent genre;
        ``most_common_1`` and ``most_common_3`` are the same shares for whoever always says what is most common among
        the tracks that may vote. ``mean_probability`` is what the vote thought of itself. Null with a
        ``reason`` where there are too few tracks to tell.

    Raises
    ------
    WorkbenchError
        There is no such level, a column is missing, or k is below 1.
    """
    _check(k)
    people = electorate(tracks, space, level, tree)
    voters = people.tagged(by_known_artists=True)
    genres = [people.genres[row] for row in voters]
    reason = _too_few(people, voters)
    base = {"level": level, "k": k, "tracks": len(voters), "genres": len({name for own in genres for name in own})}
    if reason is not None:
        return pl.DataFrame([{**base, "reason": reason}], ACCURACY)
    asking = _sample(voters, most, seed)
    polls = [*poll(people, asking, voters, k=k, strangers=True)]
    found = [_likeliest(probabilities(people, said)) for said in polls]
    names = [[name for name, _ in each] for each in found]
    usual = [[name for name, _ in _likeliest(said.shares)] for said in polls]
    measured = {
        "tracks": len(asking),
        "reachable": _reachable(people, asking, polls),
        "top_1": _hits(people, asking, [each[:1] for each in names]),
        "top_3": _hits(people, asking, names),
        "most_common": ranked(common(people, voters))[0][0],
        "most_common_1": _hits(people, asking, [each[:1] for each in usual]),
        "most_common_3": _hits(people, asking, usual),
        "mean_probability": float(np.mean([each[0][1] if each else 0.0 for each in found])),
    }
    return pl.DataFrame([{**base, **measured}], ACCURACY)


def separated(
    tracks: pl.DataFrame,
    space: Space,
    *,
    k: int = 10,
    level: str = "leaf",
    tree: AnyTree = None,
    most: int = 3000,
    seed: int = 0,
) -> pl.DataFrame:
    """Which genres the sound tells from the rest, by the votes of other artists' tracks.

    Parameters
    ----------
    tracks, space, k, level, tree, most, seed
        As for `evaluate`.

    Returns
    -------
    polars.DataFrame
        Schema `SEPARATED`, best separated first. ``tracks`` and ``artists`` of the genre; ``precision`` is the part of
        the votes on its tracks that name it, ``chance`` its share among all tags; ``auc`` the chance that a track of
        it is thought more likely to be of it than a track of another genre: 0.5 is a guess, 1 all. A track's own
        artist does not vote, so that a genre which the sound does not know comes out a little below chance, and with
        few artists far below. Null with a ``reason`` where there are fewer than five tracks or four artists.

    Raises
    ------
    WorkbenchError
        There is no such level, a column is missing, or k is below 1.
    """
    _check(k)
    people = electorate(tracks, space, level, tree)
    voters = people.tagged(by_known_artists=True)
    asking = _sample(voters, most, seed)
    polls = [*poll(people, asking, voters, k=k, strangers=True)]
    thought = [probabilities(people, said) for said in polls]
    named = [_shares_of_votes(people, said) for said in polls]
    artists = _artists_of(people, voters)
    rows = []
    for genre, chance in common(people, voters).items():
        own = np.array([genre in people.genres[row] for row in asking], bool)
        size, by = int(own.sum()), len(artists[genre])
        reason, precision, auc = _untold(size, by, len(asking)), None, None
        if reason is None:
            precision = float(np.mean([part[genre] for part, mine in zip(named, own, strict=True) if mine]))
            auc = _auc(np.array([each[genre] for each in thought]), own)
        rows.append((genre, size, by, precision, chance, auc, reason))
    frame = pl.DataFrame(rows, SEPARATED, orient="row")
    return frame.sort("auc", "tracks", "genre", descending=[True, True, False], nulls_last=True)


def doubtful(
    tracks: pl.DataFrame,
    space: Space,
    *,
    k: int = 10,
    level: str = "leaf",
    tree: AnyTree = None,
    least: float = 0.5,
) -> pl.DataFrame:
    """Tracks whose genre tag the sound contradicts, worst first: a list to look through.

    A track is on it where other artists' neighbours vote for a genre that its tags do not name, and that stands neither
    above nor below one of them: Techno is Electronic. Genres of one artist only are left out, since no other artist
    could vote for them.

    Parameters
    ----------
    tracks, space, k, level, tree
        As for `suggest`.
    least : float
        Probability that the vote must reach, 0 to 1.

    Returns
    -------
    polars.DataFrame
        Schema `DOUBTFUL`: ``genre`` is the most probable of the track's tags. Sorted by how far the vote's probability
        is above it.

    Raises
    ------
    WorkbenchError
        There is no such level, a column is missing, or k is below 1.
    """
    _check(k)
    people = electorate(tracks, space, level, tree)
    voters = people.tagged(by_known_artists=True)
    artists, known = _artists_of(people, voters), opened(tree)
    asking = np.array([row for row in voters if any(len(artists[name]) > 1 for name in people.genres[row])], np.intp)
    rows = []
    for row, said in zip(asking, poll(people, asking, voters, k=k, strangers=True), strict=True):
        chances = probabilities(people, said)
        vote, probability = ranked(chances)[0]
        genre, own = ranked({name: chances[name] for name in people.genres[row]})[0]
        if probability >= least and not any(_related(known, vote, name) for name in people.genres[row]):
            rows.append((int(people.track_ids[row]), genre, own, vote, probability, len(said.votes)))
    worst = (pl.col("vote_probability") - pl.col("genre_probability")).alias("margin")
    frame = pl.DataFrame(rows, DOUBTFUL, orient="row").with_columns(worst)
    return frame.sort("margin", "track_id", descending=[True, False]).drop("margin")


def _suggestion(track_id: int, chances: dict[str, float], voters: int, accuracy: dict[str, Any]) -> dict[str, Any]:
    best, *others = ranked(chances)
    other = others[0] if others else (None, None)
    return {
        "track_id": track_id,
        "genre": best[0],
        "probability": best[1],
        "alternative": other[0],
        "alternative_probability": other[1],
        "voters": voters,
        "accuracy": accuracy["top_1"],
        "reason": accuracy["reason"] and f"no accuracy: {accuracy['reason']}",
    }


def _check(k: int) -> None:
    if k < 1:
        raise WorkbenchError(f"{k} votes decide nothing: choose k of 1 or more")


def _related(known: Tree, one: str, other: str) -> bool:
    """Whether two genres are the same, or one stands above the other."""
    return one in known.path(other) or other in known.path(one)


def _likeliest(chances: dict[str, float]) -> list[tuple[str, float]]:
    """The foremost few of those that are possible at all."""
    return [each for each in ranked(chances)[:TOP] if each[1] > 0]


def _sample(rows: Rows, most: int, seed: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _hits(people: Electorate, asking: Rows, said: list[list[str]]) -> float:
    right = [bool({*people.genres[row]} & {*names}) for row, names in zip(asking, said, strict=True)]
    return sum(right) / len(right)


def _reachable(people: Electorate, asking: Rows, polls: list[Poll]) -> float:
    could = [any(said.shares[name] > 0 for name in people.genres[row]) for row, said in zip(asking, polls, strict=True)]
    return sum(could) / len(could)


def _artists_of(people: Electorate, voters: Rows) -> dict[str, set[str]]:
    artists: dict[str, set[str]] = {}
    for row in voters:
        for genre in people.genres[row]:
            artists.setdefault(genre, set()).update(people.artists[row])
    return artists


def _shares_of_votes(people: Electorate, said: Poll) -> defaultdict[str, float]:
    """Part of the votes, by weight, that names each genre; none where nobody is alike."""
    parts: defaultdict[str, float] = defaultdict(float)
    total = sum(weight for _, weight in said.votes)
    for row, weight in said.votes:
        for genre in people.genres[row]:
            parts[genre] += weight / len(people.genres[row]) / (total or 1)
    return parts


def _too_few(people: Electorate, voters: Rows) -> str | None:
    genres, artists = ({name for row in voters for name in each[row]} for each in (people.genres, people.artists))
    if len(voters) < FEWEST_TAGGED:
        return f"{len(voters)} analysed tracks have a genre and an artist, and {FEWEST_TAGGED} are needed"
    for names, what in ((genres, "genre"), (artists, "artist")):
        if len(names) < 2:  # noqa: PLR2004  something to choose between
            return f"all {len(voters)} tracks have one {what}"
    return None


def _untold(tracks: int, artists: int, asked: int) -> str | None:
    if tracks < FEWEST_OF_GENRE:
        return f"{tracks} tracks, and {FEWEST_OF_GENRE} are needed"
    if artists < FEWEST_ARTISTS:
        return f"by {artists} artist{'s' * (artists != 1)}, and {FEWEST_ARTISTS} are needed"
    return "all tracks have it" if tracks == asked else None


def _auc(scores: Floats, own: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Area under the curve, by ranks: the Mann-Whitney statistic."""
    ranks = pl.Series(scores).rank("average").to_numpy()
    inside, outside = int(own.sum()), int((~own).sum())
    return float((ranks[own].sum() - inside * (inside + 1) / 2) / (inside * outside))
