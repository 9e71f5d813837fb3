"""What does a track's sound say?

Every column of analysis is declared here once; the table, the frames, the documentation and the units come from it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

__all__ = [
    "FEATURE_GROUPS",
    "FEATURE_UNITS",
    "SCALAR_FEATURES",
    "VECTOR_FEATURES",
    "AudioFeatures",
    "Extent",
    "Float32Vector",
    "Group",
    "Unknown",
]

Vector = npt.NDArray[np.float32]


class Unknown(StrEnum):
    """Why a column is null; the closed list of codes in `AudioFeatures.reasons`."""

    SILENT = "silent"
    TOO_SHORT = "too_short"
    NO_PULSE = "no_pulse"
    NO_TONALITY = "no_tonality"
    NOT_DECLARED = "not_declared"
    LOSSY = "lossy_has_no_bit_depth"
    MONO = "one_channel"
    MULTICHANNEL = "more_than_two_channels"
    PREVIEW = "preview"
    NOT_MEASURED = "not_measured"
    NON_FINITE = "not_finite"


class Group(StrEnum):
    """Columns that are measured together, and made anew together when their method changes."""

    LEVELS = "levels"
    RHYTHM = "rhythm"
    TONALITY = "tonality"
    SPECTRUM = "spectrum"


class Extent(StrEnum):
    """How much of a track was listened to."""

    FULL = "full"
    PREVIEW = "preview"


class Float32Vector(sa.types.TypeDecorator[Vector]):
    """A one-dimensional float32 array, kept as its little-endian bytes."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Vector | None, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002
        """Bytes of an array."""
        return None if value is None else np.ascontiguousarray(value, "<f4").tobytes()

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Vector | None:  # noqa: ARG002
        """Array of the bytes."""
        return None if value is None else np.frombuffer(value, "<f4").astype(np.float32)


def scalar(unit: str, group: Group | None = None) -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """A nullable value with its unit and the group that it is measured in."""
    return Field(default=None, schema_extra={"json_schema_extra": {"unit": unit, "group": group}})


def vector(unit: str, size: int | None, group: Group | None = None) -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """A nullable float32 array of a fixed size (None: any) with its unit and group."""
    extra = {"unit": unit, "size": size, "group": group}
    return Field(default=None, sa_type=Float32Vector, schema_extra={"json_schema_extra": extra})


