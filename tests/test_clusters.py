"""Groups of like sound: found, numbered, described, named."""

from itertools import islice

import numpy as np
import polars as pl
import pytest
from synthetic import embeddings as made_embeddings

from workbench import clusters
from workbench.errors import SpaceError
from workbench.models import EMBEDDINGS, LEARNED_TAGS, MEANINGS
from workbench.spaces import Space, learned


def a_space(rows, track_ids=None):
    """Points of unit length out of any rows; ids from 1."""
    matrix = np.asarray(rows, np.float32)
    matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    ids = np.arange(1, len(matrix) + 1) if track_ids is None else np.asarray(track_ids)
    return Space(ids.astype(np.int64), matrix, "timbre", {"all": slice(0, matrix.shape[1])}, "made")


def bundles(*sizes, seed=0, spread=0.05):
    """Tight bundles of points round the axes of a space, one bundle after the other."""
    chance = np.random.default_rng(seed)
    centres = np.repeat(np.eye(max(len(sizes), 3))[: len(sizes)], sizes, axis=0)
    return centres + chance.normal(0, spread, centres.shape)


def grouped(**groups):
    """A frame of groups: ``_1=[1, 2]`` puts tracks 1 and 2 into group 1."""
    rows = [(track_id, int(name[1:])) for name, ids in groups.items() for track_id in ids]
    return pl.DataFrame(rows, {"track_id": pl.Int64, "group": pl.Int64}, orient="row")


def test_bundles_are_groups_numbered_from_the_largest():
    found = clusters.group(a_space(bundles(4, 6, 5)), n=3)
    assert found.schema == pl.Schema(clusters.GROUPS)
    assert found["track_id"].to_list() == [*range(1, 16)]
    assert found["group"].to_list() == [3] * 4 + [1] * 6 + [2] * 5
    assert found["highest_group"].to_list() == [3] * 15


def test_membership_is_the_simplified_silhouette():
    """Two pairs a right angle apart: a = |(0.8, 0.6) - (0.9, 0.3)|, b the distance to the other pair's middle."""
    rows = [[1, 0, 0], [0.8, 0.6, 0], [0, 0, 1], [0, 0.6, 0.8]]
    found = clusters.group(a_space(rows), n=2)
    a = np.hypot(0.1, 0.3)
    b = np.linalg.norm(np.array([1, 0, 0]) - [0, 0.3, 0.9])
    assert found["membership"][0] == pytest.approx(1 - a / b, abs=1e-6)
    assert found["membership"][1] < found["membership"][0]
    assert clusters.group(a_space(rows), n=1)["membership"].to_list() == [None] * 4


@pytest.mark.parametrize(("tracks", "number"), [(3, 3), (8, 4), (50, 5), (200, 10), (1152, 24), (100_000, 24)])
def test_a_sensible_number(tracks, number):
    assert clusters.sensible_number(tracks) == number


def test_the_order_of_the_tracks_changes_nothing():
    rows = bundles(7, 5, 9, spread=0.4)
    order = np.random.default_rng(1).permutation(21)
    straight = clusters.group(a_space(rows), n=4)
    mixed = clusters.group(a_space(rows[order], order + 1), n=4)
    assert mixed.sort("track_id").equals(straight)


def test_hdbscan_leaves_out_what_lies_between():
    rows = np.vstack([bundles(12, 9), [[-1.0, -1, -1]]])
    found = clusters.group(a_space(rows), method="hdbscan")
    assert found["group"].to_list() == [1] * 12 + [2] * 9 + [None]
    assert found["membership"][21] is None
    assert found["membership"].head(21).is_between(0, 1).all()


def test_equal_tracks_are_one_group():
    found = clusters.group(a_space([[1, 0]] * 5))
    assert found["group"].to_list() == [1] * 5


def test_numbers_stay_with_the_tracks():
    """The bundle of 6 was group 7, that of 5 lost its group; it gets a number above all that were ever given."""
    previous = grouped(_7=[5, 6, 7, 8, 9], _2=[1, 2, 3, 10, 4]).with_columns(highest_group=pl.lit(11))
    found = clusters.group(a_space(bundles(4, 6, 5)), n=3, previous=previous)
    assert found["group"].to_list() == [2] * 4 + [7] * 6 + [12] * 5
    assert found["highest_group"][0] == 12


