"""One training loop for every supervised design; what is wrong with a run is said by its plan and its hooks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from torch import nn
from torch.nn import functional as F

from recording import Recording
from tasks import Split

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass
class Plan:
    """How a run trains and what it publishes. Rates are per optimizer step, epochs whole."""

    epochs: int
    rate: float
    optimizer: str = "adam"
    batch: int = 32
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: Optional[Callable[[float], float]] = None
    clip: Optional[float] = None
    accumulate: int = 1
    layers_every: int = 1
    validate: bool = True
    validate_every: Optional[int] = None
    steps: bool = True
    epoch_records: bool = True
    percent: bool = False
    half: bool = False
    scale: float = 2.0**16
    scale_growth: int = 200
    scale_backoff: float = 2.0
    keep_gradients: bool = False
    freeze: Optional[Callable[[int], list[nn.Parameter]]] = None
    spare_parameters: bool = False
    spoil: Optional[Callable[[int, torch.Tensor, torch.Tensor], Batch]] = None
    skip_nan: bool = False
    step_millis: Optional[Callable[[int], float]] = None
    resume_at: Optional[int] = None
    registration: dict[str, Any] = field(default_factory=dict)


@dataclass
class Problem:
    """A model, its data and its loss; `name` is the loss as a registration names it."""

    model: nn.Module
    data: Split
    name: str
    loss: Loss
    classes: Optional[int] = None
    accuracy: Optional[Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = None
    valid_loss: Optional[Loss] = None
    valid_model: Optional[nn.Module] = None


def classification(model: nn.Module, data: Split, classes: int, smoothing: float = 0.0) -> Problem:
    """Softmax cross-entropy over classes, or over the tokens of each place."""

    def loss(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(out, y.flatten(), label_smoothing=smoothing)

    def accuracy(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (out.argmax(-1) == y.flatten()).float().mean()

    return Problem(model, data, "sparse_categorical_crossentropy", loss, classes, accuracy)


def binary(model: nn.Module, data: Split, weight: Optional[float] = None) -> Problem:
    """Two classes, one output, cross-entropy from logits."""
    positive = None if weight is None else torch.tensor(weight)

    def loss(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(out[:, 0], y.float(), pos_weight=positive)

    def accuracy(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return ((out[:, 0] > 0).long() == y).float().mean()

    return Problem(model, data, "binary_crossentropy", loss, 2, accuracy)


def regression(model: nn.Module, data: Split) -> Problem:
    """Mean squared error."""
    return Problem(model, data, "mse", F.mse_loss)


def make_optimizer(plan: Plan, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """The plan's optimizer over these parameters."""
    kinds: dict[str, Any] = {
        "adam": lambda: torch.optim.Adam(parameters, plan.rate),
        "adamw": lambda: torch.optim.AdamW(parameters, plan.rate, weight_decay=plan.weight_decay),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, plan.rate),
        "sgd": lambda: torch.optim.SGD(parameters, plan.rate, plan.momentum, weight_decay=plan.weight_decay),
    }
    made: torch.optim.Optimizer = kinds[plan.optimizer]()
    return made


def overflow_in_half(model: nn.Module, scale: float) -> bool:
    """What a loss scaler does: gradients times the scale in half precision and back; whether one of them overflowed."""
    overflowed = False
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad = (parameter.grad * scale).half().float() / scale
            overflowed |= not bool(torch.isfinite(parameter.grad).all())
    return overflowed


