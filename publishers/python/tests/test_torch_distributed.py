"""Two processes that train one model, on gloo: what is published is what one process alone would have seen."""
# mypy: disable-error-code="no-untyped-call, operator, index, union-attr, misc, method-assign, attr-defined"

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import distributed, multiprocessing, nn  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402
from torch.nn.utils import clip_grad_norm_  # noqa: E402

import gradwatch.torch  # noqa: E402
from tests.recorded_runs import RecordedRun, read  # noqa: E402

RANKS = 2
STEPS = 7


def a_model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))


def batches() -> list[tuple[Any, Any]]:
    torch.manual_seed(1)
    return [(torch.randn(8, 6), torch.randn(8, 4)) for _ in range(STEPS)]


def train(model: Any, optimizer: Any, watch: Any, rank: int, ranks: int, clips: bool) -> None:
    for x, y in batches():
        part = slice(rank * 8 // ranks, (rank + 1) * 8 // ranks)
        loss = nn.functional.mse_loss(model(x[part]), y[part])
        watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        if clips:
            clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()


def join(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    os.environ["GRADWATCH_RECORD_TO"] = f"{folder}/rank{rank}.jsonl"
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=RANKS)


def with_ddp(rank: int, folder: str) -> None:
    join(rank, folder)
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    parallel = DistributedDataParallel(model)
    watch = gradwatch.torch.watch(parallel, optimizer)
    assert watch.run.is_publishing == (rank == 0)
    assert bool(optimizer._optimizer_step_pre_hooks) == (rank == 0)
    train(parallel, optimizer, watch, rank, RANKS, clips=True)
    watch.close()
    assert watch.errors == 0
    distributed.destroy_process_group()


def with_fsdp(rank: int, folder: str) -> None:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    join(rank, folder)
    model = a_model()
    mesh = init_device_mesh("cpu", (RANKS,))
    fully_shard(model[2], mesh=mesh)
    fully_shard(model, mesh=mesh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    train(model, optimizer, watch, rank, RANKS, clips=True)
    watch.close()
    assert watch.errors == 0
    distributed.destroy_process_group()


def with_fsdp_and_a_rank_that_fails(rank: int, folder: str) -> None:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    join(rank, folder)
    model = a_model()
    fully_shard(model, mesh=init_device_mesh("cpu", (RANKS,)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    if rank == 1:
        watch._gauge._meter.before_update = fail
    train(model, optimizer, watch, rank, RANKS, clips=False)
    watch.close()
    assert watch.errors == (5 if rank == 1 else 0)
    distributed.destroy_process_group()


def fail(*_: Any) -> None:
    raise RuntimeError("out of memory")


def with_a_stop(rank: int, folder: str) -> None:
    join(rank, folder)
    model = DistributedDataParallel(a_model())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer, stop_when_told=True)
    if rank == 0:
        watch.run.request_stop(gradwatch.StopRun("the loss diverged"))
    try:
        train(model, optimizer, watch, rank, RANKS, clips=False)
    except gradwatch.StopRun:
        Path(folder, f"stopped{rank}-at-{watch.next_step}").touch()
    distributed.destroy_process_group()


def alone(file: Path, monkeypatch: pytest.MonkeyPatch, clips: bool) -> RecordedRun:
    monkeypatch.setenv("GRADWATCH_RECORD_TO", str(file))
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with gradwatch.torch.watch(model, optimizer) as watch:
        train(model, optimizer, watch, 0, 1, clips)
    return read(file)


def together(worker: Any, folder: Path) -> None:
    multiprocessing.spawn(worker, args=(str(folder),), nprocs=RANKS)


def assert_same(recorded: RecordedRun, expected: RecordedRun) -> None:
    for step, other in zip(recorded.measured, expected.measured):
        assert step["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-4)
        for layer, counterpart in zip(step["layers"], other["layers"]):
            assert layer.pop("name") == counterpart.pop("name")
            assert layer == pytest.approx(counterpart, rel=1e-3)
    assert len(recorded.measured) == len(expected.measured) == 5


def test_norms_under_ddp_are_those_after_the_all_reduce_from_one_rank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together(with_ddp, tmp_path)

    recorded = read(tmp_path / "rank0.jsonl")
    assert_same(recorded, alone(tmp_path / "alone.jsonl", monkeypatch, clips=True))
    assert recorded.registration["tags"]["world_size"] == "2"
    assert [layer["name"] for layer in recorded.registration["layers"]] == ["0", "2"]
    assert not (tmp_path / "rank1.jsonl").exists()


def test_norms_of_a_sharded_model_are_added_up_over_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together(with_fsdp, tmp_path)

    recorded = read(tmp_path / "rank0.jsonl")
    assert_same(recorded, alone(tmp_path / "alone.jsonl", monkeypatch, clips=True))
    assert [layer["parameters"] for layer in recorded.registration["layers"]] == [56, 36]
    assert not (tmp_path / "rank1.jsonl").exists()


def test_rank_that_fails_leaves_the_others_a_gap_and_no_deadlock(tmp_path: Path) -> None:
    together(with_fsdp_and_a_rank_that_fails, tmp_path)

    recorded = read(tmp_path / "rank0.jsonl")
    assert len(recorded.steps) == STEPS
    assert all("grad_norm" not in step for step in recorded.steps)


def test_all_ranks_stop_at_the_same_step(tmp_path: Path) -> None:
    together(with_a_stop, tmp_path)

    stopped = sorted(file.name for file in tmp_path.glob("stopped*"))
    assert [name.split("-")[0] for name in stopped] == ["stopped0", "stopped1"]
    assert len({name.split("-")[-1] for name in stopped}) == 1
