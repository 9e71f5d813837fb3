"""Do two titles name one song, and which version of it?

Conventions
-----------
A note is what stands in brackets, or behind a dash that follows white space. Notes that name a version ("Remastered
2011") or a guest ("feat. X") are no part of the song's title, other ones are: "(I Can't Get No) Satisfaction". Where in
doubt a title is left whole. Everything is compared as folded text: NFKC, lower case, without accents and punctuation.

Sources: "extra title information" of MusicBrainz (https://musicbrainz.org/doc/Style/Titles), the filters of
https://github.com/web-scrobbler/metadata-filter, the words for guests of https://github.com/beetbox/beets.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

__all__ = ["normal_title", "version_of"]

OPENING, CLOSING = r"(\[{\u3010\u3014", r")\]}\u3011\u3015"
DASHES: Final = r"\-\u2010-\u2015\u2212~\u301c"
BRACKETS: Final = re.compile(f"[{OPENING}]([^{OPENING}{CLOSING}]*)(?:[{CLOSING}]|$)")
"""Innermost brackets; titles of ID3v1 are cut after 30 characters, and so may lack the closing one."""

NESTED: Final = 4
"""How deep brackets are looked into: a hostile title may hold thousands."""

DASH: Final = re.compile(rf"\s[{DASHES}]+\s*(?=[^\s{DASHES}])")
BETWEEN_NOTES: Final = re.compile(r"\s/\s|[;,]\s")
APOSTROPHES: Final = re.compile("['`\u2018\u2019\u02bc]")
PUNCTUATION: Final = re.compile(r"[\W_]")
ACCENTS: Final = re.compile("[\u0300-\u036f]")
"""Marks of Latin, Greek and Cyrillic; those of kana, Arabic and Indic scripts make other letters."""

LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "&": " and "}
)
"""Letters that Unicode does not take apart."""

GUEST: Final = re.compile(r"(?:^|(?<!\d)\s)(?:feat|ft|featuring) (?!of\b).*")
LIVE_AT: Final = re.compile(r"\blive\s*(?:[àÀ]\s|[,:@])", re.IGNORECASE)
"""Where a place follows: "live à l'Olympia", and MusicBrainz's "live, 1998-12-14: Newcastle"."""

ENGLISH: Final = {
    "ao vivo": "live",
    "dal vivo": "live",
    "en concert": "live",
    "en concierto": "live",
    "en direct": "live",
    "en directo": "live",
    "en public": "live",
    "en vivo": "live",
    "in concert": "live",
    "in concerto": "live",
    "концертная запись": "live",
    "现场": "live",
    "現場": "live",
    "ライブ": "live",
    "ライヴ": "live",
    "라이브": "live",
    "re mastered": "remaster",
    "remastered": "remaster",
    "remastering": "remaster",
    "remasterizada": "remaster",
    "remasterizado": "remaster",
    "remasterise": "remaster",
    "remasterisee": "remaster",
    "rimasterizzata": "remaster",
    "rimasterizzato": "remaster",
    "リマスター": "remaster",
    "리마스터": "remaster",
    "rmx": "remix",
    "re mix": "remix",
    "リミックス": "remix",
    "리믹스": "remix",
    "acustica": "acoustic",
    "acustico": "acoustic",
    "acoustique": "acoustic",
    "akustik": "acoustic",
    "akustisch": "acoustic",
    "アコースティック": "acoustic",
    "instrumentale": "instrumental",
    "インストゥルメンタル": "instrumental",
    "カラオケ": "karaoke",
    "伴奏": "karaoke",
    "デモ": "demo",
    "a cappella": "acapella",
    "acappella": "acapella",
    "alternative": "alternate",
    "alt": "alternate",
    "versao": "version",
    "versione": "version",
    "ver": "version",
    "バージョン": "version",
    "版": "version",
}
"""Words for versions in other languages, folded, and other spellings."""

PHRASES: Final = re.compile("|".join(phrase if phrase > "\u3000" else rf"\b{phrase}\b" for phrase in ENGLISH))
SURE: Final = re.compile(
    "|".join(
        phrase if phrase > "\u3000" else rf"\b{phrase}\b"
        for phrase, word in ENGLISH.items()
        if word == "live" or phrase > "\u3000"
    )
)
"""Phrases that make a version of any note that they stand in. Chinese and Japanese put no spaces between words."""

