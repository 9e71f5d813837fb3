"""Why do two tracks sound alike?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.figures.look import BAR_HEIGHT, GREY, LONGEST_NAME, PALETTE, bar_colour, blank, short, titled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from workbench.neighbours import Explanation

__all__ = ["explanation"]

HEIGHT: Final = 130
LONGEST_TITLE: Final = 110


def explanation(why: Explanation, *, dark: bool | None = None) -> go.Figure:
    """What draws two tracks together and what pulls them apart, from `neighbours.explain`, a bar each.

    Blocks of the timbre space give their part of the cosine similarity, -1 to 1; shared learned tags, in another
    colour, their strength.

    Parameters
    ----------
    why : Explanation
        From `library.explain` or `neighbours.explain`.
    dark : bool or None
        For a dark page or (False) a white one; None suits both.
    """
    import plotly.graph_objects as go

    rows = [(block, part, bar_colour(dark=dark)) for block, part in why.blocks.select("block", "similarity").rows()]
    rows += [(f"\u201c{tag}\u201d", part, PALETTE[1]) for tag, part in why.tags.select("tag", "strength").rows()]
    colours = [GREY if part < 0 else colour for _, part, colour in rows]
    places = [*range(len(rows))]
    bars = go.Bar(x=[part for _, part, _ in rows], y=places, orientation="h", marker_color=colours)
    names = [short(name, LONGEST_NAME) for name, _, _ in rows]
    bars.update(hovertext=names, hovertemplate="%{hovertext}: %{x:.2f}<extra></extra>")
    figure = blank(HEIGHT + BAR_HEIGHT * max(len(rows), 3), dark=dark).add_trace(bars)
    titled(figure, short(why.text, LONGEST_TITLE))
    figure.update_xaxes(title_text="Part of the similarity; strength of a shared word", zeroline=True)
    return figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", showgrid=False)
