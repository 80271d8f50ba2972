"""Designs without a fault: nothing in them deserves more than a note."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tasks
from designs import Made, healthy
from models import Attention, Autoencoder, Conv, Dense, Recurrent, Residual
from shapes import Curves, calm, sound
from training import Plan, Problem, Trainer, binary, classification, regression


def cosine(at: float) -> float:
    """Rate factor that falls from 1 to 0 as half a wave."""
    return 0.5 * (1 + math.cos(math.pi * min(1.0, at)))


def warm_cosine(at: float) -> float:
    """A tenth of warm-up, then the half wave."""
    return at / 0.1 + 1e-3 if at < 0.1 else cosine((at - 0.1) / 0.9)


@healthy("conv-digits", "tune", sound(0.7))
def conv_digits(seed: int) -> Made:
    """Convolution on digits, Adam."""
    return classification(Conv(), tasks.digits(seed), 10), Plan(14, 2e-3, layers_every=1 + seed % 3)


@healthy("conv-batchnorm-stepdecay", "check", sound(0.7))
def conv_batch_norm(seed: int) -> Made:
    """Convolution with batch normalization and dropout, SGD with momentum, rate a tenth every eight epochs."""
    model = Conv(batch_norm=True, dropout=0.25, depth=3)
    plan = Plan(24, 0.05, "sgd", momentum=0.9, weight_decay=5e-4, layers_every=5)
    plan.schedule = lambda at: 0.1 ** int(at * 3)
    return classification(model, tasks.digits(seed), 10), plan


@healthy("attention-most-frequent", "tune", sound(0.5))
def attention_most_frequent(seed: int) -> Made:
    """Small transformer that names a sequence's most frequent token, Adam at a constant rate."""
    model = Attention(6, 24, 2, 6, 16, causal=False)
    return classification(model, tasks.most_frequent(seed, count=6000), 6), Plan(8, 1e-3, layers_every=4)


@healthy("char-transformer", "check", sound(0.2))
def char_transformer(seed: int) -> Made:
    """Character model on prose, AdamW with warm-up, cosine and clipping, evaluated every 100 steps."""
    symbols = tasks.prose_symbols()
    model = Attention(symbols, 32, 2, symbols, 32, causal=True, dropout=0.1)
    plan = Plan(10, 3e-3, "adamw", batch=16, weight_decay=0.1, schedule=warm_cosine, clip=1.0, layers_every=10)
    plan.validate_every = 100
    plan.registration = {"profile": "language-model", "warmup_steps": 100}
    return classification(model, tasks.prose(seed), symbols), plan


@healthy("char-warmup-linear", "tune", sound(0.15))
def char_warm_linear(seed: int) -> Made:
    """Character model, a third of the run is warm-up, then the rate falls in a line; steps only."""
    symbols = tasks.prose_symbols()
    model = Attention(symbols, 32, 1, symbols, 32, causal=True)
    plan = Plan(8, 3e-3, "adamw", batch=16, weight_decay=0.01, clip=1.0, layers_every=10, validate=False)
    plan.epoch_records = False
    plan.schedule = lambda at: at / 0.3 + 1e-3 if at < 0.3 else (1 - at) / 0.7
    plan.registration = {"profile": "language-model", "warmup_steps": 240}
    return classification(model, tasks.prose(seed), symbols), plan


@healthy("gru-adding", "tune", sound(0.5))
def gru_adding(seed: int) -> Made:
    """GRU that adds two marked numbers, clipped."""
    return regression(Recurrent("gru", 2, 32, 1), tasks.adding(seed)), Plan(20, 5e-3, clip=1.0, layers_every=2)


@healthy("lstm-digit-rows", "check", sound(0.5))
def lstm_digit_rows(seed: int) -> Made:
    """LSTM that reads digits row by row, RMSprop, accuracies in percent."""
    data = tasks.digits(seed)
    data = tasks.Split((data.train[0][:, 0], data.train[1]), (data.valid[0][:, 0], data.valid[1]))
    return classification(Recurrent("lstm", 8, 32, 10), data, 10), Plan(20, 2e-3, "rmsprop", percent=True)


@healthy("rnn-waves", "tune", sound(0.5))
def rnn_waves(seed: int) -> Made:
    """Plain tanh network that predicts noisy waves: ends flat at the noise."""
    return regression(Recurrent("tanh", 1, 24, 1), tasks.waves(seed)), Plan(40, 1e-3, clip=1.0, layers_every=2)


@healthy("rnn-pitches", "check", sound(0.4))
def rnn_pitches(seed: int) -> Made:
    """Plain tanh network that names the frequency of a noisy wave, Adam, step decay."""
    plan = Plan(20, 5e-3, clip=5.0, layers_every=3)
    plan.schedule = lambda at: 1.0 if at < 0.5 else 0.2
    return classification(Recurrent("tanh", 1, 24, 4), tasks.pitches(seed, length=10, noise=0.2), 4), plan


