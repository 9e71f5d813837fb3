"""What does the analysis cost in time and memory, beside its peers and beside what cannot be saved?

Usage: python tests/bench_engine.py [MUSIC_FOLDER] [--peers PYTHON] [--only NAME...] [--files N] [--repeats N]
       python tests/bench_engine.py [MUSIC_FOLDER] --memory [--hours H] | --start | --pair

MUSIC_FOLDER (default ``$WORKBENCH_TEST_DATA/music``) gives N tracks (default 12), spread over its formats; the first
90 s of three of them are added as MP3 (320 kbit/s), M4A (AAC, 192 kbit/s) and FLAC. Each contender is a process
of its own on one processor, warmed up with 15 s of music; they take turns at each file, and the smaller of two CPU
times counts (slow ones run once). PYTHON is an interpreter that has ``bliss-audio`` and ``essentia``; their rows say
"not installed" without it. A ratio is over the files that both sides read.

``--memory`` prints the peak of a worker over a quarter of an hour and over H hours (default 8) of music, ``--start``
what a fresh worker spends before its first file, ``--pair`` what a file costs when two workers run, against one.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict, deque
from contextlib import ExitStack, suppress
from pathlib import Path

SOUNDFILE = {".mp3", ".flac", ".wav", ".ogg"}
FORMATS = SOUNDFILE | {".opus", ".m4a", ".aac", ".mp4", ".aif", ".aiff", ".wv", ".ape", ".oga"}
CODECS = {".mp3": ("libmp3lame", 320_000), ".m4a": ("aac", 192_000), ".flac": ("flac", 0)}
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
RATE_HZ = 22_050
CD_RATE_HZ = 44_100
GOALS = {"decode": 2.4, "spectrum": 1.75, "bliss": 1.25, "essentia": 1 / 12}  # ours at most this many times as much
SLOW = {"essentia", "librosa-well", "librosa-usual"}
PEERS = {"bliss", "essentia"}
SHAPES = ("spectral_centroid", "spectral_bandwidth", "spectral_rolloff", "spectral_contrast")


def sound(path):
    """Rate of a file, and its float32 samples (n, channels) block by block, as cheaply as they are to be had."""
    if path.suffix.lower() in SOUNDFILE:
        import soundfile

        file = soundfile.SoundFile(path)
        return file.samplerate, file.blocks(1 << 17, dtype="float32", always_2d=True)
    import av

    container = av.open(str(path))
    return container.streams.audio[0].rate, resampled(container)


def resampled(container):
    import av

    rate = container.streams.audio[0].rate
    resampler = av.AudioResampler(format="flt", rate=rate, frame_size=1 << 15)  # small frames cost a fifth more
    for frame in itertools.chain(container.decode(audio=0), [None]):
        for part in resampler.resample(frame):
            yield part.to_ndarray().reshape(-1, part.layout.nb_channels)


def first(blocks, left):
    """Blocks up to a number of samples."""
    for block in blocks:
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def decode(path):
    deque(sound(path)[1], maxlen=0)


def spectrum(path):
    import numpy as np
    import scipy.fft
    import soxr

    rate, blocks = sound(path)
    resampler = soxr.ResampleStream(rate, RATE_HZ, 1, dtype="float32", quality="HQ")
    mono = (block @ np.full(block.shape[1], 1 / block.shape[1], np.float32) for block in blocks)
    parts = [resampler.resample_chunk(block) for block in mono]
    parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    window = np.hanning(2048).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.concatenate(parts), 2048)[::512]
    for start in range(0, len(frames), 256):
        scipy.fft.rfft(frames[start : start + 256] * window, axis=1)


@functools.cache
def engine():
    from workbench.features import analyze, warm

    warm()
    return analyze


def ours(path):
    engine()(path)


def bliss(path):
    from bliss_audio import Song

    return Song(str(path)).analysis


def essentia(path):
    from essentia.standard import MusicExtractor

    return MusicExtractor()(str(path))


def librosa_well(path):
    """librosa with all that its features share computed once."""
    import librosa
    import numpy as np

    y, sr = librosa.load(path, sr=RATE_HZ)
    S = np.abs(librosa.stft(y))
    power = S**2
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=sr))
    librosa.feature.mfcc(S=mel)
    librosa.feature.chroma_stft(S=power, sr=sr)
    for name in SHAPES:
        getattr(librosa.feature, name)(S=S, sr=sr)
    librosa.feature.spectral_flatness(S=S)
    librosa.feature.rms(S=S)
    librosa.feature.zero_crossing_rate(y)
    librosa.beat.beat_track(onset_envelope=librosa.onset.onset_strength(S=mel, sr=sr), sr=sr)


def librosa_usual(path):
    """librosa as its tutorials go: each feature from the samples."""
    import librosa

    y, sr = librosa.load(path)
    for name in (*SHAPES, "mfcc", "chroma_stft", "chroma_cqt", "tempo"):
        getattr(librosa.feature, name)(y=y, sr=sr)
    for name in ("spectral_flatness", "rms", "zero_crossing_rate"):
        getattr(librosa.feature, name)(y=y)
    librosa.beat.beat_track(y=y, sr=sr)


FUNCTIONS = (decode, spectrum, ours, bliss, essentia, librosa_well, librosa_usual)
CONTENDERS = {function.__name__.replace("_", "-"): function for function in FUNCTIONS}


def serve(name):
    """Answer each path that comes in with its cost, a JSON line each; what libraries print goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if hasattr(os, "sched_setaffinity"):  # bliss starts a thread for each descriptor, whatever the environment says
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    for line in sys.stdin:
        print(json.dumps(cost(CONTENDERS[name], Path(json.loads(line)))), file=answers, flush=True)


