"""What kinds of music are there: groups of like sound, genres against groups, and the mood plane."""

from workbench.widgets.explorer.explorer import Explorer

__all__ = ["Explorer"]
