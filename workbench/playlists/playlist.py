"""An ordered, named list of tracks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench import playlist_files
from workbench.neighbours import distinct_rows
from workbench.playlists.choosing import kept_per, lengths, limited, way_through
from workbench.playlists.entries import entries
from workbench.playlists.listing import Listing
from workbench.playlists.needs import need
from workbench.playlists.nsp import nsp_text
from workbench.playlists.orders import ordered
from workbench.playlists.printed import code_of
from workbench.playlists.promises import broken
from workbench.playlists.shown import extent, table
from workbench.playlists.steps import given, recipe_of

if TYPE_CHECKING:
    from workbench.spaces import Space

__all__ = ["Playlist"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Playlist(Listing):
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

    @property
    def duration_s(self) -> float:
        """Length in seconds; an unknown one adds nothing."""
        need(self.name, self.rows, "duration_s")
        return float(lengths(self.rows).sum())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the steps could not meet, or what later ones undid, a sentence each; told of the rows as they are."""
        return broken(self.rows, self.steps)

    def order(
        self,
        by: str,
        *,
        space: Space | None = None,
        seed: int = 0,
        descending: bool = False,
        start: int | None = None,
        end: int | None = None,
    ) -> Playlist:
        """The same tracks in another order.

        Parameters
        ----------
        by : str
            ``"flow"``: each track sounds like the one before (`smooth_path`). ``"harmonic"``: each mixes with the one
            before in key and tempo, as far as can be (`workbench.playlists.harmonic`). ``"energy arc"``: energy rises
            to a peak about two thirds through, and falls again (`workbench.playlists.energy`). ``"journey"``: smoothly
            from `start` to `end`, in all more and more like the end. ``"shuffle"``: by chance. Or a column: unknown
            last, equal ones as they are; ``"camelot"`` round the wheel, 1A, 1B, 2A.
            Tracks that an order cannot place, for want of a key or a place in the space, go to the end, before a fixed
            last one; `remarks` names them.
        space : Space, optional
            Where ``"flow"`` and ``"journey"`` look; of the whole collection, it is cut to the tracks here. With one,
            ``"harmonic"`` and ``"energy arc"`` choose by sound among what suits them equally.
        seed : int
            Of ``"shuffle"``, 0 or more.
        descending : bool
            Largest first; turns other orders round.
        start, end : int, optional
            Track ids that stay first and last, of a flow, a harmonic order or a journey.

        Raises
        ------
        PlaylistError
            There is no such order or column, a space is missing, the seed is negative, or a start or end is not in the
            list or cannot be placed.
        """
        order, found = ordered(
            self.name, self.rows, by, space=space, seed=seed, descending=descending, pins=(start, end)
        )
        recipe = None if space is None else recipe_of(space)
        arguments = given(by=by, space=recipe, seed=seed or None, descending=descending or None, start=start, end=end)
        return self._taking(order, "order", arguments, found)

    def through(self, start: int, end: int, *, space: Space, tracks: int | None = None) -> Playlist:
        """Only the tracks on the way from one track to another, each a neighbour of the one before.

        Of a whole collection it makes a short list: ``wb.Playlist("Trip", library.tracks()).through(3, 17,
        space=library.space())``. How the way is found: `workbench.playlists.journeys.neighbour_path`.

        Parameters
        ----------
        start, end : int
            Track ids.
        space : Space
            Whose neighbours are meant.
        tracks : int, optional
            How many tracks, 2 or more: a longer way is thinned, a shorter one is stretched where its steps are widest.

        Raises
        ------
        PlaylistError
            A track is not in the list or has no place in the space, both are one, or fewer than two are asked for.
        """
        way = way_through(self.name, self.rows, space=space, start=start, end=end, tracks=tracks)
        arguments = given(start=start, end=end, space=recipe_of(space), tracks=tracks)
        return self._taking(way, "through", arguments, given(tracks=tracks))

    def limit(self, *, minutes: float | None = None, tracks: int | None = None) -> Playlist:
        """The beginning, up to so many minutes and so many tracks; the track that would pass the limit is left out.

        Raises
        ------
        PlaylistError
            A limit is negative or not finite, or the rows have no lengths to tell minutes by.
        """
        rows, found = limited(self.name, self.rows, minutes=minutes, tracks=tracks)
        return self._with(rows, "limit", given(minutes=minutes, tracks=tracks), found)

    def at_most(self, n: int, *, per: str = "artist") -> Playlist:
        """The first n tracks of each artist, or of each value of another column; tracks of unknown ones all stay.

        A track by several artists counts for each of them, and goes where one of them has had n.

        Raises
        ------
        PlaylistError
            n is below 1, or there is no such column.
        """
        return self._taking(kept_per(self.name, self.rows, n, per), "at_most", {"n": n, "per": per})

    def distinct(self) -> Playlist:
        """The first of the versions of each recording (`workbench.neighbours.distinct_rows`).

        Versions have the same artists and the same title without notes such as "live" or "remaster", or the same sound.
        A track without artist or title is a version of its copies only.
        """
        return self._taking(np.array(distinct_rows(self.rows), np.intp), "distinct", {})

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
