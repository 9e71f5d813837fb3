"""Bad input that is made: junk, bombs, cut files, odd signals and things that are no files."""

import contextlib
import os
import random
import shutil
import socket
import struct
import zlib

import numpy as np
import soundfile

from workbench.models import EXTENSIONS

JUNK_ENDINGS = ("mp3", "flac", "wav", "aiff", "ogg", "opus", "m4a", "aac")
JUNK_SEEDS = 40
SPARSE_BYTES = 2**32 + 2**20
SILENT_HOURS = 8


def junk(folder):
    """Zero-byte, text, HTML and random files under eight endings."""
    folder.mkdir()
    for ending in JUNK_ENDINGS:
        contents = {
            "empty": b"",
            "text": b"La mer, qu'on voit danser\n" * 40,
            "utf16": "La mer\n".encode("utf-16") * 100,
            "html": b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>" * 20,
            "zeros": bytes(5000),
            "ones": b"\xff" * 5000,
            "png": b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3000),
            "zip": b"PK\x03\x04" + random.Random(2).randbytes(3000),
            "elf": b"\x7fELF" + random.Random(3).randbytes(9000),
        }
        for seed in range(JUNK_SEEDS):
            source = random.Random(f"{ending}{seed}")
            contents[f"random{seed}"] = source.randbytes(source.choice([1, 16, 500, 4000, 60_000]))
        for name, content in contents.items():
            (folder / f"{name}.{ending}").write_bytes(content)


def signals(folder):
    """Sound that features must say something of, or say why not."""
    folder.mkdir()
    random_ = np.random.default_rng(0)
    noise = (random_.standard_normal((2 * 22_050, 1)) * 0.2).astype(np.float32)
    spoilt, endless = noise.copy(), noise.copy()
    spoilt[::7], endless[::9] = np.nan, np.inf
    made = {
        "silence": (np.zeros((44_100, 2)), 22_050),
        "clipped": (np.clip(noise * 40, -1, 1), 22_050),
        "one": (np.full((1, 1), 0.5), 22_050),
        "two": (np.full((2, 2), 0.5), 44_100),
        "dc": (np.full((44_100, 1), 0.5), 22_050),
        "antiphase": (np.hstack([noise, -noise]), 22_050),
        "eight": (np.tile(noise, 8), 22_050),
        "slow": (noise, 8_000),
        "fast": (np.tile(noise, (4, 1)), 192_000),
        "nan": (spoilt, 22_050),
        "inf": (endless, 22_050),
        "all_nan": (np.full((22_050, 1), np.nan), 22_050),
        "loud": (noise * 1e30, 22_050),
        "faint": (noise * 1e-30, 22_050),
        "impulse": (np.eye(44_100, 1), 22_050),
    }
    for name, (y, rate) in made.items():
        soundfile.write(folder / f"{name}.wav", y, rate, subtype="FLOAT")


def cut(folder):
    """Files whose end is missing, by name: the same sound each time, and how much of it is left."""
    folder.mkdir()
    y = np.random.default_rng(0).standard_normal(22_050 * 6) * 0.1
    for name, form in {"cut.wav": "WAV", "cut.aiff": "AIFF", "cut.ogg": "OGG", "cut.flac": "FLAC"}.items():
        whole = folder / f"whole_{name}"
        soundfile.write(whole, y, 22_050, format=form)
        content = whole.read_bytes()
        (folder / name).write_bytes(content[: len(content) * 97 // 100])
    content = bytearray((folder / "whole_cut.flac").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5] = bytes(5)
    (folder / "damaged.flac").write_bytes(content)


def bombs(folder):
    """Small files that ask for gigabytes."""
    folder.mkdir()
    tone = np.sin(np.arange(22_050) / 20) * 0.3
    for ending in ("flac", "mp3"):
        soundfile.write(folder / f"a.{ending}", tone, 44_100)
    flac = bytearray((folder / "a.flac").read_bytes())
    flac[21:26] = bytes([flac[21] | 0x0F, 255, 255, 255, 255])  # 2^36 - 1 samples
    (folder / "endless.flac").write_bytes(flac)
    (folder / "picture.flac").write_bytes(flac[:42] + b"\x06\xff\xff\xf0" + flac[42:])
    mp3 = bytearray((folder / "a.mp3").read_bytes())
    at = max(mp3.find(b"Xing"), mp3.find(b"Info"))
    mp3[at + 8 : at + 12] = b"\x7f\xff\xff\xff"
    (folder / "endless.mp3").write_bytes(mp3)
    (folder / "long_tag.mp3").write_bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + mp3)
    (folder / "unfolding.mp3").write_bytes(id3(b"TIT2", unfolding(450), flags=b"\x00\x09") + mp3)
    (folder / "counter.mp3").write_bytes(id3(b"PCNT", b"\xff" * 400_000) + mp3)
    (folder / "rated.mp3").write_bytes(id3(b"POPM", b"a\0\xff" + b"\xff" * 400_000) + mp3)
    (folder / "ape.mp3").write_bytes(mp3 + b"APETAGEX" + struct.pack("<4I8x", 2000, 2**31, 2**31, 0))
    for name, box in {"atom": b"moov", "table": b"stsz", "media": b"mdat"}.items():
        opening = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42"
        (folder / f"{name}.m4a").write_bytes(opening + b"\x7f\xff\xff\xff" + box + b"\xff" * 3000)
        (folder / f"{name}64.m4a").write_bytes(opening + b"\0\0\0\1" + box + b"\x7f" + b"\xff" * 3000)
    wav = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 65535, 2**31, 2**31, 65535, 16)
    (folder / "channels.wav").write_bytes(wav + b"data\xff\xff\xff\x7f" + bytes(3000))
    silent_flac(folder / "silent.flac")


