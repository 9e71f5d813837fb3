"""How many tracks of what? Bars over the small frames of `stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.figures.look import (
    BAR_HEIGHT,
    CHART_HEIGHT,
    GREY,
    LONGEST_NAME,
    PALETTE,
    bar_colour,
    blank,
    emptied,
    require,
    short,
    titled,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

__all__ = ["coverage", "dynamic_range", "formats", "genres", "keys", "loudness", "tempo", "years"]

HOURS: Final = (*range(1, 13),)

BARS: Final = 25


def genres(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by genre, from `stats.by_genre`: the 25 most frequent, and the title says so; unknown in grey."""
    require(frame, "stats.by_genre", "genre", "tracks")
    top = frame.head(BARS)
    figure = _ranking(top["genre"].to_list(), top["tracks"].to_list(), "Tracks", dark=dark)
    return titled(figure, _most_frequent(frame, "genres"))


def formats(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by container and codec, from `stats.by_format`: the 25 most frequent, and the title says so."""
    require(frame, "stats.by_format", "container", "codec", "tracks")
    top = frame.head(BARS)
    pairs = top.select("container", "codec").iter_rows()
    names = [box if box == codec else f"{box or 'unknown'} ({codec or 'unknown'})" for box, codec in pairs]
    figure = _ranking(names, top["tracks"].to_list(), "Tracks", dark=dark)
    return titled(figure, _most_frequent(frame, "formats"))


def coverage(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Share of tracks that carry each tag, from `stats.tag_coverage`."""
    require(frame, "stats.tag_coverage", "tag", "share")
    known = frame.drop_nulls("share")
    names = [words_of(tag.removesuffix("_tag").removeprefix("has_")) for tag in known["tag"]]
    percent = (100 * known["share"]).round(1).to_list()
    figure = _ranking(names, percent, "Tracks with this tag (%)", dark=dark)
    return figure.update_xaxes(range=[0, 108], tickvals=[*range(0, 101, 20)])


def years(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by release year, from `stats.by_year`; the title tells how many have none."""
    require(frame, "stats.by_year", "year", "tracks")
    known, unknown = frame.drop_nulls("year"), frame.filter(pl.col("year").is_null())["tracks"].sum()
    figure = _columns(known["year"].to_list(), known["tracks"].to_list(), 1, "Release year", dark=dark)
    figure.update_traces(hovertemplate="%{x:d}: %{y}<extra></extra>").update_xaxes(tickformat="d")
    return titled(figure, f"{unknown:,} without a year" if unknown else None)


def tempo(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by measured tempo, from `stats.tempo_histogram`."""
    return _histogram(frame, "stats.tempo_histogram", "bpm_from", "bpm_to", "Tempo (BPM)", dark=dark)


def loudness(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by integrated loudness, from `stats.loudness_histogram`."""
    axis = "Integrated loudness (LUFS)"
    return _histogram(frame, "stats.loudness_histogram", "lufs_from", "lufs_to", axis, dark=dark)


def dynamic_range(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by dynamic range, from `stats.dynamic_range_histogram`."""
    axis = "Dynamic range (dB)"
    return _histogram(frame, "stats.dynamic_range_histogram", "db_from", "db_to", axis, dark=dark)


def keys(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by key, from `stats.by_key`, round the Camelot wheel: each minor key beside its relative major."""
    require(frame, "stats.by_key", "camelot", "key", "mode", "tracks")
    import plotly.graph_objects as go

    figure = blank(CHART_HEIGHT, dark=dark)
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
    if not frame["tracks"].sum():
        return emptied(figure)
    key = dict(frame.select("camelot", "key").iter_rows())
    ticks = [f"{hour}<br>{key.get(f'{hour}A', '')}m<br>{key.get(f'{hour}B', '')}" for hour in HOURS]
    figure.update_xaxes(title_text="Camelot number, its minor and its major key", tickvals=HOURS, ticktext=ticks)
    return figure.update_yaxes(title_text="Tracks", rangemode="tozero")


def _most_frequent(frame: pl.DataFrame, what: str) -> str | None:
    return f"The {BARS} most frequent of {len(frame):,} {what}" if len(frame) > BARS else None


def _ranking(names: Sequence[str | None], values: Sequence[float], axis: str, *, dark: bool | None) -> go.Figure:
    """Horizontal bars from the top down; places are numbers, so that plotly never guesses at names."""
    import plotly.graph_objects as go

    places = [*range(len(names))]
    labels = ["unknown" if name is None else short(name, LONGEST_NAME) for name in names]
    colours = [GREY if name is None else bar_colour(dark=dark) for name in names]
    bars = go.Bar(x=values, y=places, orientation="h", marker_color=colours, text=values, hovertext=labels)
    bars.update(hovertemplate="%{hovertext}: %{x}<extra></extra>", textposition="outside", cliponaxis=False)
    figure = blank(110 + BAR_HEIGHT * max(len(names), 3), dark=dark).add_trace(bars)
    figure.update_xaxes(title_text=axis, rangemode="tozero")
    figure.update_yaxes(tickvals=places, ticktext=labels, autorange="reversed", showgrid=False)
    return figure if places else emptied(figure)


def _columns(
    places: Sequence[float], values: Sequence[int], width: float, axis: str, *, dark: bool | None
) -> go.Figure:
    """Upright bars at numbers."""
    import plotly.graph_objects as go

    bars = go.Bar(x=places, y=values, width=width * 0.9, marker_color=bar_colour(dark=dark))
    figure = blank(CHART_HEIGHT, dark=dark).add_trace(bars)
    figure.update_yaxes(title_text="Tracks", rangemode="tozero")
    figure.update_xaxes(title_text=axis)
    return figure if len(places) else emptied(figure)


def _histogram(frame: pl.DataFrame, source: str, start: str, end: str, axis: str, *, dark: bool | None) -> go.Figure:
    require(frame, source, start, end, "tracks")
    width = float((frame[end] - frame[start]).max() or 1)  # type: ignore[arg-type]  # a float column
    figure = _columns((frame[start] + width / 2).to_list(), frame["tracks"].to_list(), width, axis, dark=dark)
    spans = [f"{low:g} to {high:g}" for low, high in frame.select(start, end).iter_rows()]
    return figure.update_traces(hovertext=spans, hovertemplate="%{hovertext}: %{y}<extra></extra>")
