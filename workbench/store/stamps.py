"""Which tracks have a place in a space, and does each still sound as it did?

Conventions
-----------
A track's stamp is an int64 that follows from all that its features follow from: the hash of its sound, the extent and
the versions by which it was measured, the user's corrections of its features. Equal stamps, equal features; so nothing
has to be fitted, or read, to know that a map may stay. The version of a space names the versions of the analyser and
not the extents: a previewed newcomer leaves the others where they are, but one that is measured by a new analyser makes
a space of another version, of which no map is remembered.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import sqlalchemy as sa

from workbench.models import FEATURES, TABLES, Group
from workbench.spaces import space_version
from workbench.store.bulk import fetch
from workbench.store.embeddings import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]
    Parts = tuple[str | float | None, ...]

__all__ = ["Stamped", "heard", "measured", "stamped"]

MADE_BY: Final = ("extent", *(f"{group}_version" for group in Group))
HEARD_BY: Final = ("model", "version")

ODD: Final = np.int64(0x9E3779B97F4A7C15 - (1 << 64))
"""2**64 over the golden ratio (Knuth, The Art of Computer Programming, volume 3, section 6.4): times an odd number no
two int64 come to the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Stamped:
    """Tracks that have a place.

    Attributes
    ----------
    track_ids, stamps : ndarray (n,) int64
        By id.
    made_by : polars.DataFrame
        Each way in which they were measured, once.
    """

    track_ids: Ids
    stamps: Ids
    made_by: pl.DataFrame


def stamped(connection: sa.Connection, kind: str, track_ids: Ids) -> tuple[Ids, Ids, str]:
    """Which of some tracks have a place in the space of a kind, how they sound, and the version of that space.

    Returns
    -------
    track_ids, stamps : ndarray (n,) int64
        By id.
    version : str
        As `Space.version`.

    Raises
    ------
    SpaceError
        The kind is unknown.
    """
    parts = [read(connection) for read in (measured, heard)]
    version = space_version(kind, parts[0].made_by, parts[1].made_by)
    known = {"timbre": parts[:1], "learned": parts[1:]}.get(kind, parts)
    ids = np.unique(track_ids)
    for part in known:
        ids = np.intersect1d(ids, part.track_ids, assume_unique=True)
    own = [part.stamps[np.searchsorted(part.track_ids, ids)] for part in known]
    return ids, reduce(_mixed, own), version


def measured(connection: sa.Connection) -> Stamped:
    """Tracks with a place in the timbre space, measured by extents and versions as in `models.FEATURES`."""
    features, track = TABLES["audio_features"].c, TABLES["track"].c
    query = sa.select(features.track_id, track.audio_hash, *(features[name] for name in MADE_BY))
    query = query.where(features.mfcc_mean.is_not(None))  # a silent track has no place
    return _stamped(fetch(connection, _of_tracks(query, "audio_features")), MADE_BY, _corrections(connection))


def heard(connection: sa.Connection) -> Stamped:
    """Tracks with a place in the learned space: those of which the prevailing version of the model heard something."""
    embedding, track = TABLES["embedding"].c, TABLES["track"].c
    query = sa.select(embedding.track_id, track.audio_hash, embedding.model, embedding.version)
    query = query.where(spoken())
    return _stamped(fetch(connection, _of_tracks(query, "embedding")), HEARD_BY, {})


def _of_tracks(query: sa.Select[Any], table: str) -> sa.Select[Any]:
    """With each row's track, by id."""
    own, track = TABLES[table], TABLES["track"]
    return query.select_from(own.join(track, track.c.id == own.c.track_id)).order_by(own.c.track_id)


def _stamped(rows: Iterable[Any], names: tuple[str, ...], corrections: dict[int, Parts]) -> Stamped:
    stamps: dict[int, int] = {}
    made_by: set[Parts] = set()
    for track_id, audio_hash, *by in rows:
        made_by.add(tuple(by))
        sound = int.from_bytes((audio_hash or b"")[:8], "little", signed=True)
        stamps[track_id] = sound ^ _number(tuple(by)) ^ _number(corrections.get(track_id, ()))
    frame = pl.DataFrame([*made_by], dict.fromkeys(names, pl.String), orient="row")
    return Stamped(np.array([*stamps], np.int64), np.array([*stamps.values()], np.int64), frame)


def _corrections(connection: sa.Connection) -> dict[int, Parts]:
    """What the user has corrected of each track's features: fields and values in turn."""
    table = TABLES["correction"].c
    query = sa.select(table.track_id, table.field, table.value).where(table.field.in_(list(FEATURES)))
    found: dict[int, Parts] = {}
    for track_id, field, value in connection.execute(query.order_by(table.track_id, table.field)):
        found[track_id] = (*found.get(track_id, ()), field, value)
    return found


def _mixed(one: Ids, other: Ids) -> Ids:
    """Stamps of both, in which the sound that both have does not cancel out."""
    return one * ODD ^ other


@lru_cache(1024)
def _number(parts: Parts) -> int:
    """An int64 that differs where the parts do; 0 for none."""
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return int.from_bytes(digest[:8], "little", signed=True) if parts else 0
