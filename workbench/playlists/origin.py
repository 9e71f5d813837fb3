"""Where do the tracks of a playlist come from, so that they can be looked for again?

Conventions
-----------
An origin is plain data that JSON can hold, no code: a store that somebody else made runs nothing. `code` writes it as
an expression of a ``library``, for people.

==============  ==================================================================================================
kind            detail
==============  ==================================================================================================
``query``       ``text``: a search
``region``      ``polygon``: corners (x, y) on a map; ``map``: the key of that map; ``space``: kind and version that
                it was drawn in; ``seed``; the tracks on it: ``of``, a search that finds them, or ``track_ids``, or
                neither: all; of these only what is looked at: ``among``, a search, or ``among_ids``;
                ``landmarks``: [track_id, x, y] of some tracks as they lay when it was drawn
``mood``        ``polygon`` on the plane of valence and arousal, or ``mood``: the name of a quadrant
``neighbours``  ``track_ids``: of which tracks; ``n``, ``per_artist``; ``space``: kind
``group``       ``member``: a track of the group; ``n``, ``method``, ``seed`` of the grouping; ``space``: kind,
                without it the usual one
==============  ==================================================================================================
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.errors import PlaylistError
from workbench.playlists.shapes import (
    Shape,
    is_count,
    is_ids,
    is_marks,
    is_polygon,
    is_text,
    is_version,
    is_whole,
    or_none,
    plain,
)

__all__ = ["Origin", "origin_of"]

SHAPES: Final[Mapping[str, Shape]] = {
    "query": Shape({"text": is_text}, {}),
    "region": Shape(
        {"polygon": is_polygon, "map": is_text, "space": is_version, "seed": is_count, "landmarks": is_marks},
        {"of": or_none(is_text), "track_ids": or_none(is_ids), "among": is_text, "among_ids": or_none(is_ids)},
    ),
    "mood": Shape({}, {"polygon": is_polygon, "mood": is_text}),
    "neighbours": Shape({"track_ids": is_ids, "n": is_count, "per_artist": or_none(is_count), "space": is_text}, {}),
    "group": Shape(
        {"member": is_whole, "n": or_none(is_count), "method": is_text, "seed": is_count}, {"space": is_text}
    ),
}
"""What the detail of each kind must and may hold."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A question whose answer is tracks.

    Attributes
    ----------
    kind : str
        "query", "region", "mood", "neighbours" or "group".
    detail : mapping
        As the table above says; as JSON gives it back (`shapes.plain`).

    Raises
    ------
    PlaylistError
        There is no such kind, or its detail lacks something or holds what it should not.

    Examples
    --------
    >>> Origin("query", {"text": "genre:ambient"}).code
    "library.search('genre:ambient')"
    """

    kind: str
    detail: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Check that the question is whole."""
        if self.kind not in SHAPES:
            raise PlaylistError(
                f"tracks come from {', '.join(SHAPES)}; {self.kind!r} is of a newer workbench, or wrong"
            )
        object.__setattr__(self, "detail", plain(self.detail))
        missing = SHAPES[self.kind].missing(self.detail)
        missing += ["polygon or mood"] if self.kind == "mood" and not {"polygon", "mood"} & {*self.detail} else []
        if missing:
            raise PlaylistError(f"tracks from a {self.kind} need its {', '.join(missing)}")
        if wrong := SHAPES[self.kind].wrong(self.detail):
            told = reprlib.repr(self.detail[wrong[0]])
            raise PlaylistError(f"tracks from a {self.kind}: its {wrong[0]} cannot be {told}")

    @property
    def code(self) -> str:
        """The expression that finds the tracks again, of ``library``, ``wb`` and ``pl``."""
        return CODES[self.kind](self.detail)

    def __str__(self) -> str:
        """What was asked, in a few words."""
        return WORDS[self.kind](self.detail)


def origin_of(kept: object) -> Origin:
    """The origin that a mapping with ``kind`` and ``detail`` describes, as a store keeps it.

    Raises
    ------
    PlaylistError
        It describes none.
    """
    kind, detail = (kept.get("kind"), kept.get("detail")) if isinstance(kept, Mapping) else (None, None)
    if not isinstance(kind, str) or not isinstance(detail, Mapping):
        raise PlaylistError(f"an origin has a kind and a detail, found {reprlib.repr(kept)}")
    return Origin(kind, detail)


def _rows_code(detail: Mapping[str, Any]) -> str:
    """The tracks that a map is of."""
    if detail.get("of"):
        return f"library.search({detail['of']!r})"
    ids = detail.get("track_ids")
    return "library.tracks()" if ids is None else f'library.tracks().filter(pl.col("track_id").is_in({list(ids)}))'


def _region_code(detail: Mapping[str, Any]) -> str:
    drawn = f"library.similarity_map({_rows_code(detail)}, seed={detail['seed']}, kind={detail['space']['kind']!r})"
    return f"wb.maps.inside({drawn}, {_corners(detail)})"


def _mood_code(detail: Mapping[str, Any]) -> str:
    if "mood" in detail:
        return f'library.moods().filter(pl.col("mood") == {detail["mood"]!r})'
    return f'wb.maps.inside(library.moods(), {_corners(detail)}, x="valence", y="arousal")'


def _neighbours_code(detail: Mapping[str, Any]) -> str:
    capped = "" if detail["per_artist"] is None else f", per_artist={detail['per_artist']}"
    asked = f"library.space(kind={detail['space']!r}), {list(detail['track_ids'])}, n={detail['n']}"
    found = f'wb.nearest({asked}, tracks=library.tracks(){capped})["neighbour_id"].to_list()'
    return f'library.tracks().filter(pl.col("track_id").is_in({found}))'


def _group_code(detail: Mapping[str, Any]) -> str:
    number = "" if detail["n"] is None else f"n={detail['n']}, "
    kind = f", kind={detail['space']!r}" if "space" in detail else ""
    grouped = f"library.groups({number}method={detail['method']!r}, seed={detail['seed']}{kind})"
    return f"wb.clusters.holding({grouped}, {detail['member']})"


def _corners(detail: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in detail["polygon"]]


CODES: Final = {
    "query": lambda detail: f"library.search({detail['text']!r})",
    "region": _region_code,
    "mood": _mood_code,
    "neighbours": _neighbours_code,
    "group": _group_code,
}

WORDS: Final = {
    "query": lambda detail: f"the search {detail['text']!r}",
    "region": lambda detail: f"a region of the map of the {detail['space']['kind']} space",
    "mood": lambda detail: f"the mood {detail['mood']!r}" if "mood" in detail else "a region of the plane of moods",
    "neighbours": lambda detail: f"the neighbours of {len(detail['track_ids'])} tracks",
    "group": lambda detail: f"the group of like sound that holds track {detail['member']}",
}
