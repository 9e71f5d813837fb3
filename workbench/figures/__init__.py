"""What do the numbers look like? Frames in, plotly figures out.

Conventions
-----------
A figure draws one frame of `stats`, named for what it shows, a layout of `maps`, or what a library says of genres,
moods, neighbours and one track. They share one look (`workbench.figures.look`); sizes fit a notebook's width.
"""

from workbench.figures.bands import medians_by_genre, medians_by_year
from workbench.figures.charts import coverage, dynamic_range, formats, genres, keys, loudness, tempo, years
from workbench.figures.collection import bit_rates, camelot_wheel, growth, history
from workbench.figures.doctor import cutoffs
from workbench.figures.explanations import explanation
from workbench.figures.explored import genre_confusion, genre_tree, mood_plane
from workbench.figures.listening import ratings
from workbench.figures.look import PALETTE, escape, template
from workbench.figures.similarity import similarity_map
from workbench.figures.tracks import percentiles, track_analysis

__all__ = [
    "PALETTE",
    "bit_rates",
    "camelot_wheel",
    "coverage",
    "cutoffs",
    "dynamic_range",
    "escape",
    "explanation",
    "formats",
    "genre_confusion",
    "genre_tree",
    "genres",
    "growth",
    "history",
    "keys",
    "loudness",
    "medians_by_genre",
    "medians_by_year",
    "mood_plane",
    "percentiles",
    "ratings",
    "similarity_map",
    "template",
    "tempo",
    "track_analysis",
    "years",
]
