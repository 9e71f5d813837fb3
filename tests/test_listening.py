"""What the networks are given to hear of a track."""

import numpy as np
import pytest
from make_musicnn_parity import sounds

from workbench import audio, learned
from workbench.learned import listening
from workbench.learned.log_mel import log_mel

SR = 22_050
EXCERPT = 70_560


class Ears:
    """Stands for the networks and keeps what it is given."""

    def hear(self, patches):
        self.patches = patches
        return np.zeros(400, np.float32), np.zeros(100, np.float32)


def heard(y, sizes=()):
    """The result, what the networks were given, and the excerpts before resampling, for blocks of given sizes."""
    ears, excerpts = Ears(), []

    def resample(excerpt, sr_from, sr_to):
        excerpts.append(excerpt.copy())
        return audio.resample(excerpt, sr_from, sr_to)

    listener = learned.Listener(ears, resample)
    for block in np.split(y, np.cumsum(sizes)) if len(sizes) else [y]:
        listener.add(block)
    return listener.finish(), getattr(ears, "patches", None), excerpts


def noise(seconds, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * SR)).astype(np.float32)


@pytest.mark.parametrize("seconds", [1.5, 3.1, 3.2, 23.9, 24.01, 61.7])
def test_blocks_do_not_matter(seconds):
    y = noise(seconds)
    _, expected, _ = heard(y)
    random = np.random.default_rng(0)
    partitions = [random.integers(0, 40_000, len(y) // 20_000), [1, 1, 1, len(y) - 4], np.full(len(y) // 4096, 4096)]
    for sizes in partitions:
        _, found, _ = heard(y, sizes)
        np.testing.assert_array_equal(found, expected)  # bit for bit


@pytest.mark.parametrize("seconds", [3.2, 5, 10, 33.3, 240, 700])
def test_patches_are_near_the_middles_of_the_thirds(seconds):
    length = round(seconds * SR)
    y = np.arange(1, length + 1, dtype=np.float32)  # each sample says where it is
    _, patches, excerpts = heard(y, np.full(length // 65_536, 65_536))
    starts = [int(excerpt[0]) - 1 for excerpt in excerpts]
    assert all(
        np.array_equal(excerpt, y[start : start + EXCERPT]) for start, excerpt in zip(starts, excerpts, strict=True)
    )
    assert starts == sorted(set(starts))
    assert patches.shape == (len(starts), 187, 96)
    wanted = [length * share - EXCERPT / 2 for share in (1 / 6, 1 / 2, 5 / 6)]
    if seconds == 3.2:
        assert starts == [0]
    else:
        assert len(starts) == 3
        inside = np.clip(wanted, 0, length - EXCERPT)
        assert np.abs(np.subtract(starts, inside)).max() <= length / (24 if seconds > 20 else 12)


def test_a_patch_is_what_the_whole_track_would_give_there():
    """The excerpt's edges stay outside the patch."""
    y = audio.resample(noise(20), SR, 8_000)
    y = audio.resample(y, 8_000, SR)  # no sound near the limits of either rate
    _, patches, excerpts = heard(y)
    start = next(n for n in range(0, len(y), 5512) if np.array_equal(y[n : n + 100], excerpts[1][:100]))
    whole = log_mel(audio.resample(y[start - SR * 2 : start + EXCERPT + 2 * SR], SR, 16_000))
    first = 2 * 16_000 // 256 + 7  # two seconds before, and the seven frames of an excerpt's edge
    np.testing.assert_allclose(patches[1], whole[first : first + 187], atol=1e-3)


def test_memory_is_bounded():
    listener = learned.Listener(Ears(), audio.resample)
    block = np.zeros(SR * 10, np.float32)
    for _ in range(360):
        listener.add(block)
        assert len(listener._excerpts) <= listening.MOST == 24
    assert len(listener._excerpts) > 12


def test_one_long_block_is_no_more_than_many():
    listener = learned.Listener(Ears(), audio.resample)
    listener.add(np.zeros(SR * 3600, np.float32))
    assert len(listener._excerpts) <= 24


def test_short_tracks():
    assert heard(noise(1.49))[0] is None
    assert heard(np.zeros(0, np.float32))[0] is None
    assert learned.Listener(Ears(), audio.resample).finish() is None
    y = noise(2)
    found, patches, (excerpt,) = heard(y)
    assert patches.shape == (1, 187, 96)
    np.testing.assert_array_equal(excerpt, np.concatenate([y, y])[:EXCERPT])
    assert (found.model, found.version) == ("musicnn", "1")
    assert (found.embedding.shape, found.tags.shape) == ((400,), (100,))


def test_silence_is_not_heard():
    assert heard(np.zeros(SR * 60, np.float32))[0] is None
    assert heard(np.zeros(SR * 2, np.float32))[0] is None
    assert heard(np.full(SR * 60, 2.0**-15, np.float32))[0] is None  # dither


def test_silent_places_are_passed_over():
    y = np.concatenate([noise(8), np.zeros(SR * 52, np.float32)])
    _, patches, excerpts = heard(y)
    assert all(excerpt.any() for excerpt in excerpts)
    assert len(patches) < 3


def test_one_track_through_the_real_networks(learned_model):
    y = np.tile(audio.resample(sounds()["drums"], 16_000, SR), 4)
    listener = learned.Listener(learned_model, audio.resample)
    listener.add(y)
    found = listener.finish()
    assert found.embedding.shape == (400,)
    assert np.isfinite(found.embedding).all()
    assert 0 < found.tags.min() <= found.tags.max() < 1
