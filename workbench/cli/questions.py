"""Commands that ask a library: search, playlist, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.speech import Store, existing, existing_to_change, line, say, show, step
from workbench.errors import PlaylistError

if TYPE_CHECKING:
    from workbench.library import Library
    from workbench.playlists import Playlist

__all__ = ["commands"]

commands = typer.Typer()

ARC = "energy arc"


@commands.command()
def search(
    query: Annotated[str, typer.Argument(help='For example: genre:ambient bpm:60..90 -artist:eno "quoted words"')],
    library: Store = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 50,
    paths: Annotated[bool, typer.Option("--paths", help="Print paths only, one a line.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Print the tracks that match a query."""
    found = existing(library).search(query)
    for row in found.head(limit).iter_rows(named=True):
        show(row["path"] if paths else line(row))
    say(f"{min(limit, len(found))} of {len(found)} tracks")
    if found.is_empty():
        raise typer.Exit(1)


@commands.command()
def playlist(  # noqa: PLR0913, PLR0917  a command's options
    name: Annotated[str | None, typer.Argument(help="Its name; without one, list the playlists.")] = None,
    query: Annotated[str | None, typer.Option(help="Make it anew from the tracks that match.")] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help="flow (neighbours sound alike), harmonic (keys and tempos mix), 'energy arc' (rises, then falls), "
            "journey (--from one track --to another), shuffle, or a column."
        ),
    ] = None,
    start: Annotated[int | None, typer.Option("--from", metavar="ID", help="Track that the order starts with.")] = None,
    end: Annotated[int | None, typer.Option("--to", metavar="ID", help="Track that it ends with.")] = None,
    at_most: Annotated[int | None, typer.Option(min=1, help="Most tracks of one artist.")] = None,
    distinct: Annotated[bool, typer.Option("--distinct", help="No two versions of a recording.")] = False,  # noqa: FBT002  typer's way
    minutes: Annotated[float | None, typer.Option(help="Longest playing time.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write it to this .m3u8, .pls or .xspf file.")] = None,
    absolute: Annotated[bool, typer.Option("--absolute", help="Write absolute paths.")] = False,  # noqa: FBT002  typer's way
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """List, make, show and write playlists.

    Versions and artists are thinned first, then comes the order, then the longest time; of an energy arc the longest
    time comes before the order, so that the arc is whole.
    """
    chosen = existing(library) if name is None or query is None else existing_to_change(library)
    if name is None:
        for row in chosen.playlists().iter_rows(named=True):
            kept = (
                f"  (from a {row['origin']}{': ' if row['query'] else ''}{row['query'] or ''})" if row["origin"] else ""
            )
            show(f"{row['name']}  {row['tracks']} tracks{kept}")
        return
    made = _playlist(chosen, name, query)
    made = _thinned(made, at_most, distinct=distinct)
    if minutes is not None and order == ARC:
        made, minutes = made.limit(minutes=minutes), None
    if order or start is not None or end is not None:
        made = _ordered(chosen, made, order or "flow", start, end)
    if minutes is not None:
        made = made.limit(minutes=minutes)
    if query is not None:
        chosen.save(made)
    for row in made.rows.iter_rows(named=True):
        show(line(row))
    for remark in made.remarks:
        say(f"Note: {remark}.")
    if write is not None:
        say(f"Wrote {made.write(write, relative=not absolute, overwrite=overwrite)}")


@commands.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report.")] = "statistics",
    output: Annotated[Path, typer.Option(help="Folder for the page and the notebook.")] = Path("reports"),
    query: Annotated[str, typer.Option(help="Report on the tracks that match; without one, on all.")] = "",
    since: Annotated[
        str | None, typer.Option(help="Tell what has changed since 2026-01-01, or -3w. Default: since the last change.")
    ] = None,
    library: Store = None,
) -> None:
    """Write a report as one HTML page: statistics, quality or sound.

    The page opens offline; the executed notebook lies beside it.
    """
    from workbench.reports import run_report

    chosen = existing(library)
    place = output.absolute()
    show(run_report(name, place, library=chosen.path, query=query, since=since, progress=step))


def _thinned(made: Playlist, at_most: int | None, *, distinct: bool) -> Playlist:
    made = made.distinct() if distinct else made
    return made if at_most is None else made.at_most(at_most)


def _ordered(library: Library, made: Playlist, by: str, start: int | None, end: int | None) -> Playlist:
    from workbench.playlists import SPACED

    return made.order(by, space=library.space(made.rows) if by in SPACED else None, start=start, end=end)


def _playlist(library: Library, name: str, query: str | None) -> Playlist:
    if query is None:
        return library.playlist(name)
    made = library.smart_playlist(name, query)
    if made.rows.is_empty():
        raise PlaylistError(f"no track matches {query!r}; try it with: workbench search")
    return made
