"""How is real music prepared, so that only the music can tell an album?

Conventions
-----------
A prepared file is named for a digest of its source's path and bears no tags. It is written under another name first,
so that a run that was stopped leaves no half of one behind.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from workbench.audio import resample, stream
from workbench.features.loudness import Meter

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 90.0
"""Out of the middle of each track."""
CUTOFF_HZ = 10_000
"""The lowest cut-off that a codec left in the 65 tracks this was made with is 15.2 kHz; features hear up to 11 kHz."""
RATE_HZ = 22_050
LOUDNESS_LUFS = -23.0
"""EBU R 128; leaves room for the peaks."""
BIT_RATE_BPS = 64_000
"""Of the prepared mono files, and of the stereo copies."""
ENDINGS = {".ogg", ".opus", ".mp3", ".m4a", ".flac", ".wav", ".aiff"}
CONTROLLED = f"controlled {SECONDS:g} s {CUTOFF_HZ} Hz {LOUDNESS_LUFS:g} LUFS"
COPIES = f"copies {BIT_RATE_BPS} bps"


@dataclass(frozen=True)
class Original:
    """A music file, its album (the folder it lies in) and the name that its prepared files bear."""

    path: Path
    album: str

    @property
    def name(self):
        return hashlib.sha256(f"{self.album}/{self.path.name}".encode()).hexdigest()[:16]


def originals(folder, *, fewer=None):
    """The first so many files of a folder's subfolders, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    return [Original(path, str(path.parent.relative_to(folder))) for path in paths[:fewer]]


def prepare(tracks, folder, make):
    """A folder with ``make(path, target)`` of each track, two at a time; what is there is not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(partial(prepared, folder=folder, make=make), tracks))
    return folder


def prepared(track, *, folder, make):
    target = folder / f"{track.name}.mp3"
    if not target.is_file():
        part = target.with_suffix(f".{os.getpid()}.part")
        make(track.path, part)
        part.replace(target)


def controlled(path, target):
    """The middle of a track without what its codec, rate, level and channels tell."""
    y, sr = middle(path)
    mono = resample(resample(y, sr, 2 * CUTOFF_HZ), 2 * CUTOFF_HZ, RATE_HZ)  # nothing passes half of the lower rate
    write_mp3(target, [levelled(mono, RATE_HZ)], sr=RATE_HZ, channels=1)


def copied(path, target):
    """The whole track at a low bit rate."""
    with stream(path) as source:
        write_mp3(target, source.blocks, sr=source.sample_rate_hz, channels=source.channels)


def middle(path):
    """Mono samples, ndarray (1, n), and their rate."""
    with stream(path) as source:
        duration_s = source.header.duration_s or 0
    with stream(path, start_s=max(0.0, (duration_s - SECONDS) / 2)) as source:
        wanted, blocks = round(SECONDS * source.sample_rate_hz), []
        while wanted > 0 and (block := next(source.blocks, None)) is not None:
            blocks.append(block[:, :wanted].mean(axis=0, keepdims=True))
            wanted -= blocks[-1].shape[1]
        return np.concatenate(blocks, axis=1), source.sample_rate_hz


def levelled(y, sr):
    meter = Meter(sr, len(y))
    meter.add(y)
    return (y * 10 ** ((LOUDNESS_LUFS - meter.columns()["loudness_lufs"]) / 20)).astype(np.float32)


def write_mp3(path, blocks, *, sr, channels):
    """A constant bit rate, no tags."""
    import av

    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0", "write_id3v1": "0"}) as file:
        sound = file.add_stream("libmp3lame", rate=sr, layout=layout)
        sound.bit_rate, sound.options = BIT_RATE_BPS, {"compression_level": "7"}  # quick
        at = 0
        for block in blocks:
            for start in range(0, block.shape[1], sr):
                part = np.ascontiguousarray(block[:, start : start + sr])
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
                frame.sample_rate, frame.pts = sr, at
                at += part.shape[1]
                file.mux(sound.encode(frame))
        file.mux(sound.encode(None))
