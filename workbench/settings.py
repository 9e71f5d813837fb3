"""Where are things kept?

Conventions
-----------
The store is chosen by the first of: an explicit path, the variable ``WORKBENCH_LIBRARY``, ``data/library.db`` where the
current folder has a ``data`` folder, the user's data folder. Caches (compiled kernels, models) may be deleted any time.
``WORKBENCH_MODELS`` names another folder for models, e.g. one that several users share.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

import platformdirs

__all__ = ["cache_folder", "compiled_folder", "data_folder", "library_path", "models_folder"]

APP = "music-workbench"
LIBRARY_VARIABLE = "WORKBENCH_LIBRARY"
MODELS_VARIABLE = "WORKBENCH_MODELS"


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
