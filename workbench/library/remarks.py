"""What a user says of tracks: ratings, better values; and what names there are to say it with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import store
from workbench.library.opened import Opened
from workbench.store import corrections, suggestions

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Remarks"]


class Remarks(Opened):
    """What a library's user says of its tracks; no file is touched by it."""

    def rate(self, track_id: int, rating: float | None) -> None:
        """Keep a rating of a track, 0 to 1 (four of five stars are 0.8); None takes it back.

        It wins over a rating in the file's tags, which shows again once yours is taken back.

        Raises
        ------
        CorrectionError
            The rating is no number from 0 to 1.
        TrackError
            No track has this id.
        """
        with store.writing(self._engine) as connection:
            corrections.store_rating(connection, int(track_id), rating)

    def correct(self, track_id: int, **values: Any) -> None:  # noqa: ANN401  a value of its column's type
        """Keep your own values for a track: they win in every frame, and no scan or analysis changes them.

        Parameters
        ----------
        track_id : int
            The track.
        **values
            By column: title, artists, album, album_artists, genres, year, disc_number, track_number, compilation,
            comment, bpm, key ("Am", "A minor" or "8A"). None takes a correction back.

        Raises
        ------
        CorrectionError
            A column cannot be corrected, or a value is not of its kind.
        TrackError
            No track has this id.

        Examples
        --------
        >>> library.correct(7, bpm=128.0, genres=["Drum & Bass"], key="8A")  # doctest: +SKIP
        """
        with store.writing(self._engine) as connection:
            corrections.store_corrections(connection, int(track_id), values)

    def corrections(self) -> pl.DataFrame:
        """One row for each value that you corrected: ``track_id``, ``field``, ``value``, ``corrected_at``."""
        with store.reading(self._engine) as connection:
            return corrections.corrections_frame(connection)

    def suggest(self, text: str, *, limit: int = 10) -> pl.DataFrame:
        """Artists, genres, albums and titles that hold words beginning like those of a text, best first.

        Parameters
        ----------
        text : str
            What somebody has typed so far; case and accents do not count.
        limit : int
            Most rows.

        Returns
        -------
        DataFrame
            ``kind`` (artist, album_artist, genre, album or title), ``text``, and ``query``, the search that finds its
            tracks.
        """
        with store.reading(self._engine) as connection:
            return suggestions.suggestions_frame(connection, text, limit=limit)
