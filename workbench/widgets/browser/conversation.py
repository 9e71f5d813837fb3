"""What does the kernel answer to the page?

Conventions
-----------
Each `kind` of message that `browser.js` sends has a method ``_answer_<kind>``. No lock is held while a selection is
changed, for others who watch it may hold one of their own.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from workbench.errors import QueryError
from workbench.playlists import Origin
from workbench.widgets.browser import gestures
from workbench.widgets.browser.alike import like
from workbench.widgets.browser.pane import Pane
from workbench.widgets.browser.shown import Shown, counted, listed, page
from workbench.widgets.covers import covers_of, prepare
from workbench.widgets.selection import Source, rows_of
from workbench.widgets.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.library import Library
    from workbench.widgets.browser.finder import Finder
    from workbench.widgets.selection import Selection

    Told = dict[str, Any]

__all__ = ["Conversation"]


class Conversation(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The page's side of a browser.

    Parameters
    ----------
    finder : Finder
        Knows the tracks.
    selection : Selection
        Of them.
    library : Library or None
        Knows which tracks are alike.
    query : str
        The first search.
    builder : object or None
        Has a method ``add`` that takes track ids.
    """

    query = traitlets.Unicode()
    builder = traitlets.Any(None, allow_none=True)

    def __init__(
        self, finder: Finder, selection: Selection, library: Library | None, *, query: str, builder: object | None
    ) -> None:
        finder.found(query)
        prepare()
        self.selection, self.library, self.status = selection, library, Status()
        self._finder, self._shown, self._asker = finder, Shown(query), ("", 0)
        self._visible: tuple[int, ...] = ()
        self._is_by_hand = self._is_ordering = False
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells
        self._pane, self._when_clicked = Pane(self._when_told), self.status.watched(self._mark)
        super().__init__([self._pane, self.status], query=query, builder=builder)
        self.observe(self._when_query, "query")
        self.observe(self._when_offered, "builder")
        selection.observe(self._when_selected, "track_ids")
        selection.observe(self._when_clicked, "clicked")

    def close(self) -> None:
        """Leave the page and the selection."""
        if self.comm is not None:
            self.selection.unobserve(self._when_selected, "track_ids")
            self.selection.unobserve(self._when_clicked, "clicked")
            self._pane.close()
        super().close()

    @traitlets.validate("query")
    def _readable(self, proposal: dict[str, Any]) -> str:
        self._finder.found(proposal["value"])
        return str(proposal["value"])

    def _when_query(self, _change: object) -> None:
        self._show(query=self.query, page=0, kept=self._shown.kept if self._is_ordering else None)

    def _when_offered(self, _change: object) -> None:
        self._show()

    def _when_selected(self, _change: object) -> None:
        with self.status.watch():
            if self._shown.kept is not None and not self._is_by_hand:
                self._show(kept=self.selection.track_ids, page=0)
            else:
                self._mark()

    def _mark(self) -> None:
        """Tell the page what is selected and played of the rows that it shows."""
        with self._lock:
            if self._pane.is_left:
                return
            chosen = frozenset(self.selection.track_ids)
            marked = [track_id for track_id in self._visible if track_id in chosen]
            self._pane.send({"kind": "marks", "marked": marked, **self._state()})

    def _state(self) -> Told:
        """What the counts say and the buttons can do."""
        return {
            **counted(self._finder, self._shown, self.selection.track_ids),
            "clicked": self.selection.clicked,
            "can_undo": self.selection.can_undo,
            "can_redo": self.selection.can_redo,
            "can_liken": self.library is not None,
            "can_add": self.builder is not None,
        }

    def _show(self, **changes: Any) -> None:  # noqa: ANN401  of what is shown
        """Send a page of rows, perhaps of another search, level or number."""
        with self._lock:
            shown = replace(self._shown, **changes)
            if self._pane.is_left:  # who comes back asks
                self._shown = shown
                return
            drawn = page(self._finder, shown, self.selection.track_ids)
            self._shown = replace(shown, page=drawn["page"])
            self._visible = tuple(row["id"] for row in drawn["rows"] if "id" in row)
            self._send({"kind": "rows", **drawn, **self._state()}, self._asker)

    def _send(self, message: Told, asker: tuple[str, int], buffers: Iterable[bytes] = ()) -> None:
        self._pane.send({**message, "view": asker[0], "number": asker[1]}, buffers=list(buffers))

    def _when_told(self, content: Told) -> None:
        with self.status.watch():
            answer = getattr(self, f"_answer_{content.get('kind')}", None)
            if answer is not None:
                answer(content)

    def _answer_ask(self, content: Told) -> None:
        """Rows of a search that was typed, at a level and of a number."""
        self._search(content, content.get("query", self.query), level=content.get("level"), page=content.get("page"))

    def _answer_edit(self, content: Told) -> None:
        """Rows of a search that a gesture has written."""
        try:
            self._finder.found(content["query"])
            text = content["query"]
        except QueryError:  # half typed: the gesture goes to the last one that could be read
            text = self.query
        text, level = gestures.edited(text, content, self._finder.spellings, self.tracks.schema)
        self._is_ordering = content["action"] == "sort"  # which also orders the selected tracks, where they are shown
        self._search(content, text, level=level)

    def _search(self, content: Told, text: str, *, level: str | None = None, page: int | None = None) -> None:
        """Show a search, or say where it cannot be read; without either a level or a page it begins anew."""
        asker = (content["view"], content["number"])
        self._asker = asker
        try:
            if page is None:
                self._finder.renew(text)
            self._finder.found(text)
            changes: Told = {"level": level, "kept": None} if level else {}
            if text == self.query:
                self._show(page=page or 0, **changes)
            else:
                self._shown = replace(self._shown, **changes)
                self.query = text  # which shows its first page
        except QueryError as error:
            problem = {"kind": "error", "query": text, "message": str(error), "position": error.position}
            self._send(problem, asker)
        finally:
            self._asker, self._is_ordering = ("", 0), False

    def _answer_facets(self, content: Told) -> None:
        counts = self._finder.counts(self.query, content.get("opened", ()))
        self._send({"kind": "facets", "facets": [each.payload() for each in counts]}, asker_of(content))

    def _answer_suggest(self, content: Told) -> None:
        offers = self._finder.suggestions(content["query"], content["caret"])
        told = [
            {"label": offer.label, "detail": offer.detail, "text": offer.text, "caret": offer.caret} for offer in offers
        ]
        self._send({"kind": "suggestions", "query": content["query"], "offers": told}, asker_of(content))

    def _answer_covers(self, content: Told) -> None:
        rows = rows_of(self.tracks, content["ids"]).to_dicts()
        found = zip(rows, covers_of(rows), strict=True)
        covers = {row["track_id"]: cover for row, cover in found if cover is not None}
        told = {"kind": "covers", "ids": content["ids"], "covered": list(covers)}
        self._send(told, asker_of(content), covers.values())

    def _answer_select(self, content: Told) -> None:
        """Select by hand, or all that was found."""
        ids = listed(self._finder, replace(self._shown, level="tracks"))["track_id"]
        chosen = gestures.selected(self.selection.track_ids, ids, content)
        is_query = content["how"] == "all" and self._shown.kept is None
        self._is_by_hand = True
        try:
            asked = partial(Origin, "query", {"text": self.query})
            source = Source("query", self.query, self.code, asked) if is_query else Source("rows")
            self.selection.choose(chosen, source)
        finally:
            self._is_by_hand = False

    def _answer_only(self, content: Told) -> None:
        """Show what is selected and nothing else, or what was found again."""
        self._show(kept=self.selection.track_ids if content["on"] else None, page=0)

    def _answer_play(self, content: Told) -> None:
        chosen = rows_of(self.tracks, self.selection.track_ids)["track_id"]
        track_id = content.get("id") or next(iter([*chosen[:1], *self._visible[:1]]), None)
        if track_id is not None:
            self.selection.click(int(track_id))

    def _answer_liken(self, _content: Told) -> None:
        """Select what sounds like the selected tracks, and show it."""
        if self.library is None:
            return
        self.status.say("Looking for tracks that sound alike...")
        alike, source = like(self.library, self.tracks, self.selection.track_ids)
        seeds = len(self.selection.track_ids)
        self.selection.choose(alike, source)
        self._show(kept=self.selection.track_ids, page=0)
        self.status.say(f"{len(alike)} tracks that sound like {'the one' if seeds == 1 else f'the {seeds}'} selected.")

    def _answer_add(self, _content: Told) -> None:
        """Give the selected tracks to the playlist's builder."""
        if self.builder is not None and self.selection.track_ids:
            self.builder.add(self.selection.track_ids)
            self.status.say(f"Added {len(self.selection.track_ids):,} to the playlist.")

    def _answer_undo(self, _content: Told) -> None:
        self.selection.undo()

    def _answer_redo(self, _content: Told) -> None:
        self.selection.redo()


def asker_of(content: Told) -> tuple[str, int]:
    """Who asked, and the number of the question."""
    return content["view"], content["number"]
