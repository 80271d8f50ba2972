"""Measures single training steps of a Keras model where the gradients are: between the backward pass and the optimizer.

A step that is to be measured runs through a second train function whose ``train_step`` also returns the measurements. Keras
makes that function in its own way (eager, ``tf.function``, ``jax.jit``), so compiled training stays compiled, values leave the
graph as its outputs, and nothing is added to the model, to the optimizer or to a checkpoint. All other steps run through the
model's own, untouched train function.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Callable, NamedTuple, Optional

import keras
from keras import ops

from gradwatch._events import LayerNorms
from gradwatch._keras.model import Unit
from gradwatch._keras.norms import Sample, dense, joined, norms, vector, zero_shares


class Measurement(NamedTuple):
    """One optimizer step, as it was. ``layers`` hold the norms from before clipping."""

    loss: Optional[float]
    batch_size: Optional[int]
    learning_rate: Optional[float]
    gradient_norm: Optional[float]
    layers: list[LayerNorms]


class Probe:
    """A second train function for one compiled model.

    Made when ``fit`` has made the model's own train function. Of larger variables ``most`` entries are looked at where not all
    need to be. ``failure`` is set once measuring went wrong: training went on, but there is no point in measuring again.
    """

    def __init__(self, model: Any, own_function: Any, watched: Sequence[Unit], most: Optional[int]) -> None:
        self.failure: Optional[Exception] = None
        self._model = model
        self._optimizer = model.optimizer
        self._unit_of = {id(v): i for i, unit in enumerate(watched) for v in unit.variables}
        self._names = [unit.name for unit in watched]
        self._most = most
        self._jax = keras.backend.backend() == "jax"
        # Nothing of an eager step can be undone, and all of ours in it is guarded.
        self._eager = model.run_eagerly or keras.backend.backend() == "torch"
        # By name: the tracker that Keras makes itself, and the one that a custom train_step keeps under the same name.
        self._loss_metric = next((m for m in model.metrics if m.name == "loss"), None)
        self._own_step = model.train_step
        self._own_function = own_function
        self._gathered: dict[str, Any] = {}
        self._lengths: dict[str, int] = {}
        self._batch_size: Optional[int] = None
        self._samples: list[Sample] = []
        self._placed: list[tuple[int, int]] = []
        self._proven = False
        with replaced(model, "train_step", self._train_step):
            try:
                model.make_train_function(force=True)
                self._measuring = model.train_function
            finally:
                model.train_function = own_function

    def is_of(self, model: Any, own_function: Any) -> bool:
        """Whether it still fits: ``compile`` gives a model a new optimizer and a new train function."""
        return model is self._model and model.optimizer is self._optimizer and own_function is self._own_function

    def train(self, *arguments: Any) -> tuple[Any, Any]:
        """One call of the train function: what the model's own would have returned, and the numbers for ``read``."""
        again = arguments
        if self._jax and not self._proven:
            # The iterator has moved on when tracing fails, and the model's own function must see the same batches.
            state, batches = arguments
            drawn = list(itertools.islice(batches, self._model.steps_per_execution))
            arguments, again = (state, iter(drawn)), (state, iter(drawn))
        try:
            with replaced(self._model, "train_step", self._train_step):
                outputs = self._measuring(*arguments)
        except StopIteration:
            raise
        except Exception as failure:
            if self._proven or self._eager:
                raise
            # It failed while Keras built the function: no weight has changed. If the model's own function fails too, it is not ours.
            try:
                outputs = self._own_function(*again)
            except StopIteration:
                raise
            except Exception:
                raise failure from None
            self.failure = failure
            return outputs, None
        self._proven = True
        if self._jax:
            (logs, numbers), state = outputs
            return (logs, state), numbers
        logs, numbers = outputs
        return logs, numbers

    def read(self, numbers: Any) -> Measurement:
        """The numbers of a step. Waits for the device, so it is cheapest one step later."""
        return self._interpret(ops.convert_to_numpy(numbers))

    # From here to _vector: inside the step. Traced once by JAX and TensorFlow, run every time with PyTorch.

    def _train_step(self, *arguments: Any) -> Any:
        self._gathered = {}
        with contextlib.ExitStack() as stack:
            if self._loss_metric is not None:
                stack.enter_context(around(self._loss_metric, "update_state", self._around_loss))
            if self._jax:
                stack.enter_context(around(self._optimizer, "stateless_apply", self._around_stateless_apply))
            else:
                stack.enter_context(around(self._optimizer, "apply", self._around_apply))
            outputs = self._own_step(*arguments)
        seen = None
        with self._guard():
            seen = self._vector()
        if seen is None:
            seen = ops.zeros((0,))
        if self._jax:
            logs, state = outputs
            return (logs, seen), state
        return outputs, seen

    def _around_loss(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def update_state(values: Any, *arguments: Any, **named: Any) -> Any:
            # The batch's own loss; what the metric makes of it is a mean over the epoch so far.
            with self._guard():
                self._gathered["loss"] = [ops.mean(values) if len(getattr(values, "shape", ())) > 0 else values]
                samples = named.get("sample_weight")
                if isinstance(samples, int):
                    self._batch_size = samples
                elif samples is not None and len(samples.shape) == 0:
                    self._gathered["batch_size"] = [samples]
            return original(values, *arguments, **named)

        return update_state

    def _around_apply(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def apply(grads: Any, trainable_variables: Any = None) -> Any:
            grads = list(grads)
            variables = before = None
            with self._guard():
                variables = list(trainable_variables or self._model.trainable_variables)
                before = self._gather(grads, variables, [v.value for v in variables])
            outcome = original(grads, trainable_variables)
            with self._guard():
                if variables and before:
                    self._gather_updates([v.value for v in variables], before)
            return outcome

        return apply

    def _around_stateless_apply(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def stateless_apply(optimizer_variables: Any, grads: Any, trainable_variables: Any) -> Any:
            before = None
            with self._guard():
                state = list(zip(self._optimizer.variables, optimizer_variables))
                with keras.StatelessScope(state_mapping=state):
                    before = self._gather(list(grads), self._model.trainable_variables, trainable_variables)
            outcome = original(optimizer_variables, grads, trainable_variables)
            with self._guard():
                if before:
                    self._gather_updates(outcome[0], before)
            return outcome

        return stateless_apply

    def _gather(self, grads: list[Any], variables: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        """Measures what is there before the update, and returns a sample of the weights for what comes after it."""
        self._placed = [(self._unit_of.get(id(v), -1), math.prod(v.shape)) for v in variables]
        self._samples = [Sample(v.shape, self._most) for v in variables]
        self._gathered["learning_rate"] = [ops.convert_to_tensor(self._optimizer.learning_rate)]
        grads = self._as_the_optimizer_means_them(grads, variables)
        before = [sample.of(value, keep=True) for sample, value in zip(self._samples, values)]
        self._gathered["gradients"] = norms(grads)
        self._gathered["zeros"] = zero_shares([sample.of(g) for sample, g in zip(self._samples, grads)])
        self._gathered["weights"] = norms(before)
        return before

    def _gather_updates(self, values: Sequence[Any], before: Sequence[Any]) -> None:
        after = [sample.of(value) for sample, value in zip(self._samples, values)]
        self._gathered["updates"] = norms([a - b for a, b in zip(after, before)])

    def _as_the_optimizer_means_them(self, grads: list[Any], variables: Sequence[Any]) -> list[Any]:
        """Gradients without the loss scale, and of all batches of an accumulation."""
        optimizer = self._optimizer
        scale = getattr(optimizer, "dynamic_scale", None)
        if scale is None:
            scale = getattr(optimizer, "loss_scale_factor", None)
        if scale is not None:
            grads = [g if g is None else dense(g) / ops.convert_to_tensor(scale) for g in grads]
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        batches = getattr(optimizer, "gradient_accumulation_steps", None)
        if batches:
            earlier = [optimizer._accumulated_gradients[optimizer._get_variable_index(v)] for v in variables]
            grads = [
                g if g is None else (dense(g) + ops.convert_to_tensor(e)) / batches for g, e in zip(grads, earlier)
            ]
        return grads

    def _vector(self) -> Any:
        """All that was gathered as one vector: one transfer to the host."""
        if self.failure is not None or not self._gathered:
            return None
        parts = {name: vector(part) if isinstance(part, list) else part for name, part in self._gathered.items()}
        self._lengths = {name: int(part.shape[0]) for name, part in parts.items()}
        return joined(list(parts.values()))

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Keeps what goes wrong in measuring away from the step that is measured."""
        if self.failure is None:
            try:
                yield
            except Exception as failure:
                self.failure = failure
        else:
            with contextlib.suppress(Exception):
                yield

    # On the host again.

    def _interpret(self, numbers: Any) -> Measurement:
        # The shortest decimals of single-precision numbers: 0.001, not 0.0010000000474974513.
        values = iter([float(str(number)) for number in numbers])
        seen = {name: list(itertools.islice(values, length)) for name, length in self._lengths.items()}
        batch_size = int(seen["batch_size"][0]) if "batch_size" in seen else self._batch_size
        return Measurement(
            loss=seen["loss"][0] if "loss" in seen else None,
            batch_size=batch_size or None,
            learning_rate=seen["learning_rate"][0] if "learning_rate" in seen else None,
            gradient_norm=_together(seen["gradients"]) if "gradients" in seen else None,
            layers=self._layers(seen) if "gradients" in seen else [],
        )

    def _layers(self, seen: dict[str, list[float]]) -> list[LayerNorms]:
        members: dict[int, list[int]] = {}
        for index, (unit, _) in enumerate(self._placed):
            if unit >= 0:  # The others belong to no layer, such as a custom model's own: in the global norm only.
                members.setdefault(unit, []).append(index)
        # Of a sample's norm, what the norm of all its entries is expected to be.
        for name in ("weights", "updates"):
            seen[name] = [n / math.sqrt(sample.share) for n, sample in zip(seen[name], self._samples)]
        layers = []
        for unit, own in sorted(members.items()):
            sizes = [self._placed[i][1] for i in own]
            zeros = sum(seen["zeros"][i] * size for i, size in zip(own, sizes))
            layers.append(
                LayerNorms(
                    name=self._names[unit],
                    gradient_norm=_together([seen["gradients"][i] for i in own]),
                    # Single precision may leave a share a hair outside.
                    zero_fraction=min(1.0, max(0.0, zeros / sum(sizes))) if sum(sizes) else None,
                    weight_norm=_together([seen["weights"][i] for i in own]),
                    update_norm=_together([seen["updates"][i] for i in own]),
                )
            )
        return layers


def _together(norms_of_parts: Sequence[float]) -> float:
    """The norm of the whole from the norms of its parts."""
    if len(norms_of_parts) == 1:
        return norms_of_parts[0]
    return math.sqrt(sum(n * n for n in norms_of_parts))


def can_measure(model: Any) -> bool:
    """Whether steps of this model can be measured here: not where several processes or replicas must run the same program."""
    if model.optimizer is None:
        return False
    if keras.backend.backend() == "jax":
        import jax

        return bool(jax.process_count() == 1)
    if keras.backend.backend() == "tensorflow":
        return bool(model.distribute_strategy.num_replicas_in_sync == 1)
    return True


@contextlib.contextmanager
def replaced(thing: Any, name: str, value: Any) -> Iterator[None]:
    """An attribute of this one object replaced for a while, behind the back of Keras, which tracks what is assigned."""
    attributes = vars(thing)
    missing = object()
    before = attributes.get(name, missing)
    attributes[name] = value
    try:
        yield
    finally:
        if before is missing:
            attributes.pop(name, None)
        else:
            attributes[name] = before


def around(
    thing: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> contextlib.AbstractContextManager[None]:
    """A method of this one object wrapped for a while."""
    return replaced(thing, name, wrap(getattr(thing, name)))
