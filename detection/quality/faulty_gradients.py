"""Designs with a fault inside the model: gradients that die, vanish, explode or pile up."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

import tasks
from designs import Made, faulty
from models import Conv, Dense, Recurrent, each_linear
from shapes import Curves, blown, not_finite, stuck, swings
from training import Plan, classification, regression


def _half_dead(layer: nn.Linear) -> None:
    layer.bias.fill_(-6.0)


@faulty("dying-relu-bias", "tune", "dead-layers zero-gradients loss-plateau", "dying-relu", stuck(0.05))
def dying_relu_bias(seed: int) -> Made:
    """Hidden biases of -6: every unit is off from the first step on."""
    model = each_linear(Dense([64, 32, 32, 10]), _half_dead)
    return classification(model, tasks.digits(seed), 10), Plan(12, 1e-3)


@faulty(
    "dying-relu-rate",
    "check",
    "dead-layers zero-gradients loss-plateau loss-divergence",
    "learning-rate-too-high dying-relu",
    lambda c: stuck(0.05)(c) and _some_layer_died(c),
)
def dying_relu_rate(seed: int) -> Made:
    """SGD with momentum at 0.8 on a convolution: alive for some steps, then dead."""
    return classification(Conv(depth=3), tasks.digits(seed), 10), Plan(14, 0.6, "sgd", momentum=0.9)


def _some_layer_died(c: Curves) -> bool:
    first = any(layer["zero_fraction"] < 0.99 for layer in c.layers[0][:-1])
    return first and any(layer["zero_fraction"] > 0.999 for layer in c.layers[-1])


@faulty(
    "vanishing-sigmoid",
    "tune",
    "vanishing-gradients loss-plateau",
    "saturating-activations",
    stuck(0.1),
)
def vanishing_sigmoid(seed: int) -> Made:
    """Ten sigmoid layers."""
    model = Dense([13, *[24] * 10, 3], nn.Sigmoid)
    return classification(model, tasks.table("wine", seed), 3), Plan(60, 1e-3, batch=16, layers_every=2)


@faulty(
    "vanishing-sigmoid-regression",
    "check",
    "vanishing-gradients loss-plateau dead-layers",
    "saturating-activations",
    stuck(0.1),
)
def vanishing_sigmoid_regression(seed: int) -> Made:
    """Twelve sigmoid layers of a regression: the first get nothing, it answers the mean."""
    model = Dense([10, *[16] * 12, 1], nn.Sigmoid)
    return regression(model, tasks.surface(seed, 0.2)), Plan(25, 1e-3, layers_every=2)


EXPLODING = "exploding-gradients loss-divergence loss-spike non-finite-values oscillating-loss loss-plateau"


@faulty(
    "exploding-rnn-tanh",
    "tune",
    EXPLODING,
    "unstable-gradients unsuitable-recurrent-activation learning-rate-too-high",
    lambda c: bool(np.nanmax(c.norms) > 30 * np.nanmedian(c.norms)),
)
def exploding_rnn(seed: int) -> Made:
    """Plain tanh network, long sequences, large recurrent weights, no clipping."""
    model = Recurrent("tanh", 2, 32, 1)
    with torch.no_grad():
        model.rnn.weight_hh_l0.mul_(3.0)
    return regression(model, tasks.adding(seed, 60, 1000)), Plan(20, 0.02, "sgd", momentum=0.9, layers_every=2)


@faulty(
    "exploding-rnn-relu",
    "check",
    EXPLODING,
    "unstable-gradients unsuitable-recurrent-activation learning-rate-too-high",
    lambda c: c.start < 4 and (not_finite(c) or bool(np.nanmax(c.norms) > 30 * np.nanmedian(c.norms))),
)
def exploding_rnn_relu(seed: int) -> Made:
    """Rectified recurrent network, no clipping."""
    model = Recurrent("relu", 1, 32, 4)
    with torch.no_grad():
        model.rnn.weight_hh_l0.copy_(torch.eye(32) * 0.95)
    plan = Plan(16, 0.05, "sgd", layers_every=2)
    return classification(model, tasks.pitches(seed, length=60, count=800), 4), plan


@faulty(
    "gradients-never-reset",
    "check",
    "exploding-gradients loss-divergence oscillating-loss loss-spike loss-plateau non-finite-values",
    "learning-rate-too-high unstable-gradients",
    lambda c: blown(c) or swings()(c),
)
def gradients_never_reset(seed: int) -> Made:
    """Gradients pile up from step to step, because nobody resets them."""
    plan = Plan(25, 0.01, "sgd", keep_gradients=True, layers_every=2)
    return classification(Dense([64, 32, 10]), tasks.digits(seed), 10), plan
