"""What does umap-learn, by UMAP's authors, make of the same neighbours?

Conventions
-----------
The reference that `layout` is measured against; nothing else asks for it. The first map on a machine compiles for some
40 CPU seconds, 25 of them in the neighbour search that umap-learn imports and that is not used here. numba keeps the
result in ``NUMBA_CACHE_DIR``, or where that is not set beside the packages.
"""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.neighbours import exact

if TYPE_CHECKING:
    from workbench.maps.layout import Points

__all__ = ["embedded"]

log = logging.getLogger(__name__)

KERNELS: Final = (
    ("umap_", "smooth_knn_dist"),
    ("umap_", "compute_membership_strengths"),
    ("layouts", "_nb_optimize_layout_euclidean_single_epoch"),
    ("layouts", "clip"),
    ("utils", "tau_rand_int"),
)
"""Functions that umap-learn 0.5 compiles anew in every process unless numba is asked to keep them."""


def embedded(matrix: Points, start: Points, seed: int, n_neighbours: int, min_dist: float) -> Points:
    """Points of a map from this start, ndarray (n, 2) float32.

    Parameters
    ----------
    matrix : ndarray (n, d) float32
        Rows of unit length, 4 or more.
    start : ndarray (n, 2) float32
        Where the points lie at first.
    seed, n_neighbours, min_dist
        As `layout.embed` takes them.
    """
    indices, distances = exact(matrix, min(n_neighbours, len(matrix) - 1))
    model = _umap()(
        n_neighbors=indices.shape[1],
        min_dist=min_dist,
        metric="cosine",
        init=start,
        random_state=seed,
        n_jobs=1,
        disconnection_distance=float("inf"),
        precomputed_knn=(indices, distances),
    )
    with warnings.catch_warnings():
        # the neighbours come without a search index, which only transform() would need
        warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)
        return np.asarray(model.fit_transform(matrix), np.float32)


@cache
def _umap() -> Any:  # noqa: ANN401  umap-learn has no types
    """umap-learn's class, its compiled functions kept between processes where numba has a place to keep them."""
    with warnings.catch_warnings():
        # its neural variant, which is not used here, asks for TensorFlow
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        import umap

    for module, name in KERNELS:
        kernel: Any = getattr(getattr(umap, module, None), name, None)
        if not hasattr(kernel, "enable_caching"):
            log.info("umap-learn has no %s.%s to keep compiled: maps start slower", module, name)
            continue
        try:
            kernel.enable_caching()
        except RuntimeError as error:  # numba found no folder it may write to
            log.info("%s.%s is compiled in every process: %s", module, name, error)
    return umap.UMAP
