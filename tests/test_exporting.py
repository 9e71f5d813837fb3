"""Tracks on their way to other programs, and playlists on their way from them."""

import json
import os
import sys

import numpy as np
import polars as pl
import pytest
import soundfile

import workbench as wb
from workbench import playlist_files
from workbench.errors import ExportError, PlaylistError
from workbench.models import FEATURES, TRACKS

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@pytest.fixture
def home(tmp_path):
    """A folder with a library of two tracks, not analysed."""
    music = tmp_path / "music"
    music.mkdir()
    for number in (1, 2):
        soundfile.write(music / f"piece #{number}.flac", np.full(22_050, number / 9), 22_050)
    (tmp_path / "data").mkdir()
    wb.Library(tmp_path / "data" / "library.db").scan(music, workers=1, progress=lambda *_: None)
    return tmp_path


@pytest.fixture
def library(home):
    return wb.Library(home / "data" / "library.db")


def an_m3u(home, *lines):
    path = home / "music" / "list.m3u8"
    path.write_text("\n".join(["#EXTM3U", "#PLAYLIST:Rain", *lines]), encoding="utf-8")
    return path


def test_a_playlist_keeps_its_order_and_what_comes_twice(library, tmp_path):
    first, second = library.tracks()["track_id"]
    rows = library.tracks()[[1, 0, 1]].with_columns(position=pl.lit("mine"))
    table = pl.read_parquet(library.export(wb.Playlist("Rain", rows), tmp_path / "rain.parquet"))
    assert table.columns[0] == "position"
    assert table.select("position", "track_id").rows() == [(1, second), (2, first), (3, second)]
    assert library.export(rows, tmp_path / "rows.csv").read_text(encoding="utf-8-sig").count("mine") == 3


def test_tracks_that_were_not_analysed_have_columns_without_values(library, tmp_path):
    table = pl.read_parquet(library.export(library.tracks(), tmp_path / "all.parquet"))
    assert table.schema == pl.Schema({**TRACKS, **{name: FEATURES[name] for name in FEATURES if name not in TRACKS}})
    assert table["mfcc_mean"].to_list() == [None, None]


def test_rows_need_ids_and_files_are_not_overwritten(library, tmp_path):
    with pytest.raises(ExportError, match=r"no column track_id; take them from library\.tracks"):
        library.export(pl.DataFrame({"title": ["a"]}), tmp_path / "a.csv")
    library.export(library.tracks(), tmp_path / "a.csv", features=False)
    with pytest.raises(ExportError, match="overwrite=True"):
        library.export(library.tracks(), tmp_path / "a.csv")
    library.export(library.tracks(), tmp_path / "a.csv", overwrite=True)


@pytest.mark.slow
def test_features_come_with_their_tracks(demo_library, tmp_path):
    rows = demo_library.tracks().filter("analyzed").tail(5).reverse().with_columns(x=pl.lit(1.5))
    table = pl.read_parquet(demo_library.export(rows, tmp_path / "a.parquet"))
    assert table.select(rows.columns).equals(rows)
    features = demo_library.features()
    assert set(features.columns) < set(table.columns)
    mine = features.filter(pl.col("track_id").is_in(rows["track_id"].to_list())).reverse()
    heard = [name for name in features.columns if name != "declared_duration_s"]  # the scan's own stands in the rows
    assert table.select(heard).equals(mine.select(heard))


@pytest.mark.slow
def test_without_features_tags_and_file_are_left(demo_library, tmp_path):
    told = json.loads(
        demo_library.export(demo_library.tracks().head(3), tmp_path / "a.json", features=False).read_text("utf-8")
    )
    assert {"title", "genres", "bpm_tag", "duration_s", "sample_rate_hz", "codec", "path"} <= told[0].keys()
    assert not {"bpm", "key", "loudness_lufs", "mfcc_mean", "rms_std"} & told[0].keys()


def test_a_playlist_file_leads_to_known_tracks_only(home, library):
    known = library.tracks()["path"].to_list()
    path = an_m3u(home, "piece #2.flac", "../../etc/passwd", "/etc/passwd", "http://x.example/a.mp3", "gone.flac")
    playlist, strangers = library.read_playlist(path)
    assert (playlist.name, playlist.rows["path"].to_list()) == ("Rain", known[1:])
    gone = str(home / "music" / "gone.flac")
    assert strangers == ["../../etc/passwd", "/etc/passwd", "http://x.example/a.mp3", gone]


