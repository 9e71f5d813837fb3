"""What a library remembers of searches, where its user wants that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import preferences, store
from workbench.library.opened import Opened
from workbench.store import searches

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Searches"]


class Searches(Opened):
    """Nothing is remembered unless the preference ``record_searches`` is on."""

    def searches(self) -> pl.DataFrame:
        """Your searches with `search`, most frequent first: ``text``, ``times``, ``last_at``.

        Empty unless you have turned it on, in the settings panel or with the preference ``record_searches``. They are
        kept in this library and nowhere else.
        """
        with store.reading(self._engine) as connection:
            return searches.searches_frame(connection)

    def forget_searches(self) -> int:
        """Delete what is remembered of your searches; gives their number.

        Raises
        ------
        StoreError
            The library can only be read.
        """
        return searches.forget_searches(self._engine)

    def _remember_search(self, text: str) -> None:
        """Count a search where the user wants it; that it cannot be kept never stops anybody."""
        if preferences.load().record_searches and store.is_writable(self._engine):
            searches.record_search(self._engine, text)
