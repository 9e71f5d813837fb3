"""What is done to a playlist that is being made, and with which tracks?

Conventions
-----------
No widget: what is on the desk is shown by whoever hears that it changed. JupyterLab runs callbacks beside cells, so
that two changes may come at once: each is made whole, one after the other.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.playlists import SPACED
from workbench.widgets.builder import draft as drafting
from workbench.widgets.builder.arrangement import arranged, moved
from workbench.widgets.builder.company import neighbours_of
from workbench.widgets.builder.draft import SHUFFLE, WITHOUT_DIRECTION, Draft, Drafts
from workbench.widgets.builder.recipe import Question, remade
from workbench.widgets.selection import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import polars as pl

    from workbench.playlists import Playlist
    from workbench.widgets.builder.draft import Limits
    from workbench.widgets.builder.shelf import PlaylistKeeper

__all__ = ["Desk"]


class Desk:
    """A draft, the drafts before it, and the rows of its tracks.

    Parameters
    ----------
    tracks : pl.DataFrame
        The rows that are known at first.
    library : PlaylistKeeper or None
        Where rows of other tracks, a space and neighbours come from.
    draft : Draft
        The first one; undo ends at it.
    changed : callable
        Called after each change, also after one that failed.

    Attributes
    ----------
    tracks : pl.DataFrame
        The rows that are known.
    """

    def __init__(
        self, tracks: pl.DataFrame, library: PlaylistKeeper | None, draft: Draft, changed: Callable[[], None]
    ) -> None:
        self.tracks = drafting.once(tracks)
        self._library = library
        self._drafts = Drafts(draft)
        self._changed = changed
        self._lock = threading.RLock()

    @property
    def now(self) -> Draft:
        """The draft as it is."""
        return self._drafts.now

    @property
    def can_undo(self) -> bool:
        """There was a draft before."""
        return self._drafts.can_undo

    @property
    def can_redo(self) -> bool:
        """A draft was undone, and nothing changed since."""
        return self._drafts.can_redo

    @property
    def playlist(self) -> Playlist:
        """What is shown of the draft."""
        return drafting.playlist_of(self.now, self.tracks)

    def known(self, track_ids: Iterable[int]) -> list[int]:
        """Those of the tracks that there are rows of, here or in the library."""
        ids = list(dict.fromkeys(map(int, track_ids)))
        if self._library is not None and len(rows_of(self.tracks, ids)) < len(ids):
            self.learn(rows_of(self._library.tracks(), ids))
        return arranged(self.tracks, ids)["track_id"].to_list()

    def learn(self, rows: pl.DataFrame) -> None:
        """Take these rows to those that are known."""
        with self._lock:
            self.tracks = drafting.learnt(self.tracks, rows)

    @property
    def kept(self) -> Playlist:
        """What is shown of the draft, with what makes it again when new music has come."""
        return remade(self.now, self.playlist)

    def take(self, track_ids: Iterable[int], question: Question | None = None) -> None:
        """These tracks and no others, and where they came from."""
        known = self.known(track_ids)
        self._change(lambda draft: drafting.taken(draft, known, question=question))

    def add(self, track_ids: Iterable[int], question: Question | None = None) -> None:
        """These tracks too, at the end; where there were none they are taken."""
        if not self.now.given:
            self.take(track_ids, question)
            return
        known = self.known(track_ids)
        self._change(lambda draft: drafting.added(draft, self._shown(), known))

    def remove(self, track_ids: Collection[int]) -> None:
        """Not these tracks."""
        self._change(lambda draft: drafting.removed(draft, track_ids))

    def put(self, track_ids: Collection[int], before: int | None) -> None:
        """These tracks before another one; None is the end."""
        self._change(lambda draft: drafting.put(draft, self._shown(), track_ids, before))

    def step(self, track_ids: Collection[int], step: int) -> None:
        """These tracks one place up (-1) or down (1)."""
        self._change(lambda draft: drafting.rearranged(draft, moved(self._shown(), track_ids, step)))

    def order(self, by: str, *, descending: bool) -> None:
        """Another order."""
        down = descending and by not in WITHOUT_DIRECTION
        self._change(lambda draft: self._ordered(replace(draft, by=by, descending=down, seed=0)))

    def shuffle(self) -> None:
        """Another order by chance."""
        self._change(lambda draft: self._ordered(replace(draft, by=SHUFFLE, descending=False, seed=draft.seed + 1)))

    def limit(self, limits: Limits) -> None:
        """Other limits; raises where the tracks lack a column that one needs."""
        self._change(lambda draft: self._limited(replace(draft, limits=limits)))

    def load(self, playlist: Playlist) -> None:
        """The tracks and the name of a playlist."""
        self.learn(playlist.rows)
        origin = playlist.origin
        ids = playlist.track_ids
        question, base = (None, ()) if origin is None else (Question(lambda: (origin, "", ids)), playlist.steps)
        self._change(
            lambda draft: replace(drafting.taken(draft, ids, question=question, base=base), name=playlist.name)
        )

    def approach(self, seeds: Collection[int], n: int) -> pl.DataFrame:
        """Add n neighbours behind each of some tracks, and give their rows."""
        if self._library is None:
            return self.tracks.clear()
        rows, space = self._library.tracks(), self._library.space()
        with self._lock:
            found = neighbours_of(space, rows, list(seeds), n=n, present=self.now.ids)
            new = [track_id for each in found.values() for track_id in each]
            self.learn(rows_of(rows, new))
            self._change(lambda draft: drafting.with_neighbours(draft, found))
        return arranged(self.tracks, new)

    def told(self, kind: str, message: Mapping[str, Any]) -> None:
        """Do what was done to the list on the page (`TrackList`)."""
        ids = {int(track_id) for track_id in message.get("ids", ())}
        if kind == "moved":
            self.put(ids, message.get("before"))
        elif kind == "stepped":
            self.step(ids, -1 if message["step"] < 0 else 1)
        elif kind == "removed":
            self.remove(ids)
        elif kind in {"undo", "redo"}:
            self.go(-1 if kind == "undo" else 1)

    def rename(self, name: str) -> None:
        """Another name; no step of its own for undo, which takes it back with the change before."""
        with self._lock:
            self._drafts.amend(replace(self.now, name=name))

    def go(self, step: int) -> None:
        """Undo (-1) or redo (1)."""
        with self._lock:
            self._drafts.go(step)
            self._changed()

    def _shown(self) -> list[int]:
        return self.playlist.track_ids

    def _limited(self, draft: Draft) -> Draft:
        drafting.playlist_of(draft, self.tracks)
        return draft

    def _ordered(self, draft: Draft) -> Draft:
        has_space = draft.by in SPACED and self._library is not None
        return drafting.ordered(draft, self.tracks, space=self._library.space() if has_space else None)  # type: ignore[union-attr]

    def _change(self, step: Callable[[Draft], Draft]) -> None:
        with self._lock:
            try:
                self._drafts.take(step(self.now))
            finally:
                self._changed()