def test_one_track_in_common_is_not_the_same_group():
    """One of six was in group 7: too little to be it; three of six are enough."""
    space = a_space(bundles(6, 5, 4))
    one = clusters.group(space, n=3, previous=grouped(_7=[1, 101, 102, 103]))
    assert one["group"].unique(maintain_order=True).to_list() == [8, 9, 10]
    half = clusters.group(space, n=3, previous=grouped(_7=[1, 2, 3, 101, 102, 103, 104]))
    assert half["group"].unique(maintain_order=True).to_list() == [7, 8, 9]


def test_hdbscan_gives_one_group_where_there_is_one():
    assert clusters.group(a_space([[1, 0]] * 22), method="hdbscan")["group"].to_list() == [1] * 22


def test_the_larger_part_of_a_split_group_keeps_its_number():
    first = clusters.group(a_space(bundles(10, 6)), n=2)
    assert first["group"].to_list() == [1] * 10 + [2] * 6
    rows = np.vstack([bundles(0, 0, 7), bundles(3, 6, 0)])  # seven of ten went elsewhere together
    again = clusters.group(a_space(rows), n=3, previous=first)
    assert again["group"].to_list() == [1] * 7 + [3] * 3 + [2] * 6


def test_a_number_that_was_given_up_never_comes_back():
    first = clusters.group(a_space(bundles(5, 4, 3)), n=3)
    second = clusters.group(a_space(bundles(5, 4, 3)), n=1, previous=first)
    third = clusters.group(a_space(bundles(5, 4, 3)), n=3, previous=second)
    assert second["group"].unique().to_list() == [1]
    assert third["group"].unique(maintain_order=True).to_list() == [1, 4, 5]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "ward"}, "no method 'ward'"),
        ({"n": 0}, "0 groups of 4 tracks"),
        ({"n": 5}, "5 groups of 4 tracks"),
        ({"n": 2, "method": "hdbscan"}, "leave out n=2"),
        ({"n": 2.5}, "n=2.5: choose a whole number"),
        ({"n": "2"}, "n='2': choose a whole number"),
        ({"n": True}, "n=True: choose a whole number"),
        ({"seed": -1}, "seed=-1: choose 0 to 4294967295"),
        ({"seed": 0.5}, "seed=0.5: choose a whole number"),
    ],
)
def test_what_cannot_be_grouped(asked, message):
    space = a_space(np.eye(4))
    with pytest.raises(SpaceError, match=message):
        clusters.group(space, **asked)
    with pytest.raises(SpaceError, match="no tracks"):
        clusters.group(space.cut([]))


def test_medoids_are_the_most_central_tracks():
    rows = [[1, 0.0], [1, 0.1], [1, 0.2], [1, 0.5], [0, 1]]
    described = clusters.describe(grouped(_1=[1, 2, 3, 4], _2=[5]), a_space(rows))
    assert described.schema == pl.Schema(clusters.DESCRIPTIONS)
    assert described["medoids"].to_list() == [[3, 2, 1], [5]]
    assert described["size"].to_list() == [4, 1]


def test_nothing_known_is_said():
    described = clusters.describe(grouped(_1=[1, 2], _2=[3]), a_space(np.eye(3)))
    assert described["unknown"].to_list() == [["genres", "tags", "features"]] * 2
    assert described["name"].to_list() == ["group", "group 2"]
    assert described["feature"].to_list() == [None, None]


def measured(**columns):
    """Features of tracks from 1 on."""
    count = len(next(iter(columns.values())))
    return pl.DataFrame({"track_id": range(1, count + 1), "mfcc_mean": [0.0] * count, **columns})


def test_the_most_salient_feature_is_the_word():
    """Loudness: median -15, quartiles -20 and -10, so a z is 10 * 0.7413 = 7.413 LU wide; -10 is 0.6745 of it."""
    features = measured(loudness_lufs=[-20.0, -20, -15, -10, -10], bpm=[100.0, 100, 100, 100, None])
    described = clusters.describe(grouped(_1=[4, 5], _2=[1, 2], _3=[3]), a_space(np.eye(5)), features=features)
    assert described["name"].to_list() == ["loud", "quiet", "average"]
    assert described["feature"].to_list() == ["loud", "quiet", None]
    assert described["feature_z"][0] == pytest.approx(5 / 7.413)
    assert described["unknown"].to_list() == [["genres", "tags"]] * 3


