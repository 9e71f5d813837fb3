"""Pictures of strangers: what is no JPEG or PNG is refused with a reason, and what is one is made anew in a worker."""

import io
import logging
import os
import signal
import struct
import zlib
from functools import cache, partial
from pathlib import Path

import mutagen.id3
import numpy as np
import pytest
import soundfile
from PIL import Image

from workbench import tags, workers
from workbench.errors import WorkerError
from workbench.tags.pictures import refusal
from workbench.widgets import covers

SCRIPT = b"<script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


def saved(kind="JPEG", mode="RGB", size=(300, 200), **how):
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode in {"1", "P"} else None).save(out, kind, **how)
    return out.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *chunks, depth=8, colour=2):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


@cache
def bomb(side):
    """A grey picture of one bit a pixel, all of it there."""
    rows = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(rows.compress(row * 100) for _ in range(side // 100)) + rows.flush()
    return png(side, side, chunk(b"IDAT", data), depth=1, colour=0)


def with_exif():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it
    exif[0x010E] = "<script>" + "x" * 60_000
    return saved(exif=exif, comment=SCRIPT)


def animated(kind):
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


TAKEN, REFUSED = "taken", "refused"
PICTURES = {
    "jpeg": (saved, TAKEN),
    "png": (partial(saved, "PNG"), TAKEN),
    "jpeg in CMYK": (partial(saved, mode="CMYK"), TAKEN),
    "jpeg, progressive": (partial(saved, progressive=True), TAKEN),
    "jpeg with 60 kB of EXIF, a turn and a comment": (with_exif, TAKEN),
    "jpeg with a page behind it": (lambda: saved() + b"<html>" + SCRIPT, TAKEN),
    "png with a zip behind it": (lambda: saved("PNG") + b"PK\x03\x04" + bytes(1000), TAKEN),
    "png, animated": (partial(animated, "PNG"), TAKEN),
    "png of 16 bits": (partial(saved, "PNG", mode="I;16"), TAKEN),
    "png named gif": (partial(saved, "PNG", mode="RGBA"), TAKEN),
    "svg with a script": (lambda: SVG, REFUSED),
    "svg behind a byte order mark": (lambda: b"\xef\xbb\xbf\n" + SVG, REFUSED),
    "html": (lambda: b"<!doctype html>" + SCRIPT, REFUSED),
    "a page that begins like a gif": (lambda: b"GIF89a/*" + SCRIPT + b"*/=1", REFUSED),
    "gif, animated": (partial(animated, "GIF"), REFUSED),
    "webp": (partial(saved, "WEBP"), REFUSED),
    "bmp": (partial(saved, "BMP"), REFUSED),
    "tiff": (partial(saved, "TIFF"), REFUSED),
    "icon": (partial(saved, "ICO"), REFUSED),
    "pdf": (lambda: b"%PDF-1.7" + bytes(100), REFUSED),
    "gzipped svg": (lambda: b"\x1f\x8b\x08" + bytes(100), REFUSED),
    "a link": (lambda: b"-->http://example.com/a.jpg", REFUSED),
    "nothing": (lambda: b"", REFUSED),
    "png of 50,000 x 50,000": (partial(bomb, 50_000), REFUSED),
    "png of 7,000 x 7,000": (partial(bomb, 7_000), REFUSED),
    "png that says 2 billion each way": (lambda: png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", b"x")), REFUSED),
    "png without pixels": (lambda: png(0, 0), REFUSED),
    "png without its palette": (
        lambda: png(1, 1, chunk(b"tRNS", b"\xff\0"), chunk(b"IDAT", zlib.compress(bytes(2))), colour=3),
        REFUSED,
    ),
    "png with a text of 100 MB": (
        lambda: png(1, 1, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8)))),
        REFUSED,
    ),
    "png cut off": (lambda: noise("PNG")[:-2000], REFUSED),
    "jpeg cut off": (lambda: noise("JPEG")[:-2000], REFUSED),
    "jpeg of 11 MB": (lambda: saved() + bytes(11_000_000), REFUSED),
    "jpeg that is noise": (lambda: b"\xff\xd8\xff" + np.random.default_rng(0).bytes(5000), REFUSED),
}


def noise(kind):
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (120, 120, 3), np.uint8)).save(out, kind)
    return out.getvalue()


@pytest.fixture
def song(tmp_path):
    """A file of sound in a folder of its own, by name, with a picture in it or beside it."""

    def made(name, *, inside=None, beside=None):
        folder = tmp_path / name
        folder.mkdir()
        soundfile.write(folder / "a.mp3", np.zeros(22_050), 22_050, format="MP3")
        if inside is not None:
            tag = mutagen.id3.ID3()
            tag.add(mutagen.id3.APIC(mime="image/jpeg", type=3, data=inside))
            tag.save(folder / "a.mp3")
        if beside is not None:
            (folder / "cover.jpg").write_bytes(beside)
        return folder / "a.mp3"

    return made


