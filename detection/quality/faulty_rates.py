"""Designs with a fault in the rate, the optimizer or the numbers."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tasks
from designs import Made, faulty
from healthy import cosine
from models import Attention, Autoencoder, Conv, Dense, Recurrent, Residual
from shapes import Curves, blown, not_finite, settled, stuck, swings
from training import Plan, classification, regression

STILL = "frozen-updates loss-plateau constant-metrics slow-convergence"
BLOWN = "loss-divergence non-finite-values loss-spike exploding-gradients dead-layers zero-gradients oversized-updates"


@faulty("rate-1e10-conv", "tune", STILL, "learning-rate-too-low optimizer-not-stepping", stuck())
def rate_1e10_conv(seed: int) -> Made:
    """Adam at 1e-10: less than single precision can add."""
    return classification(Conv(), tasks.digits(seed), 10), Plan(12, 1e-10, layers_every=1 + seed % 2)


@faulty("rate-1e9-gru", "check", STILL, "learning-rate-too-low optimizer-not-stepping", stuck())
def rate_1e9_gru(seed: int) -> Made:
    """Adam at 1e-9 on a recurrent network."""
    return classification(Recurrent("gru", 1, 24, 4), tasks.pitches(seed), 4), Plan(15, 1e-9, layers_every=5)


@faulty("rate-1e7-attention", "check", STILL, "learning-rate-too-low", stuck())
def rate_1e7_attention(seed: int) -> Made:
    """AdamW at 1e-7 on a transformer: moves, but gets nowhere."""
    model = Attention(6, 24, 2, 6, 16, causal=False)
    plan = Plan(15, 1e-7, "adamw", weight_decay=0.01, clip=1.0, layers_every=4)
    return classification(model, tasks.most_frequent(seed), 6), plan


@faulty("rate-1e6-lstm", "tune", STILL, "learning-rate-too-low", stuck())
def rate_1e6_lstm(seed: int) -> Made:
    """RMSprop at 1e-6 on an LSTM."""
    data = tasks.digits(seed)
    data = tasks.Split((data.train[0][:, 0], data.train[1]), (data.valid[0][:, 0], data.valid[1]))
    return classification(Recurrent("lstm", 8, 32, 10), data, 10), Plan(15, 1e-6, "rmsprop", layers_every=3)


@faulty("rate-sgd-1e6-conv", "check", STILL, "learning-rate-too-low", stuck())
def rate_sgd_conv(seed: int) -> Made:
    """SGD at 1e-6 on a convolution."""
    return classification(Conv(batch_norm=True), tasks.digits(seed), 10), Plan(15, 1e-6, "sgd", layers_every=2)


@faulty("slow-autoencoder", "tune", STILL, "learning-rate-too-low", stuck(0.15))
def slow_autoencoder(seed: int) -> Made:
    """Adam at 3e-6: the loss creeps."""
    data = tasks.digits(seed, images=False)
    data = tasks.Split((data.train[0], data.train[0]), (data.valid[0], data.valid[0]))
    return regression(Autoencoder(), data), Plan(30, 3e-6, layers_every=4)


@faulty("slow-mlp", "check", STILL, "learning-rate-too-low", stuck(0.2))
def slow_mlp(seed: int) -> Made:
    """Adam at 2e-5: a tenth of the loss in forty epochs."""
    return classification(Dense([64, 32, 32, 10]), tasks.digits(seed), 10), Plan(40, 2e-5, layers_every=5)


@faulty("full-batch-slow", "check", STILL, "learning-rate-too-low batch-too-large", stuck(0.2))
def full_batch_slow(seed: int) -> Made:
    """One step an epoch over all data, at a rate for small batches."""
    data = tasks.digits(seed)
    return classification(Dense([64, 32, 10]), data, 10), Plan(120, 0.02, "sgd", batch=len(data.train[0]))


@faulty("large-batch-slow", "tune", STILL, "learning-rate-too-low batch-too-large", stuck(0.2))
def large_batch_slow(seed: int) -> Made:
    """Two steps an epoch at a rate for small batches."""
    plan = Plan(80, 0.01, "sgd", batch=700, momentum=0.5)
    return classification(Conv(), tasks.digits(seed), 10), plan


@faulty("blow-up-regression", "tune", BLOWN, "learning-rate-too-high", blown)
def blow_up_regression(seed: int) -> Made:
    """Adam at 10 on a deep regression."""
    plan = Plan(20, (3.0, 10.0)[seed % 2], layers_every=2)
    return regression(Dense([10, 32, 32, 1]), tasks.surface(seed, 0.2)), plan


@faulty("blow-up-sgd-nan", "check", BLOWN, "learning-rate-too-high", not_finite)
def blow_up_nan(seed: int) -> Made:
    """SGD at 2 on a squared error: not a number within a few steps."""
    return regression(Autoencoder(), _mirrored(seed, 8.0)), Plan(8, 2.0, "sgd", momentum=0.9)


def _mirrored(seed: int, scale: float) -> tasks.Split:
    data = tasks.digits(seed, images=False)
    return tasks.Split((data.train[0], scale * data.train[0]), (data.valid[0], scale * data.valid[0]))


@faulty("blow-up-residual", "check", BLOWN + " loss-plateau", "learning-rate-too-high unstable-gradients", blown)
def blow_up_residual(seed: int) -> Made:
    """SGD at 1 on twelve residual blocks without normalization."""
    model = Residual(64, 24, 12, 10, normalize=False)
    return classification(model, tasks.digits(seed, images=False), 10), Plan(12, 1.0, "sgd", momentum=0.9)


OSCILLATES = "oscillating-loss loss-spike exploding-gradients loss-divergence oversized-updates loss-plateau"


@faulty("oscillating-gru", "tune", OSCILLATES, "learning-rate-too-high batch-too-small unstable-gradients", swings())
def oscillating_gru(seed: int) -> Made:
    """Adam at 0.05 on small batches of sequences: the epoch losses swing."""
    data = tasks.pitches(seed, noise=0.3)
    data.train = (data.train[0][:480], data.train[1][:480])
    return classification(Recurrent("gru", 1, 16, 4), data, 4), Plan(30, 0.05, batch=8, layers_every=3)


@faulty("oscillating-rmsprop", "check", OSCILLATES, "learning-rate-too-high batch-too-small", swings())
def oscillating_rmsprop(seed: int) -> Made:
    """RMSprop at 0.1: swings about the variance of the target."""
    data = tasks.surface(seed, 0.3, 480)
    return regression(Dense([10, 24, 24, 1], nn.Tanh), data), Plan(36, (0.1, 0.06)[seed % 2], "rmsprop", batch=16)


def _noise_won(c: Curves) -> bool:
    """Ends far above its best, on training and validation."""
    return bool(c.finite and c.train[-5:].mean() > 1.3 * c.train.min() and c.valid[-5:].mean() > 1.3 * c.valid.min())


@faulty("batch-of-one", "tune", OSCILLATES, "batch-too-small learning-rate-too-high", _noise_won)
def batch_of_one(seed: int) -> Made:
    """One sample a step at a rate for larger batches: noise eats the progress."""
    return regression(Dense([10, 16, 1]), tasks.surface(seed, 0.3, 100)), Plan(24, 0.2, "sgd", batch=1, layers_every=4)


def _late(c: Curves) -> bool:
    """Sound for forty steps at least, then lost."""
    head = c.loss[:40]
    return bool(np.isfinite(head).all() and head.max() < 3 * c.start and head.min() < 0.5 * c.start and blown(c))


@faulty("late-blow-up", "tune", BLOWN, "learning-rate-too-high unstable-gradients", _late)
def late_blow_up(seed: int) -> Made:
    """Full-batch momentum just beyond what is stable: learns for a hundred steps, then runs away."""
    data = tasks.surface(seed, 0.3, 600)
    plan = Plan(170, 0.2, "sgd", batch=480, momentum=0.9)
    return regression(Dense([10, 24, 24, 1], nn.Tanh), data), plan


def _collapses(c: Curves) -> bool:
    """Was lively first, then back at the start."""
    smooth = settled(c.loss)
    return bool(c.finite and smooth.min() < 0.6 * c.start and c.end > 0.9 * c.start)


@faulty(
    "late-collapse",
    "check",
    "loss-divergence dead-layers zero-gradients loss-plateau",
    "learning-rate-too-high dying-relu",
    _collapses,
)
def late_collapse(seed: int) -> Made:
    """Learns at first, then the units die and it is back at chance: SGD with a rate that grows."""
    plan = Plan(30, 0.05, "sgd", momentum=0.9, layers_every=2)
    plan.schedule = lambda at: 1 + 60 * max(0.0, at - 0.3)
    return classification(Dense([64, 32, 32, 32, 10]), tasks.digits(seed), 10), plan


@faulty(
    "rate-jump",
    "tune",
    "loss-divergence loss-spike exploding-gradients dead-layers non-finite-values loss-plateau",
    "learning-rate-too-high",
    blown,
)
def rate_jump(seed: int) -> Made:
    """The rate jumps a hundredfold in the middle of the run."""
    plan = Plan(20, 2e-3, layers_every=2)
    plan.schedule = lambda at: 1.0 if at < 0.4 + 0.05 * (seed % 3) else 150.0
    return classification(Conv(), tasks.digits(seed), 10), plan


@faulty(
    "rate-jump-regression",
    "check",
    "loss-divergence loss-spike exploding-gradients dead-layers non-finite-values loss-plateau",
    "learning-rate-too-high",
    blown,
)
def rate_jump_regression(seed: int) -> Made:
    """A schedule's error raises the rate of a recurrent regression fiftyfold."""
    plan = Plan(24, 4e-3, layers_every=3)
    plan.schedule = lambda at: 1.0 if at < 0.5 else 80.0
    return regression(Recurrent("gru", 1, 24, 1), tasks.waves(seed)), plan


