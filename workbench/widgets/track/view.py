"""What is inside one track, and where does it stand among the others?

Conventions
-----------
Listening to a track costs about 2 CPU s a minute, so it is done in a thread, one track at a time; what was asked for
last is what is shown. The page asks for the drawings when it is ready for them, and gets them as soon as there are any.
A view that no page shows any more (its cell was run again) follows no clicks: it would listen to tracks for nobody.
"""

from __future__ import annotations

import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import polars as pl
import traitlets

from workbench import stats
from workbench.errors import WorkbenchError
from workbench.figures.panels import track_panels
from workbench.widgets.captions import clock
from workbench.widgets.covers import cover_of
from workbench.widgets.page import script, style
from workbench.widgets.track.places import place_rows
from workbench.widgets.track.sending import message_of
from workbench.widgets.track.subject import Subject, head_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.features import TrackAnalysis
    from workbench.library import Library
    from workbench.widgets.selection import Selection

__all__ = ["TrackView", "show"]

HERE: Final = Path(__file__)
HINT: Final = "No track yet: click one in a window that shares this selection, or call show(track_id)."
ALONE: Final = "Nothing to compare with: give the library, as in wb.show(track, library)."
LISTENING: Final = "Listening: about 2 seconds for a minute of music, and half a minute more the very first time …"


