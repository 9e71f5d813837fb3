"""Which of the list's tracks are chosen, and where are they dragged to?

Conventions
-----------
The list shows what it is given and tells what was done to it; who gave it decides what it shows next. Gestures are
messages, not states: all of them arrive, in their order, also when the kernel was busy. A gesture names tracks by their
ids and a place by the track that stands there, so that it means the same when the list has changed meanwhile.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget

from workbench.widgets.builder.course import course, lines, starts
from workbench.widgets.covers import covers_of
from workbench.widgets.page import script, style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

    from workbench.widgets.status import Status

__all__ = ["GESTURES", "TrackList"]

GESTURES: Final = frozenset({"moved", "stepped", "removed", "played", "undo", "redo"})
MOST_COVERS: Final = 60
"""Covers in one answer; the page asks again for what it still lacks."""
MOST_ROWS: Final = 2000
"""Tracks that are listed: there are some fifteen elements on the page for each."""


class TrackList(anywidget.AnyWidget):
    """Numbered tracks with covers, some of them chosen; below them the course of energy, tempo and key.

    Of a longer list the first 2,000 tracks are shown, and it is said how many follow.

    Parameters
    ----------
    told : callable
        Called as ``told(kind, message)`` with one of `GESTURES`: "moved" has ``ids`` and ``before`` (an id, None for
        the end), "stepped" ``ids`` and ``step`` (-1, 1), "removed" ``ids``, "played" ``id``.
    status : Status
        Shows what is raised.

    Attributes
    ----------
    track_ids : tuple of int
        What is shown, in order.
    past : tuple of int
        What follows and is not shown.
    """

    _esm = script(Path(__file__).with_name("track_list.js"))
    _css = style(Path(__file__).with_name("track_list.css"))

    def __init__(self, told: Callable[[str, dict[str, Any]], None], status: Status) -> None:
        super().__init__()
        self.track_ids: tuple[int, ...] = ()
        self.past: tuple[int, ...] = ()
        self._told, self._status = told, status
        self._chosen: tuple[int, ...] = ()
        self._rows: dict[int, dict[str, Any]] = {}
        self._lines: dict[int, dict[str, Any]] = {}
        self._known: set[int] = set()  # whose lines the page has
        self._along: dict[str, Any] = {}
        self._marks: dict[str, Any] = {"marked": [], "playing": None}
        self.on_msg(self._when_told)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the tracks that are chosen in the list, in its order."""
        chosen = set(self._chosen)
        return tuple(track_id for track_id in self.track_ids if track_id in chosen)

    def choose(self, track_ids: Iterable[int]) -> None:
        """Choose tracks from code; ids that the list does not show are passed over."""
        self._chosen = tuple(track_ids)
        self.send({"kind": "chosen", "ids": list(self.chosen)})

    def show(self, tracks: pl.DataFrame) -> None:
        """Show these tracks in this order; who was chosen and is still shown stays chosen."""
        self.past = tuple(tracks["track_id"][MOST_ROWS:])
        tracks = tracks.head(MOST_ROWS)
        written = {line["id"]: line for line in lines(tracks)}
        self._known = {track_id for track_id in self._known if self._lines.get(track_id) == written.get(track_id)}
        self._lines = written
        self._rows = {row["track_id"]: row for row in tracks.select(cover_columns(tracks)).iter_rows(named=True)}
        self.track_ids = tuple(self._rows)
        self._chosen = self.chosen  # as the page does: nobody is chosen unseen when he comes back
        self._along = {"starts": starts(tracks), "course": course(tracks)}
        self._tell_page()

    def mark(self, track_ids: Iterable[int], playing: int | None) -> None:
        """Mark tracks that are selected elsewhere, and the one that was clicked last."""
        ids = set(track_ids)
        self._marks = {"marked": [one for one in self.track_ids if one in ids], "playing": playing}
        self.send({"kind": "marks", **self._marks})

    def _tell_page(self) -> None:
        """The list as it is; lines that the page has are not sent again."""
        news = [line for track_id, line in self._lines.items() if track_id not in self._known]
        self._known |= self._lines.keys()
        self.send({"kind": "list", "ids": list(self.track_ids), "more": len(self.past), "lines": news, **self._along})

    def _when_told(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401  what a page sends
        with self._status.watch():
            kind = content.get("kind")
            if kind in GESTURES:
                is_last = kind == "moved" and content.get("before") is None and self.past
                self._told(kind, {**content, "before": self.past[0]} if is_last else content)
            elif kind == "chosen":
                self._chosen = tuple(int(track_id) for track_id in content["ids"])
            elif kind == "covers":
                self._send_covers(content["ids"])
            elif kind == "ready":
                self._known = set()
                self._tell_page()
                self.send({"kind": "marks", **self._marks})
                self.send({"kind": "chosen", "ids": list(self.chosen)})

    def _send_covers(self, track_ids: Sequence[int]) -> None:
        asked = [track_id for track_id in track_ids[:MOST_COVERS] if track_id in self._rows]
        covers = covers_of([self._rows[track_id] for track_id in asked])
        found = [(track_id, cover) for track_id, cover in zip(asked, covers, strict=True) if cover]
        self.send({"kind": "covers", "ids": [one for one, _ in found]}, buffers=[cover for _, cover in found])


def cover_columns(tracks: pl.DataFrame) -> list[str]:
    """What of the columns says where a cover is."""
    return [name for name in ("track_id", "path", "path_bytes", "missing", "has_cover") if name in tracks.columns]
