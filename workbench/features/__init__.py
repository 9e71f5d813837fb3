"""What does a track sound like, in numbers?

`analyze` is one pure function: a file in, one `workbench.models.AudioFeatures` out, with every column of that
declaration either measured or None with a reason. `preview` listens to excerpts only, `track_analysis` gives curves
over time; `hear` is `analyze` with a listener beside it that hears the same pass.

Conventions
-----------
A file is decoded once, block by block, and nothing but statistics is kept, so that its length hardly costs memory.
Loudness, peaks, clipping and the spectral cut-off are taken at the file's own rate. Everything else is taken from a
mono mix at 22,050 Hz: the mean of the channels, or the loudest channel where the mix would cancel out. Columns come in
groups (`workbench.models.Group`): levels, rhythm, tonality, spectrum, one stage each, whose module says how it measures
and after whom. A number that cannot be known is None, and `reasons` holds a code of `workbench.models.Unknown` for it.
"""

from workbench.features.analysis import Hearing, analyze, hear, hear_excerpts, preview, warm
from workbench.features.curves import TrackAnalysis, track_analysis
from workbench.features.versions import ANALYZER_VERSIONS

__all__ = [
    "ANALYZER_VERSIONS",
    "Hearing",
    "TrackAnalysis",
    "analyze",
    "hear",
    "hear_excerpts",
    "preview",
    "track_analysis",
    "warm",
]