@faulty("no-warmup-attention", "tune", BLOWN + " loss-plateau", "learning-rate-too-high", lambda c: c.finite and c.end > 1.6)
def no_warmup(seed: int) -> Made:
    """A transformer at Adam 2.0 from the first step: jumps up, then sits at chance."""
    model = Attention(6, 24, 3, 6, 16, causal=False)
    return classification(model, tasks.most_frequent(seed, count=1200), 6), Plan(14, 2.0, layers_every=4)


@faulty("optimizer-of-a-copy", "tune", STILL, "optimizer-not-stepping", stuck(0.03))
def optimizer_of_a_copy(seed: int) -> Made:
    """The optimizer was given the parameters of another copy of the model."""
    return classification(Conv(), tasks.digits(seed), 10), Plan(12, 1e-3, spare_parameters=True, layers_every=1 + seed % 3)


@faulty("optimizer-of-a-copy-text", "check", STILL, "optimizer-not-stepping", stuck(0.03))
def optimizer_of_a_copy_text(seed: int) -> Made:
    """The same fault in a language model, without validation."""
    symbols = tasks.prose_symbols()
    model = Attention(symbols, 32, 1, symbols, 32, causal=True, dropout=0.1)
    plan = Plan(6, 3e-3, "adamw", batch=16, spare_parameters=True, layers_every=10, validate=False)
    plan.registration = {"profile": "language-model"}
    return classification(model, tasks.prose(seed), symbols), plan