class TrackView(anywidget.AnyWidget):
    """Waveform, mel spectrogram, chroma, tempogram with beats, and loudness of one track; its place among the others.

    It returns at once and shows the drawings when they are there.

    Parameters
    ----------
    track : int, mapping or None
        A ``track_id``, or a row with ``track_id`` or ``path``; None waits for a click in `selection`.
    library : Library or None
        Where the track is kept; None takes that of `selection`.
    selection : Selection or None
        Whose clicked track is shown.
    follow : bool
        Show what is clicked in `selection`.

    Attributes
    ----------
    track_id : int or None
        Of the track that is shown.
    position_s : float or None
        Where the cursor is, in seconds; observable, and can be set.
    analysis : TrackAnalysis or None
        The curves, once they are there.
    percentiles : pl.DataFrame
        Its place among the others, as `stats.percentiles`; without rows where it cannot be compared.
    news : dict
        ``kind`` ("listening", "ready", "error", "empty") and ``text`` of the line that says what is going on.

    Raises
    ------
    TrackError
        There is no such track, or nowhere to look it up.

    Examples
    --------
    >>> view = wb.show(7, library)  # doctest: +SKIP
    >>> view.wait()  # doctest: +SKIP
    >>> view.analysis.beat_times_s  # doctest: +SKIP
    """

    _esm = script(HERE.with_name("track.js"))
    _css = style(HERE.with_name("track.css"))
    head = traitlets.Dict().tag(sync=True)
    cover = traitlets.Bytes().tag(sync=True)
    news = traitlets.Dict().tag(sync=True)
    places = traitlets.List(traitlets.Dict()).tag(sync=True)
    remark = traitlets.Unicode().tag(sync=True)
    position_s = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        track: int | Mapping[str, Any] | None = None,
        library: Library | None = None,
        *,
        selection: Selection | None = None,
        follow: bool = True,
    ) -> None:
        super().__init__(news={"kind": "empty", "text": HINT})
        self.library = library if library is not None or selection is None else selection.library
        self.selection = selection
        self._lock, self._turn = threading.RLock(), threading.Lock()
        self._number, self._thread = 0, threading.Thread()
        self._pages: int | None = None  # that show it; None before the first
        self._missed: int | None = None  # clicked while none did
        self._forget(None)
        self.on_msg(self._when_asked)
        if track is None and selection is not None:
            track = selection.clicked
        if track is not None:
            self.show(track)
        if selection is not None and follow:
            selection.observe(self._when_clicked, "clicked")

    def show(self, track: int | Mapping[str, Any]) -> None:
        """Show another track; comes back at once.

        Raises
        ------
        TrackError
            There is no such track, or nowhere to look it up.
        """
        subject = subject_of(track, self.library, None if self.selection is None else self.selection.tracks)
        with self._lock:
            self._forget(subject)
            self.head, self.cover = head_of(subject.row), cover_of(subject.row) or b""
            self.news = {"kind": "listening", "text": LISTENING}
            self._thread = threading.Thread(target=self._work, args=(subject, self._number), daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the track is heard, or for so long; for scripts. What went wrong is in `news`."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def close(self) -> None:
        """Take it from all pages; it follows no clicks any more."""
        selection: Selection | None = getattr(self, "selection", None)  # ipywidgets closes what was never made, too
        if selection is not None:
            with suppress(ValueError):  # it need not follow
                selection.unobserve(self._when_clicked, "clicked")
        super().close()

    def _forget(self, subject: Subject | None) -> None:
        """Make place for a track, and let go of the one before."""
        self._number += 1
        self.track_id = None if subject is None else subject.track_id
        self.analysis: TrackAnalysis | None = None
        self.percentiles: pl.DataFrame = pl.DataFrame(schema=stats.PERCENTILES)
        self._message: tuple[dict[str, Any], list[bytes]] | None = None
        self.places, self.remark, self.position_s = [], "", None

    def _work(self, subject: Subject, number: int) -> None:
        """Compare and listen; in a thread."""
        if number != self._number:
            return
        try:
            self._compare(subject, number)
            with self._turn:  # one at a time, and none that nobody waits for any more
                if number == self._number:
                    self._listen(subject, number)
        except (WorkbenchError, OSError) as error:
            self._fail(number, str(error))
        except Exception:  # noqa: BLE001  a thread's exception is seen nowhere else
            self._fail(number, f"An unexpected error:\n{traceback.format_exc()}")

    def _compare(self, subject: Subject, number: int) -> None:
        reasons = subject.reasons()
        found = subject.percentiles(reasons)
        rows = place_rows(subject.row, found, reasons)
        with self._lock:
            if number == self._number:
                self.percentiles, self.places = found, rows
                self.remark = remark_on(found)

    def _listen(self, subject: Subject, number: int) -> None:
        analysis = subject.listen()
        message = message_of(track_panels(analysis), subject.row.get("loudness_lufs"))
        with self._lock:
            if number == self._number:
                self.analysis, self._message = analysis, message
                self.send(*message)
                heard_s = float(analysis.times_s[-1])
                self.news = {"kind": "ready", "text": extent_of(subject.row.get("duration_s"), heard_s)}

    def _fail(self, number: int, text: str) -> None:
        with self._lock:
            if number == self._number:
                self.news = {"kind": "error", "text": text}

    def _when_asked(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401  what a page sends
        with self._lock:
            if content.get("kind") == "gone":
                self._pages = max((self._pages or 0) - 1, 0)
            if content.get("kind") != "ready":
                return
            self._pages = (self._pages or 0) + 1
            missed, self._missed = self._missed, None
            if missed is not None:
                self._follow(missed)
            elif self._message is not None:
                self.send(*self._message)

    def _when_clicked(self, change: dict[str, Any]) -> None:
        if change["new"] is None:
            return
        with self._lock:
            if self._pages == 0:
                self._missed = change["new"]
            else:
                self._follow(change["new"])

    def _follow(self, track_id: int) -> None:
        """Show a track that was clicked, or say why not in the place of the one before."""
        try:
            self.show(track_id)
        except (WorkbenchError, OSError) as error:
            self._forget(None)
            self.head, self.cover = {}, b""
            self._fail(self._number, str(error))


def show(track: int | Mapping[str, Any], library: Library | None = None) -> TrackView:
    """A window on one track: what it sounds like over time, and where it stands among the others.

    Parameters
    ----------
    track : int or mapping
        A ``track_id`` of the library, or a row that has one or a ``path``.
    library : Library or None
        Where the track is kept. Without one a row with a path is drawn, and compared with nothing.

    Raises
    ------
    TrackError
        There is no such track, or an id was given without a library.
    """
    return TrackView(track, library)


def remark_on(percentiles: pl.DataFrame) -> str:
    """How to read the bars; or why there are none."""
    if percentiles.is_empty():
        return ALONE
    most = max(percentiles["known"].to_list())
    return (
        f"Of up to {most} tracks: the thick band is the middle half, the thin one all but the outermost 5 % on each "
        "side, the line the median, the dot this track."
    )


def extent_of(duration_s: float | None, heard_s: float) -> str:
    """What part was listened to, where it was not all, or may not have been."""
    from workbench.features.curves import LONGEST_S

    if duration_s is not None and duration_s > LONGEST_S:
        return f"Drawn: the first {clock(LONGEST_S)} of {clock(duration_s)}."
    if duration_s is None and heard_s > LONGEST_S - 1:
        return f"Drawn: the first {clock(LONGEST_S)}; how long it lasts in all is not known."
    return ""
