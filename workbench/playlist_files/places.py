"""How does a playlist point at a file?

Conventions
-----------
A reference is a path, absolute or relative to the playlist's folder, or a ``file:`` URI. References are taken apart as
text only (`os.path.normpath`); nothing on the disk is looked at.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from workbench.errors import PlaylistError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["file_uri", "folder_of", "line", "place", "resolved", "uri", "within"]

WINDOWS: Final = os.name == "nt"
REMOTE: Final = re.compile(rb"(?!file:)(?:[a-z][a-z0-9+.-]+://|(?:https?|data|mms|rtsp|spotify):)", re.IGNORECASE)
FILE: Final = re.compile(rb"file:(?://(?P<host>[^/]*)(?=/))?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
SCHEME_LIKE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
UNHELD: Final = re.compile(rb"[\r\n\\]")
URI_LIKE: Final = re.compile(rb"[#?]|%[0-9A-Fa-f]{2}")
DRIVE: Final = re.compile(rb"/?[A-Za-z]:(?:[/\\]|$)")


def folder_of(path: Path) -> bytes:
    """Absolute folder of a playlist."""
    return os.fsencode(path.absolute().parent)


def place(path: bytes, folder: bytes, *, relative: bool) -> bytes:
    """Path of a file as a playlist in a folder names it, "/" between parts.

    Absolute where that is asked for or where no relative path leads there, as between the drives of Windows.

    Raises
    ------
    PlaylistError
        The path is not absolute.
    """
    if not _is_absolute(path):
        raise PlaylistError(f"{os.fsdecode(path)!r}: a playlist needs absolute paths; make it one with os.path.abspath")
    if relative:
        try:
            return os.path.relpath(path, folder).replace(os.fsencode(os.sep), b"/")
        except ValueError:  # another drive
            pass
    return path.replace(os.fsencode(os.sep), b"/")


def line(path: bytes, folder: bytes, *, relative: bool) -> bytes:
    """One line that names a file: its place, or a ``file:`` URI where a plain line cannot hold it.

    A line holds no line break, nor bytes that are no UTF-8, nor, outside Windows, a backslash, which readers take for
    a separator. An absolute name that VLC would take apart as a URI (``#``, ``?``, ``%41``) is written as one.
    """
    named = place(path, folder, relative=relative)
    absolute = _is_absolute(named)
    if UNHELD.search(named) or not _is_utf8(named) or (absolute and URI_LIKE.search(named)):
        return file_uri(path)
    special = named[:1] in {b"#", b";"} or named[:1].isspace() or SCHEME_LIKE.match(named)
    return b"./" + named if special and not absolute else named


def uri(path: bytes, folder: bytes, *, relative: bool) -> bytes:
    """Percent-encoded reference to a file, relative where that is asked for and possible."""
    named = place(path, folder, relative=relative)
    return file_uri(path) if _is_absolute(named) else quote_from_bytes(named).encode()


def file_uri(path: bytes) -> bytes:
    """Absolute ``file:`` URI of a path (RFC 8089)."""
    named = path.replace(os.fsencode(os.sep), b"/")
    drive, rest = (named[:2], named[2:]) if DRIVE.match(named) else (b"", named)
    start = b"file:" if rest.startswith(b"//") and not drive else b"file://"
    return start + (b"/" + drive if drive else b"") + quote_from_bytes(rest).encode()


def resolved(reference: bytes, folder: bytes, *, is_uri: bool) -> bytes | None:
    """Absolute path that a reference stands for, None where it is no local file.

    Parameters
    ----------
    reference : bytes
        A path, a ``file:`` URI, or another URI (then None).
    is_uri : bool
        The reference is percent-encoded even without a scheme, as in XSPF.
    """
    local = _local(reference, is_uri=is_uri)
    if not local or b"\0" in local or not _decodes(local):
        return None
    joined = os.path.normpath(os.path.join(folder, local))  # noqa: PTH118  bytes
    return joined if WINDOWS else b"/" + joined.lstrip(b"/")


def within(path: bytes, roots: Sequence[Path]) -> bool:
    """Whether a normal absolute path is in one of the folders, as far as its text says; True without folders."""
    here = os.path.normcase(path)
    folders = [os.path.normcase(os.fsencode(os.path.abspath(root))) for root in roots]  # noqa: PTH100  links stay links
    return not folders or any(here.startswith(os.path.join(folder, b"")) for folder in folders)  # noqa: PTH118  bytes


def _local(reference: bytes, *, is_uri: bool) -> bytes | None:
    """Path of a reference, in the separators of this system."""
    if REMOTE.match(reference):
        return None
    found = FILE.fullmatch(reference)
    if found and (found["host"] or b"").lower() not in {b"", b"localhost"}:
        return b"//" + found["host"] + _decoded(found["path"]) if WINDOWS else None
    if found or is_uri:
        return _drive(_decoded(found["path"] if found else reference))
    return _drive(reference if WINDOWS else _unix(reference))


def _decoded(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded if WINDOWS else _unix(encoded))


def _unix(reference: bytes) -> bytes:
    return reference.replace(b"\\", b"/") if not reference.startswith(b"\\\\") else b""


def _drive(path: bytes) -> bytes | None:
    """A path with a drive letter is local on Windows only; there a URI has a slash before it."""
    if not DRIVE.match(path):
        return path
    return path.lstrip(b"/") if WINDOWS else None


def _is_absolute(path: bytes) -> bool:
    return os.path.isabs(path)  # noqa: PTH117  bytes


def _decodes(path: bytes) -> bool:
    try:
        os.fsdecode(path)
    except UnicodeDecodeError:  # Windows has no such names
        return False
    return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
