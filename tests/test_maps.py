"""Places on a flat map."""

import numpy as np
import polars as pl
import pytest

from workbench.errors import SpaceError
from workbench.maps import (
    RECIPE,
    align,
    can_grow,
    embed,
    family,
    grow,
    layout_key,
    place,
    principal_axes,
    project,
    quality,
    relative,
    stamped_key,
    trust,
    trustworthiness,
)
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


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"seed": 2**32}, {"seed": 1.5}, {"n_neighbours": 1}, {"min_dist": 1.5}]
)
def test_parameters_out_of_range_are_refused(groups, wrong):
    with pytest.raises(SpaceError, match="choose"):
        embed(groups, **wrong)


def test_a_map_goes_by_the_parameters_it_is_said_to_go_by(groups):
    said = {"seed": 0, "n_neighbours": 15, "min_dist": 0.1}
    assert embed(groups).tobytes() == embed(groups, **said).tobytes()
    tracks = pl.DataFrame({"track_id": groups.track_ids})
    assert project(tracks, groups).equals(project(tracks, groups, **said))
    recipe = {"recipe": RECIPE, "space": "made-1"} | said
    assert (family("made-1")[1], layout_key(groups)[1]) == (recipe, recipe | {"tracks": 60})


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


def test_place_adds_other_columns_null_where_they_are_not_known():
    tracks = pl.DataFrame({"track_id": [1, 3], "trust": [0.1, 0.1]})
    points = np.float32([[0.5, 1], [2, 3]])
    assert place(tracks, np.array([3, 1]), points, trust=np.float32([0.25, 0.75])).rows() == [
        (1, 2, 3, 0.75),
        (3, 0.5, 1, 0.25),
    ]
    layout = place(tracks, np.array([3, 1]), points, trust=None)
    assert layout["trust"].to_list() == [None, None]
    assert layout.schema["trust"] == pl.Float64


def test_a_family_is_all_but_the_tracks():
    name, made_as = family("made-1", seed=4)
    assert name == family("made-1", seed=4)[0]
    assert len({name, family("made-2", seed=4)[0], family("made-1")[0], family("made-1", seed=4, min_dist=0.5)[0]}) == 4
    assert family("made-1", seed=np.int64(4)) == (name, made_as)
    with pytest.raises(SpaceError, match=r"seed 1\.5"):
        family("made-1", seed=1.5)
    ids, stamps = np.array([3, 1]), np.array([30, 10])
    key, parameters = stamped_key(ids, stamps, made_as)
    assert parameters == {**made_as, "tracks": 2}
    assert stamped_key(ids[::-1], stamps[::-1], made_as)[0] == key
    assert len({key, stamped_key(ids, stamps[::-1], made_as)[0], stamped_key(ids, None, made_as)[0]}) == 3


def on_an_arc(*degrees):
    """Tracks 1, 2, ... whose distance grows with the angle between them."""
    angles = np.deg2rad(degrees)
    return a_space(np.column_stack([np.cos(angles), np.sin(angles)]))


def test_a_new_track_goes_to_the_median_of_its_five_nearest():
    space = on_an_arc(0, 1, 2, 3, 4, 90, 2.2)
    old = np.float32([[0, 0], [1, 5], [2, 1], [3, 9], [100, 2], [500, 500]])
    points = grow(space, np.array([1, 2, 3, 4, 5, 6]), old)
    assert points[:6].tobytes() == old.tobytes()
    assert points[6].tolist() == [2, 2]


def test_a_new_track_goes_among_as_many_as_there_are():
    points = grow(on_an_arc(0, 1, 2), np.array([2, 1, 99]), np.float32([[4, 8], [2, 0], [7, 7]]))
    assert points.tolist() == [[2, 0], [4, 8], [3, 4]]


def test_new_tracks_do_not_coincide_with_others():
    """All five old neighbours lie in one place, and so would both new ones."""
    space = on_an_arc(0, 1, 2, 3, 4, 90, 2.2, 2.4)
    old = np.float32([[1, 1]] * 5 + [[9, 1]])
    points = grow(space, np.arange(1, 7), old)
    assert points[:6].tobytes() == old.tobytes()
    assert len({*map(tuple, points[5:].tolist())}) == 3
    assert (points[6:] != 1).all()
    assert points[6:] == pytest.approx(np.ones((2, 2)), abs=0.01)
    assert grow(space, np.arange(1, 7), old).tobytes() == points.tobytes()


@pytest.mark.parametrize("far", [1e6, 1e30])
def test_points_come_apart_far_from_the_origin_too(far):
    """Noise of a fixed size is lost where neighbouring float32 numbers lie further apart than it."""
    points = grow(on_an_arc(0, 1, 2, 3), np.array([1, 2]), np.full((2, 2), far, np.float32))
    assert points[:2].tolist() == [[np.float32(far)] * 2] * 2
    assert len({*map(tuple, points[1:].tolist())}) == 3
    assert points == pytest.approx(np.full((4, 2), far), rel=1e-5)


def test_the_order_of_tracks_does_not_matter_to_growth(groups, points):
    order = np.random.default_rng(1).permutation(60)
    old = np.arange(0, 60, 2)
    grown = grow(groups, groups.track_ids[old], points[old])
    shuffled = np.random.default_rng(2).permutation(old)
    other = grow(groups.cut(groups.track_ids[order]), groups.track_ids[shuffled], points[shuffled])
    assert other.tobytes() == grown[order].tobytes()
    assert trustworthiness(groups, grown, n_neighbours=5) > trustworthiness(groups, points, n_neighbours=5) - 0.1


