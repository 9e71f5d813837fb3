"""The spaces of a library: which one is taken, kept by name, fitted anew when there is a reason."""

import numpy as np
import pytest
from synthetic import embeddings
from test_library_maps import hear, library  # noqa: F401  a fixture

from workbench import spaces, store
from workbench.models import LearnedFeatures
from workbench.store.embeddings import store_embedding


def listen(library, count, version="1"):  # noqa: F811  pytest's way
    """The model hears the first tracks."""
    with store.writing(library._engine) as connection:
        for row in embeddings(count).iter_rows(named=True):
            parts = {"embedding": np.float32(row["embedding"]), "tags": np.float32(row["tags"])}
            heard = LearnedFeatures(model=row["model"], version=version, **parts)
            store_embedding(connection, row["track_id"], version, heard)


@pytest.mark.parametrize(("heard", "kind"), [(0, "timbre"), (40, "timbre"), (45, "learned"), (50, "learned")])
def test_the_learned_space_is_taken_where_nine_tracks_in_ten_are_heard(library, heard, kind):  # noqa: F811
    listen(library, heard)  # fifty are measured
    assert library.space_kind() == library.space().kind == kind


def test_a_name_that_is_saved_again_gives_the_new_kind(library):  # noqa: F811
    listen(library, 50)
    library.save_space("mine", library.space(kind="timbre"))
    assert library.space(kind="mine").kind == "timbre"
    library.save_space("mine", library.space(kind="learned"))
    assert library.space(kind="mine").kind == "learned"


def test_a_space_is_fitted_anew_for_another_tempo_and_not_for_another_title(library):  # noqa: F811
    before = library.space()
    library.correct(2, title="Other")
    library.rate(2, 0.5)
    assert library.space() is before
    library.correct(2, bpm=99.0)
    assert library.space() is not before


def test_weights_given_at_the_fitting_are_kept_with_the_name(library):  # noqa: F811
    weighted = spaces.timbre(library.features(), weights={"rhythm": 3})
    assert weighted.weights == {"rhythm": pytest.approx(5)}  # by default it weighs 0.6
    library.save_space("mine", weighted)
    assert library.space(kind="mine").matrix == pytest.approx(weighted.matrix, abs=1e-6)


def test_vectors_of_two_versions_of_the_model_are_not_mixed(library):  # noqa: F811
    listen(library, 30, version="1")
    listen(library, 10, version="2")
    assert library.embeddings()["version"].unique().to_list() == ["1"]
    assert len(library.embeddings()) == 20
    assert len(library.similarity_map(kind="learned")) == 20
    listen(library, 50, version="2")
    assert library.embeddings()["version"].to_list() == ["2"] * 50


def test_an_explanation_goes_by_the_weights_of_the_space(library):  # noqa: F811
    space = library.space().weighted(rhythm=0, tonal=0, dynamics=0)
    blocks = spaces.fit(library.features()).blocks
    why = library.explain(1, 2)
    assert set(why.blocks["block"]) == set(blocks)
    library.save_space("timbre alone", space)
    alone = library.explain(1, 2, kind="timbre alone").blocks
    shares = dict(alone.select("block", "similarity").rows())
    assert shares["rhythm"] == shares["tonal"] == shares["dynamics"] == 0
    assert shares["timbre"] == pytest.approx(1 - library.explain(1, 2, kind="timbre alone").distance, abs=1e-5)