@healthy("regression-noise-floor", "tune", sound(0.3))
def regression_noise_floor(seed: int) -> Made:
    """Regression whose loss ends flat at the known noise, at a constant rate."""
    noise = (0.5, 0.7, 0.6)[seed % 3]
    plan = Plan(50, 2e-3, batch=64)
    return regression(Dense([10, 16, 1]), tasks.surface(seed, noise, 2400)), plan


@healthy("regression-diabetes", "check", sound(0.2))
def regression_diabetes(seed: int) -> Made:
    """Real table with half of its variance unexplained: a small model with weight decay ends flat there."""
    plan = Plan(60, 3e-3, "adamw", batch=32, weight_decay=0.3, layers_every=2)
    plan.schedule = cosine
    return regression(Dense([10, 8, 1], nn.Tanh), tasks.table("diabetes", seed)), plan


@healthy("autoencoder-mse", "tune", sound(0.5))
def autoencoder_mse(seed: int) -> Made:
    """Autoencoder on digits."""
    data = tasks.digits(seed, images=False)
    data = tasks.Split((data.train[0], data.train[0]), (data.valid[0], data.valid[0]))
    return regression(Autoencoder(), data), Plan(40, 2e-3)


@healthy("autoencoder-bce", "check", sound(0.3))
def autoencoder_bce(seed: int) -> Made:
    """Denoising autoencoder with a pixel cross-entropy, whose floor is far above zero."""
    data = tasks.digits(seed, images=False)
    noisy = data.train[0] + 0.2 * torch.randn_like(data.train[0])
    data = tasks.Split((noisy, data.train[0]), (data.valid[0], data.valid[0]))
    loss = F.binary_cross_entropy_with_logits
    return Problem(Autoencoder(code=12), data, "binary_crossentropy", loss), Plan(40, 2e-3, "adamw", weight_decay=0.01)


@healthy("residual-deep", "check", sound(0.5))
def residual_deep(seed: int) -> Made:
    """Sixteen residual blocks on digits, SGD with momentum, cosine."""
    plan = Plan(15, 0.02, "sgd", momentum=0.9, schedule=cosine, layers_every=2, clip=1.0)
    return classification(Residual(64, 24, 16, 10), tasks.digits(seed, images=False), 10), plan


@healthy("mlp-dropout", "tune", sound(0.5))
def mlp_dropout(seed: int) -> Made:
    """Dense network with half of its units dropped: validation is better than training throughout."""
    return classification(Dense([64, 64, 64, 10], dropout=0.5), tasks.digits(seed), 10), Plan(25, 1e-3)


@healthy("label-smoothing", "tune", sound(0.3))
def label_smoothing(seed: int) -> Made:
    """Smoothed labels: the loss cannot fall below 0.5 and more."""
    data = tasks.digits(seed)
    plan = Plan(25, 2e-3, "adamw", weight_decay=0.05, schedule=cosine, layers_every=2)
    return classification(Conv(dropout=0.1), data, 10, smoothing=0.1), plan


@healthy("spirals-relu", "check", sound(0.5))
def spirals_relu(seed: int) -> Made:
    """Three spirals, dense layers with batch normalization, accuracies in percent."""
    model = Dense([2, 32, 32, 3], batch_norm=True)
    return classification(model, tasks.spirals(seed, 3), 3), Plan(30, 3e-3, percent=True, layers_every=2)


@healthy("warm-restarts", "check", sound(0.5))
def warm_restarts(seed: int) -> Made:
    """Cosine with four warm restarts."""
    plan = Plan(32, 0.1, "sgd", momentum=0.9, layers_every=3)
    plan.schedule = lambda at: max(1e-3, cosine((at * 4) % 1))
    return classification(Conv(dropout=0.2), tasks.digits(seed), 10), plan


@healthy("batch-of-four", "check", sound(0.5))
def batch_of_four(seed: int) -> Made:
    """Four samples a step: very noisy step losses, steady progress."""
    data = tasks.digits(seed)
    data.train = (data.train[0][:800], data.train[1][:800])
    return classification(Dense([64, 32, 10]), data, 10), Plan(8, 0.02, "sgd", batch=4, layers_every=4)


@healthy("full-batch", "tune", sound(0.4))
def full_batch(seed: int) -> Made:
    """All data in one step: an epoch is a step."""
    data = tasks.table("wine", seed)
    plan = Plan(300, 0.1, "sgd", batch=len(data.train[0]), momentum=0.5)
    return classification(Dense([13, 16, 3], nn.Tanh), data, 3), plan


