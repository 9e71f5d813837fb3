"""Which tracks, in what order, go into the playlist?"""

from workbench.widgets.builder.playlist_builder import PlaylistBuilder

__all__ = ["PlaylistBuilder"]
