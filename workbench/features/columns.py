"""What may stand in a column before it becomes a record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from workbench.models import AudioFeatures, Extent, Group, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "LOW_RATE_HZ",
    "SAMPLE_RATE_HZ",
    "SILENCE",
    "Columns",
    "Heard",
    "Mix",
    "Samples",
    "Stage",
    "Value",
    "record",
    "unknown",
]

Samples = npt.NDArray[np.float32]
Value = float | int | str | Samples | Unknown
Columns = dict[str, Value]
"""Column name -> what was measured, or why nothing could be."""

SAMPLE_RATE_HZ: Final = 22_050
"""Rate of the mono mix."""
LOW_RATE_HZ: Final = SAMPLE_RATE_HZ / 4
"""Rate of the mix for what lies under 2,500 Hz."""
SILENCE: Final = 1e-4
"""Root mean square under which a signal is silence: -80 dBFS."""


class Mix(NamedTuple):
    """The next samples of the mono mix, ndarray (n,) and ndarray (m,) float32: at 22,050 Hz, and at a quarter of it."""

    y: Samples
    low: Samples


class Heard(NamedTuple):
    """How much of a mono mix there was, in samples at 22,050 Hz, and whether it lies under -80 dBFS."""

    samples: int
    silent: bool

    @classmethod
    def of(cls, samples: int, energy: float) -> Heard:
        """By the number of samples and the sum of their squares."""
        return cls(samples, silent=energy < SILENCE**2 * samples)


class Stage(Protocol):
    """What listens to a track for one group of columns."""

    def add(self, mix: Mix) -> None:
        """Take the next samples."""

    def columns(self, heard: Heard) -> Columns:
        """The columns of all samples so far; to be asked for once."""


def unknown(names: Iterable[str], reason: Unknown) -> Columns:
    """The same reason for several columns."""
    return dict.fromkeys(names, reason)


def record(columns: Columns, *, versions: Mapping[Group, str], extent: Extent) -> AudioFeatures:
    """The columns as a record; a value that is not finite becomes None with the reason ``not_finite``.

    Parameters
    ----------
    columns : dict
        A value or a reason for every column of the groups that were measured.
    versions : mapping
        Of the analyzer, for each group that was measured.
    extent : Extent
        How much of the track was listened to.
    """
    checked = {name: value if _finite(value) else Unknown.NON_FINITE for name, value in columns.items()}
    reasons = {name: value.value for name, value in checked.items() if isinstance(value, Unknown)}
    known = {name: value for name, value in checked.items() if name not in reasons}
    measured_by = {f"{group}_version": version for group, version in versions.items()}
    return AudioFeatures.model_validate({**measured_by, "extent": extent, "reasons": reasons, **known})


def _finite(value: Value) -> bool:
    return isinstance(value, str) or bool(np.all(np.isfinite(value)))
