"""Which tracks wait for analysis, and how are its results kept?

Conventions
-----------
A track waits when it has no features, only those of a preview, features from before its file was last read, no hash of
its sound, a group of columns of another analyzer version, or, where there is a learned model, no embedding by its
version; in the last cases for that alone. A file that was read again because it changed may have been tagged only: when
its sound has the hash it had, its features stay. A file that failed is not tried again until it changes, or on
request.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from workbench.errors import TrackError
from workbench.models import FEATURE_GROUPS, LEARNED_MODEL, TABLES, AudioFeatures, Extent, Group, Reason, Stage, State
from workbench.models.tables import now
from workbench.store.adoption import adopt
from workbench.store.embeddings import forget_embedding, store_embedding
from workbench.store.revisions import touch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from workbench.models import LearnedFeatures

__all__ = [
    "PendingTrack",
    "Problem",
    "count_pending",
    "features_stamp",
    "forget_failures",
    "forget_learned",
    "never_heard",
    "pending",
    "store_features",
    "store_hash",
    "store_learned",
    "store_problem",
    "track_path",
]

FAILURES = (State.FAILED, State.SKIPPED)
FAILURE_STAGES = (Stage.DECODE, Stage.FEATURES)


@dataclass(frozen=True, slots=True)
class PendingTrack:
    """A track that waits for analysis.

    Attributes
    ----------
    groups : tuple of Group
        What to measure.
    audio_hash : bytes or None
        Of the sound that the features belong to, as far as it is known.
    groups_of_same : tuple of Group
        What to measure where the sound has that hash still.
    is_unheard : bool
        There are no features of it at all.
    model : str or None
        Version of the learned model that is to hear it, None where none is.
    model_of_same : str or None
        The same where the sound has that hash still.
    """

    track_id: int
    file_id: int
    path: Path
    declared_duration_s: float | None
    read_at: datetime
    size_bytes: int
    mtime_ns: int
    groups: tuple[Group, ...] = tuple(Group)
    audio_hash: bytes | None = None
    groups_of_same: tuple[Group, ...] = tuple(Group)
    is_unheard: bool = True
    model: str | None = None
    model_of_same: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found about a file in analysis."""

    stage: Stage
    state: State
    reason: Reason
    text: str


def pending(connection: sa.Connection, versions: Mapping[Group, str], model: str | None = None) -> list[PendingTrack]:
    """Tracks that wait for analysis by these versions, and by a version of the learned model, in path order."""
    return _waiting(connection, _behind(versions, model), versions, model)


def never_heard(connection: sa.Connection, model: str | None = None) -> list[PendingTrack]:
    """Tracks of which nothing is known yet, in the order of their paths."""
    return _waiting(connection, TABLES["audio_features"].c.track_id.is_(None), {}, model)


def _waiting(
    connection: sa.Connection, behind: sa.ColumnElement[bool], versions: Mapping[Group, str], model: str | None
) -> list[PendingTrack]:
    file, root, track, features = (TABLES[name].c for name in ("file", "root", "track", "audio_features"))
    about = (track.id, file.id, root.path, file.path, track.declared_duration_s, file.read_at)
    look = (file.size_bytes, file.mtime_ns, track.audio_hash)
    state = (features.track_id.is_(None), _outdated(), features.extent, TABLES["embedding"].c.version)
    made_by = [features[f"{group}_version"] for group in Group]
    query = _pending(_select(*about, *look, *state, *made_by), behind)
    rows = connection.execute(query.join(TABLES["root"], root.id == file.root_id).order_by(root.path, file.path))
    return [_pending_track(row, versions, model) for row in rows]


def _pending_track(row: Sequence[Any], versions: Mapping[Group, str], model: str | None) -> PendingTrack:
    track_id, file_id, folder, path, duration, read_at, size_bytes, mtime_ns, audio_hash, *rest = row
    is_unheard, outdated, extent, heard_by, *made_by = rest
    older = tuple(group for group, by in zip(Group, made_by, strict=True) if by != versions.get(group))
    of_same = older if extent == Extent.FULL else tuple(Group)
    model_of_same = model if heard_by != model or extent != Extent.FULL else None
    return PendingTrack(
        track_id,
        file_id,
        Path(os.fsdecode(folder)) / os.fsdecode(path),
        duration,
        read_at,
        size_bytes,
        mtime_ns,
        groups=tuple(Group) if is_unheard or outdated else of_same,
        audio_hash=audio_hash,
        groups_of_same=of_same,
        is_unheard=is_unheard,
        model=model if is_unheard or outdated else model_of_same,
        model_of_same=model_of_same,
    )


