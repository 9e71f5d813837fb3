"""What lies inside a region that was drawn."""

import numpy as np
import polars as pl
import pytest

from workbench import maps
from workbench.errors import SpaceError

LAYOUT = pl.DataFrame({"track_id": [1, 2, 3, 4], "x": [0.5, 2.0, 0.9, None], "y": [0.5, 0.5, 0.2, 0.5]})
SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


def test_rows_inside_a_square_in_the_frames_order():
    assert maps.inside(LAYOUT, SQUARE)["track_id"].to_list() == [1, 3]


def test_other_columns_may_be_the_plane():
    moods = LAYOUT.rename({"x": "valence", "y": "arousal"})
    assert maps.inside(moods, SQUARE, x="valence", y="arousal")["track_id"].to_list() == [1, 3]


def test_a_bay_of_a_polygon_is_outside_and_so_is_what_is_enclosed_twice():
    horseshoe = [(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]
    points = np.array([[0.5, 2.0], [1.5, 2.0], [2.5, 2.0], [1.5, 0.5]])
    assert maps.is_inside(points, horseshoe).tolist() == [True, False, True, True]
    twice = [*SQUARE, *SQUARE]
    assert not maps.is_inside(np.array([[0.5, 0.5]]), twice).any()


def test_many_points_in_a_circle_are_those_within_its_radius():
    points = np.random.default_rng(0).uniform(-2, 2, (2000, 2))
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    found = maps.is_inside(points, np.column_stack([np.cos(angles), np.sin(angles)]))
    distance = np.hypot(*points.T)
    assert found[distance < 0.999].all()
    assert not found[distance > 1.0].any()


def test_a_place_is_rounded_as_maps_draw_it():
    """1 + 1e-9 is drawn at 1: what a lasso that ends there takes must be what its code gives."""
    beside = pl.DataFrame({"track_id": [1, 2], "x": [1 + 1e-9, 1 + 1e-6], "y": [0.5, 0.5]})
    edge = 1 + 5e-10
    assert maps.inside(beside, [(0, 0), (edge, 0), (edge, 1), (0, 1)])["track_id"].to_list() == [1]


def test_points_at_the_height_of_corners_and_of_level_edges_cross_once():
    stairs = [(0, 0), (4, 0), (4, 2), (3, 2), (3, 1), (2, 1), (2, 2), (1, 3), (0, 2)]
    points = np.array([[1, 2], [0.5, 2], [3.5, 2], [3.5, 1], [2.5, 1], [1, 1], [5, 1], [-1, 2], [1, 0], [1, 3]], float)
    expected = [True, True, False, True, False, True, False, False, True, False]
    assert maps.is_inside(points, stairs).tolist() == expected
    unknown = np.array([[np.nan, 1], [1, np.nan], [np.inf, 1], [1, -np.inf]])
    assert not maps.is_inside(unknown, stairs).any()


@pytest.mark.parametrize("polygon", [[], [(0, 0), (1, 1)]])
def test_two_corners_are_no_region(polygon):
    with pytest.raises(SpaceError, match="three corners"):
        maps.inside(LAYOUT, polygon)


def test_a_frame_without_places_says_where_they_come_from():
    with pytest.raises(SpaceError, match="similarity_map"):
        maps.inside(LAYOUT.drop("x"), SQUARE)
