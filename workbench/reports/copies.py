"""How does a user get the curated notebooks?

Conventions
-----------
They ship with the package and are copied to the user, whose changes are never overwritten.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import FolderError

__all__ = ["Copies", "copy_notebooks", "notebooks_folder"]

RECORD = ".workbench-notebooks.json"
"""Beside the copies: what each looked like when it was copied, so that an edited one is known."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of the curated notebooks in a user's folder: names of files."""

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    kept: tuple[str, ...]


def notebooks_folder() -> Path:
    """Folder of the curated notebooks: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def copy_notebooks(folder: Path) -> Copies:
    """Put the curated notebooks into a folder; those that the user has changed or run stay as they are.

    Raises
    ------
    FolderError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = folder / RECORD
        copied = _recorded(record)
        names: dict[str, list[str]] = {"new": [], "renewed": [], "kept": []}
        for source in sorted(notebooks_folder().glob("*.ipynb")):
            names[_copy(source, folder / source.name, copied)].append(source.name)
        record.write_text(json.dumps(copied, indent=1), encoding="utf-8")
    except OSError as error:
        raise FolderError(
            f"{folder}: notebooks cannot be copied there ({error.strerror}); choose another folder"
        ) from error
    return Copies(*(tuple(names[key]) for key in ("new", "renewed", "kept")))


def _recorded(record: Path) -> dict[str, str]:
    """What was copied before; nothing where the record is gone or damaged: then all that is there counts as edited."""
    try:
        return dict(json.loads(record.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def _copy(source: Path, target: Path, copied: dict[str, str]) -> str:
    if target.exists():
        if _digest(target) != copied.get(source.name):
            return "kept"
        if _digest(target) == _digest(source):
            return "kept"
    fate = "renewed" if target.exists() else "new"
    shutil.copyfile(source, target)
    copied[source.name] = _digest(target)
    return fate


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
