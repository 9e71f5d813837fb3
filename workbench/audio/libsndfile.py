"""What does libsndfile read out of a file?"""

from __future__ import annotations

import logging
import os
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from workbench.audio.records import BLOCK, CONTAINERS, Samples, Source
from workbench.errors import DecodeError
from workbench.models import Reason, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from pathlib import Path


__all__ = ["by_libsndfile"]

log = logging.getLogger(__name__)
UNKNOWN_LENGTH: Final = 1 << 62
"""libsndfile gives 2^63 - 1 frames for a FLAC that does not say how long it is."""
CODECS: Final = {"MPEG_LAYER_III": "mp3", "VORBIS": "vorbis", "OPUS": "opus", "FLOAT": "pcm", "DOUBLE": "pcm"}
DEPTHS: Final = {"PCM_S8": 8, "PCM_U8": 8, "FLOAT": 32, "DOUBLE": 64}


def by_libsndfile(path: Path, file: IO[bytes], start_s: float, stack: ExitStack) -> Source:
    """What libsndfile makes of an open file.

    The blocks end where libsndfile stops; `stack` closes what was opened here.

    Raises
    ------
    DecodeError
        NOT_AUDIO: libsndfile does not know it, or cannot read it without a declared length.
    """
    import soundfile

    try:
        sound = stack.enter_context(soundfile.SoundFile(_handle(path, file), closefd=False))
        if start_s > 0:
            sound.seek(min(round(start_s * sound.samplerate), sound.frames))
    except soundfile.LibsndfileError as error:
        raise DecodeError(f"{path}: libsndfile: {error.error_string}", Reason.NOT_AUDIO) from error
    if sound.frames >= UNKNOWN_LENGTH:
        raise DecodeError(f"{path}: libsndfile: no length is declared, which it needs to read on", Reason.NOT_AUDIO)
    rate, channels = sound.samplerate, sound.channels
    if sound.subtype in {"VORBIS", "OPUS"} and channels > 2:  # noqa: PLR2004  left and right
        raise DecodeError(f"{path}: libsndfile: leaves {channels} channels in an order of their own", Reason.NOT_AUDIO)
    header = Stream(
        container=CONTAINERS.get(sound.format.lower(), sound.format.lower()),
        codec=_codec(sound.format, sound.subtype),
        duration_s=sound.frames / rate,
        sample_rate_hz=rate,
        bit_depth=_depth(sound.subtype),
        channels=channels,
    )
    return Source(header=header, sample_rate_hz=rate, channels=channels, blocks=_blocks(path, sound))


def _handle(path: Path, file: IO[bytes]) -> int | str:
    """The open file's number, for soundfile cannot take every path; Windows shares no numbers between libraries."""
    return str(path) if os.name == "nt" else file.fileno()


def _codec(form: str, subtype: str) -> str:
    if form == "FLAC":
        return "flac"
    return "pcm" if subtype.startswith("PCM_") else CODECS.get(subtype, subtype.lower().split("_")[0])


def _depth(subtype: str) -> int | None:
    name, _, digits = subtype.rpartition("_")
    return DEPTHS.get(subtype) or (int(digits) if name in {"PCM", "ALAC"} else None)


def _blocks(path: Path, sound: Any) -> Iterator[Samples]:  # noqa: ANN401  soundfile has no types
    import soundfile

    while True:
        buffer = np.zeros((BLOCK, sound.channels), np.float32)
        start = sound.tell() if sound.seekable() else 0
        try:
            block = sound.read(out=buffer)
        except soundfile.SoundFileError as error:
            log.info("%s: libsndfile stopped: %s", path, error)
            if sound.seekable() and sound.tell() > start:  # what was good before the damage is in the buffer
                yield buffer[: sound.tell() - start].T
            return
        if len(block) == 0:
            return
        yield block.T
