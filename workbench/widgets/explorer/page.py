"""What passes between the explorer and the page?

Conventions
-----------
State is in traits, so that a page that opens later shows it too; what a person does is a message, and messages are all
delivered. Text from tags is shown as text by the script.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anywidget
import traitlets

from workbench.widgets.page import script, style

__all__ = ["PARTS", "ExplorerPage"]

PARTS: Final = ("groups", "genres", "moods")
HERE: Final = Path(__file__).parent


class ExplorerPage(anywidget.AnyWidget):
    """The page's side of an `Explorer`.

    Attributes
    ----------
    part : str
        Which of `PARTS` is in sight.
    asked : dict
        Number, method and seed of the grouping that was asked for last, and which methods there are.
    groups, genres : dict
        What the parts show, each with the ``edition`` of the grouping; empty before the first.
    plane : dict
        What is written on the mood plane; empty before it was looked at.
    points, chosen_points : bytes
        Valence and arousal of each point as float32, and a byte for each, 1 where it is selected.
    marks : dict
        How many selected tracks each group holds.
    chosen : dict
        What is selected, in words and as code.
    empty : str
        Why there is nothing to show.
    is_grouping, is_estimating : bool
        Something is being computed.
    """

    _esm = script(HERE / "explorer.js")
    _css = style(HERE / "explorer.css")

    part = traitlets.Enum(PARTS, PARTS[0]).tag(sync=True)
    asked = traitlets.Dict().tag(sync=True)
    groups = traitlets.Dict().tag(sync=True)
    genres = traitlets.Dict().tag(sync=True)
    plane = traitlets.Dict().tag(sync=True)
    points = traitlets.Bytes().tag(sync=True)
    chosen_points = traitlets.Bytes().tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    empty = traitlets.Unicode().tag(sync=True)
    is_grouping = traitlets.Bool().tag(sync=True)
    is_estimating = traitlets.Bool().tag(sync=True)
