"""A workbench for a music collection: one store, Polars frames, a similarity map, playlists, reports.

>>> import workbench as wb
>>> library = wb.Library("music.db")  # doctest: +SKIP
>>> library.scan("~/Music")  # doctest: +SKIP

The front door is lazy: a name is imported when it is first asked for, so that `import workbench` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench import clusters, demo, doctor, exports, features, figures, genres, maps, moods, spaces, stats
    from workbench.errors import WorkbenchError
    from workbench.library import Library
    from workbench.neighbours import nearest
    from workbench.playlists import Playlist
    from workbench.query import search
    from workbench.spaces import Space
    from workbench.widgets import (
        CollectionBrowser,
        Explorer,
        Job,
        MapView,
        Player,
        PlaylistBuilder,
        Selection,
        SettingsPanel,
        TrackView,
        show,
    )

__version__ = "0.1.0"

__all__ = [
    "CollectionBrowser",
    "Explorer",
    "Job",
    "Library",
    "MapView",
    "Player",
    "Playlist",
    "PlaylistBuilder",
    "Selection",
    "SettingsPanel",
    "Space",
    "TrackView",
    "WorkbenchError",
    "clusters",
    "demo",
    "doctor",
    "exports",
    "features",
    "figures",
    "genres",
    "maps",
    "moods",
    "nearest",
    "search",
    "show",
    "spaces",
    "stats",
]

DOORS = {
    "CollectionBrowser": "widgets",
    "Explorer": "widgets",
    "Job": "widgets",
    "Library": "library",
    "MapView": "widgets",
    "Player": "widgets",
    "Playlist": "playlists",
    "PlaylistBuilder": "widgets",
    "Selection": "widgets",
    "SettingsPanel": "widgets",
    "Space": "spaces",
    "TrackView": "widgets",
    "WorkbenchError": "errors",
    "nearest": "neighbours",
    "search": "query",
    "show": "widgets",
}


def __getattr__(name: str) -> object:
    """Import a public name at its first use."""
    if name in DOORS:
        return getattr(import_module(f"workbench.{DOORS[name]}"), name)
    if name in __all__:
        return import_module(f"workbench.{name}")
    msg = f"workbench has no {name!r}; its names are {', '.join(__all__)}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """Public names, for completion."""
    return sorted(__all__)