@faulty("rate-zero", "check", STILL, "optimizer-not-stepping learning-rate-too-low", stuck(0.03))
def rate_zero(seed: int) -> Made:
    """A schedule that answers zero for the whole run."""
    plan = Plan(15, 1e-3, layers_every=2)
    plan.schedule = lambda at: 0.0
    return regression(Dense([10, 24, 1]), tasks.surface(seed, 0.2)), plan


@faulty("detached-loss", "check", "zero-gradients constant-metrics loss-plateau", "optimizer-not-stepping", stuck(0.03))
def detached_loss(seed: int) -> Made:
    """The loss is cut off from the graph: no parameter gets a gradient."""
    problem = classification(Dense([64, 32, 10]), tasks.digits(seed), 10)
    problem.loss = lambda out, y: F.cross_entropy(out.detach(), y)
    return problem, Plan(12, 1e-3)


@faulty(
    "detached-recurrent",
    "tune",
    "dead-layers loss-plateau",
    "optimizer-not-stepping insufficient-capacity",
    lambda c: c.finite and c.end > 0.14,
)
def detached_recurrent(seed: int) -> Made:
    """The recurrent layer's output is detached by a slip: only the last layer trains, and it is not enough."""
    return regression(Recurrent("gru", 2, 8, 1, detached=True), tasks.adding(seed)), Plan(20, 3e-3, layers_every=2)


