"""Orders of a playlist: along similarity, key and tempo, energy, and from one track to another."""

from itertools import pairwise, permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import PlaylistError
from workbench.keys import CAMELOT
from workbench.models import TRACKS
from workbench.playlists import Playlist, smooth_path
from workbench.playlists.energy import arc, energies
from workbench.playlists.harmonic import clashes, harmonic_path
from workbench.playlists.journeys import drifting_path, neighbour_path, spread
from workbench.playlists.paths import exact_path, likeness, short_path
from workbench.spaces import Space, unit_rows


def a_playlist(*rows):
    """Tracks 1, 2, ... with what each row names."""
    return Playlist("Rain", pl.DataFrame([{"track_id": n, **row} for n, row in enumerate(rows, start=1)], TRACKS))


def in_keys(*pairs):
    return a_playlist(*({"camelot": code, "bpm": bpm} for code, bpm in pairs))


def on_a_line(ids, places):
    """Tracks along a quarter of a circle, at places from 0 to 1."""
    angles = np.array(places) * np.pi / 2
    matrix = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    return Space(np.array(ids), matrix, "made", {"all": slice(0, 2)}, "1")


def by_chance(count, dimensions=4, seed=0):
    return unit_rows(np.random.default_rng(seed).normal(size=(count, dimensions))).astype(np.float32)


def length(matrix, path):
    points = matrix[path]
    return float(np.sum(1 - np.sum(points[:-1] * points[1:], axis=1)))


# Paths


@pytest.mark.parametrize(("start", "end"), [(None, None), (2, None), (None, 2), (4, 2)])
@pytest.mark.parametrize("count", [5, 7])
def test_a_short_list_has_the_shortest_path(count, start, end):
    matrix = by_chance(count)
    ways = (np.array(way) for way in permutations(range(count)))
    least = min(length(matrix, way) for way in ways if start in {None, way[0]} and end in {None, way[-1]})
    path = smooth_path(matrix, start=start, end=end)
    assert length(matrix, path) == pytest.approx(least, abs=1e-5)
    assert start in {None, path[0]}
    assert end in {None, path[-1]}


@pytest.mark.parametrize("count", [13, 60])
def test_ends_that_are_given_stay(count):
    matrix = by_chance(count)
    for start, end in ((3, None), (None, 3), (3, 7), (7, 3)):
        path = smooth_path(matrix, start=start, end=end)
        assert sorted(path.tolist()) == [*range(count)]
        assert start in {None, path[0]}
        assert end in {None, path[-1]}


def test_shifting_and_turning_find_nearly_the_shortest_way():
    """Of 12 points, as if they were too many for the exact way."""
    longer = []
    for seed in range(5):
        matrix = by_chance(13, 3, seed)
        costs = np.array([likeness(matrix, point) for point in matrix])
        longer.append(length(matrix, smooth_path(matrix)) / length(matrix, exact_path(costs)))
    assert min(longer) > 1 - 1e-5
    assert max(longer) < 1.02


def test_no_turn_and_no_shift_shortens_a_path():
    matrix = by_chance(60, 3)
    path = smooth_path(matrix)
    turned = [np.concatenate([path[:a], path[a:b][::-1], path[b:]]) for a in range(59) for b in range(a + 2, 61)]
    shifted = [
        np.insert(np.delete(path, slice(a, a + size)), gap, path[a : a + size][::way])
        for size in (1, 2, 3)
        for a in range(61 - size)
        for gap in range(61 - size)
        for way in (1, -1)
    ]
    assert min(length(matrix, other) for other in turned) > length(matrix, path) - 1e-4
    assert min(length(matrix, other) for other in shifted) > length(matrix, path) - 1e-4


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(0, 99), st.booleans(), st.booleans())
def test_a_path_visits_every_row_once(count, seed, has_start, has_end):
    ends = {"start": 0 if has_start else None, "end": count - 1 if has_end else None}
    path = smooth_path(by_chance(count, 3, seed), **ends)
    assert sorted(path.tolist()) == [*range(count)]


# Flow


def test_flow_between_two_tracks():
    space = on_a_line([1, 2, 3, 4, 5], [0.5, 0.0, 0.25, 1.0, 0.75])
    flow = a_playlist(*[{}] * 5).order("flow", space=space, start=1, end=4)
    assert flow.track_ids == [1, 2, 3, 5, 4]
    assert dict(flow.steps[-1].arguments) == {
        "by": "flow",
        "space": {"kind": "made", "weights": {}},
        "start": 1,
        "end": 4,
    }
    assert a_playlist(*[{}] * 5).order("flow", space=space, end=2).track_ids == [4, 5, 1, 3, 2]


