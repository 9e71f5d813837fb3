"""How is a playlist made once more, of other tracks?

Conventions
-----------
Steps are made again in their order. Tracks that a step names and that are no longer there are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.errors import PlaylistError
from workbench.playlists.steps import Step

if TYPE_CHECKING:
    from workbench.playlists.playlist import Playlist
    from workbench.spaces import Space

__all__ = ["replayed", "steps_of"]

REPLAYED: Final = ("order", "limit", "at_most", "distinct", "through", "add", "remove", "arrange")
"""Verbs of `Playlist` that a kept step may name; a store is not trusted to name others."""

SpaceOf = Callable[[Mapping[str, Any]], "Space"]
RowsOf = Callable[[list[int]], pl.DataFrame]


def steps_of(kept: object) -> tuple[Step, ...]:
    """The steps that a list of mappings with ``verb`` and ``arguments`` describes, as a store keeps them.

    Raises
    ------
    PlaylistError
        It is no such list, or names a verb that there is not.
    """
    if not isinstance(kept, list) or not all(isinstance(each, Mapping) for each in kept):
        raise PlaylistError("steps of a playlist are a list of verbs and their arguments")
    strange = [each.get("verb") for each in kept if each.get("verb") not in REPLAYED]
    if strange:
        raise PlaylistError(f"the playlist was made with {strange[0]!r}, which this workbench cannot do again")
    return tuple(Step(each["verb"], dict(each.get("arguments", {}))) for each in kept)


def replayed(playlist: Playlist, rows: pl.DataFrame, *, space_of: SpaceOf, rows_of: RowsOf) -> Playlist:
    """The playlist as its steps make it of other rows.

    Parameters
    ----------
    playlist : Playlist
        Whose steps are made again.
    rows : polars.DataFrame
        What to begin with.
    space_of : callable
        Gives the space that `steps.recipe_of` describes.
    rows_of : callable
        Gives the rows of track ids, of those that are there.

    Raises
    ------
    PlaylistError
        A step cannot be made again.
    SpaceError
        A space that a step needs is not there.
    """
    made = replace(playlist, rows=rows, steps=())
    for step in playlist.steps:
        made = _again(made, step, space_of, rows_of)
    return made


def _again(playlist: Playlist, step: Step, space_of: SpaceOf, rows_of: RowsOf) -> Playlist:
    arguments = dict(step.arguments)
    try:
        if step.verb == "add":
            return playlist.add(rows_of(arguments["track_ids"]))
        if arguments.get("space") is not None:
            arguments["space"] = space_of(arguments["space"])
        made: Playlist = getattr(playlist, step.verb)(**arguments)
    except (KeyError, TypeError) as error:
        raise PlaylistError(f"playlist {playlist.name!r}: {step.verb} cannot be done again: {error}") from error
    return made
