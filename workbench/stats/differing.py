"""What has changed since somebody last looked?

Conventions
-----------
Two snapshots (`workbench.stats.snapshots`) are compared number by number. What one of them does not hold is unknown:
null, and so is its change. Coverage is told in percent of the tracks that were there, everything else as it is counted.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.stats.snapshots import MOST_GENRES, statistics_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from workbench.stats.counting import Schema

    Snapshot = Mapping[str, Any]
    Numbers = tuple[float | None, float | None]

__all__ = ["CHANGES", "Changes", "change_sentence", "changes", "compared"]

CHANGES: Final[Schema] = {
    "what": pl.String(),
    "unit": pl.String(),
    "before": pl.Float64(),
    "now": pl.Float64(),
    "change": pl.Float64(),
}
"""Columns of `changes`."""

COUNTED: Final = (
    ("tracks", "tracks", "tracks"),
    ("missing", "missing", "tracks"),
    ("hours", "hours", "h"),
    ("size_gb", "size", "GB"),
    ("analyzed", "analysis coverage", "%"),
    ("heard", "learned model's coverage", "%"),
    ("artists", "artists", "artists"),
    ("albums", "albums", "albums"),
    ("genres", "genres", "genres"),
    ("playlists", "playlists", "playlists"),
)
"""Key of a snapshot, its name in the frame, and its unit."""

NAMED: Final = (
    ("findings", "finding", "files", None),
    ("tags", "tag", "%", 0),
    ("formats", "format", "tracks", None),
    ("genre_tracks", "genre", "tracks", MOST_GENRES),
)
"""Key of a snapshot, the word before each name, the unit, and how many names were counted at most: one that is not
there is 0 where there are fewer, and unknown where there are not."""

MOST_SHOWN: Final = 12
"""Findings, tags, formats and genres, of each so many, that changes show of themselves; the frame holds all."""

LONGEST_NAME: Final = 80
"""Characters of a name that are shown."""

FIRST: Final = "Nothing to compare with yet: the collection is as the first report found it."


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed in a collection since a snapshot; as the last expression of a cell it shows itself.

    Attributes
    ----------
    base_at : datetime or None
        When the snapshot was taken that now is compared with, UTC; None where there is none.
    sentence : str
        The main changes.
    frame : DataFrame
        All of them, schema `CHANGES`; no rows where there is nothing to compare with.
    """

    base_at: datetime | None = None
    sentence: str = FIRST
    frame: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))

    def __repr__(self) -> str:
        """The sentence, and a table of what has changed most."""
        shown, remark = _shown(self.frame)
        if shown.is_empty():
            return self.sentence
        with _whole():
            lines = [self.sentence, str(_worded(shown)), remark]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        said = f"<p><strong>{html.escape(self.sentence)}</strong></p>"
        shown, remark = _shown(self.frame)
        table = "" if shown.is_empty() else _table(_worded(shown))
        return said + table + (f"<p>{html.escape(remark)}</p>" if remark else "")


def compared(snapshots: pl.DataFrame, now: Snapshot, *, since: datetime | None = None) -> Changes:
    """What has changed since a snapshot.

    Parameters
    ----------
    snapshots : DataFrame
        ``taken_at`` and ``statistics`` (JSON), oldest first; it does not matter whether now is among them.
    now : mapping
        As `snapshot` gives it.
    since : datetime or None
        Compare with the last snapshot taken at or before this moment; where there is none, with the earliest, and the
        sentence says so. None: with the last one that differs from now.
    """
    told = snapshots.select("taken_at", "statistics").iter_rows()
    rows = [(taken_at, held) for taken_at, text in told if (held := statistics_of(text))]
    differing = [row for row in rows if _differs(row[1], now)]
    if not differing:
        return Changes()
    if since is None:
        base_at, base = differing[-1]
        return Changes(base_at, change_sentence(base, now, base_at), changes(base, now))
    base_at, base = next((row for row in reversed(rows) if row[0] <= since), rows[0])
    sentence = change_sentence(base, now, base_at, is_earliest=base_at > since)
    return Changes(base_at, sentence, changes(base, now))


def changes(before: Snapshot, now: Snapshot) -> pl.DataFrame:
    """Each number before and now, schema `CHANGES`.

    First tracks, missing, hours, size, coverage of the analysis, artists, albums, genres and playlists, whether they
    changed or not; then, where they did, findings, tags, formats and genres by name. Of two snapshots that each hold
    the 200 most frequent genres, one that is in neither has no row, and one that is in one alone is unknown in the
    other.
    """
    headline = [(name, unit, *_numbers(before, now, key, unit)) for key, name, unit in COUNTED]
    rows = [*headline, *_details(before, now)]
    frame = pl.DataFrame(rows, {name: CHANGES[name] for name in ("what", "unit", "before", "now")}, orient="row")
    return frame.with_columns(change=(pl.col("now") - pl.col("before")).round(3)).cast(pl.Schema(CHANGES))


def change_sentence(before: Snapshot, now: Snapshot, base_at: datetime, *, is_earliest: bool = False) -> str:
    """The main changes since a snapshot in a sentence.

    Parameters
    ----------
    before, now : mapping
        Snapshots.
    base_at : datetime
        When the first was taken, UTC.
    is_earliest : bool
        Nothing earlier is known, though it was asked for; the sentence says so.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> before = {"tracks": 100, "missing": 0, "analyzed": 71}
    >>> now = {"tracks": 312, "missing": 9, "analyzed": 306}
    >>> change_sentence(before, now, datetime(2026, 1, 1, 8, 30, tzinfo=UTC))
    'Since 2026-01-01 08:30 UTC: +212 tracks, 9 missing, analysis coverage 71 -> 98 %.'
    """
    known = " (the earliest report there is)" if is_earliest else ""
    rows = changes(before, now)
    parts = [_part(row) for row in rows.head(len(COUNTED)).iter_rows(named=True) if row["change"]]
    said = ", ".join(part for part in parts if part)
    if not said:
        said = "nothing has changed" if _changed(rows).is_empty() else "only details have changed"
    return f"Since {base_at:%Y-%m-%d %H:%M} UTC{known}: {said}."