def cost(measure, path):
    started = time.process_time()
    try:
        measure(path)
    except BaseException as error:  # noqa: BLE001  a panic in Rust is no Exception
        return {"error": f"{type(error).__name__}: {error}"}
    return {"cpu_s": time.process_time() - started, "peak_mb": peak_mb()}


def peak_mb():
    """Most memory that this process held; `ru_maxrss` would begin at the peak of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def started(name, peers):
    """A contender's process; it ends when its input is closed."""
    python, compiler = (peers, {}) if name in PEERS else (sys.executable, compiled())
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | compiler
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([python, __file__, "--child", name], text=True, env=environment, **pipes)


def ask(child, path):
    with suppress(BrokenPipeError):
        print(json.dumps(str(path)), file=child.stdin, flush=True)
    return json.loads(child.stdout.readline() or '{"error": "its process is dead"}')


def compare(options, scratch):
    """Print the tables; a contender that cannot be imported is left out of them."""
    from tqdm import tqdm

    tracks = chosen(options.folder, options.files)
    extra = encoded(tracks[:: -(-len(tracks) // 3)], scratch, seconds=90)
    files = {path: sum(map(len, blocks)) / rate / 60 for path in tracks + extra for rate, blocks in [sound(path)]}
    warming = encoded(tracks[:1], scratch, seconds=15)
    peaks, errors = defaultdict(float), {}
    with ExitStack() as stack:
        children = {name: stack.enter_context(started(name, options.peers)) for name in options.only}
        for name, child in tuple(children.items()):
            if any("ModuleNotFound" in ask(child, path).get("error", "") for path in warming):
                del children[name]
        costs = {name: {} for name in children}
        for path in tqdm(files):
            for repeat, name in itertools.product(range(options.repeats), children):
                answer = ask(children[name], path) if not repeat or name not in SLOW else {}
                if "error" in answer:
                    errors[name, path.name] = answer["error"].splitlines()[0]
                elif answer:
                    costs[name][path] = min(answer["cpu_s"], costs[name].get(path, float("inf")))
                    peaks[name] = max(peaks[name], answer["peak_mb"])
    report(options.only, files, costs, peaks)
    print(*(f"{name} fails on {file}: {error[:100]}" for (name, file), error in errors.items()), sep="\n")


def compiled():
    from workbench import settings

    return {"NUMBA_CACHE_DIR": str(settings.compiled_folder())}


def report(names, files, costs, peaks):
    print(f"\n{len(files)} files, {sum(files.values()):.1f} minutes")
    print(f"{'contender':14}{'CPU s/min':>10}{'peak MB':>9}{'ours / it':>11}  {'goal':14}files")
    mine = costs.get("ours", {})
    for name in names:
        spent = costs.get(name)
        if not spent:
            print(f"{name:14}{'not installed' if spent is None else 'fails':>19}")
            continue
        both = spent.keys() & mine.keys()
        ratio = sum(mine[path] for path in both) / sum(spent[path] for path in both) if both else None
        shown = "" if ratio is None or name == "ours" else f"{ratio:.3f}"
        verdict = verdict_of(ratio, GOALS.get(name))
        print(f"{name:14}{per_minute(spent, files):10.3f}{peaks[name]:9.0f}{shown:>11}  {verdict:14}{len(spent)}")
    endings = sorted({path.suffix.lower() for path in files})
    print(f"\n{'CPU s/min':14}" + "".join(f"{ending:>8}" for ending in endings))
    for name in costs:
        parts = [{path: spent for path, spent in costs[name].items() if path.suffix.lower() == e} for e in endings]
        print(f"{name:14}" + "".join(f"{per_minute(part, files):8.3f}" if part else f"{'-':>8}" for part in parts))


def per_minute(spent, files):
    return sum(spent.values()) / sum(files[path] for path in spent)


def verdict_of(value, goal):
    outcome = "" if value is None or goal is None else " met" if value <= goal else " missed"
    return "" if goal is None else f"{goal:.3g}{outcome}"


def chosen(folder, count):
    """Tracks evenly spaced in the sorted folder, as many of each format as of any other while it has them."""
    kinds = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in FORMATS and path.is_file():
            kinds[path.suffix.lower()].append(path)
    if not kinds:
        raise SystemExit(f"{folder}: no music there; name a folder or set WORKBENCH_TEST_DATA")
    shares = dict.fromkeys(kinds, 0)
    for _ in range(min(count, sum(map(len, kinds.values())))):
        shares[min((kind for kind in kinds if shares[kind] < len(kinds[kind])), key=shares.get)] += 1
    spread = ((kinds[kind], number, share) for kind, share in shares.items() for number in range(share))
    return [paths[number * len(paths) // share] for paths, number, share in spread]


def encoded(tracks, scratch, *, seconds):
    """The beginning of each track in each of the formats."""
    named = itertools.product(tracks, CODECS)
    return [encode(track, scratch / f"{track.stem}-{seconds}{ending}", seconds=seconds) for track, ending in named]


def encode(source, target, *, seconds):
    """The beginning of a track in the format that the target's name says; gives the target."""
    import av

    codec, bit_rate = CODECS.get(target.suffix, ("pcm_s16le", 0))
    rate, blocks = sound(source)
    done, stream = 0, None
    with av.open(str(target), "w") as file:
        for block in first(blocks, seconds * rate):
            layout = "mono" if block.shape[1] == 1 else "stereo"
            stream = stream or file.add_stream(codec, rate=rate, layout=layout, bit_rate=bit_rate)
            frame = av.AudioFrame.from_ndarray(block[:, :2].reshape(1, -1).copy(), format="flt", layout=layout)
            frame.sample_rate, frame.pts = rate, done
            file.mux(stream.encode(frame))
            done += len(block)
        file.mux(stream.encode(None))
    return target


def write_music(target, tracks, *, seconds, distinct_s):
    """16-bit stereo FLAC at 44.1 kHz: `distinct_s` of the tracks one after the other, again and again."""
    import soundfile

    wanted_gb = seconds / 3600 * 0.5
    if shutil.disk_usage(target.parent).free < wanted_gb * 1e9:
        raise SystemExit(f"{target.parent}: {wanted_gb:.1f} GB wanted; set TMPDIR to a larger disk, or fewer --hours")
    sounds = (blocks for rate, blocks in map(sound, tracks) if rate == CD_RATE_HZ)
    wide = (block for block in itertools.chain.from_iterable(sounds) if block.shape[1] == 2)
    music = list(first(wide, distinct_s * CD_RATE_HZ))
    with soundfile.SoundFile(target, "w", CD_RATE_HZ, 2, "PCM_16") as file:
        for block in first(itertools.cycle(music), int(seconds * CD_RATE_HZ)):
            file.write(block)


def in_workers(function, tasks, *, count=1):
    from workbench import workers

    named = getattr(importlib.import_module(Path(__file__).stem), function.__name__)  # workers do not know __main__
    how = {"workers": count, "preload": ("workbench.features",), "environment": compiled(), "deadline_s": 4 * 3600}
    values = []
    for outcome in workers.run(named, tasks, **how):
        if outcome.reason:
            raise SystemExit(f"{outcome.task}: {outcome.reason}: {outcome.text}")
        values.append(outcome.value)
    return values


def so_far(path):
    """What a worker has seen and spent since it was started, when it has analysed one more file."""
    from workbench.features import analyze

    return analyze(path).duration_s, peak_mb(), time.process_time()


def analysis_s(path):
    analyze = engine()
    started_s = time.process_time()
    analyze(path)
    return time.process_time() - started_s


def memory(options, scratch):
    tracks = chosen(options.folder, 60)
    in_workers(analysis_s, tracks[:1])
    for seconds, distinct_s, goal in ((900, 900, 300), (options.hours * 3600, 300, 500)):
        path = scratch / f"{seconds:.0f}.flac"
        write_music(path, tracks, seconds=seconds, distinct_s=distinct_s)
        print(f"{seconds / 60:.1f} minutes, {path.stat().st_size / 1e6:.0f} MB of FLAC", end=": ", flush=True)
        ((heard_s, peak, cpu_s),) = in_workers(so_far, [path])
        print(f"heard {heard_s / 60:.1f}, peak {peak:.0f} MB, goal {verdict_of(peak, goal)}, {cpu_s:.0f} CPU s")


def start(options, scratch):
    path = encode(chosen(options.folder, 1)[0], scratch / "start.wav", seconds=5)
    in_workers(analysis_s, [path])
    for _ in range(options.repeats):
        first_s, both_s = (cpu_s for _, _, cpu_s in in_workers(so_far, [path, path]))
        start_s, file_s = 2 * first_s - both_s, both_s - first_s
        print(f"start {start_s:.2f} CPU s, goal {verdict_of(start_s, 1.5)}; the file itself {file_s:.2f}")


def pair(options, _):
    files = sorted(chosen(options.folder, 8), key=lambda path: path.stat().st_size, reverse=True)
    in_workers(analysis_s, files[-1:])
    spent = {1: [], 2: []}
    for _, count in itertools.product(range(options.repeats), spent):
        spent[count].append(sum(in_workers(analysis_s, files, count=count)) / len(files))
    one, two = (min(each) for each in spent.values())
    print(f"CPU s a file: alone {one:.2f}, by two {two:.2f}; ratio {two / one:.3f}, goal {verdict_of(two / one, 1.1)}")


def main():
    options = parsed()
    if options.child:
        serve(options.child)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            options.what(options, Path(scratch))


def parsed():
    folder = Path(os.environ.get("WORKBENCH_TEST_DATA", ".")) / "music"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=folder)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="has bliss-audio and essentia")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--files", type=int, default=12, help="tracks from the folder")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--hours", type=float, default=8, help="length of the long file of --memory")
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    for job in (memory, start, pair):
        parser.add_argument(f"--{job.__name__}", dest="what", action="store_const", const=job, default=compare)
    return parser.parse_args()


if __name__ == "__main__":
    main()
