"""The main job through the front door, on the demo collection."""

import subprocess
import sys

import polars as pl
import pytest

import workbench as wb
from workbench import maps
from workbench.errors import PlaylistError, SpaceError
from workbench.models import FEATURES, TRACKS

pytestmark = pytest.mark.slow


def test_frames_have_the_declared_columns(demo_library):
    assert demo_library.tracks().schema == pl.Schema(TRACKS)
    assert demo_library.features().schema == pl.Schema(FEATURES)


def test_the_demo_is_known_by_its_tags_and_sound(demo_library):
    accuracy = wb.stats.accuracy(demo_library.tracks(), wb.demo.known(demo_library.roots()))
    shares = dict(accuracy.select(pl.col("tag") + " " + pl.col("relation"), "share").iter_rows())
    assert shares["bpm same"] + shares["bpm half"] + shares["bpm double"] > 0.95
    assert shares["bpm same"] > 0.8
    assert shares["key same"] > 0.9


@pytest.mark.parametrize("kind", ["timbre", "learned"])
def test_neighbours_share_their_style(demo_library, kind):
    """By chance one in eight would."""
    if kind == "learned" and demo_library.embeddings().is_empty():
        pytest.skip("the demo was analysed without a learned model")
    known = wb.demo.known(demo_library.roots())
    styles = dict(demo_library.tracks().join(known, on="path").select("track_id", "style").iter_rows())
    near = wb.nearest(demo_library.space(kind=kind), list(styles), n=10)
    near = near.filter(pl.col("neighbour_id").is_in(list(styles)))
    same = [styles[a] == styles[b] for a, b in near.select("track_id", "neighbour_id").iter_rows()]
    assert sum(same) / len(same) >= 0.8


def test_flaws_are_found(demo_library):
    known = wb.demo.known(demo_library.roots())
    found = demo_library.findings().join(known, on="path").explode("flaws").select("flaws", "reason")
    pairs = set(found.iter_rows())
    assert {
        ("zero_byte", "empty_file"),
        ("not_audio", "not_audio"),
        ("silent", "silent"),
        ("clipped", "clipped"),
        ("truncated", "truncated"),
        ("very_short", "too_short"),
    } <= pairs


def test_silence_has_no_number_but_a_reason(demo_library):
    known = wb.demo.known(demo_library.roots()).filter(pl.col("flaws").list.contains("silent"))
    row = demo_library.tracks().join(known.select("path"), on="path").join(
        demo_library.features().select("track_id", "reasons"), on="track_id"
    ).row(0, named=True)  # fmt: skip
    assert (row["bpm"], row["key"], row["loudness_lufs"]) == (None, None, None)
    reasons = {each["column"]: each["code"] for each in row["reasons"]}
    assert reasons["bpm"] == reasons["key"] == reasons["loudness_lufs"] == "silent"


def test_every_null_has_a_reason_and_no_number_is_nan(demo_library):
    features = demo_library.features()
    for row in features.iter_rows(named=True):
        reasons = {each["column"] for each in row["reasons"]}
        nulls = {name for name in FEATURES if row[name] is None}
        assert nulls == reasons - {"reasons"}, row["track_id"]
    numbers = features.select(pl.col(pl.Float64).is_nan().any())
    assert not any(numbers.row(0))


def test_a_map_is_remembered(demo_library):
    layout = demo_library.similarity_map(seed=0)
    assert len(layout) == len(demo_library.space())
    unheard = {"timbre": 1, "learned": 2}[demo_library.space_kind()]  # silence, and for a model what is very short
    assert len(layout) == len(demo_library.tracks()) - unheard
    code = (
        "import sys, workbench as wb; "
        f"layout = wb.Library({str(demo_library.path)!r}).similarity_map(seed=0); "
        "print(layout['x'].sum(), *sorted({'umap', 'numba', 'sklearn'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [float(out[0]), *out[1:]] == [layout["x"].sum()]


def test_the_map_is_as_good_as_that_of_the_reference(demo_library):
    space = demo_library.space()
    ours, theirs = (maps.trustworthiness(space, maps.embed(space, engine=engine)) for engine in ("workbench", "umap"))
    assert ours > 0.95
    assert ours > theirs - 0.01


def test_the_rest_of_the_demo_finds_its_place_among_what_is_there(demo_library):
    """A fifth of the tracks comes later: their styles lie together as they do on a map of all."""
    tracks = demo_library.tracks()
    before = demo_library.similarity_map(tracks.filter(pl.col("track_id") % 5 > 0), seed=7)
    after = demo_library.similarity_map(tracks, seed=7)
    old = after.filter(pl.col("track_id").is_in(before["track_id"].to_list()))
    assert old.select("track_id", "x", "y").equals(before.select("track_id", "x", "y"))
    assert len(after) > len(before)
    assert after["trust"].mean() > 0.93


def test_a_map_of_few_rows(demo_library):
    few = demo_library.tracks().head(12)
    layout = demo_library.similarity_map(few, seed=3)
    assert layout["track_id"].to_list() == few["track_id"].to_list()


def test_a_selection_becomes_a_playlist_that_reads_back(demo_library, tmp_path):
    rows = wb.search(demo_library.tracks(), "genre:ambient")
    playlist = wb.Playlist("Calm", rows).order("flow", space=demo_library.space(rows)).limit(tracks=8)
    demo_library.save(playlist)
    assert demo_library.playlist("Calm").track_ids == playlist.track_ids
    assert "Calm" in demo_library.playlists()["name"].to_list()
    for ending in ("m3u8", "pls", "xspf"):
        for relative in (True, False):
            path = playlist.write(tmp_path / f"calm-{relative}.{ending}", relative=relative)
            back, strangers = demo_library.read_playlist(path)
            assert (back.track_ids, strangers) == (playlist.track_ids, [])


def test_a_playlist_of_strangers_and_one_without_a_name(demo_library):
    rows = demo_library.tracks().head(2)
    with pytest.raises(PlaylistError, match="not in this library"):
        demo_library.save(wb.Playlist("x", rows.with_columns(track_id=pl.col("track_id") + 10_000)))
    with pytest.raises(PlaylistError, match="no name"):
        demo_library.save(wb.Playlist(" ", rows))
    with pytest.raises(PlaylistError, match="there are"):
        demo_library.playlist("No such list")


def test_an_empty_library_says_what_to_do(tmp_path):
    library = wb.Library(tmp_path / "library.db")
    with pytest.raises(SpaceError, match="analyze"):
        library.similarity_map()
    assert library.analyze().analyzed == 0
    assert library.tracks().is_empty()


def test_where_a_library_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_LIBRARY", raising=False)
    (tmp_path / "data").mkdir()
    assert wb.Library().path == tmp_path / "data" / "library.db"
    monkeypatch.setenv("WORKBENCH_LIBRARY", str(tmp_path / "other.db"))
    assert wb.Library().path == tmp_path / "other.db"
    assert wb.Library(tmp_path / "third.db").path == tmp_path / "third.db"
