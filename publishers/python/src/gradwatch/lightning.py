"""Watches a Lightning ``Trainer``, with one line; both for ``lightning.pytorch`` and for ``pytorch_lightning``.

trainer = Trainer(..., callbacks=[gradwatch.lightning.GradwatchCallback(project="vision")])
"""

from __future__ import annotations

import functools
import importlib
import sys
import time
from collections.abc import Mapping
from typing import Any, Optional

import torch

from gradwatch import Run, _lifetime
from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch._begin import begin
from gradwatch.torch._evaluations import lower_is_better, sorted_out
from gradwatch.torch._found import unwrapped
from gradwatch.torch._layers import MOST_LAYERS
from gradwatch.torch._watch import Watch

__all__ = ["GradwatchCallback"]

_PACKAGES = ("lightning.pytorch", "pytorch_lightning")
_HEARTBEAT_EVERY = 15.0
"""Seconds, during validation."""


def _bases() -> tuple[type, ...]:
    """The ``Callback`` of each package that is in use; of the first that is installed where none is yet."""
    loaded = [sys.modules[name] for name in _PACKAGES if name in sys.modules]
    for name in () if loaded else _PACKAGES:
        try:
            loaded = [importlib.import_module(name)]
            break
        except ModuleNotFoundError:
            continue
    if not loaded:
        raise ModuleNotFoundError(
            "gradwatch.lightning needs lightning or pytorch-lightning: pip install 'gradwatch[lightning]'"
        )
    return tuple(module.Callback for module in loaded)


