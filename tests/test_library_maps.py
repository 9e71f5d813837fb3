"""The maps of a library stay put: opened at once, grown by new tracks, put right and made anew on request."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from synthetic import embeddings, features, records

import workbench as wb
from workbench import maps, store
from workbench.errors import SpaceError, StoreError
from workbench.models import TABLES, AudioFeatures, LearnedFeatures
from workbench.models.tables import now
from workbench.store.embeddings import store_embedding
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

MADE = list(features(60, seed=1))


def hear(library, track_ids, **changed):
    """Analyse tracks: each has its own sound, and the sound that is given in place of it."""
    columns = TABLES["audio_features"].c
    with store.writing(library._engine) as connection:
        for track_id in track_ids:
            row = {name: getattr(MADE[track_id - 1], name, None) for name in AudioFeatures.model_fields} | changed
            audio_hash = row.pop("audio_hash", track_id.to_bytes(16, "little"))
            connection.execute(TABLES["audio_features"].delete().where(columns.track_id == track_id))
            row |= {"track_id": track_id, "analyzed_at": now()}
            connection.execute(TABLES["audio_features"].insert(), row)
            track = TABLES["track"]
            connection.execute(track.update().where(track.c.id == track_id).values(audio_hash=audio_hash))


def listen(library, rows):
    """Keep what the learned model heard of tracks, by id: rows of made embeddings."""
    with store.writing(library._engine) as connection:
        for track_id, row in rows.items():
            parts = {"embedding": np.float32(row["embedding"]), "tags": np.float32(row["tags"])}
            heard = LearnedFeatures(model=row["model"], version=row["version"], **parts)
            store_embedding(connection, track_id, row["version"], heard)


@pytest.fixture
def library(tmp_path):
    """Sixty tracks, of which the first fifty are analysed."""
    return a_library(tmp_path, 60, 50)


def a_library(folder, tracks, analysed):
    library = wb.Library(folder / "library.db")
    with store.writing(library._engine) as connection:
        root_id, _ = add_root(connection, Path("/music").absolute())
        store_records(connection, root_id, list(records(tracks)))
    hear(library, range(1, analysed + 1))
    return library


def kept(library):
    """Keys of all layouts, oldest first."""
    with store.reading(library._engine) as connection:
        layout = TABLES["layout"].c
        return list(connection.execute(layout.key.table.select().order_by(layout.id)).mappings())


def places(layout):
    return {row["track_id"]: (row["x"], row["y"]) for row in layout.iter_rows(named=True)}


def test_a_map_has_a_place_and_a_trust_for_each_track(library):
    layout = library.similarity_map()
    assert layout["track_id"].to_list() == list(range(1, 51))
    assert layout.columns[-3:] == ["x", "y", "trust"]
    assert layout.schema["trust"] == pl.Float64
    space = library.space(layout)
    points = layout.select("x", "y").to_numpy().astype(np.float32)
    assert layout["trust"].to_numpy() == pytest.approx(maps.trust(space, points))
    assert points.tobytes() == maps.embed(space).tobytes()


def test_a_map_opens_again_without_a_space(library, monkeypatch):
    first = library.similarity_map(seed=3)
    again = wb.Library(library.path)
    monkeypatch.setattr(again, "space", None)
    assert again.similarity_map(seed=3).equals(first)
    assert again.similarity_map(again.tracks().reverse(), seed=3).equals(first.reverse())


def test_a_fresh_process_opens_a_map_without_heavy_libraries(library):
    library.similarity_map()
    code = (
        "import sys, workbench as wb; "
        f"print(len(wb.Library({str(library.path)!r}).similarity_map()), "
        "*sorted({'umap', 'numba', 'sklearn', 'scipy', 'plotly'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert out == ["50"]


def test_old_points_do_not_move_when_tracks_are_added(library):
    before = places(library.similarity_map())
    hear(library, range(51, 61))
    after = library.similarity_map()
    grown = places(after)
    assert len(grown) == 60
    assert {track_id: grown[track_id] for track_id in before} == before
    space = library.space()
    old = np.array([before[track_id] for track_id in range(1, 51)], np.float32)
    expected = maps.grow(space, np.arange(1, 51), old)
    assert after.select("x", "y").to_numpy().tolist() == expected.tolist()
    assert after["trust"].null_count() == 0
    assert [len(row["track_ids"]) // 8 for row in kept(library)] == [50, 60]
    assert len({row["family"] for row in kept(library)}) == 1
    assert library.similarity_map().equals(after)


def test_a_map_without_a_few_tracks_keeps_the_rest(library):
    before = places(library.similarity_map())
    fewer = places(library.similarity_map(library.tracks().filter(pl.col("track_id") > 5)))
    assert fewer == {track_id: before[track_id] for track_id in range(6, 51)}


def test_a_selection_has_a_map_of_its_own(library):
    before = places(library.similarity_map())
    few = library.tracks().filter(pl.col("track_id") <= 20)
    own = library.similarity_map(few)
    assert not set(places(own).values()) & set(before.values())
    assert own.select("x", "y").to_numpy().astype(np.float32).tobytes() == maps.embed(library.space(few)).tobytes()


def test_a_map_of_less_than_half_does_not_grow(library):
    few = places(library.similarity_map(library.tracks().filter(pl.col("track_id") <= 20)))
    assert not set(places(library.similarity_map()).values()) & set(few.values())


def test_a_map_that_was_doubled_again_and_again_is_as_good_as_a_new_one(library):
    """Grown each time it would be 60 points by the word of one: all in one place, with a trust of 0.57."""
    hear(library, range(51, 61))
    for count in (1, 2, 4, 8, 16, 32, 60):
        layout = library.similarity_map(library.tracks().head(count))
    space, points = library.space(), layout.select("x", "y").to_numpy()
    anew = maps.embed(space)
    assert maps.trustworthiness(space, points) > maps.trustworthiness(space, anew) - 0.05
    assert np.ptp(points, axis=0).max() > 0.5 * np.ptp(anew, axis=0).max()


def test_a_map_that_is_mostly_grown_is_computed_anew_and_laid_over_itself(library, monkeypatch):
    monkeypatch.setattr("workbench.maps.growth.FEWEST_COMPUTED", 20)
    hear(library, range(51, 61))
    first, second, third = (library.similarity_map(library.tracks().head(count)) for count in (22, 40, 60))
    assert places(first).items() <= places(second).items()
    old = second.select("x", "y").to_numpy().astype(np.float32)
    over = maps.align(maps.embed(library.space()), np.arange(1, 61), old, np.arange(1, 41))
    assert third.select("x", "y").to_numpy().astype(np.float32).tobytes() == over.tobytes()
    assert [len(row["parameters"]["grown"]) for row in kept(library)] == [0, 18, 0]


def test_a_map_that_was_put_right_is_grown_still(library):
    for track_ids in ([], range(51, 56), range(56, 61)):
        hear(library, track_ids)
        library.similarity_map()
    library.refine_map()
    assert kept(library)[-1]["parameters"]["grown"] == list(range(51, 61))
    library.refit_map()
    assert kept(library)[-1]["parameters"]["grown"] == []


def test_a_previewed_newcomer_moves_no_other(library):
    before = places(library.similarity_map())
    hear(library, [51], extent="preview")
    after = places(library.similarity_map())
    assert {track_id: after[track_id] for track_id in before} == before
    hear(library, [51], extent="full")
    fully = places(library.similarity_map())
    assert {track_id: fully[track_id] for track_id in before} == before
    assert len(kept(library)) == 3  # heard in full, the newcomer is placed again


def test_another_seed_is_another_family(library):
    library.similarity_map(seed=0)
    hear(library, range(51, 61))
    layout = library.similarity_map(seed=1)
    points = layout.select("x", "y").to_numpy().astype(np.float32)
    assert points.tobytes() == maps.embed(library.space(), seed=1).tobytes()


@pytest.mark.parametrize("kind", ["timbre", "learned", "blend"])
def test_a_track_that_sounds_different_finds_a_new_place(library, kind):
    made = embeddings(50).rows(named=True)
    listen(library, dict(enumerate(made, start=1)))
    first = places(library.similarity_map(kind=kind))
    hear(library, [7], audio_hash=b"quite another so", mfcc_mean=MADE[59].mfcc_mean)
    listen(library, {7: made[1]})
    second = places(library.similarity_map(kind=kind))
    library.correct(7, bpm=99.0, key="C")
    third = places(library.similarity_map(kind=kind))
    assert first[7] != second[7]
    assert second[7] != third[7] or kind != "timbre"
    assert {**first, 7: None} == {**second, 7: None} == {**third, 7: None}
    assert len(kept(library)) == (2 if kind == "learned" else 3)  # a correction changes nothing that the model hears


def test_a_correction_that_is_taken_back_brings_back_the_map(library):
    first = library.similarity_map()
    library.correct(7, bpm=99.0)
    library.similarity_map()
    library.correct(7, bpm=None)
    assert library.similarity_map().equals(first)


def test_what_does_not_touch_the_sound_changes_no_map(library):
    first = library.similarity_map().select("track_id", "x", "y")
    library.correct(7, title="Another", year=1999)
    library.rate(8, 0.5)
    hear(library, [9])  # the same sound, heard again
    assert library.similarity_map().select("track_id", "x", "y").equals(first)
    assert len(kept(library)) == 1


def test_another_analyzer_version_makes_another_map(library):
    library.similarity_map()
    hear(library, range(1, 51), rhythm_version="3")
    after = library.similarity_map()
    assert len({row["family"] for row in kept(library)}) == 2
    anew = maps.embed(library.space())
    assert after.select("x", "y").to_numpy().astype(np.float32).tobytes() == anew.tobytes()


def test_the_key_knows_the_version_that_the_space_has(library):
    hear(library, [3], extent="preview", spectrum_version=None)
    listen(library, dict(enumerate(embeddings(40).iter_rows(named=True), start=1)))
    fitted = {
        kind: wb.spaces.fit(library.features(), kind=kind, embeddings=library.embeddings())
        for kind in ("timbre", "learned", "blend")
    }
    for name, factors in {"mine": {"rhythm": 2}, "plain": {}}.items():
        library.save_space(name, fitted["timbre"].weighted(**factors))
        fitted[name] = library.space(kind=name)
    for kind, space in fitted.items():
        asked = library._asked(library.tracks(), 0, kind)
        assert asked.parameters["space"] == space.version
        assert asked.track_ids.tolist() == sorted(space.track_ids.tolist())


def test_a_saved_space_is_a_kind_of_its_own(library):
    plain = library.space()
    library.save_space("dancing", plain.weighted(rhythm=2, tonal=0))
    again = wb.Library(library.path)
    assert again.space(kind="dancing").weights == {"rhythm": 2, "tonal": 0}
    assert again.space(kind="dancing").matrix == pytest.approx(plain.weighted(rhythm=2, tonal=0).matrix)
    assert again.spaces().rows() == [
        ("dancing", "timbre", [{"block": "rhythm", "weight": 2.0}, {"block": "tonal", "weight": 0.0}])
    ]
    own, known = again.similarity_map(kind="dancing"), again.similarity_map()
    assert not own.select("x", "y").equals(known.select("x", "y"))
    library.save_space("dancing", plain.weighted(rhythm=3))
    assert library.space(kind="dancing").weights == {"rhythm": 3}  # what was fitted before is not kept
    assert len(library.spaces()) == 1


def test_a_space_is_saved_under_a_name_of_its_own(library):
    for name in ("timbre", " "):
        with pytest.raises(SpaceError, match="cannot be the name"):
            library.save_space(name, library.space())
    made = wb.Space(np.array([1]), np.ones((1, 1), np.float32), "made", {"all": slice(0, 1)}, "1")
    with pytest.raises(SpaceError, match="'made' space cannot be fitted again"):
        library.save_space("mine", made)


def test_coverage_counts_tracks_by_part_and_version(library):
    hear(library, [3], rhythm_version=None)
    table = library.coverage()
    measured_by = MADE[0].rhythm_version
    rhythm = [(None, 11, pytest.approx(11 / 60)), (measured_by, 49, pytest.approx(49 / 60))]
    assert table.filter(part="rhythm").select("version", "tracks", "share").rows() == rhythm
    counts = table.group_by("part").agg(pl.col("tracks").sum(), pl.col("share").sum())
    assert set(counts["tracks"]) == {60}
    assert set(counts["share"].round(9)) == {1}
    assert table.filter(part="learned").rows() == [("learned", None, 60, 1.0)]


def test_an_unknown_kind_is_refused(library):
    with pytest.raises(SpaceError, match="the kinds are"):
        library.similarity_map(kind="colour")


def test_refining_moves_the_remembered_map_a_little(library):
    before = library.similarity_map()
    drift = library.refine_map()
    after = library.similarity_map()
    assert 0 < drift < 0.2
    old, new = (layout.select("x", "y").to_numpy() for layout in (before, after))
    assert np.median(np.hypot(*(new - old).T)) / np.ptp(old, axis=0).max() == pytest.approx(drift, rel=1e-4)
    assert len(kept(library)) == 1


@pytest.mark.parametrize("change", ["refine_map", "refit_map"])
def test_what_was_cut_from_a_map_follows_when_it_changes(library, change):
    library.similarity_map()
    most = library.tracks().filter(pl.col("track_id") > 5)
    library.similarity_map(most)
    library.correct(7, bpm=99.0)
    library.similarity_map()
    getattr(library, change)()
    after = places(library.similarity_map())
    assert places(library.similarity_map(most)).items() <= after.items()
    library.correct(7, bpm=None)
    assert {**places(library.similarity_map()), 7: None} == {**after, 7: None}


def test_the_map_of_all_stays_when_that_of_a_selection_changes(library):
    before = library.similarity_map()
    few = library.tracks().head(30)
    library.refine_map(few)
    library.refit_map(few)
    assert library.similarity_map().equals(before)


def test_a_refit_is_laid_over_the_map_that_was_there(library):
    library.similarity_map()
    hear(library, range(51, 61))
    grown = library.similarity_map()
    again = library.refit_map()
    assert again.select("track_id", "x", "y").equals(library.similarity_map().select("track_id", "x", "y"))
    assert not again["x"].equals(grown["x"])
    anew = maps.embed(library.space())
    ids = again["track_id"].to_numpy()
    over = maps.align(anew, ids, grown.select("x", "y").to_numpy().astype(np.float32), ids)
    assert again.select("x", "y").to_numpy() == pytest.approx(over, abs=1e-4)


def test_a_refit_where_nothing_is_remembered_is_a_map(library):
    assert library.refit_map().equals(library.similarity_map())


def test_a_map_of_other_tracks_than_were_asked_for_is_not_remembered(library, monkeypatch):
    """A track that is forgotten while the map is computed."""
    whole = library.space()
    monkeypatch.setattr(library, "space", lambda **_: whole.cut(range(1, 50)))
    assert len(library.similarity_map()) == 49
    assert kept(library) == []


@pytest.mark.parametrize("draw", ["similarity_map", "refine_map", "refit_map"])
def test_a_map_of_another_space_than_was_asked_for_is_refused(library, monkeypatch, draw):
    other = replace(library.space(), version="made-2")
    monkeypatch.setattr(library, "space", lambda **_: other)
    with pytest.raises(SpaceError, match=r"made-2.*ask again"):
        getattr(library, draw)()
    assert kept(library) == []


def test_a_seed_is_a_whole_number(library):
    for draw in (library.similarity_map, library.refine_map, library.refit_map):
        with pytest.raises(SpaceError, match=r"seed 1\.5"):
            draw(seed=1.5)
    assert library.similarity_map(seed=np.int64(3)).equals(library.similarity_map(seed=3))
    assert len(kept(library)) == 1


def test_an_empty_kind_is_none(library):
    assert library.similarity_map(kind="").equals(library.similarity_map())


def test_tracks_without_a_place_are_said_to_have_none(library):
    with pytest.raises(SpaceError, match=r"none of these 60 tracks has a place in the learned space"):
        library.similarity_map(kind="learned")


def test_a_collection_of_two_has_no_map(tmp_path):
    with pytest.raises(SpaceError, match="needs 3"):
        a_library(tmp_path, 2, 2).similarity_map()


def test_a_store_that_is_only_read_has_maps_too(library):
    first = library.similarity_map()
    hear(library, range(51, 61))
    expected = places(library.similarity_map(seed=1))
    newer = wb.Library(library.path)
    newer._engine.update_execution_options(workbench_refusal=StoreError("is only read"))
    grown = places(newer.similarity_map())
    assert {track_id: grown[track_id] for track_id in range(1, 51)} == places(first)
    assert places(newer.similarity_map(seed=1)) == expected
    assert len(kept(library)) == 2
    with pytest.raises(StoreError, match="only read"):
        newer.refine_map()
    with pytest.raises(StoreError, match="only read"):
        newer.refit_map()


@pytest.mark.parametrize(("count", "trusted"), [(1, False), (2, False), (3, True), (10, True)])
def test_few_tracks_have_a_map(library, count, trusted):
    layout = library.similarity_map(library.tracks().head(count))
    assert len(layout) == count
    assert layout["trust"].null_count() == (0 if trusted else count)