def rows_of(paths):
    return [{"path": str(path), "path_bytes": os.fsencode(path)} for path in paths]


@pytest.mark.parametrize("place", ["inside", "beside"])
def test_hostile_pictures(song, place, caplog):
    """All of them named cover.jpg, or said to be image/jpeg; each that is refused says why."""
    caplog.set_level(logging.INFO, "workbench.widgets.covers")
    paths = [song(f"{number} {place}", **{place: make()}) for number, (make, _) in enumerate(PICTURES.values())]
    small = covers.covers_of(rows_of(paths))
    said = {message.partition("no cover: ")[2].partition(": its cover ")[::2] for message in caplog.messages}
    why = {name: text for name, text in said if name}
    for (name, (_, expected)), path, cover in zip(PICTURES.items(), paths, small, strict=True):
        print(f"{name}: {'taken' if cover else 'refused: ' + why.get(str(path), '')}")
        assert (TAKEN if cover else REFUSED) == expected, name
        assert bool(cover) != bool(why.get(str(path))), name
    for cover in filter(None, small):
        image = Image.open(io.BytesIO(cover))
        assert (image.format, image.size, image.mode) == ("JPEG", (96, 96), "RGB")
        assert b"script" not in cover
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_file_of_half_a_gigabyte_is_not_read(song):
    path = song("large", beside=saved())
    with (path.parent / "cover.jpg").open("r+b") as file:
        file.truncate(500_000_000)
    before = workers.ask(read_so_far, 0)
    assert covers.cover_of(rows_of([path])[0]) is None
    read = workers.ask(read_so_far, 0) - before
    print(f"of 500 MB {read / 1e6:.1f} MB were read")
    assert 0 < read < 11_000_000


def read_so_far(_task):
    words = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(words["rchar"])


def killing(paths, *, size):
    """As `tags.small_covers`, where one file is the end of whoever reads it."""
    if any(b"deadly" in path for path in paths):
        os.kill(os.getpid(), signal.SIGKILL)
    return tags.small_covers(paths, size=size)


@pytest.mark.faults
def test_a_picture_that_kills_its_worker_costs_itself_only(song, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "workbench.widgets.covers")
    paths = [song(name, beside=saved()) for name in ("one", "two", "deadly", "four")]
    whole = workers.ask
    asked = []
    monkeypatch.setattr(covers.tags, "small_covers", killing)
    monkeypatch.setattr(workers, "ask", lambda *words, **how: asked.append(words[1]) or whole(*words, **how))
    found = covers.covers_of(rows_of(paths))
    assert [cover is not None for cover in found] == [True, True, False, True]
    assert "died over it" in caplog.text
    assert len(asked) == 5, "all at once, then each alone"
    assert covers.covers_of(rows_of(paths)) == found
    assert len(asked) == 5, "the deadly one is not tried again"


@pytest.mark.faults
def test_that_no_worker_could_start_is_not_held_against_a_cover(song, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "workbench.widgets.covers")
    rows = rows_of([song("early", beside=saved())])

    def refuse(*_words, **_how):
        raise WorkerError("a worker cannot start: no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(workers, "ask", refuse)
        assert covers.covers_of(rows) == [None]
    assert "no cover: a worker cannot start" in caplog.text
    assert covers.cover_of(rows[0]) is not None


@pytest.mark.faults
def test_a_tag_that_unfolds_to_gigabytes_costs_itself_only(song, caplog):
    caplog.set_level(logging.INFO, "workbench.widgets.covers")
    bad, good = song("bomb"), song("fine", inside=saved())
    unfolded = 1_500_000_000
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(10**7)) for _ in range(unfolded // 10**7)) + packed.flush()
    body = struct.pack(">I", sevens(unfolded)) + data
    frame = b"APIC" + struct.pack(">I", sevens(len(body))) + b"\0\x09" + body
    bad.write_bytes(b"ID3\4\0\0" + struct.pack(">I", sevens(len(frame))) + frame + bad.read_bytes())
    found = covers.covers_of(rows_of([bad, good]))
    print(f"{bad.stat().st_size / 1e6:.1f} MB that unfold to {unfolded / 1e9:.1f} GB: {caplog.messages}")
    assert [cover is not None for cover in found] == [False, True]
    assert len(caplog.messages) == 1


def sevens(number):
    """A number of seven bits a byte, as ID3 writes sizes."""
    return sum((number >> 7 * place & 0x7F) << 8 * place for place in range(4))


def test_what_is_refused_by_name():
    assert refusal(b"GIF89a") == "is of the kind GIF; JPEG and PNG are taken"
    assert refusal(b"\0" * 20) == "is no picture that is known; JPEG and PNG are taken"
    assert refusal(bytes(10_000_001)) == "is larger than 10 MB"
    assert refusal(saved()) == ""
