"""How good are the spaces at saying what sounds alike?

Usage: python tests/eval_similarity.py [DATA] [--cache DIR] [--fewer N]

DATA (default ``$WORKBENCH_TEST_DATA``) holds ``music``; a demo collection is made beside it. Prints one line for each
measure, space and way of ranking: ``nearest`` as the package ranks, ``cosine`` alone. The learned spaces are measured
where `library.analyze` gave embeddings, i.e. after ``workbench models fetch``. With ``--cache`` a second run makes and
hears nothing again.

Same album (R-precision)
    An album is the folder a file lies in, the music of one game: few of the 65 tracks name an album in their tags.
    Every track is brought to 90 s out of its middle, mono, nothing over 10 kHz, 22,050 Hz, -23 LUFS, MP3 at a
    constant 64 kbit/s without tags (`eval_audio`), so that neither codec nor rate nor level tells the album. The space
    ``file`` knows codec, bit rate, sample rate, bit depth, loudness and cut-off only, and is the check of that: the
    interval of its ratio must hold 1. All that still differs in it then are hundredths of a decibel and some 100 Hz.
Copy comes first
    Of the originals: whether the nearest of all originals and all copies at 64 kbit/s MP3 is the own copy.
Hubs
    Skewness of how often a track is in the lists of ten of the others, and the share of tracks that are in none.
Same style
    Share of the ten nearest of a demo track with its style; copies and broken files are left out.
Old points moved
    A tenth of the demo is added to a library with a map; distance on the map in widths of the first map.
Stored map
    CPU seconds of a fresh process that opens the map of 10,000 made tracks (`bench_maps`).

``random`` is the same measure over permuted labels (1,000 times; for hubs lists drawn by chance, for maps the points of
one another). The interval is the 95 % one of 2,000 resamples of whole albums (pairs, styles); all seeds are fixed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import bench_maps
import eval_audio
import eval_measures as measures
import numpy as np
import polars as pl

import workbench as wb
from workbench import demo, neighbours, spaces

SEED = 0
K = 10
BROKEN = {"truncated", "zero_byte", "silent", "very_short", "not_audio"}
MADE = 5_000
STORED = 10_000
ADDED = 10
"""Every tenth track is added to the map."""
RATIO_GOALS = {"timbre": 2.5, "learned": 3.3}
GOALS = {"copy": 0.98, "style": 0.8, "skew": 0.5, "orphans": 0.01, "moved": 0.0}
WAYS = ("nearest", "cosine")
HEAD = ("measure", "space", "ranked by", "n", "value", "95 %", "random", "x random", "95 %", "goal", "met")
FORM = "{:26} {:8} {:9} {:>5} {:>7} {:>14} {:>7} {:>8} {:>13} {:>10} {:>4}"


def main():
    options = parsed()
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        print(FORM.format(*HEAD))
        for line in lines(options, cache):
            print(FORM.format(*line).rstrip(), flush=True)
    print("a stored map, until similarity_map() returns:")
    bench_maps.measure_stored(STORED)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path(os.environ.get("WORKBENCH_TEST_DATA", ".")))
    parser.add_argument("--cache", type=Path, help="folder that keeps prepared audio and libraries")
    parser.add_argument("--fewer", type=int, metavar="N", help="the first N tracks of the music only")
    return parser.parse_args()


def lines(options, cache):
    """Every line of the table, as they are measured."""
    folder = options.data / "music"
    if folder.is_dir():
        yield from music_lines(eval_audio.originals(folder, fewer=options.fewer), cache)
    else:
        print(f"{folder}: no such folder; the measures on music are left out", file=sys.stderr)
    yield from hub_lines("hubs, made rows", "made", made_space(MADE))
    yield from demo_lines(cache)


def music_lines(tracks, cache):
    level = eval_audio.prepare(tracks, cache / "music" / eval_audio.CONTROLLED, eval_audio.controlled)
    low = eval_audio.prepare(tracks, cache / "music" / eval_audio.COPIES, eval_audio.copied)
    albums = {level / f"{track.name}.mp3": track.album for track in tracks}
    firsts = {track.path: track.name for track in tracks}
    pairs = firsts | {low / f"{track.name}.mp3": track.name for track in tracks}
    library = heard(cache / "controlled.db", level)
    both = heard(cache / "copies.db", *sorted({track.path.parent for track in tracks}), low)
    yield from album_lines("same album, as it came", both, {track.path: track.album for track in tracks})
    yield from album_lines("same album, controlled", library, albums, goals=RATIO_GOALS)
    yield from copy_lines(fitted(both, pairs), both, firsts, pairs)
    for kind, space in fitted(library, albums).items():
        yield from hub_lines("hubs, music", kind, space)


def heard(file, *folders):
    """The library of some folders, analysed as far as the package can."""
    library = wb.Library(file)
    for folder in folders:
        library.scan(folder)
    library.analyze()
    return library


def fitted(library, labels):
    """The spaces of those tracks of a library whose paths have a label, by kind."""
    wanted = pl.col("track_id").is_in([*known(library, labels)])
    features, embeddings = library.features().filter(wanted), library.embeddings().filter(wanted)
    kinds = spaces.KINDS if len(embeddings) >= spaces.space.FEWEST else ("timbre",)
    return {kind: spaces.fit(features, kind=kind, embeddings=embeddings) for kind in kinds}


def known(library, labels):
    """Label by track id."""
    by_path = {os.path.abspath(path): label for path, label in labels.items()}  # noqa: PTH100  as the library does
    rows = library.tracks().select("track_id", "path").iter_rows()
    return {track_id: by_path[path] for track_id, path in rows if path in by_path}


def file_space(library, labels):
    """What the file and its level say and nothing of the music."""
    tracks = library.tracks().filter(pl.col("track_id").is_in([*known(library, labels)]))
    numbers = tracks.select(
        pl.col("bit_rate_bps", "sample_rate_hz", "spectral_cutoff_hz").log(2), "bit_depth", "loudness_lufs"
    )
    codecs = tracks.select("codec").to_dummies()
    columns = spaces.scaled(pl.concat([numbers, codecs], how="horizontal").cast(pl.Float64).to_numpy())
    return a_space(tracks["track_id"].to_numpy(), columns, "file")


def a_space(track_ids, columns, kind):
    rows = spaces.unit_rows(columns).astype(np.float32)
    return spaces.Space(track_ids, rows, kind, {kind: slice(0, rows.shape[1])}, "1")


def made_space(count, *, size=64):
    """Normal rows whose columns spread ever less, as principal components do; by cosine alone they have strong hubs."""
    columns = np.random.default_rng(SEED).normal(size=(count, size)) / np.sqrt(np.arange(1, size + 1))
    return a_space(np.arange(1, count + 1), columns, "made")


def ranked(space, n, way):
    """Neighbours of every row as row numbers, ndarray (rows, n)."""
    if way == "cosine":
        return neighbours.exact(space.matrix, n + 1)[0][:, 1:]
    found = neighbours.nearest(space, space.track_ids, n=n)
    return space.positions(found["neighbour_id"]).reshape(len(space), n)


def album_lines(name, library, labels, goals=None):
    named = known(library, labels)
    for kind, space in {"file": file_space(library, labels), **fitted(library, labels)}.items():
        albums = np.array([named[track_id] for track_id in space.track_ids.tolist()])
        for way in WAYS:
            score = partial(measures.r_precision, ranked(space, len(space) - 1, way))
            yield line(name, kind, way, scored(score, albums), ratio_goal=(goals or {}).get(kind))


def copy_lines(by_kind, library, firsts, pairs):
    named, originals = known(library, pairs), {*known(library, firsts)}
    for kind, space in by_kind.items():
        sources = np.array([named[track_id] for track_id in space.track_ids.tolist()])
        first = np.array([track_id in originals for track_id in space.track_ids.tolist()])
        for way in WAYS:
            order = ranked(space, 1, way)
            result = scored(partial(measures.r_precision, order), sources, counted=first)
            yield line("copy comes first", kind, way, result | {"ratio": None, "ratio_95": None}, goal=GOALS["copy"])


def scored(score, labels, *, counted=None):
    """Scores of rows, those not `counted` left out, with their interval and what chance gives."""
    scores = score(labels) if counted is None else np.where(counted, score(labels), np.nan)
    return measures.bootstrapped(scores, measures.by_chance(score, labels, seed=SEED), labels, seed=SEED)


def hub_lines(name, kind, space):
    n = len(space)
    if n <= K:
        print(f"{name}, {kind}: {n} rows have no {K} neighbours each; the hubs are left out", file=sys.stderr)
        return
    rng = np.random.default_rng(SEED)
    by_luck = np.array([rng.choice(n - 1, K, replace=False) for _ in range(n)])
    luck = measures.occurrences(by_luck + (by_luck >= np.arange(n)[:, None]), n)
    for way in WAYS:
        counts = measures.occurrences(ranked(space, K, way), n)
        for what, measured in (("skew", measures.skewness), ("orphans", measures.orphans)):
            found = {"n": n, "value": measured(counts), "random": measured(luck)}
            yield line(f"{name}: {what}", kind, way, found, goal=GOALS[what], most=True)


def demo_lines(cache):
    folder = cache / "demo"
    truth = demo.make(folder)
    library = heard(cache / "demo.db", folder)
    sound = truth.filter(
        pl.col("style").is_not_null()
        & pl.col("duplicate_of").is_null()
        & ~pl.col("flaws").list.eval(pl.element().is_in([*BROKEN])).list.any()
    )
    styles = {folder / path: style for path, style in sound.select("path", "style").iter_rows()}
    for kind, whole in fitted(library, {folder / path: None for path in truth["path"]}).items():
        named = known(library, styles)
        space = whole.cut(named)
        labels = np.array([named[track_id] for track_id in space.track_ids.tolist()])
        for way in WAYS:
            score = partial(measures.precision, ranked(space, K, way), k=K)
            yield line("same style, demo", kind, way, scored(score, labels), goal=GOALS["style"])
        yield from hub_lines("hubs, demo", kind, space)
    yield from growth_lines(folder, sound["path"].to_list())


def growth_lines(folder, paths):
    """Map nine tenths of the demo, add the last, map again."""
    late = paths[::ADDED]
    with tempfile.TemporaryDirectory() as temporary:
        here, file = Path(temporary) / "music", Path(temporary) / "library.db"
        copy(folder, here, sorted({*paths} - {*late}))
        library = heard(file, here)
        kinds = [*fitted(library, dict.fromkeys(library.tracks()["path"]))]
        before = {kind: library.similarity_map(kind=kind, seed=SEED) for kind in kinds}
        copy(folder, here, late)
        library = heard(file, here)
        for kind, first in before.items():
            after = library.similarity_map(kind=kind, seed=SEED)
            yield from moved_lines(kind, first, after)


def copy(folder, target, paths):
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / path, target / path)


def moved_lines(kind, before, after):
    both = before.join(after, on="track_id", suffix="_after", maintain_order="left")
    old, new = both.select("x", "y").to_numpy(), both.select("x_after", "y_after").to_numpy()
    far = measures.moved(old, new)
    luck = measures.moved(old, old[np.random.default_rng(SEED).permutation(len(old))])
    for what, share in (("median", 0.5), ("95 %", 0.95)):
        found = {"n": len(far), "value": np.quantile(far, share), "random": np.quantile(luck, share)}
        yield line(f"old points moved: {what}", kind, "map", found, goal=GOALS["moved"], most=True)


def line(measure, kind, way, found, *, goal=None, ratio_goal=None, most=False):
    """Cells of a line of the table."""
    value, ratio = found["value"], found.get("ratio")
    if ratio_goal is not None:
        text, met = f"{ratio_goal:g} x", ratio >= ratio_goal
    elif goal is not None:
        text, met = f"{'<=' if most else '>='} {goal:g}", value <= goal if most else value >= goal
    else:
        text, met = "", None
    return (
        measure, kind, way, found["n"], f"{value:.3f}", interval(found.get("value_95")), f"{found['random']:.3f}",
        "" if ratio is None else f"{ratio:.2f}", interval(found.get("ratio_95")), text,
        {None: "", True: "yes", False: "no"}[None if met is None else bool(met)],
    )  # fmt: skip


def interval(ends):
    return "" if ends is None else f"{ends[0]:.2f}..{ends[1]:.2f}"


if __name__ == "__main__":
    main()
