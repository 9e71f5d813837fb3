"""How right are tempo, beats, key and loudness on labelled clips?

Usage: python tests/bench_truth.py [EVAL_FOLDER] [--predictions FILE] [--errors]

EVAL_FOLDER (default ``$WORKBENCH_TEST_DATA/eval``) holds ``clips``, ``labels.csv`` and ``beats``. Predictions are
written in the columns path, tempo, key, mode, beats, lufs. Tempo accuracy 1 is within 4 %, accuracy 2 also takes
double, triple, half and a third (F. Gouyon et al., IEEE TASLP 14(5), 2006); beats count within 70 ms after the first
5 s; keys score 1, 0.5 a fifth above, 0.3 relative, 0.2 parallel (MIREX).
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from pathlib import Path

import numpy as np

from workbench.features import analyze
from workbench.keys import NAMES, parse_key

OCTAVES = (1, 2, 3, 1 / 2, 1 / 3)
FIELDS = ("path", "tempo", "key", "mode", "beats", "lufs")


def main():
    options = parsed()
    labels = rows(options.folder / "labels.csv")
    started = time.process_time()
    features = {label["path"]: analyze(options.folder / "clips" / label["path"]) for label in labels}
    spent_s = time.process_time() - started
    write(options.predictions, features)
    results = [scored(label, features[label["path"]], options.folder / "beats") for label in labels]
    for name in ("accuracy_1", "accuracy_2", "beat_f", "key_weighted", "key_exact", "lufs_error"):
        values = [result[name] for result in results if result[name] is not None]
        print(f"{name:13} mean {np.mean(values):.3f}  median {np.median(values):.3f}  n {len(values)}")
    minutes = sum(feature.duration_s for feature in features.values()) / 60
    print(f"CPU           {spent_s / minutes:.2f} s a minute of sound")
    if options.errors:
        print(*(result for result in results if not result["accuracy_1"] or not result["key_exact"]), sep="\n")


def parsed():
    folder = Path(os.environ.get("WORKBENCH_TEST_DATA", ".")) / "eval"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=folder)
    parser.add_argument("--predictions", type=Path, default=Path("predictions.csv"))
    parser.add_argument("--errors", action="store_true", help="list the clips whose tempo or key is wrong")
    return parser.parse_args()


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, features):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for name, feature in features.items():
            beats = " ".join(f"{beat:.3f}" for beat in beats_of(feature))
            writer.writerow((name, feature.bpm, feature.key, feature.mode, beats, feature.loudness_lufs))


def scored(label, feature, beats_folder):
    ratio = (feature.bpm or 0) / float(label["bpm"])
    truth = np.atleast_1d(np.loadtxt(beats_folder / f"{Path(label['path']).stem}.txt"))
    weighted = key_score((label["key"], label["mode"]), (feature.key, feature.mode)) if label["key"] else None
    loudness = feature.loudness_lufs
    return {
        "path": label["path"],
        "ratio": round(ratio, 3),
        "bpm_confidence": feature.bpm_confidence,
        "key": f"{label['key']} {label['mode']} -> {feature.key} {feature.mode}",
        "key_confidence": feature.key_confidence,
        "accuracy_1": near(ratio, 1),
        "accuracy_2": any(near(ratio, octave) for octave in OCTAVES),
        "beat_f": f_measure(truth, beats_of(feature)),
        "key_weighted": weighted,
        "key_exact": None if weighted is None else weighted == 1,
        "lufs_error": abs(loudness - float(label["lufs"])) if label["lufs"] and loudness is not None else None,
    }


def beats_of(feature):
    return () if feature.beat_times_s is None else feature.beat_times_s


def near(ratio, octave):
    return abs(ratio - octave) <= 0.04 * octave


def f_measure(truth, found, *, tolerance_s=0.07, skip_s=5.0):
    truth, found = ([time for time in times if time >= skip_s] for times in (truth, found))
    matched = 0
    left = list(found)
    for beat in truth:
        hit = next((time for time in left if abs(time - beat) <= tolerance_s), None)
        if hit is not None:
            left.remove(hit)
            matched += 1
    return 2 * matched / max(1, len(truth) + len(found))


def key_score(truth, found):
    if found[0] is None:
        return 0.0
    tonic, mode = parse_key(" ".join(truth))
    steps = (NAMES.index(found[0]) - NAMES.index(tonic)) % 12
    relative = 9 if mode == "major" else 3
    same = {0: 1.0, 7: 0.5}
    other = {relative: 0.3, 0: 0.2}
    return (same if found[1] == mode else other).get(steps, 0.0)


if __name__ == "__main__":
    main()
