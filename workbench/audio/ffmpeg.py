"""What does FFmpeg, through PyAV, read out of a file?"""

from __future__ import annotations

import logging
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, Final

from workbench.audio.records import BLOCK, CONTAINERS, Samples, Source
from workbench.errors import DecodeError
from workbench.models import Reason, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import ExitStack
    from pathlib import Path


__all__ = ["by_ffmpeg"]

log = logging.getLogger(__name__)
DEMUXERS: Final = "mov,mp4,m4a,aac,ac3,aiff,ape,asf,au,caf,eac3,flac,matroska,webm,mp3,mpc,mpc8,ogg,tta,w64,wav,wv"
"""What FFmpeg may take a file for; playlists, which would open other files and addresses, are not among it."""


def lenient(version: str) -> dict[str, Any]:
    """What keeps PyAV from refusing a file over text in its metadata: an argument that version 19 did away with."""
    return {"metadata_errors": "ignore"} if int(version.partition(".")[0]) < 19 else {}  # noqa: PLR2004  the version


def by_ffmpeg(path: Path, file: IO[bytes], start_s: float, stack: ExitStack) -> Source:
    """What FFmpeg makes of an open file.

    The blocks leave out what cannot be decoded; `stack` closes what was opened here.

    Raises
    ------
    DecodeError
        NOT_AUDIO: FFmpeg does not know it; NO_SAMPLES: it holds no stream of sound; UNSUPPORTED: no decoder for it.
    """
    import av

    try:
        options = {"format_whitelist": DEMUXERS}
        container = stack.enter_context(av.open(file, "r", options=options, **lenient(av.__version__)))
        if start_s > 0:
            container.seek(int(start_s * 1e6))
    except av.error.PatchWelcomeError as error:
        found = f"holds sound of a kind that cannot be decoded (FFmpeg: {error.strerror}); convert it"
        raise DecodeError(f"{path}: {found}", Reason.UNSUPPORTED) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:  # the last two out of the file object's own seek
        raise DecodeError(f"{path}: FFmpeg: {getattr(error, 'strerror', error)}", Reason.NOT_AUDIO) from error
    if not container.streams.audio:
        raise DecodeError(f"{path}: holds no sound ({container.format.name} without a stream of it)", Reason.NO_SAMPLES)
    sound = container.streams.audio[0]
    codec = _codec(sound)
    if codec is None:
        raise DecodeError(f"{path}: holds sound that no decoder here knows; convert it", Reason.UNSUPPORTED)
    frames = _frames(path, container, sound)
    first = next(frames, None)
    rate, channels = (first.sample_rate, first.layout.nb_channels) if first else (sound.rate, sound.channels)
    blocks = _blocks(chain([first], frames), first, start_s) if first else iter(())
    return Source(header=_header(container, sound, codec), sample_rate_hz=rate, channels=channels, blocks=blocks)


def _codec(sound: Any) -> str | None:  # noqa: ANN401  PyAV is imported at first use
    """Name of a stream's codec, None where there is no decoder; to be asked before decoding, which may end it."""
    try:
        return sound.codec_context and str(sound.codec_context.codec.canonical_name)
    except ValueError:  # how PyAV 19 says that it knows no such codec
        return None


def _header(container: Any, sound: Any, codec: str) -> Stream:  # noqa: ANN401  PyAV is imported at first use
    duration_s = None if container.duration is None else container.duration / 1e6
    if sound.duration is not None:
        duration_s = float(sound.duration * sound.time_base)
    name = container.format.name.split(",")[0]
    return Stream(
        container=CONTAINERS.get(name, name),
        codec="pcm" if codec.startswith("pcm_") else codec,
        duration_s=duration_s,
        bit_rate_bps=sound.bit_rate or None,
        sample_rate_hz=sound.rate,
        bit_depth=_depth(codec, sound.format.name if sound.format else ""),
        channels=sound.channels,
    )


def _depth(codec: str, sample_format: str) -> int | None:
    """Bit depth of a lossless codec; 24 for 32-bit frames of packed codecs, which PyAV does not tell apart."""
    if codec.startswith("pcm_"):
        return int("".join(filter(str.isdigit, codec)) or 0) or None
    packed = {"u8": 8, "s16": 16, "s32": 24}
    return packed.get(sample_format.rstrip("p")) if codec in {"flac", "alac", "ape", "tta", "wavpack"} else None


def _frames(path: Path, container: Any, sound: Any) -> Iterator[Any]:  # noqa: ANN401  PyAV is imported at first use
    """Decoded frames; a packet that cannot be decoded is left out."""
    import av

    try:
        for packet in container.demux(sound):
            try:
                yield from packet.decode()
            except (av.error.FFmpegError, OSError, ValueError) as error:
                log.debug("%s: FFmpeg left out a packet: %s", path, error)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        log.info("%s: FFmpeg stopped: %s", path, error)


def _blocks(frames: Iterable[Any], first: Any, start_s: float) -> Iterator[Samples]:  # noqa: ANN401  as above
    """Blocks of up to `BLOCK` samples from `start_s` on."""
    skip = max(0, round((start_s - (first.time or 0)) * first.sample_rate)) if start_s > 0 else 0
    for y in _samples(frames, first):
        kept = y[:, skip:]
        skip = max(0, skip - y.shape[1])
        if kept.shape[1]:
            yield kept


def _samples(frames: Iterable[Any], first: Any) -> Iterator[Samples]:  # noqa: ANN401  as above
    """(channels, n) arrays, all at the first frame's rate and layout.

    Every frame goes through a resampler to packed floats: reading planar frames of eight channels crashes PyAV. It
    also gathers them to whole blocks, which saves a third of the time that Opus takes.
    """
    import av

    shape = resampler = None
    for frame in frames:
        if resampler is None or (frame.format.name, frame.layout.name, frame.sample_rate) != shape:
            yield from _packed(resampler.resample(None) if resampler else [], first)
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            resampler = av.AudioResampler("flt", first.layout.name, first.sample_rate, frame_size=BLOCK)
        frame.pts = None  # gaps and jumps in the clock are not filled
        yield from _packed(resampler.resample(frame), first)
    yield from _packed(resampler.resample(None) if resampler else [], first)


def _packed(frames: Iterable[Any], first: Any) -> Iterator[Samples]:  # noqa: ANN401  as above
    for frame in frames:
        yield frame.to_ndarray().reshape(-1, first.layout.nb_channels).T
