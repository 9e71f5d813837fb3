"""Commands for the learned model, which is fetched once and then needs no network."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads annotations when it runs
from typing import Annotated

import typer

from workbench.cli.speech import say, show
from workbench.errors import ModelError

__all__ = ["models", "offer_model", "try_to_fetch"]

models = typer.Typer(help="Fetch or list the model that has learned to tag music.", no_args_is_help=True)
MEGABYTE = 10**6


@models.command()
def fetch(
    wheel: Annotated[Path | None, typer.Option(metavar="FILE", help="The wheel, downloaded before.")] = None,
) -> None:
    """Download musicnn (29 MB) from PyPI and keep its weights (2 MB).

    Only the weights are read, nothing of it is installed or run. Without it everything works in the timbre space.
    """
    from workbench import learned

    if wheel is None:
        say("Fetching musicnn from PyPI (29 MB) ..")
    say(f"Wrote {learned.fetch(wheel=wheel)}")
    say(f"musicnn by Jordi Pons, {learned.LICENCE} licence; the text is beside it")


@models.command("list")
def list_models() -> None:
    """List the models, whether they are there, their licence and their source."""
    from workbench import learned

    path, facts = learned.place(), learned.PROVENANCE
    there = f"{path.stat().st_size / MEGABYTE:.1f} MB" if learned.available() else "not there: workbench models fetch"
    rows = {"model": f"{facts['name']} {facts['version']}", "file": f"{path} ({there})"}
    for name, text in (rows | {name: facts[name] for name in ("licence", "author", "source", "citation")}).items():
        show(f"{name:<12} {text}")


def offer_model() -> None:
    """Say, where the model is not there, how to get it and what it is for."""
    from workbench import learned

    if not learned.available():
        say("Maps and neighbours by measured features alone; for those of a model that has learned to tag music too:")
        say("  workbench models fetch  (29 MB, once), then workbench analyze")


def try_to_fetch() -> None:
    """Fetch the model unless it is there; say why, where it cannot be had, and go on."""
    from workbench import learned

    if learned.available():
        return
    say("Fetching the learned model from PyPI (29 MB, once) ..")
    try:
        say(f"Wrote {learned.fetch()}")
    except ModelError as error:
        say(f"Note: {error}")
