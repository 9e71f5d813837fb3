"""What has changed in a playlist since it was saved?"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from workbench.playlists.shown import extent

if TYPE_CHECKING:
    import polars as pl

    from workbench.playlists.playlist import Playlist

__all__ = ["Refreshed"]

NAMED: Final = 12
"""Tracks that are named; the others are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Refreshed:
    """A playlist as its origin gives it now, and how that differs from what was saved; nothing of it is saved yet.

    Attributes
    ----------
    playlist : Playlist
        As it is now: ``library.save(refreshed.playlist)`` keeps it.
    added, gone : polars.DataFrame
        Rows of the tracks that came and that went.
    remarks : tuple of str
        What should be known before it is saved.
    doubt : str
        Why it should be looked at before it is saved: the map of its region was drawn anew, or no track would be left;
        empty where there is no doubt.
    """

    playlist: Playlist
    added: pl.DataFrame
    gone: pl.DataFrame
    remarks: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def is_changed(self) -> bool:
        """Tracks came or went."""
        return not (self.added.is_empty() and self.gone.is_empty())

    def __repr__(self) -> str:
        """How many came and went, and what should be known."""
        noted = "".join(f"\n  {remark}" for remark in self.remarks)
        counts = f"{len(self.added)} added, {len(self.gone)} gone, {extent(self.playlist.rows)} now"
        return f"{self.playlist.name!r}: {counts}{noted}"

    def _repr_html_(self) -> str:
        head, *noted = (escape(line) for line in repr(self).splitlines())
        named = [_listed("+", self.added), _listed("\u2212", self.gone)]
        return f"<p><b>{head}</b></p>{''.join(f'<p><i>{line}</i></p>' for line in noted)}{''.join(named)}"


def _listed(sign: str, rows: pl.DataFrame) -> str:
    """A list of titles and artists; empty for no rows."""
    if rows.is_empty():
        return ""
    columns = [name for name in ("title", "artist") if name in rows.columns]
    texts = (" \u2013 ".join(str(cell) for cell in row if cell) for row in rows.head(NAMED).select(columns).iter_rows())
    more = [f"and {len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return f"<ul>{''.join(f'<li>{sign} {escape(text)}</li>' for text in [*texts, *more])}</ul>"
