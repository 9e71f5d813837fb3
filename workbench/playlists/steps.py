"""What was done to make a playlist, so that it can be done again?

Conventions
-----------
A step is a verb of `Playlist` with its arguments, as JSON can hold them. A space stands in it by its kind and weights.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.spaces import Space

__all__ = ["Step", "recipe_of"]


@dataclass(frozen=True, slots=True)
class Step:
    """One verb of a playlist.

    Attributes
    ----------
    verb : str
        Name of a method of `Playlist` that gives a playlist.
    arguments : mapping
        Its arguments by name, without those left as they are; JSON-able. ``space`` is what `recipe_of` gives.
    remarks : tuple of str
        What this step could not meet.
    """

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def recipe_of(space: Space) -> dict[str, Any]:
    """What a space is made anew from: kind and weights."""
    return {"kind": space.kind, "weights": dict(space.weights)}