def test_growth_in_blocks_is_the_same(groups, points, monkeypatch):
    old = np.arange(0, 60, 2)
    whole = grow(groups, groups.track_ids[old], points[old])
    monkeypatch.setattr("workbench.maps.growth.BLOCK_VALUES", 100)
    assert grow(groups, groups.track_ids[old], points[old]) == pytest.approx(whole)


def test_a_map_without_any_of_the_tracks_cannot_grow(groups):
    with pytest.raises(SpaceError, match="none of 60 tracks"):
        grow(groups, np.array([99]), np.zeros((1, 2), np.float32))


def sounds(*track_ids, changed=()):
    ids = np.array(track_ids)
    return ids, 100 * ids + np.isin(ids, changed)


def test_the_map_that_grows_holds_half_and_is_wanted_whole():
    wanted = sounds(*range(1, 21))
    assert relative(wanted, []) is None
    assert relative(wanted, [sounds(*range(1, 10))]) is None
    assert relative(wanted, [sounds(*range(1, 11))]) == 0
    assert relative(wanted, [sounds(*range(1, 11), changed=[10])]) is None
    assert relative(wanted, [sounds(*range(1, 19), 31, 32)]) == 0
    assert relative(wanted, [sounds(*range(1, 19), 31, 32, 33)]) is None


def test_a_map_grows_by_the_points_that_were_computed():
    assert can_grow(40, 80)
    assert not can_grow(40, 81)
    assert not can_grow(39, 41)


def test_of_two_maps_the_fuller_grows_and_else_the_first():
    wanted = sounds(*range(1, 21))
    some, more = sounds(*range(1, 12)), sounds(*range(1, 16))
    assert relative(wanted, [some, more, more]) == 1


def test_a_map_is_laid_over_an_older_one():
    """Turned by a quarter, mirrored and shifted; it stays twice as large. The tracks that only one has come along."""
    old = np.float32([[0, 0], [4, 0], [4, 2], [0, 6]])
    new = 2 * old[:, ::-1] * [-1, 1] * [-1, 1] + [30, -5]
    more = np.vstack([new, [[30, -5 + 2]]]).astype(np.float32)
    aligned = align(more, np.array([5, 6, 7, 8, 9]), old[::-1], np.array([8, 7, 6, 5]))
    assert aligned == pytest.approx(2 * np.vstack([old, [[1, 0]]]) - [2, 2], abs=1e-5)  # about the middle of the old
    assert aligned.dtype == np.float32


def test_laying_maps_over_each_other_makes_none_smaller():
    """Unlike maps of one size: by least squares each round would shrink them by how unlike they are."""
    chance, ids = np.random.default_rng(0), np.arange(50)
    points = chance.normal(size=(50, 2)).astype(np.float32)
    for _ in range(9):
        points = align(chance.normal(size=(50, 2)).astype(np.float32), ids, points, ids)
    assert points.std(axis=0) == pytest.approx([1, 1], abs=0.3)


def test_two_shared_tracks_or_one_place_turn_nothing():
    points = np.float32([[0, 1], [2, 3], [4, 5]])
    assert align(points, np.array([1, 2, 3]), points + 9, np.array([1, 2, 4])).tolist() == points.tolist()
    assert align(points, np.array([1, 2, 3]), 0 * points, np.array([1, 2, 3])).tolist() == points.tolist()


def test_the_trust_of_each_point():
    """One neighbour, six tracks: 1 - (r - 1) / 4. Tracks 1 and 6 sound least alike and lie side by side."""
    space = on_an_arc(0, 1, 3, 7, 15, 31)
    points = np.float32([[100, 0], [1, 0], [3, 0], [7, 0], [15, 0], [99.5, 0]])
    found = trust(space, points, 1)
    assert found.dtype == np.float32
    assert found.tolist() == [0, 0.75, 1, 1, 1, 0]
    order = [4, 0, 5, 2, 1, 3]
    assert trust(space.cut(space.track_ids[order]), points[order], 1).tolist() == found[order].tolist()


def test_the_mean_of_trust_is_that_of_scikit_learn(groups, points):
    from sklearn.manifold import trustworthiness as reference

    for k in (1, 5, 15):
        expected = reference(groups.matrix, points, n_neighbors=k, metric="cosine")
        assert trustworthiness(groups, points, n_neighbours=k) == pytest.approx(expected, abs=1e-6)
        assert trust(groups, points, k).mean() == pytest.approx(expected, abs=1e-6)


def test_points_in_one_place_have_others_for_neighbours(groups):
    found = trust(groups, np.zeros((60, 2), np.float32), 5)
    assert ((found >= 0) & (found <= 1)).all()


def test_trust_is_estimated_from_a_sample_where_there_are_many(monkeypatch):
    space = a_space(np.random.default_rng(0).normal(size=(1200, 8)))
    points = principal_axes(space.matrix)
    exact = trust(space, points)
    monkeypatch.setattr(quality, "EXACT", 1000)
    monkeypatch.setattr(quality, "SAMPLE", 400)
    estimated = trust(space, points)
    assert (estimated != exact).any()
    assert estimated.mean() == pytest.approx(exact.mean(), abs=0.005)
    assert np.abs(estimated - exact).max() < 0.05
    assert trust(space, points).tobytes() == estimated.tobytes()


def test_trust_wants_twice_as_many_tracks_as_neighbours(groups, points):
    with pytest.raises(SpaceError, match="60 points for 60 tracks and 30 neighbours"):
        trust(groups, points, 30)
