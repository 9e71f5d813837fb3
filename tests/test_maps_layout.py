"""How points come to lie beside their neighbours: the loops, the reference, the cache of what was compiled."""

import os
import subprocess
import sys

import numpy as np
import pytest

from workbench.errors import SpaceError
from workbench.maps import embed, refine, trustworthiness
from workbench.maps.compiled import kernels
from workbench.maps.layout import _graph, curve
from workbench.spaces import Space, unit_rows

FRESH = """
import hashlib, sys, numpy as np
from workbench.maps import embed
from workbench.spaces import Space, unit_rows
matrix = unit_rows(np.random.default_rng(0).normal(size=(80, 6))).astype(np.float32)
points = embed(Space(np.arange(80), matrix, "made", {"all": slice(0, 6)}, "made-1"))
print(hashlib.sha256(points.tobytes()).hexdigest(), *sorted({"umap", "sklearn", "pynndescent"} & set(sys.modules)))
"""


def a_collection(count, seed=0):
    """Tracks 1, 2, ... in groups of fifty in 6 of 24 dimensions, with noise in all."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(count // 50, 1), 6))
    rows = centres[np.arange(count) % len(centres)] + 0.6 * chance.normal(size=(count, 6))
    rows = rows @ chance.normal(size=(6, 24)) + 0.5 * chance.normal(size=(count, 24))
    matrix = unit_rows(rows - rows.mean(axis=0)).astype(np.float32)
    return Space(np.arange(1, count + 1), matrix, "made", {"all": slice(0, 24)}, "made-1")


@pytest.fixture(scope="module")
def collection():
    return a_collection(500)


def fresh(**environment):
    """A new process that computes a map of 80 tracks."""
    return subprocess.Popen(
        [sys.executable, "-c", FRESH], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def said(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    return out.decode().split()


@pytest.mark.parametrize(
    ("min_dist", "a", "b"),
    [(0.1, 1.576943, 0.895061), (0.0, 1.932809, 0.790495), (1.0, 0.114976, 1.929235)],
)
def test_the_curve_is_that_of_least_squares(min_dist, a, b):
    """The values are scipy 1.14's `curve_fit` of the same distances, which is what umap-learn takes."""
    assert curve(min_dist) == pytest.approx((a, b), abs=1e-5)


def test_the_curve_scales_with_its_spread():
    """Twice as far, half as near: a (2d)^2b counts at d what a' d^2b does."""
    (a, b), (wide, steep) = curve(0.1), curve(0.2, spread=2.0)
    assert steep == pytest.approx(b, abs=1e-5)
    assert wide * 2 ** (2 * b) == pytest.approx(a, abs=1e-4)


def test_a_rows_memberships_add_up_to_the_logarithm_of_its_neighbours():
    distances = np.float32([[0.1, 0.2, 0.3, 0.5, 0.6, 0.9, 1.0], [0, 0.2, 0.3, 0.3, 0.5, 0.6, 0.6]])
    weights = np.empty_like(distances)
    kernels().weigh_neighbours(distances, weights)
    assert weights.sum(axis=1) == pytest.approx([3, 3], abs=1e-4)  # log2 of 7 neighbours and the row itself
    assert [weights[0, 0], *weights[1, :2]] == [1, 1, 1]  # within the smallest distance above 0
    assert weights[0, 1] < 1
    assert (np.diff(weights, axis=1) <= 0).all()


def test_equal_neighbours_belong_wholly():
    weights = np.empty((2, 3), np.float32)
    kernels().weigh_neighbours(np.float32([[0, 0, 0], [0.5, 0.5, 0.5]]), weights)
    assert weights.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_forces_are_those_of_the_formula():
    a, b = 1.5, 0.9
    table = kernels().forces(a, b)
    squares = 2.0 ** np.arange(-24, 17)
    pull = -2 * a * b * squares ** (b - 1) / (1 + a * squares**b)
    push = 2 * b / ((0.001 + squares) * (1 + a * squares**b))
    assert table[::64] == pytest.approx(np.column_stack([pull, push]), rel=1e-5)


def test_edges_go_both_ways_and_unite():
    """v + w - v w, and what only one of two tracks names counts for both."""
    graph = _graph(a_collection(60).matrix, 8)
    whole = np.zeros((60, 60))
    heads = np.repeat(np.arange(60), np.diff(graph.starts))
    whole[heads, graph.tails] = graph.weights
    assert (whole == whole.T).all()
    assert not whole.diagonal().any()
    assert (np.count_nonzero(whole, axis=1) >= 7).all()
    assert whole.max() == 1


