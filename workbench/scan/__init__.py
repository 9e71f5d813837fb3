"""What changed in a folder of music since it was last looked at?

Conventions
-----------
Music files are read, never written. A file is known by its path under its root, and unchanged while its size and its
modification time are; a file that is not seen is marked missing, nothing of it is deleted.
"""

from workbench.scan.changes import Scan, scan

__all__ = ["Scan", "scan"]
