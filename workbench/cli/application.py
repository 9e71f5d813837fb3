"""The commands together, and how they end."""

from __future__ import annotations

import io
import sys
import warnings

import typer

from workbench.cli import collection, doors, exporting, keeping, networks, questions
from workbench.cli.speech import INTERRUPTED, Stopped, say
from workbench.errors import StoreWarning, WorkbenchError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Organise and analyse a music collection. Music files are only read, never written.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (collection, questions, keeping, exporting, doors):
    app.registered_commands += part.commands.registered_commands
app.add_typer(collection.root, name="root")
app.add_typer(networks.models, name="models")


def main() -> None:
    """Run the command line; the package's own errors and warnings become one line each."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name may hold what the terminal cannot show
    as_usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: object, **more: object) -> None:
        if issubclass(category, StoreWarning):
            say(f"Note: {message}")
        else:
            as_usual(message, category, *place, **more)  # type: ignore[arg-type]  # handed on as they came

    warnings.showwarning = show
    try:
        app()
    except WorkbenchError as error:
        say(f"Error: {error}")
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            kept = end.kept if isinstance(end, Stopped) else "What was finished is kept"
            say(f"Stopped. {kept}; run the same command again to go on.")
        raise
