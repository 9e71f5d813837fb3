"""Ratings and play counts that other programs wrote into files: read from every container, kept, shown, read again."""

import csv
import dataclasses
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import PCNT, POPM, TIT2, TXXX
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from test_tags import encoded, sound, with_id3

import workbench as wb
from workbench.errors import FolderError, TagError
from workbench.models import Reason, Stage, State
from workbench.scan import changes, comparing
from workbench.store import ingest
from workbench.tags import TAGS_VERSION, popularity, read


def popm(owner, rating, count=0):
    return POPM(email=owner, rating=rating, count=count)


def txxx(name, text):
    return TXXX(desc=name, text=text)


def known(path):
    found = read(path)
    return found.rating, found.play_count


def in_id3(folder, *frames, **options):
    return with_id3(sound(folder, "a.mp3", format="MP3"), frames, **options)


def in_wav(folder, *frames):
    return in_chunks(WAVE(sound(folder, "a.wav")), frames)


def in_aiff(folder, *frames):
    return in_chunks(AIFF(sound(folder, "a.aiff")), frames)


def in_chunks(file, frames):
    file.add_tags()
    for frame in frames:
        file.tags.add(frame)
    file.save()
    return Path(file.filename)


def in_comments(kind, path, **comments):
    file = kind(path)
    file.update(comments)
    file.save()
    return path


def in_flac(folder, **comments):
    return in_comments(FLAC, sound(folder, "a.flac"), **comments)


def in_ogg(folder, **comments):
    return in_comments(OggVorbis, sound(folder, "a.ogg"), **comments)


def in_opus(folder, **comments):
    path = folder / "a.opus"
    soundfile.write(path, np.zeros(24_000, np.float32), 48_000, format="OGG", subtype="OPUS")
    return in_comments(OggOpus, path, **comments)


def in_ape(folder, **comments):
    path, tags = sound(folder, "a.mp3", format="MP3"), APEv2()
    for name, value in comments.items():
        tags[name] = value
    tags.save(path)
    return path


def in_mp4(folder, **comments):
    path = encoded(folder, "a.m4a", "aac")
    file = MP4(path)
    for name, value in comments.items():
        key = name if name == "rate" else f"----:com.apple.iTunes:{name}"
        file[key] = value if name == "rate" else [MP4FreeForm(value.encode())]
    file.save()
    return path


@pytest.mark.parametrize("make", [in_id3, in_wav, in_aiff], ids=["mp3", "wav", "aiff"])
def test_popularimeters_of_all_that_hold_id3(tmp_path, make):
    assert known(make(tmp_path, popm("MusicBee", 196, 12))) == (0.8, 12)


@pytest.mark.parametrize("make", [in_id3, in_wav, in_aiff], ids=["mp3", "wav", "aiff"])
def test_fmps_of_all_that_hold_id3(tmp_path, make):
    assert known(make(tmp_path, txxx("FMPS_Rating", "0.65"), txxx("FMPS_PlayCount", "41.0"))) == (0.65, 41)


@pytest.mark.parametrize("make", [in_flac, in_ogg, in_opus, in_ape, in_mp4], ids=["flac", "ogg", "opus", "ape", "mp4"])
def test_fmps_of_all_that_hold_free_names(tmp_path, make):
    assert known(make(tmp_path, FMPS_RATING="0.65", FMPS_PLAYCOUNT="41.0")) == (0.65, 41)


@pytest.mark.parametrize("make", [in_flac, in_ogg, in_opus, in_ape, in_mp4], ids=["flac", "ogg", "opus", "ape", "mp4"])
def test_ratings_of_a_hundred(tmp_path, make):
    assert known(make(tmp_path, RATING="70")) == (0.7, None)


def test_the_rate_of_mp4(tmp_path):
    assert known(in_mp4(tmp_path, rate="90")) == (0.9, None)


