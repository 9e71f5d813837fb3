"""Which notes does an invented piece have, and where are its beats?

Chords follow a progression by function and close with a cadence on the tonic; drums, bass and accompaniment follow
patterns; a melody is made of two motifs in the form A A B A, each time bent to the chords of its bars.

Conventions
-----------
Times are seconds from the start of the file. Tempo is constant; beat k lies at `beat_times_s[0]` + 60 k / bpm, from the
first beat to the stroke of the last chord. Pitches are MIDI numbers and belong to the key; a minor key has the raised
seventh in its dominant chord.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demo.styles import STYLES, Part, Style
from workbench.keys import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Hit", "Note", "Score", "compose", "scale"]

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
LEADING_TONE = 11
OCTAVE = 12
FORM = "AABA"
SECTION_SHARES = (("i", 0.2), ("v", 0.4), ("c", 0.4))
TAIL_S = 2.2
"""How long the last chord rings."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note of one part; `part` counts the style's parts."""

    part: int
    start_s: float
    duration_s: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke on one drum; `drum` is a name of `drums.DRUMS`."""

    drum: str
    start_s: float
    velocity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A whole piece: what to play, and the truth about it.

    Attributes
    ----------
    style, bpm, key, mode
        Its style's name, tempo and key.
    voices : tuple of str
        The instrument of each part.
    notes, hits : tuple
        What the parts and the drums play.
    beat_times_s : tuple of float
        Every beat, in seconds.
    duration_s : float
        Length of the file.
    seed : int
        What it was made from.
    """

    style: str
    bpm: float
    key: str
    mode: str
    voices: tuple[str, ...]
    notes: tuple[Note, ...]
    hits: tuple[Hit, ...]
    beat_times_s: tuple[float, ...]
    duration_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class Chord:
    """`tones` are semitones above the tonic, root first, rising."""

    beat: int
    beats: int
    tones: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its first beat, its section, its place in the section, and its chords."""

    beat: int
    section: str
    place: int
    last: bool
    chords: tuple[Chord, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all parts of a piece share."""

    style: Style
    tonic: int
    mode: str
    lead_in_s: float
    beat_s: float

    def seconds(self, beat: float) -> float:
        """Time of a beat."""
        return self.lead_in_s + beat * self.beat_s


def compose(  # one piece is fixed by exactly these
    style: str,
    *,
    seed: int,
    bpm: float | None = None,
    key: str | None = None,
    mode: str | None = None,
    length_s: float = 24.0,
) -> Score:
    """Score of one piece.

    Parameters
    ----------
    style : str
        A name of `styles.STYLES`.
    seed : int
        The same seed and arguments give the same score.
    bpm, key, mode : float, str, str or None
        Chosen from the style and the seed where None.
    length_s : float
        About how long; whole bars decide.

    Raises
    ------
    KeyError
        No such style.

    Examples
    --------
    >>> score = compose("techno", seed=1, bpm=130.0, key="A", mode="minor")
    >>> round(score.beat_times_s[1] - score.beat_times_s[0], 4), score.key
    (0.4615, 'A')
    """
    table = STYLES[style]
    rng = np.random.default_rng(seed)
    drawn = round(float(rng.uniform(*table.bpm)), 1)
    bpm = drawn if bpm is None else bpm
    mode = mode or ("major" if rng.random() < table.major_share else "minor")
    key = key or NAMES[rng.integers(OCTAVE)]
    frame = Frame(table, NAMES.index(key), mode, round(float(rng.uniform(0.05, 0.45)), 3), 60 / bpm)
    bars = _bars(frame, length_s, rng)
    notes = [note for part in range(len(table.parts)) for note in _play(frame, part, bars, rng)]
    return Score(
        style=style, bpm=bpm, key=key, mode=mode, seed=seed,
        voices=tuple(str(rng.choice(part.voices)) for part in table.parts),
        notes=tuple(notes), hits=tuple(_drum(frame, bars, rng)),
        beat_times_s=tuple(round(frame.seconds(beat), 6) for beat in range(bars[-1].beat + 1)),
        duration_s=round(frame.seconds(bars[-1].beat) + TAIL_S, 3),
    )  # fmt: skip


def scale(key: str, mode: str) -> frozenset[int]:
    """Pitch classes, 0 = C, that a piece in this key may use; a minor key has both sevenths.

    Examples
    --------
    >>> sorted(scale("A", "minor"))
    [0, 2, 4, 5, 7, 8, 9, 11]
    """
    steps = SCALES[mode] + ((LEADING_TONE,) if mode == "minor" else ())
    return frozenset((NAMES.index(key) + step) % OCTAVE for step in steps)


