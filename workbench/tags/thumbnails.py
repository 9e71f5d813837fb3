"""How does a cover become small enough to stand in a row of a table?

Conventions
-----------
What comes out was made here: nothing of a picture but its pixels goes into it, no comment, no EXIF (a turn that it
asks for is not made), no colour profile. Of a picture that moves it is the first frame.
"""

from __future__ import annotations

import io
import warnings
from typing import Final

from workbench.tags.pictures import refusal

__all__ = ["MOST_PIXELS", "UNFIT", "thumbnail"]

FORMATS: Final = ("JPEG", "PNG")
QUALITY: Final = 80
MOST_PIXELS: Final = 40_000_000
"""Larger pictures are not unfolded: 160 MB of memory; the largest covers in shops have 9 million."""
UNFIT: Final = f"is damaged, or has more than {MOST_PIXELS // 1_000_000} million pixels"


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
        Some 2 to 4 kB at 96 pixels; None where the picture is no JPEG or PNG of at most 10 MB, is damaged or cut off,
        or has more than 40 million pixels.
    """
    from PIL import Image, ImageOps

    if refusal(picture):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    return None
                image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is unfolded small
                small = ImageOps.fit(image.convert("RGB"), (size, size))
    except (OSError, SyntaxError, ValueError, AssertionError):  # over damaged pictures
        return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    small.info.clear()  # Pillow would write a comment again
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