def track_path(connection: sa.Connection, track_id: int) -> Path:
    """Absolute path of a track's file.

    Raises
    ------
    TrackError
        No track has this id.
    """
    file, root = TABLES["file"].c, TABLES["root"].c
    query = _select(root.path, file.path).join(TABLES["root"], root.id == file.root_id)
    found = connection.execute(query.where(file.track_id == track_id)).first()
    if found is None:
        raise TrackError(f"no track has the id {track_id}")
    return Path(os.fsdecode(found[0])) / os.fsdecode(found[1])


def features_stamp(connection: sa.Connection) -> str:
    """Text that changes whenever the features, or the user's corrections of them, do."""
    correction = TABLES["correction"].c
    counts = sa.select(sa.func.count(), sa.func.max(TABLES["audio_features"].c.analyzed_at))
    corrections = sa.select(sa.func.count(), sa.func.max(correction.corrected_at)).where(
        correction.field.in_(list(AudioFeatures.model_fields))
    )
    return " ".join(str(value) for query in (counts, corrections) for value in connection.execute(query).one())


def count_pending(connection: sa.Connection, versions: Mapping[Group, str], model: str | None = None) -> dict[str, int]:
    """Number of tracks that wait for analysis, in all and by why.

    ``waiting`` is all of them; of these ``new`` have no features, ``changed`` those of their file as it was before,
    ``previewed`` those of a preview, ``unhashed`` no hash of their sound, each group's name counts the tracks with an
    older version of that group, and ``learned`` those that the learned model has not heard, where there is one.
    """
    features = TABLES["audio_features"].c
    current = features.track_id.is_not(None) & ~_outdated()
    whole = current & (features.extent == Extent.FULL)
    whys: dict[str, sa.ColumnElement[bool]] = {
        "new": features.track_id.is_(None),
        "changed": _outdated(),
        "previewed": current & (features.extent != Extent.FULL),
        "unhashed": whole & TABLES["track"].c.audio_hash.is_(None),
        **{group.value: whole & _older(group, versions[group]) for group in Group},
        **({"learned": whole & _unlearned(model)} if model else {}),
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.cast(why, sa.Integer)), 0) for why in whys.values()]
    counts = connection.execute(_pending(_select(sa.func.count(), *sums), _behind(versions, model))).one()
    return dict(zip(("waiting", *whys), map(int, counts), strict=True))


def _select(*columns: Any) -> sa.Select[Any]:  # noqa: ANN401  columns of any type
    return sa.select(*columns)


def _outdated() -> sa.ColumnElement[bool]:
    """Whether there are features, but of the file as it was before it was last read."""
    return sa.func.coalesce(TABLES["audio_features"].c.analyzed_at < TABLES["file"].c.read_at, sa.false())


def _older(group: Group, version: str) -> sa.ColumnElement[bool]:
    return TABLES["audio_features"].c[f"{group}_version"].is_distinct_from(version)


def _unlearned(model: str) -> sa.ColumnElement[bool]:
    return TABLES["embedding"].c.version.is_distinct_from(model)


def _behind(versions: Mapping[Group, str], model: str | None) -> sa.ColumnElement[bool]:
    features = TABLES["audio_features"].c
    known = [_outdated(), features.extent != Extent.FULL, TABLES["track"].c.audio_hash.is_(None)]
    older = [_older(group, version) for group, version in versions.items()]
    return sa.or_(features.track_id.is_(None), *known, *older, *([_unlearned(model)] if model else []))


def _pending(query: sa.Select[Any], behind: sa.ColumnElement[bool]) -> sa.Select[Any]:
    file, track, features, finding = (TABLES[name] for name in ("file", "track", "audio_features", "finding"))
    failed = sa.select(finding.c.file_id).where(
        finding.c.state == State.FAILED, finding.c.stage.in_(FAILURE_STAGES), finding.c.file_id == file.c.id
    )
    embedding = TABLES["embedding"]
    heard = (embedding.c.track_id == track.c.id) & (embedding.c.model == LEARNED_MODEL)
    joined = file.join(track, track.c.id == file.c.track_id).outerjoin(features, features.c.track_id == track.c.id)
    joined = joined.outerjoin(embedding, heard)
    return query.select_from(joined).where(behind, ~file.c.missing, ~sa.exists(failed))


def store_hash(connection: sa.Connection, track: PendingTrack, audio_hash: bytes) -> None:
    """Keep the hash of a track's sound, and that its features are of that sound; not where the file changed meanwhile.

    A track that is heard for the first time and has the sound of a single missing one is that track, moved and tagged
    anew since: the missing one takes its file, tags and features, and keeps its own places in playlists.
    """
    if not _current(connection, track):
        return
    touch(connection, [track.track_id])
    table, features = TABLES["track"], TABLES["audio_features"]
    connection.execute(table.update().where(table.c.id == track.track_id).values(audio_hash=audio_hash))
    connection.execute(features.update().where(features.c.track_id == track.track_id).values(analyzed_at=now()))
    if track.is_unheard:
        adopt(connection, track.track_id, audio_hash)


