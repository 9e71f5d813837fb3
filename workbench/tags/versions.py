"""Which version of this room has read a file?"""

from __future__ import annotations

from typing import Final

__all__ = ["TAGS_VERSION"]

TAGS_VERSION: Final = 1
"""Raised when the same bytes give more fields, or others: a scan reads again what an older version has read.

1: ratings and play counts. Stores made before it call theirs 0.
"""
