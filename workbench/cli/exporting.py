"""Commands that hand tracks to other programs, and take playlists from them."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.speech import Store, existing, existing_to_change, say, show
from workbench.errors import PlaylistError

if TYPE_CHECKING:
    import polars as pl

    from workbench.library import Library
    from workbench.playlists import Playlist

__all__ = ["commands"]

commands = typer.Typer()


@commands.command()
def export(
    path: Annotated[Path, typer.Argument(help="The .csv, .parquet, .json or .jsonl file to write.", metavar="FILE")],
    playlist: Annotated[str | None, typer.Option(help="The tracks of this playlist. Default: all tracks.")] = None,
    query: Annotated[str | None, typer.Option(help="The tracks that match.")] = None,
    no_features: Annotated[bool, typer.Option("--no-features", help="Tags and files only.")] = False,  # noqa: FBT002  typer's way
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """Write tracks as a table, with tags and measured features.

    In CSV, text that a spreadsheet would run as a formula is made harmless.
    """
    if playlist is not None and query is not None:
        raise typer.BadParameter("choose one: --playlist or --query")
    chosen = existing(library)
    tracks = _tracks(chosen, playlist, query)
    written = chosen.export(tracks, path, features=not no_features, overwrite=overwrite)
    say(f"Wrote {written}: {len(tracks)} tracks")


@commands.command("import")
def import_playlist(
    path: Annotated[Path, typer.Argument(help="An .m3u8, .m3u, .pls, .xspf or .nsp file.", metavar="FILE")],
    name: Annotated[str | None, typer.Option(help="What to call it. Default: as the file says.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a playlist of this name.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """Save the playlist that a file of another program holds.

    Its tracks are looked up in the library; what is not found there is listed, and never opened. A smart playlist
    (.nsp) is kept as its search.
    """
    from dataclasses import replace

    chosen = existing_to_change(library)
    found, strangers = chosen.read_playlist(path)
    made = found if name is None else replace(found, name=name)
    for each in strangers:
        show(each)
    _refuse(chosen, path, made, strangers, overwrite=overwrite)
    chosen.save(made)
    missed = f", {len(strangers)} not in this library" if strangers else ""
    say(f"Saved {made.name}: {len(made)} tracks{missed}")


def _tracks(library: Library, playlist: str | None, query: str | None) -> pl.DataFrame | Playlist:
    if playlist is not None:
        return library.playlist(playlist)
    return library.tracks() if query is None else library.search(query)


def _refuse(library: Library, path: Path, made: Playlist, strangers: list[str], *, overwrite: bool) -> None:
    """Save nothing in place of something, unless that is asked for."""
    if strangers and not len(made):
        raise PlaylistError(f"{path}: none of its entries ({len(strangers)}) is in this library; scan their folder")
    if not overwrite and made.name in library.playlists()["name"]:
        raise PlaylistError(f"{path}: there is a playlist {made.name!r}; give --name another, or --overwrite")
