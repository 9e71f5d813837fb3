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
                neither: all; ``landmarks``: [track_id, x, y] of some tracks as they lay when it was drawn
``mood``        ``polygon`` on the plane of valence and arousal, or ``mood``: the name of a quadrant
``neighbours``  ``track_ids``: of which tracks; ``n``, ``per_artist``; ``space``: kind
``group``       ``member``: a track of the group; ``n``, ``method``, ``seed`` of the grouping
==============  ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.errors import PlaylistError

__all__ = ["Origin", "origin_of"]

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "query": ("text",),
    "region": ("polygon", "map", "space", "seed", "landmarks"),
    "mood": (),
    "neighbours": ("track_ids", "n", "per_artist", "space"),
    "group": ("member", "n", "method", "seed"),
}
"""What the detail of each kind must hold."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A question whose answer is tracks.

    Attributes
    ----------
    kind : str
        "query", "region", "mood", "neighbours" or "group".
    detail : mapping
        As the table above says; JSON-able.

    Raises
    ------
    PlaylistError
        There is no such kind, or its detail lacks something.

    Examples
    --------
    >>> Origin("query", {"text": "genre:ambient"}).code
    "library.search('genre:ambient')"
    """

    kind: str
    detail: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Check that the question is whole."""
        if self.kind not in NEEDED:
            raise PlaylistError(
                f"tracks come from {', '.join(NEEDED)}; {self.kind!r} is of a newer workbench, or wrong"
            )
        missing = [name for name in NEEDED[self.kind] if name not in self.detail]
        missing += ["polygon or mood"] if self.kind == "mood" and not {"polygon", "mood"} & {*self.detail} else []
        if missing:
            raise PlaylistError(f"tracks from a {self.kind} need its {', '.join(missing)}")

    @property
    def code(self) -> str:
        """The expression that finds the tracks again, of ``library``, ``wb`` and ``pl``."""
        return CODES[self.kind](self.detail)

    def __str__(self) -> str:
        """What was asked, in a few words."""
        return WORDS[self.kind](self.detail)


def origin_of(kept: Mapping[str, Any]) -> Origin:
    """The origin that a mapping with ``kind`` and ``detail`` describes, as a store keeps it.

    Raises
    ------
    PlaylistError
        It describes none.
    """
    kind, detail = kept.get("kind"), kept.get("detail")
    if not isinstance(kind, str) or not isinstance(detail, Mapping):
        raise PlaylistError(f"an origin has a kind and a detail, found {sorted(map(str, kept))}")
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
    grouped = f"library.groups({number}method={detail['method']!r}, seed={detail['seed']})"
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
