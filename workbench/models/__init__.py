"""What are the nouns?

`Tags` and `Stream` are what a file says of itself, `AudioFeatures` what its sound says, the tables what the store
keeps, `TRACKS` and `FEATURES` the schemas of the frames that come out of it.

Conventions
-----------
Unknown is None (null), never 0, "" or -1. Times are UTC. Units stand in the names: ``duration_s``, ``sample_rate_hz``.
"""

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
from workbench.models.frames import FEATURES, FINDINGS, TRACKS
from workbench.models.records import EXTENSIONS, FileRecord, Reason, Stage, State, Stream, Tags
from workbench.models.tables import (
    TABLES,
    Album,
    AlbumArtist,
    Artist,
    ArtistGenre,
    AudioFeaturesRow,
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
    Snapshot,
    Track,
    TrackArtist,
    TrackGenre,
    User,
)

__all__ = [
    "EXTENSIONS",
    "FEATURES",
    "FEATURE_GROUPS",
    "FEATURE_UNITS",
    "FINDINGS",
    "SCALAR_FEATURES",
    "TABLES",
    "TRACKS",
    "VECTOR_FEATURES",
    "Album",
    "AlbumArtist",
    "Artist",
    "ArtistGenre",
    "AudioFeatures",
    "AudioFeaturesRow",
    "Correction",
    "Embedding",
    "Extent",
    "File",
    "FileRecord",
    "Finding",
    "Genre",
    "Group",
    "Layout",
    "Playlist",
    "PlaylistItem",
    "Rating",
    "Reason",
    "Root",
    "Snapshot",
    "Stage",
    "State",
    "Stream",
    "Tags",
    "Track",
    "TrackArtist",
    "TrackGenre",
    "Unknown",
    "User",
]
