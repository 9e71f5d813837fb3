"""How does a playlist get onto the disk and off it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench import whole_files
from workbench.errors import PlaylistError
from workbench.playlist_files import m3u, pls, xspf
from workbench.playlist_files.places import folder_of, resolved, within
from workbench.playlist_files.records import Entry, Item, PlaylistFile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read", "read_text", "write", "write_text"]

MOST_BYTES: Final = 20_000_000
SPELT: Final = {".m3u8": m3u.spelt, ".m3u": m3u.spelt, ".pls": pls.spelt, ".xspf": xspf.spelt}


def write(path: Path, entries: Sequence[Entry], *, name: str, relative: bool = True, overwrite: bool = False) -> Path:
    """Write a playlist whole or not at all, and give its path.

    Parameters
    ----------
    path : Path
        Where to; its ending chooses the format, its folder must exist.
    entries : sequence of Entry
        In order; the same path may come twice.
    name : str
        The playlist's own title.
    relative : bool
        Name the files relative to the playlist's folder where a relative path leads there. What a line of M3U or PLS
        cannot hold (line breaks, bytes that are no UTF-8, outside Windows a backslash) stands as an absolute
        ``file:`` URI. Absolute names with ``#``, ``?`` or ``%41`` do too, since VLC takes such a line for a URI that
        is cut there; relative ones stay as they are, since others (MPD for one) decode no URI. XSPF is exact in both.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    PlaylistError
        The ending is none of the known, the folder is missing, the file is there, a path is not absolute, or the disk
        refuses.
    """
    path = Path(path)
    spelt = SPELT[_ending(path)]
    _need_folder(path)
    return _written(path, spelt(entries, folder_of(path), name=name, relative=relative), overwrite=overwrite)


def write_text(path: Path, text: str, *, overwrite: bool = False) -> Path:
    """Write a playlist of another format, spelt already, whole or not at all, and give its path.

    Raises
    ------
    PlaylistError
        The folder is missing, the file is there, or the disk refuses.
    """
    path = Path(path)
    _need_folder(path)
    return _written(path, text.encode(), overwrite=overwrite)


def read_text(path: Path) -> str:
    """Text of a playlist file that is spelt in another way, UTF-8; at most 20 MB.

    Raises
    ------
    PlaylistError
        It cannot be read, is too big, or is no UTF-8.
    """
    path = Path(path)
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlaylistError(f"{path}: no UTF-8 text ({error.reason} at byte {error.start})") from error


def _need_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise PlaylistError(f"{path}: the folder {path.parent} is missing; make it first")


def _written(path: Path, data: bytes, *, overwrite: bool) -> Path:
    try:
        whole_files.put(path, data, overwrite=overwrite)
    except FileExistsError as error:
        raise PlaylistError(f"{path}: a file of this name is there; choose another or pass overwrite=True") from error
    except OSError as error:
        raise PlaylistError(
            f"{path}: cannot be written: {error.strerror or error}; make room, or choose another place"
        ) from error
    return path


def read(path: Path, *, roots: Sequence[Path] = ()) -> PlaylistFile:
    """What a playlist file says; the files it names are not looked at.

    Parameters
    ----------
    path : Path
        An ``.m3u8``, ``.m3u``, ``.pls`` or ``.xspf`` file of at most 20 MB.
    roots : sequence of Path
        Folders that the entries must lie in, as far as the text of their paths says; empty: anywhere.

    Returns
    -------
    PlaylistFile
        Web addresses, other hosts' files, and what leads out of `roots` are in `unresolved`.

    Raises
    ------
    PlaylistError
        The ending is none of the known, the file cannot be read, is too big, or is no playlist.
    """
    path = Path(path)
    name, items = _items(path, _ending(path))
    folder = folder_of(path)
    entries, unresolved = [], []
    for item in items:
        place = resolved(item.reference, folder, is_uri=item.is_uri)
        if place is None or not within(place, roots):
            unresolved.append(item.reference.decode("utf-8", "replace") or item.title or "")
        else:
            entries.append(_entry(item, place))
    return PlaylistFile(name, tuple(entries), tuple(unresolved))


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in SPELT:
        raise PlaylistError(f"{path}: {ending or 'no ending'} is no playlist; name it .m3u8 (or .m3u), .pls or .xspf")
    return ending


def _items(path: Path, ending: str) -> tuple[str | None, list[Item]]:
    data = _bytes(path)
    try:
        if ending == ".xspf":
            return xspf.items(data)
        return pls.items(data) if ending == ".pls" else m3u.items(data, is_utf8=ending == ".m3u8")
    except ValueError as error:
        raise PlaylistError(f"{path}: {error}") from error


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise PlaylistError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PlaylistError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise PlaylistError(f"{path}: over {MOST_BYTES // 1_000_000} MB, too big for a playlist")
    return data


def _entry(item: Item, path: bytes) -> Entry:
    return Entry(
        path=path,
        title=item.title,
        artist=item.artist,
        album=item.album,
        duration_s=item.duration_s,
        track_number=item.track_number,
    )
