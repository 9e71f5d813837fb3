"""What a library was, and what has become of it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import store
from workbench.library.lists import Lists
from workbench.library.sound import Sound
from workbench.store import snapshots

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from workbench.stats import Changes

__all__ = ["History"]


class History(Lists, Sound):
    """What a library remembers of itself, whenever it is asked what has changed."""

    def changes(self, since: date | str | None = None) -> Changes:
        """What has changed in the whole collection since it was last asked for, in a sentence and as a frame.

        The statistics of now are kept as a snapshot where they differ from the last one kept; of a store that is only
        read nothing is. Asked again about an unchanged collection, it gives the same.

        Parameters
        ----------
        since : datetime, date, str or None
            Compare with the last snapshot taken at or before this moment, or with the earliest where there is none. A
            text as in a search: "2026-01-01", "-3w"; a day counts from its start, UTC. None or "": compare with the
            last snapshot that differs from now.

        Returns
        -------
        Changes
            ``base_at``, ``sentence`` and ``frame`` (columns: `stats.CHANGES`); without rows where there is nothing to
            compare with yet.

        Raises
        ------
        QueryError
            `since` is no day and no moment.

        Examples
        --------
        >>> library.changes()  # doctest: +SKIP
        Since 2026-01-01 08:30 UTC: +212 tracks, 9 missing, analysis coverage 71 -> 98 %.
        """
        from workbench import stats
        from workbench.query import moment

        start = None if since is None or since == "" else moment(since)
        now = self._statistics()
        if store.is_writable(self._engine):
            with store.writing(self._engine) as connection:
                snapshots.store_snapshot(connection, now)
        return stats.compared(self._looked_at(), now, since=start)

    def snapshots(self) -> pl.DataFrame:
        """One row for each time at which `changes` found the collection different: columns `stats.HISTORY`."""
        from workbench import stats

        return stats.history(self._looked_at())

    def _looked_at(self) -> pl.DataFrame:
        with store.reading(self._engine) as connection:
            return snapshots.snapshots_frame(connection)

    def _statistics(self) -> dict[str, Any]:
        """The collection in numbers, as they are now."""
        import polars as pl

        from workbench import stats

        learned = (pl.col("part") == "learned") & pl.col("version").is_not_null()
        heard = int(self.coverage().filter(learned)["tracks"].sum())
        return stats.snapshot(self.tracks(), self.findings(), heard=heard, playlists=len(self.playlists()))
