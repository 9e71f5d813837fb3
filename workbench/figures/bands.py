"""How does a feature change, over the years and from genre to genre?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.figures.look import (
    BAR_HEIGHT,
    CHART_HEIGHT,
    LONGEST_NAME,
    UNITS,
    bar_colour,
    blank,
    emptied,
    require,
    short,
    title_of,
    titled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import plotly.graph_objects as go

__all__ = ["medians_by_genre", "medians_by_year"]

NEEDED: Final = ("feature", "group", "year_from", "year_to", "tracks", "median", "low", "high", "groups")

DOTS: Final = ((30, 6, 14), (float("inf"), 3, 8))
"""Diameters, up to so many dots: of no track, and of the group with most; in pixels."""

ROOM: Final = 0.1
"""Share of the height that is left free above and below."""

SPECIAL: Final = {"spectral_centroid_hz_mean": "Brightness (spectral centroid, Hz)", "bpm": "Tempo (BPM)"}
"""Axis titles that say more than the column's name."""

NOTHING: Final = "No analysed tracks with a {}"


def medians_by_year(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Median of a feature over the years, from `stats.bands` by year, on its bootstrap bands.

    Dots grow with the tracks they stand for; hollow ones stand for too few to have a band, and the line passes them by.
    Each band is as wide as its span of years.

    Parameters
    ----------
    frame : polars.DataFrame
        Schema `stats.BANDS`.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.

    Raises
    ------
    WorkbenchError
        A column is missing.
    """
    require(frame, "stats.bands", *NEEDED)
    figure = blank(CHART_HEIGHT, dark=dark)
    if frame.is_empty():
        return emptied(figure, NOTHING.format("year"))
    rows = frame.sort("year_from").with_columns(
        middle=(pl.col("year_from") + pl.col("year_to")) / 2, width=pl.col("year_to") - pl.col("year_from") + 1
    )
    colour = bar_colour(dark=dark)
    figure.add_traces([_boxes(rows, colour), _line(rows.drop_nulls("low"), colour), _sized(rows, colour)])
    titled(figure.update_layout(showlegend=False, barmode="overlay"), _remark(frame))
    around = [rows["year_from"][0] - 0.7, rows["year_to"][-1] + 0.7]
    figure.update_xaxes(title_text="Release year", tickformat="d", range=around)
    return figure.update_yaxes(title_text=_axis(frame), zeroline=False, range=_range(frame))


def medians_by_genre(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Median of a feature in each genre, from `stats.bands` by genre: a dot on its bootstrap band, highest first.

    The number of tracks stands beside the name. Hollow dots stand for too few tracks to have a band.

    Parameters
    ----------
    frame : polars.DataFrame
        Schema `stats.BANDS`.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.

    Raises
    ------
    WorkbenchError
        A column is missing.
    """
    require(frame, "stats.bands", *NEEDED)
    figure = blank(110 + BAR_HEIGHT * max(len(frame), 6), dark=dark)
    if frame.is_empty():
        return emptied(figure, NOTHING.format("genre"))
    rows = frame.sort("median", "group", descending=[True, False])
    places = [*range(len(rows))]
    figure.add_trace(_dots(rows, places, bar_colour(dark=dark)))
    names = [f"{short(name, LONGEST_NAME)} ({tracks:,})" for name, tracks in rows.select("group", "tracks").iter_rows()]
    titled(figure.update_layout(showlegend=False), _left_out(frame), _remark(frame))
    figure.update_xaxes(title_text=_axis(frame), zeroline=False)
    return figure.update_yaxes(tickvals=places, ticktext=names, range=[len(rows) - 0.5, -0.5], zeroline=False)


def _boxes(rows: pl.DataFrame, colour: str) -> go.Bar:
    """The bands; where there is none, nothing."""
    import plotly.graph_objects as go

    return go.Bar(
        x=rows["middle"].to_list(),
        base=rows["low"].to_list(),
        y=(rows["high"] - rows["low"]).to_list(),
        width=rows["width"].to_list(),
        marker={"color": colour, "line": {"width": 0}},
        opacity=0.25,
        hoverinfo="skip",
    )


def _line(rows: pl.DataFrame, colour: str) -> go.Scatter:
    import plotly.graph_objects as go

    line = {"color": colour, "width": 1.5}
    return go.Scatter(x=rows["middle"].to_list(), y=rows["median"].to_list(), mode="lines", line=line, hoverinfo="skip")


def _sized(rows: pl.DataFrame, colour: str) -> go.Scatter:
    """Dots that grow with the square root of the tracks they stand for."""
    import plotly.graph_objects as go

    least, most = next(sizes for dots, *sizes in DOTS if len(rows) <= dots)
    share = (rows["tracks"] / rows["tracks"].max()).sqrt()
    sizes = (least + (most - least) * share).to_list()
    return go.Scatter(
        x=rows["middle"].to_list(),
        y=rows["median"].to_list(),
        mode="markers",
        marker={"color": colour, "size": sizes, "symbol": _symbols(rows), "opacity": 1, "line": {"color": colour}},
        hovertext=_hovers(rows),
        hoverinfo="text",
        cliponaxis=False,
    )


def _dots(rows: pl.DataFrame, places: list[int], colour: str) -> go.Scatter:
    import plotly.graph_objects as go

    above, below = (rows["high"] - rows["median"]).to_list(), (rows["median"] - rows["low"]).to_list()
    return go.Scatter(
        x=rows["median"].to_list(),
        y=places,
        mode="markers",
        marker={"size": 10, "color": colour, "symbol": _symbols(rows)},
        error_x={"array": above, "arrayminus": below, "symmetric": False, "thickness": 3, "width": 0, "color": colour},
        hovertext=_hovers(rows),
        hoverinfo="text",
        cliponaxis=False,
    )


def _range(rows: pl.DataFrame) -> list[float]:
    """From the lowest to the highest, and a little more; plotly would begin bars at 0."""
    ends = pl.concat([rows["median"], rows["low"], rows["high"]])
    low, high = ends.quantile(0), ends.quantile(1)
    room = ROOM * ((high or 0) - (low or 0)) or 1
    return [(low or 0) - room, (high or 0) + room]


def _symbols(rows: pl.DataFrame) -> list[str]:
    return ["circle" if is_sure else "circle-open" for is_sure in rows["low"].is_not_null()]


def _hovers(rows: pl.DataFrame) -> list[str]:
    return [_hover(row) for row in rows.iter_rows(named=True)]


def _hover(row: Mapping[str, Any]) -> str:
    """Group, median with its unit, band, number of tracks."""
    unit = UNITS.get(row["feature"], "")
    band = "too few for a band" if row["low"] is None else f"{row['low']:.4g} to {row['high']:.4g}"
    known = f"{row['tracks']:,} track{'s' * (row['tracks'] != 1)}"
    return f"{short(row['group'], LONGEST_NAME)}<br>{row['median']:.4g} {unit} ({band})<br>{known}"


def _axis(frame: pl.DataFrame) -> str:
    feature = frame["feature"][0]
    title = SPECIAL.get(feature) or title_of(feature)
    return f"Median {title[:1].lower()}{title[1:]}"


def _remark(frame: pl.DataFrame) -> str | None:
    """What hollow dots are, where there are any."""
    return "Hollow: too few tracks for a band" if frame["low"].null_count() else None


def _left_out(frame: pl.DataFrame) -> str | None:
    """How many genres there are, where it is not these alone."""
    every = frame["groups"][0]
    return f"The {len(frame)} most frequent of {every:,} genres" if len(frame) < every else None
