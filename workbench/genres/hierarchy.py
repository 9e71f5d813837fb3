"""How are genres spelled, and which belongs under which?

Conventions
-----------
A tree is a table of three columns: ``genre``, its ``parent`` (empty for a root) and other ``spellings``, divided by
"|". Two spellings are one where they differ only in case, accents, spaces and punctuation, or in how "and" is written:
Drum & Bass, drum'n'bass, Drum and Bass. A row without a genre lists what stands in the place of one and names none:
Other, Unknown, Misc. The numbers of ID3v1 are spellings of their genres; any other number names none.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LEVELS", "SHIPPED", "AnyTree", "Tree", "canonical", "labels", "path", "tidied", "tree", "untagged"]

SHIPPED: Final = Path(__file__).with_name("tree.csv")
"""The tree that comes with the package; copy it, or write a table of the same shape with the rows that differ."""

COLUMNS: Final = ("genre", "parent", "spellings")
LEVELS: Final = ("leaf", "root")

AND: Final = re.compile(r"(?:(?<!\s)\s+)?[&+]\s*|(?<=\w)[\s'-]+n[\s'-]+(?=\w)|(?<!\s)\s+(?:und|et)\s+")
APOSTROPHES: Final = str.maketrans(
    dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}`", "'")
)


@dataclass(frozen=True, slots=True)
class Tree:
    """Genres, what is above each, and how they are spelled.

    Attributes
    ----------
    parents : dict of str to str or None
        Every genre with the one above it; None for a root.
    spellings : dict of str to str
        Letters and digits of each known spelling, with the genre that it means, empty for what names none.
    """

    parents: dict[str, str | None] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str:
        """The one spelling of a genre; an unknown one as it is, without spare spaces; empty for what names none."""
        letters = _letters(name)
        return self.spellings.get(letters, "" if letters.isdecimal() else " ".join(name.split()))

    def letters(self, name: str) -> str:
        """What all spellings of a genre have in common, known to the tree or not; empty for what names none."""
        return _letters(self.canonical(name))

    def path(self, name: str) -> tuple[str, ...]:
        """A genre with all above it, the root first; an unknown one is a root, and what names none has no path."""
        if not (genre := self.canonical(name)):
            return ()
        upwards = [genre]
        while (above := self.parents.get(upwards[-1])) is not None:
            upwards.append(above)
        return tuple(reversed(upwards))


AnyTree: TypeAlias = Tree | str | Path | None
"""A tree, the path of a table of one's own, or None for the one that ships."""


def tree(path: AnyTree = None) -> Tree:
    """The genres that ship with the package, changed by a table of one's own.

    Parameters
    ----------
    path : str, Path, Tree or None
        A CSV file in UTF-8 with the columns ``genre``, ``parent`` and ``spellings``. Its rows add to the shipped ones:
        a genre that is known gets this parent and these spellings too, and a spelling means what was said last.
        A tree is given back as it is, so that wherever a tree is asked for the path of a table will do too.

    Raises
    ------
    WorkbenchError
        The file cannot be read, lacks a column, or puts a genre under itself.

    Examples
    --------
    >>> tree().path("DnB")
    ('Electronic', 'Drum and Bass')
    """
    if path is None or isinstance(path, Tree):
        return path or _shipped()
    place = Path(path).expanduser()
    return _grown(_shipped(), _rows(place), place)


def canonical(name: str, tree: AnyTree = None) -> str:
    """The one spelling of a genre; an unknown one as it is, without spare spaces; empty for what names none.

    Examples
    --------
    >>> canonical("hip-hop"), canonical("RAP"), canonical(" Zydeco  Trance ")
    ('Hip Hop', 'Hip Hop', 'Zydeco Trance')
    """
    return _opened(tree).canonical(name)


def path(name: str, tree: AnyTree = None) -> tuple[str, ...]:
    """A genre with all above it, the root first; an unknown one is a root, and what names none has no path.

    Examples
    --------
    >>> path("minimal techno")
    ('Electronic', 'Techno', 'Minimal Techno')
    """
    return _opened(tree).path(name)


