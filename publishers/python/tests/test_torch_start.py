"""What is wrong with a PyTorch training from its first step is said at once and registered; and how a training goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn.functional import cross_entropy  # noqa: E402

import gradwatch  # noqa: E402
import gradwatch.torch  # noqa: E402
from gradwatch import Settings  # noqa: E402


def model() -> Any:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


def settings(file: Path) -> Settings:
    return Settings(record_to=str(file), quiet=True)


def plain(net: Any, x: Any, y: Any) -> Any:
    return cross_entropy(net(x), y)


def train(
    file: Path, net: Any, optimizer: Any, loss_of: Callable[[Any, Any, Any], Any] = plain, steps: int = 7
) -> dict[str, Any]:
    """A few steps; gives the registration."""
    run = gradwatch.run(settings=settings(file))
    watch = gradwatch.torch.watch(net, optimizer, run)
    for _ in range(steps):
        x, y = torch.randn(16, 4), torch.randint(0, 2, (16,))
        loss = loss_of(net, x, y)
        watch.loss(loss)
        optimizer.zero_grad()
        loss.mean().backward()
        optimizer.step()
    watch.close()
    run.finish()
    assert watch.errors == 0
    registration: dict[str, Any] = json.loads(file.read_text().splitlines()[0])["run"]
    return registration


@pytest.mark.parametrize("steps", [1, 7])
def test_a_training_with_nothing_wrong_has_no_findings(steps: int, tmp_path: Path) -> None:
    net = model()

    assert "findings" not in train(tmp_path / "r.jsonl", net, torch.optim.Adam(net.parameters()), steps=steps)


def test_a_layer_that_no_optimizer_holds_is_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    net = model()

    found = train(tmp_path / "r.jsonl", net, torch.optim.Adam(net[0].parameters()))

    assert found["findings"] == ["parameters-not-in-optimizer"]
    assert caplog.text.count("parameters-not-in-optimizer") == 1
    assert "2 of 4 trainable parameters are in no optimizer" in caplog.text
    assert "layer 2" in caplog.text


def test_what_another_optimizer_holds_is_not_missing(tmp_path: Path) -> None:
    net = model()
    other = torch.optim.SGD(net[2].parameters(), lr=0.1)

    assert "findings" not in train(tmp_path / "r.jsonl", net, torch.optim.Adam(net[0].parameters()))
    assert other.param_groups


def test_a_frozen_layer_is_not_missing(tmp_path: Path) -> None:
    net = model()
    net[0].requires_grad_(False)

    assert "findings" not in train(tmp_path / "r.jsonl", net, torch.optim.Adam(net[2].parameters()))


def test_an_optimizer_of_another_model_is_found(tmp_path: Path) -> None:
    found = train(tmp_path / "r.jsonl", model(), torch.optim.Adam(model().parameters()))

    assert found["findings"] == ["parameters-not-in-optimizer", "foreign-parameters-in-optimizer"]


def test_a_loss_with_weights_of_its_own_is_not_foreign(tmp_path: Path) -> None:
    net, scale = model(), nn.Parameter(torch.ones(()))
    optimizer = torch.optim.Adam([*net.parameters(), scale])

    assert "findings" not in train(tmp_path / "r.jsonl", net, optimizer, lambda n, x, y: plain(n, x, y) * scale)


def test_a_loss_that_does_not_depend_on_the_model_is_found(tmp_path: Path) -> None:
    net = model()

    def detached(net: Any, x: Any, y: Any) -> Any:
        return torch.tensor(plain(net, x, y).item(), requires_grad=True)

    found = train(tmp_path / "r.jsonl", net, torch.optim.Adam(net.parameters()), detached)

    assert found["findings"] == ["no-gradient"]


@pytest.mark.parametrize("steps", [2, 7])
def test_a_layer_that_the_loss_does_not_reach_is_found(
    steps: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    net = model()

    def cut_off(net: Any, x: Any, y: Any) -> Any:
        return cross_entropy(net[2](net[1](net[0](x)).detach()), y)

    found = train(tmp_path / "r.jsonl", net, torch.optim.Adam(net.parameters()), cut_off, steps)

    assert found["findings"] == ["layer-without-gradient"]
    assert "layer 0 had no gradient" in caplog.text


def test_a_layer_that_is_sometimes_left_out_is_none_without_gradient(tmp_path: Path) -> None:
    net = model()
    calls: list[int] = []

    def dropped(net: Any, x: Any, y: Any) -> Any:
        calls.append(1)
        inner = net[1](net[0](x))
        return cross_entropy(net[2](inner if len(calls) == 3 else inner.detach()), y)

    assert "findings" not in train(tmp_path / "r.jsonl", net, torch.optim.SGD(net.parameters(), lr=0.1), dropped)


def test_a_loss_that_is_no_single_number_is_found_and_costs_the_loss_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    net = model()

    def each(net: Any, x: Any, y: Any) -> Any:
        return cross_entropy(net(x), y, reduction="none")

    found = train(tmp_path / "r.jsonl", net, torch.optim.Adam(net.parameters()), each)

    assert found["findings"] == ["loss-not-scalar"]
    assert "shape (16,)" in caplog.text
    assert sum('"grad_norm"' in line for line in (tmp_path / "r.jsonl").read_text().splitlines()) >= 5


def test_a_rate_of_zero_is_found_and_a_warm_up_that_begins_there_is_not(tmp_path: Path) -> None:
    net = model()
    assert train(tmp_path / "a.jsonl", net, torch.optim.SGD(net.parameters(), lr=0.0))["findings"] == [
        "learning-rate-zero"
    ]

    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
    assert optimizer.param_groups[0]["lr"] == 0
    assert "findings" not in train(tmp_path / "b.jsonl", net, optimizer)
    assert schedule.base_lrs == [0.1]


def test_training_computes_the_same_bits_while_it_is_looked_at(tmp_path: Path) -> None:
    ends = []
    for watched in (False, True):
        net = model()
        optimizer = torch.optim.Adam(net[0].parameters())
        torch.manual_seed(2)
        if watched:
            train(tmp_path / "r.jsonl", net, optimizer)
        else:
            for _ in range(7):
                x, y = torch.randn(16, 4), torch.randint(0, 2, (16,))
                optimizer.zero_grad()
                plain(net, x, y).backward()
                optimizer.step()
        ends.append([p.clone() for p in net.parameters()])

    assert all(torch.equal(a, b) for a, b in zip(*ends))


# Going on from a checkpoint.


def steps_and_epochs(file: Path) -> list[tuple[str, float, int]]:
    lines = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    return [
        (line["type"], line["step"] if line["type"] == "step" else line["epoch"], line.get("attempt", 1))
        for line in lines
        if line["type"] in ("step", "epoch")
    ]


@pytest.mark.parametrize("state_of", ["watch", "run"])
def test_a_training_that_breaks_off_within_an_epoch_goes_on_counting(state_of: str, tmp_path: Path) -> None:
    """SGD, which counts no steps itself."""
    file = tmp_path / "r.jsonl"
    state: dict[str, Any] = {}
    for attempt in range(2):
        net = model()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        run = gradwatch.run(settings=settings(file), state=state or None)
        watch = gradwatch.torch.watch(net, optimizer, run, state=(state or None) if state_of == "watch" else None)
        batch = 0
        while batch < (8 if attempt == 0 else 3):
            loss = plain(net, torch.randn(16, 4), torch.randint(0, 2, (16,)))
            watch.loss(loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            batch += 1
            # Five batches an epoch: the checkpoint comes in the middle of the second one.
            if (batch + 8 * attempt) % 5 == 0:
                watch.epoch(validation_loss=0.5 - attempt / 10)
        state = watch.state_dict() if state_of == "watch" else watch.run.state_dict()
        watch.close()
        run.finish("CANCELLED")

    said = steps_and_epochs(file)
    assert [at for kind, at, _ in said if kind == "step"] == list(range(11))
    assert [(at, attempt) for kind, at, attempt in said if kind == "epoch"] == [(0.0, 1), (1.0, 2)]
    assert (state["step"], state["epoch"], state["attempt"]) == (11, 2, 2)
    assert state["best"] == {"validation_loss": 0.4, "epoch": 1.0, "step": 9}


def test_metrics_and_norms_of_ranks_travel_with_their_step(tmp_path: Path) -> None:
    file, net = tmp_path / "r.jsonl", model()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    run = gradwatch.run(settings=settings(file))
    watch = gradwatch.torch.watch(net, optimizer, run)
    for step in range(3):
        loss = plain(net, torch.randn(16, 4), torch.randint(0, 2, (16,)))
        watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        if step == 1:
            watch.metrics({"reward": torch.tensor(0.5), "kl": 2})
            watch.rank_norms(gradwatch.RankNorms(0.0, 2.0, 1))
        optimizer.step()
    watch.close()
    run.finish()

    steps = [json.loads(line) for line in file.read_text().splitlines() if '"type": "step"' in line]
    assert [step.get("metrics") for step in steps] == [None, {"reward": 0.5, "kl": 2.0}, None]
    assert [step.get("rank_norms") for step in steps] == [None, {"min": 0.0, "max": 2.0, "rank": 1}, None]
    assert gradwatch.torch.rank_norms(1.0) is None, "one rank has nobody to differ from"
