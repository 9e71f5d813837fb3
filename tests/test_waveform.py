"""Peaks of a waveform, against numpy on the whole of it."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf

from workbench import audio
from workbench.audio.waveform import PIECE, _fine, _maxima, _pieces
from workbench.errors import DecodeError

SR = 22_050


def written(folder, y, name="a.wav"):
    sf.write(folder / name, np.asarray(y).T, SR, subtype="FLOAT")
    return folder / name


def parts(y, n):
    """Maxima of n equal parts, by the definition."""
    edges = np.arange(n + 1) * len(y) // n
    return np.array([np.abs(y[start:end]).max() for start, end in pairwise(edges)], np.float32)


def noise(count, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


def test_written_out(tmp_path):
    found = audio.peaks(written(tmp_path, [0.0, -0.5, 0.25, 0.0, 1.5, -0.125]), n=3)
    assert found.dtype == np.float32
    assert found.tolist() == [0.5, 0.25, 1.0]


@pytest.mark.parametrize("count", [1000, 5001, 63_999])
def test_a_short_file_is_divided_to_the_sample(tmp_path, count):
    y = noise(count) * np.linspace(0.1, 1, count, dtype=np.float32)
    assert np.array_equal(audio.peaks(written(tmp_path, y), n=1000), parts(y, 1000))


@pytest.mark.parametrize("count", [PIECE, 1_000_001, 3_000_000])
def test_a_long_file_is_divided_nearly_so(tmp_path, count):
    """Steps in loudness stand where they are, but for one part's neighbour."""
    y = noise(count) * np.repeat(np.float32([0.2, 0.8, 0.4, 1.0]), -(-count // 4))[:count]
    found, exact = audio.peaks(written(tmp_path, y), n=100), parts(y, 100)
    assert found.shape == (100,)
    assert (np.abs(found - exact) > 0.02).sum() <= 3
    assert found.max() == exact.max()


def test_fewer_samples_than_peaks(tmp_path):
    found = audio.peaks(written(tmp_path, [0.5, -0.25]), n=5)
    assert found.tolist() == [0.5, 0.5, 0.5, 0.25, 0.25]


def test_channels_are_averaged(tmp_path):
    left = noise(1000)
    assert audio.peaks(written(tmp_path, [left, -left]), n=10).max() == 0
    assert np.allclose(audio.peaks(written(tmp_path, [left, left]), n=10), parts(left, 10))


def test_a_lossy_file_too(tmp_path):
    y = np.concatenate([np.zeros(SR), 0.5 * np.sin(np.arange(SR) * 0.3)])
    sf.write(tmp_path / "a.ogg", y, SR, format="OGG", subtype="VORBIS")
    found = audio.peaks(tmp_path / "a.ogg", n=10)
    assert found[:4].max() < 0.05
    assert np.allclose(found[6:9], 0.5, atol=0.05)


def test_memory_is_bounded_and_no_maximum_is_lost():
    blocks = [noise(70_001, seed).reshape(1, -1) * np.float32(0.5) for seed in range(40)]
    blocks[17][0, 123] = -0.9
    together = np.concatenate(blocks, axis=1)[0]
    fine = _fine("a.wav", iter(blocks), 1000, lambda: True)
    hop = -(-len(together) // len(fine))
    hop = 1 << (hop - 1).bit_length()
    assert 500 <= len(fine) <= 1000
    assert np.array_equal(fine, _maxima(np.abs(together), hop))
    assert fine.max() == np.float32(0.9)


def test_pieces_are_the_samples_in_order():
    blocks = [noise(count, count).reshape(1, -1) for count in (5, PIECE, 3 * PIECE + 1, 7)]
    found = list(_pieces(iter(blocks)))
    assert [len(piece) for piece in found] == [PIECE] * 4 + [13]
    assert np.array_equal(np.concatenate(found), np.abs(np.concatenate(blocks, axis=1)[0]))


def test_one_that_is_not_wanted_any_more_ends(tmp_path):
    asked = []
    path = written(tmp_path, noise(3 * PIECE))
    with pytest.raises(InterruptedError, match=r"a\.wav"):
        audio.peaks(path, wanted=lambda: asked.append(1) or len(asked) < 2)
    assert len(asked) == 2


def test_a_file_that_is_no_music_is_an_error(tmp_path):
    (tmp_path / "a.ogg").write_bytes(b"no music")
    with pytest.raises(DecodeError, match=r"a\.ogg"):
        audio.peaks(tmp_path / "a.ogg")


def test_no_peaks_at_all_are_an_error(tmp_path):
    with pytest.raises(ValueError, match="0 peaks"):
        audio.peaks(tmp_path / "a.ogg", n=0)
