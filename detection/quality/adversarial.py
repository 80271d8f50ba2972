"""Designs whose loss is not one that must fall: a generator against a critic, and a policy that learns from reward."""

from __future__ import annotations

import math
from typing import Any, Optional

import torch
from torch import nn
from torch.nn import functional as F

from designs import Made, Recorded, faulty, healthy
from recording import Recording
from shapes import Curves, calm, not_finite


def _ring(count: int) -> torch.Tensor:
    angle = torch.randint(8, (count,)) * math.pi / 4
    return torch.stack([angle.cos(), angle.sin()], 1) * 2 + 0.05 * torch.randn(count, 2)


def _mlp(inputs: int, outputs: int, width: int = 32) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )


def _lost(records: list[dict[str, Any]]) -> bool:
    """Forty steps without a finite loss: nobody lets that go on."""
    last = [r["loss"] for r in records if r["type"] == "step"][-40:]
    return len(last) == 40 and not any(math.isfinite(x) for x in last)


def _gan(steps: int, rate: float, wasserstein: bool, fail_at: Optional[int] = None, batch: int = 64) -> Recorded:
    generator, critic = _mlp(4, 2), _mlp(2, 1)
    model = nn.ModuleDict({"generator": generator, "critic": critic})
    recording = Recording(model, 5)
    betas = (0.5, 0.9)
    of_generator = torch.optim.Adam(generator.parameters(), rate, betas)
    of_critic = torch.optim.Adam(critic.parameters(), rate, betas)
    for step in range(steps):
        if fail_at is not None and step >= fail_at:
            for group in of_critic.param_groups + of_generator.param_groups:
                group["lr"] = rate * min(1.5 ** (step - fail_at), 1e30)
        real, fake = _ring(batch), generator(torch.randn(batch, 4)).detach()
        if wasserstein:
            critic_loss = critic(fake).mean() - critic(real).mean() + _penalty(critic, real, fake)
        else:
            critic_loss = F.softplus(-critic(real)).mean() + F.softplus(critic(fake)).mean()
        critic.zero_grad()
        critic_loss.backward()
        of_critic.step()
        answer = critic(generator(torch.randn(batch, 4)))
        loss = -answer.mean() if wasserstein else F.softplus(-answer).mean()
        generator.zero_grad()
        critic.zero_grad()
        loss.backward()
        norm, layers = recording.gradients(), recording.before_update(step)
        of_generator.step()
        recording.after_update(layers)
        recording.add(
            "step",
            step=step,
            epoch=step // 100,
            loss=loss.item(),
            grad_norm=norm,
            lr=of_generator.param_groups[0]["lr"],
            layers=layers,
        )
        if _lost(recording.records):
            break
        if step % 100 == 99:
            of = {"critic_loss": critic_loss.item()}
            recording.add("epoch", epoch=step // 100, step=step, train_loss=loss.item(), metrics=of)
    registration = {
        "profile": "adversarial",
        "loss": "wasserstein" if wasserstein else "adversarial",
        "optimizer": "adam",
        "learning_rate": rate,
        "batch_size": batch,
        "steps_per_epoch": 100,
        "planned_epochs": steps // 100,
        "layers": recording.described_layers(),
    }
    return Recorded(registration, recording.records)


def _penalty(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess: torch.Tensor = ((slope.norm(dim=1) - 1) ** 2).mean()
    return excess


@healthy("gan", "check", calm)
def gan(seed: int) -> Made:
    """Generator against discriminator on a ring of eight points; the generator's loss is published."""
    return _gan(1500, 1e-3, wasserstein=False)


@healthy("gan-wasserstein", "tune", calm)
def gan_wasserstein(seed: int) -> Made:
    """The same with a Wasserstein critic: losses around zero, both signs."""
    return _gan(1500, 5e-4, wasserstein=True)


@faulty(
    "gan-blow-up",
    "tune",
    "non-finite-values loss-divergence loss-spike exploding-gradients",
    "learning-rate-too-high unstable-gradients",
    not_finite,
)
def gan_blow_up(seed: int) -> Made:
    """The rates of both run away in mid-run until nothing is finite."""
    return _gan(1000, 1e-3, wasserstein=True, fail_at=600)


@healthy("policy-gradient", "check", lambda c: c.finite and _reward(c))
def policy_gradient(seed: int) -> Made:
    """A policy that learns which of five arms suits a context; its loss means nothing, its reward rises."""
    policy = _mlp(6, 5)
    right = torch.randn(6, 5)
    recording = Recording(policy, 4)
    optimizer = torch.optim.Adam(policy.parameters(), 3e-3)
    mean = 0.0
    for step in range(1200):
        context = torch.randn(32, 6)
        chosen = torch.distributions.Categorical(logits=policy(context))
        arm = chosen.sample()
        reward = ((context @ right).argmax(1) == arm).float() + 0.1 * torch.randn(32)
        loss = -((reward - mean) * chosen.log_prob(arm)).mean()
        mean = 0.95 * mean + 0.05 * float(reward.mean())
        optimizer.zero_grad()
        loss.backward()
        norm, layers = recording.gradients(), recording.before_update(step)
        optimizer.step()
        recording.after_update(layers)
        recording.add("step", step=step, epoch=step // 60, loss=loss.item(), grad_norm=norm, lr=3e-3, layers=layers)
        if step % 60 == 59:
            recording.add("epoch", epoch=step // 60, step=step, train_loss=loss.item(), metrics={"reward": mean})
    registration = {
        "profile": "reinforcement",
        "loss": "policy_gradient",
        "optimizer": "adam",
        "learning_rate": 3e-3,
        "batch_size": 32,
        "steps_per_epoch": 60,
        "planned_epochs": 20,
        "layers": recording.described_layers(),
    }
    return Recorded(registration, recording.records)


def _reward(c: Curves) -> bool:
    return len(c.loss) > 0
