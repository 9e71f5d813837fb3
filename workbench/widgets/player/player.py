"""What does this track sound like?

Conventions
-----------
Nothing is decoded before somebody asks to hear it. What is heard is an excerpt from a third of the way in: the whole
file would have to pass through the kernel's connection.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from workbench import audio, tags
from workbench.errors import DecodeError
from workbench.figures import escape
from workbench.models import Reason
from workbench.widgets.selection import Selection, opened, rows_of
from workbench.widgets.status import Status, button

if TYPE_CHECKING:
    import polars as pl

    from workbench.widgets.selection import HasSelection

__all__ = ["Player"]

EXCERPT_S: Final = 30.0
COVER_SIZE: Final = "96px"
PNG_SIGNATURE: Final = b"\x89PNG"
HINT: Final = "Click a point on the map, or press Play."


class Player(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An excerpt of the track clicked last, with its names and cover.

    Previous and Next walk through the selected tracks, or through all when none is selected.

    Parameters
    ----------
    source : MapView, Selection or pl.DataFrame
        What is clicked in, or tracks to play. Reads ``track_id``, ``path_bytes`` (or ``path``), and where there are
        such columns ``title``, ``artist``, ``album``, ``year``, ``duration_s`` and ``missing``.

    Attributes
    ----------
    selection : Selection
        Shared with `source`; the player follows and sets its `clicked`.
    status : Status
        The line that says why nothing is heard.
    """

    def __init__(self, source: HasSelection | Selection | pl.DataFrame) -> None:
        self.tracks, self.selection = opened(source)
        self.status = Status()
        self._names = ipywidgets.HTML()
        self._head = ipywidgets.HBox([self._names], layout={"align_items": "center"})
        self._sound = ipywidgets.Box()
        before, play, after = (self.status.watched(partial(self._walk, step)) for step in (-1, 0, 1))
        buttons = [
            button("Previous", "step-backward", "Play the track before", before),
            button("Play", "play", "Play the excerpt from its start", play),
            button("Next", "step-forward", "Play the track after", after),
        ]
        walk = ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap"})
        super().__init__([self._head, walk, self._sound, self.status])
        self.selection.observe(self._when_clicked, "clicked")
        chosen = rows_of(self.tracks, self.selection.track_ids)
        self._names.value = escape(HINT) if chosen.is_empty() else names(chosen.row(0, named=True))

    def play(self, track_id: int) -> None:
        """Show a track and play its excerpt.

        Raises
        ------
        DecodeError
            The track is not in the frame, has no file, or the file holds no audio.
        TagError
            The file's tags cannot be parsed for a cover; the excerpt plays.
        """
        row = row_of(self.tracks, track_id)
        self._names.value = names(row)
        replace(self._head, [self._names])
        replace(self._sound, [])
        path = file_of(row)
        sound = audio.excerpt(path, start_s=excerpt_start(row.get("duration_s")), duration_s=EXCERPT_S)
        replace(self._sound, [ipywidgets.Audio(value=sound, format="ogg", loop=False, layout={"width": "100%"})])
        self.status.say("")
        picture = tags.cover(path)
        if picture is not None:
            replace(self._head, [cover(picture), self._names])

    def _following(self, step: int) -> int | None:
        """Id of the track `step` places from the one clicked last, round the selected ones or all."""
        chosen = rows_of(self.tracks, self.selection.track_ids)
        ids = (self.tracks if chosen.is_empty() else chosen)["track_id"].to_list()
        clicked = self.selection.clicked
        if clicked is not None and step == 0:
            return clicked
        if clicked in ids:
            return int(ids[(ids.index(clicked) + step) % len(ids)])
        return int(ids[0]) if ids else None

    def _walk(self, step: int) -> None:
        track_id = self._following(step)
        if track_id is None:
            self.status.say("There is nothing to play.")
        elif track_id == self.selection.clicked:
            self.play(track_id)
        else:
            self.selection.clicked = track_id

    def _when_clicked(self, change: dict[str, Any]) -> None:
        with self.status.watch():
            if change["new"] is not None:
                self.play(change["new"])


def replace(box: ipywidgets.Box, children: list[ipywidgets.Widget]) -> None:
    """Show other children; those that go are closed, so that their bytes go too."""
    gone = [child for child in box.children if child not in children]
    box.children = children
    for child in gone:
        child.close()


def cover(picture: bytes) -> ipywidgets.Image:
    """A JPEG or PNG as a small square."""
    kind = "png" if picture.startswith(PNG_SIGNATURE) else "jpeg"
    return ipywidgets.Image(
        value=picture, format=kind, layout={"width": COVER_SIZE, "height": COVER_SIZE, "object_fit": "cover"}
    )


def row_of(tracks: pl.DataFrame, track_id: int) -> dict[str, Any]:
    """The row with this id.

    Raises
    ------
    DecodeError
        There is none.
    """
    rows = rows_of(tracks, [track_id]).to_dicts()
    if not rows:
        raise DecodeError(f"track {track_id}: not among these {len(tracks)} tracks", Reason.VANISHED)
    return rows[0]


def names(row: dict[str, Any]) -> str:
    """Title, artist, album and year of a track as HTML; text out of tags is escaped."""
    title = escape(row.get("title") or f"track {row['track_id']}")
    album = " ".join(str(part) for part in (row.get("album"), row.get("year") and f"({row['year']})") if part)
    lines = [f"<b>{title}</b>", *(escape(line) for line in (row.get("artist"), album) if line)]
    return f'<div style="line-height: 1.4">{"<br>".join(lines)}</div>'


def file_of(row: dict[str, Any]) -> Path:
    """The file of a track.

    Raises
    ------
    DecodeError
        The frame does not say where it is, or it was missing at the last scan.
    """
    spelling = row.get("path_bytes") or row.get("path")
    if not spelling:
        message = f"track {row['track_id']}: the frame has no path for it; keep the column path_bytes"
        raise DecodeError(message, Reason.UNREADABLE)
    path = Path(os.fsdecode(spelling))
    if row.get("missing"):
        raise DecodeError(f"{path}: not there at the last scan; mount its disk or scan again", Reason.VANISHED)
    return path


def excerpt_start(duration_s: float | None) -> float:
    """Second at which an excerpt starts: a third of the way in, as long as a whole excerpt follows.

    Examples
    --------
    >>> excerpt_start(240.0), excerpt_start(36.0), excerpt_start(None)
    (80.0, 6.0, 0.0)
    """
    return 0.0 if duration_s is None else max(0.0, min(duration_s / 3, duration_s - EXCERPT_S))
