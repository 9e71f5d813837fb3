"""What changed in a folder of music since it was last looked at?

Conventions
-----------
Music files are read, never written. A file is unchanged while its path, size and modification time are. Identity is the
track: a file that is found under another name or in another folder, its sound being the same, keeps its track. A file
that is not seen is marked missing, nothing of it is deleted. Every path that the walk meets is in the ledger once: a
file that is read, and what cannot be, a pipe, a broken link, a closed folder, or sound of a kind that is not read.
"""

from workbench.scan.changes import scan
from workbench.scan.summing import Scan
from workbench.scan.watching import watch

__all__ = ["Scan", "scan", "watch"]
