"""How is an XSPF playlist spelt?

Conventions
-----------
XSPF 1 (xspf.org/spec): locations are percent-encoded URIs, absolute or relative to the playlist; durations are
milliseconds. Names of elements are read with or without their namespace. Entities are refused, nothing is fetched.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from workbench.playlist_files.places import uri
from workbench.playlist_files.records import Item, clean
from workbench.playlist_files.texts import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.playlist_files.records import Entry

__all__ = ["items", "spelt"]

NAMESPACE: Final = "http://xspf.org/ns/0/"
MILLISECONDS: Final = 1000


def spelt(entries: Sequence[Entry], folder: bytes, *, name: str, relative: bool) -> bytes:
    """Text of a playlist."""
    playlist = ET.Element("playlist", {"version": "1", "xmlns": NAMESPACE})
    _add(playlist, "title", clean(name))
    tracks = ET.SubElement(playlist, "trackList")
    for entry in entries:
        track = ET.SubElement(tracks, "track")
        for tag, text in _elements(entry, uri(entry.path, folder, relative=relative).decode()):
            _add(track, tag, text)
    ET.indent(playlist)
    document: bytes = ET.tostring(playlist, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + document + b"\n"


def items(data: bytes) -> tuple[str | None, list[Item]]:
    """Name and items of a playlist.

    Raises
    ------
    ValueError
        The text is no XML, declares entities, or is no playlist.
    """
    playlist = _parsed(data)
    if _local_name(playlist) != "playlist":
        raise ValueError(f"no XSPF: its root is <{_local_name(playlist)}>")
    lists = [child for child in playlist if _local_name(child) == "trackList"]
    return _texts(playlist).get("title"), [_item(track) for each in lists for track in each]


def _parsed(data: bytes) -> ET.Element:
    from defusedxml import DefusedXmlException
    from defusedxml import ElementTree as Defused

    try:
        root: ET.Element = Defused.fromstring(data)
    except DefusedXmlException as error:
        raise ValueError(f"it declares entities ({error})") from error
    except (ET.ParseError, LookupError, ValueError) as error:
        raise ValueError(f"no XML ({error})") from error
    return root


def _elements(entry: Entry, location: str) -> Iterator[tuple[str, str | None]]:
    yield "location", location
    yield "title", clean(entry.title)
    yield "creator", clean(entry.artist)
    yield "album", clean(entry.album)
    yield "trackNum", None if entry.track_number is None else str(entry.track_number)
    known = entry.duration_s is not None and math.isfinite(entry.duration_s)
    yield "duration", str(round((entry.duration_s or 0) * MILLISECONDS)) if known else None


def _add(parent: ET.Element, tag: str, text: str | None) -> None:
    if text is not None:
        ET.SubElement(parent, tag).text = text


def _item(track: ET.Element) -> Item:
    said = _texts(track)
    milliseconds = seconds(said.get("duration", ""))
    number = said.get("trackNum", "")
    return Item(
        reference=said.get("location", "").encode(),
        is_uri=True,
        title=said.get("title"),
        artist=said.get("creator"),
        album=said.get("album"),
        duration_s=None if milliseconds is None else milliseconds / MILLISECONDS,
        track_number=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None,  # noqa: PLR2004  a count
    )


def _texts(element: ET.Element) -> dict[str, str]:
    """First text of each kind of child."""
    texts = [(_local_name(child), clean(child.text)) for child in element]
    return {name: text for name, text in reversed(texts) if text is not None}


def _local_name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
