"""How does work go through processes that it may kill?

`run` sends many tasks through a pool that is there for them alone. `ask` has one task done for somebody who waits: by a
worker that is kept at hand, so that the next answer comes at once.

Conventions
-----------
A task that raises, hangs, eats memory or kills its worker costs only itself. Functions and tasks pickle, and the
function stands at the top of a module. Workers see nothing of the parent but that.
"""

from workbench.workers.bench import ask, prepare
from workbench.workers.processes import log_file, processors
from workbench.workers.running import Outcome, Progress, run
from workbench.workers.seat import is_wanted

__all__ = ["Outcome", "Progress", "ask", "is_wanted", "log_file", "prepare", "processors", "run"]
