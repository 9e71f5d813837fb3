"""Commands that open something: JupyterLab, and the demo."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from workbench import settings
from workbench.cli.networks import try_to_fetch
from workbench.cli.speech import Store, Workers, library_of, library_to_change, say, step
from workbench.errors import FolderError

if TYPE_CHECKING:
    from workbench.library import Library

__all__ = ["commands"]

commands = typer.Typer()
STREAMING = "--ServerApp.jpserver_extensions={'workbench.audio_server': True}"
"""Joins the extensions that are configured; for a package that runs from its source folder."""


@commands.command()
def lab(
    folder: Annotated[Path | None, typer.Argument(help="Where the notebooks go. Default: beside the library.")] = None,
    library: Store = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,  # noqa: FBT002  typer's way
) -> None:
    """Open JupyterLab on the curated notebooks.

    The library is chosen for them; notebooks that you changed are left as they are.
    """
    import os
    import signal
    import subprocess

    from workbench.reports import copy_notebooks

    chosen = library_of(library)
    place = (folder or chosen.path.parent / "notebooks").expanduser().absolute()
    copies = copy_notebooks(place)
    say(f"Notebooks: {place} ({len(copies.new)} new, {len(copies.renewed)} renewed, {len(copies.kept)} kept)")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={place}", STREAMING]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say("You are root, as in a container: JupyterLab is told to allow it. It listens on this machine only.")
        command += ["--allow-root", "--ServerApp.ip=127.0.0.1"]
    environment = os.environ | {settings.LIBRARY_VARIABLE: str(chosen.path)}
    process = subprocess.Popen(command, env=environment)  # noqa: S603  our own interpreter
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for JupyterLab, which asks before it ends
    raise typer.Exit(process.wait())


@commands.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(help="Where the music goes. Default: beside the library.")] = None,
    library: Store = None,
    workers: Workers = None,
) -> None:
    """Try it all on an invented collection.

    Makes the music, scans, analyses, draws the map, writes a report and a playlist.
    """
    from workbench import demo as collection
    from workbench.library import progress_bar

    place = settings.library_path(library)
    music = (folder or place.parent / "demo").expanduser().absolute()
    _refuse_foreign(place, music)
    try_to_fetch()
    with progress_bar("Making music", None) as progress:
        collection.make(music, workers=workers, progress=progress)
    chosen = library_to_change(place)
    found = chosen.scan(music, workers=workers)
    say(f"Scanned {found.seen} files, {found.failed} of them broken on purpose")
    done = chosen.analyze(workers=workers)
    say(f"Analysed {done.analyzed} tracks")
    for made in _showpieces(chosen):
        say(f"Wrote {made}")
    chosen_option = "" if library is None else f" --library {place}"
    me = "python -m workbench" if sys.argv[0].endswith("__main__.py") else sys.argv[0]
    say(f"Open it in JupyterLab:  {me} lab{chosen_option}")
    say(f"Your own music:         {me} scan ~/Music --library music.db")


def _refuse_foreign(place: Path, music: Path) -> None:
    """Keep the demo out of a library that holds the user's own music."""
    if not place.exists():
        return
    from workbench.library import Library

    others = [root for root in Library(place).roots() if root != music]
    if others:
        raise FolderError(f"{place}: holds music from {others[0]}; give the demo its own: --library demo.db")


def _showpieces(library: Library) -> list[Path]:
    """Files that show what can be had: the map as a page, a statistics report, a playlist."""
    import workbench as wb
    from workbench.reports import run_report

    folder = library.path.parent / "reports"
    layout = library.similarity_map(seed=0)
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "similarity_map.html"
    wb.figures.similarity_map(layout, colour="genre").write_html(page)
    near = wb.nearest(library.space(), [layout["track_id"][0]], n=10, tracks=layout, per_artist=2)
    chosen = [layout["track_id"][0], *near["neighbour_id"]]
    rows = layout.filter(layout["track_id"].is_in(chosen))
    listed = wb.Playlist("Around the first track", rows).order("flow", space=library.space(rows))
    library.save(listed)
    written = listed.write(folder / "around_the_first_track.m3u8", overwrite=True)
    return [page, written, run_report("statistics", folder, library=library.path, progress=step)]