def _part(row: Mapping[str, Any]) -> str | None:
    """One change in words; None where it is too small to be seen."""
    name, unit, before, now = row["what"], row["unit"], row["before"], row["now"]
    if name == "missing":
        return f"{now:.0f} missing" + (f" ({before:.0f} before)" if before else "")
    if unit == "%":
        first, last = _share(before), _share(now)
        return None if first == last else f"{name} {first} -> {last} %"
    digits = 0 if float(row["change"]).is_integer() else 1
    words = f"{row['change']:+,.{digits}f}"
    if not float(words.replace(",", "")):
        return None
    singular = name.removesuffix("s") if abs(row["change"]) == 1 else name
    return f"{words} GB" if unit == "GB" else f"{words} {singular}"


def _share(percent: float) -> str:
    """Whole percent, but never all or nothing where it is not."""
    if 0 < percent < 1 or 99 < percent < 100:  # noqa: PLR2004  what would be rounded to all or nothing
        return f"{min(max(percent, 0.1), 99.9):.1f}"
    return f"{percent:.0f}"


def _numbers(before: Snapshot, now: Snapshot, key: str, unit: str) -> Numbers:
    first, last = (_percent(held, held.get(key)) if unit == "%" else held.get(key) for held in (before, now))
    return first, last


def _percent(held: Snapshot, count: float | None) -> float | None:
    """Share of the tracks that were there, in percent."""
    tracks = held.get("tracks")
    return None if count is None or not tracks else round(100 * count / tracks, 2)


def _details(before: Snapshot, now: Snapshot) -> Iterator[tuple[str, str, float | None, float | None]]:
    """Rows of the names whose numbers differ, the largest difference first."""
    for key, word, unit, most in NAMED:
        pairs = [(f"{word}: {name}", unit, *_named(before, now, key, name, most)) for name in _names(before, now, key)]
        if unit == "%":
            pairs = [(what, unit, _percent(before, first), _percent(now, last)) for what, unit, first, last in pairs]
        differing = [row for row in pairs if row[2] != row[3]]
        yield from sorted(differing, key=lambda row: (-abs((row[3] or 0) - (row[2] or 0)), row[0]))


def _names(before: Snapshot, now: Snapshot, key: str) -> list[str]:
    return sorted({*(before.get(key) or ()), *(now.get(key) or ())})


def _named(before: Snapshot, now: Snapshot, key: str, name: str, most: int | None) -> Numbers:
    """A name's number in both; 0 where names were counted in full, and unknown where they were not."""
    first, last = (_number_of(held.get(key), name, most) for held in (before, now))
    return first, last


def _number_of(counts: Mapping[str, int] | None, name: str, most: int | None) -> int | None:
    if counts is None:
        return None
    is_whole = most is None or len(counts) < most
    return counts.get(name, 0 if is_whole else None)


def _differs(before: Snapshot, now: Snapshot) -> bool:
    """Whether what both know differs; a number that only a newer workbench counts is no change."""
    plain = ((before.get(key), now.get(key)) for key, *_ in COUNTED)
    named = (_named(before, now, key, name, most) for key, _, _, most in NAMED for name in _names(before, now, key))
    return any(None not in pair and pair[0] != pair[1] for pair in chain(plain, named))


def _changed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("before").ne_missing(pl.col("now")))


def _shown(frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """What has changed, of each kind of detail the first few, and a remark on the others."""
    changed = _changed(frame)
    kind = pl.col("what").str.extract("^([a-z]+): ")
    shown = changed.filter(kind.is_null() | (pl.int_range(pl.len()).over(kind) < MOST_SHOWN))
    others = len(changed) - len(shown)
    return shown, f"And {others:,} more that changed less: see .frame." if others else ""


def _worded(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as text: numbers as people write them, a question mark for what is unknown."""
    rows = [
        (_brief(what), *(_amount(value, unit) for value in numbers[:2]), _amount(numbers[2], unit, sign="+"))
        for what, unit, *numbers in frame.select(*CHANGES).iter_rows()
    ]
    return pl.DataFrame(rows, dict.fromkeys(("what", "before", "now", "change"), pl.String()), orient="row")


def _brief(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def _table(worded: pl.DataFrame) -> str:
    """HTML of texts; numbers to the right."""
    head = "".join(f"<th>{name}</th>" for name in worded.columns)
    rows = [[html.escape(text) for text in row] for row in worded.iter_rows()]
    body = "".join(f"<tr><td style='text-align: left'>{'</td><td>'.join(row)}</td></tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _amount(value: float | None, unit: str, *, sign: str = "") -> str:
    if value is None:
        return "?"
    digits = 0 if float(value).is_integer() else 1
    number = f"{value:{sign}}" if 0 < abs(value) < 1 else f"{value:{sign},.{digits}f}"
    shown = {"h": " h", "GB": " GB", "%": " points" if sign else " %"}.get(unit, "")
    return f"{number}{shown}"


def _whole() -> pl.Config:
    """Tables without types, all rows and whole names."""
    return pl.Config(tbl_rows=-1, fmt_str_lengths=80, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True)