def test_id3_of_version_2_2(tmp_path):
    path = sound(tmp_path, "a.mp3", format="MP3")
    pop, cnt = b"me\0\x80\0\0\0\7", b"\0\0\0\x09"
    frames = b"POP" + len(pop).to_bytes(3) + pop + b"CNT" + len(cnt).to_bytes(3) + cnt
    path.write_bytes(b"ID3\2\0\0" + bytes([0, 0, 0, len(frames)]) + frames + path.read_bytes())
    assert known(path) == (0.6, 9)


@pytest.mark.parametrize("version", [3, 4])
def test_id3_of_later_versions(tmp_path, version):
    assert known(in_id3(tmp_path, popm("no@email", 118, 2), PCNT(count=5), v2_version=version)) == (0.5, 5)


@pytest.mark.parametrize(
    ("owner", "stars"),
    [
        ("MusicBee", {13: 0.5, 1: 1, 54: 1.5, 64: 2, 118: 2.5, 128: 3, 186: 3.5, 196: 4, 242: 4.5, 255: 5}),
        ("no@email", {13: 0.5, 1: 1, 54: 1.5, 64: 2, 118: 2.5, 128: 3, 186: 3.5, 196: 4, 242: 4.5, 255: 5}),
        ("Windows Media Player 9 Series", {1: 1, 64: 2, 128: 3, 196: 4, 255: 5}),
        ("", {1: 1, 65: 2, 128: 3, 192: 4, 255: 5}),  # Media Center 14
        ("", {51: 1, 102: 2, 153: 3, 204: 4, 255: 5}),  # Media Center 13
        ("traktor@native-instruments.de", {51: 1, 102: 2, 153: 3, 204: 4, 255: 5}),
        ("users@musicbrainz.org", {51: 1, 102: 2, 153: 3, 204: 4, 255: 5}),
        ("quodlibet@lists.sacredchao.net", {64: 1.25, 128: 2.5, 191: 3.75, 255: 5}),
        ("somebody@example.org", {31: 1, 32: 2, 95: 2, 96: 3, 159: 3, 160: 4, 223: 4, 224: 5}),
    ],
)
def test_bytes_and_stars(owner, stars):
    found = {byte: popularity.byte_rating(owner, byte) * 5 for byte in stars}
    assert found == pytest.approx(stars)


@given(st.text(max_size=20), st.integers(-3, 300))
def test_a_byte_is_a_rating_or_none(owner, byte):
    found = popularity.byte_rating(owner, byte)
    assert (found is None) == (byte <= 0 or byte > 255)
    assert found is None or 0 < found <= 1


@given(st.text(max_size=12) | st.floats().map(str) | st.integers(-(10**9), 10**9).map(str))
def test_any_text_is_a_rating_and_a_count_or_none(text):
    """Never an error, never a number that cannot be."""
    for parse in (popularity.unit_rating, popularity.percent_rating):
        assert (found := parse([text])) is None or 0 < found <= 1
    for parse in (popularity.plays, popularity.counted_plays):
        assert (found := parse([text])) is None or 0 <= found <= 1_000_000


@pytest.mark.parametrize("text", ["abc", "1.01", "4", "-0.5", "nan", "NaN", "inf", "0,5", "", "0", "0.0", "1e-1", ".5"])
def test_what_is_no_fmps_rating(tmp_path, text):
    assert known(in_flac(tmp_path, FMPS_RATING=text)) == (None, None)


@pytest.mark.parametrize(
    "text", ["abc", "-1", "nan", "inf", "1e3", "1000001", "99999999999999999999", "", "3 plays", "3,5"]
)
def test_what_is_no_play_count(tmp_path, text):
    assert known(in_flac(tmp_path, FMPS_PLAYCOUNT=text)) == (None, None)


@pytest.mark.parametrize(
    "text", ["0", "1", "4", "4.5", "5", "10", "12", "51", "204", "255", "-1", "Clean", "0.8", "120"]
)
def test_a_rating_whose_scale_nobody_can_tell_is_unknown(tmp_path, text):
    """foobar2000 writes 4 for four of five stars, others for four of ten, and MusicBee 10 for half a star."""
    assert known(in_flac(tmp_path, RATING=text)) == (None, None)


