"""Writes the log files that the tests read, with the frameworks themselves.

    pip install keras tensorflow-cpu torch transformers accelerate lightning tensorboardX tensorboard
    python make_logs.py ../resources/recorded/frameworks

Each framework trains a tiny model for a few seconds. The files are committed, so that the tests need none of this; run it again when a
framework changes what it writes, and look at the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

CLASSES = 3
FEATURES = 8


def samples(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points around one centre a class."""
    random = np.random.default_rng(7)
    label = random.integers(0, CLASSES, count)
    centre = random.normal(size=(CLASSES, FEATURES))
    return (centre[label] + random.normal(size=(count, FEATURES))).astype("float32"), label.astype("int64")


def keras_logs(target: Path) -> None:
    import keras

    keras.utils.set_random_seed(1)
    x, y = samples(240)

    def fit(epochs: int, *callbacks: keras.callbacks.Callback, first: int = 0, **options: int) -> None:
        model = keras.Sequential(
            [keras.Input((FEATURES,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(CLASSES, activation="softmax")]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=epochs, initial_epoch=first, validation_split=0.25, verbose=0, callbacks=list(callbacks), **options)

    callbacks = keras.callbacks
    fit(
        5,
        callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        callbacks.CSVLogger(target / "keras-csvlogger.csv"),
    )
    # Stopped after three epochs and started again from the second one, into the same file; validation every second epoch only.
    semicolons = target / "keras-resumed.csv"
    fit(3, callbacks.CSVLogger(semicolons, separator=";"), validation_freq=2)
    fit(5, callbacks.CSVLogger(semicolons, separator=";", append=True), first=1, validation_freq=2)
    fit(
        4,
        callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        callbacks.TensorBoard(target / "keras-tensorboard", write_graph=False, histogram_freq=0),
    )
    fit(2, callbacks.TensorBoard(target / "keras-tensorboard-batches", write_graph=False, update_freq=2))


def torch_model():
    import torch

    torch.manual_seed(1)
    torch.set_num_threads(1)
    return torch.nn.Sequential(torch.nn.Linear(FEATURES, 8), torch.nn.ReLU(), torch.nn.Linear(8, CLASSES))


def torch_logs(target: Path) -> None:
    import torch
    from tensorboardX import SummaryWriter as SummaryWriterX
    from torch.utils.tensorboard import SummaryWriter

    x, y = (torch.from_numpy(part) for part in samples(240))

    def steps(model, optimizer, count):
        for step in range(count):
            batch = torch.arange(step * 16, step * 16 + 16) % 180
            loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            yield step, loss.item(), norm.item()

    # A scalar each for loss, norm and rate at every step, an evaluation every five.
    model = torch_model()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    with SummaryWriter(str(target / "torch-steps")) as writer:
        writer.add_histogram("weights", model[0].weight, 0)
        for step, loss, norm in steps(model, optimizer, 20):
            writer.add_scalar("train/loss", loss, step)
            writer.add_scalar("train/grad_norm", norm, step)
            writer.add_scalar("train/lr", optimizer.param_groups[0]["lr"], step)
            if step % 5 == 4:
                with torch.no_grad():
                    logits = model(x[180:])
                writer.add_scalar("val/loss", torch.nn.functional.cross_entropy(logits, y[180:]).item(), step)
                writer.add_scalar("val/accuracy", (logits.argmax(1) == y[180:]).float().mean().item(), step)

    # What many tutorials do: both losses under the number of the epoch. The last loss is not a number.
    with SummaryWriterX(str(target / "tensorboardx-epochs")) as writer:
        for epoch in range(6):
            writer.add_scalar("Loss/train", 2.0 / (epoch + 1) if epoch < 5 else float("nan"), epoch)
            writer.add_scalar("Loss/val", 2.5 / (epoch + 1), epoch)
            writer.add_scalar("Accuracy/val", 0.5 + epoch / 20, epoch)

    # Stopped and started again: a second file in the folder, which goes back to a checkpoint.
    for first, count in ((0, 12), (8, 16)):
        with SummaryWriter(str(target / "torch-resumed")) as writer:
            for step in range(first, count):
                writer.add_scalar("loss", 3.0 - step * 0.1 - first * 0.01, step)


def huggingface_logs(target: Path) -> None:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainingArguments
    from transformers.modeling_outputs import SequenceClassifierOutput

    class Tiny(PreTrainedModel):
        config_class = PretrainedConfig

        def __init__(self, config):
            super().__init__(config)
            self.net = torch_model()
            self.post_init()

        def _init_weights(self, module):
            pass

        def forward(self, x, labels=None):
            logits = self.net(x)
            return SequenceClassifierOutput(loss=torch.nn.functional.cross_entropy(logits, labels), logits=logits)

    x, y = samples(240)
    rows = [{"x": x[i], "labels": int(y[i])} for i in range(len(x))]
    with tempfile.TemporaryDirectory() as scratch:
        # The folder's name goes into the event file.
        os.chdir(scratch)
        trainer = Trainer(
            Tiny(PretrainedConfig()),
            TrainingArguments(
                "out",
                num_train_epochs=3,
                per_device_train_batch_size=16,
                logging_steps=4,
                eval_strategy="epoch",
                save_strategy="epoch",
                report_to=["tensorboard"],
                learning_rate=1e-2,
                disable_tqdm=True,
                use_cpu=True,
                seed=1,
            ),
            train_dataset=rows[:180],
            eval_dataset=rows[180:],
            compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(1) == p.label_ids).mean()), "f1": 0.5},
        )
        trainer.train()
        trainer.save_state()
        into = target / "huggingface"
        out = Path(scratch) / "out"
        for state in sorted(out.rglob("trainer_state.json")):
            copy = into / state.relative_to(out)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(state, copy)
        events = sorted(out.rglob("events.out.tfevents.*"))
        (into / "runs").mkdir(exist_ok=True)
        for event_file in events:
            shutil.copy(event_file, into / "runs" / event_file.name)
        os.chdir(target)


