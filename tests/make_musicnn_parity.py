"""What does TensorFlow itself hear in four made sounds?

Writes `tests/fixtures/musicnn_parity.npz`: log-mel patches, and the last hidden layer and the probabilities that the
graph and the weights of the musicnn wheel give for them. Not run by the tests; it wants an environment of its own:

    pip install tensorflow-cpu librosa
    python tests/make_musicnn_parity.py musicnn-0.1.0-py3-none-any.whl

The sounds are made here. The patches are librosa's, rounded to float16, and both sides take them so. The graph is that
of the wheel, without its training part, which today's TensorFlow does not accept.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

SR = 16_000
SAMPLES = 186 * 256
"""187 centred frames."""
WRITES = Path(__file__).parent / "fixtures" / "musicnn_parity.npz"
NETWORKS = ("MTT_musicnn", "MSD_musicnn")
OUTPUTS = ("model/batch_normalization_10/batchnorm/add_1", "model/Sigmoid")


def sounds():
    """Name -> mono samples at 16 kHz: a chord, noise, drums, a rising tone with silence around it."""
    t = np.arange(SAMPLES) / SR
    random = np.random.default_rng(0)
    chord = sum(np.sin(2 * np.pi * hz * n * t) / n for hz in (220.0, 277.18, 329.63) for n in range(1, 8))
    noise = random.standard_normal(SAMPLES)
    kick = np.sin(2 * np.pi * 60 * (t % 0.5)) * np.exp(-12 * (t % 0.5))
    snare = noise * np.exp(-30 * ((t + 0.25) % 0.5))
    rise = np.sin(2 * np.pi * (100 * t + 600 * t**2)) * (np.abs(t - 1.5) < 1)
    made = {"chord": 0.15 * chord, "noise": 0.1 * noise, "drums": 0.7 * kick + 0.3 * snare, "rise": 0.5 * rise}
    return {name: y.astype(np.float32) for name, y in made.items()}


def patch(y):
    """The log-mel spectrogram of musicnn, ndarray (187, 96), rounded to float16."""
    import librosa

    power = librosa.feature.melspectrogram(y=y, sr=SR, n_fft=512, hop_length=256, n_mels=96)
    return np.log10(10_000 * power.T + 1).astype(np.float16)


def heard(folder, patches):
    """Outputs of one network by TensorFlow, for patches ndarray (p, 187, 96)."""
    import tensorflow as tf
    from tensorflow.core.protobuf import meta_graph_pb2

    whole = meta_graph_pb2.MetaGraphDef.FromString((folder / ".meta").read_bytes())
    restore = whole.saver_def.restore_op_name
    part = tf.compat.v1.graph_util.extract_sub_graph(whole.graph_def, [*OUTPUTS, restore])
    for node in part.node:
        node.attr.pop("_output_shapes", None)
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        tf.import_graph_def(part, name="")
        session.run(restore, {whole.saver_def.filename_tensor_name: f"{folder}/"})
        given = {"model/Placeholder:0": patches, "model/Placeholder_2:0": False}
        return session.run([f"{name}:0" for name in OUTPUTS], given)


def main(wheel):
    """Make the file."""
    made = sounds()
    patches = np.stack([patch(y) for y in made.values()])
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        outputs = [heard(Path(folder) / "musicnn" / name, patches.astype(np.float32)) for name in NETWORKS]
    hidden, tags = (np.concatenate(parts, axis=1) for parts in zip(*outputs, strict=True))
    WRITES.parent.mkdir(exist_ok=True)
    np.savez_compressed(WRITES, sounds=list(made), patches=patches, embeddings=hidden, tags=tags)
    print(f"{WRITES}: {WRITES.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
