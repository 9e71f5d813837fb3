"""How are maps remembered, so that a known one opens at once?

Conventions
-----------
A layout is known by a key, a hash of all it was computed from. Points are float32 pairs in the order of the track ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["load_layout", "store_layout"]


def load_layout(connection: sa.Connection, key: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None:
    """Track ids (n,) and points (n, 2) of a layout, or None where it is not known."""
    layout = TABLES["layout"].c
    query = sa.select(layout.track_ids, layout.points).where(layout.key == key)
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    track_ids, points = found
    return np.frombuffer(track_ids, "<i8").astype(np.int64), np.frombuffer(points, "<f4").reshape(-1, 2).copy()


def store_layout(
    connection: sa.Connection,
    key: str,
    parameters: Mapping[str, Any],
    track_ids: npt.NDArray[np.int64],
    points: npt.NDArray[np.float32],
) -> None:
    """Remember a layout under its key."""
    touch(connection, ())
    layout = TABLES["layout"]
    connection.execute(layout.delete().where(layout.c.key == key))
    row = {
        "key": key,
        "parameters": dict(parameters),
        "track_ids": np.ascontiguousarray(track_ids, "<i8").tobytes(),
        "points": np.ascontiguousarray(points, "<f4").tobytes(),
        "made_at": now(),
    }
    connection.execute(layout.insert(), row)
