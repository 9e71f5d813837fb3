"""Arousal and valence: estimated, named, explained."""

import math

import numpy as np
import polars as pl
import pytest

from workbench import moods
from workbench.models import EMBEDDINGS, FEATURES, LEARNED_TAGS, MEANINGS

MIDDLE = {
    "loudness_lufs": -15.0,
    "spectral_centroid_hz_mean": 2000.0,
    "onset_rate_hz": 3.0,
    "onset_strength_db_mean": 2.0,
    "dynamic_range_db": 10.0,
    "bpm": 120.0,
    "mode": "major",
}
STEP = 0.7413
"""Values a step below, at and a step above the middle have an interquartile range of one step, and a z of 1/0.7413."""


def features(*rows):
    """Features of tracks from 1 on; each row changes the middle."""
    made = [{"track_id": number, **MIDDLE, **row} for number, row in enumerate(rows, 1)]
    return pl.DataFrame(made, {name: FEATURES[name] for name in ("track_id", *MIDDLE)})


@pytest.fixture
def few_will_do(monkeypatch):
    """Collections small enough to be worked out by hand."""
    monkeypatch.setattr(moods, "FEWEST", 1)


def test_arousal_is_the_weighted_mean_of_robust_z():
    """Five tracks, loudness -17, -16, -15, -14, -13: quartiles -16 and -14, so z = 2 / (2 * 0.7413) for the last.

    Its weight is 1 of 4.5; everything else is the same for all. Each track is there twice: ten tracks are enough, and
    the quartiles stay.
    """
    found = moods.estimate(features(*[{"loudness_lufs": -17.0 + step // 2} for step in range(10)]))[::2]
    z = 2 / (2 * 0.7413)
    assert found.schema == pl.Schema(moods.ESTIMATES)
    assert found["arousal"].to_list() == pytest.approx(
        [math.tanh(n / 2 * z / 4.5) for n in (-2, -1, 0, 1, 2)], abs=1e-9
    )
    assert found["arousal_confidence"].to_list() == pytest.approx([0.67] * 5)
    assert found["arousal_source"].unique().to_list() == ["loudness, brightness, onsets and dynamic range"]


@pytest.mark.parametrize(
    ("column", "values", "sign"),
    [
        ("loudness_lufs", (-20, -15, -10), 1),
        ("spectral_centroid_hz_mean", (1000, 2000, 4000), 1),
        ("onset_rate_hz", (1, 3, 5), 1),
        ("onset_strength_db_mean", (1, 2, 3), 1),
        ("dynamic_range_db", (5, 10, 15), -0.5),
    ],
)
@pytest.mark.usefixtures("few_will_do")
def test_what_arousal_is_made_of(column, values, sign):
    """Values at equal steps, in octaves for the centroid: the outer two lie 1 / 0.7413 from the middle."""
    low, middle, high = moods.estimate(features(*[{column: float(value)} for value in values]))["arousal"]
    assert high == pytest.approx(math.tanh(sign / STEP / 4.5), abs=1e-6)
    assert (low, middle) == (pytest.approx(-high), 0)


@pytest.mark.usefixtures("few_will_do")
def test_arousal_knows_what_it_does_not_know():
    """Without loudness 3.5 of 4.5 weights are known; without loudness, centroid and onsets it is 1.5 of 4.5."""
    rows = [
        {"onset_strength_db_mean": 3.0},
        {"loudness_lufs": None},
        {"loudness_lufs": None, "spectral_centroid_hz_mean": None, "onset_rate_hz": None},
    ]
    found = moods.estimate(features(*rows))
    assert found["arousal_confidence"].to_list() == [pytest.approx(0.67), pytest.approx(0.67 * 3.5 / 4.5), None]
    assert found["arousal"].to_list() == [pytest.approx(math.tanh(2 / STEP / 4.5)), 0, None]
    assert found["arousal_reason"].to_list() == [None, None, "too little of it is measured"]


@pytest.mark.usefixtures("few_will_do")
def test_a_column_that_is_not_there_counts_as_unknown():
    found = moods.estimate(features({"loudness_lufs": -3.0}, {}, {}).drop("onset_strength_db_mean"))
    assert found["arousal_confidence"].to_list() == pytest.approx([0.67 * 3.5 / 4.5] * 3)


@pytest.mark.usefixtures("few_will_do")
def test_valence_without_learned_tags_is_weak_and_says_so():
    """Tempo an octave apart: z is 1 / 0.7413 for the fastest; major adds 1, minor takes 1, less their mean, 1/3."""
    rows = [{"bpm": 60.0, "mode": "minor"}, {}, {"bpm": 240.0}, {"bpm": None}, {"mode": None}]
    found = moods.estimate(features(*rows[:3]))
    slow, plain, fast = found["valence"]
    assert plain == pytest.approx(math.tanh((1 - 1 / 3) / 2))
    assert fast == pytest.approx(math.tanh((1 - 1 / 3 + 1 / STEP) / 2), abs=1e-6)
    assert slow == pytest.approx(math.tanh((-1 - 1 / 3 - 1 / STEP) / 2), abs=1e-6)
    assert found["valence_confidence"].to_list() == [0.33] * 3
    assert found["valence_source"].to_list() == ["mode and tempo, a weak estimate"] * 3
    unknown = moods.estimate(features(*rows))["valence", "valence_reason"].tail(2)
    assert unknown.rows() == [(None, "no learned tags, and tempo or mode is unknown")] * 2


def heard(**tracks):
    """Embeddings of tracks: ``_1={"happy": 0.3}``; all else is 0.01."""
    tags = np.full((len(tracks), len(LEARNED_TAGS)), 0.01, np.float32)
    for row, words in enumerate(tracks.values()):
        for word, probability in words.items():
            tags[row, list(MEANINGS[word])] = probability
    columns = {
        "track_id": [int(name[1:]) for name in tracks],
        "model": "m",
        "version": "1",
        "embedding": np.zeros((len(tracks), 400), np.float32),
        "tags": tags,
    }
    return pl.DataFrame(columns, EMBEDDINGS)


@pytest.mark.usefixtures("few_will_do")
def test_valence_is_happy_less_sad_in_percentiles():
    """Of two tracks the happier is at 3/4, the other at 1/4; both are equally sad: 1/2. The third was not heard."""
    found = moods.estimate(features({"mode": "minor"}, {}, {}), heard(_2={"happy": 0.3}, _1={"happy": 0.1}))
    assert found["track_id"].to_list() == [1, 2, 3]
    assert found["valence"].to_list() == pytest.approx([-0.25, 0.25, math.tanh((1 - 1 / 3) / 2)])
    assert found["valence_confidence"].to_list() == [0.62, 0.62, 0.33]
    assert found["valence_source"].to_list() == [*["learned tags happy and sad"] * 2, "mode and tempo, a weak estimate"]
    sad = moods.estimate(features({}, {}), heard(_1={"sad": 0.3}, _2={}))
    assert sad["valence"].to_list() == pytest.approx([-0.25, 0.25])


@pytest.mark.usefixtures("few_will_do")
def test_learned_tags_give_a_valence_where_there_is_no_tempo():
    found = moods.estimate(features({"bpm": None}, {}), heard(_1={"happy": 0.3}, _2={}))
    assert found["valence"].to_list() == pytest.approx([0.25, -0.25])
    assert found["valence_reason"].to_list() == [None, None]


def several(count, **columns):
    """So many tracks whose values rise by one step each."""
    return features(*[{name: start + row for name, start in columns.items()} for row in range(count)])


def test_nine_tracks_are_too_few():
    """A single track used to be calm and sad with a confidence of 0.67: it was its own middle."""
    nine = moods.estimate(several(9, loudness_lufs=-20.0, bpm=100.0), heard(**{f"_{n}": {} for n in range(1, 10)}))
    assert nine["arousal"].null_count() == nine["valence"].null_count() == nine["arousal_confidence"].null_count() == 9
    assert nine["arousal_reason"].unique().to_list() == ["fewer than 10 tracks to compare"]
    assert nine["valence_reason"].unique().to_list() == ["no learned tags, and fewer than 10 tracks to compare"]
    ten = moods.estimate(several(10, loudness_lufs=-20.0, bpm=100.0))
    assert ten["arousal"].null_count() == ten["valence"].null_count() == 0


def test_tracks_that_are_alike_are_nowhere():
    found = moods.estimate(features(*[{}] * 12), heard(**{f"_{n}": {} for n in range(1, 13)}))
    assert found["arousal_reason"].to_list() == ["all tracks are alike"] * 12
    assert found["valence_reason"].to_list() == ["no learned tags, and all tracks are alike"] * 12
    assert moods.region(found)["mood"].null_count() == 12


def test_few_tracks_that_were_heard_are_estimated_the_other_way():
    found = moods.estimate(several(12, bpm=100.0), heard(_1={"happy": 0.3}, _2={}))
    assert found["valence_source"].unique().to_list() == ["mode and tempo, a weak estimate"]


def test_valence_without_learned_tags_has_its_middle_at_0():
    """Nine tracks in ten are in major: that is nothing happy in this collection."""
    found = moods.estimate(features(*[{"mode": "minor"}] * 2, *[{}] * 18))
    assert found["valence"].mean() == pytest.approx(0, abs=0.07)
    assert found["valence"][2] == pytest.approx(math.tanh((1 - 0.8) / 2))


@pytest.mark.parametrize("embeddings", [None, pl.DataFrame(schema=EMBEDDINGS)])
def test_nothing_in_nothing_out(embeddings):
    found = moods.estimate(features(), embeddings)
    assert (found.schema, len(found)) == (pl.Schema(moods.ESTIMATES), 0)
    tags = moods.mood_tags(embeddings)
    assert (tags.columns, len(tags)) == (["track_id", *moods.MOOD_WORDS], 0)


def test_mood_tags_are_percentiles():
    found = moods.mood_tags(heard(_5={"party": 0.1}, _3={"party": 0.3}, _4={"party": 0.2, "chill": 0.5}))
    assert found.select("track_id", "party").rows() == [(5, pytest.approx(1 / 6)), (3, pytest.approx(5 / 6)), (4, 0.5)]
    assert found["chill"].to_list() == pytest.approx([1 / 3, 1 / 3, 5 / 6])
    assert found.schema["party"] == pl.Float32


def test_regions():
    places = pl.DataFrame(
        {"arousal": [0.5, 0.5, -0.5, -0.5, 0.0, None, 0.1], "valence": [0.5, -0.5, -0.5, 0.5, 0.0, 0.1, None]}
    )
    named = moods.region(places)["mood"].to_list()
    assert named == ["energetic", "tense", "sad", "calm", "energetic", None, None]
    moved = moods.region(places, arousal_split=0.6, valence_split=-0.6, names=("a", "b", "c", "d"))["mood"].to_list()
    assert moved == ["d"] * 5 + [None, None]


def test_sources_count_what_is_known_from_what_and_why_not():
    found = pl.DataFrame(
        {
            "arousal_confidence": [0.6, 0.67, None],
            "arousal_source": ["loudness", "loudness", None],
            "arousal_reason": [None, None, "not analysed"],
            "valence_confidence": [0.62, 0.33, None],
            "valence_source": ["tags", "mode", None],
            "valence_reason": [None, None, "not analysed"],
        }
    )
    assert moods.sources(found).rows() == [
        ("arousal", "loudness", None, 0.6, 0.67, 2),
        ("arousal", None, "not analysed", None, None, 1),
        ("valence", None, "not analysed", None, None, 1),
        ("valence", "mode", None, 0.33, 0.33, 1),
        ("valence", "tags", None, 0.62, 0.62, 1),
    ]
    assert moods.sources(found.clear()).is_empty()


def test_a_track_without_features_says_so():
    some = several(10, loudness_lufs=-20.0, bpm=100.0)
    rows = pl.DataFrame({"track_id": [1, 99]}).join(moods.estimate(some), on="track_id", how="left")
    found = moods.explained(rows)
    assert found["arousal_reason"].to_list() == [None, "not analysed"]
    assert found["valence_reason"].to_list() == [None, "not analysed"]
