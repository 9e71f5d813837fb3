"""Covers become small squares; a damaged one is none."""

import io
import os
import zlib

import numpy as np
import pytest
import soundfile
from PIL import Image

from workbench import tags
from workbench.tags import thumbnail, thumbnails
from workbench.widgets.covers import cover_of


def picture(kind="JPEG", size=(400, 200), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1")]
)
def test_a_thumbnail_is_a_square_jpeg(kind, mode):
    small = Image.open(io.BytesIO(tags.thumbnail(picture(kind, mode=mode), 48)))
    assert (small.format, small.size, small.mode) == ("JPEG", (48, 48), "RGB")


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 no picture", b"\x89PNG\r\n\x1a\n", picture()[:300]])
def test_a_damaged_picture_has_none(content):
    assert tags.thumbnail(content) is None


def test_a_picture_that_would_unfold_to_gigabytes_has_none(monkeypatch):
    monkeypatch.setattr(thumbnails, "MOST_PIXELS", 400 * 200 - 1)
    assert tags.thumbnail(picture()) is None


def test_the_cover_of_a_row_may_lie_beside_the_file(tmp_path):
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "a.flac", np.zeros(2205), 22_050)
    row = {"path": str(tmp_path / "a.flac")}
    assert cover_of(row) is None
    (tmp_path / "b").mkdir()
    soundfile.write(tmp_path / "b" / "a.flac", np.zeros(2205), 22_050)
    (tmp_path / "b" / "cover.jpg").write_bytes(picture())
    assert cover_of({"path": str(tmp_path / "b" / "a.flac")}).startswith(b"\xff\xd8\xff")
    assert cover_of({"path": str(tmp_path / "b" / "a.flac"), "missing": True}) is None


@pytest.mark.parametrize("row", [{}, {"path": "/nowhere/a.mp3"}, {"path": "a.mp3", "missing": True}])
def test_a_file_that_is_not_there_has_no_cover(row):
    assert cover_of(row) is None


def test_a_png_that_has_lost_its_palette_has_none():
    """Pillow fails an assertion over it."""
    kept, lost = (png_with_palette_as(name) for name in (b"PLTE", b"pLTE"))
    assert thumbnail(kept).startswith(b"\xff\xd8\xff")
    assert thumbnail(lost) is None


def png_with_palette_as(name):
    """One pixel and its transparency, with the palette in a chunk of this name."""
    head = (1).to_bytes(4, "big") * 2 + bytes([8, 3, 0, 0, 0])
    chunks = [(b"IHDR", head), (name, bytes(768)), (b"tRNS", b"\xff\x00"), (b"IDAT", zlib.compress(bytes(2)))]
    parts = [
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in [*chunks, (b"IEND", b"")]
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_file_that_comes_back_or_is_changed_has_its_cover(tmp_path):
    """A disk that was away when the list was first shown."""
    row = {"path": str(tmp_path / "a.flac")}
    assert cover_of(row) is None
    soundfile.write(tmp_path / "a.flac", np.zeros(2205), 22_050)
    (tmp_path / "cover.jpg").write_bytes(picture())
    first = cover_of(row)
    assert first is not None
    (tmp_path / "cover.jpg").write_bytes(picture("PNG", mode="L"))
    assert cover_of(row) == first, "the file itself is as it was"
    os.utime(tmp_path / "a.flac", ns=(1, 1))
    assert cover_of(row) != first