def unfolding(megabytes):
    """A compressed ID3 frame's content: its length, then zeros, of which a reader needs twice as much memory."""
    press = zlib.compressobj(9)
    parts = [press.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return synchsafe(2**28 - 1) + b"".join(parts) + press.flush()


def id3(name, content, *, flags=b"\0\0"):
    frame = name + synchsafe(len(content)) + flags + content
    return b"ID3\x04\x00\x00" + synchsafe(len(frame)) + frame


def synchsafe(number):
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def silent_flac(path):
    """Eight hours of silence in stereo in four megabytes: each frame is a constant. RFC 9639."""
    size, rate = 4_800, 44_100
    count = SILENT_HOURS * 3600 * rate // size
    bits = (rate << 44) | (1 << 41) | (15 << 36) | (count * size)
    info = struct.pack(">HH", size, size) + bytes(6) + bits.to_bytes(8, "big") + bytes(16)
    table = [crc(bytes([byte]), 0x8005, 16) for byte in range(256)]
    short = [crc(bytes([byte]), 0x07, 8) for byte in range(256)]
    with path.open("wb") as file:
        file.write(b"fLaC\x80\x00\x00\x22" + info)
        for number in range(count):
            head = b"\xff\xf8\x79\x18" + coded(number) + struct.pack(">H", size - 1)
            checked = 0
            for byte in head:
                checked = short[checked ^ byte]
            frame = head + bytes([checked]) + bytes(6)  # two constant subframes of 16 bits
            total = 0
            for byte in frame:
                total = (total << 8 & 0xFFFF) ^ table[total >> 8 ^ byte]
            file.write(frame + struct.pack(">H", total))


def coded(number):
    """A frame's number as FLAC spells it, which is as UTF-8 would, further."""
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else b""


def crc(content, polynomial, width):
    value = 0
    for byte in content:
        value ^= byte << (width - 8)
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value >> (width - 1) else 0)
            value &= (1 << width) - 1
    return value


def sparse(folder, corpus):
    """Real headers with four gigabytes of nothing behind them, which take no room on the disk."""
    folder.mkdir()
    tone = np.sin(np.arange(44_100) / 20) * 0.3
    for ending in ("flac", "mp3"):
        soundfile.write(folder / f"a.{ending}", tone, 44_100)
    shutil.copyfile(corpus / "035592a98f3fc282.m4a", folder / "a.m4a")
    header = b"RIFF\xff\xff\xff\xfeWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44_100, 176_400, 4, 16)
    (folder / "a.wav").write_bytes(header + b"data" + struct.pack("<I", 2**32 - 2**20))
    for path in folder.iterdir():
        (folder / path.name).chmod(0o600)
        os.truncate(path, SPARSE_BYTES)


def odd_objects(folder):
    """What is no file, what cannot be reached, and names that are no text."""
    folder.mkdir()
    os.mkfifo(folder / "pipe.mp3")
    (folder / "zero.flac").symlink_to("/dev/zero")
    (folder / "random.wav").symlink_to("/dev/urandom")
    (folder / "self.mp3").symlink_to(folder / "self.mp3")
    (folder / "gone.ogg").symlink_to(folder / "nowhere.ogg")
    (folder / "loop").mkdir()
    (folder / "loop" / "loop").symlink_to(folder / "loop")
    (folder / "folder.mp3").mkdir()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listening:
        here = os.open(folder, os.O_RDONLY)
        try:
            listening.bind(f"/proc/self/fd/{here}/socket.mp3")
        finally:
            os.close(here)
    (folder / "closed").mkdir()
    (folder / "closed" / "a.mp3").write_bytes(b"x")
    (folder / "closed").chmod(0)  # root sees it all the same
    soundfile.write(folder / "named.wav", np.zeros(2000), 8000)
    (folder / "named.wav").rename(folder / os.fsdecode(b"\xff\xfe\x80.wav"))


def is_read(path):
    """Whether a scan looks at files with this ending."""
    return path.suffix.lower() in EXTENSIONS
