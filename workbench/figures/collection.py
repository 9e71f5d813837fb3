"""How has the collection grown, what does it take up, and which keys is it in?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.figures.look import (
    CHART_HEIGHT,
    CLEAR,
    GREY,
    LONGEST_NAME,
    PALETTE,
    bar_colour,
    blank,
    emptied,
    ramp,
    require,
    short,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["bit_rates", "camelot_wheel", "growth", "history"]

GROWTH_HEIGHT: Final = 460
WHEEL_HEIGHT: Final = 560
MONTH_DAYS: Final = 28
RINGS: Final = (("A", 1.2), ("B", 2.1))
"""Letter of each ring of the Camelot wheel, minor and major, and where it starts from the middle; the rim is at 3."""

RING: Final = 0.9

LEGEND: Final = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
"""Above the figure, so that it takes no width on a phone."""

HOUR_DEGREES: Final = 30
FIELD: Final = ("camelot", "key", "mode", "tracks")

EVEN_LUMINANCE: Final = 0.179
"""Black and white have the same contrast on it: (1 + 0.05) / (L + 0.05) = (L + 0.05) / 0.05, WCAG 2.2."""


def growth(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks in all, and below them those added, by month or day, from `stats.growth`."""
    require(frame, "stats.growth", "from", "to", "added", "total")
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    is_daily = bool(len(frame)) and (frame["to"][0] - frame["from"][0]).days < MONTH_DAYS
    step, colour = "day" if is_daily else "month", bar_colour(dark=dark)
    look = blank(GROWTH_HEIGHT, dark=dark).layout
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.08, row_heights=(0.6, 0.4))
    figure.update_layout(template=look.template, height=look.height, showlegend=False)
    days = frame["from"].to_list()
    line = go.Scatter(x=days, y=frame["total"].to_list(), mode="lines+markers", line={"color": colour, "width": 2})
    line.update(marker={"size": 5}, hovertemplate="%{x}: %{y} in all<extra></extra>")
    figure.add_trace(line, row=1, col=1)
    bars = go.Bar(x=days, y=frame["added"].to_list(), marker_color=colour)
    figure.add_trace(bars.update(hovertemplate="%{x}: %{y} added<extra></extra>"), row=2, col=1)
    figure.update_yaxes(title_text="Tracks in all", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text=f"Added in a {step}", rangemode="tozero", row=2, col=1)
    figure.update_xaxes(tickformat="%d %b %Y" if is_daily else "%b %Y", type="date", nticks=6)
    if len(frame) == 1:  # plotly would show hours, and a bar as wide as the figure
        figure.update_xaxes(tickvals=days, range=[days[0] - timedelta(days=40), days[0] + timedelta(days=40)])
        figure.update_traces(width=24 * 3_600_000 * 8, selector={"type": "bar"})
    figure.update_xaxes(title_text=f"Added to the library (UTC {step})", row=2, col=1)
    return figure if days else emptied(figure)


