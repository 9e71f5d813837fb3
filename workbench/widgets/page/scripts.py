"""How do the files behind a window become what a page loads?

Conventions
-----------
Scripts are plain ES modules beside the widget that they draw; a page gets one text, since it could fetch none of the
others. `script` puts an imported file before the file that imports it, each once, and takes the words ``import`` and
``export`` away; so a name at the top of a file is used once in a window. A file that is no script (a shader) is
imported under a name and becomes a constant. Text out of tags reaches a page as data and is shown by ``textContent``:
``page/dom.js`` makes the elements.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

__all__ = ["script", "style"]

IMPORT: Final = re.compile(
    r"^import\s+(?:\{[^}]*\}|(?P<name>\w+))\s+from\s+[\"'](?P<path>\.[^\"']+)[\"'];?\s*?$", re.MULTILINE
)
EXPORT: Final = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|const|let|class)\b)", re.MULTILINE)
SHARED: Final = Path(__file__).with_name("look.css")


def script(path: Path) -> str:
    """One module of a script and all that it imports.

    Parameters
    ----------
    path : Path
        The file with ``export default``.

    Raises
    ------
    FileNotFoundError
        It imports a file that is not there.
    """
    parts: dict[Path, str] = {}
    _collect(path.resolve(), parts)
    return "\n".join(parts.values())


def style(*paths: Path) -> str:
    """One text of what all windows look like, and of these files."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (SHARED, *paths))


def _collect(path: Path, parts: dict[Path, str]) -> None:
    """Put a file behind what it imports."""
    text = path.read_text(encoding="utf-8")
    for found in IMPORT.finditer(text):
        wanted = (path.parent / found["path"]).resolve()
        if wanted in parts:
            continue
        if found["name"]:
            parts[wanted] = f"const {found['name']} = {json.dumps(wanted.read_text(encoding='utf-8'))};"
        else:
            _collect(wanted, parts)
    parts[path] = EXPORT.sub("", IMPORT.sub("", text)).strip()
