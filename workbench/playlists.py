"""In which order should tracks be heard?

Conventions
-----------
A `Playlist` is a name and rows in order; nothing changes it: every verb gives a new one, so that each step can be kept
and compared. Positions count from 0. The same track may come twice. A length that is unknown adds nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from workbench import playlist_files
from workbench.errors import PlaylistError
from workbench.neighbours import capped, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.spaces import Space

__all__ = ["Playlist", "smooth_path"]

Order = npt.NDArray[np.intp]

ORDERS: Final = ("flow", "shuffle")
COLUMNS: Final = ("title", "artist", "album", "duration_s", "bpm", "camelot")
SHOWN: Final = 20
"""What a playlist shows of itself in a notebook: columns and rows."""

PATIENCE: Final = 100_000_000
"""Distances that `smooth_path` may look at: all it can use for hundreds of tracks, one round for 10,000."""

LEAST_GAIN: Final = 1e-6
"""Shortening of a path that is more than float32's rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Playlist:
    """An ordered, named list of tracks.

    Parameters
    ----------
    name : str
        What players show.
    rows : polars.DataFrame
        Tracks in order; any frame with ``track_id``. Schema `models.TRACKS` gives every verb what it reads.

    Raises
    ------
    PlaylistError
        The rows have no column ``track_id``.
    """

    name: str
    rows: pl.DataFrame

    def __post_init__(self) -> None:
        """Check that the rows are tracks."""
        _need(self, self.rows, "track_id")

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.rows)

    @property
    def track_ids(self) -> list[int]:
        """Track ids in order."""
        return self.rows["track_id"].to_list()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        _need(self, self.rows, "duration_s")
        return float(self.rows["duration_s"].sum())

    def order(self, by: str, *, space: Space | None = None, seed: int = 0, descending: bool = False) -> Playlist:
        """The same tracks in another order.

        Parameters
        ----------
        by : str
            ``"flow"``: each track sounds like the one before (`smooth_path`); tracks without a place in the space go
            to the end. ``"shuffle"``: by chance. Or a column: unknown last, equal ones as they are; ``"camelot"``
            round the wheel, 1A, 1B, 2A.
        space : Space, optional
            Where ``"flow"`` looks; of the whole collection, it is cut to the tracks here.
        seed : int
            Of ``"shuffle"``.
        descending : bool
            Largest first; turns a flow round.

        Raises
        ------
        PlaylistError
            There is no such order or column, or ``"flow"`` has no space.
        """
        if by == "flow":
            order = self._flow(space)
            return self._taking(order[::-1] if descending else order)
        if by == "shuffle":
            return self._taking(np.random.default_rng(seed).permutation(len(self)))
        return self._sorted(by, descending=descending)

    def limit(self, *, minutes: float | None = None, tracks: int | None = None) -> Playlist:
        """The beginning, up to so many minutes and so many tracks; the track that would pass the limit is left out.

        Raises
        ------
        PlaylistError
            A limit is negative.
        """
        if (minutes or 0) < 0 or (tracks or 0) < 0:
            raise PlaylistError(
                f"playlist {self.name!r}: limits are 0 or more, found {minutes} minutes, {tracks} tracks"
            )
        rows = self.rows if tracks is None else self.rows.head(tracks)
        if minutes is None:
            return Playlist(self.name, rows)
        _need(self, rows, "duration_s")
        return Playlist(self.name, rows.filter(rows["duration_s"].fill_null(0).cum_sum() <= minutes * 60))

    def at_most(self, n: int, *, per: str = "artist") -> Playlist:
        """The first n tracks of each artist, or of each value of another column; tracks of unknown ones all stay.

        A track by several artists counts for each of them, and goes where one of them has had n.

        Raises
        ------
        PlaylistError
            n is below 1, or there is no such column.
        """
        if n < 1:
            raise PlaylistError(f"playlist {self.name!r}: at most {n} per {per} leaves nothing; choose 1 or more")
        if per != "artist" or "artists" not in self.rows.columns:
            _need(self, self.rows, per)
        return self._taking(np.fromiter(capped(names_in(self.rows, per), n), np.intp))

    def add(self, rows: pl.DataFrame) -> Playlist:
        """With more rows at the end; columns that only they have are dropped, columns that they lack are null.

        Raises
        ------
        PlaylistError
            The rows have no ``track_id``, or a column is of another type.
        """
        _need(self, rows, "track_id")
        known = rows.select(column for column in self.rows.columns if column in rows.columns)
        try:
            return Playlist(self.name, pl.concat([self.rows, known], how="diagonal_relaxed"))
        except pl.exceptions.SchemaError as error:
            raise PlaylistError(f"playlist {self.name!r}: these rows do not fit to its own: {error}") from error

    def remove(self, track_ids: Iterable[int]) -> Playlist:
        """Without some tracks, wherever they stand."""
        return Playlist(self.name, self.rows.filter(~pl.col("track_id").is_in([*track_ids])))

    def move(self, position: int, to: int) -> Playlist:
        """With the track at one position taken out and put in at another, both from 0.

        Raises
        ------
        PlaylistError
            A position is outside the playlist.
        """
        if not (0 <= position < len(self) and 0 <= to < len(self)):
            raise PlaylistError(
                f"playlist {self.name!r}: cannot move {position} to {to}, its positions are 0 to {len(self) - 1}"
            )
        order = np.delete(np.arange(len(self)), position)
        return self._taking(np.insert(order, to, position))

    def write(self, path: str | Path, *, relative: bool = True, overwrite: bool = False) -> Path:
        """Write a playlist file and give its path.

        Parameters
        ----------
        path : str or Path
            Its ending chooses the format: .m3u8, .m3u, .pls or .xspf.
        relative : bool
            Paths of tracks relative to the playlist's folder, where that is possible.
        overwrite : bool
            Replace a file that is there.

        Raises
        ------
        PlaylistError
            A row has neither ``path_bytes`` nor ``path``, or `playlist_files.write` refuses.
        """
        target = Path(path).expanduser()
        return playlist_files.write(target, self._entries(), name=self.name, relative=relative, overwrite=overwrite)

    def __repr__(self) -> str:
        """Name, number of tracks and length."""
        return f"Playlist({self.name!r}, {_extent(self.rows)})"

    def _repr_html_(self) -> str:
        """A short table; text of tags is escaped."""
        known = [column for column in COLUMNS if column in self.rows.columns]
        head = _line("th", ["", *known])
        rows = self.rows.head(SHOWN).select(known).iter_rows(named=True)
        body = "".join(_line("td", _cells(number, row)) for number, row in enumerate(rows, start=1))
        more = f"<p>and {len(self) - SHOWN} more</p>" if len(self) > SHOWN else ""
        title = f"<p><b>{escape(self.name)}</b>: {_extent(self.rows)}</p>"
        return f"{title}<table><thead>{head}</thead><tbody>{body}</tbody></table>{more}"

    def _taking(self, order: Order) -> Playlist:
        return Playlist(self.name, self.rows[order])

    def _sorted(self, by: str, *, descending: bool) -> Playlist:
        _need(self, self.rows, by, others=ORDERS)
        if self.rows.schema[by].is_nested():
            raise PlaylistError(
                f"playlist {self.name!r}: {by!r} holds lists, which have no order; choose another column"
            )
        values = pl.col(by).str.zfill(3) if by == "camelot" else pl.col(by)  # else 10A would stand before 2A
        return Playlist(self.name, self.rows.sort(values, descending=descending, nulls_last=True, maintain_order=True))

    def _flow(self, space: Space | None) -> Order:
        if space is None:
            raise PlaylistError(f"playlist {self.name!r}: 'flow' needs a space: order('flow', space=library.space())")
        places = space.positions(self.track_ids)
        placed = np.flatnonzero(places >= 0)
        return np.concatenate([placed[smooth_path(space.matrix[places[placed]])], np.flatnonzero(places < 0)])

    def _entries(self) -> list[playlist_files.Entry]:
        if "path_bytes" not in self.rows.columns:
            _need(self, self.rows, "path")
        return [self._entry(row) for row in self.rows.iter_rows(named=True)]

    def _entry(self, row: dict[str, Any]) -> playlist_files.Entry:
        path = row.get("path_bytes") or row.get("path")
        if not path:
            track_id = row["track_id"]
            raise PlaylistError(
                f"playlist {self.name!r}: track {track_id} has no path; leave it out: .remove([{track_id}])"
            )
        told = {name: row.get(name) for name in ("title", "artist", "album", "duration_s", "track_number")}
        return playlist_files.Entry(path=os.fsencode(path), **told)


