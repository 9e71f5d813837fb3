"""How does a map come to a frame of tracks, and by what name is it kept?

Conventions
-----------
x and y are Float64 columns. A map has a key, a hash of all that it was made of, and belongs to a family: the maps that
were made in the same way, of whichever tracks. What a track sounded like when it was placed is its stamp: an int64 that
differs where the features do.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from workbench.errors import SpaceError
from workbench.maps.layout import RECIPE, checked_seed, embed

if TYPE_CHECKING:
    from workbench.maps.layout import Points
    from workbench.spaces import Ids, Space

__all__ = ["family", "layout_key", "place", "project", "stamped_key"]


def project(
    tracks: pl.DataFrame, space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1
) -> pl.DataFrame:
    """The tracks that have a place in a space, with their place on a map of just these tracks.

    Tracks without features have no place anywhere and are dropped: compare the heights to count them.

    Parameters
    ----------
    tracks : polars.DataFrame
        Any frame with ``track_id``.
    space : Space
        Fitted on the whole collection; it is cut to the tracks.
    seed, n_neighbours, min_dist
        As `embed` takes them.

    Returns
    -------
    polars.DataFrame
        The same columns and ``x`` and ``y``, Float64.

    Raises
    ------
    SpaceError
        No track has a place in the space.
    """
    own = space.cut(tracks["track_id"])
    if not len(own):
        raise SpaceError(f"none of {len(tracks)} tracks has a place in the {space.kind} space: run library.analyze()")
    points = embed(own, seed=seed, n_neighbours=n_neighbours, min_dist=min_dist)
    return place(tracks, own.track_ids, points)


def place(tracks: pl.DataFrame, track_ids: Ids, points: Points, **columns: Points | None) -> pl.DataFrame:
    """The tracks that have a point, in their order, with ``x`` and ``y`` (Float64); the others are dropped.

    Parameters
    ----------
    tracks : polars.DataFrame
        Any frame with ``track_id``.
    track_ids : ndarray (n,) int64
        Whose the points are.
    points : ndarray (n, 2)
        As `embed` gives them.
    **columns : ndarray (n,) or None
        More Float64 columns by name, e.g. ``trust``; one that is None is null.
    """
    values = {"x": points[:, 0], "y": points[:, 1], **columns}
    known = pl.DataFrame({"track_id": track_ids}, {"track_id": pl.Int64}).with_columns(
        pl.lit(None, pl.Float64).alias(name) if column is None else pl.Series(name, column).cast(pl.Float64)
        for name, column in values.items()
    )
    known = known.unique("track_id", keep="first")
    return tracks.drop(*values, strict=False).join(known, on="track_id", how="inner", maintain_order="left")


def layout_key(
    space: Space, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1
) -> tuple[str, dict[str, Any]]:
    """Name under which a map of these tracks can be kept, and what it was made of.

    Equal keys: the same tracks in any order, features of the same versions, the same parameters. Scaling may differ a
    little, since it follows the rest of the collection: a kept map stays as it is when other tracks are added.

    Returns
    -------
    key : str
        64 hexadecimal digits.
    parameters : dict
        JSON-able: recipe, space, seed, n_neighbours, min_dist, tracks (their number).
    """
    _, made_as = family(space.version, seed=seed, n_neighbours=n_neighbours, min_dist=min_dist)
    return stamped_key(space.track_ids, None, made_as)


def family(version: str, *, seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1) -> tuple[str, dict[str, Any]]:
    """Name of all maps that are made in one way, and that way.

    Parameters
    ----------
    version : str
        As `Space.version`.
    seed, n_neighbours, min_dist
        As `embed` takes them.

    Returns
    -------
    family : str
        64 hexadecimal digits.
    made_as : dict
        JSON-able: recipe, space, seed, n_neighbours, min_dist.

    Raises
    ------
    SpaceError
        The seed is no whole number from 0 to 2**32 - 1.
    """
    made_as = {"recipe": RECIPE, "space": version, "seed": checked_seed(seed)}
    made_as |= {"n_neighbours": n_neighbours, "min_dist": min_dist}
    return hashlib.sha256(_bytes(made_as)).hexdigest(), made_as


def stamped_key(track_ids: Ids, stamps: Ids | None, made_as: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Key of a map of these tracks as they sound, in any order, and what it was made of.

    Parameters
    ----------
    track_ids : ndarray (n,) int64
        Which tracks.
    stamps : ndarray (n,) int64 or None
        Their stamps; None takes a track for the same whatever it sounds like.
    made_as : dict
        As `family` gives it.
    """
    parameters = {**made_as, "tracks": len(track_ids)}
    order = np.argsort(track_ids, kind="stable")
    digest = hashlib.sha256(_bytes(parameters))
    for column in (track_ids, stamps):
        digest.update(b"" if column is None else column[order].astype("<i8").tobytes())
    return digest.hexdigest(), parameters


def _bytes(parameters: dict[str, Any]) -> bytes:
    return json.dumps(parameters, sort_keys=True).encode()
