"""Which tracks sound most alike, and in what?

`nearest` finds neighbours, `explain` says why two tracks are alike, `hubness` whether some track is everybody's
neighbour, `exact` searches a bare matrix.

Conventions
-----------
Distance is 1 - cosine similarity: 0 the same, 1 unrelated, 2 opposite. Nearness is mutual proximity
(`workbench.neighbours.proximity`), which takes hubs out of the lists. Ids in, ids out.
"""

from workbench.neighbours.explanation import Explanation, explain
from workbench.neighbours.hubness import Hubness, hubness
from workbench.neighbours.naming import capped, distinct_rows, names_in
from workbench.neighbours.nearest import NEIGHBOURS, nearest
from workbench.neighbours.search import exact

__all__ = [
    "NEIGHBOURS",
    "Explanation",
    "Hubness",
    "capped",
    "distinct_rows",
    "exact",
    "explain",
    "hubness",
    "names_in",
    "nearest",
]
