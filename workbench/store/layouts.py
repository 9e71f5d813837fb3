"""How are maps remembered, so that a known one opens at once?

Conventions
-----------
A layout is known by a key, a hash of all it was computed from, and belongs to a family: the layouts that were made in
the same way, of whichever tracks. Points are float32 pairs in the order of the track ids, and so are trust (float32)
and stamps (int64, `store.stamps`). Of each family the newest `KEPT` stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

__all__ = ["KEPT", "KeptLayout", "family_layouts", "load_layout", "store_layout"]

KEPT: Final = 20


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
    """

    track_ids: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    trust: npt.NDArray[np.float32] | None = None
    stamps: npt.NDArray[np.int64] | None = None

    @property
    def sounds(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Track ids and stamps; none of a layout whose stamps are not known."""
        return (self.track_ids[:0], self.track_ids[:0]) if self.stamps is None else (self.track_ids, self.stamps)

    def same(self, track_ids: npt.NDArray[np.int64], stamps: npt.NDArray[np.int64]) -> KeptLayout:
        """Only the points of these tracks, as far as they sound as they did; ids once each, without trust."""
        _, here, there = np.intersect1d(self.track_ids, track_ids, assume_unique=True, return_indices=True)
        rows = here if self.stamps is None else here[self.stamps[here] == stamps[there]]
        return KeptLayout(self.track_ids[rows], self.points[rows])


def load_layout(connection: sa.Connection, key: str) -> KeptLayout | None:
    """The layout of a key, or None where it is not known."""
    found = connection.execute(_select().where(TABLES["layout"].c.key == key)).one_or_none()
    return None if found is None else _layout(found)


def family_layouts(connection: sa.Connection, family: str) -> list[KeptLayout]:
    """All layouts of a family, newest first."""
    layout = TABLES["layout"].c
    query = _select().where(layout.family == family).order_by(layout.made_at.desc(), layout.id.desc())
    return [_layout(row) for row in connection.execute(query)]


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

    Parameters
    ----------
    key : str
        Hash of what it was computed from.
    parameters : mapping
        The same in words, JSON-able.
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
    mine = layout.c.family == family
    newest = sa.select(layout.c.id).where(mine).order_by(layout.c.made_at.desc(), layout.c.id.desc()).limit(KEPT)
    connection.execute(layout.delete().where(mine, layout.c.id.not_in(newest)))


def _select() -> sa.Select[tuple[Any, ...]]:
    layout = TABLES["layout"].c
    return sa.select(layout.track_ids, layout.points, layout.trust, layout.stamps)


def _layout(row: Sequence[Any]) -> KeptLayout:
    track_ids, points, trust, stamps = row
    return KeptLayout(
        np.frombuffer(track_ids, "<i8").astype(np.int64),
        np.frombuffer(points, "<f4").reshape(-1, 2).astype(np.float32),
        None if trust is None else np.frombuffer(trust, "<f4").astype(np.float32),
        None if stamps is None else np.frombuffer(stamps, "<i8").astype(np.int64),
    )
