"""Which lines of Python make a playlist?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.playlists.origin import Origin
    from workbench.playlists.steps import Step

__all__ = ["code_of"]

LEADING: Final = {
    "order": ("by",),
    "through": ("start", "end"),
    "at_most": ("n",),
    "remove": ("track_ids",),
    "arrange": ("track_ids",),
}
"""Arguments that are written without their names."""

USUAL: Final = {"per": "artist"}
"""Arguments that need not be written."""


def code_of(
    name: str,
    origin: Origin | None,
    steps: tuple[Step, ...],
    track_ids: list[int],
    *,
    frame: str = "library.tracks()",
) -> str:
    """Lines of Python that make a playlist again; the last is an expression.

    Parameters
    ----------
    name : str
        What it is called.
    origin : Origin or None
        Where its rows came from; without one the ids are written, in their order.
    steps : tuple of Step
        What was done then.
    track_ids : list of int
        The rows, where there is no origin: as they were before the steps.
    frame : str
        The expression whose rows they are.
    """
    if origin is None:
        lines = [
            f"ids = {track_ids}",
            'order = pl.DataFrame({"track_id": ids}, {"track_id": pl.Int64})',
            f'rows = order.join({frame}, on="track_id", maintain_order="left")',
        ]
    else:
        lines = [f"rows = {origin.code}"]
    return "\n".join([*lines, f"wb.Playlist({name!r}, rows){''.join(map(_call, steps))}"])


def _call(step: Step) -> str:
    """A step as it is written."""
    if step.verb == "add":
        ids = f'pl.DataFrame({{"track_id": {list(step.arguments["track_ids"])}}}, {{"track_id": pl.Int64}})'
        return f'.add({ids}.join(library.tracks(), on="track_id", maintain_order="left"))'
    leading = LEADING.get(step.verb, ())
    named = {name: value for name, value in step.arguments.items() if name not in leading}
    words = [repr(step.arguments[name]) for name in leading if name in step.arguments]
    words += [f"{name}={_written(name, value)}" for name, value in named.items() if USUAL.get(name) != value]
    return f".{step.verb}({', '.join(words)})"


def _written(name: str, value: Any) -> str:  # noqa: ANN401  of any verb
    return _space_code(value) if name == "space" else repr(_plain(value))


def _space_code(recipe: Mapping[str, Any]) -> str:
    named = recipe.get("weights", {})
    weights = ", ".join(f"{name}={value!r}" for name, value in named.items())
    weights = weights if all(map(str.isidentifier, named)) else f"**{named!r}"
    return f"library.space(kind={recipe['kind']!r}){f'.weighted({weights})' if weights else ''}"


def _plain(value: object) -> object:
    """A whole number without its point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
