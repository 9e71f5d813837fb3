"""Networks that have learned to tag music: their weights, their arithmetic, the commands.

What needs the real model skips without it; the rest is tested with made weights.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import checkpoints
import numpy as np
import pytest
from make_musicnn_parity import sounds
from numpy.lib.stride_tricks import sliding_window_view

from workbench import learned
from workbench.errors import ModelError
from workbench.learned import weights
from workbench.learned.checkpoint import read_checkpoint
from workbench.learned.log_mel import log_mel, mel_filters
from workbench.learned.network import FRAMES, NETWORKS, Network, shapes

PARITY = Path(__file__).parent / "fixtures" / "musicnn_parity.npz"


def test_mel_filters_are_those_of_librosa():
    import librosa

    expected = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=96)
    np.testing.assert_allclose(mel_filters(), expected.T, atol=1e-8)


@pytest.mark.parametrize("name", ["chord", "noise", "drums", "rise"])
def test_log_mel_is_that_of_librosa(name):
    import librosa

    y = sounds()[name]
    power = librosa.feature.melspectrogram(y=y, sr=16_000, n_fft=512, hop_length=256, n_mels=96)
    found = log_mel(y)
    assert (found.shape, found.dtype) == ((FRAMES, 96), np.float32)
    np.testing.assert_allclose(found, np.log10(10_000 * power.T + 1), atol=2e-5)


def test_log_mel_of_silence_is_zero_and_of_the_loudest_is_finite():
    assert not log_mel(np.zeros(1000, np.float32)).any()
    assert log_mel(np.zeros(1000, np.float32)).shape == (4, 96)
    assert np.isfinite(log_mel(np.full(1000, 2.0**31, np.float32))).all()


def plain_norm(variables, number, x):
    layer = f"batch_normalization_{number}" if number else "batch_normalization"
    gamma, beta, mean, variance = (
        variables[f"{layer}/{part}"].astype(float) for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


def plain_layer(variables, number, x, *, columns):
    """Convolution, the positive part, normalisation of x (187, columns); zeros before and after; (187, places, n)."""
    name = f"conv2d_{number}" if number else "conv2d"
    kernel = variables[f"{name}/kernel"][:, :, 0].astype(float)
    before = (len(kernel) - 1) // 2
    padded = np.pad(x, ((before, len(kernel) - 1 - before), (0, 0)))
    windows = sliding_window_view(padded, (len(kernel), columns))
    value = np.tensordot(windows, kernel, ([2, 3], [0, 1])) + variables[f"{name}/bias"]
    return plain_norm(variables, number + 1, np.maximum(0, value))


def plain(variables, patch):
    """One network as models.py of musicnn writes it down, in float64 and without any short cut."""
    x = plain_norm(variables, 0, patch.astype(float))
    columns = (38, 67, 1, 1, 1)
    outputs = [plain_layer(variables, n, x, columns=width).max(axis=1) for n, width in enumerate(columns)]
    layers = [np.concatenate(outputs, axis=1)]
    for number in (5, 6, 7):
        new = plain_layer(variables, number, layers[-1], columns=layers[-1].shape[1])[:, 0]
        layers.append(new if number == 5 else new + layers[-1])
    over = np.concatenate(layers, axis=1)
    pooled = np.stack([over.max(axis=0), over.mean(axis=0)], axis=1).ravel()
    dense = plain_norm(variables, 9, pooled) @ variables["dense/kernel"] + variables["dense/bias"]
    hidden = plain_norm(variables, 10, np.maximum(0, dense))
    return hidden, 1 / (1 + np.exp(-(hidden @ variables["dense_1/kernel"] + variables["dense_1/bias"])))


@pytest.fixture(scope="module")
def made_networks():
    return [checkpoints.weights(seed) for seed in (0, 1)]


@pytest.fixture(scope="module")
def patches():
    return np.load(PARITY)["patches"].astype(np.float32)


def test_the_fast_way_is_the_plain_way(made_networks, patches):
    embeddings, tags = Network(made_networks).hear_each(patches[2:])
    assert (embeddings.shape, tags.shape, tags.dtype) == ((2, 400), (2, 100), np.float32)
    for row, patch in enumerate(patches[2:]):
        for number, variables in enumerate(made_networks):
            hidden, probabilities = plain(variables, patch)
            np.testing.assert_allclose(embeddings[row, 200 * number :][:200], hidden, atol=1e-4)
            np.testing.assert_allclose(tags[row, 50 * number :][:50], probabilities, atol=1e-5)


def test_what_is_heard_is_the_mean_over_patches(made_networks, patches):
    network = Network(made_networks)
    embeddings, tags = network.hear_each(patches)
    embedding, means = network.hear(patches)
    np.testing.assert_allclose(embedding, embeddings.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(means, tags.mean(axis=0), rtol=1e-6)


def test_absurdly_loud_patches_stay_finite(made_networks):
    _, tags = Network(made_networks).hear(np.full((1, FRAMES, 96), 1e4, np.float32))
    assert np.isfinite(tags).all()
    assert 0 <= tags.min() <= tags.max() <= 1


@pytest.mark.parametrize("shape", [(187, 96), (2, 96, 187), (0, 187, 96)])
def test_other_shapes_are_refused(made_networks, shape):
    with pytest.raises(ValueError, match="187, 96"):
        Network(made_networks).hear(np.zeros(shape, np.float32))


def test_float32_weights_give_what_tensorflow_gives(model_wheel, patches):
    with zipfile.ZipFile(model_wheel) as file:
        parts = [
            [file.read(f"musicnn/{name}/{part}") for part in (".index", ".data-00000-of-00001")] for name in NETWORKS
        ]
    network = Network([read_checkpoint(*part, wanted=shapes().__contains__) for part in parts])
    embeddings, tags = network.hear_each(patches)
    expected = np.load(PARITY)
    np.testing.assert_allclose(tags, expected["tags"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(embeddings, expected["embeddings"], rtol=0, atol=1e-4)  # they reach 6.3


def test_the_kept_weights_give_nearly_what_tensorflow_gives(learned_model, patches):
    embeddings, tags = learned_model.hear_each(patches)
    expected = np.load(PARITY)
    np.testing.assert_allclose(tags, expected["tags"], rtol=0, atol=2e-3)
    np.testing.assert_allclose(embeddings, expected["embeddings"], rtol=0, atol=2e-2)


def test_the_model_tells_drums_from_a_chord(learned_model, patches):
    from workbench.models import LEARNED_TAGS

    chord, _, drums, _ = learned_model.hear_each(patches)[1]
    beat = LEARNED_TAGS.index("mtt:beat")
    assert drums[beat] > 5 * chord[beat]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def made_wheel(made_networks, tmp_path_factory):
    return checkpoints.wheel(tmp_path_factory.mktemp("wheel") / "musicnn-0.1.0-py3-none-any.whl", made_networks)


@pytest.fixture
def trusted(made_wheel, monkeypatch):
    """The made wheel passes for the real one."""
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(made_wheel.read_bytes()).hexdigest())
    return made_wheel


def test_a_wheel_is_fetched_and_loaded(trusted, folder, made_networks, patches):
    assert not learned.available()
    path = learned.fetch(wheel=trusted)
    assert path == folder / "musicnn-0.1.0.npz" == learned.place()
    assert learned.available()
    assert sorted(part.name for part in folder.iterdir()) == ["musicnn-0.1.0.npz", "musicnn-0.1.0.txt"]
    text = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "Permission to use is granted." in text
    assert {"licence: ISC", "version: 0.1.0", "source: https://pypi.org/project/musicnn/0.1.0/"} <= {*text.splitlines()}
    with np.load(path) as kept:
        assert text == f"{kept['provenance']}\n{kept['licence']}"
        assert kept["MSD_musicnn/dense/kernel"].dtype == np.float16
        assert not [name for name in kept if "Adam" in name or "power" in name]
    rounded = [{n: a.astype("f2").astype("f4") if a.ndim > 1 else a for n, a in each.items()} for each in made_networks]
    np.testing.assert_array_equal(learned.load().hear(patches)[0], Network(rounded).hear(patches)[0])


def test_another_file_is_refused_and_nothing_kept(made_wheel, folder):
    with pytest.raises(ModelError, match=r"musicnn-0.1.0-py3-none-any.whl: not the wheel.*f38a4890 is needed"):
        learned.fetch(wheel=made_wheel)
    with pytest.raises(ModelError, match=r"nowhere\.whl: cannot be read"):
        learned.fetch(wheel=Path("nowhere.whl"))
    assert not folder.exists()
    assert not learned.available()


def test_pip_gets_the_wheel(trusted, folder, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(trusted.parent))
    assert learned.fetch().parent == folder
    assert learned.available()


CANNOT = (
    r"^musicnn 0\.1\.0 cannot be fetched \({}\); a wheel that you downloaded \(https://pypi\.org/project/musicnn/0\.1\.0/\)"
    r" can be given with: workbench models fetch --wheel FILE; without it everything works in the timbre space$"
)


def test_without_an_index_one_sentence_says_what_to_do(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelError, match=CANNOT.format(r"pip: No matching distribution found for musicnn==0\.1\.0")):
        learned.fetch()
    assert not folder.exists()


def test_without_pip_the_same(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelError, match=CANNOT.format("this Python has no pip")):
        learned.fetch()


def test_a_download_that_hangs_the_same(monkeypatch):
    asked = []

    def hang(words, **more):
        asked.extend(words)
        raise subprocess.TimeoutExpired(words, more["timeout"])

    monkeypatch.setattr("subprocess.run", hang)
    with pytest.raises(ModelError, match=CANNOT.format("not done in 600 s")):
        learned.fetch()
    assert asked[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "musicnn==0.1.0"} <= {*asked}  # nothing is built, so nothing runs


def test_half_a_file_is_no_model(trusted, folder):
    whole = learned.fetch(wheel=trusted).read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        learned.place().write_bytes(whole[:length])
        assert not learned.available()
        with pytest.raises(ModelError, match=r"npz: damaged.*workbench models fetch"):
            learned.load()
    assert learned.fetch(wheel=trusted).read_bytes() == whole
    assert len(list(folder.iterdir())) == 2


def test_flipped_bits_are_no_model(trusted, folder):
    path = learned.fetch(wheel=trusted)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(ModelError, match=f"{folder.name}.*damaged"):
        learned.load()


def test_another_format_is_no_model(trusted, folder, monkeypatch):
    path = learned.fetch(wheel=trusted)
    monkeypatch.setattr(weights, "FORMAT", 2)
    assert not learned.available()
    with pytest.raises(ModelError, match=f"{folder.name}.*a format that is not read here.*workbench models fetch"):
        learned.load()
    with np.load(path) as kept:
        np.savez(path, **({**kept} | {"format": 2, "MTT_musicnn/dense/bias": np.zeros(199)}))
    assert learned.available()
    with pytest.raises(ModelError, match="MTT_musicnn/dense/bias is not what it should be"):
        learned.load()


def test_no_model_says_how_to_get_one(folder):
    with pytest.raises(ModelError, match=f"{folder.name}.*no model there.*workbench models fetch"):
        learned.load()


def test_a_failed_write_leaves_the_old_model(trusted, folder, monkeypatch):
    path = learned.fetch(wheel=trusted)
    before = path.read_bytes()

    def full(handle):
        if os.fstat(handle).st_size == len(before):  # the model; the text beside it still fits
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ModelError, match=r"cannot be written \(No space left on device\)"):
        learned.fetch(wheel=trusted)
    assert path.read_bytes() == before
    assert len(list(folder.iterdir())) == 2


def test_a_new_model_takes_the_place_of_the_old_at_once(trusted, folder):
    """It is written beside it and then renamed: who has the old one open goes on reading the old one."""
    folder.mkdir()
    learned.place().write_bytes(b"old")
    os.link(learned.place(), folder / "still open")
    learned.fetch(wheel=trusted)
    assert (folder / "still open").read_bytes() == b"old"


def test_a_folder_that_is_a_file_is_an_error(trusted, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "file"))
    assert not learned.available()
    with pytest.raises(ModelError, match="cannot be written"):
        learned.fetch(wheel=trusted)


def test_the_command_lists_and_refuses_in_one_line(command, tmp_path, made_wheel):
    place = tmp_path / "models"
    listed = command("models", "list", cwd=tmp_path, WORKBENCH_MODELS=str(place))
    assert listed.returncode == 0
    assert f"{place / 'musicnn-0.1.0.npz'} (not there: workbench models fetch)" in listed.stdout
    assert "licence      ISC\n" in listed.stdout
    refused = command("models", "fetch", "--wheel", made_wheel, cwd=tmp_path, WORKBENCH_MODELS=str(place))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: {made_wheel}: not the wheel of musicnn 0.1.0")
    assert refused.stderr.count("\n") == 1


def test_the_command_fetches(command, tmp_path, model_wheel):
    place = tmp_path / "models"
    done = command("models", "fetch", "--wheel", model_wheel, cwd=tmp_path, WORKBENCH_MODELS=str(place))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"Wrote {place / 'musicnn-0.1.0.npz'}\n")
    listed = command("models", "list", cwd=tmp_path, WORKBENCH_MODELS=str(place))
    assert "musicnn-0.1.0.npz (2.2 MB)\n" in listed.stdout


def test_the_demo_goes_on_without_a_model(folder, tmp_path, monkeypatch, capsys):
    from workbench.cli.networks import try_to_fetch

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    try_to_fetch()
    said = capsys.readouterr().err
    doing, note = said.splitlines()
    assert doing.startswith("Fetching the learned model")
    assert note.startswith("Note: musicnn 0.1.0 cannot be fetched")
    assert not folder.exists()


def test_the_demo_fetches_the_model_once(trusted, folder, monkeypatch, capsys):
    from workbench.cli.networks import try_to_fetch

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(trusted.parent))
    try_to_fetch()
    try_to_fetch()
    doing, done = capsys.readouterr().err.splitlines()
    assert doing.startswith("Fetching the learned model")
    assert done == f"Wrote {folder / 'musicnn-0.1.0.npz'}"
