"""The measures of the similarity spaces."""

from functools import partial

import numpy as np
import polars as pl
import pytest
import soundfile
from eval_audio import Original, controlled, copied, middle, prepare
from eval_measures import (
    bootstrapped,
    by_chance,
    moved,
    occurrences,
    orphans,
    per_label,
    precision,
    r_precision,
    skewness,
)
from eval_similarity import a_space, hub_lines, made_space, moved_lines, ranked

from workbench.audio import probe
from workbench.features import analyze

ALBUMS = np.array(["a", "a", "a", "b", "b", "c"])
ORDER = np.array([
    [1, 3, 2, 4, 5],  # one of the two others of its album among its two nearest
    [0, 2, 3, 4, 5],
    [3, 4, 5, 0, 1],
    [4, 0, 1, 2, 5],
    [0, 3, 1, 2, 5],  # its only album mate comes second
    [0, 1, 2, 3, 4],
])  # fmt: skip


def test_r_precision_looks_at_as_many_neighbours_as_the_album_has_others():
    found = r_precision(ORDER, ALBUMS)
    assert found[:5].tolist() == [0.5, 1, 0, 1, 0]
    assert np.isnan(found[5])  # alone on its album: nothing to find


def test_precision_at_k_counts_the_first_k_only():
    assert precision(ORDER, ALBUMS, 2).tolist() == [0.5, 1, 0, 0.5, 0.5, 0]


def test_permuted_labels_find_an_album_mate_as_often_as_there_are_some():
    chance = by_chance(partial(r_precision, ORDER), ALBUMS, seed=0, permutations=4000)
    assert chance[:2].tolist() == pytest.approx([2 / 5, 1 / 5], abs=0.02)  # R of the five others
    assert np.isnan(chance[2])


def test_means_of_labels_stand_in_the_order_of_their_names():
    assert per_label(np.array([1, 2, 6.0, 4]), np.array(["b", "a", "a", "b"])).tolist() == [4, 2.5]


def test_the_bootstrap_draws_whole_albums():
    scores, luck = np.array([1, 1, 1, 0, 0, np.nan]), np.array([0.4, 0.2, np.nan])
    found = bootstrapped(scores, luck, ALBUMS, seed=0)
    assert found["n"] == 5
    assert found["value"] == pytest.approx(3 / 5)
    assert found["random"] == pytest.approx((3 * 0.4 + 2 * 0.2) / 5)
    assert found["ratio"] == pytest.approx(3 / 1.6)
    assert found["value_95"] == (0, 1)  # one draw in four is album a twice, another album b twice
    assert found["ratio_95"] == (0, pytest.approx(1 / 0.4))


def test_the_same_seed_draws_the_same():
    scores, luck = np.linspace(0, 1, 40), np.full(10, 0.1)
    albums = np.repeat(np.arange(10), 4)
    first, again, other = (bootstrapped(scores, luck, albums, seed=seed)["value_95"] for seed in (1, 1, 2))
    assert first == again != other
    assert first[0] < np.mean(scores) < first[1]


def test_a_hub_shows_in_the_skewness_and_an_orphan_in_its_share():
    counts = occurrences(np.array([[1, 2], [0, 2], [0, 1], [0, 1]]), 4)
    assert counts.tolist() == [3, 3, 2, 0]
    assert orphans(counts) == 0.25
    # mean 2, squares 1 1 0 4, cubes 1 1 0 -8: -1.5 / 1.5 ** 1.5
    assert skewness(counts) == pytest.approx(-1.5 / 1.5**1.5)
    assert skewness(np.array([4, 4, 4])) == 0


def test_points_are_measured_in_widths_of_the_first_map():
    before = np.array([[0, 0], [10, 0], [0, 4]])
    assert moved(before, before + np.array([[0, 0], [3, 4], [0, -5]])).tolist() == [0, 0.5, 0.5]


