"""What is known for certain about each file of the invented collection?

Conventions
-----------
One row a file. What the tags say stands as it was written; tempo, beats, key and style are those of the score.
Unknown or not applicable is null: an untagged file has no title, silence has no tempo, and how much of a truncated
file can be heard depends on the decoder, so that it has no duration and no beats.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from workbench.demo.composer import Score, compose
from workbench.errors import FolderError
from workbench.models import Tags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.demo.collection import Piece, Sound

__all__ = ["FILE", "MAKER", "SHORT_S", "SILENT_S", "TRUTH", "UNFINISHED", "header", "known", "record", "truth", "write"]

FILE = "truth.json"
UNFINISHED = "truth.unfinished.json"
"""The same content while the files are being made; it is renamed when all are there."""

MAKER = "music-workbench demo"
SILENT_S = 12.0
SHORT_S = 0.3

TRUTH: Final[dict[str, pl.DataType]] = {
    "path": pl.String(),
    "style": pl.String(),
    "bpm": pl.Float64(),
    "key": pl.String(),
    "mode": pl.String(),
    "beat_times_s": pl.List(pl.Float64),
    "title": pl.String(),
    "artists": pl.List(pl.String),
    "album": pl.String(),
    "album_artists": pl.List(pl.String),
    "genres": pl.List(pl.String),
    "year": pl.Int64(),
    "duration_s": pl.Float64(),
    "flaws": pl.List(pl.String),
    "duplicate_of": pl.String(),
}
"""Columns of the truth; lists of tags are empty where the file has none."""

Row = dict[str, Any]


def truth(folder: Path) -> pl.DataFrame:
    """The ground truth of a finished collection.

    Parameters
    ----------
    folder : Path
        What `make` was given.

    Returns
    -------
    DataFrame
        One row for each file, columns `TRUTH`.

    Raises
    ------
    FolderError
        The folder holds no finished collection.
    """
    file = folder / FILE
    if not file.is_file():
        raise FolderError(f"{folder}: no finished demo collection here ({FILE} is missing); make one with demo.make")
    return pl.DataFrame(_read(file)["tracks"], schema=TRUTH, orient="row")


def known(folders: Iterable[Path]) -> pl.DataFrame:
    """The truth of those folders that `make` filled, schema `TRUTH`, with absolute paths as the tracks frame has them.

    Folders of other music are passed over: of most music nobody knows the truth.
    """
    frames = [
        (found := truth(folder)).with_columns(
            path=pl.Series([str(folder / path) for path in found["path"]], dtype=pl.String)
        )
        for folder in folders
        if (folder / FILE).is_file()
    ]
    return pl.concat([pl.DataFrame(schema=TRUTH), *frames])


def header(folder: Path) -> tuple[dict[str, Any], bool] | None:
    """What made the collection in a folder and whether it was finished; None where there is none.

    Raises
    ------
    FolderError
        A file of that name was not written by this package.
    """
    for name, finished in ((FILE, True), (UNFINISHED, False)):
        if (folder / name).is_file():
            return _read(folder / name), finished
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FolderError(f"{file}: is not the truth of a demo collection ({error}); choose another folder") from error
    if not isinstance(content, dict) or content.get("maker") != MAKER or not _inside(content.get("tracks")):
        raise FolderError(f"{file}: was not written by the demo; choose another folder")
    return content


def _inside(rows: object) -> bool:
    """Tell whether rows name files below the folder only: an older collection's files are removed by these names."""
    if not isinstance(rows, list):
        return False
    paths = [PurePosixPath(str(row.get("path"))) if isinstance(row, dict) else None for row in rows]
    return all(path is not None and not path.is_absolute() and ".." not in path.parts for path in paths)


def write(folder: Path, edition: dict[str, Any], pieces: Iterable[Piece]) -> None:
    """Write the truth under its unfinished name.

    Parameters
    ----------
    folder : Path
        The collection's.
    edition : dict
        What identifies the plan.
    pieces : iterable of Piece
        The plan.
    """
    known: dict[Sound, Score] = {}
    content = {"maker": MAKER, **edition, "tracks": [record(piece, known) for piece in pieces]}
    waiting = folder / f".{UNFINISHED}.part"
    waiting.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    waiting.replace(folder / UNFINISHED)


def record(piece: Piece, known: dict[Sound, Score]) -> Row:
    """One row of the truth.

    Parameters
    ----------
    piece : Piece
        The file.
    known : dict
        Scores composed so far; a duplicate's is not composed again.
    """
    if piece.sound is not None and piece.sound not in known:
        known[piece.sound] = score(piece.sound)
    tags = piece.tags or Tags()
    return {
        "path": piece.path,
        **_musical(piece, known.get(piece.sound) if piece.sound else None),
        "title": tags.title,
        "artists": list(tags.artists),
        "album": tags.album,
        "album_artists": list(tags.album_artists),
        "genres": list(tags.genres),
        "year": tags.year,
        "flaws": list(piece.flaws),
        "duplicate_of": piece.duplicate_of,
    }


def score(sound: Sound) -> Score:
    """Score of a sound."""
    return compose(
        sound.style, seed=sound.seed, bpm=sound.bpm, key=sound.key, mode=sound.mode, length_s=sound.length_s
    )  # fmt: skip


def _musical(piece: Piece, played: Score | None) -> Row:
    """Style, tempo, key, beats and duration, as far as they apply."""
    if played is None:
        duration_s = SILENT_S if "silent" in piece.flaws else SHORT_S if "very_short" in piece.flaws else None
        return {**dict.fromkeys(("style", "bpm", "key", "mode", "beat_times_s")), "duration_s": duration_s}
    whole = "truncated" not in piece.flaws
    return {
        "style": played.style,
        "bpm": played.bpm,
        "key": played.key,
        "mode": played.mode,
        "beat_times_s": list(played.beat_times_s) if whole else None,
        "duration_s": played.duration_s if whole else None,
    }