def test_a_counter_of_zero_comes_with_every_rating_and_says_nothing(tmp_path):
    assert known(in_id3(tmp_path, popm("MusicBee", 0, 0))) == (None, None)
    assert known(in_flac(tmp_path, FMPS_PLAYCOUNT="0.0")) == (None, 0)


def test_a_popularimeter_without_a_counter(tmp_path):
    assert known(in_id3(tmp_path, POPM(email="Banshee", rating=128))) == (0.6, None)


@pytest.mark.parametrize("frame", [PCNT(count=256**2_000), popm("MusicBee", 196, 256**2_000)], ids=["PCNT", "POPM"])
def test_a_counter_beyond_all_measure_spoils_nothing_else(tmp_path, frame):
    """Python spells no number of more than 4,300 digits, and a counter may have 256 MB."""
    path = in_id3(tmp_path, frame, txxx("FMPS_Rating", "0.4"), TIT2(text="Rain"))
    assert (read(path).title, *known(path)) == ("Rain", 0.4, None)


def test_of_several_the_first_that_rates_and_the_largest_counter(tmp_path):
    frames = popm("a", 0, 3), popm("b", 64, 12), popm("c", 255, 7), PCNT(count=5)
    assert known(in_id3(tmp_path, *frames)) == (0.4, 12)


def test_fmps_comes_before_popularimeters_and_these_before_rating(tmp_path):
    frames = txxx("RATING", "20"), popm("b", 64, 12)
    assert known(in_id3(tmp_path, *frames)) == (0.4, 12)
    assert known(in_id3(tmp_path, *frames, txxx("FMPS_Rating", "0.42"), txxx("FMPS_Playcount", "3"))) == (0.42, 3)
    assert known(in_id3(tmp_path, *frames, txxx("FMPS_Rating", "none"))) == (0.4, 12)


@pytest.mark.corpus
def test_files_of_other_programs(test_data):
    """Of their test files, what each program says of its own; the manifest names them."""
    with (test_data / "corpus" / "manifest.csv").open(encoding="utf-8") as file:
        names = {row["path"].rpartition("/")[2]: row["file"] for row in csv.DictReader(file)}
    expected = {
        "fmpspopmrating.mp3": (0.42, None),
        "fmpsplaycountboth.mp3": (None, 123),
        "fmpsratinguser.mp3": (None, None),
    }
    for name, value in expected.items():
        assert known(test_data / "corpus" / "files" / names[name]) == value
    for path in sorted((test_data / "corpus" / "files").iterdir()):
        try:
            rating, plays = known(path)
        except TagError:
            continue
        assert rating is None or 0 < rating <= 1
        assert plays is None or 0 <= plays <= 1_000_000


def quiet(_done, _total, _text):
    pass


def scan(library, folder, **options):
    return library.scan(folder, workers=1, progress=quiet, **options)


@pytest.fixture
def music(tmp_path):
    """Three files: one rated and counted, one rated, one that says nothing."""
    folder = tmp_path / "music"
    folder.mkdir()
    says = {"a": {"FMPS_RATING": "0.6", "FMPS_PLAYCOUNT": "7"}, "b": {"RATING": "90"}, "c": {}}
    for seed, (name, comments) in enumerate(says.items()):
        y = np.random.default_rng(seed).normal(scale=0.1, size=8000 * 4)
        soundfile.write(folder / f"{name}.flac", y, 8000)
        in_comments(FLAC, folder / f"{name}.flac", title=name, artist="Ana", album="Rain", **comments)
    return folder


@pytest.fixture
def library(tmp_path, music):
    made = wb.Library(tmp_path / "library.db")
    scan(made, music)
    return made


def shown(library):
    columns = ("title", "rating", "rating_tag", "play_count")
    return library.tracks().sort("title").select(*columns).rows()


def test_what_the_tags_say_is_in_the_frame(library):
    assert shown(library) == [("a", 0.6, 0.6, 7), ("b", 0.9, 0.9, None), ("c", None, None, None)]


