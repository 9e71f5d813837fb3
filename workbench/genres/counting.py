"""Which genres do the files name, and how do groups of like sound lie to them?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.genres.hierarchy import labels, tidied
from workbench.genres.hierarchy import tree as opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.genres.hierarchy import AnyTree

__all__ = ["CONDENSED", "CONFUSION", "COUNT", "condensed", "confusion", "count", "naming"]

COUNT: Final = {
    "genre": pl.String(),
    "parent": pl.String(),
    "level": pl.Int64(),
    "own": pl.Int64(),
    "tracks": pl.Int64(),
    "known": pl.Boolean(),
}
"""Columns of `count`."""

CONFUSION: Final = {
    "genre": pl.String(),
    "group": pl.Int64(),
    "tracks": pl.Int64(),
    "share_of_genre": pl.Float64(),
    "share_of_group": pl.Float64(),
}
"""Columns of `confusion`."""

CONDENSED: Final = {**CONFUSION, "names": pl.List(pl.String)}
"""Columns of `condensed`."""

MOST: Final = 25
"""Genres that a table shows by name."""


def count(tracks: pl.DataFrame, tree: AnyTree = None) -> pl.DataFrame:
    """The files' own genres as a tree with numbers of tracks.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``genres``, or ``genre``.
    tree : Tree, str, Path or None
        As `genres.tree` takes it.

    Returns
    -------
    polars.DataFrame
        Schema `COUNT`, each genre after the one above it, by name among its siblings. ``level`` counts from 0 at a
        root; ``own`` are the tracks that name this genre, ``tracks`` those that name it or one below it, each once: a
        track that names two genres counts in both, so children may add up to more than their parent. ``known`` says
        whether the tree has the genre. A last row without a name counts tracks without a genre, where there are any.
    """
    known = opened(tree)
    names = tidied(tracks, known)["genres"].to_list() if len(tracks) else []
    own = Counter(name for each in names for name in each)
    paths = {name: known.path(name) for name in own}
    below = Counter(above for each in names for above in {above for name in each for above in paths[name]})
    chains = sorted({chain[: depth + 1] for chain in paths.values() for depth in range(len(chain))}, key=_folded)
    rows: list[tuple[str | None, str | None, int, int, int, bool]] = [
        (chain[-1], chain[-2] if len(chain) > 1 else None, len(chain) - 1, own[chain[-1]], below[chain[-1]],
         chain[-1] in known.parents)
        for chain in chains
    ]  # fmt: skip
    untagged = sum(not each for each in names)
    if untagged:
        rows.append((None, None, 0, untagged, untagged, False))
    return pl.DataFrame(rows, COUNT, orient="row")


def confusion(tracks: pl.DataFrame, groups: pl.DataFrame, *, level: str = "leaf", tree: AnyTree = None) -> pl.DataFrame:
    """How the files' genres fall into groups of like sound.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id`` and ``genres``, or ``genre``.
    groups : polars.DataFrame
        Reads ``track_id`` and ``group``; tracks without a group are left out, as are those without a genre.
    level : str
        ``"leaf"`` or ``"root"``.
    tree : Tree, str, Path or None
        As `genres.tree` takes it.

    Returns
    -------
    polars.DataFrame
        Schema `CONFUSION`, the most frequent genre first, its largest group first; pairs without a track have no row.
        The shares are 0 to 1: of the tracks of the genre that have a group, and of those of the group that have a
        genre. A track of two genres counts in both.

    Raises
    ------
    WorkbenchError
        There is no such level, or a column is missing.
    """
    return _confused(tracks["track_id"], labels(tracks, level, tree), groups)


def condensed(
    tracks: pl.DataFrame, groups: pl.DataFrame, *, most: int = MOST, level: str = "leaf", tree: AnyTree = None
) -> pl.DataFrame:
    """How the files' most frequent genres fall into groups of like sound, and all others together.

    Parameters
    ----------
    tracks, groups, level, tree
        As `confusion` takes them.
    most : int
        Genres that keep their name.

    Returns
    -------
    polars.DataFrame
        Schema `CONDENSED`, as `confusion` gives it. Rows without a genre are those of the others and come last: their
        ``names`` are all of them, and a track that names two of them counts once.
    """
    own = labels(tracks, level, tree)
    whole = _confused(tracks["track_id"], own, groups)
    rare = whole["genre"].unique(maintain_order=True).to_list()[most:]
    names = dict.fromkeys(rare)
    short = [[*dict.fromkeys(names.get(name, name) for name in each)] for each in own] if rare else own
    found = _confused(tracks["track_id"], short, groups)
    return found.with_columns(
        pl.when(pl.col("genre").is_null()).then(pl.lit(rare, pl.List(pl.String))).otherwise(pl.concat_list("genre"))
        .alias("names")
    ).cast(pl.Schema(CONDENSED))  # fmt: skip


def naming(
    tracks: pl.DataFrame, genres: str | Iterable[str], *, level: str = "leaf", tree: AnyTree = None
) -> pl.DataFrame:
    """The tracks that name a genre, or one of several, in any spelling.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``genres``, or ``genre``.
    genres : str or iterable of str
        As `confusion` names them.
    level : str
        ``"leaf"`` or ``"root"``: at a leaf, a track of Techno and Electronic is one of Techno.
    tree : Tree, str, Path or None
        As `genres.tree` takes it.

    Raises
    ------
    WorkbenchError
        There is no such level, or a column is missing.

    Examples
    --------
    >>> tracks = pl.DataFrame({"genres": [["DnB"], ["Jazz"], []]})
    >>> naming(tracks, "Drum and Bass")["genres"].to_list()
    [['DnB']]
    """
    known = opened(tree)
    wanted = {known.letters(name) for name in ([genres] if isinstance(genres, str) else genres)}
    own = labels(tracks, level, known)
    meant = {name for name in {name for each in own for name in each} if known.letters(name) in wanted}
    return tracks.filter(pl.Series([not meant.isdisjoint(each) for each in own], dtype=pl.Boolean))


def _confused(
    track_ids: pl.Series, names: list[list[str | None]] | list[list[str]], groups: pl.DataFrame
) -> pl.DataFrame:
    """Tracks of each genre in each group; a genre without a name comes last."""
    named = pl.DataFrame({"track_id": track_ids, "genre": pl.Series(names, dtype=pl.List(pl.String))})
    placed = named.join(groups.select("track_id", "group").drop_nulls(), on="track_id")
    tagged = placed.filter(pl.col("genre").list.len() > 0)
    sizes = tagged.group_by("group").agg(pl.len().alias("size"))
    pairs = tagged.explode("genre").group_by("genre", "group").agg(pl.len().alias("tracks")).join(sizes, on="group")
    whole = pl.col("tracks").sum().over("genre")
    shares = pairs.with_columns(
        whole.alias("whole"), share_of_genre=pl.col("tracks") / whole, share_of_group=pl.col("tracks") / pl.col("size")
    )
    order = shares.sort(
        pl.col("genre").is_null(), "whole", "genre", "tracks", "group", descending=[False, True, False, True, False]
    )
    return order.select(*CONFUSION).cast(pl.Schema(CONFUSION))


def _folded(chain: Iterable[str]) -> list[str]:
    return [name.casefold() for name in chain]
