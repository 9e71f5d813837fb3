"""What does the quality report look at?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor import ENCODED
from workbench.figures.look import CHART_HEIGHT, GREY, PALETTE, bar_colour, blank, emptied, require

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["cutoffs"]

SUSPECT: Final = PALETTE[5]

AXIS_HZ: Final = (14_000.0, 22_500.0)
"""What the axis shows at least."""

SHADE: Final = "rgba(230,159,0,0.16)"
"""The orange of the palette, thin enough for bars to stand out on it."""


def cutoffs(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks by where their spectrum ends, from `doctor.cutoff_histogram`; the shade is where that of MP3s does."""
    require(frame, "doctor.cutoff_histogram", "hz_from", "hz_to", "kind", "tracks")
    import plotly.graph_objects as go

    figure = blank(CHART_HEIGHT, dark=dark)
    if frame.is_empty():
        return emptied(figure)
    for kbps, (low, high) in ENCODED.items():
        label = {"text": f"{kbps}", "x": (low + high) / 2000, "y": 1, "yref": "paper", "yanchor": "bottom"}
        figure.add_vrect(x0=low / 1000, x1=high / 1000, fillcolor=SHADE, line_width=0, layer="below")
        figure.add_annotation(label, showarrow=False, font_size=11)
    colours = {"lossless": bar_colour(dark=dark), "lossy": GREY, "probable transcode": SUSPECT}
    for kind, colour in colours.items():
        rows = frame.filter(pl.col("kind") == kind)
        spans = [f"{low / 1000:g} to {high / 1000:g} kHz" for low, high in rows.select("hz_from", "hz_to").iter_rows()]
        bars = go.Bar(x=((rows["hz_from"] + rows["hz_to"]) / 2000).to_list(), y=rows["tracks"].to_list(), name=kind)
        bars.update(width=0.22, marker_color=colour, showlegend=True, hovertext=spans)
        figure.add_trace(bars.update(hovertemplate=f"%{{hovertext}}: %{{y}} {kind}<extra></extra>"))
    figure.update_layout(barmode="stack").update_yaxes(title_text="Tracks", rangemode="tozero")
    known = [*AXIS_HZ, *frame["hz_from"], *frame["hz_to"]]
    rates = ", ".join(map(str, ENCODED))
    axis = f"End of the spectrum (kHz); in the shade end MP3s of {rates} kbit/s"
    return figure.update_xaxes(title_text=axis, range=[min(known) / 1000, max(known) / 1000])