def bit_rates(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by bit rate, from `stats.by_bit_rate`, a colour for each codec: the seven most frequent, then "other"."""
    require(frame, "stats.by_bit_rate", "kbps_from", "kbps_to", "codec", "lossless", "tracks")
    named = frame.with_columns(pl.col("codec").fill_null("unknown"))
    bins = named.select("kbps_from", "kbps_to").unique().sort("kbps_from", nulls_last=True)
    places = {start: place for place, start in enumerate(bins["kbps_from"])}
    figure = blank(CHART_HEIGHT, dark=dark)
    figure.add_traces(_codecs(named, places))
    ticks = ["unknown" if low is None else _span(low, high) for low, high in bins.iter_rows()]
    figure.update_layout(barmode="stack", showlegend=True, legend=LEGEND)
    figure.update_xaxes(title_text="Bit rate (kbit/s)", tickvals=[*places.values()], ticktext=ticks)
    figure.update_yaxes(title_text="Tracks", rangemode="tozero")
    return figure if places else emptied(figure)


def history(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks there, and those of them analysed, at each time the collection was looked at, from `library.snapshots`."""
    require(frame, "library.snapshots", "taken_at", "tracks", "analyzed")
    import plotly.graph_objects as go

    figure = blank(CHART_HEIGHT, dark=dark)
    moments = frame["taken_at"].to_list()
    for column, name, colour, dash in (
        ("tracks", "tracks", bar_colour(dark=dark), "solid"),
        ("analyzed", "analysed", PALETTE[1], "dot"),
    ):
        line = {"color": colour, "width": 2, "dash": dash}
        points = go.Scatter(x=moments, y=frame[column].to_list(), mode="lines+markers", name=name, line=line)
        figure.add_trace(points.update(hovertemplate="%{x|%Y-%m-%d %H:%M}: %{y} " + f"{name}<extra></extra>"))
    figure.update_layout(showlegend=True, legend=LEGEND)
    figure.update_xaxes(title_text="Report (UTC)", type="date", nticks=6)
    if len(frame) == 1:  # plotly would show milliseconds
        figure.update_xaxes(tickvals=moments, tickformat="%d %b %Y")
    figure.update_yaxes(title_text="Tracks", rangemode="tozero")
    return figure if moments else emptied(figure)


def camelot_wheel(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by key, from `stats.by_key`, as the Camelot wheel: minor keys inside, each beside its relative major.

    Keys that touch mix well. The colour tells how many tracks; each field names its code, its key and their number.
    """
    require(frame, "stats.by_key", "camelot", "key", "mode", "tracks")
    import plotly.graph_objects as go

    figure = blank(WHEEL_HEIGHT, dark=dark)
    shades = _shades(frame["tracks"].to_list(), dark=dark)
    coloured = frame.with_columns(colour=pl.Series(shades, dtype=pl.String))
    for letter, start in RINGS:
        rows = coloured.filter(pl.col("camelot").str.ends_with(letter))
        angles = [int(code[:-1]) * HOUR_DEGREES for code in rows["camelot"]]
        names = [f"{code}: {key} {mode}, {tracks}" for code, key, mode, tracks in rows.select(FIELD).iter_rows()]
        fields = go.Barpolar(theta=angles, r=[RING] * len(rows), base=start, width=HOUR_DEGREES, hovertext=names)
        fields.update(marker={"color": rows["colour"].to_list(), "line": {"width": 1, "color": GREY}})
        figure.add_trace(fields.update(hovertemplate="%{hovertext}<extra></extra>"))
        figure.add_trace(_labels(rows, angles, start + RING / 2))
    hidden = {"visible": False, "range": [0, 3]}
    wheel: dict[str, Any] = {"angularaxis": {"visible": False, "rotation": 90, "direction": "clockwise"}}
    margin = {"l": 10, "r": 10, "t": 20, "b": 20}
    return figure.update_layout(polar=wheel | {"radialaxis": hidden}, showlegend=False, margin=margin)


def _labels(rows: pl.DataFrame, angles: list[int], radius: float) -> go.Scatterpolar:
    """Code, key and number of tracks, in the middle of each field."""
    import plotly.graph_objects as go

    texts = [
        f"<b>{code}</b><br>{key}{'m' if mode == 'minor' else ''}<br>{tracks:,}"
        for code, key, mode, tracks in rows.select(FIELD).iter_rows()
    ]
    words = go.Scatterpolar(theta=angles, r=[radius] * len(rows), mode="text", text=texts, hoverinfo="skip")
    return words.update(textfont={"color": [_ink(colour) for colour in rows["colour"]], "size": 12})


def _shades(counts: list[int], *, dark: bool | None) -> list[str]:
    """A colour for each number, none for 0."""
    from plotly.colors import sample_colorscale

    most = max([1, *counts])
    return [sample_colorscale([*ramp(dark=dark)], count / most)[0] if count else CLEAR for count in counts]


def _ink(colour: str) -> str:
    """Black or white, what reads better on a colour "rgb(r, g, b)": WCAG 2.2's relative luminance; grey on none."""
    if colour == CLEAR:
        return GREY
    parts = [int(part) / 255 for part in re.findall(r"[0-9]+", colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < EVEN_LUMINANCE else "#000000"


def _codecs(named: pl.DataFrame, places: dict[int | None, int]) -> list[go.Bar]:
    """Bars of each codec, most frequent first; "other" stands last."""
    import plotly.graph_objects as go

    sums = named.group_by("codec").agg(pl.sum("tracks"), pl.first("lossless"))
    ranked = sums.sort("tracks", "codec", descending=[True, False])
    kinds = {codec: f"{codec}, lossless" if lossless else codec for codec, _, lossless in ranked.iter_rows()}
    shown = list(kinds)[: len(PALETTE)]
    bars = [(kinds[codec], named.filter(pl.col("codec") == codec), PALETTE[n]) for n, codec in enumerate(shown)]
    rest = named.filter(~pl.col("codec").is_in(shown)).group_by("kbps_from").agg(pl.sum("tracks"))
    bars += [("other", rest.sort("kbps_from"), GREY)] if len(rest) else []
    return [
        go.Bar(
            x=[places[start] for start in rows["kbps_from"]],
            y=rows["tracks"].to_list(),
            name=short(name, LONGEST_NAME),
            marker_color=colour,
            hovertemplate=f"%{{y}} {short(name, LONGEST_NAME)}<extra></extra>",
        )
        for name, rows, colour in bars
    ]


def _span(low: int, high: int | None) -> str:
    """A bin in words.

    Examples
    --------
    >>> _span(0, 64), _span(96, 128), _span(4000, None)
    ('under 64', '96-127', '4000 up')
    """
    if high is None:
        return f"{low} up"
    return f"{low}-{high - 1}" if low else f"under {high}"
