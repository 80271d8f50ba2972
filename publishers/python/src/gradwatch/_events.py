"""What a run says, in the shapes that wait in the queue. All are immutable: they cross from the training thread to the publishing one."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Optional, SupportsFloat

NO_METRICS: Mapping[str, float] = MappingProxyType({})
"""Of steps that have none, which are nearly all."""


class LayerNorms(NamedTuple):
    """One layer in one step. Every value is optional; NaN and infinity are data.

    ``gradient_norm`` is the L2 norm of the layer's gradient before clipping, ``zero_fraction`` the share of its gradient entries that are
    exactly zero (0 to 1), ``weight_norm`` the L2 norm of its weights before the update, ``update_norm`` the L2 norm of what the optimizer
    really changed.
    """

    name: str
    gradient_norm: Optional[SupportsFloat] = None
    zero_fraction: Optional[SupportsFloat] = None
    weight_norm: Optional[SupportsFloat] = None
    update_norm: Optional[SupportsFloat] = None


class Layer(NamedTuple):
    """One layer of the model as a registration describes it: its name, how many parameters, whether it is kept from learning on purpose."""

    name: str
    parameters: Optional[int] = None
    frozen: bool = False


class RankNorms(NamedTuple):
    """How the ranks that train one model together differ in a step.

    The global L2 gradient norm of each rank's own gradient, before it is averaged over ranks and before clipping: the smallest
    (``min``), the largest (``max``, NaN where any rank's is), and the ``rank`` whose norm is ``max``.
    """

    min: float
    max: float
    rank: int


class StepNorms(NamedTuple):
    """One optimizer step. ``event_time`` is in milliseconds since 1970, UTC."""

    step: int
    epoch: Optional[float]
    event_time: int
    loss: Optional[float]
    gradient_norm: Optional[float]
    learning_rate: Optional[float]
    layers: Sequence[LayerNorms]
    metrics: Mapping[str, float] = NO_METRICS
    rank_norms: Optional[RankNorms] = None


class Identity(NamedTuple):
    """Which attempt of which run speaks."""

    run_id: str
    attempt: int


class Record(NamedTuple):
    """One record of the topic.

    ``kind`` is the name of the event's record in ``training-event.avsc``; ``fields`` are that record's, with ``StepNorms`` for the
    steps and ``Layer`` for the layers. ``facts`` counts what it tells: its steps, or 1.
    """

    identity: Identity
    event_time: int
    kind: str
    fields: Mapping[str, Any]
    facts: int = 1


STARTED = "RunStarted"
STEPS = "GradientNorms"
EPOCH = "EpochCompleted"
HEARTBEAT = "Heartbeat"
FINISHED = "RunFinished"
