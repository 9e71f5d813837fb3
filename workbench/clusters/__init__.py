"""Which tracks sound alike enough to be a group, and what should the group be called?

`group` finds the groups of a space, `describe` says what each is: its most central tracks, the genres and learned tags
that stand out in it, and a name. `holding` gives the group that a track is in.

Conventions
-----------
Groups are numbered from 1, the largest first, and keep their numbers from fit to fit by the tracks they share. A group
is a way to look at a collection, not a fact about it: the silhouette of real music is about 0 or below in every space
that was tried, and another seed or number gives other borders.
"""

from workbench.clusters.describing import DESCRIPTIONS, describe
from workbench.clusters.grouping import GROUPS, METHODS, group, holding, sensible_number

__all__ = ["DESCRIPTIONS", "GROUPS", "METHODS", "describe", "group", "holding", "sensible_number"]
