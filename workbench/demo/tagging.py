"""How are tags and a cover written in each container's own way?

ID3v2 frames in MP3, WAV and AIFF (id3.org, ID3v2.4.0 native frames), Vorbis comments in FLAC, Ogg and Opus (xiph.org,
Vorbis comment field recommendations; one entry for each artist and genre), iTunes atoms in MP4.

Conventions
-----------
A file that is only just made is tagged before it gets its name; no file that was there before is ever opened here.
Unknown fields are not written.
"""

from __future__ import annotations

import base64
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.models import Tags

__all__ = ["OLD_ID3_YEAR", "write_tags"]

OLD_ID3_YEAR = 1980
"""MP3s of albums before it get ID3v2.3, as old taggers wrote it; all others v2.4."""

FRONT_COVER = 3


def write_tags(path: Path, tags: Tags, *, kind: str, cover: bytes | None = None) -> None:
    """Write tags into a file that was just made.

    Parameters
    ----------
    path : Path
        The file, whatever its name.
    tags : Tags
        What to write.
    kind : str
        Format, one of `encode.KINDS`.
    cover : bytes or None
        A JPEG picture to embed.
    """
    WRITERS[kind](path, tags, cover)


def _mutagen(module: str) -> Any:  # noqa: ANN401  mutagen's functions have no types
    return import_module(f"mutagen.{module}")


def _position(number: int | None, total: int | None) -> str | None:
    return None if number is None else f"{number}/{total}" if total else str(number)


def _frames(tags: Tags, cover: bytes | None) -> Iterator[Any]:
    """ID3 frames; COMM, TXXX and APIC have shapes of their own."""
    id3 = _mutagen("id3")
    texts: dict[str, list[str]] = {
        "TIT2": [tags.title or ""],
        "TPE1": list(tags.artists),
        "TALB": [tags.album or ""],
        "TPE2": list(tags.album_artists),
        "TCON": list(tags.genres),
        "TCOM": list(tags.composers),
        "TDRC": [tags.date or ""],
        "TRCK": [_position(tags.track_number, tags.track_total) or ""],
        "TPOS": [_position(tags.disc_number, tags.disc_total) or ""],
        "TBPM": [f"{tags.bpm:.0f}" if tags.bpm else ""],
        "TKEY": [tags.key or ""],
        "TCMP": ["1" if tags.compilation else ""],
    }
    for name, values in texts.items():
        if any(values):
            yield getattr(id3, name)(encoding=id3.Encoding.UTF16, text=values)
    if tags.comment:
        yield id3.COMM(encoding=id3.Encoding.UTF16, lang="eng", desc="", text=[tags.comment])
    if cover:
        yield id3.APIC(encoding=id3.Encoding.LATIN1, mime="image/jpeg", type=FRONT_COVER, desc="", data=cover)


def _write_mp3(path: Path, tags: Tags, cover: bytes | None) -> None:
    written = _mutagen("id3").ID3()
    for frame in _frames(tags, cover):
        written.add(frame)
    old = tags.year is not None and tags.year < OLD_ID3_YEAR
    if old:
        written.update_to_v23()
    written.save(path, v2_version=3 if old else 4)


def _write_riff(opener: Callable[[Path], Any], path: Path, tags: Tags, cover: bytes | None) -> None:
    """WAV and AIFF: an ID3 chunk."""
    file = opener(path)
    file.add_tags()
    for frame in _frames(tags, cover):
        file.tags.add(frame)
    file.save()


def _write_wav(path: Path, tags: Tags, cover: bytes | None) -> None:
    _write_riff(_mutagen("wave").WAVE, path, tags, cover)


def _write_aiff(path: Path, tags: Tags, cover: bytes | None) -> None:
    _write_riff(_mutagen("aiff").AIFF, path, tags, cover)


def _comments(tags: Tags) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {
        "TITLE": [tags.title or ""],
        "ARTIST": list(tags.artists),
        "ALBUM": [tags.album or ""],
        "ALBUMARTIST": list(tags.album_artists),
        "GENRE": list(tags.genres),
        "COMPOSER": list(tags.composers),
        "DATE": [tags.date or ""],
        "TRACKNUMBER": [str(tags.track_number or "")],
        "TRACKTOTAL": [str(tags.track_total or "")],
        "DISCNUMBER": [str(tags.disc_number or "")],
        "DISCTOTAL": [str(tags.disc_total or "")],
        "BPM": [f"{tags.bpm:.0f}" if tags.bpm else ""],
        "INITIALKEY": [tags.key or ""],
        "COMPILATION": ["1" if tags.compilation else ""],
        "COMMENT": [tags.comment or ""],
    }
    return {name: values for name, values in fields.items() if any(values)}


def _picture(cover: bytes) -> Any:  # noqa: ANN401  mutagen's functions have no types
    picture = _mutagen("flac").Picture()
    picture.type, picture.mime, picture.data = FRONT_COVER, "image/jpeg", cover
    return picture


def _write_flac(path: Path, tags: Tags, cover: bytes | None) -> None:
    file = _mutagen("flac").FLAC(path)
    file.update(_comments(tags))
    if cover:
        file.add_picture(_picture(cover))
    file.save()


def _write_ogg_stream(opener: Callable[[Path], Any], path: Path, tags: Tags, cover: bytes | None) -> None:
    file = opener(path)
    file.update(_comments(tags))
    if cover:
        file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(_picture(cover).write()).decode("ascii")]
    file.save()


def _write_vorbis(path: Path, tags: Tags, cover: bytes | None) -> None:
    _write_ogg_stream(_mutagen("oggvorbis").OggVorbis, path, tags, cover)


def _write_opus(path: Path, tags: Tags, cover: bytes | None) -> None:
    _write_ogg_stream(_mutagen("oggopus").OggOpus, path, tags, cover)


def _write_m4a(path: Path, tags: Tags, cover: bytes | None) -> None:
    mp4 = _mutagen("mp4")
    file = mp4.MP4(path)
    key = mp4.MP4FreeForm(tags.key.encode()) if tags.key else None
    atoms: dict[str, Any] = {
        "\xa9nam": tags.title,
        "\xa9ART": list(tags.artists),
        "\xa9alb": tags.album,
        "aART": list(tags.album_artists),
        "\xa9gen": list(tags.genres),
        "\xa9wrt": list(tags.composers),
        "\xa9day": tags.date,
        "\xa9cmt": tags.comment,
        "trkn": [(tags.track_number, tags.track_total or 0)] if tags.track_number else None,
        "disk": [(tags.disc_number, tags.disc_total or 0)] if tags.disc_number else None,
        "tmpo": [round(tags.bpm)] if tags.bpm else None,
        "cpil": tags.compilation,
        "----:com.apple.iTunes:initialkey": [key] if key else None,
        "covr": [mp4.MP4Cover(cover, mp4.MP4Cover.FORMAT_JPEG)] if cover else None,
    }
    file.update({name: value for name, value in atoms.items() if value})
    file.save()


WRITERS: Final[dict[str, Callable[[Path, Tags, bytes | None], None]]] = {
    "mp3": _write_mp3,
    "wav": _write_wav,
    "aiff": _write_aiff,
    "flac": _write_flac,
    "ogg": _write_vorbis,
    "opus": _write_opus,
    "m4a": _write_m4a,
}
