"""What is to be said of a library, its folders, its analysis, the learned model and the user's preferences?

Conventions
-----------
Numbers and plain text, as a page can be sent them. Tracks are those whose files are there, unless they are called
missing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench import learned, preferences, settings, workers
from workbench.features.versions import ANALYZER_VERSIONS
from workbench.widgets.jobs.words import counted, sendable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from workbench.library import Library

__all__ = ["facts", "folders", "parts", "waiting_words"]

MEGABYTE: Final = 10**6
WHYS: Final = {
    "new": "not analysed yet",
    "changed": "changed since",
    "previewed": "known by excerpts only",
    "unhashed": "without a hash of their sound",
    "learned": "not heard by the learned model",
}


def facts(library: Library) -> dict[str, Any]:
    """All that the panel shows."""
    coverage, tracks = library.coverage(), library.tracks()
    chosen = preferences.load()
    return {
        "refusal": library.refusal(),
        "folders": folders(library.roots(), tracks),
        "parts": parts(coverage),
        "waiting": waiting_words(library.behind()),
        "pending": library.pending(),
        "model": model(coverage),
        "workers": chosen.workers,
        "processors": workers.processors(),
        "theme": chosen.theme,
        "records": chosen.record_searches,
        "searches": len(library.searches()),
        "places": places(library.path),
    }


def folders(roots: Sequence[Path], tracks: pl.DataFrame) -> list[dict[str, Any]]:
    """Each music folder: its path, its tracks, how many of them are missing, and whether it is there.

    Parameters
    ----------
    roots : sequence of Path
        Absolute.
    tracks : DataFrame
        Reads ``path_bytes`` and ``missing``.
    """
    found = []
    for root in roots:
        inside = tracks.filter(pl.col("path_bytes").bin.starts_with(os.fsencode(root).rstrip(b"/") + b"/"))
        missing = int(inside["missing"].sum())
        found.append(
            {
                "path": sendable(str(root)),
                "tracks": len(inside) - missing,
                "missing": missing,
                "is_there": root.is_dir(),
            }
        )
    return found


def parts(coverage: pl.DataFrame) -> list[dict[str, Any]]:
    """Each part of the analysis: the version that is used now, and tracks that have it, have an older one, have none.

    Parameters
    ----------
    coverage : DataFrame
        From `Library.coverage`.
    """
    now = {**{group.value: version for group, version in ANALYZER_VERSIONS.items()}, "learned": learned.MODEL_VERSION}
    found = []
    for part, version in now.items():
        rows = coverage.filter(part=part)
        current = int(rows.filter(pl.col("version") == version)["tracks"].sum())
        none = int(rows.filter(pl.col("version").is_null())["tracks"].sum())
        older = int(rows["tracks"].sum()) - current - none
        found.append({"part": part, "version": version, "current": current, "older": older, "none": none})
    return found


def waiting_words(behind: Mapping[str, int]) -> str:
    """How many tracks wait for analysis, and why, in a sentence.

    Parameters
    ----------
    behind : mapping of str to int
        From `Library.behind`.
    """
    if not behind["waiting"]:
        return "No track waits for analysis."
    whys = [
        f"{count:,} {WHYS.get(why, f'with an older version of {why}')}"
        for why, count in behind.items()
        if count and why != "waiting"
    ]
    verb = "waits" if behind["waiting"] == 1 else "wait"
    return f"{counted(behind['waiting'], 'track')} {verb} for analysis: {', '.join(whys)}."


def model(coverage: pl.DataFrame) -> dict[str, Any]:
    """The learned model: whether it is there, in words, and how many tracks it has heard."""
    is_there, path = learned.available(), learned.place()
    heard = int(coverage.filter(pl.col("part") == "learned", pl.col("version").is_not_null())["tracks"].sum())
    size = f"{path.stat().st_size / MEGABYTE:.1f} MB, " if is_there else ""
    return {
        "is_there": is_there,
        "name": f"{learned.PROVENANCE['name']} {learned.PROVENANCE['version']}",
        "source": learned.PROVENANCE["source"],
        "licence": learned.LICENCE,
        "author": learned.PROVENANCE["author"],
        "place": sendable(f"{size}{path}" if is_there else f"would be {path}"),
        "heard": heard,
    }


def places(library: Path) -> list[tuple[str, str]]:
    """What is kept, and where."""
    kept = {
        "Library": library,
        "Caches, which may be deleted": settings.cache_folder("tracks").parent,
        "Learned models": settings.models_folder(),
        "Preferences": preferences.place(),
    }
    return [(name, sendable(str(path))) for name, path in kept.items()]
