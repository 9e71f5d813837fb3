"""What the learned model hears goes in, comes out, and belongs to a sound."""

import numpy as np
import polars as pl
import pytest
from test_store import MUSIC, VERSIONS, ingest, keep, measured, record, store  # noqa: F401  store is a fixture

from workbench.models import EMBEDDING_SIZE, EMBEDDINGS, LEARNED_MODEL, TAG_COUNT, Extent, Group, LearnedFeatures
from workbench.store import writing
from workbench.store.analysis import (
    count_pending,
    forget_learned,
    never_heard,
    pending,
    store_features,
    store_hash,
    store_learned,
)
from workbench.store.coverage import coverage_frame
from workbench.store.embeddings import count_heard, embeddings_frame
from workbench.store.files import known_files, mark_missing
from workbench.store.roots import add_root


def heard(value=0.5, version="1"):
    """What a model heard: one number all over."""
    return LearnedFeatures(
        model=LEARNED_MODEL,
        version=version,
        embedding=np.full(EMBEDDING_SIZE, value, np.float32),
        tags=np.full(TAG_COUNT, value / 2, np.float32),
    )


@pytest.fixture
def three(store):  # noqa: F811  pytest's way
    """A store of three tracks that are measured; the model has not heard them."""
    ingest(store, record("1.mp3"), record("2.mp3"), record("3.mp3"))
    with writing(store) as connection:
        for track in pending(connection, VERSIONS):
            keep(connection, track, measured(), [])
    return store


def test_an_embedding_comes_back_exactly(three):
    with writing(three) as connection:
        _, second, third = pending(connection, VERSIONS, "1")
        store_learned(connection, second, "1", heard(0.25))
        store_learned(connection, third, "1", None)  # there was nothing to be heard
        frame = embeddings_frame(connection)
    assert frame.schema == pl.Schema(EMBEDDINGS)
    assert frame["track_id"].to_list() == [second.track_id]
    assert frame["embedding"].to_list() == [[0.25] * EMBEDDING_SIZE]
    assert frame["tags"].to_list() == [[0.125] * TAG_COUNT]


def test_no_embeddings_are_a_frame_of_the_same_columns(three):
    with writing(three) as connection:
        assert embeddings_frame(connection).schema == pl.Schema(EMBEDDINGS)


def test_tracks_wait_for_the_model_alone_and_once(three):
    with writing(three) as connection:
        assert pending(connection, VERSIONS) == []
        waiting = pending(connection, VERSIONS, "1")
        assert [(track.groups, track.model, track.is_unheard) for track in waiting] == [((), "1", False)] * 3
        assert count_pending(connection, VERSIONS, "1")["learned"] == 3
        assert "learned" not in count_pending(connection, VERSIONS)
        store_learned(connection, waiting[0], "1", heard())
        store_learned(connection, waiting[1], "1", None)
        assert [track.track_id for track in pending(connection, VERSIONS, "1")] == [waiting[2].track_id]
        assert count_pending(connection, VERSIONS, "1")["learned"] == 1
        assert len(pending(connection, VERSIONS, "2")) == 3  # a newer model hears all again


def test_a_changed_file_is_heard_again_unless_it_sounds_as_before(three):
    with writing(three) as connection:
        for track in pending(connection, VERSIONS, "1"):
            store_learned(connection, track, "1", heard())
            store_hash(connection, track, b"sound of track %d" % track.track_id)
    ingest(three, record("1.mp3", title="Uno"))
    with writing(three) as connection:
        (changed,) = pending(connection, VERSIONS, "1")
        assert (changed.model, changed.model_of_same, changed.groups_of_same) == ("1", None, ())


def test_another_sound_forgets_what_was_heard(three):
    with writing(three) as connection:
        first, *_ = pending(connection, VERSIONS, "1")
        store_learned(connection, first, "1", heard())
    ingest(three, record("1.mp3", title="Uno"))
    with writing(three) as connection:
        store_learned(connection, first, "1", heard(0.75))  # the file changed meanwhile: nothing is kept
        assert embeddings_frame(connection)["embedding"][0][0] == 0.5
        (changed,) = (track for track in pending(connection, VERSIONS) if track.track_id == first.track_id)
        forget_learned(connection, changed)
        assert embeddings_frame(connection).is_empty()


def test_what_was_previewed_is_heard_again_with_the_whole(three):
    ingest(three, record("4.mp3"))
    with writing(three) as connection:
        (new,) = never_heard(connection, "1")
        assert (new.model, new.is_unheard) == ("1", True)
        store_features(connection, new, measured(extent=Extent.PREVIEW), [])
        store_learned(connection, new, "1", heard())
        store_hash(connection, new, b"sound")
        (waiting,) = (track for track in pending(connection, VERSIONS, "1") if track.track_id == new.track_id)
        assert (waiting.model, waiting.model_of_same, waiting.groups_of_same) == ("1", "1", tuple(Group))


def test_a_track_that_came_back_brings_what_was_heard_of_it(three):
    """A new file with the sound of a missing track is that track, and brings what the model heard of it."""
    ingest(three, record("moved.mp3"))
    with writing(three) as connection:
        root_id, _ = add_root(connection, MUSIC)
        gone = known_files(connection, root_id)[b"1.mp3"]
        mark_missing(connection, [gone])
        (newcomer,) = never_heard(connection, "1")
        store_features(connection, newcomer, measured(), [])
        store_learned(connection, newcomer, "1", heard(0.75))
        store_hash(connection, newcomer, b"sound of track 1")
        frame = embeddings_frame(connection)
        assert frame["track_id"].to_list() == [1]
        assert frame["embedding"][0][0] == 0.75


def test_tracks_measured_and_heard_are_counted(three):
    with writing(three) as connection:
        first, second, _ = pending(connection, VERSIONS, "1")
        store_features(connection, first, measured(mfcc_mean=np.zeros(20, np.float32)), [])
        store_learned(connection, first, "1", heard())
        store_learned(connection, second, "1", None)
        assert count_heard(connection) == (1, 1)


def test_excerpts_do_not_take_the_place_of_the_whole(three):
    with writing(three) as connection:
        first, *_ = pending(connection, VERSIONS, "1")
        store_learned(connection, first, "1", heard(0.25))
        store_learned(connection, first, "1", heard(0.75), Extent.PREVIEW)
        assert embeddings_frame(connection)["embedding"][0][0] == 0.25


def test_excerpts_of_a_track_that_came_back_do_not_either(three):
    with writing(three) as connection:
        first, *_ = pending(connection, VERSIONS, "1")
        store_learned(connection, first, "1", heard(0.25))
    ingest(three, record("moved.mp3"))
    with writing(three) as connection:
        root_id, _ = add_root(connection, MUSIC)
        mark_missing(connection, [known_files(connection, root_id)[b"1.mp3"]])
        (newcomer,) = never_heard(connection, "1")
        store_features(connection, newcomer, measured(extent=Extent.PREVIEW), [])
        store_learned(connection, newcomer, "1", heard(0.75), Extent.PREVIEW)
        store_hash(connection, newcomer, b"sound of track 1")
        assert embeddings_frame(connection).select("track_id", pl.col("embedding").arr.get(0)).rows() == [(1, 0.25)]


def test_a_track_that_is_missing_is_not_counted_in_the_coverage(three):
    with writing(three) as connection:
        root_id, _ = add_root(connection, MUSIC)
        mark_missing(connection, [known_files(connection, root_id)[b"1.mp3"]])
        found = coverage_frame(connection).filter(part="levels")
    assert found.rows() == [("levels", "v1", 2, 1.0)]
