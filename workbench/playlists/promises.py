"""What was asked of a list and does not hold?

Conventions
-----------
Every sentence is told of the rows as they are now, whatever was done since a step: what holds again is not said any
more. Of several orders the last one counts, of several lengths that were asked for the last one too. Positions count
from 1, as people see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.neighbours import distinct_rows
from workbench.playlists.choosing import crowds, lengths
from workbench.playlists.harmonic import clashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from workbench.playlists.steps import Step

__all__ = ["broken"]

MOST_NAMED: Final = 5
ORDERING: Final = frozenset({"order", "through"})
MEASURING: Final = frozenset({"limit", "through"})
"""Verbs that say how long the list is to be."""

NAMES: Final = {"energy arc": "arc", "harmonic": "order"}
"""What orders are called in a sentence, where it is not their name."""

SLACK_S: Final = 0.5


def broken(rows: pl.DataFrame, steps: Sequence[Step]) -> tuple[str, ...]:
    """What the steps of a playlist could not meet, or what later ones undid, a sentence each."""
    ordering = max((place for place, step in enumerate(steps) if step.verb in ORDERING), default=-1)
    measuring = max((place for place, step in enumerate(steps) if step.verb in MEASURING), default=-1)
    said: list[str] = []
    for place, step in enumerate(steps):
        later = steps[place + 1 :]
        if place == ordering:
            said += _order(rows, step, later)
        if place == measuring:
            said += _too_little(rows, step)
        if step.verb == "limit":
            said += _too_much(rows, step)
        elif any(each.verb == "add" for each in later):
            said += _crowded(rows, step)
    return tuple(dict.fromkeys(said))


def _order(rows: pl.DataFrame, step: Step, later: Sequence[Step]) -> Iterator[str]:
    """Of an order: clashes, tracks that it could not place, a start, peak or end that is gone."""
    by = step.arguments.get("by", "way")
    name = NAMES.get(by, by)
    if by == "harmonic":
        yield from _clashing(rows)
    yield from _unplaced(rows, step)
    marks = {word: step.found.get(word, step.arguments.get(word)) for word in ("start", "peak", "end")}
    ids = rows["track_id"].to_list()
    there = set(ids)
    lost = {word: track for word, track in marks.items() if track is not None and track not in there}
    left_out = [track for each in later if each.verb == "limit" for track in each.found.get("left_out", ())]
    cut = [track for track in left_out if track not in there]
    yield from _cut_off(name, lost, cut)
    if name == "arc":
        return
    for word, track in lost.items():
        if track not in cut:
            yield f"the {word} of the {name}, track {track}, is not in the list any more"
    yield from _displaced(name, ids, {word: track for word, track in marks.items() if word not in lost})


def _clashing(rows: pl.DataFrame) -> Iterator[str]:
    starts, steps = clashes(rows)
    if starts:
        verb, noun = ("does", "position") if len(starts) == 1 else ("do", "positions")
        places = _listed([f"{start + 1}-{start + 2}" for start in starts])
        yield f"{len(starts)} of {steps} steps {verb} not mix: {noun} {places}"


def _unplaced(rows: pl.DataFrame, step: Step) -> Iterator[str]:
    unplaced = set(step.found.get("unplaced", ()))
    places = [place for place, track in enumerate(rows["track_id"], start=1) if track in unplaced]
    if not places:
        return
    has = f"{_tracks(len(places))} {'has' if len(places) == 1 else 'have'} {step.found['why']}"
    if places[0] == len(rows) - len(places) + 1:
        yield f"{has}, and {'stands' if len(places) == 1 else 'stand'} at the end"
    else:
        yield f"{has}: {'position' if len(places) == 1 else 'positions'} {_listed(_runs(places))}"


def _cut_off(name: str, lost: dict[str, int], cut: Sequence[int]) -> Iterator[str]:
    """What a limit took from an order."""
    words = [f"the {word}" for word, track in lost.items() if track in cut]
    if words:
        yield f"the limit leaves out {_tracks(len(cut))}, {' and '.join(words)} of the {name} among them"


def _displaced(name: str, ids: Sequence[int], marks: dict[str, int | None]) -> Iterator[str]:
    for word, place in (("start", 0), ("end", -1)):
        track = marks.get(word)
        if track is not None and ids[place] != track:
            yield f"the {word} of the {name}, track {track}, stands at position {ids.index(track) + 1}"


def _too_little(rows: pl.DataFrame, step: Step) -> Iterator[str]:
    tracks, seconds = step.found.get("tracks"), step.found.get("seconds")
    if tracks is not None and len(rows) < tracks:
        yield f"there {'is' if len(rows) == 1 else 'are'} {_tracks(len(rows))}, not {step.arguments['tracks']}"
    if seconds is not None and (length := float(lengths(rows).sum())) < seconds - SLACK_S:
        lasts = "the 1 track lasts" if len(rows) == 1 else f"the {len(rows)} tracks last"
        yield f"{lasts} {_minutes(length, step)} minutes, not {step.arguments['minutes']:g}"


def _too_much(rows: pl.DataFrame, step: Step) -> Iterator[str]:
    tracks, minutes = step.arguments.get("tracks"), step.arguments.get("minutes")
    if tracks is not None and len(rows) > tracks:
        yield f"there are {_tracks(len(rows))}, more than {tracks}"
    if minutes is None:
        return
    if (length := float(lengths(rows).sum())) > minutes * 60 + SLACK_S:
        yield f"the list lasts {_minutes(length, step)} minutes, more than {minutes:g}"
    if unknown := lengths(rows).null_count():
        yield f"{_tracks(unknown)} of unknown length {'counts' if unknown == 1 else 'count'} as none"


def _crowded(rows: pl.DataFrame, step: Step) -> Iterator[str]:
    """What was added to a list that was to have few of a kind."""
    if step.verb == "at_most":
        n, per = step.arguments["n"], step.arguments["per"]
        found = [f"{name} ({count})" for name, count in crowds(rows, n, per).items()]
        if found:
            yield f"more than {n} per {per}: {_listed(found)}"
    if step.verb == "distinct" and (again := len(rows) - len(distinct_rows(rows))):
        yield f"{_tracks(again)} {'is a version' if again == 1 else 'are versions'} of one before"


def _minutes(seconds: float, step: Step) -> str:
    """Whole minutes, and more of them where that would be what was asked for."""
    asked = step.arguments["minutes"]
    digits = next(digits for digits in range(4) if f"{seconds / 60:.{digits}f}" != f"{asked:.{digits}f}")
    return f"{seconds / 60:.{digits}f}"


def _tracks(count: int) -> str:
    return f"{count} track{'' if count == 1 else 's'}"


def _listed(words: Sequence[str]) -> str:
    more = [f"and {len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else []
    return ", ".join([*words[:MOST_NAMED], *more])


def _runs(places: Sequence[int]) -> list[str]:
    """Places that follow each other as "4-6"."""
    known = set(places)
    firsts = [place for place in places if place - 1 not in known]
    lasts = [place for place in places if place + 1 not in known]
    return [f"{first}-{last}" if first < last else str(first) for first, last in zip(firsts, lasts, strict=True)]
