"""The playlists of a library that are made again when new music has come."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from workbench import store
from workbench.errors import PlaylistError, SpaceError
from workbench.library.explored import Explored
from workbench.library.lists import Lists
from workbench.library.mapped import Mapped
from workbench.store import layouts, recipes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.playlists import Origin, Playlist, Refreshed
    from workbench.spaces import Space
    from workbench.store.layouts import FoundLayout

__all__ = ["Renewed"]

LANDMARKS: Final = 32
"""Tracks whose places are kept with a region, to see whether the map still lies as it did."""

MOST_DRIFT: Final = 0.02
"""Share of a map's width that its landmarks may have moved until it is said."""


class Renewed(Lists, Explored, Mapped):
    """What a library knows of where playlists come from."""

    def select(self, origin: Origin) -> pl.DataFrame:
        """The tracks that an origin stands for as the collection is now (columns: `models.TRACKS`).

        Parameters
        ----------
        origin : Origin
            Of a playlist, or as `region` gives it.

        Raises
        ------
        QueryError, SpaceError, PlaylistError
            It cannot be asked any more: the search names a column or a playlist that is gone, no track has a place in
            its space, the track by which a group is known is gone.
        """
        return getattr(self, ASKED[origin.kind])(origin.detail).select(self.tracks().columns)  # type: ignore[no-any-return]

    def region(self, layout: pl.DataFrame, polygon: Sequence[tuple[float, float]], *, of: str | None = None) -> Origin:
        """A region of a map as the origin of a playlist.

        Parameters
        ----------
        layout : DataFrame
            A map of this library, or rows of one: what `similarity_map` gave.
        polygon : sequence of (float, float)
            Corners, as `maps.inside` takes them.
        of : str or None
            The search that found the rows of `layout`. With it new tracks that it finds come in; without it, on a map
            that is not of all tracks, only the tracks that are on it now.

        Raises
        ------
        SpaceError
            The library remembers no such map, no track is on it, or the polygon has fewer than three corners.
        """
        from workbench import maps
        from workbench.playlists import Origin

        inside = maps.inside(layout, polygon).unique("track_id", keep="first", maintain_order=True)
        bare = layout.select("track_id", "x", "y").filter(pl.col("x").is_finite(), pl.col("y").is_finite())
        bare = bare.unique("track_id", keep="first", maintain_order=True)
        if bare.is_empty():
            raise SpaceError(f"{self.path}: there is no track on this map, and so no region of it")
        points = bare.select("x", "y").to_numpy().astype(np.float32)
        with store.reading(self._engine) as connection:
            found = layouts.layouts_with(connection, bare["track_id"].to_numpy(), points)
        if not found:
            raise SpaceError(f"{self.path}: no map is remembered on which these {len(bare)} tracks lie so")
        detail = self._map_detail(found, bare["track_id"], of)
        corners = [[float(x), float(y)] for x, y in polygon]
        marks = inside.select("track_id", "x", "y").gather_every(max(1, -(-len(inside) // LANDMARKS))).rows()
        return Origin("region", {"polygon": corners, **detail, "landmarks": [list(mark) for mark in marks]})

    def refresh(self, playlist: str | Playlist) -> Refreshed:
        """A playlist as its origin and its steps give it now, and what came and went; nothing is saved.

        Parameters
        ----------
        playlist : str or Playlist
            The name of a saved one, or one with an origin.

        Raises
        ------
        PlaylistError
            There is no such playlist, it is a list of tracks, or it cannot be made again.
        QueryError, SpaceError
            As `select`.

        Examples
        --------
        >>> library.refresh("Rain")  # doctest: +SKIP
        'Rain': 3 added, 1 gone, 24 tracks, 1:38:10 now
        >>> library.save(library.refresh("Rain").playlist)  # doctest: +SKIP
        """
        from workbench.playlists import Refreshed, lost_pins, replayed

        before = self.playlist(playlist) if isinstance(playlist, str) else playlist
        if before.origin is None:
            raise PlaylistError(
                f"playlist {before.name!r} is a list of tracks, from no search or region: there is nothing to ask again"
            )
        rows, drift = self._asked_again(before.origin)
        now = replayed(before, rows, space_of=self._space_of, rows_of=self._rows_in)
        own, old = (each.rows["track_id"].implode() for each in (now, before))
        emptied = "no track would be left" if len(before) and not len(now) else ""
        return Refreshed(
            now,
            doubt=emptied or "".join(drift),
            added=now.rows.filter(~pl.col("track_id").is_in(old)),
            gone=before.rows.filter(~pl.col("track_id").is_in(own)),
            remarks=(*drift, *lost_pins(before.steps, now.steps), *now.remarks),
        )

    def _asked_again(self, origin: Origin) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """What `select` gives, and what should be known of it; a map is opened once for both."""
        from workbench import maps

        if origin.kind != "region":
            return self.select(origin), ()
        layout = self._mapped(origin.detail)
        rows = maps.inside(layout, origin.detail["polygon"]).select(self.tracks().columns)
        return rows, drifted(layout, origin.detail["landmarks"])

    def _map_detail(self, found: Sequence[FoundLayout], shown: pl.Series, of: str | None) -> dict[str, Any]:
        """Which map it is, of which tracks, and which of them are looked at."""
        every, asked = self.tracks(), None if of is None else self._sought(of)
        for each in found:
            kind, seed = self._kind_of(each), int(each.parameters["seed"])
            detail = {"map": each.key, "seed": seed, "space": {"kind": kind, "version": each.parameters["space"]}}
            if asked is not None and self._asked(asked, seed, kind).key == each.key:
                return {**detail, "of": of}
            among = {"among_ids": shown.to_list()} if of is None else {"among": of}
            part = among if len(shown) < len(each.track_ids) else {}
            if self._asked(every, seed, kind).key == each.key:
                return {**detail, **part}
        return {**detail, "track_ids": each.track_ids.tolist(), **part}

    def _kind_of(self, found: FoundLayout) -> str:
        """The name of the space that a map was made in."""
        from workbench.spaces import KINDS

        with store.reading(self._engine) as connection:
            names: list[str] = [*KINDS, *recipes.recipes_frame(connection)["name"].to_list()]
        for name in names:
            with suppress(SpaceError):  # no track has a place in that one
                if self._asked(self.tracks(), int(found.parameters["seed"]), name).family == found.family:
                    return name
        raise SpaceError(f"{self.path}: the map was made in a space of another version: draw it again")

    def _found(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        return self._sought(detail["text"])

    def _mapped(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        """The map that a region is drawn on, as it is now."""
        rows = self._sought(detail["of"]) if detail.get("of") else self.tracks()
        if detail.get("track_ids") is not None:
            rows = self._rows_of(detail["track_ids"])
        layout = self.similarity_map(rows, seed=detail["seed"], kind=detail["space"]["kind"])
        if detail.get("among"):
            return layout.join(self._sought(detail["among"]).select("track_id"), on="track_id", how="semi")
        among = detail.get("among_ids")
        return layout if among is None else layout.filter(pl.col("track_id").is_in(among))

    def _in_region(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        from workbench import maps

        return maps.inside(self._mapped(detail), detail["polygon"])

    def _in_mood(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        from workbench import maps

        moods = self.moods()
        if "mood" in detail:
            return moods.filter(pl.col("mood") == detail["mood"])
        return maps.inside(moods, detail["polygon"], x="valence", y="arousal")

    def _near(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        from workbench.neighbours import nearest

        space, tracks = self.space(kind=detail["space"]), self.tracks()
        found = nearest(space, detail["track_ids"], n=detail["n"], tracks=tracks, per_artist=detail["per_artist"])
        return self._rows_of(found["neighbour_id"].to_list())

    def _in_group(self, detail: Mapping[str, Any]) -> pl.DataFrame:
        from workbench import clusters

        asked = {name: detail[name] for name in ("n", "method", "seed")}
        rows = clusters.holding(self.groups(**asked, kind=detail.get("space")), detail["member"])
        if rows.is_empty():
            raise PlaylistError(f"track {detail['member']}, by which the group is known, is in no group any more")
        return rows

    def _space_of(self, recipe: Mapping[str, Any]) -> Space:
        space = self.space(kind=recipe["kind"])
        return space.weighted(**recipe["weights"]) if recipe.get("weights") else space

    def _rows_in(self, track_ids: Sequence[int]) -> pl.DataFrame:
        """The rows of these tracks in this order, each as often as it comes; tracks that are gone are passed over."""
        wanted, tracks = pl.DataFrame({"track_id": track_ids}, {"track_id": pl.Int64}), self.tracks()
        return wanted.join(tracks, on="track_id", maintain_order="left").select(tracks.columns)

    def _rows_of(self, track_ids: Sequence[int]) -> pl.DataFrame:
        """The rows of these tracks, in the order of `tracks`."""
        return self.tracks().filter(pl.col("track_id").is_in(list(track_ids)))


def drifted(layout: pl.DataFrame, landmarks: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """What should be known of a map that no longer lies as it did when a region was drawn on it."""
    if not landmarks:
        return ()
    schema = {"track_id": pl.Int64(), "was_x": pl.Float64(), "was_y": pl.Float64()}
    marks = pl.DataFrame(landmarks, schema, orient="row").join(layout, on="track_id")
    if marks.is_empty():
        return ("none of the tracks that lay in the region is on the map any more: look at it again",)
    x, y = ((marks[f"was_{axis}"] - marks[axis]).to_numpy() for axis in ("x", "y"))
    width = max(float(np.ptp(layout[axis].to_numpy())) for axis in ("x", "y"))
    drift = float(np.median(np.hypot(x, y))) / width if width else 0.0
    if drift <= MOST_DRIFT:
        return ()
    moved = f"the region's points moved by {drift:.0%} of its width"
    return (f"the map was drawn anew since, and {moved}; look at it again",)


ASKED: Final = {
    "query": "_found",
    "region": "_in_region",
    "mood": "_in_mood",
    "neighbours": "_near",
    "group": "_in_group",
}
"""Who answers each kind of origin."""
