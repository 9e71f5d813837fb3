"""What interval does a value stand for?

Conventions
-----------
A value is read into its first and its last instant: a number is one point, a day or a month reaches from its start to
its last microsecond. Ranges and comparisons look at those ends. Days are UTC days.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import QueryError
from workbench.query.tree import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    Ends = tuple[Any, Any]

__all__ = ["boolean", "day", "duration", "half_step", "matches_number", "moment", "number", "within"]

NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.([0-9]*))?|\.([0-9]+))", re.ASCII)
CLOCK: Final = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,4}):([0-9]{2}(?:\.[0-9]+)?)", re.ASCII)
CALENDAR: Final = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", re.ASCII)
AGO: Final = re.compile(r"-([0-9]{1,6})([dwmy])", re.ASCII)
MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]", re.ASCII)
DAYS: Final = {"d": 1, "w": 7, "m": 30, "y": 365}
BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
COMPARISON: Final = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
DECEMBER: Final = 12


def within(column: pl.Expr, value: str, read: Callable[[str], Ends]) -> pl.Expr | None:
    """Condition of a range or a comparison, None where the value is neither.

    Raises
    ------
    ValueError
        An end cannot be read, both are missing, or they stand in the wrong order.
    """
    if compared := COMPARISON.fullmatch(value):
        first, last = read(compared[2].strip())
        ways: dict[str, pl.Expr]
        ways = {">": column > last, ">=": column >= first, "<": column < first, "<=": column <= last}
        return ways[compared[1]]
    if ".." not in value:
        return None
    low, _, high = value.partition("..")
    if not low and not high:
        raise ValueError("a range needs an end")
    if low and high:
        return _between(column, read(low)[0], read(high)[1])
    open_ended: pl.Expr = column >= read(low)[0] if low else column <= read(high)[1]
    return open_ended


def _between(column: pl.Expr, first: Any, last: Any) -> pl.Expr:  # noqa: ANN401  numbers or moments
    if first > last:
        raise ValueError("the range runs backwards")
    between: pl.Expr = column.is_between(first, last)
    return between


def number(value: str) -> Ends:
    """A decimal number.

    Raises
    ------
    ValueError
        It is none.
    """
    if not NUMBER.fullmatch(value):
        raise ValueError(f"{shown(value)} is no number")
    return float(value), float(value)


def duration(value: str) -> Ends:
    """Seconds, from a number of them, "m:ss" or "h:mm:ss".

    Raises
    ------
    ValueError
        It is none of these.

    Examples
    --------
    >>> duration("4:30"), duration("1:00:00.5")
    ((270.0, 270.0), (3600.5, 3600.5))
    """
    clock = CLOCK.fullmatch(value)
    if clock is None:
        return number(value)
    seconds = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    return seconds, seconds


def matches_number(column: pl.Expr, value: str, read: Callable[[str], Ends]) -> pl.Expr:
    """Condition of a range, a comparison or a number on a column.

    A number matches what rounds to it, halves upwards, at as many decimals as were written.

    Raises
    ------
    ValueError
        The value cannot be read.
    """
    ranged = within(column, value, read)
    if ranged is not None:
        return ranged
    wanted = read(value)[0]
    half = half_step(value)
    near: pl.Expr = (column >= wanted - half) & (column < wanted + half)
    exact: pl.Expr = column == wanted
    return near | exact


def half_step(value: str) -> float:
    """Half of the last decimal place of a number as written.

    Examples
    --------
    >>> half_step("120"), half_step("4:30.5")
    (0.5, 0.05)
    """
    return float(0.5 * 10.0 ** -len(value.partition(".")[2]))


def boolean(value: str) -> bool:
    """True or false.

    Raises
    ------
    ValueError
        It is neither.
    """
    if value.lower() not in BOOLEANS:
        raise ValueError(f"{shown(value)} is neither true nor false")
    return BOOLEANS[value.lower()]


def day(value: str, *, now: datetime) -> Ends:
    """First and last microsecond of a year, a month or a day, or of the day some time ago.

    Raises
    ------
    ValueError
        It is none of these.

    Examples
    --------
    >>> first, last = day("2024-02", now=datetime(2024, 5, 1, tzinfo=UTC))
    >>> str(first), str(last)
    ('2024-02-01 00:00:00+00:00', '2024-02-29 23:59:59.999999+00:00')
    """
    try:
        first, beyond = _days(value, now.astimezone(UTC).date())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{shown(value)} is no day") from error
    start, end = (datetime.combine(each, time(), UTC) for each in (first, beyond))
    return start, end - timedelta(microseconds=1)


def moment(since: date | str, *, now: datetime | None = None) -> datetime:
    """The moment from which on something is asked for, UTC: that at which a year, a month or a day begins, or itself.

    Parameters
    ----------
    since : datetime, date or str
        A text is what a search takes for a day, "2026-01-01", "2026-01" or "-3w", or a moment as ISO 8601 writes it.
        A moment that names no time zone is UTC.
    now : datetime or None
        What "3 weeks ago" counts from; None: this moment.

    Raises
    ------
    QueryError
        The text is neither.

    Examples
    --------
    >>> str(moment("2026-01")), str(moment("2026-01-01 08:30+01:00"))
    ('2026-01-01 00:00:00+00:00', '2026-01-01 07:30:00+00:00')
    """
    if isinstance(since, datetime):
        return since.astimezone(UTC) if since.tzinfo else since.replace(tzinfo=UTC)
    text = str(since).strip()
    try:
        start: datetime = day(text, now=now or datetime.now(UTC))[0]
    except ValueError:
        if MOMENT.match(text):
            with contextlib.suppress(ValueError, OverflowError):
                return moment(datetime.fromisoformat(text))
        raise QueryError(f"{shown(str(since))} is no day: write 2026-01-01, 2026-01 or -3w") from None
    return start


def _days(value: str, today: date) -> tuple[date, date]:
    if ago := AGO.fullmatch(value):
        first = today - timedelta(days=int(ago[1]) * DAYS[ago[2]])
        return first, first + timedelta(days=1)
    parts = CALENDAR.fullmatch(value)
    if parts is None:
        raise ValueError(value)
    year, month, number_of_day = int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)
    first = date(year, month, number_of_day)
    if parts[3]:
        return first, first + timedelta(days=1)
    if parts[2] and month < DECEMBER:
        return first, date(year, month + 1, 1)
    return first, date(year + 1, 1, 1)
