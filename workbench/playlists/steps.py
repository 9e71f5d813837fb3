"""What was done to make a playlist, so that it can be done again?

Conventions
-----------
A step is a verb of `Playlist` with its arguments, as JSON can hold them. A space stands in it by its kind and weights.
What a step found is kept beside them: whether it still holds is asked of the rows as they are later
(`workbench.playlists.promises`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.playlists.shapes import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.spaces import Space

__all__ = ["Step", "given", "recipe_of"]


@dataclass(frozen=True, slots=True)
class Step:
    """One verb of a playlist.

    Attributes
    ----------
    verb : str
        Name of a method of `Playlist` that gives a playlist.
    arguments : mapping
        Its arguments by name, without those left as they are; JSON-able. ``space`` is what `recipe_of` gives.
    found : mapping
        What it came upon that `Playlist.remarks` asks about later; JSON-able, and no part of what the step is. Of an
        order: ``unplaced`` (ids) and ``why``, ``peak`` and ``end`` (ids) of an arc. Of a limit: ``left_out`` (ids), and
        ``tracks`` and ``seconds`` that it should have reached.
    """

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep plain numbers and lists, whatever a verb was called with: a store writes JSON, and code is printed."""
        object.__setattr__(self, "arguments", plain(self.arguments))
        object.__setattr__(self, "found", plain(self.found))


def recipe_of(space: Space) -> dict[str, Any]:
    """What a space is made anew from: kind and weights."""
    return {"kind": space.kind, "weights": dict(space.weights)}


def given(**arguments: Any) -> dict[str, Any]:  # noqa: ANN401  of any verb
    """The arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}
