"""Gradwatch watches training runs: it says that one stopped learning, blew up or lost its gradients, why, and what to do.

    import gradwatch

    with gradwatch.run(project="vision", name="digits", classes=10) as run:
        ...
        run.step(step, loss=loss, gradient_norm=norm)
        run.epoch(epoch, train_loss=..., validation_loss=...)

Where to publish stands in the environment, see ``Settings``. Frameworks have modules of their own, imported by name: ``gradwatch.torch``,
``gradwatch.keras``, ``gradwatch.lightning``, ``gradwatch.huggingface``. This one imports none of them.
"""

from gradwatch._alerts.stopping import StopRun
from gradwatch._events import Layer, LayerNorms, RankNorms
from gradwatch._recovery import Recovery
from gradwatch._registration_facts.identity import is_publisher
from gradwatch._run import Run
from gradwatch._settings import Settings
from gradwatch._starting import run
from gradwatch._version import __version__

__all__ = [
    "Layer",
    "LayerNorms",
    "RankNorms",
    "Recovery",
    "Run",
    "Settings",
    "StopRun",
    "__version__",
    "is_publisher",
    "run",
]
