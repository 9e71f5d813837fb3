"""Which spaces has a user made of the kinds that there are?

Conventions
-----------
A recipe is a kind of space and what its blocks are multiplied by; the space itself is fitted when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import sqlalchemy as sa

from workbench.models import TABLES
from workbench.models.tables import now
from workbench.store.playlists import owner_id
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RECIPES", "load_recipe", "recipes_frame", "store_recipe"]

RECIPES: Final = {
    "name": pl.String(),
    "kind": pl.String(),
    "weights": pl.List(pl.Struct({"block": pl.String, "weight": pl.Float64})),
}
"""Columns of `recipes_frame`."""


def store_recipe(connection: sa.Connection, name: str, kind: str, weights: Mapping[str, float]) -> None:
    """Keep a recipe under a name, in place of what had the name."""
    touch(connection, ())
    table, owner = TABLES["space_recipe"], owner_id(connection)
    connection.execute(table.delete().where(table.c.user_id == owner, table.c.name == name))
    row = {"user_id": owner, "name": name, "kind": kind, "weights": dict(weights), "made_at": now()}
    connection.execute(table.insert(), row)


def load_recipe(connection: sa.Connection, name: str) -> tuple[str, dict[str, float]] | None:
    """Kind and weights of a recipe, None where no recipe has the name."""
    table = TABLES["space_recipe"].c
    query = sa.select(table.kind, table.weights).where(table.name == name, table.user_id == owner_id(connection))
    found = connection.execute(query).one_or_none()
    return None if found is None else (found.kind, {block: float(weight) for block, weight in found.weights.items()})


def recipes_frame(connection: sa.Connection) -> pl.DataFrame:
    """All recipes, as `RECIPES`, by name."""
    table = TABLES["space_recipe"].c
    query = sa.select(table.name, table.kind, table.weights).where(table.user_id == owner_id(connection))
    rows = [
        (name, kind, [{"block": block, "weight": weight} for block, weight in weights.items()])
        for name, kind, weights in connection.execute(query.order_by(table.name))
    ]
    return pl.DataFrame(rows, RECIPES, orient="row")
