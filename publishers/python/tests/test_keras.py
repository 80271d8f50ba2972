"""The Keras callback, on whichever backend ``KERAS_BACKEND`` names; test_keras_backends.py runs this file on the others too."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import gradwatch  # noqa: E402
from gradwatch._keras import probe as keras_probe  # noqa: E402
from gradwatch._keras.model import units  # noqa: E402
from gradwatch._keras.norms import Sample, norms, zero_shares  # noqa: E402
from gradwatch.keras import GradwatchCallback  # noqa: E402

layers = keras.layers
Lines = Callable[[], "list[dict[str, Any]]"]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Everything that was published, through the same file that a user would record to."""
    file = tmp_path / "run.jsonl"
    monkeypatch.setenv("GRADWATCH_RECORD_TO", str(file))
    monkeypatch.setenv("GRADWATCH_QUIET", "1")
    keras.utils.set_random_seed(7)
    return lambda: [json.loads(line) for line in file.read_text().splitlines()]


def steps(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("type") == "step"]


def epochs(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("type") == "epoch"]


def rows(samples: int, width: int = 4, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(samples, width)).astype("float32")


def linear(width: int = 4, weights: Optional[Any] = None) -> Any:
    model = keras.Sequential([keras.Input((width,)), layers.Dense(1, name="out")])
    if weights is not None:
        model.set_weights([np.array(weights, "float32").reshape(width, 1), np.zeros(1, "float32")])
    return model


def classifier(classes: int = 3, activation: str = "relu") -> Any:
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, activation=activation, name="hidden"),
            layers.Dense(classes, activation="softmax", name="out"),
        ]
    )


def squared_error(x: Any, y: Any, w: Any, b: float = 0.0) -> tuple[float, Any, float]:
    """Loss and gradients of a linear model, by hand: mean of (xw + b - y)^2."""
    residual = x @ w + b - y
    return float(np.mean(residual**2)), 2 * x.T @ residual / len(x), float(2 * residual.mean())


