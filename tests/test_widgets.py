"""What all windows share: how tracks are named on one line, and how errors are seen."""

import polars as pl
import pytest

from workbench.widgets.captions import caption, clock, playing_time
from workbench.widgets.status import Status


def test_an_unexpected_error_passes_through():
    with pytest.raises(ZeroDivisionError), Status().watch():  # without a kernel; with one it is shown
        raise ZeroDivisionError


def test_clock():
    assert [clock(seconds) for seconds in (0, 59.6, 65.4, 3725)] == ["0:00", "1:00", "1:05", "1:02:05"]


def test_caption_says_what_is_known():
    assert caption({"track_id": 7, "title": "Rain", "artist": "Ann", "duration_s": 65.4}) == "Rain, Ann (1:05)"
    assert caption({"track_id": 7, "title": None, "artist": None, "duration_s": None}) == "track 7"


def test_playing_time_counts_the_unknown():
    tracks = pl.DataFrame({"track_id": [1, 2, 3], "duration_s": [60.0, 120.0, None]})
    assert playing_time(tracks) == "3 tracks, 3:00 (1 of unknown duration)"
    assert playing_time(tracks.drop("duration_s").head(1)) == "1 track"
