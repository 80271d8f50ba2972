"""Data and options that the example scripts share. Import it before Keras: it chooses a backend that is installed."""

from __future__ import annotations

import argparse
import importlib.util
import os

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
for _backend in ("jax", "torch", "tensorflow"):
    if importlib.util.find_spec(_backend):
        os.environ.setdefault("KERAS_BACKEND", _backend)
        break


def options(about: str) -> argparse.Namespace:
    """``--seed``, ``--epochs`` (all when absent), ``--fix`` (then train on, corrected, as the run's next attempt)."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="fewer epochs than the example has")
    parser.add_argument(
        "--fix", action="store_true", help="then train on with the fault corrected, as the run's next attempt"
    )
    return parser.parse_args()


def digits(seed: int, samples: int | None = None, wrong_labels: float = 0.0):
    """8 x 8 images of digits, 0 to 1: training images and labels, and 360 for validation. Wrong labels stand in both."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    random = np.random.default_rng(seed)
    order = random.permutation(len(images))
    x, y = (images[order] / 16).astype("float32"), labels[order].astype("int32")
    wrong = random.random(len(y)) < wrong_labels
    y[wrong] = random.integers(0, 10, wrong.sum())
    return x[360:][:samples], y[360:][:samples], x[:360], y[:360]


def uniform(seed: int, samples: int, *shape: int) -> np.ndarray:
    """Numbers from 0 to 1 without any meaning."""
    return np.random.default_rng(seed).random((samples, *shape)).astype("float32")


def coin_flips(seed: int, samples: int, sides: int = 2) -> np.ndarray:
    """Labels that nothing can predict."""
    return np.random.default_rng(1000 + seed).integers(0, sides, samples).astype("int32")
