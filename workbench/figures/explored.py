"""What do genres and moods look like?"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.figures.look import (
    BAR_HEIGHT,
    CLEAR,
    GREY,
    LONGEST_NAME,
    PALETTE,
    SIZES,
    TOP,
    blank,
    drawn,
    drawn_words,
    emptied,
    hovers,
    require,
    short,
    titled,
)
from workbench.moods import QUADRANTS

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["genre_confusion", "genre_tree", "mood_plane"]

PLANE_HEIGHT: Final = 600
MOST_GENRES: Final = 40

BORDER: Final = ("#ffffff", "#111111")
"""Lines between the boxes of genres on a white or unknown page, and on a dark one; plotly's would have its colour."""

SHADES: Final = (("#d6e6f2", "#0072B2"), ("#1b3443", "#56B4E9"))
"""From no track to all, on a white or unknown page, and on a dark one; opaque, for plotly chooses the ink by them."""


def mood_plane(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """Tracks on the plane of valence and arousal, from `library.moods`, a colour for each mood.

    The title says what the two were estimated from. Points carry their track ids as ``customdata``. Tracks of which one
    of the two is unknown are not drawn; where there are any, the title counts them. Of more than 10,000 tracks so many
    are drawn by chance, each mood by its share, and the title says so, too; of more than 5,000 the hover text is
    title and artist.

    Parameters
    ----------
    frame : polars.DataFrame
        ``track_id``, ``arousal``, ``valence``, ``mood`` and the sources; the hover text reads what there is of title,
        artist, album, year, camelot, key, mode and bpm.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.

    Raises
    ------
    WorkbenchError
        A column is missing.
    """
    needed = ("track_id", "arousal", "valence", "mood", "arousal_source", "valence_source")
    require(frame, "library.moods", *needed)
    placed = frame.drop_nulls(["arousal", "valence"])
    shown = drawn(placed, placed["mood"])
    figure = blank(PLANE_HEIGHT, dark=dark)
    colours = _colours(placed["mood"].drop_nulls().unique().sort().to_list())
    layers = {mood: shown.filter(pl.col("mood") == mood) for mood in colours}
    figure.add_traces([_moods(rows, mood, colours[mood], len(shown)) for mood, rows in layers.items()])
    if placed.is_empty():
        return emptied(figure, "No tracks with an estimate of their mood")
    figure.add_hline(0, line={"color": GREY, "width": 1}, layer="below")
    figure.add_vline(0, line={"color": GREY, "width": 1}, layer="below")
    figure.update_xaxes(title_text="Valence, an estimate: sad to happy", range=[-1.05, 1.05], zeroline=False)
    figure.update_yaxes(title_text="Arousal, an estimate: calm to energetic", range=[-1.05, 1.05], zeroline=False)
    lines = _sources(placed, len(frame) - len(placed)) + drawn_words(len(shown), len(placed))
    return titled(figure.update_layout(dragmode="lasso", hovermode="closest", uirevision="mood_plane"), *lines)


def genre_tree(counts: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """The files' genres as a treemap, from `genres.count`: areas are tracks, the seven largest roots have a colour.

    All other roots are grey, and so are the tracks without a genre. A track of two genres takes room in both.
    """
    require(counts, "genres.count", "genre", "parent", "own", "tracks")
    import plotly.graph_objects as go

    roots = counts.filter(pl.col("parent").is_null() & pl.col("genre").is_not_null())
    largest = roots.sort("tracks", descending=True, maintain_order=True)["genre"].head(len(PALETTE))
    colours = dict(zip(largest, PALETTE, strict=False))
    rows = counts.with_columns(pl.col("genre").is_null().alias("untagged")).iter_rows(named=True)
    boxes = [
        {
            "ids": "\0" if row["untagged"] else row["genre"],
            "labels": "without a genre" if row["untagged"] else short(row["genre"], LONGEST_NAME),
            "parents": row["parent"] or "",
            "values": row["own"],
            "customdata": row["tracks"],
            "colour": "" if row["parent"] else colours.get(row["genre"], GREY),
        }
        for row in rows
    ]
    columns = {name: [box[name] for box in boxes] for name in ("ids", "labels", "parents", "values", "customdata")}
    figure = blank(PLANE_HEIGHT, dark=dark)
    shades = {"colors": [box["colour"] for box in boxes], "line": {"width": 1, "color": BORDER[bool(dark)]}}
    tiles = go.Treemap(**columns, branchvalues="remainder", marker=shades, root_color=CLEAR, tiling={"pad": 2})
    above = {*columns["parents"]}  # a parent's label has one line of room
    texts = [f"%{{label}}{' ' if box in above else '<br>'}%{{customdata}}" for box in columns["ids"]]
    tiles.update(hovertemplate="%{label}: %{customdata}<extra></extra>", texttemplate=texts)
    return figure.add_trace(tiles).update_layout(
        uniformtext={"minsize": 10, "mode": "hide"},
        margin={"l": 10, "r": 10, "t": TOP, "b": 10},
    )


def genre_confusion(frame: pl.DataFrame, *, dark: bool | None = None) -> go.Figure:
    """How each genre falls into the groups, from `genres.confusion`: rows add up to 1; numbers are tracks.

    Groups are named where the frame has a column ``group_name``. Of more than 40 genres the 40 most frequent are drawn,
    and the title says so.
    """
    require(frame, "genres.confusion", "genre", "group", "tracks", "share_of_genre")
    import plotly.graph_objects as go

    names = "group_name" if "group_name" in frame.columns else "group"
    titles = dict(frame.select("group", pl.col(names).cast(pl.String).alias("title")).sort("group").iter_rows())
    sums = frame.group_by("genre", maintain_order=True).agg(pl.sum("tracks"))
    every = sums.sort("tracks", descending=True, maintain_order=True)["genre"].to_list()
    kinds = every[:MOST_GENRES]
    cells = {
        (genre, group): each
        for genre, group, *each in frame.select("genre", "group", "share_of_genre", "tracks").iter_rows()
    }
    grid = [[cells.get((genre, group), (None, "")) for group in titles] for genre in kinds]
    heat = go.Heatmap(
        z=[[share for share, _ in row] for row in grid],
        text=[[count for _, count in row] for row in grid],
        x=[*range(len(titles))],
        y=[*range(len(kinds))],
        texttemplate="%{text}",
        colorscale=[*enumerate(SHADES[bool(dark)])],
        hoverongaps=False,
        xgap=1,
        ygap=1,
        zmin=0,
        zmax=1,
        colorbar={"title": {"text": "Share of the genre", "side": "right"}, "thickness": 14, "outlinewidth": 0},
        hovertemplate="%{text} of this genre, share %{z:.2f}<extra></extra>",
    )
    figure = blank(180 + BAR_HEIGHT * max(len(kinds), 4), dark=dark).add_trace(heat)
    labels = [short(name, LONGEST_NAME) for name in titles.values()]
    figure.update_xaxes(tickvals=[*range(len(titles))], ticktext=labels, showgrid=False, zeroline=False)
    labels = [short(name, LONGEST_NAME) for name in kinds]
    if len(every) > len(kinds):
        titled(figure, f"The {len(kinds)} most frequent of {len(every):,} genres")
    return figure.update_yaxes(
        tickvals=[*range(len(kinds))], ticktext=labels, showgrid=False, autorange="reversed", zeroline=False
    )


def _colours(moods: list[str]) -> dict[str, str]:
    """A colour for each mood: the quadrants always have the same, names of one's own the others, then grey."""
    others = chain(PALETTE[len(QUADRANTS) :], repeat(GREY))
    return {mood: PALETTE[QUADRANTS.index(mood)] if mood in QUADRANTS else next(others) for mood in moods}


def _moods(rows: pl.DataFrame, mood: str, colour: str, shown: int) -> go.Scattergl:
    import plotly.graph_objects as go

    return go.Scattergl(
        x=rows["valence"].cast(pl.Float32).to_numpy(),
        y=rows["arousal"].cast(pl.Float32).to_numpy(),
        customdata=rows["track_id"].to_numpy(),
        hovertext=hovers(rows, shown),
        hoverinfo="text",
        mode="markers",
        name=short(mood, LONGEST_NAME),
        marker={"color": colour, "size": next(size for most, size in SIZES if shown <= most), "opacity": 0.9},
        unselected={"marker": {"opacity": 0.15}},
    )


def _sources(placed: pl.DataFrame, unknown: int) -> list[str]:
    """What the two were estimated from, and how many tracks are not there."""
    sources = {what: placed[f"{what}_source"].drop_nulls().unique().sort().to_list() for what in ("arousal", "valence")}
    said = [
        f"{what} from {', or '.join(short(source, LONGEST_NAME) for source in each)}"
        for what, each in sources.items()
        if each
    ]
    said += [f"{unknown} track{'s' * (unknown != 1)} unknown"] if unknown else []
    return [text[:1].upper() + text[1:] for text in said]
