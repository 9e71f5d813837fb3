"""How are genres spelled, and which belongs under which?

Conventions
-----------
A tree is a table of three columns: ``genre``, its ``parent`` (empty for a root) and other ``spellings``, divided by
"|". Two spellings are one where they differ only in case, accents, spaces and punctuation, or in how "and" is written:
Drum & Bass, drum'n'bass, Drum and Bass.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LEVELS", "SHIPPED", "Tree", "canonical", "labels", "path", "tidied", "tree"]

SHIPPED: Final = Path(__file__).with_name("tree.csv")
"""The tree that comes with the package; copy it, or write a table of the same shape with the rows that differ."""

COLUMNS: Final = ("genre", "parent", "spellings")
LEVELS: Final = ("leaf", "root")

AND: Final = re.compile(r"\s*[&+]\s*|(?<=\w)'n'(?=\w)|\s+'?n'?\s+|\s+(?:und|et)\s+")
APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"


@dataclass(frozen=True, slots=True)
class Tree:
    """Genres, what is above each, and how they are spelled.

    Attributes
    ----------
    parents : dict of str to str or None
        Every genre with the one above it; None for a root.
    spellings : dict of str to str
        Letters and digits of each known spelling, with the genre that it means.
    """

    parents: dict[str, str | None] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str:
        """The one spelling of a genre; an unknown one as it is, without spare spaces."""
        return self.spellings.get(_letters(name), " ".join(name.split()))

    def path(self, name: str) -> tuple[str, ...]:
        """A genre with all above it, the root first; an unknown one is a root."""
        upwards = [self.canonical(name)]
        while (above := self.parents.get(upwards[-1])) is not None:
            upwards.append(above)
        return tuple(reversed(upwards))


def tree(path: str | Path | None = None) -> Tree:
    """The genres that ship with the package, changed by a table of one's own.

    Parameters
    ----------
    path : str, Path or None
        A CSV file in UTF-8 with the columns ``genre``, ``parent`` and ``spellings``. Its rows add to the shipped ones:
        a genre that is known gets this parent and these spellings too, and a spelling means what was said last.

    Raises
    ------
    WorkbenchError
        The file cannot be read, lacks a column, or puts a genre under itself.

    Examples
    --------
    >>> tree().path("DnB")
    ('Electronic', 'Drum and Bass')
    """
    if path is None:
        return _shipped()
    place = Path(path).expanduser()
    return _grown(_shipped(), _rows(place), place)


def canonical(name: str, tree: Tree | None = None) -> str:
    """The one spelling of a genre; an unknown one as it is, without spare spaces.

    Examples
    --------
    >>> canonical("hip-hop"), canonical("RAP"), canonical(" Zydeco  Trance ")
    ('Hip Hop', 'Hip Hop', 'Zydeco Trance')
    """
    return (tree or _shipped()).canonical(name)


def path(name: str, tree: Tree | None = None) -> tuple[str, ...]:
    """A genre with all above it, the root first; an unknown one is a root.

    Examples
    --------
    >>> path("minimal techno")
    ('Electronic', 'Techno', 'Minimal Techno')
    """
    return (tree or _shipped()).path(name)


def tidied(tracks: pl.DataFrame, tree: Tree | None = None) -> pl.DataFrame:
    """Tracks with their ``genres`` in one spelling each, and ``genre`` the first of them."""
    lists = pl.Series("genres", _spelled(tracks, tree or _shipped()), pl.List(pl.String))
    return tracks.with_columns(lists, lists.list.first().alias("genre"))


def labels(tracks: pl.DataFrame, level: str, tree: Tree | None = None) -> list[list[str]]:
    """Genres of each track at a level, without those that stand above another of its own; empty where untagged.

    Raises
    ------
    WorkbenchError
        There is no such level.
    """
    if level not in LEVELS:
        raise WorkbenchError(f"no level {level!r} in a tree of genres: choose one of {', '.join(LEVELS)}")
    known = tree or _shipped()
    paths = [[known.path(name) for name in names] for names in _spelled(tracks, known)]
    if level == "root":
        return [_once(each[0] for each in own) for own in paths]
    above = [{name for each in own for name in each[:-1]} for own in paths]
    return [_once(each[-1] for each in own if each[-1] not in higher) for own, higher in zip(paths, above, strict=True)]


def _spelled(tracks: pl.DataFrame, known: Tree) -> list[list[str]]:
    """Genres of each track in one spelling, each once; read from ``genres``, else from ``genre``."""
    column = "genres" if "genres" in tracks.columns else "genre"
    values = tracks[column].to_list()
    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    spelled = {name: known.canonical(name) for names in lists for name in names if name and name.strip()}
    return [_once(spelled[name] for name in names if name in spelled) for names in lists]


def _once(names: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(names)]


def _letters(text: str) -> str:
    """Letters and digits of a spelling, "and" written out; what has none of them counts as it is."""
    apart = unicodedata.normalize("NFKD", text.replace(APOSTROPHE, "'")).casefold()  # an accent is a sign of its own
    kept = "".join(char for char in AND.sub(" and ", apart) if char.isalnum())
    return kept or text


@cache
def _shipped() -> Tree:
    return _grown(Tree(), _rows(SHIPPED), SHIPPED)


def _rows(place: Path) -> list[dict[str, str]]:
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            rows = [{column: (row.get(column) or "").strip() for column in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbenchError(f"{place}: no table of genres can be read from it: {error}") from error
    if missing:
        raise WorkbenchError(f"{place}: no column {', '.join(missing)}; a table of genres has {', '.join(COLUMNS)}")
    return [row for row in rows if row["genre"]]


def _grown(old: Tree, rows: list[dict[str, str]], place: Path) -> Tree:
    """A tree with more rows; a parent that has no row of its own is a root."""
    spellings = dict(old.spellings)
    known = {_letters(genre): genre for genre in old.parents}
    names = [known.setdefault(_letters(row["genre"]), row["genre"]) for row in rows]
    for name, row in zip(names, rows, strict=True):
        spellings |= {_letters(text): name for text in (name, *row["spellings"].split("|")) if text.strip()}
    grown = Tree(dict(old.parents), spellings)
    for name, row in zip(names, rows, strict=True):
        above = grown.canonical(row["parent"]) if row["parent"] else None
        grown.parents[name] = above
        if above is not None and above not in grown.parents:
            grown.parents[above] = None
            spellings.setdefault(_letters(above), above)
    _check(grown, names, place)
    return grown


def _check(grown: Tree, names: list[str], place: Path) -> None:
    for name in names:
        seen, here = {name}, grown.parents[name]
        while here is not None:
            if here in seen:
                raise WorkbenchError(
                    f"{place}: {name!r} stands under itself, by way of {here!r}; give it another parent"
                )
            seen.add(here)
            here = grown.parents[here]
