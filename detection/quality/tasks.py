"""The data: scikit-learn's small real sets and made-up ones, all without a download, all from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from sklearn import datasets

Pair = tuple[torch.Tensor, torch.Tensor]


@dataclass
class Split:
    """Training and validation data."""

    train: Pair
    valid: Pair


def split(x: torch.Tensor, y: torch.Tensor, seed: int, share: float = 0.2) -> Split:
    """A random share for validation."""
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    held = int(len(x) * share)
    return Split((x[order[held:]], y[order[held:]]), (x[order[:held]], y[order[:held]]))


def digits(seed: int, images: bool = True) -> Split:
    """1797 real 8x8 digits, 0..1."""
    loaded = datasets.load_digits()
    x = torch.tensor(loaded.data / 16, dtype=torch.float32)
    return split(x.view(-1, 1, 8, 8) if images else x, torch.tensor(loaded.target), seed)


def table(name: str, seed: int, standard: bool = True) -> Split:
    """A real table: breast_cancer, wine or diabetes, each column scaled to deviation 1 unless asked otherwise."""
    loaded = getattr(datasets, f"load_{name}")()
    x = loaded.data
    if standard:
        x = (x - x.mean(0)) / x.std(0)
    y = torch.tensor(loaded.target)
    if name == "diabetes":
        y = ((y - y.mean()) / y.std()).float().unsqueeze(1)
    return split(torch.tensor(x, dtype=torch.float32), y, seed, 0.25)


def spirals(seed: int, classes: int, count: int = 1200, noise: float = 0.1) -> Split:
    """Interleaved spirals in the plane."""
    r = np.random.default_rng(seed)
    y = r.integers(classes, size=count)
    t = np.sqrt(r.random(count)) * 2 * math.pi
    angle = t + 2 * math.pi * y / classes
    x = np.stack([t * np.cos(angle), t * np.sin(angle)], 1) / 3 + r.normal(0, noise, (count, 2))
    return split(torch.tensor(x, dtype=torch.float32), torch.tensor(y), seed)


def xor(seed: int, count: int = 1000) -> Split:
    """Two classes by the sign of a product: nothing for a linear model."""
    r = np.random.default_rng(seed)
    x = r.uniform(-1, 1, (count, 2))
    return split(torch.tensor(x, dtype=torch.float32), torch.tensor((x[:, 0] * x[:, 1] > 0).astype(int)), seed)


def rare(seed: int, positives: float, separation: float, count: int = 1600) -> Split:
    """Two classes, few of the second; separation is the distance of the means in deviations."""
    r = np.random.default_rng(seed)
    y = (r.random(count) < positives).astype(int)
    x = r.normal(0, 1, (count, 12))
    x[:, :4] += separation / 2 * y[:, None]
    return split(torch.tensor(x, dtype=torch.float32), torch.tensor(y), seed)


def surface(seed: int, noise: float, count: int = 1200) -> Split:
    """Friedman's first regression surface, scaled to variance 1, plus noise of that deviation."""
    x, y = datasets.make_friedman1(count, 10, noise=0, random_state=seed)
    y = (y - y.mean()) / y.std() + np.random.default_rng(seed).normal(0, noise, count)
    return split(torch.tensor(x - 0.5, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1), seed)


def plane(seed: int, noise: float, count: int = 1200) -> Split:
    """A linear target of variance 1 plus noise of that deviation: the best loss is known."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 10, generator=g)
    slope = torch.nn.functional.normalize(torch.randn(10, 1, generator=g), dim=0)
    return split(x, x @ slope + noise * torch.randn(count, 1, generator=g), seed)


def waves(seed: int, length: int = 24, count: int = 1200, noise: float = 0.1) -> Split:
    """Noisy sines; the next value is asked."""
    r = np.random.default_rng(seed)
    t = np.arange(length + 1)
    f = r.uniform(0.15, 0.8, (count, 1))
    x = np.sin(f * t + r.uniform(0, 6.28, (count, 1))) + r.normal(0, noise, (count, length + 1))
    series = torch.tensor(x, dtype=torch.float32)
    return split(series[:, :-1, None], series[:, -1:], seed)


def pitches(seed: int, classes: int = 4, length: int = 20, count: int = 1200, noise: float = 0.5) -> Split:
    """Noisy sines; which of a few frequencies is asked."""
    r = np.random.default_rng(seed)
    y = r.integers(classes, size=count)
    f = 0.3 + 0.35 * y[:, None]
    x = np.sin(f * np.arange(length) + r.uniform(0, 6.28, (count, 1))) + r.normal(0, noise, (count, length))
    return split(torch.tensor(x, dtype=torch.float32).unsqueeze(2), torch.tensor(y), seed)


def adding(seed: int, length: int = 10, count: int = 2000) -> Split:
    """Two of the numbers in a sequence are marked; their sum is asked."""
    r = np.random.default_rng(seed)
    x = np.zeros((count, length, 2))
    x[:, :, 0] = r.random((count, length))
    for row in x:
        row[r.choice(length, 2, replace=False), 1] = 1
    y = (x[:, :, 0] * x[:, :, 1]).sum(1)
    return split(torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1), seed)


def most_frequent(seed: int, symbols: int = 6, length: int = 16, count: int = 2000) -> Split:
    """Token sequences; the most frequent token is asked."""
    r = np.random.default_rng(seed)
    favourite = r.integers(symbols, size=count)
    x = r.integers(symbols, size=(count, length))
    x = np.where(r.random((count, length)) < 0.35, favourite[:, None], x)
    y = np.array([np.bincount(row, minlength=symbols).argmax() for row in x])
    return split(torch.tensor(x), torch.tensor(y), seed)


@lru_cache
def _prose() -> str:
    names = ("breast_cancer", "diabetes", "wine", "iris", "digits", "linnerud")
    return "\n".join(getattr(datasets, f"load_{n}")().DESCR for n in names)


def prose_symbols() -> int:
    """How many different characters the prose has."""
    return len(set(_prose()))


def prose(seed: int, length: int = 32, count: int = 1600, part: slice = slice(None)) -> Split:
    """Windows of English prose (the descriptions that come with scikit-learn's sets); the next characters are asked."""
    symbols = {c: i for i, c in enumerate(sorted(set(_prose())))}
    codes = torch.tensor([symbols[c] for c in _prose()])[part]
    cut = int(len(codes) * 0.85)
    g = torch.Generator().manual_seed(seed)

    def windows(of: torch.Tensor, many: int) -> Pair:
        at = torch.randint(len(of) - length - 1, (many,), generator=g)
        x = torch.stack([of[i : i + length] for i in at])
        return x, torch.stack([of[i + 1 : i + length + 1] for i in at])

    return Split(windows(codes[:cut], count), windows(codes[cut:], count // 8))
