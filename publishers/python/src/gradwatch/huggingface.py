"""Watches a Hugging Face ``Trainer``, with one line.

    trainer = Trainer(..., callbacks=[gradwatch.huggingface.GradwatchCallback(project="translation")])

Works with every trainer that is made from ``transformers.Trainer``, such as those of TRL.
"""

from __future__ import annotations

import functools
import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any, Optional

from accelerate import Accelerator
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers import __version__ as transformers_version
from transformers.trainer_callback import ExportableState

import gradwatch
from gradwatch import Run, StopRun
from gradwatch._notices import Notices
from gradwatch._values import shown
from gradwatch.torch._begin import begin
from gradwatch.torch._evaluations import lower_is_better, sorted_out
from gradwatch.torch._layers import MOST_LAYERS
from gradwatch.torch._watch import Watch

__all__ = ["GradwatchCallback"]

_HEARTBEAT_EVERY = 15.0
"""Seconds, during evaluations."""


_PUBLISHED = ("loss", "grad_norm", "learning_rate", "epoch", "step", "total_flos")
"""What a trainer logs that steps and epochs carry anyway."""


def _guarded(method: Any) -> Any:
    """A fault of monitoring is a warning, never an exception in the trainer."""

    @functools.wraps(method)
    def guarded(self: GradwatchCallback, *args: Any, **kwargs: Any) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as e:
            self.errors += 1
            Notices.shared.warn(
                f"huggingface-{method.__name__}",
                f"{method.__name__} was not published, by a fault of gradwatch: {type(e).__name__}: {shown(e)}; training goes on",
            )

    return guarded