NAMES: Final = frozenset(
    {
        "acapella",
        "acoustic",
        "alternate",
        "cover",
        "demo",
        "edit",
        "extended",
        "instrumental",
        "karaoke",
        "live",
        "mix",
        "mono",
        "outtake",
        "remaster",
        "remix",
        "reprise",
        "stereo",
        "unplugged",
        "version",
    }
)
"""Words that name a version: a note of nothing but these, `COMPANIONS` and numbers is one."""

COMPANIONS: Final = frozenset(
    {
        "album",
        "and",
        "bbc",
        "club",
        "digital",
        "digitally",
        "dub",
        "early",
        "home",
        "inch",
        "new",
        "original",
        "radio",
        "recorded",
        "recording",
        "rough",
        "session",
        "sessions",
        "solo",
        "studio",
        "the",
        "track",
        "tv",
        "uk",
        "us",
        "vocal",
    }
)
EMPTY: Final = frozenset({"digital", "digitally", "recorded", "recording", "the", "version"})
"""Words that tell no version from another where a name stands beside them."""

MAKERS: Final = frozenset(
    {"bootleg", "cover", "demo", "dub", "edit", "mix", "remaster", "remix", "rework", "session", "sessions", "version"}
)
"""Names of a version behind its maker or kind: "x remix"."""

NO_MAKERS: Final = frozenset(
    {"a", "an", "cd", "dj", "dvd", "for", "in", "my", "no", "our", "take", "that", "the", "this", "to", "under", "your"}
)
"""Words before one of `MAKERS` that make it a phrase of the language: "in the mix", "take cover"."""

PLACED: Final = frozenset({"live", "recorded", "remaster", "session", "sessions"})
PLACES: Final = frozenset({"at", "au", "auf", "aus", "bei", "desde", "em", "en", "from", "im", "in", "on"})
"""Words behind one of `PLACED` that a place or a time follows."""

NO_VERSION: Final = re.compile(
    r"(?:\b(?:deluxe|digital|european|exclusive|hidden|itunes|japan|japanese|uk|us|vinyl) )?\bbonus(?: tracks?)?\b"
    r"|^(?:album version|explicit|official (?:\w+ )?(?:audio|video))$"
    r"|^from (?:the )?(?:original |motion |film|movie|musical|netflix|series|soundtrack|tv |video ?game).*"
    r"|^from .*soundtrack$"
    r"|^original (?:motion picture )?soundtrack$"
)
"""Notes, or parts of them, that say nothing of the recording."""

QUOTED_SOURCE: Final = re.compile(
    r"\s*from\s+(?:the\s+\w+\s+)?[\"\u201c-\u201f\u2018\u00ab'\u300c\u300e]", re.IGNORECASE
)


def normal_title(title: str) -> str:
    """A title for comparing recordings: folded, without the notes that name a version or a guest.

    NFKC, lower case, without accents (Japanese, Arabic and Indic marks stay), "&" as "and", apostrophes left out, other
    punctuation and white space as one space. Notes of guests ("feat. X", with or without brackets), versions, bonus
    tracks and soundtracks are left out. A title of which nothing would remain keeps itself. Applying it twice changes
    nothing.

    Parameters
    ----------
    title : str
        As tagged.

    Examples
    --------
    >>> normal_title("Déjà Vu (feat. X) - 2011 Remaster")
    'deja vu'
    >>> normal_title("Live and Let Die [Live at the BBC]")
    'live and let die'
    """
    while (name := _split(title)[0]) != title:
        title = name
    return name


def version_of(title: str) -> str | None:
    """Which version of a song a title names, None where it names none.

    Folded words of the notes that name versions, in English where they are known: "remaster 2011", "live at x", "x
    remix", "radio edit", "take 2"; several are sorted and joined by commas. A remaster's year stands last. Whether two
    versions are one recording is for the caller to say: a remaster is the same performance, "live" is not.

    Parameters
    ----------
    title : str
        As tagged.

    Examples
    --------
    >>> version_of("Song (Ao Vivo) - 2011 Digital Remaster")
    'live, remaster 2011'
    >>> version_of("Take On Me") is None
    True
    """
    return ", ".join(sorted(_split(title)[1])) or None


