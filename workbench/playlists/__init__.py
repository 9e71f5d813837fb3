"""In which order should tracks be heard?

Conventions
-----------
A `Playlist` is a name and rows in order; nothing changes it: every verb gives a new one, so that each step can be kept
and compared. Positions count from 0. The same track may come twice. A length that is unknown adds nothing. A playlist
remembers where its tracks came from and its steps, so that it can be made again when new music has come
(`Library.refresh`), and says which of them could not be met, or do not hold any more (`Playlist.remarks`).
"""

from workbench.playlists.orders import ORDERS, SPACED
from workbench.playlists.origin import Origin, origin_of
from workbench.playlists.paths import smooth_path
from workbench.playlists.playlist import Playlist
from workbench.playlists.printed import code_of
from workbench.playlists.refreshed import Refreshed
from workbench.playlists.replay import lost_pins, replayed, steps_of
from workbench.playlists.steps import Step

__all__ = [
    "ORDERS",
    "SPACED",
    "Origin",
    "Playlist",
    "Refreshed",
    "Step",
    "code_of",
    "lost_pins",
    "origin_of",
    "replayed",
    "smooth_path",
    "steps_of",
]