def store_features(
    connection: sa.Connection, track: PendingTrack, features: AudioFeatures, problems: Sequence[Problem]
) -> None:
    """Keep the groups of features that were measured in place of older ones, and what they show of the file.

    Nothing is kept where a scan has found the file changed in the meantime: the track waits again. A preview never
    takes the place of a full analysis.
    """
    if not _current(connection, track):
        return
    table = TABLES["audio_features"]
    known = connection.execute(table.select().where(table.c.track_id == track.track_id)).mappings().first()
    if known and features.extent != Extent.FULL and known["extent"] == Extent.FULL:
        return
    touch(connection, [track.track_id])
    row = features.model_dump() | {"track_id": track.track_id, "analyzed_at": now()}
    measured = {group for group in Group if row[f"{group}_version"] is not None}
    if known and measured != set(Group):
        row = dict(known) | _only(row, measured) | {"reasons": _merged(known["reasons"], features.reasons, measured)}
    connection.execute(table.delete().where(table.c.track_id == track.track_id))
    connection.execute(table.insert(), row)
    decoded = TABLES["track"].update().where(TABLES["track"].c.id == track.track_id)
    connection.execute(decoded.values(decoded_duration_s=features.duration_s))
    if Group.LEVELS in measured:  # what is found of a file is found in its levels
        _replace_problems(connection, track, problems)
    else:
        _forget(connection, track, states=FAILURES)


def store_learned(
    connection: sa.Connection,
    track: PendingTrack,
    version: str,
    heard: LearnedFeatures | None,
    extent: Extent = Extent.FULL,
) -> None:
    """Keep what a version of the learned model heard of a track, also that there was nothing to be heard.

    Nothing is kept where a scan has found the file changed in the meantime, nor of excerpts where the whole is known.
    """
    features = TABLES["audio_features"].c
    known = connection.execute(sa.select(features.extent).where(features.track_id == track.track_id)).scalar()
    if _current(connection, track) and not (extent != Extent.FULL and known == Extent.FULL):
        store_embedding(connection, track.track_id, version, heard)


def forget_learned(connection: sa.Connection, track: PendingTrack) -> None:
    """Forget what was heard of a track that sounds otherwise now."""
    if _current(connection, track):
        forget_embedding(connection, track.track_id)


def _only(row: dict[str, Any], groups: Iterable[Group]) -> dict[str, Any]:
    """What of a row was measured: the columns of these groups, their versions, and those of the file's header."""
    strange = {name for name, group in FEATURE_GROUPS.items() if group is not None and group not in groups}
    strange |= {f"{group}_version" for group in Group if group not in groups}
    return {name: value for name, value in row.items() if name not in strange}


def _merged(older: Mapping[str, str], newer: Mapping[str, str], groups: Iterable[Group]) -> dict[str, str]:
    """Reasons of the groups that were measured, and of the others what they were."""
    kept = {name: code for name, code in older.items() if FEATURE_GROUPS.get(name) not in {None, *groups}}
    return kept | dict(newer)


def store_problem(connection: sa.Connection, track: PendingTrack, problem: Problem) -> None:
    """Keep why a track could not be analysed; what an earlier analysis found of it stays."""
    touch(connection, ())
    if _current(connection, track):
        _forget(connection, track, states=FAILURES)
        _add(connection, track, [problem])


def forget_failures(connection: sa.Connection) -> None:
    """Let the files that failed be tried again."""
    touch(connection, ())
    finding = TABLES["finding"]
    failed = finding.c.stage.in_(FAILURE_STAGES) & (finding.c.state == State.FAILED) & finding.c.track_id.is_not(None)
    connection.execute(finding.delete().where(failed))


def _current(connection: sa.Connection, track: PendingTrack) -> bool:
    """Whether the file is still the one that was waiting."""
    file = TABLES["file"].c
    return connection.execute(sa.select(file.read_at).where(file.id == track.file_id)).scalar() == track.read_at


def _forget(connection: sa.Connection, track: PendingTrack, *, states: Iterable[State]) -> None:
    finding = TABLES["finding"]
    mine = (finding.c.file_id == track.file_id) & finding.c.stage.in_(FAILURE_STAGES)
    connection.execute(finding.delete().where(mine & finding.c.state.in_(list(states))))


def _replace_problems(connection: sa.Connection, track: PendingTrack, problems: Sequence[Problem]) -> None:
    _forget(connection, track, states=State)
    _add(connection, track, problems)


def _add(connection: sa.Connection, track: PendingTrack, problems: Sequence[Problem]) -> None:
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
        connection.execute(TABLES["finding"].insert(), rows)
