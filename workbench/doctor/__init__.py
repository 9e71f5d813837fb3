"""What is wrong in the collection, and what could be done about it?

Conventions
-----------
One table a question, worst or surest first, with declared columns, for no tracks at all too. Each row has a
``track_id``, a ``path`` and, in words, a ``proposal``: nothing is ever changed. `examine` gives all of them.
What became of every file, also of those that are no tracks, is counted by state and by reason.
"""

from workbench.doctor.albums import SPLIT_ALBUMS, split_albums
from workbench.doctor.copies import COPIES, duplicate_files
from workbench.doctor.examination import OVERVIEW, examine, findings_of, overview
from workbench.doctor.gaps import GAPS, number_gaps
from workbench.doctor.lengths import ODD_LENGTHS, odd_lengths
from workbench.doctor.masters import MASTERS, brick_walled, clipped
from workbench.doctor.missing_tags import INCOMPLETE, incomplete_tags
from workbench.doctor.states import REASONS, STATES, files_by_reason, files_by_state
from workbench.doctor.transcodes import CUTOFFS, ENCODED, TRANSCODES, cutoff_histogram, probable_transcodes

__all__ = [
    "COPIES",
    "CUTOFFS",
    "ENCODED",
    "GAPS",
    "INCOMPLETE",
    "MASTERS",
    "ODD_LENGTHS",
    "OVERVIEW",
    "REASONS",
    "SPLIT_ALBUMS",
    "STATES",
    "TRANSCODES",
    "brick_walled",
    "clipped",
    "cutoff_histogram",
    "duplicate_files",
    "examine",
    "files_by_reason",
    "files_by_state",
    "findings_of",
    "incomplete_tags",
    "number_gaps",
    "odd_lengths",
    "overview",
    "probable_transcodes",
    "split_albums",
]
