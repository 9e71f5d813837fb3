"""Into which file does the playlist go?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import ipywidgets

__all__ = ["FileTarget", "file_name"]

FORMATS: Final = ("m3u8", "pls", "xspf")
RESERVED: Final = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))})
"""Names that no file may bear on Windows. Source: learn.microsoft.com, "Naming Files, Paths, and Namespaces"."""


class FileTarget(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Folder and format of a file, how paths stand in it, and whether it may be replaced.

    Parameters
    ----------
    folder : str, Path or None
        The folder at first; None is the current one.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self._folder = ipywidgets.Text(
            value=str(Path.cwd() if folder is None else folder),
            description="Folder",
            tooltip="Folder that the file is written into",
            layout={"width": "auto"},
        )
        self._format = ipywidgets.Dropdown(options=FORMATS, description="Format", tooltip="Format of the file")
        self._relative = checkbox("Relative paths", "Paths in the file start from its own folder", value=True)
        self._overwrite = checkbox("Overwrite", "Replace a file that exists", value=False)
        choices = [self._format, self._relative, self._overwrite]
        super().__init__([self._folder, ipywidgets.HBox(choices, layout={"flex_flow": "row wrap"})])

    @property
    def relative(self) -> bool:
        """Paths start from the file's own folder."""
        return bool(self._relative.value)

    @property
    def overwrite(self) -> bool:
        """A file that exists may be replaced."""
        return bool(self._overwrite.value)

    def path(self, name: str) -> Path:
        """The file for a playlist of this name."""
        return Path(self._folder.value).expanduser() / file_name(name, self._format.value)


def checkbox(label: str, tooltip: str, *, value: bool) -> ipywidgets.Checkbox:
    """A checkbox as wide as its label."""
    layout = {"width": "auto", "margin": "2px 12px"}
    return ipywidgets.Checkbox(value=value, description=label, tooltip=tooltip, indent=False, layout=layout)


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
