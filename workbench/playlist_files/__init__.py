"""Which files does a playlist name, and how is a playlist written that others can read?

Paths in, paths out: no store, no decoding, and nothing that a playlist names is ever opened.

Conventions
-----------
Paths are absolute bytes, as `os.fsencode` gives them. The format is chosen by the ending: ``.m3u8`` and ``.m3u``
(extended M3U), ``.pls``, ``.xspf`` (xspf.org/spec). Unknown is None. Line breaks and control characters of titles
become spaces. M3U and PLS hold artist and title as one text, "Artist - Title", which is read back by its first " - ".
"""

from workbench.playlist_files.files import read, read_text, write, write_text
from workbench.playlist_files.records import Entry, PlaylistFile, clean

__all__ = ["Entry", "PlaylistFile", "clean", "read", "read_text", "write", "write_text"]
