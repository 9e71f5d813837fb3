"""What a user says of tracks wins in every frame and survives every scan; no file is touched."""

import numpy as np
import polars as pl
import pytest
import soundfile
from mutagen.flac import FLAC

import workbench as wb
from workbench.errors import CorrectionError, TrackError
from workbench.models import TRACKS
from workbench.store import reading
from workbench.store.analysis import features_stamp
from workbench.store.corrections import CORRECTABLE


def quiet(_done, _total, _text):
    pass


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for name in ("one", "two"):
        soundfile.write(folder / f"{name}.flac", 0.1 * np.ones(800), 8000)
        tags = FLAC(folder / f"{name}.flac")
        tags.update(title=name, artist="Ana", genre="Rock", album="Rain")
        tags.save()
    made = wb.Library(tmp_path / "library.db")
    made.scan(folder, workers=1, progress=quiet)
    return made


def row(library, track_id=1):
    return library.tracks().row(by_predicate=pl.col("track_id") == track_id, named=True)


def test_corrections_win_in_the_frame_and_are_listed(library):
    library.correct(1, title="Uno", artists=["Bo", "Cy"], genres="Drum & Bass", year=1999, bpm=128, key="Am")
    found = row(library)
    assert (found["title"], found["artists"], found["artist"]) == ("Uno", ["Bo", "Cy"], "Bo, Cy")
    assert (found["genres"], found["genre"], found["year"]) == (["Drum & Bass"], "Drum & Bass", 1999)
    assert (found["bpm"], found["key"], found["mode"], found["camelot"]) == (128.0, "A", "minor", "8A")
    assert library.tracks().schema == pl.Schema(TRACKS)
    assert row(library, 2)["title"] == "two"
    listed = dict(library.corrections().select("field", "value").iter_rows())
    assert listed == {
        "title": "Uno",
        "artists": "Bo; Cy",
        "genres": "Drum & Bass",
        "year": "1999",
        "bpm": "128",
        "key": "A",
        "mode": "minor",
        "camelot": "8A",
    }
    library.correct(1, title=None, key=None, bpm=129)
    found = row(library)
    assert (found["title"], found["bpm"], found["key"], found["camelot"]) == ("one", 129.0, None, None)


def test_corrections_and_ratings_survive_rescans_and_touch_no_file(library, tmp_path):
    path = tmp_path / "music" / "one.flac"
    before = path.read_bytes(), path.stat().st_mtime_ns
    library.correct(1, title="Uno")
    library.rate(1, 0.8)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    tags = FLAC(path)
    tags["title"] = "One, tagged anew"
    tags.save()
    assert library.scan(tmp_path / "music", workers=1, progress=quiet).changed == 1
    assert (row(library)["title"], row(library)["rating"]) == ("Uno", 0.8)
    library.rate(1, None)
    assert row(library)["rating"] is None


def stamp(library):
    with reading(library._engine) as connection:
        return features_stamp(connection)


def test_corrections_win_among_the_features(library):
    library.analyze(workers=1, progress=quiet)
    before = stamp(library)
    library.correct(1, bpm=77.5, key="8B")
    assert stamp(library) != before  # a space that was fitted before is not taken again
    features = library.features().row(by_predicate=pl.col("track_id") == 1, named=True)
    assert (features["bpm"], features["key"], features["mode"]) == (77.5, "C", "major")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"tempo": 120}, "'tempo' cannot be corrected; these can: title, artists"),
        ({"bpm": "fast"}, "bpm: expected a number above 0, found 'fast'"),
        ({"bpm": float("nan")}, "bpm: expected a number above 0"),
        ({"bpm": -3}, "bpm: expected a number above 0"),
        ({"year": 1999.5}, "year: expected a whole number above 0"),
        ({"year": True}, "year: expected a whole number above 0"),
        ({"genres": []}, "genres: expected one name or a list of names"),
        ({"genres": ["Rock", 3]}, "genres: expected one name or a list of names"),
        ({"title": "  "}, "title: expected a text"),
        ({"compilation": 1}, "compilation: expected True or False"),
        ({"key": "H#"}, "key: 'H#' is no key; write it as Am, A minor or 8A"),
    ],
)
def test_what_is_no_correction(library, values, says):
    with pytest.raises(CorrectionError) as caught:
        library.correct(1, **{"comment": "is not kept either"} | values)
    assert says in str(caught.value)
    assert library.corrections().is_empty()


@pytest.mark.parametrize("rating", [-0.1, 1.01, float("nan"), True, "5"])
def test_what_is_no_rating(library, rating):
    with pytest.raises(CorrectionError, match="from 0 to 1"):
        library.rate(1, rating)


def test_of_a_track_that_is_not_there(library):
    with pytest.raises(TrackError, match="no track has the id 9"):
        library.correct(9, bpm=120)
    with pytest.raises(TrackError, match="no track has the id 9"):
        library.rate(9, 1)


def test_every_correctable_field_is_a_column():
    assert set(CORRECTABLE) <= set(TRACKS)


def test_what_is_corrected_is_suggested(library):
    library.correct(1, title="Sømmer", genres=["Rocksteady"], artists="Ana & Bo")
    assert library.suggest("som").rows() == []  # the stroke of ø is no accent in Unicode
    assert library.suggest("søm")["query"].to_list() == ["title:=Sømmer"]
    assert library.suggest("rocks")["text"].to_list() == ["Rocksteady"]
    assert library.suggest("one").is_empty()
    assert wb.search(library.tracks(), library.suggest("ana bo")["query"][0])["track_id"].to_list() == [1]
    library.correct(1, title=None, genres=None, artists=None)
    assert library.suggest("rocks").is_empty()
    assert library.suggest("one")["text"].to_list() == ["one"]