class TestSteps:
    def test_carry_the_norms_that_a_hand_computes(self, recorded: Lines) -> None:
        x, w, y = rows(8), np.array([0.5, -1.0, 2.0, 0.0]), np.arange(8) / 4
        model = linear(weights=w)
        model.compile(keras.optimizers.SGD(0.5), loss="mse")
        model.fit(x, y.reshape(8, 1), batch_size=8, epochs=1, callbacks=[GradwatchCallback()], verbose=0)

        loss, kernel, bias = squared_error(x, y, w)
        norm = math.sqrt(np.sum(kernel**2) + bias**2)
        (step,) = steps(recorded())
        assert step["step"] == 0
        assert step["epoch"] == 0
        assert step["loss"] == pytest.approx(loss, rel=1e-6)
        assert step["lr"] == 0.5
        assert step["grad_norm"] == pytest.approx(norm, rel=1e-6)
        assert step["layers"] == [
            {
                "name": "out",
                "grad_norm": pytest.approx(norm, rel=1e-6),
                "zero_fraction": 0.0,
                "weight_norm": pytest.approx(math.sqrt(5.25), rel=1e-6),
                "update_norm": pytest.approx(0.5 * norm, rel=1e-5),
            }
        ]

    def test_tell_layers_apart_and_count_zeros(self, recorded: Lines) -> None:
        # Unit 0 passes x on, unit 1 is never active: its two weights and its bias get no gradient, nor does what comes after it.
        model = keras.Sequential(
            [keras.Input((2,)), layers.Dense(2, activation="relu", name="hidden"), layers.Dense(1, name="out")]
        )
        model.set_weights([np.eye(2), np.array([0.0, -100.0]), np.array([[3.0], [1.0]]), np.zeros(1)])
        model.compile(keras.optimizers.SGD(0.0), loss="mse")
        model.fit(np.array([[2.0, 1.0]]), np.array([[5.0]]), callbacks=[GradwatchCallback()], verbose=0)

        # Output 6, residual 1: d/doutput = 2; out: 2 * (2, 0) and bias 2; hidden unit 0: 2 * 3 * (2, 1) and bias 6.
        hidden, out = steps(recorded())[0]["layers"]
        assert hidden["name"] == "hidden"
        assert hidden["zero_fraction"] == pytest.approx(3 / 6)
        assert hidden["grad_norm"] == pytest.approx(math.sqrt(12**2 + 6**2 + 6**2))
        assert out["zero_fraction"] == pytest.approx(1 / 3)
        assert out["grad_norm"] == pytest.approx(math.sqrt(4**2 + 2**2))
        assert hidden["update_norm"] == 0

    def test_carry_each_batch_s_own_loss_and_not_the_mean_so_far(self, recorded: Lines) -> None:
        x, w = rows(22), np.array([1.0, 2.0, -1.0, 0.5])
        y = np.linspace(-3, 9, 22)
        model = linear(weights=w)
        model.compile(keras.optimizers.SGD(0.0), loss="mse")
        history = model.fit(
            x,
            y.reshape(-1, 1),
            batch_size=8,
            shuffle=False,
            epochs=2,
            callbacks=[GradwatchCallback(every=1)],
            verbose=0,
        )

        own = [squared_error(x[i : i + 8], y[i : i + 8], w)[0] for i in (0, 8, 16)]
        assert [step["loss"] for step in steps(recorded())] == pytest.approx(own * 2, rel=1e-5)
        assert max(own) > 2 * min(own)
        assert history.history["loss"][0] == pytest.approx(np.average(own, weights=[8, 8, 6]), rel=1e-5)

    @pytest.mark.parametrize("clipping", [{"global_clipnorm": 0.25}, {"clipnorm": 0.25}, {"clipvalue": 0.01}])
    def test_carry_norms_from_before_clipping(self, recorded: Lines, clipping: dict[str, float]) -> None:
        x, w, y = rows(8), np.ones(4), np.full(8, 9.0)
        model = linear(weights=w)
        model.compile(keras.optimizers.SGD(1.0, **clipping), loss="mse")
        model.fit(x, y.reshape(8, 1), callbacks=[GradwatchCallback()], verbose=0)

        _, kernel, bias = squared_error(x, y, w)
        lines = recorded()
        (step,) = steps(lines)
        assert step["grad_norm"] == pytest.approx(math.sqrt(np.sum(kernel**2) + bias**2), rel=1e-5)
        assert step["layers"][0]["update_norm"] < 0.4
        assert lines[0]["run"].get("clip_threshold") == clipping.get("global_clipnorm", clipping.get("clipnorm"))

    def test_come_at_first_always_and_then_every_few(self, recorded: Lines) -> None:
        model = linear()
        model.compile("sgd", loss="mse")
        model.fit(
            rows(36), np.zeros((36, 1)), batch_size=4, epochs=3, callbacks=[GradwatchCallback(every=7)], verbose=0
        )

        found = steps(recorded())
        assert [step["step"] for step in found] == [0, 1, 2, 3, 4, 7, 14, 21]
        assert [step["epoch"] for step in found] == [0, 0, 0, 0, 0, 0, 1, 2]
        assert [(epoch["epoch"], epoch["step"]) for epoch in epochs(recorded())] == [(1, 8), (2, 17), (3, 26)]

    def test_follow_a_schedule_of_the_rate(self, recorded: Lines) -> None:
        schedule = keras.optimizers.schedules.PolynomialDecay(0.1, decay_steps=4, end_learning_rate=0.02)
        model = linear()
        model.compile(keras.optimizers.SGD(schedule), loss="mse")
        model.fit(rows(20), np.zeros((20, 1)), batch_size=4, callbacks=[GradwatchCallback(every=1)], verbose=0)

        lines = recorded()
        assert [step["lr"] for step in steps(lines)] == pytest.approx([0.1, 0.08, 0.06, 0.04, 0.02], rel=1e-5)
        assert lines[0]["run"]["learning_rate"] == 0.1
        assert lines[0]["run"]["tags"]["learning_rate_schedule"] == "PolynomialDecay"

    def test_see_gradients_without_the_loss_scale(self, recorded: Lines) -> None:
        x, w, y = rows(8), np.ones(4), np.zeros(8)
        model = linear(weights=w)
        model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=1024.0), loss="mse")
        model.fit(x, y.reshape(8, 1), callbacks=[GradwatchCallback()], verbose=0)

        loss, kernel, bias = squared_error(x, y, w)
        norm = math.sqrt(np.sum(kernel**2) + bias**2)
        lines = recorded()
        (step,) = steps(lines)
        assert step["loss"] == pytest.approx(loss, rel=1e-5)
        assert step["grad_norm"] == pytest.approx(norm, rel=1e-5)
        assert step["layers"][0]["update_norm"] == pytest.approx(0.1 * norm, rel=1e-4)
        assert step["lr"] == 0.1
        assert lines[0]["run"]["optimizer"] == "sgd"

    def test_that_the_loss_scale_skips_show_an_infinite_norm_and_no_update(self, recorded: Lines) -> None:
        model = linear(weights=np.ones(4))
        model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=3e38), loss="mse")
        model.fit(rows(16), np.full((16, 1), 50.0), batch_size=8, callbacks=[GradwatchCallback()], verbose=0)

        first = steps(recorded())[0]
        assert first["grad_norm"] in ("Infinity", "NaN")
        assert math.isfinite(first["loss"])
        assert first["layers"][0]["update_norm"] == 0

    def test_are_whole_steps_when_gradients_accumulate(self, recorded: Lines) -> None:
        x, w, y = rows(32), np.array([1.0, -2.0, 0.5, 0.0]), np.arange(32) / 8
        model = linear(weights=w)
        model.compile(keras.optimizers.SGD(0.5, gradient_accumulation_steps=4), loss="mse")
        model.fit(
            x,
            y.reshape(-1, 1),
            batch_size=4,
            shuffle=False,
            epochs=1,
            callbacks=[GradwatchCallback(every=1)],
            verbose=0,
        )

        _, kernel, bias = squared_error(x[:16], y[:16], w)
        norm = math.sqrt(np.sum(kernel**2) + bias**2)
        lines = recorded()
        found = steps(lines)
        assert [step["step"] for step in found] == [0, 1]
        assert found[0]["grad_norm"] == pytest.approx(norm, rel=1e-5)
        assert found[0]["layers"][0]["update_norm"] == pytest.approx(0.5 * norm, rel=1e-5)
        assert lines[0]["run"]["steps_per_epoch"] == 2
        assert lines[0]["run"]["batch_size"] == 16

    def test_leave_out_what_a_frozen_layer_cannot_have(self, recorded: Lines) -> None:
        model = classifier()
        model.layers[0].trainable = False
        model.compile("adam", loss="sparse_categorical_crossentropy")
        model.fit(rows(8), np.zeros(8), callbacks=[GradwatchCallback()], verbose=0)

        lines = recorded()
        assert [layer["name"] for layer in steps(lines)[0]["layers"]] == ["out"]
        assert lines[0]["run"]["layers"] == [
            {"name": "hidden", "parameters": 40, "frozen": True},
            {"name": "out", "parameters": 27},
        ]

    def test_come_from_a_train_step_of_the_user_too(self, recorded: Lines) -> None:
        if keras.backend.backend() == "jax":
            pytest.skip("a train_step of the user has another form with JAX")

        class Doubled(keras.Model):  # type: ignore[misc, name-defined]
            def train_step(self, batch: Any) -> Any:
                logs = super().train_step(batch)
                return {**logs, "twice": 2 * logs["loss"]}

        inputs = keras.Input((4,))
        model = Doubled(inputs, layers.Dense(1, name="out")(inputs))
        model.compile("sgd", loss="mse")
        model.fit(rows(8), np.zeros((8, 1)), callbacks=[GradwatchCallback()], verbose=0)

        lines = recorded()
        assert steps(lines)[0]["grad_norm"] > 0
        assert "twice" in epochs(lines)[0]["metrics"]

    def test_show_what_is_not_finite(self, recorded: Lines) -> None:
        model = linear(weights=np.full(4, 1e30))
        model.compile("sgd", loss="mse")
        model.fit(np.full((4, 4), 1e10), np.zeros((4, 1)), callbacks=[GradwatchCallback()], verbose=0)

        step = steps(recorded())[0]
        assert step["loss"] == "Infinity"
        assert step["grad_norm"] in ("Infinity", "NaN")

    def test_of_several_in_one_call_are_the_last(self, recorded: Lines) -> None:
        if keras.backend.backend() == "torch":
            pytest.skip("Keras runs one step in each call with PyTorch")
        model = linear()
        model.compile("sgd", loss="mse", steps_per_execution=4)
        model.fit(
            rows(40), np.zeros((40, 1)), batch_size=4, epochs=2, callbacks=[GradwatchCallback(every=1)], verbose=0
        )

        assert [step["step"] for step in steps(recorded())] == [3, 7, 9, 13, 17, 19]
        assert [epoch["step"] for epoch in epochs(recorded())] == [9, 19]


