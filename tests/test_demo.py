"""The invented collection: its music is what its truth says, and its files are what real collections hold."""

import contextlib
import io
import json
from itertools import pairwise

import av
import mutagen
import numpy as np
import polars as pl
import pytest
import soundfile
from PIL import Image

from workbench import demo
from workbench.demo import collection, covers, encode, ground_truth, production, tagging
from workbench.demo.composer import compose, scale
from workbench.demo.drums import DRUMS, stroke
from workbench.demo.styles import STYLES
from workbench.demo.synthesiser import render
from workbench.demo.voices import VOICES, note
from workbench.errors import FolderError
from workbench.keys import NAMES
from workbench.models import Tags

SR = 22_050
SEED = 11


@pytest.fixture(scope="session")
def played():
    """One short piece in each style: its score and its samples."""
    scores = {style: compose(style, seed=SEED, length_s=8) for style in STYLES}
    return {style: (score, render(score, sr=SR)) for style, score in scores.items()}


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A collection with every kind of file, but few and short ones."""
    folder = tmp_path_factory.mktemp("small")
    heard = []
    truth = production.make_plan(
        folder, per_album=1, lengths_s=(4, 5), progress=lambda done, total, text: heard.append((done, total, text))
    )
    return folder, truth, heard


@pytest.mark.parametrize("style", STYLES)
def test_tempo_is_in_the_styles_range_and_constant(style):
    for seed in range(5):
        score = compose(style, seed=seed)
        slow, fast = STYLES[style].bpm
        assert slow <= score.bpm <= fast
        gaps = [later - sooner for sooner, later in pairwise(score.beat_times_s)]
        np.testing.assert_allclose(gaps, 60 / score.bpm, atol=2e-6)  # beats are rounded to a microsecond
        assert 20 <= score.duration_s <= 29
        assert score.beat_times_s[-1] < score.duration_s


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_note_is_in_the_key_and_the_end_is_its_tonic_chord(style, mode):
    for seed in range(5):
        score = compose(style, seed=seed, mode=mode)
        assert {one.pitch % 12 for one in score.notes} <= scale(score.key, mode)
        tonic = NAMES.index(score.key)
        last = [one.pitch for one in score.notes if abs(one.start_s - score.beat_times_s[-1]) < 1e-3]
        assert {(pitch - tonic) % 12 for pitch in last} == {0, 7, 4 if mode == "major" else 3}
        assert (min(last) - tonic) % 12 == 0


@pytest.mark.parametrize("style", ["disco", "drum_and_bass", "rock", "folk_waltz", "jazz_swing", "chorale"])
def test_a_minor_piece_closes_with_the_leading_tone(style):
    score = compose(style, seed=SEED, key="A", mode="minor")
    before_last = [one.pitch % 12 for one in score.notes if one.start_s > score.beat_times_s[-3] - 1e-3]
    assert NAMES.index("G#") in before_last


def test_scale_of_a_minor_key_has_both_sevenths():
    assert scale("C", "major") == {0, 2, 4, 5, 7, 9, 11}
    assert scale("C", "minor") == {0, 2, 3, 5, 7, 8, 10, 11}


@pytest.mark.parametrize("style", STYLES)
def test_strokes_and_notes_lie_on_the_grid_of_the_beats(style):
    score = compose(style, seed=SEED)
    starts = np.array([event.start_s for event in (*score.notes, *score.hits)])
    steps = (starts - score.beat_times_s[0]) * score.bpm / 60 * STYLES[style].steps_per_beat
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)


def test_what_is_asked_for_is_composed():
    score = compose("rock", seed=1, bpm=111.5, key="F#", mode="minor", length_s=12)
    assert (score.bpm, score.key, score.mode) == (111.5, "F#", "minor")
    assert score == compose("rock", seed=1, bpm=111.5, key="F#", mode="minor", length_s=12)
    assert score != compose("rock", seed=2, bpm=111.5, key="F#", mode="minor", length_s=12)


@pytest.mark.parametrize("style", STYLES)
def test_sound_is_stereo_never_too_loud_and_fades_to_nothing(played, style):
    score, y = played[style]
    assert y.shape == (round(score.duration_s * SR), 2)
    assert y.dtype == np.float32
    assert 0.2 < np.abs(y).max() < 0.975
    assert np.abs(y[-1]).max() == 0
    assert np.abs(y[:, 0] - y[:, 1]).max() > 0.01
    assert -22 < 20 * np.log10(np.sqrt(np.mean(y**2))) < -12


@pytest.mark.parametrize("style", STYLES)
def test_sound_begins_at_the_first_beat(played, style):
    score, y = played[style]
    loud = np.abs(y).max(axis=1) > 0.02 * np.abs(y).max()
    assert np.flatnonzero(loud)[0] / SR == pytest.approx(
        score.beat_times_s[0], abs=0.06 if style == "ambient" else 0.03
    )


@pytest.mark.parametrize("style", ["techno", "disco", "rock", "jazz_swing", "folk_waltz", "chorale"])
def test_more_begins_on_the_beats_than_between_them(played, style):
    score, y = played[style]
    power = np.convolve(np.mean(y**2, axis=1), np.ones(SR // 100), "same")
    rise = np.maximum(np.diff(np.log(power[:: SR // 200] + 1e-5)), 0)
    times = np.arange(len(rise)) * (SR // 200) / SR
    beats = np.array(score.beat_times_s)

    def near(moments):
        return np.mean([rise[np.abs(times - moment) < 0.02].max() for moment in moments])

    assert near(beats) > 1.5 * near(beats[:-1] + 0.37 * 60 / score.bpm)


def test_the_same_score_sounds_the_same_to_the_bit(played):
    score, y = played["rock"]
    assert render(score, sr=SR).tobytes() == y.tobytes()


@pytest.mark.parametrize("name", VOICES)
def test_voices_are_in_tune_and_do_not_click(name):
    y = note(VOICES[name], 57, 1.0, sr=44_100)
    assert np.abs(y).max() == pytest.approx(1, abs=1e-6)
    assert abs(y[0]) < 0.25
    assert abs(y[-1]) < 1e-3
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 2**19))
    grid = np.arange(len(spectrum)) * 44_100 / 2**19
    harmonic = [
        grid[near][spectrum[near].argmax()] / k
        for k in (1, 2, 3)
        if spectrum[near := abs(grid / 220 - k) < 0.2].max() > 0.1 * spectrum.max()
    ]
    cents = 1200 * np.log2(np.array(harmonic) / 220)
    assert len(cents)
    assert np.abs(cents).min() < 6 + max(np.abs(VOICES[name].detune_cents))


@pytest.mark.parametrize("name", DRUMS)
def test_drums_strike_at_once_and_die_away(name):
    y = stroke(DRUMS[name], sr=SR)
    assert np.abs(y).argmax() < 0.06 * SR
    assert np.abs(y[-10:]).max() < 0.01
    assert np.array_equal(y, stroke(DRUMS[name], sr=SR))


def test_styles_name_only_voices_and_drums_that_exist():
    assert {voice for style in STYLES.values() for part in style.parts for voice in part.voices} <= set(VOICES)
    named = {drum for style in STYLES.values() for groove in (*style.grooves, style.fill) for drum in groove}
    assert named | {drum for style in STYLES.values() for drum in style.ending_drums} <= set(DRUMS)


def test_patterns_fill_whole_bars():
    for style in STYLES.values():
        size = style.beats_per_bar * style.steps_per_beat
        lines = [line for groove in (*style.grooves, style.fill) for line in groove.values()]
        lines += [*style.rhythms, *(pattern for part in style.parts for pattern in part.patterns)]
        assert {len(line) % size for line in lines} == {0}


def test_covers_differ_and_are_drawn_alike_each_time():
    one, other = covers.draw("Undertow"), covers.draw("Werk", "PNG")
    assert one == covers.draw("Undertow")
    pictures = [Image.open(io.BytesIO(data)) for data in (one, other)]
    assert [(picture.format, picture.size) for picture in pictures] == [("JPEG", (400, 400)), ("PNG", (400, 400))]
    assert len({covers.draw(album.title) for album in collection.ALBUMS}) == len(collection.ALBUMS)


TAGS = Tags(
    title="Hvít nótt", artists=("Ólafía Þoka", "Été Noir"), album="Hljóð", album_artists=("Ólafía Þoka",),
    genres=("Ambient", "Drum & Bass"), composers=("A. Linden",), year=2011, date="2011", track_number=2, track_total=4,
    disc_number=1, disc_total=1, compilation=True, bpm=128.0, key="F#m", comment="made up",
)  # fmt: skip
ID3_EXPECTED = {
    "TIT2": ["Hvít nótt"], "TPE1": ["Ólafía Þoka", "Été Noir"], "TALB": ["Hljóð"], "TPE2": ["Ólafía Þoka"],
    "TCON": ["Ambient", "Drum & Bass"], "TCOM": ["A. Linden"], "TDRC": ["2011"], "TRCK": ["2/4"], "TPOS": ["1/1"],
    "TBPM": ["128"], "TKEY": ["F#m"], "TCMP": ["1"], "COMM::eng": ["made up"],
}  # fmt: skip
VORBIS_EXPECTED = {
    "title": ["Hvít nótt"], "artist": ["Ólafía Þoka", "Été Noir"], "album": ["Hljóð"], "albumartist": ["Ólafía Þoka"],
    "genre": ["Ambient", "Drum & Bass"], "composer": ["A. Linden"], "date": ["2011"], "tracknumber": ["2"],
    "tracktotal": ["4"], "discnumber": ["1"], "disctotal": ["1"], "bpm": ["128"], "initialkey": ["F#m"],
    "compilation": ["1"], "comment": ["made up"],
}  # fmt: skip
MP4_EXPECTED = {
    "\xa9nam": ["Hvít nótt"], "\xa9ART": ["Ólafía Þoka", "Été Noir"], "\xa9alb": ["Hljóð"], "aART": ["Ólafía Þoka"],
    "\xa9gen": ["Ambient", "Drum & Bass"], "\xa9wrt": ["A. Linden"], "\xa9day": ["2011"], "\xa9cmt": ["made up"],
    "trkn": [(2, 4)], "disk": [(1, 1)], "tmpo": [128], "cpil": True, "----:com.apple.iTunes:initialkey": [b"F#m"],
}  # fmt: skip


@pytest.fixture(params=encode.KINDS)
def tagged(request, tmp_path):
    """A short tagged file of each kind."""
    kind = request.param
    sr = 48_000 if kind == "opus" else 44_100
    y = np.repeat(0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * sr) / sr)[:, None], 2, axis=1).astype(np.float32)
    path = tmp_path / f"tone.{kind}"
    encode.write(path, y, sr=sr, kind=kind)
    tagging.write_tags(path, TAGS, kind=kind, cover=covers.draw("Hljóð"))
    return path


def test_tags_are_read_back_from_every_container(tagged):
    file = mutagen.File(tagged)
    if tagged.suffix in {".mp3", ".wav", ".aiff"}:
        assert {name: list(map(str, file.tags[name].text)) for name in ID3_EXPECTED} == ID3_EXPECTED
        assert file.tags.version == (2, 4, 0)
        assert file.tags.getall("APIC")[0].data == covers.draw("Hljóð")
    elif tagged.suffix == ".m4a":
        assert {name: file[name] for name in MP4_EXPECTED} == MP4_EXPECTED
        assert bytes(file["covr"][0]) == covers.draw("Hljóð")
    else:
        found = {name: file[name] for name in VORBIS_EXPECTED}
        assert found == VORBIS_EXPECTED
        assert file.pictures if tagged.suffix == ".flac" else file["metadata_block_picture"]


def test_sound_is_whole_in_every_container(tagged):
    with av.open(str(tagged)) as file:
        stream = file.streams.audio[0]
        heard = sum(frame.samples for frame in file.decode(audio=0)) / stream.rate
        assert stream.channels == 2
    assert heard + 1e-6 >= 2
    assert mutagen.File(tagged).info.length == pytest.approx(2, abs=0.08)  # lossy codecs pad


def test_old_albums_carry_old_id3(tmp_path):
    path = tmp_path / "old.mp3"
    encode.write(path, np.zeros((44_100, 2), np.float32), sr=44_100, kind="mp3")
    tagging.write_tags(path, Tags(title="Hum", year=1979, date="1979"), kind="mp3")
    assert mutagen.File(path).tags.version == (2, 3, 0)
    assert b"TYER" in path.read_bytes()


def test_plan_is_a_collection_as_people_have_them():
    pieces = collection.plan(0)
    tags = [piece.tags for piece in pieces if piece.tags]
    assert 115 <= len(pieces) <= 130
    assert len({piece.path.casefold() for piece in pieces}) == len(pieces)
    assert {piece.kind for piece in pieces} == set(encode.KINDS)
    assert {flaw for piece in pieces for flaw in piece.flaws} == collection.FLAWS
    assert len({one.album for one in tags if one.album}) == 20
    assert len({artist for one in tags for artist in one.artists}) == 12
    assert {"Drum & Bass", "Drum and Bass", "DnB"} <= {genre for one in tags for genre in one.genres}
    assert {one.year for one in tags if one.year} >= {1968, 2024}
    keys = {(piece.sound.key, piece.sound.mode) for piece in pieces if piece.sound}
    assert len(keys) == 24
    assert all(piece.duplicate_of in {other.path for other in pieces} for piece in pieces if piece.duplicate_of)
    assert pieces == collection.plan(0)
    assert pieces != collection.plan(1)


def test_small_plan_has_every_flaw_and_format():
    pieces = collection.plan(0, per_album=1)
    assert {flaw for piece in pieces for flaw in piece.flaws} == collection.FLAWS
    assert {piece.kind for piece in pieces} == set(encode.KINDS)


def test_paths_may_lie_on_any_system():
    for name in (*(piece.path for piece in collection.plan(0)), *collection.folder_covers()):
        assert not set(name) & set('\\:*?"<>|')
        assert all(part == part.strip(" .") for part in name.split("/"))


def test_truth_lists_every_file_and_nothing_else_is_there(small):
    folder, truth, _ = small
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*truth["path"], *collection.folder_covers(), "truth.json"}
    assert truth.schema == pl.Schema(demo.TRUTH)
    assert truth.equals(demo.truth(folder))


def test_files_last_as_long_as_the_truth_says(small):
    folder, truth, _ = small
    for path, duration_s in truth.select("path", "duration_s").drop_nulls().iter_rows():
        assert mutagen.File(folder / path).info.length == pytest.approx(duration_s, abs=0.1)


def test_broken_files_are_broken_in_their_own_way(small):
    folder, truth, _ = small
    flawed = {flaw: folder / path for path, flaws in truth.select("path", "flaws").iter_rows() for flaw in flaws}
    assert flawed["zero_byte"].stat().st_size == 0
    assert flawed["not_audio"].read_text(encoding="utf-8").startswith("Side A")
    assert not soundfile.read(flawed["silent"])[0].any()
    assert soundfile.info(flawed["very_short"]).duration == pytest.approx(0.3)
    assert mutagen.File(flawed["untagged"]).tags in (None, {}, [])
    clipped, _ = soundfile.read(flawed["clipped"])
    assert np.mean(np.abs(clipped) > 0.9) > 0.02


def test_unknown_is_null_in_the_truth(small):
    _, truth, _ = small
    silent = truth.filter(pl.col("flaws").list.contains("silent")).row(0, named=True)
    assert [silent[name] for name in ("style", "bpm", "key", "mode", "beat_times_s")] == [None] * 5
    cut = truth.filter(pl.col("flaws").list.contains("truncated"))
    assert cut.height == 2
    assert cut["duration_s"].null_count() == 2
    assert cut["bpm"].null_count() == 0


def test_a_truncated_file_ends_early(small):
    folder, truth, _ = small
    ends = pl.col("path").str.ends_with(".flac")
    cut = folder / truth.filter(pl.col("flaws").list.contains("truncated") & ends).item(0, "path")
    declared = mutagen.File(cut).info.total_samples
    heard = 0
    with av.open(str(cut)) as file, contextlib.suppress(av.error.InvalidDataError):  # the frame that was cut through
        for frame in file.decode(audio=0):
            heard += frame.samples
    assert 0.3 < heard / declared < 0.7


def test_duplicates_hold_the_same_sound(small):
    folder, truth, _ = small
    copies = truth.filter(pl.col("duplicate_of").is_not_null())
    exact = copies.filter(pl.col("flaws").list.contains("exact_duplicate"))
    assert exact.height == 3
    for path, original in exact.select("path", "duplicate_of").iter_rows():
        assert (folder / path).read_bytes() == (folder / original).read_bytes()
    again = copies.filter(pl.col("flaws").list.contains("reencoded_duplicate"))
    assert again.height == 3
    beats = dict(truth.select("path", "beat_times_s").iter_rows())
    for path, original in again.select("path", "duplicate_of").iter_rows():
        assert path.rpartition(".")[2] != original.rpartition(".")[2]
        assert beats[path] == beats[original]


def test_wrong_bpm_tag_is_twice_the_truth(small):
    folder, truth, _ = small
    row = truth.filter(pl.col("flaws").list.contains("wrong_bpm_tag")).row(0, named=True)
    assert float(mutagen.File(folder / row["path"])["bpm"][0]) == 2 * round(row["bpm"])


def test_progress_counts_every_file(small):
    _, truth, heard = small
    assert [done for done, _, _ in heard] == list(range(1, truth.height + 1))
    assert {total for _, total, _ in heard} == {truth.height}
    assert {path for _, _, path in heard} == set(truth["path"])


def test_making_it_again_touches_nothing(small):
    folder, truth, _ = small
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert production.make_plan(folder, per_album=1, lengths_s=(4, 5)).equals(truth)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_killed_run_is_finished_by_the_next(tmp_path):
    pieces = collection.plan(0, per_album=1, lengths_s=(4, 5))
    edition = {"version": production.VERSION, "seed": 0, "per_album": 1, "lengths_s": [4, 5]}
    production._prepare(tmp_path, edition, pieces)
    for piece in pieces[:-2]:
        (tmp_path / piece.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / piece.path).write_bytes(b"made before")
    with pytest.raises(FolderError, match="no finished demo collection"):
        demo.truth(tmp_path)
    truth = production.make_plan(tmp_path, per_album=1, lengths_s=(4, 5), workers=1)
    assert (tmp_path / pieces[0].path).read_bytes() == b"made before"
    assert soundfile.info(tmp_path / pieces[-1].path).duration == pytest.approx(0.3)
    assert truth.height == len(pieces)


def test_another_seed_replaces_the_files_of_the_first(tmp_path):
    pieces = collection.plan(0, per_album=1)
    production._prepare(tmp_path, {"version": 0, "seed": 0}, pieces)
    for piece in pieces:
        (tmp_path / piece.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / piece.path).write_bytes(b"old")
    production._prepare(tmp_path, {"version": 1, "seed": 1}, collection.plan(1, per_album=1))
    assert [path.name for path in tmp_path.rglob("*")] == [ground_truth.UNFINISHED]


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "mine.mp3").write_bytes(b"precious")
    with pytest.raises(FolderError, match=r"holds mine\.mp3, which the demo did not make"):
        demo.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.mp3"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "demo").write_text("no folder")
    with pytest.raises(FolderError, match="is a file"):
        demo.make(tmp_path / "demo")


@pytest.mark.parametrize("content", ["{", "[]", '{"maker": "someone else", "tracks": []}'])
def test_a_strange_truth_is_refused(tmp_path, content):
    (tmp_path / "truth.json").write_text(content)
    with pytest.raises(FolderError, match="truth"):
        demo.make(tmp_path)


def test_a_truth_that_names_files_outside_is_refused(tmp_path):
    outside = tmp_path / "precious.mp3"
    outside.write_bytes(b"precious")
    content = {"maker": ground_truth.MAKER, "seed": 9, "tracks": [{"path": "../precious.mp3"}]}
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "truth.json").write_text(json.dumps(content))
    with pytest.raises(FolderError):
        demo.make(tmp_path / "demo")
    assert outside.exists()


@pytest.mark.slow
def test_the_whole_collection_is_small_enough_to_keep(demo_home):
    folder = demo_home / "data" / "demo"
    truth = demo.truth(folder)
    assert 115 <= truth.height <= 130
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 150e6
    assert truth["duration_s"].drop_nulls().median() == pytest.approx(24, abs=3)
