"""Records in, frames out; nothing lost on the way."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from workbench.errors import NewerStoreError, PlaylistError, StoreError, StoreWarning
from workbench.models import (
    FEATURE_GROUPS,
    FEATURES,
    FINDINGS,
    TRACKS,
    AudioFeatures,
    Extent,
    FileRecord,
    Group,
    Reason,
    Stage,
    State,
    Stream,
    Tags,
)
from workbench.store import SCHEMA_VERSION, open_store, reading, writing
from workbench.store.analysis import (
    Problem,
    count_pending,
    forget_failures,
    never_heard,
    pending,
    store_features,
    store_hash,
    store_problem,
)
from workbench.store.files import doubtful_files, known_files, mark_missing, mark_present
from workbench.store.frames import features_frame, findings_frame, tracks_frame
from workbench.store.ingest import store_records
from workbench.store.layouts import KEPT, family_layouts, forget_covered, load_layout, store_layout
from workbench.store.playlists import playlist_track_ids, playlists_frame, store_playlist
from workbench.store.roots import add_root, roots

MUSIC = Path("/music").absolute()


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "deep" / "library.db")


def record(path, **tags):
    stream = Stream(container="mp3", codec="mp3", duration_s=180.0, sample_rate_hz=44100, channels=2)
    return FileRecord(
        path=path.encode() if isinstance(path, str) else path,
        size_bytes=5_000_000_000,
        mtime_ns=1_700_000_000_123_456_789,
        inode=7,
        tags=Tags(stream=stream, **tags),
    )


def refused(path, stage, reason, text):
    return FileRecord(
        path=path.encode(),
        size_bytes=9,
        mtime_ns=1,
        inode=7,
        stage=stage,
        state=State.FAILED,
        reason=reason,
        text=text,
    )


def ingest(store, *records, root=MUSIC):
    with writing(store) as connection:
        root_id, _ = add_root(connection, root)
        store_records(connection, root_id, records)


def tracks_of(store):
    with reading(store) as connection:
        return tracks_frame(connection)


def is_index_of_names(table):
    """SQLite's own full-text index and the tables that it keeps it in."""
    return (table or "").startswith("suggestion")


def test_migrations_make_the_declared_schema(store):
    with reading(store) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: not is_index_of_names(name)}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == SCHEMA_VERSION
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_empty_frames_have_their_declared_types(store):
    with reading(store) as connection:
        assert tracks_frame(connection).schema == pl.Schema(TRACKS)
        assert features_frame(connection).schema == pl.Schema(FEATURES)
        assert findings_frame(connection).schema == pl.Schema(FINDINGS)


def test_a_record_comes_back_as_a_row(store):
    ingest(
        store,
        record(
            "a/1.mp3",
            title="One",
            artists=("Tyler, The Creator", "AC/DC"),
            album="Both",
            album_artists=("Various",),
            genres=("Rock", "Pop"),
            year=1994,
            track_number=3,
            bpm=120.5,
            key="Am",
        ),
    )
    row = tracks_of(store).row(0, named=True)
    wanted = {
        "title": "One",
        "artists": ["Tyler, The Creator", "AC/DC"],
        "artist": "Tyler, The Creator, AC/DC",
        "album": "Both",
        "album_artists": ["Various"],
        "genres": ["Rock", "Pop"],
        "genre": "Rock",
        "year": 1994,
        "track_number": 3,
        "bpm_tag": 120.5,
        "key_tag": "Am",
        "path": (MUSIC / "a/1.mp3").as_posix(),
        "path_bytes": (MUSIC / "a/1.mp3").as_posix().encode(),
        "size_bytes": 5_000_000_000,
        "duration_s": 180.0,
        "sample_rate_hz": 44100,
        "analyzed": False,
        "missing": False,
        "bpm": None,
        "key": None,
        "disc_number": None,
    }
    assert {name: row[name] for name in wanted} == wanted
    assert row["added_at"].utcoffset().total_seconds() == 0


def test_a_cover_is_in_the_file_or_beside_it(store):
    beside = replace(record("b/2.mp3"), folder_cover=b"b/cover.jpg")
    ingest(store, record("a/1.mp3", has_cover=True), beside, record("c/3.mp3"))
    assert tracks_of(store)["has_cover"].to_list() == [True, True, False]


