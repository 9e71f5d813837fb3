"""Who sounds alike."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import SpaceError
from workbench.neighbours import NEIGHBOURS, exact, explain, hubness, nearest
from workbench.neighbours.crowding import crowding
from workbench.neighbours.hubness import skewness
from workbench.neighbours.proximity import mutual_proximity
from workbench.spaces import Grounds, Space, unit_rows


def a_space(rows, blocks=None):
    """Tracks 1, 2, ... at made places."""
    matrix = unit_rows(np.array(rows, float)).astype(np.float32)
    return Space(np.arange(1, len(rows) + 1), matrix, "made", blocks or {"all": slice(0, matrix.shape[1])}, "1")


def three_groups():
    """Tracks 1-10, 11-20 and 21-30, each ten round one of three axes."""
    centres = np.repeat(np.eye(3, 8), 10, axis=0)
    return a_space(centres + np.random.default_rng(0).normal(scale=0.05, size=centres.shape))


FAN = [[1, 0], [1, 1], [0, 1], [-1, 0]]  # at 0, 45, 90 and 180 degrees


def test_neighbours_come_nearest_first_with_their_distances():
    found = nearest(a_space(FAN), [1], by="distance")
    assert found.schema == pl.Schema(NEIGHBOURS)
    assert found["track_id"].to_list() == [1, 1, 1]
    assert found["neighbour_id"].to_list() == [2, 3, 4]
    assert found["distance"].to_list() == pytest.approx([1 - np.sqrt(0.5), 1, 2], abs=1e-6)
    assert found["rank"].to_list() == [1, 2, 3]


def test_seeds_keep_their_order_and_strangers_are_left_out():
    found = nearest(a_space(FAN), [4, 99, 1], n=1)
    assert found.select("track_id", "neighbour_id").rows() == [(4, 3), (1, 2)]


def test_neighbours_stay_in_their_group():
    found = nearest(three_groups(), range(1, 31), n=9)
    assert len(found) == 270
    assert ((found["track_id"] - 1) // 10 == (found["neighbour_id"] - 1) // 10).all()
    assert (found["track_id"] != found["neighbour_id"]).all()


def test_one_artist_gets_no_more_than_its_share():
    tracks = pl.DataFrame({"track_id": [1, 2, 3, 4, 5, 6], "artists": [["X"], ["A"], ["A", "B"], ["B"], [], None]})
    space = a_space([[1, n / 10] for n in range(6)])
    found = nearest(space, [1], tracks=tracks, per_artist=1, by="distance")
    assert found["neighbour_id"].to_list() == [2, 4, 5, 6]
    assert nearest(space, [1], n=2, tracks=tracks, per_artist=1, by="distance")["neighbour_id"].to_list() == [2, 4]


def test_a_common_artist_is_passed_over_however_many_come_first():
    ids = np.arange(1, 501)
    tracks = pl.DataFrame(
        {"track_id": ids[::-1], "artist": ["A" if track <= 400 else f"B{track}" for track in ids[::-1]]}
    )
    found = nearest(a_space([[1, n / 100] for n in ids]), [1], n=3, tracks=tracks, per_artist=2)
    assert found["neighbour_id"].to_list() == [2, 3, 401]
    assert len(nearest(a_space([[1, n / 100] for n in ids]), [1], n=300, tracks=tracks, per_artist=2)) == 102


def test_tracks_that_the_frame_lacks_have_no_artist():
    tracks = pl.DataFrame({"track_id": [2, 3], "artist": ["A", "A"]})
    for known, expected in [(tracks, [2, 4]), (tracks.clear(), [2, 3, 4])]:
        assert nearest(a_space(FAN), [1], tracks=known, per_artist=1)["neighbour_id"].to_list() == expected


@settings(deadline=None)
@given(
    st.integers(2, 500), st.integers(1, 60), st.sets(st.integers(0, 499), min_size=1, max_size=3), st.integers(0, 99)
)
def test_equal_distances_come_in_the_order_of_the_rows(size, n, places, seed):
    """Points on the axes: every similarity is -1, 0 or 1, so that many are equal, also where the neighbours end."""
    axes = np.concatenate([np.eye(3), -np.eye(3)])
    space = a_space(axes[np.random.default_rng(seed).integers(0, 6, size)])
    for row in {place % size for place in places}:
        similarities = space.matrix @ space.matrix[row]
        similarities[row] = -9
        expected = np.argsort(-similarities, kind="stable")[: min(n, size - 1)] + 1
        found = nearest(space, [row + 1, *range(1, len(places))], n=n, by="distance")
        assert found["neighbour_id"][: len(expected)].to_list() == expected.tolist()


def test_equal_tracks_come_in_the_order_of_the_rows():
    found = nearest(a_space([[1, 0]] * 1000), [500], n=700)
    assert found["neighbour_id"].to_list() == [*range(1, 500), *range(501, 702)]


def test_one_seed_and_many_find_the_same_in_a_large_space():
    """5,000 rows of 64 numbers are multiplied in two runs for one seed, at once for two."""
    space = a_space(np.random.default_rng(0).normal(size=(5_000, 64)))
    expected = np.argsort(-(space.matrix @ space.matrix[4_998]), kind="stable")[1:51] + 1
    assert nearest(space, [4_999], n=50, by="distance")["neighbour_id"].to_list() == expected.tolist()
    both = nearest(space, [4_999, 1], n=50, by="distance").filter(track_id=4_999)
    assert both["neighbour_id"].to_list() == expected.tolist()


def test_per_artist_without_tracks_is_refused():
    with pytest.raises(SpaceError, match="tracks=library"):
        nearest(a_space(FAN), [1], per_artist=1)


@pytest.mark.parametrize("arguments", [{"n": 0}, {"per_artist": 0, "tracks": pl.DataFrame()}])
def test_less_than_one_neighbour_is_refused(arguments):
    with pytest.raises(SpaceError, match="1 or more"):
        nearest(a_space(FAN), [1], **arguments)


def test_only_strangers_are_refused():
    with pytest.raises(SpaceError, match="none of the 2 tracks"):
        nearest(a_space(FAN), [98, 99])


def test_no_seeds_give_no_neighbours():
    assert nearest(a_space(FAN), []).schema == pl.Schema(NEIGHBOURS)


def test_a_lone_track_has_no_neighbours():
    assert nearest(a_space([[1, 0]]), [1]).is_empty()


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 1000))
def test_exact_equals_a_full_sort(n, k, seed):
    matrix = unit_rows(np.random.default_rng(seed).normal(size=(n, 5))).astype(np.float32)
    k = min(k, n)
    indices, distances = exact(matrix, k)
    sorted_rows = np.sort(1 - matrix @ matrix.T, axis=1)[:, :k]
    assert indices[:, 0].tolist() == [*range(n)]
    assert all(len(set(row)) == k for row in indices.tolist())
    assert distances == pytest.approx(np.clip(sorted_rows, 0, 2), abs=1e-5)


def test_exact_goes_over_more_than_one_block():
    matrix = unit_rows(np.random.default_rng(1).normal(size=(3_000, 4))).astype(np.float32)
    _, distances = exact(matrix, 3)
    assert distances[::500] == pytest.approx(np.sort(1 - matrix[::500] @ matrix.T, axis=1)[:, :3], abs=1e-5)


def test_equal_rows_are_each_their_own_first_neighbour():
    indices, distances = exact(np.tile(np.float32([1, 0]), (100, 1)), 3)
    assert indices[:, 0].tolist() == [*range(100)]
    assert not distances.any()


@pytest.mark.parametrize("k", [0, 5])
def test_exact_refuses_more_neighbours_than_rows(k):
    with pytest.raises(SpaceError, match="ask for 1 to 4"):
        exact(a_space(FAN).matrix, k)


def a_crowd(size=400, seed=0):
    """Points that scatter about a shared direction, one of them that direction itself: a hub near to all."""
    rng = np.random.default_rng(seed)
    middle = np.eye(1, 50)
    rows = np.concatenate([middle, middle + 0.3 * rng.normal(size=(size - 1, 50))])
    return a_space(rows)


def test_a_track_that_is_near_to_all_leaves_the_lists_of_mutual_proximity():
    space = a_crowd()
    lists = {by: nearest(space, space.track_ids, by=by).filter(neighbour_id=1) for by in ("distance", "proximity")}
    assert len(lists["distance"]) > 200
    assert len(lists["proximity"]) < 20
    assert hubness(space, by="distance").skew > 2
    assert hubness(space).skew < 0.5
    assert hubness(space).largest < 40


@settings(deadline=None, max_examples=50)
@given(st.integers(3, 300), st.integers(1, 30), st.integers(0, 99))
def test_mutual_proximity_equals_a_full_sort(size, n, seed):
    from scipy.special import log_ndtr

    space = a_space(np.random.default_rng(seed).normal(size=(size, 4)))
    near = crowding(space, np.arange(size)).astype(float)
    row = seed % size
    similarities = (space.matrix @ space.matrix[row]).astype(float)
    spread = np.maximum(near[:, 1], 1e-3)
    both = log_ndtr((similarities - near[row, 0]) / spread[row]) + log_ndtr((similarities - near[:, 0]) / spread)
    both[row] = -np.inf
    found = nearest(space, [row + 1], n=n)
    expected = np.exp(np.sort(both)[::-1][: min(n, size - 1)])
    assert found["proximity"].to_numpy() == pytest.approx(expected, rel=1e-2, abs=1e-9)


def test_proximity_is_one_far_above_both_crowds_and_falls_with_either():
    space = a_space(FAN)
    space.crowd.views = np.float32([[0.5, 0.1], [0.5, 0.1], [0.9, 0.1], [0.5, 0.1]])
    found = mutual_proximity(space, 0, np.array([1, 2, 3]), np.float32([1.0, 1.0, 0.5]))
    # seen from both: 5 and 5, 5 and 1, 0 and 0 standard deviations above the crowd
    assert np.exp(found) == pytest.approx([1.0, 0.8413, 0.25], abs=1e-4)


def test_neither_versions_of_one_recording_nor_of_the_seed_are_neighbours():
    tracks = pl.DataFrame(
        {
            "track_id": [1, 2, 3, 4, 5, 6, 7],
            "artists": [["Ana"]] * 4 + [["Bo"], ["Bo"], []],
            "title": ["Rain", "Rain (Live)", "Sun", "Sun - 2011 Remaster", "Sun", "Sky", None],
            "audio_hash": [None, None, None, None, "aa", "aa", None],
        }
    )
    space = a_space([[1, n / 10] for n in range(7)])
    assert nearest(space, [1], tracks=tracks, by="distance")["neighbour_id"].to_list() == [3, 5, 7]
    assert nearest(space, [1], by="distance")["neighbour_id"].to_list() == [2, 3, 4, 5, 6, 7]


def test_another_ranking_is_refused():
    with pytest.raises(SpaceError, match="'proximity' or 'distance', found 'loudness'"):
        nearest(a_space(FAN), [1], by="loudness")


def test_a_cut_keeps_the_crowd_of_the_whole():
    space = a_crowd()
    whole = crowding(space, np.array([4, 2]))
    assert (crowding(a_crowd().cut([5, 3]), np.array([0, 1])) == whole).all()
    assert (crowding(space.cut([5, 3]).cut([3]), np.array([0])) == whole[1]).all()


def test_crowding_is_mean_and_deviation_of_the_nearest_and_measured_once():
    space = a_space(np.random.default_rng(0).normal(size=(60, 3)))  # half of sixty
    similarities = np.sort(space.matrix @ space.matrix.T, axis=1)[:, -31:-1]
    expected = np.column_stack([similarities.mean(1), similarities.std(1)])
    assert crowding(space, np.array([7, 3, 7])) == pytest.approx(expected[[7, 3, 7]], abs=1e-5)
    assert np.flatnonzero(~np.isnan(space.crowd.views[:, 0])).tolist() == [3, 7]
    space.crowd.views[3] = 9
    assert crowding(space, np.arange(60))[3].tolist() == [9, 9]
    assert crowding(a_space([[1, 0]]), np.array([0])).tolist() == [[0, 0]]


def test_skewness_of_counts():
    assert skewness(np.array([10, 10, 10])) == 0
    assert skewness(np.array([0, 0, 0, 4])) == pytest.approx(1.1547, abs=1e-4)


def test_hubness_counts_lists():
    space = a_space([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    found = hubness(space, n=1, by="distance")
    assert (found.skew, found.orphans, found.largest, found.tracks, found.n) == (0, 0, 1, 4, 1)
    with pytest.raises(SpaceError, match="more than 4 tracks"):
        hubness(space, n=4)


def explained(timbre, tags, ranks):
    """A space of two tracks with written-out grounds."""
    grounds = Grounds(
        timbre=np.float32(timbre),
        blocks={"tonal": slice(0, 1), "rhythm": slice(1, 2), "timbre": slice(2, 3)},
        tags=np.float32(tags),
        ranks=np.float32(ranks),
        tag_names=("strings", "metal", "choir"),
    )
    matrix = unit_rows(np.array([[1.0, 0], [1, 1]])).astype(np.float32)
    return Space(np.array([7, 9]), matrix, "made", {"all": slice(0, 2)}, "1", grounds=grounds)


def test_an_explanation_shares_closeness_out_and_names_what_both_have():
    space = explained(
        [[-0.5, 0.5, 0.7], [0.5, 0.5, 0.7]],
        tags=[[0.3, 0.9, 0.2], [0.4, 0.9, 0.1]],
        ranks=[[0.9, 0.6, 0.9], [0.8, 0.9, 0.9]],
    )
    found = explain(space, 7, 9)
    assert found.blocks["block"].to_list() == ["timbre", "rhythm", "tonal"]
    assert found.blocks["similarity"].to_list() == pytest.approx([0.49, 0.25, -0.25])
    assert found.blocks["share"].to_list() == pytest.approx([0.49 / 0.74, 0.25 / 0.74, 0])
    assert found.tags["tag"].to_list() == ["strings"]  # metal is not much for both, choir too improbable
    assert found.tags["strength"].to_list() == pytest.approx([0.3 * np.sqrt(0.3)])
    assert found.distance == pytest.approx(1 - np.sqrt(0.5))
    assert str(found) == (
        "Alike in timbre (66%) and tempo and rhythm (34%). They differ in harmony. "
        "Both sound more like strings than most tracks here."
    )


def test_an_explanation_without_grounds_says_nothing_or_is_refused():
    nothing = explained(np.full((2, 3), np.nan), np.full((2, 3), np.nan), np.full((2, 3), np.nan))
    assert explain(nothing, 7, 9).text == "Nothing that is measured of both says why."
    with pytest.raises(SpaceError, match="nothing to explain"):
        explain(a_space(FAN), 1, 2)
    with pytest.raises(SpaceError, match="track 5 has no place"):
        explain(nothing, 7, 5)


def test_a_frame_of_ids_alone_names_nobody():
    assert len(nearest(a_space(FAN), [1], tracks=pl.DataFrame({"track_id": [1, 2, 3, 4]}))) == 3
