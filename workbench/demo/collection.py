"""Which files does the invented collection have, and what is the matter with some of them?

Conventions
-----------
A plan is a list of pieces, one a file, in the order in which they can be made: a copy comes after its original.
Planning writes nothing and takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.demo.catalogue import ALBUMS, COMPILATION, NOUNS, OWN_TITLES, QUALITIES, Album
from workbench.demo.styles import STYLES
from workbench.keys import NAMES
from workbench.models import Tags

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FLAWS", "LENGTHS_S", "Piece", "Sound", "folder_covers", "plan"]

LENGTHS_S = (20.5, 27.5)
FLAWS: Final = frozenset({
    "exact_duplicate", "reencoded_duplicate", "truncated", "zero_byte", "silent", "clipped", "very_short", "not_audio",
    "non_ascii_name", "wrong_bpm_tag", "untagged", "compilation",
})  # fmt: skip
"""Everything that may stand in the truth's column `flaws`."""

CLIPPED = ("Corner Shop Choir", 1)
WRONG_BPM = ("Undertow", 1)
COMPILATION_KINDS = ("ogg", "m4a", "ogg", "opus", "m4a", "ogg", "mp3", "flac")
UNTAGGED = (
    ("Unsorted/New Folder", "techno", "flac", 22_050, "track01"),
    ("Unsorted/New Folder", "folk_waltz", "ogg", 44_100, "track02"),
    ("Unsorted/New Folder", "chorale", "m4a", 44_100, "track03"),
    ("Unsorted/usb stick", "disco", "aiff", 22_050, "AUD_0001"),
    ("Unsorted/usb stick", "rock", "wav", 22_050, "AUD_0002"),
    ("Unsorted/usb stick", "jazz_swing", "flac", 32_000, "AUD_0003"),
)
COPIES = (
    ("Hljóð í þoku", 1, "Downloads"),
    ("Saturday Satellites", 1, "Downloads"),
    ("Blue Ledger", 1, "Backup/Music 2019"),
)
AGAIN = (("Night Shift", 1, "mp3"), ("Three Quarter Moon", 1, "m4a"), ("Grid Lines", 1, "ogg"))
"""Album, track, and where the copy lies or what it is encoded as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Which music a file holds: what `compose` and `render` need."""

    style: str
    seed: int
    bpm: float
    key: str
    mode: str
    length_s: float
    sample_rate_hz: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of the collection.

    Attributes
    ----------
    path : str
        Relative, "/" between parts.
    kind : str
        What it is encoded as: "flac", "mp3" ..
    sound : Sound or None
        None when there is no music in it.
    tags : Tags or None
        What is written into it.
    cover : str or None
        Album title, for the drawing that is embedded.
    flaws : tuple of str
        What is the matter, out of `FLAWS`.
    duplicate_of : str or None
        Path of the file with the same sound.
    """

    path: str
    kind: str
    sound: Sound | None = None
    tags: Tags | None = None
    cover: str | None = None
    flaws: tuple[str, ...] = ()
    duplicate_of: str | None = None


def plan(seed: int = 0, *, per_album: int | None = None, lengths_s: tuple[float, float] = LENGTHS_S) -> list[Piece]:
    """Every file of the collection.

    Parameters
    ----------
    seed : int
        The same seed gives the same plan.
    per_album : int or None
        At most so many tracks of each album; None takes all. One is enough for every flaw.
    lengths_s : tuple of float
        Shortest and longest piece, about.
    """
    sounds = _Sounds(seed, lengths_s)
    titles = _titles(seed)
    pieces = [piece for album in ALBUMS for piece in _album(album, titles, sounds, per_album)]
    pieces += _compilation(titles, sounds)
    pieces += _untagged(sounds)
    pieces += _duplicates(pieces)
    pieces += _broken(sounds)
    return [_with_name_flaw(piece) for piece in pieces]


def folder_covers() -> dict[str, str]:
    """Relative path of each cover that lies in a folder, with its album's title."""
    return {f"{_folder(album)}/{album.cover}": album.title for album in (*ALBUMS, COMPILATION) if _in_folder(album)}


class _Sounds:
    """Draws tempos and keys that are spread evenly over each style; holds the random state of one plan."""

    def __init__(self, seed: int, lengths_s: tuple[float, float]) -> None:
        self.rng = np.random.default_rng([seed, 1])
        self.lengths_s = lengths_s
        self.streams = {style: self._stream(style) for style in STYLES}

    def _stream(self, style: str) -> Iterator[tuple[float, str, str]]:
        slow, fast = STYLES[style].bpm
        while True:
            majors = round(STYLES[style].major_share * len(NAMES))
            modes = self.rng.permutation(["major"] * majors + ["minor"] * (len(NAMES) - majors))
            spread = self.rng.permutation(len(NAMES)) + self.rng.uniform(0, 1, len(NAMES))
            for tonic, mode, place in zip(self.rng.permutation(NAMES), modes, spread / len(NAMES), strict=True):
                yield round(float(slow + place * (fast - slow)), 1), str(tonic), str(mode)

    def draw(self, style: str, sample_rate_hz: int) -> Sound:
        """The next piece of a style."""
        bpm, key, mode = next(self.streams[style])
        return Sound(
            style=style, seed=int(self.rng.integers(2**31)), bpm=bpm, key=key, mode=mode,
            length_s=round(float(self.rng.uniform(*self.lengths_s)), 1), sample_rate_hz=sample_rate_hz,
        )  # fmt: skip


