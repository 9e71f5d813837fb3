"""An ordered, named list of tracks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from workbench import playlist_files
from workbench.errors import PlaylistError
from workbench.neighbours import capped, names_in
from workbench.playlists.entries import entries
from workbench.playlists.needs import need
from workbench.playlists.nsp import nsp_text
from workbench.playlists.orders import arranged, ordered
from workbench.playlists.printed import code_of
from workbench.playlists.shown import extent, table
from workbench.playlists.steps import Step, recipe_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.playlists.origin import Origin
    from workbench.playlists.paths import Order
    from workbench.spaces import Space

__all__ = ["Playlist"]


@dataclass(frozen=True, slots=True, eq=False)
class Playlist:
    """An ordered, named list of tracks.

    Parameters
    ----------
    name : str
        What players show.
    rows : polars.DataFrame
        Tracks in order; any frame with ``track_id``. Schema `models.TRACKS` gives every verb what it reads.
    steps : tuple of Step
        The verbs that made it, in their order.
    origin : Origin or None
        Where the rows came from before the steps, for a playlist that can be refreshed (`Library.refresh`).

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

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        need(self.name, self.rows, "duration_s")
        return float(self.rows["duration_s"].sum())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the steps could not meet, a sentence each; an order takes back what earlier orders said."""
        last = max((place for place, step in enumerate(self.steps) if step.verb == "order"), default=0)
        held = [step for place, step in enumerate(self.steps) if step.verb != "order" or place == last]
        return tuple(remark for step in held for remark in step.remarks)

    def order(self, by: str, *, space: Space | None = None, seed: int = 0, descending: bool = False) -> Playlist:
        """The same tracks in another order.

        Parameters
        ----------
        by : str
            ``"flow"``: each track sounds like the one before (`smooth_path`); tracks without a place in the space go
            to the end. ``"shuffle"``: by chance. Or a column: unknown last, equal ones as they are; ``"camelot"``
            round the wheel, 1A, 1B, 2A.
        space : Space, optional
            Where ``"flow"`` looks; of the whole collection, it is cut to the tracks here.
        seed : int
            Of ``"shuffle"``.
        descending : bool
            Largest first; turns a flow round.

        Raises
        ------
        PlaylistError
            There is no such order or column, or ``"flow"`` has no space.
        """
        order, remarks = ordered(self.name, self.rows, by, space=space, seed=seed, descending=descending)
        recipe = None if space is None else recipe_of(space)
        arguments = _given(by=by, space=recipe, seed=seed or None, descending=descending or None)
        return self._taking(order, "order", arguments, remarks)

    def limit(self, *, minutes: float | None = None, tracks: int | None = None) -> Playlist:
        """The beginning, up to so many minutes and so many tracks; the track that would pass the limit is left out.

        Raises
        ------
        PlaylistError
            A limit is negative.
        """
        if (minutes or 0) < 0 or (tracks or 0) < 0:
            raise PlaylistError(
                f"playlist {self.name!r}: limits are 0 or more, found {minutes} minutes, {tracks} tracks"
            )
        rows = self.rows if tracks is None else self.rows.head(tracks)
        if minutes is not None:
            need(self.name, rows, "duration_s")
            rows = rows.filter(rows["duration_s"].fill_null(0).cum_sum() <= minutes * 60)
        return self._with(rows, "limit", _given(minutes=minutes, tracks=tracks))

    def at_most(self, n: int, *, per: str = "artist") -> Playlist:
        """The first n tracks of each artist, or of each value of another column; tracks of unknown ones all stay.

        A track by several artists counts for each of them, and goes where one of them has had n.

        Raises
        ------
        PlaylistError
            n is below 1, or there is no such column.
        """
        if n < 1:
            raise PlaylistError(f"playlist {self.name!r}: at most {n} per {per} leaves nothing; choose 1 or more")
        if per != "artist" or "artists" not in self.rows.columns:
            need(self.name, self.rows, per)
        kept = np.fromiter(capped(names_in(self.rows, per), n), np.intp)
        return self._taking(kept, "at_most", {"n": n, "per": per})

    def add(self, rows: pl.DataFrame) -> Playlist:
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

    def remove(self, track_ids: Iterable[int]) -> Playlist:
        """Without some tracks, wherever they stand."""
        gone = [*map(int, track_ids)]
        return self._with(self.rows.filter(~pl.col("track_id").is_in(gone)), "remove", {"track_ids": gone})

    def move(self, position: int, to: int) -> Playlist:
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

    def arrange(self, track_ids: Iterable[int]) -> Playlist:
        """The tracks in the order of these ids, those that are not among them behind; ids of other tracks count not."""
        wanted = [*map(int, track_ids)]
        return self._taking(arranged(self.track_ids, wanted), "arrange", {"track_ids": wanted})

    def write(self, path: str | Path, *, relative: bool = True, overwrite: bool = False) -> Path:
        """Write a playlist file and give its path.

        Parameters
        ----------
        path : str or Path
            Its ending chooses the format: .m3u8, .m3u, .pls or .xspf; or .nsp, a smart playlist for Navidrome, where
            the playlist comes from a search.
        relative : bool
            Paths of tracks relative to the playlist's folder, where that is possible.
        overwrite : bool
            Replace a file that is there.

        Raises
        ------
        PlaylistError
            A row has neither ``path_bytes`` nor ``path``, an .nsp file cannot hold the playlist, or
            `playlist_files.write` refuses.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() == ".nsp":
            return playlist_files.write_text(target, f"{nsp_text(self)}\n", overwrite=overwrite)
        told = entries(self.name, self.rows)
        return playlist_files.write(target, told, name=self.name, relative=relative, overwrite=overwrite)

    def code(self) -> str:
        """Lines of Python that make the playlist again from where its tracks came from, else of their ids."""
        if self.origin is None:
            return code_of(self.name, None, (), self.track_ids)
        return code_of(self.name, self.origin, self.steps, [])

    def __repr__(self) -> str:
        """Name, number of tracks and length, and what could not be met."""
        noted = "".join(f"\n  {remark}" for remark in self.remarks)
        return f"Playlist({self.name!r}, {extent(self.rows)}){noted}"

    def _repr_html_(self) -> str:
        """A short table; text of tags is escaped."""
        return table(self.name, self.rows, self.remarks)

    def _with(
        self, rows: pl.DataFrame, verb: str, arguments: dict[str, Any], remarks: tuple[str, ...] = ()
    ) -> Playlist:
        return replace(self, rows=rows, steps=(*self.steps, Step(verb, arguments, remarks)))

    def _taking(self, order: Order, verb: str, arguments: dict[str, Any], remarks: tuple[str, ...] = ()) -> Playlist:
        return self._with(self.rows[order], verb, arguments, remarks)


def _given(**arguments: Any) -> dict[str, Any]:  # noqa: ANN401  of any verb
    """The arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}