def _split(title: str) -> tuple[str, set[str]]:
    """A folded title and its versions."""
    versions: set[str] = set()

    def without(match: re.Match[str]) -> str:
        found = _versions(match[1])
        versions.update(found or ())
        return f" {match[1]} " if found is None else " "

    text = unicodedata.normalize("NFKC", title)
    for _ in range(NESTED):
        text = BRACKETS.sub(without, text)
    head, notes = _dashed(text)
    name = GUEST.sub("", folded).strip() if (folded := _folded(head)) else ""
    return (name, versions | notes) if name else (_folded(title) or _plain(title), set())


def _dashed(text: str) -> tuple[str, set[str]]:
    """A text without the notes behind its last dashes, and their versions."""
    versions: set[str] = set()
    for dash in reversed([*DASH.finditer(text)]):
        found = _versions(text[dash.end() :])
        if found is None:
            break
        versions |= found
        text = text[: dash.start()]
    return text, versions


def _versions(note: str) -> set[str] | None:
    """The versions that a note names, none for one of a guest or a bonus track; None where it belongs to the title."""
    for parts in (BETWEEN_NOTES.split(note), [note]):
        found = [_version(part) for part in parts]
        if None not in found:
            return {version for version in found if version}
    return None


def _version(note: str) -> str | None:
    """The version that a note names, "" for a note that names none; None for no note."""
    if QUOTED_SOURCE.match(note):
        return ""
    folded = _folded(LIVE_AT.sub("live at ", note))
    text = " ".join(NO_VERSION.sub("", GUEST.sub("", folded)).split())
    if not text:
        return "" if folded else None
    words = PHRASES.sub(lambda phrase: f" {ENGLISH[phrase[0]]} ", text).split()
    return _worded(words) if _is_version(words) or SURE.search(text) else None


def _is_version(words: list[str]) -> bool:
    known = [_is_known(word, behind) for word, behind in pairwise([*words, "0"])]
    named = not NAMES.isdisjoint(words) or ("take" in words and len(words) > 1)
    return (all(known) and named) or _is_placed(words, known) or _has_maker(words)


def _is_known(word: str, behind: str) -> bool:
    """Whether a word of a note speaks of versions; "take" does at the end and before its number."""
    return word in NAMES or word in COMPANIONS or word[0].isdecimal() or (word == "take" and behind[0].isdecimal())


def _is_placed(words: list[str], known: list[bool]) -> bool:
    """Whether known words up to one of `PLACED` stand before a place or a time: "live at x", "live 1986 x"."""
    start = next((number for number, word in enumerate(words) if word in PLACED), len(words))
    behind = words[start + 1 :]
    return all(known[:start]) and (behind[0] in PLACES or behind[0].isdecimal() if len(behind) > 1 else False)


def _has_maker(words: list[str]) -> bool:
    """Whether the last word that is no number is one of `MAKERS` and has a maker before it."""
    while words and words[-1].isdecimal():
        words = words[:-1]
    return len(words) > 1 and words[-1] in MAKERS and words[-2] not in NO_MAKERS


def _worded(words: list[str]) -> str:
    kept = [word for word in words if word not in EMPTY]
    if NAMES.isdisjoint(kept):
        kept = words
    if "remaster" in kept:
        kept = sorted(kept, key=str.isdecimal)
    return " ".join(kept)


def _folded(text: str) -> str:
    """NFKC and lower case; no accents, apostrophes and punctuation; single spaces."""
    text = ACCENTS.sub("", unicodedata.normalize("NFKD", _plain(text)))
    text = APOSTROPHES.sub("", unicodedata.normalize("NFC", text).translate(LETTERS))
    return " ".join(PUNCTUATION.sub(_space, text).split())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _space(punctuation: re.Match[str]) -> str:
    """Marks are parts of letters in Indic scripts, Arabic and Hebrew."""
    return punctuation[0] if unicodedata.category(punctuation[0]).startswith("M") else " "
