"""What does a map cost, how far is it to be trusted, and how soon does a remembered one open?

Usage: python tests/bench_maps.py [--tracks N ...] [--reference N ...] [--stored N] [--cold]

Each map is a process of its own, which makes a collection in groups of 48 dimensions and then computes its map: CPU
seconds of all threads and peak memory are those of the whole process, imports and neighbours included, less the making
of the collection. ``--reference`` (default 1,000 and 10,000) sizes are computed by umap-learn too, from the same start
and neighbours. What is compiled is warm; ``--cold`` prints the first map on a machine as well. ``--stored`` (default
10,000) analysed tracks are put into a store in a temporary folder, and their map is opened in a fresh process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SEED = 0
DIMENSIONS, INNER = 48, 12
GROUP = 250
GOALS = {1_000: 4, 10_000: 9, 50_000: 45}
STORED_GOAL_S = 2
HEAVY = ("umap", "numba", "sklearn")


def cpu():
    """CPU seconds of this process so far, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def a_collection(count, seed=SEED):
    """Unit rows in groups of some 250: 12 dimensions of music in 48 of measurement, with noise in all."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(8, count // GROUP), INNER))
    rows = centres[chance.integers(0, len(centres), count)] + 0.6 * chance.normal(size=(count, INNER))
    rows = rows @ chance.normal(size=(INNER, DIMENSIONS)) + 0.8 * chance.normal(size=(count, DIMENSIONS))
    rows -= rows.mean(axis=0)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def compute(count, engine):
    """In a process of its own: the map, and what it cost."""
    before = cpu()
    matrix = a_collection(count)
    made = cpu() - before
    from workbench.maps import embed, trust
    from workbench.spaces import Space

    space = Space(np.arange(1, count + 1), matrix, "made", {"made": slice(0, DIMENSIONS)}, "made")
    points = embed(space, seed=SEED, engine=engine)
    spent, peak = cpu() - made, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = cpu()
    trusted = trust(space, points)
    print(json.dumps([spent, peak, cpu() - start, float(trusted.mean()), float(np.quantile(trusted, 0.05))]))


def change(count):
    """In a process of its own: what growth by a tenth and a warm start cost, and what they leave of the trust."""
    from workbench.maps import embed, grow, refine, trustworthiness
    from workbench.spaces import Space

    space = Space(np.arange(1, count + 1), a_collection(count), "made", {"made": slice(0, DIMENSIONS)}, "made")
    old = space.cut(space.track_ids[np.arange(count) % 10 > 0])
    points = embed(old, seed=SEED)
    start = cpu()
    grown = grow(space, old.track_ids, points)
    middle = cpu()
    refined, drift = refine(space, grown, seed=SEED)
    end = cpu()
    print(json.dumps([middle - start, trustworthiness(space, grown), end - middle, drift,
                      trustworthiness(space, refined)]))  # fmt: skip


def fill(path, count):
    """A store of analysed tracks with its map."""
    import bench_store

    import workbench as wb

    engine, _ = bench_store.fill(path, count)
    bench_store.fill_features(engine, count)
    wb.Library(path).similarity_map()


def open_stored(path):
    """In a process of its own: the remembered map."""
    import workbench as wb

    layout = wb.Library(path).similarity_map()
    print(json.dumps([cpu(), len(layout), [name for name in HEAVY if name in sys.modules]]))


def alone(*words, **environment):
    """What a fresh process says of a measurement."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, words)], env=os.environ | environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def show(count, engine, figures, goal=""):
    spent, peak, judged, mean, low = figures
    print(
        f"{count:>9,} {engine:<18} {spent:>8.1f} {peak:>8.0f} {mean:>8.4f} {low:>8.3f} {judged:>8.1f}  {goal}",
        flush=True,
    )


def measure(counts, references, *, is_cold):
    print(f"{'tracks':>9} {'engine':<18} {'CPU s':>8} {'MB':>8} {'trust':>8} {'5 %':>8} {'judging':>8}")
    if is_cold:
        with tempfile.TemporaryDirectory() as folder:
            show(counts[0], "workbench, cold", alone("--compute", counts[0], "workbench", NUMBA_CACHE_DIR=folder))
    alone("--compute", 100, "workbench")  # what is compiled is kept
    for count in counts:
        goal = f"goal {GOALS[count]}" if count in GOALS else ""
        show(count, "workbench", alone("--compute", count, "workbench"), goal)
        if count in references:
            alone("--compute", 100, "umap")
            show(count, "umap", alone("--compute", count, "umap"))
    for count in counts:
        grown, trust, refined, drift, trust_refined = alone("--change", count)
        print(
            f"{count:>9,} grown by a tenth: {grown:.2f} CPU s, trust {trust:.4f}; "
            f"refined: {refined:.1f} CPU s, drift {drift:.4f}, trust {trust_refined:.4f}",
            flush=True,
        )


def measure_stored(count):
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "library.db"
        os.environ["XDG_CACHE_HOME"] = home  # frames that are kept go with the folder
        process = multiprocessing.get_context("spawn").Process(target=fill, args=(path, count))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"a store of {count:,} ended with {process.exitcode}")
        for name in ("first", "second"):
            spent, tracks, loaded = alone("--open", path)
            cost = f"{spent:.2f} CPU s (goal {STORED_GOAL_S})"
            print(f"{tracks:>9,} remembered, {name} fresh process: {cost}, loaded {loaded}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracks", type=int, nargs="*", default=[1_000, 10_000, 50_000])
    options.add_argument("--reference", type=int, nargs="*", default=[1_000, 10_000])
    options.add_argument("--stored", type=int, default=10_000)
    options.add_argument("--cold", action="store_true")
    options.add_argument("--compute", nargs=2, help=argparse.SUPPRESS)
    options.add_argument("--change", type=int, help=argparse.SUPPRESS)
    options.add_argument("--open", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.compute:
        compute(int(chosen.compute[0]), chosen.compute[1])
    elif chosen.change:
        change(chosen.change)
    elif chosen.open:
        open_stored(chosen.open)
    else:
        if chosen.tracks:
            measure(chosen.tracks, chosen.reference, is_cold=chosen.cold)
        if chosen.stored:
            measure_stored(chosen.stored)


if __name__ == "__main__":
    main()
