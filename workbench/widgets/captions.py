"""How is a track named on one line?

Conventions
-----------
Plain text: who shows it as HTML escapes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.figures.look import card_lines, shortened

if TYPE_CHECKING:
    import polars as pl

__all__ = ["caption", "card_lines", "clock", "playing_time"]

LONGEST: Final = 70
"""Letters of a title or a name."""


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any.

    Examples
    --------
    >>> clock(65.4), clock(3725)
    ('1:05', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def caption(row: dict[str, Any]) -> str:
    """Title, artist and duration of a track, as far as they are known.

    Examples
    --------
    >>> caption({"track_id": 7, "title": "Rain", "artist": "Ann", "duration_s": 65.4})
    'Rain, Ann (1:05)'
    >>> caption({"track_id": 7, "title": None, "artist": None, "duration_s": None})
    'track 7'
    """
    names = ", ".join(shortened(name, LONGEST) for name in (row.get("title"), row.get("artist")) if name)
    seconds = row.get("duration_s")
    return (names or f"track {row['track_id']}") + ("" if seconds is None else f" ({clock(seconds)})")


def playing_time(tracks: pl.DataFrame) -> str:
    """Number of tracks and their playing time; says how many have no known duration.

    Parameters
    ----------
    tracks : pl.DataFrame
        Reads ``duration_s`` where there is such a column.
    """
    count = "1 track" if len(tracks) == 1 else f"{len(tracks)} tracks"
    if "duration_s" not in tracks.columns or tracks.is_empty():
        return count
    unknown = tracks["duration_s"].null_count()
    time = f"{count}, {clock(float(tracks['duration_s'].sum()))}"
    return f"{time} ({unknown} of unknown duration)" if unknown else time
