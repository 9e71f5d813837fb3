"""What does the workbench remember? One file; records go in, frames come out, rows never leave.

Conventions
-----------
Functions take the store's engine (`open_store`) or a connection of it (`reading`, `writing`).
"""

from workbench.store.connection import (
    SCHEMA_VERSION,
    is_writable,
    kept_open,
    open_as_found,
    open_store,
    reading,
    require_writable,
    writing,
)

__all__ = [
    "SCHEMA_VERSION",
    "is_writable",
    "kept_open",
    "open_as_found",
    "open_store",
    "reading",
    "require_writable",
    "writing",
]
