"""How does a loop over samples become machine code?

Kernels stand in modules of their own (``*_kernels``), which load numba and are imported at first use. numba keeps what
it compiled in ``NUMBA_CACHE_DIR``; `workbench.extract` sets that and fills it in one process before workers start. A
notebook takes from there what they left (`kept_code`).
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numba

from workbench import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["compiled", "kept_code"]

F = TypeVar("F", bound="Callable[..., object]")
REDIRECTING: Final = threading.RLock()
"""The folder is numba's for the whole process: of two threads, the second must not take the first one's for its own."""
REORDERING: Final = {"reassoc", "contract", "nsz", "arcp", "nnan"}
"""Sums may be taken in another order, which lets them run in vectors; nothing is NaN, which `workbench.audio` sees to.
The order is fixed when a kernel is compiled: the same file has the same features, bit by bit."""


def compiled(function: F) -> F:
    """A function as machine code, kept between processes."""
    compile_: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=REORDERING)
    with kept_code():
        kernel: F = compile_(function)
    return kernel


@contextlib.contextmanager
def kept_code() -> Iterator[None]:
    """What is imported here takes its machine code from where the analysis left it, and leaves its own there.

    Where nothing was analysed yet, numba does as it does elsewhere: a cold cache is for one process alone.
    """
    folder = settings.compiled_folder()
    if "NUMBA_CACHE_DIR" in os.environ or not (folder / "warm").exists():
        yield
        return
    config: Any = numba.core.config
    with REDIRECTING:
        before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
        try:
            yield
        finally:
            config.CACHE_DIR = before