def lightning_logs(target: Path) -> None:
    import lightning
    import torch
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger
    from lightning.pytorch.utilities import grad_norm

    x, y = (torch.from_numpy(part) for part in samples(240))

    class Module(lightning.LightningModule):
        def __init__(self, both: bool):
            super().__init__()
            self.net = torch_model()
            self.both = both

        def training_step(self, batch, index):
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=self.both)
            return loss

        def validation_step(self, batch, index):
            logits = self.net(batch[0])
            self.log("val_loss", torch.nn.functional.cross_entropy(logits, batch[1]))
            self.log("val_acc", (logits.argmax(1) == batch[1]).float().mean())

        def on_before_optimizer_step(self, optimizer):
            if self.both:
                self.log_dict(grad_norm(self.net, norm_type=2))

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), 1e-2)

    for name, both in (("lightning", True), ("lightning-plain", False)):
        with tempfile.TemporaryDirectory() as scratch:
            loader = torch.utils.data.DataLoader
            data = torch.utils.data.TensorDataset
            trainer = lightning.Trainer(
                max_epochs=3,
                log_every_n_steps=4,
                logger=CSVLogger(scratch, name="", version=""),
                callbacks=[LearningRateMonitor(logging_interval="step")] if both else [],
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                num_sanity_val_steps=0,
                accelerator="cpu",
            )
            trainer.fit(Module(both), loader(data(x[:180], y[:180]), 16), loader(data(x[180:], y[180:]), 60))
            (target / name).mkdir()
            shutil.copy(next(Path(scratch).rglob("metrics.csv")), target / name / "metrics.csv")


def settle_names(target: Path) -> None:
    """Takes time, host and process out of the names of event files, so that running this again changes no name."""
    for folder in sorted({path.parent for path in target.rglob("events.out.tfevents.*")}):
        # By time first, then by the number that the writer counts up.
        for number, path in enumerate(sorted(folder.glob("events.out.tfevents.*"))):
            ending = ".v2" if path.name.endswith(".v2") else ""
            path.rename(folder / f"events.out.tfevents.{1760000000 + number}.host.1.0{ending}")


WRITERS = {"keras": keras_logs, "torch": torch_logs, "huggingface": huggingface_logs, "lightning": lightning_logs}


def main() -> None:
    target = Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        if sys.argv[2] != "keras":
            # Tells TensorBoard to do without TensorFlow, which cannot be loaded into one process with every PyTorch.
            sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
        WRITERS[sys.argv[2]](target)
        return
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    for name in WRITERS:
        subprocess.run([sys.executable, __file__, str(target), name], check=True)
    settle_names(target)
    for path in sorted(target.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size:7d}  {re.sub(r'^.*/frameworks/', '', str(path))}")


if __name__ == "__main__":
    main()