def test_features_that_stand_out_are_listed_with_their_columns():
    """As above: loudness differs by 0.6745 z, tempo by none; in the group between, loudness does not either."""
    features = measured(loudness_lufs=[-20.0, -20, -15, -10, -10], bpm=[100.0, 100, 100, 100, None])
    described = clusters.describe(grouped(_1=[4, 5], _2=[1, 2], _3=[3]), a_space(np.eye(5)), features=features)
    z = pytest.approx(5 / 7.413)
    assert described["features"][0].to_list() == [{"column": "loudness_lufs", "word": "loud", "z": z}]
    assert described["features"][1].to_list() == [
        {"column": "loudness_lufs", "word": "quiet", "z": pytest.approx(-5 / 7.413)}
    ]
    assert described["features"][2].to_list() == []


def test_the_group_that_holds_a_track():
    groups = pl.DataFrame({"track_id": [5, 6, 7, 8], "group": [2, 1, 2, None]})
    assert clusters.holding(groups, 7)["track_id"].to_list() == [5, 7]
    assert clusters.holding(groups, 8)["track_id"].to_list() == []
    assert clusters.holding(groups, 99)["track_id"].to_list() == []


def tagged(*genres):
    return pl.DataFrame(
        {"track_id": range(1, len(genres) + 1), "genres": genres}, {"track_id": pl.Int64, "genres": pl.List(pl.String)}
    )


def test_genres_stand_out_where_they_are_more_frequent():
    """Rock is everywhere; jazz is half of group 2, a quarter of all. One tagged track in six is too few for a name."""
    tracks = tagged(["Rock"], ["Rock"], ["Rock", "Jazz"], ["Jazz", "Rock"], ["Rock"], ["Rock"], ["Rock"], ["Rock"],
                    ["Polka"], [], [], [], [], [])  # fmt: skip
    groups = grouped(_1=[1, 2, 5, 6, 7, 8], _2=[3, 4], _3=[9, 10, 11, 12, 13, 14])
    described = clusters.describe(groups, a_space(np.eye(14)), tracks=tracks).sort("group")
    assert described["genres"].to_list() == [["Rock"], ["Jazz"], []]
    assert described["name"].to_list() == ["rock", "jazz", "group"]
    assert described["unknown"].to_list() == [["tags", "features"]] * 3


def heard(*tracks):
    """Embeddings of tracks from 1 on; each is a dict of words to probabilities, the rest 0.01."""
    tags = np.full((len(tracks), len(LEARNED_TAGS)), 0.01, np.float32)
    for row, words in enumerate(tracks):
        for word, probability in words.items():
            tags[row, list(MEANINGS[word])] = probability
    zeros = np.zeros((len(tracks), 400), np.float32)
    columns = {"track_id": range(1, len(tracks) + 1), "model": "m", "version": "1", "embedding": zeros, "tags": tags}
    return pl.DataFrame(columns, EMBEDDINGS)


def test_learned_tags_need_a_lead_and_a_probability():
    """Strings: 0.4 in the group, 0.205 in all, so the lift is 1.95; flute leads too, but the network doubts it."""
    embeddings = heard(*[{"strings": 0.4, "flute": 0.1}] * 2, *[{"rock": 0.5}] * 2)
    described = clusters.describe(grouped(_1=[1, 2], _2=[3, 4]), a_space(np.eye(4)), embeddings=embeddings)
    assert [[tag["tag"] for tag in tags] for tags in described["tags"]] == [["strings"], ["rock"]]
    assert described["tags"][0][0]["lift"] == pytest.approx(0.4 / 0.205)
    assert described["name"].to_list() == ["strings", "rock"]
    assert described["unknown"].to_list() == [["genres", "features"]] * 2


def test_a_whole_name_has_a_word_for_the_sound_a_tag_and_a_genre():
    described = clusters.describe(
        grouped(_1=[1, 2], _2=[3, 4]),
        a_space(np.eye(4)),
        tracks=tagged(["Classical"], ["Classical"], ["Rock"], ["Rock"]),
        features=measured(spectral_flatness_mean=[0.001, 0.001, 0.1, 0.1]),
        embeddings=heard(*[{"strings": 0.4}] * 2, *[{"rock": 0.5}] * 2),
    )
    assert described["name"].to_list() == ["smooth strings / classical", "noisy rock"]
    assert described["unknown"].to_list() == [[], []]


