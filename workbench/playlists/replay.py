"""How is a playlist made once more, of other tracks?

Conventions
-----------
Steps are made again in their order. Tracks that a step names and that are no longer there are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.errors import PlaylistError
from workbench.playlists.shapes import Shape, is_count, is_flag, is_ids, is_number, is_recipe, is_text, is_whole
from workbench.playlists.steps import Step

if TYPE_CHECKING:
    from workbench.playlists.playlist import Playlist
    from workbench.spaces import Space

__all__ = ["lost_pins", "replayed", "steps_of"]

IDS: Final = Shape({"track_ids": is_ids}, {})

REPLAYED: Final[Mapping[str, Shape]] = {
    "order": Shape(
        {"by": is_text},
        {"space": is_recipe, "seed": is_count, "descending": is_flag, "start": is_whole, "end": is_whole},
    ),
    "limit": Shape({}, {"minutes": is_number, "tracks": is_count}),
    "at_most": Shape({"n": is_whole}, {"per": is_text}),
    "distinct": Shape({}, {}),
    "through": Shape({"start": is_whole, "end": is_whole, "space": is_recipe}, {"tracks": is_count}),
    "add": IDS,
    "remove": IDS,
    "arrange": IDS,
}
"""Verbs of `Playlist` that a kept step may name, with their arguments; a store is not trusted to name others."""

FOUND: Final = Shape(
    {},
    {
        "unplaced": is_ids,
        "why": is_text,
        "start": is_whole,
        "peak": is_whole,
        "end": is_whole,
        "left_out": is_ids,
        "tracks": is_count,
        "seconds": is_number,
    },
)
"""What `Step.found` may hold."""

TOGETHER: Final = {"unplaced": "why"}
ASKED: Final = {"tracks": "tracks", "seconds": "minutes"}
"""What is found only beside something else that is found, or that was asked for."""

SpaceOf = Callable[[Mapping[str, Any]], "Space"]
RowsOf = Callable[[list[int]], pl.DataFrame]


def steps_of(kept: object) -> tuple[Step, ...]:
    """The steps that a list of mappings with ``verb`` and ``arguments`` describes, as a store keeps them.

    Raises
    ------
    PlaylistError
        It is no such list, or names a verb that there is not, or one with other arguments than it takes.
    """
    if not isinstance(kept, list) or not all(isinstance(each, Mapping) for each in kept):
        raise PlaylistError("steps of a playlist are a list of verbs and their arguments")
    return tuple(map(_step_of, kept))


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
        Gives the rows of track ids, of those that are there, in their order and as often as they come.

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


def _step_of(kept: Mapping[str, Any]) -> Step:
    """One step as a store keeps it."""
    verb = kept.get("verb")
    if not isinstance(verb, str) or verb not in REPLAYED:
        raise PlaylistError(f"the playlist was made with {verb!r}, which this workbench cannot do again")
    arguments, found = kept.get("arguments", {}), kept.get("found", {})
    if not isinstance(arguments, Mapping) or not isinstance(found, Mapping):
        raise PlaylistError(f"the playlist was made with {verb!r}, whose arguments are no names with values")
    arguments = {name: value for name, value in arguments.items() if value is not None}
    shape = REPLAYED[verb]
    strange = [name for name in arguments if name not in {**shape.needed, **shape.more}]
    strange += [*shape.missing(arguments), *shape.wrong(arguments), *FOUND.wrong(found)]
    strange += [name for name, other in TOGETHER.items() if name in found and other not in found]
    strange += [name for name, other in ASKED.items() if name in found and other not in arguments]
    if strange:
        raise PlaylistError(f"the playlist was made with {verb!r}, whose {strange[0]} is not as it should be")
    return Step(verb, arguments, found)


def _again(playlist: Playlist, step: Step, space_of: SpaceOf, rows_of: RowsOf) -> Playlist:
    arguments = dict(step.arguments)
    try:
        if step.verb == "add":
            return playlist.add(rows_of(arguments["track_ids"]))
        if arguments.get("space") is not None:
            arguments["space"] = space_of(arguments["space"])
        if step.verb == "order":
            arguments = _pinned(arguments, playlist)
        made: Playlist = getattr(playlist, step.verb)(**arguments)
    except (KeyError, TypeError) as error:
        raise PlaylistError(f"playlist {playlist.name!r}: {step.verb} cannot be done again: {error}") from error
    return made


def _pinned(arguments: dict[str, Any], playlist: Playlist) -> dict[str, Any]:
    """The arguments of an order, without a first or last track that is gone; a journey to nowhere is a flow."""
    there = set(playlist.track_ids)
    gone = [end for end in ("start", "end") if end in arguments and arguments[end] not in there]
    kept = {name: value for name, value in arguments.items() if name not in gone}
    return {**kept, "by": "flow"} if gone and kept["by"] == "journey" else kept


def lost_pins(steps: Sequence[Step], now: Sequence[Step]) -> tuple[str, ...]:
    """Says which first and last tracks could not be kept when steps were made again."""
    pairs = zip(steps, now, strict=True)
    return tuple(
        f"track {old.arguments[end]}, the {end} of the {old.arguments['by']}, is not among the tracks any more"
        for old, new in pairs
        for end in ("start", "end")
        if old.verb == "order" and end in old.arguments and end not in new.arguments
    )
