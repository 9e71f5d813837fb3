"""How does a report's notebook run?

Conventions
-----------
Cells are counted as those of code alone, from 1, with the one that papermill puts in for the parameters; so the number
is that of the brackets beside the cell in the executed notebook.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

from workbench import store, whole_files
from workbench.errors import FolderError, ReportError
from workbench.query import moment, search
from workbench.reports.copies import notebooks_folder
from workbench.reports.page import page_of
from workbench.reports.traces import without_traces
from workbench.settings import LIBRARY_VARIABLE
from workbench.store import playlists

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from workbench.workers import Progress

__all__ = ["REPORTS", "heading_of", "run_report"]

REPORTS = {
    "statistics": "10_report_statistics.ipynb",
    "quality": "11_report_quality.ipynb",
    "sound": "12_report_sound.ipynb",
}
"""Curated reports by name."""

CELL_TIMEOUT_S = 600
LONGEST_HEADING = 60
HEADING = re.compile(r"^#{1,6} +(.*[^# \n])[# ]*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def run_report(
    name: str,
    output: Path,
    *,
    library: Path,
    query: str = "",
    since: date | str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Path of the HTML page that a curated report made of a library.

    Parameters
    ----------
    name : str
        One of `REPORTS`.
    output : Path
        Folder for the page and the executed notebook; made if missing. Reports of the same name are replaced.
    library : Path
        The store to report on.
    query : str
        Report on the tracks that this search finds; an empty one finds all.
    since : datetime, date, str or None
        What has changed is told since then, as `Library.changes` takes it.
    progress : callable or None
        Called as ``progress(number, total, heading)`` when a cell of code begins.

    Raises
    ------
    ReportError
        The name is unknown, or a cell failed: the message holds the cell's number, its heading and its error, and the
        executed notebook the whole of it.
    QueryError
        The search is not in the language, or `since` is no day; nothing was run then.
    FolderError
        The folder cannot be written.
    """
    if name not in REPORTS:
        raise ReportError(f"no report {name!r}; there are: {', '.join(REPORTS)}")
    _check(library, query, since)
    parameters = {"query": query, "since": str(since) if since else None}
    executed = output / f"{name}.ipynb"
    try:
        output.mkdir(parents=True, exist_ok=True)
        run_notebook(notebooks_folder() / REPORTS[name], executed, parameters, progress, library=library)
        page = executed.with_suffix(".html")
        whole_files.put(page, page_of(executed).encode())
    except OSError as error:
        raise FolderError(
            f"{output}: the report cannot be written there ({error.strerror or error}); make room, or choose another "
            "folder with --output"
        ) from error
    return page


def run_notebook(
    source: Path,
    target: Path,
    parameters: dict[str, Any],
    progress: Progress | None = None,
    *,
    library: Path | None = None,
) -> None:
    """Run a notebook with parameters, and write it with what came out, also where a cell fails.

    Its library is the one of `library`, which the notebook learns as from ``workbench lab`` and does not write down.

    Raises
    ------
    ReportError
        A cell failed, or took longer than ten minutes, or the kernel died.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    begun = (0, 0, "the start")

    def tell(number: int, total: int, heading: str) -> None:
        nonlocal begun
        begun = number, total, heading
        if progress is not None:
            progress(number, total, heading)

    try:
        papermill.execute_notebook(
            _literal(source),
            _literal(target),
            parameters=parameters,
            engine_name=_engine(),
            kernel_name="python3",
            progress_bar=False,
            execution_timeout=CELL_TIMEOUT_S,
            cwd=target.parent,
            kernel_manager_class=_own_kernel(library),
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
            cell_begins=tell,
        )
    except papermill.PapermillExecutionError as error:
        raise ReportError(_failure(target, begun, f"{error.ename}: {error.evalue}")) from error
    except CellTimeoutError as error:
        raise ReportError(_failure(target, begun, f"a time of over {CELL_TIMEOUT_S} s")) from error
    except DeadKernelError as error:
        raise ReportError(_failure(target, begun, "the end of its process, as for want of memory")) from error
    finally:
        _tidy(target)


def heading_of(cells: list[Any], index: int) -> str:
    """The last heading above a cell, or the first line of its code where there is none."""
    for cell in reversed(cells[:index]):
        if cell["cell_type"] == "markdown":
            headings = HEADING.findall(FENCE.sub("", cell["source"]))
            if headings:
                return _shortened(headings[-1])
    return _shortened(next((line for line in cells[index]["source"].splitlines() if line.strip()), "an empty cell"))


def _check(library: Path, query: str, since: date | str | None) -> None:
    """Refuse what cannot be asked before anything is run."""
    if since:
        moment(since)
    if query.strip():
        import polars as pl

        from workbench.models import TRACKS

        with store.reading(store.open_store(library)) as connection:
            named = playlists.memberships(connection)
        search(pl.DataFrame(schema=TRACKS), query, playlists=named)


def _tidy(target: Path) -> None:
    """Take out of an executed notebook, where there is one, what tells of this machine."""
    import nbformat

    if target.exists():
        executed = without_traces(nbformat.read(target, as_version=4))  # type: ignore[no-untyped-call]  # nbformat has no types
        nbformat.write(executed, target)  # type: ignore[no-untyped-call]


def _failure(target: Path, cell: tuple[int, int, str], what: str) -> str:
    """One line, whatever the error's message looks like."""
    number, total, heading = cell
    said = " ".join(what.split())
    return f"{target}: cell {number} of {total}, {heading!r}, failed with {said}; the notebook there holds all of it"


def _literal(path: Path) -> str:
    """A path as papermill takes it, which puts parameters in where it sees braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_HEADING else f"{line[: LONGEST_HEADING - 1]}…"


def _engine() -> str:
    """Name of papermill's usual engine that also says which cell begins, known to papermill from now on."""
    from papermill.engines import NBClientEngine, papermill_engines

    class Telling(NBClientEngine):  # type: ignore[misc]  # papermill has no types
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, cell_begins: Any, **more: Any) -> None:  # noqa: ANN401
            cells = nb_man.nb.cells
            code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
            start = nb_man.cell_start

            def told(cell: Any, cell_index: int, **known: Any) -> None:  # noqa: ANN401
                start(cell, cell_index, **known)
                if cell_index in code:
                    cell_begins(code.index(cell_index) + 1, len(code), heading_of(cells, cell_index))

            nb_man.cell_start = told
            super().execute_managed_notebook(nb_man, kernel_name, **more)

    papermill_engines.register("workbench", Telling)
    return "workbench"


def _own_kernel(library: Path | None) -> type:
    """A kernel of this interpreter, whatever kernel the user has installed under the name python3, and its library."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    # now, for the folder will be another one when the kernel starts; and Jupyter puts variables in at $NAME
    chosen = {LIBRARY_VARIABLE: str(library.absolute()).replace("$", "$$")} if library else {}

    class OwnKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=words, env=chosen, display_name="Python 3 (ipykernel)", language="python")

    return OwnKernel
