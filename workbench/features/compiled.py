"""How does a loop over samples become machine code?

Kernels stand in modules of their own (``*_kernels``), which load numba and are imported at first use. numba keeps what
it compiled in ``NUMBA_CACHE_DIR``; `workbench.extract` sets that and fills it in one process before workers start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]

F = TypeVar("F", bound="Callable[..., object]")
REORDERING: Final = {"reassoc", "contract", "nsz", "arcp", "nnan"}
"""Sums may be taken in another order, which lets them run in vectors; nothing is NaN, which `workbench.audio` sees to.
The order is fixed when a kernel is compiled: the same file has the same features, bit by bit."""


def compiled(function: F) -> F:
    """A function as machine code, kept between processes."""
    compile_: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=REORDERING)
    kernel: F = compile_(function)
    return kernel
