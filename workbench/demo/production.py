"""How does the plan become files on disk?

Conventions
-----------
Every file is written under a hidden temporary name and then renamed, and ``truth.json`` gets its name last: whatever is
there is whole, and a run that was killed goes on where it stopped. Only files that a truth of this package lists are
ever replaced or removed.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from workbench import workers as pool
from workbench.demo import collection, covers, encode, ground_truth, tagging
from workbench.demo.synthesiser import render
from workbench.errors import FolderError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    from workbench.demo.collection import Piece

__all__ = ["VERSION", "make", "make_plan"]

VERSION = 1
"""Counts up when the same seed gives other music, so that an old collection is made again."""

CLIPPING_GAIN = 6.0
NOT_AUDIO = "Side A\n1. Harbour lights\n2. Last ferry\n\nSide B\n1. Low tide\n" * 20
IGNORED: Final = frozenset({"Thumbs.db", "desktop.ini"})
PRELOAD = ("workbench.demo.production", "scipy.signal", "soundfile", "mutagen")
BEEP_HZ = 880.0

Progress = pool.Progress


@dataclass(frozen=True, slots=True)
class Task:
    """One file to make."""

    folder: Path
    piece: Piece


def make(folder: Path, *, seed: int = 0, workers: int | None = None, progress: Progress | None = None) -> pl.DataFrame:
    """Make the invented music collection below a folder: some 120 files in eight styles, under 150 MB.

    Making it again over a finished one of the same seed does nothing; over an unfinished one it goes on; over one of
    another seed it replaces that one's files.

    Parameters
    ----------
    folder : Path
        Made if missing.
    seed : int
        The same seed gives the same music.
    workers : int or None
        Processes; None takes one for each processor.
    progress : callable or None
        Called as ``progress(done, total, path)``.

    Returns
    -------
    DataFrame
        The ground truth, one row for each file, as `truth` reads it.

    Raises
    ------
    FolderError
        The folder is a file, or holds files that this did not make.
    WorkerError
        A file could not be made.
    """
    return make_plan(folder, seed=seed, workers=workers, progress=progress)


def make_plan(
    folder: Path,
    *,
    seed: int = 0,
    per_album: int | None = None,
    lengths_s: tuple[float, float] = collection.LENGTHS_S,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Make a collection of another size, as tests want it; see `make`.

    Parameters
    ----------
    folder, seed, workers, progress
        As in `make`.
    per_album, lengths_s
        As in `collection.plan`.
    """
    folder = Path(folder)
    pieces = collection.plan(seed, per_album=per_album, lengths_s=lengths_s)
    edition = {"version": VERSION, "seed": seed, "per_album": per_album, "lengths_s": list(lengths_s)}
    if not _finished(folder, edition, pieces):
        _prepare(folder, edition, pieces)
        _produce(folder, pieces, workers, progress)
        (folder / ground_truth.UNFINISHED).replace(folder / ground_truth.FILE)
    return ground_truth.truth(folder)


def _finished(folder: Path, edition: dict[str, Any], pieces: Iterable[Piece]) -> bool:
    """Tell whether this very collection is there already."""
    found = ground_truth.header(folder)
    if found is None or not found[1] or not _same(found[0], edition):
        return False
    return all((folder / piece.path).is_file() for piece in pieces)


def _same(content: dict[str, Any], edition: dict[str, Any]) -> bool:
    return all(content.get(name) == value for name, value in edition.items())


def _prepare(folder: Path, edition: dict[str, Any], pieces: list[Piece]) -> None:
    """Make sure that the folder is ours, clear an older edition away, write the unfinished truth."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder}: is a file; name a folder for the demo collection")
    found = ground_truth.header(folder)
    ours = {row["path"] for row in found[0]["tracks"]} | set(collection.folder_covers()) if found else set()
    _refuse_strangers(folder, ours | {ground_truth.FILE, ground_truth.UNFINISHED})
    if found and not _same(found[0], edition):
        _clear(folder, ours)
    folder.mkdir(parents=True, exist_ok=True)
    ground_truth.write(folder, edition, pieces)
    (folder / ground_truth.FILE).unlink(missing_ok=True)


def _refuse_strangers(folder: Path, ours: set[str]) -> None:
    present = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    for path in present:
        name = path.relative_to(folder).as_posix()
        if name not in ours and not path.name.startswith(".") and path.name not in IGNORED:
            raise FolderError(f"{folder}: holds {name}, which the demo did not make; choose an empty folder")


def _clear(folder: Path, ours: Iterable[str]) -> None:
    """Remove an older edition's files, and the folders that this leaves empty."""
    for name in ours:
        (folder / name).unlink(missing_ok=True)
        _waiting(folder / name).unlink(missing_ok=True)
    for inner in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(inner.iterdir()):
            inner.rmdir()


