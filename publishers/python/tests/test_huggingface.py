from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

import gradwatch.huggingface  # noqa: E402
from gradwatch.huggingface import GradwatchCallback  # noqa: E402
from tests.recorded_runs import read  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of a test are recorded."""
    path = tmp_path / "run.jsonl"
    monkeypatch.setenv("GRADWATCH_RECORD_TO", str(path))
    return path


def a_language_model() -> Any:
    torch.manual_seed(0)
    return transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=50, n_positions=16, n_embd=16, n_layer=2, n_head=2)
    )


def a_trainer(folder: Path, callbacks: list[Any], model: Any = None, trainer: Any = None, **arguments: Any) -> Any:
    torch.manual_seed(1)
    texts = [{"input_ids": tokens, "labels": tokens} for tokens in torch.randint(0, 50, (64, 8))]
    settings = {
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 2,
        "eval_strategy": "epoch",
        "save_strategy": "no",
        "logging_steps": 1,
        "learning_rate": 1e-3,
        "report_to": [],
        "use_cpu": True,
        "disable_tqdm": True,
        **arguments,
    }
    return (trainer or transformers.Trainer)(
        model or a_language_model(),
        transformers.TrainingArguments(str(folder / "out"), **settings),
        train_dataset=texts,
        eval_dataset=texts[:8],
        callbacks=callbacks,
    )


def logged(trainer: Any, name: str) -> list[float]:
    return [entry[name] for entry in trainer.state.log_history if name in entry]


def test_every_step_has_the_loss_and_the_norm_that_the_trainer_logs(tmp_path: Path, file: Path) -> None:
    callback = GradwatchCallback(project="tests", every=4)
    trainer = a_trainer(tmp_path, [callback], max_grad_norm=0.5)
    trainer.train()

    recorded = read(file)
    assert callback.errors == 0
    assert [s["step"] for s in recorded.steps] == list(range(16))
    assert [s["step"] for s in recorded.measured] == [0, 1, 2, 3, 4, 8, 12]
    assert [s["loss"] for s in recorded.steps] == pytest.approx(logged(trainer, "loss"), rel=1e-5)
    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx(logged(trainer, "grad_norm"), rel=1e-5)
    assert min(s["grad_norm"] for s in recorded.steps) > 0.5
    assert recorded.steps[8]["epoch"] == 1.0
    assert recorded.of_type("finished")[0]["outcome"] == "completed"


def test_evaluations_are_published_with_their_epoch(tmp_path: Path, file: Path) -> None:
    trainer = a_trainer(tmp_path, [GradwatchCallback()])
    trainer.compute_metrics = lambda prediction: {"accuracy": 0.25, "perplexity": 12.0}
    trainer.train()

    recorded = read(file)
    epochs = recorded.of_type("epoch")
    assert [(e["epoch"], e["step"]) for e in epochs] == [(1.0, 7), (2.0, 15)]
    assert [e["val_loss"] for e in epochs] == pytest.approx(logged(trainer, "eval_loss"))
    losses = [s["loss"] for s in recorded.steps]
    assert [e["train_loss"] for e in epochs] == pytest.approx([sum(losses[:8]) / 8, sum(losses[8:]) / 8])
    assert [e["val_accuracy"] for e in epochs] == [0.25, 0.25]
    assert [e["metrics"] for e in epochs] == [{"eval_perplexity": 12.0}] * 2
    assert recorded.registration["lower_is_better"] == ["eval_perplexity"]


def test_evaluations_between_epochs_have_their_place(tmp_path: Path, file: Path) -> None:
    a_trainer(tmp_path, [GradwatchCallback()], eval_strategy="steps", eval_steps=3, num_train_epochs=1).train()

    epochs = read(file).of_type("epoch")
    assert [(e["epoch"], e["step"]) for e in epochs] == [(0.375, 2), (0.75, 5), (1.0, 7)]
    assert all("val_loss" in e for e in epochs[:2])


def test_registration_says_what_trainer_and_model_know(tmp_path: Path, file: Path) -> None:
    a_trainer(
        tmp_path,
        [GradwatchCallback(team="speech", tags={"data_version": "3"})],
        warmup_steps=5,
        run_name="tiny",
        weight_decay=0.1,
    ).train()

    fields = read(file).registration
    expected = {
        "name": "tiny",
        "team": "speech",
        "profile": "language-model",
        "loss": "sparse_categorical_crossentropy",
        "optimizer": "adamw",
        "learning_rate": 1e-3,
        "warmup_steps": 5,
        "clip_threshold": 1.0,
        "batch_size": 8,
        "steps_per_epoch": 8,
        "planned_epochs": 2,
        "planned_steps": 16,
        "epoch_numbering": "from-1",
    }
    assert {name: fields.get(name) for name in expected} == expected
    assert fields["layers"][0] == {"name": "transformer.wte", "parameters": 800}
    assert len(fields["layers"]) == len({layer["name"] for layer in fields["layers"]})
    assert fields["tags"]["gradient_accumulation_steps"] == "2"
    assert fields["tags"]["data_version"] == "3"
    assert fields["tags"]["weight_decay"] == "0.1"
    assert fields["tags"]["transformers"] == transformers.__version__


def test_classifiers_tell_their_classes(tmp_path: Path, file: Path) -> None:
    model = transformers.BertForSequenceClassification(
        transformers.BertConfig(
            vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, num_labels=5
        )
    )
    trainer = a_trainer(tmp_path, [GradwatchCallback()], model=model, eval_strategy="no", max_steps=1)
    trainer.train_dataset = [{"input_ids": torch.tensor([1, 2, 3]), "labels": 4}] * 8
    trainer.train()

    fields = read(file).registration
    assert fields["classes"] == 5
    assert "profile" not in fields
    assert "pretrained" not in fields


class OwnLoss(transformers.Trainer):  # type: ignore[misc,name-defined]
    def compute_loss(self, model: Any, inputs: Any, **kwargs: Any) -> Any:
        return 3 * model(**inputs).loss


def test_loss_is_the_one_that_a_trainer_minimises(tmp_path: Path, file: Path) -> None:
    trainer = a_trainer(tmp_path, [GradwatchCallback()], trainer=OwnLoss, eval_strategy="no")
    trainer.train()

    assert [s["loss"] for s in read(file).steps] == pytest.approx(logged(trainer, "loss"), rel=1e-5)


def test_training_that_resumes_from_a_checkpoint_is_the_next_attempt(tmp_path: Path, file: Path) -> None:
    callback = GradwatchCallback()
    a_trainer(tmp_path, [callback], save_strategy="steps", save_steps=6, max_steps=8, eval_strategy="no").train()
    first = callback.checkpoint
    assert first is not None

    again = GradwatchCallback()
    a_trainer(tmp_path, [again], save_strategy="no", max_steps=10, eval_strategy="no").train(
        resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-6")
    )

    assert again.checkpoint is not None
    assert (again.checkpoint["run_id"], again.checkpoint["attempt"]) == (first["run_id"], first["attempt"] + 1)
    assert [s["step"] for s in read(file).steps] == [*range(8), 6, 7, 8, 9]


def test_run_that_is_told_to_stop_ends_the_training_after_a_checkpoint(tmp_path: Path, file: Path) -> None:
    class Teller(transformers.TrainerCallback):  # type: ignore[misc,name-defined]
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == 3:
                callback.watch.run.request_stop(gradwatch.StopRun("the loss diverged", "loss-divergence"))  # type: ignore[union-attr]

    callback = GradwatchCallback(every=1)
    trainer = a_trainer(tmp_path, [callback, Teller()], save_strategy="epoch", eval_strategy="no")
    trainer.train()

    assert trainer.state.global_step == 4
    assert (tmp_path / "out" / "checkpoint-4").is_dir()
    assert read(file).of_type("finished")[0]["outcome"] == "stopped"


def test_training_is_bit_identical_with_and_without(tmp_path: Path, file: Path) -> None:
    def trained(callbacks: list[Any]) -> list[Any]:
        trainer = a_trainer(tmp_path, callbacks, eval_strategy="no", max_steps=8)
        trainer.train()
        return list(trainer.model.state_dict().values())

    plain = trained([])
    assert all(torch.equal(a, b) for a, b in zip(plain, trained([GradwatchCallback(every=1)])))


def test_engine_whose_optimizer_cannot_be_watched_is_followed_by_its_log(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise TypeError("gradwatch.torch.watch needs one torch.optim.Optimizer")

    monkeypatch.setattr(gradwatch.huggingface, "begin", refuse)
    callback = GradwatchCallback()
    trainer = a_trainer(tmp_path, [callback], num_train_epochs=1)
    trainer.train()

    recorded = read(file)
    assert callback.errors == 0
    assert [s["step"] for s in recorded.steps] == list(range(8))
    assert [s["loss"] for s in recorded.steps] == pytest.approx(logged(trainer, "loss"))
    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx(logged(trainer, "grad_norm"))
    assert [e["val_loss"] for e in recorded.of_type("epoch")] == pytest.approx(logged(trainer, "eval_loss"))
    assert recorded.registration["profile"] == "language-model"
    assert recorded.of_type("finished")[0]["outcome"] == "completed"


def test_fault_inside_is_a_warning(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(gradwatch.huggingface, "begin", fail)
    callback = GradwatchCallback()
    trainer = a_trainer(tmp_path, [callback], max_steps=3)
    trainer.train()

    assert trainer.state.global_step == 3
    assert callback.errors == 1
    assert "no such thing" in caplog.text


def test_metrics_that_a_trainer_logs_travel_with_the_step_that_follows(tmp_path: Path, file: Path) -> None:
    class Rewarded(transformers.Trainer):  # type: ignore[misc,name-defined]
        def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
            super().log({**logs, "reward": 0.5} if "loss" in logs else logs, *args, **kwargs)

    callback = GradwatchCallback()
    a_trainer(tmp_path, [callback], trainer=Rewarded, num_train_epochs=1).train()

    assert callback.errors == 0
    assert [s.get("metrics") for s in read(file).steps] == [None, *[{"reward": 0.5}] * 7]
