"""What characters and numbers does an old playlist hold?"""

from __future__ import annotations

import codecs
import math
import re

__all__ = ["lines_of", "seconds"]


def lines_of(data: bytes, *, is_utf8: bool) -> list[bytes]:
    """Lines of a file as UTF-8, whatever it was written in; blanks at their ends are part of them.

    A byte order mark decides. Without one the text is UTF-8 where it can be; a file that cannot is taken for
    Windows-1252 (Latin-1 and its typographic signs), but for one that is declared UTF-8, whose odd lines stay.

    Parameters
    ----------
    is_utf8 : bool
        The file is declared to be UTF-8.
    """
    return re.split(rb"\r\n|\n|\r", _unified(data, is_utf8=is_utf8))


def seconds(text: str) -> float | None:
    """Duration that a playlist gives, None where it is not positive: 0 and -1 stand for "unknown"."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found > 0 and math.isfinite(found) else None


def _unified(data: bytes, *, is_utf8: bool) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode()
    if is_utf8 or data.startswith(codecs.BOM_UTF8):
        return data.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").encode()
