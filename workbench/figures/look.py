"""What do all figures look like?

Conventions
-----------
Colours are those of Okabe and Ito (jfly.uni-koeln.de/color), which colour-blind people tell apart too: seven of them,
then grey. Text out of tags passes through `escape`, here and nowhere else, since plotly obeys some HTML.
"""

from __future__ import annotations

import html
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import WorkbenchError
from workbench.models import FEATURE_UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go
    import polars as pl

__all__ = [
    "BAR_HEIGHT",
    "CHART_HEIGHT",
    "CLEAR",
    "GREY",
    "LONGEST_NAME",
    "MOST_POINTS",
    "PALETTE",
    "SIZES",
    "TOP",
    "UNITS",
    "bar_colour",
    "blank",
    "card_lines",
    "drawn",
    "drawn_words",
    "emptied",
    "escape",
    "hover",
    "hovers",
    "one_line",
    "ramp",
    "require",
    "short",
    "shortened",
    "template",
    "theme_of",
    "title_of",
    "titled",
    "words_of",
]

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Blue, orange, green, purple, sky, vermilion, yellow."""

GREY: Final = "#999999"

CLEAR: Final = "rgba(0,0,0,0)"

SCALES: Final = {
    "light": ["#440154", "#31688e", "#1f9e89", "#6cbd45", "#d4b800"],
    "dark": ["#4a72c4", "#2fa0a8", "#5dc865", "#c9dd2f", "#fdf07a"],
    "any": ["#5b4fa2", "#2f8fa0", "#43a860", "#a3b92c", "#d9a900"],
}
"""Ramps from dark to light in the hues of viridis, without its end that would vanish in the page."""

THEMES: Final[dict[str, dict[str, Any]]] = {
    "light": {"paper": "#ffffff", "ink": "#222222", "lines": "#dddddd", "label": ("#ffffff", "#222222")},
    "dark": {"paper": "#111111", "ink": "#e8e8e8", "lines": "#3a3a3a", "label": ("#262626", "#e8e8e8")},
    "any": {"paper": CLEAR, "ink": "#767676", "lines": "rgba(118,118,118,0.3)", "label": ("#eeeeee", "#222222")},
}
"""The third has no paper of its own and ink that reads on white (contrast 4.5) and on #111111 (4.2)."""

CHART_HEIGHT: Final = 360

BAR_HEIGHT: Final = 24

EMPTY_HEIGHT: Final = 160

TOP: Final = 24
"""Pixels above what is drawn where there is no title."""

LINE_HEIGHT: Final = 18

LONGEST_NAME: Final = 32

LONGEST_LINE: Final = 70

SIZES: Final = ((300, 10), (2_000, 7), (10_000, 5), (float("inf"), 3))
"""Diameter of a map's points, in pixels, up to so many of them."""

MOST_POINTS: Final = 10_000
"""Points of one figure: 0.8 MB of a page, of which a report has several."""

MOST_CARDS: Final = 5_000
"""Points that have a whole card for their hover text: 0.9 MB; of more they say title and artist."""

NAMING: Final = ("title", "artist")

