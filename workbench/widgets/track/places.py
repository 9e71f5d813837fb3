"""Where does a track stand among the others, in words and on a bar?

Conventions
-----------
Plain text. A place on a bar is a share of its length, 0 to 1; the bar reaches from the 5th to the 95th percentile, and
farther where the track lies outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.figures.look import UNITS, words_of
from workbench.widgets.captions import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["place_rows"]

COMPARISONS: Final = {
    "duration_s": ("Duration", "longer", "shorter"),
    "bpm": ("Tempo", "faster", "slower"),
    "onset_rate_hz": ("Onset rate", "busier", "calmer"),
    "pulse_clarity": ("Pulse clarity", "clearer", "less clear"),
    "beat_regularity": ("Beat regularity", "steadier", "less steady"),
    "loudness_lufs": ("Loudness", "louder", "quieter"),
    "loudness_range_lu": ("Loudness range", "more varied", "more even"),
    "dynamic_range_db": ("Dynamic range", "wider", "narrower"),
    "true_peak_dbtp": ("True peak", "higher", "lower"),
    "spectral_centroid_hz_mean": ("Spectral centroid", "brighter", "darker"),
    "spectral_bandwidth_hz_mean": ("Spectral bandwidth", "wider", "narrower"),
    "spectral_flatness_mean": ("Spectral flatness", "noisier", "more tonal"),
    "stereo_correlation": ("Stereo correlation", "nearer to mono", "wider"),
}
"""Name of a feature, and what a track with more of it is, and one with less."""

FORMATS: Final = {"Hz": "{:,.0f} Hz", "onsets per second": "{:.1f} per second", "0..1": "{:.2f}", "-1..1": "{:.2f}"}
"""How a value with this unit is written; others with one decimal and their unit."""

REASONS: Final = {
    "silent": "it is silent",
    "too_short": "it is too short",
    "no_pulse": "no steady pulse",
    "no_tonality": "no clear tonality",
    "one_channel": "it has one channel",
    "more_than_two_channels": "it has more than two channels",
    "preview": "only excerpts were listened to",
    "not_measured": "not measured yet: run library.analyze()",
    "not_finite": "the measure came to no number",
}
"""Codes of `models.Unknown` in words."""

MARKS: Final = ("p5", "p25", "p50", "p75", "p95")
MARGIN: Final = 0.03
SMALL: Final = 0.1
"""Shares under this need more than two decimals."""
HALF: Final = 50


def place_rows(row: Mapping[str, Any], percentiles: pl.DataFrame, reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is written and drawn of each feature, the key first.

    Parameters
    ----------
    row : mapping
        Of a tracks frame; what it has is shown.
    percentiles : pl.DataFrame
        As `stats.percentiles`; without rows nothing is compared.
    reasons : mapping
        Code for each column that is null.

    Returns
    -------
    list of dict
        ``name``, ``value`` and ``words`` are text; ``note`` too (confidence, alternative), or None; ``bar`` maps the
        marks ``p5`` to ``p95`` and ``own`` to shares, or is None.
    """
    placed = {found["feature"]: found for found in percentiles.iter_rows(named=True)}
    keys = [_key_row(row, reasons)] if "key" in row else []
    return keys + [_feature_row(name, row, placed.get(name), reasons) for name in COMPARISONS if name in row]


def words_for(found: Mapping[str, Any]) -> str:
    """A place in words.

    Examples
    --------
    >>> words_for({"feature": "bpm", "value": 128.0, "percentile": 83.9, "lowest": 60, "highest": 180, "known": 118})
    'faster than 83 %'
    """
    _, more, less = COMPARISONS.get(found["feature"], ("", "more", "less"))
    value, known = found["value"], found["known"]
    if value is None or not known:
        return ""
    if known == 1:
        return "the only one of which it is known"
    if found["lowest"] == found["highest"]:
        return f"all {known} are the same"
    if value in {found["lowest"], found["highest"]}:
        return f"none of {known} is {more if value == found['highest'] else less}"
    share = found["percentile"]
    return f"{more} than {int(share)} %" if share >= HALF else f"{less} than {int(100 - share)} %"


def bar_of(found: Mapping[str, Any]) -> dict[str, float] | None:
    """Shares of the bar at which the marks and the track lie; None where there is nothing to draw."""
    if not found["known"] or found["lowest"] == found["highest"]:
        return None
    own = found["value"]
    values = [found[mark] for mark in MARKS] + ([] if own is None else [own])
    low, high = min(values), max(values)
    room = (high - low) * MARGIN or 1.0
    marks = {mark: found[mark] for mark in MARKS} | ({} if own is None else {"own": own})
    return {mark: round((value - low + room) / (high - low + 2 * room), 4) for mark, value in marks.items()}


def _feature_row(
    name: str, row: Mapping[str, Any], found: Mapping[str, Any] | None, reasons: Mapping[str, str]
) -> dict[str, Any]:
    value = row[name]
    note = None
    if name == "bpm" and value is not None:
        note = _joined(_confidence(row.get("bpm_confidence")), _or(row.get("bpm_alternative"), "{:.1f} BPM"))
    return {
        "name": COMPARISONS[name][0] if name in COMPARISONS else words_of(name),
        "value": _unknown(name, row, reasons) if value is None else amount(name, value),
        "note": note,
        "words": "" if found is None else words_for(found),
        "bar": None if found is None else bar_of(found),
    }


def _key_row(row: Mapping[str, Any], reasons: Mapping[str, str]) -> dict[str, Any]:
    value, note = _unknown("key", row, reasons), None
    if row["key"] is not None:
        code = f" ({row['camelot']})" if row.get("camelot") else ""
        value = " ".join(part for part in (row["key"], row.get("mode")) if part) + code
        other = " ".join(part for part in (row.get("key_alternative"), row.get("mode_alternative")) if part)
        note = _joined(_confidence(row.get("key_confidence")), _or(other or None, "{}"))
    return {"name": "Key", "value": value, "note": note, "words": "", "bar": None}


def amount(name: str, value: float) -> str:
    """A value with its unit, as precise as it deserves.

    Examples
    --------
    >>> amount("bpm", 115.99), amount("spectral_centroid_hz_mean", 3356.5), amount("duration_s", 65.4)
    ('116.0 BPM', '3,357 Hz', '1:05')
    >>> amount("spectral_flatness_mean", 0.0215)
    '0.0215'
    """
    unit = UNITS.get(name, "")
    if unit == "s":
        return clock(value)
    if unit == "0..1" and 0 < value < SMALL:
        return f"{value:.3g}"
    return FORMATS.get(unit, f"{{:.1f}} {unit}").format(value)


def _unknown(name: str, row: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    code = reasons.get(name) or ("not_measured" if row.get("analyzed") is False else None)
    return f"unknown: {REASONS.get(code, code)}" if code else "unknown"


def _confidence(share: float | None) -> str | None:
    return None if share is None else f"confidence {share:.2f}"


def _or(value: object, form: str) -> str | None:
    return None if value is None else "or " + form.format(value)


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
