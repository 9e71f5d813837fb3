"""What does the store keep? One class a table.

Conventions
-----------
Portable to PostgreSQL: sizes and times are BigInteger, moments are UTC with a time zone, enumerations are text.
Identity is the track, never the path. Text to compare on stands in ``*_fold`` columns (NFKC, case-folded).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workbench.models.audio_features import AudioFeatures, Float32Vector, Vector

__all__ = [
    "TABLES",
    "Album",
    "AlbumArtist",
    "Artist",
    "ArtistGenre",
    "AudioFeaturesRow",
    "Change",
    "Correction",
    "Embedding",
    "File",
    "Finding",
    "Genre",
    "Layout",
    "Playlist",
    "PlaylistItem",
    "Rating",
    "Root",
    "SearchUse",
    "Snapshot",
    "SpaceRecipe",
    "StoreState",
    "Track",
    "TrackArtist",
    "TrackGenre",
    "User",
]


def now() -> datetime:
    """Moment of the call, UTC."""
    return datetime.now(UTC)


LEAN: Final = {"sqlite_with_rowid": False}
"""For tables that are all key: in SQLite their rows stand in the key's own tree, and only there."""


def link(target: str, *, index: bool = False) -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """Part of a primary key that points at another table."""
    return Field(foreign_key=target, primary_key=True, ondelete="CASCADE", index=index)


def moment() -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """A column of UTC moments that defaults to now."""
    return Field(default_factory=now, sa_type=sa.DateTime(timezone=True))


class Table(SQLModel):
    """What all tables share: a bare id."""

    __tablename__: ClassVar[Any]
    id: int | None = Field(default=None, primary_key=True)


class User(Table, table=True):
    """A person; a lone user gets one row."""

    __tablename__ = "user"
    name: str = Field(unique=True)
    role: str = "owner"


class Root(Table, table=True):
    """A music folder; files' paths are relative to it, so that a moved disk is one change."""

    __tablename__ = "root"
    path: bytes = Field(unique=True)
    path_text: str


class Artist(Table, table=True):
    """A name that made music."""

    __tablename__ = "artist"
    name: str
    name_fold: str = Field(unique=True)
    sort_name: str | None = None
    musicbrainz_id: str | None = Field(default=None, index=True)


class Genre(Table, table=True):
    """A genre, in a tree."""

    __tablename__ = "genre"
    name: str
    name_fold: str = Field(unique=True)
    parent_id: int | None = Field(default=None, foreign_key="genre.id", ondelete="SET NULL")


class Album(Table, table=True):
    """A release; two tracks share one when `identity` is equal (MusicBrainz id, or artist and name, or folder)."""

    __tablename__ = "album"
    name: str | None = None
    identity: str = Field(unique=True)
    sort_name: str | None = None
    year: int | None = None
    compilation: bool = False
    musicbrainz_id: str | None = Field(default=None, index=True)


class Track(Table, table=True):
    """One playable thing; survives a retagged file."""

    __tablename__ = "track"
    title: str | None = None
    album_id: int | None = Field(default=None, foreign_key="album.id", index=True, ondelete="SET NULL")
    disc_number: int | None = None
    disc_total: int | None = None
    track_number: int | None = None
    track_total: int | None = None
    year: int | None = None
    date: str | None = None
    declared_duration_s: float | None = None
    decoded_duration_s: float | None = None
    bpm_tag: float | None = None
    key_tag: str | None = None
    rating_tag: float | None = None
    play_count: int | None = None
    comment: str | None = None
    composers: str | None = None
    isrc: str | None = None
    replaygain_track_gain_db: float | None = None
    replaygain_album_gain_db: float | None = None
    musicbrainz_id: str | None = Field(default=None, index=True)
    has_cover: bool = False
    audio_hash: bytes | None = Field(default=None, index=True)
    added_at: datetime = moment()


class File(Table, table=True):
    """A candidate file under a root; `track_id` is null while it is not usable as music.

    `path_text` is for people, and null where the bytes of `path` are UTF-8 and so say it themselves. `tags_version` is
    that of the tag reader which read the file; a scan reads again what an older one has read.
    """

    __tablename__ = "file"
    __table_args__ = (sa.UniqueConstraint("root_id", "path"),)
    root_id: int = Field(foreign_key="root.id", ondelete="CASCADE")
    track_id: int | None = Field(default=None, foreign_key="track.id", index=True, ondelete="SET NULL")
    path: bytes
    path_text: str | None = None
    size_bytes: int = Field(sa_type=sa.BigInteger)
    mtime_ns: int = Field(sa_type=sa.BigInteger)
    inode: int = Field(sa_type=sa.BigInteger)
    container: str | None = None
    codec: str | None = None
    bit_rate_bps: int | None = None
    sample_rate_hz: int | None = None
    bit_depth: int | None = None
    channels: int | None = None
    folder_cover: bytes | None = None
    missing: bool = False
    tags_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    read_at: datetime = moment()


class TrackArtist(SQLModel, table=True):
    """Who made a track, in the file's order."""

    __tablename__: ClassVar[Any] = "track_artist"
    __table_args__ = LEAN
    track_id: int = link("track.id")
    artist_id: int = link("artist.id", index=True)
    role: str = Field(default="artist", primary_key=True)
    position: int = 0