def test_ones_own_rating_wins_until_it_is_taken_back(library):
    track_id = library.tracks().filter(title="a")["track_id"][0]
    library.rate(track_id, 0.0)
    assert shown(library)[0] == ("a", 0.0, 0.6, 7)
    library.rate(track_id, None)
    assert shown(library)[0] == ("a", 0.6, 0.6, 7)


def test_a_rating_that_leaves_the_tags_leaves_the_frame(library, music):
    file = FLAC(music / "a.flac")
    del file["FMPS_RATING"]
    file["FMPS_PLAYCOUNT"] = "8"
    file.save()
    assert scan(library, music).changed == 1
    assert shown(library)[0] == ("a", None, None, 8)


def test_only_ones_own_ratings_hang_on_what_is_missing(library, music):
    library.rate(library.tracks().filter(title="c")["track_id"][0], 0.4)
    for path in music.iterdir():
        path.rename(path.with_suffix(".away"))
    scan(library, music, allow_missing=True)
    assert dict(library.missing().select("title", "ratings").iter_rows()) == {"a": 0, "b": 0, "c": 1}


def test_searches_and_smart_playlists_ask_for_plays(library):
    assert library.search("plays:>5")["title"].to_list() == ["a"]
    assert library.search("playcount:7")["title"].to_list() == ["a"]
    assert library.search('plays:""')["title"].sort().to_list() == ["b", "c"]
    assert library.search("rating:>=0.6 rating-")["title"].to_list() == ["b", "a"]


def age(library):
    """Make a library what it was before ratings were read."""
    with closing(sqlite3.connect(library.path)) as store:
        store.execute("UPDATE file SET tags_version = 0")
        store.execute("UPDATE track SET rating_tag = NULL, play_count = NULL")
        store.execute("INSERT INTO change (revision) VALUES (lower(hex(randomblob(16))))")
        store.commit()


def versions(library):
    with closing(sqlite3.connect(library.path)) as store:
        return [version for (version,) in store.execute("SELECT tags_version FROM file")]


def counts(done):
    return done.seen, done.unchanged, done.renewed, done.new, done.changed, done.moved, done.missing, done.failed


def test_files_that_an_older_reader_read_are_read_again_though_unchanged(library, music):
    (music / "no music.mp3").write_text("To whom it may concern. " * 50, encoding="utf-8")
    scan(library, music)
    before = library.tracks()
    age(library)
    assert shown(library)[0] == ("a", None, None, None)
    assert counts(scan(library, music)) == (4, 4, 4, 0, 0, 0, 0, 0)
    assert library.tracks().equals(before)
    assert versions(library) == [TAGS_VERSION] * 4
    assert library.findings()["reason"].to_list() == ["not_audio"]
    stamp = library.path.stat().st_mtime_ns
    assert counts(scan(library, music)) == (4, 4, 0, 0, 0, 0, 0, 0)
    assert library.path.stat().st_mtime_ns == stamp, "nothing is written the second time"


@pytest.mark.usefixtures("compiled")
def test_reading_again_keeps_analysis_playlists_and_findings(library, music):
    library.analyze(workers=1, progress=quiet)
    (music / "twin.flac").write_bytes((music / "a.flac").read_bytes())
    scan(library, music)
    library.analyze(workers=1, progress=quiet)
    library.save(wb.Playlist("Mine", library.tracks()))
    tracks, features, findings = library.tracks(), library.features(), library.findings()
    assert "duplicate_audio" in set(findings["reason"])
    age(library)
    assert scan(library, music).renewed == 4
    assert library.pending() == 0
    assert library.tracks().equals(tracks)
    assert library.features().equals(features)
    assert sorted(library.findings()["reason"]) == sorted(findings["reason"])
    assert library.playlist("Mine").track_ids == tracks["track_id"].to_list()


