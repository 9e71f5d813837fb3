"""Which colour, size and name has each point of a layout?

Conventions
-----------
Pure: a frame and what somebody chose in, a `Picture` out. Rows stay in their order, one a point. What is unknown is
grey, smallest, and neither faint nor new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from workbench.errors import SpaceError, WorkbenchError
from workbench.figures import PALETTE
from workbench.figures.look import GREY, LONGEST_NAME, SIZES, ramp, require, shortened, title_of, words_of
from workbench.figures.similarity import frequent, texts_of, values_of
from workbench.maps import inside
from workbench.query import moment
from workbench.widgets.map.picture import Categories, Label, Picture, Scale

if TYPE_CHECKING:
    from datetime import date, datetime

    import numpy.typing as npt

    from workbench.widgets.map.picture import Polygon

__all__ = [
    "COLOURS",
    "Choices",
    "coloured_by",
    "colours_of",
    "labels_of",
    "new_since",
    "picture_of",
    "placed",
    "region_code",
    "sized_by",
    "sizes_of",
]

COLOURS: Final = (
    "genre",
    "artist",
    "album",
    "year",
    "group",
    "mood",
    "key",
    "mode",
    "camelot",
    "bpm",
    "loudness_lufs",
    "loudness_range_lu",
    "onset_rate_hz",
    "spectral_centroid_hz_mean",
    "valence",
    "arousal",
    "rating",
    "play_count",
    "codec",
)
"""Columns that are offered first where a frame has them and they are not all null."""

UNKNOWN: Final = "#bdbdbd"
"""Paler than the grey of "other"."""

SMALLEST, LARGEST = 4.0, 14.0
"""Diameters in pixels, where points are sized by a column."""

FEWEST_NAMED: Final = 5
"""Points that a group must have for its name to be drawn."""

SAMPLED: Final = 20_000
"""Rows that are looked at to see whether a column is worth a colour."""

OUTER: Final = 0.01
"""Share of the values at each end that have the ramp's last colour, so that one wrong value does not take it all."""

NO_MEASURE: Final = re.compile(r"(^|_)(id|hash|path|bytes|number|x|y)$")
"""Names of columns that are neither worth a colour nor a size."""

TINIEST: Final = 2.0
"""Diameter where there are more than `CROWD` points."""

