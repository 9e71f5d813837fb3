"""What does the cover of an invented album look like?

Conventions
-----------
Square, `SIDE` pixels, drawn from the album's title alone: one of five geometric designs in two or three colours.
"""

from __future__ import annotations

import colorsys
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageDraw import ImageDraw

__all__ = ["SIDE", "draw"]

SIDE = 400
Colour = tuple[int, int, int]


def draw(title: str, kind: Literal["JPEG", "PNG"] = "JPEG") -> bytes:
    """Picture file of an album's cover.

    Parameters
    ----------
    title : str
        The album's; the same title gives the same drawing.
    kind : str
        ``"JPEG"`` or ``"PNG"``.
    """
    from PIL import Image
    from PIL.ImageDraw import Draw

    rng = np.random.default_rng(zlib.crc32(title.encode()))
    hue = float(rng.random())
    ground = _colour(hue, 0.55, 0.25)
    picture = Image.new("RGB", (SIDE, SIDE), ground)
    colours = [_colour(hue + turn, 0.6, value) for turn, value in ((0.08, 0.9), (0.45, 0.95), (0.55, 0.6))]
    DESIGNS[rng.integers(len(DESIGNS))](Draw(picture), colours, rng)
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return red, green, blue


def _rings(pen: ImageDraw, colours: list[Colour], rng: np.random.Generator) -> None:
    x, y = rng.integers(SIDE // 4, 3 * SIDE // 4, 2)
    for index, radius in enumerate(range(SIDE // 2, 10, -int(rng.integers(18, 40)))):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours[index % len(colours)])


def _stripes(pen: ImageDraw, colours: list[Colour], rng: np.random.Generator) -> None:
    slant = int(rng.integers(-SIDE, SIDE))
    for index, x in enumerate(range(-SIDE, 2 * SIDE, int(rng.integers(40, 80)))):
        pen.line((x, 0, x + slant, SIDE), fill=colours[index % len(colours)], width=int(rng.integers(6, 30)))


def _triangles(pen: ImageDraw, colours: list[Colour], rng: np.random.Generator) -> None:
    for index in range(int(rng.integers(5, 14))):
        corners = [(int(x), int(y)) for x, y in rng.integers(0, SIDE, (3, 2))]
        pen.polygon(corners, fill=colours[index % len(colours)])


def _tiles(pen: ImageDraw, colours: list[Colour], rng: np.random.Generator) -> None:
    size = SIDE // int(rng.integers(4, 9))
    for x in range(0, SIDE, size):
        for y in range(0, SIDE, size):
            start = 90 * int(rng.integers(4))
            pen.pieslice(
                (x, y, x + 2 * size, y + 2 * size), start, start + 90, fill=colours[int(rng.integers(len(colours)))]
            )


def _horizon(pen: ImageDraw, colours: list[Colour], rng: np.random.Generator) -> None:
    x, y = int(rng.integers(100, SIDE - 100)), int(rng.integers(80, 200))
    pen.ellipse((x - 70, y - 70, x + 70, y + 70), fill=colours[1])
    across = np.arange(0, SIDE + 1, 5)
    for index, level in enumerate((220, 270, 330)):
        wave = level + 18 * np.sin(across / rng.uniform(25, 60) + rng.uniform(0, 6))
        outline = [*zip(across.tolist(), wave.tolist(), strict=True), (SIDE, SIDE), (0, SIDE)]
        pen.polygon(outline, fill=colours[(index + 2) % len(colours)])


DESIGNS: tuple[Callable[[ImageDraw, list[Colour], np.random.Generator], None], ...] = (
    _rings,
    _stripes,
    _triangles,
    _tiles,
    _horizon,
)
