"""The files of a library: found, followed, found wanting, forgotten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import preferences, store
from workbench.errors import FolderError
from workbench.library.opened import Opened
from workbench.library.progress import INTERRUPTED, progress_bar
from workbench.store import backups, forgetting, frames, ledger

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    import polars as pl

    from workbench.scan import Scan
    from workbench.workers import Progress

__all__ = ["Files"]


class Files(Opened):
    """What a library knows of files and folders; music is only read."""

    def scan(
        self,
        folder: str | Path,
        *,
        allow_missing: bool = False,
        workers: int | None = None,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Scan:
        """Bring the store up to date with a folder of music; what is unchanged is not read again.

        The first scan after an upgrade may be an exception: where the new version reads more of the tags, it reads them
        of all files again. Nothing that was analysed is lost.

        A file that was moved or renamed keeps its track, with its analysis, ratings and places in playlists: it is
        known by the hash of its sound, or, where it was never analysed, by its size and time. One that is not seen is
        marked missing.

        Parameters
        ----------
        folder : str or Path
            Becomes a music folder of this library, unless it lies inside one.
        allow_missing : bool
            Go on where the folder is empty, or more than a fifth of the music folder's files are gone.
        workers : int or None
            Number of processes that read tags; None takes your preference, or else one for each processor.
        progress : callable or None
            Called as ``progress(done, total, text)``; without one a bar is shown.
        stop : threading.Event or None
            Ends the scan when it is set; what was read is kept, and nothing is marked missing. Which files hold the
            same recording is then noted by the scan that goes on from there.

        Returns
        -------
        Scan
            Counts of what is new, moved, changed, unchanged, missing and failed, whether it was stopped, and the
            `Ledger` of the whole folder: ok, ok with warnings, skipped, failed. `findings` says why.

        Raises
        ------
        FolderError
            The folder is missing, holds no music, or lacks more than a fifth of the files that its music folder had, as
            when a disk is not mounted; nothing is changed.
        """
        from workbench.scan import scan

        count = workers or preferences.load().workers
        try:
            with progress_bar("Reading tags", progress) as shown:
                return scan(
                    self._engine,
                    _absolute(folder),
                    allow_missing=allow_missing,
                    worker_count=count,
                    progress=shown,
                    stop=stop,
                    conclude=self._find_duplicates,
                )
        except KeyboardInterrupt:  # a page of our own frames tells nobody anything
            raise KeyboardInterrupt(INTERRUPTED) from None

    def watch(
        self,
        folder: str | Path,
        *,
        stop: threading.Event | None = None,
        refused: Callable[[FolderError], None] | None = None,
    ) -> Iterator[Scan]:
        """Scan a folder now, and then whatever changes in it; gives each `Scan` as it is done.

        Parameters
        ----------
        folder : str or Path
            As for `scan`.
        stop : threading.Event or None
            Ends the watch when it is set; Ctrl-C does too.
        refused : callable or None
            Given the error where too many files went at once, as when a disk is pulled out: nothing is changed then,
            and the watch goes on. Without one, the error ends it.

        Examples
        --------
        >>> for done in library.watch("~/Music"):  # doctest: +SKIP
        ...     print(done.new, "new")
        """
        from workbench.scan import watch

        for changed in watch(_absolute(folder), stop=stop):
            try:
                yield self.scan(changed, progress=_silently, stop=stop)
            except FolderError as error:
                if refused is None:
                    raise
                refused(error)

    def roots(self) -> list[Path]:
        """Music folders of this library."""
        from workbench.store.roots import roots

        with store.reading(self._engine) as connection:
            return list(roots(connection).values())

    def move_root(self, old: str | Path, new: str | Path) -> int:
        """Let a music folder be somewhere else from now on, as after moving it to another disk.

        Tracks, analysis and playlists stay what they are; nothing is read again. Gives the number of files that follow.

        Raises
        ------
        FolderError
            The old folder is none of this library's, or the new one does not hold most of its files.
        """
        from workbench.store.roots import move_root

        with store.writing(self._engine) as connection:
            count = move_root(connection, _absolute(old), _absolute(new))
        self._find_duplicates()
        return count

    def findings(self) -> pl.DataFrame:
        """One row for each thing wrong with a file: skipped, failed, or a warning (columns: `models.FINDINGS`)."""
        with store.reading(self._engine) as connection:
            return frames.findings_frame(connection)

    def ledger(self) -> pl.DataFrame:
        """One row for each path that a scan has seen and what became of it (columns: `models.LEDGER`).

        Each is in exactly one of the states ok, warning, skipped and failed; all but the first say why.
        """
        with store.reading(self._engine) as connection:
            return ledger.ledger_frame(connection)

    def missing(self) -> pl.DataFrame:
        """Tracks whose files are gone, and the number of ``playlists``, ``corrections`` and ``ratings`` of each."""
        with store.reading(self._engine) as connection:
            gone = forgetting.missing_frame(connection)
        return gone.join(self.tracks(), on="track_id", how="left", maintain_order="left")

    def forget_missing(self, track_ids: Iterable[int] | None = None) -> int:
        """Delete the tracks whose files are gone, with all that hangs on them; gives their number.

        This alone deletes what you made: see `missing` first, and make a `backup`.

        Parameters
        ----------
        track_ids : iterable of int or None
            Only these; one that is not missing stays. None: all that are missing now.
        """
        with store.writing(self._engine) as connection:
            gone = forgetting.missing_frame(connection)["track_id"].to_list()
            if track_ids is not None:
                gone = sorted({*gone} & {*track_ids})
            forgetting.forget_tracks(connection, gone)
        return len(gone)

    def backup(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write a copy of this library to a file, also while others work on it; gives its absolute path.

        Raises
        ------
        StoreError
            The file exists and `overwrite` is not set, or it cannot be written.
        """
        place = _absolute(path)
        with store.reading(self._engine) as connection:
            backups.back_up(connection, place, overwrite=overwrite)
        return place


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100  resolve() would follow links


def _silently(_done: int, _total: int, _text: str) -> None:
    """Show nothing."""
