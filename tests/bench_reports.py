"""What do figures and reports weigh, and what do they cost?

Usage: python tests/bench_reports.py [--tracks N ...] [--stored N ...]

Every public figure is drawn from a made frame of ``--tracks`` (default 100,000): megabytes of HTML besides plotly.js,
and CPU seconds of what it is counted from, of drawing it and of writing it. Every report is run on a made store of
``--stored`` (default 10,000) analysed tracks, in a temporary folder: megabytes of the page with plotly.js, and CPU
seconds of the kernel and of writing the page.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import bench_store
import plotly.io as pio
from many_tracks import draw_all, made_tracks

from workbench.reports import REPORTS, run_report

FIGURE_MB, REPORT_MB = 3, 8


def cpu():
    """CPU seconds of this process and of those that it has waited for."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def weigh_figures(count):
    tracks = made_tracks(count)
    print(f"{count:,} tracks, figures of at most {FIGURE_MB} MB", flush=True)
    for name, draw in draw_all(tracks).items():
        start = time.process_time()
        size_mb = len(pio.to_html(draw(), include_plotlyjs=False).encode()) / 1e6
        print(f"  {name:<28} {size_mb:>8.3f} MB {time.process_time() - start:>8.2f} CPU s", flush=True)


def weigh_reports(count):
    print(f"{count:,} analysed tracks, reports of at most {REPORT_MB} MB", flush=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = home  # frames that are kept go with the folder
        store = Path(home) / "library.db"
        engine, _ = bench_store.fill(store, count)
        bench_store.fill_features(engine, count)
        engine.dispose()
        for name in REPORTS:
            start = cpu()
            size_mb = run_report(name, Path(home) / "reports", library=store).stat().st_size / 1e6
            print(f"  {name:<28} {size_mb:>8.3f} MB {cpu() - start:>8.2f} CPU s", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracks", type=int, nargs="*", default=[100_000])
    options.add_argument("--stored", type=int, nargs="*", default=[10_000])
    chosen = options.parse_args()
    for count in chosen.tracks:
        weigh_figures(count)
    for count in chosen.stored:
        weigh_reports(count)


if __name__ == "__main__":
    main()
