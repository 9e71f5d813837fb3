"""The maps of a library stay put: opened at once, grown by new tracks, put right and made anew on request."""

import subprocess
import sys
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
from workbench.store import layouts
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


@pytest.fixture
def library(tmp_path):
    """Sixty tracks, of which the first fifty are analysed."""
    library = wb.Library(tmp_path / "library.db")
    with store.writing(library._engine) as connection:
        root_id, _ = add_root(connection, Path("/music").absolute())
        store_records(connection, root_id, list(records(60)))
    hear(library, range(1, 51))
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


def test_another_seed_is_another_family(library):
    library.similarity_map(seed=0)
    hear(library, range(51, 61))
    layout = library.similarity_map(seed=1)
    points = layout.select("x", "y").to_numpy().astype(np.float32)
    assert points.tobytes() == maps.embed(library.space(), seed=1).tobytes()


@pytest.mark.parametrize("change", ["a correction", "another sound"])
def test_a_track_that_sounds_different_finds_a_new_place(library, change):
    before = places(library.similarity_map())
    if change == "a correction":
        library.correct(7, bpm=99.0, key="C")
    else:
        hear(library, [7], audio_hash=b"quite another so", mfcc_mean=MADE[59].mfcc_mean)
    after = places(library.similarity_map())
    assert after[7] != before[7]
    assert {**after, 7: None} == {**before, 7: None}
    assert len(kept(library)) == 2


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
    for track_id, row in enumerate(embeddings(60).head(40).iter_rows(named=True), start=1):
        with store.writing(library._engine) as connection:
            parts = {"embedding": np.float32(row["embedding"]), "tags": np.float32(row["tags"])}
            heard = LearnedFeatures(model=row["model"], version=row["version"], **parts)
            store_embedding(connection, track_id, row["version"], heard)
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


def test_the_newest_of_a_family_are_kept(library):
    with store.writing(library._engine) as connection:
        layouts.store_layout(connection, "stranger", {}, np.array([1]), np.zeros((1, 2), np.float32), family="other")
        for number in range(layouts.KEPT + 3):
            one = np.array([number])
            layouts.store_layout(connection, f"{number}", {}, one, np.zeros((1, 2), np.float32), family="mine")
        found = layouts.family_layouts(connection, "mine")
    assert [int(each.track_ids[0]) for each in found] == list(range(22, 2, -1))
    assert [row["key"] for row in kept(library)][:2] == ["stranger", "3"]


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


@pytest.mark.parametrize(("count", "trusted"), [(1, False), (2, False), (3, True), (10, True)])
def test_few_tracks_have_a_map(library, count, trusted):
    layout = library.similarity_map(library.tracks().head(count))
    assert len(layout) == count
    assert layout["trust"].null_count() == (0 if trusted else count)
