"""What kinds of music are there, and which of it do I want?

Conventions
-----------
Groups and estimates are computed in a thread of their own while the earlier ones stay in sight. What is clicked is
chosen in the shared selection, with the code that gives it again. Shift adds to what is selected, Alt takes away.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import polars as pl
from traitlets import Bunch

from workbench.clusters import METHODS
from workbench.errors import WorkbenchError
from workbench.genres import condensed
from workbench.widgets.captions import playing_time
from workbench.widgets.covers import cover_of
from workbench.widgets.explorer import plane, texts
from workbench.widgets.explorer.choices import combined, of_groups, of_moods
from workbench.widgets.explorer.grouping import Grouping, cards, heat, marks
from workbench.widgets.explorer.latest import Latest
from workbench.widgets.explorer.page import ExplorerPage
from workbench.widgets.selection import Selection
from workbench.widgets.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.library import Library
    from workbench.widgets.selection import Source

__all__ = ["Explorer"]

NOTHING: Final = pl.DataFrame(schema={"track_id": pl.Int64})
MOST_GROUPS: Final = 40
"""Groups that the page offers; `Explorer.group` takes any number."""


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Groups of like sound, genres against groups, and the mood plane; what is clicked or lassoed is selected.

    Parameters
    ----------
    library : Library or None
        Whose tracks are explored; None takes that of the selection.
    tracks : DataFrame or None
        Rows to explore; None takes those of the selection, else all of the library.
    selection : Selection or None
        To be shared with other windows; None makes one.
    n : int or None
        Number of groups, for k-means; None takes a sensible one.
    method : str
        One of `clusters.METHODS`.
    seed : int
        Where k-means starts; "Group again" takes the next.

    Attributes
    ----------
    grouped : DataFrame or None
        What `library.groups` gave last; observable. Reading it waits for a grouping that is under way. None where
        there is none: the window says why.
    tracks : DataFrame
        The rows that are explored.
    selection : Selection
        What is selected here.
    status : Status
        The line that says what went wrong.

    Examples
    --------
    >>> explorer = Explorer(library, n=8)  # doctest: +SKIP
    >>> wb.MapView(library.similarity_map(explorer.grouped), colour="group_name")  # doctest: +SKIP
    """

    def __init__(
        self,
        library: Library | None = None,
        tracks: pl.DataFrame | None = None,
        *,
        selection: Selection | None = None,
        n: int | None = None,
        method: str = "kmeans",
        seed: int = 0,
    ) -> None:
        self._library = library if library is not None or selection is None else selection.library
        self.tracks = rows_to_explore(self._library, tracks, selection)
        self.selection = Selection(self.tracks, library=self._library) if selection is None else selection
        self.status = Status()
        self._found: Grouping | None = None
        self._moods: pl.DataFrame | None = None
        self._edition = 0
        self._latest = Latest()
        self._lock = threading.RLock()  # JupyterLab runs callbacks beside cells
        self._page = ExplorerPage(asked={"n": n, "method": method, "seed": seed, "methods": [*METHODS]})
        super().__init__([self._page, self.status])
        self._page.on_msg(self._when_told)
        self._page.observe(self._when_opened, "part")
        self.selection.observe(self._when_selected, "track_ids")
        self.group(n=n, method=method, seed=seed)
        self._mark()

    def close(self) -> None:
        """Leave the page and the selection."""
        if self.comm is not None:
            self.selection.unobserve(self._when_selected, "track_ids")
            self._page.close()
        super().close()

    def group(self, *, n: int | None = None, method: str = "kmeans", seed: int = 0) -> None:
        """Group anew in the background; a later call takes its place. Parameters are those of `clusters.group`."""
        page = self._page
        page.asked = {**page.asked, "n": n, "method": method, "seed": seed, "most": MOST_GROUPS}
        if self._library is None or self.tracks.is_empty():
            page.empty = texts.NO_LIBRARY if self._library is None else texts.NO_TRACKS
            return
        self._edition += 1
        page.is_grouping = True
        edition, library = self._edition, self._library

        def work() -> Callable[[], None]:
            kind = library.space_kind()
            rows, described = library.groups_described(self.tracks, n=n, method=method, seed=seed, kind=kind)
            found = Grouping(rows, described, condensed(rows, rows), n, method, seed, edition, kind)
            groups = {"edition": edition, "cards": cards(found), "summary": texts.summary(found, len(self.tracks))}
            groups["between"] = rows["group"].null_count()
            genres = {"edition": edition, **heat(found, self.tracks)}
            return lambda: self._show(found, groups, genres)

        self._latest.ask("groups", work, self._not_grouped)

    @property
    def grouped(self) -> pl.DataFrame | None:
        """What `library.groups` gave last."""
        self.wait()
        return None if self._found is None else self._found.rows

    def wait(self) -> None:
        """Come back when nothing is being computed."""
        self._latest.wait()

    def _show(self, found: Grouping, groups: dict[str, Any], genres: dict[str, Any]) -> None:
        before, self._found, page = self._found, found, self._page
        with page.hold_sync():
            page.empty, page.groups, page.genres = "", groups, genres
            page.is_grouping = found.edition != self._edition
        self.status.say("")
        self._mark()
        old = None if before is None else before.rows
        self.notify_change(Bunch(name="grouped", old=old, new=found.rows, owner=self, type="change"))

    def _not_grouped(self, error: Exception) -> None:
        """Say why: in the place of the groups where there are none yet, else below them."""
        self._page.is_grouping = False
        if self._found is None and isinstance(error, WorkbenchError):
            self._page.empty = str(error)
        else:
            self.status.show(error)

    def _not_estimated(self, error: Exception) -> None:
        self._page.is_estimating = False
        self.status.show(error)

    def _when_opened(self, _change: object) -> None:
        with self.status.watch():
            if self._page.part == "moods" and self._moods is None:
                self._estimate()

    def _estimate(self) -> None:
        """Estimate moods in the background."""
        library = self._library
        if library is None or self.tracks.is_empty():
            return
        self._page.is_estimating = True

        def work() -> Callable[[], None]:
            moods = library.moods(self.tracks)
            shown = plane.plane(moods), plane.points(moods)
            return lambda: self._show_moods(moods, *shown)

        self._latest.ask("moods", work, self._not_estimated)

    def _show_moods(self, moods: pl.DataFrame, written: dict[str, Any], points: bytes) -> None:
        self._moods = moods
        with self._page.hold_sync():
            self._page.points, self._page.plane, self._page.is_estimating = points, written, False
        self._mark()

    def _when_selected(self, _change: object) -> None:
        with self.status.watch():
            self._mark()

    def _mark(self) -> None:
        """Show what is selected, here or elsewhere."""
        with self._lock:  # else who read the selection first might write last
            ids, page = self.selection.track_ids, self._page
            rows = self.selection.rows
            page.chosen = {"text": playing_time(rows), "code": self.selection.source.code or ""} if ids else {}
            page.marks = {} if self._found is None else marks(self._found.rows, ids)
            page.chosen_points = b"" if self._moods is None else plane.selected(self._moods, ids)

    def _when_told(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401  what a page sends
        with self.status.watch():
            match content:
                case {"kind": "group", "n": n, "method": method, "seed": seed}:
                    self.group(n=n, method=method, seed=seed)
                    if self._moods is not None:
                        self._estimate()
                case {"kind": "play", "track_id": track_id}:
                    self.selection.click(track_id)
                case {"kind": "choose_group", "how": how}:
                    self._choose(of_groups(content, self._found, self.tracks), how)
                case {"kind": "choose_mood", "how": how} if self._moods is not None:
                    self._choose(of_moods(content, self._moods), how)
                case {"kind": "clear"}:
                    self.selection.choose([])
                case {"kind": "about", "point": point}:
                    self._tell_about(point)
                case {"kind": "play_point", "point": point} if self._moods is not None:
                    self.selection.click(plane.placed(self._moods)["track_id"][point])

    def _choose(self, picked: tuple[pl.DataFrame, Source] | None, how: str) -> None:
        if picked is not None:
            rows, source = picked
            self.selection.choose(*combined(self.selection.track_ids, rows["track_id"].to_list(), source, how))

    def _tell_about(self, point: int) -> None:
        if self._moods is not None:
            row = plane.placed(self._moods).row(point, named=True)
            cover = cover_of(row)
            told = {"kind": "about", "point": point, "lines": plane.about(row)}
            self._page.send(told, buffers=[cover] if cover else [])


def rows_to_explore(library: Library | None, tracks: pl.DataFrame | None, selection: Selection | None) -> pl.DataFrame:
    """The tracks that were given, else those of the selection, else all of the library."""
    if tracks is not None:
        return tracks
    if selection is not None:
        return selection.tracks
    return NOTHING if library is None else library.tracks()
