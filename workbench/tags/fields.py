"""Which tag of which format holds which field?

Conventions
-----------
A table of a file's tags maps folded keys (upper case, no space, underscore or hyphen) to cleaned, non-empty values. The
keys of the formats never collide, so one table may hold ID3 frames beside free names. Earlier rows and keys win.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.tags import parsers, popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["FIELDS", "Field", "Table", "fill", "tabulate"]

Table = dict[str, list[str]]

VALUES_LIMIT = 250
"""Values kept of one tag."""

SPACERS = str.maketrans("", "", " _-")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of `Tags`: its parser, which decides between one value and many, and its name in each format.

    Attributes
    ----------
    name : str
        Attribute of `Tags`.
    parse : callable
        From the values of a tag to the field's value, None where they mean nothing.
    free : str
        Names in Vorbis comments and APEv2, as TXXX frames and as MP4 freeform atoms; " | " between alternatives.
    id3, mp4, chunk : str
        Frames (ID3v2.3 and 2.4), atoms, and RIFF INFO or AIFF chunks; " | " between alternatives.
    """

    name: str
    parse: Callable[[Sequence[str]], Any]
    free: str
    id3: str = ""
    mp4: str = ""
    chunk: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Folded keys in the order of precedence."""
        columns = (self.id3, self.mp4, self.chunk, self.free)
        return tuple(folded(key) for column in columns if column for key in column.split(" | "))


def folded(key: str) -> str:
    """Key under which a tag is looked up: "MusicBrainz Album Id" and "MUSICBRAINZ_ALBUMID" are one."""
    return key.translate(SPACERS).upper()


# Sources: ID3v2.4 (id3.org), the Vorbis field names (xiph.org/vorbis/doc/v-comment.html), Picard's mapping appendix
FIELDS = (
    Field("title", parsers.text, "TITLE", "TIT2", "©nam", "INAM | NAME"),
    Field("artists", parsers.names, "ARTISTS"),
    Field("artists", parsers.names, "ARTIST", "TPE1", "©ART", "IART | AUTH"),
    Field("album", parsers.text, "ALBUM", "TALB", "©alb", "IPRD"),
    Field("album_artists", parsers.names, "ALBUMARTISTS"),
    Field("album_artists", parsers.names, "ALBUM ARTIST", "TPE2", "aART"),
    Field("genres", parsers.genres, "GENRE", "TCON", "©gen", "IGNR"),
    Field("composers", parsers.names, "COMPOSER", "TCOM", "©wrt", "IMUS"),
    Field("date", parsers.date, "DATE | YEAR | RECORD DATE", "TDRC | TYER | TDRL", "©day", "ICRD"),
    Field("disc_number", parsers.number, "DISCNUMBER | DISC", "TPOS", "disk"),
    Field("disc_total", parsers.number, "DISCTOTAL | TOTALDISCS"),
    Field("disc_total", parsers.total, "DISCNUMBER | DISC", "TPOS", "disk"),
    Field("track_number", parsers.number, "TRACKNUMBER | TRACK", "TRCK", "trkn", "ITRK | IPRT | TRCK"),
    Field("track_total", parsers.number, "TRACKTOTAL | TOTALTRACKS"),
    Field("track_total", parsers.total, "TRACKNUMBER | TRACK", "TRCK", "trkn", "ITRK | IPRT | TRCK"),
    Field("compilation", parsers.compilation, "COMPILATION", "TCMP", "cpil"),
    Field("bpm", parsers.bpm, "BPM | TEMPO"),
    Field("bpm", parsers.bpm, "", "TBPM", "tmpo"),
    Field("key", parsers.text, "INITIALKEY | KEY", "TKEY"),
    Field("comment", parsers.note, "COMMENT | DESCRIPTION", "COMM", "©cmt", "ICMT | ANNO"),
    Field("isrc", parsers.isrc, "ISRC", "TSRC"),
    Field("replaygain_track_gain_db", parsers.decibels, "REPLAYGAIN_TRACK_GAIN", "RVA2:TRACK"),
    Field("replaygain_track_gain_db", parsers.r128_decibels, "R128_TRACK_GAIN"),
    Field("replaygain_album_gain_db", parsers.decibels, "REPLAYGAIN_ALBUM_GAIN", "RVA2:ALBUM"),
    Field("replaygain_album_gain_db", parsers.r128_decibels, "R128_ALBUM_GAIN"),
    Field("rating", popularity.unit_rating, "FMPS_RATING"),
    Field("rating", popularity.unit_rating, "", "POPM"),
    Field("rating", popularity.percent_rating, "RATING", "", "rate"),
    Field("play_count", popularity.plays, "FMPS_PLAYCOUNT | PLAYCOUNT | PLAYCOUNTER"),
    Field("play_count", popularity.counted_plays, "", "PCNT"),
    Field("musicbrainz_track_id", parsers.uuid, "MUSICBRAINZ_TRACKID", "UFID:http://musicbrainz.org"),
    Field("musicbrainz_album_id", parsers.uuid, "MUSICBRAINZ_ALBUMID"),
    Field("musicbrainz_artist_ids", parsers.uuids, "MUSICBRAINZ_ARTISTID"),
)
"""The declared table; where a field has several rows, the first that means something wins."""

KEYS = {field: field.keys for field in FIELDS}


def tabulate(pairs: Iterable[tuple[str, str]]) -> Table:
    """Table of tags out of (name, text) pairs: folded names, values split at NUL, cleaned, empty ones left out."""
    table: Table = {}
    for name, value in pairs:
        values = table.setdefault(folded(name), [])
        room = max(VALUES_LIMIT - len(values), 0)
        values += [clean for text in value.split("\0", VALUES_LIMIT)[:room] if (clean := parsers.cleaned(text))]
    return {name: values for name, values in table.items() if values}


def fill(tables: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, Any]:
    """Fields of `Tags` that some table knows; earlier tables win."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.name not in found and (value := meaning(field, tables)) is not None:
            found[field.name] = value
    if "date" in found:
        found["year"] = parsers.year([found["date"]])
    return found


def meaning(field: Field, tables: Sequence[Mapping[str, Sequence[str]]]) -> Any:  # noqa: ANN401  fields have many types
    """Value of one field, None where no table has one that parses."""
    for table in tables:
        for key in KEYS[field]:
            if key in table and (value := field.parse(table[key])) is not None:
                return value
    return None
