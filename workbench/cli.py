"""The command line: one door for each job, `workbench --help` lists them.

Conventions
-----------
Results go to standard output, everything else (which library, progress, errors) to standard error. An error is one line
that says what was found, where, and what to do; exit code 1 for it, 2 for a wrong call, 130 after Ctrl-C.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench import settings
from workbench.errors import FolderError, PlaylistError, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.library import Library
    from workbench.playlists import Playlist

__all__ = ["app", "main"]

app = typer.Typer(
    help="Organise and analyse a music collection. Music files are only read, never written.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

INTERRUPTED = 130  # what a shell expects after Ctrl-C; typer turns KeyboardInterrupt into it

Store = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="PATH",
        help="The library file. Default: $WORKBENCH_LIBRARY, else data/library.db here, else the user's data folder.",
        show_default=False,
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes to use. Default: one for each processor.")]


def main() -> None:
    """Run the command line; the package's own errors become one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name may hold what the terminal cannot show
    try:
        app()
    except WorkbenchError as error:
        say(f"Error: {error}")
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            say("Stopped. What was finished is kept; run the same command again to go on.")
        raise


def say(text: str) -> None:
    """Speak to the person, on standard error."""
    typer.echo(text, err=True)


@app.command()
def scan(
    folders: Annotated[list[Path], typer.Argument(help="Folders of music.", metavar="FOLDER...")],
    library: Store = None,
    workers: Workers = None,
) -> None:
    """Find music in folders and read its tags.

    What is unchanged is not read again; what is gone is marked missing, and nothing of it is deleted.
    """
    chosen = _library(library)
    usable = 0
    for folder in folders:
        done = chosen.scan(folder, workers=workers)
        usable += done.seen - done.failed
        say(
            f"{folder}: {done.seen} files: {done.new} new, {done.changed} changed, {done.unchanged} unchanged, "
            f"{done.returned} back, {done.missing} missing, {done.failed} not usable"
        )
        for reason, count in sorted(done.reasons.items()):
            say(f"  {count} x {reason}")
    if not usable:
        say("No usable music was found. Formats: MP3, FLAC, WAV, AIFF, AAC, OGG, Opus, M4A.")
        raise typer.Exit(1)
    if waiting := chosen.pending():
        say(f"{waiting} tracks wait for: workbench analyze")


