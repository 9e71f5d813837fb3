"""How was the collection when somebody last looked?

Conventions
-----------
A snapshot is its user's: statistics as JSON, and the moment (UTC) at which they were taken. Two in a row are never the
same. What stands in the statistics is `workbench.stats`' affair.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.playlists import owner_id
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SNAPSHOTS", "snapshots_frame", "store_snapshot"]

SNAPSHOTS: Final = {"snapshot_id": pl.Int64(), "taken_at": pl.Datetime("us", "UTC"), "statistics": pl.String()}
"""Columns of `snapshots_frame`; the statistics are JSON."""


def store_snapshot(connection: sa.Connection, statistics: Mapping[str, Any]) -> bool:
    """Keep statistics where they differ from those kept last; gives whether they did.

    Parameters
    ----------
    connection : Connection
        From `writing`: whoever writes waits for the other, so that two who look at once keep one snapshot.
    statistics : mapping
        What JSON can hold, keys in any order.
    """
    table = TABLES["snapshot"]
    owner = owner_id(connection)
    query = sa.select(table.c.statistics).where(table.c.user_id == owner).order_by(table.c.id.desc()).limit(1)
    if connection.execute(query).scalar_one_or_none() == json.loads(json.dumps(statistics)):
        return False
    touch(connection, ())
    connection.execute(table.insert(), {"user_id": owner, "statistics": dict(statistics), "taken_at": now()})
    return True


def snapshots_frame(connection: sa.Connection) -> pl.DataFrame:
    """All snapshots of the lone user, as `SNAPSHOTS`, in the order in which they were taken."""
    table, user = TABLES["snapshot"].c, TABLES["user"].c
    owner = sa.select(sa.func.min(user.id)).scalar_subquery()  # none is made here, for a store may only be read
    query = sa.select(table.id, table.taken_at, table.statistics).where(table.user_id == owner).order_by(table.id)
    rows = [(row_id, taken_at, json.dumps(held)) for row_id, taken_at, held in connection.execute(query)]
    schema = SNAPSHOTS | {"taken_at": pl.Datetime("us")}
    return pl.DataFrame(rows, schema, orient="row").with_columns(pl.col("taken_at").dt.replace_time_zone("UTC"))
