"""A named list of tracks that can be edited, and remembers how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl

from workbench.errors import PlaylistError
from workbench.playlists.needs import need
from workbench.playlists.orders import arranged
from workbench.playlists.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.playlists.origin import Origin
    from workbench.playlists.paths import Order

__all__ = ["Listing"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Listing:
    """Tracks in order under a name, and the verbs that put tracks in, out and elsewhere; `Playlist` has the others.

    Parameters
    ----------
    name, rows, steps, origin
        As `Playlist` has them.

    Raises
    ------
    PlaylistError
        The rows have no column ``track_id``.
    """

    name: str
    rows: pl.DataFrame
    steps: tuple[Step, ...] = ()
    origin: Origin | None = None

    def __post_init__(self) -> None:
        """Check that the rows are tracks."""
        need(self.name, self.rows, "track_id")

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.rows)

    @property
    def track_ids(self) -> list[int]:
        """Track ids in order."""
        return self.rows["track_id"].to_list()

    def add(self, rows: pl.DataFrame) -> Self:
        """With more rows at the end; columns that only they have are dropped, columns that they lack are null.

        Raises
        ------
        PlaylistError
            The rows have no ``track_id``, or a column is of another type.
        """
        need(self.name, rows, "track_id")
        known = rows.select(column for column in self.rows.columns if column in rows.columns)
        try:
            both = pl.concat([self.rows, known], how="diagonal_relaxed")
        except pl.exceptions.SchemaError as error:
            raise PlaylistError(f"playlist {self.name!r}: these rows do not fit to its own: {error}") from error
        return self._with(both, "add", {"track_ids": known["track_id"].to_list()})

    def remove(self, track_ids: Iterable[int]) -> Self:
        """Without some tracks, wherever they stand."""
        gone = [*map(int, track_ids)]
        return self._with(self.rows.filter(~pl.col("track_id").is_in(gone)), "remove", {"track_ids": gone})

    def move(self, position: int, to: int) -> Self:
        """With the track at one position taken out and put in at another, both from 0.

        Raises
        ------
        PlaylistError
            A position is outside the playlist.
        """
        if not (0 <= position < len(self) and 0 <= to < len(self)):
            raise PlaylistError(
                f"playlist {self.name!r}: cannot move {position} to {to}, its positions are 0 to {len(self) - 1}"
            )
        order = np.insert(np.delete(np.arange(len(self)), position), to, position)
        return self._taking(order, "arrange", {"track_ids": self.rows["track_id"][order].to_list()})

    def arrange(self, track_ids: Iterable[int]) -> Self:
        """The tracks in the order of these ids, those that are not among them behind; ids of other tracks count not."""
        wanted = [*map(int, track_ids)]
        return self._taking(arranged(self.track_ids, wanted), "arrange", {"track_ids": wanted})

    def _with(
        self, rows: pl.DataFrame, verb: str, arguments: Mapping[str, Any], found: Mapping[str, Any] | None = None
    ) -> Self:
        return replace(self, rows=rows, steps=(*self.steps, Step(verb, arguments, found or {})))

    def _taking(
        self, order: Order, verb: str, arguments: Mapping[str, Any], found: Mapping[str, Any] | None = None
    ) -> Self:
        return self._with(self.rows[order], verb, arguments, found)
