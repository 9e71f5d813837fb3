"""What are the nouns?

`Tags` and `Stream` are what a file says of itself, `AudioFeatures` what its sound says, the tables what the store
keeps, `TRACKS` and `FEATURES` the schemas of the frames that come out of it.

Conventions
-----------
Unknown is None (null), never 0, "" or -1. Times are UTC. Units stand in the names: ``duration_s``, ``sample_rate_hz``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from workbench.models.audio_features import (
    FEATURE_GROUPS,
    FEATURE_UNITS,
    SCALAR_FEATURES,
    VECTOR_FEATURES,
    AudioFeatures,
    Extent,
    Group,
    Unknown,
)
from workbench.models.learned_tags import EMBEDDING_SIZE, LEARNED_MODEL, LEARNED_TAGS, MEANINGS, TAG_COUNT
from workbench.models.records import EXTENSIONS, FileRecord, LearnedFeatures, Ledger, Reason, Stage, State, Stream, Tags
from workbench.models.tables import (
    TABLES,
    Album,
    AlbumArtist,
    Artist,
    ArtistGenre,
    AudioFeaturesRow,
    Change,
    Correction,
    Embedding,
    File,
    Finding,
    Genre,
    Layout,
    Playlist,
    PlaylistItem,
    Rating,
    Root,
    SearchUse,
    Snapshot,
    SpaceRecipe,
    StoreState,
    Track,
    TrackArtist,
    TrackGenre,
    User,
)

if TYPE_CHECKING:
    from workbench.models.frames import EMBEDDINGS, FEATURES, FINDINGS, LEDGER, TRACKS

__all__ = [
    "EMBEDDINGS",
    "EMBEDDING_SIZE",
    "EXTENSIONS",
    "FEATURES",
    "FEATURE_GROUPS",
    "FEATURE_UNITS",
    "FINDINGS",
    "LEARNED_MODEL",
    "LEARNED_TAGS",
    "LEDGER",
    "MEANINGS",
    "SCALAR_FEATURES",
    "TABLES",
    "TAG_COUNT",
    "TRACKS",
    "VECTOR_FEATURES",
    "Album",
    "AlbumArtist",
    "Artist",
    "ArtistGenre",
    "AudioFeatures",
    "AudioFeaturesRow",
    "Change",
    "Correction",
    "Embedding",
    "Extent",
    "File",
    "FileRecord",
    "Finding",
    "Genre",
    "Group",
    "Layout",
    "LearnedFeatures",
    "Ledger",
    "Playlist",
    "PlaylistItem",
    "Rating",
    "Reason",
    "Root",
    "SearchUse",
    "Snapshot",
    "SpaceRecipe",
    "Stage",
    "State",
    "StoreState",
    "Stream",
    "Tags",
    "Track",
    "TrackArtist",
    "TrackGenre",
    "Unknown",
    "User",
]

FRAMES = ("EMBEDDINGS", "FEATURES", "FINDINGS", "LEDGER", "TRACKS")


def __getattr__(name: str) -> object:
    """Import the frames' schemas at first use: polars costs a worker that measures 22 MB and 0.2 s."""
    if name in FRAMES:
        return getattr(import_module("workbench.models.frames"), name)
    raise AttributeError(f"workbench.models has no {name!r}")
