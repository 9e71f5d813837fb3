"""Where does each track lie on a flat map, so that tracks that sound alike lie together?

`embed` computes a map, `grow` takes new tracks into it without moving the others, `refine` puts it right a little, and
`align` lays one that was computed anew over the old. `trust` says of each point how far its neighbours are to be
believed. `inside` gives what lies in a region.

Conventions
-----------
A map is UMAP (McInnes, Healy and Melville, arXiv:1802.03426) over exact cosine neighbours, started from the two
principal axes: the same rows and the same seed give the same map, bit for bit, on one machine. Axes mean nothing;
only who lies beside whom does. x and y are float32 in arrays and Float64 in frames.
"""

from workbench.maps.growth import align, can_grow, grow, relative
from workbench.maps.layout import ENGINES, RECIPE, embed, principal_axes, refine
from workbench.maps.placing import family, layout_key, place, project, stamped_key
from workbench.maps.quality import trust, trustworthiness
from workbench.maps.regions import inside, is_inside

__all__ = [
    "ENGINES",
    "RECIPE",
    "align",
    "can_grow",
    "embed",
    "family",
    "grow",
    "inside",
    "is_inside",
    "layout_key",
    "place",
    "principal_axes",
    "project",
    "refine",
    "relative",
    "stamped_key",
    "trust",
    "trustworthiness",
]
