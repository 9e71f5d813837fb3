"""Which files were probably lossier once than they say?

Conventions
-----------
The only evidence is where the spectrum ends, ``spectral_cutoff_hz``: the highest frequency that stands 10 dB over the
rounding to 16 bits, in the tenth of the frames that reach highest. It does not tell how sharp that end is. An encoder's
low-pass leaves such an end, and so do old recordings, dull instruments and the low-pass of a mastering desk: what is
listed is a hint to listen, never a proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.tags.containers import LOSSLESS

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["CUTOFFS", "ENCODED", "TRANSCODES", "cutoff_histogram", "is_judged", "probable_transcodes"]

TRANSCODES: Final[Schema] = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "artist": pl.String(),
    "album": pl.String(),
    "path": pl.String(),
    "codec": pl.String(),
    "bit_rate_bps": pl.Int64(),
    "spectral_cutoff_hz": pl.Float64(),
    "loudness_lufs": pl.Float64(),
    "looks_like_kbps": pl.Int64(),
    "album_alike": pl.Int64(),
    "album_judged": pl.Int64(),
    "proposal": pl.String(),
}
"""Columns of `probable_transcodes`."""

ENCODED: Final = {128: (15_500.0, 17_200.0), 192: (18_200.0, 19_200.0), 256: (19_200.0, 19_900.0)}
"""From where to where, in Hz, ends the spectrum of music that was an MP3 of so many kbit/s.

