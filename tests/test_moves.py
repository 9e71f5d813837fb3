"""Identity is the track, never the path: files move and are tagged anew, and nothing made with them is lost."""

import os
import shutil
import sqlite3
import sys
import unicodedata
from contextlib import closing

import numpy as np
import polars as pl
import pytest
import soundfile
from mutagen.flac import FLAC

import workbench as wb
from workbench import store
from workbench.errors import FolderError
from workbench.scan import batches, changes, moves
from workbench.store.files import known_files, mark_missing

NAMES = ("a/one", "a/two", "a/three", "b/four", "b/five", "b/six")


def quiet(_done, _total, _text):
    pass


def scan(library, folder, **options):
    return library.scan(folder, workers=1, progress=quiet, **options)


def sound(path, seed, *, seconds=3.5, **tags):
    """Notes that differ with the seed; all files of equal size, when the tags are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    y = np.concatenate([np.sin(2 * np.pi * hz * np.arange(int(2000 * seconds)) / 8000) for hz in chance.choice(900, 4)])
    soundfile.write(path, 0.3 * y + 0.01 * chance.normal(size=len(y)), 8000)
    tag(path, **tags)
    return path


def tag(path, **tags):
    file = FLAC(path)
    file.update(tags)
    file.save()


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder with a library, its tracks analysed, rated and in a playlist."""
    home = tmp_path_factory.mktemp("heard")
    for seed, name in enumerate(NAMES):
        sound(home / "music" / f"{name}.flac", seed, title=name[2:].title(), artist="Ana", album=name[0].upper())
    library = wb.Library(home / "library.db")
    scan(library, home / "music")
    assert library.analyze(workers=2, progress=quiet).analyzed == len(NAMES)
    tracks = library.tracks()
    library.save(wb.Playlist("Mine", tracks.reverse()))
    for track_id in tracks["track_id"]:
        library.rate(track_id, track_id / 10)
    return home


@pytest.fixture
def home(heard, tmp_path):
    """A copy of it, times included, that believes it was always there."""
    shutil.copytree(heard, tmp_path / "home")
    library = wb.Library(tmp_path / "home" / "library.db")
    library.move_root(heard / "music", tmp_path / "home" / "music")
    return tmp_path / "home"


@pytest.fixture
def library(home):
    return wb.Library(home / "library.db")


def ids(library):
    """Ids of the tracks that are there, by title."""
    return dict(library.tracks().filter(~pl.col("missing")).select("title", "track_id").iter_rows())


def whole(library):
    """What hangs on the tracks, by title."""
    tracks = library.tracks()
    return tracks.select("track_id", "title", "rating", "bpm", "loudness_lufs", "analyzed", "added_at").sort("track_id")


@pytest.fixture
def unharmed(library):
    """Checks afterwards that all is as it was: ids, ratings, analysis, playlist."""
    before, listed = whole(library), library.playlist("Mine").track_ids

    def check(*, waiting=0):
        assert whole(library).equals(before)
        assert library.playlist("Mine").track_ids == listed
        assert library.pending() == waiting

    return check


def test_a_renamed_folder(library, home, unharmed):
    (home / "music" / "a").rename(home / "music" / "c")
    done = scan(library, home / "music")
    assert (done.seen, done.moved, done.unchanged, done.new, done.missing) == (6, 3, 3, 0, 0)
    unharmed()
    assert library.tracks()["path"].str.contains("/c/").sum() == 3
    assert scan(library, home / "music").unchanged == 6