def _titles(seed: int) -> Iterator[str]:
    """Invented titles, no two alike."""
    rng = np.random.default_rng([seed, 2])
    for number in rng.permutation(len(QUALITIES) * len(NOUNS)):
        yield f"{QUALITIES[number // len(NOUNS)]} {NOUNS[number % len(NOUNS)]}"


def _folder(album: Album) -> str:
    return f"{album.artist}/{album.title} ({album.year})"


def _in_folder(album: Album) -> bool:
    return album.cover is not None and album.cover != "embedded"


def _album(album: Album, titles: Iterator[str], sounds: _Sounds, per_album: int | None) -> Iterator[Piece]:
    """The tracks of one album; all are drawn, so that a smaller plan holds the same music."""
    own = OWN_TITLES.get(album.title)
    for number in range(1, album.tracks + 1):
        sound = sounds.draw(album.style, album.sample_rate_hz)
        title = own[number - 1] if own else next(titles)
        if per_album is None or number <= per_album:
            yield Piece(
                path=f"{_folder(album)}/{number:02d} {title}.{album.kind}",
                kind=album.kind,
                sound=sound,
                tags=_tags(album, number, title, sound),
                cover=album.title if album.cover == "embedded" else None,
                flaws=tuple(flaw for flaw, where in (("clipped", CLIPPED), ("wrong_bpm_tag", WRONG_BPM))
                            if where == (album.title, number)),
            )  # fmt: skip


def _tags(album: Album, number: int, title: str, sound: Sound) -> Tags:
    """What the tags of a track say; whole beats a minute, as taggers write them."""
    guest = (album.guest,) if album.guest and number == GUEST_TRACK else ()
    wrong = 2 if (album.title, number) == WRONG_BPM else 1
    return Tags(
        title=title, artists=(album.artist, *guest), album=album.title, album_artists=(album.artist,),
            genres=album.genres,
        year=album.year, date=str(album.year), track_number=number, track_total=album.tracks, disc_number=1,
            disc_total=1,
        bpm=float(round(sound.bpm) * wrong) if album.analysed else None,
        key=sound.key + ("m" if sound.mode == "minor" else "") if album.analysed else None,
        composers=("Anna Linden",) if album.style == "chorale" else (),
    )  # fmt: skip


GUEST_TRACK = 3


def _compilation(titles: Iterator[str], sounds: _Sounds) -> Iterator[Piece]:
    first = {style: next(album for album in ALBUMS if album.style == style) for style in STYLES}
    for number, (style, kind) in enumerate(zip(STYLES, COMPILATION_KINDS, strict=True), 1):
        rate = 48_000 if kind == "opus" else 32_000 if kind == "flac" else COMPILATION.sample_rate_hz
        sound, title, theirs = sounds.draw(style, rate), next(titles), first[style]
        tags = replace(
            _tags(replace(theirs, guest=None, analysed=False), number, title, sound),
            album=COMPILATION.title, album_artists=(COMPILATION.artist,), year=COMPILATION.year,
                date=str(COMPILATION.year),
            track_total=COMPILATION.tracks, compilation=True,
        )  # fmt: skip
        path = f"{_folder(COMPILATION)}/{number:02d} {theirs.artist} - {title}.{kind}"
        yield Piece(path=path, kind=kind, sound=sound, tags=tags, flaws=("compilation",))


def _untagged(sounds: _Sounds) -> Iterator[Piece]:
    for folder, style, kind, rate, name in UNTAGGED:
        yield Piece(path=f"{folder}/{name}.{kind}", kind=kind, sound=sounds.draw(style, rate), flaws=("untagged",))


def _duplicates(pieces: list[Piece]) -> Iterator[Piece]:
    """Byte copies elsewhere, and the same sound encoded again, of those originals that the plan holds."""
    known = {(piece.tags.album, piece.tags.track_number): piece for piece in pieces if piece.tags}
    for album, number, folder in COPIES:
        if original := known.get((album, number)):
            path = f"{folder}/{PurePosixPath(original.path).name}"
            yield replace(original, path=path, flaws=("exact_duplicate", *original.flaws), duplicate_of=original.path)
    for album, number, kind in AGAIN:
        if (original := known.get((album, number))) and original.tags and original.sound:
            yield Piece(
                path=f"Old player/{original.tags.artists[0]} - {original.tags.title}.{kind}", kind=kind,
                sound=original.sound, flaws=("reencoded_duplicate",), duplicate_of=original.path,
                tags=Tags(title=original.tags.title, artists=original.tags.artists, comment="ripped for the train"),
            )  # fmt: skip


def _broken(sounds: _Sounds) -> Iterator[Piece]:
    """Files that an analysis must live through."""
    for kind, style, title in (("mp3", "disco", "Half a Song"), ("flac", "folk_waltz", "Lost Connection")):
        rate = 44_100 if kind == "mp3" else 32_000
        yield Piece(path=f"Downloads/{title}.{kind}", kind=kind, sound=sounds.draw(style, rate), tags=Tags(title=title),
                    flaws=("truncated",))  # fmt: skip
    yield Piece(path="Downloads/download (1).mp3", kind="mp3", flaws=("zero_byte",))
    yield Piece(path="Downloads/track listing.mp3", kind="mp3", flaws=("not_audio",))
    yield Piece(path="Downloads/Room Tone.flac", kind="flac", tags=Tags(title="Room Tone"), flaws=("silent",))
    yield Piece(path="Downloads/beep.wav", kind="wav", tags=Tags(title="Beep"), flaws=("very_short",))


def _with_name_flaw(piece: Piece) -> Piece:
    return piece if piece.path.isascii() else replace(piece, flaws=(*piece.flaws, "non_ascii_name"))
