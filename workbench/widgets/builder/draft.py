"""What is a playlist while somebody still works on it?

Conventions
-----------
A `Draft` holds ids and rules, no rows; nothing changes it: every function gives a new one, so that each step can be
undone. Tracks that the limits leave out stay in the draft, behind those that are shown when these are moved by hand.
An order is applied to the tracks as they were given, so that the draft can be written as the code that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from workbench.playlists import Playlist
from workbench.playlists import code_of as written
from workbench.widgets.builder.arrangement import arranged, extended, joined, placed, without
from workbench.widgets.builder.recipe import remade
from workbench.widgets.captions import playing_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import polars as pl

    from workbench.playlists import Step
    from workbench.spaces import Space
    from workbench.widgets.builder.recipe import Question

__all__ = [
    "BY_HAND",
    "FLOW",
    "GIVEN",
    "JOURNEY",
    "SHUFFLE",
    "WITHOUT_DIRECTION",
    "Draft",
    "Drafts",
    "Limits",
    "added",
    "code_of",
    "extent",
    "learnt",
    "once",
    "ordered",
    "playlist_of",
    "put",
    "rearranged",
    "removed",
    "taken",
    "with_neighbours",
]

GIVEN: Final = "as given"
BY_HAND: Final = "by hand"
FLOW: Final = "flow"
JOURNEY: Final = "journey"
SHUFFLE: Final = "shuffle"
WITHOUT_DIRECTION: Final = frozenset({BY_HAND, JOURNEY, SHUFFLE})
REMEMBERED: Final = 200
"""Drafts that undo can go back to."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a draft is shown; None is no limit.

    Attributes
    ----------
    minutes, tracks : float, int or None
        Length of the playlist.
    per_artist, per_album : int or None
        Tracks of one artist, and of one album.
    distinct : bool
        No two versions of one recording.
    """

    minutes: float | None = None
    tracks: int | None = None
    per_artist: int | None = None
    per_album: int | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A playlist that is being made.

    Attributes
    ----------
    name : str
        What it is called.
    given : tuple of int
        Ids in the order in which they came.
    ids : tuple of int
        The same ids in the order in which they stand, those past the limits included.
    by : str
        Where that order comes from: `GIVEN`, `BY_HAND`, or what `Playlist.order` takes.
    descending : bool
        The largest are first.
    seed : int
        Of the shuffle.
    limits : Limits
        What is left out.
    step : Step or None
        What the order was, and came upon; None for one that is none of `Playlist.order`.
    base : tuple of Step
        What had been done to the tracks already when they came, in a saved playlist.
    question : Question or None
        Where they came from; None where nobody knows.
    """

    name: str = "Playlist"
    given: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    by: str = GIVEN
    descending: bool = False
    seed: int = 0
    limits: Limits = Limits()
    step: Step | None = None
    base: tuple[Step, ...] = ()
    question: Question | None = field(default=None, compare=False)


