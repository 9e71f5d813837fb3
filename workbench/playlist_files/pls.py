"""How is a PLS playlist spelt?

Conventions
-----------
One section ``[playlist]`` with File1, Title1, Length1 and so on, NumberOfEntries and Version=2
(en.wikipedia.org/wiki/PLS_(file_format)); the name stands in X-GNOME-Title, as Totem writes it. Keys are read in any
case and order. Names that are not UTF-8 stand as ``file:`` URIs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workbench.playlist_files.places import line
from workbench.playlist_files.records import Item, clean, label, labelled, whole_seconds
from workbench.playlist_files.texts import lines_of, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.playlist_files.records import Entry

__all__ = ["items", "spelt"]

NUMBERED: Final = re.compile(rb"\s*(file|title|length)([0-9]{1,9})\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
NAMED: Final = re.compile(rb"\s*X-GNOME-Title\s*=(.*)", re.IGNORECASE | re.DOTALL)
HEADER: Final = re.compile(rb"\s*\[playlist\]\s*", re.IGNORECASE)


def spelt(entries: Sequence[Entry], folder: bytes, *, name: str, relative: bool) -> bytes:
    """Text of a playlist."""
    title = clean(name)
    head = [b"[playlist]", *([f"X-GNOME-Title={title}".encode()] if title else [])]
    body = [each for n, entry in enumerate(entries, start=1) for each in _lines(n, entry, folder, relative=relative)]
    return b"\n".join([*head, *body, f"NumberOfEntries={len(entries)}".encode(), b"Version=2", b""])


def items(data: bytes) -> tuple[str | None, list[Item]]:
    """Name and items of a playlist, in the order of their numbers.

    Raises
    ------
    ValueError
        There is neither a ``[playlist]`` section nor a file.
    """
    lines = lines_of(data, is_utf8=False)
    numbered = [found for found in map(NUMBERED.fullmatch, lines) if found]
    said = {(found[1].lower(), int(found[2])): found[3] for found in numbered}
    if not said and not any(map(HEADER.fullmatch, lines)):
        raise ValueError("no [playlist] section")
    names = [clean(found[1].decode("utf-8", "replace")) for found in map(NAMED.fullmatch, lines) if found]
    numbers = sorted(number for key, number in said if key == b"file" and said[key, number])
    return (names or [None])[0], [_item(said, number) for number in numbers]


def _lines(number: int, entry: Entry, folder: bytes, *, relative: bool) -> Iterator[bytes]:
    yield f"File{number}=".encode() + line(entry.path, folder, relative=relative)
    if shown := label(entry):
        yield f"Title{number}={shown}".encode()
    yield f"Length{number}={whole_seconds(entry.duration_s)}".encode()


def _item(said: dict[tuple[bytes, int], bytes], number: int) -> Item:
    title, length = (said.get((key, number), b"").decode("utf-8", "replace") for key in (b"title", b"length"))
    artist, shown = labelled(title)
    return Item(reference=said[b"file", number], title=shown, artist=artist, duration_s=seconds(length))
