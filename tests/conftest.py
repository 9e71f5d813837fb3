"""Fixtures that every room's tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data():
    """The folder of real files that WORKBENCH_TEST_DATA names; tests that want it skip where there is none."""
    named = os.environ.get("WORKBENCH_TEST_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("WORKBENCH_TEST_DATA names no folder")
    return Path(named)
