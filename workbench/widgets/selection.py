"""Which tracks do the windows talk about?

Conventions
-----------
Identity is the track id. Rows come in the order of the frame they were chosen from. Windows that are given one
selection are linked: what one chooses, all mark.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import polars as pl
import traitlets

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from workbench.library import Library
    from workbench.playlists import Origin, Playlist

__all__ = ["BY_CODE", "HasSelection", "Selection", "Source", "answered", "asked", "opened", "rows_of"]

REMEMBERED: Final = 100
"""Selections that undo can go back to."""
MOST_REMEMBERED_IDS: Final = 5_000_000
"""Ids in all of them, 200 MB; beyond, the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a selection came from.

    Attributes
    ----------
    kind : str
        "lasso", "box", "query", "neighbours", "rows", "group", "genre", "mood", "playlist" or "code".
    detail : object
        What was drawn, typed or clicked: a polygon of (x, y), the text of a query, the ids whose neighbours they are.
    code : str or None
        The Python expression that gives these very rows again, of the frames ``tracks`` or ``layout`` or of the
        ``library``; None where there is none but the list of ids.
    origin : callable or None
        Gives the question to a library whose answer these tracks are, for a playlist that is to be asked again; it may
        raise where the library knows no such question.
    """

    kind: str
    detail: object = None
    code: str | None = None
    origin: Callable[[], Origin] | None = field(default=None, compare=False)


BY_CODE: Final = Source("code")


Step = tuple[tuple[int, ...], Source]


class HasSelection(Protocol):
    """A widget that shows tracks and what is selected of them, such as `MapView`."""

    @property
    def tracks(self) -> pl.DataFrame:
        """What it shows."""

    @property
    def selection(self) -> Selection:
        """What is selected in it."""


class Answering(Protocol):
    """What an origin is asked of: a library."""

    def select(self, origin: Origin) -> pl.DataFrame:
        """The tracks that it stands for."""


class Selection(traitlets.HasTraits):
    """A frame of tracks, the ids chosen from it and the id clicked last; windows that share one move together.

    Parameters
    ----------
    tracks : pl.DataFrame
        One row a track; reads ``track_id``.
    track_ids : iterable of int
        What is selected at first.
    name : str
        What it is called; a playlist made of it bears the name.
    library : Library or None
        The tracks' library, for windows that play, save or look for neighbours.

    Attributes
    ----------
    track_ids : tuple of int
        Selected ids, each once; observable. Ids that are not in `tracks` may stand here and have no row.
    source : Source
        Where they came from; set before `track_ids` changes.
    name : str
        Observable.
    clicked : int or None
        The id clicked last; observable, None in between.

    Examples
    --------
    >>> selection = Selection(pl.DataFrame({"track_id": [1, 2, 3]}))
    >>> selection.choose([2, 3])
    >>> selection.choose([1])
    >>> selection.undo()
    >>> selection.track_ids
    (2, 3)
    >>> selection.code()
    'tracks.filter(pl.col("track_id").is_in([2, 3]))'
    """

    track_ids = traitlets.Tuple()
    source = traitlets.Instance(Source)
    name = traitlets.Unicode()
    clicked = traitlets.Int(None, allow_none=True)

    def __init__(
        self, tracks: pl.DataFrame, track_ids: Iterable[int] = (), *, name: str = "", library: Library | None = None
    ) -> None:
        super().__init__(name=name, source=BY_CODE)
        self.tracks = tracks
        self.library = library
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells
        self._coming = BY_CODE
        self._is_going = False
        self._steps: list[Step] = []
        self._place = -1
        self.track_ids = plain(track_ids)
        self._steps, self._place = [(self.track_ids, BY_CODE)], 0

    def choose(self, track_ids: Iterable[int], source: Source = BY_CODE) -> None:
        """Select these tracks, as one step that can be undone.

        Parameters
        ----------
        track_ids : iterable of int
            Each is kept once, in this order; a numpy array will do.
        source : Source
            Where they come from.
        """
        with self._lock:
            wanted = plain(track_ids)
            self._coming = source
            try:
                self.track_ids = wanted
                if self.track_ids == wanted:  # else somebody who heard of it has chosen others
                    self.source = source  # also where the same ids were chosen in another way
                    self._steps[self._place] = (wanted, source)
            finally:
                self._coming = BY_CODE

    def click(self, track_id: int) -> None:
        """Say that a track was clicked; those who watch `clicked` hear of it, also when it is the same one again."""
        self.clicked = None
        self.clicked = track_id

    def undo(self) -> None:
        """Go back to what was selected before; nothing happens at the beginning."""
        self._go(-1)

    def redo(self) -> None:
        """Take an undo back; nothing happens when there is none to be taken back."""
        self._go(1)

    @property
    def can_undo(self) -> bool:
        """Something was selected before."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Something was undone, and nothing selected since."""
        return self._place < len(self._steps) - 1

    @property
    def rows(self) -> pl.DataFrame:
        """The selected rows of `tracks`, in its order and schema; empty when nothing is selected."""
        return rows_of(self.tracks, self.track_ids)

    def code(self) -> str:
        """The Python expression that gives the selected rows again, to keep in a notebook."""
        return self.source.code or f'tracks.filter(pl.col("track_id").is_in({list(self.track_ids)}))'

    def playlist(self, name: str = "") -> Playlist:
        """The selected rows as a playlist, which knows where they came from where the library finds the very same.

        They stand in the order in which the library finds them then, so that a search ``year- limit:50`` keeps its
        order; else in that of `rows`.

        Parameters
        ----------
        name : str
            What it is called; empty takes `name`, else "Playlist".

        Examples
        --------
        >>> library.save(view.selection.playlist("Rain").order("flow", space=library.space()))  # doctest: +SKIP
        >>> library.refresh("Rain")  # doctest: +SKIP
        """
        from workbench.playlists import Playlist

        origin, _, order = answered(self.library, self.source, self.track_ids)
        rows = self.rows
        if origin is not None:
            found = pl.DataFrame({"track_id": order}, {"track_id": rows.schema["track_id"]})
            once = rows.unique("track_id", keep="first")
            rows = found.join(once, on="track_id", maintain_order="left").select(rows.columns)
        return Playlist(name or self.name or "Playlist", rows, origin=origin)

    def origin(self) -> tuple[Origin | None, str]:
        """The question whose answer is selected, or None and why there is none: the tracks themselves are kept then."""
        return asked(self.library, self.source, self.track_ids)

    def _go(self, step: int) -> None:
        with self._lock:
            if not 0 <= self._place + step < len(self._steps):
                return
            self._place += step
            self._is_going = True
            try:
                self.choose(*self._steps[self._place])
            finally:
                self._is_going = False

    @traitlets.validate("track_ids")
    def _once(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        return plain(proposal["value"])

    @traitlets.observe("track_ids")
    def _remember(self, change: dict[str, Any]) -> None:
        """Note the step, before anybody else hears of it."""
        self.source = self._coming
        if not self._is_going:
            self._steps = trimmed([*self._steps[: self._place + 1], (change["new"], self._coming)])
            self._place = len(self._steps) - 1


def asked(library: Answering | None, source: Source, track_ids: Sequence[int]) -> tuple[Origin | None, str]:
    """The question to a library whose answer these tracks are, or None and why there is none."""
    return answered(library, source, track_ids)[:2]


def answered(
    library: Answering | None, source: Source, track_ids: Sequence[int]
) -> tuple[Origin | None, str, list[int]]:
    """What `asked` gives, and these tracks in the order in which the library finds them, where it does."""
    if library is None or source.origin is None:
        return None, "they were chosen one by one, or in several steps", []
    try:
        origin = source.origin()
        found = library.select(origin)["track_id"].to_list()
    except WorkbenchError as error:
        return None, str(error), []
    if set(found) != set(track_ids):
        return None, f"the library finds {len(found)} tracks by {origin}, and {len(track_ids)} are selected", []
    return origin, "", found


def trimmed(steps: list[Step]) -> list[Step]:
    """The last steps, as many as can be remembered; at least that before the last."""
    ids = 0
    for count, (track_ids, _) in enumerate(reversed(steps)):
        ids += len(track_ids)
        if count == REMEMBERED or (ids > MOST_REMEMBERED_IDS and count > 1):
            return steps[-count:]
    return steps


def plain(track_ids: Iterable[int]) -> tuple[int, ...]:
    """Python integers, each once: numpy's would not compare as a tuple's members."""
    ids = track_ids.tolist() if isinstance(track_ids, np.ndarray) else map(int, track_ids)
    return tuple(dict.fromkeys(ids))


def rows_of(tracks: pl.DataFrame, track_ids: Iterable[int]) -> pl.DataFrame:
    """The rows of `tracks` with these ids, in the frame's order."""
    return tracks.filter(pl.col("track_id").is_in(list(track_ids)))


def opened(source: Selection | HasSelection | pl.DataFrame) -> tuple[pl.DataFrame, Selection]:
    """The tracks behind a widget, a selection or a frame, and what is selected of them (of a frame: all)."""
    if isinstance(source, pl.DataFrame):
        return source, Selection(source, source["track_id"])
    return source.tracks, source if isinstance(source, Selection) else source.selection
