"""How is it kept what is wrong with the collection as a whole?

Conventions
-----------
What is found of one file is kept where the file is read or heard; here is what shows only when files are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from workbench.models import TABLES, Reason, Stage, State
from workbench.store.bulk import delete_rows, insert_rows, moment_text
from workbench.store.revisions import touch

if TYPE_CHECKING:
    import polars as pl

__all__ = ["replace_duplicates"]

DUPLICATES = (Reason.DUPLICATE_AUDIO, Reason.PROBABLE_DUPLICATE)


def replace_duplicates(connection: sa.Connection, found: pl.DataFrame) -> None:
    """Keep what was found of duplicates in place of what was found before; what is the same is not written again.

    Parameters
    ----------
    connection : Connection
        From `writing`.
    found : DataFrame
        Columns ``track_id``, ``reason``, ``text``.
    """
    touch(connection, ())
    finding, file = TABLES["finding"].c, TABLES["file"].c
    query = sa.select(finding.id, finding.track_id, finding.reason, finding.text)
    before = {
        (track_id, reason, text): row_id
        for row_id, track_id, reason, text in connection.execute(query.where(finding.reason.in_(DUPLICATES)))
    }
    now = dict.fromkeys(found.rows())
    delete_rows(connection, "finding", "id", [row_id for row, row_id in before.items() if row not in now])
    new = [row for row in now if row not in before]
    if not new:
        return
    files = dict(connection.execute(sa.select(file.track_id, file.id).where(~file.missing)).all())
    moment = moment_text()
    rows = [
        (files[track_id], track_id, Stage.STORE, State.WARNING, reason, text, moment)
        for track_id, reason, text in new
        if track_id in files
    ]
    columns = ("file_id", "track_id", "stage", "state", "reason", "text", "found_at")
    insert_rows(connection, "finding", columns, rows)
