"""What do all parts of a library share? Its open store, and the frame of its tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import settings, store
from workbench.errors import StoreError
from workbench.store import cache, findings

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

__all__ = ["Opened"]


class Opened:
    """A store that is open; `Library` is one."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = settings.library_path(path)
        self._engine = store.open_store(self.path)
        self._tracks: tuple[str, pl.DataFrame] | None = None

    def tracks(self) -> pl.DataFrame:
        """One row a track: tags, file and single-valued features (columns: `models.TRACKS`).

        What the user has corrected stands in place of what the file says. Where little was written since it was last
        asked for, here or in another process, it opens at once.
        """
        if self._tracks is None or self._tracks[0] != cache.current_revision(self._engine):
            self._tracks = cache.fresh_tracks(self._engine, self._tracks)
        return self._tracks[1]

    def refusal(self) -> str | None:
        """Why nothing can be written to this library, in a sentence; None where it can be."""
        try:
            store.require_writable(self._engine)
        except StoreError as error:
            return str(error)
        return None

    def _find_duplicates(self) -> None:
        """Note which files hold the same sound, or probably the same recording."""
        from workbench.duplicates import duplicates

        found = duplicates(self.tracks())
        with store.writing(self._engine) as connection:
            findings.replace_duplicates(connection, found)