class AlbumArtist(SQLModel, table=True):
    """Who an album is by."""

    __tablename__: ClassVar[Any] = "album_artist"
    __table_args__ = LEAN
    album_id: int = link("album.id")
    artist_id: int = link("artist.id", index=True)
    position: int = 0


class TrackGenre(SQLModel, table=True):
    """A track's genres, in the file's order."""

    __tablename__: ClassVar[Any] = "track_genre"
    __table_args__ = LEAN
    track_id: int = link("track.id")
    genre_id: int = link("genre.id", index=True)
    position: int = 0


class ArtistGenre(SQLModel, table=True):
    """An artist's genres."""

    __tablename__: ClassVar[Any] = "artist_genre"
    __table_args__ = LEAN
    artist_id: int = link("artist.id")
    genre_id: int = link("genre.id", index=True)
    position: int = 0


class AudioFeaturesRow(AudioFeatures, table=True):
    """A track's features with the time of their making."""

    __tablename__: ClassVar[Any] = "audio_features"
    track_id: int = link("track.id")
    analyzed_at: datetime = moment()


class Embedding(SQLModel, table=True):
    """A learned vector of a track."""

    __tablename__: ClassVar[Any] = "embedding"
    model_config = {"arbitrary_types_allowed": True}
    track_id: int = link("track.id")
    model: str = Field(primary_key=True)
    version: str
    vector: Vector = Field(sa_type=Float32Vector)


class Rating(SQLModel, table=True):
    """A user's rating of a track, 0 to 1."""

    __tablename__: ClassVar[Any] = "rating"
    user_id: int = link("user.id")
    track_id: int = link("track.id", index=True)
    rating: float
    rated_at: datetime = moment()


class Correction(SQLModel, table=True):
    """A user's value for a field of a track, kept apart from what the file says."""

    __tablename__: ClassVar[Any] = "correction"
    user_id: int = link("user.id")
    track_id: int = link("track.id", index=True)
    field: str = Field(primary_key=True)
    value: Any = Field(sa_type=sa.JSON)
    corrected_at: datetime = moment()


class Playlist(Table, table=True):
    """Ordered items, or a saved query, or a saved selection."""

    __tablename__ = "playlist"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    name: str
    query: str | None = None
    selection: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    created_at: datetime = moment()
    modified_at: datetime = moment()


class PlaylistItem(SQLModel, table=True):
    """One place in a playlist; the same track may come twice."""

    __tablename__: ClassVar[Any] = "playlist_item"
    playlist_id: int = link("playlist.id")
    position: int = Field(primary_key=True)
    track_id: int = Field(foreign_key="track.id", index=True, ondelete="CASCADE")


class Finding(Table, table=True):
    """A file that was skipped, failed or looks wrong; one row for each file and stage."""

    __tablename__ = "finding"
    __table_args__ = (sa.UniqueConstraint("file_id", "stage", "reason"),)
    file_id: int = Field(foreign_key="file.id", ondelete="CASCADE")
    track_id: int | None = Field(default=None, foreign_key="track.id", index=True, ondelete="CASCADE")
    stage: str
    state: str
    reason: str = Field(index=True)
    text: str
    found_at: datetime = moment()


class Layout(Table, table=True):
    """Points of a map, keyed by what it was computed from; points are float32 x, y pairs of the ids in order.

    `trust` is float32 and `stamps` int64, one for each id; `family` names what maps of other tracks have in common.
    """

    __tablename__ = "layout"
    key: str = Field(unique=True)
    family: str | None = Field(default=None, index=True)
    parameters: Any = Field(sa_type=sa.JSON)
    track_ids: bytes
    points: bytes
    trust: bytes | None = None
    stamps: bytes | None = None
    made_at: datetime = moment()


class Snapshot(Table, table=True):
    """Statistics of the collection at a time."""

    __tablename__ = "snapshot"
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    statistics: Any = Field(sa_type=sa.JSON)
    taken_at: datetime = moment()


class SpaceRecipe(SQLModel, table=True):
    """A space that a user made: a kind, and what its blocks are multiplied by."""

    __tablename__: ClassVar[Any] = "space_recipe"
    user_id: int = link("user.id")
    name: str = Field(primary_key=True)
    kind: str
    weights: Any = Field(sa_type=sa.JSON)
    made_at: datetime = moment()


class SearchUse(SQLModel, table=True):
    """A search that a user wants remembered, and how often it was made."""

    __tablename__: ClassVar[Any] = "search_use"
    user_id: int = link("user.id")
    text: str = Field(primary_key=True)
    times: int
    last_at: datetime = moment()


class StoreState(Table, table=True):
    """What is true of the store as a whole; one row.

    `last_track_id` is the highest id that a track ever had, so that none is given twice.
    """

    __tablename__ = "store_state"
    last_track_id: int = 0


class Change(Table, table=True):
    """A transaction that wrote: the revision that it made, and the tracks it changed, as int64 (null: perhaps all)."""

    __tablename__ = "change"
    revision: str = Field(unique=True)
    track_ids: bytes | None = None


TABLES: Final = SQLModel.metadata.tables
"""SQLAlchemy's tables by name, for statements in bulk."""
