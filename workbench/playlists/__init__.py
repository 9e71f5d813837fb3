"""In which order should tracks be heard?

Conventions
-----------
A `Playlist` is a name and rows in order; nothing changes it: every verb gives a new one, so that each step can be kept
and compared. Positions count from 0. The same track may come twice. A length that is unknown adds nothing. A playlist
remembers its steps, and what a step could not meet (`Playlist.remarks`).
"""

from workbench.playlists.paths import smooth_path
from workbench.playlists.playlist import Playlist
from workbench.playlists.steps import Step

__all__ = ["Playlist", "Step", "smooth_path"]
