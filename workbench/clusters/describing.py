"""What is each group, in a few words?

Conventions
-----------
A name is a word for the sound, a learned tag, and a genre of the files: "smooth strings / classical". What is unknown
is left out, and a name that another group has already got takes further words of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.clusters.words import COLUMNS, OPPOSITES, feature_words, genre_words, tag_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.spaces import Space

__all__ = ["DESCRIPTIONS", "describe"]

DESCRIPTIONS: Final = {
    "group": pl.Int64(),
    "name": pl.String(),
    "size": pl.Int64(),
    "medoids": pl.List(pl.Int64),
    "genres": pl.List(pl.String),
    "tags": pl.List(pl.Struct({"tag": pl.String, "lift": pl.Float64})),
    "feature": pl.String(),
    "feature_z": pl.Float64(),
    "features": pl.List(pl.Struct({"column": pl.String, "word": pl.String, "z": pl.Float64})),
    "unknown": pl.List(pl.String),
}
"""Columns of `describe`."""

MEDOIDS: Final = 3
TAGS: Final = 5
FEATURES: Final = 5

LEAST_Z: Final = 0.5
"""Robust z from which a feature is a word for a group; under it, only to tell two of a name apart."""

PLAIN: Final = "average"
"""A group that stands out in nothing."""

NOTHING: Final = "group"
"""A group of which nothing is known."""


def describe(
    groups: pl.DataFrame,
    space: Space,
    *,
    tracks: pl.DataFrame | None = None,
    features: pl.DataFrame | None = None,
    embeddings: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What each group is, and a name for it.

    Parameters
    ----------
    groups : polars.DataFrame
        ``track_id`` and ``group``, as `group` gives them; tracks without a group are left out.
    space : Space
        In which the tracks were grouped.
    tracks : polars.DataFrame, optional
        ``track_id`` and ``genres``: the collection in which a genre stands out.
    features : polars.DataFrame, optional
        Schema `models.FEATURES`, the whole collection.
    embeddings : polars.DataFrame, optional
        Schema `models.EMBEDDINGS`, the whole collection.

    Returns
    -------
    polars.DataFrame
        Schema `DESCRIPTIONS`, the largest group first. ``medoids`` are the three tracks most like all of the group;
        ``genres`` those of the files that stand out; ``tags`` the five learned tags that do, each with its lift;
        ``feature`` is the first adjective of the name, the word in which the group differs most where no tag says it
        already, and ``feature_z`` by how much it does (`clusters.words`); null where the name has none.
        ``features`` are the five in which it differs most, each with its column, the word for the end at which the
        group lies, and its robust z.
        ``unknown`` lists what could not be told: ``genres``, ``tags`` or ``features``, where no track of the group has
        any.
    """
    members = _members(groups)
    genres = {} if tracks is None else genre_words(tracks, members)
    tags = {} if embeddings is None or not len(embeddings) else tag_words(embeddings, members)
    words = {} if features is None else feature_words(features, members)
    known = {
        "genres": _ids(tracks, "genres"),
        "tags": _ids(embeddings, None),
        "features": _ids(features, "mfcc_mean"),
    }
    taken: set[frozenset[str]] = set()
    rows = []
    for number, own in members.items():
        unknown = [what for what, ids in known.items() if ids.isdisjoint(own)]
        names = _names(
            genres.get(number, []),
            [tag for tag, _ in tags.get(number, [])],
            words.get(number, []),
            NOTHING if "features" in unknown else PLAIN,
        )
        name, adjective = next(each for each in names if _words(each[0]) not in taken)
        taken.add(_words(name))
        rows.append(
            {
                "group": number,
                "name": name,
                "size": len(own),
                "medoids": _medoids(space, own),
                "genres": genres.get(number, []),
                "tags": [{"tag": tag, "lift": lift} for tag, lift in tags.get(number, [])[:TAGS]],
                "feature": adjective,
                "feature_z": next((z for word, z in words.get(number, []) if word == adjective), None),
                "features": [
                    {"column": COLUMNS[word], "word": word, "z": z} for word, z in words.get(number, [])[:FEATURES]
                ],
                "unknown": unknown,
            }
        )
    return pl.DataFrame(rows, DESCRIPTIONS)


def _members(groups: pl.DataFrame) -> dict[int, list[int]]:
    """Track ids of each group, the largest first."""
    lists = groups.drop_nulls("group").group_by("group").agg("track_id", pl.len().alias("size"))
    return dict(lists.sort("size", "group", descending=[True, False]).select("group", "track_id").iter_rows())


def _ids(frame: pl.DataFrame | None, column: str | None) -> set[int]:
    """Ids of the tracks of which a frame says something."""
    if frame is None:
        return set()
    if column in frame.columns:
        said = (
            pl.col(column).list.len() > 0 if isinstance(frame.schema[column], pl.List) else pl.col(column).is_not_null()
        )
        frame = frame.filter(said)
    return {*frame["track_id"].to_list()}


def _medoids(space: Space, members: list[int]) -> list[int]:
    """The tracks with the highest mean similarity to the others, best first."""
    own = space.cut(members)
    central = own.matrix @ own.matrix.sum(axis=0)
    best: list[int] = own.track_ids[np.lexsort((own.track_ids, -central))][:MEDOIDS].tolist()
    return best


def _names(
    genres: list[str], tags: list[str], words: list[tuple[str, float]], bare: str
) -> Iterator[tuple[str, str | None]]:
    """Names for a group with their first adjective, the shortest first; each that follows says more.

    Numbers come last. No name says the opposite of one of its words.
    """
    genre = genres[0].casefold() if genres else None
    measured = [word for word, z in words if abs(z) >= LEAST_Z]
    tags = _agreeing([tag for tag in tags if tag not in {name.casefold() for name in genres}], measured)
    nouns = tags[:1]
    adjectives = [word for word, _ in words if word not in nouns and OPPOSITES.get(word) not in nouns]
    salient = sum(word in measured for word in adjectives)
    more = [*nouns, *(tag for tag in tags[1:] if tag not in measured)]
    shown = min(salient, 1 if nouns or genre else 2)
    plain = _name(adjectives[:shown], nouns, genre) or bare
    first = adjectives[0] if shown else None
    yield plain, first
    for count in range(shown + 1, len(adjectives) + 1):
        yield _name(adjectives[:count], nouns, genre), adjectives[0]
    yield from ((_name(adjectives[:shown], more[:count], genre), first) for count in range(2, len(more) + 1))
    yield from ((f"{plain} {number}", first) for number in range(2, 10**6))


def _agreeing(tags: list[str], measured: list[str]) -> list[str]:
    """The tags that say the opposite neither of a measured word nor of a tag before them."""
    kept: list[str] = []
    for tag in tags:
        if OPPOSITES.get(tag) not in (*measured, *kept):
            kept.append(tag)
    return kept


def _words(name: str) -> frozenset[str]:
    """A name's words: "quiet, dark" says the same as "dark, quiet"."""
    return frozenset(name.replace(",", "").split())


def _name(adjectives: list[str], nouns: list[str], genre: str | None) -> str:
    sound = " ".join([", ".join(adjectives), ", ".join(nouns)]).strip()
    if genre is None or not nouns:
        return " ".join(part for part in (sound, genre) if part)
    return f"{sound} / {genre}"
