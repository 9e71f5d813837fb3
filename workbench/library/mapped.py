"""The maps of a library: remembered, grown, put right, made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench import store
from workbench.errors import SpaceError
from workbench.library.sound import Sound
from workbench.store import layouts, stamps
from workbench.store.layouts import KeptLayout

if TYPE_CHECKING:
    import polars as pl

    from workbench.maps.layout import Points
    from workbench.spaces import Ids, Space

__all__ = ["Mapped"]

NEIGHBOURS: Final = 15
"""By how many a point's trust is measured, where there are more than twice as many tracks."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a map is wanted of: tracks and their stamps, a kind of space, and the names of such a map."""

    kind: str
    track_ids: Ids
    stamps: Ids
    family: str
    key: str
    parameters: dict[str, Any]


class Mapped(Sound):
    """What a library knows of maps. An old map stays where it is, and new tracks find their place on it."""

    def similarity_map(
        self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str | None = None
    ) -> pl.DataFrame:
        """Give tracks a place on a map (columns ``x``, ``y``), where neighbours sound alike.

        A map is computed once for these tracks, their sound and the seed, and remembered. Where one is remembered that
        holds half of them or more, and of its own tracks nine tenths are among them, it grows: its points stay, each
        new track goes among the five that sound most like it. So does a track that sounds different since, because its
        file or its tempo or key was corrected. Once fewer than half of the points were computed, or fewer than 40, the
        map is computed anew and laid over the old one. Analysis by another version makes another map.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to place; None places all. Tracks that are not analysed have no place and are left out.
        seed : int
            0 to 2**32 - 1; another seed gives another map of the same neighbourhoods.
        kind : str or None
            The space to map; None takes `space_kind`.

        Returns
        -------
        DataFrame
            The rows with ``x``, ``y`` and ``trust`` (Float64): how far the neighbours of a point are neighbours in
            sound, 0 to 1 (`maps.trust`), null on a map of two tracks or one.

        Raises
        ------
        SpaceError
            None of the tracks has a place in the space, fewer than three of the whole collection have, or the seed is
            no whole number from 0 to 2**32 - 1.
        """
        rows = self.tracks() if tracks is None else tracks
        asked = self._asked(rows, seed, kind)
        return _placed(rows, self._known(asked) or self._kept(asked, self._drawn(asked, seed)))

    def refine_map(self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str | None = None) -> float:
        """Put the map of these tracks right a little, and remember it: worth it when it has grown by many.

        Maps that hold hardly any other tracks are forgotten, so that they follow.

        Parameters
        ----------
        tracks, seed, kind
            As `similarity_map` takes them.

        Returns
        -------
        float
            Drift: the median distance that a point has moved, as a share of the map's width.

        Raises
        ------
        SpaceError
            As `similarity_map`.
        StoreError
            The store can only be read.
        """
        from workbench import maps

        store.require_writable(self._engine)
        asked = self._asked(self.tracks() if tracks is None else tracks, seed, kind)
        known = self._known(asked) or self._drawn(asked, seed)
        space = self._cut(asked).cut(known.track_ids)
        points, drift = maps.refine(space, known.points, seed=seed)
        self._kept(asked, self._judged(asked, space, points, grown=known.grown), is_changed=True)
        return drift

    def refit_map(self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str | None = None) -> pl.DataFrame:
        """Compute the map of these tracks anew, lay it over the one that was remembered, and remember it instead.

        Maps that hold hardly any other tracks are forgotten, so that they follow.

        Parameters
        ----------
        tracks, seed, kind
            As `similarity_map` takes them.

        Returns
        -------
        DataFrame
            As `similarity_map` gives it: turned, mirrored and shifted so that tracks lie near where they lay before.

        Raises
        ------
        SpaceError
            As `similarity_map`.
        StoreError
            The store can only be read.
        """
        store.require_writable(self._engine)
        rows = self.tracks() if tracks is None else tracks
        asked = self._asked(rows, seed, kind)
        anew = self._anew(asked, self._cut(asked), seed, self._known(asked) or self._relative(asked))
        return _placed(rows, self._kept(asked, anew, is_changed=True))

    def _asked(self, rows: pl.DataFrame, seed: int, kind: str | None) -> Asked:
        """What is wanted, by cheap questions to the store: nothing is fitted."""
        from workbench import maps
        from workbench.spaces import weighted_version

        kind = kind or self.space_kind()
        base, weights = self._recipe(kind)
        with store.reading(self._engine) as connection:
            track_ids, own, version = stamps.stamped(connection, base, rows["track_id"].to_numpy())
        if not len(track_ids):
            raise SpaceError(
                f"{self.path}: none of these {len(rows)} tracks has a place in the {kind} space: run library.analyze()"
            )
        family, made_as = maps.family(weighted_version(version, weights), seed=seed)
        key, parameters = maps.stamped_key(track_ids, own, made_as)
        return Asked(kind, track_ids, own, family, key, parameters)

    def _known(self, asked: Asked) -> KeptLayout | None:
        with store.reading(self._engine) as connection:
            return layouts.load_layout(connection, asked.key)

    def _relative(self, asked: Asked) -> KeptLayout | None:
        """The remembered map that these tracks fit on best, only with the points of tracks that sound as they did."""
        from workbench import maps

        with store.reading(self._engine) as connection:
            known = layouts.family_layouts(connection, asked.family)
        best = maps.relative((asked.track_ids, asked.stamps), [each.sounds for each in known])
        return None if best is None else known[best].same(asked.track_ids, asked.stamps)

    def _cut(self, asked: Asked) -> Space:
        """The space of the tracks that are wanted, made as it was when they were asked for."""
        space, version = self.space(kind=asked.kind), asked.parameters["space"]
        if space.version != version:
            raise SpaceError(f"{self.path}: the {asked.kind} space is {space.version}, no longer {version}: ask again")
        return space.cut(asked.track_ids)

    def _drawn(self, asked: Asked, seed: int) -> KeptLayout:
        """A map grown out of a relative, or a new one."""
        from workbench import maps

        before, space = self._relative(asked), self._cut(asked)
        if before is None or not maps.can_grow(before.computed, len(asked.track_ids)):
            return self._anew(asked, space, seed, before)
        points = maps.grow(space, before.track_ids, before.points)
        is_computed = np.isin(space.track_ids, np.setdiff1d(before.track_ids, before.grown))
        return self._judged(asked, space, points, grown=space.track_ids[~is_computed])

    def _anew(self, asked: Asked, space: Space, seed: int, before: KeptLayout | None) -> KeptLayout:
        """A new map, laid over the one before."""
        from workbench import maps

        points = maps.embed(space, seed=seed)
        if before is not None:
            points = maps.align(points, space.track_ids, before.points, before.track_ids)
        return self._judged(asked, space, points, grown=space.track_ids[:0])

    def _judged(self, asked: Asked, space: Space, points: Points, *, grown: Ids) -> KeptLayout:
        from workbench import maps

        neighbours = min(NEIGHBOURS, (len(space) - 1) // 2)
        trust = maps.trust(space, points, neighbours) if neighbours else None
        return KeptLayout(space.track_ids, points, trust, asked.stamps, grown)

    def _kept(self, asked: Asked, layout: KeptLayout, *, is_changed: bool = False) -> KeptLayout:
        """The same, remembered where the store can be written; not where the store has changed meanwhile.

        Where it is a known map that was changed, what it covers is forgotten: that shows where tracks lay before.
        """
        if store.is_writable(self._engine) and len(layout.track_ids) == len(asked.track_ids):
            with store.writing(self._engine) as connection:
                layouts.store_layout(
                    connection,
                    asked.key,
                    asked.parameters | {"grown": layout.grown.tolist()},
                    layout.track_ids,
                    layout.points,
                    trust=layout.trust,
                    family=asked.family,
                    stamps=layout.stamps,
                )
                if is_changed:
                    layouts.forget_covered(connection, asked.family, asked.key, layout.track_ids)
        return layout


def _placed(rows: pl.DataFrame, layout: KeptLayout) -> pl.DataFrame:
    from workbench import maps

    return maps.place(rows, layout.track_ids, layout.points, trust=layout.trust)
