"""Where does a file lie? Expressions over ``path``, with either kind of slash."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["ALBUM_FOLDER", "FOLDER", "SHORT_PATH", "STEM", "with_short_path"]

FOLDER: Final = pl.col("path").str.extract(r"(?s)^(.*)[/\\]")
"""The folder of a file."""

ALBUM_FOLDER: Final = FOLDER.str.replace(r"(?i)[/\\](cd|dis[ck]|disque|disco)[ ._-]*\d{1,3}\b[^/\\]*$", "")
"""The same, but the folder around it for a folder of one of a box's discs ("CD 1"), as the store joins albums."""

STEM: Final = pl.col("path").str.extract(r"([^/\\]*?)(?:\.[^.]*)?$")
"""A file's name without its ending, as it stands in for a title."""

SHORT_PATH: Final = pl.col("path").str.extract(r"([^/\\]*[/\\]?[^/\\]+)$")
"""A file's name and its folder's, to be read in a sentence."""


def with_short_path(text: pl.Expr) -> pl.Expr:
    """A finding's text whose path, at its end, is only the file's name and its folder's, to be handed on."""
    return text.str.replace(r"(?s) (?:/|[A-Za-z]:[/\\]|\\\\).*?([^/\\]+[/\\][^/\\]+)$", " $1")
