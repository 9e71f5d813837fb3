"""What has changed in the store since somebody last looked?

Conventions
-----------
Every transaction that writes adds one row to the table `change`: a revision, random text that no other state of any
store has, and the ids of the tracks whose rows in the frame it may have changed. Whoever writes says which with
`touch`; a transaction in which nobody says anything counts as a change of everything, and so does a large one. The last
ten thousand changes are kept.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import numpy as np
import sqlalchemy as sa

from workbench.models import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["note_change", "revision", "touch", "touch_all", "touched_since"]

TOUCHED: Final = "workbench_touched"
MOST_TRACKS: Final = 20_000
KEPT: Final = 10_000


def revision(connection: sa.Connection) -> str:
    """Text that is equal for equal contents of the store, in copies and backups too."""
    return str(connection.exec_driver_sql("SELECT revision FROM change ORDER BY id DESC LIMIT 1").scalar_one())


def touch(connection: sa.Connection, track_ids: Iterable[int]) -> None:
    """Say which tracks this transaction changes; none is an answer too."""
    touched = connection.info.setdefault(TOUCHED, set())
    if touched is not None:
        touched.update(track_ids)


def touch_all(connection: sa.Connection) -> None:
    """Say that this transaction may change every track, whatever else is said."""
    connection.info[TOUCHED] = None


def touched_since(connection: sa.Connection, known: str) -> set[int] | None:
    """Tracks that may have changed since a revision; None where it may be all of them, or the revision is unknown."""
    change = TABLES["change"].c
    start = connection.execute(sa.select(change.id).where(change.revision == known)).scalar_one_or_none()
    if start is None:
        return None
    touched: set[int] = set()
    for packed in connection.execute(sa.select(change.track_ids).where(change.id > start)).scalars():
        if packed is None:
            return None
        touched.update(np.frombuffer(packed, "<i8").tolist())
    return touched


def note_change(connection: sa.Connection) -> None:
    """Add a transaction's change, at its end."""
    touched = connection.info.pop(TOUCHED, None)
    small = touched is not None and len(touched) <= MOST_TRACKS
    packed = np.array(sorted(touched), "<i8").tobytes() if small else None
    number = connection.exec_driver_sql(
        "INSERT INTO change (revision, track_ids) VALUES (?, ?) RETURNING id", (secrets.token_hex(16), packed)
    ).scalar_one()
    connection.exec_driver_sql("DELETE FROM change WHERE id <= ?", (number - KEPT,))