def test_lists_hold_every_other_row_whichever_way_they_are_ranked():
    space = a_space(np.array([7, 8, 9]), np.array([[1, 0.0], [1, 0.1], [0, 1]]), "made")
    assert ranked(space, 2, "cosine").tolist() == [[1, 2], [0, 2], [1, 0]]
    assert [sorted(row) for row in ranked(space, 2, "nearest").tolist()] == [[1, 2], [0, 2], [0, 1]]


def test_made_rows_have_hubs_by_cosine_alone():
    space = made_space(1000)
    assert skewness(occurrences(ranked(space, 10, "cosine"), 1000)) > 1


def test_prepared_music_is_of_one_level_rate_and_bandwidth(tmp_path):
    prepared = []
    for name, sr, gain in (("loud.wav", 44_100, 0.5), ("soft.wav", 48_000, 0.02)):
        noise = np.random.default_rng(0).normal(scale=gain / 3, size=(4 * sr, 2))
        soundfile.write(tmp_path / name, noise, sr)
        controlled(tmp_path / name, tmp_path / f"{name}.mp3")
        prepared.append(analyze(tmp_path / f"{name}.mp3"))
    for features in prepared:
        assert (features.channels, features.sample_rate_hz) == (1, 22_050)
        assert features.loudness_lufs == pytest.approx(-23, abs=0.6)  # LAME softens low bit rates by 0.4 dB
        assert 9_000 < features.spectral_cutoff_hz < 10_100
    assert prepared[0].loudness_lufs == pytest.approx(prepared[1].loudness_lufs, abs=0.05)


def test_the_middle_of_a_long_track_is_taken(tmp_path):
    sr = 8_000
    thirds = np.repeat([0.1, 0.5, 0.1], 60 * sr)
    soundfile.write(tmp_path / "long.wav", thirds, sr)
    y, found_sr = middle(tmp_path / "long.wav")
    assert (y.shape, found_sr) == ((1, 90 * sr), sr)
    assert np.flatnonzero(y[0] > 0.3)[[0, -1]].tolist() == [15 * sr, 75 * sr - 1]


def test_a_copy_keeps_rate_channels_and_length(tmp_path):
    soundfile.write(tmp_path / "a.flac", np.random.default_rng(0).normal(scale=0.1, size=(132_300, 2)), 44_100)
    copied(tmp_path / "a.flac", tmp_path / "a.mp3")
    header = probe(tmp_path / "a.mp3")
    assert (header.codec, header.sample_rate_hz, header.channels) == ("mp3", 44_100, 2)
    assert header.bit_rate_bps == pytest.approx(64_000, rel=0.03)  # the file's head counts
    assert header.duration_s == pytest.approx(3, abs=0.1)


def test_what_is_prepared_is_not_prepared_again(tmp_path):
    calls = []

    def make(path, target):
        calls.append(path.name)
        target.write_bytes(b"")

    tracks = [Original(tmp_path / "music" / "A" / name, "A") for name in ("1.ogg", "2.ogg")]
    for wanted in (tracks[:1], tracks):
        assert prepare(wanted, tmp_path / "made", make) == tmp_path / "made"
    assert sorted(calls) == ["1.ogg", "2.ogg"]
    assert {path.name for path in (tmp_path / "made").iterdir()} == {f"{track.name}.mp3" for track in tracks}


def test_hubs_of_fewer_rows_than_a_list_are_left_out(capsys):
    assert [*hub_lines("hubs", "made", made_space(10))] == []
    assert "10 rows have no 10 neighbours each" in capsys.readouterr().err
    assert len([*hub_lines("hubs", "made", made_space(11))]) == 4


@pytest.mark.parametrize(("shift", "met"), [(0.0, "yes"), (0.1, "no")])
def test_old_points_are_not_to_move(shift, met):
    before = pl.DataFrame({"track_id": [1, 2, 3], "x": [0.0, 1.0, 0.0], "y": [0.0, 0.0, 1.0]})
    cells = [*moved_lines("timbre", before, before.with_columns(pl.col("x") + shift))]
    assert [line[-2:] for line in cells] == [("<= 0", met)] * 2
