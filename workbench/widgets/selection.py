"""Which tracks do the widgets talk about?

Conventions
-----------
Identity is the track id. Rows come in the order of the frame they were chosen from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import polars as pl
import traitlets

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HasSelection", "Selection", "opened", "rows_of"]


class HasSelection(Protocol):
    """A widget that shows tracks and what is selected of them, such as `MapView`."""

    @property
    def tracks(self) -> pl.DataFrame:
        """What it shows."""

    @property
    def selection(self) -> Selection:
        """What is selected in it."""


class Selection(traitlets.HasTraits):
    """A frame of tracks, the ids chosen from it and the id clicked last; widgets that share one move together.

    Parameters
    ----------
    tracks : pl.DataFrame
        One row a track; reads ``track_id``.
    track_ids : iterable of int
        What is selected at first.

    Attributes
    ----------
    track_ids : tuple of int
        Selected ids; observable. Ids that are not in `tracks` may stand here and have no row.
    clicked : int or None
        The id clicked last; observable.
    """

    track_ids = traitlets.Tuple()
    clicked = traitlets.Int(None, allow_none=True)

    def __init__(self, tracks: pl.DataFrame, track_ids: Iterable[int] = ()) -> None:
        super().__init__()
        self.tracks = tracks
        self.track_ids = tuple(track_ids)

    @traitlets.validate("track_ids")
    def _plain(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        """Python integers, each once: numpy's would not compare as a tuple's members."""
        return tuple(dict.fromkeys(int(track_id) for track_id in proposal["value"]))

    @property
    def rows(self) -> pl.DataFrame:
        """The selected rows of `tracks`, in its order and schema; empty when nothing is selected."""
        return rows_of(self.tracks, self.track_ids)


def rows_of(tracks: pl.DataFrame, track_ids: Iterable[int]) -> pl.DataFrame:
    """The rows of `tracks` with these ids, in the frame's order."""
    return tracks.filter(pl.col("track_id").is_in(list(track_ids)))


def opened(source: Selection | HasSelection | pl.DataFrame) -> tuple[pl.DataFrame, Selection]:
    """The tracks behind a widget, a selection or a frame, and what is selected of them (of a frame: all)."""
    if isinstance(source, pl.DataFrame):
        return source, Selection(source, source["track_id"])
    return source.tracks, source if isinstance(source, Selection) else source.selection
