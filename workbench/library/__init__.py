"""The one object with state: a store, and all that is done with it.

Conventions
-----------
A `Library` composes the rooms below it and holds no logic of its own; its methods stand by subject in the modules of
this package. Frames come out as Polars frames with declared columns; identity is the track id. Music files are never
written to.
"""

from workbench.library.collection import Library
from workbench.library.progress import progress_bar

__all__ = ["Library", "progress_bar"]
