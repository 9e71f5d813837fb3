"""What can go wrong, as one tree.

WorkbenchError
├── DecodeError      (ValueError)   a file holds no audio that can be decoded
├── TagError         (ValueError)   a file's tags cannot be parsed
├── WorkerError      (RuntimeError) a worker process died, hung or ran out of memory over one task
├── QueryError       (ValueError)   a search text is not in the query language
├── PlaylistError    (ValueError)   a playlist cannot be read, ordered or written
├── ExportError      (ValueError)   a table cannot be written to a file
├── SpaceError       (ValueError)   too few analysed tracks for a space or a map
├── ModelError       (OSError)      a learned model cannot be fetched or read
├── StoreError       (OSError)      a store cannot be opened or written
│   └── NewerStoreError             a store was made by a newer version of this package
├── TrackError       (LookupError)  no track has the id that was asked for
├── FolderError      (OSError)      a folder of music, notebooks or reports is not usable
├── JobError         (RuntimeError) background work cannot begin, or is not done in time
├── CorrectionError  (ValueError)   a rating or a correction is no value for its field
└── ReportError      (RuntimeError) a notebook failed while a report was made

StoreWarning         (UserWarning)  a store can only be read, or lies on a network file system

Conventions
-----------
A message says what was found, where (path first) and what to do; each error is also its builtin kin. A warning names
the line outside this package that led to it.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workbench.models import Reason

__all__ = [
    "CorrectionError",
    "DecodeError",
    "ExportError",
    "FolderError",
    "JobError",
    "ModelError",
    "NewerStoreError",
    "PlaylistError",
    "QueryError",
    "ReportError",
    "SpaceError",
    "StoreError",
    "StoreWarning",
    "TagError",
    "TrackError",
    "WorkbenchError",
    "WorkerError",
    "warn_caller",
]

OURS: Final = str(Path(__file__).parent)
PASSED_THROUGH: Final = ("contextlib",)
"""Modules between the caller and us that a warning must not name either."""


class WorkbenchError(Exception):
    """Root of all errors that this package raises on purpose."""


class FileProblemError(WorkbenchError, ValueError):
    """A file that cannot be used; carries the reason code a `Finding` stores.

    Parameters
    ----------
    message : str
        Path first, then what was found.
    reason : Reason
        The code from the closed list.
    """

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message, reason)
        self.reason = reason

    def __str__(self) -> str:
        """Give the sentence without the code."""
        return str(self.args[0])


class DecodeError(FileProblemError):
    """A file holds no audio that can be decoded."""


class TagError(FileProblemError):
    """A file's tags cannot be parsed."""


class WorkerError(WorkbenchError, RuntimeError):
    """A worker process died, hung or ran out of memory over one task.

    Parameters
    ----------
    message : str
        What it was at, and what became of it.
    reason : Reason or None
        The code, where it was over a task.
    """

    def __init__(self, message: str, reason: Reason | None = None) -> None:
        super().__init__(message, reason)
        self.reason = reason

    def __str__(self) -> str:
        """Give the sentence without the code."""
        return str(self.args[0])


class QueryError(WorkbenchError, ValueError):
    """A search text is not in the query language.

    Parameters
    ----------
    message : str
        What was found and what was expected.
    position : int or None
        0-based character of the text where the trouble starts.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message, position)
        self.position = position

    def __str__(self) -> str:
        """Give the sentence without the position."""
        return str(self.args[0])


class PlaylistError(WorkbenchError, ValueError):
    """A playlist cannot be read, ordered or written."""


class ExportError(WorkbenchError, ValueError):
    """A table cannot be written to a file."""


class SpaceError(WorkbenchError, ValueError):
    """Too few analysed tracks for a space or a map."""


class ModelError(WorkbenchError, OSError):
    """A learned model cannot be fetched or read; the timbre space needs none."""


class StoreError(WorkbenchError, OSError):
    """A store cannot be opened or written."""


class NewerStoreError(StoreError):
    """A store was made by a newer version of this package."""


class TrackError(WorkbenchError, LookupError):
    """No track has the id that was asked for."""


class FolderError(WorkbenchError, OSError):
    """A folder of music, notebooks or reports is not usable."""


class JobError(WorkbenchError, RuntimeError):
    """Background work cannot begin, or is not done in time."""


class CorrectionError(WorkbenchError, ValueError):
    """A rating or a correction is no value for its field, or there is no such field."""


class ReportError(WorkbenchError, RuntimeError):
    """A notebook failed while a report was made."""


class StoreWarning(UserWarning):
    """A store can only be read, or lies on a network file system."""


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn in the name of the nearest line outside this package, as a caller's own notebook cell.

    Parameters
    ----------
    message : str
        Path first, then what was found and what to do.
    category : type
        The warning's class.
    """
    level, frame = 1, sys._getframe()  # noqa: SLF001  the only way down the stack before Python 3.12
    while frame.f_back is not None and _is_inner(frame.f_code.co_filename, frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_inner(file: str, module: str) -> bool:
    return Path(file).is_relative_to(OURS) or module in PASSED_THROUGH
