"""How does a curated notebook become a document, and how does a user get the notebooks?

Conventions
-----------
A report is a notebook run from top to bottom (papermill) and written as one HTML page that opens offline (nbconvert),
with the executed notebook beside it. Two pages of an unchanged library are the same, byte for byte.
"""

from workbench.reports.copies import Copies, copy_notebooks, notebooks_folder
from workbench.reports.running import REPORTS, run_report

__all__ = ["REPORTS", "Copies", "copy_notebooks", "notebooks_folder", "run_report"]
