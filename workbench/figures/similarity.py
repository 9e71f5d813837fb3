"""Which tracks lie beside which?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.figures.look import (
    GREY,
    LONGEST_NAME,
    PALETTE,
    SIZES,
    blank,
    drawn,
    drawn_words,
    emptied,
    escape,
    hovers,
    require,
    short,
    title_of,
    titled,
    words_of,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["frequent", "similarity_map", "texts_of", "values_of"]

UNKNOWN: Final = {"color": GREY, "symbol": "circle-open"}

MAP_HEIGHT: Final = 600

RANKS: Final = {"other": 2, "unknown": 3}
"""Where these stand in the legend: after all names, whatever lies above what."""

OPACITY: Final = {False: 0.9, True: 0.2}
"""Of a map's points, and of those whose trust is low."""


def similarity_map(
    layout: pl.DataFrame, *, colour: str = "genre", dark: bool | None = None, dim_untrusted: float | None = None
) -> go.Figure:
    """Tracks on their map, a point each, to lasso and to hover over.

    One trace a category: the seven most frequent by name, the rest as "other", null as "unknown". A numeric column is
    one trace with a colour bar, and "unknown" beside it where values are null. Every trace carries its track ids as
    ``customdata``, point by point. Rows without x or y are not drawn. Of more than 10,000 so many are drawn by chance,
    every category by its share, and the title says so; of more than 5,000 the hover text is title and artist. Zoom
    survives a new colour (``uirevision``).

    Parameters
    ----------
    layout : polars.DataFrame
        ``track_id``, ``x``, ``y`` and the column of the colour; the hover text reads what there is of title, artist,
        album, year, camelot, key, mode, bpm and trust.
    colour : str
        A column.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.
    dim_untrusted : float or None
        Points whose ``trust`` is below this, 0 to 1, are drawn faintly: what lies beside them may sound different.

    Raises
    ------
    WorkbenchError
        A column is missing.
    """
    read = () if dim_untrusted is None else ("trust",)
    require(layout, "library.similarity_map", "track_id", "x", "y", colour, *read)
    placed = layout.drop_nulls(["x", "y"])
    names = frequent(texts_of(values_of(placed, colour)))
    shown = drawn(placed, _strata(placed, colour, names))
    size = next(size for most, size in SIZES if len(shown) <= most)
    figure = blank(MAP_HEIGHT, dark=dark)
    for name, rows, marker in _layers(shown, colour, names):
        look = {"size": size, "opacity": _opacity(rows, dim_untrusted), **marker}
        figure.add_trace(_points(rows, name, look, len(shown)))
    if placed.is_empty():
        emptied(figure, "No tracks with a place on the map")
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
    figure.update_xaxes(**bare).update_yaxes(**bare, scaleanchor="x", scaleratio=1)
    figure.update_layout(
        dragmode="lasso",
        hovermode="closest",
        uirevision="similarity_map",
        legend={"title_text": escape(words_of(colour)), "orientation": "h", "y": 0, "yanchor": "top", "x": 0},
        showlegend=not values_of(layout, colour).dtype.is_numeric(),
        margin={"l": 10, "r": 10, "b": 10},
    )
    return titled(figure, *drawn_words(len(shown), len(placed)))


def _points(rows: pl.DataFrame, name: str, marker: dict[str, Any], shown: int) -> go.Scattergl:
    import plotly.graph_objects as go

    return go.Scattergl(
        x=rows["x"].cast(pl.Float32).to_numpy(),
        y=rows["y"].cast(pl.Float32).to_numpy(),
        customdata=rows["track_id"].to_numpy(),
        hovertext=hovers(rows, shown),
        hoverinfo="text",
        mode="markers",
        name=name,
        legendrank=RANKS.get(name, 1),
        marker=marker,
        unselected={"marker": {"opacity": 0.15}},
    )


def _opacity(rows: pl.DataFrame, dim_untrusted: float | None) -> float | list[float]:
    """One for all points, or one for each where some are dimmed; a point of unknown trust is not."""
    if dim_untrusted is None:
        return OPACITY[False]
    return [OPACITY[bool(is_low)] for is_low in rows["trust"] < dim_untrusted]


def values_of(layout: pl.DataFrame, column: str) -> pl.Series:
    """What a colour says: the column, but groups by their names, for their numbers are no measure."""
    if column != "group":
        return layout[column]
    return layout["group_name" if "group_name" in layout.columns else "group"].cast(pl.String)


def texts_of(values: pl.Series) -> pl.Series:
    """Values as text: lists joined, moments as days, truths as yes and no; empty is null."""
    if isinstance(values.dtype, pl.List):
        values = values.cast(pl.List(pl.String)).list.join(", ")
    elif values.dtype.is_temporal():
        values = values.dt.to_string("%Y-%m-%d")
    elif values.dtype == pl.Boolean:
        values = values.replace_strict({True: "yes", False: "no"}, default=None, return_dtype=pl.String)
    texts = values.cast(pl.String)
    return texts.set(texts == "", None)


def frequent(texts: pl.Series) -> list[str]:
    """The texts that have a colour of their own: the most frequent, first by number, then by name."""
    counts = texts.drop_nulls().rename("name").value_counts(name="rows").sort("rows", "name", descending=[True, False])
    return counts["name"].head(len(PALETTE)).to_list()


def _strata(placed: pl.DataFrame, colour: str, names: list[str]) -> pl.Series:
    """What of each row the colour shows: its name where it has a colour of its own, whether it is known."""
    values = values_of(placed, colour)
    if values.dtype.is_numeric():
        return _known(values).is_null()
    texts = texts_of(values)
    return texts.set(texts.is_not_null() & ~texts.is_in(names), "\0")


def _known(values: pl.Series) -> pl.Series:
    return values.fill_nan(None) if values.dtype.is_float() else values


def _layers(shown: pl.DataFrame, colour: str, names: list[str]) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    """Name, rows and marker of each trace that has rows; `names` have a colour of their own."""
    values = _known(values_of(shown, colour))
    texts = texts_of(values)
    known = shown.filter(values.is_not_null())
    layers = _scale(known, colour) if values.dtype.is_numeric() else _groups(shown, texts, names)
    return [layer for layer in [*layers, ("unknown", shown.filter(texts.is_null()), UNKNOWN)] if len(layer[1])]


def _groups(shown: pl.DataFrame, texts: pl.Series, names: list[str]) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    rest = shown.filter(texts.is_not_null() & ~texts.is_in(names))
    coloured = zip(names, PALETTE, strict=False)
    layers = [(short(name, LONGEST_NAME), shown.filter(texts == name), {"color": shade}) for name, shade in coloured]
    return [("other", rest, {"color": GREY}), *layers]  # what has no colour of its own lies under what has


def _scale(known: pl.DataFrame, colour: str) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    title = {"text": escape(title_of(colour)), "side": "right", "font": {"size": 14}}
    bar = {"title": title, "thickness": 14, "outlinewidth": 0}
    marker = {"color": known[colour].cast(pl.Float32).to_numpy(), "colorbar": bar, "showscale": True}
    return [(escape(words_of(colour)), known, marker)]
