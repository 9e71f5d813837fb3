"""Made records and features of a large collection, in the store's own shapes; the same for the same seed."""

from __future__ import annotations

import itertools
import random

import numpy as np

from workbench.keys import NAMES, camelot
from workbench.models import FEATURES, VECTOR_FEATURES, AudioFeatures, FileRecord, Stream, Tags

SYLLABLES = (
    "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sé"
)
GENRES = [
    "Ambient",
    "Blues",
    "Bossa Nova",
    "Chanson",
    "Classical",
    "Country",
    "Dance",
    "Disco",
    "Drum & Bass",
    "Dub",
    "Electronic",
    "Folk",
    "Funk",
    "Gospel",
    "Grunge",
    "Hip-Hop",
    "House",
    "Indie",
    "Industrial",
    "Jazz",
    "Latin",
    "Metal",
    "Opera",
    "Pop",
    "Punk",
    "R&B",
    "Reggae",
    "Rock",
    "Soul",
    "Techno",
]
ALBUM_TRACKS, ALBUMS_OF_AN_ARTIST = 12, 4


def records(count, seed=0):
    """File records of albums of twelve, four albums an artist, one track in twenty with two artists."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES.split(), k=chance.choice((2, 3)))).capitalize() for _ in range(4000)]
    numbers = itertools.count()
    for album in range(-(-count // ALBUM_TRACKS)):
        if album % ALBUMS_OF_AN_ARTIST == 0:
            artist = " ".join(chance.choices(words, k=2)) + f" {album // ALBUMS_OF_AN_ARTIST:x}"
            genres = tuple(chance.sample(GENRES, 2))
        name, year = " ".join(chance.choices(words, k=2)), chance.randint(1960, 2025)
        for track in range(1, ALBUM_TRACKS + 1):
            number = next(numbers)
            if number < count:
                yield record(chance, number, words, (artist, name, track, year, genres))


def record(chance, number, words, album):
    artist, name, track, year, genres = album
    title = " ".join(chance.choices(words, k=chance.choice((1, 2, 3))))
    artists = (artist, " ".join(chance.choices(words, k=2))) if chance.random() < 0.05 else (artist,)
    seconds = round(chance.uniform(90, 420), 3)
    return FileRecord(
        path=f"{artist}/{year} {name}/{track:02} {title}.flac".encode(),
        size_bytes=int(seconds * 90_000) + chance.randrange(1000),
        mtime_ns=1_700_000_000_000_000_000 + number * 1_000_003,
        inode=number + 100,
        tags=Tags(
            title=title,
            artists=artists,
            album=name,
            album_artists=(artist,),
            genres=genres[: chance.choice((1, 1, 2))],
            year=year,
            date=str(year),
            track_number=track,
            track_total=ALBUM_TRACKS,
            comment=" ".join(chance.choices(words, k=4)) if chance.random() < 0.2 else None,
            stream=Stream(
                container="flac",
                codec="flac",
                duration_s=seconds,
                bit_rate_bps=720_000,
                sample_rate_hz=44_100,
                bit_depth=16,
                channels=2,
            ),
        ),
    )


def features(count, seed=0):
    """As many `AudioFeatures`, none of them checked."""
    chance = np.random.default_rng(seed)
    numbers = {
        name: chance.normal(size=count).round(9)
        for name, dtype in FEATURES.items()
        if dtype.is_float() and name != "duration_s"
    }
    vectors = {
        name: chance.normal(size=(count, size)).astype(np.float32) for name, size in VECTOR_FEATURES.items() if size
    }
    modes = ("major", "minor")
    for row in range(count):
        key, mode = NAMES[row % 12], modes[row // 12 % 2]
        yield AudioFeatures.model_construct(
            **{name: float(values[row]) for name, values in numbers.items()},
            **{name: values[row] for name, values in vectors.items()},
            extent="full",
            levels_version="2",
            rhythm_version="2",
            tonality_version="2",
            spectrum_version="2",
            duration_s=180.0 + row % 100,
            sample_rate_hz=44_100,
            bit_depth=16,
            channels=2,
            stereo_image="stereo",
            key=key,
            mode=mode,
            camelot=camelot(key, mode),
            key_alternative=NAMES[(row + 7) % 12],
            mode_alternative=mode,
            beat_times_s=None,
            reasons={},
        )


def embeddings(count, seed=0, groups=8):
    """A frame of made embeddings and tag probabilities around `groups` centres; track n belongs to group n % groups."""
    import polars as pl

    from workbench.models import EMBEDDING_SIZE, EMBEDDINGS, LEARNED_MODEL, TAG_COUNT

    rng = np.random.default_rng(seed)
    group = np.arange(count) % groups
    centres = rng.normal(size=(groups, EMBEDDING_SIZE))
    vectors = centres[group] + 0.7 * rng.normal(size=(count, EMBEDDING_SIZE))
    leanings = rng.normal(-4, 1, size=(groups, TAG_COUNT)) + 4 * (rng.random((groups, TAG_COUNT)) < 0.1)
    tags = 1 / (1 + np.exp(-(leanings[group] + 0.5 * rng.normal(size=(count, TAG_COUNT)))))
    columns = {
        "track_id": np.arange(1, count + 1),
        "model": [LEARNED_MODEL] * count,
        "version": ["1"] * count,
        "embedding": vectors.astype(np.float32),
        "tags": tags.astype(np.float32),
    }
    return pl.DataFrame(columns, EMBEDDINGS)
