"""Features as points."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import embeddings

from workbench.errors import SpaceError
from workbench.models import FEATURE_UNITS, FEATURES, LEARNED_TAGS, MEANINGS
from workbench.neighbours import explain
from workbench.spaces import (
    ANSWERS,
    BLOCKS,
    QUESTIONS,
    Space,
    agreement,
    fit,
    learn_weights,
    learned,
    learned_tags,
    questions,
    scaled,
    tag_ranks,
    timbre,
    unit_rows,
)


def made_features(rows):
    """Features of tracks 1, 2, ...: each row names what differs from a plain sound."""
    plain = {
        "rhythm_version": "1",
        "rms_mean": 0.1,
        "key": "C",
        "mode": "major",
        "chroma_mean": [1.0] + [0.0] * 11,
        "mfcc_mean": [0.0] * 20,
    }
    return pl.DataFrame([{"track_id": n, **plain, **row} for n, row in enumerate(rows, start=1)], FEATURES)


def a_space(ids, rows):
    matrix = unit_rows(np.array(rows, float)).astype(np.float32)
    return Space(np.array(ids), matrix, "made", {"all": slice(0, matrix.shape[1])}, "1")


def test_each_block_reads_columns_that_exist():
    assert {name for block in BLOCKS.values() for name in block} <= set(FEATURE_UNITS)


def test_scaling_is_by_median_and_quartiles():
    # quartiles of 0..4 are 1 and 3: spread 2 * 0.7413
    assert scaled(np.array([[0.0], [1], [2], [3], [4]]))[:, 0] == pytest.approx(np.array([-2, -1, 0, 1, 2]) / 1.4826)


def test_an_outlier_is_clipped_at_five():
    assert scaled(np.array([[0.0], [1], [2], [3], [1e9]]))[-1, 0] == 5


def test_a_constant_or_unknown_column_becomes_zero():
    column = np.full(5, 0.1)
    assert not scaled(np.column_stack([column, column * np.nan])).any()


def test_a_column_whose_middle_half_is_one_value_goes_by_its_standard_deviation():
    # five values of which one is 1: mean 0.2, standard deviation 0.4
    assert scaled(np.array([[0.0], [0], [0], [0], [1]]))[:, 0] == pytest.approx([0, 0, 0, 0, 2.5])


def test_an_unknown_value_counts_as_the_median():
    assert scaled(np.array([[1.0], [3], [np.nan], [2]]))[2, 0] == 0


def test_rows_have_unit_length_and_blocks_tile_the_matrix():
    space = timbre(made_features([{"bpm": bpm, "loudness_lufs": -bpm / 10} for bpm in (60.0, 90.0, 120.0, 150.0)]))
    lengths = np.linalg.norm(space.matrix, axis=1)
    assert space.matrix.dtype == np.float32
    assert lengths == pytest.approx(np.ones(4), abs=1e-6)
    assert list(space.blocks) == ["timbre", "rhythm", "tonal", "dynamics"]
    assert [part.start for part in space.blocks.values()] == [0, 58, 63, 77]
    assert space.blocks["dynamics"].stop == space.matrix.shape[1] == 83


def test_blocks_weigh_by_weight_and_size():
    # one column differs in each block, to the same 1 / 0.7413 at the ends of a row of three at quartiles 0.5 apart
    features = made_features([{"onset_rate_hz": n, "loudness_lufs": n} for n in (-1.0, 0.0, 1.0)])
    row = timbre(features).row(3)
    rhythm, dynamics = np.abs(row[58:63]).max(), np.abs(row[77:83]).max()
    assert rhythm / dynamics == pytest.approx((0.6 / np.sqrt(5)) / (0.4 / np.sqrt(6)))


def test_weights_change_the_matrix_and_the_version():
    features = made_features([{"onset_rate_hz": n, "loudness_lufs": n} for n in (-1.0, 0.0, 1.0)])
    plain, loud = timbre(features), timbre(features, weights={"rhythm": 0})
    assert not loud.matrix[:, loud.blocks["rhythm"]].any()
    assert plain.version != loud.version
    assert plain.version == timbre(features).version


def test_version_names_the_analyser_and_not_the_collection():
    rows = [{"bpm": bpm} for bpm in (60.0, 90.0, 120.0, 150.0)]
    older = made_features([{**row, "rhythm_version": "0"} for row in rows])
    assert timbre(made_features(rows)).version == timbre(made_features(rows[:3])).version
    assert timbre(made_features(rows)).version != timbre(older).version


def test_a_melody_moved_to_another_key_stays_in_its_place():
    turned = list(np.roll([1.0, 0, 0, 0, 0.5, 0, 0, 0.8, 0, 0, 0, 0], 2))
    rows = [
        {"chroma_mean": [1.0, 0, 0, 0, 0.5, 0, 0, 0.8, 0, 0, 0, 0], "key": "C"},
        {"chroma_mean": turned, "key": "D"},
        {"chroma_mean": [1.0, 0, 0, 0.5, 0, 0, 0, 0.2, 0, 0.3, 0, 0], "key": "C", "mode": "minor"},
        {"chroma_mean": [0.5] * 12, "key": None, "mode": None},
    ]
    space = timbre(made_features(rows))
    assert space.row(1) == pytest.approx(space.row(2))
    assert space.row(1) @ space.row(3) < 0.5


def test_chroma_without_a_key_is_unknown():
    rows = [{"chroma_mean": [1.0, *[n / 10] * 11]} for n in range(4)]
    space = timbre(made_features([*rows, {"chroma_mean": [0.9] * 12, "key": None, "mode": None}]))
    assert not space.row(5)[space.blocks["tonal"]].any()


def test_tempo_counts_in_octaves():
    rows = [
        {"bpm": 60.0, "onset_rate_hz": 3.0},
        {"bpm": 120.0, "onset_rate_hz": 2.0},
        {"bpm": 240.0, "onset_rate_hz": 1.0},
    ]
    slow, _, fast = timbre(made_features(rows)).matrix
    assert slow[58] == pytest.approx(-fast[58])
    assert slow[59] == pytest.approx(-fast[59])
    assert slow[58] < 0 < slow[59]


def test_what_codecs_change_counts_for_less_or_not_at_all():
    bands = [0.0, 0, 0, 0, 1, 1, 1]
    rows = [{"spectral_contrast_db_mean": [n * band for band in bands], "mfcc_std": [n] * 20} for n in (0.0, 1, 2)]
    high_bands = [{key: row[key] for key in ("spectral_contrast_db_mean",)} for row in rows]
    assert not timbre(made_features(high_bands)).matrix.any()
    both = [{**row, "mfcc_mean": [n] * 20} for n, row in enumerate(rows)]
    point = timbre(made_features(both)).row(3)
    assert point[20] / point[0] == pytest.approx(0.7)


def test_silent_tracks_have_no_place():
    space = timbre(made_features([{"bpm": 60.0}, {"mfcc_mean": None}, {"bpm": 90.0}, {"bpm": 120.0}]))
    assert space.track_ids.tolist() == [1, 3, 4]


def test_two_tracks_are_too_few():
    with pytest.raises(SpaceError, match=r"2 of 3 tracks have features.*analyze"):
        timbre(made_features([{}, {}, {"mfcc_mean": None}]))


def test_no_features_are_too_few():
    with pytest.raises(SpaceError, match="0 of 0 tracks"):
        fit(pl.DataFrame(schema=FEATURES))


def test_an_unknown_kind_is_refused():
    with pytest.raises(SpaceError, match="no 'colour' space; the kinds are: timbre"):
        fit(made_features([{}] * 3), kind="colour")


@pytest.mark.parametrize("weights", [{"rythm": 1}, {"rhythm": -1}, dict.fromkeys(BLOCKS, 0), {"tonal": float("nan")}])
def test_bad_weights_are_refused(weights):
    with pytest.raises(SpaceError):
        timbre(made_features([{}] * 3), weights=weights)


def test_cut_gives_the_rows_asked_for_in_their_order():
    cut = a_space([10, 30, 20], [[1, 0], [0, 1], [1, 1]]).cut([20, 99, 10])
    assert cut.track_ids.tolist() == [20, 10]
    assert cut.matrix[1].tolist() == [1, 0]


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30)))
def test_positions_find_every_id_and_no_other(ids, asked):
    space = a_space(ids, np.ones((len(ids), 2)))
    expected = [ids.index(track_id) if track_id in ids else -1 for track_id in asked]
    assert space.positions(asked).tolist() == expected
    assert space.positions(pl.Series(asked, dtype=pl.Int64)).tolist() == expected


def test_row_of_a_stranger_is_an_error():
    with pytest.raises(SpaceError, match="track 7 has no place"):
        a_space([1], [[1, 0]]).row(7)


def wide_space(count=60, seed=0):
    """Tracks whose two blocks know nothing of each other."""
    matrix = unit_rows(np.random.default_rng(seed).normal(size=(count, 8))).astype(np.float32)
    return Space(np.arange(1, count + 1), matrix, "made", {"timbre": slice(0, 4), "rhythm": slice(4, 8)}, "v")


def answered(space, asked):
    """The answers of a listener who hears as a space does."""
    rows = [
        (one, a, b) if space.row(one) @ space.row(a) > space.row(one) @ space.row(b) else (one, b, a)
        for one, a, b in asked.rows()
    ]
    return pl.DataFrame(rows, ANSWERS, orient="row")


def test_weighted_multiplies_blocks_and_keeps_unit_rows():
    space = Space(np.array([1, 2]), np.float32([[0.6, 0.8], [1, 0]]), "made", {"a": slice(0, 1), "b": slice(1, 2)}, "v")
    double = space.weighted(a=2)
    assert double.matrix[0] == pytest.approx(np.array([1.2, 0.8]) / np.hypot(1.2, 0.8))
    assert double.weights == {"a": 2.0}
    assert double.weighted(a=0.5).matrix == pytest.approx(space.matrix)
    assert double.weighted(a=0.5).version == "v" != double.version
    assert double.weighted(a=2).weights == {"a": 4.0}


@pytest.mark.parametrize("factors", [{"c": 1}, {"a": -1}, {"a": 0, "b": 0}, {"a": float("nan")}])
def test_bad_factors_are_refused(factors):
    space = Space(np.array([1]), np.float32([[0.6, 0.8]]), "made", {"a": slice(0, 1), "b": slice(1, 2)}, "v")
    with pytest.raises(SpaceError):
        space.weighted(**factors)


def test_thirty_answers_teach_what_counts():
    space = wide_space()
    listener = space.weighted(rhythm=3)
    learned_factors = learn_weights(space, answered(listener, questions(space, n=30)))
    assert learned_factors["rhythm"] == 1
    assert learned_factors["timbre"] < 0.6
    others = answered(listener, questions(space, n=300, seed=1))
    assert agreement(space, others) < 0.6
    assert agreement(space.weighted(**learned_factors), others) > 0.85


def test_questions_divide_the_blocks():
    space = wide_space()
    asked = questions(space, n=50, seed=2)
    assert asked.schema == pl.Schema(QUESTIONS)
    assert asked.equals(questions(space, n=50, seed=2))
    for one, a, b in asked.rows():
        products = space.row(one) * (space.row(a) - space.row(b))
        assert products[:4].sum() * products[4:].sum() < 0


def test_answers_that_teach_nothing_are_refused():
    space = wide_space()
    with pytest.raises(SpaceError, match="9 answers"):
        learn_weights(space, answered(space, questions(space, n=9)))
    with pytest.raises(SpaceError, match="0 answers"):
        learn_weights(space, pl.DataFrame([(500, 1, 2)] * 30, ANSWERS, orient="row"))
    with pytest.raises(SpaceError, match="one block"):
        questions(learned(embeddings(20)))
    assert agreement(space, pl.DataFrame(schema=ANSWERS)) is None


def test_learned_space_finds_groups_again():
    space = learned(embeddings(80, groups=8))
    assert space.matrix.shape == (80, 32)
    similarities = space.matrix @ space.matrix.T
    np.fill_diagonal(similarities, -1)
    near = np.argsort(-similarities, axis=1)[:, :9]
    assert (near % 8 == np.arange(80)[:, None] % 8).mean() > 0.95
    assert np.linalg.norm(space.matrix, axis=1) == pytest.approx(np.ones(80), abs=1e-6)


def test_learned_space_needs_three_tracks_and_says_how():
    with pytest.raises(SpaceError, match="models fetch"):
        learned(embeddings(2))
    with pytest.raises(SpaceError, match="models fetch"):
        fit(made_features([{}] * 5), kind="learned")


def test_words_of_one_meaning_are_averaged():
    heard = embeddings(3)
    words = learned_tags(heard)
    raw = heard["tags"].to_numpy()
    beats = [LEARNED_TAGS.index(name) for name in ("mtt:beat", "mtt:beats", "mtt:drums")]
    assert words["beats"].to_list() == pytest.approx(raw[:, beats].mean(axis=1).tolist())
    assert words.columns[0] == "track_id"
    assert learned_tags(heard.clear()).schema == words.schema


def test_tag_ranks_are_percentiles():
    values = np.float32([[0.1, 5], [0.9, 5], [0.5, 5], [0.7, 7]])
    assert tag_ranks(values).tolist() == [[0.125, 0.375], [0.875, 0.375], [0.375, 0.375], [0.625, 0.875]]


def test_blend_takes_half_of_either():
    features = made_features([{"bpm": 60.0 + 7 * n, "loudness_lufs": -20.0 + n} for n in range(20)])
    heard = embeddings(16)
    blended = fit(features, kind="blend", embeddings=heard)
    left, right = (fit(features, kind=kind, embeddings=heard) for kind in ("learned", "timbre"))
    assert blended.track_ids.tolist() == [*range(1, 17)]
    assert [*blended.blocks] == ["learned", *BLOCKS]
    expected = (left.row(3) @ left.row(9) + right.row(3) @ right.row(9)) / 2
    assert blended.row(3) @ blended.row(9) == pytest.approx(expected, abs=1e-5)
    assert blended.weighted(learned=0).row(3) @ blended.weighted(learned=0).row(9) == pytest.approx(
        right.row(3) @ right.row(9), abs=1e-5
    )


def test_a_space_carries_its_grounds():
    features = made_features([{"bpm": 60.0 + 7 * n} for n in range(6)])
    heard = embeddings(4)
    grounds = fit(features, embeddings=heard).grounds
    assert grounds.timbre == pytest.approx(timbre(features).matrix)
    assert grounds.tags[1] == pytest.approx(learned_tags(heard).drop("track_id").to_numpy()[1])
    assert np.isnan(grounds.tags[4:]).all()
    assert fit(features).grounds.tag_names == ()
    assert fit(features, kind="learned", embeddings=heard).cut([3]).grounds.tags.shape == (1, len(MEANINGS))


def test_a_listener_who_agrees_changes_little():
    space = wide_space()
    factors = learn_weights(space, answered(space, questions(space, n=30)))
    assert min(factors.values()) > 0.9
    assert agreement(space.weighted(**factors), answered(space, questions(space, n=300, seed=1))) > 0.9


def test_weighing_a_cut_is_cutting_what_is_weighed():
    space = wide_space()
    one, other = space.cut([5, 9]).weighted(rhythm=2), space.weighted(rhythm=2).cut([5, 9])
    assert one.matrix == pytest.approx(other.matrix)
    assert one.crowd.matrix == pytest.approx(other.crowd.matrix)
    assert one.members.tolist() == other.members.tolist() == [4, 8]


def test_weights_that_leave_nothing_one_after_the_other_are_refused():
    with pytest.raises(SpaceError, match="nothing would be left"):
        wide_space().weighted(timbre=0).weighted(rhythm=0)


def test_a_learned_space_needs_no_measured_features():
    space = fit(made_features([{}]), kind="learned", embeddings=embeddings(10))
    assert len(space) == 10
    assert space.grounds.timbre.shape == (10, 0)
    assert explain(space, 1, 9).blocks.is_empty()


def test_ten_answers_do_not_silence_a_block():
    """The present weights count for ten answers too."""
    space = wide_space()
    told = learn_weights(space, answered(space.weighted(timbre=0), questions(space, n=10)))
    assert told["rhythm"] == 1
    assert told["timbre"] > 0.3
