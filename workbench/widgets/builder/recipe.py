"""How is the list made again, when new music has come?

Conventions
-----------
Where the tracks came from is asked once, when somebody wants to know: to save, or to see the lines of Python. What was
done by hand since is written as steps: tracks taken out, tracks put in, the order in which they were put.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from workbench.playlists import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.playlists import Origin, Playlist
    from workbench.widgets.builder.draft import Draft

__all__ = ["Question", "remade"]

Answer: TypeAlias = "tuple[Origin | None, str, list[int]]"


class Question:
    """Where tracks came from, looked up when it is first asked.

    Parameters
    ----------
    ask : callable
        Gives the origin, or None; why there is none; the tracks in the order in which it gives them
        (`selection.answered`).
    """

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask

    @cached_property
    def answer(self) -> Answer:
        """The origin, or None; why there is none; the tracks in the order in which it gives them."""
        return self._ask()

    def or_else(self, other: Question | None) -> Question:
        """The same, and where nobody knows the answer another question about the same tracks."""
        return Question(lambda: self.answer if self.answer[0] is not None or other is None else other.answer)


def remade(draft: Draft, playlist: Playlist) -> Playlist:
    """What is shown of a draft, with the origin and the steps that make it again where it has an origin."""
    origin, _, came = (None, "", []) if draft.question is None else draft.question.answer
    if origin is None:
        return playlist
    return replace(playlist, origin=origin, steps=(*draft.base, *_by_hand(draft, came), *playlist.steps))


def _by_hand(draft: Draft, came: list[int]) -> list[Step]:
    """What was done to the tracks that were asked for, in the order they came in, before a verb ordered them.

    An order begins with the tracks as they were given: equal ones stay as they are, and chance is of places.
    """
    given, times = set(draft.given), Counter(came)
    stay = {track_id for track_id, count in times.items() if count == 1 and track_id in given}  # a list has each once
    gone = [track_id for track_id in times if track_id not in stay]
    more = [track_id for track_id in draft.given if track_id not in stay]
    steps = [Step("remove", {"track_ids": gone})] if gone else []
    steps += [Step("add", {"track_ids": more})] if more else []
    left = [track_id for track_id in came if track_id in stay]
    wanted = [*(draft.ids if draft.step is None else draft.given)]
    return steps if wanted == [*left, *more] else [*steps, Step("arrange", {"track_ids": wanted})]
