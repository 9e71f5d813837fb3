"""A library surveyed: what a report asks of it, answered for tracks of which nothing is known yet, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from workbench import store
from workbench.library.explored import Explored
from workbench.library.mapped import Mapped
from workbench.store import stamps

if TYPE_CHECKING:
    from workbench.spaces import Ids

__all__ = ["Surveyed"]


class Surveyed(Explored, Mapped):
    """Answers that have no rows where too little is analysed, so that a report runs to its end on any collection."""

    def group_map(self, tracks: pl.DataFrame | None = None, *, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Groups of like sound on the map, and what each group is.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to group and to place; None takes all. Tracks that are not analysed are left out.
        seed : int
            As `groups` and `similarity_map` take it.

        Returns
        -------
        layout : DataFrame
            The rows with the columns that `groups` and `similarity_map` add.
        described : DataFrame
            As `describe_groups` gives it. Neither has rows where none of the tracks is analysed, or fewer than three of
            the whole collection.

        Raises
        ------
        SpaceError
            The seed is no whole number from 0 to 2**32 - 1.
        """
        from workbench import clusters

        rows = self.tracks() if tracks is None else tracks
        if not self._comparable(rows):
            return _unplaced(rows), pl.DataFrame(schema=clusters.DESCRIPTIONS)
        grouped, described = self.groups_described(rows, seed=seed)
        return self.similarity_map(grouped, seed=seed), described

    def outliers(self, tracks: pl.DataFrame | None = None) -> pl.DataFrame:
        """Tracks that stand far from the others in sound, and in what (`workbench.stats.outliers`).

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to compare with each other; None compares all. Tracks that are not analysed stand out in nothing.

        Returns
        -------
        DataFrame
            Columns: `stats.OUTLIERS`; the farthest first.
        """
        from workbench import stats

        rows = self.tracks() if tracks is None else tracks
        return stats.outliers(rows, self.space(rows) if self._comparable(rows) else None)

    def _comparable(self, rows: pl.DataFrame) -> bool:
        """Whether there is a space, and one of these tracks has a place in it; nothing is fitted to know."""
        from workbench.spaces.space import FEWEST

        placed = pl.Series(self._with_place(), dtype=pl.Int64)
        return len(placed) >= FEWEST and rows["track_id"].is_in(placed.implode()).any()

    def _with_place(self) -> Ids:
        base, _ = self._recipe(self.space_kind())
        with store.reading(self._engine) as connection:
            return stamps.stamped(connection, base, self.tracks()["track_id"].to_numpy())[0]


def _unplaced(rows: pl.DataFrame) -> pl.DataFrame:
    """No rows, with the columns of a map and of groups."""
    numbers = ("x", "y", "trust", "membership")
    empty = {name: pl.lit(None, pl.Float64) for name in numbers}
    return rows.clear().with_columns(**empty, group=pl.lit(None, pl.Int64), group_name=pl.lit(None, pl.String))
