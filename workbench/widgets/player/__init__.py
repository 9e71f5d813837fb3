"""What does this track sound like?"""

from workbench.widgets.player.player import Player

__all__ = ["Player"]