class TestNorms:
    @pytest.mark.parametrize("size", [1e-30, 1e-18, 1.0, 1e18, 1e30])
    def test_lose_nothing_at_either_end_of_single_precision(self, size: float) -> None:
        tensors = [keras.ops.convert_to_tensor(np.array([3 * size, 0, 4 * size], "float32")), None]
        first, absent = keras.ops.convert_to_numpy(norms(tensors))
        assert first == pytest.approx(5 * size, rel=1e-5)
        assert absent == 0
        assert list(keras.ops.convert_to_numpy(zero_shares(tensors))) == pytest.approx([1 / 3, 1])

    @pytest.mark.parametrize(
        ("values", "expected"), [([1, math.inf], "inf"), ([math.nan, 1], "nan"), ([math.inf, math.nan], "nan")]
    )
    def test_say_whether_it_is_infinity_or_not_a_number(self, values: list[float], expected: str) -> None:
        (norm,) = keras.ops.convert_to_numpy(norms([keras.ops.convert_to_tensor(np.array(values, "float32"))]))
        assert str(float(norm)) == expected

    def test_of_a_sample_stand_for_all_columns(self) -> None:
        values = np.tile(np.arange(64, dtype="float32"), (5000, 1))  # One column in 64 is zero.
        sample = Sample(values.shape, 65_536)
        tensor = keras.ops.convert_to_tensor(values)
        (norm,) = keras.ops.convert_to_numpy(norms([sample.of(tensor)]))
        (zeros,) = keras.ops.convert_to_numpy(zero_shares([sample.of(tensor)]))
        assert 0.1 < sample.share < 0.25
        assert norm / math.sqrt(sample.share) == pytest.approx(float(np.linalg.norm(values)), rel=0.001)
        assert zeros == pytest.approx(1 / 64, rel=0.01)


