"""What are the groups, as the page draws them?

Conventions
-----------
A group is found again by a track that it holds, since its number hangs on what was grouped before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.clusters import holding
from workbench.genres import confusion, naming, tidied
from workbench.playlists import Origin
from workbench.widgets.captions import caption
from workbench.widgets.selection import Source, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Grouping", "cards", "heat", "marks"]


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups of tracks with the question that they answer.

    Attributes
    ----------
    rows, described : DataFrame
        What `library.groups_described` gave.
    genres : DataFrame
        What `genres.condensed` says of the rows.
    n, method, seed
        What was asked for.
    edition : int
        Which answer it is: a click on an earlier one is no longer meant.
    kind : str or None
        The space that was grouped; None is the usual one, which another may take the place of.
    """

    rows: pl.DataFrame
    described: pl.DataFrame
    genres: pl.DataFrame
    n: int | None
    method: str
    seed: int
    edition: int
    kind: str | None = None

    @property
    def code(self) -> str:
        """The expression that groups in the same way, of ``library`` and ``tracks``."""
        number = "" if self.n is None else f"n={self.n}, "
        return f"library.groups(tracks, {number}method={self.method!r}, seed={self.seed})"

    def group(self, number: int) -> tuple[pl.DataFrame, Source]:
        """The tracks of a group."""
        member = self._member(number)
        detail = {"member": member, "n": self.n, "method": self.method, "seed": self.seed}
        detail |= {"space": self.kind} if self.kind else {}
        code, origin = f"wb.clusters.holding({self.code}, {member})", partial(Origin, "group", detail)
        return holding(self.rows, member), Source("group", number, code, origin)

    def unplaced(self) -> tuple[pl.DataFrame, Source]:
        """The tracks that lie between the groups."""
        code = f'{self.code}.filter(pl.col("group").is_null())'
        return self.rows.filter(self.rows["group"].is_null()), Source("group", None, code)

    def genre(self, place: int, tracks: pl.DataFrame) -> tuple[pl.DataFrame, Source]:
        """The tracks of a genre, by its row in the heat map, whether they have a group or not."""
        names, argument = self._names(place)
        return naming(tracks, names), Source("genre", (argument, None), f"wb.genres.naming(tracks, {argument!r})")

    def cell(self, place: int, number: int) -> tuple[pl.DataFrame, Source]:
        """The tracks of a genre in a group."""
        names, argument = self._names(place)
        rows, source = self.group(number)
        code = f"wb.genres.naming({source.code}, {argument!r})"
        return naming(rows, names), Source("genre", (argument, number), code)

    def _member(self, number: int) -> int:
        """The most central track of a group."""
        row = self.described.row(by_predicate=pl.col("group") == number, named=True)
        return int(row["medoids"][0])

    def _names(self, place: int) -> tuple[list[str], str | list[str]]:
        names = heat_rows(self.genres)[place]["names"]
        return names, names[0] if len(names) == 1 else names


def cards(found: Grouping) -> list[dict[str, Any]]:
    """One card a group, the largest first."""
    known = {row["track_id"]: row for row in rows_of(found.rows, _medoids(found.described)).iter_rows(named=True)}
    inside = max(len(found.rows) - found.rows["group"].null_count(), 1)
    return [
        {
            "group": row["group"],
            "name": row["name"],
            "size": row["size"],
            "share": row["size"] / inside,
            "medoids": [{"track_id": each, "caption": caption(known[each])} for each in row["medoids"]],
            "features": row["features"],
            "tags": row["tags"],
            "genres": row["genres"],
            "unknown": row["unknown"],
        }
        for row in found.described.iter_rows(named=True)
    ]


def heat(found: Grouping, tracks: pl.DataFrame) -> dict[str, Any]:
    """The heat map: a column a group, a row a genre with its number of tracks and a cell for each group it is in."""
    totals = genre_totals(tracks)
    cells = {
        (row["genre"], row["group"]): [row["tracks"], row["share_of_genre"], row["share_of_group"]]
        for row in found.genres.iter_rows(named=True)
    }
    columns = found.described.select("group", "name", "size").to_dicts()
    return {
        "columns": columns,
        "rows": [
            {
                "name": row["genre"],
                "genres": len(row["names"]),
                "tracks": totals.get(row["genre"]) or len(naming(tracks, row["names"])),
                "cells": [cells.get((row["genre"], column["group"])) for column in columns],
            }
            for row in heat_rows(found.genres)
        ],
        "untagged": int((tidied(tracks)["genres"].list.len() == 0).sum()),
    }


def genre_totals(tracks: pl.DataFrame) -> dict[str, int]:
    """How many tracks name each genre, grouped or not."""
    together = tracks.select("track_id", group=pl.lit(1))
    return dict(confusion(tracks, together).select("genre", "tracks").iter_rows())


def heat_rows(genres: pl.DataFrame) -> list[dict[str, Any]]:
    """Genres of the heat map from above, each with all names that it stands for."""
    return genres.select("genre", "names").unique("genre", keep="first", maintain_order=True).to_dicts()


def marks(rows: pl.DataFrame, track_ids: Iterable[int]) -> dict[str, int]:
    """How many of these tracks each group holds, by its number; groups without one are left out."""
    chosen = rows_of(rows, track_ids).drop_nulls("group")
    return {str(number): count for number, count in chosen.group_by("group", maintain_order=True).len().iter_rows()}


def _medoids(described: pl.DataFrame) -> list[int]:
    return described["medoids"].explode().drop_nulls().to_list()
