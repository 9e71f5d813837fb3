"""The command line: one door for each job, `workbench --help` lists them.

Conventions
-----------
Results go to standard output, everything else (which library, progress, errors) to standard error. An error is one line
that says what was found, where, and what to do; exit code 1 for it, 2 for a wrong call, 130 after Ctrl-C.
"""

from workbench.cli.application import app, main

__all__ = ["app", "main"]