def test_an_untitled_track_is_called_as_its_file(store):
    ingest(store, record("a/Song.of.7.mp3"), record("noending"), record(b"b/\xff.mp3"))
    assert tracks_of(store)["title"].to_list() == ["Song.of.7", "noending", "�"]
    assert tracks_of(store)["path_bytes"][2].endswith(b"b/\xff.mp3")


def test_names_are_shared_when_their_folded_forms_are_equal(store):
    spellings = ["Björk", "BJÖRK", "Bjo\u0308rk"]
    ingest(store, *(record(f"{number}.mp3", artists=(name,)) for number, name in enumerate(spellings)))
    assert tracks_of(store)["artist"].to_list() == ["Björk"] * 3


def test_albums(store):
    ingest(
        store,
        record("one/1.mp3", album="Same", album_artists=("A",)),
        record("two/1.mp3", album="Same", album_artists=("A",)),
        record("x/1.mp3", album="Weezer", artists=("Weezer",)),
        record("y/1.mp3", album="Weezer", artists=("Other",)),
        record("hits/1.mp3", album="Hits", artists=("A",)),
        record("hits/2.mp3", album="Hits", artists=("B",)),
        record("box/CD 1/1.mp3", album="Box", artists=("A",)),
        record("box/Disc2/1.mp3", album="Box", artists=("B",)),
        record("untagged1/1.mp3"),
        record("untagged2/1.mp3"),
        record("untagged2/2.mp3"),
        record("c/1.mp3", album="Party", compilation=True, artists=("A",)),
        record("d/1.mp3", album="Party", compilation=True, artists=("B",)),
    )
    groups = tracks_of(store).group_by("album_id").agg("path").sort("album_id")["path"].to_list()
    short = [[path.removeprefix(MUSIC.as_posix() + "/") for path in group] for group in groups]
    assert sorted(map(sorted, short)) == [
        ["box/CD 1/1.mp3", "box/Disc2/1.mp3"],
        ["c/1.mp3", "d/1.mp3"],
        ["hits/1.mp3", "hits/2.mp3"],
        ["one/1.mp3", "two/1.mp3"],
        ["untagged1/1.mp3"],
        ["untagged2/1.mp3", "untagged2/2.mp3"],
        ["x/1.mp3"],
        ["y/1.mp3"],
    ]


def test_a_box_of_two_hundred_tracks_is_one_album(store):
    """No album artist, twenty discs in folders of their own, taken in by several batches."""
    box = [
        record(f"Bach/Box/{name} {disc:02}{tail}/{n}.mp3", album="Box", artists=(f"Player {disc}",), disc_number=disc)
        for disc, name, tail in zip(range(1, 21), ("CD", "Disc") * 10, ("", " - Live") * 10, strict=True)
        for n in range(10)
    ]
    for start in range(0, 200, 64):
        ingest(store, *box[start : start + 64])
    tracks = tracks_of(store)
    assert (len(tracks), tracks["album_id"].n_unique(), tracks["disc_number"].max()) == (200, 1, 20)


def test_a_changed_file_keeps_its_track(store):
    ingest(store, record("1.mp3", title="Old", genres=("Rock",)), record("2.mp3", title="Other"))
    before = tracks_of(store)
    ingest(store, record("1.mp3", title="New", genres=("Pop",)))
    after = tracks_of(store)
    assert after["track_id"].to_list() == before["track_id"].to_list()
    assert after["title"].to_list() == ["New", "Other"]
    assert after["genres"].to_list() == [["Pop"], []]
    assert after["added_at"].to_list() == before["added_at"].to_list()


def test_a_file_that_turns_bad_keeps_its_track(store):
    ingest(store, record("1.mp3", title="Song"))
    bad = refused("1.mp3", Stage.TAGS, Reason.EMPTY_FILE, "holds no bytes")
    ingest(store, bad)
    assert tracks_of(store)["title"].to_list() == ["Song"]
    with reading(store) as connection:
        finding = findings_frame(connection).row(0, named=True)
    assert (finding["reason"], finding["text"], finding["path"]) == (
        "empty_file",
        "holds no bytes",
        (MUSIC / "1.mp3").as_posix(),
    )


