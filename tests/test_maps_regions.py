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


@pytest.mark.parametrize("polygon", [[], [(0, 0), (1, 1)]])
def test_two_corners_are_no_region(polygon):
    with pytest.raises(SpaceError, match="three corners"):
        maps.inside(LAYOUT, polygon)


def test_a_frame_without_places_says_where_they_come_from():
    with pytest.raises(SpaceError, match="similarity_map"):
        maps.inside(LAYOUT.drop("x"), SQUARE)