@app.command()
def analyze(
    library: Store = None,
    workers: Workers = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that failed before.")] = False,  # noqa: FBT002  typer's way
    preview: Annotated[bool, typer.Option("--preview", help="Only excerpts of new tracks, for a first map.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Measure tempo, key, loudness and timbre.

    All tracks that wait for it, in worker processes; Ctrl-C loses nothing that is done.
    """
    chosen = _existing(library)
    done = chosen.analyze(workers=workers, retry=retry, preview=preview)
    say(f"{done.analyzed} tracks analysed, {done.failed} failed")
    for reason, count in sorted(done.reasons.items()):
        say(f"  {count} x {reason}")
    if done.failed and not done.analyzed:
        say("No track could be analysed; workbench status lists why.")
        raise typer.Exit(1)


@app.command()
def status(library: Store = None) -> None:
    """Say what the library holds, what waits, and what is wrong."""
    from workbench import stats

    chosen = _existing(library)
    tracks, findings = chosen.tracks(), chosen.findings()
    for name, value in stats.summary(tracks).row(0, named=True).items():
        typer.echo(f"{name:<12} {_number(value)}")
    behind = chosen.behind()
    whys = ", ".join(f"{count} {_why(name)}" for name, count in behind.items() if count and name != "waiting")
    typer.echo(f"{'to analyse':<12} {behind['waiting']}{f' ({whys})' if whys else ''}")
    for root in chosen.roots():
        typer.echo(f"{'folder':<12} {root}")
    for row in findings.sort("state", "reason", "path").iter_rows(named=True):
        typer.echo(f"{row['state']:<8} {row['stage']}/{row['reason']}: {row['path']}: {row['text']}")


def _why(name: str) -> str:
    """What a count of `Library.behind` is of."""
    return name if name in {"new", "previewed"} else f"with {name} of an older version"


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='For example: genre:ambient bpm:60..90 -artist:eno "quoted words"')],
    library: Store = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 50,
    paths: Annotated[bool, typer.Option("--paths", help="Print paths only, one a line.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Print the tracks that match a query."""
    from workbench.query import search as find

    found = find(_existing(library).tracks(), query)
    for row in found.head(limit).iter_rows(named=True):
        typer.echo(row["path"] if paths else _line(row))
    say(f"{min(limit, len(found))} of {len(found)} tracks")
    if found.is_empty():
        raise typer.Exit(1)


@app.command()
def playlist(
    name: Annotated[str | None, typer.Argument(help="Its name; without one, list the playlists.")] = None,
    query: Annotated[str | None, typer.Option(help="Make it anew from the tracks that match.")] = None,
    order: Annotated[str | None, typer.Option(help="flow (neighbours sound alike), shuffle, or a column.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Longest playing time.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write it to this .m3u8, .pls or .xspf file.")] = None,
    absolute: Annotated[bool, typer.Option("--absolute", help="Write absolute paths.")] = False,  # noqa: FBT002  typer's way
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """List, make, show and write playlists."""
    chosen = _existing(library)
    if name is None:
        for row in chosen.playlists().iter_rows(named=True):
            typer.echo(f"{row['name']}  {row['tracks']} tracks")
        return
    made = _playlist(chosen, name, query)
    if order:
        made = made.order(order, space=chosen.space(made.rows) if order == "flow" else None)
    if minutes is not None:
        made = made.limit(minutes=minutes)
    if query is not None:
        chosen.save(made)
    for row in made.rows.iter_rows(named=True):
        typer.echo(_line(row))
    if write is not None:
        say(f"Wrote {made.write(write, relative=not absolute, overwrite=overwrite)}")


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report.")] = "statistics",
    output: Annotated[Path, typer.Option(help="Folder for the page and the notebook.")] = Path("reports"),
    library: Store = None,
) -> None:
    """Write a report as one HTML page.

    The page opens offline; the executed notebook lies beside it.
    """
    from workbench.reports import run_report

    chosen = _existing(library)
    typer.echo(run_report(name, output.absolute(), library=chosen.path, progress=sys.stderr.isatty()))


@app.command()
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

    chosen = _library(library)
    place = (folder or chosen.path.parent / "notebooks").expanduser().absolute()
    copies = copy_notebooks(place)
    say(f"Notebooks: {place} ({len(copies.new)} new, {len(copies.renewed)} renewed, {len(copies.kept)} kept)")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={place}"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say("You are root, as in a container: JupyterLab is told to allow it. It listens on this machine only.")
        command += ["--allow-root", "--ServerApp.ip=127.0.0.1"]
    environment = os.environ | {settings.LIBRARY_VARIABLE: str(chosen.path)}
    process = subprocess.Popen(command, env=environment)  # noqa: S603  our own interpreter
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for JupyterLab, which asks before it ends
    raise typer.Exit(process.wait())


@app.command()
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
    with progress_bar("Making music", None) as progress:
        collection.make(music, workers=workers, progress=progress)
    chosen = _library(place)
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
    near = wb.nearest(library.space(), [layout["track_id"][0]], n=10)
    chosen = [layout["track_id"][0], *near["neighbour_id"]]
    rows = layout.filter(layout["track_id"].is_in(chosen))
    listed = wb.Playlist("Around the first track", rows).order("flow", space=library.space(rows))
    library.save(listed)
    written = listed.write(folder / "around_the_first_track.m3u8", overwrite=True)
    return [page, written, run_report("statistics", folder, library=library.path, progress=sys.stderr.isatty())]


def _playlist(library: Library, name: str, query: str | None) -> Playlist:
    from workbench.playlists import Playlist
    from workbench.query import search as find

    if query is None:
        return library.playlist(name)
    rows = find(library.tracks(), query)
    if rows.is_empty():
        raise PlaylistError(f"no track matches {query!r}; try it with: workbench search")
    return Playlist(name, rows)


def _line(row: Mapping[str, Any]) -> str:
    """A track in one line."""
    seconds = round(row["duration_s"] or 0)
    names = [row["artist"] or "Unknown artist", row["title"], row["album"] or "Unknown album"]
    facts = [row["genre"], row["year"], row["bpm"] and f"{row['bpm']:.0f} BPM", row["camelot"]]
    known = ", ".join(str(fact) for fact in facts if fact)
    return f"{row['track_id']:>6}  {' - '.join(names)}  [{seconds // 60}:{seconds % 60:02}]  {known}".rstrip()


def _number(value: object) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _library(path: Path | None) -> Library:
    from workbench.library import Library

    chosen = Library(path)
    say(f"Library: {chosen.path}")
    return chosen


def _existing(path: Path | None) -> Library:
    """The library, which must be there: asking a question does not make one."""
    place = settings.library_path(path)
    if not place.exists():
        say(f"Error: {place}: no library there yet; make one with: workbench scan FOLDER, or try: workbench demo")
        raise typer.Exit(1)
    return _library(path)
