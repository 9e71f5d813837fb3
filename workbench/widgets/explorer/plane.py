"""What is the mood plane, as the page draws it?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.figures import PALETTE
from workbench.maps import inside
from workbench.moods import QUADRANTS
from workbench.playlists import Origin
from workbench.widgets.explorer.texts import NO_MOODS, estimated
from workbench.widgets.selection import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

__all__ = ["about", "in_mood", "lassoed", "plane", "points", "selected"]

MOODS: Final = "library.moods(tracks)"


def plane(moods: pl.DataFrame) -> dict[str, Any]:
    """What is written on the plane: the moods with their numbers of tracks, and where the estimates are from."""
    counts = dict(moods.drop_nulls("mood").group_by("mood").len().iter_rows())
    named = zip(QUADRANTS, PALETTE, strict=False)
    return {
        "points": len(placed(moods)),
        "moods": [{"name": name, "colour": colour, "tracks": counts.get(name, 0)} for name, colour in named],
        "lines": estimated(moods),
        "empty": "" if len(placed(moods)) else NO_MOODS,
    }


def placed(moods: pl.DataFrame) -> pl.DataFrame:
    """The tracks that have a place on the plane."""
    return moods.drop_nulls(["valence", "arousal"])


def points(moods: pl.DataFrame) -> bytes:
    """Valence and arousal of each placed track, as pairs of float32."""
    return placed(moods).select("valence", "arousal").to_numpy().astype("<f4").tobytes()


def selected(moods: pl.DataFrame, track_ids: Iterable[int]) -> bytes:
    """A byte for each placed track, 1 where it is selected."""
    chosen = placed(moods)["track_id"].is_in([*track_ids])
    return chosen.to_numpy().astype(np.uint8).tobytes()


def lassoed(moods: pl.DataFrame, polygon: Sequence[Sequence[float]]) -> tuple[pl.DataFrame, Source]:
    """The tracks inside a region of valence and arousal."""
    corners = [(float(x), float(y)) for x, y in polygon]
    code = f'wb.maps.inside({MOODS}, {corners}, x="valence", y="arousal")'
    origin = partial(Origin, "mood", {"polygon": [list(corner) for corner in corners]})
    return inside(moods, corners, x="valence", y="arousal"), Source("mood", corners, code, origin)


def in_mood(moods: pl.DataFrame, mood: str) -> tuple[pl.DataFrame, Source]:
    """The tracks of a quadrant."""
    code, origin = f'{MOODS}.filter(pl.col("mood") == {mood!r})', partial(Origin, "mood", {"mood": mood})
    return moods.filter(moods["mood"] == mood), Source("mood", mood, code, origin)


def about(row: dict[str, Any]) -> list[str]:
    """What the card beside a point says: title, artist, and the two estimates."""
    names = [row.get("title") or f"track {row['track_id']}", row.get("artist")]
    numbers = [
        f"{name} {row[name]:+.2f} (confidence {row[f'{name}_confidence']:.2f})" for name in ("valence", "arousal")
    ]
    return [line for line in (*names, row["mood"], *numbers) if line]
