"""How well is a track liked, and how often was it played, as other programs wrote it into its file?

Conventions
-----------
A rating is 0 to 1, as `Tags.rating`: five stars are 1.0. What stands for "not rated" is None. So is a rating of 0: ID3
says so of its byte, and programs that write FMPS_Rating or RATING keep a track without stars as 0, though FMPS itself
makes 0.0 the lowest rating. A counter of 0 in ID3 is None too, since every rating brings one along whether or not its
program counts; FMPS_Playcount 0 says that somebody counts, and is 0.

Sources: ID3v2.4.0 frames, sections 4.16 and 4.17; Free Media Player Specifications 1.1, sections 2.2 and 2.4
(cgit.freedesktop.org/xdg/xdg-specs, media-player); the bytes of the players as noted beside the tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_PLAYS", "byte_rating", "counted_plays", "percent_rating", "plays", "unit_rating"]

STARS: Final = {13: 0.5, 1: 1, 54: 1.5, 64: 2, 118: 2.5, 128: 3, 186: 3.5, 196: 4, 242: 4.5, 255: 5}
"""Stars of the bytes that MediaMonkey and MusicBee write; the whole ones are those of Windows Media Player, Winamp and
foobar2000 too (jaudiotagger's MediaMonkeyRatings; lofty's MusicBeeProvider and WindowsMediaPlayerProvider)."""

EVEN_STEPS: Final = {51: 1, 102: 2, 153: 3, 204: 4}
"""Stars of the bytes of programs that divide 255 evenly, such as Traktor, rekordbox, MusicBrainz Picard and Media
Center 13 (lofty's PicardProvider; JRiver's forum, topic 53283); none of those above writes them."""

RANGES: Final = ((31, 1), (95, 2), (159, 3), (223, 4), (255, 5))
"""Highest byte of each number of stars, as Windows Explorer reads bytes that are no program's own (Wikipedia, "ID3",
section "ID3v2 star rating tag issue")."""

EVEN_OWNERS: Final = frozenset(
    {"quodlibet@lists.sacredchao.net", "traktor@native-instruments.de", "users@musicbrainz.org"}
)
"""Whose bytes are the rating times 255, whatever they are: Quod Libet, Traktor, Picard (their sources)."""

MOST_STARS: Final = 5
HIGHEST_BYTE: Final = 255
FEWEST_PERCENT, PERCENT_STEP, MOST_PERCENT = 15, 5, 100
MOST_PLAYS: Final = 1_000_000
"""Above it a counter is damaged: three minutes, day and night, for six years."""

FRACTION: Final = re.compile(r"\d{1,7}(?:\.\d{1,20})?", re.ASCII)  # FMPS: a full stop, whatever the locale
WHOLE: Final = re.compile(r"\d{1,20}", re.ASCII)


def byte_rating(owner: str, byte: int) -> float | None:
    """Rating of ID3's popularimeter.

    Parameters
    ----------
    owner : str
        What stands where ID3 wants an e-mail address; most programs write their own name.
    byte : int
        1 is worst and 255 best; 0 is unknown.

    Examples
    --------
    >>> [byte_rating("MusicBee", byte) for byte in (0, 13, 64, 255)]
    [None, 0.1, 0.4, 1.0]
    >>> byte_rating("somebody@example.org", 204)
    0.8
    """
    if not 0 < byte <= HIGHEST_BYTE:
        return None
    if owner.casefold() in EVEN_OWNERS:
        return round(byte / HIGHEST_BYTE, 2)
    stars = (STARS | EVEN_STEPS).get(byte) or next(stars for highest, stars in RANGES if byte <= highest)
    return stars / MOST_STARS


def unit_rating(values: Sequence[str]) -> float | None:
    """First rating of FMPS_Rating, written as a number of up to 1.

    Examples
    --------
    >>> unit_rating(["0.8"]), unit_rating(["0,8"]), unit_rating(["4"]), unit_rating(["0.0"])
    (0.8, None, None, None)
    """
    found = (float(value) for value in values if FRACTION.fullmatch(value))
    return next((value for value in found if 0 < value <= 1), None)


def percent_rating(values: Sequence[str]) -> float | None:
    """First rating of RATING (Vorbis comments, APEv2, TXXX) or MP4's rate, where its scale is sure.

    MusicBee writes 0 to 100 in steps of 10, and so do most who write MP4, but Media Center writes 0 to 10 there;
    foobar2000 writes 1 to 5, others 1 to 10 or 0 to 1, all under the same names. Only whole multiples of 5 from 15 to
    100 are of one scale alone; all else is unknown.

    Examples
    --------
    >>> percent_rating(["80"]), percent_rating(["4"]), percent_rating(["10"]), percent_rating(["51"])
    (0.8, None, None, None)
    """
    found = (int(value) for value in values if WHOLE.fullmatch(value))
    sure = (value for value in found if FEWEST_PERCENT <= value <= MOST_PERCENT and value % PERCENT_STEP == 0)
    return next((value / MOST_PERCENT for value in sure), None)


def plays(values: Sequence[str]) -> int | None:
    """First play count, 0 to 1,000,000; of FMPS_Playcount, which counts parts of a track too, the whole plays.

    Examples
    --------
    >>> plays(["12.7"]), plays(["0"]), plays(["-1"]), plays(["many"])
    (12, 0, None, None)
    """
    found = (int(float(value)) for value in values if FRACTION.fullmatch(value))
    return next((value for value in found if value <= MOST_PLAYS), None)


def counted_plays(values: Sequence[str]) -> int | None:
    """Largest of ID3's counters, 1 to 1,000,000: each program counts for itself, and their sum would count twice.

    Examples
    --------
    >>> counted_plays(["3", "12"]), counted_plays(["0"])
    (12, None)
    """
    found = [int(value) for value in values if WHOLE.fullmatch(value)]
    return max((value for value in found if 0 < value <= MOST_PLAYS), default=None)