def test_strangers_stand_before_a_fixed_end_and_behind_a_free_one():
    space = on_a_line([1, 3, 4], [0.0, 1.0, 0.5])
    playlist = a_playlist(*[{}] * 4)
    free = playlist.order("flow", space=space)
    assert free.track_ids == [1, 4, 3, 2]
    assert free.remarks == ("1 track has no place in the space, and stands at the end",)
    fixed = playlist.order("flow", space=space, end=3)
    assert fixed.track_ids == [1, 4, 2, 3]
    assert fixed.remarks == ("1 track has no place in the space: position 3",)
    assert playlist.order("flow", space=space, descending=True).track_ids == [3, 4, 1, 2]


@pytest.mark.parametrize(
    ("by", "ends", "said"),
    [
        ("flow", {"start": 9}, "track 9 is not in it"),
        ("flow", {"start": 2}, "track 2 has no place in the space"),
        ("flow", {"start": 1, "end": 1}, "cannot be the start and the end"),
        ("flow", {"start": 1, "descending": True}, "leave descending away"),
        ("journey", {"start": 1}, "give start= and end="),
        ("energy arc", {"start": 1}, "takes no start or end"),
        ("title", {"end": 1}, "takes no start or end"),
        ("harmonic", {"end": 2}, "track 2 has no known key or tempo"),
    ],
)
def test_ends_that_make_no_sense_are_refused(by, ends, said):
    playlist = in_keys(("1A", 100.0), (None, None), ("2A", 100.0))
    with pytest.raises(PlaylistError, match=said):
        playlist.order(by, space=on_a_line([1, 3], [0, 1]), **ends)


def test_a_journey_wants_a_space():
    with pytest.raises(PlaylistError, match="'journey' needs a space"):
        a_playlist({}, {}).order("journey", start=1, end=2)


def test_a_track_that_comes_twice_may_be_both_ends():
    twice = a_playlist({}, {}, {})
    twice = twice.add(twice.rows.head(1))
    flow = twice.order("flow", space=on_a_line([1, 2, 3], [0, 0.5, 1]), start=1, end=1)
    assert (flow.track_ids[0], flow.track_ids[-1], sorted(flow.track_ids)) == (1, 1, [1, 1, 2, 3])


# Harmonic


def test_harmonic_goes_round_the_wheel():
    playlist = in_keys(("8A", 120.0), ("11A", 121.0), ("9A", 124.0), ("10A", 122.0), ("8B", 120.0))
    order = playlist.order("harmonic")
    assert order.track_ids in ([5, 1, 3, 4, 2], [2, 4, 3, 1, 5])
    assert order.remarks == ()


def test_half_and_double_tempo_mix_and_seven_percent_do_not():
    assert clashes(in_keys(("1A", 60.0), ("1A", 120.0), ("1A", 127.0), ("1A", 136.0)).rows) == ([2], 3)
    assert clashes(in_keys(("12A", 100.0), ("1A", 106.0), ("1B", 100.0), ("2A", 100.0)).rows) == ([2], 3)


def test_harmonic_says_what_does_not_mix_and_what_is_unknown():
    order = in_keys(("1A", 100.0), (None, 100.0), ("1A", 150.0), ("7A", float("nan")), ("1A", 104.0)).order("harmonic")
    assert order.track_ids[3:] == [2, 4]
    assert order.remarks[1] == "2 tracks have no known key or tempo, and stand at the end"
    assert order.remarks[0] in {
        "1 of 2 steps does not mix: position 2-3",
        "1 of 2 steps does not mix: position 1-2",
    }


def test_harmonic_has_the_fewest_clashes():
    chance = np.random.default_rng(3)
    for _ in range(4):
        codes, tempos = chance.choice([*CAMELOT], 7), chance.uniform(80, 130, 7)
        rows = in_keys(*zip(codes.tolist(), tempos.tolist(), strict=True)).rows
        steps = {
            (one, other): len(clashes(rows[[one, other]])[0]) + _both(rows[[one, other]])
            for one in range(7)
            for other in range(7)
            if one != other
        }
        least = min(sum(steps[pair] for pair in pairwise(way)) for way in permutations(range(7)))
        path = harmonic_path(rows).tolist()
        assert sum(steps[pair] for pair in pairwise(path)) == least


def _both(rows):
    """1 where neither key nor tempo mix."""
    one_key = rows.with_columns(camelot=pl.lit("1A"))
    one_tempo = rows.with_columns(bpm=pl.lit(100.0))
    return int(bool(clashes(one_key)[0]) and bool(clashes(one_tempo)[0]))


