"""The tests of the Keras callback once more, on each other backend that is installed: a process has one backend only."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

keras = pytest.importorskip("keras")

OTHERS = [
    backend
    for backend in ("torch", "jax", "tensorflow")
    if importlib.util.find_spec(backend) and backend != keras.backend.backend()
]


@pytest.mark.parametrize("backend", OTHERS)
def test_on_another_backend(backend: str) -> None:
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(here / "test_keras.py")],
        cwd=here.parent,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
