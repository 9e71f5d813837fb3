"""What does a gesture on the page change: the search, or what is selected?

Conventions
-----------
A gesture is what the page sends. Nothing here changes anything: the new search, or the new selection, is given back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from workbench import facets
from workbench.facets import FACETS
from workbench.query import Query, Sort, parse, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

__all__ = ["edited", "selected"]

IN_ALBUM_ORDER: Final = (Sort("disc", descending=False), Sort("track", descending=False))
"""How the tracks of an album lie."""


def edited(
    text: str, gesture: Mapping[str, Any], spellings: facets.Spellings, columns: Mapping[str, object]
) -> tuple[str, str]:
    """A search after a gesture, and the level that is shown then ("tracks", "albums", "artists"; empty: as before).

    Parameters
    ----------
    text : str
        The search before.
    gesture : mapping
        ``action`` says what: "toggle" a ``key`` of a ``facet``; "range" of a ``facet`` from ``low`` to ``high``;
        "clear" a ``facet``, or all of them; "sort" by ``field``, beside other orders where it is ``added``; "drill"
        into an ``artist``, or an ``album`` perhaps of an ``album_artist``; go back "to" a step of the way down.
    spellings : facets.Spellings
        What the keys of genres stand for.
    columns : mapping
        Of the tracks, by name.
    """
    query, level = parse(text), ""
    match gesture["action"]:
        case "toggle":
            facet, key = FACETS[gesture["facet"]], str(gesture["key"])
            values = spellings.get(key, (key,)) if facet.name == "genre" else (key,)
            query = facets.toggled(query, facet, values)
        case "range":
            query = facets.replaced(query, FACETS[gesture["facet"]], span(gesture))
        case "clear":
            for name in [gesture["facet"]] if gesture.get("facet") else FACETS:
                query = facets.without(query, FACETS[name])
        case "sort":
            query = facets.sorted_by(query, str(gesture["field"]), is_added=bool(gesture.get("added")))
        case "drill":
            query, level = drilled(query, gesture, columns)
        case "back":
            query, level = back(query, str(gesture["to"]))
    return to_text(query), level


def span(gesture: Mapping[str, Any]) -> list[str]:
    """The range between two ends that were typed; none where both are empty."""
    low, high = (str(gesture[end]).strip() for end in ("low", "high"))
    return [f"{low}..{high}"] if low or high else []


def drilled(query: Query, gesture: Mapping[str, Any], columns: Mapping[str, object]) -> tuple[Query, str]:
    """The albums of an artist, or the tracks of an album in their order."""
    if "album" not in gesture:
        alone = facets.without(facets.without(query, FACETS["album"]), FACETS["album_artist"])
        return facets.replaced(alone, FACETS["artist"], [gesture["artist"]]), "albums"
    query = facets.replaced(query, FACETS["album"], [gesture["album"]])
    artist = gesture.get("album_artist")
    if artist and "album_artists" in columns and not facets.chosen(query, FACETS["artist"]):
        query = facets.replaced(query, FACETS["album_artist"], [artist])
    can_order = not query.sort and {"disc_number", "track_number"} <= set(columns)
    return replace(query, sort=IN_ALBUM_ORDER) if can_order else query, "tracks"


def back(query: Query, to: str) -> tuple[Query, str]:
    """Up again: to all artists, or from an album to the others of its artist."""
    query = facets.without(query, FACETS["album"])
    if query.sort == IN_ALBUM_ORDER:
        query = replace(query, sort=())
    if to == "artist":
        return query, "albums"
    for name in ("artist", "album_artist"):
        query = facets.without(query, FACETS[name])
    return query, "artists"


def selected(old: Sequence[int], shown: pl.Series, gesture: Mapping[str, Any]) -> list[int]:
    """Track ids that are selected after a gesture.

    Parameters
    ----------
    old : sequence of int
        What was selected.
    shown : polars.Series
        Ids of all rows that are listed, on every page, in their order.
    gesture : mapping
        ``how`` says what: "one", "toggle", "range" and "add" (a range to what is selected) of the track ``id``;
        ranges start at the track ``anchor``, or where it is not listed at the track itself. "all" and "none" need no
        track.
    """
    how = gesture["how"]
    if how in {"all", "none"}:
        return shown.to_list() if how == "all" else []
    track_id = int(gesture["id"])
    if how == "one":
        return [track_id]
    if how == "toggle":
        return [each for each in old if each != track_id] if track_id in old else [*old, track_id]
    ranged = between(shown, gesture.get("anchor"), track_id)
    return [*old, *ranged] if how == "add" else ranged


def between(shown: pl.Series, anchor: int | None, track_id: int) -> list[int]:
    """Ids from one listed row to another, both included."""
    ends = [None if each is None else shown.index_of(each) for each in (anchor, track_id)]
    if None in ends:
        return [track_id]
    first, last = sorted(place for place in ends if place is not None)
    return shown[first : last + 1].to_list()
