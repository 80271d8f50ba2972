"""What watching costs: the same training with and without it, turn by turn in one process.

    python benchmarks/overhead.py [--frameworks torch lightning huggingface keras] [--models small medium] [--rounds 40]

Three trainings, unwatched, watched every 10 steps and watched at every step, take turns of ten steps. What is compared is the processor
time of the whole process in a turn, so that the publishing thread is in it, and programs beside it are not; ``--clock wall`` compares what
a clock on the wall says, which needs an idle machine. Printed are the ratio of the medians over all turns, and the middle half of the
ratios of neighbouring turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Optional

for threads in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["GRADWATCH_QUIET"] = "1"
STEADY_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
}
"""One heap that keeps its pages: threads with heaps of their own differ by more than what is measured here."""

VARIANTS: dict[str, Optional[int]] = {"unwatched": None, "every 10": 10, "every step": 1}
BLOCK = 10
WARM_UP = 10
"""Steps of each turn that are not timed: the first five are always measured."""

CLOCKS: dict[str, Callable[[], float]] = {"cpu": time.process_time, "wall": time.perf_counter}
VOCABULARY, LENGTH, WIDTH, BLOCKS = 1000, 32, 384, 6
clock = time.process_time


class Relay:
    """Lets several trainings, each in a thread of its own, train ten steps in turn, and takes the time of each turn."""

    def __init__(self, runners: int) -> None:
        self._turns = [threading.Semaphore(0) for _ in range(runners)]
        self._running = list(range(runners))
        self.failures: list[BaseException] = []

    def start(self) -> None:
        self._turns[0].release()

    def window(self, runner: int) -> Window:
        return Window(lambda: self._turns[runner].acquire(), lambda: self._pass_on(runner))

    def leave(self, runner: int) -> None:
        self._pass_on(runner)
        self._running.remove(runner)

    def _pass_on(self, runner: int) -> None:
        following = self._running[(self._running.index(runner) + 1) % len(self._running)]
        self._turns[following].release()


class Window:
    """Takes the time of every ten steps of one training, without the first ten."""

    def __init__(self, take: Callable[[], object], hand_on: Callable[[], object]) -> None:
        self._take = take
        self._hand_on = hand_on
        self._done = 0
        self._began = 0.0
        self.seconds: list[float] = []
        """A step, one number for each ten."""

    def step_ended(self) -> None:
        self._done += 1
        if self._done % BLOCK == 0:
            if self._done > WARM_UP:
                self.seconds.append((clock() - self._began) / BLOCK)
            self._hand_on()
            self._take()
            self._began = clock()


def small() -> tuple[Any, Any, Any]:
    """A perceptron of 0.5 million parameters, batches of 128 images of 28 x 28."""
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    return model, torch.randn(128, 784), torch.randint(0, 10, (128,))


def medium() -> tuple[Any, Any, Any]:
    """A transformer of 11 million parameters, batches of 8 texts of 32 tokens."""
    import torch
    from torch import nn

    class Language(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(VOCABULARY, WIDTH)
            layer = nn.TransformerEncoderLayer(WIDTH, 6, 4 * WIDTH, dropout=0.0, batch_first=True)
            self.body = nn.TransformerEncoder(layer, BLOCKS, enable_nested_tensor=False)
            self.head = nn.Linear(WIDTH, VOCABULARY)

        def forward(self, x: Any) -> Any:
            return self.head(self.body(self.embed(x))).transpose(1, 2)

    tokens = torch.randint(0, VOCABULARY, (8, LENGTH))
    return Language(), tokens, tokens


def with_torch(size: str, every: Optional[int], steps: int, window: Window) -> None:
    import torch

    import gradwatch.torch

    model, x, y = {"small": small, "medium": medium}[size]()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    watch = gradwatch.torch.watch(model, optimizer, every=every) if every else None
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        if watch is not None:
            watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        window.step_ended()
    if watch is not None:
        watch.close()


def with_lightning(size: str, every: Optional[int], steps: int, window: Window) -> None:
    import lightning.pytorch as pl
    import torch

    import gradwatch.lightning

    model, x, y = {"small": small, "medium": medium}[size]()

    class Module(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def training_step(self, batch: Any, index: int) -> Any:
            return torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), lr=1e-4)

    class Timer(pl.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, *_: Any) -> None:
            window.step_ended()

    watching = [gradwatch.lightning.GradwatchCallback(every=every)] if every else []
    trainer = pl.Trainer(
        accelerator="cpu",
        callbacks=[*watching, Timer()],
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        logger=False,
        max_steps=steps,
    )
    trainer.fit(Module(), torch.utils.data.DataLoader([(x, y)] * (steps), batch_size=None))


def with_huggingface(size: str, every: Optional[int], steps: int, window: Window) -> None:
    import torch
    import transformers

    import gradwatch.huggingface

    if size == "medium":
        config = transformers.GPT2Config(VOCABULARY, LENGTH, WIDTH, BLOCKS, 6)
        model: Any = transformers.GPT2LMHeadModel(config)
        tokens = torch.randint(0, VOCABULARY, (LENGTH,))
        sample, batch = {"input_ids": tokens, "labels": tokens}, 8
    else:
        body, pixels, labels = small()

        class Perceptron(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body = body

            def forward(self, pixels: Any, labels: Any) -> Any:
                logits = self.body(pixels)
                return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

        model = Perceptron()
        sample, batch = {"pixels": pixels[0], "labels": labels[0]}, 128

    class Timer(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_: Any, **__: Any) -> None:
            window.step_ended()

    watching = [gradwatch.huggingface.GradwatchCallback(every=every)] if every else []
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            folder,
            disable_tqdm=True,
            logging_strategy="no",
            max_steps=steps,
            per_device_train_batch_size=batch,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
        )
        samples: Any = [sample] * batch * (steps)
        trainer = transformers.Trainer(model, arguments, train_dataset=samples, callbacks=[*watching, Timer()])
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()


def with_keras(size: str, every: Optional[int], steps: int, window: Window) -> None:
    import keras
    import numpy as np

    import gradwatch.keras

    layers = keras.layers
    if size == "small":
        inputs: Any = keras.Input((784,))
        outputs = layers.Dense(512, activation="relu")(inputs)
        outputs = layers.Dense(10)(layers.Dense(256, activation="relu")(outputs))
        x, y, batch = np.random.rand(128, 784), np.random.randint(0, 10, 128), 128
    else:
        inputs = keras.Input((LENGTH,), dtype="int32")
        outputs = layers.Embedding(VOCABULARY, WIDTH)(inputs)
        for _ in range(BLOCKS):
            attended = layers.MultiHeadAttention(6, WIDTH // 6)(outputs, outputs)
            outputs = layers.LayerNormalization()(outputs + attended)
            widened = layers.Dense(4 * WIDTH, activation="relu")(outputs)
            outputs = layers.LayerNormalization()(outputs + layers.Dense(WIDTH)(widened))
        outputs = layers.Dense(VOCABULARY)(outputs)
        x = np.random.randint(0, VOCABULARY, (8, LENGTH))
        y, batch = x, 8
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.AdamW(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    class Timer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, *_: Any, **__: Any) -> None:
            window.step_ended()

    watching = [gradwatch.keras.GradwatchCallback(every=every)] if every else []
    model.fit(
        np.tile(x, (steps, 1)),
        np.tile(y, (steps, *[1] * (y.ndim - 1))),
        batch_size=batch,
        callbacks=[*watching, Timer()],
        verbose=0,
    )


FRAMEWORKS: dict[str, tuple[Callable[[str, Optional[int], int, Window], None], tuple[str, ...]]] = {
    "torch": (with_torch, ("torch",)),
    "lightning": (with_lightning, ("torch", "lightning")),
    "huggingface": (with_huggingface, ("torch", "transformers", "accelerate")),
    "keras": (with_keras, ("keras", "gradwatch.keras")),
}
MODELS = ("small", "medium")
PASSES = 3


def compare(framework: str, size: str, rounds: int) -> dict[str, list[float]]:
    """Seconds a step of each variant, one number for each turn of ten steps.

    In several passes with new models, each begun by another variant: where a model happens to lie in memory makes a difference too.
    """
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    names = list(VARIANTS)
    for turn in range(PASSES):
        for name, taken in relayed(framework, size, names[turn:] + names[:turn], -(-rounds // PASSES)).items():
            seconds[name] += taken
    return seconds


def relayed(framework: str, size: str, names: list[str], rounds: int) -> dict[str, list[float]]:
    """One pass."""
    relay = Relay(len(names))
    windows = [relay.window(i) for i in range(len(names))]

    def run(i: int, every: Optional[int]) -> None:
        windows[i]._take()
        try:
            FRAMEWORKS[framework][0](size, every, WARM_UP + BLOCK * rounds, windows[i])
        except BaseException as e:
            relay.failures.append(e)
        relay.leave(i)

    threads = [
        threading.Thread(target=run, args=(i, every)) for i, every in enumerate(VARIANTS[name] for name in names)
    ]
    for thread in threads:
        thread.start()
    relay.start()
    for thread in threads:
        thread.join()
    if relay.failures:
        raise relay.failures[0]
    return {name: window.seconds for name, window in zip(names, windows)}


def report(framework: str, size: str, seconds: dict[str, list[float]]) -> None:
    plain = seconds["unwatched"]
    usual = statistics.median(plain)
    for name in list(VARIANTS)[1:]:
        cost = statistics.median(seconds[name]) / usual - 1
        low, _, high = statistics.quantiles([watched / alone for watched, alone in zip(seconds[name], plain)], n=4)
        spread = f"{low - 1:+.1%} to {high - 1:+.1%}"
        print(
            f"| {framework} | {size} | {usual * 1000:.2f} | {name} | {cost:+.1%} | {spread} | {len(plain)} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=list(FRAMEWORKS))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clock", choices=CLOCKS, default="cpu")
    given = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in STEADY_MEMORY.items()):
        # Read when the process starts.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **STEADY_MEMORY})
    if len(given.frameworks) > 1:
        # A process for each: TensorFlow and PyTorch with its compiler do not always bear each other in one.
        sizes, rounds = ["--models", *given.models], ["--rounds", str(given.rounds), "--clock", given.clock]
        for framework in given.frameworks:
            subprocess.run([sys.executable, __file__, "--frameworks", framework, *sizes, *rounds], check=True)
        return
    global clock
    clock = CLOCKS[given.clock]
    warnings.simplefilter("ignore")
    for name in ("lightning.pytorch", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    framework = given.frameworks[0]
    if not all(map(_is_there, FRAMEWORKS[framework][1])):
        print(f"{framework}: not installed, left out", file=sys.stderr)
        return
    print(f"{_versions(framework)}, Python {sys.version.split()[0]}, {given.clock} time; {_load()}\n")
    print("| framework | model | unwatched, ms a step | watched | cost | middle half | turns |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADWATCH_RECORD_TO"] = str(Path(folder, "runs"))
        Path(folder, "runs").mkdir()
        for size in given.models:
            report(framework, size, compare(framework, size, given.rounds))
    print(f"\nAfterwards {_load()}\n", flush=True)


def _versions(framework: str) -> str:
    """Of what does the computing, which is told to use one thread."""
    versions = []
    if framework == "keras":
        import keras

        versions.append(f"Keras {keras.__version__} on {keras.backend.backend()}")
    if framework != "keras" or keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
        versions.append(f"PyTorch {torch.__version__}")
    return ", ".join(versions)


def _load() -> str:
    waiting = ", ".join(f"{load:.0f}" for load in os.getloadavg())
    return f"load of the last 1, 5 and 15 minutes {waiting}, on {os.cpu_count()} cores"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
