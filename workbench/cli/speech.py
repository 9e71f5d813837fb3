"""What do the commands share: how they speak, and which library they mean?

Conventions
-----------
All that is printed passes through `visible`, here and nowhere else: names and tags are a stranger's text, and a
terminal obeys some characters.
"""

from __future__ import annotations

import unicodedata
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from workbench import settings
from workbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.library import Library

__all__ = [
    "INTERRUPTED",
    "Stopped",
    "Store",
    "Workers",
    "existing",
    "existing_to_change",
    "library_of",
    "library_to_change",
    "line",
    "number",
    "say",
    "show",
    "step",
    "visible",
]

Store = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="PATH",
        help="The library file. Default: $WORKBENCH_LIBRARY, else data/library.db here, else the user's data folder.",
        show_default=False,
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes to use. Default: one for each processor.")]


INTERRUPTED = 130
"""The exit code that a shell expects after Ctrl-C; typer turns KeyboardInterrupt into it."""


class Stopped(SystemExit):
    """The end of a command after Ctrl-C that says what of its work is kept."""

    def __init__(self, kept: str) -> None:
        super().__init__(INTERRUPTED)
        self.kept = kept


OBEYED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that begin a line or a command of a terminal, or that it cannot show."""

TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the writing direction of what follows (Unicode Standard Annex 9)."""


def visible(text: object) -> str:
    r"""Text on one line in which no character commands the terminal: those are written as Python would.

    Examples
    --------
    >>> visible("So\x1b[31m\nWhat")
    'So\\x1b[31m\\nWhat'
    """
    letters = (letter.encode("unicode_escape").decode() if _is_obeyed(letter) else letter for letter in str(text))
    return "".join(letters)


def say(text: object) -> None:
    """Speak to the person, on standard error."""
    typer.echo(visible(text), err=True)


def show(text: object) -> None:
    """Print a line of the result, on standard output."""
    typer.echo(visible(text))


def step(number: int, total: int, text: str) -> None:
    """A step of long work that begins, in one line."""
    say(f"{number}/{total}  {text}")


def line(row: Mapping[str, Any]) -> str:
    """A track in one line."""
    seconds = round(row["duration_s"] or 0)
    names = [row["artist"] or "Unknown artist", row["title"], row["album"] or "Unknown album"]
    facts = [row["genre"], row["year"], row["bpm"] and f"{row['bpm']:.0f} BPM", row["camelot"]]
    known = ", ".join(str(fact) for fact in facts if fact)
    return f"{row['track_id']:>6}  {' - '.join(names)}  [{seconds // 60}:{seconds % 60:02}]  {known}".rstrip()


def number(value: object) -> str:
    """A value for people."""
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def library_of(path: Path | None) -> Library:
    """The library at a path, made if it is not there."""
    from workbench.library import Library

    chosen = Library(path)
    say(f"Library: {chosen.path}")
    return chosen


def library_to_change(path: Path | None) -> Library:
    """The library at a path, made if it is not there; one that can only be read is refused before any work.

    Raises
    ------
    StoreError
        Why it can only be read.
    """
    from workbench.library import Library

    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        chosen = Library(path)
    if refusal := chosen.refusal():
        raise StoreError(refusal)
    for each in remarks:
        warnings.showwarning(each.message, each.category, each.filename, each.lineno)
    say(f"Library: {chosen.path}")
    return chosen


def existing(path: Path | None) -> Library:
    """The library, which must be there: asking a question does not make one."""
    _need(path)
    return library_of(path)


def existing_to_change(path: Path | None) -> Library:
    """The library, which must be there and be one that can be written."""
    _need(path)
    return library_to_change(path)


def _need(path: Path | None) -> None:
    place = settings.library_path(path)
    try:
        is_there = place.exists()
    except OSError:  # a folder that may not be looked into: opening it says so
        is_there = True
    if not is_there:
        raise StoreError(f"{place}: no library there yet; make one with: workbench scan FOLDER, or try: workbench demo")


def _is_obeyed(letter: str) -> bool:
    return letter in TURNS or unicodedata.category(letter) in OBEYED
