"""What is inside one track?"""

from workbench.widgets.track.view import TrackView, show

__all__ = ["TrackView", "show"]