def _guarded(method: Any) -> Any:
    """A fault of monitoring is a warning, never an exception in the trainer."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as e:
            self.errors += 1
            Notices.shared.warn(
                f"lightning-{method.__name__}",
                f"{method.__name__} was not published, by a fault of gradwatch: {type(e).__name__}: {shown(e)}; training goes on",
            )

    return guarded


class GradwatchCallback(*_bases()):  # type: ignore[misc]
    """Publishes steps, epochs, validations and the end of ``fit``.

    ``every``, ``layers``, ``max_layers`` and ``exact`` are those of ``gradwatch.torch.watch``, ``run_fields`` those of ``gradwatch.run``;
    what the trainer knows is filled in. A module with several optimizers is watched at its first. ``fit`` from a checkpoint that was
    written with this callback is the next attempt of that run. A run with ``stop_when_told`` ends ``fit`` as ``trainer.should_stop`` does.
    """

    def __init__(
        self,
        run: Optional[Run] = None,
        *,
        every: int = 10,
        layers: bool = True,
        max_layers: int = MOST_LAYERS,
        exact: bool = False,
        **run_fields: Any,
    ) -> None:
        super().__init__()
        self.errors = 0
        self.watch: Optional[Watch] = None
        """What watches the module during ``fit``."""
        self._checkpoint: Optional[Mapping[str, Any]] = None
        self._run = run
        self._options = {"every": every, "layers": layers, "max_layers": max_layers, "exact": exact}
        self._fields = run_fields
        self._losses: list[Any] = []
        self._hears_losses = False
        self._seen = 0
        self._validated: dict[str, Any] = {}
        self._beat = 0.0

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint: which run and attempt it belongs to."""
        return self.watch.state_dict() if self.watch is not None else dict(self._checkpoint or {})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint: ``fit`` is the next attempt of that run."""
        self._checkpoint = state_dict or None

    @_guarded
    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Registers the run with what the trainer knows, and hooks its optimizer."""
        resumed = trainer.global_step > 0
        checkpoint = self._checkpoint if resumed else None
        fields = {**_known(trainer, pl_module), **({"resumed": True} if resumed else {})}
        fields = {
            **fields,
            **self._fields,
            "tags": {**fields["tags"], **dict(self._fields.get("tags") or {})},
        }
        self._losses, self._validated = [], {}
        self.watch = begin(
            pl_module,
            trainer.optimizers[0],
            self._run,
            fields,
            state=checkpoint,
            first_step=None if checkpoint else trainer.global_step,
            raises=False,
            loss_comes_after=True,
            **self._options,
        )
        self._seen = self.watch.next_step

    @_guarded
    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Says where in the epoch the next step is."""
        if self.watch is not None:
            batches = trainer.num_training_batches
            part = batch_idx / batches if 0 < batches < float("inf") else 0.0
            self.watch.at_epoch(trainer.current_epoch + part)

    @_guarded
    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        """The gradients are whole, unscaled and not clipped yet."""
        if self.watch is not None and unwrapped(optimizer) is unwrapped(trainer.optimizers[0]):
            self.watch.measure()

    @_guarded
    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Tells the watch the loss of the step that ended with this batch, and the trainer to stop if the run was told to."""
        if self.watch is None:
            return
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, torch.Tensor):
            self._losses.append(loss.detach())
            self._hears_losses = True
        if self.watch.next_step != self._seen:
            self._seen = self.watch.next_step
            losses, self._losses = self._losses, []
            if losses:
                # Under automatic optimization the trainer has divided each by how many are accumulated.
                whole = sum(losses[1:], losses[0])
                self.watch.loss(whole if pl_module.automatic_optimization else whole / len(losses))
        if self.watch.stop is not None:
            trainer.should_stop = True

    @_guarded
    def on_validation_batch_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        """A long validation is no silence."""
        now = time.monotonic()
        if self.watch is not None and now - self._beat > _HEARTBEAT_EVERY:
            self._beat = now
            self.watch.flush()
            self.watch.run.heartbeat("validating", step=max(0, self.watch.next_step - 1))

    @_guarded
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Published with the epoch where it ends one; else as an evaluation in between."""
        if self.watch is None or trainer.sanity_checking:
            return
        said = self._metrics(trainer)
        self._validated = said
        if not trainer.is_last_batch:
            batches = trainer.num_training_batches
            done = trainer.fit_loop.epoch_loop.batch_progress.current.completed
            part = done / batches if 0 < batches < float("inf") else 0.5
            self._publish(trainer.current_epoch + min(part, 0.999), said)
            self._validated = {}

    @_guarded
    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """An epoch ended."""
        if self.watch is None:
            return
        said = self._metrics(trainer)
        if not self._validated:
            # Lightning keeps the metrics of the last validation, which may be epochs old.
            said = {name: value for name, value in said.items() if name.startswith("train_")}
        self._publish(trainer.current_epoch + 1, said)
        self._validated = {}

    @_guarded
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Ends the run."""
        stop = self.watch.stop if self.watch is not None else None
        self._close("COMPLETED" if stop is None else "STOPPED", None if stop is None else str(stop))

    @_guarded
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Ends the run as failed, or as cancelled by whoever interrupted it."""
        self._close(*_lifetime.outcome_of(exception))

    def _metrics(self, trainer: Any) -> dict[str, Any]:
        """Those of epochs. What Lightning holds of single steps is left out, and so is its training loss where the watch has them all."""
        said = sorted_out(
            {name: value for name, value in trainer.callback_metrics.items() if not name.endswith("_step")}
        )
        if self._hears_losses:
            said.pop("train_loss", None)
        return said

    def _publish(self, epoch: float, said: dict[str, Any]) -> None:
        assert self.watch is not None
        lower = lower_is_better(said.get("metrics", {}))
        if lower:
            self.watch.run.register(lower_is_better=lower)
        self.watch.epoch(epoch, **said)

    def _close(self, outcome: str, reason: Optional[str]) -> None:
        watch, self.watch = self.watch, None
        if watch is not None:
            self._checkpoint = watch.state_dict()
            watch.close(outcome, reason)

    def __getstate__(self) -> dict[str, Any]:
        # Trainers are pickled to be sent to other processes; a watch belongs to this one.
        return {**self.__dict__, "watch": None, "_run": None}


def _known(trainer: Any, module: Any) -> dict[str, Any]:
    """What the trainer says of the run."""
    accumulated = max(1, int(trainer.accumulate_grad_batches))
    batches = trainer.num_training_batches
    loader = trainer.train_dataloader
    size = getattr(loader, "batch_size", None)
    by_norm = (
        str(getattr(trainer.gradient_clip_algorithm, "value", trainer.gradient_clip_algorithm) or "norm") == "norm"
    )
    clip = trainer.gradient_clip_val
    steps = trainer.estimated_stepping_batches
    tags = {
        "lightning": sys.modules[type(trainer).__module__.split(".")[0]].__version__,
        "strategy": type(trainer.strategy).__name__,
        "precision": str(trainer.precision),
        "gradient_accumulation_steps": str(accumulated),
    }
    return {
        "planned_epochs": trainer.max_epochs if trainer.max_epochs and trainer.max_epochs > 0 else None,
        "planned_steps": int(steps) if 0 < steps < float("inf") else None,
        "steps_per_epoch": max(1, -(-int(batches) // accumulated)) if 0 < batches < float("inf") else None,
        "batch_size": size * accumulated * trainer.world_size if isinstance(size, int) else None,
        "clip_threshold": float(clip) if clip and by_norm else None,
        "epoch_numbering": "from-0",
        "tags": tags,
    }
