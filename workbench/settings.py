"""Where are things kept?

Conventions
-----------
The store is chosen by the first of: an explicit path, the variable ``WORKBENCH_LIBRARY``, ``data/library.db`` where the
current folder has a ``data`` folder, the user's data folder. Caches (compiled kernels, models) may be deleted any time.
``WORKBENCH_MODELS`` names another folder for models, e.g. one that several users share.

A kernel lets the Jupyter server beside it play a library's tracks by leaving the store's path in a folder that only
this user can read: both processes know Jupyter's runtime folder, and nobody else's requests can name a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import platformdirs

__all__ = [
    "cache_folder",
    "compiled_folder",
    "data_folder",
    "from_home",
    "library_path",
    "models_folder",
    "share_library",
    "shared_library",
]

APP = "music-workbench"
LIBRARY_VARIABLE = "WORKBENCH_LIBRARY"
MODELS_VARIABLE = "WORKBENCH_MODELS"
KEY = re.compile("[0-9a-f]{16}")


def from_home(path: Path) -> str:
    """A path as it is shown where others may read it: ``~`` for the user's home folder."""
    home = Path("~").expanduser()
    if home == home.parent or not path.is_relative_to(home):  # the root of all paths is nobody's home
        return str(path)
    return str("~" / path.relative_to(home))


def library_path(path: str | Path | None = None) -> Path:
    """Absolute path of the store to use; nothing is created.

    Parameters
    ----------
    path : str, Path or None
        The user's own choice, which wins.
    """
    chosen = path or os.environ.get(LIBRARY_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else data_folder() / "library.db"


def data_folder() -> Path:
    """Absolute folder for stores and demo music: ``./data`` where it exists, else the user's data folder."""
    here = Path("data").absolute()
    return here if here.is_dir() else Path(platformdirs.user_data_path(APP, appauthor=False))


def compiled_folder() -> Path:
    """Folder for code that numba compiles, one for each set of versions, kernels and place of the package."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    versions = [version(name) for name in ("numba", "librosa", "numpy", "umap-learn")]
    package = Path(__file__).parent
    kernels = sorted([*package.rglob("*_kernels.py"), *package.rglob("compiled.py")])
    sources = b"".join([os.fsencode(package), *(path.read_bytes() for path in kernels)])
    return cache_folder("-".join(["numba", python, *versions, hashlib.sha256(sources).hexdigest()[:8]]))


def models_folder() -> Path:
    """Absolute folder for learned models; it need not exist."""
    chosen = os.environ.get(MODELS_VARIABLE)
    return Path(chosen or platformdirs.user_cache_path(APP, appauthor=False) / "models").expanduser().absolute()


def cache_folder(name: str) -> Path:
    """Folder for things that can be made again, created if missing.

    Parameters
    ----------
    name : str
        What it holds, with the versions that make it valid, e.g. ``"numba-0.68.1"``.
    """
    folder = Path(platformdirs.user_cache_path(APP, appauthor=False)) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def share_library(path: str | Path) -> str:
    """Let the Jupyter servers of this user serve a library's tracks; gives the key that stands for it in addresses.

    Parameters
    ----------
    path : str or Path
        The store.

    Returns
    -------
    str
        The first 16 hexadecimal digits of the SHA-256 of its absolute path.

    Raises
    ------
    OSError
        Jupyter's runtime folder cannot be written.
    """
    spelling = os.fsencode(Path(path).absolute())
    key = _key(spelling)
    file = _shared_folder() / key
    with suppress(OSError):
        if file.read_bytes() == spelling:
            return key
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.parent.chmod(0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(spelling)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return key


def shared_library(key: str) -> Path | None:
    """The store that a key stands for; None where no kernel has shared it.

    Parameters
    ----------
    key : str
        From `share_library`, or whatever an address said in its place.
    """
    if not KEY.fullmatch(key):
        return None
    try:
        spelling = (_shared_folder() / key).read_bytes()
    except OSError:
        return None
    return Path(os.fsdecode(spelling)) if _key(spelling) == key else None


def _key(spelling: bytes) -> str:
    return hashlib.sha256(spelling).hexdigest()[:16]


def _shared_folder() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / APP