class Drafts:
    """The draft as it is, those before it and those that were undone.

    Examples
    --------
    >>> drafts = Drafts(Draft())
    >>> drafts.take(taken(drafts.now, [1, 2]))
    >>> drafts.go(-1)
    >>> drafts.now.ids, drafts.can_undo, drafts.can_redo
    ((), False, True)
    """

    def __init__(self, first: Draft) -> None:
        self._steps = [first]
        self._place = 0

    @property
    def now(self) -> Draft:
        """The draft as it is."""
        return self._steps[self._place]

    @property
    def can_undo(self) -> bool:
        """There was a draft before."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """A draft was undone, and nothing changed since."""
        return self._place < len(self._steps) - 1

    def take(self, draft: Draft) -> None:
        """The next draft; the same again is no step, but what is known of where it came from is kept."""
        if draft != self.now:
            self._steps = [*self._steps[: self._place + 1], draft][-REMEMBERED:]
            self._place = len(self._steps) - 1
        elif draft.question is not None and draft.question is not self.now.question:
            self.amend(replace(draft, question=draft.question.or_else(self.now.question)))

    def amend(self, draft: Draft) -> None:
        """Another draft in the place of this one, that undo does not come back to."""
        self._steps[self._place] = draft

    def go(self, step: int) -> None:
        """One step back (-1) or forth (1); nothing happens at the ends."""
        self._place = min(max(self._place + step, 0), len(self._steps) - 1)


def taken(
    draft: Draft, track_ids: Iterable[int], *, question: Question | None = None, base: tuple[Step, ...] = ()
) -> Draft:
    """A draft of these tracks, as given; name and limits stay."""
    ids = tuple(dict.fromkeys(track_ids))
    came = replace(draft, base=base, question=question)
    return replace(came, given=ids, ids=ids, by=GIVEN, descending=False, step=None)


def added(draft: Draft, shown: Iterable[int], track_ids: Iterable[int]) -> Draft:
    """With these tracks behind those that are shown; one that is shown already stays where it is."""
    more = list(track_ids)
    return _by_hand(draft, joined(draft.given, more), joined(joined(shown, more), draft.ids))


def removed(draft: Draft, track_ids: Collection[int]) -> Draft:
    """Without some tracks; they are not among the given ones either."""
    return _by_hand(draft, without(draft.given, track_ids), without(draft.ids, track_ids))


def rearranged(draft: Draft, shown: Iterable[int]) -> Draft:
    """With those that are shown in this order, the others behind them."""
    return _by_hand(draft, draft.given, joined(shown, draft.ids))


def put(draft: Draft, shown: Iterable[int], chosen: Collection[int], before: int | None) -> Draft:
    """With some of those that are shown put before another one; None is the end."""
    return rearranged(draft, placed(shown, chosen, before))


def with_neighbours(draft: Draft, neighbours: Mapping[int, Sequence[int]]) -> Draft:
    """With the neighbours of some tracks behind each of these."""
    return _by_hand(draft, extended(draft.given, neighbours), extended(draft.ids, neighbours))


def ordered(draft: Draft, tracks: pl.DataFrame, *, space: Space | None = None) -> Draft:
    """In the order that its `by`, `descending` and `seed` say, of the tracks as they were given.

    A journey leads from the first of the tracks that are shown to the last.

    Raises
    ------
    PlaylistError
        There is no such order or column, or no two tracks to travel between.
    """
    if draft.by == BY_HAND:
        return draft
    if draft.by == GIVEN:
        return replace(draft, ids=draft.given[::-1] if draft.descending else draft.given, step=None)
    playlist = Playlist(draft.name, arranged(tracks, draft.given))
    shown = playlist_of(draft, tracks).track_ids
    ends = {"start": shown[0], "end": shown[-1]} if draft.by == JOURNEY and shown else {}
    order = playlist.order(draft.by, space=space, seed=draft.seed, descending=draft.descending, **ends)
    return replace(draft, ids=tuple(order.track_ids), step=order.steps[-1])


def playlist_of(draft: Draft, tracks: pl.DataFrame) -> Playlist:
    """What is shown of a draft: in its order, within its limits."""
    capped, limits = _capped(draft, tracks), draft.limits
    has_end = limits.minutes is not None or limits.tracks is not None
    return capped.limit(minutes=limits.minutes, tracks=limits.tracks) if has_end else capped


def extent(draft: Draft, tracks: pl.DataFrame) -> str:
    """Number of tracks shown and their playing time, what the limits leave out, and what could not be met."""
    capped, shown = _capped(draft, tracks), playlist_of(draft, tracks)
    crowd, past = len(arranged(tracks, draft.ids)) - len(capped), len(capped) - len(shown)
    parts = [
        playing_time(shown.rows),
        f"{past} more {'is' if past == 1 else 'are'} past the limit" if past else "",
        f"{crowd} left out as {_reasons(draft.limits)}" if crowd else "",
        *shown.remarks,
    ]
    return "; ".join(part for part in parts if part)


def once(tracks: pl.DataFrame) -> pl.DataFrame:
    """`tracks`, of each id the first row: a frame with a row for each genre of a track has it several times."""
    return tracks.unique("track_id", maintain_order=True) if tracks["track_id"].is_duplicated().any() else tracks


def learnt(tracks: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`tracks`, and behind them, each once, those of `rows` that are not among them; the columns stay."""
    strangers = rows.unique("track_id", maintain_order=True).join(tracks, on="track_id", how="anti")
    return tracks if strangers.is_empty() else Playlist("", tracks).add(strangers).rows


def code_of(draft: Draft, tracks: pl.DataFrame, *, frame: str = "tracks") -> str:
    """Lines of Python that make the playlist as it is shown; the last one is an expression, the playlist.

    Parameters
    ----------
    draft : Draft
        What is shown.
    tracks : pl.DataFrame
        Says what an album is known by.
    frame : str
        The expression whose rows hold the tracks.
    """
    playlist = remade(draft, playlist_of(draft, tracks))
    if playlist.origin is not None:
        return playlist.code()
    is_verb = draft.by not in {GIVEN, BY_HAND}
    return written(playlist.name, None, playlist.steps, [*(draft.given if is_verb else draft.ids)], frame=frame)


def _by_hand(draft: Draft, given: Iterable[int], ids: Iterable[int]) -> Draft:
    given, ids = tuple(given), tuple(ids)
    if ids == draft.ids:
        return replace(draft, given=given)
    by = GIVEN if ids == given else BY_HAND
    return replace(draft, given=given, ids=ids, by=by, descending=False, step=None)


def _reasons(limits: Limits) -> str:
    crowds = "too many of one artist or album" if limits.per_artist or limits.per_album else ""
    return " or ".join(filter(None, [crowds, "other versions" if limits.distinct else ""]))


def _capped(draft: Draft, tracks: pl.DataFrame) -> Playlist:
    playlist = Playlist(draft.name.strip(), arranged(tracks, draft.ids), (draft.step,) if draft.step else ())
    if draft.limits.distinct:
        playlist = playlist.distinct()
    if draft.limits.per_artist:
        playlist = playlist.at_most(draft.limits.per_artist)
    if draft.limits.per_album:
        playlist = playlist.at_most(draft.limits.per_album, per=_album(tracks))
    return playlist


def _album(tracks: pl.DataFrame) -> str:
    """The column that tells albums apart: two artists may have an album of one name."""
    is_known = "album_id" in tracks.columns and tracks["album_id"].null_count() < len(tracks)
    return "album_id" if is_known else "album"
