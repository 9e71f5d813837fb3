"""The maps of a library: remembered, grown, put right, made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
        file or its tempo or key was corrected. Analysis by another version makes another map.

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to place; None places all. Tracks that are not analysed have no place and are left out.
        seed : int
            Another seed gives another map of the same neighbourhoods.
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
            None of the tracks is analysed.
        """
        rows = self.tracks() if tracks is None else tracks
        asked = self._asked(rows, seed, kind)
        return _placed(rows, self._known(asked) or self._kept(asked, self._drawn(asked, seed)))

    def refine_map(self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str | None = None) -> float:
        """Put the map of these tracks right a little, and remember it: worth it when it has grown by many.

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
            None of the tracks is analysed.
        StoreError
            The store can only be read.
        """
        from workbench import maps

        store.require_writable(self._engine)
        asked = self._asked(self.tracks() if tracks is None else tracks, seed, kind)
        known = self._known(asked) or self._drawn(asked, seed)
        space = self.space(kind=asked.kind).cut(known.track_ids)
        points, drift = maps.refine(space, known.points, seed=seed)
        self._kept(asked, self._judged(asked, space, points))
        return drift

    def refit_map(self, tracks: pl.DataFrame | None = None, *, seed: int = 0, kind: str | None = None) -> pl.DataFrame:
        """Compute the map of these tracks anew, lay it over the one that was remembered, and remember it instead.

        Parameters
        ----------
        tracks, seed, kind
            As `similarity_map` takes them.

        Returns
        -------
        DataFrame
            As `similarity_map` gives it: turned, mirrored and scaled so that tracks lie near where they lay before.

        Raises
        ------
        SpaceError
            None of the tracks is analysed.
        """
        from workbench import maps

        rows = self.tracks() if tracks is None else tracks
        asked = self._asked(rows, seed, kind)
        before = self._known(asked) or self._relative(asked)
        space = self.space(kind=asked.kind).cut(asked.track_ids)
        points = maps.embed(space, seed=seed)
        if before is not None:
            points = maps.align(points, space.track_ids, before.points, before.track_ids)
        return _placed(rows, self._kept(asked, self._judged(asked, space, points)))

    def _asked(self, rows: pl.DataFrame, seed: int, kind: str | None) -> Asked:
        """What is wanted, by cheap questions to the store: nothing is fitted."""
        from workbench import maps
        from workbench.spaces import weighted_version

        kind = self.space_kind() if kind is None else kind
        base, weights = self._recipe(kind)
        with store.reading(self._engine) as connection:
            track_ids, own, version = stamps.stamped(connection, base, rows["track_id"].to_numpy())
        if not len(track_ids):
            raise SpaceError(f"{self.path}: none of these {len(rows)} tracks is analysed; run library.analyze() first")
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

    def _drawn(self, asked: Asked, seed: int) -> KeptLayout:
        """A map grown out of a relative, or a new one."""
        from workbench import maps

        before = self._relative(asked)
        space = self.space(kind=asked.kind).cut(asked.track_ids)
        if before is None:
            return self._judged(asked, space, maps.embed(space, seed=seed))
        return self._judged(asked, space, maps.grow(space, before.track_ids, before.points))

    def _judged(self, asked: Asked, space: Space, points: Points) -> KeptLayout:
        from workbench import maps

        neighbours = min(NEIGHBOURS, (len(space) - 1) // 2)
        trust = maps.trust(space, points, neighbours) if neighbours else None
        return KeptLayout(space.track_ids, points, trust, asked.stamps)

    def _kept(self, asked: Asked, layout: KeptLayout) -> KeptLayout:
        """The same, remembered where the store can be written; not where the store has changed meanwhile."""
        if store.is_writable(self._engine) and len(layout.track_ids) == len(asked.track_ids):
            with store.writing(self._engine) as connection:
                layouts.store_layout(
                    connection,
                    asked.key,
                    asked.parameters,
                    layout.track_ids,
                    layout.points,
                    trust=layout.trust,
                    family=asked.family,
                    stamps=layout.stamps,
                )
        return layout


def _placed(rows: pl.DataFrame, layout: KeptLayout) -> pl.DataFrame:
    from workbench import maps

    return maps.place(rows, layout.track_ids, layout.points, trust=layout.trust)
