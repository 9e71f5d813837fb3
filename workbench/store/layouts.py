"""How are maps remembered, so that a known one opens at once?

Conventions
-----------
A layout is known by a key, a hash of all it was computed from, and belongs to a family: the layouts that were made in
the same way, of whichever tracks. Points are float32 pairs in the order of the track ids, and so are trust (float32)
and stamps (int64, `store.stamps`). Which points were grown stands in the parameters, as ``grown``. Of each family the
newest `KEPT` stay, and the one of most tracks however old it is: selections have many maps, the collection has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

__all__ = ["KEPT", "KeptLayout", "family_layouts", "forget_covered", "layouts_with", "load_layout", "store_layout"]

KEPT: Final = 20

COVERED: Final = 0.9
"""Share of a layout's tracks that another must hold to replace it; as much makes them relatives (`maps.relative`)."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptLayout:
    """A map as it is remembered.

    Attributes
    ----------
    track_ids : ndarray (n,) int64
        Whose the points are.
    points : ndarray (n, 2) float32
        Where they lie.
    trust : ndarray (n,) float32 or None
        Trustworthiness of each point, 0 to 1.
    stamps : ndarray (n,) int64 or None
        What each track sounded like when it was placed.
    grown : ndarray (k,) int64
        Tracks whose points were not computed, but found by those of others (`maps.grow`).
    """

    track_ids: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    trust: npt.NDArray[np.float32] | None = None
    stamps: npt.NDArray[np.int64] | None = None
    grown: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def computed(self) -> int:
        """Number of tracks whose points were computed."""
        return len(self.track_ids) - len(self.grown)

    @property
    def sounds(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Track ids and stamps; none of a layout whose stamps are not known."""
        return (self.track_ids[:0], self.track_ids[:0]) if self.stamps is None else (self.track_ids, self.stamps)

    def same(self, track_ids: npt.NDArray[np.int64], stamps: npt.NDArray[np.int64]) -> KeptLayout:
        """Only the points of these tracks, as far as they sound as they did; ids once each, without trust."""
        _, here, there = np.intersect1d(self.track_ids, track_ids, assume_unique=True, return_indices=True)
        rows = here if self.stamps is None else here[self.stamps[here] == stamps[there]]
        kept = self.track_ids[rows]
        return KeptLayout(kept, self.points[rows], grown=self.grown[np.isin(self.grown, kept)])


@dataclass(frozen=True, slots=True, eq=False)
class FoundLayout:
    """What a layout is called, what it was made of, and the tracks on it."""

    key: str
    family: str | None
    parameters: Mapping[str, Any]
    track_ids: npt.NDArray[np.int64]


def load_layout(connection: sa.Connection, key: str) -> KeptLayout | None:
    """The layout of a key, or None where it is not known."""
    found = connection.execute(_select().where(TABLES["layout"].c.key == key)).one_or_none()
    return None if found is None else _layout(found)


def family_layouts(connection: sa.Connection, family: str) -> list[KeptLayout]:
    """All layouts of a family, newest first."""
    layout = TABLES["layout"].c
    query = _select().where(layout.family == family).order_by(layout.made_at.desc(), layout.id.desc())
    return [_layout(row) for row in connection.execute(query)]


def layouts_with(
    connection: sa.Connection, track_ids: npt.NDArray[np.int64], points: npt.NDArray[np.float32]
) -> list[FoundLayout]:
    """The layouts on which these tracks have these very points, newest first.

    Parameters
    ----------
    track_ids : ndarray (n,) int64
        Each once.
    points : ndarray (n, 2) float32
        Theirs.
    """
    layout = TABLES["layout"].c
    wanted = sa.select(layout.key, layout.family, layout.parameters, layout.track_ids, layout.points)
    wanted = wanted.where(sa.func.length(layout.track_ids) >= track_ids.nbytes)
    found = []
    for row in connection.execute(wanted.order_by(layout.made_at.desc(), layout.id.desc())):
        own, places = np.frombuffer(row.track_ids, "<i8"), np.frombuffer(row.points, "<f4").reshape(-1, 2)
        _, here, there = np.intersect1d(track_ids, own, assume_unique=True, return_indices=True)
        if len(here) == len(track_ids) and np.array_equal(points[here], places[there]):
            found.append(FoundLayout(row.key, row.family, row.parameters, own))
    return found


def store_layout(
    connection: sa.Connection,
    key: str,
    parameters: Mapping[str, Any],
    track_ids: npt.NDArray[np.int64],
    points: npt.NDArray[np.float32],
    *,
    trust: npt.NDArray[np.float32] | None = None,
    family: str | None = None,
    stamps: npt.NDArray[np.int64] | None = None,
) -> None:
    """Remember a layout under its key, in place of what stood there, and forget the oldest of its family.

    The fullest of the family is not forgotten.

    Parameters
    ----------
    key : str
        Hash of what it was computed from.
    parameters : mapping
        The same in words, JSON-able, and in ``grown`` a list of the tracks whose points were not computed, if any.
    track_ids, points, trust, stamps
        As in `KeptLayout`.
    family : str or None
        Hash of how it was made; without one it has no relatives and is never forgotten.
    """
    touch(connection, ())
    layout = TABLES["layout"]
    connection.execute(layout.delete().where(layout.c.key == key))
    row = {
        "key": key,
        "family": family,
        "parameters": dict(parameters),
        "track_ids": np.ascontiguousarray(track_ids, "<i8").tobytes(),
        "points": np.ascontiguousarray(points, "<f4").tobytes(),
        "trust": None if trust is None else np.ascontiguousarray(trust, "<f4").tobytes(),
        "stamps": None if stamps is None else np.ascontiguousarray(stamps, "<i8").tobytes(),
        "made_at": now(),
    }
    connection.execute(layout.insert(), row)
    if family is not None:
        _forget_oldest(connection, family)


def forget_covered(connection: sa.Connection, family: str, key: str, track_ids: npt.NDArray[np.int64]) -> None:
    """Forget a family's layouts that a new one has made out of date: its tracks are nine tenths of theirs or more.

    Parameters
    ----------
    family : str
        As `store_layout` takes it.
    key : str
        Of the new layout, which stays.
    track_ids : ndarray (n,) int64
        Its tracks.
    """
    touch(connection, ())
    layout = TABLES["layout"]
    others = sa.select(layout.c.id, layout.c.track_ids).where(layout.c.family == family, layout.c.key != key)
    for layout_id, packed in connection.execute(others).all():
        own = np.frombuffer(packed, "<i8")
        if np.isin(own, track_ids).sum() >= COVERED * len(own):
            connection.execute(layout.delete().where(layout.c.id == layout_id))


def _forget_oldest(connection: sa.Connection, family: str) -> None:
    """All of a family but the newest and the fullest."""
    layout = TABLES["layout"]
    mine = sa.select(layout.c.id).where(layout.c.family == family)
    newest_first = layout.c.made_at.desc(), layout.c.id.desc()
    newest = mine.order_by(*newest_first).limit(KEPT)
    fullest = mine.order_by(sa.func.length(layout.c.track_ids).desc(), *newest_first).limit(1)
    stays = {*connection.scalars(newest), *connection.scalars(fullest)}
    connection.execute(layout.delete().where(layout.c.family == family, layout.c.id.not_in(stays)))


def _select() -> sa.Select[tuple[Any, ...]]:
    layout = TABLES["layout"].c
    return sa.select(layout.track_ids, layout.points, layout.trust, layout.stamps, layout.parameters)


def _layout(row: Sequence[Any]) -> KeptLayout:
    track_ids, points, trust, stamps, parameters = row
    return KeptLayout(
        np.frombuffer(track_ids, "<i8").astype(np.int64),
        np.frombuffer(points, "<f4").reshape(-1, 2).astype(np.float32),
        None if trust is None else np.frombuffer(trust, "<f4").astype(np.float32),
        None if stamps is None else np.frombuffer(stamps, "<i8").astype(np.int64),
        np.array(parameters.get("grown", []), np.int64),
    )
