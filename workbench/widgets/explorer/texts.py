"""What does the explorer say in words?

Conventions
-----------
Plain text; the page shows it as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.moods import sources

if TYPE_CHECKING:
    import polars as pl

    from workbench.widgets.explorer.grouping import Grouping

__all__ = ["NO_LIBRARY", "NO_MOODS", "NO_TRACKS", "counted", "estimated", "summary"]

NO_LIBRARY: Final = "There is no library: open one with wb.Explorer(wb.Library()), or give a selection that has one."
NO_TRACKS: Final = 'There are no tracks here. Read a folder of music with library.scan("~/Music").'
NO_MOODS: Final = "None of these tracks has an estimate of both arousal and valence. Run library.analyze()."

METHODS: Final = {"kmeans": "k-means", "hdbscan": "HDBSCAN"}

CAUTION: Final = (
    "Estimates from the sound, relative to this collection: 0 is its middle. Confidence is how closely the way of "
    "estimating followed a trained model on other music; it is no probability."
)


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "track"), counted(1200, "track")
    ('1 track', '1,200 tracks')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary(found: Grouping, tracks: int) -> str:
    """What was grouped and what was left out, of so many tracks."""
    inside = len(found.rows) - found.rows["group"].null_count()
    start = f", start {found.seed}" if found.method == "kmeans" else ""
    name = METHODS.get(found.method, found.method)
    parts = [f"{counted(inside, 'track')} in {counted(len(found.described), 'group')} by {name}{start}."]
    if between := len(found.rows) - inside:
        parts.append(f"{counted(between, 'track')} between the groups {'is' if between == 1 else 'are'} in none.")
    if unknown := tracks - len(found.rows):
        parts.append(f"{counted(unknown, 'track')} left out: not analysed, or without enough sound.")
    return " ".join(parts)


def estimated(moods: pl.DataFrame) -> list[str]:
    """Lines on what the estimates of `library.moods` are made from, how far to believe them, and what is unknown."""
    lines = [CAUTION]
    for estimate, source, reason, lowest, highest, tracks in sources(moods).iter_rows():
        name, number = estimate.capitalize(), counted(tracks, "track")
        if source is None:
            lines.append(f"{name} unknown for {number}: {reason}.")
        else:
            span = f"{lowest:.2f}" if f"{lowest:.2f}" == f"{highest:.2f}" else f"{lowest:.2f} to {highest:.2f}"
            lines.append(f"{name} of {number} from {source} (confidence {span}).")
    return lines
