"""How does a part of a file sound in a browser?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.audio.decoding import first_samples, stream
from workbench.audio.rates import resample

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.audio.records import Samples


__all__ = ["excerpt"]

EXCERPT_RATE_HZ: Final = 48_000
EXCERPT_COMPRESSION: Final = 0.8
"""Vorbis quality 2 of 10, about 75 kbit/s: half a minute of stereo in 300 kB."""


def excerpt(path: Path, *, start_s: float = 0.0, duration_s: float = 30.0) -> bytes:
    """A part of a file as a small Ogg Vorbis that browsers play, or WAV where libsndfile has no Vorbis.

    Only that part is decoded. Sound in more than two channels is mixed to one, rates above 48 kHz come down to that,
    and what lies behind the file's end is left out.

    Raises
    ------
    ValueError
        The start is negative or the duration is not positive.
    DecodeError
        As `stream`; NO_SAMPLES also where the file ends before `start_s`.
    """
    if start_s < 0 or duration_s <= 0:
        raise ValueError(f"an excerpt from {start_s} s of {duration_s} s: expected a start >= 0 and a duration > 0")
    with stream(path, start_s=start_s) as source:
        sr = source.sample_rate_hz
        y = first_samples(source.blocks, max(1, round(duration_s * sr)))
    stereo = y if source.channels <= 2 else y.mean(axis=0, keepdims=True)  # noqa: PLR2004  one or two loudspeakers
    if sr > EXCERPT_RATE_HZ:
        stereo, sr = resample(stereo, sr, EXCERPT_RATE_HZ), EXCERPT_RATE_HZ
    return _encoded(np.clip(stereo, -1, 1), sr)


def _encoded(y: Samples, sr: int) -> bytes:
    """Ogg Vorbis, or 16-bit WAV, of samples; written in blocks, for libsndfile's encoder overflows on long ones."""
    import soundfile

    vorbis = "VORBIS" in soundfile.available_subtypes("OGG")
    kind = {"format": "OGG", "subtype": "VORBIS"} if vorbis else {"format": "WAV", "subtype": "PCM_16"}
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sr, len(y), compression_level=EXCERPT_COMPRESSION if vorbis else None, **kind
    ) as sound:
        for start in range(0, y.shape[1], sr):
            sound.write(np.ascontiguousarray(y[:, start : start + sr].T))
    return buffer.getvalue()
