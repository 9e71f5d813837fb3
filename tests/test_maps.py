"""Places on a flat map."""

import numpy as np
import polars as pl
import pytest

from workbench.errors import SpaceError
from workbench.maps import embed, layout_key, place, principal_axes, project, trustworthiness
from workbench.spaces import Space, unit_rows


def a_space(rows):
    """Tracks 1, 2, ... at made places."""
    matrix = unit_rows(np.array(rows, float)).astype(np.float32)
    return Space(np.arange(1, len(rows) + 1), matrix, "made", {"all": slice(0, matrix.shape[1])}, "made-1")


@pytest.fixture(scope="module")
def groups():
    """Tracks 1-20, 21-40 and 41-60, each twenty round one of three axes."""
    centres = np.repeat(np.eye(3, 8), 20, axis=0)
    return a_space(centres + np.random.default_rng(0).normal(scale=0.05, size=centres.shape))


@pytest.fixture(scope="module")
def points(groups):
    return embed(groups, seed=4)


def test_groups_stay_apart(points):
    assert points.shape == (60, 2)
    assert points.dtype == np.float32
    parts = points.reshape(3, 20, 2)
    widths = np.linalg.norm(parts - parts.mean(axis=1, keepdims=True), axis=2).max(axis=1)
    centres = parts.mean(axis=1)
    gaps = [np.linalg.norm(centres[a] - centres[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert min(gaps) > 2 * widths.max()


def test_the_same_seed_gives_the_same_map_bit_for_bit(groups, points):
    assert embed(groups, seed=4).tobytes() == points.tobytes()


def test_another_seed_gives_another_map(groups, points):
    assert embed(groups, seed=5).tobytes() != points.tobytes()


def test_fewer_neighbours_give_another_map(groups, points):
    assert embed(groups, seed=4, n_neighbours=10).tobytes() != points.tobytes()


def test_the_order_of_tracks_does_not_matter(groups, points):
    order = np.random.default_rng(1).permutation(60)
    assert embed(groups.cut(groups.track_ids[order]), seed=4).tobytes() == points[order].tobytes()


def test_the_map_keeps_neighbours(groups, points):
    assert trustworthiness(groups, points, n_neighbours=5) > 0.8
    shuffled = np.random.default_rng(0).permutation(points)
    assert trustworthiness(groups, shuffled, n_neighbours=5) < 0.7


def test_trustworthiness_wants_a_point_a_track(groups, points):
    with pytest.raises(SpaceError, match="59 points for 60 tracks"):
        trustworthiness(groups, points[1:])


@pytest.mark.parametrize("n", [4, 5, 9, 16])
def test_small_collections_have_a_map(n):
    points = embed(a_space(np.random.default_rng(n).normal(size=(n, 6))))
    assert points.shape == (n, 2)
    assert np.isfinite(points).all()


def test_equal_tracks_beside_others_have_a_map():
    points = embed(a_space([[1, 0, 0]] * 6 + [[0, 1, 0]] * 6))
    assert np.isfinite(points).all()


def test_all_tracks_equal_lie_in_one_place():
    assert not embed(a_space([[1, 2]] * 8)).any()


def test_opposite_tracks_have_a_place():
    assert np.isfinite(embed(a_space([[1, 0]] * 3 + [[-1, 0]]))).all()


def test_one_track_lies_in_the_middle():
    assert embed(a_space([[1, 2]])).tolist() == [[0, 0]]


def test_two_tracks_lie_on_a_line():
    points = embed(a_space([[1, 0], [0, 1]]))
    assert points == pytest.approx(np.array([[np.sqrt(0.5), 0], [-np.sqrt(0.5), 0]]), abs=1e-6) or points == (
        pytest.approx(np.array([[-np.sqrt(0.5), 0], [np.sqrt(0.5), 0]]), abs=1e-6)
    )


def test_principal_axes_are_turned_so_that_the_largest_loading_is_positive():
    rows = np.float32([[-3, 0, 1], [3, 0, -1], [0, 1, 0], [0, -1, 0]])
    expected = np.array([[-np.sqrt(10), 0], [np.sqrt(10), 0], [0, 1], [0, -1]])
    assert principal_axes(rows) == pytest.approx(expected, abs=1e-6)


def test_a_space_of_one_column_has_a_line():
    assert principal_axes(np.float32([[1], [-1]])).tolist() == [[1, 0], [-1, 0]]


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 2**32}, {"n_neighbours": 1}, {"min_dist": 1.5}])
def test_parameters_out_of_range_are_refused(groups, wrong):
    with pytest.raises(SpaceError, match="choose"):
        embed(groups, **wrong)


def test_a_map_of_nothing_is_refused(groups):
    with pytest.raises(SpaceError, match="analyze"):
        embed(groups.cut([]))


def test_project_keeps_columns_and_drops_tracks_without_a_place():
    space = a_space([[1, 0], [1, 1], [0, 1]])
    tracks = pl.DataFrame({"track_id": [3, 99, 1], "title": ["c", "silence", "a"]})
    layout = project(tracks, space)
    assert layout["title"].to_list() == ["c", "a"]
    assert layout.schema == pl.Schema({"track_id": pl.Int64, "title": pl.String, "x": pl.Float64, "y": pl.Float64})
    assert layout["x"].to_list() == pytest.approx(embed(space.cut([3, 1]))[:, 0])


def test_project_of_strangers_is_refused(groups):
    with pytest.raises(SpaceError, match=r"none of 1 tracks.*analyze"):
        project(pl.DataFrame({"track_id": [99]}), groups)


def test_place_goes_by_id_and_replaces_an_older_place():
    tracks = pl.DataFrame({"track_id": [1, 2, 3], "x": [9.0, 9, 9], "y": [9.0, 9, 9]})
    layout = place(tracks, np.array([3, 1]), np.float32([[0.5, 1], [2, 3]]))
    assert layout.rows() == [(1, 2, 3), (3, 0.5, 1)]


def test_a_layout_key_names_tracks_space_and_parameters_but_no_order(groups):
    key, parameters = layout_key(groups, seed=4)
    assert parameters["space"] == "made-1"
    assert layout_key(groups.cut(groups.track_ids[::-1]), seed=4)[0] == key
    others = [layout_key(groups)[0], layout_key(groups.cut([1, 2, 3]), seed=4)[0]]
    assert len({key, *others, layout_key(groups, seed=4, min_dist=0.5)[0]}) == 4
