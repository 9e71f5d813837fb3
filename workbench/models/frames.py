"""What columns do the frames have? Declared, never inferred, so that an all-null column keeps its type."""

from __future__ import annotations

from typing import Final

import polars as pl

from workbench.models.audio_features import SCALAR_FEATURES, VECTOR_FEATURES, AudioFeatures, Group
from workbench.models.learned_tags import EMBEDDING_SIZE, TAG_COUNT

__all__ = ["EMBEDDINGS", "FEATURES", "FINDINGS", "LEDGER", "TRACKS"]

UTC_MOMENT: Final = pl.Datetime("us", "UTC")


def _scalar_type(name: str) -> pl.DataType:
    annotation = str(AudioFeatures.model_fields[name].annotation)
    if "str" in annotation:
        return pl.String()
    return pl.Float64() if "float" in annotation else pl.Int64()


def _vector_type(size: int | None) -> pl.DataType:
    return pl.List(pl.Float32) if size is None else pl.Array(pl.Float32, size)


SCALARS: Final[dict[str, pl.DataType]] = {name: _scalar_type(name) for name in SCALAR_FEATURES}

FEATURES: Final[dict[str, pl.DataType]] = {
    "track_id": pl.Int64(),
    "extent": pl.String(),  # full, or preview
    **{f"{group}_version": pl.String() for group in Group},
    **SCALARS,
    **{name: _vector_type(size) for name, size in VECTOR_FEATURES.items()},
    "reasons": pl.List(pl.Struct({"column": pl.String, "code": pl.String})),
    "analyzed_at": UTC_MOMENT,
}
"""One row for each analysed track: every column of `AudioFeatures`."""

EMBEDDINGS: Final[dict[str, pl.DataType]] = {
    "track_id": pl.Int64(),
    "model": pl.String(),
    "version": pl.String(),
    "embedding": pl.Array(pl.Float32, EMBEDDING_SIZE),
    "tags": pl.Array(pl.Float32, TAG_COUNT),  # probabilities, named by `models.LEARNED_TAGS`
}
"""One row for each track that the learned model has heard."""

TRACKS: Final[dict[str, pl.DataType]] = {
    "track_id": pl.Int64(),
    "title": pl.String(),  # the file's name without its ending where no tag says
    "artists": pl.List(pl.String),
    "artist": pl.String(),  # the artists joined by ", "
    "album": pl.String(),
    "album_id": pl.Int64(),
    "album_artists": pl.List(pl.String),
    "genres": pl.List(pl.String),
    "genre": pl.String(),  # the first genre
    "year": pl.Int64(),
    "disc_number": pl.Int64(),
    "track_number": pl.Int64(),
    "compilation": pl.Boolean(),
    "comment": pl.String(),
    "bpm_tag": pl.Float64(),
    "key_tag": pl.String(),
    "rating": pl.Float64(),  # 0 to 1: the user's own, else that of the tags
    "rating_tag": pl.Float64(),  # as another program wrote it into the file
    "play_count": pl.Int64(),  # likewise; null where no program that counts has written it
    "has_cover": pl.Boolean(),  # in the file or beside it
    "audio_hash": pl.String(),  # of the sound without the tags; equal for copies; null until the track is analysed
    "added_at": UTC_MOMENT,
    "path": pl.String(),  # absolute, for people: bytes that are no UTF-8 show as U+FFFD
    "path_bytes": pl.Binary(),  # absolute, exact
    "missing": pl.Boolean(),
    "size_bytes": pl.Int64(),
    "container": pl.String(),
    "codec": pl.String(),
    "bit_rate_bps": pl.Int64(),
    "analyzed": pl.Boolean(),
    **SCALARS,  # duration_s, sample_rate_hz, bit_depth and channels are as declared until a track is analysed;
    # declared_duration_s is what the scan read, which the findings speak of: a decoder may believe the file's size more
}
"""One row for each track: its tags, its file, and the single-valued features."""

FINDINGS: Final[dict[str, pl.DataType]] = {
    "finding_id": pl.Int64(),
    "track_id": pl.Int64(),
    "path": pl.String(),
    "stage": pl.String(),
    "state": pl.String(),
    "reason": pl.String(),
    "text": pl.String(),
    "found_at": UTC_MOMENT,
}
"""One row for each file that was skipped, failed or looks wrong."""

LEDGER: Final[dict[str, pl.DataType]] = {
    "path": pl.String(),
    "track_id": pl.Int64(),  # null where the file is no music
    "state": pl.String(),  # ok, warning, skipped or failed
    "stage": pl.String(),  # of the gravest finding, as the next two; null where the file is ok
    "reason": pl.String(),
    "text": pl.String(),
    "analyzed": pl.Boolean(),
}
"""One row for each path that the last scan of its folder saw: what became of it."""
