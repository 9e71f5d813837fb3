"""How does a playlist become a smart playlist of Navidrome?

Conventions
-----------
A .nsp file holds a search, an order and a number of tracks, and nothing else (`workbench.query.to_nsp`). What has no
place in it is refused, never left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.errors import PlaylistError
from workbench.query import Sort, parse, to_nsp

if TYPE_CHECKING:
    from workbench.playlists.playlist import Playlist
    from workbench.playlists.steps import Step
    from workbench.query import Query

__all__ = ["nsp_text"]


def nsp_text(playlist: Playlist) -> str:
    """The text of a .nsp file.

    Raises
    ------
    PlaylistError
        The playlist comes from no search, or was made with a step that such a file cannot hold.
    QueryError
        Its search has no counterpart there.
    """
    origin = playlist.origin
    if origin is None or origin.kind != "query":
        found = "a list of tracks" if origin is None else str(origin)
        raise PlaylistError(f"playlist {playlist.name!r}: an .nsp file holds a search, and this is {found}")
    query = parse(origin.detail["text"])
    for step in playlist.steps:
        query = _with(playlist.name, query, step)
    return to_nsp(query, name=playlist.name)


def _with(name: str, query: Query, step: Step) -> Query:
    """The search with one step more."""
    arguments = {key: value for key, value in step.arguments.items() if value is not None}
    if step.verb == "limit" and set(arguments) == {"tracks"}:
        most = arguments["tracks"]
        return replace(query, limit=most if query.limit is None else min(most, query.limit))
    if step.verb == "order" and set(arguments) <= {"by", "descending"} and query.limit is None:
        # a stable sort keeps the order that was there before among equals
        return replace(query, sort=(Sort(arguments["by"], descending=arguments.get("descending", False)), *query.sort))
    told = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    raise PlaylistError(
        f"playlist {name!r}: an .nsp file cannot hold .{step.verb}({told}); leave it out, or write .m3u8"
    )
