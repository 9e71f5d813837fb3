"""How is an M3U playlist spelt?

Conventions
-----------
Extended M3U: ``#EXTM3U``, ``#PLAYLIST:name``, ``#EXTINF:seconds,Artist - Title``, ``#EXTALB:album``, then a path a line
(en.wikipedia.org/wiki/M3U). ``#EXTENC:UTF-8`` says that the file is UTF-8; names that are not stand as ``file:`` URIs.
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

ENCODED: Final = re.compile(rb"^#EXTENC: *UTF-?8\s*$", re.IGNORECASE | re.MULTILINE)
INFORMATION: Final = re.compile(r'\s*(-?[0-9.]*)(?:(?:[^,"]|"[^"]*")*,(.*))?')
DIRECTIVE: Final = re.compile(rb"\s*#(EXTINF|EXTALB|EXTART|PLAYLIST):(.*)", re.IGNORECASE)


def spelt(entries: Sequence[Entry], folder: bytes, *, name: str, relative: bool) -> bytes:
    """Text of a playlist."""
    title = clean(name)
    head = [b"#EXTM3U", b"#EXTENC:UTF-8", *([f"#PLAYLIST:{title}".encode()] if title else [])]
    body = [each for entry in entries for each in _lines(entry, folder, relative=relative)]
    return b"\n".join([*head, *body, b""])


def items(data: bytes, *, is_utf8: bool) -> tuple[str | None, list[Item]]:
    """Name and items of a playlist.

    Parameters
    ----------
    is_utf8 : bool
        The ending says that the text is UTF-8.
    """
    name, found, said = None, [], {}
    for each in lines_of(data, is_utf8=is_utf8 or bool(ENCODED.search(data))):
        if directive := DIRECTIVE.match(each):
            said[directive[1].upper()] = directive[2].decode("utf-8", "replace")
            name = clean(said.pop(b"PLAYLIST", None)) or name
        elif each.strip() and not each.lstrip().startswith(b"#"):
            found.append(_item(each, said))
            said = {}
    return name, found


def _lines(entry: Entry, folder: bytes, *, relative: bool) -> Iterator[bytes]:
    shown, album = label(entry), clean(entry.album)
    if shown or entry.duration_s is not None:
        yield f"#EXTINF:{whole_seconds(entry.duration_s)},{shown}".encode()
    if album:
        yield f"#EXTALB:{album}".encode()
    yield line(entry.path, folder, relative=relative)


def _item(reference: bytes, said: dict[bytes, str]) -> Item:
    information = INFORMATION.match(said.get(b"EXTINF", ""))
    length, shown = information.groups() if information else (None, None)
    artist, title = labelled(shown or "")
    return Item(
        reference=reference,
        title=title,
        artist=artist or clean(said.get(b"EXTART")),
        album=clean(said.get(b"EXTALB")),
        duration_s=seconds(length or ""),
    )
