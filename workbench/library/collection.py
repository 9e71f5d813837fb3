"""The one object with state: a store, and all that is done with it."""

from __future__ import annotations

import html

from workbench import settings
from workbench.library.exported import Exported
from workbench.library.history import History
from workbench.library.remarks import Remarks
from workbench.library.renewed import Renewed
from workbench.library.surveyed import Surveyed

__all__ = ["Library"]


class Library(Renewed, Surveyed, History, Exported, Remarks):
    """A collection of music, kept in one file.

    Parameters
    ----------
    path : str, Path or None
        The store, an SQLite file; it is made where there is none. Without one: ``WORKBENCH_LIBRARY``, else
        ``data/library.db`` where the current folder has a ``data`` folder, else the user's data folder.

    Raises
    ------
    StoreError
        The file is no store, or cannot be opened.

    Warns
    -----
    StoreWarning
        The store can only be read: a newer workbench made it, or nothing can be written where it lies. Or it lies on a
        network file system, where one process at a time writes.

    Examples
    --------
    >>> library = Library("music.db")  # doctest: +SKIP
    >>> library.scan("~/Music")  # doctest: +SKIP
    >>> library.analyze()  # doctest: +SKIP
    >>> library.tracks()  # doctest: +SKIP
    """

    def __repr__(self) -> str:
        """Path and number of tracks."""
        return f"Library({settings.from_home(self.path)!r}, {len(self.tracks())} tracks, {self.pending()} to analyse)"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"