def test_a_copy_of_a_missing_file_that_is_read_again_is_not_taken_for_it(library, music):
    """It has the size, time and sound of one that is gone, and stays where it is: it keeps its own track."""
    twin = music / "twin.flac"
    shutil.copy2(music / "a.flac", twin)
    scan(library, music)
    before = library.tracks().select("track_id", "path")
    twin.unlink()
    scan(library, music, allow_missing=True)
    age(library)
    shutil.copy2(music / "b.flac", music / "new.flac")
    assert counts(scan(library, music)) == (4, 3, 3, 1, 0, 0, 0, 0)
    after = library.tracks()
    assert after.head(4).select("track_id", "path").equals(before)
    assert after.filter(missing=True)["path"].to_list() == [str(twin)]


def test_what_cannot_be_read_just_now_stays_and_is_read_again_by_the_next_scan(library, music, monkeypatch):
    """A network that fails for a moment took the codec from files that nobody had touched."""
    read_all = changes.read_all
    failed = {"tags": None, "stage": Stage.TAGS, "state": State.FAILED, "reason": Reason.UNREADABLE, "text": "gone"}

    def failing(*arguments):
        for step in read_all(*arguments):
            yield [dataclasses.replace(each, **failed) if each.path == b"a.flac" else each for each in step]

    before, findings = library.tracks(), library.findings()
    age(library)
    with monkeypatch.context() as patched:
        patched.setattr(changes, "read_all", failing)
        assert counts(scan(library, music)) == (3, 3, 2, 0, 0, 0, 0, 0)
    said = ["rating", "rating_tag", "play_count"]
    assert library.tracks().drop(said).equals(before.drop(said))
    assert library.findings().equals(findings)
    assert counts(scan(library, music)) == (3, 3, 1, 0, 0, 0, 0, 0)
    assert library.tracks().equals(before)


def test_moved_files_are_still_known_when_others_are_read_again(library, music):
    ids = dict(library.tracks().select("title", "track_id").iter_rows())
    (music / "a.flac").rename(music / "new name.flac")
    age(library)
    assert counts(scan(library, music, allow_missing=True)) == (3, 2, 2, 0, 0, 1, 0, 0)
    assert dict(library.tracks().select("title", "track_id").iter_rows()) == ids
    assert shown(library) == [("a", 0.6, 0.6, 7), ("b", 0.9, 0.9, None), ("c", None, None, None)]


def test_nothing_is_read_again_while_a_disk_seems_to_be_gone(library, music):
    (music / "a.flac").unlink()
    (music / "e.flac").write_bytes((music / "b.flac").read_bytes()[:-100])
    age(library)
    with pytest.raises(FolderError):
        scan(library, music)
    assert versions(library) == [0, 0, 0]


def test_what_comes_back_is_read_again_by_the_next_scan(library, music):
    (music / "a.flac").rename(music.parent / "a.flac")
    scan(library, music, allow_missing=True)
    age(library)
    (music.parent / "a.flac").rename(music / "a.flac")
    done = scan(library, music)
    assert (done.returned, done.renewed) == (1, 2)
    assert scan(library, music).renewed == 1
    assert shown(library)[0] == ("a", 0.6, 0.6, 7)


def test_a_newer_reader_reads_all_again(library, music, monkeypatch):
    monkeypatch.setattr(comparing, "TAGS_VERSION", TAGS_VERSION + 1)
    monkeypatch.setattr(ingest, "TAGS_VERSION", TAGS_VERSION + 1)
    assert scan(library, music).renewed == 3
    assert scan(library, music).renewed == 0


def test_the_browser_shows_plays_where_some_track_has_them(library):
    from workbench.query import parse
    from workbench.widgets.browser.payload import shown_columns, tracks_table

    tracks = library.tracks().sort("title")
    columns = shown_columns(tracks)
    assert "play_count" in [column.name for column in columns]
    assert "play_count" not in [column.name for column in shown_columns(tracks.filter(pl.col("title") != "a"))]
    rows = tracks_table(tracks, columns, parse("plays-"), ())["rows"]
    assert [row["cells"][-1] for row in rows] == ["7", "\N{EN DASH}", "\N{EN DASH}"]
