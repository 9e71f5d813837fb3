"""When are two spellings of a name the same artist, or the same genre?"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import sqlalchemy as sa

from workbench.models import TABLES
from workbench.store.bulk import chunks, insert_rows, next_ids
from workbench.store.suggestions import index_names

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fold", "name_ids"]


def fold(name: str) -> str:
    """Form in which two spellings of a name compare equal: NFKC, case-folded, white space collapsed."""
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return " ".join(plain.casefold().split())


def name_ids(connection: sa.Connection, table: str, names: Mapping[str, str]) -> dict[str, int]:
    """Row id of each name by its folded form; makes the artists or genres that are new.

    Parameters
    ----------
    connection : Connection
        From `writing`.
    table : str
        ``"artist"`` or ``"genre"``.
    names : mapping of str to str
        Folded form, and the spelling to show where it is new.
    """
    column = TABLES[table].c
    found: dict[str, int] = {}
    for some in chunks(list(names)):
        query = sa.select(column.name_fold, column.id).where(column.name_fold.in_(some))
        found |= dict(connection.execute(query).all())
    new = [key for key in names if key not in found]
    ids = next_ids(connection, table, len(new))
    made = [(row_id, key, names[key].strip()) for row_id, key in zip(ids, new, strict=True)]
    insert_rows(connection, table, ("id", "name_fold", "name"), made)
    index_names(connection, table, [(row_id, name) for row_id, _, name in made])
    return found | {key: row_id for row_id, key, _ in made}
