"""How do tracks get their features?

Conventions
-----------
Files are decoded in worker processes only; each result is committed as it comes, so that a run that is stopped, by
Ctrl-C, by an event or by a kill, goes on where it was. A file that fails costs itself: it becomes a finding and is
tried again when it changes.
"""

from workbench.extract.looking import curves
from workbench.extract.running import Analysis, extract

__all__ = ["Analysis", "curves", "extract"]
