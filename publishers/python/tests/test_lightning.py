from __future__ import annotations

import importlib
import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    packages = [
        importlib.import_module(name)
        for name in ("lightning.pytorch", "pytorch_lightning")
        if importlib.util.find_spec(name.split(".")[0]) is not None
    ]
if not packages:
    pytest.skip("neither lightning nor pytorch-lightning is installed", allow_module_level=True)

import gradwatch.lightning  # noqa: E402
from gradwatch.lightning import GradwatchCallback  # noqa: E402
from tests.recorded_runs import read  # noqa: E402

torch.set_num_threads(1)
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(params=packages, ids=[package.__name__ for package in packages])
def pl(request: pytest.FixtureRequest) -> Any:
    """Each of the two packages that have a Trainer."""
    return request.param


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of a test are recorded."""
    path = tmp_path / "run.jsonl"
    monkeypatch.setenv("GRADWATCH_RECORD_TO", str(path))
    return path


def a_module(pl: Any, manual: bool = False) -> Any:
    class Module(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = torch.nn.Linear(8, 6)
            self.head = torch.nn.Linear(6, 2)
            self.automatic_optimization = not manual
            self.seen: list[float] = []

        def loss(self, batch: Any) -> Any:
            return torch.nn.functional.cross_entropy(self.head(self.body(batch[0]).tanh()), batch[1])

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.loss(batch)
            self.seen.append(loss.item())
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            if manual:
                optimizer = self.optimizers()
                optimizer.zero_grad()
                self.manual_backward(loss)
                self.clip_gradients(optimizer, gradient_clip_val=0.01)
                optimizer.step()
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log_dict({"val_loss": self.loss(batch), "val_acc": 0.5, "val_f1": 0.25})

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    torch.manual_seed(0)
    return Module()


def loader() -> Any:
    torch.manual_seed(1)
    samples = torch.utils.data.TensorDataset(torch.randn(64, 8), torch.randint(0, 2, (64,)))
    return torch.utils.data.DataLoader(samples, batch_size=8)


def a_trainer(pl: Any, folder: Path, callbacks: list[Any], **settings: Any) -> Any:
    return pl.Trainer(
        **{
            "accelerator": "cpu",
            "callbacks": callbacks,
            "default_root_dir": str(folder),
            "enable_checkpointing": False,
            "enable_model_summary": False,
            "enable_progress_bar": False,
            "logger": False,
            "max_epochs": 2,
            **settings,
        }
    )


def test_steps_and_epochs_are_published(pl: Any, tmp_path: Path, file: Path) -> None:
    callback = GradwatchCallback(project="tests", every=6)
    module = a_module(pl)
    a_trainer(pl, tmp_path, [callback]).fit(module, loader(), loader())

    recorded = read(file)
    assert callback.errors == 0
    assert [s["step"] for s in recorded.steps] == list(range(16))
    assert [s["step"] for s in recorded.measured] == [0, 1, 2, 3, 4, 6, 12]
    assert [s["loss"] for s in recorded.steps] == pytest.approx(module.seen)
    epochs = recorded.of_type("epoch")
    assert [(e["epoch"], e["step"]) for e in epochs] == [(1, 7), (2, 15)]
    assert [e["train_loss"] for e in epochs] == pytest.approx([sum(module.seen[:8]) / 8, sum(module.seen[8:]) / 8])
    assert all(e["val_loss"] > 0 and e["val_accuracy"] == 0.5 and e["metrics"] == {"val_f1": 0.25} for e in epochs)
    assert recorded.of_type("finished")[0]["outcome"] == "completed"


@pytest.mark.parametrize("manual", [False, True])
def test_norm_is_the_one_before_clipping(pl: Any, tmp_path: Path, file: Path, manual: bool) -> None:
    module = a_module(pl, manual)
    clip = {} if manual else {"gradient_clip_val": 0.01}
    callback = GradwatchCallback(every=1)
    a_trainer(pl, tmp_path, [callback], max_epochs=1, **clip).fit(module, loader())

    recorded = read(file)
    assert callback.errors == 0
    assert len(recorded.steps) == 8
    assert min(s["grad_norm"] for s in recorded.steps) > 0.02
    whole = [sum(layer["update_norm"] ** 2 for layer in s["layers"]) ** 0.5 for s in recorded.steps]
    assert whole == pytest.approx([0.1 * 0.01] * 8, rel=1e-3)
    assert [s["loss"] for s in recorded.steps] == pytest.approx(module.seen)
    assert recorded.registration["clip_threshold"] == 0.01


def test_accumulated_batches_are_one_step(pl: Any, tmp_path: Path, file: Path) -> None:
    module = a_module(pl)
    a_trainer(pl, tmp_path, [GradwatchCallback()], max_epochs=1, accumulate_grad_batches=4).fit(module, loader())

    recorded = read(file)
    assert [s["loss"] for s in recorded.steps] == pytest.approx([sum(module.seen[:4]) / 4, sum(module.seen[4:]) / 4])
    assert recorded.registration["batch_size"] == 32
    assert recorded.registration["steps_per_epoch"] == 2


def test_mixed_precision_norms_are_those_of_the_true_gradient(pl: Any, tmp_path: Path, file: Path) -> None:
    a_trainer(pl, tmp_path, [GradwatchCallback(every=1)], max_epochs=1, precision="bf16-mixed").fit(
        a_module(pl), loader()
    )

    assert all(0.01 < s["grad_norm"] < 10 for s in read(file).steps)


def test_registration_says_what_the_trainer_knows(pl: Any, tmp_path: Path, file: Path) -> None:
    module = a_module(pl)
    module.body.requires_grad_(False)
    a_trainer(pl, tmp_path, [GradwatchCallback(classes=2)], gradient_clip_val=0.5).fit(module, loader())

    fields = read(file).registration
    expected = {
        "classes": 2,
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "clip_threshold": 0.5,
        "batch_size": 8,
        "steps_per_epoch": 8,
        "planned_epochs": 2,
        "planned_steps": 16,
        "epoch_numbering": "from-0",
        "layers": [{"name": "body", "parameters": 54, "frozen": True}, {"name": "head", "parameters": 14}],
    }
    assert {name: fields.get(name) for name in expected} == expected
    assert fields["tags"]["lightning"] == pl.__version__
    assert fields["tags"]["precision"] == "32-true"


def test_validations_between_epochs_have_their_place(pl: Any, tmp_path: Path, file: Path) -> None:
    trainer = a_trainer(pl, tmp_path, [GradwatchCallback()], max_epochs=1, val_check_interval=4)
    trainer.fit(a_module(pl), loader(), loader())

    epochs = read(file).of_type("epoch")
    assert [(e["epoch"], e["step"]) for e in epochs] == [(0.5, 3), (1.0, 7)]
    assert all(e["val_loss"] > 0 for e in epochs)


def test_validation_of_an_earlier_epoch_is_not_repeated(pl: Any, tmp_path: Path, file: Path) -> None:
    trainer = a_trainer(pl, tmp_path, [GradwatchCallback()], max_epochs=3, check_val_every_n_epoch=2)
    trainer.fit(a_module(pl), loader(), loader())

    assert ["val_loss" in e for e in read(file).of_type("epoch")] == [False, True, False]


def test_fit_from_a_checkpoint_is_the_next_attempt(pl: Any, tmp_path: Path, file: Path) -> None:
    callback = GradwatchCallback()
    trainer = a_trainer(pl, tmp_path, [callback], max_epochs=1)
    trainer.fit(a_module(pl), loader())
    trainer.save_checkpoint(tmp_path / "last.ckpt")
    first = callback.state_dict()

    again = GradwatchCallback()
    a_trainer(pl, tmp_path, [again], max_epochs=2).fit(a_module(pl), loader(), ckpt_path=str(tmp_path / "last.ckpt"))

    second = again.state_dict()
    assert (second["run_id"], second["attempt"]) == (first["run_id"], first["attempt"] + 1)
    assert [s["step"] for s in read(file).steps] == list(range(16))


def test_run_that_is_told_to_stop_ends_fit(pl: Any, tmp_path: Path, file: Path) -> None:
    class Teller(pl.Callback):  # type: ignore[misc]
        def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, index: int) -> None:
            if index == 3:
                callback.watch.run.request_stop(gradwatch.StopRun("the loss diverged"))  # type: ignore[union-attr]

    callback = GradwatchCallback(every=1)
    trainer = a_trainer(pl, tmp_path, [callback, Teller()], max_epochs=5)
    trainer.fit(a_module(pl), loader())

    assert trainer.global_step <= 8
    assert read(file).of_type("finished")[0]["outcome"] == "stopped"


def test_exception_ends_the_run_as_failed(pl: Any, tmp_path: Path, file: Path) -> None:
    module = a_module(pl)
    module.configure_gradient_clipping = lambda *_, **__: 1 / 0
    with pytest.raises(ZeroDivisionError):
        a_trainer(pl, tmp_path, [GradwatchCallback()]).fit(module, loader())

    finished = read(file).of_type("finished")[0]
    assert finished["outcome"] == "failed"
    assert "ZeroDivisionError" in finished["reason"]


def test_training_is_bit_identical_with_and_without(pl: Any, tmp_path: Path, file: Path) -> None:
    def trained(callbacks: list[Any]) -> list[Any]:
        module = a_module(pl)
        a_trainer(pl, tmp_path, callbacks, gradient_clip_val=0.1).fit(module, loader(), loader())
        return list(module.state_dict().values())

    assert all(torch.equal(a, b) for a, b in zip(trained([]), trained([GradwatchCallback(every=1)])))


def test_callback_can_be_sent_to_another_process(file: Path) -> None:
    with gradwatch.run() as run:
        callback = pickle.loads(pickle.dumps(GradwatchCallback(run, every=3, classes=2)))

    assert callback.watch is None
    assert callback.state_dict() == {}
