"""How is a file written whole or not at all?

Conventions
-----------
What is written goes to a draft in the same folder, onto the disk, and then into its place in one step: whoever reads
meanwhile finds the old file or the new one, never half of one. A link in that place is replaced by the file; what it
leads to is left alone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["draft", "put"]


@contextlib.contextmanager
def draft(path: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A new path beside another one, which takes its place when the block ends well and is deleted when it does not.

    Parameters
    ----------
    path : Path
        Where the file is to be; its folder must exist. An older file's permissions stay.
    overwrite : bool
        Whether a file may be there; if not, none is replaced even if it comes up meanwhile.

    Raises
    ------
    FileExistsError
        A file is there and may not be replaced.
    OSError
        The disk refuses, or the block wrote nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> with draft(Path("list.txt")) as part:  # doctest: +SKIP
    ...     part.write_text("all of it")
    """
    part = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        yield part
        _settle(part)
        if overwrite:
            _replace(part, path)
        else:
            _add(part, path)
    finally:
        part.unlink(missing_ok=True)


def put(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """Write bytes as a file, as `draft` does.

    Raises
    ------
    FileExistsError
        A file is there and may not be replaced.
    OSError
        The disk refuses.
    """
    with draft(path, overwrite=overwrite) as part, part.open("xb") as file:
        file.write(data)


def _settle(part: Path) -> None:
    """Have the disk hold what was written."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _replace(part: Path, path: Path) -> None:
    if path.exists():
        shutil.copymode(path, part)
    part.replace(path)


def _add(part: Path, path: Path) -> None:
    """Give the draft its name where nothing has it; a hard link asks and takes in one step."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError as error:  # the file system has no links, as FAT
        if os.path.lexists(path):
            raise FileExistsError(error.errno, "a file is there", str(path)) from error
        part.replace(path)
