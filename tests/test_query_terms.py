"""What a search can say beyond words and fields: tempi and keys that are alike, playlists, the tail, short names."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import QueryError
from workbench.models import TRACKS
from workbench.query import expression, parse, search
from workbench.query.fields import ALIASES

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
TEMPI = [29.9, 59.4, 59.5, 60.5, 119.4, 119.5, 120.4, 120.5, 239.4, 239.5, 240.6, None]
TEMPO_FRAME = pl.DataFrame({"track_id": range(len(TEMPI)), "bpm": TEMPI, "bpm_tag": TEMPI[::-1]})
KEY_FRAME = pl.DataFrame(
    {
        "track_id": [1, 2, 3, 4, 5, 6, 7],
        "key": ["A", "D", "E", "C", "A", "G#", None],
        "mode": ["minor", "minor", "minor", "major", "major", "minor", None],
        "camelot": ["8A", "7A", "9A", "8B", "11B", "1A", None],
        "key_tag": ["C", "Em", "8a", "hardly", "D minor", "12A", None],
    }
)


def found(frame, text, **given):
    return search(frame, text, **given)["track_id"].to_list()


def tempi(text):
    return [TEMPI[number] for number in found(TEMPO_FRAME, text)]


def test_a_tempo_is_like_its_half_and_its_double():
    assert tempi("bpm:120") == [119.5, 120.4]
    assert tempi("~bpm:120") == [59.5, 119.5, 120.4, 239.5]
    assert tempi("~tempo:120") == tempi("~bpm:120")
    assert tempi("~bpm:120.5") == [120.5]
    assert tempi("~bpm:119..120.4") == [59.5, 119.4, 119.5, 120.4, 239.4, 239.5, 240.6]
    assert tempi("~bpm:<=60") == [29.9, 59.4, 59.5, 60.5, 119.4, 119.5]
    assert tempi("-~bpm:..240") == [None]
    assert found(TEMPO_FRAME, "~bpm_tag:120") == [2, 5, 6, 9]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("~key:8A", [1, 2, 3, 4]),
        ("~key:Am", [1, 2, 3, 4]),
        ('~camelot:"A minor"', [1, 2, 3, 4]),
        ("~key:12a", [6]),
        ("-~key:8A", [5, 6, 7]),
        ("~key_tag:8A", [1, 2, 3, 5]),
        ("key:A", [1, 5]),
        ("camelot:=8A", [1]),
        ("~key:8A ~key_tag:8B", [1, 3]),
    ],
)
def test_a_key_is_like_those_it_mixes_with(text, ids):
    assert found(KEY_FRAME, text) == ids


def test_keys_are_compared_by_their_camelot_codes():
    with pytest.raises(QueryError, match="'camelot'"):
        search(KEY_FRAME.drop("camelot"), "~key:8A")


def test_a_tempo_that_is_no_number_is_like_none():
    with pytest.raises(QueryError, match="is for tempo"):
        search(pl.DataFrame({"bpm": ["fast"]}), "~bpm:120")


PLAYLISTS = {"Rain": [1, 3], "Rain later": [2], "Été": {4}, "Empty": ()}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("playlist:=rain", [1, 3]),
        ("playlist:rain", [1, 2, 3]),
        ('playlist:="Rain later"', [2]),
        ("playlist:^rain", [1, 2, 3]),
        ("playlist:$later", [2]),
        ("playlist:=ete", [4]),
        ("playlist:=empty", []),
        ("-playlist:=rain", [2, 4, 5, 6, 7]),
        ('playlist:""', [5, 6, 7]),
        ("playlist:=rain key:A", [1]),
    ],
)
def test_playlists(text, ids):
    assert found(KEY_FRAME, text, playlists=PLAYLISTS) == ids
    condition = expression(text, KEY_FRAME.schema, playlists=PLAYLISTS)
    assert KEY_FRAME.filter(condition)["track_id"].to_list() == ids


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("playlist:=Rian", 10, "did you mean 'Rain'"),
        ("playlist::rain", 0, "takes names"),
        ("~playlist:rain", 0, "takes names"),
    ],
)
def test_what_no_playlist_is_called(text, position, says):
    with pytest.raises(QueryError, match=says) as caught:
        search(KEY_FRAME, text, playlists=PLAYLISTS)
    assert caught.value.position == position


def test_playlists_need_ids_and_a_name():
    with pytest.raises(QueryError, match="track_id"):
        search(pl.DataFrame({"title": ["a"]}), "playlist:=Rain", playlists=PLAYLISTS)
    with pytest.raises(QueryError, match="there are none"):
        search(KEY_FRAME, "playlist:=Rain", playlists={})


def test_a_limit_keeps_the_first_rows_after_sorting():
    assert found(KEY_FRAME, "limit:2") == [1, 2]
    assert found(KEY_FRAME, "track_id- limit:2") == [7, 6]
    assert found(KEY_FRAME, "limit:2 track_id-") == [7, 6]
    assert found(KEY_FRAME, "mode:minor LIMIT:03 track_id-") == [6, 3, 2]
    assert found(KEY_FRAME, "limit:999") == [1, 2, 3, 4, 5, 6, 7]
    assert parse("a limit:5").limit == 5
    assert KEY_FRAME.filter(expression("limit:2 track_id-", KEY_FRAME.schema)).height == 7


def test_words_of_the_language_are_no_columns():
    frame = pl.DataFrame({"track_id": [1, 2], "limit": [5, 6], "random": [1, 2], "playlist": ["a", "b"]})
    assert found(frame, "limit:1") == [1]
    assert found(frame, "playlist:=b", playlists={"b": [1]}) == [1]
    assert found(frame, "random:2") == [2]
    with pytest.raises(QueryError, match="stands at the end"):
        search(frame, "limit:5 track_id:1")


MANY = pl.DataFrame({"track_id": range(1000), "title": ["a", "b"] * 500})


def test_a_random_order_holds_for_a_day_of_utc():
    today = found(MANY, "random+", now=NOW)
    assert sorted(today) == list(range(1000))
    assert today != list(range(1000))
    assert found(MANY, "random+", now=NOW.replace(hour=23, minute=59)) == today
    assert found(MANY, "RANDOM-", now=NOW) == today[::-1]
    east = (NOW + timedelta(hours=11)).astimezone(None)
    assert found(MANY, "random+", now=east) == today
    tomorrow = found(MANY, "random+", now=NOW + timedelta(hours=12))
    assert sum(one == other for one, other in zip(today, tomorrow, strict=True)) < 20


def test_a_random_order_is_that_of_the_tracks_not_of_the_rows():
    today = found(MANY, "random+", now=NOW)
    assert found(MANY.reverse(), "random+", now=NOW) == today
    assert found(MANY, "title:=a random+", now=NOW) == [number for number in today if number % 2 == 0]
    assert found(MANY, "title+ random+ limit:3", now=NOW) == [number for number in today if number % 2 == 0][:3]


def test_without_ids_a_random_order_is_that_of_the_rows():
    frame = MANY.select(name="title", number="track_id")
    today = search(frame, "random+", now=NOW)["number"].to_list()
    assert sorted(today) == list(range(1000)) != today
    kept = search(frame, "name:=a random+", now=NOW)["number"].to_list()
    assert kept == [number for number in today if number % 2 == 0]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=20), st.datetimes(timezones=st.just(UTC)))
def test_any_part_of_the_tracks_keeps_its_random_order(ids, now):
    frame = pl.DataFrame({"track_id": pl.Series(ids, dtype=pl.Int64)})
    whole = found(frame, "random+", now=now)
    assert sorted(whole) == sorted(ids)
    part = frame.filter(pl.col("track_id") > 0).sort("track_id")
    assert found(part, "random+", now=now) == [number for number in whole if number > 0]


def test_every_column_is_a_field_and_every_short_name_stands_for_one():
    frame = pl.DataFrame(schema=TRACKS)
    refused = {"path_bytes"}
    for name in {*TRACKS, *ALIASES} - refused:
        assert search(frame, f'{name}:"" -{name}:"" {name}+').schema == frame.schema
    assert set(ALIASES.values()) <= set(TRACKS)


def test_short_names():
    frame = pl.DataFrame(
        {
            "track_id": [1, 2],
            "album_artists": [["Eno"], ["Cage"]],
            "bpm": [60.0, 90.0],
            "duration_s": [200.0, 270.0],
            "track_number": [1, 2],
            "disc_number": [1, 2],
            "codec": ["flac", "mp3"],
            "sample_rate_hz": [44100, 48000],
        }
    )
    for text in (
        "albumartist:cage",
        "tempo:90",
        "duration:4:30",
        "track:2",
        "disc:2",
        "format:mp3",
        "samplerate:48000",
    ):
        assert found(frame, text) == [2], text
    with pytest.raises(QueryError, match="no field is called 'bitrate'"):
        search(frame, "bitrate:320")


def test_a_column_of_its_own_beats_a_short_name():
    frame = pl.DataFrame({"track_id": [1, 2], "tempo": ["slow", "fast"], "bpm": [60.0, 90.0]})
    assert found(frame, "tempo:fast") == [2]
    lists = pl.DataFrame({"track_id": [1], "genre": ["Rock"], "genres": [["Rock", "Pop"]]})
    assert found(lists, "genre:=pop") == [1]
