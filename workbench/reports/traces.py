"""What of this machine must not go along when a document is handed on?

Conventions
-----------
A document shows a file by its name and its folder's, never the whole path; what slips through in an error's traceback
is shortened here: the home folder reads ``~``, and in tracebacks the folder of this Python ``python``.
"""

from __future__ import annotations

import html
import sys
from pathlib import Path
from typing import Any, Final

__all__ = ["without_traces"]

KEEPS: Final = "papermill"
"""What papermill writes into the metadata: paths of both notebooks, the parameters once more, and times."""


def without_traces(notebook: Any) -> Any:  # noqa: ANN401  nbformat has no types
    """The executed notebook without papermill's records and the paths of this user and this Python."""
    for part in (notebook, *notebook.cells):
        part["metadata"].pop(KEEPS, None)
    home, python = (str(Path.home()), "~"), (sys.prefix, "python")
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            places = [python, home] if output["output_type"] == "error" else [home]
            output.update(_shortened(dict(output), places))
    return notebook


def _shortened(value: Any, places: list[tuple[str, str]]) -> Any:  # noqa: ANN401  anything that JSON holds
    if isinstance(value, str):
        return _text(value, places)
    if isinstance(value, dict):
        return type(value)({name: _shortened(each, places) for name, each in value.items()})
    return [_shortened(each, places) for each in value] if isinstance(value, list) else value


def _text(text: str, places: list[tuple[str, str]]) -> str:
    for place, word in places:
        for written in {place, html.escape(place), place.replace("\\", "\\\\")}:
            text = text.replace(written, word) if len(written) > 1 else text
    return text