def test_among_equal_clashes_the_tempo_moves_little():
    order = in_keys(("1A", 100.0), ("1A", 104.0), ("1A", 101.0), ("1A", 103.0), ("1A", 102.0)).order("harmonic")
    assert order.rows["bpm"].to_list() in ([100, 101, 102, 103, 104], [104, 103, 102, 101, 100])


def test_among_equal_tempos_the_sound_decides():
    playlist = in_keys(*[("1A", 100.0)] * 4)
    order = playlist.order("harmonic", space=on_a_line([1, 2, 3, 4], [0.0, 0.6, 0.3, 0.9]))
    assert order.track_ids == [1, 3, 2, 4]


def test_harmonic_wants_keys():
    with pytest.raises(PlaylistError, match="no 'camelot'"):
        Playlist("Rain", pl.DataFrame({"track_id": [1], "bpm": [100.0]})).order("harmonic")


# Energy arc


def test_an_arc_rises_for_two_thirds_and_falls():
    chance = np.random.default_rng(1)
    energy = chance.permutation(31).astype(float)
    heard = energy[arc(energy)]
    peak = int(np.argmax(heard))
    assert peak == 20
    assert (np.diff(heard[: peak + 1]) > 0).all()
    assert (np.diff(heard[peak:]) < 0).all()
    assert np.abs(np.diff(heard)).max() <= 5


def test_even_three_tracks_make_an_arc():
    assert [arc(np.arange(count, dtype=float)).tolist() for count in range(5)] == [
        [],
        [0],
        [0, 1],
        [0, 2, 1],
        [0, 2, 3, 1],
    ]


def test_arousal_is_the_energy_where_the_rows_have_it():
    rows = pl.DataFrame({"track_id": [1, 2, 3, 4], "arousal": [0.5, None, -1.0, 1.0], "loudness_lufs": [0.0, 9, 3, 1]})
    order = Playlist("Rain", rows).order("energy arc")
    assert order.track_ids == [3, 4, 1, 2]
    assert order.remarks == ("1 track has no known energy, and stands at the end",)
    assert Playlist("Rain", rows).order("energy arc", descending=True).track_ids == [1, 4, 3, 2]


def test_energy_is_measured_where_nobody_estimated_it():
    playlist = a_playlist(
        {"loudness_lufs": -20.0, "dynamic_range_db": 20.0},
        {"loudness_lufs": -5.0, "dynamic_range_db": 5.0},
        {"loudness_lufs": -10.0, "dynamic_range_db": 10.0, "onset_rate_hz": float("nan")},
        {},
    )
    assert energies("", playlist.rows).tolist()[:3] == [0, 1, 0.5]
    assert playlist.order("energy arc").track_ids == [1, 2, 3, 4]


def test_an_arc_chooses_by_sound_who_goes_behind_the_peak():
    rows = pl.DataFrame({"track_id": [1, 2, 3, 4], "arousal": [0.9, 0.3, 0.2, 0.1]})
    space = on_a_line([1, 2, 3, 4], [0.5, 0.4, 0.3, 0.9])
    assert Playlist("", rows).order("energy arc").track_ids == [4, 2, 1, 3]
    assert Playlist("", rows).order("energy arc", space=space).track_ids == [3, 2, 1, 4]


def test_rows_without_any_energy_are_refused():
    with pytest.raises(PlaylistError, match="no energy"):
        Playlist("", pl.DataFrame({"track_id": [1]})).order("energy arc")


# Journeys


def test_a_journey_drifts_from_start_to_end():
    matrix = by_chance(150, 6)
    path = drifting_path(matrix, 3, 90)
    assert (path[0], path[-1]) == (3, 90)
    nearer = (matrix @ (matrix[90] - matrix[3]))[path]
    assert np.corrcoef(nearer, np.arange(150))[0, 1] > 0.85
    assert (
        np.corrcoef((matrix @ (matrix[90] - matrix[3]))[smooth_path(matrix, start=3, end=90)], range(150))[0, 1] < 0.7
    )
    sorted_only = np.argsort(matrix @ (matrix[90] - matrix[3]))
    assert length(matrix, path) < 0.7 * length(matrix, sorted_only)


def test_a_way_through_leads_along_the_line():
    ids = np.random.default_rng(4).permutation(100)
    space = on_a_line(ids, np.linspace(0, 1, 100))
    playlist = Playlist("Trip", pl.DataFrame({"track_id": np.arange(101)}))
    start, end = int(ids[10]), int(ids[80])
    way = playlist.through(start, end, space=space)
    places = [ids.tolist().index(track) for track in way.track_ids]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (10, 80)
    assert way.remarks == ()
    for count in (2, 5, 40):
        wide = playlist.through(start, end, space=space, tracks=count)
        found = [ids.tolist().index(track) for track in wide.track_ids]
        assert (len(found), found[0], found[-1]) == (count, 10, 80)
        assert found == sorted(found)
        assert dict(wide.steps[-1].arguments)["tracks"] == count