class GradwatchCallback(TrainerCallback, ExportableState):
    """Publishes steps, epochs, evaluations and the end of a training.

    ``every``, ``layers``, ``max_layers`` and ``exact`` are those of ``gradwatch.torch.watch``, ``run_fields`` those of ``gradwatch.run``;
    what the trainer knows is filled in. A training that resumes from a checkpoint written with this callback is the next attempt of that
    run. A run with ``stop_when_told`` ends the training as ``control.should_training_stop`` does, after a checkpoint if any are written.
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
        self.errors = 0
        self.watch: Optional[Watch] = None
        """What watches the model while it is trained."""
        self.checkpoint: Optional[Mapping[str, Any]] = None
        """What a checkpoint held of the run that goes on."""
        self._run = run
        self._options = {"every": every, "layers": layers, "max_layers": max_layers, "exact": exact}
        self._fields = run_fields
        self._logged: Optional[Run] = None
        self._evaluated: dict[str, Any] = {}
        self._ended: Optional[float] = None
        self._beat = 0.0

    def state(self) -> dict[str, Any]:
        """For ``trainer_state.json``: which run and attempt a checkpoint belongs to."""
        simple = {name: value for name, value in self._fields.items() if isinstance(value, (str, int, float, bool))}
        held = self.checkpoint
        if self.watch is not None:
            held = self.watch.state_dict()
        elif self._logged is not None:
            held = self._logged.state_dict()
        return {"args": {**self._options, **simple}, "attributes": {"checkpoint": held}}

    @_guarded
    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Registers the run with what the trainer knows, and hooks its optimizer."""
        self._evaluated, self._ended = {}, None
        resumed = state.global_step > 0
        checkpoint = _checkpoint_of(self, state) if resumed else None
        fields = {**_known(args, state, kwargs), **({"resumed": True} if resumed else {})}
        fields = {
            **fields,
            **self._fields,
            "tags": {**fields["tags"], **dict(self._fields.get("tags") or {})},
        }
        try:
            self.watch = begin(
                kwargs["model"],
                kwargs["optimizer"],
                self._run,
                fields,
                state=checkpoint,
                first_step=state.global_step,
                raises=False,
                adds_up_losses=True,
                loss_comes_after=False,
                **self._options,
            )
        except TypeError:
            # An engine's own optimizer, such as DeepSpeed's: what the trainer logs is all that there is.
            self._logged = self._run or gradwatch.run(state=checkpoint, **fields)
            return
        _hear_losses(self.watch)

    @_guarded
    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """An evaluation is complete when training goes on."""
        if self.watch is not None:
            self._publish_epoch(state)
            self.watch.at_epoch(state.epoch)

    @_guarded
    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Stops the training if the run was told to."""
        if self.watch is not None and self.watch.stop is not None and not control.should_training_stop:
            control.should_training_stop = True
            control.should_save = str(getattr(args.save_strategy, "value", args.save_strategy)) != "no"

    @_guarded
    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Optional[Mapping[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        """Publishes what is logged where the steps themselves cannot be watched; else the metrics of its own that a trainer logs."""
        if self.watch is not None and logs is not None and "loss" in logs:
            self.watch.metrics(_of_step(logs))
        if self._logged is None or logs is None:
            return
        try:
            if "loss" in logs:
                norm, rate = logs.get("grad_norm"), logs.get("learning_rate")
                step = max(0, state.global_step - 1)
                self._logged.step(step, loss=logs["loss"], gradient_norm=norm, learning_rate=rate, epoch=state.epoch)
            elif any(name.startswith("eval_") for name in logs):
                self._logged.epoch(state.epoch or 0.0, step=max(0, state.global_step - 1), **sorted_out(logs))
        except StopRun:
            control.should_training_stop = True

    @_guarded
    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Remembered until the evaluation that may follow is there too."""
        self._ended = state.epoch

    @_guarded
    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: Optional[Mapping[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        """Collected: a trainer with several evaluation sets comes here once for each."""
        if self.watch is not None:
            said = sorted_out(metrics or {}, default="eval_")
            others = {**self._evaluated.get("metrics", {}), **said.get("metrics", {})}
            self._evaluated = {**self._evaluated, **said, "metrics": others}
            self._ended = state.epoch

    @_guarded
    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """A long evaluation is no silence."""
        now = time.monotonic()
        if self.watch is not None and now - self._beat > _HEARTBEAT_EVERY:
            self._beat = now
            self.watch.flush()
            self.watch.run.heartbeat("evaluating", step=max(0, state.global_step - 1))

    @_guarded
    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Publishes what is left, and ends the run."""
        logged, self._logged = self._logged, None
        if logged is not None and logged is not self._run:
            logged.finish("COMPLETED" if logged.stop_requested is None else "STOPPED")
        watch, self.watch = self.watch, None
        if watch is not None:
            _hearing.pop(watch, None)
            self._publish_epoch(state, watch)
            self.checkpoint = watch.state_dict()
            watch.close(
                "COMPLETED" if watch.stop is None else "STOPPED", None if watch.stop is None else str(watch.stop)
            )

    def _publish_epoch(self, state: TrainerState, watch: Optional[Watch] = None) -> None:
        watch = watch or self.watch
        if watch is None or (self._ended is None and not self._evaluated):
            return
        lower = lower_is_better(self._evaluated.get("metrics", {}))
        if lower:
            watch.run.register(lower_is_better=lower)
        watch.epoch(self._ended or 0.0, **self._evaluated)
        self._ended, self._evaluated = None, {}

    def __getstate__(self) -> dict[str, Any]:
        # Trainers are pickled to be sent to other processes; a watch belongs to this one.
        return {**self.__dict__, "watch": None, "_run": None, "_logged": None}


def _of_step(logs: Mapping[str, Any]) -> dict[str, float]:
    """What a trainer logs beside loss, norm and rate, such as TRL's ``reward``, ``kl`` and ``entropy``."""
    return {
        name: float(value)
        for name, value in logs.items()
        if name not in _PUBLISHED and isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _known(args: TrainingArguments, state: TrainerState, given: Mapping[str, Any]) -> dict[str, Any]:
    """What trainer and model say of the run."""
    model = given["model"]
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    config = getattr(base, "config", None)
    accumulated = max(1, int(args.gradient_accumulation_steps))
    tags = {
        "transformers": transformers_version,
        "optim": str(getattr(args.optim, "value", args.optim)),
        "lr_scheduler": str(getattr(args.lr_scheduler_type, "value", args.lr_scheduler_type)),
        "precision": "bf16" if args.bf16 else "fp16" if args.fp16 else "fp32",
        "gradient_accumulation_steps": str(accumulated),
        "seed": str(args.seed),
        "model_type": str(getattr(config, "model_type", "")),
        "pretrained_from": str(getattr(config, "_name_or_path", "") or ""),
    }
    named = args.run_name if args.run_name and args.run_name != args.output_dir else None
    return {
        "name": named,
        "planned_steps": state.max_steps,
        "planned_epochs": state.num_train_epochs if 0 < state.num_train_epochs < 1 << 31 else None,
        "steps_per_epoch": _steps_per_epoch(given.get("train_dataloader"), accumulated),
        "warmup_steps": args.get_warmup_steps(state.max_steps),
        "learning_rate": args.learning_rate if args.learning_rate > 0 else None,
        "clip_threshold": args.max_grad_norm if args.max_grad_norm and args.max_grad_norm > 0 else None,
        "batch_size": args.train_batch_size * accumulated * max(1, args.world_size),
        "epoch_numbering": "from-1",
        "pretrained": bool(getattr(config, "_name_or_path", "")),
        **_task_of(base, config),
        "tags": {name: value for name, value in tags.items() if value},
    }


def _task_of(model: Any, config: Any) -> dict[str, Any]:
    kind = type(model).__name__
    if "CausalLM" in kind or "LMHead" in kind or getattr(model, "loss_type", None) == "ForCausalLM":
        return {"profile": "language-model", "loss": "sparse_categorical_crossentropy"}
    if "Classification" in kind:
        problem = getattr(config, "problem_type", None)
        labels = int(getattr(config, "num_labels", 0) or 0)
        if problem == "regression" or labels == 1:
            return {"loss": "mse"}
        if problem == "multi_label_classification":
            return {"loss": "binary_crossentropy"}
        return {"loss": "sparse_categorical_crossentropy", "classes": labels if labels >= 2 else None}
    return {}


def _steps_per_epoch(loader: Any, accumulated: int) -> Optional[int]:
    try:
        return max(1, -(-len(loader) // accumulated))
    except TypeError:  # A stream has no length.
        return None


def _checkpoint_of(callback: GradwatchCallback, state: TrainerState) -> Optional[Mapping[str, Any]]:
    """What the checkpoint that a trainer resumed from held of this callback."""
    if callback.checkpoint is not None:
        return callback.checkpoint
    held: Any = (getattr(state, "stateful_callbacks", None) or {}).get(type(callback).__name__)
    if isinstance(held, list):
        held = held[0] if held else None
    checkpoint = (held or {}).get("attributes", {}).get("checkpoint")
    return checkpoint if isinstance(checkpoint, Mapping) else None


_hearing: weakref.WeakKeyDictionary[Watch, int] = weakref.WeakKeyDictionary()
"""The thread of each watch, so that trainings side by side do not hear each other."""


def _hear_losses(watch: Watch) -> None:
    """From now on the watch hears of each loss that is propagated back.

    No callback is told the loss of a step, and the model's output is not what is minimised where a trainer computes a loss of its own. A
    trainer divides the losses of micro-batches before it hands them over, so that their sum is the loss of the step.
    """
    if not hasattr(Accelerator.backward, "_gradwatch"):
        original = Accelerator.backward

        @functools.wraps(original)
        def backward(self: Accelerator, loss: Any, **kwargs: Any) -> None:
            for listener, thread in list(_hearing.items()):
                if thread == threading.get_ident():
                    listener.loss(loss)
            original(self, loss, **kwargs)

        backward._gradwatch = True  # type: ignore[attr-defined]
        Accelerator.backward = backward
    _hearing[watch] = threading.get_ident()
