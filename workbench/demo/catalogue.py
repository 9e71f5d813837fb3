"""Who are the invented artists, and which albums did they make? Data only; every name is made up.

Conventions
-----------
An album's `kind` is the ending of its files. A cover is embedded in each file, or lies in the folder under the name
given, or is missing, as in any grown collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ALBUMS", "COMPILATION", "NOUNS", "OWN_TITLES", "QUALITIES", "Album"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """One album.

    Attributes
    ----------
    artist, title, year, style
        Whose, which, when, and a name of `styles.STYLES`.
    genres : tuple of str
        As its tags spell them.
    tracks, kind, sample_rate_hz
        How many, in which format, at which rate.
    cover : str or None
        "embedded", a file name, or None.
    guest : str or None
        Second artist of its third track.
    analysed : bool
        Tempo and key stand in the tags.
    """

    artist: str
    title: str
    year: int
    style: str
    genres: tuple[str, ...]
    tracks: int
    kind: str
    sample_rate_hz: int
    cover: str | None = "embedded"
    guest: str | None = None
    analysed: bool = False


ALBUMS: Final[tuple[Album, ...]] = (
    Album(artist="Ólafía Þoka", title="Hljóð í þoku", year=2011, style="ambient", genres=("Ambient",), tracks=4,
          kind="flac", sample_rate_hz=44_100),
    Album(artist="Ólafía Þoka", title="Winter Radio", year=2016, style="ambient", genres=("Ambient", "Electronic"),
          tracks=4, kind="m4a", sample_rate_hz=44_100, guest="Slow Harbour", analysed=True),
    Album(artist="Slow Harbour", title="Tide Tables", year=1998, style="ambient", genres=("ambient",), tracks=4,
          kind="ogg", sample_rate_hz=32_000, cover="cover.jpg"),
    Album(artist="Kessel Vier", title="Werk", year=1994, style="techno", genres=("Techno",), tracks=6,
          kind="mp3", sample_rate_hz=44_100, analysed=True),
    Album(artist="Kessel Vier", title="Night Shift", year=2003, style="techno", genres=("Techno", "Electronic"),
          tracks=6, kind="flac", sample_rate_hz=32_000, guest="Été Noir", cover="folder.png", analysed=True),
    Album(artist="Velvet Meridian", title="Saturday Satellites", year=1978, style="disco", genres=("Disco", "Funk"),
          tracks=6, kind="ogg", sample_rate_hz=44_100, analysed=True),
    Album(artist="Été Noir", title="Minuit Soleil", year=1981, style="disco", genres=("Disco",), tracks=6,
          kind="flac", sample_rate_hz=22_050, guest="Velvet Meridian"),
    Album(artist="Subtidal", title="Undertow", year=1997, style="drum_and_bass", genres=("Drum & Bass",), tracks=4,
          kind="flac", sample_rate_hz=32_000, analysed=True),
    Album(artist="Subtidal", title="Pressure Head", year=2001, style="drum_and_bass", genres=("Drum and Bass",),
          tracks=4, kind="ogg", sample_rate_hz=44_100, cover=None, guest="Break Ledger"),
    Album(artist="Break Ledger", title="Double Entry", year=2019, style="drum_and_bass", genres=("DnB", "Electronic"),
          tracks=4, kind="opus", sample_rate_hz=48_000, analysed=True),
    Album(artist="The Rusted Pylons", title="Grid Lines", year=1971, style="rock", genres=("Rock",), tracks=4,
          kind="flac", sample_rate_hz=32_000, cover="cover.jpg"),
    Album(artist="The Rusted Pylons", title="Live Wire Hum", year=1979, style="rock", genres=("Hard Rock",), tracks=4,
          kind="mp3", sample_rate_hz=44_100),
    Album(artist="Marrow Street", title="Corner Shop Choir", year=2008, style="rock", genres=("Rock", "Indie Rock"),
          tracks=4, kind="ogg", sample_rate_hz=32_000, guest="Tamsin & the Heron"),
    Album(artist="Tamsin & the Heron", title="Three Quarter Moon", year=1975, style="folk_waltz", genres=("Folk",),
          tracks=6, kind="flac", sample_rate_hz=22_050, cover="folder.png"),
    Album(artist="Tamsin & the Heron", title="Ferry Songs", year=2021, style="folk_waltz", genres=("Folk",
          "Traditional"), tracks=6, kind="ogg", sample_rate_hz=32_000, guest="Ólafía Þoka"),
    Album(artist="Ada Quillon Trio", title="Blue Ledger", year=1968, style="jazz_swing", genres=("Jazz",), tracks=6,
          kind="flac", sample_rate_hz=32_000),
    Album(artist="Ada Quillon Trio", title="After the Rain Check", year=1984, style="jazz_swing", genres=("Jazz",
          "Swing"), tracks=6, kind="wav", sample_rate_hz=22_050, cover="cover.jpg", guest="Marrow Street"),
    Album(artist="Collegium Linden", title="Choräle der Nacht", year=1989, style="chorale", genres=("Classical",
          "Baroque"), tracks=6, kind="flac", sample_rate_hz=32_000),
    Album(artist="Collegium Linden", title="Organ Hours", year=2024, style="chorale", genres=("Classical",), tracks=6,
          kind="ogg", sample_rate_hz=32_000, cover=None),
)  # fmt: skip
"""Nineteen albums of twelve artists; the compilation is the twentieth."""

COMPILATION: Final = Album(
    artist="Various Artists", title="Crossroads Sampler", year=2012, style="", genres=(), tracks=8, kind="ogg",
    sample_rate_hz=44_100, cover="cover.jpg",
)  # fmt: skip
"""One track in each style, by that style's first artist."""

OWN_TITLES: Final[dict[str, tuple[str, ...]]] = {
    "Hljóð í þoku": ("Fyrsta ljósið", "Hvít nótt", "Ísinn syngur", "Heimkoma"),
    "Minuit Soleil": ("Étoile filante", "Rêve d'été", "Néon bleu", "Dernier métro", "Soirée à Sète", "L'aube dorée"),
    "Choräle der Nacht": (
        "Abendläuten",
        "Über den Dächern",
        "Mondchoral",
        "Stille Gärten",
        "Frühe Glocken",
        "Morgenröte",
    ),
}
"""Titles of the albums that have some of their own; the others draw a quality and a noun."""

QUALITIES: Final = (
    "Amber", "Borrowed", "Copper", "Distant", "Electric", "Folded", "Golden", "Hollow", "Idle", "Kindred", "Lucid",
        "Midnight",
    "Northern", "Open", "Paper", "Quiet", "Restless", "Silver", "Tidal", "Unmarked", "Velvet", "Winding",
)  # fmt: skip
NOUNS: Final = (
    "Alley", "Bridges", "Compass", "Departures", "Embers", "Fields", "Gateway", "Harbour", "Islands", "Junction",
        "Kites",
    "Lanterns", "Machines", "Notebook", "Orchard", "Passage", "Quarry", "River", "Signals", "Terrace", "Umbrella",
        "Window",
)  # fmt: skip
