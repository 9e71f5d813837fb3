"""Which files hold the same sound, and which probably the same recording?

Conventions
-----------
Only present tracks are compared, and nothing is merged or deleted: what is found is reported. Files hold the same sound
when their hashes are equal. They probably hold the same recording when artists and normalised title are the same and
the durations differ by at most two seconds; a version (live, remaster, remix) is another recording.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.models import Reason
from workbench.titles import normal_title, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DUPLICATES", "GROUPS", "SAME_DURATION_S", "duplicates", "grouped"]

DUPLICATES: Final = {"track_id": pl.Int64(), "reason": pl.String(), "text": pl.String()}
"""One row for each track that has a duplicate."""

GROUPS: Final = {"group": pl.Int64(), "reason": pl.String(), "track_id": pl.Int64()}
"""One row for each track of a group of files that hold one sound, or probably one recording."""

SAME_DURATION_S: Final = 2.0
MOST_NAMED: Final = 3
SAYS: Final[dict[str, str]] = {
    Reason.DUPLICATE_AUDIO: "has the same sound as",
    Reason.PROBABLE_DUPLICATE: "is probably the same recording as",
}


def duplicates(tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks whose sound or recording another track has too, as `DUPLICATES`, by reason and track.

    Parameters
    ----------
    tracks : DataFrame
        Read: track_id, missing, audio_hash, artists, title, duration_s, path.
    """
    found = grouped(tracks)
    paths = dict(tracks.join(found, on="track_id", how="semi").select("track_id", "path").rows())
    rows = [
        (track_id, reason, f"{SAYS[reason]} {_others(paths, group, track_id)}")
        for (_, reason), rest in found.group_by("group", "reason", maintain_order=True)
        for group in [rest["track_id"].to_list()]
        for track_id in group
    ]
    return pl.DataFrame(rows, DUPLICATES, orient="row").sort("reason", "track_id")


def grouped(tracks: pl.DataFrame) -> pl.DataFrame:
    """The same tracks in groups, numbered from 1, as `GROUPS`: a row for each track of each group.

    Parameters
    ----------
    tracks : DataFrame
        Read: track_id, missing, audio_hash, artists, title, duration_s.
    """
    present = tracks.filter(~pl.col("missing")).sort("track_id")
    same = present.filter(pl.col("audio_hash").is_not_null() & pl.col("audio_hash").is_duplicated())
    copies = [list(group) for _, group in same.group_by("audio_hash", maintain_order=True).agg("track_id").rows()]
    hashes = dict(present.select("track_id", "audio_hash").rows())
    alike = (
        group
        for group in _recordings(present)
        if len({hashes[track_id] or track_id for track_id in group}) > 1  # else they are known as copies
    )
    groups = [*((Reason.DUPLICATE_AUDIO, group) for group in copies)]
    groups += [(Reason.PROBABLE_DUPLICATE, group) for group in alike]
    rows = [(number, str(reason), each) for number, (reason, group) in enumerate(groups, start=1) for each in group]
    return pl.DataFrame(rows, GROUPS, orient="row")


def _others(paths: dict[int, str], group: list[int], track_id: int) -> str:
    others = [paths[other] for other in group if other != track_id]
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return ", ".join(others[:MOST_NAMED]) + more


def _recordings(present: pl.DataFrame) -> Iterator[list[int]]:
    """Groups of tracks that are probably one recording.

    Titles are taken apart only where artists and the first letters are the same and durations are close: few are.
    """
    named = (
        present.filter(
            pl.col("artists").list.len() > 0, pl.col("title").is_not_null(), pl.col("duration_s").is_not_null()
        )
        .select(
            "track_id",
            "title",
            "duration_s",
            artists=pl.col("artists")
            .list.eval(pl.element().str.normalize("NFC").str.to_lowercase())
            .list.sort()
            .list.join("\0"),
            start=pl.col("title")
            .str.normalize("NFKD")
            .str.to_lowercase()
            .str.replace_all(r"[^\p{L}\p{N}]", "")
            .str.head(2),
        )
        .sort("artists", "start", "duration_s", "track_id")
    )
    gap = pl.col("duration_s").diff().over("artists", "start") <= SAME_DURATION_S
    near = named.with_columns(gap=gap.fill_null(value=False))
    near = near.filter(pl.col("gap") | pl.col("gap").shift(-1, fill_value=False))
    titled: dict[tuple[str, str, str | None], list[tuple[float, int]]] = {}
    for track_id, title, duration_s, artists in near.select("track_id", "title", "duration_s", "artists").iter_rows():
        titled.setdefault((artists, normal_title(title), version_of(title)), []).append((duration_s, track_id))
    for lengths in titled.values():
        yield from _neighbouring(sorted(lengths))


def _neighbouring(lengths: list[tuple[float, int]]) -> Iterator[list[int]]:
    """Runs of tracks, ordered by duration, each within two seconds of the one before."""
    run = [lengths[0][1]]
    for (before, _), (after, track_id) in pairwise(lengths):
        if after - before > SAME_DURATION_S:
            if len(run) > 1:
                yield run
            run = []
        run.append(track_id)
    if len(run) > 1:
        yield run