def test_a_file_with_the_size_and_time_of_another_is_not_that_one(library, home):
    """Only the sound tells; the inode may be the old one's too."""
    gone = home / "music" / "a" / "one.flac"
    status, size = gone.stat(), gone.stat().st_size
    gone.unlink()
    other = sound(home / "music" / "a" / "other.flac", 99, title="Other", artist="Ana", album="A")
    other.write_bytes(other.read_bytes()[:size].ljust(size, b"\0"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    done = scan(library, home / "music")
    assert (done.moved, done.new, done.missing) == (0, 1, 1)
    assert library.tracks().filter(missing=True)["title"].to_list() == ["One"]


def test_names_that_change_places(library, home, unharmed):
    one, two, three = (home / "music" / "a" / f"{name}.flac" for name in ("one", "two", "three"))
    one.rename(home / "x")
    two.rename(one)
    three.rename(two)
    (home / "x").rename(three)
    done = scan(library, home / "music")
    assert (done.moved, done.changed, done.missing) == (3, 0, 0)
    unharmed()
    assert library.tracks().filter(title="One")["path"].to_list() == [str(three)]


def test_a_file_moved_over_another(library, home):
    before = ids(library)
    (home / "music" / "a" / "one.flac").replace(home / "music" / "b" / "four.flac")
    scan(library, home / "music")
    tracks = library.tracks()
    assert ids(library) == {title: row for title, row in before.items() if title != "Four"}
    assert tracks.filter(title="One")["path"].to_list() == [str(home / "music" / "b" / "four.flac")]
    assert tracks.filter(title="Four").select("track_id", "missing").rows() == [(before["Four"], True)]
    assert library.playlist("Mine").track_ids == [*reversed(tracks["track_id"].to_list())]
    assert scan(library, home / "music").unchanged == 5


def test_a_file_moved_and_tagged_anew(library, home):
    before = ids(library)
    (home / "music" / "b").rename(home / "music" / "Bee")
    for path in (home / "music" / "Bee").iterdir():
        tag(path, title=path.stem.upper(), comment="x" * 500)
    done = scan(library, home / "music")  # half of the files are gone, but their sound is known
    assert (done.moved, done.missing) == (3, 0)
    after = ids(library)
    assert {title.title(): row for title, row in after.items()} == before
    assert {"FOUR", "FIVE", "SIX"} <= set(after)
    assert library.pending() == 0


def test_only_tagged_anew(library, home):
    with closing(sqlite3.connect(library.path)) as raw, raw:
        raw.execute("UPDATE audio_features SET loudness_lufs = -1.5")  # what no measurement gives
    before = library.features().drop("analyzed_at")
    tag(home / "music" / "a" / "one.flac", title="Uno", comment="longer than it was")
    assert scan(library, home / "music").changed == 1
    assert "Uno" in library.tracks()["title"]
    assert library.features().drop("analyzed_at").equals(before)
    assert (library.behind()["waiting"], library.behind()["changed"], library.behind()["new"]) == (1, 1, 0)
    library.analyze(workers=1, progress=quiet)
    assert library.features().drop("analyzed_at").equals(before)
    assert library.pending() == 0


def test_tracks_of_an_older_store_are_hashed_and_not_heard_again(library):
    hashes = library.tracks()["audio_hash"].to_list()
    with closing(sqlite3.connect(library.path)) as raw, raw:
        raw.execute("UPDATE audio_features SET loudness_lufs = -1.5")
        raw.execute("UPDATE track SET audio_hash = NULL")
    assert (library.behind()["waiting"], library.behind()["unhashed"]) == (6, 6)
    assert library.analyze(workers=1, progress=quiet).analyzed == 6
    assert library.tracks()["audio_hash"].to_list() == hashes
    assert set(library.tracks()["loudness_lufs"]) == {-1.5}


def test_another_sound_is_heard_anew(library, home):
    before = library.tracks().filter(title="One")
    sound(home / "music" / "a" / "one.flac", 77, title="One", artist="Ana", album="A")
    scan(library, home / "music")
    library.analyze(workers=1, progress=quiet)
    after = library.tracks().filter(title="One")
    assert after["track_id"].to_list() == before["track_id"].to_list()
    assert after["audio_hash"].to_list() != before["audio_hash"].to_list()
    assert after["loudness_lufs"].to_list() != before["loudness_lufs"].to_list()


def test_a_copy_is_a_track_of_its_own(library, home):
    """The copy has the size and time that the original had before it was tagged; the original keeps its track."""
    before = ids(library)
    original = home / "music" / "a" / "one.flac"
    shutil.copy2(original, home / "music" / "b" / "copy.flac")
    tag(original, title="Original")
    done = scan(library, home / "music")
    assert (done.new, done.changed, done.moved) == (1, 1, 0)
    assert ids(library)["Original"] == before["One"]
    assert library.pending() == 1  # the copy; the original was seen to sound as it did
    library.analyze(workers=1, progress=quiet)
    doubled = library.findings().filter(reason="duplicate_audio")
    assert sorted(doubled["path"]) == sorted([str(original), str(home / "music" / "b" / "copy.flac")])
    assert doubled["text"].str.starts_with("has the same sound as /").all()
    (home / "music" / "b" / "copy.flac").unlink()
    scan(library, home / "music")
    assert library.findings().filter(reason="duplicate_audio").is_empty()


def test_to_another_music_folder(library, home, unharmed):
    (home / "jazz").mkdir()
    scan(library, home / "jazz", allow_missing=True)
    (home / "music" / "b" / "six.flac").rename(home / "jazz" / "six.flac")
    done = scan(library, home / "jazz")
    assert (done.moved, done.new) == (1, 0)
    unharmed()
    assert scan(library, home / "music").missing == 0
    assert len(library.tracks()) == 6


def test_a_copy_of_a_disk_that_is_not_connected_takes_nothing_over(library, home):
    shutil.copytree(home / "music", home / "backup")
    (home / "music").rename(home / "unplugged")
    assert scan(library, home / "backup").new == 6
    (home / "unplugged").rename(home / "music")
    assert scan(library, home / "music").unchanged == 6
    assert len(library.tracks()) == 12


def test_what_was_missing_is_known_when_it_comes_back_elsewhere(library, home, unharmed):
    (home / "music" / "a" / "one.flac").rename(home / "one.flac")
    assert scan(library, home / "music").missing == 1
    (home / "one.flac").rename(home / "music" / "b" / "uno.flac")
    assert scan(library, home / "music").moved == 1
    unharmed()


def test_what_only_its_sound_tells_is_known_once_it_is_heard(library, home, monkeypatch):
    """Nothing that a scan looks at is as it was: the analysis finds whose sound it is."""
    monkeypatch.setattr(moves, "MOST_SOUNDS", 0)
    before = ids(library)
    (home / "music" / "a" / "one.flac").rename(home / "music" / "b" / "uno.flac")
    tag(home / "music" / "b" / "uno.flac", title="Uno", comment="longer than it was")
    done = scan(library, home / "music")
    assert (done.new, done.missing, len(library.tracks())) == (1, 1, 7)
    library.analyze(workers=1, progress=quiet)
    assert ids(library) == {("Uno" if title == "One" else title): row for title, row in before.items()}
    assert len(library.tracks()) == 6
    assert library.playlist("Mine").track_ids == sorted(before.values(), reverse=True)
    assert library.suggest("uno")["text"].to_list() == ["Uno"]
    assert library.suggest("one").is_empty()


def test_before_the_first_analysis_size_and_time_must_tell(tmp_path):
    music = tmp_path / "music"
    for name in NAMES:
        sound(music / f"{name}.flac", len(name), title=name)
    twins = [music / "a" / "two.flac", music / "b" / "six.flac"]
    shutil.copy2(*twins)
    library = wb.Library(tmp_path / "library.db")
    scan(library, music)
    before = dict(library.tracks().select("path", "track_id").iter_rows())
    (music / "a" / "one.flac").rename(music / "uno.flac")
    for twin in twins:
        twin.rename(twin.with_name(f"x{twin.name}"))
    done = scan(library, music, allow_missing=True)
    assert (done.moved, done.new, done.missing) == (1, 2, 2)
    after = dict(library.tracks().filter(missing=False).select("path", "track_id").iter_rows())
    assert after[str(music / "uno.flac")] == before[str(music / "a" / "one.flac")]


def test_too_many_gone_at_once_is_a_disk_that_is_not_there(library, home, unharmed):
    (home / "music" / "a").rename(home / "away")
    with pytest.raises(FolderError, match=r"3 of the 6 files .* are gone; is a disk not mounted.*--allow-missing"):
        scan(library, home / "music")
    sound(home / "music" / "new.flac", 55, title="New", artist="Bo", album="N")
    with pytest.raises(FolderError, match="3 of the 6"):  # not even the new one is stored
        scan(library, home / "music")
    unharmed()
    done = scan(library, home / "music", allow_missing=True)
    assert (done.new, done.missing) == (1, 3)
    assert library.missing()["title"].to_list() == ["One", "Three", "Two"]
    (home / "away").rename(home / "music" / "a")
    assert scan(library, home / "music").returned == 3


def test_a_folder_without_music_is_refused(library, home, unharmed):
    shutil.move(home / "music", home / "away")
    (home / "music").mkdir()
    for place in (home / "music", home):
        shutil.rmtree(home / "away", ignore_errors=True) if place == home else None
        with pytest.raises(FolderError, match=r"holds no music .*is its disk mounted"):
            scan(library, place)
    unharmed()
    assert library.roots() == [home / "music"]


@pytest.mark.parametrize(("before", "after"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_name_in_another_unicode_spelling_is_the_same_name(library, home, before, after):
    path = home / "music" / unicodedata.normalize(before, "Été.flac")
    sound(path, 33, title="Summer", artist="Ana", album="E")
    scan(library, home / "music")
    known = ids(library)
    path.rename(home / "music" / unicodedata.normalize(after, "Été.flac"))
    done = scan(library, home / "music")
    assert (done.moved, done.new, done.missing) == (1, 0, 0)
    assert ids(library) == known
    spelt = library.tracks().filter(title="Summer")["path_bytes"].item()
    assert spelt.endswith(unicodedata.normalize(after, "Été.flac").encode())


def test_twins_in_two_unicode_spellings_are_one_track(library, home):
    first, second = (home / "music" / unicodedata.normalize(form, "Été.flac") for form in ("NFC", "NFD"))
    sound(first, 33, title="Summer", artist="Ana", album="E")
    scan(library, home / "music")
    known = ids(library)
    shutil.copy2(first, second)
    scan(library, home / "music")
    assert ids(library) == known
    (twin,) = library.findings().rows(named=True)
    assert (twin["reason"], twin["state"]) == ("unicode_twin", "skipped")
    assert scan(library, home / "music").unchanged == 7
    first.unlink()
    scan(library, home / "music")
    assert ids(library) == known
    assert library.findings().is_empty()


def test_a_music_folder_that_moves(library, home, unharmed):
    (home / "music").rename(home / "disk")
    with pytest.raises(FolderError, match=r"elsewhere: is no music folder of this library; its folders are: .*music"):
        library.move_root(home / "elsewhere", home / "disk")
    (home / "empty").mkdir()
    with pytest.raises(FolderError, match=r"empty: has 0 of 6 files .* is it the right folder"):
        library.move_root(home / "music", home / "empty")
    assert library.move_root(home / "music", home / "disk") == 6
    unharmed()
    assert scan(library, home / "disk").unchanged == 6
    assert library.roots() == [home / "disk"]


def rows_by_title(library):
    """Id, rating and whether it is missing, by title."""
    tracks = library.tracks()
    return {title: tuple(rest) for title, *rest in tracks.select("title", "track_id", "rating", "missing").rows()}


def test_names_that_change_places_and_are_tagged_anew(library, home):
    """Ratings went with the name to the other song: neither size nor time was what it had been."""
    longer = sound(home / "music" / "a" / "long.flac", 41, seconds=5, title="Long", artist="Ana", album="A")
    scan(library, home / "music")
    library.analyze(workers=1, progress=quiet)
    before, one = ids(library), home / "music" / "a" / "one.flac"
    one.rename(home / "x")
    longer.rename(one)
    (home / "x").rename(longer)
    tag(one, comment="of the long one")
    tag(longer, comment="of the short one, which is longer")
    done = scan(library, home / "music")
    assert (done.moved, done.changed, done.missing) == (2, 0, 0)
    assert ids(library) == before
    assert library.tracks().filter(title="Long")["path"].to_list() == [str(one)]


@pytest.mark.parametrize("step", [1, 2048])
def test_a_new_file_where_one_was_moved_from(library, home, monkeypatch, step):
    """Also when they are read far apart: one of them was left out of the store."""
    monkeypatch.setattr(batches, "BATCH", min(step, 64))
    monkeypatch.setattr(changes, "STEP", step)
    monkeypatch.setattr(batches, "STEP", step)
    before, one = ids(library), home / "music" / "a" / "one.flac"
    one.rename(home / "music" / "b" / "uno.flac")
    tag(home / "music" / "b" / "uno.flac", comment="and tagged anew")
    sound(one, 71, seconds=6, title="Stranger", artist="Bo", album="S")
    done = scan(library, home / "music")
    assert (done.moved, done.new + done.changed, done.missing) == (1, 1, 0)
    after = rows_by_title(library)
    assert after["One"] == (before["One"], before["One"] / 10, False)
    assert after["Stranger"] == (7, None, False)
    assert scan(library, home / "music").unchanged == 7


def test_another_file_where_a_missing_one_was(library, home):
    before, one = ids(library), home / "music" / "a" / "one.flac"
    one.unlink()
    scan(library, home / "music")
    sound(one, 71, seconds=6, title="Stranger", artist="Bo", album="S")
    scan(library, home / "music")
    after = rows_by_title(library)
    assert after["One"] == (before["One"], before["One"] / 10, True)
    assert after["Stranger"] == (7, None, False)
    assert library.missing()["path"].to_list() == [str(one)]


def test_a_better_copy_in_the_same_place_is_the_same_track(library, home):
    before = ids(library)
    sound(home / "music" / "a" / "one.flac", 0, seconds=4, title="One", artist="Ana", album="A")
    assert scan(library, home / "music").changed == 1
    assert ids(library) == before


def test_a_file_edited_scanned_and_moved_before_it_is_heard_again(library, home):
    """Its hash was of the sound that it had before, and told that it was another file."""
    before, one = ids(library), home / "music" / "a" / "one.flac"
    sound(one, 81, title="One", artist="Ana", album="A")
    scan(library, home / "music")
    one.rename(home / "music" / "b" / "uno.flac")
    done = scan(library, home / "music")
    assert (done.moved, done.new, done.missing) == (1, 0, 0)
    assert ids(library) == before
    assert library.pending() == 1


def test_a_file_that_changed_since_its_scan_is_not_analysed(library, home):
    """Its sound was taken for that of the file as it was scanned, for good."""
    with closing(sqlite3.connect(library.path)) as raw, raw:
        raw.execute("UPDATE track SET audio_hash = NULL WHERE title = 'One'")
    sound(home / "music" / "a" / "one.flac", 81, seconds=6, title="One", artist="Ana", album="A")
    done = library.analyze(workers=1, progress=quiet)
    assert (done.analyzed, done.reasons) == (0, {"changed": 1})
    assert "scan it again" in library.findings()["text"].item()
    scan(library, home / "music")
    assert library.analyze(workers=1, progress=quiet).analyzed == 1
    assert library.tracks().filter(title="One")["duration_s"].item() == pytest.approx(6)


@pytest.fixture
def alike(tmp_path):
    """Ten files of one size and time that were never analysed."""
    folder = tmp_path / "alike"
    for number in range(10):
        path = sound(folder / f"{number}.flac", 1, title=f"{number}", artist="Ana", album="A")
        os.utime(path, ns=(1_700_000_000_000_000_000,) * 2)
    library = wb.Library(tmp_path / "alike.db")
    scan(library, folder)
    return library, folder


def test_one_arrival_does_not_excuse_many_that_are_gone(alike):
    library, folder = alike
    for number in range(1, 10):
        (folder / f"{number}.flac").unlink()
    (folder / "0.flac").rename(folder / "zero.flac")
    with pytest.raises(FolderError, match="of the 10 files"):
        scan(library, folder)
    assert not library.tracks()["missing"].any()


def test_files_that_were_written_over_are_gone_too(library, home):
    for name, other in (("a/one", "b/four"), ("a/two", "b/five"), ("a/three", "b/six")):
        (home / "music" / f"{name}.flac").replace(home / "music" / f"{other}.flac")
    with pytest.raises(FolderError, match="3 of the 6 files"):
        scan(library, home / "music")
    done = scan(library, home / "music", allow_missing=True)
    assert (done.moved, done.missing) == (3, 3)
    assert sorted(library.missing()["title"]) == ["Five", "Four", "Six"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_music_folder_by_another_name_is_the_same(library, home, unharmed):
    (home / "link").symlink_to(home / "music")
    assert scan(library, home / "link").unchanged == 6
    assert scan(library, home / "link" / "a").unchanged == 3
    assert library.roots() == [home / "music"]
    unharmed()


def test_each_music_folder_counts_for_itself(library, home):
    """A disk inside a folder that is scanned for the first time was marked missing with all its files."""
    sound(home / "usb" / "1.flac", 61, title="On a disk", artist="Bo", album="U")
    scan(library, home / "usb")
    (home / "usb" / "1.flac").unlink()
    with pytest.raises(FolderError, match=r"1 of the 1 files of .*usb are gone"):
        scan(library, home)
    assert library.roots() == [home / "music", home / "usb"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_what_never_was_music_is_not_missed(library, home):
    for number in range(3):
        (home / "music" / f"{number}.flac").symlink_to(home / "nowhere")
    assert scan(library, home / "music").reasons == {"vanished": 3}
    assert len(library.findings()) == 3
    for number in range(3):
        (home / "music" / f"{number}.flac").unlink()
    done = scan(library, home / "music")
    assert (done.unchanged, done.missing) == (6, 0)
    assert library.findings().is_empty()


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_song_whose_name_leads_nowhere_any_more_is_found_wanting(library, home):
    one = home / "music" / "a" / "one.flac"
    one.rename(home / "one.flac")
    one.symlink_to(home / "nowhere")
    assert scan(library, home / "music").reasons == {"vanished": 1}
    assert library.findings()["reason"].to_list() == ["vanished"]
    assert scan(library, home / "music").reasons == {}  # it is known
    one.unlink()
    (home / "one.flac").rename(one)
    scan(library, home / "music")
    assert library.findings().is_empty()


def test_twins_that_are_spelt_anew_together(library, home):
    """A folder copied by a system that spells names otherwise: both twins wanted the one new name."""
    folders = [home / "music" / unicodedata.normalize(form, "Été") for form in ("NFC", "NFD")]
    first, second = (folders[0] / unicodedata.normalize(form, "é.flac") for form in ("NFC", "NFD"))
    sound(first, 33, title="Summer", artist="Ana", album="E")
    scan(library, home / "music")
    known = ids(library)
    shutil.copy2(first, second)
    scan(library, home / "music")
    second.unlink()
    folders[0].rename(folders[1])
    scan(library, home / "music")
    assert ids(library) == known


def test_a_plan_of_yesterday_marks_nothing_that_was_found_elsewhere(library, home):
    """Another process has followed the file meanwhile."""
    with store.reading(library._engine) as connection:
        old = known_files(connection, 1)[b"a/one.flac"]
    (home / "music" / "a" / "one.flac").rename(home / "music" / "b" / "uno.flac")
    scan(library, home / "music")
    with store.writing(library._engine) as connection:
        mark_missing(connection, [old])
    assert not library.tracks()["missing"].any()


def test_only_what_was_shown_is_forgotten(library, home):
    (home / "music" / "a" / "one.flac").unlink()
    scan(library, home / "music")
    shown = library.missing()["track_id"].to_list()
    (home / "music" / "a" / "two.flac").unlink()
    scan(library, home / "music")
    assert library.forget_missing(shown) == 1
    assert library.missing()["title"].to_list() == ["Two"]
    assert library.forget_missing([ids(library)["Three"]]) == 0


def test_a_folder_that_is_gone_can_be_given_up(library, home):
    shutil.rmtree(home / "music")
    with pytest.raises(FolderError, match="is no folder"):
        scan(library, home / "music")
    assert scan(library, home / "music", allow_missing=True).missing == 6
    with pytest.raises(FolderError, match=r"has 0 of 6 files"):
        library.move_root(home / "music", home)


def test_only_forgetting_deletes(library, home):
    listed = library.playlist("Mine").track_ids
    (home / "music" / "a" / "one.flac").unlink()
    library.correct(ids(library)["One"], title="Number One")
    scan(library, home / "music")
    gone = library.missing()
    assert gone.select("title", "playlists", "corrections", "ratings").rows() == [("Number One", 1, 1, 1)]
    highest = max(listed)
    assert library.forget_missing() == 1
    assert library.missing().is_empty()
    assert len(library.tracks()) == len(library.features()) == 5
    assert library.playlist("Mine").track_ids == [row for row in listed if row != gone["track_id"].item()]
    assert library.suggest("number").is_empty()
    assert library.suggest("one").is_empty()
    sound(home / "music" / "a" / "one.flac", 0, title="One", artist="Ana", album="A")
    scan(library, home / "music")
    assert ids(library)["One"] == highest + 1  # no id is ever given twice