def tidied(tracks: pl.DataFrame, tree: AnyTree = None) -> pl.DataFrame:
    """Tracks with their ``genres`` in one spelling each, and ``genre`` the first of them.

    A genre that the tree does not know takes the spelling that most of the tracks use, the first by name of equal ones.

    Raises
    ------
    WorkbenchError
        There is no column ``genres`` or ``genre``.
    """
    lists = pl.Series("genres", _spelled(tracks, _opened(tree)), pl.List(pl.String))
    return tracks.with_columns(lists, lists.list.first().alias("genre"))


def labels(tracks: pl.DataFrame, level: str, tree: AnyTree = None) -> list[list[str]]:
    """Genres of each track at a level, without those that stand above another of its own; empty where untagged.

    Raises
    ------
    WorkbenchError
        There is no such level, or no column ``genres`` or ``genre``.
    """
    if level not in LEVELS:
        raise WorkbenchError(f"no level {level!r} in a tree of genres: choose one of {', '.join(LEVELS)}")
    known = _opened(tree)
    spelled = _spelled(tracks, known)
    ways = {name: known.path(name) for name in {name for names in spelled for name in names}}
    paths = [[ways[name] for name in names] for names in spelled]
    if level == "root":
        return [_once(each[0] for each in own) for own in paths]
    above = [{name for each in own for name in each[:-1]} for own in paths]
    return [_once(each[-1] for each in own if each[-1] not in higher) for own, higher in zip(paths, above, strict=True)]


def untagged(tracks: pl.DataFrame, tree: AnyTree = None) -> list[bool]:
    """Whether each track has no genre, or only what names none."""
    return [not names for names in _spelled(tracks, _opened(tree))]


def _spelled(tracks: pl.DataFrame, known: Tree) -> list[list[str]]:
    """Genres of each track in one spelling, each once; read from ``genres``, else from ``genre``."""
    column = next((name for name in ("genres", "genre") if name in tracks.columns), None)
    if column is None:
        raise WorkbenchError("tracks without a column 'genres' or 'genre': take what library.tracks() gives")
    values = tracks[column].to_list()
    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    frequent = Counter(name for names in lists for name in names if name and name.strip())
    spelled = {name: known.canonical(name) for name in frequent}
    unknown = {
        name: tracks for name, tracks in frequent.items() if spelled[name] and spelled[name] not in known.parents
    }
    spelled |= _folded(unknown)
    return [_once(spelled[name] for name in names if spelled.get(name)) for names in lists]


def _folded(unknown: dict[str, int]) -> dict[str, str]:
    """Unknown names with the most frequent spelling of each."""
    spellings: dict[str, Counter[str]] = {}
    for name, tracks in unknown.items():
        spellings.setdefault(_letters(name), Counter())[" ".join(name.split())] += tracks
    chosen = {letters: min(own, key=lambda text: (-own[text], text)) for letters, own in spellings.items()}
    return {name: chosen[_letters(name)] for name in unknown}


def _once(names: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(names)]


def _letters(text: str) -> str:
    """Letters and digits of a spelling, "and" written out; what has none of them counts as it is."""
    apart = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold()  # an accent is a sign of its own
    kept = "".join(char for char in AND.sub(" and ", apart) if char.isalnum())
    return kept or text


def _opened(tree_or_path: AnyTree) -> Tree:
    """`tree`, where a parameter has its name."""
    return tree(tree_or_path)


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
    return [row for row in rows if row["genre"] or row["spellings"]]


def _grown(old: Tree, rows: list[dict[str, str]], place: Path) -> Tree:
    """A tree with more rows; a parent that has no row of its own is a root."""
    spellings = dict(old.spellings)
    known = {_letters(genre): genre for genre in old.parents}
    spellings |= {_letters(text): "" for row in rows if not row["genre"] for text in row["spellings"].split("|")}
    rows = [row for row in rows if row["genre"]]
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
