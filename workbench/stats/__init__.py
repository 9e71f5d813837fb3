"""What is in the collection, and what is wrong with it? Tracks in, small frames out.

Conventions
-----------
Every function reads columns of `models.TRACKS` and returns declared columns, for no tracks at all too. Hours and
gigabytes (10^9 bytes) add up what is known: an unknown length adds nothing. A row whose name is null counts the tracks
of which it is unknown; histograms and keys leave those out. Shares are 0 to 1, null where there is nothing to share.
"""

from workbench.stats.banding import BANDS, bands
from workbench.stats.comparing import (
    AGREEMENT,
    DISAGREEMENTS,
    accuracy,
    agreement,
    genre_disagreements,
    key_disagreements,
    tempo_disagreements,
)
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
from workbench.stats.differing import CHANGES, Changes, change_sentence, changes, compared
from workbench.stats.growing import BIT_RATES, GROWTH, by_bit_rate, growth
from workbench.stats.histograms import dynamic_range_histogram, loudness_histogram, tempo_histogram
from workbench.stats.listening import (
    PLAYED,
    PLAYS,
    RATINGS,
    by_rating,
    most_played,
    plays_by_artist,
    plays_by_genre,
)
from workbench.stats.outlying import OUTLIERS, outliers
from workbench.stats.snapshots import HISTORY, history, snapshot
from workbench.stats.standing import COMPARED, PERCENTILES, percentiles

__all__ = [
    "AGREEMENT",
    "BANDS",
    "BIT_RATES",
    "CHANGES",
    "COMPARED",
    "COUNTS",
    "COVERAGE",
    "DISAGREEMENTS",
    "GROWTH",
    "HISTORY",
    "KEYS",
    "OUTLIERS",
    "PERCENTILES",
    "PLAYED",
    "PLAYS",
    "RATINGS",
    "REASONS",
    "SUMMARY",
    "Changes",
    "accuracy",
    "agreement",
    "bands",
    "by_artist",
    "by_bit_rate",
    "by_decade",
    "by_format",
    "by_genre",
    "by_key",
    "by_rating",
    "by_year",
    "change_sentence",
    "changes",
    "compared",
    "dynamic_range_histogram",
    "findings_by_reason",
    "genre_disagreements",
    "growth",
    "history",
    "key_disagreements",
    "loudness_histogram",
    "most_played",
    "outliers",
    "percentiles",
    "plays_by_artist",
    "plays_by_genre",
    "snapshot",
    "summary",
    "tag_coverage",
    "tempo_disagreements",
    "tempo_histogram",
]
