"""In which order do tracks follow each other well?

Conventions
-----------
An order is row numbers. What it came upon that has to be said is told beside it (`Step.found`), never left out in
silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from workbench.errors import PlaylistError
from workbench.playlists.energy import arc, energies
from workbench.playlists.harmonic import harmonic_path, known_in, need_key_and_tempo
from workbench.playlists.journeys import drifting_path
from workbench.playlists.needs import need
from workbench.playlists.paths import smooth_path
from workbench.playlists.pins import STRANGE, ends_of, places_of, points_of, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.playlists.paths import Order
    from workbench.playlists.pins import Ends, Mask
    from workbench.spaces import Space

__all__ = ["ORDERS", "SPACED", "arranged", "ordered"]

ORDERS: Final = ("flow", "harmonic", "energy arc", "journey", "shuffle")
"""Names of orders that are no columns."""

PINNED: Final = ("flow", "harmonic", "journey")
"""Those that may have a start and an end."""

SPACED: Final = ("flow", "journey")
"""Those that need a space."""

KEYLESS: Final = "no known key or tempo"
FAINT: Final = "no known energy"

Ordered = tuple["Order", dict[str, Any]]


def ordered(
    name: str, rows: pl.DataFrame, by: str, *, space: Space | None, seed: int, descending: bool, pins: Ends
) -> Ordered:
    """An order of a playlist's rows, as `Playlist.order` describes it, and what it came upon (`Step.found`).

    Parameters
    ----------
    name, rows, by, space, seed, descending
        As `Playlist.order` has them.
    pins : tuple of two int or None
        Track ids that stay first and last.

    Raises
    ------
    PlaylistError
        As `Playlist.order` says.
    """
    _check(name, by, space, pins, descending=descending)
    if seed < 0:
        raise PlaylistError(f"playlist {name!r}: a seed is 0 or more, found {seed}")
    if by == "shuffle":
        return np.random.default_rng(seed).permutation(len(rows)), {}
    if by == "energy arc":
        return _arc(name, rows, space, descending=descending)
    if by in ORDERS:
        return _path(name, rows, by, space, pins, descending=descending)
    return _sorted(name, rows, by, descending=descending), {}


def arranged(track_ids: Sequence[int], wanted: Sequence[int]) -> Order:
    """Row numbers of some ids in the order of others, each time an id comes; those that are not wanted behind.

    Examples
    --------
    >>> arranged([5, 6, 7, 6], [6, 7, 6, 9]).tolist()
    [1, 2, 3, 0]
    """
    places: dict[int, list[int]] = {}
    for place, track_id in enumerate(wanted):
        places.setdefault(track_id, []).append(place)
    ahead = {track_id: iter(each) for track_id, each in places.items()}
    ranks = [next(ahead.get(track_id, iter(())), len(wanted)) for track_id in track_ids]
    return np.argsort(ranks, kind="stable")


def _check(name: str, by: str, space: Space | None, pins: Ends, *, descending: bool) -> None:
    """Refuse what does not go together."""
    has_pins = pins != (None, None)
    if by in SPACED and space is None:
        raise PlaylistError(f"playlist {name!r}: {by!r} needs a space: order({by!r}, space=library.space())")
    if by == "journey" and None in pins:
        raise PlaylistError(f"playlist {name!r}: a journey leads from one track to another; give start= and end=, ids")
    if has_pins and by not in PINNED:
        raise PlaylistError(f"playlist {name!r}: {by!r} takes no start or end; those that do: {', '.join(PINNED)}")
    if has_pins and descending:
        raise PlaylistError(f"playlist {name!r}: start and end say which way it goes; leave descending away")


def _sorted(name: str, rows: pl.DataFrame, by: str, *, descending: bool) -> Order:
    need(name, rows, by, others=ORDERS)
    if rows.schema[by].is_nested():
        raise PlaylistError(f"playlist {name!r}: {by!r} holds lists, which have no order; choose another column")
    values = (
        pl.col(by).cast(pl.String).str.zfill(3) if by == "camelot" else pl.col(by)
    )  # else 10A would stand before 2A
    if rows.schema[by].is_float():
        values = values.fill_nan(None)
    numbered = rows.select(values.alias(by), row=pl.int_range(pl.len()))
    return numbered.sort(by, descending=descending, nulls_last=True, maintain_order=True)["row"].to_numpy()


def _arc(name: str, rows: pl.DataFrame, space: Space | None, *, descending: bool) -> Ordered:
    energy = energies(name, rows)
    known = ~np.isnan(energy)
    chosen = np.flatnonzero(known)
    order = chosen[arc(energy[chosen], None if space is None else points_of(rows[chosen], space))]
    order = order[::-1] if descending else order
    ids = rows["track_id"]
    marks = {} if not len(order) else {"peak": ids[int(order[np.argmax(energy[order])])], "end": ids[int(order[-1])]}
    return np.concatenate([order, np.flatnonzero(~known)]), {**_unplaced(rows, known, FAINT), **marks}


def _path(name: str, rows: pl.DataFrame, by: str, space: Space | None, pins: Ends, *, descending: bool) -> Ordered:
    """A path through the rows that can be placed; the others behind it, or before its end where that is fixed."""
    if by == "harmonic":
        need_key_and_tempo(name, rows)
        known, why = known_in(rows), KEYLESS
    else:
        known, why = places_of(rows, space) >= 0, STRANGE
    ends = within(name, rows, known, ends_of(name, rows, pins), why)
    chosen = np.flatnonzero(known)
    path = chosen[_solved(rows[chosen], by, space, ends)]
    path = path[::-1] if descending else path
    until = len(path) - (ends[1] is not None)
    return np.concatenate([path[:until], np.flatnonzero(~known), path[until:]]), _unplaced(rows, known, why)


def _solved(rows: pl.DataFrame, by: str, space: Space | None, ends: Ends) -> Order:
    start, end = ends
    if by == "harmonic":
        return harmonic_path(rows, None if space is None else points_of(rows, space), start=start, end=end)
    assert space is not None  # noqa: S101  it was asked for
    matrix = points_of(rows, space)
    if start is not None and end is not None and by == "journey":
        return drifting_path(matrix, start, end)
    return smooth_path(matrix, start=start, end=end)


def _unplaced(rows: pl.DataFrame, known: Mask, why: str) -> dict[str, Any]:
    return {} if known.all() else {"unplaced": rows["track_id"].filter(pl.Series(~known)).to_list(), "why": why}
