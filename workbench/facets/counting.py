"""What is there to pick, and how many tracks has it?

Conventions
-----------
A track with several values counts in each. Null is no value, except that tracks without a genre can be picked. A value
that was picked is always listed, with 0 tracks if need be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

from workbench.facets.editing import FACETS, Facet
from workbench.keys import CAMELOT
from workbench.query import Query, expression, to_text
from workbench.query.fields import fold, folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Entry", "Hierarchy", "Spellings", "entries", "offered", "spellings"]

GENRE: Final = "genre"
NO_GENRE: Final = "No genre"
DECADE: Final = 10
WHEEL: Final = sorted(CAMELOT, key=lambda code: (int(code[:-1]), code[-1]))
"""Camelot codes as they lie round the wheel: 1A, 1B, 2A ..."""

Spellings = dict[str, tuple[str, ...]]


class Hierarchy(Protocol):
    """What stands above a genre, such as `workbench.genres.tree` gives."""

    def path(self, name: str) -> tuple[str, ...]:
        """A genre in one spelling with all above it, the root first; empty for what names none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a facet.

    Attributes
    ----------
    key : str
        Tells it from the others of its facet.
    label : str
        What people read.
    tracks : int
        How many there are.
    values : tuple of str
        What the search asks for when it is picked.
    state : str
        "on", "off", or "part" where some of its values are picked.
    depth : int
        0 at a root of the tree of genres, and in a facet that is no tree.
    """

    key: str
    label: str
    tracks: int
    values: tuple[str, ...]
    state: str = "off"
    depth: int = 0


def offered(tracks: pl.DataFrame) -> list[Facet]:
    """Facets of which some track has a value."""
    return [facet for facet in FACETS.values() if facet.is_listed and _has_values(tracks, facet.column)]


def spellings(tracks: pl.DataFrame, tree: Hierarchy) -> Spellings:
    """Every genre that tracks name, and those above, with the spellings in use of it and of all below it.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``genres``; nothing comes of a frame without it.
    tree : Hierarchy
        What stands above what. A name that means no genre there ("Other") stands as it is spelled.

    Returns
    -------
    dict of str to tuple of str
        Each genre after the one above it, by name among its siblings.
    """
    if "genres" not in tracks.columns:
        return {}
    names = tracks["genres"].explode(empty_as_null=True).drop_nulls().unique().sort().to_list()
    below: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    alike: dict[str, tuple[str, ...]] = {}
    for name in filter(None, names):
        chain = alike.setdefault(fold(name), tree.path(name) or (name,))  # a search cannot tell them apart
        for depth in range(len(chain)):
            below[chain[: depth + 1]].append(name)
    ordered = sorted(below, key=lambda chain: [name.casefold() for name in chain])
    return {chain[-1]: tuple(below[chain]) for chain in ordered}


def entries(
    rows: pl.DataFrame,
    facet: Facet,
    picked: Sequence[str] = (),
    *,
    most: int = 10,
    genres: Spellings | None = None,
    tree: Hierarchy | None = None,
) -> tuple[list[Entry], int]:
    """Lines of a facet, and how many more there would be.

    Parameters
    ----------
    rows : polars.DataFrame
        Tracks to count; reads the facet's column.
    facet : Facet
        Whose values.
    picked : sequence of str
        Values that the search asks for: `chosen`.
    most : int
        At most so many values that are not picked; ranges, keys and genres come whole.
    genres, tree : Spellings, Hierarchy
        Of the whole collection, for the facet of genres.

    Returns
    -------
    tuple of list of Entry, int
        Artists, albums, moods and groups by number of tracks, then by name, those that are picked first; keys round
        the wheel; ranges upwards; genres as `spellings` has them.
    """
    if facet.step is not None:
        return _ranges(rows, facet, picked), 0
    if facet.name == GENRE and genres is not None and tree is not None:
        return _tree(rows, picked, genres, tree), 0
    counts = _counts(rows[facet.column])
    if facet.name == "camelot":
        return [_entry(facet, code, counts.get(code, 0), picked) for code in WHEEL if code in {*counts, *picked}], 0
    known = {fold(value) for value in picked}
    ranked = sorted(counts, key=lambda value: (-counts[value], value.casefold()))
    others = [value for value in ranked if fold(value) not in known]
    lines = [_entry(facet, *each, picked) for each in zip(picked, _asked(rows, facet, picked), strict=True)]
    lines += [_entry(facet, value, counts[value], picked) for value in others[:most]]
    return lines, max(0, len(others) - most)


def _has_values(tracks: pl.DataFrame, column: str) -> bool:
    if column not in tracks.columns:
        return False
    values = tracks[column]
    known = values.list.len() > 0 if values.dtype == pl.List else values.is_not_null()
    return bool(known.any())


def _counts(values: pl.Series) -> dict[str, int]:
    """Tracks of each value; spellings that a search cannot tell apart are one, the most frequent."""
    if values.dtype == pl.List:
        values = values.list.unique().explode(empty_as_null=True)  # a track that names a value twice is one track
    table = values.drop_nulls().cast(pl.String).alias("value").value_counts(name="tracks")
    alike = table.sort("tracks", "value", descending=[True, False]).group_by(
        folded(pl.col("value")).str.to_lowercase().alias("folded"), maintain_order=True
    )
    counts = alike.agg(pl.col("value").first(), pl.col("tracks").sum()).filter(pl.col("value") != "")
    return dict(zip(counts["value"], counts["tracks"], strict=True))


def _asked(rows: pl.DataFrame, facet: Facet, values: Sequence[str]) -> list[int]:
    """How many rows each value finds."""
    terms = [expression(to_text(Query(facet.match(value))), rows.schema) for value in values]
    return list(rows.select(term.sum().alias(str(place)) for place, term in enumerate(terms)).row(0)) if terms else []


def _entry(facet: Facet, value: str, tracks: int, picked: Sequence[str]) -> Entry:
    return Entry(value, value or f"No {facet.title.lower()}", tracks, (value,), _state((value,), picked))


def _state(values: Sequence[str], picked: Sequence[str]) -> str:
    known = {fold(value) for value in picked}
    on = sum(fold(value) in known for value in values)
    return "off" if not on else "on" if on == len(values) else "part"


def _ranges(rows: pl.DataFrame, facet: Facet, picked: Sequence[str]) -> list[Entry]:
    """Ranges of a facet's step, both ends included, and what else is picked."""
    values, step = rows[facet.column].drop_nulls(), facet.step or 1
    floors = (values.cast(pl.Float64) / step).floor()
    starts = [int(start) * step for start in floors.filter(floors.is_finite()).unique().sort()]
    width = step - 1 if values.dtype.is_integer() else step
    texts = [f"{start}..{start + width}" for start in starts]
    known = [*texts, *(value for value in picked if value not in texts)]
    return [
        Entry(text, range_label(facet, text), tracks, (text,), _state((text,), picked))
        for text, tracks in zip(known, _asked(rows, facet, known), strict=True)
    ]