@faulty("half-precision-overflows", "check", "non-finite-values", "mixed-precision-overflow", not_finite)
def half_precision_overflows(seed: int) -> Made:
    """Loss scaling that grows too fast: a step in forty overflows and is skipped, the loss stays finite."""
    plan = Plan(16, 2e-3, half=True, scale_growth=30, layers_every=2)
    return classification(Conv(), tasks.digits(seed), 10), plan


@faulty("nan-batch", "tune", "non-finite-values", "corrupt-batch", not_finite)
def nan_batch(seed: int) -> Made:
    """One sample holds a NaN; from there on all is lost."""
    at = 150 + 40 * seed
    plan = Plan(14, 1e-3, layers_every=2)
    plan.spoil = lambda step, x, y: (x.clone().fill_(math.nan), y) if step == at else (x, y)
    return classification(Conv(), tasks.digits(seed), 10), plan


@faulty("nan-batch-skipped", "check", "non-finite-values", "corrupt-batch", not_finite)
def nan_batch_skipped(seed: int) -> Made:
    """Targets of some batches are NaN; the loop skips the update and goes on."""
    bad = set(np.random.default_rng(seed).choice(np.arange(100, 550), 3, replace=False).tolist())
    plan = Plan(20, 2e-3, skip_nan=True, layers_every=2)
    plan.spoil = lambda step, x, y: (x, y * math.nan) if step in bad else (x, y)
    return regression(Dense([10, 24, 1]), tasks.surface(seed, 0.2)), plan


def _spikes(c: Curves) -> bool:
    """One value far above all around it, and a sound end."""
    return c.finite and c.loss[20:].max() > 3 * np.median(c.loss[20:]) and c.gain > 0.2


@faulty("corrupt-batch-conv", "tune", "loss-spike exploding-gradients", "corrupt-batch", _spikes)
def corrupt_batch_conv(seed: int) -> Made:
    """One batch a thousand times too large; the run recovers."""
    at = 200 + 30 * seed
    plan = Plan(14, 1e-3, clip=1.0, layers_every=2)
    plan.spoil = lambda step, x, y: (x * 1000, y) if step == at else (x, y)
    return classification(Conv(dropout=0.1), tasks.digits(seed), 10), plan


@faulty("corrupt-batch-targets", "check", "loss-spike exploding-gradients", "corrupt-batch", _spikes)
def corrupt_batch_targets(seed: int) -> Made:
    """One batch of a regression has targets a hundred times too large."""
    at = 180 + 35 * seed
    plan = Plan(20, 2e-3, clip=1.0, layers_every=3)
    plan.spoil = lambda step, x, y: (x, y * 100) if step == at else (x, y)
    return regression(Recurrent("gru", 1, 24, 1), tasks.waves(seed)), plan


@faulty("slow-steps", "tune", "slow-steps", "infrastructure-fault", lambda c: c.finite)
def slow_steps(seed: int) -> Made:
    """A step takes twice as long from the middle on."""
    g = torch.Generator().manual_seed(seed)

    def pace(step: int) -> float:
        return (200 if step < 250 else 420) * math.exp(0.1 * float(torch.randn(1, generator=g)))

    return classification(Conv(), tasks.digits(seed), 10), Plan(14, 2e-3, step_millis=pace, layers_every=10)


@faulty("slow-steps-creeping", "check", "slow-steps", "infrastructure-fault", lambda c: c.finite)
def slow_steps_creeping(seed: int) -> Made:
    """Steps grow slower bit by bit, to three times as long."""
    g = torch.Generator().manual_seed(seed)

    def pace(step: int) -> float:
        return 150 * (1 + max(0, step - 150) / 200) * math.exp(0.15 * float(torch.randn(1, generator=g)))

    plan = Plan(20, 2e-3, schedule=cosine, step_millis=pace, layers_every=10)
    return regression(Dense([10, 32, 1]), tasks.surface(seed, 0.3)), plan
