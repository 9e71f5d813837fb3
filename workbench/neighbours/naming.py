"""Whose are the neighbours, and which of them are one recording?

Conventions
-----------
Two tracks are versions of one recording when they have the same artists and the same title without its notes of
version (live, remaster, remix: `workbench.titles`), or the same sound. A track without artist or title is only itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

from workbench.titles import normal_title

if TYPE_CHECKING:
    from workbench.neighbours.search import Rows
    from workbench.spaces import Ids

__all__ = ["Register", "capped", "distinct_rows", "names_in"]

Names: TypeAlias = Sequence[str]


def capped(names: Iterable[Names], most: int) -> Iterator[int]:
    """Positions to keep so that no name comes more than `most` times; items without a name all stay.

    Examples
    --------
    >>> [*capped([["Ana"], ["Ana", "Bo"], ["Bo"], [], []], 1)]
    [0, 2, 3, 4]
    """
    seen: Counter[str] = Counter()
    for position, each in enumerate(names):
        if all(seen[name] < most for name in each):
            seen.update(each)
            yield position


def names_in(frame: pl.DataFrame, column: str) -> list[list[str]]:
    """Names of each row as a list, empty where unknown; for ``"artist"`` those in ``artists``, else that in ``artist``.

    Rows that were put together of two frames may have only one of them.
    """
    columns = [name for name in ("artists", "artist") if name in frame.columns] if column == "artist" else [column]
    found = [map(_names, frame[name].to_list()) for name in columns or [column]]
    return [next(filter(None, each), []) for each in zip(*found, strict=True)]


def distinct_rows(tracks: pl.DataFrame) -> list[int]:
    """Positions of the first row of each recording; of a track without artist or title, of the first of its sound.

    Parameters
    ----------
    tracks : polars.DataFrame
        ``track_id``, and what there is of ``artists`` or ``artist``, ``title`` and ``audio_hash``. A track that stands
        there again is a version of itself.

    Examples
    --------
    >>> import polars as pl
    >>> titles = ["Rain", "Rain (Live)", "Sun", None, None]
    >>> distinct_rows(pl.DataFrame({"track_id": [1, 2, 3, 4, 5], "title": titles, "artist": ["Ann"] * 5}))
    [0, 2, 3, 4]
    """
    makers = names_in(tracks, "artist") if {"artist", "artists"} & {*tracks.columns} else [[]] * len(tracks)
    ids = tracks["track_id"].to_list()
    each = ([f"\0{track_id}", *names] for track_id, names in zip(ids, _recordings(tracks, makers), strict=True))
    return [*capped(each, 1)]


def _names(value: object) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [str(value)]


class Register:
    """Looks up artists and recordings of some tracks.

    Parameters
    ----------
    tracks : polars.DataFrame
        ``track_id`` and what there is of ``artists`` or ``artist``, ``title`` and ``audio_hash``.
    track_ids : ndarray (n,) int64
        Whose the rows are that will be asked for; nothing is known of one that is not in the frame.
    """

    def __init__(self, tracks: pl.DataFrame, track_ids: Ids) -> None:
        self._track_ids = track_ids
        self._known = tracks["track_id"].to_numpy()
        self._order = np.argsort(self._known, kind="stable")
        self._columns = tracks.select(pl.col("^(track_id|artists?|title|audio_hash)$"))

    def admitted(self, rows: Rows, *, seed: int, per_artist: int | None) -> Iterator[int]:
        """Positions of the rows to keep: an artist's share is used up by the first, a recording by one, or the seed."""
        named = self._named(np.array([seed, *rows]))
        recordings = set(named[0][1])
        artists: Counter[str] = Counter()
        for position, (makers, recording) in enumerate(named[1:]):
            if not recordings.isdisjoint(recording):
                continue
            if per_artist is not None and any(artists[name] >= per_artist for name in makers):
                continue
            recordings.update(recording)
            artists.update(makers)
            yield position

    def _named(self, rows: Rows) -> list[tuple[list[str], list[str]]]:
        """Artists and recordings of each row."""
        asked = self._track_ids[rows]
        if not len(self._known):
            return [([], [])] * len(rows)
        places = np.searchsorted(self._known, asked, side="right", sorter=self._order) - 1
        there = self._known[self._order[places]] == asked
        frame = self._columns[self._order[places[there]]]
        makers = names_in(frame, "artist") if {"artist", "artists"} & {*frame.columns} else [[]] * len(frame)
        found = iter(zip(makers, _recordings(frame, makers), strict=True))
        return [next(found) if is_there else ([], []) for is_there in there]


def _recordings(frame: pl.DataFrame, makers: Iterable[Names]) -> list[list[str]]:
    """Names of the recording that each row is: by artists and title, and by the sound."""
    blank = [None] * len(frame)
    titles = frame["title"].to_list() if "title" in frame.columns else blank
    hashes = frame["audio_hash"].to_list() if "audio_hash" in frame.columns else blank
    return [
        [
            *(
                ["\0".join([*sorted(name.casefold() for name in names), normal_title(title)])]
                if names and title
                else []
            ),
            *([sound] if sound else []),
        ]
        for names, title, sound in zip(makers, titles, hashes, strict=True)
    ]