class AudioFeatures(SQLModel):
    """The features of one track, as `features.analyze` measures them.

    Unknown is None with a code of `Unknown` in `reasons` under the column's name; nothing is ever made up. Means and
    standard deviations run over frames of 2,048 samples every 512 at 22,050 Hz, mono. Arrays are float32. Each `Group`
    of columns carries the version of the analyzer that measured it, None where it was not; `extent` says whether the
    whole track was listened to or, for a preview, four excerpts.

    Raises
    ------
    pydantic.ValidationError
        A number is NaN or infinite, or a column is unknown to the declaration.
    """

    model_config = SQLModelConfig(arbitrary_types_allowed=True, allow_inf_nan=False, extra="forbid")

    extent: str = Extent.FULL
    levels_version: str | None = None
    rhythm_version: str | None = None
    tonality_version: str | None = None
    spectrum_version: str | None = None

    duration_s: float | None = scalar("s")
    declared_duration_s: float | None = scalar("s")
    sample_rate_hz: int = Field(schema_extra={"json_schema_extra": {"unit": "Hz"}})
    bit_depth: int | None = scalar("bit")
    channels: int = Field(schema_extra={"json_schema_extra": {"unit": "count"}})

    loudness_lufs: float | None = scalar("LUFS", Group.LEVELS)
    loudness_range_lu: float | None = scalar("LU", Group.LEVELS)
    true_peak_dbtp: float | None = scalar("dBTP", Group.LEVELS)
    crest_factor_db: float | None = scalar("dB", Group.LEVELS)
    dynamic_range_db: float | None = scalar("dB", Group.LEVELS)
    clipping_ratio: float | None = scalar("share of samples", Group.LEVELS)
    silence_start_s: float | None = scalar("s", Group.LEVELS)
    silence_end_s: float | None = scalar("s", Group.LEVELS)
    stereo_image: str | None = scalar("mono, stereo, antiphase or multichannel", Group.LEVELS)
    stereo_correlation: float | None = scalar("-1..1", Group.LEVELS)
    spectral_cutoff_hz: float | None = scalar("Hz", Group.LEVELS)

    bpm: float | None = scalar("BPM", Group.RHYTHM)
    bpm_confidence: float | None = scalar("0..1", Group.RHYTHM)
    bpm_alternative: float | None = scalar("BPM", Group.RHYTHM)
    bpm_alternative_strength: float | None = scalar("0..1", Group.RHYTHM)
    pulse_clarity: float | None = scalar("0..1", Group.RHYTHM)
    beat_regularity: float | None = scalar("0..1", Group.RHYTHM)
    onset_rate_hz: float | None = scalar("onsets per second", Group.RHYTHM)
    beat_times_s: Vector | None = vector("s", None, Group.RHYTHM)

    key: str | None = scalar("tonic", Group.TONALITY)
    mode: str | None = scalar("major or minor", Group.TONALITY)
    key_confidence: float | None = scalar("0..1", Group.TONALITY)
    camelot: str | None = scalar("Camelot code", Group.TONALITY)
    key_alternative: str | None = scalar("tonic", Group.TONALITY)
    mode_alternative: str | None = scalar("major or minor", Group.TONALITY)
    tuning_cents: float | None = scalar("cents above A4 = 440 Hz", Group.TONALITY)
    chroma_mean: Vector | None = vector("share of the strongest pitch class", 12, Group.TONALITY)

    rms_mean: float | None = scalar("amplitude", Group.SPECTRUM)
    rms_std: float | None = scalar("amplitude", Group.SPECTRUM)
    zero_crossing_rate_mean: float | None = scalar("crossings per sample", Group.SPECTRUM)
    zero_crossing_rate_std: float | None = scalar("crossings per sample", Group.SPECTRUM)
    spectral_centroid_hz_mean: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_centroid_hz_std: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_bandwidth_hz_mean: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_bandwidth_hz_std: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_rolloff_hz_mean: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_rolloff_hz_std: float | None = scalar("Hz", Group.SPECTRUM)
    spectral_flatness_mean: float | None = scalar("0..1", Group.SPECTRUM)
    spectral_flatness_std: float | None = scalar("0..1", Group.SPECTRUM)
    spectral_contrast_db_mean: Vector | None = vector("dB", 7, Group.SPECTRUM)
    spectral_contrast_db_std: Vector | None = vector("dB", 7, Group.SPECTRUM)
    mfcc_mean: Vector | None = vector("dB", 20, Group.SPECTRUM)
    mfcc_std: Vector | None = vector("dB", 20, Group.SPECTRUM)
    onset_strength_db_mean: float | None = scalar("dB", Group.SPECTRUM)
    onset_strength_db_std: float | None = scalar("dB", Group.SPECTRUM)

    reasons: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)


def _extra(name: str) -> dict[str, Any]:
    extra = AudioFeatures.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


FEATURE_UNITS: Final = {
    name: str(_extra(name)["unit"]) for name in AudioFeatures.model_fields if "unit" in _extra(name)
}
"""Unit of each feature column."""

VECTOR_FEATURES: Final[dict[str, int | None]] = {
    name: _extra(name)["size"] for name in FEATURE_UNITS if "size" in _extra(name)
}
"""Size of each vector column; None where it depends on the track."""

SCALAR_FEATURES: Final = tuple(name for name in FEATURE_UNITS if name not in VECTOR_FEATURES)
"""Names of the single-valued columns, text ones included."""

FEATURE_GROUPS: Final[dict[str, Group | None]] = {name: _extra(name).get("group") for name in FEATURE_UNITS}
"""Group of each feature column; None for those of the file's header, which come with every group."""
