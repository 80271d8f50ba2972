# What a Sequential holds is a Tensor or a Module to the type checker.
# mypy: disable-error-code="no-untyped-call, operator, index, union-attr, misc"
from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any, Callable

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn.utils import clip_grad_norm_  # noqa: E402

import gradwatch.torch  # noqa: E402
from gradwatch.torch import _norms  # noqa: E402
from tests.recorded_runs import RecordedRun, read  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of a test are recorded."""
    path = tmp_path / "run.jsonl"
    monkeypatch.setenv("GRADWATCH_RECORD_TO", str(path))
    return path


def a_model(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))


def a_batch(rows: int = 16) -> tuple[Any, Any]:
    return torch.randn(rows, 6), torch.randint(0, 3, (rows,))


def a_loss(model: Any, rows: int = 16) -> Any:
    x, y = a_batch(rows)
    return nn.functional.cross_entropy(model(x), y)


def norm(tensors: Any) -> float:
    return math.sqrt(sum(float((t.detach().double() ** 2).sum()) for t in tensors))


def closed(watch: gradwatch.torch.Watch, file: Path) -> RecordedRun:
    watch.close()
    assert watch.errors == 0
    return read(file)


def test_norms_are_those_computed_by_hand(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    watch = gradwatch.torch.watch(model, optimizer, project="tests")
    loss = a_loss(model)
    watch.loss(loss)
    loss.backward()
    expected = {
        name: (
            norm(p.grad for p in layer.parameters()),
            sum(int((p.grad == 0).sum()) for p in layer.parameters()) / sum(p.numel() for p in layer.parameters()),
            norm(layer.parameters()),
        )
        for name, layer in (("0", model[0]), ("2", model[2]))
    }
    whole = norm(p.grad for p in model.parameters())
    optimizer.step()

    recorded = closed(watch, file)

    assert recorded.steps[0]["step"] == 0
    assert recorded.steps[0]["loss"] == pytest.approx(loss.item())
    assert recorded.steps[0]["lr"] == 0.5
    assert recorded.steps[0]["grad_norm"] == pytest.approx(whole, rel=1e-5)
    layers = recorded.layers(0)
    assert list(layers) == ["0", "2"]
    for name, (gradient, zeros, weight) in expected.items():
        assert layers[name]["grad_norm"] == pytest.approx(gradient, rel=1e-5)
        assert layers[name]["zero_fraction"] == pytest.approx(zeros)
        assert layers[name]["weight_norm"] == pytest.approx(weight, rel=1e-5)
        assert layers[name]["update_norm"] == pytest.approx(0.5 * gradient, rel=1e-4)


def test_update_norm_is_what_the_optimizer_really_changed(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    changes = []
    for _ in range(3):
        optimizer.zero_grad()
        a_loss(model).backward()
        before = [p.detach().clone() for p in model[0].parameters()]
        optimizer.step()
        changes.append(norm(p - b for p, b in zip(model[0].parameters(), before)))

    recorded = closed(watch, file)

    assert [recorded.layers(i)["0"]["update_norm"] for i in range(3)] == pytest.approx(changes, rel=1e-4)


def test_first_steps_and_every_nth_are_measured_and_all_carry_their_loss(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.Adam(model.parameters())
    watch = gradwatch.torch.watch(model, optimizer, every=4)
    losses = []
    for _ in range(14):
        loss = a_loss(model)
        watch.loss(loss)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    recorded = closed(watch, file)

    assert [s["step"] for s in recorded.steps] == list(range(14))
    assert [s["step"] for s in recorded.measured] == [0, 1, 2, 3, 4, 8, 12]
    assert [s["loss"] for s in recorded.steps] == pytest.approx(losses)
    assert all(("grad_norm" in s) == bool(s.get("layers")) for s in recorded.steps)


def by_name(model: Any) -> None:
    clip_grad_norm_(model.parameters(), 0.01)


def by_module(model: Any) -> None:
    torch.nn.utils.clip_grad_norm_(parameters=model.parameters(), max_norm=0.01)


def by_value(model: Any) -> None:
    torch.nn.utils.clip_grad_value_(model.parameters(), 0.001)


def by_part(model: Any) -> None:
    for layer in (model[0], model[2]):
        clip_grad_norm_(layer.parameters(), 0.01)


@pytest.mark.parametrize("clip", [by_name, by_module, by_value, by_part])
def test_norm_is_the_one_before_clipping(file: Path, clip: Callable[[Any], None]) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    watch = gradwatch.torch.watch(model, optimizer, every=1)
    whole, clipped = [], []
    for _ in range(8):
        optimizer.zero_grad()
        a_loss(model).backward()
        whole.append(norm(p.grad for p in model.parameters()))
        clip(model)
        clipped.append(norm(p.grad for p in model[0].parameters()))
        optimizer.step()

    recorded = closed(watch, file)

    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx(whole, rel=1e-5)
    updates = [recorded.layers(i)["0"]["update_norm"] for i in range(8)]
    assert updates == pytest.approx(clipped, rel=1e-3)
    assert max(clipped) < 0.5 * min(whole)


def test_norm_that_clipping_computed_is_taken_over_between_measured_steps(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer, every=100)
    whole = []
    for _ in range(9):
        optimizer.zero_grad()
        a_loss(model).backward()
        whole.append(norm(p.grad for p in model.parameters()))
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()

    recorded = closed(watch, file)

    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx(whole, rel=1e-5)
    assert recorded.registration["clip_threshold"] == 0.25


def test_norm_of_another_kind_is_not_taken_over(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer, every=100)
    for _ in range(7):
        optimizer.zero_grad()
        a_loss(model).backward()
        clip_grad_norm_(model.parameters(), 0.25, norm_type=math.inf)
        optimizer.step()

    recorded = closed(watch, file)

    assert [s["step"] for s in recorded.steps if "grad_norm" in s] == [0, 1, 2, 3, 4]
    assert "clip_threshold" not in recorded.registration


def test_own_clipping_is_announced_by_measure(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    a_loss(model).backward()
    whole = norm(p.grad for p in model.parameters())
    watch.measure()
    for p in model.parameters():
        p.grad.mul_(1e-3)
    optimizer.step()

    assert closed(watch, file).steps[0]["grad_norm"] == pytest.approx(whole, rel=1e-5)


def test_clipping_is_put_back_when_the_last_watch_ends(file: Path) -> None:
    original, scaler_step = clip_grad_norm_, torch.amp.GradScaler.step
    model = a_model()
    watches = [gradwatch.torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.1)) for _ in range(2)]
    assert torch.nn.utils.clip_grad_norm_ is not original
    assert clip_grad_norm_ is not original
    watches[0].close()
    assert clip_grad_norm_ is not original
    watches[1].close()
    assert clip_grad_norm_ is original
    assert torch.nn.utils.clip_grad_norm_ is original
    assert torch.amp.GradScaler.step is scaler_step


def test_accumulated_gradients_are_measured_once_at_the_step(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    whole, means = [], []
    for _ in range(3):
        losses = []
        for _ in range(4):
            loss = a_loss(model)
            watch.loss(loss)
            losses.append(loss.item())
            (loss / 4).backward()
        whole.append(norm(p.grad for p in model.parameters()))
        means.append(sum(losses) / 4)
        clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        optimizer.zero_grad()

    recorded = closed(watch, file)

    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx(whole, rel=1e-5)
    assert [s["loss"] for s in recorded.steps] == pytest.approx(means)


@pytest.mark.parametrize("clips", [False, True])
def test_norms_under_a_loss_scaler_are_unscaled_and_skips_are_counted(file: Path, clips: bool) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    watch = gradwatch.torch.watch(model, optimizer)
    whole = []
    for i in range(4):
        optimizer.zero_grad()
        loss = a_loss(model)
        scaler.scale(loss).backward()
        scale = scaler.get_scale()
        whole.append(norm(p.grad for p in model.parameters()) / scale)
        if i == 2:
            model[0].weight.grad[0, 0] = math.inf
        if clips:
            scaler.unscale_(optimizer)
            clip_grad_norm_(model.parameters(), 0.1)
        scaler.step(optimizer)
        scaler.update()

    recorded = closed(watch, file)

    assert [s["step"] for s in recorded.steps] == [0, 1, 2, 3]
    norms = [s["grad_norm"] for s in recorded.steps]
    assert norms[:2] + norms[3:] == pytest.approx(whole[:2] + whole[3:], rel=1e-4)
    assert norms[2] == "Infinity"
    assert all(layer["update_norm"] == 0 for layer in recorded.layers(2).values())
    assert all(layer["update_norm"] > 0 for layer in recorded.layers(3).values())
    assert watch.skipped == 1


def test_fused_optimizer_that_unscales_by_itself_is_measured_unscaled(file: Path) -> None:
    model = a_model()
    try:
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)
    except RuntimeError as e:
        pytest.skip(str(e))
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    watch = gradwatch.torch.watch(model, optimizer)
    whole = []
    for i in range(3):
        optimizer.zero_grad()
        scaler.scale(a_loss(model)).backward()
        whole.append(norm(p.grad for p in model.parameters()) / scaler.get_scale())
        if i == 1:
            model[0].weight.grad[0, 0] = math.nan
        scaler.step(optimizer)
        scaler.update()

    recorded = closed(watch, file)

    norms = [s["grad_norm"] for s in recorded.steps]
    assert [norms[0], norms[2]] == pytest.approx([whole[0], whole[2]], rel=1e-4)
    assert norms[1] == "NaN"
    assert watch.skipped == 1


def test_frozen_layers_are_registered_and_not_measured(file: Path) -> None:
    model = a_model()
    model[0].requires_grad_(False)
    model[2].bias.requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    a_loss(model).backward()
    optimizer.step()

    recorded = closed(watch, file)

    assert recorded.registration["layers"] == [
        {"name": "0", "parameters": 56, "frozen": True},
        {"name": "2", "parameters": 27},
    ]
    assert recorded.layers(0)["2"]["grad_norm"] == pytest.approx(norm([model[2].weight.grad]))
    assert list(recorded.layers(0)) == ["2"]


def test_thawed_layers_are_measured_from_then_on(file: Path) -> None:
    model = a_model()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    for i in range(4):
        if i == 2:
            watch.flush()
            model[0].requires_grad_(True)
        optimizer.zero_grad()
        a_loss(model).backward()
        optimizer.step()

    recorded = closed(watch, file)

    assert [list(recorded.layers(i)) for i in range(4)] == [["2"], ["2"], ["0", "2"], ["0", "2"]]
    assert recorded.registration["layers"] == [{"name": "0", "parameters": 56}, {"name": "2", "parameters": 27}]


def test_layer_that_the_optimizer_was_not_given_shows_gradients_and_no_update(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    a_loss(model).backward()
    optimizer.step()

    layers = closed(watch, file).layers(0)

    assert layers["0"]["grad_norm"] > 0
    assert layers["0"]["update_norm"] == 0
    assert layers["2"]["update_norm"] > 0


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, 5)
        self.head = nn.Linear(5, 11, bias=False)
        self.head.weight = self.embed.weight
        self.token = nn.Parameter(torch.ones(5))

    def forward(self, x: Any) -> Any:
        return self.head(self.embed(x) + self.token)


def test_tied_weights_count_once_and_a_parameter_of_the_model_itself_is_a_layer(file: Path) -> None:
    model = Tied()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    model(torch.tensor([1, 2, 3])).square().mean().backward()
    whole = norm(p.grad for p in model.parameters())
    optimizer.step()

    recorded = closed(watch, file)

    assert {layer["name"]: layer["parameters"] for layer in recorded.registration["layers"]} == {
        "token": 5,
        "embed": 55,
    }
    assert recorded.steps[0]["grad_norm"] == pytest.approx(whole, rel=1e-5)


def test_sparse_gradients_are_measured(file: Path) -> None:
    model = nn.Embedding(100, 4, sparse=True)
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(nn.Sequential(model), optimizer)
    model(torch.tensor([7, 7, 9])).sum().backward()
    optimizer.step()

    layer = closed(watch, file).layers(0)["0"]

    assert layer["grad_norm"] == pytest.approx(math.sqrt(4 * 4 + 4))
    assert layer["zero_fraction"] == pytest.approx(0.98)
    assert layer["update_norm"] > 0


class Deep(nn.Module):
    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"attention": nn.Linear(4, 4), "mlp": nn.Linear(4, 4)}) for _ in range(blocks)
        )

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = x + 0.1 * block["mlp"](block["attention"](x))
        return x


@pytest.mark.parametrize(
    ("blocks", "layers", "first", "last"),
    [
        (100, 200, "blocks.0.attention", "blocks.99.mlp"),
        (160, 160, "blocks.0", "blocks.159"),
        (600, 256, "blocks.0..blocks.1", None),
    ],
)
def test_more_layers_than_the_bound_are_put_together(
    file: Path, blocks: int, layers: int, first: str, last: str | None
) -> None:
    model = Deep(blocks)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    model(torch.ones(2, 4)).square().mean().backward()
    whole = norm(p.grad for p in model.parameters())
    optimizer.step()

    recorded = closed(watch, file)

    names = list(recorded.layers(0))
    assert len(names) == layers
    assert names[0] == first
    assert last is None or names[-1] == last
    assert [layer["name"] for layer in recorded.registration["layers"]] == names
    assert sum(layer["parameters"] for layer in recorded.registration["layers"]) == blocks * 40
    assert norm_of_layers(recorded) == pytest.approx(whole, rel=1e-5)


def norm_of_layers(recorded: RecordedRun) -> float:
    return math.sqrt(sum(layer["grad_norm"] ** 2 for layer in recorded.layers(0).values()))


def test_large_tensors_are_sampled_closely_and_exactly_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(1)
    weights = torch.randn(1024, 640)
    gradient = torch.randn(1024, 640) * (torch.rand(1024, 640) > 0.25)
    layers = []
    for exact in (False, True):
        file = tmp_path / f"{exact}.jsonl"
        monkeypatch.setenv("GRADWATCH_RECORD_TO", str(file))
        model = nn.Linear(640, 1024, bias=False)
        with torch.no_grad():
            model.weight.copy_(weights)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        watch = gradwatch.torch.watch(nn.Sequential(model), optimizer, exact=exact)
        model.weight.grad = gradient.clone()
        optimizer.step()
        layers.append(closed(watch, file).layers(0)["0"])
    true = {
        "grad_norm": norm([gradient]),
        "zero_fraction": float((gradient == 0).float().mean()),
        "weight_norm": norm([weights]),
        "update_norm": 0.5 * norm([gradient]),
    }
    assert {name: layers[1][name] for name in true} == pytest.approx(true, rel=1e-5)
    assert layers[0]["grad_norm"] == pytest.approx(true["grad_norm"], rel=1e-5)
    assert {name: layers[0][name] for name in true} == pytest.approx(true, rel=0.02)


def test_sample_of_a_strided_tensor_is_made_of_its_own_entries() -> None:
    whole = torch.arange(512 * 1024, dtype=torch.float32).reshape(512, 1024)
    for tensor in (whole, whole.t(), whole[:, ::2], whole[100:]):
        seen = _norms._sample(tensor, 1 << 12, 32)
        assert seen.numel() == 1 << 12
        assert torch.isin(seen.reshape(-1), tensor.reshape(-1)).all()
        assert seen.unique().numel() == seen.numel()


def test_half_precision_norms_do_not_overflow(file: Path) -> None:
    model = nn.Linear(64, 64).to(torch.float16)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    watch = gradwatch.torch.watch(nn.Sequential(model), optimizer)
    for p in model.parameters():
        p.grad = torch.full_like(p, 2000.0)
    optimizer.step()

    assert closed(watch, file).steps[0]["grad_norm"] == pytest.approx(2000 * math.sqrt(64 * 65), rel=1e-3)


def test_values_that_are_not_finite_are_published_as_they_are(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    watch.loss(torch.tensor(math.nan))
    a_loss(model).backward()
    model[0].bias.grad[0] = math.nan
    model[2].bias.grad[0] = math.inf
    optimizer.step()

    recorded = closed(watch, file)

    assert recorded.steps[0]["loss"] == "NaN"
    assert recorded.steps[0]["grad_norm"] == "NaN"
    assert recorded.layers(0)["0"]["grad_norm"] == "NaN"
    assert recorded.layers(0)["2"]["grad_norm"] == "Infinity"


def trained(watching: bool, every: int = 1) -> list[Any]:
    torch.manual_seed(7)
    model = nn.Sequential(
        nn.Linear(6, 300), nn.Dropout(0.3), nn.ReLU(), nn.Linear(300, 600), nn.BatchNorm1d(600), nn.Linear(600, 3)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    watch = gradwatch.torch.watch(model, optimizer, every=every) if watching else None
    for _ in range(20):
        loss = a_loss(model)
        if watch is not None:
            watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        schedule.step()
    if watch is not None:
        watch.close()
    return [*model.state_dict().values(), torch.get_rng_state()]


def test_training_is_bit_identical_with_and_without(file: Path) -> None:
    plain = trained(watching=False)
    assert all(torch.equal(a, b) for a, b in zip(plain, trained(watching=True)))
    assert all(torch.equal(a, b) for a, b in zip(plain, trained(watching=True, every=10)))


@pytest.mark.parametrize("broken", ["before_update", "after_update"])
def test_fault_inside_is_a_warning_and_a_count(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    plain = trained(watching=False)
    monkeypatch.setattr(_norms.Meter, broken, fail)

    assert all(torch.equal(a, b) for a, b in zip(plain, trained(watching=True)))
    assert "out of memory" in caplog.text
    assert caplog.text.count("training goes on") == 1
    recorded = read(file)
    assert all("layers" not in step for step in recorded.steps)
    assert recorded.of_type("finished")[0]["outcome"] == "completed"


def test_impossible_loss_is_warned_of_and_left_out(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    watch.loss(torch.ones(3))
    watch.loss("high")
    a_loss(model).backward()
    optimizer.step()
    watch.close()

    assert watch.errors == 1, (
        "a loss that is no number at all; one that is several is the script's fault, and said as such"
    )
    assert read(file).registration["findings"] == ["loss-not-scalar"]
    assert "loss" not in read(file).steps[0]
    assert read(file).steps[0]["grad_norm"] > 0


def test_what_is_no_optimizer_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"needs one torch\.optim\.Optimizer, and got list"):
        gradwatch.torch.watch(a_model(), [])  # type: ignore[arg-type]


def test_loss_told_after_the_step_belongs_to_that_step(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer, every=3)
    losses = []
    for _ in range(8):
        optimizer.zero_grad()
        loss = a_loss(model)
        loss.backward()
        optimizer.step()
        watch.loss(loss)
        losses.append(loss.item())

    recorded = closed(watch, file)

    assert [s["loss"] for s in recorded.steps] == pytest.approx(losses)
    assert [s["step"] for s in recorded.measured] == [0, 1, 2, 3, 4, 6]


def test_loop_that_tells_no_loss_publishes_norms(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    for _ in range(3):
        optimizer.zero_grad()
        a_loss(model).backward()
        optimizer.step()

    recorded = closed(watch, file)

    assert len(recorded.measured) == 3
    assert all("loss" not in step for step in recorded.steps)


def test_later_changes_of_a_loss_in_place_are_not_seen(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = gradwatch.torch.watch(model, optimizer)
    loss = a_loss(model)
    before = loss.item()
    watch.loss(loss)
    loss.backward()
    loss.detach().zero_()
    optimizer.step()

    assert closed(watch, file).steps[0]["loss"] == pytest.approx(before)


def test_optimizers_with_closures_are_measured_where_they_begin(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
    watch = gradwatch.torch.watch(model, optimizer)
    x, y = a_batch()
    seen: list[tuple[float, float]] = []

    def closure() -> Any:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        seen.append((loss.item(), norm(p.grad for p in model.parameters())))
        return loss

    firsts = []
    for _ in range(3):
        firsts.append(len(seen))
        optimizer.step(closure)

    recorded = closed(watch, file)

    assert [s["loss"] for s in recorded.steps] == pytest.approx([seen[i][0] for i in firsts])
    assert [s["grad_norm"] for s in recorded.steps] == pytest.approx([seen[i][1] for i in firsts], rel=1e-5)


def test_epochs_carry_the_mean_of_their_losses(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    watch = gradwatch.torch.watch(model, optimizer, every=100)
    for epoch in range(2):
        for i in range(6):
            watch.loss(epoch + i / 10)
            optimizer.zero_grad()
            a_loss(model).backward()
            optimizer.step()
        watch.epoch(validation_loss=2.0, validation_accuracy=0.5, metrics={"f1": 0.4})

    recorded = closed(watch, file)

    epochs = recorded.of_type("epoch")
    assert [(e["epoch"], e["step"]) for e in epochs] == [(0, 5), (1, 11)]
    assert [e["train_loss"] for e in epochs] == pytest.approx([0.25, 1.25])
    assert [(e["val_loss"], e["val_accuracy"], e["lr"], e["metrics"]) for e in epochs] == [
        (2.0, 0.5, 0.25, {"f1": 0.4})
    ] * 2
    assert [s["epoch"] for s in recorded.steps] == [0] * 6 + [1] * 6


def test_registration_says_what_optimizer_and_model_know(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=0.05)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 100))
    watch = gradwatch.torch.watch(model, optimizer, project="tests", classes=3, tags={"data_version": "7"})
    watch.run.step(0)

    fields = closed(watch, file).registration

    assert fields["optimizer"] == "adamw"
    assert fields["learning_rate"] == 0.02
    assert fields["classes"] == 3
    assert fields["tags"]["weight_decay"] == "0.05"
    assert fields["tags"]["world_size"] == "1"
    assert fields["tags"]["data_version"] == "7"
    assert fields["tags"]["framework"].startswith("torch ")


def test_job_that_goes_on_from_a_checkpoint_is_the_next_attempt(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.Adam(model.parameters())
    watch = gradwatch.torch.watch(model, optimizer, every=1)
    for _ in range(7):
        optimizer.zero_grad()
        a_loss(model).backward()
        optimizer.step()
    checkpoint = {"optimizer": optimizer.state_dict(), "gradwatch": watch.state_dict()}
    first = watch.run
    watch.close()

    optimizer = torch.optim.Adam(model.parameters())
    optimizer.load_state_dict(checkpoint["optimizer"])
    watch = gradwatch.torch.watch(model, optimizer, every=1, state=checkpoint["gradwatch"])
    a_loss(model).backward()
    optimizer.step()
    recorded = closed(watch, file)

    assert (watch.run.id, watch.run.attempt) == (first.id, first.attempt + 1)
    assert [step["step"] for step in recorded.steps] == [*range(7), 7]


def test_state_loaded_after_the_watch_began_counts_too(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(3):
        a_loss(model).backward()
        optimizer.step()
    state = optimizer.state_dict()
    optimizer = torch.optim.Adam(model.parameters())
    watch = gradwatch.torch.watch(model, optimizer)
    optimizer.load_state_dict(state)
    a_loss(model).backward()
    optimizer.step()

    recorded = closed(watch, file)

    assert recorded.steps[0]["step"] == 3
    assert recorded.registration["resumed"] is True


def test_run_that_is_told_to_stop_raises_at_the_next_step(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(gradwatch.StopRun), gradwatch.torch.watch(model, optimizer, every=1) as watch:  # noqa: PT012
        for i in range(10):
            if i == 3:
                watch.run.request_stop(gradwatch.StopRun("the loss diverged", "loss-divergence"))
            loss = a_loss(model)
            watch.loss(loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    assert i == 3
    recorded = read(file)
    assert recorded.of_type("finished")[0]["outcome"] == "stopped"


def test_own_run_is_told_what_the_model_knows_and_is_left_open(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with gradwatch.run(name="mine") as run:
        with gradwatch.torch.watch(model, optimizer, run, classes=3):
            a_loss(model).backward()
            optimizer.step()
        assert run.is_publishing

    recorded = read(file)
    assert recorded.registration["name"] == "mine"
    assert recorded.registration["optimizer"] == "sgd"
    assert recorded.registration["classes"] == 3
    assert len(recorded.steps) == 1


def test_steps_held_back_are_said_before_an_epoch_and_before_the_end(file: Path) -> None:
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with gradwatch.run() as run:
        watch = gradwatch.torch.watch(model, optimizer, run, every=100)
        for i in range(9):
            watch.loss(1.0)
            a_loss(model).backward()
            optimizer.step()
            if i == 6:
                run.epoch(0)

    order = [(r["type"], r.get("step")) for r in read(file).records]
    assert order == [*(("step", i) for i in range(7)), ("epoch", None), ("step", 7), ("step", 8), ("finished", None)]


def test_nothing_is_hooked_where_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADWATCH_DISABLED", "1")
    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    original = clip_grad_norm_
    watch = gradwatch.torch.watch(model, optimizer)
    assert not optimizer._optimizer_step_pre_hooks
    assert clip_grad_norm_ is original
    watch.loss(1.0)
    watch.epoch()
    watch.close()


def test_wrapped_models_and_optimizers_are_seen_through(file: Path) -> None:
    class Wrapper:
        def __init__(self, optimizer: Any) -> None:
            self.optimizer = optimizer
            self.param_groups = optimizer.param_groups

    model = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        watch = gradwatch.torch.watch(nn.DataParallel(model), Wrapper(optimizer))  # type: ignore[arg-type]
    a_loss(model).backward()
    optimizer.step()

    assert list(closed(watch, file).layers(0)) == ["0", "2"]
