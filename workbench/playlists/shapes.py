"""Is what a store keeps of a playlist what it should be?

Conventions
-----------
A store may come from somebody else. What is of another shape is refused when it is opened, before anything is asked,
computed or printed of it. Every check takes whatever JSON can hold; a whole number fits into a column of the store.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

__all__ = [
    "Check",
    "Shape",
    "is_count",
    "is_flag",
    "is_ids",
    "is_marks",
    "is_number",
    "is_polygon",
    "is_recipe",
    "is_text",
    "is_version",
    "is_whole",
    "or_none",
    "plain",
]

Check: TypeAlias = Callable[[object], bool]

LARGEST: Final = 2**63 - 1
CORNERS: Final = 3
"""Fewest that make a polygon."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Names that a mapping must have, and may have, with what their values must be."""

    needed: Mapping[str, Check]
    more: Mapping[str, Check]

    def missing(self, kept: Mapping[str, Any]) -> list[str]:
        """Names that it lacks."""
        return [name for name in self.needed if name not in kept]

    def wrong(self, kept: Mapping[str, Any]) -> list[str]:
        """Names whose values are of another shape."""
        checks = {**self.needed, **self.more}
        return [name for name, check in checks.items() if name in kept and not check(kept[name])]


def plain(value: Any) -> Any:  # noqa: ANN401  whatever it is
    """The same as JSON gives it back: numpy's numbers and arrays as Python's, tuples as lists.

    Examples
    --------
    >>> plain({"polygon": ((0, 1.5), (2, 3)), "n": np.int64(4)})
    {'polygon': [[0, 1.5], [2, 3]], 'n': 4}
    """
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def is_whole(value: object) -> bool:
    """A whole number, below zero too."""
    return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def is_count(value: object) -> bool:
    """A whole number of 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def is_number(value: object) -> bool:
    """A number that is finite."""
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def is_flag(value: object) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_text(value: object) -> bool:
    """A text that can be written: JSON may hold halves of characters."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def is_ids(value: object) -> bool:
    """A list of track ids."""
    return isinstance(value, list) and all(map(is_whole, value))


def is_polygon(value: object) -> bool:
    """A list of three corners or more, [x, y] each."""
    return isinstance(value, list) and len(value) >= CORNERS and all(_is_row(each, is_number, 2) for each in value)


def is_marks(value: object) -> bool:
    """A list of [track_id, x, y]."""
    return isinstance(value, list) and all(_is_row(each, is_number, 3) and is_whole(each[0]) for each in value)


def is_recipe(value: object) -> bool:
    """What `steps.recipe_of` gives."""
    if not isinstance(value, Mapping) or not is_text(value.get("kind")):
        return False
    weights = value.get("weights", {})
    return isinstance(weights, Mapping) and all(map(is_text, weights)) and all(map(is_number, weights.values()))


def is_version(value: object) -> bool:
    """Kind and version of a space."""
    return isinstance(value, Mapping) and is_text(value.get("kind")) and is_text(value.get("version"))


def or_none(check: Check) -> Check:
    """The same, or nothing."""
    return lambda value: value is None or check(value)


def _is_row(value: object, check: Check, length: int) -> bool:
    return (
        isinstance(value, Sequence) and not isinstance(value, str) and len(value) == length and all(map(check, value))
    )
