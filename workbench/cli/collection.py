"""Commands that bring a collection in and keep it in order."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.networks import offer_model
from workbench.cli.speech import (
    Stopped,
    Store,
    Workers,
    existing,
    existing_to_change,
    library_to_change,
    number,
    say,
    show,
)
from workbench.errors import FolderError, SpaceError
from workbench.models import Ledger

if TYPE_CHECKING:
    import polars as pl

    from workbench.extract import Analysis
    from workbench.library import Library
    from workbench.scan import Scan

__all__ = ["commands", "root"]

commands = typer.Typer()
root = typer.Typer(help="List the music folders, or say where one has moved to.", no_args_is_help=True)

COUNTS = (
    ("new", "new"),
    ("moved", "moved"),
    ("changed", "changed"),
    ("unchanged", "unchanged"),
    ("returned", "back"),
    ("missing", "missing"),
    ("failed", "not usable"),
)
FORMATS = "Formats: MP3, FLAC, WAV, AIFF, AAC, OGG, Opus, M4A."
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Go on where the folder is empty, or a fifth of the files are gone.")
]


@commands.command()
def scan(
    folders: Annotated[list[Path], typer.Argument(help="Folders of music.", metavar="FOLDER...")],
    library: Store = None,
    workers: Workers = None,
    allow_missing: AllowMissing = False,  # noqa: FBT002  typer's way
) -> None:
    """Find music in folders and read its tags.

    What is unchanged is not read again; what was moved keeps its analysis, ratings and places in playlists; what is
    gone is marked missing, and nothing of it is deleted.
    """
    chosen = library_to_change(library)
    ledger, refused, before = Ledger(), False, chosen.pending()
    for folder in folders:
        try:
            done = chosen.scan(folder, workers=workers, allow_missing=allow_missing)
        except KeyboardInterrupt:
            found = max(0, chosen.pending() - before)  # fewer wait where others of them are missing now
            raise Stopped(f"{found:,} tracks that were found are kept") from None
        except FolderError as error:
            if len(folders) == 1:
                raise
            say(f"Error: {error}")
            refused = True
            continue
        ledger += done.ledger
        _say_scan(folder, done)
    if refused:
        raise typer.Exit(1)
    if not ledger.usable:
        say(f"No usable music was found ({ledger}); workbench status lists why. {FORMATS}")
        raise typer.Exit(1)
    if waiting := chosen.pending():
        say(f"{waiting} tracks wait for: workbench analyze")


@commands.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Folder of music.")],
    library: Store = None,
) -> None:
    """Scan a folder, and then whatever changes in it, until Ctrl-C."""
    chosen = library_to_change(library)
    for done in chosen.watch(folder, refused=lambda error: say(f"Refused: {error}")):
        _say_scan(folder, done)


def _say_scan(folder: Path, done: Scan) -> None:
    counts = ", ".join(f"{getattr(done, name)} {word}" for name, word in COUNTS)
    say(f"{folder}: {done.seen} files: {counts}")
    _say_ledger(done)


def _say_ledger(done: Scan | Analysis) -> None:
    """What became of every file, and what was found."""
    unreached = f"; {done.unreached} not reached" if done.unreached else ""
    say(f"  {done.ledger}{unreached}")
    for reason, count in sorted(done.reasons.items()):
        say(f"  {count} x {reason}")


@commands.command()
def analyze(
    library: Store = None,
    workers: Workers = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that failed before.")] = False,  # noqa: FBT002  typer's way
    preview: Annotated[bool, typer.Option("--preview", help="Only excerpts of new tracks, for a first map.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Measure tempo, key, loudness and timbre, and draw the map.

    All tracks that wait for it, in worker processes; Ctrl-C loses nothing that is done. The learned model listens too,
    where it is there.
    """
    chosen = existing_to_change(library)
    offer_model()
    before = chosen.pending()
    try:
        done = chosen.analyze(workers=workers, retry=retry, preview=preview)
    except KeyboardInterrupt:
        left = chosen.pending()
        so_far = "What was" if retry or preview else f"{max(0, before - left):,} tracks were"
        raise Stopped(f"{so_far} analysed and kept, {left:,} wait") from None
    say(f"{done.analyzed} tracks analysed, {done.failed} failed")
    _say_ledger(done)
    if not done.analyzed and (done.failed or not chosen.ledger()["analyzed"].any()):
        say(_nothing_analyzed(chosen, done))
        raise typer.Exit(1)
    _draw_map(chosen)


def _nothing_analyzed(library: Library, done: Analysis) -> str:
    """Why a run had no success at all, in a line."""
    if done.ledger.seen:
        return "No track could be analysed; workbench status lists why."
    present = len(library.tracks().filter(missing=False))
    if not present:
        return "There is no track to analyse; find some with: workbench scan FOLDER"
    retry = "workbench status lists why, workbench analyze --retry tries again"
    return f"No track is analysed: {present} failed before; {retry}."


