"""How does each format spell a tag?

Conventions
-----------
Each function gives (name, text) pairs in the file's order, ready for `fields.tabulate`; whatever is not text becomes
text ("3/12", "1"), so that one parser serves all formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from workbench.tags.parsers import known_genre
from workbench.tags.popularity import MOST_PLAYS, byte_rating

__all__ = ["ape_pairs", "id3_pairs", "mp4_pairs", "plain_frames"]

Pairs = Iterator[tuple[str, str]]

MACHINE_COMMENTS = ("itun", "songs-db", "musicmatch", "cddb")
"""How descriptions of comments begin that programs write for themselves (volume, gapless playback, lookups)."""
LONG_NUMBERS = ("PCNT", "PCST", "POPM", "POSS", "SEEK")
"""Frames with a number that has all bytes up to their end."""
OLD_NUMBERS = {"CNT": "PCNT", "POP": "POPM"}
"""The same in ID3v2.2: mutagen makes a frame of today out of one whose class is derived from it and adds nothing."""
MOST_BYTES = 9
"""First bytes of a number that are read: of a longer one, enough to see that it is too large to mean anything."""
COUNTERS = frozenset({"POPM", "PCNT"})
ID3V1_COMMENT = "ID3v1 Comment"
ID3V24 = (2, 4)


@cache
def plain_frames() -> dict[str, Any]:
    """ID3 frames as mutagen knows them, but with dates as the text that was written.

    Mutagen's own date frame reads "05/1994" as the year 5.
    """
    from mutagen.id3 import Frames, Frames_2_2, TextFrame

    known = {**Frames, **Frames_2_2}
    counters = {name: _short_counter(known[name]) for name in LONG_NUMBERS if name in known}
    old = {name: type(name, (counters[today],), {}) for name, today in OLD_NUMBERS.items()}
    return {**known, **counters, **old, **{name: type(name, (TextFrame,), {}) for name in ("TDRC", "TDRL")}}


def _short_counter(frame: Any) -> Any:  # noqa: ANN401  mutagen's frames share no typed attributes
    """A frame that reads a number of any length in no time: mutagen takes 14 s for one of 400 kB."""
    from mutagen.id3 import _specs

    class ShortNumber(_specs.IntegerSpec):  # type: ignore[misc]  # mutagen has no types
        def read(self, _header: object, _frame: object, data: bytes) -> tuple[int, bytes]:
            number = data.lstrip(b"\0")
            return int.from_bytes(number[:MOST_BYTES], "big"), b""

    def short(specs: list[Any]) -> list[Any]:
        return [ShortNumber(spec.name, spec.default) if type(spec) is _specs.IntegerSpec else spec for spec in specs]

    specs = {"_framespec": short(frame._framespec), "_optionalspec": short(frame._optionalspec)}  # noqa: SLF001  as above
    return type(frame.__name__, (frame,), specs)


def id3_pairs(frames: Iterable[Any], *, version: tuple[int, ...] = ID3V24) -> Pairs:
    """Texts of ID3 frames; TXXX under its description, RVA2 in dB, POPM as a rating of 0 to 1, all counters as PCNT.

    Parameters
    ----------
    frames : iterable of mutagen.id3.Frame
        Not translated to another version.
    version : tuple of int
        Of the tag; before 2.4 a "/" may separate genres.
    """
    known = list(frames)
    yield from ((frame.FrameID, text) for frame in sorted(known, key=comment_rank) for text in comment_texts(frame))
    for frame in known:
        for name, text in frame_texts(frame):
            parts = slashed_genres(text) if name == "TCON" and version[:2] < ID3V24 else [text]
            yield from ((name, part) for part in parts)
    yield from full_date(known)


def frame_texts(frame: Any) -> Pairs:  # noqa: ANN401  mutagen's frames share no typed attributes
    """Texts of one frame that is no comment; none where it holds something else."""
    name = frame.FrameID
    if name == "TXXX":
        yield from ((frame.desc, str(text)) for text in frame.text)
    elif name == "UFID":
        yield f"UFID:{frame.owner}", frame.data.decode("latin-1")
    elif name == "RVA2":
        yield f"RVA2:{frame.desc}", str(frame.gain)
    elif name in COUNTERS:
        count = getattr(frame, "count", 0)
        yield "PCNT", str(count) if count <= MOST_PLAYS else ""  # Python spells no number of over 4,300 digits
        rating = byte_rating(frame.email, frame.rating) if name == "POPM" else None
        yield "POPM", "" if rating is None else str(rating)
    elif name.startswith("T"):
        yield from ((name, str(text)) for text in getattr(frame, "text", ()))


def comment_texts(frame: Any) -> list[str]:  # noqa: ANN401  mutagen's frames share no typed attributes
    """Texts of a comment that a person may have written."""
    if frame.FrameID != "COMM" or frame.desc.casefold().startswith(MACHINE_COMMENTS):
        return []
    return [str(text) for text in frame.text]


def comment_rank(frame: Any) -> int:  # noqa: ANN401  mutagen's frames share no typed attributes
    """Order of comments: without a description, with one, the shortened one of ID3v1."""
    description = getattr(frame, "desc", "")
    return 2 if description == ID3V1_COMMENT else int(bool(description))


def slashed_genres(text: str) -> list[str]:
    """Genres of ID3v2.3 joined by "/", but only where each is an ID3v1 genre: "Singer/Songwriter" is one."""
    parts = [part.strip() for part in text.split("/")]
    return parts if all(known_genre(part) for part in parts) else [text]


def full_date(frames: Iterable[Any]) -> Pairs:
    """Date that ID3v2.3 keeps in two frames, TYER "1994" and TDAT "0205" (day, month), as "1994-05-02"."""
    texts = {frame.FrameID: str(frame.text[0]).strip() for frame in frames if getattr(frame, "text", None)}
    year, day_month = texts.get("TYER", ""), texts.get("TDAT", "")
    if len(year) == len(day_month) == len("1994") and (year + day_month).isdecimal():
        yield "TDRC", f"{year}-{day_month[2:]}-{day_month[:2]}"


def ape_pairs(tags: Iterable[tuple[str, Any]]) -> Pairs:
    """Texts of APEv2 items; several values are NUL-separated."""
    return ((name, value.value) for name, value in tags if isinstance(value.value, str))


def mp4_pairs(tags: Iterable[tuple[str, Any]]) -> Pairs:
    """Texts of MP4 atoms; freeform atoms under their own name."""
    for name, values in tags:
        listed = values if isinstance(values, list) else [values]
        own_name = name.rpartition(":")[2] if name.startswith("----") else name
        if name != "covr":
            yield from ((own_name, atom_text(value)) for value in listed)


def atom_text(value: object) -> str:
    """Text of an atom's value: bytes of a freeform atom, a pair of numbers, a flag, a number or a text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, tuple):
        return "/".join(str(part) for part in value)
    return str(int(value)) if isinstance(value, bool) else str(value)