class TestRegistration:
    def run_of(self, recorded: Lines, model: Any, targets: Any, **fields: Any) -> dict[str, Any]:
        callback = GradwatchCallback(**fields)
        model.fit(rows(40), targets, batch_size=8, epochs=2, callbacks=[callback], verbose=0)
        run: dict[str, Any] = recorded()[0]["run"]
        return run

    def test_says_what_the_model_knows(self, recorded: Lines) -> None:
        model = classifier()
        model.compile(keras.optimizers.AdamW(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        run = self.run_of(recorded, model, np.zeros(40), name="digits", project="vision")

        assert run["name"] == "digits"
        assert run["project"] == "vision"
        assert run["loss"] == "sparse_categorical_crossentropy"
        assert run["output_activation"] == "softmax"
        assert run["output_units"] == 3
        assert run["classes"] == 3
        assert run["optimizer"] == "adamw"
        assert run["learning_rate"] == 0.002
        assert run["batch_size"] == 8
        assert run["steps_per_epoch"] == 5
        assert run["planned_epochs"] == 2
        assert run["epoch_numbering"] == "from-1"
        assert run["planned_steps"] == 10
        assert run["layers"] == [{"name": "hidden", "parameters": 40}, {"name": "out", "parameters": 27}]
        assert run["tags"]["keras"] == keras.__version__
        assert run["tags"]["keras_backend"] == keras.backend.backend()
        assert "resumed" not in run

    @pytest.mark.parametrize(
        ("outputs", "activation", "loss", "classes"),
        [
            (1, "sigmoid", "binary_crossentropy", 2),
            (3, "softmax", "binary_crossentropy", 3),
            (3, "softmax", "categorical_crossentropy", 3),
            (3, "sigmoid", "binary_crossentropy", None),  # Three labels at once, perhaps.
            (1, "linear", "mse", None),
            (3, "linear", "mae", None),
        ],
    )
    def test_names_classes_only_where_they_are_certain(
        self, recorded: Lines, outputs: int, activation: str, loss: str, classes: Optional[int]
    ) -> None:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(outputs, activation=activation)])
        model.compile("sgd", loss=loss)
        assert self.run_of(recorded, model, np.zeros((40, outputs))).get("classes") == classes

    def test_notes_a_loss_from_logits(self, recorded: Lines) -> None:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(5)])
        model.compile("sgd", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        run = self.run_of(recorded, model, np.zeros(40))
        assert run["loss"] == "sparse_categorical_crossentropy"
        assert run["output_activation"] == "linear"
        assert run["classes"] == 5
        assert run["tags"]["from_logits"] == "true"

    def test_yields_to_what_the_script_says(self, recorded: Lines) -> None:
        model = classifier()
        model.compile("adam", loss="sparse_categorical_crossentropy")
        run = self.run_of(recorded, model, np.zeros(40), classes=2, batch_size=64, tags={"shard": 3})
        assert run["classes"] == 2
        assert run["batch_size"] == 64
        assert run["tags"]["shard"] == "3"

    def test_yields_to_what_the_run_said_before(self, recorded: Lines) -> None:
        model = classifier()
        model.compile("adam", loss="sparse_categorical_crossentropy")
        with gradwatch.run(name="mine", learning_rate=0.5) as run:
            said = self.run_of(recorded, model, np.zeros(40), run=run)
        assert said["learning_rate"] == 0.5
        assert recorded()[0]["run"]["classes"] == 3

    def test_names_layers_of_models_inside_the_model(self) -> None:
        inner = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="dense")], name="encoder")
        model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(3, name="dense")])
        assert [unit.name for unit in units(model)] == ["encoder/dense", "dense"]

    def test_groups_neighbours_in_deep_models(self) -> None:
        model = keras.Sequential([keras.Input((1,)), *(layers.Dense(1, name=f"d{i}") for i in range(600))])
        found = units(model)
        assert len(found) == 256
        assert found[0].name == "d0..d1"
        assert sum(unit.parameters for unit in found) == 1200
        assert len({unit.name for unit in found}) == 256


