"""Which of my tracks do I want?

Conventions
-----------
The search's text says what is shown; facets, links and headers only write it. The page asks and gets one page of rows;
facets and covers follow when it asks for them, so that rows wait for neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import polars as pl

from workbench.widgets.browser.conversation import Conversation
from workbench.widgets.browser.finder import Finder
from workbench.widgets.selection import Selection, opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.library import Library
    from workbench.widgets.selection import HasSelection

__all__ = ["CollectionBrowser"]


class Builder(Protocol):
    """Takes tracks into a playlist, as `PlaylistBuilder` does."""

    def add(self, track_ids: Iterable[int]) -> None:
        """Put tracks at the end."""


class CollectionBrowser(Conversation):
    """A collection to search, sift, page through and pick from.

    Parameters
    ----------
    source : Library, pl.DataFrame, Selection or a widget
        Whose tracks. Reads ``track_id``, and of the columns of `models.TRACKS`, ``mood`` and ``group_name`` what there
        is. A library's tracks are taken once; `refresh` takes them anew.
    query : str
        What to search for at first.
    selection : Selection or None
        To be shared with other widgets; None takes the source's, or makes one in which nothing is selected.
    library : Library or None
        For neighbours ("More like this") and searches for playlists; None takes the source or the selection's.
    builder : PlaylistBuilder or None
        Takes tracks into a playlist; it may also be given later, as ``browser.builder = builder``.

    Attributes
    ----------
    query : str
        The search whose rows are shown; observable, and may be set. What is typed comes here once it can be read.
    selection : Selection
        What is selected here.
    status : Status
        The line that says what went wrong.

    Raises
    ------
    QueryError
        `query` is no search of these tracks, here or when it is set.

    Examples
    --------
    >>> browser = CollectionBrowser(library, query="genre:ambient bpm:60..90")  # doctest: +SKIP
    >>> browser.code  # doctest: +SKIP
    "wb.search(tracks, 'genre:ambient bpm:60..90')"
    """

    def __init__(
        self,
        source: Library | HasSelection | Selection | pl.DataFrame,
        *,
        query: str = "",
        selection: Selection | None = None,
        library: Library | None = None,
        builder: Builder | None = None,
    ) -> None:
        tracks, own, owner = taken(source)
        selection = selection or own
        library = library or owner or selection.library
        self._is_whole = owner is not None
        finder = Finder(tracks, library, is_whole=self._is_whole)
        super().__init__(finder, selection, library, query=query, builder=builder)

    @property
    def tracks(self) -> pl.DataFrame:
        """What is searched; may be set to other tracks, of which the search finds anew."""
        return self._finder.tracks

    @tracks.setter
    def tracks(self, tracks: pl.DataFrame) -> None:
        finder = Finder(tracks, self.library, is_whole=self._is_whole)
        finder.found(self.query)
        if self.selection.tracks is self._finder.tracks:
            self.selection.tracks = tracks
        self._finder = finder
        self._show(page=0)

    @property
    def found(self) -> pl.DataFrame:
        """The rows that the search finds, with all columns, in its order."""
        return self._finder.whole(self.query)

    @property
    def code(self) -> str:
        """The expression that gives what was found again, to keep in a notebook."""
        return self._finder.code(self.query)

    def refresh(self) -> None:
        """Take the library's tracks anew, after a scan or an analysis; a frame stays as it was given."""
        if self._is_whole and self.library is not None:
            self.tracks = self.library.tracks()


def taken(
    source: Library | HasSelection | Selection | pl.DataFrame,
) -> tuple[pl.DataFrame, Selection, Library | None]:
    """Tracks of a source, what is selected of them (of a frame and a library: none), and the library if it is one."""
    if isinstance(source, pl.DataFrame):
        return source, Selection(source), None
    if callable(source.tracks):  # told by that, for to import Library would load the store for a mere frame
        library: Library = source
        tracks = library.tracks()
        return tracks, Selection(tracks, library=library), library
    return *opened(cast("Selection", source)), None
