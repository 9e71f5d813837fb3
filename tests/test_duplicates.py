"""Copies and probable copies are told apart from versions, and only reported."""

import polars as pl
import pytest

from workbench.duplicates import DUPLICATES, GROUPS, duplicates, grouped

SCHEMA = {
    "track_id": pl.Int64,
    "missing": pl.Boolean,
    "audio_hash": pl.String,
    "artists": pl.List(pl.String),
    "title": pl.String,
    "duration_s": pl.Float64,
    "path": pl.String,
}


def track(track_id, title="Song", duration_s=200.0, artists=("Ana",), audio_hash=None, *, missing=False):
    return (track_id, missing, audio_hash, list(artists), title, duration_s, f"/m/{track_id}.mp3")


def found(*tracks):
    frame = duplicates(pl.DataFrame(tracks, SCHEMA, orient="row"))
    assert frame.schema == pl.Schema(DUPLICATES)
    return [(track_id, reason) for track_id, reason, _ in frame.rows()]


def test_equal_hashes():
    tracks = [track(1, "A", audio_hash="x"), track(2, "B", 90, audio_hash="x"), track(3, "C", audio_hash="y")]
    assert found(*tracks) == [(1, "duplicate_audio"), (2, "duplicate_audio")]
    assert found(track(1, audio_hash="x"), track(2, audio_hash="x")) == [(1, "duplicate_audio"), (2, "duplicate_audio")]


PAIR = [(1, "probable_duplicate"), (2, "probable_duplicate")]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (track(1), track(2), PAIR),
        (track(1), track(2, "SONG!", 202.0), PAIR),
        (track(1), track(2, duration_s=202.1), []),
        (track(1), track(2, artists=("Bo",)), []),
        (track(1, artists=("Ana", "Bo")), track(2, artists=("bo", "ANA")), PAIR),
        (track(1, "Été"), track(2, "E\u0301te\u0301"), PAIR),
        (track(1, artists=("\u00c9va",)), track(2, artists=("E\u0301va",)), PAIR),
        (track(1, '"Song"'), track(2), PAIR),
        (track(1), track(2, "Song (Live)"), []),
        (track(1), track(2, "Song - 2011 Remaster"), []),
        (track(1, "Song (Live)"), track(2, "Song [live]"), PAIR),
        (track(1), track(2, "Song (feat. Bo)"), PAIR),
        (track(1), track(2, missing=True), []),
        (track(1, artists=()), track(2, artists=()), []),
        (track(1, title=None), track(2, title=None), []),
        (track(1, duration_s=None), track(2, duration_s=None), []),
        (track(1, audio_hash="x"), track(2, audio_hash="y"), PAIR),
    ],
)
def test_probably_one_recording(first, second, says):
    assert found(first, second) == says
    assert found(second, first) == says


def test_other_files_are_named_but_not_all_of_many():
    frame = duplicates(pl.DataFrame([track(number, audio_hash="x") for number in range(6)], SCHEMA, orient="row"))
    assert frame["text"][0] == "has the same sound as /m/1.mp3, /m/2.mp3, /m/3.mp3 and 2 more"


def test_lengths_that_run_on_are_one_group():
    assert len(found(*(track(number, duration_s=200.0 + number) for number in range(5)))) == 5


def test_two_lengths_under_two_spellings_of_one_version_stay_two_groups():
    """The spellings begin with other letters, and so come from two sorted runs."""
    tracks = [track(1, "(Live) Song", 300.0), track(2, "(Live) Song", 301.0)]
    tracks += [track(3, "Song (Live)", 100.0), track(4, "Song (Live)", 101.0)]
    frame = grouped(pl.DataFrame(tracks, SCHEMA, orient="row"))
    assert frame.rows() == [(n, "probable_duplicate", each) for n, each in ((1, 3), (1, 4), (2, 1), (2, 2))]


def test_groups_are_numbered_alike_in_any_order():
    tracks = [track(1, audio_hash="x"), track(2, audio_hash="y"), track(3, audio_hash="y"), track(4, audio_hash="x")]
    frame = pl.DataFrame(tracks, SCHEMA, orient="row")
    assert grouped(frame.reverse()).rows() == grouped(frame).rows()


def test_groups_are_numbered_copies_first():
    tracks = [track(1, "A"), track(2, "B", 90, audio_hash="x"), track(3, "A"), track(4, "C", 50, audio_hash="x")]
    frame = grouped(pl.DataFrame(tracks, SCHEMA, orient="row"))
    assert frame.schema == pl.Schema(GROUPS)
    same, alike = "duplicate_audio", "probable_duplicate"
    assert frame.rows() == [(1, same, 2), (1, same, 4), (2, alike, 1), (2, alike, 3)]