def _tones(numeral: str, mode: str, *, seventh: bool) -> tuple[int, ...]:
    """Semitones above the tonic of a numeral's chord, thirds stacked in the scale."""
    degree, steps = DEGREES[numeral.lower()], SCALES[mode]
    stack = [steps[(degree + up) % 7] + OCTAVE * ((degree + up) // 7) for up in (0, 2, 4, 6)[: 4 if seventh else 3]]
    if mode == "minor" and numeral == "V":
        stack = [tone + 1 if tone % OCTAVE == LEADING_TONE - 1 else tone for tone in stack]
    return tuple(stack)


def _bars(frame: Frame, length_s: float, rng: np.random.Generator) -> list[Bar]:
    """All bars: sections of whole bars, a cadence, and the last bar on the tonic."""
    style, mode = frame.style, frame.mode
    count = max(round((length_s - frame.lead_in_s - TAIL_S) / (frame.beat_s * style.beats_per_bar)), 4)
    sections = _sections(count)
    chosen = {section: str(rng.choice(style.progressions[mode])).split() for section in "vc"}
    chosen["i"] = chosen["v"]
    bars = []
    for index, (section, place) in enumerate(sections):
        per_bar = style.beats_per_bar // style.chord_beats
        numerals = [chosen[section][(place * per_bar + n) % len(chosen[section])] for n in range(per_bar)]
        if index == count - 1:
            numerals = style.cadence[mode].split()
        last = index == count - 1 or sections[index + 1][0] != section
        bars.append(_bar(frame, index, section, place, numerals, last=last))
    tonic = "I" if mode == "major" else "i"
    return [*bars, _bar(frame, count, "e", 0, [tonic], last=True)]


def _sections(count: int) -> list[tuple[str, int]]:
    """Section and place in it for each bar; sections of even length where there is room."""
    sizes = {section: max(round(count * share / 2) * 2, 1) for section, share in SECTION_SHARES[:2]}
    sizes["c"] = max(count - sum(sizes.values()), 1)
    return [(section, place) for section, size in sizes.items() for place in range(size)][:count]


def _bar(frame: Frame, index: int, section: str, place: int, numerals: Sequence[str], *, last: bool) -> Bar:
    beats = frame.style.beats_per_bar
    edges = [beats * n // len(numerals) for n in range(len(numerals) + 1)]
    seventh = frame.style.sevenths and section != "e"
    chords = [
        Chord(start, stop - start, _tones(numeral, frame.mode, seventh=seventh))
        for numeral, start, stop in zip(numerals, edges[:-1], edges[1:], strict=True)
    ]
    return Bar(index * beats, section, place, last, tuple(chords))


def _play(frame: Frame, part: int, bars: list[Bar], rng: np.random.Generator) -> Iterator[Note]:
    """Notes of one part, last chord included."""
    player = frame.style.parts[part]
    pattern = str(rng.choice(player.patterns))
    heard = [bar for bar in bars[:-1] if bar.section in player.sections]
    if player.role == "melody":
        events = _melody(frame, player, heard, rng)
    elif player.role == "walk":
        events = _walk(frame, player, heard, rng)
    else:
        events = (event for bar in heard for event in _patterned(frame, player, pattern, bar))
    for beat, beats, pitch in events:
        strength = 0.85 + 0.15 * (beat % frame.style.beats_per_bar == 0) + rng.uniform(-0.08, 0.08)
        yield Note(part, frame.seconds(beat), 0.96 * beats * frame.beat_s, pitch, float(strength))
    if "e" in player.sections or player.role == "melody":
        for pitch in _ending(frame, player, bars[-1]):
            yield Note(part, frame.seconds(bars[-1].beat), TAIL_S - 0.6, pitch, 1.0)


def _ending(frame: Frame, player: Part, bar: Bar) -> list[int]:
    if player.role == "chord":
        return _voicing(frame, player.register, bar.chords[0].tones)
    return [_nearest(frame.tonic, player.register)]


def _patterned(frame: Frame, player: Part, pattern: str, bar: Bar) -> Iterator[tuple[float, float, int]]:
    """Beat, length in beats and pitch of what a pattern gives in one bar."""
    for step, length, symbol in _strokes(frame, pattern, bar):
        beat = step / frame.style.steps_per_beat
        chord = _chord_at(bar, beat)
        for pitch in _pitches(frame, player, symbol, chord):
            yield bar.beat + beat, length / frame.style.steps_per_beat, pitch


def _strokes(frame: Frame, pattern: str, bar: Bar) -> Iterator[tuple[int, int, str]]:
    """Step, length in steps and symbol of each stroke; long patterns go on in the next bar."""
    size = frame.style.beats_per_bar * frame.style.steps_per_beat
    turn = bar.place % (len(pattern) // size)
    line = pattern[turn * size : (turn + 1) * size]
    for step, symbol in enumerate(line):
        if symbol not in ".-":
            held = line[step + 1 :]
            yield step, 1 + len(held) - len(held.lstrip("-")), symbol


def _chord_at(bar: Bar, beat: float) -> Chord:
    return next(chord for chord in bar.chords if chord.beat <= beat < chord.beat + chord.beats)


def _pitches(frame: Frame, player: Part, symbol: str, chord: Chord) -> list[int]:
    if player.role == "chord":
        return _voicing(frame, player.register, chord.tones)
    if player.role == "arp":
        tones = _voicing(frame, player.register, chord.tones)
        return [tones[int(symbol) % len(tones)] + OCTAVE * (int(symbol) // len(tones))]
    root = _nearest(frame.tonic + chord.tones[0], player.register)
    rise = {"r": 0, "3": chord.tones[1] - chord.tones[0], "5": chord.tones[2] - chord.tones[0], "8": OCTAVE}
    return [root + rise[symbol]]


def _nearest(pitch: int, register: int) -> int:
    """The octave of a pitch that lies nearest the register."""
    return register + (pitch - register + 6) % OCTAVE - 6


def _voicing(frame: Frame, register: int, tones: Sequence[int]) -> list[int]:
    """Each tone where it lies nearest the register: close chords that move little."""
    return sorted(_nearest(frame.tonic + tone, register) for tone in tones)


def _ladder(frame: Frame, chord: Chord, register: int) -> list[int]:
    """Pitches of the scale within an octave of the register, with the chord's own leading tone."""
    steps = set(SCALES[frame.mode])
    if LEADING_TONE in {tone % OCTAVE for tone in chord.tones}:
        steps = steps - {LEADING_TONE - 1} | {LEADING_TONE}
    return [pitch for pitch in range(register - 9, register + 10) if (pitch - frame.tonic) % OCTAVE in steps]


def _motif(frame: Frame, rng: np.random.Generator) -> list[list[tuple[int, int, int]]]:
    """Two bars of steps, lengths and moves on the scale."""
    size = frame.style.beats_per_bar * frame.style.steps_per_beat
    alone = Bar(0, "v", 0, last=False, chords=())
    bars = []
    for _ in range(2):
        line = str(rng.choice(frame.style.rhythms))[:size]
        bars.append(
            [
                (step, length, int(rng.choice([-2, -1, -1, 0, 1, 1, 2])))
                for step, length, _ in _strokes(frame, line, alone)
            ]
        )
    return bars


def _melody(
    frame: Frame, player: Part, bars: list[Bar], rng: np.random.Generator
) -> Iterator[tuple[float, float, int]]:
    """A tune of two motifs; a note on a beat belongs to the chord, those between move by steps."""
    motifs = {"A": _motif(frame, rng), "B": _motif(frame, rng)}
    home = {"A": player.register, "B": player.register + 4}
    pitch = player.register
    for bar in bars:
        form = FORM[bar.place // 2 % len(FORM)]
        if bar.place % 2 == 0:
            pitch = home[form]
        for step, length, move in motifs[form][bar.place % 2]:
            beat = step / frame.style.steps_per_beat
            chord = _chord_at(bar, beat)
            ladder = _ladder(frame, chord, player.register)
            nearest = int(np.argmin([abs(rung - pitch) for rung in ladder]))
            pitch = ladder[min(max(nearest + move, 0), len(ladder) - 1)]
            if step % frame.style.steps_per_beat == 0:
                pitch = _snapped(frame, pitch, chord)
            yield bar.beat + beat, length / frame.style.steps_per_beat, pitch


def _snapped(frame: Frame, pitch: int, chord: Chord) -> int:
    """The tone of the chord's triad nearest to a pitch."""
    return min(
        (_nearest(frame.tonic + tone, pitch) for tone in chord.tones[:3]), key=lambda tone: (abs(tone - pitch), tone)
    )


def _walk(frame: Frame, player: Part, bars: list[Bar], rng: np.random.Generator) -> Iterator[tuple[float, float, int]]:
    """A walking bass: the root where the chord changes, then chord tones, one scale step before the next root."""
    chords = [(bar.beat + chord.beat, chord) for bar in bars for chord in bar.chords]
    roots = [_nearest(frame.tonic + chord.tones[0], player.register) for _, chord in chords]
    targets = [*roots[1:], roots[0]]
    for (first, chord), root, target in zip(chords, roots, targets, strict=True):
        middle = [_nearest(frame.tonic + tone, root + 3) for tone in rng.permutation(chord.tones[1:])]
        approach = min(_ladder(frame, chord, player.register), key=lambda rung: (rung == target, abs(rung - target)))
        line = [*[root, *middle, *middle][: max(chord.beats - 1, 1)], approach]
        for beat, pitch in enumerate(line[: chord.beats]):
            yield first + beat, 1.0, int(pitch)


def _drum(frame: Frame, bars: list[Bar], rng: np.random.Generator) -> Iterator[Hit]:
    """Strokes of the drums: fewer in the intro, a fill before a new section, one stroke at the end."""
    style = frame.style
    if not style.grooves:
        return
    groove: dict[str, str] = style.grooves[rng.integers(len(style.grooves))]
    for bar in bars[:-1]:
        playing = {drum: line for drum, line in groove.items() if bar.section != "i" or drum in style.intro_drums}
        if bar.last:
            playing |= {drum: line for drum, line in style.fill.items() if bar.section != "i"}
        for drum, line in playing.items():
            for step, _, symbol in _strokes(frame, line, bar):
                start_s = frame.seconds(bar.beat + step / style.steps_per_beat)
                yield Hit(drum, start_s, int(symbol) / 9 * float(rng.uniform(0.92, 1)))
    for drum in style.ending_drums:
        yield Hit(drum, frame.seconds(bars[-1].beat), 0.9)
