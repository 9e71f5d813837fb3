"""The tracks of a library as tables for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ExportError
from workbench.library.sound import Sound

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from workbench.playlists import Playlist

__all__ = ["Exported"]


class Exported(Sound):
    """What a library hands to other programs."""

    def export(
        self, tracks: pl.DataFrame | Playlist, path: str | Path, *, features: bool = True, overwrite: bool = False
    ) -> Path:
        """Write tracks as a table, in their order, and give its path.

        Parameters
        ----------
        tracks : DataFrame or Playlist
            Rows with ``track_id``, with whatever columns they have (a map's ``x`` and ``y``, say); a playlist's get a
            column ``position``, from 1.
        path : str or Path
            Its ending chooses the format: .csv for spreadsheets, .parquet for Polars and pandas, .json or .jsonl.
            `workbench.exports` says what becomes of lists, vectors and text that looks like a formula.
        features : bool
            With every measured feature, vectors and ``reasons`` included; False leaves tags and file.
        overwrite : bool
            Replace a file that is there.

        Raises
        ------
        ExportError
            The rows have no ``track_id``, or `exports.write_table` refuses.

        Examples
        --------
        >>> library.export(library.search("genre:ambient"), "ambient.csv", features=False)  # doctest: +SKIP
        >>> library.export(library.playlist("Rain"), "rain.parquet")  # doctest: +SKIP
        """
        from workbench.exports import write_table

        rows = _rows(tracks)
        if "track_id" not in rows.columns:
            raise ExportError(f"{path}: these rows have no column track_id; take them from library.tracks()")
        return write_table(self._with_features(rows) if features else _unmeasured(rows), path, overwrite=overwrite)

    def _with_features(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows and those columns of the features that they lack."""
        measured = self.features()
        lacking = [name for name in measured.columns if name not in rows.columns]
        return rows.join(measured.select("track_id", *lacking), on="track_id", how="left", maintain_order="left")


def _rows(tracks: pl.DataFrame | Playlist) -> pl.DataFrame:
    import polars as pl

    if isinstance(tracks, pl.DataFrame):
        return tracks
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("position")
    return tracks.rows.select(position, pl.exclude("position"))


def _unmeasured(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without what analysis alone can tell; length and format stay, which a file's header says too."""
    from workbench.models import FEATURE_GROUPS

    return rows.drop([name for name, group in FEATURE_GROUPS.items() if group], strict=False)
