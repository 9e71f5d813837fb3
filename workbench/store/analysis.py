"""Which tracks wait for analysis, and how are its results kept?

Conventions
-----------
A track waits when it has no features, features of another analyzer version, or features from before its file was last
read. A file that failed is not tried again until it changes, or on request.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from workbench.models import TABLES, AudioFeatures, Reason, Stage, State
from workbench.models.tables import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = [
    "PendingTrack",
    "Problem",
    "count_pending",
    "features_stamp",
    "forget_failures",
    "pending",
    "store_features",
    "store_problem",
]

FAILURE_STAGES = (Stage.DECODE, Stage.FEATURES)


@dataclass(frozen=True, slots=True)
class PendingTrack:
    """A track that waits for analysis."""

    track_id: int
    file_id: int
    path: Path
    declared_duration_s: float | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found about a file in analysis."""

    stage: Stage
    state: State
    reason: Reason
    text: str


def pending(connection: sa.Connection, analyzer_version: str) -> list[PendingTrack]:
    """Tracks that wait for analysis, in the order of their paths."""
    file, root, track = TABLES["file"].c, TABLES["root"].c, TABLES["track"].c
    columns = (track.id, file.id, root.path, file.path, track.declared_duration_s, file.read_at)
    query = (
        _pending(sa.select(*columns), analyzer_version)
        .join(TABLES["root"], root.id == file.root_id)
        .order_by(root.path, file.path)
    )
    return [
        PendingTrack(track_id, file_id, Path(os.fsdecode(folder)) / os.fsdecode(path), duration, read_at)
        for track_id, file_id, folder, path, duration, read_at in connection.execute(query)
    ]


def features_stamp(connection: sa.Connection) -> str:
    """Text that changes whenever the features do."""
    features = TABLES["audio_features"].c
    query = sa.select(sa.func.count(), sa.func.max(features.analyzed_at)).select_from(TABLES["audio_features"])
    count, last = connection.execute(query).one()
    return f"{count} {last}"


def count_pending(connection: sa.Connection, analyzer_version: str) -> int:
    """Number of tracks that wait for analysis."""
    return int(connection.execute(_pending(sa.select(sa.func.count()), analyzer_version)).scalar_one())


def _pending(query: sa.Select[Any], analyzer_version: str) -> sa.Select[Any]:
    file, track, features, finding = (TABLES[name] for name in ("file", "track", "audio_features", "finding"))
    failed = sa.select(finding.c.file_id).where(
        finding.c.state == State.FAILED, finding.c.stage.in_(FAILURE_STAGES), finding.c.file_id == file.c.id
    )
    behind = (
        features.c.track_id.is_(None)
        | (features.c.analyzer_version != analyzer_version)
        | (features.c.analyzed_at < file.c.read_at)
    )
    joined = file.join(track, track.c.id == file.c.track_id).outerjoin(features, features.c.track_id == track.c.id)
    return query.select_from(joined).where(behind, ~file.c.missing, ~sa.exists(failed))


def store_features(
    connection: sa.Connection, track: PendingTrack, features: AudioFeatures, problems: Sequence[Problem]
) -> None:
    """Keep the features of a track in place of older ones, and what they show of its file.

    Nothing is kept where a scan has found the file changed in the meantime: the track waits again.
    """
    if not _current(connection, track):
        return
    table = TABLES["audio_features"]
    row = features.model_dump() | {"track_id": track.track_id, "analyzed_at": now()}
    connection.execute(table.delete().where(table.c.track_id == track.track_id))
    connection.execute(table.insert(), row)
    decoded = TABLES["track"].update().where(TABLES["track"].c.id == track.track_id)
    connection.execute(decoded.values(decoded_duration_s=features.duration_s))
    _replace_problems(connection, track, problems)


def store_problem(connection: sa.Connection, track: PendingTrack, problem: Problem) -> None:
    """Keep why a track could not be analysed."""
    if _current(connection, track):
        _replace_problems(connection, track, [problem])


def forget_failures(connection: sa.Connection) -> None:
    """Let the files that failed be tried again."""
    finding = TABLES["finding"]
    failed = finding.c.stage.in_(FAILURE_STAGES) & (finding.c.state == State.FAILED) & finding.c.track_id.is_not(None)
    connection.execute(finding.delete().where(failed))


def _current(connection: sa.Connection, track: PendingTrack) -> bool:
    """Whether the file is still the one that was waiting."""
    file = TABLES["file"].c
    return connection.execute(sa.select(file.read_at).where(file.id == track.file_id)).scalar() == track.read_at


def _replace_problems(connection: sa.Connection, track: PendingTrack, problems: Sequence[Problem]) -> None:
    finding = TABLES["finding"]
    mine = (finding.c.file_id == track.file_id) & finding.c.stage.in_(FAILURE_STAGES)
    connection.execute(finding.delete().where(mine))
    rows = [
        {
            "file_id": track.file_id,
            "track_id": track.track_id,
            "stage": problem.stage,
            "state": problem.state,
            "reason": problem.reason,
            "text": problem.text,
            "found_at": now(),
        }
        for problem in problems
    ]
    if rows:
        connection.execute(finding.insert(), rows)
