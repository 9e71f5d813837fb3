"""What does a track sound like, in numbers?

`analyze` is one pure function: a file in, one `workbench.models.AudioFeatures` out, with every column of that
declaration either measured or None with a reason.

Conventions
-----------
Loudness, peaks and clipping are taken from all channels at the file's own rate. Everything else is taken from a mono
mix at 22,050 Hz: the mean of the channels, or the loudest channel where the mix would cancel out. Spectral columns
are librosa's, frames of 2,048 samples every 512 centred on their time. A number that cannot be known is None, and
`reasons` holds a code of `workbench.models.Unknown` for it.
"""

from workbench.features.analysis import analyze, preview, warm
from workbench.features.versions import ANALYZER_VERSIONS

__all__ = ["ANALYZER_VERSIONS", "analyze", "preview", "warm"]
