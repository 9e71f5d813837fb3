"""What does a person see and touch?

`CollectionBrowser` searches and sifts, `MapView` shows a layout and gives the lassoed rows, `Explorer` shows groups,
genres and moods, `PlaylistBuilder` turns a selection into an ordered list and a file, `Player` plays the track that was
clicked, `TrackView` shows one track from within, `Job` works in the background. They share a `Selection`.

Conventions
-----------
A widget is a view over frames and pure functions: it computes nothing of its own. Text out of tags is escaped by
`workbench.figures.escape` wherever a browser would read it as HTML, and in scripts is text (``page/dom.js``). A
callback's error is shown in the widget. Each window has a folder, with the script and the look of what it draws itself.
"""

from workbench.widgets.browser import CollectionBrowser
from workbench.widgets.builder import PlaylistBuilder
from workbench.widgets.explorer import Explorer
from workbench.widgets.jobs import Job
from workbench.widgets.map import MapView
from workbench.widgets.player import Player
from workbench.widgets.selection import Selection
from workbench.widgets.settings_panel import SettingsPanel
from workbench.widgets.track import TrackView, show

__all__ = [
    "CollectionBrowser",
    "Explorer",
    "Job",
    "MapView",
    "Player",
    "PlaylistBuilder",
    "Selection",
    "SettingsPanel",
    "TrackView",
    "show",
]
