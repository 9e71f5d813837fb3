"""What does a person see and touch?

`MapView` shows a layout and gives the lassoed rows, `PlaylistBuilder` turns a selection into an ordered list and a
file, `Player` plays the track that was clicked. They share a `Selection`.

Conventions
-----------
A widget is a view over frames and pure functions: it computes nothing of its own. Text out of tags is escaped by
`workbench.figures.escape` wherever a browser would read it as HTML. A callback's error is shown in the widget.
"""

from workbench.widgets.map_view import MapView
from workbench.widgets.player import Player
from workbench.widgets.playlist_builder import PlaylistBuilder
from workbench.widgets.selection import Selection

__all__ = ["MapView", "Player", "PlaylistBuilder", "Selection"]
