from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradwatch._notices import Notices
from tests import brokers


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no memory of whoever runs the tests gets into them."""
    for name in list(os.environ):
        if name.startswith(("GRADWATCH_", "SLURM_", "TORCHELASTIC_")) or name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Notices.shared.forget()


@pytest.fixture(scope="session")
def built() -> None:
    """The Java part, built; skips what needs it where it cannot be."""
    reason = brokers.why_not()
    if reason is not None:
        pytest.skip(reason)
    brokers.build()


@pytest.fixture(scope="session")
def cluster(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Cluster]:
    """A broker and a registry, which a test that stops one starts again."""
    cluster = brokers.Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.end()


@pytest.fixture(scope="session")
def sandbox(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Sandbox]:
    """The whole service, on a broker and registry of its own."""
    sandbox = brokers.Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    yield sandbox
    sandbox.end()
