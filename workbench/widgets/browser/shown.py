"""What is shown, of all that was found?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.query import Query, parse, search, to_text
from workbench.widgets.browser.payload import (
    PAGE,
    albums_table,
    artists_table,
    crumbs,
    shown_columns,
    summary,
    tracks_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.widgets.browser.finder import Finder

__all__ = ["Shown", "listed", "page"]

NO_TRACKS: Final = (
    'There are no tracks yet. Run library.scan("~/Music"), then make the browser anew or call its refresh().'
)
NOTHING_FOUND: Final = "No track matches this search. Take a word or a facet away."
NOTHING_SELECTED: Final = "Nothing is selected."
NO_NAMES: Final = {
    "artists": "None of these tracks names an artist.",
    "albums": "None of these tracks names an album.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser shows.

    Attributes
    ----------
    query : str
        The search.
    level : str
        "tracks", or the "albums" or "artists" that they belong to.
    page : int
        From 0.
    kept : tuple of int or None
        Ids to show instead of what the search finds.
    """

    query: str = ""
    level: str = "tracks"
    page: int = 0
    kept: tuple[int, ...] | None = None


def listed(finder: Finder, shown: Shown) -> pl.DataFrame:
    """All rows of all pages."""
    if shown.kept is not None:
        return ordered(finder.tracks, shown.kept, parse(shown.query))
    return finder.found(shown.query) if shown.level == "tracks" else finder.names(shown.query, shown.level)


def ordered(tracks: pl.DataFrame, track_ids: Sequence[int], query: Query) -> pl.DataFrame:
    """Rows in the order of these ids, or in the one that a search names."""
    asked = pl.DataFrame({"track_id": track_ids}, {"track_id": tracks.schema["track_id"]})
    rows = asked.join(tracks, on="track_id", maintain_order="left")
    return search(rows, to_text(Query(None, query.sort)))


def page(finder: Finder, shown: Shown, track_ids: Sequence[int]) -> dict[str, Any]:
    """What the page needs to draw one page of rows.

    Parameters
    ----------
    finder : Finder
        The tracks.
    shown : Shown
        A page beyond the last is the last.
    track_ids : sequence of int
        What is selected.
    """
    rows = listed(finder, shown)
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(0, shown.page), pages - 1)
    query, some = parse(shown.query), rows.slice(number * PAGE, PAGE)
    level = "tracks" if shown.kept is not None else shown.level
    if level == "tracks":
        table = tracks_table(some, shown_columns(finder.tracks), query, frozenset(track_ids))
    else:
        table = artists_table(some) if level == "artists" else albums_table(some)
    return {
        **table,
        "query": shown.query,
        "level": level,
        "only": shown.kept is not None,
        "page": number,
        "pages": pages,
        "count": len(rows),
        "first": number * PAGE,
        "crumbs": crumbs(query),
        "empty": empty(finder, shown) if rows.is_empty() else "",
        **counted(finder, shown, track_ids),
    }


def counted(finder: Finder, shown: Shown, track_ids: Sequence[int]) -> dict[str, Any]:
    """How much is selected, found and there."""
    selected = sum(track_id in finder.ids for track_id in track_ids)
    found = len(finder.found(shown.query))
    return {"summary": summary(selected, found, len(finder.tracks)), "selected": selected, "found": found}


def empty(finder: Finder, shown: Shown) -> str:
    """Why there are no rows, and what to do."""
    if finder.tracks.is_empty():
        return NO_TRACKS
    if shown.kept is not None:
        return NOTHING_SELECTED
    return NOTHING_FOUND if finder.found(shown.query).is_empty() else NO_NAMES[shown.level]
