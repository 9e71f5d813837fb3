"""What became of every file?

Conventions
-----------
One row for each path that a scan has seen and that was there when it was last looked for, with the gravest of its
findings: one that failed is not usable, one that was skipped may be later, a warning costs nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl
import sqlalchemy as sa

from workbench.models import LEDGER, TABLES, Ledger, Stage, State
from workbench.store.columns import frame_of
from workbench.store.frames import path_bytes, with_paths

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["count_files", "count_ledger", "ledger_frame"]

GRAVITY: Final = {State.FAILED: 0, State.SKIPPED: 1, State.WARNING: 2}
OK: Final = len(GRAVITY)
ORDER: Final = {stage: number for number, stage in enumerate(Stage)}


def ledger_frame(connection: sa.Connection) -> pl.DataFrame:
    """Every file with what became of it, as `models.LEDGER`, in order of path."""
    file, root, features = (TABLES[name] for name in ("file", "root", "audio_features"))
    joined = file.join(root, root.c.id == file.c.root_id).outerjoin(features, features.c.track_id == file.c.track_id)
    query = (
        sa.select(
            file.c.id.label("file_id"),
            file.c.track_id,
            features.c.track_id.is_not(None).label("analyzed"),
            path_bytes().label("path_bytes"),
        )
        .select_from(joined)
        .where(~file.c.missing)
    )
    columns = {"file_id": pl.Int64(), "track_id": pl.Int64(), "analyzed": pl.Boolean(), "path_bytes": pl.Binary()}
    files = with_paths(frame_of(connection, query, columns))
    return (
        files.join(_gravest(connection), on="file_id", how="left")
        .with_columns(state=pl.col("state").fill_null(State.OK))
        .sort("path", "file_id")
        .select(*LEDGER)
    )


def count_ledger(rows: pl.DataFrame) -> Ledger:
    """Counts of a frame that has `models.LEDGER`'s column ``state``."""
    counts = dict(rows["state"].value_counts().rows())
    return Ledger(
        ok=counts.get(State.OK, 0),
        warned=counts.get(State.WARNING, 0),
        skipped=counts.get(State.SKIPPED, 0),
        failed=counts.get(State.FAILED, 0),
    )


def count_files(connection: sa.Connection, root_id: int, inside: bytes = b"", *, without: Collection[int]) -> Ledger:
    """Counts of a root's files that are there, or of those below a folder of it; about 0.2 s for 100,000.

    Parameters
    ----------
    without : collection of int
        Ids of files to leave out.
    """
    file, finding = TABLES["file"], TABLES["finding"]
    gravity = sa.func.min(sa.case(*((finding.c.state == state, rank) for state, rank in GRAVITY.items()), else_=OK))
    left_out = sa.func.json_each(json.dumps(list(without))).table_valued("value")
    each = (
        sa.select(gravity.label("gravity"))
        .select_from(file.outerjoin(finding, finding.c.file_id == file.c.id))
        .where(file.c.root_id == root_id, ~file.c.missing, file.c.id.not_in(sa.select(left_out.c.value)))
        .group_by(file.c.id)
    )
    if inside:
        below = (file.c.path > inside + b"/") & (file.c.path < inside + b"0")  # "0" comes next after "/"
        each = each.where(below | (file.c.path == inside))  # the folder itself, where it could not be listed
    found = each.subquery().c.gravity
    counts: dict[int, int] = dict(connection.execute(sa.select(found, sa.func.count()).group_by(found)).all())
    ranked = {state: counts.get(rank, 0) for state, rank in GRAVITY.items()}
    return Ledger(
        ok=counts.get(OK, 0),
        warned=ranked[State.WARNING],
        skipped=ranked[State.SKIPPED],
        failed=ranked[State.FAILED],
    )


def _gravest(connection: sa.Connection) -> pl.DataFrame:
    """The gravest finding of each file, of equal ones that of the earliest stage."""
    finding = TABLES["finding"].c
    names = ("file_id", "state", "stage", "reason", "text")
    schema = {name: pl.Int64() if name == "file_id" else pl.String() for name in names}
    found = frame_of(connection, sa.select(*(finding[name] for name in names)), schema)
    return found.sort(
        pl.col("state").replace_strict(GRAVITY, return_dtype=pl.Int8),
        pl.col("stage").replace_strict(ORDER, return_dtype=pl.Int8),
        "reason",
    ).unique("file_id", keep="first", maintain_order=True)
