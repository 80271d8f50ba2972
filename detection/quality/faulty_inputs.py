"""Designs with a fault in the data, the loss or the size of the model."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tasks
from designs import Made, faulty
from models import Attention, Conv, Dense, Recurrent
from shapes import Curves, Shape, blown, entropy, overfits, stuck
from tasks import Split
from training import Loss, Plan, binary, classification, regression

SCALE = "unexpected-initial-loss zero-gradients loss-divergence loss-spike exploding-gradients constant-metrics dead-layers"
FIT = "overfitting no-generalization metric-plateau"
FIT_CAUSES = "overfitting missing-regularization insufficient-data excess-capacity"


def scaled(data: Split, factor: float) -> Split:
    """All inputs times a factor."""
    return Split((data.train[0] * factor, data.train[1]), (data.valid[0] * factor, data.valid[1]))


def fewer(data: Split, count: int) -> Split:
    """Only so many training samples."""
    return Split((data.train[0][:count], data.train[1][:count]), data.valid)


def relabelled(data: Split, share: float, classes: int, both: bool = True) -> Split:
    """That share of the labels drawn by lot."""

    def drawn(y: torch.Tensor) -> torch.Tensor:
        return torch.where(torch.rand(len(y)) < share, torch.randint(classes, (len(y),)), y)

    return Split((data.train[0], drawn(data.train[1])), (data.valid[0], drawn(data.valid[1]) if both else data.valid[1]))


@faulty("unscaled-conv", "tune", SCALE, "unscaled-inputs", lambda c: c.start > 3 * np.log(10))
def unscaled_conv(seed: int) -> Made:
    """Pixels of 0..255 times a bit more into a convolution, softmax."""
    data = scaled(tasks.digits(seed), (255.0, 1000.0)[seed % 2])
    return classification(Conv(), data, 10), Plan(12, 1e-3, layers_every=2)


@faulty("unscaled-table", "check", SCALE, "unscaled-inputs", lambda c: c.start > 3 * np.log(2))
def unscaled_table(seed: int) -> Made:
    """A real table as it comes, columns up to 4000, binary cross-entropy."""
    data = tasks.table("breast_cancer", seed, standard=False)
    return binary(Dense([30, 16, 1]), data), Plan(20, 1e-3, layers_every=2)


@faulty("unscaled-wine-1e4", "check", SCALE, "unscaled-inputs", lambda c: c.start > 3 * np.log(3))
def unscaled_wine(seed: int) -> Made:
    """Inputs times 1e4 into a softmax, SGD."""
    data = scaled(tasks.table("wine", seed), 1e4)
    return classification(Dense([13, 16, 3]), data, 3), Plan(40, 0.01, "sgd", batch=16)


@faulty(
    "unscaled-regression",
    "tune",
    "loss-divergence non-finite-values unexpected-initial-loss exploding-gradients loss-spike dead-layers",
    "unscaled-inputs learning-rate-too-high",
    lambda c: blown(c) or c.start > 100,
)
def unscaled_regression(seed: int) -> Made:
    """Inputs times 1000 into a regression with SGD."""
    data = scaled(tasks.surface(seed, 0.2), 1000.0)
    return regression(Dense([10, 24, 1]), data), Plan(15, 1e-3, "sgd", layers_every=2)


def softmax_bce(classes: int) -> Loss:
    """Binary cross-entropy of each softmax output against one-hot classes."""

    def loss(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy(out.softmax(1), F.one_hot(y, classes).float())

    return loss


def _starts_binary(classes: int) -> Shape:
    return lambda c: abs(c.start - entropy(1 / classes)) < 0.15 * entropy(1 / classes)


@faulty(
    "wrong-loss-conv",
    "tune",
    "unexpected-initial-loss suspicious-settings",
    "wrong-loss-or-output-activation",
    _starts_binary(10),
)
def wrong_loss_conv(seed: int) -> Made:
    """Binary cross-entropy on ten softmax classes."""
    problem = classification(Conv(), tasks.digits(seed), 10)
    problem.name, problem.loss = "binary_crossentropy", softmax_bce(10)
    return problem, Plan(12, 1e-3, layers_every=3, registration={"output_activation": "softmax", "output_units": 10})


@faulty(
    "wrong-loss-lstm",
    "check",
    "unexpected-initial-loss suspicious-settings",
    "wrong-loss-or-output-activation",
    _starts_binary(4),
)
def wrong_loss_lstm(seed: int) -> Made:
    """Binary cross-entropy on four softmax classes of sequences."""
    problem = classification(Recurrent("lstm", 1, 24, 4), tasks.pitches(seed), 4)
    problem.name, problem.loss = "binary_crossentropy", softmax_bce(4)
    return problem, Plan(20, 2e-3, layers_every=2, registration={"output_activation": "softmax", "output_units": 4})


@faulty("shuffled-labels", "tune", FIT, "noisy-or-uninformative-data " + FIT_CAUSES, overfits)
def shuffled_labels(seed: int) -> Made:
    """Labels drawn by lot, a large model: training improves, validation never does."""
    data = relabelled(fewer(tasks.digits(seed), 600), 1.0, 10)
    return classification(Dense([64, 128, 128, 10]), data, 10), Plan(40, 1e-3, layers_every=2)


@faulty("shuffled-sequences", "check", FIT, "noisy-or-uninformative-data " + FIT_CAUSES, overfits)
def shuffled_sequences(seed: int) -> Made:
    """Labels drawn by lot for sequences, GRU."""
    data = relabelled(fewer(tasks.pitches(seed), 400), 1.0, 4)
    return classification(Recurrent("gru", 1, 48, 4), data, 4), Plan(60, 3e-3, layers_every=2)


@faulty(
    "chance-tiny",
    "check",
    "loss-plateau no-generalization metric-plateau slow-convergence",
    "noisy-or-uninformative-data insufficient-capacity",
    stuck(0.06),
)
def chance_tiny(seed: int) -> Made:
    """Labels drawn by lot and a tiny model: both stay at chance."""
    data = relabelled(tasks.spirals(seed, 2), 1.0, 2)
    return classification(Dense([2, 6, 2]), data, 2), Plan(30, 2e-3)


@faulty(
    "linear-on-xor",
    "tune",
    "loss-plateau metric-plateau",
    "insufficient-capacity noisy-or-uninformative-data",
    lambda c: c.finite and c.end > 0.65,
)
def linear_on_xor(seed: int) -> Made:
    """A linear model on an exclusive or: at chance for ever."""
    return classification(Dense([2, 2]), tasks.xor(seed), 2), Plan(40, 0.02)


@faulty(
    "narrow-on-spirals",
    "check",
    "loss-plateau metric-plateau",
    "insufficient-capacity",
    lambda c: stuck(0.35)(c) and c.valid_hits[-1] < 0.75,
)
def narrow_on_spirals(seed: int) -> Made:
    """Two hidden units for three spirals: flat far above the floor."""
    return classification(Dense([2, 2, 3], nn.Tanh), tasks.spirals(seed, 3), 3), Plan(50, 0.04)


@faulty("overfit-conv", "tune", FIT, FIT_CAUSES, overfits)
def overfit_conv(seed: int) -> Made:
    """Eighty digits with a fifth of wrong labels and a wide convolution."""
    data = relabelled(fewer(tasks.digits(seed), 120), 0.2, 10)
    return classification(Conv(width=24, depth=3), data, 10), Plan(60, 1e-3, batch=20)


@faulty("overfit-label-noise", "tune", FIT, FIT_CAUSES + " noisy-or-uninformative-data", overfits)
def overfit_label_noise(seed: int) -> Made:
    """Forty percent of the labels are wrong, the model is large and trains long."""
    data = relabelled(fewer(tasks.digits(seed), 700), 0.4, 10)
    plan = Plan(50, 0.1, "sgd", momentum=0.9, layers_every=3)
    return classification(Dense([64, 128, 10]), data, 10), plan


@faulty("overfit-text", "check", FIT, FIT_CAUSES, overfits)
def overfit_text(seed: int) -> Made:
    """A character model that learns a page by heart."""
    symbols = tasks.prose_symbols()
    model = Attention(symbols, 48, 2, symbols, 32, causal=True)
    data = fewer(tasks.prose(seed), 160)
    plan = Plan(60, 3e-3, "adamw", batch=16, clip=1.0, layers_every=5, registration={"profile": "language-model"})
    return classification(model, data, symbols), plan


@faulty("overfit-regression", "check", FIT, FIT_CAUSES + " noisy-or-uninformative-data", overfits)
def overfit_regression(seed: int) -> Made:
    """A real table of patients, a model with far too many weights."""
    return regression(Dense([10, 128, 128, 1]), fewer(tasks.table("diabetes", seed), 200)), Plan(80, 1e-3, batch=20)


MISMATCH = "validation-mismatch no-generalization overfitting loss-divergence metric-plateau"


@faulty(
    "mismatch-unscaled",
    "tune",
    MISMATCH,
    "train-validation-mismatch",
    lambda c: bool(c.valid[:3].min() > 3 * c.train[0] and c.valid_hits[-1] < 0.9),
)
def mismatch_unscaled(seed: int) -> Made:
    """Training images are standardized, validation images stay 0..255."""
    data = tasks.digits(seed)
    data = Split(((data.train[0] - 0.3) / 0.37, data.train[1]), (data.valid[0] * 255, data.valid[1]))
    return classification(Conv(), data, 10), Plan(20, 1e-3, layers_every=3)


@faulty(
    "mismatch-permuted",
    "check",
    MISMATCH,
    "train-validation-mismatch",
    lambda c: bool(c.valid[-1] > 3 * c.train[-1] and c.train_hits[-1] - c.valid_hits[-1] > 0.2),
)
def mismatch_permuted(seed: int) -> Made:
    """Validation columns stand in another order."""
    data = tasks.digits(seed, images=False)
    data = Split(data.train, (data.valid[0][:, torch.randperm(64)], data.valid[1]))
    return classification(Dense([64, 48, 10]), data, 10), Plan(30, 2e-3, batch=64, layers_every=2)


@faulty(
    "mismatch-inverted",
    "check",
    MISMATCH,
    "train-validation-mismatch",
    lambda c: bool(c.valid_hits[-1] < c.train_hits[-1] - 30),
)
def mismatch_inverted(seed: int) -> Made:
    """Validation digits are white on black, the training's black on white."""
    data = tasks.digits(seed)
    data = Split(data.train, (1 - data.valid[0], data.valid[1]))
    return classification(Dense([64, 48, 10], dropout=0.2), data, 10), Plan(25, 1e-3, percent=True)


