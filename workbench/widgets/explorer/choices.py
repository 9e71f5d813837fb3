"""What is selected by a click, with the code that selects it again?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.widgets.explorer import plane
from workbench.widgets.selection import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from workbench.widgets.explorer.grouping import Grouping

__all__ = ["combined", "of_groups", "of_moods"]


def of_groups(
    asked: Mapping[str, Any], found: Grouping | None, tracks: pl.DataFrame
) -> tuple[pl.DataFrame, Source] | None:
    """The tracks of a group, a genre, or a genre in a group.

    Parameters
    ----------
    asked : mapping
        ``edition``: the grouping that was in sight; ``group`` and ``genre`` (a row of the heat map), of which one may
        be None; both are for the tracks between the groups.
    found : Grouping or None
        The grouping that is in sight now.
    tracks : DataFrame
        All tracks, with a group or not.

    Returns
    -------
    tuple or None
        None where another grouping has come meanwhile.
    """
    if found is None or found.edition != asked["edition"]:
        return None
    number, place = asked["group"], asked["genre"]
    if place is None:
        return found.unplaced() if number is None else found.group(number)
    return found.genre(place, tracks) if number is None else found.cell(place, number)


def of_moods(asked: Mapping[str, Any], moods: pl.DataFrame) -> tuple[pl.DataFrame, Source]:
    """The tracks of a ``mood``, or inside a ``polygon`` of valence and arousal."""
    return plane.in_mood(moods, asked["mood"]) if "mood" in asked else plane.lassoed(moods, asked["polygon"])


def combined(current: tuple[int, ...], track_ids: list[int], source: Source, how: str) -> tuple[list[int], Source]:
    """What is selected when a choice adds to what was ("add"), takes away from it ("remove") or replaces it.

    Examples
    --------
    >>> combined((1, 2), [2, 3], Source("group"), "remove")[0]
    [1]
    """
    if how == "add":
        return [*current, *track_ids], Source(source.kind, source.detail)
    if how == "remove":
        gone = {*track_ids}
        return [each for each in current if each not in gone], Source(source.kind, source.detail)
    return track_ids, source
