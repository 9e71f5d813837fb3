"""How are tracks rated? Bars over what `stats.by_rating` counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.figures.look import CHART_HEIGHT, bar_colour, blank, require, titled

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["ratings"]

NOBODY: Final = "No track has a rating, neither in its tags nor from you."

WIDTH: Final = 0.45
"""Of a bar, in stars; bars stand half a star apart."""

NOTE_HEIGHT: Final = 120


def ratings(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by stars, from `stats.by_rating`; the title tells how many have none, and a sentence if nobody has any."""
    require(frame, "stats.by_rating", "stars", "tracks")
    import plotly.graph_objects as go

    known, unknown = frame.drop_nulls("stars"), int(frame.filter(pl.col("stars").is_null())["tracks"].sum())
    if known.is_empty():
        return _sentence(NOBODY, dark=dark)
    bars = go.Bar(
        x=known["stars"].to_list(), y=known["tracks"].to_list(), width=WIDTH, marker_color=bar_colour(dark=dark)
    )
    bars.update(hovertemplate="%{x} stars: %{y}<extra></extra>")
    figure = blank(CHART_HEIGHT, dark=dark).add_trace(bars)
    figure.update_xaxes(title_text="Rating (stars)", tickvals=[*range(6)], range=[-0.3, 5.3])
    figure.update_yaxes(title_text="Tracks", rangemode="tozero")
    return titled(figure, f"{unknown:,} without a rating" if unknown else None)


def _sentence(text: str, *, dark: bool | None) -> go.Figure:
    """A low figure that says something instead of showing it."""
    figure = blank(NOTE_HEIGHT, dark=dark)
    figure.add_annotation(text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure.update_xaxes(visible=False).update_yaxes(visible=False)