def test_a_pull_and_its_push_move_both_ends():
    """One edge, one epoch: both ends step towards each other by the force, and nobody else is there to push away."""
    points = np.float32([[0, 0], [2, 0]])
    starts, tails = np.int32([0, 1, 1]), np.int32([1])
    table = kernels().forces(1.5, 0.9)
    table[:, 1] = 0
    kernels().epoch(points, starts, tails, np.float32([1]), np.float32([0]), table, 0.5, np.array([1], np.uint64))
    step = 0.5 * 2 * (2 * 1.5 * 0.9 * 4**-0.1 / (1 + 1.5 * 4**0.9))
    assert points == pytest.approx(np.array([[step, 0], [2 - step, 0]]), abs=1e-5)


def test_a_share_of_a_half_is_taken_every_other_epoch():
    starts, tails, credit = np.int32([0, 1, 1]), np.int32([1]), np.float32([0])
    table, moved = kernels().forces(1.5, 0.9), []
    for _ in range(4):
        points = np.float32([[0, 0], [2, 0]])
        kernels().epoch(points, starts, tails, np.float32([0.5]), credit, table, 0.5, np.array([1], np.uint64))
        moved.append(bool(points[0, 0]))
    assert moved == [False, True, False, True]


@pytest.mark.slow
def test_it_is_as_good_as_the_reference(collection):
    ours, theirs = (trustworthiness(collection, embed(collection, engine=engine)) for engine in ("workbench", "umap"))
    assert theirs > 0.9
    assert ours > theirs - 0.01


def test_an_unknown_engine_is_refused(collection):
    with pytest.raises(SpaceError, match="choose one of workbench, umap"):
        embed(collection, engine="tsne")


def test_a_warm_start_mends_a_map_and_says_how_far_it_moved(collection):
    points = embed(collection, seed=1)
    spoilt = points + np.random.default_rng(0).normal(scale=0.5, size=points.shape).astype(np.float32)
    kept = spoilt.copy()
    mended, drift = refine(collection, spoilt, seed=1)
    assert spoilt.tobytes() == kept.tobytes()
    assert trustworthiness(collection, mended) > trustworthiness(collection, spoilt) + 0.01
    moved = np.sort(np.hypot(*(mended - spoilt).T))
    assert drift == pytest.approx((moved[249] + moved[250]) / 2 / max(spoilt.max(axis=0) - spoilt.min(axis=0)))
    assert refine(collection, spoilt, seed=1)[0].tobytes() == mended.tobytes()


def test_a_warm_start_does_not_go_by_the_order_of_rows(collection):
    order = np.random.default_rng(1).permutation(500)
    points = embed(collection)
    other, _ = refine(collection.cut(collection.track_ids[order]), points[order], epochs=3)
    assert other.tobytes() == refine(collection, points, epochs=3)[0][order].tobytes()


def test_a_warm_start_goes_by_what_a_new_map_goes_by(collection):
    points = embed(collection)
    said = refine(collection, points, epochs=30, seed=0, n_neighbours=15, min_dist=0.1)[0]
    assert refine(collection, points)[0].tobytes() == said.tobytes()


def test_no_epochs_move_nothing(collection):
    points = embed(collection)
    same, drift = refine(collection, points, epochs=0)
    assert (same.tobytes(), drift) == (points.tobytes(), 0)


def test_a_warm_start_of_few_tracks_moves_nothing(collection):
    three = np.float32([[0, 0], [1, 0], [0, 1]])
    same, drift = refine(collection.cut([1, 2, 3]), three)
    assert (same.tolist(), drift) == (three.tolist(), 0)


def test_a_warm_start_wants_a_point_a_track(collection):
    with pytest.raises(SpaceError, match="2 points for 3 tracks"):
        refine(collection.cut([1, 2, 3]), np.zeros((2, 2), np.float32))


def test_a_fresh_process_draws_the_same_map_without_the_reference():
    (first,), (second,) = said(fresh()), said(fresh())
    assert first == second


@pytest.mark.slow
@pytest.mark.faults
def test_processes_that_meet_a_cold_cache_at_once_leave_a_whole_one(tmp_path):
    together = [fresh(NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(4)]
    maps = [said(process) for process in together]
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.nb?")}
    assert kept
    maps.append(said(fresh(NUMBA_CACHE_DIR=str(tmp_path))))
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.nb?")} == kept
    assert len({*map(tuple, maps)}) == 1


@pytest.mark.slow
def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    (tmp_path / "file").touch()
    assert said(fresh(NUMBA_CACHE_DIR=str(tmp_path / "file" / "folder"))) == said(fresh())
