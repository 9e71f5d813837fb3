"""How do the loops of a layout become machine code, once for all processes?

Conventions
-----------
Each kernel is compiled for one set of types when its module is imported, or read from where numba keeps what it
compiled: ``NUMBA_CACHE_DIR``, else `settings.compiled_folder`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workbench import locks, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["compiled", "kernels"]

LOG = logging.getLogger(__name__)

F = TypeVar("F", bound="Callable[..., object]")

WAIT_S: Final = 600.0
"""How long a process waits for another that compiles."""

REORDERING: Final = {"reassoc", "contract", "nsz", "arcp", "nnan", "ninf"}
"""Sums may be taken in another order, and nothing is NaN or infinite. The order is fixed when a kernel is compiled: the
same input has the same output, bit by bit."""


def compiled(signature: str) -> Callable[[F], F]:
    """A function as machine code for these types, kept between processes."""
    import numba

    compile_: Any = numba.njit(signature, cache=True, nogil=True, error_model="numpy", fastmath=REORDERING)

    def kernel(function: F) -> F:
        kept: F = compile_(function)
        return kept

    return kernel


@cache
def kernels() -> ModuleType:
    """The module `layout_kernels`, compiled.

    One process at a time gets it: several that meet a cold cache at once corrupt it for good (numba issue 10128).
    """
    config: Any = import_module("numba.core.config")

    with _folder() as folder, locks.turn(folder / "lock.db", patience_s=WAIT_S):
        before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
        try:
            return import_module("workbench.maps.layout_kernels")
        finally:
            config.CACHE_DIR = before


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Where compiled kernels are kept; where nothing can be kept, a folder for this once."""
    try:
        folder = Path(os.environ.get("NUMBA_CACHE_DIR") or settings.compiled_folder())
        folder.mkdir(parents=True, exist_ok=True)
        is_usable = os.access(folder, os.W_OK)
    except OSError:
        is_usable = False
    if is_usable:
        yield folder
        return
    LOG.info("compiled kernels cannot be kept: maps start slower")
    with tempfile.TemporaryDirectory() as passing:
        yield Path(passing)
