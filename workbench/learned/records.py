"""What passes between the modules of this room?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Variables"]

Array: TypeAlias = npt.NDArray[np.float32]

Variables: TypeAlias = Mapping[str, Array]
"""Name -> array, for one network, with the names that the checkpoint gives, e.g. "conv2d_1/kernel"."""
