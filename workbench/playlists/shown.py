"""How is a playlist shown in a notebook?"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from workbench.playlists.choosing import lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["clock", "extent", "table"]

COLUMNS: Final = ("title", "artist", "album", "duration_s", "bpm", "camelot")
SHOWN: Final = 20
"""What a playlist shows of itself in a notebook: columns and rows."""


def table(name: str, rows: pl.DataFrame, remarks: Sequence[str]) -> str:
    """A short table as HTML, with what could not be met above it; text of tags is escaped."""
    known = [column for column in COLUMNS if column in rows.columns]
    head = _line("th", ["", *known])
    shown = rows.head(SHOWN).select(known).iter_rows(named=True)
    body = "".join(_line("td", _cells(number, row)) for number, row in enumerate(shown, start=1))
    more = f"<p>and {len(rows) - SHOWN} more</p>" if len(rows) > SHOWN else ""
    title = f"<p><b>{escape(name)}</b>: {extent(rows)}</p>"
    noted = "".join(f"<p><i>{escape(remark)}</i></p>" for remark in remarks)
    return f"{title}{noted}<table><thead>{head}</thead><tbody>{body}</tbody></table>{more}"


def extent(rows: pl.DataFrame) -> str:
    """Number of tracks and length.

    Examples
    --------
    >>> import polars as pl
    >>> extent(pl.DataFrame({"track_id": [1, 2], "duration_s": [200.0, None]}))
    '2 tracks, 3:20'
    """
    length = f", {clock(float(lengths(rows).sum()))}" if "duration_s" in rows.columns else ""
    return f"{len(rows)} track{'' if len(rows) == 1 else 's'}{length}"


def clock(seconds: float) -> str:
    """Minutes and seconds, and hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _cells(number: int, row: dict[str, Any]) -> list[str]:
    readable = {"duration_s": clock, "bpm": "{:.0f}".format}
    known = ((name, None if value != value else value) for name, value in row.items())  # noqa: PLR0124  NaN is not itself
    texts = ("" if value is None else readable.get(name, str)(value) for name, value in known)
    return [str(number), *texts]


def _line(tag: str, cells: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