def test_groups_of_one_name_are_told_apart_by_a_second_word():
    """All three are techno; two of them loud, and one of those fast besides."""
    features = measured(loudness_lufs=[-8.0, -8, -8, -8, -20, -20], bpm=[120.0, 120, 135, 135, 120, 120])
    described = clusters.describe(
        grouped(_1=[1, 2], _2=[3, 4], _3=[5, 6]),
        a_space(np.eye(6)),
        tracks=tagged(*[["Techno"]] * 6),
        features=features,
    )
    names = described["name"].to_list()
    assert len({*names}) == 3
    assert not any(char.isdigit() for name in names for char in name)
    assert "fast" in names[1]


def test_the_same_words_in_another_order_are_the_same_name():
    """Two groups, each quiet and dark, but the one more quiet and the other more dark."""
    features = measured(
        loudness_lufs=[-30.0, -30, -20, -20, -10, -10, -10, -10],
        spectral_centroid_hz_mean=[1000.0, 1000, 500, 500, 2000, 2000, 2000, 2000],
        onset_rate_hz=[1.0, 1, 3, 3, 2, 2, 2, 2],
    )
    described = clusters.describe(
        grouped(_1=[1, 2], _2=[3, 4], _3=[5, 6, 7, 8]), a_space(np.eye(8)), features=features
    ).sort("group")
    names = [frozenset(name.replace(",", "").split()) for name in described["name"]]
    assert len({*names}) == 3


def test_nine_names_in_ten_are_of_words_alone():
    """Two hundred made tracks of ten kinds in 24 groups, with tags and without genres."""
    embeddings = made_embeddings(200, groups=10)
    chance = np.random.default_rng(0)
    kinds = np.arange(200) % 10
    features = measured(**{
        words.column: chance.normal(size=10)[kinds] + 0.3 * chance.normal(size=200) + 10
        for words in clusters.words.FEATURE_WORDS if words.column != "mode"
    })  # fmt: skip
    space = learned(embeddings)
    found = clusters.group(space, n=24)
    described = clusters.describe(found, space, features=features, embeddings=embeddings)
    plain = [name for name in described["name"] if not any(char.isdigit() for char in name)]
    assert described["name"].n_unique() == 24
    assert len(plain) >= 22


def test_a_name_does_not_contradict_itself():
    """Measured to be fast, heard as slow and ambient; the other group slow and loud, and heard as quiet and fast."""
    features = measured(bpm=[180.0, 180, 90, 90, 120], loudness_lufs=[-20.0, -20, -8, -8, -14])
    embeddings = heard(*[{"slow": 0.5, "ambient": 0.4}] * 2, *[{"quiet": 0.5, "fast": 0.4}] * 2, {})
    described = clusters.describe(
        grouped(_1=[1, 2], _2=[3, 4]), a_space(np.eye(5)), features=features, embeddings=embeddings
    )
    names = [{*name.replace(",", "").split()} for name in described["name"]]
    assert [[*map(str, name & {"fast", "slow", "loud", "quiet", "ambient"})] for name in names if name & {"ambient"}]
    for name in names:
        assert not {"fast", "slow"} <= name
        assert not {"quiet", "loud"} <= name


def test_no_later_name_contradicts_itself_either():
    """Slow is heard first: neither the weakly measured fast nor the tag fast may join it."""
    words = [("dark", -1.0), ("fast", 0.2), ("loud", 0.1)]
    names = clusters.describing._names([], ["slow", "fast", "ambient"], words, "average")
    assert [*islice(names, 4)] == [
        ("dark slow", "dark"), ("dark, loud slow", "dark"), ("dark slow, ambient", "dark"), ("dark slow 2", "dark"),
    ]  # fmt: skip


def test_the_feature_is_the_adjective_of_the_name():
    """Loud is what stands out most, and the tag says it already: the adjective is fast, and the feature too."""
    features = measured(loudness_lufs=[-8.0, -8, -20, -20, -20, -14], bpm=[130.0, 130, 100, 100, 120, 115])
    described = clusters.describe(
        grouped(_1=[1, 2], _2=[3, 4, 5]),
        a_space(np.eye(6)),
        features=features,
        embeddings=heard(*[{"loud": 0.6}] * 2, *[{}] * 4),
    ).sort("group")
    assert described["name"][0].startswith("fast loud")
    assert described["feature"][0] == "fast"
    assert described["feature_z"][0] > 0


def test_a_tag_that_is_rarer_than_elsewhere_is_no_word():
    """High ranks, but one track outside is heard so clearly that the mean of the group lies below that of all."""
    embeddings = heard(*[{"strings": 0.2}] * 3, *[{}] * 3, {"strings": 0.9})
    found = clusters.words.tag_words(embeddings, {1: [1, 2, 3]})
    assert found == {1: []}
