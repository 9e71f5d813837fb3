"""Which tracks does a playlist hold, as `playlist:` asks?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import QueryError
from workbench.query.fields import fold
from workbench.query.tree import How, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from workbench.query.tree import Match

    Playlists = Mapping[str, Collection[int]]

__all__ = ["PLAYLIST", "in_playlist"]

MOST_COMPARED: Final = 100
"""Letters of a name that is not known that the nearest is looked up for."""

PLAYLIST: Final = "playlist"
"""The field that is no column."""

NAMED: Final[dict[How, Callable[[str, str], bool]]] = {
    How.CONTAINS: lambda name, wanted: wanted in name,
    How.EXACT: lambda name, wanted: name == wanted,
    How.STARTS: str.startswith,
    How.ENDS: str.endswith,
}


def in_playlist(node: Match, columns: Mapping[str, pl.DataType], playlists: Playlists | None) -> pl.Expr:
    """Condition that a track is in a playlist whose name matches, or, without a value, in none at all.

    Raises
    ------
    QueryError
        No playlists are known, none is called so, the frame has no `track_id`, or names cannot be compared that way.
    """
    where = f"(character {node.position + 1} of the search)"
    if node.how not in NAMED:
        raise QueryError(
            f"playlist {where} takes names: playlist:rain, playlist:=Rain or playlist:^Rain", node.position
        )
    if playlists is None:
        raise QueryError(
            f"playlist {where} needs to know them: search(..., playlists={{name: track ids}})", node.position
        )
    if "track_id" not in columns:
        raise QueryError(f"playlist {where} needs the column track_id", node.position)
    held = pl.col("track_id").is_in(_ids(node, playlists))
    return held if node.value else ~held


def _ids(node: Match, playlists: Playlists) -> list[int]:
    wanted = fold(node.value)
    names = [name for name in playlists if not wanted or NAMED[node.how](fold(name), wanted)]
    if wanted and not names:
        near = get_close_matches(node.value[:MOST_COMPARED], playlists, n=1, cutoff=0.0)
        hint = f": did you mean {near[0]!r}?" if near else ": there are none"
        at = node.value_position
        raise QueryError(f"no playlist is called {shown(node.value)} (character {at + 1} of the search){hint}", at)
    return sorted({identity for name in names for identity in playlists[name]})
