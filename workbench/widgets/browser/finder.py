"""What do these tracks answer to a search?

Conventions
-----------
A search is its text. What was found and counted last is remembered, for a page asks for the same rows several times.
Rows found hold only the columns that a page shows or counts.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workbench import facets, genres
from workbench.query import parse, search, to_text
from workbench.widgets.browser.payload import COLUMNS, Counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import polars as pl

    from workbench.library import Library
    from workbench.query import Query

__all__ = ["Finder"]

NEEDED: Final = (
    "track_id",
    "artist",
    "album_artists",
    "path",
    "path_bytes",
    "missing",
    "has_cover",
    *(column.name for column in COLUMNS),
    *(facet.column for facet in facets.FACETS.values()),
)
FOUND_REMEMBERED: Final = 4
COUNTS_REMEMBERED: Final = 64
FEW: Final = 8
MANY: Final = 60
"""Values of a facet on the page, and once it is opened."""

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Finder:
    """Tracks to be searched, and what their searches gave last.

    Parameters
    ----------
    tracks : pl.DataFrame
        Reads ``track_id``.
    library : Library or None
        Knows playlists by name.
    is_whole : bool
        The tracks are all of the library's, so that its names may be offered.
    """

    def __init__(self, tracks: pl.DataFrame, library: Library | None = None, *, is_whole: bool = False) -> None:
        self.tracks = tracks
        self.ids = frozenset(tracks["track_id"])
        self.offered = facets.offered(tracks)
        self._library = library
        self._is_whole = is_whole and library is not None
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells
        self._columns = [name for name in dict.fromkeys(NEEDED) if name in tracks.columns]
        self._tree = genres.tree()
        self.spellings = facets.spellings(tracks, self._tree)
        self._found: dict[str, pl.DataFrame] = {}
        self._listed: dict[tuple[str, str], pl.DataFrame] = {}
        self._counted: dict[tuple[str, str, tuple[str, ...], int], tuple[list[facets.Entry], int]] = {}
        self._values: dict[str, pl.DataFrame] = {}

    def found(self, text: str) -> pl.DataFrame:
        """The rows that a search finds, in its order, with the columns that a page needs.

        Raises
        ------
        QueryError
            It is no search of these tracks.
        """
        with self._lock:
            return remembered(self._found, text, FOUND_REMEMBERED, lambda: self.whole(text).select(self._columns))

    def renew(self, text: str) -> None:
        """Look into the playlists anew, where a search names one: they change while they are shown.

        Raises
        ------
        QueryError
            As `found` does; what was found before stays then.
        """
        if not self._names_playlists(text):
            return
        rows = self.whole(text).select(self._columns)
        with self._lock:
            memories: list[dict[Any, Any]] = [self._found, self._listed, self._counted]
            for memory in memories:
                for key in [key for key in memory if self._names_playlists(str(key))]:
                    del memory[key]
            self._found[text] = rows

    def whole(self, text: str) -> pl.DataFrame:
        """The rows that a search finds, with all their columns."""
        return search(self.tracks, text, playlists=self._playlists(text))

    def names(self, text: str, level: str) -> pl.DataFrame:
        """The "artists" or "albums" of the rows that a search finds."""
        list_names = facets.artists if level == "artists" else facets.albums
        with self._lock:
            key = (text, level)
            return remembered(self._listed, key, FOUND_REMEMBERED, lambda: list_names(self.found(text)))

    def code(self, text: str) -> str:
        """The expression that finds the same rows again."""
        if not self._names_playlists(text):
            return f"wb.search(tracks, {text!r})"
        if self._is_whole:
            return f"library.search({text!r})"
        return f"wb.search(tracks, {text!r}, playlists=library.memberships())"

    def counts(self, text: str, opened: Collection[str] = ()) -> list[Counted]:
        """What there is to pick beside a search; of the facets that are opened, more values."""
        query = parse(text)
        with self._lock:
            return [self._facet(facet, text, query, MANY if facet.name in opened else FEW) for facet in self.offered]

    def suggestions(self, text: str, caret: int) -> list[facets.Suggestion]:
        """Ways to complete what is being typed."""
        names = self._names if self._is_whole else None
        with self._lock:
            return facets.suggestions(text, caret, self.tracks.schema, self._known, names=names)

    def _facet(self, facet: facets.Facet, text: str, query: Query, most: int) -> Counted:
        picked, rest = facets.chosen(query, facet), to_text(facets.rest(query, facet))

        def count() -> tuple[list[facets.Entry], int]:
            rows = self.found(rest if picked else text)
            return facets.entries(rows, facet, picked, most=most, genres=self.spellings, tree=self._tree)

        key = (facet.name, rest, picked, most)
        return Counted(facet, picked, *remembered(self._counted, key, COUNTS_REMEMBERED, count))

    def _known(self, column: str) -> pl.DataFrame:
        most = len(self.tracks.columns)
        return remembered(self._values, column, most, lambda: facets.known_values(self.tracks, column))

    def _names_playlists(self, text: str) -> bool:
        return self._library is not None and "playlist:" in text.lower()

    def _playlists(self, text: str) -> Mapping[str, Collection[int]] | None:
        """Playlists by name, where a search may name one."""
        if self._library is None or not self._names_playlists(text):
            return None
        return self._library.memberships()

    def _names(self, text: str) -> list[tuple[str, str]]:
        """Fields and names that the library's index has for a text."""
        return [] if self._library is None else self._library.suggest(text).select("kind", "text").rows()


def remembered(memory: dict[Key, Kept], key: Key, most: int, make: Callable[[], Kept]) -> Kept:
    """What is remembered under a key, made where it is not; what was asked for longest ago is forgotten."""
    value = memory.pop(key) if key in memory else make()
    memory[key] = value
    for old in list(memory)[:-most]:
        del memory[old]
    return value