def smooth_path(matrix: npt.NDArray[np.float32]) -> Order:
    """An order of rows in which each is close to the one before: a short open path through all of them.

    From the row least like the first, always on to the nearest that is left; then pieces of the path are turned round
    as long as that shortens it (2-opt: Croes 1958, "A method for solving traveling-salesman problems"). No shortest
    path, but none that one turn would shorten, up to some 1,000 rows; beyond, the time is limited. Of the two
    directions the one is given that has the first row in its first half.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length; distance is 1 - cosine.

    Returns
    -------
    ndarray (n,) of int
        Row numbers.
    """
    if not len(matrix):
        return np.empty(0, np.intp)
    path = _untangled(matrix, _chain(matrix))
    late = 2 * np.flatnonzero(path == 0)[0] >= len(path)
    return path[::-1] if late else path


def _chain(matrix: npt.NDArray[np.float32]) -> Order:
    """From the row least like the first always to the nearest that is left."""
    path = np.empty(len(matrix), np.intp)
    left = np.ones(len(matrix), bool)
    here = int(np.argmin(matrix @ matrix[0]))
    for step in range(len(matrix)):
        path[step] = here
        left[here] = False
        here = int(np.argmax(np.where(left, matrix @ matrix[here], -np.inf)))
    return path


def _untangled(matrix: npt.NDArray[np.float32], path: Order) -> Order:
    """The path after all turns of a piece that shorten it, as far as the patience lasts."""
    path, points = path.copy(), matrix[path]
    steps = np.append(
        1 - np.sum(points[:-1] * points[1:], axis=1), 0
    )  # from each point to the next; none from the last
    for _ in range(max(1, PATIENCE // len(path) ** 2)):
        turned = [_turn(path, points, steps, start) for start in range(len(path) - 1)]
        if not any(turned):
            break
    return path


def _turn(path: Order, points: npt.NDArray[np.float32], steps: npt.NDArray[np.float32], start: int) -> bool:
    """Turn round, in place, the piece from `start` whose turning shortens the path most; False where none does."""
    before = start - 1
    onward = np.append(1 - points[start + 1 :] @ points[start], 0)  # from the piece's start to what follows its end
    joining = 1 - points[start:] @ points[before] if start else np.zeros_like(onward)  # from before it to its end
    gains = joining[0] + steps[start:] - joining - onward
    size = int(np.argmax(gains))
    if gains[size] <= LEAST_GAIN:
        return False
    end = start + size
    for values in (path, points):
        values[start : end + 1] = values[start : end + 1][::-1].copy()
    steps[start:end] = steps[start:end][::-1].copy()
    steps[end] = onward[size]
    if start:
        steps[before] = joining[size]
    return True


def _need(playlist: Playlist, rows: pl.DataFrame, column: str, *, others: tuple[str, ...] = ()) -> None:
    if column in rows.columns:
        return
    names = [*others, *rows.columns]
    close = get_close_matches(column, names, n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"choose one of: {', '.join(names)}"
    raise PlaylistError(f"playlist {playlist.name!r}: its rows have no {column!r}; {advice}")


def _extent(rows: pl.DataFrame) -> str:
    length = f", {_clock(float(rows['duration_s'].sum() or 0))}" if "duration_s" in rows.columns else ""
    return f"{len(rows)} track{'' if len(rows) == 1 else 's'}{length}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _cells(number: int, row: dict[str, Any]) -> list[str]:
    readable = {"duration_s": _clock, "bpm": "{:.0f}".format}
    texts = ("" if value is None else readable.get(name, str)(value) for name, value in row.items())
    return [str(number), *texts]


def _line(tag: str, cells: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