def test_a_folder_inside_a_root_is_part_of_it_and_one_around_takes_it_over(store):
    ingest(store, record("a.mp3"), root=MUSIC / "jazz")
    with writing(store) as connection:
        inner = add_root(connection, MUSIC / "jazz" / "bop")
        outer, inside = add_root(connection, MUSIC)
        assert inner[1] == b"bop"
        assert inside == b""
        assert roots(connection) == {outer: MUSIC}
        assert list(known_files(connection, outer)) == [b"jazz/a.mp3"]
        assert list(known_files(connection, outer, inside=b"jazz")) == [b"jazz/a.mp3"]
        assert list(known_files(connection, outer, inside=b"ja")) == []
    assert tracks_of(store)["path"].to_list() == [(MUSIC / "jazz/a.mp3").as_posix()]


def test_missing_and_back(store):
    ingest(store, record("a.mp3"))
    with writing(store) as connection:
        root_id, _ = add_root(connection, MUSIC)
        file = known_files(connection, root_id)[b"a.mp3"]
        mark_missing(connection, [file])
        assert pending(connection, VERSIONS) == []
    assert tracks_of(store)["missing"].to_list() == [True]
    with writing(store) as connection:
        mark_present(connection, [file])
    assert tracks_of(store)["missing"].to_list() == [False]


def versions(version, groups=tuple(Group)):
    return dict.fromkeys(groups, version)


VERSIONS = versions("v1")


def measured(version="v1", groups=tuple(Group), **values):
    made_by = {f"{group}_version": version for group in groups}
    return AudioFeatures(**made_by, **{"duration_s": 181.0, "sample_rate_hz": 44100, "channels": 2} | values)


def keep(connection, track, features, problems):
    store_features(connection, track, features, problems)
    store_hash(connection, track, b"sound of track %d" % track.track_id)


def found(connection):
    """Findings, but for those of files without tags, which most records here are."""
    return findings_frame(connection).filter(pl.col("reason") != "missing_tags")


def test_features_come_back_exactly(store):
    ingest(store, record("1.mp3"), record("2.mp3"), record("3.mp3"))
    vector = np.arange(20, dtype=np.float32) / 3
    with writing(store) as connection:
        first, second, third = pending(connection, VERSIONS)
        keep(connection, first, measured(bpm=120.25, mfcc_mean=vector, reasons={"key": "no_tonality"}), [])
        problem = Problem(Stage.FEATURES, State.WARNING, Reason.TOO_SHORT, "lasts 0.2 s")
        keep(connection, third, measured(beat_times_s=np.array([0.5, 1], np.float32)), [problem])
    with reading(store) as connection:
        frame = features_frame(connection)
        findings = found(connection)
    assert frame.schema == pl.Schema(FEATURES)
    assert frame["track_id"].to_list() == [first.track_id, third.track_id]
    assert frame["mfcc_mean"][0].to_list() == vector.tolist()
    assert frame["mfcc_mean"][1] is None
    assert frame["beat_times_s"].to_list() == [None, [0.5, 1.0]]
    assert frame["reasons"].to_list() == [[{"column": "key", "code": "no_tonality"}], []]
    assert findings["track_id"].to_list() == [third.track_id]
    tracks = tracks_of(store)
    assert tracks["analyzed"].to_list() == [True, False, True]
    assert tracks["bpm"].to_list() == [120.25, None, None]
    assert tracks["duration_s"].to_list() == [181.0, 180.0, 181.0]
    assert second.path == MUSIC / "2.mp3"


def test_nan_never_enters():
    with pytest.raises(ValueError, match="finite"):
        measured(bpm=float("nan"))


def test_what_waits_for_analysis(store):
    ingest(store, record("1.mp3"), record("2.mp3"))
    with writing(store) as connection:
        first, second = pending(connection, VERSIONS)
        keep(connection, first, measured(), [])
        store_problem(connection, second, Problem(Stage.DECODE, State.FAILED, Reason.NOT_AUDIO, "no audio"))
        assert count_pending(connection, VERSIONS)["waiting"] == 0
        assert count_pending(connection, versions("v2"))["waiting"] == 1  # the one that failed waits for a change
        forget_failures(connection)
        assert [track.path.name for track in pending(connection, VERSIONS)] == ["2.mp3"]
    ingest(store, record("1.mp3", title="retagged"))
    with reading(store) as connection:
        assert [track.path.name for track in pending(connection, VERSIONS)] == ["1.mp3", "2.mp3"]
    assert tracks_of(store)["analyzed"].to_list() == [True, False]  # the old figures stay until new ones come


