"""How does long work show how far it has come?"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.workers import Progress

__all__ = ["INTERRUPTED", "progress_bar"]

INTERRUPTED: Final = "stopped; what was finished is kept, and the next run goes on from there"


@contextlib.contextmanager
def progress_bar(text: str, progress: Progress | None) -> Iterator[Progress]:
    """The caller's own callback, or one that draws a bar."""
    if progress is not None:
        yield progress
        return
    from tqdm.auto import tqdm

    bar: Any = None

    def show(done: int, total: int, what: str) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(total=total or None, desc=text, unit="file", smoothing=0.05)
        if total and bar.total != total:
            bar.reset(total)
        if done == 0 and what:  # nothing is done yet, and why is worth saying
            bar.set_description(f"{text} ({what})")
            return
        if bar.n == 0:
            bar.set_description(text, refresh=False)
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        if bar is not None:
            bar.close()
