"""Where on the map is the music that I want?"""

from workbench.widgets.map.view import MapView

__all__ = ["MapView"]
