"""The contracts that this package carries."""

from importlib import resources


def contract(name: str) -> str:
    """The text of one of the contracts in this package: ``training-event``, ``alert`` or ``run-status``."""
    return (resources.files("gradwatch") / "schemas" / f"{name}.avsc").read_text(encoding="utf-8")
