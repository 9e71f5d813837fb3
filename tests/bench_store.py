"""What does the store cost in time, memory and bytes, at ten thousand, a hundred thousand and a million tracks?

Usage: python tests/bench_store.py [--tracks N ...] [--files N]

Each size is a process of its own: a made collection in the real schema, stored by the functions that a scan and an
analysis use, and beside it the same rows by bare ``sqlite3.executemany`` into the same tables. Times are CPU seconds of
the process, all its threads counted; memory is the peak of the process. ``--files`` (default 100,000) empty files are
made for the rescan, in a temporary folder.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from synthetic import GENRES, features, records

from workbench.models import FileRecord, Stream, Tags

STEP = 2048  # records a transaction, as in a scan
VECTORS_AT_ONCE = 5000
DIMENSIONS = 64
SEED = 0
QUERIES = ("genre:jazz bpm:-1..1 year:1980..1999", "lari genre:rock -pop", "mola ne ri")
ANSWERS = 15


def cpu(work, *, repeats=1):
    """Median CPU seconds of some work, and what it gave."""
    times, result = [], None
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def say(name, value, goal="", unit="s"):
    print(f"  {name:<60} {value:>10.4g} {unit:<9} {goal}", flush=True)


def fill(path, count):
    """A store with these tracks by way of `store_records`; CPU seconds of that."""
    from workbench.store import kept_open, open_store, writing
    from workbench.store.ingest import store_records
    from workbench.store.roots import add_root

    engine = open_store(path)
    made = records(count, SEED)
    spent = 0.0
    with kept_open(engine):
        with writing(engine) as connection:
            root_id, _ = add_root(connection, Path("/music").absolute())
        while some := list(islice(made, STEP)):
            start = time.process_time()
            with writing(engine) as connection:
                store_records(connection, root_id, some)
            spent += time.process_time() - start
    return engine, spent


def fill_features(engine, count):
    """Features and hashes of all tracks, in bulk."""
    from workbench.models import AudioFeatures
    from workbench.store import kept_open, writing
    from workbench.store.bulk import insert_rows, moment_text

    columns = tuple(AudioFeatures.model_fields)
    made = enumerate(features(count, SEED), start=1)
    with kept_open(engine):
        while some := list(islice(made, VECTORS_AT_ONCE)):
            moment = moment_text()
            rows = [
                (track_id, moment, *(bare(getattr(each, name, None)) for name in columns)) for track_id, each in some
            ]
            hashes = [(os.urandom(16), track_id) for track_id, _ in some]
            with writing(engine) as connection:
                insert_rows(connection, "audio_features", ("track_id", "analyzed_at", *columns), rows)
                connection.exec_driver_sql("UPDATE track SET audio_hash = ? WHERE id = ?", hashes)


def bare(value):
    """A value as SQLite keeps it."""
    if isinstance(value, np.ndarray):
        return value.astype("<f4").tobytes()
    return "{}" if isinstance(value, dict) else value


def raw(source, target):
    """CPU seconds that the same rows cost by executemany, in one transaction, into tables with the same indexes."""
    from workbench.store import open_store

    open_store(target)
    tables = "root album artist genre track file track_artist track_genre album_artist finding"
    with sqlite3.connect(source) as known:
        rows = {name: known.execute(f"SELECT * FROM {name}").fetchall() for name in tables.split()}  # noqa: S608
        names = known.execute("SELECT rowid, text FROM suggestion").fetchall()
    store = sqlite3.connect(target, isolation_level=None)
    store.execute("PRAGMA synchronous = NORMAL")
    store.execute("PRAGMA foreign_keys = ON")

    def work():
        store.execute("BEGIN IMMEDIATE")
        for name, many in rows.items():
            if many:
                store.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(many[0]))})", many)  # noqa: S608
        store.executemany("INSERT INTO suggestion (rowid, text) VALUES (?, ?)", names)
        store.execute("COMMIT")

    spent, _ = cpu(work)
    store.close()
    return spent, sum(map(len, rows.values())) + len(names)


def size(path):
    """Bytes of the store once its journal is folded in."""
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        parts = dict(store.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    return path.stat().st_size, parts


def measure(count, home):
    """Print the figures of one size."""
    import workbench as wb
    from workbench import settings

    settings.cache_folder = lambda name: (home / name).mkdir(exist_ok=True) or home / name
    path = home / "library.db"
    print(f"{count:,} tracks", flush=True)
    engine, spent = fill(path, count)
    least, rows = raw(path, home / "raw.db")
    (home / "raw.db").unlink()
    say("ingest", spent)
    say(f"executemany of the same {rows:,} rows", least)
    say("ingest / executemany", spent / least, "goal 2.5", "x")
    fill_features(engine, count)
    whole, _ = size(path)
    say("store, features and hashes included", whole / count, "goal 1300", "B/track")
    cold, _ = cpu(lambda: wb.Library(path).tracks())
    cached, tracks = cpu(lambda: wb.Library(path).tracks(), repeats=3)
    say("tracks(), cold", cold, "goal 0.6 at 100k")
    say("tracks(), cached", cached, "goal 0.2 at 100k")
    say("frame in memory", tracks.estimated_size() / len(tracks), "goal 1000", "B/track")
    for query in QUERIES:
        fresh, found = cpu(lambda query=query: wb.search(tracks.clone(), query), repeats=ANSWERS)
        again, _ = cpu(lambda query=query: wb.search(tracks, query), repeats=ANSWERS)
        say(f"search {query!r} ({len(found):,}), new frame", fresh * 1000, "goal 30 at 100k", "ms")
        say("the same on a frame that was searched before", again * 1000, "", "ms")
    library = wb.Library(path)
    library.rate(1, 0.5)
    one, _ = cpu(library.tracks)
    say("tracks() in another notebook, one track rated", one)
    library.rate(2, 0.5)
    one, _ = cpu(library.tracks)
    say("tracks() again, one more rated", one)
    typed = sorted({word[:length].lower() for word in tracks["title"].head(300) for length in (2, 3, 5)})
    typed += [genre[:2].lower() for genre in GENRES] + [name[:7] for name in tracks["artist"].unique().sort().head(50)]
    times = sorted(cpu(lambda text=text: library.suggest(text))[0] for text in typed)
    say(f"suggest, 95th percentile of {len(times)}", times[int(0.95 * len(times))] * 1000, "goal 10 at 100k", "ms")
    nearest(count)
    say("peak memory of all this", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, unit="MB")


def nearest(count):
    """Ten neighbours of one track, among as many in 64 dimensions."""
    import workbench as wb

    chance = np.random.default_rng(SEED)
    matrix = chance.normal(size=(count, DIMENSIONS)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    space = wb.Space(np.arange(1, count + 1), matrix, "made", {"made": slice(0, DIMENSIONS)}, "made")
    wb.nearest(space, [1], n=10)
    seeds = iter(chance.integers(1, count, 100).tolist())
    spent, _ = cpu(lambda: wb.nearest(space, [next(seeds)], n=10, by="distance"), repeats=20)
    say("nearest by distance, 10 of 64 dimensions", spent * 1000, "goal 5 at 100k, 40 at 1M", "ms")
    spent, _ = cpu(lambda: wb.nearest(space, [next(seeds)], n=10), repeats=20)
    say("the same by mutual proximity", spent * 1000, "", "ms")


def rescan(count, home):
    """What a scan costs in which nothing has changed."""
    import workbench as wb
    from workbench.store import writing
    from workbench.store.ingest import store_records
    from workbench.store.roots import add_root

    music = home / "music"
    for number in range(count):
        if number % 100 == 0:
            folder = music / f"artist {number // 1000}" / f"album {number // 100}"
            folder.mkdir(parents=True)
        (folder / f"{number:06}.flac").touch()
    library = wb.Library(home / "files.db")
    with writing(library._engine) as connection:
        root_id, _ = add_root(connection, music)
        store_records(connection, root_id, [file_record(path, music) for path in sorted(music.rglob("*.flac"))])
    before = (home / "files.db").stat().st_mtime_ns
    spent, done = cpu(lambda: library.scan(music, progress=lambda *_: None), repeats=3)
    assert done.unchanged == count, done
    assert (home / "files.db").stat().st_mtime_ns == before
    print(f"{count:,} unchanged files", flush=True)
    say("rescan", spent / count * 1e6, "goal 15, no write", "us/file")
    walked, _ = cpu(lambda: sum(1 for _ in walk(music)), repeats=3)
    say("of which os.scandir and stat", walked / count * 1e6, "", "us/file")


def walk(folder):
    """The least that a rescan does: list folders and ask for each file's size and time."""
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from walk(entry.path)
        else:
            yield entry.stat()


def file_record(path, music):
    status = path.stat()
    return FileRecord(
        path=os.fsencode(path.relative_to(music)),
        size_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
        tags=Tags(title=path.stem, stream=Stream(container="flac", codec="flac", duration_s=180.0)),
    )


def alone(function, count):
    """Run a measurement in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as home:
        process = multiprocessing.get_context("spawn").Process(target=function, args=(count, Path(home)))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"{function.__name__} of {count:,} ended with {process.exitcode}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracks", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--files", type=int, default=100_000)
    chosen = options.parse_args()
    for count in chosen.tracks:
        alone(measure, count)
    if chosen.files:
        alone(rescan, chosen.files)


if __name__ == "__main__":
    main()
