"""Where does a new user without any music begin? `make` invents a collection whose every tempo, beat and key is known.

>>> from pathlib import Path
>>> from workbench import demo
>>> music = demo.make(Path("data/demo"))  # doctest: +SKIP
>>> music.group_by("style").len()  # doctest: +SKIP

Eight styles by twelve invented artists, in all common formats, with the flaws that grown collections have.

Conventions
-----------
All music, names and pictures are invented here, from a seed. Nothing is read, and nothing written outside the folder.
"""

from workbench.demo.ground_truth import TRUTH, known, truth
from workbench.demo.production import make

__all__ = ["TRUTH", "known", "make", "truth"]
