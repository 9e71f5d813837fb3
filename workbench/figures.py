"""What do the numbers look like? Frames in, plotly figures out.

Conventions
-----------
A figure draws one frame of `stats`, named for what it shows, or a layout of `maps`. Colours are those of Okabe and Ito
(jfly.uni-koeln.de/color), which colour-blind people tell apart too: seven of them, then grey. Text out of tags passes
through `escape`, here and nowhere else, since plotly obeys some HTML. Sizes fit a notebook's width.
"""

from __future__ import annotations

import html
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.errors import WorkbenchError
from workbench.models import FEATURE_UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

__all__ = [
    "PALETTE",
    "coverage",
    "escape",
    "formats",
    "genres",
    "keys",
    "loudness",
    "similarity_map",
    "template",
    "tempo",
    "years",
]

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Blue, orange, green, purple, sky, vermilion, yellow."""

GREY: Final = "#999999"
UNKNOWN: Final = {"color": GREY, "symbol": "circle-open"}
CLEAR: Final = "rgba(0,0,0,0)"

SCALES: Final = {
    "light": ["#440154", "#31688e", "#1f9e89", "#6cbd45", "#d4b800"],
    "dark": ["#4a72c4", "#2fa0a8", "#5dc865", "#c9dd2f", "#fdf07a"],
    "any": ["#5b4fa2", "#2f8fa0", "#43a860", "#a3b92c", "#d9a900"],
}
"""Ramps from dark to light in the hues of viridis, without its end that would vanish in the page."""

THEMES: Final[dict[str, dict[str, Any]]] = {
    "light": {"paper": "#ffffff", "ink": "#222222", "lines": "#dddddd", "label": ("#ffffff", "#222222")},
    "dark": {"paper": "#111111", "ink": "#e8e8e8", "lines": "#3a3a3a", "label": ("#262626", "#e8e8e8")},
    "any": {"paper": CLEAR, "ink": "#767676", "lines": "rgba(118,118,118,0.3)", "label": ("#eeeeee", "#222222")},
}
"""The third has no paper of its own and ink that reads on white (contrast 4.5) and on #111111 (4.2)."""

HOURS: Final = (*range(1, 13),)

BARS: Final = 25
BAR_HEIGHT: Final = 24
CHART_HEIGHT: Final = 360
LONGEST_NAME: Final = 32
LONGEST_LINE: Final = 70

SIZES: Final = ((300, 10), (2_000, 7), (10_000, 5), (float("inf"), 3))
"""Diameter of a map's points, in pixels, up to so many of them."""

OPACITY: Final = {False: 0.9, True: 0.2}
"""Of a map's points, and of those whose trust is low."""

UNITS_IN_NAMES: Final = frozenset({"hz", "s", "db", "dbtp", "lu", "lufs", "bps", "bytes"})
UNITS: Final = {**FEATURE_UNITS, "bpm_tag": "BPM", "size_bytes": "bytes", "bit_rate_bps": "bit/s"}


def escape(text: object) -> str:
    """Text of a tag, made harmless for plotly and for HTML: shown letter for letter, on one line.

    Quotes become numeric references, for plotly knows no ``&quot;``; so does the dollar sign, for plotly reads TeX
    between two of them.

    Examples
    --------
    >>> escape("<b>Rock & Roll</b> $")
    '&lt;b&gt;Rock &amp; Roll&lt;/b&gt; &#36;'
    """
    line = " ".join(str(text).split())
    return html.escape(line).replace("&quot;", "&#34;").replace("$", "&#36;")


def template(theme: str) -> go.layout.Template:
    """The look of all figures; registered with plotly as ``workbench_`` and the theme.

    Parameters
    ----------
    theme : str
        ``"light"``, ``"dark"``, or ``"any"`` for pages of which nobody knows.

    Raises
    ------
    WorkbenchError
        There is no such theme.
    """
    if theme not in THEMES:
        raise WorkbenchError(f"no theme {theme!r}: choose one of {', '.join(THEMES)}")
    import plotly.graph_objects as go
    import plotly.io as pio

    name = f"workbench_{theme}"
    if name not in pio.templates:
        pio.templates[name] = go.layout.Template(layout=_look(**THEMES[theme], scale=SCALES[theme]))
    return pio.templates[name]


