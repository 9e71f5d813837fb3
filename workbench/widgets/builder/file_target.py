"""Into which files does the playlist go?"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import ipywidgets

from workbench.errors import FolderError, PlaylistError
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    from workbench.playlists import Playlist

__all__ = ["FileTarget", "file_name", "folders_for"]

FORMATS: Final = ("m3u8", "pls", "xspf")
ALL: Final = "all three"
MOST_FOLDERS: Final = 200
"""Folders that are offered for completion."""

ROW: Final = {"flex_flow": "row wrap", "align_items": "center"}
RESERVED: Final = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))})
"""Names that no file may bear on Windows. Source: learn.microsoft.com, "Naming Files, Paths, and Namespaces"."""


class FileTarget(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Folder and format of a file, how paths stand in it, and whether it may be replaced.

    Parameters
    ----------
    folder : str, Path or None
        The folder at first; None is the current one.
    status : Status
        Shows what cannot be done.
    """

    def __init__(self, folder: str | Path | None, status: Status) -> None:
        self._status = status
        self._folder = ipywidgets.Combobox(
            value=str(Path.cwd() if folder is None else folder),
            description="Folder",
            tooltip="Folder that files are written into; the folders in it are offered while you type",
            layout={"width": "auto", "flex": "1 1 260px", "min_width": "0"},
        )
        up = button("Folder up", "level-up", "Take the folder that this one is in", status.watched(self._go_up))
        self._create = button("Create folder", "folder", "Make this folder", status.watched(self._make))
        self._format = ipywidgets.Dropdown(
            options=(*FORMATS, ALL),
            description="Format",
            tooltip="Format of the file",
            style={"description_width": "initial"},
            layout={"width": "150px"},
        )
        self._relative = checkbox("Relative paths", "Paths in the file start from its own folder", value=True)
        self._overwrite = checkbox("Overwrite", "Replace a file that exists", value=False)
        self._choices = ipywidgets.HBox([self._format, self._relative, self._overwrite], layout=ROW)
        super().__init__([ipywidgets.HBox([self._folder, up, self._create], layout=ROW), self._choices])
        self._folder.observe(status.watched(self._offer), "value")
        self._offer()

    @property
    def folder(self) -> Path:
        """The chosen folder."""
        return path_of(self._folder.value)

    def write(self, playlist: Playlist) -> list[Path]:
        """Write the playlist in the chosen formats and give the files' paths.

        Raises
        ------
        PlaylistError
            A file cannot be written, or is there and may not be replaced; then none is written.
        """
        endings = FORMATS if self._format.value == ALL else (self._format.value,)
        paths = [self.folder / file_name(playlist.name, ending) for ending in endings]
        self._offer()
        there = [path for path in paths if path.exists()]
        if there and not self._overwrite.value:
            raise PlaylistError(f"{there[0]}: a file of this name is there; choose another name or tick Overwrite")
        for path in paths:
            playlist.write(path, relative=bool(self._relative.value), overwrite=bool(self._overwrite.value))
        return paths

    def _offer(self) -> None:
        """Offer the folders to go on to, and to make this one where it is not there."""
        self._folder.options = folders_for(self._folder.value)
        self._create.layout.display = "none" if self.folder.is_dir() else None

    def _go_up(self) -> None:
        self._folder.value = str(self.folder.absolute().parent)

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(f"{self.folder}: cannot be made: {error.strerror or error}") from error
        self._offer()
        self._status.say(f"Made the folder {self.folder.absolute()}.")


def checkbox(label: str, tooltip: str, *, value: bool) -> ipywidgets.Checkbox:
    """A checkbox as wide as its label."""
    layout = {"width": "auto", "margin": "2px 12px"}
    return ipywidgets.Checkbox(value=value, description=label, tooltip=tooltip, indent=False, layout=layout)


def path_of(typed: str) -> Path:
    """A path as it is typed, ``~`` being the user's home; where it is nobody's, a folder of that name."""
    path = Path(typed.strip())
    try:
        return path.expanduser()
    except RuntimeError:  # "~xy": no user of that name, or not yet typed to the end
        return path


def folders_for(typed: str) -> list[str]:
    """Folders that complete what was typed: those in it where it is a folder, else those beside it that begin so.

    Hidden ones only where their dot was typed.
    """
    path = path_of(typed)
    parent, start = (path, "") if path.is_dir() else (path.parent, path.name)
    try:
        with os.scandir(parent) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(start) and entry.is_dir())
    except OSError:
        return []
    return [str(parent / name) for name in names if start or not name.startswith(".")][:MOST_FOLDERS]


def file_name(name: str, ending: str) -> str:
    """A file's name that Linux, macOS and Windows take.

    Examples
    --------
    >>> file_name("AC/DC: live?", "m3u8"), file_name("con", "pls"), file_name(" .. ", "xspf")
    ('AC_DC_ live_.m3u8', 'con_.pls', 'playlist.xspf')
    """
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name).strip(" .") or "playlist"
    stem = f"{stem}_" if stem.split(".")[0].upper() in RESERVED else stem
    return f"{stem}.{ending}"
