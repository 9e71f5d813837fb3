"""Which version of the analyzer measures each group of columns?

A group's version changes with its method, and with nothing else: tracks that carry an older one are measured anew.
"""

from __future__ import annotations

from typing import Final

from workbench.models import Group

__all__ = ["ANALYZER_VERSIONS"]

ANALYZER_VERSIONS: Final = {
    Group.LEVELS: "2",
    Group.RHYTHM: "2",
    Group.TONALITY: "2",
    Group.SPECTRUM: "2",
}