def genres(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by genre, from `stats.by_genre`: the 25 most frequent; unknown in grey."""
    _need(frame, "stats.by_genre", "genre", "tracks")
    top = frame.head(BARS)
    return _ranking(top["genre"].to_list(), top["tracks"].to_list(), "Tracks", dark=dark)


def formats(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by container and codec, from `stats.by_format`."""
    _need(frame, "stats.by_format", "container", "codec", "tracks")
    pairs = frame.select("container", "codec").iter_rows()
    names = [box if box == codec else f"{box or 'unknown'} ({codec or 'unknown'})" for box, codec in pairs]
    return _ranking(names, frame["tracks"].to_list(), "Tracks", dark=dark)


def coverage(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Share of tracks that carry each tag, from `stats.tag_coverage`."""
    _need(frame, "stats.tag_coverage", "tag", "share")
    known = frame.drop_nulls("share")
    names = [_words(tag.removesuffix("_tag").removeprefix("has_")) for tag in known["tag"]]
    percent = (100 * known["share"]).round(1).to_list()
    figure = _ranking(names, percent, "Tracks with this tag (%)", dark=dark)
    return figure.update_xaxes(range=[0, 108], tickvals=[*range(0, 101, 20)])


def years(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by release year, from `stats.by_year`; the title tells how many have none."""
    _need(frame, "stats.by_year", "year", "tracks")
    known, unknown = frame.drop_nulls("year"), frame.filter(pl.col("year").is_null())["tracks"].sum()
    figure = _columns(known["year"].to_list(), known["tracks"].to_list(), 1, "Release year", dark=dark)
    figure.update_traces(hovertemplate="%{x:d}: %{y}<extra></extra>").update_xaxes(tickformat="d")
    return figure.update_layout(title_text=f"{unknown} without a year" if unknown else None)


def tempo(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by measured tempo, from `stats.tempo_histogram`."""
    return _histogram(frame, "stats.tempo_histogram", "bpm_from", "bpm_to", "Tempo (BPM)", dark=dark)


def loudness(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by integrated loudness, from `stats.loudness_histogram`."""
    axis = "Integrated loudness (LUFS)"
    return _histogram(frame, "stats.loudness_histogram", "lufs_from", "lufs_to", axis, dark=dark)


def keys(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by key, from `stats.by_key`, round the Camelot wheel: each minor key beside its relative major."""
    _need(frame, "stats.by_key", "camelot", "key", "mode", "tracks")
    import plotly.graph_objects as go

    figure = _figure(CHART_HEIGHT, dark=dark)
    for mode, colour in (("minor", PALETTE[4]), ("major", PALETTE[1])):
        rows = frame.filter(pl.col("mode") == mode)
        figure.add_trace(
            go.Bar(
                x=[int(code[:-1]) for code in rows["camelot"]],
                y=rows["tracks"].to_list(),
                name=mode,
                marker_color=colour,
                hovertext=[f"{code}: {key} {mode}" for code, key in rows.select("camelot", "key").iter_rows()],
                hovertemplate="%{hovertext}, %{y}<extra></extra>",
            )
        )
    key = dict(frame.select("camelot", "key").iter_rows())
    ticks = [f"{hour}<br>{key.get(f'{hour}A', '')}m<br>{key.get(f'{hour}B', '')}" for hour in HOURS]
    figure.update_xaxes(title_text="Camelot number, its minor and its major key", tickvals=HOURS, ticktext=ticks)
    return figure.update_yaxes(title_text="Tracks", rangemode="tozero")


def similarity_map(
    layout: pl.DataFrame, *, colour: str = "genre", dark: bool | None = None, dim_untrusted: float | None = None
) -> go.Figure:
    """Tracks on their map, a point each, to lasso and to hover over.

    One trace a category: the seven most frequent by name, the rest as "other", null as "unknown". A numeric column is
    one trace with a colour bar, and "unknown" beside it where values are null. Every trace carries its track ids as
    ``customdata``, point by point. Rows without x or y are not drawn. Zoom survives a new colour (``uirevision``).

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
    _need(layout, "library.similarity_map", "track_id", "x", "y", colour, *read)
    placed = layout.drop_nulls(["x", "y"])
    size = next(size for most, size in SIZES if len(placed) <= most)
    figure = _figure(600, dark=dark)
    for name, rows, marker in _layers(placed, colour):
        figure.add_trace(_points(rows, name, {"size": size, "opacity": _opacity(rows, dim_untrusted), **marker}))
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
    figure.update_xaxes(**bare).update_yaxes(**bare, scaleanchor="x", scaleratio=1)
    return figure.update_layout(
        dragmode="lasso",
        hovermode="closest",
        uirevision="similarity_map",
        legend_title_text=escape(_words(colour)),
        showlegend=not layout.schema[colour].is_numeric(),
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
    )


def _look(*, paper: str, ink: str, lines: str, label: tuple[str, str], scale: list[str]) -> dict[str, Any]:
    axis = {
        "gridcolor": lines,
        "linecolor": lines,
        "zerolinecolor": lines,
        "ticks": "outside",
        "tickcolor": CLEAR,  # room between label and axis
        "automargin": True,
        "title": {"standoff": 12, "font": {"size": 14}},
    }
    return {
        "colorway": PALETTE,
        "paper_bgcolor": paper,
        "plot_bgcolor": paper,
        "font": {"color": ink, "size": 13},
        "title": {"font": {"size": 14}},
        "xaxis": axis,
        "yaxis": axis,
        "hoverlabel": {"bgcolor": label[0], "bordercolor": lines, "font": {"color": label[1]}, "align": "left"},
        "legend": {"itemsizing": "constant", "title": {"font": {"size": 14}}},
        "colorscale": {"sequential": scale, "sequentialminus": scale[::-1]},
        # plotly 7 shows a button that uploads the chart: a collection stays at home
        "modebar": {"bgcolor": CLEAR, "color": GREY, "activecolor": ink, "remove": ["sendChartToCloud"]},
        "margin": {"l": 60, "r": 20, "t": 40, "b": 50},
        "bargap": 0.25,
    }


def _figure(height: int, *, dark: bool | None) -> go.Figure:
    import plotly.graph_objects as go

    return go.Figure(
        layout={"template": template("any" if dark is None else "dark" if dark else "light"), "height": height}
    )


def _ranking(names: Sequence[str | None], values: Sequence[float], axis: str, *, dark: bool | None) -> go.Figure:
    """Horizontal bars from the top down; places are numbers, so that plotly never guesses at names."""
    import plotly.graph_objects as go

    places = [*range(len(names))]
    labels = ["unknown" if name is None else _short(name, LONGEST_NAME) for name in names]
    colours = [GREY if name is None else _bar_colour(dark=dark) for name in names]
    bars = go.Bar(x=values, y=places, orientation="h", marker_color=colours, text=values, hovertext=labels)
    bars.update(hovertemplate="%{hovertext}: %{x}<extra></extra>", textposition="outside", cliponaxis=False)
    figure = _figure(110 + BAR_HEIGHT * max(len(names), 3), dark=dark).add_trace(bars)
    figure.update_xaxes(title_text=axis, rangemode="tozero")
    return figure.update_yaxes(tickvals=places, ticktext=labels, autorange="reversed", showgrid=False)


def _columns(
    places: Sequence[float], values: Sequence[int], width: float, axis: str, *, dark: bool | None
) -> go.Figure:
    """Upright bars at numbers."""
    import plotly.graph_objects as go

    bars = go.Bar(x=places, y=values, width=width * 0.9, marker_color=_bar_colour(dark=dark))
    figure = _figure(CHART_HEIGHT, dark=dark).add_trace(bars)
    figure.update_yaxes(title_text="Tracks", rangemode="tozero")
    return figure.update_xaxes(title_text=axis)


def _histogram(frame: pl.DataFrame, source: str, start: str, end: str, axis: str, *, dark: bool | None) -> go.Figure:
    _need(frame, source, start, end, "tracks")
    width = float((frame[end] - frame[start]).max() or 1)  # type: ignore[arg-type]  # a float column
    figure = _columns((frame[start] + width / 2).to_list(), frame["tracks"].to_list(), width, axis, dark=dark)
    spans = [f"{low:g} to {high:g}" for low, high in frame.select(start, end).iter_rows()]
    return figure.update_traces(hovertext=spans, hovertemplate="%{hovertext}: %{y}<extra></extra>")


def _bar_colour(*, dark: bool | None) -> str:
    return PALETTE[4] if dark else PALETTE[0]


def _points(rows: pl.DataFrame, name: str, marker: dict[str, Any]) -> go.Scattergl:
    import plotly.graph_objects as go

    return go.Scattergl(
        x=rows["x"].to_numpy(),
        y=rows["y"].to_numpy(),
        customdata=rows["track_id"].to_numpy(),
        hovertext=[_hover(row) for row in rows.iter_rows(named=True)],
        hoverinfo="text",
        mode="markers",
        name=name,
        marker=marker,
        unselected={"marker": {"opacity": 0.15}},
    )


def _opacity(rows: pl.DataFrame, dim_untrusted: float | None) -> float | list[float]:
    """One for all points, or one for each where some are dimmed; a point of unknown trust is not."""
    if dim_untrusted is None:
        return OPACITY[False]
    return [OPACITY[bool(is_low)] for is_low in rows["trust"] < dim_untrusted]


def _layers(layout: pl.DataFrame, colour: str) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    """Name, rows and marker of each trace that has rows."""
    values = layout[colour]
    layers = _scale(layout, colour) if values.dtype.is_numeric() else _groups(layout, _texts(values))
    return [
        layer for layer in [*layers, ("unknown", layout.filter(_texts(values).is_null()), UNKNOWN)] if len(layer[1])
    ]


def _groups(layout: pl.DataFrame, texts: pl.Series) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    counts = texts.drop_nulls().rename("name").value_counts(name="rows").sort("rows", "name", descending=[True, False])
    names = counts["name"].head(len(PALETTE)).to_list()
    rest = layout.filter(texts.is_not_null() & ~texts.is_in(names))
    coloured = zip(names, PALETTE, strict=False)
    layers = [(_short(name, LONGEST_NAME), layout.filter(texts == name), {"color": shade}) for name, shade in coloured]
    return [*layers, ("other", rest, {"color": GREY})]


def _scale(layout: pl.DataFrame, colour: str) -> list[tuple[str, pl.DataFrame, dict[str, Any]]]:
    known = layout.drop_nulls(colour)
    unit = UNITS.get(colour)
    title = escape(f"{_words(colour)} ({unit})" if unit else _words(colour))
    bar = {"title": {"text": title, "side": "right", "font": {"size": 14}}, "thickness": 14, "outlinewidth": 0}
    marker = {"color": known[colour].to_numpy(), "colorbar": bar, "showscale": True}
    return [(escape(_words(colour)), known, marker)]


def _texts(values: pl.Series) -> pl.Series:
    """Values as text: lists joined, moments as days, truths as yes and no; empty is null."""
    if isinstance(values.dtype, pl.List):
        values = values.cast(pl.List(pl.String)).list.join(", ")
    elif values.dtype.is_temporal():
        values = values.dt.to_string("%Y-%m-%d")
    elif values.dtype == pl.Boolean:
        values = values.replace_strict({True: "yes", False: "no"}, default=None, return_dtype=pl.String)
    texts = values.cast(pl.String)
    return texts.set(texts == "", None)


def _hover(row: dict[str, Any]) -> str:
    """Title, artist, album and year, key and tempo, trust; what is unknown is left out."""
    year = f"({row['year']})" if row.get("year") else None
    key = " ".join(row[part] for part in ("camelot", "key", "mode") if row.get(part))
    bpm = f"{row['bpm']:.0f} BPM" if row.get("bpm") else None
    album = " ".join(str(part) for part in (row.get("album"), year) if part)
    trust = None if row.get("trust") is None else f"Trust {row['trust']:.0%}"
    lines = [row.get("title"), row.get("artist"), album, ", ".join(part for part in (key, bpm) if part), trust]
    return "<br>".join(_short(line, LONGEST_LINE) for line in lines if line)


def _short(text: str, longest: int) -> str:
    """Escaped, with an ellipsis where it was longer."""
    line = " ".join(str(text).split())
    return escape(line if len(line) <= longest else f"{line[: longest - 1]}…")


def _words(column: str) -> str:
    """A column's name as words, without its unit."""
    words = [word for word in column.split("_") if word not in UNITS_IN_NAMES]
    return " ".join(words or [column]).replace("bpm", "tempo").capitalize()


def _need(frame: pl.DataFrame, source: str, *columns: str) -> None:
    missing = next((column for column in columns if column not in frame.columns), None)
    if missing is None:
        return
    close = get_close_matches(missing, frame.columns, n=1)
    meant = f" (there is {close[0]!r})" if close else ""
    raise WorkbenchError(f"this frame has no column {missing!r}{meant}: draw what {source}() gives")
