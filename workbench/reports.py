"""How does a curated notebook become a document, and how does a user get the notebooks?

Conventions
-----------
The curated notebooks ship with the package and are copied to the user, whose changes are never overwritten. A report
is a notebook run from top to bottom (papermill) and written as one HTML page that opens offline, with the executed
notebook beside it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import FolderError, ReportError

__all__ = ["REPORTS", "Copies", "copy_notebooks", "notebooks_folder", "run_report"]

REPORTS = {
    "statistics": "10_report_statistics.ipynb",
    "quality": "11_report_quality.ipynb",
    "sound": "12_report_sound.ipynb",
}
"""Curated reports by name."""

RECORD = ".workbench-notebooks.json"
"""Beside the copies: what each looked like when it was copied, so that an edited one is known."""

CELL_TIMEOUT_S = 600
FIGURE = "application/vnd.plotly.v1+json"


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of the curated notebooks in a user's folder: names of files."""

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    kept: tuple[str, ...]


def notebooks_folder() -> Path:
    """Folder of the curated notebooks: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def copy_notebooks(folder: Path) -> Copies:
    """Put the curated notebooks into a folder; those that the user has changed or run stay as they are.

    Raises
    ------
    FolderError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = folder / RECORD
        copied = _recorded(record)
        names: dict[str, list[str]] = {"new": [], "renewed": [], "kept": []}
        for source in sorted(notebooks_folder().glob("*.ipynb")):
            names[_copy(source, folder / source.name, copied)].append(source.name)
        record.write_text(json.dumps(copied, indent=1), encoding="utf-8")
    except OSError as error:
        raise FolderError(
            f"{folder}: notebooks cannot be copied there ({error.strerror}); choose another folder"
        ) from error
    return Copies(*(tuple(names[key]) for key in ("new", "renewed", "kept")))


def _recorded(record: Path) -> dict[str, str]:
    """What was copied before; nothing where the record is gone or damaged: then all that is there counts as edited."""
    try:
        return dict(json.loads(record.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def _copy(source: Path, target: Path, copied: dict[str, str]) -> str:
    if target.exists():
        if _digest(target) != copied.get(source.name):
            return "kept"
        if _digest(target) == _digest(source):
            return "kept"
    fate = "renewed" if target.exists() else "new"
    shutil.copyfile(source, target)
    copied[source.name] = _digest(target)
    return fate


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run_report(name: str, output: Path, *, library: Path, progress: bool = False) -> Path:
    """Path of the HTML page that a curated report made of a library.

    Parameters
    ----------
    name : str
        One of `REPORTS`.
    output : Path
        Folder for the page and the executed notebook; made if missing. Reports of the same name are replaced.
    library : Path
        The store to report on.
    progress : bool
        Show a bar that counts cells.

    Raises
    ------
    ReportError
        The name is unknown, or a cell failed; the message holds the cell's error.
    FolderError
        The folder cannot be written.
    """
    if name not in REPORTS:
        raise ReportError(f"no report {name!r}; there are: {', '.join(REPORTS)}")
    executed = output / f"{name}.ipynb"
    try:
        output.mkdir(parents=True, exist_ok=True)
        _execute(notebooks_folder() / REPORTS[name], executed, library, progress=progress)
        page = executed.with_suffix(".html")
        page.write_text(_page(executed), encoding="utf-8")
    except OSError as error:
        raise FolderError(f"{output}: the report cannot be written there ({error.strerror})") from error
    return page


def _execute(source: Path, target: Path, library: Path, *, progress: bool) -> None:
    import papermill

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            source,
            target,
            parameters={"library_path": str(library)},
            kernel_name="python3",
            progress_bar=progress,
            execution_timeout=CELL_TIMEOUT_S,
            cwd=target.parent,
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except papermill.PapermillExecutionError as error:
        failed = f"cell {error.exec_count} failed with {error.ename}: {error.evalue}"
        raise ReportError(f"{target}: {failed}; the notebook there shows where") from error


def _page(notebook: Path) -> str:
    """HTML of an executed notebook: outputs and prose without code, nothing fetched from elsewhere."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter(exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True)  # type: ignore[no-untyped-call]  # nbconvert has no types
    for name in exporter.trait_names():
        if name.endswith("_url"):  # MathJax, RequireJS, Mermaid: the page must open without a network
            setattr(exporter, name, "")
    executed = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    body, _ = exporter.from_notebook_node(_drawn(executed))
    return str(body)


def _drawn(notebook: Any) -> Any:  # noqa: ANN401  nbformat has no types
    """The notebook with its figures as HTML, the first of which brings plotly.js for all."""
    import plotly.io

    scripts: bool = True
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            figure = output.get("data", {}).pop(FIGURE, None)
            if figure is not None:
                page = plotly.io.to_html(figure, include_plotlyjs=scripts, full_html=False, validate=False)
                output["data"] = {"text/html": page}
                scripts = False
    return notebook