def range_label(facet: Facet, text: str) -> str:
    """A range as people write it.

    Examples
    --------
    >>> range_label(FACETS["year"], "1990..1999"), range_label(FACETS["bpm"], "80..100")
    ('1990s', '80 to 100')
    >>> range_label(FACETS["year"], "1985.."), range_label(FACETS["bpm"], "..90"), range_label(FACETS["bpm"], ">120")
    ('from 1985', 'up to 90', '>120')
    """
    low, dots, high = text.partition("..")
    if not dots:
        return text
    if low.isdecimal() and high.isdecimal() and facet.step == DECADE and int(high) - int(low) == DECADE - 1:
        return f"{low}s" if int(low) % DECADE == 0 else f"{low} to {high}"
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"


def _tree(rows: pl.DataFrame, picked: Sequence[str], genres: Spellings, tree: Hierarchy) -> list[Entry]:
    """Genres that rows have or that are picked."""
    counts, untagged = _tree_counts(rows["genres"], genres)
    lines = [
        Entry(name, name, counts.get(name, 0), names, _state(names, picked), len(tree.path(name) or (name,)) - 1)
        for name, names in genres.items()
    ]
    facet, known = FACETS[GENRE], {fold(name) for names in genres.values() for name in names}
    strange = [value for value in picked if value and fold(value) not in known]
    lines += [_entry(facet, *each, picked) for each in zip(strange, _asked(rows, facet, strange), strict=True)]
    lines.append(Entry("", NO_GENRE, untagged, ("",), "on" if "" in picked else "off"))
    return [line for line in lines if line.tracks or line.state != "off"]


def _tree_counts(values: pl.Series, genres: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], int]:
    """Tracks of each genre, those below it included and each once, and those that have none."""
    codes = {genre: code for code, genre in enumerate(genres)}
    above = [(name, codes[genre]) for genre, names in genres.items() for name in names]
    table = pl.DataFrame(above, {"genres": pl.String, "code": pl.UInt32}, orient="row")
    named = (
        pl.DataFrame({"genres": values})
        .with_row_index("row")
        .explode("genres", empty_as_null=True)
        .drop_nulls("genres")
    )
    counts = named.join(table, "genres").select("row", "code").unique()["code"].value_counts(name="tracks")
    tracks = dict(zip(counts["code"], counts["tracks"], strict=True))
    empty = values.is_null() | ~values.list.eval(pl.element().fill_null("") != "").list.any().fill_null(False)
    return {genre: tracks.get(code, 0) for genre, code in codes.items()}, int(empty.sum())