class TestEpochs:
    def test_carry_losses_accuracies_rate_and_the_rest(self, recorded: Lines) -> None:
        model = classifier()
        metrics = [keras.metrics.SparseCategoricalAccuracy(), keras.metrics.SparseTopKCategoricalAccuracy(2)]
        model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=metrics)
        x, y = rows(40), np.arange(40) % 3
        history = model.fit(
            x, y, validation_data=(x, y), epochs=2, callbacks=[GradwatchCallback(every=100)], verbose=0
        ).history

        for i, epoch in enumerate(epochs(recorded())):
            assert epoch["epoch"] == i + 1
            assert epoch["train_loss"] == pytest.approx(history["loss"][i])
            assert epoch["val_loss"] == pytest.approx(history["val_loss"][i])
            assert epoch["train_accuracy"] == pytest.approx(history["sparse_categorical_accuracy"][i])
            assert epoch["val_accuracy"] == pytest.approx(history["val_sparse_categorical_accuracy"][i])
            assert epoch["lr"] == 0.01
            assert set(epoch["metrics"]) == {
                "sparse_top_k_categorical_accuracy",
                "val_sparse_top_k_categorical_accuracy",
            }

    def test_are_numbered_on_in_the_next_fit_which_is_the_next_attempt(self, recorded: Lines) -> None:
        model = linear()
        model.compile("sgd", loss="mse")
        callback = GradwatchCallback(every=1)
        for _ in range(2):
            model.fit(rows(8), np.zeros((8, 1)), batch_size=4, epochs=2, callbacks=[callback], verbose=0)

        lines = recorded()
        assert [(line["epoch"], line.get("attempt", 1)) for line in epochs(lines)] == [(1, 1), (2, 1), (3, 2), (4, 2)]
        assert [line["step"] for line in steps(lines)] == list(range(8))
        assert [line["outcome"] for line in lines if line.get("type") == "finished"] == ["completed"] * 2
        assert callback.run is not None
        assert callback.run.attempt == 2

    def test_are_numbered_on_in_one_run_with_two_callbacks(self, recorded: Lines) -> None:
        model = linear()
        model.compile("sgd", loss="mse")
        with gradwatch.run(name="two phases") as run:
            for _ in range(2):
                model.fit(rows(8), np.zeros((8, 1)), epochs=2, callbacks=[GradwatchCallback(run)], verbose=0)
        assert run.attempt == 2
        assert [line["epoch"] for line in epochs(recorded())] == [1, 2, 3, 4]
        assert sum(line.get("type") == "finished" for line in recorded()) == 1

    def test_begin_anew_with_a_new_model_and_go_on_with_a_new_optimizer(self, recorded: Lines) -> None:
        callback = GradwatchCallback()
        resumed = []
        first = linear()
        for model in (first, first, linear()):
            model.compile("sgd", loss="mse")
            model.fit(rows(8), np.zeros((8, 1)), callbacks=[callback], verbose=0)
            assert callback.run is not None
            resumed.append(callback.run.registration.get("resumed", False))
        assert resumed == [False, True, False]
        assert [line["epoch"] for line in epochs(recorded())] == [1, 1, 1]


