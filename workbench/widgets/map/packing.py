"""How does a picture travel to the page?

Conventions
-----------
Buffers go as they lie in memory, little-endian: a place is two float32, a colour, a diameter and the flags are a byte
each. A set of points is one bit a point, the first point in the lowest bit of the first byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.figures.look import GREY
from workbench.widgets.map.picture import Categories

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.widgets.map.picture import Picture, Scale

__all__ = ["described", "ids_in", "levels", "mask_of", "packed"]

UNKNOWN: Final = 255
"""Level of a value that is not known; the others are 0 to 254."""

DIM, NEW = 4, 8
"""Flags of a point; 1 and 2 are the page's own, for what is selected and found."""


def described(picture: Picture) -> dict[str, Any]:
    """All of a picture that is not one entry a point, as JSON."""
    return {
        "count": len(picture.track_ids),
        "colour": _legend(picture.colour),
        "diameter": float(picture.sizes.max(initial=1)),
        "labels": [[label.text, float(label.x), float(label.y)] for label in picture.labels],
        "is_density": picture.is_density,
    }


def packed(picture: Picture) -> dict[str, bytes]:
    """What a picture has of each point: codes and flags, and sizes where they differ; never the places."""
    colour = picture.colour
    codes = colour.codes if isinstance(colour, Categories) else levels(colour)
    flags = np.where(picture.is_dim, DIM, 0) | np.where(picture.is_new, NEW, 0)
    parts = {"codes": codes.astype("u1").tobytes(), "flags": flags.astype("u1").tobytes()}
    if len(picture.sizes) and picture.sizes.min() != picture.sizes.max():
        parts["sizes"] = np.rint(picture.sizes * (255 / picture.sizes.max())).astype("u1").tobytes()
    return parts


def levels(scale: Scale) -> npt.NDArray[np.uint8]:
    """Place of each value on its ramp, 0 to 254; 255 where it is not known."""
    is_known = np.isfinite(scale.values)
    span = scale.high - scale.low or 1
    share = np.clip((np.where(is_known, scale.values, scale.low) - scale.low) / span, 0, 1)
    return np.where(is_known, np.rint(share * (UNKNOWN - 1)), UNKNOWN).astype(np.uint8)


def mask_of(all_ids: npt.NDArray[np.int64], track_ids: npt.NDArray[np.int64]) -> bytes:
    """Those of `track_ids` that are in `all_ids`, as a set of points."""
    return np.packbits(np.isin(all_ids, track_ids), bitorder="little").tobytes()


def ids_in(all_ids: npt.NDArray[np.int64], mask: bytes) -> npt.NDArray[np.int64]:
    """The ids of a set of points, in the order of `all_ids`."""
    bits = np.unpackbits(np.frombuffer(mask, np.uint8), count=len(all_ids), bitorder="little")
    chosen: npt.NDArray[np.int64] = all_ids[bits.astype(bool)]
    return chosen


def _legend(colour: Categories | Scale) -> dict[str, Any]:
    if isinstance(colour, Categories):
        return {"title": colour.title, "names": list(colour.names), "colours": list(colour.colours)}
    return {
        "title": colour.title,
        "low": float(colour.low),
        "high": float(colour.high),
        "ramp": list(colour.ramp),
        "unknown": GREY,
        "has_unknown": not bool(np.isfinite(colour.values).all()),
    }