def _produce(folder: Path, pieces: list[Piece], workers: int | None, progress: Progress | None) -> None:
    """Write covers, then what is missing of the files: first the sounds, in the workers, then the byte copies."""
    for name, title in collection.folder_covers().items():
        kind: Literal["JPEG", "PNG"] = "PNG" if name.endswith(".png") else "JPEG"
        _placed(folder / name, partial(Path.write_bytes, data=covers.draw(title, kind)))
    missing = [piece for piece in pieces if not (folder / piece.path).is_file()]
    done = len(pieces) - len(missing)
    for piece in chain(_made(folder, missing, workers), _copied(folder, missing)):
        done += 1
        if progress:
            progress(done, len(pieces), piece.path)


def _made(folder: Path, missing: list[Piece], workers: int | None) -> Iterator[Piece]:
    """Make in the workers what is no byte copy, and give each piece when it is there."""
    tasks = [Task(folder, piece) for piece in missing if "exact_duplicate" not in piece.flaws]
    for outcome in pool.run(produce, tasks, workers=workers, preload=PRELOAD):
        if outcome.reason is not None:
            raise WorkerError(f"{folder / outcome.task.piece.path}: could not be made: {outcome.text}")
        yield outcome.task.piece


def _copied(folder: Path, missing: list[Piece]) -> Iterator[Piece]:
    for piece in missing:
        if "exact_duplicate" in piece.flaws:
            _placed(folder / piece.path, partial(shutil.copyfile, folder / str(piece.duplicate_of)))
            yield piece


def _waiting(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _placed(path: Path, writer: Callable[[Path], object]) -> None:
    """Let a writer write under the temporary name, then give the file its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = _waiting(path)
    writer(waiting)
    waiting.replace(path)


def produce(task: Task) -> str:
    """Make one file; runs in a worker.

    Parameters
    ----------
    task : Task
        What and where.

    Returns
    -------
    str
        The file's relative path.
    """
    _placed(task.folder / task.piece.path, partial(_write, piece=task.piece))
    return task.piece.path


def _write(path: Path, piece: Piece) -> None:
    if "zero_byte" in piece.flaws:
        path.write_bytes(b"")
    elif "not_audio" in piece.flaws:
        path.write_text(NOT_AUDIO, encoding="utf-8")
    else:
        y, sr = _samples(piece)
        encode.write(path, y, sr=sr, kind=piece.kind)
        if piece.tags:
            cover = covers.draw(piece.cover) if piece.cover else None
            tagging.write_tags(path, piece.tags, kind=piece.kind, cover=cover)
        if "truncated" in piece.flaws:
            os.truncate(path, path.stat().st_size // 2)


def _samples(piece: Piece) -> tuple[NDArray[np.float32], int]:
    """What the file holds: music, silence or a beep."""
    if piece.sound is None:
        sr = 22_050
        silent = "silent" in piece.flaws
        seconds = np.arange(round((ground_truth.SILENT_S if silent else ground_truth.SHORT_S) * sr)) / sr
        tone = np.zeros_like(seconds) if silent else 0.3 * np.sin(2 * np.pi * BEEP_HZ * seconds)
        return np.repeat(tone[:, None], 2, axis=1).astype(np.float32), sr
    y = render(ground_truth.score(piece.sound), sr=piece.sound.sample_rate_hz)
    if "clipped" in piece.flaws:
        y = np.clip(CLIPPING_GAIN * y, -1, 1).astype(np.float32)
    return y, piece.sound.sample_rate_hz