class TestTraining:
    def trained(self, callbacks: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(16, activation="relu"),
                layers.BatchNormalization(),
                layers.Dropout(0.3),
                layers.Dense(3, activation="softmax"),
            ]
        )
        model.compile(
            keras.optimizers.Adam(0.01, global_clipnorm=0.5),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        x, y = rows(50), np.arange(50) % 3
        history = model.fit(
            x, y, validation_data=(x, y), batch_size=8, epochs=3, callbacks=callbacks, verbose=0
        ).history
        state = [*model.weights, *model.optimizer.variables]
        return [keras.ops.convert_to_numpy(v).tobytes() for v in state], history

    @pytest.mark.parametrize("every", [1, 3])
    def test_gives_the_same_bits_with_and_without(self, recorded: Lines, every: int) -> None:
        alone = self.trained([])
        assert self.trained([GradwatchCallback(every=every)]) == alone
        assert len(steps(recorded())) >= 7

    @pytest.mark.parametrize("where", ["_gather", "_vector", "_interpret", "__init__"])
    def test_goes_on_when_monitoring_breaks(
        self, recorded: Lines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
    ) -> None:
        alone = self.trained([])

        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("monitoring is broken")

        monkeypatch.setattr(keras_probe.Probe, where, broken)
        with caplog.at_level(logging.WARNING, "gradwatch"):
            assert self.trained([GradwatchCallback(every=1)]) == alone
        assert [r.getMessage() for r in caplog.records if "monitoring is broken" in r.getMessage()] == [
            "gradwatch: monitoring of this model stopped, training goes on: RuntimeError: monitoring is broken"
        ]
        assert recorded()[-1]["type"] == "finished"

    def test_leaves_model_and_optimizer_as_they_were(self, recorded: Lines) -> None:
        model = linear()
        model.compile("adam", loss="mse")
        x, y = rows(8), np.zeros((8, 1))
        model.fit(x, y, verbose=0)
        before = (set(vars(model)), set(vars(model.optimizer)), len(model.optimizer.variables), model.train_function)
        model.fit(x, y, callbacks=[GradwatchCallback()], verbose=0)
        after = (set(vars(model)), set(vars(model.optimizer)), len(model.optimizer.variables), model.train_function)
        assert after == before

    def test_that_fails_in_a_step_is_a_failed_run_and_can_be_tried_again(self, recorded: Lines) -> None:
        model = linear()
        model.compile("sgd", loss="mse", run_eagerly=True)
        callback = GradwatchCallback()
        full: list[int] = []
        memory = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: full.append(batch))
        own = model.compute_loss

        def fails(*arguments: Any, **named: Any) -> Any:
            if full:
                raise MemoryError("no room for this batch")
            return own(*arguments, **named)

        model.compute_loss = fails
        with pytest.raises(MemoryError):
            model.fit(rows(8), np.zeros((8, 1)), batch_size=4, callbacks=[memory, callback], verbose=0)
        assert recorded()[-1]["outcome"] == "failed"
        assert recorded()[-1]["reason"] == "MemoryError: no room for this batch"
        model.compute_loss = own
        model.fit(rows(8), np.zeros((8, 1)), batch_size=4, callbacks=[callback], verbose=0)
        assert recorded()[-1]["outcome"] == "completed"
        assert epochs(recorded())[-1]["attempt"] == 2

    def test_that_fails_elsewhere_can_be_tried_again(self, recorded: Lines) -> None:
        def fails(batch: int, logs: Any) -> None:
            raise OSError("no space left on device")

        model = linear()
        model.compile("sgd", loss="mse")
        callback = GradwatchCallback(every=1)
        for others in ([keras.callbacks.LambdaCallback(on_train_batch_end=fails)], []):
            try:
                model.fit(rows(8), np.zeros((8, 1)), batch_size=4, callbacks=[*others, callback], verbose=0)
            except OSError:
                assert others
        lines = recorded()
        assert [line["outcome"] for line in lines if line.get("type") == "finished"] == ["failed", "completed"]
        assert [step["step"] for step in steps(lines) if step.get("attempt") == 2] == [1, 2]

    def test_that_is_told_to_stop_ends_after_its_checkpoint(self, recorded: Lines, tmp_path: Path) -> None:
        model = linear()
        model.compile("sgd", loss="mse")
        saved = tmp_path / "weights.weights.h5"
        told = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: (
                callback.run.request_stop(gradwatch.StopRun("the loss is NaN")) if batch == 2 else None
            )
        )
        checkpoint = keras.callbacks.ModelCheckpoint(str(saved), save_weights_only=True)
        callback: Any = GradwatchCallback(every=1)
        with pytest.raises(gradwatch.StopRun, match="the loss is NaN"):
            model.fit(
                rows(40), np.zeros((40, 1)), batch_size=4, epochs=9, callbacks=[told, checkpoint, callback], verbose=0
            )
        assert saved.exists()
        lines = recorded()
        assert lines[-1]["outcome"] == "stopped"
        assert max(step["step"] for step in steps(lines)) < 5

    def test_is_not_touched_where_nothing_is_published(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GRADWATCH_DISABLED", "1")
        seen: list[Any] = []
        model: Any = linear()
        look = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(model.train_function))
        model.compile("sgd", loss="mse")
        model.fit(rows(8), np.zeros((8, 1)), callbacks=[GradwatchCallback(), look], verbose=0)
        assert not hasattr(seen[0], "__self__")

    def test_refuses_an_impossible_interval(self) -> None:
        with pytest.raises(ValueError, match="1 or more; found: 0"):
            GradwatchCallback(every=0)