@posix_only
@pytest.mark.timeout(60)
def test_links_and_pipes_are_looked_up_but_never_opened(home, library):
    """A pipe would block who opens it."""
    os.mkfifo(home / "music" / "pipe.flac")
    (home / "music" / "out").symlink_to("/etc")
    playlist, strangers = library.read_playlist(an_m3u(home, "out/passwd", "pipe.flac"))
    assert (len(playlist), strangers) == (0, [str(home / "music" / name) for name in ("out/passwd", "pipe.flac")])


@posix_only
@pytest.mark.parametrize("ending", [".m3u8", ".pls", ".xspf"])
@pytest.mark.parametrize("relative", [True, False])
def test_what_a_library_writes_it_finds_again(home, library, ending, relative):
    written = wb.Playlist("Rain", library.tracks()[[1, 0, 1]]).write(home / f"a{ending}", relative=relative)
    playlist, strangers = library.read_playlist(written)
    assert (playlist.name, playlist.track_ids, strangers) == (
        "Rain",
        library.tracks()["track_id"][[1, 0, 1]].to_list(),
        [],
    )


@pytest.mark.slow
def test_the_command_exports(home, library, command):
    done = command("export", "all.csv", "--no-features", cwd=home)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1] == "Wrote all.csv: 2 tracks"
    again = command("export", "all.csv", cwd=home)
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("Error: all.csv: a file of this name is there")
    library.save(wb.Playlist("Rain", library.tracks()[[1]]))
    assert command("export", "all.csv", "--playlist", "Rain", "--overwrite", cwd=home).returncode == 0
    table = pl.read_csv(home / "all.csv")
    assert table.select("position", "title").rows() == [(1, "piece #2")]
    assert "mfcc_mean_0" in table.columns
    assert command("export", "one.json", "--query", 'title:"piece #1"', cwd=home).returncode == 0
    assert [row["title"] for row in json.loads((home / "one.json").read_text("utf-8"))] == ["piece #1"]
    assert command("export", "b.csv", "--query", "x", "--playlist", "Rain", cwd=home).returncode == 2


@pytest.mark.slow
def test_the_command_imports(home, library, command):
    path = an_m3u(home, "piece #2.flac", "piece #1.flac", "../../etc/passwd")
    done = command("import", path, cwd=home)
    assert (done.returncode, done.stdout) == (0, "../../etc/passwd\n")
    assert done.stderr.splitlines()[-1] == "Saved Rain: 2 tracks, 1 not in this library"
    assert library.playlist("Rain").track_ids == library.tracks()["track_id"].reverse().to_list()
    path = an_m3u(home, "piece #1.flac")
    again = command("import", path, cwd=home)
    assert again.returncode == 1
    assert "there is a playlist 'Rain'; give --name another, or --overwrite" in again.stderr
    assert len(library.playlist("Rain")) == 2
    assert command("import", path, "--name", "Sun", cwd=home).returncode == 0
    assert command("import", path, "--overwrite", cwd=home).returncode == 0
    assert [len(library.playlist(name)) for name in ("Rain", "Sun")] == [1, 1]
    strange = command("import", an_m3u(home, "gone.flac"), "--name", "None", cwd=home)
    assert strange.returncode == 1
    assert "none of its entries (1) is in this library" in strange.stderr
    assert "None" not in library.playlists()["name"]


@pytest.mark.slow
def test_strangers_do_not_speak_to_the_terminal(home, command):
    done = command("import", an_m3u(home, "piece #1.flac", "http://x/\x1b]0;mine\x07.mp3"), cwd=home)
    assert (done.returncode, done.stdout) == (0, r"http://x/\x1b]0;mine\x07.mp3" + "\n")


def test_the_name_of_a_smart_playlist_is_one_line_that_can_be_kept(home, library):
    path = home / "odd.nsp"
    path.write_text('{"name": " \\ud800Rain\\u001b\\n", "all": [{"contains": {"title": "#2"}}]}', "utf-8")
    playlist, _ = library.read_playlist(path)
    assert playlist.name == "Rain"
    path.write_text('{"name": "\\n", "all": [{"contains": {"title": "#2"}}]}', "utf-8")
    assert library.read_playlist(path)[0].name == "odd"


@pytest.mark.slow
def test_the_command_imports_a_smart_playlist(home, library, command):
    (home / "second.nsp").write_text('{"name": "Second", "all": [{"contains": {"title": "#2"}}]}', "utf-8")
    done = command("import", "second.nsp", cwd=home)
    assert done.stderr.splitlines()[-1] == "Saved Second: 1 tracks"
    assert library.playlists()["origin"].to_list() == ["query"]


def test_other_files_are_no_playlists(library, home):
    (home / "a.txt").write_text("{}")
    with pytest.raises(PlaylistError, match=r"\.txt is no playlist"):
        library.read_playlist(home / "a.txt")
    assert playlist_files.read(an_m3u(home)).name == "Rain"
