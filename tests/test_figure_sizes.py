"""What does a figure weigh, and how many colours does it ask to be told apart?

A page of a report must stay under 8 MB, of which plotly.js is 4.8 and the page 0.3: two figures of points and all the
small ones share the rest.
"""

import plotly.graph_objects as go
import plotly.io as pio
import pytest
from many_tracks import draw_all, made_tracks

from workbench import figures

COUNT = 20_000
POINTS_MB, OTHERS_MB = 1.0, 0.4
NO_FIGURES = {"PALETTE", "escape", "template"}
SHADED = {"camelot_wheel"}  # its colours are a scale
POINTS = {"mood_plane", "similarity_map", "similarity_map, a number"}


@pytest.fixture(scope="module")
def drawings():
    return draw_all(made_tracks(COUNT))


NAMES = sorted(draw_all(None))


def test_every_figure_is_weighed():
    assert {name.partition(",")[0] for name in NAMES} == {*figures.__all__} - NO_FIGURES


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_of_many_tracks_is_light(drawings, name):
    figure = drawings[name]()
    weight_mb = len(pio.to_html(figure, include_plotlyjs=False).encode()) / 1e6
    assert weight_mb < (POINTS_MB if name in POINTS else OTHERS_MB)
    assert figure.layout.template.layout.colorway == figures.PALETTE


@pytest.mark.parametrize("name", sorted({*NAMES} - SHADED))
def test_colours_that_tell_things_apart_are_eight_at_most(drawings, name):
    """Seven and grey; shades along a scale are no such colours."""
    colours = set()
    for trace in drawings[name]().data:
        marker = trace.marker if "marker" in trace else go.scatter.Marker()
        named = marker.colors if isinstance(trace, go.Treemap) else marker.color
        many = () if named is None else named
        colours |= {named} if isinstance(named, str) else {each for each in many if isinstance(each, str)}
    assert len(colours - {""}) <= 8
