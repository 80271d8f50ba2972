"""What the package is before anything is published with it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, resources

import pytest

import gradwatch

FRAMEWORKS = (
    "torch tensorflow keras jax lightning pytorch_lightning transformers accelerate numpy confluent_kafka httpx"
)


def run_python(text: str) -> str:
    return subprocess.run([sys.executable, "-c", text], check=True, stdout=subprocess.PIPE, text=True).stdout


def test_importing_it_imports_no_framework_and_no_kafka_client() -> None:
    out = run_python(f"import sys, gradwatch; print([m for m in '{FRAMEWORKS}'.split() if m in sys.modules])")

    assert out == "[]\n"


def test_a_run_that_is_only_recorded_imports_none_either() -> None:
    text = f"""
import os, sys, tempfile
os.environ["GRADWATCH_RECORD_TO"] = tempfile.mkdtemp() + "/run.jsonl"
os.environ["GRADWATCH_QUIET"] = "1"
import gradwatch
with gradwatch.run(name="r") as run:
    run.step(0, loss=1.0)
print([m for m in '{FRAMEWORKS}'.split() if m in sys.modules])
"""
    assert run_python(text) == "[]\n"


def test_everything_public_is_named_and_explained() -> None:
    for name in gradwatch.__all__:
        thing = getattr(gradwatch, name)
        assert isinstance(thing, str) or thing.__doc__, name


def test_the_contracts_and_the_mark_of_types_come_with_it() -> None:
    files = resources.files("gradwatch")

    assert (files / "py.typed").is_file()
    assert sorted(file.name for file in (files / "schemas").iterdir()) == [
        "alert.avsc",
        "run-status.avsc",
        "training-event.avsc",
    ]


def test_its_version_is_the_one_that_was_installed() -> None:
    try:
        installed = metadata.version("gradwatch")
    except metadata.PackageNotFoundError:
        pytest.skip("not installed, only on the path")
    assert installed == gradwatch.__version__
