"""Where is the music, what is analysed by which version, how many processes work, and how does it look?

Conventions
-----------
What concerns a library is kept in the library; what concerns the user is kept in `workbench.preferences` and counts in
every notebook. Nothing is downloaded unless somebody presses the button that says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from workbench import learned, preferences
from workbench.errors import FolderError
from workbench.widgets.jobs import Job, Step
from workbench.widgets.jobs.words import sendable
from workbench.widgets.settings_panel.face import Face
from workbench.widgets.settings_panel.facts import facts
from workbench.widgets.status import Status

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from workbench.library import Library
    from workbench.workers import Progress

__all__ = ["SettingsPanel"]

ENDED: Final = ("done", "cancelled", "failed")


class SettingsPanel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Music folders, analysis, the learned model, number of processes, theme, and where things are kept.

    Parameters
    ----------
    library : Library
        What is shown and worked on.

    Attributes
    ----------
    job : Job
        Scans and analyses in the background; its bar is part of the panel.

    Examples
    --------
    >>> SettingsPanel(library)  # doctest: +SKIP
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.status = Status()
        self.job = Job(library)
        self.job.layout.display = "none"
        self._roots: list[Path] = []
        self._face = Face(self._when_told)
        self._actions = {
            "scan": self._scan,
            "add": self._add,
            "move": self._move,
            "analyze": self._analyze,
            "fetch": self._fetch,
            "workers": self._choose_workers,
            "theme": self._choose_theme,
            "records": self._choose_recording,
            "forget": self._forget_searches,
            "refresh": self._look_again,
        }
        self.refresh()
        self.job.observe(self._when_job_turns, "state")
        super().__init__([self._face, self.job, self.status])

    def refresh(self) -> None:
        """Show what is so now."""
        self._roots = self.library.roots()
        self._face.view = facts(self.library)

    def _when_told(self, kind: str, content: dict[str, Any]) -> None:
        action = self._actions.get(kind)
        if action is None:
            return
        self.status.say("")
        with self.status.watch():
            try:
                action(content)
            finally:
                self.refresh()
                self._face.send({"kind": "answered"})

    def _when_job_turns(self, change: dict[str, Any]) -> None:
        self.job.layout.display = None
        self._face.busy = change["new"] == "running"
        if change["new"] in ENDED:
            self.refresh()

    def _scan(self, content: dict[str, Any]) -> None:
        self.job.scan(self._root(content))

    def _add(self, content: dict[str, Any]) -> None:
        self.job.scan(_given(content, "path", "the folder that holds the music"))

    def _move(self, content: dict[str, Any]) -> None:
        old, new = self._root(content), _given(content, "to", f"the folder in which the music of {content['path']} is")
        count = self.library.move_root(old, new)
        self.status.say(f"{count:,} files are in {new} from now on. The files themselves were not touched.")

    def _analyze(self, _content: dict[str, Any]) -> None:
        self.job.analyze()

    def _fetch(self, _content: dict[str, Any]) -> None:
        self.job.start(Step("Fetching the learned model", "file", _fetch, _fetched, can_stop=False))

    def _choose_workers(self, content: dict[str, Any]) -> None:
        self._choose(workers=content.get("value"))

    def _choose_theme(self, content: dict[str, Any]) -> None:
        self._choose(theme=content.get("value"))

    def _choose_recording(self, content: dict[str, Any]) -> None:
        self._choose(record_searches=content.get("value"))

    def _forget_searches(self, _content: dict[str, Any]) -> None:
        count = self.library.forget_searches()
        self.status.say(f"{count:,} {'search' if count == 1 else 'searches'} of this library forgotten.")

    def _choose(self, **chosen: Any) -> None:  # noqa: ANN401  what a page sends
        """Keep a preference; one that makes no sense is said."""
        try:
            preferences.save(replace(preferences.load(), **chosen))
        except ValueError as error:
            self.status.warn(str(error))
        else:
            self.status.say("Kept for all notebooks and libraries.")

    def _look_again(self, _content: dict[str, Any]) -> None:
        self.status.say("This is how things are now.")

    def _root(self, content: dict[str, Any]) -> Path:
        """The music folder that a row of the page stands for."""
        place, roots = content.get("place"), self._roots  # read once: a job that ends looks again meanwhile
        if not isinstance(place, int) or not 0 <= place < len(roots) or sendable(str(roots[place])) != content["path"]:
            raise FolderError(f"{content.get('path')}: is no music folder of this library any more")
        return roots[place]


def _given(content: dict[str, Any], name: str, what: str) -> str:
    """A path that somebody typed."""
    path = str(content.get(name, "")).strip()
    if not path:
        raise FolderError(f"Type {what} first")
    return path


def _fetch(_progress: Progress, _stop: threading.Event) -> Path:
    return learned.fetch()


def _fetched(place: Path, _elapsed_s: float) -> str:
    return f"Fetched {place}. The next analysis lets it hear the tracks."