def test_the_way_takes_the_least_sum_of_distances():
    matrix = by_chance(8)
    costs = np.array([likeness(matrix, point) for point in matrix])  # of 8 rows each is a neighbour of each
    ways = [(0, *way, 7) for count in range(7) for way in permutations(range(1, 7), count)]
    least = min(ways, key=lambda way: sum(costs[pair] for pair in pairwise(way)))
    assert neighbour_path(matrix, 0, 7).tolist() == [*least]


def test_groups_that_are_no_neighbours_are_bridged():
    groups = np.repeat(np.eye(4)[:3], 40, axis=0) + 0.01 * np.random.default_rng(0).normal(size=(120, 4))
    matrix = unit_rows(groups).astype(np.float32)
    way = neighbour_path(matrix, 0, 119)
    assert (way[0], way[-1]) == (0, 119)
    assert length(matrix, way) < 2.1


def test_equal_tracks_are_near_each_other():
    matrix = np.repeat(np.array([[1.0, 0.0]], np.float32), 40, axis=0)
    way = neighbour_path(matrix, 0, 39)
    assert (way[0], way[-1]) == (0, 39)
    assert sorted(spread(matrix, way, 50).tolist()) == [*range(40)]


def test_a_way_that_makes_no_sense_is_refused():
    playlist = a_playlist({}, {}, {})
    space = on_a_line([1, 2], [0, 1])
    for (start, end), count, said in [
        ((1, 1), None, "cannot be the start and the end"),
        ((1, 3), None, "track 3 has no place"),
        ((1, 9), None, "track 9 is not in it"),
        ((1, 2), 1, "2 tracks or more"),
    ]:
        with pytest.raises(PlaylistError, match=said):
            playlist.through(start, end, space=space, tracks=count)


def test_a_way_has_each_track_once_and_says_when_there_are_no_more():
    playlist = a_playlist({}, {}, {})
    way = playlist.add(playlist.rows).through(1, 3, space=on_a_line([1, 2, 3], [0, 0.5, 1]), tracks=9)
    assert way.track_ids == [1, 2, 3]
    assert way.remarks == ("there are 3 tracks, not 9",)


# All of them


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 12),
            st.sampled_from(["1A", "7B", "12A", "?", None]),
            st.sampled_from([0.0, 60.0, 119.0, float("nan"), float("inf"), None]),
            st.sampled_from([-0.5, 0.0, 0.9, float("nan"), None]),
        ),
        max_size=25,
    ),
    st.sampled_from(["flow", "harmonic", "energy arc", "shuffle", "bpm", "camelot"]),
    st.booleans(),
    st.booleans(),
)
def test_an_order_is_always_a_permutation(tracks, by, descending, has_space):
    schema = {"track_id": pl.Int64, "camelot": pl.String, "bpm": pl.Float64, "arousal": pl.Float64}
    playlist = Playlist("", pl.DataFrame(tracks, schema, orient="row"))
    space = on_a_line([*range(1, 10)], np.linspace(0, 1, 9)) if has_space or by == "flow" else None
    ordered = playlist.order(by, space=space, descending=descending)
    assert sorted(map(repr, ordered.rows.rows())) == sorted(map(repr, playlist.rows.rows()))
    assert repr(ordered).count("\n") == len(ordered.remarks)


@pytest.mark.parametrize("by", ["flow", "harmonic", "energy arc"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_lists_are_fine(by, count):
    playlist = Playlist("", a_playlist({}, {}).rows.head(count))
    space = on_a_line([1, 2], [0, 1])
    assert playlist.order(by, space=space).track_ids == [1, 2][:count]
    if count == 2:
        assert playlist.order("journey", space=space, start=2, end=1).track_ids == [2, 1]


def test_a_path_of_any_cost_keeps_its_steps_right():
    """The bookkeeping of turns, shifts and kicks: a wrong step would let a path grow."""
    points = np.random.default_rng(0).normal(size=(80, 2))
    cost = lambda many, one: np.hypot(*(many - one).T)  # noqa: E731
    path = short_path(points, cost, start=5)
    walked = sum(float(cost(points[[one]], points[other])[0]) for one, other in pairwise(path))
    assert walked < 0.95 * np.sqrt(80 * 25)  # a random tour of a field is some 0.7124 * sqrt(n * area) long