def _draw_map(library: Library) -> None:
    """Compute the map of all tracks, or let it grow, so that a notebook opens it at once."""
    try:
        placed, kind = len(library.similarity_map()), library.space_kind()
        say(f"{placed} tracks on the map of their {kind} space")
        unheard = len(library.space(kind="timbre")) - placed if kind == "learned" else 0
        if unheard > 0:
            say(f"  {unheard} more are measured, but too short for the learned model, or it has not heard them")
    except SpaceError as error:
        say(f"No map yet: {error}")


@commands.command()
def status(
    library: Store = None,
    warnings: Annotated[bool, typer.Option("--warnings", help="List every warning, not only their number.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Say what the library holds, what waits, what became of every file, and what is wrong.

    Each file that failed or was skipped is listed with where that happened, why, and what to do.
    """
    from workbench import stats
    from workbench.store.ledger import count_ledger

    chosen = existing(library)
    tracks, findings = chosen.tracks(), chosen.findings()
    for name, value in stats.summary(tracks).row(0, named=True).items():
        show(f"{name:<12} {number(value)}")
    behind = chosen.behind()
    whys = ", ".join(f"{count} {_why(name)}" for name, count in behind.items() if count and name != "waiting")
    show(f"{'to analyse':<12} {behind['waiting']}{f' ({whys})' if whys else ''}")
    show(f"{'space':<12} {chosen.space_kind()}")
    for place in chosen.roots():
        show(f"{'folder':<12} {place}")
    show(f"{'files':<12} {count_ledger(chosen.ledger())}")
    _list_findings(findings, warnings=warnings)


def _list_findings(findings: pl.DataFrame, *, warnings: bool) -> None:
    """Failures one by one; warnings by number, unless they are asked for."""
    wanted = findings if warnings else findings.filter(findings["state"] != "warning")
    for row in wanted.sort("state", "reason", "path").iter_rows(named=True):
        show(f"{row['state']:<8} {row['stage']}/{row['reason']}: {row['path']}: {row['text']}")
    left_out = findings.filter(findings["state"] == "warning") if not warnings else findings.clear()
    for reason, count in sorted(left_out["reason"].value_counts().rows()):
        show(f"{'warning':<12} {count} x {reason} (workbench status --warnings lists them)")


def _why(name: str) -> str:
    """What a count of `Library.behind` is of."""
    plain = {
        "new": "new",
        "changed": "changed since",
        "previewed": "previewed",
        "unhashed": "known by no hash yet",
        "learned": "not yet heard by the learned model",
    }
    return plain.get(name, f"with {name} of an older version")


@commands.command()
def forget(
    missing: Annotated[bool, typer.Option("--missing", help="The tracks whose files are gone.")] = False,  # noqa: FBT002  typer's way
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002  typer's way
    library: Store = None,
) -> None:
    """Delete what the library knows of tracks whose files are gone.

    With their analysis, ratings, corrections and places in playlists: it says what, and asks.
    """
    if not missing:
        raise typer.BadParameter("say what to forget: --missing")
    chosen = existing_to_change(library)
    gone = chosen.missing()
    if gone.is_empty():
        say("No track is missing; there is nothing to forget.")
        return
    for row in gone.iter_rows(named=True):
        hanging = ", ".join(f"{name}: {row[name]}" for name in ("playlists", "corrections", "ratings") if row[name])
        show(f"{row['path'] or row['title']}{f'  ({hanging})' if hanging else ''}")
    say(f"{len(gone)} tracks are missing. {_what_hangs(gone)}")
    for place in chosen.roots():
        if not place.is_dir():
            say(f"Note: {place} is not there now; if its disk is only unplugged, connect it and scan instead.")
    if not yes and not typer.confirm("Forget them for good?", err=True):
        say("Nothing was changed.")
        raise typer.Exit(1)
    say(f"{chosen.forget_missing(gone['track_id'])} tracks forgotten")


def _what_hangs(gone: pl.DataFrame) -> str:
    counts = {name: int((gone[name] > 0).sum()) for name in ("playlists", "corrections", "ratings")}
    said = [f"{count} are in playlists" for name, count in counts.items() if name == "playlists" and count]
    said += [f"{count} have {name}" for name, count in counts.items() if name != "playlists" and count]
    return f"Of these {', '.join(said)}." if said else "None is in a playlist, rated or corrected."


@commands.command()
def backup(
    path: Annotated[Path, typer.Argument(help="The file to write.")],
    library: Store = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,  # noqa: FBT002  typer's way
) -> None:
    """Write a copy of the library, which may be in use meanwhile."""
    say(f"Wrote {existing(library).backup(path, overwrite=overwrite)}")


@root.command("list")
def list_roots(library: Store = None) -> None:
    """List the music folders, and whether they are there."""
    for place in existing(library).roots():
        show(place if place.is_dir() else f"{place}  (not there now)")


@root.command()
def move(
    old: Annotated[Path, typer.Argument(help="A music folder of the library.")],
    new: Annotated[Path, typer.Argument(help="Where its music is now.")],
    library: Store = None,
) -> None:
    """Say that a music folder is at another place now; nothing is read again, and nothing lost."""
    say(f"{existing_to_change(library).move_root(old, new)} files follow from {old} to {new}")
