"""Commands that keep playlists as they should be: refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.speech import Store, existing, existing_to_change, line, say, show
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.library import Library
    from workbench.playlists import Refreshed

__all__ = ["commands"]

commands = typer.Typer()


@commands.command()
def refresh(
    names: Annotated[
        list[str] | None, typer.Argument(help="Playlists. Default: all that can be.", metavar="NAME...")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come and go.")] = False,  # noqa: FBT002  typer's way
    anyway: Annotated[bool, typer.Option("--anyway", help="Save also what should be looked at first.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """Make playlists again that came from a search, a region of the map, a mood, a group or neighbours.

    Says which tracks came and which went. Lists of tracks stay as they are, and so does a playlist of which nothing
    would be left, or whose map was drawn anew.
    """
    chosen = existing(library) if dry_run else existing_to_change(library)
    wanted = names or chosen.playlists().drop_nulls("origin")["name"].to_list()
    if not wanted:
        say("No playlist comes from a search or a region of the map; workbench playlist NAME --query ... makes one.")
    failed = [name for name in wanted if not _refreshed(chosen, name, dry_run=dry_run, anyway=anyway)]
    if failed:
        raise typer.Exit(1)


def _refreshed(library: Library, name: str, *, dry_run: bool, anyway: bool) -> bool:
    """Refresh one playlist; False where it could not be, which costs only itself."""
    try:
        found = library.refresh(name)
        is_doubtful = bool(found.doubt) and not anyway
        if not dry_run and not is_doubtful:
            library.save(found.playlist)
    except WorkbenchError as error:
        say(f"Error: {name}: {error}")
        return False
    for text in repr(found).splitlines():
        say(text)
    if is_doubtful:
        say(f"  Kept as it was: {found.doubt}. --anyway saves it.")
    _list(found)
    return True


def _list(found: Refreshed) -> None:
    for sign, rows in (("+", found.added), ("-", found.gone)):
        for row in rows.iter_rows(named=True):
            show(f"{sign} {line(row)}")
