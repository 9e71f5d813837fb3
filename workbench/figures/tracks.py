"""What is inside one track, and where does it stand among the others?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.figures.look import BAR_HEIGHT, UNITS, bar_colour, blank, require, words_of
from workbench.figures.panels import RAMP, mel_share, tempo_share, track_panels
from workbench.keys import NAMES

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

    from workbench.features import TrackAnalysis
    from workbench.figures.panels import TrackPanels

__all__ = ["percentiles", "track_analysis"]

COLUMNS: Final = 600
BANDS: Final = 64
TRACK_HEIGHT: Final = 820
HEIGHTS: Final = (0.13, 0.27, 0.22, 0.22, 0.16)
TITLES: Final = (
    "Waveform",
    "Mel spectrogram (Hz)",
    "Chroma (strength of each note)",
    "Tempogram (BPM), dots: beats",
    "Momentary loudness (LUFS)",
)
FREQUENCIES_HZ: Final = (100, 500, 1000, 2000, 5000, 10_000)
TEMPI_BPM: Final = (40, 60, 90, 120, 180, 240)
LONGEST_STEPS: Final = ((20, 2), (60, 5), (150, 15), (400, 30), (float("inf"), 60))
"""Ticks every so many seconds up to so many seconds in all."""

HALF: Final = (25, 75)
NEARLY_ALL: Final = (5, 95)


def track_analysis(analysis: TrackAnalysis, *, dark: bool | None = None) -> go.Figure:
    """Waveform, mel spectrogram, chroma, tempogram with beats, and loudness of one track, above one another.

    Made coarse enough (600 columns) to be kept in a notebook: at most 300 kB.

    Parameters
    ----------
    analysis : TrackAnalysis
        As ``library.track_analysis(track_id)`` or `features.track_analysis` gives it.
    dark : bool or None
        For a dark page, for a light one, or for either.
    """
    panels = track_panels(analysis, columns=COLUMNS, bands=BANDS)
    times_s = np.linspace(panels.start_s, panels.end_s, panels.mel.shape[1], endpoint=False).round(2)
    figure = _stacked(dark=dark)
    _draw_waveform(figure, panels, times_s, bar_colour(dark=dark))
    _draw_pictures(figure, panels, times_s)
    _draw_loudness(figure, panels, times_s, bar_colour(dark=dark))
    _mark_time(figure, panels)
    return figure


def percentiles(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """One track among all, from `stats.percentiles`: 50 is the middle; what is unknown has no point.

    The dark band is the middle half of the collection, the wider one all but the outermost 5 % on each side.
    """
    require(frame, "stats.percentiles", "feature", "value", "percentile", "known")
    import plotly.graph_objects as go

    places = [*range(len(frame))]
    names = [words_of(feature) for feature in frame["feature"]]
    hovers = [
        f"{name}: {_amount(feature, value)}"
        for name, feature, value in zip(names, frame["feature"], frame["value"], strict=True)
    ]
    figure = blank(110 + BAR_HEIGHT * max(len(frame), 3), dark=dark)
    for start, end in (NEARLY_ALL, HALF):
        figure.add_vrect(x0=start, x1=end, fillcolor=bar_colour(dark=dark), opacity=0.15, line_width=0, layer="below")
    points = go.Scatter(x=frame["percentile"].to_list(), y=places, mode="markers", hovertext=hovers)
    points.update(marker={"size": 11, "color": bar_colour(dark=dark)}, cliponaxis=False)
    figure.add_trace(points.update(hovertemplate="%{hovertext}; percentile %{x:.0f}<extra></extra>"))
    figure.update_xaxes(title_text="Percentile in the collection", range=[0, 100], tickvals=[0, 5, 25, 50, 75, 95, 100])
    return figure.update_yaxes(tickvals=places, ticktext=names, range=[len(frame) - 0.5, -0.5])


def _stacked(*, dark: bool | None) -> go.Figure:
    from plotly.subplots import make_subplots

    look = blank(TRACK_HEIGHT, dark=dark).layout
    figure = make_subplots(
        rows=len(TITLES), shared_xaxes=True, vertical_spacing=0.045, row_heights=HEIGHTS, subplot_titles=TITLES
    )
    figure.update_layout(template=look.template, height=look.height, showlegend=False)
    return figure.update_annotations(font_size=13, xanchor="left", x=0)


def _draw_waveform(figure: go.Figure, panels: TrackPanels, times_s: np.ndarray, colour: str) -> None:
    import plotly.graph_objects as go

    low, high = panels.waveform.astype(np.float32).round(2) / 127
    for edge, filled in ((low, None), (high, "tonexty")):
        line = go.Scatter(x=times_s, y=edge, mode="lines", line={"width": 0.5, "color": colour}, fill=filled)
        figure.add_trace(line.update(fillcolor=colour, hoverinfo="skip"), row=1, col=1)
    figure.update_yaxes(range=[-1, 1], tickvals=[-1, 0, 1], row=1, col=1)


def _draw_pictures(figure: go.Figure, panels: TrackPanels, times_s: np.ndarray) -> None:
    import plotly.graph_objects as go

    scale = [[place / (len(RAMP) - 1), colour] for place, colour in enumerate(RAMP)]
    for row, picture in enumerate((panels.mel, panels.chroma, panels.tempogram), start=2):
        image = go.Heatmap(x=times_s, z=picture, zmin=0, zmax=255, colorscale=scale, showscale=False, hoverinfo="skip")
        figure.add_trace(image, row=row, col=1)
    heights = [mel_share(hz) * BANDS - 0.5 for hz in FREQUENCIES_HZ]
    figure.update_yaxes(tickvals=heights, ticktext=[f"{hz:,}" for hz in FREQUENCIES_HZ], row=2, col=1)
    figure.update_yaxes(tickvals=[*range(12)], ticktext=NAMES, tickfont_size=11, row=3, col=1)
    rows = len(panels.tempogram) - 1
    figure.update_yaxes(tickvals=[rows * tempo_share(bpm) for bpm in TEMPI_BPM], ticktext=TEMPI_BPM, row=4, col=1)
    figure.update_yaxes(showgrid=False, zeroline=False)
    beats = go.Scatter(x=panels.beats_s.round(2), y=np.zeros(len(panels.beats_s), np.int8), mode="markers")
    beats.update(marker={"size": 4, "color": "#ffffff"}, hovertemplate="beat at %{x:.2f} s<extra></extra>")
    figure.add_trace(beats, row=4, col=1)
    figure.update_yaxes(range=[-0.5, rows + 0.5], row=4, col=1)


def _draw_loudness(figure: go.Figure, panels: TrackPanels, times_s: np.ndarray, colour: str) -> None:
    import plotly.graph_objects as go

    values = [None if np.isnan(value) else round(float(value), 1) for value in panels.loudness_lufs]
    line = go.Scatter(x=times_s, y=values, mode="lines", line={"width": 1.5, "color": colour})
    figure.add_trace(line.update(hovertemplate="%{y:.1f} LUFS<extra></extra>"), row=5, col=1)
    figure.update_yaxes(range=panels.loudness_range, row=5, col=1)


def _mark_time(figure: go.Figure, panels: TrackPanels) -> None:
    """Minutes and seconds under the lowest panel."""
    length_s = panels.end_s - panels.start_s
    step = next(step for longest, step in LONGEST_STEPS if length_s <= longest)
    ticks = np.arange(np.ceil(panels.start_s / step) * step, panels.end_s, step)
    figure.update_xaxes(
        range=[panels.start_s, panels.end_s],
        tickvals=ticks,
        ticktext=[f"{int(tick) // 60}:{int(tick) % 60:02}" for tick in ticks],
        showgrid=False,
    )
    figure.update_xaxes(title_text="Time (min:s)", row=len(TITLES), col=1)


def _amount(feature: str, value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g} {UNITS.get(feature, '')}".strip()