@healthy("breast-cancer", "tune", sound(0.5))
def breast_cancer(seed: int) -> Made:
    """Binary classification of a real table with weight decay, cosine."""
    plan = Plan(25, 3e-3, "adamw", weight_decay=0.5, schedule=cosine)
    return binary(Dense([30, 16, 1]), tasks.table("breast_cancer", seed)), plan


@healthy("imbalance-learnt", "check", sound(0.4))
def imbalance_learnt(seed: int) -> Made:
    """Six percent of positives, and they are found."""
    return binary(Dense([12, 16, 1]), tasks.rare(seed, 0.06, 4.0, 2400)), Plan(30, 2e-3, layers_every=2)


@healthy("imbalance-weighted", "tune", sound(0.3))
def imbalance_weighted(seed: int) -> Made:
    """Six percent of positives, weighted up."""
    return binary(Dense([12, 16, 1]), tasks.rare(seed, 0.06, 3.5, 2400), weight=8.0), Plan(30, 1e-3)


def pretrained_conv(seed: int) -> Conv:
    """A convolution that already knows digits."""
    model = Conv(depth=3)
    Trainer(classification(model, tasks.digits(seed + 100), 10), Plan(8, 2e-3, layers_every=10**6), seed).run()
    return model


@healthy("frozen-backbone", "tune", sound(0.3))
def frozen_backbone(seed: int) -> Made:
    """Only the new head of a pre-trained convolution is trained; the rest is registered as frozen."""
    model = pretrained_conv(seed)
    for parameter in model.features.parameters():
        parameter.requires_grad = False
    model.classifier = nn.Linear(96, 10)
    data = tasks.digits(seed)
    odd = tasks.Split((1 - data.train[0], data.train[1]), (1 - data.valid[0], data.valid[1]))
    return classification(model, odd, 10), Plan(15, 3e-3, registration={"pretrained": True})


def _falls_in_steps(c: Curves) -> bool:
    """Each third of the steps is lower than the one before, validation is not worse at the end."""
    thirds = [float(np.median(part)) for part in np.array_split(c.loss, 3)]
    return bool(c.finite and thirds[0] > thirds[1] > thirds[2] and c.valid[-1] < 1.08 * c.valid.min())


@healthy("finetune-staircase", "check", _falls_in_steps)
def finetune_staircase(seed: int) -> Made:
    """Three epochs over little text from pre-trained weights: the loss falls in steps at the epochs."""
    symbols = tasks.prose_symbols()
    model = Attention(symbols, 48, 2, symbols, 32, causal=True)
    base = classification(model, tasks.prose(seed, count=2400), symbols)
    Trainer(base, Plan(4, 3e-3, "adamw", batch=16, schedule=warm_cosine, clip=1.0, layers_every=10**6), seed).run()
    plan = Plan(3, 2e-3, "adamw", batch=4, clip=1.0, layers_every=10, registration={"pretrained": True})
    plan.schedule = lambda at: min(1.0, at * 20 + 0.01) * (1 - at)
    plan.registration["profile"] = "language-model"
    return classification(model, tasks.prose(seed + 50, count=800), symbols), plan


@healthy("accumulated", "check", sound(0.5))
def accumulated(seed: int) -> Made:
    """Four micro-batches of eight a step; the log has the loss of the last one."""
    plan = Plan(20, 3e-3, batch=8, accumulate=4, clip=1.0, layers_every=2)
    return classification(Conv(), tasks.digits(seed), 10), plan


@healthy("resumed", "tune", sound(0.5))
def resumed(seed: int) -> Made:
    """A crash after a third: some steps are trained again as attempt 2, with a fresh optimizer."""
    return classification(Conv(), tasks.digits(seed), 10), Plan(18, 1e-3, resume_at=5, layers_every=2)


@healthy("resumed-late", "check", calm)
def resumed_late(seed: int) -> Made:
    """Only the second attempt of a run that had nearly converged."""
    model = pretrained_conv(seed)
    plan = Plan(10, 5e-4, schedule=cosine, registration={"resumed": True})
    return classification(model, tasks.digits(seed + 100), 10), plan


@healthy("epochs-only", "tune", sound(0.5))
def epochs_only(seed: int) -> Made:
    """A publisher that says nothing between epochs, and accuracies in percent."""
    plan = Plan(40, 1e-3, steps=False, percent=True)
    return classification(Conv(dropout=0.3), tasks.digits(seed), 10), plan


