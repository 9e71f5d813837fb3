"""What is in the collection? Tracks in, small frames out.

Conventions
-----------
Every function reads columns of `models.TRACKS` and returns declared columns, for no tracks at all too. Hours and
gigabytes (10^9 bytes) add up what is known: an unknown length adds nothing. A row whose name is null counts the tracks
of which it is unknown; histograms and keys leave those out. Shares are 0 to 1, null where there is nothing to share.
"""

from workbench.stats.banding import BANDS, bands
from workbench.stats.comparing import AGREEMENT, accuracy, agreement
from workbench.stats.counting import (
    COUNTS,
    KEYS,
    REASONS,
    SUMMARY,
    by_artist,
    by_decade,
    by_format,
    by_genre,
    by_key,
    by_year,
    findings_by_reason,
    summary,
)
from workbench.stats.coverage import COVERAGE, tag_coverage
from workbench.stats.histograms import loudness_histogram, tempo_histogram
from workbench.stats.outlying import OUTLIERS, outliers
from workbench.stats.standing import COMPARED, PERCENTILES, percentiles

__all__ = [
    "AGREEMENT",
    "BANDS",
    "COMPARED",
    "COUNTS",
    "COVERAGE",
    "KEYS",
    "OUTLIERS",
    "PERCENTILES",
    "REASONS",
    "SUMMARY",
    "accuracy",
    "agreement",
    "bands",
    "by_artist",
    "by_decade",
    "by_format",
    "by_genre",
    "by_key",
    "by_year",
    "findings_by_reason",
    "loudness_histogram",
    "outliers",
    "percentiles",
    "summary",
    "tag_coverage",
    "tempo_histogram",
]
