"""What does a playlist file hold?"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Final

__all__ = ["Entry", "Item", "PlaylistFile", "clean", "label", "labelled", "whole_seconds"]

SEPARATOR: Final = " - "
SPACED: Final = {"Cc", "Cs", "Zl", "Zp"}
NO_CHARACTERS: Final = "\ufffe\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One place in a playlist.

    Attributes
    ----------
    path : bytes
        Absolute, as `os.fsencode` gives it.
    title, artist, album : str or None
        What a player shows; only XSPF keeps all of it apart, PLS has no album.
    duration_s : float or None
        Kept in whole seconds by M3U and PLS, in milliseconds by XSPF.
    track_number : int or None
        Place on the album; kept by XSPF only.
    """

    path: bytes
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    duration_s: float | None = None
    track_number: int | None = None


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """What a playlist file says.

    Attributes
    ----------
    name : str or None
        The playlist's own title.
    entries : tuple of Entry
        In the file's order.
    unresolved : tuple of str
        What leads to no local file, or out of the folders allowed, as written in the file.
    """

    name: str | None
    entries: tuple[Entry, ...]
    unresolved: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One place in a playlist as the file spells it: a path or a URI, not yet resolved."""

    reference: bytes
    is_uri: bool = False
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    duration_s: float | None = None
    track_number: int | None = None


def clean(text: str | None) -> str | None:
    r"""A text on one line, of characters that XML allows; None where nothing is left.

    Examples
    --------
    >>> clean(" So\nWhat "), clean("\t")
    ('So What', None)
    """
    if text is None:
        return None
    letters = (" " if unicodedata.category(c) in SPACED or c in NO_CHARACTERS else c for c in text)
    return "".join(letters).strip() or None


def label(entry: Entry) -> str:
    """Artist and title as one text, what is known of them."""
    return SEPARATOR.join(part for part in (clean(entry.artist), clean(entry.title)) if part)


def labelled(text: str) -> tuple[str | None, str | None]:
    """Artist and title of a label.

    Examples
    --------
    >>> labelled("Miles Davis - So What"), labelled("So What")
    (('Miles Davis', 'So What'), (None, 'So What'))
    """
    artist, separator, title = text.partition(SEPARATOR)
    return (clean(artist), clean(title)) if separator else (None, clean(text))


def whole_seconds(duration_s: float | None) -> int:
    """Duration in whole seconds, -1 where it is unknown, as M3U and PLS want it."""
    return round(duration_s) if duration_s is not None and math.isfinite(duration_s) else -1
