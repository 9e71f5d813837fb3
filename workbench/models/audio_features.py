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
    "FEATURE_UNITS",
    "SCALAR_FEATURES",
    "VECTOR_FEATURES",
    "AudioFeatures",
    "Float32Vector",
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
    NON_FINITE = "not_finite"


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


def scalar(unit: str) -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """A nullable number with its unit."""
    return Field(default=None, schema_extra={"json_schema_extra": {"unit": unit}})


def vector(unit: str, size: int | None) -> Any:  # noqa: ANN401  pydantic's Field has no narrower type
    """A nullable float32 array of a fixed size (None: any) with its unit."""
    return Field(default=None, sa_type=Float32Vector, schema_extra={"json_schema_extra": {"unit": unit, "size": size}})


class AudioFeatures(SQLModel):
    """The features of one track, as `features.analyze` measures them.

    Unknown is None with a code of `Unknown` in `reasons` under the column's name; nothing is ever made up. Means and
    standard deviations run over frames of 2,048 samples every 512 at 22,050 Hz, mono. Arrays are float32.

    Raises
    ------
    pydantic.ValidationError
        A number is NaN or infinite, or a column is unknown to the declaration.
    """

    model_config = SQLModelConfig(arbitrary_types_allowed=True, allow_inf_nan=False, extra="forbid")

    analyzer_version: str

    duration_s: float = Field(schema_extra={"json_schema_extra": {"unit": "s"}})
    declared_duration_s: float | None = scalar("s")
    sample_rate_hz: int = Field(schema_extra={"json_schema_extra": {"unit": "Hz"}})
    bit_depth: int | None = scalar("bit")
    channels: int = Field(schema_extra={"json_schema_extra": {"unit": "count"}})

    loudness_lufs: float | None = scalar("LUFS")
    loudness_range_lu: float | None = scalar("LU")
    true_peak_dbtp: float | None = scalar("dBTP")
    crest_factor_db: float | None = scalar("dB")
    clipping_ratio: float | None = scalar("share of samples")

    bpm: float | None = scalar("BPM")
    bpm_confidence: float | None = scalar("0..1")
    bpm_alternative: float | None = scalar("BPM")
    onset_rate_hz: float | None = scalar("onsets per second")
    beat_times_s: Vector | None = vector("s", None)

    key: str | None = scalar("tonic")
    mode: str | None = scalar("major or minor")
    key_confidence: float | None = scalar("0..1")
    camelot: str | None = scalar("Camelot code")
    chroma_mean: Vector | None = vector("share of the strongest pitch class", 12)

    rms_mean: float | None = scalar("amplitude")
    rms_std: float | None = scalar("amplitude")
    zero_crossing_rate_mean: float | None = scalar("crossings per sample")
    zero_crossing_rate_std: float | None = scalar("crossings per sample")
    spectral_centroid_hz_mean: float | None = scalar("Hz")
    spectral_centroid_hz_std: float | None = scalar("Hz")
    spectral_bandwidth_hz_mean: float | None = scalar("Hz")
    spectral_bandwidth_hz_std: float | None = scalar("Hz")
    spectral_rolloff_hz_mean: float | None = scalar("Hz")
    spectral_rolloff_hz_std: float | None = scalar("Hz")
    spectral_flatness_mean: float | None = scalar("0..1")
    spectral_flatness_std: float | None = scalar("0..1")
    spectral_contrast_db_mean: Vector | None = vector("dB", 7)
    spectral_contrast_db_std: Vector | None = vector("dB", 7)
    mfcc_mean: Vector | None = vector("dB", 20)
    mfcc_std: Vector | None = vector("dB", 20)

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
