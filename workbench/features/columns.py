"""What may stand in a column before it becomes a record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.models import AudioFeatures, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SAMPLE_RATE_HZ", "SILENCE", "Columns", "Samples", "Value", "record", "silent", "unknown"]

Samples = npt.NDArray[np.float32]
Value = float | int | str | Samples | Unknown
Columns = dict[str, Value]
"""Column name -> what was measured, or why nothing could be."""

SAMPLE_RATE_HZ: Final = 22_050
"""Rate of the mono mix."""
SILENCE: Final = 1e-4
"""Root mean square under which a signal is silence: -80 dBFS."""


def silent(y: Samples) -> bool:
    """Whether a signal, ndarray (n,) float32, lies under -80 dBFS."""
    return float(np.dot(y, y)) < SILENCE**2 * len(y)


def unknown(names: Iterable[str], reason: Unknown) -> Columns:
    """The same reason for several columns."""
    return dict.fromkeys(names, reason)


def record(columns: Columns, *, analyzer_version: str) -> AudioFeatures:
    """The columns as a record; a value that is not finite becomes None with the reason ``not_finite``.

    Parameters
    ----------
    columns : dict
        A value or a reason for every column of `AudioFeatures`.
    analyzer_version : str
        What measured them.
    """
    checked = {name: value if _finite(value) else Unknown.NON_FINITE for name, value in columns.items()}
    reasons = {name: value.value for name, value in checked.items() if isinstance(value, Unknown)}
    known = {name: value for name, value in checked.items() if name not in reasons}
    return AudioFeatures.model_validate({"analyzer_version": analyzer_version, "reasons": reasons, **known})


def _finite(value: Value) -> bool:
    return isinstance(value, str) or bool(np.all(np.isfinite(value)))
