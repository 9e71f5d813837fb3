"""A library explored: groups of like sound, moods, and what the sound says of the genres."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import polars as pl

from workbench.library.sound import Sound

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.genres import AnyTree

__all__ = ["Explored"]


class Explored(Sound):
    """What a library makes of how its tracks sound; nothing of it is stored, and no tag is changed."""

    def __init__(self, path: str | Path | None = None) -> None:
        super().__init__(path)
        self._grouped: dict[tuple[str, str], pl.DataFrame] = {}
        self._grouping = threading.Lock()  # windows group beside cells, and each takes over the other's numbers

    def groups(
        self,
        tracks: pl.DataFrame | None = None,
        *,
        method: str = "kmeans",
        n: int | None = None,
        seed: int = 0,
        kind: str | None = None,
        previous: pl.DataFrame | None = None,
        tree: AnyTree = None,
    ) -> pl.DataFrame:
        """Give tracks a group of those that sound alike (columns ``group``, ``membership``, ``group_name``).

        Parameters
        ----------
        tracks : DataFrame or None
            Rows to group; None groups all. Tracks that are not analysed are left out.
        method, n, seed
            As `clusters.group` takes them.
        kind : str or None
            The space to group in.
        previous : DataFrame or None
            An earlier result, whose numbers the groups take over; None takes what this object gave each track last in
            the same space by the same method. A number that this object gave and gave up never comes back.
        tree : Tree, str, Path or None
            As `genres.tree` takes it, for the genres in the names.

        Raises
        ------
        SpaceError
            None of the tracks is analysed, or a parameter is out of range.
        """
        return self.groups_described(tracks, method=method, n=n, seed=seed, kind=kind, previous=previous, tree=tree)[0]

    def groups_described(
        self,
        tracks: pl.DataFrame | None = None,
        *,
        method: str = "kmeans",
        n: int | None = None,
        seed: int = 0,
        kind: str | None = None,
        previous: pl.DataFrame | None = None,
        tree: AnyTree = None,
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What `groups` gives, and what `describe_groups` says of it, for the price of the first.

        Parameters and errors are those of `groups`.
        """
        from workbench import clusters

        rows = self.tracks() if tracks is None else tracks
        space = self.space(rows, kind=self._kind(kind))
        with self._grouping:
            remembered = self._grouped.get((self._kind(kind), method))
            earlier = _above(previous, remembered)
            found = clusters.group(space, method=method, n=n, seed=seed, previous=earlier)
            self._grouped[self._kind(kind), method] = _kept(found, remembered)
        described = self.describe_groups(found, kind=kind, tree=tree)
        names = described.select("group", group_name="name")
        grouped = found.select("track_id", "group", "membership").join(names, on="group", how="left")
        bare = rows.drop("group", "membership", "group_name", strict=False)
        return bare.join(grouped, on="track_id", how="inner", maintain_order="left"), described

    def describe_groups(
        self, groups: pl.DataFrame | None = None, *, kind: str | None = None, tree: AnyTree = None
    ) -> pl.DataFrame:
        """One row a group: its name, its most central tracks, and what stands out in it.

        Parameters
        ----------
        groups : DataFrame or None
            What `groups` gave, or other rows with ``track_id`` and ``group``; None groups all tracks.
        kind : str or None
            The space in which tracks are central.
        tree : Tree, str, Path or None
            As `genres.tree` takes it.

        Returns
        -------
        DataFrame
            Columns: `clusters.DESCRIPTIONS`.
        """
        from workbench import clusters, genres

        rows = self.groups(kind=kind, tree=tree) if groups is None else groups
        return clusters.describe(
            rows,
            self.space(rows, kind=self._kind(kind)),
            tracks=genres.tidied(self.tracks(), tree),
            features=self.features(),
            embeddings=self.embeddings(),
        )

    def moods(self, tracks: pl.DataFrame | None = None) -> pl.DataFrame:
        """Give tracks an estimate of arousal and valence, and the mood of their quadrant.

        Columns added: those of `moods.ESTIMATES`, null for tracks that are not analysed, and ``mood``. Estimates are
        made from the whole collection, so that a track's do not depend on the rows asked for.
        """
        from workbench import moods

        rows = self.tracks() if tracks is None else tracks
        estimates = moods.region(moods.estimate(self.features(), self.embeddings()))
        added = [name for name in estimates.columns if name != "track_id"]
        found = rows.drop(added, strict=False).join(estimates, on="track_id", how="left", maintain_order="left")
        return moods.explained(found)

    def suggest_genres(
        self, *, k: int = 10, level: str = "leaf", kind: str | None = None, tree: AnyTree = None
    ) -> pl.DataFrame:
        """A genre for each untagged track, by the vote of its neighbours, with title and artist.

        Parameters
        ----------
        k, level
            As `genres.suggest` takes them.
        kind : str or None
            The space in which neighbours are looked for.
        tree : Tree, str, Path or None
            As `genres.tree` takes it.

        Returns
        -------
        DataFrame
            Columns: `genres.SUGGESTED`, ``title``, ``artist``.
        """
        from workbench import genres

        space = self.space(kind=self._kind(kind))
        return self._titled(genres.suggest(self.tracks(), space, k=k, level=level, tree=tree))

    def doubtful_genres(
        self, *, k: int = 10, level: str = "leaf", kind: str | None = None, tree: AnyTree = None
    ) -> pl.DataFrame:
        """Tracks whose genre tag the sound contradicts, worst first, with title and artist; no tag is changed.

        Parameters are those of `suggest_genres`; columns: `genres.DOUBTFUL`, ``title``, ``artist``.
        """
        from workbench import genres

        space = self.space(kind=self._kind(kind))
        return self._titled(genres.doubtful(self.tracks(), space, k=k, level=level, tree=tree))

    def genre_accuracy(
        self,
        *,
        k: int = 10,
        level: str = "leaf",
        kind: str | None = None,
        tree: AnyTree = None,
        seed: int = 0,
    ) -> pl.DataFrame:
        """How often the neighbours' vote finds the genre of a track by another artist again, in this collection.

        Parameters are those of `suggest_genres`; `seed` chooses which tracks are asked where there are many. One row,
        columns: `genres.ACCURACY`.
        """
        from workbench import genres

        space = self.space(kind=self._kind(kind))
        return genres.evaluate(self.tracks(), space, k=k, level=level, tree=tree, seed=seed)

    def _titled(self, found: pl.DataFrame) -> pl.DataFrame:
        names = self.tracks().select("track_id", "title", "artist")
        return found.join(names, on="track_id", how="left", maintain_order="left")

    def _kind(self, kind: str | None) -> str:
        """The space where none is asked for."""
        return kind or self.space_kind()


def _above(previous: pl.DataFrame | None, remembered: pl.DataFrame | None) -> pl.DataFrame | None:
    """What numbers are taken over from: an earlier result, with the highest number that was ever given."""
    if previous is None or remembered is None:
        return remembered if previous is None else previous
    given = pl.concat([frame.select(pl.col("^highest_group$")) for frame in (previous, remembered)], how="diagonal")
    return previous.with_columns(highest_group=pl.lit(given["highest_group"].max(), pl.Int64))


def _kept(found: pl.DataFrame, remembered: pl.DataFrame | None) -> pl.DataFrame:
    """The numbers of the tracks grouped now, and those that the other tracks had."""
    if remembered is None:
        return found
    others = remembered.join(found, on="track_id", how="anti")
    return pl.concat([found, others]).with_columns(pl.col("highest_group").max())
