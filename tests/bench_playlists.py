"""What does an order cost, and how short are the paths?

Usage: python tests/bench_playlists.py [--tracks N ...] [--way N ...] [--seeds N]

Tracks are made: a space in groups (`bench_maps.a_collection`), keys by chance, tempos round 118 BPM. CPU seconds are
those of all threads, of one list. ``--seeds`` lists (default 5) tell how much shorter paths are than going always to
the nearest, and how much longer than the shortest of all, which is known for up to 12 tracks.
"""

from __future__ import annotations

import argparse
import resource
from itertools import pairwise

import numpy as np
import polars as pl
from bench_maps import a_collection

from workbench.keys import CAMELOT
from workbench.playlists import Playlist, paths
from workbench.playlists.harmonic import clashes
from workbench.spaces import Space

GOAL_S, GOAL_TRACKS = 1, 200
ORDERS = ("flow", "flow, two ends", "harmonic", "harmonic, space", "energy arc", "energy arc, space", "journey")


def cpu():
    """CPU seconds of this process so far, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def a_list(count, seed=0):
    """A playlist, and the space of its tracks."""
    chance, ids = np.random.default_rng(seed), np.arange(1, count + 1)
    columns = {
        "track_id": ids,
        "camelot": chance.choice([*CAMELOT], count),
        "bpm": np.clip(chance.normal(118, 22, count), 60, 190),
        "loudness_lufs": chance.normal(-12, 4, count),
        "onset_rate_hz": chance.normal(4, 1, count),
    }
    matrix = a_collection(count, seed)
    return Playlist("made", pl.DataFrame(columns)), Space(ids, matrix, "made", {"made": slice(0, matrix.shape[1])}, "1")


def step(space, playlist):
    """Mean distance from a track to the next."""
    points = space.matrix[space.positions(playlist.track_ids)]
    return float(np.mean(1 - np.sum(points[1:] * points[:-1], axis=1)))


def time_orders(count):
    playlist, space = a_list(count)
    for name in ORDERS:
        by, _, detail = name.partition(", ")
        ends = {"start": 1, "end": 2} if by == "journey" or detail == "two ends" else {}
        start = cpu()
        made = playlist.order(by, space=space if by in {"flow", "journey"} or detail == "space" else None, **ends)
        spent = cpu() - start
        goal = f"goal {GOAL_S}" if count == GOAL_TRACKS else ""
        print(
            f"{count:>7,} {name:<18} {spent:>7.2f} {step(space, made):>10.3f} {len(clashes(made.rows)[0]):>8}  {goal}",
            flush=True,
        )


def time_way(count):
    playlist, space = a_list(count)
    for tracks in (None, 30):
        start = cpu()
        made = playlist.through(1, 2, space=space, tracks=tracks)
        print(f"{count:>7,} {f'through, {tracks}':<18} {cpu() - start:>7.2f} {step(space, made):>10.3f}", flush=True)


def total(matrix, path):
    return float(sum(paths.likeness(matrix[one], matrix[other]) for one, other in pairwise(path)))


def compare(count, seeds):
    """Length of paths against going to the nearest alone, and against the shortest where it can be found."""
    found = []
    for seed in range(seeds):
        matrix = a_collection(count, seed)
        greedy = total(matrix, paths._chain(matrix, paths.likeness, None, None))
        longest = paths.EXACT
        paths.EXACT = 0  # as if even a short list were too long for the exact way
        searched = total(matrix, paths.smooth_path(matrix))
        paths.EXACT = longest
        least = total(matrix, paths.smooth_path(matrix)) if count <= longest else np.nan
        found.append((searched / greedy, searched / least))
    to_greedy, to_least = np.mean(found, axis=0)
    print(f"{count:>7,} path / nearest always {to_greedy:.3f}, path / shortest {to_least:.4f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracks", type=int, nargs="*", default=[200, 2_000])
    options.add_argument("--way", type=int, nargs="*", default=[20_000])
    options.add_argument("--seeds", type=int, default=5)
    chosen = options.parse_args()
    a_list(12)[0].order("harmonic")  # imports are not counted
    print(f"{'tracks':>7} {'order':<18} {'CPU s':>7} {'mean step':>10} {'clashes':>8}")
    for count in chosen.tracks:
        time_orders(count)
    for count in chosen.way:
        time_way(count)
    for count in (12, 50, 200):
        compare(count, chosen.seeds)


if __name__ == "__main__":
    main()
