"""What does plotly need to draw a picture?

Conventions
-----------
First come the layers, one a category, with track ids in ``customdata``; then the rings of what is new, the rings of
what was found, and how crowded places are. Only layers can be selected. Texts are escaped here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go

from workbench.figures import escape
from workbench.figures.look import GREY, blank, ramp
from workbench.widgets.map.picture import Categories

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.widgets.map.picture import Picture, Scale

__all__ = ["Layer", "figure_of", "keep_view", "layers_of", "marks_of", "rings_of"]

DIM: Final = 0.3
"""Opacity of what is not selected; plotly's 0.2 is hardly seen on a dark page."""

OPACITY: Final = {False: 0.9, True: 0.2}
"""Of points, and of those that are not to be trusted."""

UNDER: Final = 0.25
"""Opacity of points under which is drawn how crowded they are."""

ROOM: Final = 0.04
"""Of the map's extent, around it."""

EDGE: Final = 0.2
"""Share of the map's width in which names stand to one side of their place."""

LEGEND_ROOM: Final = 70
"""Pixels below the map: three lines of names."""

BELOW: Final = {"yref": "container", "y": 0, "yanchor": "bottom"}

INKS: Final = {None: "#767676", False: "#222222", True: "#ffffff"}

PAPERS: Final = {None: "rgba(238,238,238,0.75)", False: "rgba(255,255,255,0.75)", True: "rgba(17,17,17,0.7)"}

