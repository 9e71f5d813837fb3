"""Every figure of a made collection of any size, for what they weigh."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from synthetic import SYLLABLES

from workbench import doctor, figures, genres, stats
from workbench.features import TrackAnalysis
from workbench.keys import CAMELOT
from workbench.models import TRACKS
from workbench.moods import QUADRANTS
from workbench.neighbours import Explanation

KINDS, GROUPS = 300, 24
FRAMES, FRAME_S = 2584, 512 / 22_050  # a minute
NUMBERS = {
    "loudness_lufs": (-11, 3),
    "loudness_range_lu": (6, 2),
    "dynamic_range_db": (10, 2),
    "bpm": (118, 25),
    "onset_rate_hz": (4, 1),
    "spectral_centroid_hz_mean": (2200, 600),
    "spectral_flatness_mean": (0.02, 0.005),
    "duration_s": (230, 60),
}


def made_names(chance, count, words):
    """As many names of so many words, about seven letters each."""
    known = np.array(["".join(chance.choice(SYLLABLES.split(), 3)).capitalize() for _ in range(2000)], object)
    return [" ".join(row) for row in known[chance.integers(0, len(known), (count, words))]]


def made_tracks(count, seed=0):
    """Tracks as `library.tracks` gives them, with a place on the map, a group and a mood.

    300 genres as uneven as real ones (the n-th has 1/n of the first), twelve tracks an album, years 1950 to 2024.
    """
    chance = np.random.default_rng(seed)
    shares = 1 / np.arange(1, KINDS + 1)
    kinds = np.array(sorted({*made_names(chance, 2 * KINDS, 2)})[:KINDS])
    kind = chance.choice(kinds, count, p=shares / shares.sum())
    albums, artists = made_names(chance, count // 12 + 1, 3), made_names(chance, count // 48 + 1, 2)
    code = [*CAMELOT.items()]
    picked = chance.integers(0, len(code), count)
    columns = {
        "track_id": np.arange(1, count + 1),
        "title": made_names(chance, count, 3),
        "artist": [artists[row // 48] for row in range(count)],
        "album": [albums[row // 12] for row in range(count)],
        "genre": kind,
        "year": chance.integers(1950, 2025, count),
        "container": chance.choice(["flac", "mp3", "mp4", "ogg"], count),
        "codec": chance.choice(["flac", "mp3", "aac", "vorbis"], count),
        "size_bytes": chance.integers(10**6, 10**8, count),
        "analyzed": np.ones(count, bool),
        "camelot": [code[each][0] for each in picked],
        "key": [code[each][1][0] for each in picked],
        "mode": [code[each][1][1] for each in picked],
        **{name: chance.normal(middle, spread, count) for name, (middle, spread) in NUMBERS.items()},
    }
    plain = {name: pl.Series(name, columns.get(name, [None] * count), kind) for name, kind in TRACKS.items()}
    lists = {name: pl.concat_list(one) for name, one in (("genres", "genre"), ("artists", "artist"))}
    return pl.DataFrame(plain).with_columns(**lists).with_columns(**placed(chance, count))


def placed(chance, count):
    """Columns of a map, of groups and of moods."""
    group = chance.integers(0, GROUPS, count)
    return {
        **{name: pl.Series(chance.normal(size=count)) for name in ("x", "y")},
        "trust": pl.Series(chance.random(count)),
        "group": pl.Series(group),
        "group_name": pl.Series([f"bright strings number {each} / a genre" for each in group]),
        **{name: pl.Series(chance.uniform(-1, 1, count)) for name in ("arousal", "valence")},
        "mood": pl.Series(chance.choice(QUADRANTS, count)),
        "arousal_source": pl.lit("loudness, brightness, onsets and dynamic range"),
        "valence_source": pl.lit("learned tags happy and sad"),
    }


def made_analysis(seed=0):
    """A minute of noise: no two columns of a picture are alike."""
    chance = np.random.default_rng(seed)
    times_s = np.arange(FRAMES) * FRAME_S
    return TrackAnalysis(
        times_s=times_s,
        peaks=chance.uniform(-1, 1, (2, FRAMES)).astype(np.float32),
        frequencies_hz=np.linspace(0, 11_025, 1025),
        spectrogram_db=np.full((1025, FRAMES), -80, np.float32),
        mel_db=chance.uniform(-80, 0, (128, FRAMES)).astype(np.float32),
        chroma=chance.random((12, FRAMES)).astype(np.float32),
        onset_strength_db=np.zeros(FRAMES, np.float32),
        tempogram=chance.random((384, FRAMES)).astype(np.float32),
        tempogram_bpm=np.append(np.inf, 60 / FRAME_S / np.arange(1, 384)),
        beat_times_s=np.arange(0, 60, 0.5).astype(np.float32),
        loudness_times_s=times_s[::4],
        loudness_lufs=chance.uniform(-30, -5, len(times_s[::4])),
    )


def made_explanation():
    blocks = pl.DataFrame({"block": ["timbre", "tonal"], "similarity": [0.5, -0.1], "share": [1.0, 0.0]})
    tags = pl.DataFrame({"tag": ["strings"], "percentile": [0.9], "neighbour_percentile": [0.8], "strength": [0.2]})
    return Explanation(1, 2, 0.4, 0.9, blocks, tags, "Alike in timbre (100%).")


def made_history(count=300):
    """A look at the collection every week."""
    first = datetime(2020, 1, 1, tzinfo=UTC)
    taken_at = pl.datetime_range(first, first + timedelta(weeks=count - 1), "1w", eager=True)
    grown = pl.DataFrame({"taken_at": taken_at, "tracks": range(count), "analyzed": range(count)})
    return pl.concat([pl.DataFrame(schema=stats.HISTORY), grown], how="diagonal_relaxed")


def draw_all(tracks):
    """Name and drawing of each figure; a drawing takes what it needs from these tracks when it is called."""
    draw = figures
    return {
        "bit_rates": lambda: draw.bit_rates(stats.by_bit_rate(tracks)),
        "camelot_wheel": lambda: draw.camelot_wheel(stats.by_key(tracks)),
        "cutoffs": lambda: draw.cutoffs(doctor.cutoff_histogram(tracks)),
        "coverage": lambda: draw.coverage(stats.tag_coverage(tracks)),
        "dynamic_range": lambda: draw.dynamic_range(stats.dynamic_range_histogram(tracks)),
        "explanation": lambda: draw.explanation(made_explanation()),
        "formats": lambda: draw.formats(stats.by_format(tracks)),
        "genre_confusion": lambda: draw.genre_confusion(genres.confusion(tracks, tracks.select("track_id", "group"))),
        "genre_tree": lambda: draw.genre_tree(genres.count(tracks)),
        "genres": lambda: draw.genres(stats.by_genre(tracks)),
        "growth": lambda: draw.growth(stats.growth(tracks)),
        "history": lambda: draw.history(made_history()),
        "keys": lambda: draw.keys(stats.by_key(tracks)),
        "loudness": lambda: draw.loudness(stats.loudness_histogram(tracks)),
        "medians_by_genre": lambda: draw.medians_by_genre(stats.bands(tracks, "bpm", "genre")),
        "medians_by_year": lambda: draw.medians_by_year(stats.bands(tracks, "loudness_lufs", "year", width=1)),
        "mood_plane": lambda: draw.mood_plane(tracks),
        "percentiles": lambda: draw.percentiles(stats.percentiles(tracks, 1)),
        "ratings": lambda: draw.ratings(stats.by_rating(tracks)),
        "similarity_map": lambda: draw.similarity_map(tracks, colour="group_name", dim_untrusted=0.5),
        "similarity_map, a number": lambda: draw.similarity_map(tracks, colour="bpm"),
        "tempo": lambda: draw.tempo(stats.tempo_histogram(tracks)),
        "track_analysis": lambda: draw.track_analysis(made_analysis()),
        "years": lambda: draw.years(stats.by_year(tracks)),
    }
