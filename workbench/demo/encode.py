"""How do samples become a file of a given format?

Conventions
-----------
`kind` is the usual ending: "flac", "wav", "aiff", "ogg" (Vorbis), "opus", "mp3", "m4a" (AAC). The file's own name
does not matter, so that it can be written under a temporary one. Whole-number formats hold 16 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["KINDS", "write"]

SOUNDFILE: Final[dict[str, tuple[str, str]]] = {
    "flac": ("FLAC", "PCM_16"),
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
KINDS: Final = (*SOUNDFILE, "m4a")
AAC_BPS = 160_000


def write(path: Path, y: NDArray[np.float32], *, sr: int, kind: str) -> None:
    """Write samples to a file, replacing what is there.

    Parameters
    ----------
    path : Path
        Where to.
    y : ndarray (n, 2) float32
        Stereo samples, -1..1.
    sr : int
        Sample rate in Hz; Opus knows only 8, 12, 16, 24 and 48 kHz.
    kind : str
        One of `KINDS`.
    """
    if kind == "m4a":
        _write_aac(path, y, sr)
    else:
        _write_soundfile(path, y, sr, kind)


def _write_soundfile(path: Path, y: NDArray[np.float32], sr: int, kind: str) -> None:
    """Block by block of a second: libsndfile's Vorbis writer overflows its stack on a long single write."""
    import soundfile

    container, codec = SOUNDFILE[kind]
    with soundfile.SoundFile(path, "w", samplerate=sr, channels=y.shape[1], format=container, subtype=codec) as file:
        for start in range(0, len(y), sr):
            file.write(y[start : start + sr])


def _write_aac(path: Path, y: NDArray[np.float32], sr: int) -> None:
    import av

    with av.open(str(path), "w", format="ipod") as file:
        stream = file.add_stream("aac", rate=sr, layout="stereo")
        stream.bit_rate = AAC_BPS
        for start in range(0, len(y), sr):
            block = np.ascontiguousarray(y[start : start + sr].T)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = sr, start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