FOUND: Final = "#e3008c"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Points of one trace: its name, their places in the picture, and how they look."""

    name: str
    places: npt.NDArray[np.intp]
    marker: dict[str, Any]


def layers_of(picture: Picture) -> list[Layer]:
    """The traces that can be selected from; those without points are left out."""
    colour = picture.colour
    layers = _named(colour) if isinstance(colour, Categories) else _scaled(colour)
    return [layer for layer in layers if len(layer.places)]


def figure_of(
    picture: Picture,
    layers: list[Layer],
    *,
    height: int,
    dark: bool | None,
    marked: npt.NDArray[np.bool_],
    found: npt.NDArray[np.bool_],
) -> go.Figure:
    """The whole figure, with what is selected and found.

    Parameters
    ----------
    picture : Picture
        With a point at least.
    layers : list of Layer
        Of this picture.
    height : int
        Pixels.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.
    marked, found : ndarray (n,) bool
        Of each point.
    """
    figure = blank(height, dark=dark)
    opacity = UNDER if picture.is_density else 1.0
    marks = marks_of(layers, marked)
    traces = [_points(picture, layer, mark, opacity) for layer, mark in zip(layers, marks, strict=True)]
    traces += [_rings(picture, picture.is_new, "new", INKS[dark], 5), _rings(picture, found, "found", FOUND, 9)]
    figure.add_traces(traces + ([_crowds(picture, dark)] if picture.is_density else []))
    left, right = float(picture.points[:, 0].min()), float(picture.points[:, 0].max())
    for label in picture.labels:
        anchor = _anchor((label.x - left) / max(right - left, 1e-9))
        figure.add_annotation(x=label.x, y=label.y, text=escape(label.text), xanchor=anchor, **_name_tag(dark))
    return _framed(figure, picture)


def marks_of(layers: list[Layer], marked: npt.NDArray[np.bool_]) -> list[list[int] | None]:
    """Selected points of each trace; all None where nothing is selected."""
    if not marked.any():
        return [None] * len(layers)
    return [np.flatnonzero(marked[layer.places]).tolist() for layer in layers]


def rings_of(picture: Picture, ringed: npt.NDArray[np.bool_]) -> dict[str, list[float]]:
    """Coordinates of the points that have a ring."""
    x, y = picture.points[ringed].astype(np.float64).T
    return {"x": x.tolist(), "y": y.tolist()}


def keep_view(old: go.Figure, new: go.Figure) -> None:
    """Give `new` the zoom and the tool of `old`, and where it has the same legend, what that hides."""
    new.layout.dragmode = old.layout.dragmode
    for axis in ("xaxis", "yaxis"):
        if old.layout[axis].range and not old.layout[axis].autorange:
            new.layout[axis].range = old.layout[axis].range
    if old.layout.legend.title.text != new.layout.legend.title.text:
        return
    hidden = {trace.name for trace in old.data if trace.visible == "legendonly"}
    for trace in new.data:
        if trace.showlegend and trace.name in hidden:
            trace.visible = "legendonly"


def _named(colour: Categories) -> list[Layer]:
    places = [np.flatnonzero(colour.codes == code) for code in range(len(colour.names))]
    looks = [{"color": shade} for shade in colour.colours]
    return [Layer(*each) for each in zip(colour.names, places, looks, strict=True)]


def _scaled(colour: Scale) -> list[Layer]:
    is_known = ~np.isnan(colour.values)
    steps = len(colour.ramp) - 1
    bar = {"title": {"text": escape(colour.title), "side": "right", "font": {"size": 14}}, "thickness": 14}
    marker = {
        "color": colour.values[is_known],
        "cmin": colour.low,
        "cmax": colour.high,
        "colorscale": [[step / steps, shade] for step, shade in enumerate(colour.ramp)],
        "colorbar": {**bar, "outlinewidth": 0},
        "showscale": True,
    }
    unknown = {"color": GREY, "symbol": "circle-open"}
    return [
        Layer(colour.title, np.flatnonzero(is_known), marker),
        Layer("unknown", np.flatnonzero(~is_known), unknown),
    ]


def _points(picture: Picture, layer: Layer, mark: list[int] | None, opacity: float) -> go.Scattergl:
    x, y = picture.points[layer.places].T
    is_dim = picture.is_dim[layer.places]
    faint = [OPACITY[bool(dim)] * opacity for dim in is_dim] if is_dim.any() else OPACITY[False] * opacity
    sizes = picture.sizes[layer.places]
    size = float(sizes[0]) if (sizes == sizes[0]).all() else sizes
    return go.Scattergl(
        x=x,
        y=y,
        customdata=picture.track_ids[layer.places],
        selectedpoints=mark,
        name=escape(layer.name),
        mode="markers",
        marker={"size": size, "opacity": faint, **layer.marker},
        selected={"marker": {"opacity": OPACITY[False]}},
        unselected={"marker": {"opacity": DIM * opacity}},
        hoverinfo="none",
        showlegend=isinstance(picture.colour, Categories),
    )


def _rings(picture: Picture, ringed: npt.NDArray[np.bool_], name: str, colour: str, wider: int) -> go.Scattergl:
    """Circles around points; always there, so that they can be filled without another trace."""
    look = {"symbol": "circle-open", "color": colour, "size": float(picture.sizes.max()) + wider, "opacity": 1.0}
    return go.Scattergl(
        **rings_of(picture, ringed),
        name=name,
        mode="markers",
        marker={**look, "line": {"width": 2}},
        unselected={"marker": {"opacity": 1.0}},
        hoverinfo="skip",
        showlegend=False,
    )


def _crowds(picture: Picture, dark: bool | None) -> go.Histogram2dContour:  # noqa: FBT001  the theme
    """Contours of how many points there are; the lowest step is clear."""
    shades = ramp(dark=dark)
    steps = [[(step + 1) / len(shades), shade] for step, shade in enumerate(shades)]
    x, y = picture.points.T
    return go.Histogram2dContour(
        x=x,
        y=y,
        name="density",
        nbinsx=40,
        nbinsy=40,
        colorscale=[[0.0, "rgba(0,0,0,0)"], *steps],
        contours={"coloring": "fill"},
        line={"width": 0},
        opacity=0.6,
        showscale=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _name_tag(dark: bool | None) -> dict[str, Any]:  # noqa: FBT001  the theme
    """Just above a centre: a small group must not vanish behind its name."""
    ink = "#222222" if dark is None else INKS[dark]
    look = {"bgcolor": PAPERS[dark], "font": {"size": 13, "color": ink}, "borderpad": 2}
    return {"showarrow": False, "yshift": 20, **look}


def _anchor(share: float) -> str:
    """Which end of a name stands at its place, this share of the map from the left: it must not be cut off."""
    return "left" if share < EDGE else "right" if share > 1 - EDGE else "center"


def _framed(figure: go.Figure, picture: Picture) -> go.Figure:
    """Axes of one scale, as wide as the points: rings and marks must not move them."""
    low, high = picture.points.min(axis=0).astype(float), picture.points.max(axis=0).astype(float)
    room = max(float((high - low).max()), 1e-3) * ROOM
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
    # given ranges would grow with every change of the window's width; these are computed anew
    across, up = ({"minallowed": start - room, "maxallowed": end + room} for start, end in zip(low, high, strict=True))
    figure.update_xaxes(**bare, autorangeoptions=across)
    figure.update_yaxes(**bare, autorangeoptions=up, scaleanchor="x", scaleratio=1)
    return figure.update_layout(
        dragmode="lasso",
        hovermode="closest",
        legend={"title_text": escape(picture.colour.title), "orientation": "h", "x": 0, "xanchor": "left", **BELOW},
        margin={"l": 10, "r": 10, "t": 30, "b": LEGEND_ROOM if isinstance(picture.colour, Categories) else 10},
    )
