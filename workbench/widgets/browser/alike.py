"""Which tracks sound like these?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.errors import WorkbenchError
from workbench.neighbours import nearest
from workbench.playlists import Origin
from workbench.widgets.selection import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from workbench.library import Library

__all__ = ["like"]

NEIGHBOURS: Final = 20
OF_AN_ARTIST: Final = 2
MOST_SEEDS: Final = 25
"""More would take long, and have nothing in common."""


def like(library: Library, tracks: pl.DataFrame, seeds: Sequence[int]) -> tuple[list[int], Source]:
    """Neighbours of tracks, the nearest of each seed first, and where they came from.

    Raises
    ------
    WorkbenchError
        There is no seed, or more than 25.
    SpaceError
        No seed is analysed.
    """
    if not seeds:
        raise WorkbenchError("nothing is selected: select a track to find others like it")
    if len(seeds) > MOST_SEEDS:
        raise WorkbenchError(
            f"{len(seeds):,} tracks are selected: select at most {MOST_SEEDS} to find others like them"
        )
    space = library.space()
    found = nearest(space, seeds, n=NEIGHBOURS, tracks=tracks, per_artist=OF_AN_ARTIST)
    asked = (
        f"wb.nearest(library.space(), {list(seeds)}, n={NEIGHBOURS}, tracks=tracks, per_artist={OF_AN_ARTIST})"
        '["neighbour_id"].to_list()'
    )
    detail = {"track_ids": list(seeds), "n": NEIGHBOURS, "per_artist": OF_AN_ARTIST, "space": space.kind}
    code, origin = f'tracks.filter(pl.col("track_id").is_in({asked}))', partial(Origin, "neighbours", detail)
    source = Source("neighbours", tuple(seeds), code, origin)
    here = frozenset(tracks["track_id"])
    ranked = found.sort("rank", maintain_order=True)["neighbour_id"]
    return [track_id for track_id in ranked if track_id in here], source