@faulty(
    "stale-validation",
    "check",
    "constant-metrics metric-plateau no-generalization validation-mismatch",
    "train-validation-mismatch",
    lambda c: len(set(c.valid.tolist())) == 1,
)
def stale_validation(seed: int) -> Made:
    """Validation asks a copy of the model that never learns."""
    problem = classification(Conv(), tasks.digits(seed), 10)
    problem.valid_model = copy.deepcopy(problem.model)
    return problem, Plan(20, 1e-3, layers_every=3)


def _at_majority(c: Curves) -> bool:
    hits = c.valid_hits[len(c.valid_hits) // 3 :]
    return bool(np.ptp(hits) < 0.005 and c.train[-1] > 0.7 * entropy(float(c.train_hits[-1])))


@faulty(
    "imbalance-mlp",
    "tune",
    "majority-class-collapse loss-plateau constant-metrics",
    "class-imbalance noisy-or-uninformative-data",
    _at_majority,
)
def imbalance_mlp(seed: int) -> Made:
    """Four percent of positives that hardly differ: everything is called negative."""
    data = tasks.rare(seed, 0.04, 0.5)
    return binary(Dense([12, 8, 1]), data), Plan(25, 3e-3, layers_every=2)


@faulty(
    "imbalance-sequences",
    "check",
    "majority-class-collapse loss-plateau constant-metrics",
    "class-imbalance noisy-or-uninformative-data",
    _at_majority,
)
def imbalance_sequences(seed: int) -> Made:
    """Seven percent of sequences are of the other kind, drowned in noise; LSTM, SGD."""
    data = tasks.pitches(seed, classes=14, noise=2.5, count=1600)
    data = Split((data.train[0], (data.train[1] == 0).long()), (data.valid[0], (data.valid[1] == 0).long()))
    return binary(Recurrent("lstm", 1, 12, 1), data), Plan(25, 0.05, "sgd", momentum=0.9, layers_every=2)


@faulty(
    "mismatch-labels",
    "tune",
    MISMATCH,
    "train-validation-mismatch",
    lambda c: bool(c.valid_hits[-1] < 0.3 and c.train_hits[-1] > 0.7),
)
def mismatch_labels(seed: int) -> Made:
    """Validation counts its classes from one, training from zero."""
    data = tasks.pitches(seed, noise=0.2)
    data = Split(data.train, (data.valid[0], (data.valid[1] + 1) % 4))
    return classification(Recurrent("gru", 1, 24, 4), data, 4), Plan(25, 3e-3, layers_every=2)


@faulty("same-batch", "tune", FIT, FIT_CAUSES + " train-validation-mismatch", overfits)
def same_batch(seed: int) -> Made:
    """A loader that serves the same 32 samples for ever."""
    plan = Plan(30, 1e-3, layers_every=2)
    data = tasks.digits(seed)
    plan.spoil = lambda step, x, y: (data.train[0][:32], data.train[1][:32])
    return classification(Conv(), data, 10), plan