LAME 3.100 sets its low-pass to 17.0, 18.6 and 19.7 kHz (`optimum_bandwidth` in libmp3lame/lame.c; at 320 kbit/s 20.5,
where masters end too) and spends little above 16 kHz at the lowest of them. Measured as `probable_transcodes` tells.
"""

LOWEST_LUFS: Final = -20.0
"""Of quieter music the highs sink under the rounding to 16 bits, so that its spectrum ends early by itself."""

LEAST_SAMPLE_RATE_HZ: Final = 44_100
"""Below it the rate itself ends the spectrum."""

LEAST_LOSSY_BPS: Final = 224_000
"""An MP3 of so many bits would keep more than the lowest of `ENCODED`."""

FEWEST_MATES: Final = 3
LEAST_ALIKE: Final = 0.5
"""An album is encoded as a whole: a track of which fewer of so many mates end alike is dull by nature."""

CUTOFFS: Final[Schema] = {"hz_from": pl.Float64(), "hz_to": pl.Float64(), "kind": pl.String(), "tracks": pl.Int64()}
"""Columns of `cutoff_histogram`."""

BIN_HZ: Final = 250.0


def probable_transcodes(tracks: pl.DataFrame) -> pl.DataFrame:
    """Files that look as if they were made from lossier ones, best supported by their album first; schema `TRANSCODES`.

    Judged are lossless files, and MP3 files of 224 kbit/s and more, of at least 44.1 kHz and -20 LUFS. Listed are those
    whose spectrum ends where that of an MP3 of fewer kbit/s does (`ENCODED`), unless at least three other tracks of the
    album are judged and fewer than half of them end there too.

    Measured on 25 s each of 20 tracks that reach 19.9 kHz (10 recordings decoded from Vorbis and Opus, 2 rendered, 8
    synthesised), made into MP3 and back into FLAC, without the help of an album: found were 19 of 20 that had 128
    kbit/s, 18 at 192, 17 at 256, 2 at 320; 16 of LAME's V2 and 3 of V0; of FFmpeg's AAC 3 at 128 and none at 256. Of 76
    lossless tracks (74 synthesised, 2 rendered) 2 were accused, both among the 4 that have no highs; none where the
    album was asked. The bounds were chosen on these very tracks, and no lossless recordings of old or dull music were
    at hand: of music that ends early by itself expect every second track to be listed, where no album speaks against
    it. No more than a list to listen to, then; and what had 320 kbit/s, or was AAC, is hardly ever on it.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``missing``, ``codec``, ``bit_rate_bps``, ``sample_rate_hz``, ``spectral_cutoff_hz``, ``loudness_lufs``,
        ``album_id``, and what the list shows.

    Returns
    -------
    polars.DataFrame
        ``looks_like_kbps`` is the bit rate whose MP3s end there; of the ``album_judged`` other tracks of the album,
        ``album_alike`` end there too.
    """
    judged = tracks.filter(~pl.col("missing") & is_judged()).with_columns(looks_like_kbps=_looks_like())
    mates = pl.when(pl.col("album_id").is_not_null()).then(pl.len().over("album_id") - 1).otherwise(0)
    alike = (
        pl.when(pl.col("album_id").is_not_null()).then(pl.len().over("album_id", "looks_like_kbps") - 1).otherwise(0)
    )
    found = judged.with_columns(album_judged=mates, album_alike=alike).filter(
        pl.col("looks_like_kbps").is_not_null(),
        _is_lossless() | (1000 * pl.col("looks_like_kbps") < pl.col("bit_rate_bps")),
        (pl.col("album_judged") < FEWEST_MATES) | (pl.col("album_alike") >= LEAST_ALIKE * pl.col("album_judged")),
    )
    support = pl.col("album_alike") / pl.max_horizontal("album_judged", FEWEST_MATES)
    found = found.sort(support, "spectral_cutoff_hz", "track_id", descending=[True, False, False])
    return found.with_columns(proposal=_proposal()).select(*TRANSCODES).cast(pl.Schema(TRANSCODES))


def is_judged() -> pl.Expr:
    """Whether `probable_transcodes` can say anything of a track."""
    rich = (pl.col("codec") == "mp3") & (pl.col("bit_rate_bps") >= LEAST_LOSSY_BPS)
    return (
        pl.col("spectral_cutoff_hz").is_not_null()
        & (pl.col("loudness_lufs") >= LOWEST_LUFS)
        & (pl.col("sample_rate_hz") >= LEAST_SAMPLE_RATE_HZ)
        & (_is_lossless() | rich)
    )


def cutoff_histogram(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks by where their spectrum ends, in bins of 250 Hz, for lossless and lossy files; schema `CUTOFFS`.

    ``kind`` is "lossless", "lossy", or "probable transcode" for the tracks of `probable_transcodes`. Files of rates
    under 44.1 kHz, and of unknown codecs, are left out.
    """
    suspects = probable_transcodes(tracks)["track_id"]
    kind = pl.when(_is_lossless()).then(pl.lit("lossless")).otherwise(pl.lit("lossy"))
    bins = (pl.col("spectral_cutoff_hz") / BIN_HZ).floor() * BIN_HZ
    counts = (
        tracks.filter(
            ~pl.col("missing"),
            pl.col("codec").is_not_null(),
            pl.col("spectral_cutoff_hz").is_not_null(),
            pl.col("sample_rate_hz") >= LEAST_SAMPLE_RATE_HZ,
        )
        .with_columns(
            hz_from=bins,
            kind=pl.when(pl.col("track_id").is_in(suspects.implode()))
            .then(pl.lit("probable transcode"))
            .otherwise(kind),
        )
        .group_by("hz_from", "kind")
        .agg(pl.len().alias("tracks"))
    )
    return (
        counts.with_columns(hz_to=pl.col("hz_from") + BIN_HZ)
        .sort("hz_from", "kind")
        .select(*CUTOFFS)
        .cast(pl.Schema(CUTOFFS))
    )


def _is_lossless() -> pl.Expr:
    return pl.col("codec").is_in(list(LOSSLESS))


def _looks_like() -> pl.Expr:
    """The bit rate in kbit/s whose MP3s end where this track does, else null."""
    end = pl.col("spectral_cutoff_hz")
    return pl.coalesce(
        pl.when(end.is_between(low, high, closed="left")).then(pl.lit(kbps, pl.Int64))
        for kbps, (low, high) in ENCODED.items()
    )


def _proposal() -> pl.Expr:
    ends = (pl.col("spectral_cutoff_hz") / 1000).round(1)
    mates = pl.format(", like {} of {} other tracks of its album", "album_alike", "album_judged")
    only = pl.when(pl.col("album_judged") == 1).then(pl.lit(", like another track of its album")).otherwise(mates)
    also = pl.when(pl.col("album_alike") > 0).then(only).otherwise(pl.lit("; listen"))
    return pl.format("probably once an MP3 of {} kbit/s: ends at {} kHz{}", "looks_like_kbps", ends, also)