def test_a_new_version_of_one_group_makes_that_group_anew(store):
    """The other groups stay what they were, with their versions and their reasons."""
    ingest(store, record("1.mp3"))
    first = measured(bpm=120.0, loudness_lufs=-9.0, key=None, reasons={"key": "no_tonality", "rms_mean": "silent"})
    newer = VERSIONS | {Group.TONALITY: "v2"}
    problem = Problem(Stage.FEATURES, State.WARNING, Reason.CLIPPED, "is clipped")
    with writing(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
        assert waiting.groups == tuple(Group)
        keep(connection, waiting, first, [problem])
        assert count_pending(connection, newer) == {
            "waiting": 1,
            "new": 0,
            "changed": 0,
            "previewed": 0,
            "unhashed": 0,
            "levels": 0,
            "rhythm": 0,
            "tonality": 1,
            "spectrum": 0,
        }
        (waiting,) = pending(connection, newer)
        assert waiting.groups == (Group.TONALITY,)
        again = measured("v2", [Group.TONALITY], key="C", mode="major", reasons={"tuning_cents": "silent"})
        keep(connection, waiting, again, [])
        assert pending(connection, newer) == []
        row = features_frame(connection).row(0, named=True)
        assert found(connection)["reason"].to_list() == ["clipped"]
    assert (row["bpm"], row["loudness_lufs"], row["key"], row["mode"]) == (120.0, -9.0, "C", "major")
    assert (row["rhythm_version"], row["tonality_version"]) == ("v1", "v2")
    codes = {each["column"]: each["code"] for each in row["reasons"]}
    assert codes == {"tuning_cents": "silent", "rms_mean": "silent"}


def test_a_preview_waits_for_the_whole(store):
    ingest(store, record("1.mp3"), record("2.mp3"))
    with writing(store) as connection:
        first, second = never_heard(connection)
        keep(connection, first, measured(extent=Extent.PREVIEW, duration_s=None), [])
        assert [track.track_id for track in never_heard(connection)] == [second.track_id]
        counts = count_pending(connection, VERSIONS)
        assert (counts["waiting"], counts["new"], counts["previewed"]) == (2, 1, 1)
        again, _ = pending(connection, VERSIONS)
        assert again.groups == tuple(Group)
        keep(connection, again, measured(), [])
        assert count_pending(connection, VERSIONS)["waiting"] == 1
        assert features_frame(connection)["extent"].to_list() == ["full"]


def test_a_preview_never_takes_the_place_of_the_whole(store):
    ingest(store, record("1.mp3"))
    with writing(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
        keep(connection, waiting, measured(bpm=120.0), [])
        keep(connection, waiting, measured(bpm=60.0, extent=Extent.PREVIEW), [])
        assert features_frame(connection).select("bpm", "extent").rows() == [(120.0, "full")]
    ingest(store, record("1.mp3", title="retagged"))
    with writing(store) as connection:
        assert never_heard(connection) == []


def test_a_disk_that_was_away_leaves_no_trace(store):
    """What was found of the file stays; that it could not be read goes when it can be again."""
    ingest(store, record("1.mp3"))
    newer = VERSIONS | {Group.TONALITY: "v2"}
    with writing(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
        keep(connection, waiting, measured(), [Problem(Stage.FEATURES, State.WARNING, Reason.CLIPPED, "loud")])
        (waiting,) = pending(connection, newer)
        store_problem(connection, waiting, Problem(Stage.DECODE, State.SKIPPED, Reason.VANISHED, "is away"))
        assert sorted(found(connection)["reason"]) == ["clipped", "vanished"]
        (waiting,) = pending(connection, newer)
        keep(connection, waiting, measured("v2", [Group.TONALITY]), [])
        assert found(connection)["reason"].to_list() == ["clipped"]


def test_what_a_file_declares_is_what_the_scan_read(store):
    """A decoder takes the length of a cut AIFF file from its size, and then nothing would be missing."""
    ingest(store, record("1.aiff"))
    with writing(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
        keep(connection, waiting, measured(duration_s=60.0, declared_duration_s=60.0), [])
    assert tracks_of(store).select("declared_duration_s", "duration_s").rows() == [(180.0, 60.0)]


def test_what_only_the_decoder_finds_declared_is_declared(store):
    silent = record("1.mp3")
    ingest(store, replace(silent, tags=replace(silent.tags, stream=replace(silent.tags.stream, duration_s=None))))
    with writing(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
        keep(connection, waiting, measured(declared_duration_s=182.0), [])
    assert tracks_of(store)["declared_duration_s"].to_list() == [182.0]


def test_every_column_has_one_group():
    assert {name for name, group in FEATURE_GROUPS.items() if group is None} == {
        "duration_s",
        "declared_duration_s",
        "sample_rate_hz",
        "bit_depth",
        "channels",
    }
    assert FEATURE_GROUPS["spectral_cutoff_hz"] == Group.LEVELS
    assert FEATURE_GROUPS["beat_times_s"] == Group.RHYTHM
    assert FEATURE_GROUPS["chroma_mean"] == Group.TONALITY
    assert FEATURE_GROUPS["onset_strength_db_std"] == Group.SPECTRUM


def test_playlists(store):
    ingest(store, record("1.mp3"), record("2.mp3"))
    one, two = tracks_of(store)["track_id"]
    with writing(store) as connection:
        made = store_playlist(connection, "Rain", [two, one, two])
        again = store_playlist(connection, "Rain", [one])
        store_playlist(connection, "Empty", [])
        with pytest.raises(PlaylistError, match="99"):
            store_playlist(connection, "Bad", [99])
    with reading(store) as connection:
        assert playlist_track_ids(connection, "Rain") == [one]
        assert playlists_frame(connection).select("name", "tracks").rows() == [("Empty", 0), ("Rain", 1)]
        with pytest.raises(PlaylistError, match="Rain"):
            playlist_track_ids(connection, "Sun")
    assert made == again


def test_layouts(store):
    points = np.array([[0.25, -1], [3, 4]], np.float32)
    with writing(store) as connection:
        store_layout(connection, "key", {"seed": 0}, np.array([5, 3]), points)
    with reading(store) as connection:
        back = load_layout(connection, "key")
        assert load_layout(connection, "other") is None
    assert back.track_ids.tolist() == [5, 3]
    assert (back.points == points).all()
    assert (back.trust, back.stamps) == (None, None)


def test_a_layout_keeps_trust_and_stamps(store):
    ids, points = np.array([5, 3]), np.zeros((2, 2), np.float32)
    trust, stamps = np.float32([0.25, 1]), np.array([-(1 << 63), 9])
    with writing(store) as connection:
        store_layout(connection, "key", {}, ids, points)
        store_layout(connection, "key", {}, ids, points, trust=trust, family="kin", stamps=stamps)
    with reading(store) as connection:
        (back,) = family_layouts(connection, "kin")
    assert (back.trust.tolist(), back.stamps.tolist()) == (trust.tolist(), stamps.tolist())
    assert back.trust.dtype == np.float32
    same = back.same(np.array([3, 4, 5]), np.array([9, 8, 7]))
    assert same.track_ids.tolist() == [3]
    assert (back.computed, same.computed) == (2, 1)


def test_a_layout_keeps_which_points_were_grown(store):
    ids = np.array([5, 3, 8])
    with writing(store) as connection:
        store_layout(connection, "key", {"grown": [5, 8]}, ids, np.zeros((3, 2), np.float32), stamps=ids)
    with reading(store) as connection:
        back = load_layout(connection, "key")
    assert (back.grown.tolist(), back.computed) == ([5, 8], 1)
    same = back.same(np.array([3, 5, 8]), np.array([3, 5, 9]))
    assert (same.grown.tolist(), same.computed) == ([5], 1)


def keep_layout(connection, key, *track_ids, family=None):
    """A layout of tracks that all lie in one place."""
    points = np.zeros((len(track_ids), 2), np.float32)
    store_layout(connection, key, {}, np.array(track_ids), points, family=family)


def test_the_newest_and_the_fullest_of_a_family_stay(store):
    with writing(store) as connection:
        for number in range(KEPT + 3):
            keep_layout(connection, f"none {number}", number)
        keep_layout(connection, "stranger", 1, family="other")
        keep_layout(connection, "whole", 1, 2, family="mine")
        for number in range(KEPT + 3):
            keep_layout(connection, f"{number}", number, family="mine")
    with reading(store) as connection:
        found = family_layouts(connection, "mine")
        others = ["stranger", *(f"none {number}" for number in range(KEPT + 3))]
        assert None not in [load_layout(connection, key) for key in others]
    assert [each.track_ids.tolist() for each in found] == [*([number] for number in range(22, 2, -1)), [1, 2]]


def test_a_layout_takes_the_place_of_those_it_covers(store):
    """Nine tenths of their tracks count, not of its own; other families and the layout itself stay."""
    wanted = {"itself": range(20), "covered": range(2, 22), "beyond": range(3, 23), "few": [1], "apart": [99]}
    with writing(store) as connection:
        for key, ids in wanted.items():
            keep_layout(connection, key, *ids, family="mine")
        keep_layout(connection, "stranger", 1, family="other")
        forget_covered(connection, "mine", "itself", np.arange(20))
        left = [key for key in [*wanted, "stranger"] if load_layout(connection, key)]
    assert left == ["itself", "beyond", "apart", "stranger"]


def test_a_failed_step_leaves_nothing(store):
    def fail():
        with writing(store) as connection:
            store_records(connection, add_root(connection, MUSIC)[0], [record("1.mp3")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert tracks_of(store).is_empty()


@pytest.mark.faults
def test_two_writers_at_once_lose_nothing(tmp_path):
    path = tmp_path / "library.db"
    open_store(path)

    def write(name):
        engine = open_store(path)
        for number in range(50):
            ingest(engine, record(f"{name}/{number}.mp3"))

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tracks_of(open_store(path))) == 100


@pytest.mark.faults
def test_a_text_file_is_no_store(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("not a database, but long enough to look at" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"notes\.db.*--library"):
        open_store(path)
    assert path.read_text(encoding="utf-8").startswith("not a database")


@pytest.mark.faults
def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "places.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(path)
    assert path.read_bytes() == before  # not even turned to another journal


@pytest.mark.faults
def test_a_newer_store_is_only_read(tmp_path):
    path = tmp_path / "library.db"
    ingest(open_store(path), record("1.mp3", title="One"))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.warns(StoreWarning, match="newer workbench"):
        store = open_store(path)
    assert tracks_of(store)["title"].to_list() == ["One"]
    with pytest.raises(NewerStoreError, match=r"library\.db: was made by a newer workbench .* upgrade"):
        ingest(store, record("2.mp3"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)


@pytest.mark.faults
def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path)


def test_an_album_that_is_known_by_its_folder_follows_it(store):
    """A root around another took its files over, but a new file beside them made a second album."""
    ingest(store, record("a/1.mp3"), root=MUSIC / "rock")
    ingest(store, record("rock/a/2.mp3"))
    assert tracks_of(store)["album_id"].n_unique() == 1


def test_a_track_without_album_artist_leaves_those_of_its_album(store):
    """The last batch's word replaced what earlier tracks had said."""
    one = {"album": "X", "musicbrainz_album_id": "id"}
    ingest(store, record("1.mp3", album_artists=("A",), **one))
    ingest(store, record("2.mp3", **one))
    assert tracks_of(store)["album_artists"].to_list() == [["A"], ["A"]]


def test_features_of_a_file_that_changed_meanwhile_are_not_kept(store):
    """They are of the old sound; their later date made them look new."""
    ingest(store, record("1.mp3"))
    with reading(store) as connection:
        (waiting,) = pending(connection, VERSIONS)
    ingest(store, record("1.mp3", title="changed"))
    with writing(store) as connection:
        keep(connection, waiting, measured(), [])
        assert count_pending(connection, VERSIONS)["waiting"] == 1
    assert tracks_of(store)["analyzed"].to_list() == [False]


def test_trying_again_keeps_what_a_scan_found(store):
    """Files without a track are never analysed: their findings were forgotten for good."""
    bad = refused("1.mp3", Stage.DECODE, Reason.NOT_AUDIO, "no audio")
    ingest(store, bad)
    with writing(store) as connection:
        forget_failures(connection)
        assert found(connection)["reason"].to_list() == ["not_audio"]


def test_a_file_that_could_not_be_read_is_looked_at_again(store):
    """Permissions change neither size nor time of a file: it counted as unchanged for ever."""
    closed = refused("1.mp3", Stage.TAGS, Reason.UNREADABLE, "cannot be read")
    ingest(store, closed, record("2.mp3"))
    with reading(store) as connection:
        known, doubtful = known_files(connection, 1), doubtful_files(connection)
    assert doubtful == {known[b"1.mp3"].file_id}
