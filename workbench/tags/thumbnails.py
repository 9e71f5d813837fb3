"""How does a cover become small enough to stand in a row of a table?"""

from __future__ import annotations

import io
import warnings
from typing import Final

__all__ = ["thumbnail"]

FORMATS: Final = ("JPEG", "PNG")
QUALITY: Final = 80
MOST_PIXELS: Final = 40_000_000
"""Larger pictures are not unfolded: 160 MB of memory; the largest covers in shops have 9 million."""


def thumbnail(picture: bytes, size: int = 96) -> bytes | None:
    """A picture as a square JPEG, cut from its middle.

    Parameters
    ----------
    picture : bytes
        A JPEG or PNG, as `tags.cover` gives it.
    size : int
        Its side in pixels.

    Returns
    -------
    bytes or None
        Some 2 to 4 kB at 96 pixels; None where the picture is damaged or has more than 40 million pixels.
    """
    from PIL import Image, ImageOps

    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is unfolded small
            small = ImageOps.fit(image.convert("RGB"), (size, size))
    except (OSError, SyntaxError, ValueError, AssertionError, Image.DecompressionBombError):  # over damaged pictures
        return None
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