CROWD: Final = 100_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody wants to see of a layout.

    Attributes
    ----------
    colour : str
        A column.
    size : str or None
        A column of numbers; None draws all points alike.
    dim_untrusted : float or None
        Trust below which a point is faint.
    since : datetime, date, str or None
        Day or moment after which a track is new; a text as in a search: "2026-01-01", "-3w".
    has_labels, is_density : bool
        Names of groups, and how crowded places are.
    """

    colour: str = "genre"
    size: str | None = None
    dim_untrusted: float | None = None
    since: datetime | date | str | None = None
    has_labels: bool = False
    is_density: bool = False


def placed(layout: pl.DataFrame) -> pl.DataFrame:
    """The rows that have a place on the map.

    Raises
    ------
    SpaceError
        There are no columns track_id, x and y.
    """
    if not {"track_id", "x", "y"} <= set(layout.columns):
        found = ", ".join(layout.columns)
        raise SpaceError(f"a map needs track_id, x and y; found {found}; make them with library.similarity_map(tracks)")
    return layout.filter(*(pl.col(axis).cast(pl.Float32).is_finite() for axis in ("x", "y")))


def picture_of(layout: pl.DataFrame, choices: Choices, *, dark: bool | None = None) -> Picture:
    """All that is drawn of a layout.

    Parameters
    ----------
    layout : pl.DataFrame
        Every row with ``track_id``, ``x`` and ``y``; reads the columns that are chosen.
    choices : Choices
        What is wanted.
    dark : bool or None
        For the ramp of a column of numbers, as `figures.look.ramp` takes it.

    Raises
    ------
    WorkbenchError
        A column is missing or is no number, or a day is none.
    """
    return Picture(
        track_ids=layout["track_id"].to_numpy().astype(np.int64),
        points=layout.select("x", "y").to_numpy().astype(np.float32),
        colour=colours_of(layout, choices.colour, dark=dark),
        sizes=sizes_of(layout, choices.size),
        is_dim=_dim(layout, choices.dim_untrusted),
        is_new=new_since(layout, choices.since),
        labels=labels_of(layout) if choices.has_labels else (),
        is_density=choices.is_density,
    )


def colours_of(layout: pl.DataFrame, column: str, *, dark: bool | None = None) -> Categories | Scale:
    """Colours by name, the seven most frequent and the rest, or by number, as `figures.similarity_map` chooses."""
    require(layout, "library.similarity_map", column)
    values = values_of(layout, column)
    return _scale(values, column, dark=dark) if values.dtype.is_numeric() else _categories(values, column)


def sizes_of(layout: pl.DataFrame, column: str | None) -> npt.NDArray[np.float32]:
    """Diameters in pixels: by number of points, or by rank in a column, so that areas grow evenly."""
    if column is None:
        size = TINIEST if len(layout) > CROWD else next(size for most, size in SIZES if len(layout) <= most)
        return np.full(len(layout), size, np.float32)
    require(layout, "library.similarity_map", column)
    if not layout.schema[column].is_numeric():
        raise WorkbenchError(f"points are sized by a column of numbers; {column!r} is of {layout.schema[column]}")
    values = layout[column].cast(pl.Float64).fill_nan(None)
    share = ((values.rank("dense") - 1) / max(values.drop_nulls().n_unique() - 1, 1)).fill_null(0.0).to_numpy()
    return np.sqrt(SMALLEST**2 + share * (LARGEST**2 - SMALLEST**2)).astype(np.float32)


def new_since(layout: pl.DataFrame, since: datetime | date | str | None) -> npt.NDArray[np.bool_]:
    """Of each row, whether it was added on a day or after it.

    Raises
    ------
    WorkbenchError
        The text names no day, or there is no column ``added_at``.
    """
    if since is None or since == "":
        return np.zeros(len(layout), bool)
    require(layout, "library.similarity_map", "added_at")
    is_new: npt.NDArray[np.bool_] = (layout["added_at"] >= moment(since)).fill_null(value=False).to_numpy()
    return is_new


def labels_of(layout: pl.DataFrame) -> tuple[Label, ...]:
    """Name and centre (medians of x and y) of each group of five points or more; none where groups have no names.

    Large groups come first: where two names would overlap, an engine leaves out the later one.
    """
    if "group_name" not in layout.columns:
        return ()
    named = layout.lazy().drop_nulls("group_name").group_by(pl.col("group_name").cast(pl.String))
    centres = named.agg(pl.col("x", "y").median(), pl.len()).filter(pl.col("len") >= FEWEST_NAMED)
    ordered = centres.sort("len", "group_name", descending=[True, False])
    rows = ordered.select("group_name", "x", "y").collect().iter_rows()
    return tuple(Label(shortened(name, LONGEST_NAME), x, y) for name, x, y in rows)


def coloured_by(layout: pl.DataFrame) -> list[str]:
    """Columns worth a colour: the well-known ones, then all with some values that are not all different."""
    known = [name for name in COLOURS if name in layout.columns and layout[name].null_count() < len(layout)]
    sample = layout.gather_every(max(1, len(layout) // SAMPLED))
    return known + [name for name in layout.columns if name not in COLOURS and _tells(sample[name])]


def sized_by(layout: pl.DataFrame) -> list[str]:
    """Columns worth a size: numbers that measure something."""
    sample = layout.gather_every(max(1, len(layout) // SAMPLED))
    return [name for name in layout.columns if sample.schema[name].is_numeric() and _tells(sample[name])]


def region_code(layout: pl.DataFrame, polygon: Polygon, track_ids: npt.NDArray[np.int64]) -> str | None:
    """The expression that gives these very rows of a frame called ``layout`` again; None where none does.

    Corners are rounded as far as that changes nothing: the more points there are, the nearer the outline is one.
    """
    if not polygon:
        return None
    extent = float(np.ptp(np.asarray(polygon), axis=0).max()) or 1.0
    fine = max(3, int(np.ceil(np.log10(5 * max(len(layout), 1)))))
    digits = max(0, fine - int(np.floor(np.log10(extent))))
    for corners in (_rounded(polygon, digits), list(polygon)):
        if len(corners) > 2 and np.array_equal(inside(layout, corners)["track_id"].to_numpy(), track_ids):  # noqa: PLR2004  a triangle
            return f"wb.maps.inside(layout, {corners})"
    return None


def _rounded(polygon: Polygon, digits: int) -> list[tuple[float, float]]:
    return list(dict.fromkeys((round(float(x), digits), round(float(y), digits)) for x, y in polygon))


def _tells(values: pl.Series) -> bool:
    """Some values, which are not all alike, and of texts and days not most different."""
    kind = values.dtype
    is_named = kind in {pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Date} or isinstance(kind, pl.Datetime)
    if NO_MEASURE.search(values.name) or not (is_named or kind.is_numeric()):
        return False
    found = values.drop_nulls().n_unique()
    return found > 1 and (kind.is_numeric() or found <= max(2, len(values) // 2))


def _categories(values: pl.Series, column: str) -> Categories:
    texts = texts_of(values)
    names = frequent(texts)
    places = {name: place for place, name in enumerate(names)}
    codes = texts.replace_strict(places, default=len(names), return_dtype=pl.UInt8).to_numpy().copy()
    is_unknown = texts.is_null().to_numpy()
    colours, shown = list(PALETTE[: len(names)]), [shortened(name, LONGEST_NAME) for name in names]
    for name, colour, is_rest in (
        ("other", GREY, (codes == len(names)) & ~is_unknown),
        ("unknown", UNKNOWN, is_unknown),
    ):
        if is_rest.any():
            codes[is_rest] = len(shown)
            shown.append(name)
            colours.append(colour)
    return Categories(words_of(column), tuple(shown), tuple(colours), codes)


def _scale(values: pl.Series, column: str, *, dark: bool | None) -> Scale:
    known = values.cast(pl.Float64)
    known = known.set(~known.is_finite(), None)
    low, high = known.quantile(OUTER, "lower"), known.quantile(1 - OUTER, "higher")  # values that there are
    low, high = (0.0, 0.0) if low is None or high is None else (low, high)
    room = 0.5 if low == high else 0.0
    return Scale(title_of(column), known.to_numpy().astype(np.float32), low - room, high + room, ramp(dark=dark))


def _dim(layout: pl.DataFrame, dim_untrusted: float | None) -> npt.NDArray[np.bool_]:
    if dim_untrusted is None:
        return np.zeros(len(layout), bool)
    require(layout, "library.similarity_map", "trust")
    return (layout["trust"] < dim_untrusted).fill_null(value=False).to_numpy()
