"""How is the list made again, when new music has come?

Conventions
-----------
Where the tracks came from is asked once, when somebody wants to know: to save, or to see the lines of Python. What was
done by hand since is written as steps: tracks taken out, tracks put in, the order in which they were put.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.playlists import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.playlists import Origin, Playlist
    from workbench.widgets.builder.draft import Draft

__all__ = ["Question", "remade"]


class Question:
    """Where tracks came from, looked up when it is first asked.

    Parameters
    ----------
    ask : callable
        Gives the origin, or None and why there is none (`Selection.origin`).
    """

    def __init__(self, ask: Callable[[], tuple[Origin | None, str]]) -> None:
        self._ask = ask

    @cached_property
    def answer(self) -> tuple[Origin | None, str]:
        """The origin, or None and why there is none."""
        return self._ask()


def remade(draft: Draft, playlist: Playlist) -> Playlist:
    """What is shown of a draft, with the origin and the steps that make it again where it has an origin."""
    origin = None if draft.question is None else draft.question.answer[0]
    if origin is None:
        return playlist
    return replace(playlist, origin=origin, steps=(*draft.base, *_by_hand(draft), *playlist.steps))


def _by_hand(draft: Draft) -> list[Step]:
    """What was done to the tracks that were asked for, before they were ordered by a verb."""
    given, asked = set(draft.given), set(draft.asked)
    gone = [track_id for track_id in draft.asked if track_id not in given]
    more = [track_id for track_id in draft.given if track_id not in asked]
    steps = [Step("remove", {"track_ids": gone})] if gone else []
    steps += [Step("add", {"track_ids": more})] if more else []
    left = [track_id for track_id in draft.asked if track_id in given]
    is_moved = draft.step is None and [*draft.ids] != [*left, *more]
    return [*steps, Step("arrange", {"track_ids": [*draft.ids]})] if is_moved else steps
