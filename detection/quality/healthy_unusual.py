"""Healthy runs whose curves look odd for a good reason: scales, sparsity, tails, schedules."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tasks
from designs import Made, healthy
from healthy import cosine, pretrained_conv
from models import Conv, Dense, Recurrent
from shapes import sound
from tasks import Split
from training import Plan, Problem, binary, classification, regression


@healthy("heavy-tails", "check", sound(0.2))
def heavy_tails(seed: int) -> Made:
    """Targets with rare large outliers: now and then a batch has five times the usual loss."""
    data = tasks.surface(seed, 0.2, 1600)
    outliers = torch.from_numpy(np.random.default_rng(seed).standard_t(2.5, data.train[1].shape)).float()
    data.train = (data.train[0], data.train[1] + 0.4 * outliers)
    return regression(Dense([10, 16, 1]), data), Plan(30, 1e-3, batch=32, clip=2.0)


@healthy("small-validation", "check", lambda c: c.finite and c.gain > 0.5 and c.valid_hits[-5:].mean() > 0.85)
def small_validation(seed: int) -> Made:
    """Twenty-five validation samples: their loss is mostly noise."""
    data = tasks.digits(seed)
    data.valid = (data.valid[0][:25], data.valid[1][:25])
    return classification(Conv(dropout=0.4), data, 10), Plan(20, 1e-3, layers_every=2)


@healthy("cyclic-rate", "tune", sound(0.5))
def cyclic_rate(seed: int) -> Made:
    """A triangular rate, up and down tenfold every four epochs."""
    plan = Plan(24, 0.1, "sgd", momentum=0.9, layers_every=3)
    plan.schedule = lambda at: 0.1 + 0.9 * abs((at * 6 + 1) % 2 - 1)
    return classification(Conv(dropout=0.2), tasks.digits(seed), 10), plan


@healthy("very-short", "tune", sound(0.2))
def very_short(seed: int) -> Made:
    """Two epochs, eighty steps, then it ends."""
    return classification(Dense([64, 64, 10]), tasks.digits(seed), 10), Plan(2, 3e-3)


class Bag(nn.Module):
    """The mean of many word vectors, classified; each batch touches few of them."""

    def __init__(self, words: int, width: int, classes: int) -> None:
        super().__init__()
        self.shared = nn.Embedding(words, width)
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.classifier(self.shared(x).mean(1))
        return out


@healthy("sparse-words", "check", sound(0.3))
def sparse_words(seed: int) -> Made:
    """A table of 20,000 word vectors of which a batch touches one in a hundred or fewer."""
    r = np.random.default_rng(seed)
    y = r.integers(3, size=2000)
    common = r.integers(0, 60, size=(2000, 12)) + 20 * y[:, None]
    x = np.where(r.random((2000, 12)) < 0.2, r.integers(20000, size=(2000, 12)), common)
    data = tasks.split(torch.tensor(x), torch.tensor(y), seed)
    return classification(Bag(20000, 8, 3), data, 3), Plan(10, 3e-3, batch=16, layers_every=4)


@healthy("unfrozen-later", "check", sound(0.4))
def unfrozen_later(seed: int) -> Made:
    """The first layers are held for the first third of the run and then released, without a word in the registration."""
    model = pretrained_conv(seed)
    model.classifier = nn.Linear(96, 10)
    held = list(model.features.parameters())
    plan = Plan(18, 2e-3, freeze=lambda step: held if step < 260 else [], registration={"pretrained": True})
    return classification(model, tasks.digits(seed), 10), plan


class TwoHeads(Conv):
    """A convolution with a second head that this run does not use."""

    def __init__(self) -> None:
        super().__init__()
        self.auxiliary = nn.Linear(64, 5)


@healthy("unused-head", "tune", sound(0.6))
def unused_head(seed: int) -> Made:
    """A head that the run never uses is part of the model: no gradient there is no fault."""
    return classification(TwoHeads(), tasks.digits(seed), 10), Plan(14, 2e-3, layers_every=2)


@healthy("hinge-satisfied", "check", lambda c: c.finite and c.end < 0.05 * c.start and c.valid_hits[-1] > 0.9)
def hinge_satisfied(seed: int) -> Made:
    """A margin loss: most late batches are right by the margin, so their loss and gradient are exactly zero."""
    problem = classification(Dense([64, 64, 10]), tasks.digits(seed), 10)
    problem.name, problem.loss = "multi_margin", lambda out, y: F.multi_margin_loss(out, y, margin=0.5)
    return problem, Plan(30, 2e-3, batch=16, layers_every=3)


@healthy("large-targets", "tune", sound(0.5))
def large_targets(seed: int) -> Made:
    """Targets in the thousands, so the loss starts at a million; with clipping."""
    data = tasks.surface(seed, 0.2)
    data = Split((data.train[0], data.train[1] * 1000), (data.valid[0], data.valid[1] * 1000))
    return regression(Dense([10, 32, 1]), data), Plan(50, 0.3, layers_every=2)


@healthy("tiny-targets", "arguable", sound(0.5))
def tiny_targets(seed: int) -> Made:
    """Targets of a ten-thousandth: loss and gradients are tiny in absolute terms."""
    data = tasks.surface(seed, 0.2)
    data = Split((data.train[0], data.train[1] * 1e-4), (data.valid[0], data.valid[1] * 1e-4))
    model = Dense([10, 32, 1], nn.Tanh)
    with torch.no_grad():
        for parameter in model[-1].parameters():
            parameter.mul_(1e-3)
    return regression(model, data), Plan(40, 1e-5, layers_every=2)


@healthy("few-evaluations", "tune", sound(0.5))
def few_evaluations(seed: int) -> Made:
    """Two thousand small steps with a validation every five hundred."""
    data = tasks.digits(seed)
    plan = Plan(11, 0.02, "sgd", batch=8, validate_every=500, layers_every=10)
    plan.schedule = cosine
    return classification(Dense([64, 48, 10], nn.Tanh), data, 10), plan


@healthy("clipped-bursts", "arguable", lambda c: sound(0.3)(c) and float(np.max(c.norms) / np.median(c.norms)) > 8)
def clipped_bursts(seed: int) -> Made:
    """A recurrent network over long sequences whose gradient bursts are clipped, and it learns."""
    plan = Plan(20, 3e-3, clip=0.5, layers_every=2)
    return regression(Recurrent("gru", 2, 24, 1), tasks.adding(seed, 24, 2000)), plan


@healthy("rare-class-metric", "tune", sound(0.3))
def rare_class(seed: int) -> Made:
    """Three percent of positives: accuracy hardly moves, the loss halves and more."""
    return binary(Dense([12, 16, 1]), tasks.rare(seed, 0.03, 3.5, 2400)), Plan(25, 1e-3, layers_every=2)


@healthy("summed-loss", "arguable", sound(0.5))
def summed_loss(seed: int) -> Made:
    """A cross-entropy that is summed over the batch, so that it starts at 32 times ln K."""
    problem: Problem = classification(Conv(), tasks.digits(seed), 10)
    problem.loss = lambda out, y: F.cross_entropy(out, y, reduction="sum")
    problem.valid_loss = lambda out, y: F.cross_entropy(out, y) * 32
    return problem, Plan(12, 1e-3, layers_every=2)


@healthy("half-precision-startup", "arguable", sound(0.5))
def half_precision_startup(seed: int) -> Made:
    """A loss scaler that starts far too high and overflows in each of the first steps."""
    plan = Plan(12, 2e-3, half=True, scale=2.0**24, scale_growth=10**6, layers_every=2)
    return classification(Conv(), tasks.digits(seed), 10), plan
