"""What has a user chosen for good, in every notebook and for every library?

Conventions
-----------
One JSON file in the user's config folder, or the one that ``WORKBENCH_PREFERENCES`` names. What it does not say, or
says in a way that makes no sense, is as if it had never been chosen, with a warning in the log; what this version does
not know is kept. The file is written whole or not at all.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import platformdirs

from workbench import whole_files

__all__ = ["MOST_WORKERS", "THEMES", "Preferences", "is_dark", "load", "place", "save"]

log = logging.getLogger(__name__)

PREFERENCES_VARIABLE: Final = "WORKBENCH_PREFERENCES"
THEMES: Final = ("page", "light", "dark")
MOST_WORKERS: Final = 1024


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user has chosen.

    Attributes
    ----------
    workers : int or None
        Number of processes that scan and analyse where a call names none; None takes one for each processor.
    theme : str
        How figures look: "page" as JupyterLab does, "light" or "dark" always.
    record_searches : bool
        Whether a library remembers the texts of `Library.search`, how often and when each was last made. Off unless the
        user turns it on; what is remembered stays in the library's own file.
    """

    workers: int | None = None
    theme: str = "page"
    record_searches: bool = False

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        for field in fields(self):
            if not _is_sound(field.name, getattr(self, field.name)):
                raise ValueError(f"{getattr(self, field.name)!r} is no value for {field.name}: {ALLOWED[field.name]}")


ALLOWED: Final = {
    "workers": f"a whole number from 1 to {MOST_WORKERS}, or none",
    "theme": f"one of {', '.join(THEMES)}",
    "record_searches": "true or false",
}


def place() -> Path:
    """Absolute path of the file; it need not exist."""
    chosen = os.environ.get(PREFERENCES_VARIABLE)
    folder = platformdirs.user_config_path("music-workbench", appauthor=False)
    return Path(chosen or folder / "preferences.json").expanduser().absolute()


def load() -> Preferences:
    """What the user has chosen; defaults where nothing is, or where the file cannot be understood."""
    path, said = place(), _said()
    chosen: dict[str, Any] = {}
    for name in ALLOWED.keys() & said.keys():
        if _is_sound(name, said[name]):
            chosen[name] = said[name]
        else:
            log.warning("%s: %r is no value for %s: %s", path, said[name], name, ALLOWED[name])
    return Preferences(**chosen)


def save(preferences: Preferences) -> Path:
    """Keep what the user has chosen; gives the file.

    Raises
    ------
    OSError
        It cannot be written; what was kept before stays.
    """
    path = place()
    text = json.dumps({**_said(), **asdict(preferences)}, indent=2) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.put(Path(os.path.realpath(path)), text.encode())  # where it is a link, it stays one
    return path


def is_dark(dark: bool | None) -> bool | None:  # noqa: FBT001  a value, not a switch
    """Whether a figure is to be dark: as the caller says, else as the user prefers; None follows the page.

    Examples
    --------
    >>> is_dark(True)
    True
    """
    if dark is not None:
        return dark
    return {"page": None, "light": False, "dark": True}[load().theme]


def _said() -> dict[str, Any]:
    """All that the file says; nothing where there is none, or none that can be understood."""
    path = place()
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: cannot be understood (%s); it is as if nothing had been chosen", path, error)
        return {}
    if not isinstance(said, dict):
        log.warning("%s: holds no names with values; it is as if nothing had been chosen", path)
        return {}
    return said


def _is_sound(name: str, value: object) -> bool:
    """Whether a preference can have this value."""
    if name == "theme":
        return value in THEMES
    if name == "record_searches":
        return isinstance(value, bool)
    return value is None or (type(value) is int and 1 <= value <= MOST_WORKERS)