class Trainer:
    """Trains one problem by one plan and records it."""

    def __init__(self, problem: Problem, plan: Plan, seed: int) -> None:
        self.problem, self.plan = problem, plan
        self.model = problem.model
        self.recording = Recording(self.model, plan.layers_every)
        self.order = torch.Generator().manual_seed(seed)
        trained = [p for p in self.model.parameters() if p.requires_grad]
        if plan.spare_parameters:
            trained = [nn.Parameter(p.detach().clone()) for p in trained]
        self.optimizer = make_optimizer(plan, trained)
        self.per_epoch = max(1, len(problem.data.train[0]) // (plan.batch * plan.accumulate))
        self.total = self.per_epoch * plan.epochs
        self.step = 0
        self.attempt: Optional[int] = None
        self.millis = 1_790_000_000_000.0
        self.scale = plan.scale
        self.last_overflow = 0

    def registration(self) -> dict[str, Any]:
        """What a good publisher says at the start."""
        plan = self.plan
        said: dict[str, Any] = {
            "loss": self.problem.name,
            "optimizer": plan.optimizer,
            "learning_rate": plan.rate,
            "batch_size": plan.batch * plan.accumulate,
            "planned_epochs": plan.epochs,
            "planned_steps": self.total,
            "steps_per_epoch": self.per_epoch,
            "layers": self.recording.described_layers(),
        }
        if self.problem.classes:
            said["classes"] = self.problem.classes
        if self.problem.name == "mse":
            target = self.problem.data.train[1]
            said["baseline_loss"] = float(f"{float((target - target.mean(0)).square().mean()):.5g}")
        if plan.clip:
            said["clip_threshold"] = plan.clip
        return {k: v for k, v in {**said, **plan.registration}.items() if v is not None}

    def run(self) -> list[dict[str, Any]]:
        """Trains to the end, or to a loss that is not finite for forty steps; the records."""
        lost = 0
        for epoch in range(self.plan.epochs):
            losses, hits = [], []
            for x, y in self.batches():
                loss, hit = self.one_step(epoch, x, y)
                losses.append(loss)
                hits.append(hit)
                lost = 0 if math.isfinite(loss) else lost + 1
                if self.plan.validate_every and self.step % self.plan.validate_every == 0:
                    recent = losses[-self.plan.validate_every :]
                    self.evaluate(self.step / self.per_epoch, sum(recent) / len(recent), None)
            if self.plan.epoch_records and not self.plan.validate_every:
                self.evaluate(epoch, sum(losses) / len(losses), sum(hits) / len(hits))
            if lost >= 40:
                self.recording.add("finished", outcome="failed", reason="loss is not finite")
                return self.recording.records
            if self.plan.resume_at == epoch:
                self.resume()
        self.recording.add("finished", outcome="completed")
        return self.recording.records

    def batches(self) -> list[Batch]:
        """One epoch's batches, without the remainder."""
        x, y = self.problem.data.train
        size = self.plan.batch * self.plan.accumulate
        order = torch.randperm(len(x), generator=self.order)
        return [(x[i], y[i]) for i in order[: self.per_epoch * size].split(size)]

    def set_rate(self) -> float:
        rate = self.plan.rate * (self.plan.schedule(self.step / self.total) if self.plan.schedule else 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def one_step(self, epoch: int, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
        """One optimizer step; the loss of its last micro-batch, as many logs have it, and the accuracy."""
        plan, recording = self.plan, self.recording
        self.model.train()
        rate = self.set_rate()
        if plan.spoil:
            x, y = plan.spoil(self.step, x, y)
        for parameter in self.model.parameters() if not plan.keep_gradients else ():
            parameter.grad = None
        for small_x, small_y in zip(x.chunk(plan.accumulate), y.chunk(plan.accumulate)):
            out = self.model(small_x)
            loss = self.problem.loss(out, small_y)
            if loss.requires_grad:
                (loss / plan.accumulate).backward()
        hit = float(self.problem.accuracy(out.detach(), small_y)) if self.problem.accuracy else 0.0
        overflowed = plan.half and overflow_in_half(self.model, self.scale)
        for parameter in plan.freeze(self.step) if plan.freeze else ():
            parameter.grad = None
        norm = recording.gradients()
        layers = recording.before_update(self.step)
        if plan.clip and norm > plan.clip:
            for parameter in self.model.parameters():
                if parameter.grad is not None:
                    parameter.grad *= plan.clip / norm
        if overflowed:
            self.scale, self.last_overflow = self.scale / plan.scale_backoff, self.step
        elif not (plan.skip_nan and not math.isfinite(norm)):
            self.optimizer.step()
        if plan.half and self.step - self.last_overflow >= plan.scale_growth:
            self.scale, self.last_overflow = self.scale * 2, self.step
        recording.after_update(layers)
        value = float(loss.detach())
        if plan.steps:
            recording.add(
                "step",
                step=self.step,
                epoch=epoch,
                loss=value,
                grad_norm=norm,
                lr=rate,
                layers=layers,
                attempt=self.attempt,
                time=self.clock(),
            )
        self.step += 1
        return value, hit

    def clock(self) -> Optional[int]:
        """Milliseconds, for plans that have a pace; others leave the time out."""
        if self.plan.step_millis is None:
            return None
        self.millis += self.plan.step_millis(self.step)
        return int(self.millis)

    def evaluate(self, epoch: float, train_loss: float, train_hit: Optional[float]) -> None:
        """An epoch record, with validation unless the plan has none."""
        problem, unit = self.problem, 100.0 if self.plan.percent else 1.0
        valid_loss = valid_hit = None
        if self.plan.validate:
            model = problem.valid_model or self.model
            model.eval()
            with torch.no_grad():
                x, y = problem.data.valid
                out = model(x)
                valid_loss = float((problem.valid_loss or problem.loss)(out, y))
                valid_hit = unit * float(problem.accuracy(out, y)) if problem.accuracy else None
        self.recording.add(
            "epoch",
            epoch=epoch,
            step=self.step - 1,
            train_loss=train_loss,
            val_loss=valid_loss,
            train_accuracy=unit * train_hit if problem.accuracy and train_hit is not None else None,
            val_accuracy=valid_hit,
            lr=self.optimizer.param_groups[0]["lr"],
            attempt=self.attempt,
            time=self.clock(),
        )

    def resume(self) -> None:
        """A crash: the last third of an epoch's steps is trained again, from a fresh optimizer, as attempt 2."""
        self.attempt = 2
        self.step = self.step - self.per_epoch // 3
        self.optimizer = make_optimizer(self.plan, [p for p in self.model.parameters() if p.requires_grad])
