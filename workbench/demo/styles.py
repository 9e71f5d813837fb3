"""What makes a style: which tempo, harmony, drums and parts? Data only; `composer` reads it.

Conventions
-----------
A pattern is text, one character a step, `steps_per_beat` steps to a beat, over one or more bars. Drums: "." rest, "1"
to "9" strength. Parts: "." rest, "-" holds the note before, and

- bass: "r" root, "5" fifth, "8" octave, "3" third of the chord
- chord: "x" all tones
- arp: "0" to "7" the chord's tones counted upwards
- melody, walk: no pattern, they are composed

Where there are several patterns, voices or grooves, a piece takes one of each. Sections: "i" intro, "v" verse, "c"
chorus, "e" the last bar. Chords are numerals in the key, thirds stacked in its scale; the "V" of a minor key takes the
raised leading tone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = ["STYLES", "Part", "Style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One player: what it plays and where it stands in the mix.

    Attributes
    ----------
    role : str
        How its patterns are read.
    voices, patterns : tuple of str
        A piece takes one of each; voices are names of `voices.VOICES`.
    register : int
        MIDI number around which it plays.
    gain_db, pan, reverb, chorus, drive : float
        Level against the drums, -1 left to 1 right, send 0 to 1, depth 0 to 1, distortion (0 none).
    low_hz, high_hz : float
        Corners of high-pass and low-pass; 0 means none.
    sections : str
        Sections it plays in.
    """

    role: Literal["bass", "chord", "arp", "melody", "walk"]
    voices: tuple[str, ...]
    patterns: tuple[str, ...] = ("",)
    register: int = 60
    gain_db: float = -6.0
    pan: float = 0.0
    reverb: float = 0.15
    chorus: float = 0.0
    drive: float = 0.0
    low_hz: float = 0.0
    high_hz: float = 0.0
    sections: str = "ivce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A way of making music.

    Attributes
    ----------
    bpm : tuple of float
        Slowest and fastest tempo.
    major_share : float
        Share of pieces in a major key.
    progressions : dict of str to tuple of str
        By mode; verse and chorus each take one. `chord_beats` beats a chord.
    cadence : dict of str to str
        By mode; the chords of the bar before the last.
    grooves : tuple of dict
        Drum name to pattern.
    intro_drums : tuple of str
        The drums that play from the start.
    fill : dict of str to str
        Replaces drums in the bar before a new section.
    ending_drums : tuple of str
        Strokes on the last chord.
    rhythms : tuple of str
        One-bar rhythms that melodies are made of, "x" starts a note.
    loudness_db, drums_db, drums_reverb, reverb_s : float
        RMS of the whole, level and reverb send of the drums, length of the reverb.
    """

    bpm: tuple[float, float]
    beats_per_bar: int = 4
    steps_per_beat: int = 4
    major_share: float = 0.5
    chord_beats: int = 4
    progressions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cadence: dict[str, str] = field(default_factory=lambda: {"major": "IV V", "minor": "iv V"})
    sevenths: bool = False
    grooves: tuple[dict[str, str], ...] = ()
    intro_drums: tuple[str, ...] = ()
    fill: dict[str, str] = field(default_factory=dict)
    ending_drums: tuple[str, ...] = ()
    rhythms: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    loudness_db: float = -15.0
    drums_db: float = 0.0
    drums_reverb: float = 0.08
    reverb_s: float = 1.0


AMBIENT = Style(
    bpm=(62, 84),
    major_share=0.6,
    progressions={"major": ("I vi IV I", "I iii IV I", "I V vi IV"), "minor": ("i VI iv i", "i III VI i", "i iv VI i")},
    cadence={"major": "IV", "minor": "iv"},
    grooves=(
        {"soft kick": "8.......6.......", "shaker": "5...5...5...5..."},
        {"soft kick": "8...4...7...4...", "shaker": "....5.......5..."},
    ),
    intro_drums=("soft kick",),
    rhythms=("x-------x-------", "x-----------x---", "x---x-----------", "x---------------"),
    parts=(
        Part(role="chord", voices=("warm pad", "glass pad"), patterns=("x" + "-" * 15,), register=60, gain_db=-2,
             reverb=0.5, chorus=0.7),
        Part(role="bass", voices=("sub",), patterns=("r-------r-------", "r-----------r---"), register=40, gain_db=-5),
        Part(role="arp", voices=("bell", "kalimba"), register=72, gain_db=-6, pan=-0.3, reverb=0.6,
             patterns=("0---1---2---4---", "2-1-0---4-2-1---", "0---2---1---2-3-")),
        Part(role="melody", voices=("glass pad", "bell"), register=79, gain_db=-10, pan=0.3, reverb=0.6, sections="c"),
    ),
    loudness_db=-19,
    drums_db=-8,
    drums_reverb=0.35,
    reverb_s=2.8,
)  # fmt: skip

TECHNO = Style(
    bpm=(122, 136),
    major_share=0.1,
    progressions={"major": ("I I I I", "I I IV I"), "minor": ("i i i i", "i i VI i", "i i iv i")},
    cadence={"major": "I", "minor": "i"},
    grooves=(
        {"deep kick": "9...9...9...9...", "closed hat": "..5...5...5...5.", "clap": "....8.......8...",
         "rim": "......3..3....3."},
        {"deep kick": "9...9...9...9...", "closed hat": "7.5.7.5.7.5.7.5.", "open hat": "..3...3...3...3.",
         "clap": "....6.......6..."},
        {"deep kick": "9...9...9...9...", "closed hat": "7353735373537353", "clap": "....7.......7..3"},
    ),
    intro_drums=("deep kick", "closed hat"),
    fill={"clap": "....7.......7777"},
    ending_drums=("deep kick", "open hat"),
    rhythms=("x..x..x.........", "..x..x....x.....", "x.....x...x....."),
    parts=(
        Part(role="bass", voices=("rolling bass", "sub"), register=36, gain_db=-5, reverb=0.02,
             patterns=("rrrrrrrrrrrrrrrr", "r-r-r-r-r-r-r-r-", "rr.rr.r8rr.rr.r5")),
        Part(role="arp", voices=("acid",), register=48, gain_db=-9, drive=3.0, reverb=0.1, sections="vce",
             patterns=("0.0102.00.01.203", "00.30.10.0.30.21", "0..30..30..30.20")),
        Part(role="chord", voices=("stab", "metal stab"), register=62, gain_db=-8, reverb=0.45, pan=0.2, sections="ce",
             patterns=("x..x..x.........", "..x..x....x..x..", "..x...x...x...x.")),
        Part(role="chord", voices=("air pad",), patterns=("x" + "-" * 15,), register=57, gain_db=-16, reverb=0.4,
             chorus=0.5, sections="vc"),
    ),
    loudness_db=-13,
    drums_db=1,
    drums_reverb=0.04,
    reverb_s=1.4,
)  # fmt: skip

DISCO = Style(
    bpm=(108, 122),
    major_share=0.65,
    progressions={"major": ("I vi ii V", "I IV I V", "I iii IV V"), "minor": ("i iv i VII", "i VI iv V", "i iv i V")},
    cadence={"major": "ii V", "minor": "iv V"},
    sevenths=True,
    grooves=(
        {"round kick": "9...9...9...9...", "disco snare": "....8.......8...", "closed hat": "7.5.7.5.7.5.7.5.",
         "open hat": "..6...6...6...6."},
        {"round kick": "9...9...9...9...", "clap": "....8.......8...", "closed hat": "6464646464646464",
         "tambourine": "..5...5...5...5."},
    ),
    intro_drums=("round kick", "closed hat", "disco snare", "clap"),
    fill={"disco snare": "....8...5.5.7788"},
    ending_drums=("round kick", "crash"),
    rhythms=("x-x-x---..x-x---", "x---x-x-..x-x-x-", "..x-x-x-x-------", "x-------..x-x---"),
    parts=(
        Part(role="bass", voices=("finger bass", "slap bass"), register=40, gain_db=-4, reverb=0.02,
             patterns=("r.8.r.8.r.8.r.8.", "r..8r.8.r..8r.5.", "r.8.r.8.5.8.r.35")),
        Part(role="chord", voices=("string section",), patterns=("x" + "-" * 15,), register=70, gain_db=-8, reverb=0.35,
             chorus=0.5, sections="vce"),
        Part(role="chord", voices=("clavinet", "electric piano"), register=62, gain_db=-7, pan=-0.4, reverb=0.1,
             patterns=("..x..xx...x..xx.", "x.xx..x.x.xx..x.", "..x...x...x...x.")),
        Part(role="melody", voices=("brass section", "string section"), register=74, gain_db=-7, pan=0.2, reverb=0.25,
             sections="c"),
        Part(role="chord", voices=("electric piano",), patterns=("x-------x-------",), register=57, gain_db=-10,
             pan=0.35, chorus=0.4),
    ),
    loudness_db=-14,
    drums_reverb=0.06,
    reverb_s=1.2,
)  # fmt: skip

DRUM_AND_BASS = Style(
    bpm=(168, 178),
    major_share=0.2,
    progressions={"major": ("I I vi IV", "I I IV V"), "minor": ("i i VI VII", "i i iv VI", "i VI i VII")},
    cadence={"major": "V", "minor": "V"},
    grooves=(
        {"tight kick": "9.........8.....", "break snare": "....9..2.2..9..2", "closed hat": "6.4.6.4.6.4.6.4."},
        {"tight kick": "9.8.......8.....", "break snare": "....9..3.3..9...", "ride": "6...6...6...6...",
         "closed hat": "..5...5...5...5."},
        {"tight kick": "9.........8....." + "9.8........8....", "break snare": "....9..2.2..9..2" + "....9..2.2..9.33",
         "closed hat": "6464646464646464"},
    ),
    intro_drums=("tight kick", "break snare", "closed hat"),
    fill={"break snare": "....9.5.7.5.9555"},
    ending_drums=("tight kick", "crash"),
    rhythms=("x--x--x---------", "x-----x-----x---", "..x-..x-x-------", "x---------x-x---"),
    parts=(
        Part(role="bass", voices=("reese",), register=36, gain_db=-3, drive=2.0, high_hz=2500, reverb=0.03,
             patterns=("r---------r-----", "r-----r---5-r---", "r-------..r-8-r-")),
        Part(role="bass", voices=("sub",), patterns=("r---------r-----",), register=31, gain_db=-6, reverb=0.0),
        Part(role="chord", voices=("air pad", "warm pad"), patterns=("x" + "-" * 15,), register=64, gain_db=-10,
             reverb=0.5, chorus=0.7),
        Part(role="melody", voices=("square lead", "bell"), register=74, gain_db=-9, pan=0.2, reverb=0.4,
             sections="vc"),
        Part(role="arp", voices=("electric piano", "kalimba"), register=67, gain_db=-12, pan=-0.4, reverb=0.3,
             sections="ce", patterns=("0-2-1-2-3-2-1-2-", "0--2--1--3--2-1-")),
    ),
    loudness_db=-13,
    drums_db=2,
    reverb_s=1.6,
)  # fmt: skip

ROCK = Style(
    bpm=(102, 152),
    major_share=0.65,
    progressions={"major": ("I V vi IV", "I IV V I", "I I IV V"), "minor": ("i VI III VII", "i iv VI V", "i VII VI V")},
    grooves=(
        {"rock kick": "9.......9.9.....", "rock snare": "....9.......9...", "closed hat": "8.6.8.6.8.6.8.6."},
        {"rock kick": "9.....9.9.......", "rock snare": "....9.......9...", "ride": "7...7...7...7...",
         "closed hat": "..5...5...5...5."},
        {"rock kick": "9...5...9.9.5...", "rock snare": "....9.......9...", "open hat": "7...7...7...7..."},
    ),
    intro_drums=("rock kick", "rock snare", "closed hat", "open hat"),
    fill={"tom": "........8.8.8.8.", "rock snare": "....9...6.6.6688"},
    ending_drums=("rock kick", "crash"),
    rhythms=("x---x-x-x---x---", "x-x-x---x-------", "..x-x-x-x---x---", "x-----x-x-------"),
    parts=(
        Part(role="chord", voices=("electric guitar",), register=50, gain_db=-4, pan=-0.7, drive=9.0, high_hz=5200,
             patterns=("x-x-x-x-x-x-x-x-", "x---x-x-x---x-x-", "x-----x-x-----x-"), low_hz=90),
        Part(role="chord", voices=("electric guitar",), register=55, gain_db=-6, pan=0.7, drive=6.0, high_hz=5200,
             patterns=("x---------------", "x-x-x-x-x-x-x-x-", "x-------x-------"), low_hz=110, sections="vce"),
        Part(role="bass", voices=("pick bass",), register=38, gain_db=-4, reverb=0.02, drive=1.5,
             patterns=("r-r-r-r-r-r-r-r-", "r---r-r-r---5-r-")),
        Part(role="melody", voices=("lead guitar",), register=69, gain_db=-6, drive=5.0, high_hz=6000, reverb=0.25,
             sections="c"),
        Part(role="melody", voices=("reed organ",), register=67, gain_db=-13, pan=0.3, sections="v"),
    ),
    loudness_db=-14,
    drums_db=1,
    drums_reverb=0.12,
    reverb_s=0.9,
)  # fmt: skip

FOLK_WALTZ = Style(
    bpm=(108, 156),
    beats_per_bar=3,
    chord_beats=3,
    major_share=0.65,
    progressions={
        "major": ("I I IV I V V I I", "I V I IV I V I I", "I IV I V I IV V I"),
        "minor": ("i i iv i V V i i", "i VII i iv i V i i", "i iv i V i iv V i"),
    },
    cadence={"major": "V", "minor": "V"},
    grooves=({"frame drum": "9...........", "tambourine": "....4...4..."}, {"frame drum": "9.......3...",
        "shaker": "4...5...5..."}),
    intro_drums=("frame drum",),
    ending_drums=("frame drum",),
    rhythms=("x---x---x---", "x-------x---", "x---x-x-x-x-", "x-----x-x---", "x-x-x-x-x---"),
    parts=(
        Part(role="bass", voices=("nylon guitar", "upright bass"), patterns=("r-----------", "r-------5---"),
             register=43, gain_db=-3),
        Part(role="chord", voices=("steel guitar", "nylon guitar"), patterns=("....x---x---", "..x-x---x---"),
             register=60, gain_db=-4, pan=-0.35),
        Part(role="chord", voices=("accordion",), patterns=("x-----------",), register=64, gain_db=-14, pan=0.4,
             sections="ce", chorus=0.4),
        Part(role="melody", voices=("fiddle", "whistle", "accordion"), register=74, gain_db=-2, pan=0.15, reverb=0.25,
             sections="vc"),
    ),
    loudness_db=-17,
    drums_db=-5,
    drums_reverb=0.15,
    reverb_s=1.1,
)  # fmt: skip

JAZZ_SWING = Style(
    bpm=(112, 184),
    steps_per_beat=3,
    major_share=0.55,
    progressions={"major": ("I vi ii V", "I IV ii V", "I I ii V"), "minor": ("i VI iv V", "i iv VII V", "i i iv V")},
    cadence={"major": "ii V", "minor": "iv V"},
    sevenths=True,
    grooves=(
        {"ride": "8..8.58..8.5", "pedal hat": "...7.....7..", "feathered kick": "5..5..5..5.."},
        {"ride": "8..7.58..7.5", "pedal hat": "...7.....7..", "brush": "..3...5....3",
         "feathered kick": "5..4..5..4.."},
        {"brush": "6.26.36.26.3", "ride": "6..6.46..6.4", "pedal hat": "...7.....7..",
         "feathered kick": "6..5..6..5.."},
    ),
    intro_drums=("ride", "pedal hat", "brush", "feathered kick"),
    ending_drums=("ride", "feathered kick"),
    rhythms=("x--x-xx--x--", "x-----x-xx-x", "..xx-xx-----", "x--x-x..xx--", "x-xx-xx-xx--"),
    parts=(
        Part(role="walk", voices=("upright bass",), register=40, gain_db=1, reverb=0.06),
        Part(role="chord", voices=("piano",), register=61, gain_db=-5, pan=-0.35, reverb=0.12,
             patterns=("x-..-x......", "..x...x-....", "x--..x......" + "..x.....x-..")),
        Part(role="melody", voices=("saxophone", "vibraphone", "muted trumpet"), register=70, gain_db=-1, pan=0.25,
             reverb=0.2, sections="vc"),
    ),
    loudness_db=-17,
    drums_db=-3,
    drums_reverb=0.1,
    reverb_s=0.9,
)  # fmt: skip

CHORALE = Style(
    bpm=(68, 98),
    chord_beats=1,
    major_share=0.5,
    progressions={
        "major": ("I I IV I V V I I", "I V vi IV I V I I", "I IV V I vi ii V I"),
        "minor": ("i i iv i V V i i", "i V VI iv i V i i", "i iv V i VI iv V i"),
    },
    cadence={"major": "I IV V V", "minor": "i iv V V"},
    rhythms=("x---x---x---x---", "x---x-x-x---x---", "x---x---x-------", "x-----x-x---x---"),
    parts=(
        Part(role="chord", voices=("organ", "reed organ"), patterns=("x--.x--.x--.x--.",), register=60, gain_db=-3,
             reverb=0.35),
        Part(role="bass", voices=("pedal",), patterns=("r--.r--.r--.r--.", "r-8-r---r---r---"), register=43, gain_db=-3,
             reverb=0.3),
        Part(role="melody", voices=("organ", "reed organ"), register=73, gain_db=-3, reverb=0.35),
        Part(role="arp", voices=("harpsichord",), register=64, gain_db=-12, pan=0.3, reverb=0.3, sections="ce",
             patterns=("0-1-2-1-0-1-2-1-", "0---2---1---2---")),
    ),
    loudness_db=-17,
    reverb_s=2.2,
)  # fmt: skip

STYLES: Final[dict[str, Style]] = {
    "ambient": AMBIENT,
    "techno": TECHNO,
    "disco": DISCO,
    "drum_and_bass": DRUM_AND_BASS,
    "rock": ROCK,
    "folk_waltz": FOLK_WALTZ,
    "jazz_swing": JAZZ_SWING,
    "chorale": CHORALE,
}
"""The eight styles."""
