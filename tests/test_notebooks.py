"""The curated notebooks run from top to bottom on the demo collection, and give what their checked cells hold."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(notebook, demo_home, tmp_path):
    """In a copy, since cells may write beside the notebook."""
    shutil.copy(notebook, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=60", notebook.name],
        cwd=tmp_path,
        env=os.environ | {"WORKBENCH_LIBRARY": str(demo_home / "data" / "library.db"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