UNDRAWN: Final = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Controls, and what turns the writing direction (Unicode Standard Annex 9), as `str.translate` takes them."""

UNITS_IN_NAMES: Final = frozenset({"hz", "s", "db", "dbtp", "lu", "lufs", "bps", "bytes"})

UNITS: Final = {**FEATURE_UNITS, "bpm_tag": "BPM", "size_bytes": "bytes", "bit_rate_bps": "bit/s"}


def escape(text: object) -> str:
    """Text of a tag, made harmless for plotly and for HTML: shown letter for letter, on one line.

    Quotes become numeric references, for plotly knows no ``&quot;``; so does the dollar sign, for plotly reads TeX
    between two of them, and ``%{``, which begins a variable of its templates. Characters that draw nothing, but
    break a picture's XML or turn the direction of what follows, are left out.

    Examples
    --------
    >>> escape("<b>Rock & Roll</b> $")
    '&lt;b&gt;Rock &amp; Roll&lt;/b&gt; &#36;'
    """
    line = one_line(text)
    return html.escape(line).replace("&quot;", "&#34;").replace("$", "&#36;").replace("%{", "&#37;{")


def one_line(text: object) -> str:
    """Text of a tag on one line, without what draws nothing; not escaped."""
    return " ".join(str(text).split()).translate(UNDRAWN)


def template(theme: str) -> go.layout.Template:
    """The look of all figures; registered with plotly as ``workbench_`` and the theme.

    Parameters
    ----------
    theme : str
        ``"light"``, ``"dark"``, or ``"any"`` for pages of which nobody knows.

    Raises
    ------
    WorkbenchError
        There is no such theme.
    """
    if theme not in THEMES:
        raise WorkbenchError(f"no theme {theme!r}: choose one of {', '.join(THEMES)}")
    import plotly.graph_objects as go
    import plotly.io as pio

    name = f"workbench_{theme}"
    if name not in pio.templates:
        pio.templates[name] = go.layout.Template(layout=_look(**THEMES[theme], scale=SCALES[theme]))
    return pio.templates[name]


def theme_of(dark: bool | None) -> str:  # noqa: FBT001  the one thing it is about
    """Name of the theme for a dark page or (False) a white one; None suits both."""
    return "any" if dark is None else "dark" if dark else "light"


def ramp(*, dark: bool | None) -> tuple[str, ...]:
    """Colours from low to high, evenly spaced."""
    return tuple(SCALES[theme_of(dark)])


def blank(height: int, *, dark: bool | None) -> go.Figure:
    """A figure of this height, in pixels, with the look and nothing on it."""
    import plotly.graph_objects as go

    return go.Figure(layout={"template": template(theme_of(dark)), "height": height})


def titled(figure: go.Figure, *lines: str | None) -> go.Figure:
    """The same under a title of these lines, and room for it; where all are none, no room is taken."""
    said = [line for line in lines if line]
    if not said:
        return figure
    return figure.update_layout(title_text="<br>".join(said), margin_t=TOP + LINE_HEIGHT * len(said))


def emptied(figure: go.Figure, text: str = "No tracks of which this is known") -> go.Figure:
    """The same with a sentence in its middle and no axes: there is nothing to draw, and this says why."""
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    figure.update_layout(showlegend=False, height=EMPTY_HEIGHT)
    return figure.add_annotation(text=text, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, font_size=15)


def drawn(frame: pl.DataFrame, layers: pl.Series, *, most: int = MOST_POINTS, seed: int = 0) -> pl.DataFrame:
    """So many rows at most, drawn by chance so that every layer keeps its share, and its first row, in their order.

    A layer is what one colour shows: rows are shuffled within each, and those that come first in theirs, measured as a
    share of it, are kept.

    Parameters
    ----------
    frame : polars.DataFrame
        One row a point.
    layers : polars.Series
        The layer of each row; null is one, too.
    most : int
        Rows to keep.
    seed : int
        Chooses them.
    """
    import polars as pl

    if len(frame) <= most:
        return frame
    order = pl.int_range(pl.len()).shuffle(seed)
    place = pl.col("order").rank("ordinal").over("layer")
    turns = pl.DataFrame({"layer": layers}).with_columns(order=order)
    turns = turns.select("order", turn=(place - 1) / pl.len().over("layer")).with_row_index("row")
    return frame[turns.sort("turn", "order").head(most)["row"].sort()]


def drawn_words(shown: int, every: int) -> list[str]:
    """Says how many tracks are drawn where it is not all: one line for a title, or none."""
    return [f"{shown:,} of {every:,} tracks drawn"] if shown < every else []


def bar_colour(*, dark: bool | None) -> str:
    """The colour of bars that all mean the same."""
    return PALETTE[4] if dark else PALETTE[0]


def card_lines(row: Mapping[str, Any]) -> list[str]:
    """Title, artist, album and year, key and tempo, trust, as plain text; what is unknown is left out.

    Examples
    --------
    >>> card_lines({"title": "Rain", "album": "Sky", "year": 1994, "camelot": "8A", "key": "A", "bpm": 119.6})
    ['Rain', 'Sky (1994)', '8A A, 120 BPM']
    """
    year = f"({row['year']})" if row.get("year") else None
    key = " ".join(row[part] for part in ("camelot", "key", "mode") if row.get(part))
    bpm = f"{row['bpm']:.0f} BPM" if row.get("bpm") else None
    album = " ".join(str(part) for part in (row.get("album"), year) if part)
    trust = None if row.get("trust") is None else f"Trust {row['trust']:.0%}"
    lines = [row.get("title"), row.get("artist"), album, ", ".join(part for part in (key, bpm) if part), trust]
    return [shortened(line, LONGEST_LINE) for line in lines if line]


def hover(row: Mapping[str, Any]) -> str:
    """The lines of `card_lines`, for plotly."""
    return "<br>".join(escape(line) for line in card_lines(row))


def hovers(rows: pl.DataFrame, shown: int) -> list[str]:
    """The text of each row in a figure of so many points: a card, or where there are very many title and artist."""
    told = rows if shown <= MOST_CARDS else rows.select([name for name in NAMING if name in rows.columns])
    return [hover(row) for row in told.iter_rows(named=True)] if told.width else [""] * len(rows)


def shortened(text: str, longest: int) -> str:
    """On one line, with an ellipsis where it was longer."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def short(text: str, longest: int) -> str:
    """As `shortened`, and escaped."""
    return escape(shortened(text, longest))


def title_of(column: str) -> str:
    """A column's name as words, and its unit; not escaped.

    Examples
    --------
    >>> title_of("bpm"), title_of("year")
    ('Tempo (BPM)', 'Year')
    """
    unit = UNITS.get(column)
    return f"{words_of(column)} ({unit})" if unit else words_of(column)


def words_of(column: str) -> str:
    """A column's name as words, without its unit."""
    words = [word for word in column.split("_") if word not in UNITS_IN_NAMES]
    return " ".join(words or [column]).replace("bpm", "tempo").capitalize()


def require(frame: pl.DataFrame, source: str, *columns: str) -> None:
    """Refuse a frame that lacks a column, and say where one comes from that has it."""
    missing = next((column for column in columns if column not in frame.columns), None)
    if missing is None:
        return
    close = get_close_matches(missing, frame.columns, n=1)
    meant = f" (there is {close[0]!r})" if close else ""
    raise WorkbenchError(f"this frame has no column {missing!r}{meant}: draw what {source}() gives")


def _look(*, paper: str, ink: str, lines: str, label: tuple[str, str], scale: list[str]) -> dict[str, Any]:
    axis = {
        "gridcolor": lines,
        "linecolor": lines,
        "zerolinecolor": lines,
        "ticks": "outside",
        "tickcolor": CLEAR,  # room between label and axis
        "automargin": True,
        "title": {"standoff": 12, "font": {"size": 14}},
    }
    return {
        "colorway": PALETTE,
        "paper_bgcolor": paper,
        "plot_bgcolor": paper,
        "font": {"color": ink, "size": 13},
        "title": {"font": {"size": 14}},
        "xaxis": axis,
        "yaxis": axis,
        "hoverlabel": {"bgcolor": label[0], "bordercolor": lines, "font": {"color": label[1]}, "align": "left"},
        "legend": {"itemsizing": "constant", "title": {"font": {"size": 14}}},
        "colorscale": {"sequential": scale, "sequentialminus": scale[::-1]},
        # plotly 7 shows a button that uploads the chart: a collection stays at home
        "modebar": {"bgcolor": CLEAR, "color": GREY, "activecolor": ink, "remove": ["sendChartToCloud"]},
        "margin": {"l": 60, "r": 20, "t": TOP, "b": 50},
        "polar": {"bgcolor": CLEAR},
        "bargap": 0.25,
    }