@healthy("epochs-only-regression", "check", sound(0.3))
def epochs_only_regression(seed: int) -> Made:
    """Linear regression with much noise, epochs only: a long flat end at the known noise."""
    plan = Plan(80, 3e-3, "adamw", batch=64, steps=False, weight_decay=0.01)
    return regression(Dense([10, 1]), tasks.plane(seed, (0.7, 0.9, 0.8)[seed % 3], 1600)), plan


@healthy("unregistered", "check", sound(0.5))
def unregistered(seed: int) -> Made:
    """A publisher that registers nothing and sends losses and norms without layers."""
    plan = Plan(25, 0.05, "sgd", momentum=0.9, validate=False, epoch_records=False, layers_every=10**6)
    problem = classification(Dense([64, 48, 10]), tasks.digits(seed), 10)
    said: Any = dict.fromkeys(("loss", "optimizer", "classes", "learning_rate", "planned_epochs", "planned_steps"))
    plan.registration = {**said, "layers": None, "batch_size": None}
    return problem, plan


@healthy("converged-long", "check", sound(0.9))
def converged_long(seed: int) -> Made:
    """Easy data, long after it has been learnt perfectly: loss and norms go to zero."""
    data = tasks.table("wine", seed)
    return classification(Dense([13, 32, 3]), data, 3), Plan(150, 2e-3, batch=16, layers_every=4)


def gaussian_nll(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Likelihood of a mean and a deviation a sample; becomes negative."""
    return (out[:, 1] + 0.5 * ((y[:, 0] - out[:, 0]) / out[:, 1].exp()) ** 2).mean()


@healthy("negative-likelihood", "tune", lambda c: c.finite and c.end < min(0.0, c.start - 0.5))
def negative_likelihood(seed: int) -> Made:
    """Mean and deviation of a nearly noiseless target: the loss crosses zero and goes on falling."""
    data = tasks.surface(seed, 0.05, 2000)
    return Problem(Dense([10, 32, 2], nn.Tanh), data, "gaussian_nll", gaussian_nll), Plan(40, 2e-3, clip=5.0)


class Pairs(nn.Module):
    """Two noisy views of each sample, projected; the answer holds both."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 16))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        views = (self.encoder(x + 0.2 * torch.randn_like(x)) for _ in range(2))
        return torch.stack([F.normalize(view, dim=1) for view in views])


def contrast(out: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """Each sample must know its other view among the batch."""
    return F.cross_entropy(out[0] @ out[1].T / 0.2, torch.arange(out.shape[1]))


@healthy("contrastive", "tune", sound(0.2))
def contrastive(seed: int) -> Made:
    """Contrastive loss over a batch of 64."""
    return Problem(Pairs(), tasks.digits(seed, images=False), "info_nce", contrast), Plan(40, 2e-3, batch=64)


@healthy("negative-cosine", "check", lambda c: c.finite and c.end < c.start - 0.2)
def negative_cosine(seed: int) -> Made:
    """Negative cosine between a cleaned image and the image: the loss is below zero from the start on."""
    data = tasks.digits(seed, images=False)
    noisy = data.train[0] + 0.3 * torch.randn_like(data.train[0])
    data = tasks.Split((noisy, data.train[0]), (data.valid[0], data.valid[0]))

    def loss(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return -F.cosine_similarity(out, y).mean()

    plan = Plan(30, 0.1, "sgd", batch=64, momentum=0.9, layers_every=2)
    return Problem(Autoencoder(code=12), data, "negative_cosine_similarity", loss), plan


@healthy("half-precision-once", "tune", lambda c: sound(0.5)(c) and int((~np.isfinite(c.norms)).sum()) == 1)
def half_precision_once(seed: int) -> Made:
    """A loss scaler that starts a fifth too high: the first step overflows and is skipped, no other does."""
    problem = classification(Conv(), tasks.digits(seed), 10)
    plan = Plan(14, 2e-3, half=True, scale_growth=10**6, scale_backoff=256.0)
    x, y = Trainer(problem, plan, seed).batches()[0]
    problem.loss(problem.model(x), y).backward()
    largest = max(float(p.grad.abs().max()) for p in problem.model.parameters() if p.grad is not None)
    plan.scale = 1.2 * torch.finfo(torch.half).max / largest
    return problem, plan


@healthy("steady-pace", "tune", sound(0.5))
def steady_pace(seed: int) -> Made:
    """Step times with ordinary jitter, a pause at each validation, now and then a hiccup."""
    g = torch.Generator().manual_seed(seed)

    def pace(step: int) -> float:
        jitter = 200 * math.exp(0.15 * float(torch.randn(1, generator=g)))
        return jitter + (3000 if step % 44 == 0 else 0) + (1500 if step % 97 == 0 else 0)

    return classification(Conv(), tasks.digits(seed), 10), Plan(12, 2e-3, step_millis=pace, layers_every=5)
